"""What is known of a place of concern: its licence, its landlord, its premises. Each agency says its own."""

from datetime import date
from uuid import UUID, uuid5

from portal import clock
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.policy import Size, current_policy
from portal.records.concerns.model import Concern
from portal.records.concerns.records import record
from portal.records.places.guardians import place_facts, require_place
from portal.records.places.model.guardianship import PlaceFact
from portal.records.places.policy import Guardianship
from portal.services.errors import DomainError
from portal.services.limits import check_length
from portal.services.versions import insert_once, lock_row


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
    if not text.strip():
        raise DomainError("Write what is known", field="text")
    check_length(text, "text")
    check_length(holder, "holder", Size.LINE)
    check_length(number, "number", Size.LINE)
    fact_id = uuid5(once, str(concern.id)) if once else new_id()
    fact = PlaceFact(
        id=fact_id,
        concern_id=concern.id,
        kind=kind,
        text=text.strip(),
        holder=holder.strip(),
        number=number.strip(),
        until_on=until_on,
        agency_id=actor.agency_id,
        author_id=actor.user_id,
        said_at=clock.now(),
    )
    if (kept := insert_once(fact)) is not fact:
        return kept
    record(concern, "place:describe", fact=str(fact.id))
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
    if not reason.strip():
        raise DomainError("Say why it is no longer right", field="words")
    check_length(reason, "words")
    fact.ended_at, fact.ended_by, fact.ended_reason = clock.now(), actor.user_id, reason.strip()
    db.session.flush()
    record(concern, "place:take_back", fact=str(fact.id))
