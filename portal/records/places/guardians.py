"""Who could watch or act in a place of concern, what they said, and what agencies know of the place."""

from datetime import date
from uuid import UUID, uuid5

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_length, require_text
from portal.changes.versions import count_change, insert_once, lock, lock_row
from portal.extensions import db
from portal.messages.telling import tell
from portal.messages.vocabulary import Event
from portal.model import new_id
from portal.policy import Size, current_policy
from portal.records.concerns.model import Concern
from portal.records.concerns.records import about_concern, around_concern, refuse_ended
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.places.model import Guardian, GuardianStep, PlaceFact
from portal.records.places.policy import Guardianship
from portal.records.places.vocabulary import (
    DESCRIBED,
    GUARDIAN_STEP,
    UNWATCHED,
    GuardianState,
    GuardianStepKind,
)

_STEPS = {
    GuardianState.ASKED: GuardianStepKind.ASKED,
    GuardianState.AGREED: GuardianStepKind.AGREED,
    GuardianState.DECLINED: GuardianStepKind.DECLINED,
}


def name_guardian(
    *,
    actor: Principal,
    concern: Concern,
    role: str,
    name: str,
    can: str,
    contact: str = "",
    state: GuardianState = GuardianState.NOT_ASKED,
    on: date | None = None,
    once: UUID | None = None,
) -> Guardian:
    """Name somebody who could watch or act in a place.

    Args:
        role: a code of policy `guardianship.roles`.
        name: a person, a job or an organisation.
        can: what they could see or do.
        contact: how they are reached.
        state: whether they were asked already, and what they said.
        on: the day of that; today unless it is said.
        once: made when the page was made, so that sending it twice names them once.

    Raises:
        Forbidden: see permission `guardian:write`.
        DomainError: this is no place or has ended, or words are missing; `field` says what.
    """
    require(actor, "guardian:write", place_facts(actor, concern))
    require_place(concern)
    guardian_id = uuid5(once, str(concern.id)) if once else new_id()
    day = _day(on)
    guardian = Guardian(
        id=guardian_id,
        concern_id=concern.id,
        **_said(role, name, can, contact),
        state=state,
        agency_id=actor.agency_id,
        author_id=actor.user_id,
    )
    if (kept := insert_once(guardian)) is not guardian:
        return kept
    _step(actor, guardian, GuardianStepKind.NAMED, clock.today())
    if state in _STEPS:
        _step(actor, guardian, _STEPS[state], day)
    audit.record("guardian:name", concern, guardian=str(guardian.id))
    _tell(actor, GUARDIAN_STEP, concern, once=_now(guardian))
    return guardian


def answer_for_guardian(
    *,
    actor: Principal,
    concern: Concern,
    guardian: Guardian,
    state: GuardianState,
    on: date | None = None,
    words: str = "",
    version: int,
) -> None:
    """Say that somebody was asked, agreed or said no. What stood before stays in the steps.

    Raises:
        Forbidden: as for `name_guardian`.
        Conflict: somebody changed it meanwhile.
        DomainError: they watch no longer, or the day is in the future.
    """
    _hold(actor, concern, guardian, version, state.label)
    if state not in _STEPS:
        raise DomainError("Choose what they said", field="state")
    day = _day(on)
    before = GuardianState(guardian.state).label
    guardian.state = state
    count_change(guardian)
    _step(actor, guardian, _STEPS[state], day, before=before, words=words)
    audit.record(f"guardian:{state.value}", concern, guardian=str(guardian.id))
    _tell(actor, GUARDIAN_STEP, concern, once=_now(guardian))


def change_guardian(
    *,
    actor: Principal,
    concern: Concern,
    guardian: Guardian,
    role: str,
    name: str,
    can: str,
    contact: str,
    version: int,
) -> None:
    """Put right who they are or how they are reached. What it said stays in the steps.

    Raises:
        Forbidden, Conflict: as for `answer_for_guardian`.
        DomainError: they watch no longer, or words are missing.
    """
    _hold(actor, concern, guardian, version, name)
    said = _said(role, name, can, contact)
    before = {field: getattr(guardian, field) for field in said}
    changed = [field for field, value in said.items() if value != before[field]]
    if not changed:
        return
    for field, value in said.items():
        setattr(guardian, field, value)
    count_change(guardian)
    old = "; ".join(_label(field, before[field]) for field in changed)
    _step(actor, guardian, GuardianStepKind.CHANGED, clock.today(), before=old)
    audit.record("guardian:change", concern, guardian=str(guardian.id))
    _tell(actor, GUARDIAN_STEP, concern, once=_now(guardian))


def end_guardian(*, actor: Principal, concern: Concern, guardian: Guardian, words: str, version: int) -> None:
    """Say that somebody watches no longer, and why. They stay on record.

    Raises:
        Forbidden, Conflict: as for `answer_for_guardian`.
        DomainError: there is no reason, or it has ended.
    """
    _hold(actor, concern, guardian, version, GuardianStepKind.ENDED.label)
    require_text(words, "Say why they watch no longer", field="words")
    guardian.ended_at, guardian.ended_by = clock.now(), actor.user_id
    count_change(guardian)
    _step(actor, guardian, GuardianStepKind.ENDED, clock.today(), words=words)
    audit.record("guardian:end", concern, guardian=str(guardian.id))
    others = select(Guardian.id).where(Guardian.concern_id == concern.id, Guardian.ended_at.is_(None))
    last = db.session.scalar(others.limit(1)) is None
    _tell(actor, UNWATCHED if last else GUARDIAN_STEP, concern, once=_now(guardian))


