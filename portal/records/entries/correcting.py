"""An entry before it is added and after: what somebody has begun, saved as they type, theirs alone, gone
once it is added; and who reads it, whether the family may know of it, its kind and its day, put right in
its place.

How it was stays beside it. What it says is put right by a further entry (`adding.correct_entry`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, check_past, require_text
from portal.changes.versions import count_change, insert_now, insert_once, lock, lock_row
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, around_case, of_agencies, tell, to_teams
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import at_local
from portal.policy import Policy, Term, current_policy
from portal.records.cases.facts import check_after_birth
from portal.records.cases.model import Case, ChronologyEntry, EntryDraft
from portal.records.entries.adding import agencies_on, may_read, refuse_corrected
from portal.records.entries.critical_moments import reaches_lead
from portal.records.entries.facts import about_entry, around_entry, who_cited
from portal.records.entries.model import EntryChange
from portal.records.entries.policy import Contributions
from portal.records.entries.rules import facts_in_words
from portal.records.entries.vocabulary import NARROWED, PUT_RIGHT, WIDENED, FamilySafe, Handling
from portal.records.people.model import Agency
from portal.reminders.receivers import HUB_TEAMS
from portal.vocabulary import Sensitivity


def save_entry_draft(*, actor: Principal, case: Case, answers: dict[str, Any], version: int) -> int:
    """Keep what was typed so far.

    Args:
        answers: the form as typed.
        version: that of the draft which the form was opened with; 0 for none.

    Returns:
        the version that it has now.

    Raises:
        Conflict: it was changed in another tab or on another device; carries both.
    """
    require(actor, "entry:add")
    draft = _standing(actor, case)
    if draft is None:
        # Also when the form knew of one: it was added or thrown away elsewhere, and these words are newer.
        begun = EntryDraft(
            case_id=case.id,
            author_id=actor.user_id,
            answers=answers,
            saved_at=clock.now(),
            version=version + 1,
        )
        draft = insert_once(begun)
    if lock(draft, version, lambda now: now.answers, same=lambda now: now.answers == answers, mine=answers):
        draft.answers, draft.saved_at = answers, clock.now()
        count_change(draft)
    return int(draft.version)


def drop_entry_draft(*, actor: Principal, case: Case) -> None:
    """Throw away what was begun."""
    db.session.execute(
        delete(EntryDraft).where(EntryDraft.case_id == case.id, EntryDraft.author_id == actor.user_id)
    )


def finish_entry_draft(*, actor: Principal, case: Case, sent: dict[str, Any], version: int) -> bool:
    """What was begun is added: its draft goes, unless another tab has saved other words in it meanwhile.

    Args:
        sent: the form as it was added.
        version: that of the draft which the form has seen.

    Returns:
        whether other words are kept, which were never added.
    """
    draft = _standing(actor, case)
    if draft is None:
        return False
    lost = [
        words
        for name, words in draft.answers.items()
        if isinstance(words, str) and words.strip() not in str(sent.get(name) or "")
    ]
    if draft.version > version and lost:
        return True
    drop_entry_draft(actor=actor, case=case)
    return False


def _standing(actor: Principal, case: Case) -> EntryDraft | None:
    """The draft of a person on a case, until the end of the transaction: two tabs take turns."""
    draft = find_draft(actor, case)
    if draft is None:
        return None
    try:
        lock_row(draft)
    except NotFound:  # it was added or thrown away at this moment
        db.session.expunge(draft)
        return None
    return draft


def find_draft(actor: Principal, case: Case) -> EntryDraft | None:
    """The draft of a person on a case."""
    return db.session.scalar(select(EntryDraft).filter_by(case_id=case.id, author_id=actor.user_id))


_INTELLIGENCE = "intelligence"  # comes with its grading, and stays it
_COLUMNS = ("kind", "happened_at", "handling", "listed_agencies", "family_safe", "details")
_WORKING = (Ground.WORKER, Ground.LEAD_PROFESSIONAL, Ground.TEAM)


@dataclass(frozen=True, kw_only=True)
class EntryFacts:
    """What an entry is besides its words.

    Args:
        kind: None leaves it as it is.
    """

    kind: str | None
    happened_on: date
    handling: Handling
    listed: Collection[UUID] = ()
    family_safe: FamilySafe


def other_kinds(policy: Policy, entry: ChronologyEntry) -> list[Term]:
    """The kinds that an entry may be given: those that have words alone. None where its own kind stays."""
    own = policy.of(Contributions).kinds.get(entry.kind)
    if entry.kind == _INTELLIGENCE or (own is not None and own.moment):
        return []
    return [one for one in policy.cases.entry_kinds.offered if one.code not in (_INTELLIGENCE, entry.kind)]


def put_right(
    *, actor: Principal, case: Case, entry: ChronologyEntry, facts: EntryFacts, reason: str, version: int
) -> None:
    """Put right who reads an entry of the actor's agency, its kind, its day and what the family may know.

    Whoever may not read it any more reads what it corrected no longer either, and is told that this ended;
    whoever may read it now is told that it is there.

    Raises:
        NotFound: the entry is another case's.
        Forbidden: the entry is another agency's.
        Conflict: somebody put it right meanwhile.
        DomainError: nothing changes, there is no reason, a later correction stands, or what was chosen does
            not fit; `field` says what.
    """
    if entry.case_id != case.id:
        raise NotFound("There is no such entry on this case")
    require(actor, "entry:correct", Facts(own_agency=entry.agency_id == actor.agency_id))
    lock(entry, version, in_words, first=refuse_corrected, mine=_as_asked(case, entry, facts))
    reason = require_text(reason, "Say what was wrong", field="reason")
    check_past(facts.happened_on, "When it happened must be in the past", field="happened_on")
    check_after_birth(case, facts.happened_on, field="happened_on")
    listed = may_read(actor, case, facts.handling, facts.listed)
    if entry.critical_moment:
        reaches_lead(actor, case, facts.handling, listed)
    before, reading, cited = _kept(_columns(entry)), _readers(case, entry), who_cited(entry)
    columns = _columns(entry) | _asked(case, entry, facts) | {"listed_agencies": listed}
    after = _kept(columns)
    if after == before:
        raise DomainError("Change what was wrong", field="reason")
    insert_now(
        EntryChange(
            entry_id=entry.id,
            number=entry.version + 1,
            before=before,
            after=after,
            reason=reason,
            changed_by=actor.user_id,
            agency_id=actor.agency_id,
            changed_at=clock.now(),
        )
    )  # before the entry: the database asks for it
    count_change(entry, **columns)
    audit.record("entry:put_right", entry, case=case, was=before["handling"], handling=entry.handling)
    _tell(actor, case, entry, reading, cited)


def in_words(entry: ChronologyEntry) -> dict[str, str]:
    """What an entry is besides its words, for people."""
    return _shown(_kept(_columns(entry)), current_policy())


def _shown(kept: Mapping[str, Any], policy: Policy) -> dict[str, str]:
    named = select(Agency.id, Agency.name).where(Agency.id.in_([UUID(one) for one in kept["agencies"]]))
    return facts_in_words(kept, policy, {str(key): name for key, name in db.session.execute(named)})


def _as_asked(case: Case, entry: ChronologyEntry, facts: EntryFacts) -> dict[str, str]:
    """What was typed, in the same words."""
    asked = {
        "kind": facts.kind or entry.kind,
        "day": facts.happened_on.isoformat(),
        "handling": facts.handling,
        "agencies": [str(one) for one in facts.listed],
        "family_safe": facts.family_safe,
    }
    return _shown(asked, current_policy(case.authority))


def _columns(entry: ChronologyEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _COLUMNS}


def _kept(columns: Mapping[str, Any]) -> dict[str, Any]:
    """As a change keeps it, and `ctx.entry_is_put_right` of the database compares it."""
    return {
        "kind": columns["kind"],
        "day": clock.local(columns["happened_at"]).date().isoformat(),
        "handling": str(columns["handling"]),
        "agencies": [str(one) for one in columns["listed_agencies"]],
        "family_safe": str(columns["family_safe"]),
        "details": dict(columns["details"]),
    }


def _asked(case: Case, entry: ChronologyEntry, facts: EntryFacts) -> dict[str, Any]:
    """The columns as asked for. A day that stays keeps its hour; a kind that changes has words alone."""
    asked: dict[str, Any] = {"handling": facts.handling.value, "family_safe": facts.family_safe.value}
    if facts.kind is not None and facts.kind != entry.kind:
        if facts.kind not in {one.code for one in other_kinds(current_policy(case.authority), entry)}:
            raise DomainError("Choose what kind it is", field="kind")
        asked |= {"kind": facts.kind, "details": {}}
    if facts.happened_on != clock.local(entry.happened_at).date():
        today = facts.happened_on == clock.today()
        asked["happened_at"] = clock.now() if today else at_local(facts.happened_on, time(12))
    return asked


def _readers(case: Case, entry: ChronologyEntry) -> set[UUID]:
    """The agencies that may read an entry."""
    match Handling(entry.handling):
        case Handling.NETWORK:
            return agencies_on(case)
        case Handling.AGENCIES:
            return {entry.agency_id, *entry.listed_agencies}
    return {entry.agency_id}


def _tell(actor: Principal, case: Case, entry: ChronologyEntry, reading: set[UUID], cited: Whom) -> None:
    now, once = _readers(case, entry), f"{entry.id}:{entry.version}"
    about, around = about_entry(case, entry), around_case(case.id)
    working = NOBODY if case.sensitivity == Sensitivity.SEALED else to_teams(*db.session.scalars(HUB_TEAMS))
    for ground in _WORKING:
        working |= around.get(ground, NOBODY)
    if reading - now:
        leaving = {Ground.LEAVING: of_agencies(working, reading - now), Ground.CITES: cited}
        tell(actor=actor, event=NARROWED, about=about, given=leaving, once=once)
    if now - reading:
        joining = {Ground.RECIPIENT: of_agencies(working, now - reading)}
        tell(actor=actor, event=WIDENED, about=about, given=joining, once=once)
    tell(actor=actor, event=PUT_RIGHT, about=about, given=around_entry(entry), once=once)
