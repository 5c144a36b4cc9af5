"""Places, people and things of concern: recorded once, kept with their history, reviewed and told apart."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import or_, select

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, check_length, require_text
from portal.changes.versions import count_change, insert_now, insert_once, lock, lock_row, take_turns
from portal.deadlines.changes import cancel_deadlines, finish_deadlines
from portal.deadlines.rules import last_day
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import Policy, Size, current_policy
from portal.records.concerns.model import Concern, ConcernDifference, ConcernLink
from portal.records.concerns.policy import Concerns
from portal.records.concerns.reading.records import called_child
from portal.records.concerns.records import (
    MadeFrom,
    check_code,
    check_review,
    concern_facts,
    difference_of,
    harms_now,
    keep_keys,
    note_change,
    refuse_ended,
    refuse_unowned,
    start_review_clock,
    tell_of_change,
    tell_of_child,
    tell_of_danger,
    told,
)
from portal.records.concerns.rules import Described, label
from portal.records.concerns.vocabulary import (
    CHANGED,
    ENDED,
    RECORDED,
    REOPENED,
    SAME_AS,
    ConcernChangeKind,
    ConcernKind,
)
from portal.records.plans.reading import open_on
from portal.vocabulary import Role


def create_concern(
    *,
    actor: Principal,
    kind: ConcernKind,
    said: Described,
    team_id: UUID | None = None,
    restricted: bool = False,
    source: MadeFrom | None = None,
    once: UUID | None = None,
) -> Concern:
    """Record something of concern. It belongs to the actor's agency.

    Args:
        team_id: the team of the agency that answers for it; by default the actor's own, where they have one.
        restricted: from the start only for the team that owns it, its managers, the hub and whom they name.
        source: what it was made from.
        once: made when the page was made, so that sending it twice records it once.

    Raises:
        DomainError: nothing is said, something is too long, or a day or code makes no sense.
    """
    require(actor, "concern:record")
    concern_id = uuid5(once, actor.user_id.hex) if once else new_id()
    policy = current_policy()
    facts = _facts(kind, said, policy)
    team = own_team(actor, team_id)
    if restricted and team is None and not (actor.is_coordinator or actor.has(Role.MANAGER)):
        raise DomainError("You are in no team, so you would not see it yourself", field="restricted")
    concern = Concern(
        id=concern_id,
        reference=new_reference(Prefix.CONCERN),
        kind=kind,
        owner_agency_id=actor.agency_id,
        owner_team_id=team,
        created_by=actor.user_id,
        created_agency_id=actor.agency_id,
        created_at=clock.now(),
        sensitivity=1 if restricted else 0,
        policy_version=policy.version,
        version=1,
        **facts,
    )
    if (kept := insert_once(concern)) is not concern:
        return kept
    keep_keys(concern, policy)
    note_change(actor, concern, ConcernChangeKind.RECORDED, after=told(facts), source=source)
    start_review_clock(concern, policy)
    tell_of_change(actor, concern, RECORDED, danger=harms_now(concern))
    tell_of_child(actor, concern)
    return concern


def change_concern(*, actor: Principal, concern: Concern, said: Described, reason: str, version: int) -> None:
    """Say anew what is recorded of something. What it said before stays in its history.

    Raises:
        Forbidden: the actor's agency neither recorded nor owns it, and they are no coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, nothing changes, or what is said makes no sense.
    """
    require(actor, "concern:change", concern_facts(actor, concern))
    policy = current_policy()
    facts = _facts(ConcernKind(concern.kind), said, policy)
    facts.pop("review_on")  # by a review, which says that somebody looked
    lock(
        concern,
        version,
        lambda now: _shown({name: getattr(now, name) for name in facts}, now.kind, policy),
        first=refuse_ended,
        mine=_shown(facts, concern.kind, policy),
    )
    before, danger = {name: getattr(concern, name) for name in facts}, harms_now(concern)
    known = bool(called_child(concern))
    changed = [name for name, value in facts.items() if value != before[name]]
    if not changed:
        raise DomainError("Change something, or go back", field="name")
    check_length(reason, "reason")
    count_change(concern, **facts)
    refuse_unowned(concern)
    keep_keys(concern, policy)
    note_change(
        actor,
        concern,
        ConcernChangeKind.CHANGED,
        before=told({name: before[name] for name in changed}),
        after=told({name: facts[name] for name in changed}),
        reason=reason,
    )
    if "do_not_approach" in changed:
        tell_of_danger(actor, concern)
    weighs = not _FOUND_BY.isdisjoint(changed) and (danger or harms_now(concern))
    tell_of_change(actor, concern, CHANGED, danger=weighs)
    if not _IS_WHO.isdisjoint(changed):
        tell_of_child(actor, concern, known=known)


#: By what somebody looks for it, or how they act on it: where children are being harmed, it is told at once.
_FOUND_BY = frozenset({"name", "details", "risk", "district"})

#: By what a person of concern is known to be a child, or is compared with known children.
_IS_WHO = frozenset({"name", "details", "also_child"})


def _facts(kind: ConcernKind, said: Described, policy: Policy) -> dict[str, Any]:
    """What is recorded, checked: the columns of a record."""
    offered = policy.of(Concerns).fields_of(kind)
    known = {one.code for one in offered}
    details = {
        code: text.strip() for code, text in said.details.items() if code in known and text and text.strip()
    }
    for code, text in details.items():
        check_length(text, code)
    check_length(said.name, "name", Size.LINE)
    check_length(said.description, "description")
    if not (said.name.strip() or said.description.strip() or details):
        raise DomainError("Write what you know of it", field="name")
    check_code(said.risk, policy.of(Concerns).risks.codes, "risk", "Choose how dangerous it is")
    check_code(said.district, policy.areas.districts.codes, "district", "Choose a district")
    if said.first_on and said.last_on and said.last_on < said.first_on:
        raise DomainError("The last time must be after the first", field="last_on")
    review_on = said.review_on or last_day(policy.of(Concerns).review_within, clock.today())
    check_review(review_on, policy)
    is_person = kind is ConcernKind.PERSON
    return {
        "name": label(kind, said.name, details),
        "description": said.description.strip(),
        "details": details,
        "first_on": said.first_on,
        "last_on": said.last_on,
        "risk": said.risk or None,
        "district": said.district or None,
        "authority": policy.authority_of(said.district),
        "dwelling": kind is ConcernKind.PLACE and details.get("place_kind") in policy.of(Concerns).homes,
        "also_child": said.also_child if is_person else None,
        "do_not_approach": said.do_not_approach and is_person,
        "review_on": review_on,
    }


def own_team(actor: Principal, team_id: UUID | None) -> UUID | None:
    """The team that answers for something new: one of the actor's own, the first where they do not say.

    Raises:
        DomainError: it is not theirs.
    """
    if team_id is not None and team_id not in actor.team_ids:
        raise DomainError("Choose one of your teams", field="team")
    return team_id or next(iter(sorted(actor.team_ids)), None)


def _shown(facts: Mapping[str, Any], kind: str, policy: Policy) -> dict[str, Any]:
    """What two editors are shown beside each other, by the fields of the form and the words of the policy."""
    asked = {name: value for name, value in facts.items() if name not in {"details", "dwelling", "authority"}}
    own = {one.label: facts["details"].get(one.code) for one in policy.of(Concerns).fields_of(kind)}
    return {**asked, **own}


def review_concern(
    *, actor: Principal, concern: Concern, words: str, review_on: date, risk: str | None, version: int
) -> None:
    """Say that somebody looked and that it still holds, what they found, and when to look again.

    Raises:
        Forbidden: the actor is not of the agency that owns it, and no coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, the words are missing, or the day is too late.
    """
    require(actor, "concern:keep", concern_facts(actor, concern))
    lock(
        concern,
        version,
        lambda now: {"Look at it again by": now.review_on},
        first=refuse_ended,
        mine={"Look at it again by": review_on},
    )
    require_text(words, "Say what you looked at and what you found", field="words")
    policy = current_policy()
    check_review(review_on, policy)
    check_code(risk, policy.of(Concerns).risks.codes, "risk", "Choose how dangerous it is")
    before = {"review_on": concern.review_on, "risk": concern.risk}
    danger = harms_now(concern)
    concern.review_on, concern.risk = review_on, risk or concern.risk
    count_change(concern)
    finish_deadlines(subject=concern, kind=DeadlineKind.CONCERN_REVIEW)
    start_review_clock(concern, policy)
    after = {"review_on": concern.review_on, "risk": concern.risk}
    note_change(
        actor, concern, ConcernChangeKind.REVIEWED, before=told(before), after=told(after), reason=words
    )
    if before["risk"] != after["risk"]:
        tell_of_change(actor, concern, CHANGED, danger=danger or harms_now(concern))


def end_concern(*, actor: Principal, concern: Concern, reason: str, version: int) -> None:
    """Say that something is no longer of concern. It stays on record and is found again.

    Raises:
        Forbidden: the actor is not of the agency that owns it, and no coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, no reason was given, or an action on it is still to do.
    """
    require(actor, "concern:keep", concern_facts(actor, concern))
    lock(
        concern,
        version,
        lambda now: {"Name": now.name, "Look at it again by": now.review_on},
        first=refuse_ended,
        mine={"It is no longer of concern": reason.strip()},
    )
    require_text(reason, "Say why it is no longer of concern", field="words", size=Size.NOTE)
    if open_ := open_on(concern_id=concern.id):
        raise DomainError(f"First end what is still to do about it: {', '.join(open_)}", field="words")
    concern.ended_at, concern.ended_by, concern.ended_reason = clock.now(), actor.user_id, reason.strip()
    count_change(concern)
    cancel_deadlines(subject=concern, kind=DeadlineKind.CONCERN_REVIEW, reason=reason.strip())
    note_change(actor, concern, ConcernChangeKind.ENDED, reason=reason)
    tell_of_change(actor, concern, ENDED, danger=harms_now(concern))


def reopen_concern(*, actor: Principal, concern: Concern, reason: str, review_on: date) -> None:
    """Something is of concern again.

    Raises:
        Forbidden: the actor is not of the agency that owns it, and no coordinator.
        DomainError: it has not ended, the reason is missing, or the day is too late.
    """
    require(actor, "concern:keep", concern_facts(actor, concern))
    lock_row(concern)
    if concern.ended_at is None:
        raise DomainError("This has not ended")
    require_text(reason, "Say why it is of concern again", field="words")
    policy = current_policy()
    check_review(review_on, policy)
    concern.ended_at = concern.ended_by = concern.ended_reason = None
    concern.review_on = review_on
    count_change(concern)
    start_review_clock(concern, policy)
    note_change(actor, concern, ConcernChangeKind.REOPENED, reason=reason)
    tell_of_change(actor, concern, REOPENED, danger=harms_now(concern))
    tell_of_child(actor, concern)


def tell_apart(*, actor: Principal, concern: Concern, other: Concern, reason: str = "") -> ConcernDifference:
    """Say that two records are not about the same thing. They are no longer offered to each other.

    Raises:
        DomainError: it is the same record, or somebody has linked them as the same.
    """
    require(actor, "concern:compare")
    if other.id == concern.id:
        raise DomainError("Choose another one")
    check_length(reason, "reason")
    take_turns("apart", *sorted((concern.id, other.id)))
    said_before = difference_of(concern, other)
    if said_before is not None:
        return said_before
    pair = (concern.id, other.id)
    same = select(ConcernLink.id).filter_by(role=SAME_AS, ended_at=None)
    if db.session.scalar(
        same.where(ConcernLink.concern_id.in_(pair), ConcernLink.other_id.in_(pair)).limit(1)
    ):
        raise DomainError("Somebody has linked them as the same. Take that link back first")
    said = ConcernDifference(
        concern_id=concern.id,
        other_id=other.id,
        reason=reason.strip(),
        said_by=actor.user_id,
        agency_id=actor.agency_id,
        said_at=clock.now(),
    )
    insert_now(said)
    audit.record("concern:tell_apart", concern, other=str(other.id))
    for one in (concern, other):
        tell_of_change(actor, one, CHANGED, once=said.id.hex)
    return said


def undo(*, actor: Principal, concern: Concern, difference_id: UUID) -> None:
    """They may be the same after all: offer them to each other again.

    Raises:
        NotFound: nobody said so of this record.
    """
    require(actor, "concern:compare")
    found = db.session.scalar(
        select(ConcernDifference).where(
            ConcernDifference.id == difference_id,
            ConcernDifference.undone_at.is_(None),
            or_(ConcernDifference.concern_id == concern.id, ConcernDifference.other_id == concern.id),
        )
    )
    if found is not None:
        lock_row(found)
    if found is None or found.undone_at is not None:
        raise NotFound("Nobody said so")
    found.undone_at, found.undone_by = clock.now(), actor.user_id
    db.session.flush()
    audit.record("concern:undo_tell_apart", concern)
    both = select(Concern).where(Concern.id.in_((found.concern_id, found.other_id)))
    for one in db.session.scalars(both):
        tell_of_change(actor, one, CHANGED, once=f"{found.id.hex}.undone")