def _tell(actor: Principal, event: Event, concern: Concern, *, once: str) -> None:
    """The team that answers for the place."""
    tell(actor=actor, event=event, about=about_concern(concern), given=around_concern(concern), once=once)


def _now(guardian: Guardian) -> str:
    return f"{guardian.id}:{guardian.version}"


def place_facts(actor: Principal, concern: Concern) -> Facts:
    """What decides who says something of a place."""
    return Facts(keeps=concern.owner_agency_id == actor.agency_id)


def require_place(concern: Concern) -> None:
    """Go on only with a place that is still of concern.

    Raises:
        DomainError: it is none, or has ended.
    """
    if concern.kind != ConcernKind.PLACE:
        raise DomainError("Only a place has somebody who could watch it")
    refuse_ended(concern)


def _said(role: str, name: str, can: str, contact: str) -> dict[str, str]:
    if role not in {one.code for one in current_policy().of(Guardianship).roles.offered}:
        raise DomainError("Choose who they are to the place", field="role")
    name = require_text(name, "Write who they are", field="name", size=Size.LINE)
    can = require_text(can, "Write what they could see or do", field="can", size=Size.NOTE)
    check_length(contact, "contact", Size.LINE)
    return {"role": role, "name": name, "can": can, "contact": contact.strip()}


def _label(field: str, value: str) -> str:
    shown = current_policy().of(Guardianship).roles.label(value) if field == "role" else value
    return shown or "Nothing"


def _day(on: date | None) -> date:
    day = on or clock.today()
    if day > clock.today():
        raise DomainError("The day must be today or earlier", field="on")
    return day


def _hold(actor: Principal, concern: Concern, guardian: Guardian, version: int, mine: str) -> None:
    require(actor, "guardian:write", place_facts(actor, concern))
    lock(guardian, version, _in_words, mine={"State": mine})
    if guardian.ended_at is not None:
        raise DomainError("They watch no longer. Name them again")


def _in_words(guardian: Guardian) -> dict[str, str]:
    return {"State": GuardianState(guardian.state).label}


def _step(
    actor: Principal,
    guardian: Guardian,
    kind: GuardianStepKind,
    on: date,
    *,
    before: str = "",
    words: str = "",
) -> None:
    check_length(words, "words")
    db.session.add(
        GuardianStep(
            guardian_id=guardian.id,
            kind=kind,
            happened_on=on,
            before=before,
            words=words.strip(),
            made_by=actor.user_id,
            made_agency_id=actor.agency_id,
            made_at=clock.now(),
        )
    )
    db.session.flush()


def say_of_place(
    *,
    actor: Principal,
    concern: Concern,
    kind: str,
    text: str,
    holder: str = "",
    number: str = "",
    until_on: date | None = None,
    once: UUID | None = None,
) -> PlaceFact:
    """Say what is known of a place. An earlier statement stands beside it until somebody ends it.

    Args:
        kind: a code of policy `guardianship.facts`.
        holder, number: of a licence, or whoever owns the place.
        until_on: the last day on which it holds.

    Raises:
        Forbidden: see permission `place:describe`.
        DomainError: this is no place or has ended, or words are missing; `field` says what.
    """
    require(actor, "place:describe", place_facts(actor, concern))
    require_place(concern)
    if kind not in {one.code for one in current_policy().of(Guardianship).facts.offered}:
        raise DomainError("Choose what it is about", field="kind")
    text = require_text(text, "Write what is known", field="text", size=Size.NOTE)
    check_length(holder, "holder", Size.LINE)
    check_length(number, "number", Size.LINE)
    fact_id = uuid5(once, str(concern.id)) if once else new_id()
    fact = PlaceFact(
        id=fact_id,
        concern_id=concern.id,
        kind=kind,
        text=text,
        holder=holder.strip(),
        number=number.strip(),
        until_on=until_on,
        agency_id=actor.agency_id,
        author_id=actor.user_id,
        said_at=clock.now(),
    )
    if (kept := insert_once(fact)) is not fact:
        return kept
    audit.record("place:describe", concern, fact=str(fact.id))
    _tell(actor, DESCRIBED, concern, once=str(fact.id))
    return fact


def take_back(*, actor: Principal, concern: Concern, fact: PlaceFact, reason: str) -> None:
    """Say that a statement is no longer right. It stays to be read, with the reason.

    Raises:
        Forbidden: another agency said it.
        DomainError: there is no reason.
    """
    require(actor, "place:take_back", Facts(own_agency=fact.agency_id == actor.agency_id))
    lock_row(fact)
    if fact.ended_at is not None:
        raise DomainError("Somebody has just said that it is no longer right")
    reason = require_text(reason, "Say why it is no longer right", field="words", size=Size.NOTE)
    fact.ended_at, fact.ended_by, fact.ended_reason = clock.now(), actor.user_id, reason
    db.session.flush()
    audit.record("place:take_back", concern, fact=str(fact.id))
    _tell(actor, DESCRIBED, concern, once=f"{fact.id}:ended")
