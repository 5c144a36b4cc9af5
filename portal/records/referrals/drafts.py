"""Drafts of the information form: kept as typed, by one author, perhaps in two tabs.

Who has one open now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, NotFound, Versions, or_not_found, require_text
from portal.changes.versions import insert_unless_taken, take_turns
from portal.deadlines.rules import due
from portal.extensions import db
from portal.messages.telling import About, tell
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import Size, current_policy
from portal.records.people.roles import holding
from portal.records.referrals.model import (
    DraftOpening,
    Referral,
    ReferralNotice,
    ReferralSource,
    ReferralSubject,
)
from portal.records.referrals.vocabulary import LEFT_OPENED
from portal.vocabulary import Answer, ReferralState, Role, SubjectKind

Typed = dict[str, Any]

#: The page whose words are kept apart.
SOURCE = "source"
_TRIES = 3


@dataclass(frozen=True)
class Seen:
    """What a browser's page knew of the draft when it was opened.

    Two tabs may work on two pages of one draft. Only when another tab has saved the same page since, the
    later save is a conflict.

    Args:
        version: of the draft, when the page was opened or last saved.
        page: a random name that the page got when it was opened.
    """

    version: int
    page: str


def start_draft(
    *,
    actor: Principal,
    typed: Mapping[str, Typed] | None = None,
    team_id: UUID | None = None,
    for_sender: bool = False,
    from_case_id: UUID | None = None,
) -> Referral:
    """Begin an information form.

    Args:
        typed: what is already known, by page.
        team_id: the team that it is sent for; by default the first of the actor's.
        for_sender: a coordinator enters what reached the hub by phone, e-mail or paper.
        from_case_id: the case that the actor began it from.

    Raises:
        DomainError: the team is not one of the actor's.
    """
    require(actor, "referral:triage" if for_sender else "referral:write")
    if team_id is not None and team_id not in actor.team_ids:
        raise DomainError("Choose one of your own teams", field="team")
    draft = _add_with_new_reference(
        state=ReferralState.DRAFT,
        author_id=actor.user_id,
        author_agency_id=actor.agency_id,
        author_team_id=team_id or min(actor.team_ids, default=None),
        answers={"typed": dict(typed or {}), "saves": {}, "for_sender": for_sender},
        from_case_id=from_case_id,
        saved_at=clock.now(),
        policy_version=current_policy().version,
    )
    audit.record("draft:start", draft, case_id=from_case_id)
    return draft


def save_draft(
    *,
    actor: Principal,
    reference: str,
    step: str,
    typed: Typed,
    seen: Seen,
    leaves: bool = True,
) -> Referral:
    """Keep what was typed on one page, right or wrong.

    Args:
        step: the page's name.
        typed: everything that the page holds.
        seen: what the page knew when it was opened.
        leaves: the browser leaves the page with this save, so that a save of the same page that arrives
            after it is an older one and is refused.

    Raises:
        NotFound: no draft of the actor's has this reference.
        Conflict: another tab saved the same page since, and the two differ.
    """
    require(actor, "referral:write")
    draft = lock_draft(actor, reference)
    kept = typed_of(draft, step)
    last = draft.answers.get("saves", {}).get(step, {})
    if _is_stale(last, seen, leaves) and kept != typed:
        raise Conflict("This page was changed somewhere else", Versions(theirs=kept, mine=typed))
    if step == SOURCE:
        _keep_source(draft, typed)
    else:
        draft.answers = draft.answers | {"typed": draft.answers.get("typed", {}) | {step: typed}}
    draft.version += 1
    draft.saved_at = clock.now()
    save = {"version": draft.version, "page": seen.page, "left": leaves}
    draft.answers = draft.answers | {"saves": draft.answers.get("saves", {}) | {step: save}}
    db.session.flush()
    audit.record("draft:save", draft, step=step, version=draft.version)
    return draft


def discard_draft(*, actor: Principal, reference: str) -> None:
    """Throw a draft away, its source with it. That there was one stays on record.

    Raises:
        NotFound: no draft of the actor's has this reference.
    """
    require(actor, "referral:write")
    draft = lock_draft(actor, reference)
    audit.record("draft:discard", draft, reference=draft.reference)
    db.session.delete(draft)
    db.session.flush()


def open_left_draft(*, actor: Principal, reference: str, reason: str) -> DraftOpening:
    """Let a manager read, once and for a few hours, the unsent draft of someone who left their team.

    For how long is policy ``clocks.limits.break_glass``. Governance hears of it in the week.

    Raises:
        NotFound: there is no such draft that the actor manages.
        DomainError: no reason was given, or it has been opened before.
    """
    require(actor, "draft:open")
    notice = or_not_found(
        db.session.scalar(select(ReferralNotice).filter_by(reference=reference, state=ReferralState.DRAFT)),
        "There is no such draft",
    )
    reason = require_text(reason, "Say why you need to read this draft", field="reason", size=Size.NOTE)
    now = clock.now()
    opening = DraftOpening(
        referral_id=notice.referral_id,
        manager_id=actor.user_id,
        reason=reason,
        opened_at=now,
        until=due(current_policy().clocks.limits.break_glass, now),
    )
    insert_unless_taken(opening, "This draft has been opened before. It can be opened once only.")
    audit.record(
        "draft:open",
        subject_kind="referral",
        subject_id=notice.referral_id,
        ground="left",
        opening=str(opening.id),  # where the reason stands: the trail holds nothing that somebody wrote
    )
    tell(
        actor=actor,
        event=LEFT_OPENED,
        about=About("referral", notice.referral_id, notice.reference),
        given={Ground.GOVERNANCE: holding(Role.GOVERNANCE)},
        once=str(opening.id),
    )
    return opening


def typed_of(draft: Referral, step: str) -> Typed:
    """What was typed on one page; that of the source comes from its own table, for whoever may see it."""
    if step != SOURCE:
        typed: Typed = draft.answers.get("typed", {}).get(step, {})
        return typed
    source = db.session.get(ReferralSource, draft.id)
    if source is None:
        return {}
    at_risk = {True: Answer.YES, False: Answer.NO, None: Answer.NOT_KNOWN}[source.at_risk_if_revealed]
    return {"source": [source.text], "at_risk": [at_risk.value]}


def typed_pages(draft: Referral) -> dict[str, Typed]:
    """What was typed on every page, the source included for whoever may see it."""
    pages: dict[str, Typed] = dict(draft.answers.get("typed", {}))
    return pages | {SOURCE: typed_of(draft, SOURCE)}


def lock_draft(actor: Principal, reference: str) -> Referral:
    """The actor's draft, held until the end of the transaction: saves come one after the other."""
    found = db.session.scalar(
        select(Referral)
        .filter_by(reference=reference, state=ReferralState.DRAFT, author_id=actor.user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("There is no such draft")
    return found


def take_turns_on_children(subjects: Sequence[ReferralSubject]) -> None:
    """Of two who send or decide forms on several children the second waits for the first: each holds the
    records of the children to the end, and two forms may name the same ones in another order.
    """
    if sum(one.kind == SubjectKind.CHILD for one in subjects) > 1:
        take_turns("children of a form")


def _is_stale(last: Mapping[str, Any], seen: Seen, leaves: bool) -> bool:
    if not last or seen.version >= last["version"]:
        return False
    same_page = last["page"] == seen.page
    return not same_page or (last["left"] and not leaves)


def _keep_source(draft: Referral, typed: Typed) -> None:
    text = next(iter(typed.get("source", ())), "")
    answer = next(iter(typed.get("at_risk", ())), "")
    at_risk = {Answer.YES.value: True, Answer.NO.value: False}.get(answer)
    source = db.session.get(ReferralSource, draft.id)
    if source is not None:
        source.text, source.at_risk_if_revealed = text, at_risk
    elif text or answer:
        db.session.add(ReferralSource(referral_id=draft.id, text=text, at_risk_if_revealed=at_risk))


def _add_with_new_reference(**facts: Any) -> Referral:
    """Two references of a million may meet: then another is drawn."""
    for left in reversed(range(_TRIES)):
        draft = Referral(id=new_id(), reference=new_reference(Prefix.REFERRAL), **facts)
        try:
            with db.session.begin_nested():
                db.session.add(draft)
        except IntegrityError:
            if not left:
                raise
        else:
            return draft
    raise AssertionError("never reached: the last try raises")


#: How long after the last sign of life somebody still counts as looking at a form.
LOOKING = timedelta(seconds=90)

_LOOK = text("""
with me as (
    insert into referral_presence (referral_id, user_id, seen_at) values (:referral_id, :me, :now)
    on conflict (referral_id, user_id) do update set seen_at = excluded.seen_at)
select u.name from referral_presence p join app_user u on u.id = p.user_id
 where p.referral_id = :referral_id and p.user_id <> :me and p.seen_at > :since
 order by u.name
""")


def others_looking(*, actor: Principal, referral_id: UUID) -> Sequence[str]:
    """Say that the actor has a form open now, and hear the names of others who have."""
    now = clock.now()
    names = db.session.scalars(
        _LOOK, {"referral_id": referral_id, "me": actor.user_id, "now": now, "since": now - LOOKING}
    )
    return names.all()
