"""Somebody leaves, or a team of theirs: nobody is cut off from what they lead without a word."""

from collections.abc import Collection, Mapping
from uuid import UUID

from portal.access.principal import Principal
from portal.extensions import db
from portal.queries import held_work
from portal.records.people.model.people import User
from portal.services.errors import DomainError, NotFound
from portal.services.handing_work import hand_work_over, tell_left
from portal.vocabulary.held_work import HeldWork


def hand_over_first(
    *,
    actor: Principal,
    person: User,
    takes_over: UUID | None,
    later: bool,
    reason: str,
    leaves: Collection[UUID] | None = None,
    keeps: Collection[UUID] = (),
) -> None:
    """Give what somebody would leave behind to a colleague, or make sure that it is meant to wait.

    Args:
        takes_over: the colleague who gets everything that the actor may hand over.
        later: nobody takes over yet; whoever has to see to it is told.
        leaves, keeps: as `portal.queries.held_work.counts` takes them.

    Raises:
        DomainError: they hold something, and neither was chosen.
        Forbidden: the actor may not hand over, as an administrator, who sees no case.
    """
    held = held_work.counts(person_id=person.id, leaves=leaves, keeps=keeps)
    if not held or later:
        return
    if takes_over is None:
        raise DomainError(_choose(person, held), field="hand_to")
    to = db.session.get(User, takes_over)
    if to is None:
        raise NotFound("There is no such person.")
    cases = None
    if leaves is not None:
        cases = held_work.cases_through(person_id=person.id, leaves=leaves, keeps=keeps)
    items = held_work.items(person_id=person.id, only_cases=cases)
    hand_work_over(actor=actor, person=person, to=to, reason=reason, items=items)


def tell_what_is_left(
    *,
    actor: Principal,
    person: User,
    teams: Collection[UUID],
    leaves: Collection[UUID] | None = None,
    keeps: Collection[UUID] = (),
) -> None:
    """Once somebody has left, tell whoever has to see to what is still theirs.

    Args:
        teams: those that they left.
    """
    left = held_work.counts(person_id=person.id, leaves=leaves, keeps=keeps)
    if left:
        tell_left(actor=actor, person=person, teams=teams, left=left, moved=leaves is not None)


def _choose(person: User, held: Mapping[HeldWork, int]) -> str:
    things = "; ".join(f"{kind.label[0].lower()}{kind.label[1:]}: {number}" for kind, number in held.items())
    return f"Choose who takes over what {person.name} leaves behind ({things}), or say that nobody does yet"
