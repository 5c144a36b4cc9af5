"""Actions that are given while a meeting is recorded, beside the decision that they carry out."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.meetings.chairing import case_of, require_recording
from portal.records.meetings.model import Meeting
from portal.records.minutes.model import Decision
from portal.records.people.model.agencies import Team
from portal.records.people.model.people import User
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action
from portal.services.errors import DomainError


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Who does what by when.

    Args:
        owner: `person:` or `team:` and the identifier of whoever does it.
        once: as for `give_action`.
    """

    what: str
    measure: str
    category: str
    target: str
    owner: str
    due_on: date | None
    once: UUID | None = None


def give_at_meeting(
    *, actor: Principal, meeting: Meeting, case: Case, wanted: Wanted, decision: Decision | None = None
) -> Action:
    """Give an action on a child while the meeting is recorded; whoever owns it is told at once.

    Raises:
        as `give_action`; DomainError also where the day or the owner is missing.
    """
    require_recording(actor, meeting, "decision:record")
    case_of(meeting=meeting, case_id=case.id)
    if wanted.due_on is None:
        raise DomainError("Enter the day by which it is done", field="due_on")
    return give_action(
        actor=actor,
        case=case,
        what=wanted.what,
        measure=wanted.measure,
        category=wanted.category,
        target=wanted.target,
        owner=_owner(wanted.owner),
        due_on=wanted.due_on,
        meeting=meeting,
        decision=decision.id if decision else None,
        once=wanted.once,
    )


def _owner(key: str) -> User | Team:
    kind, _, named = key.partition(":")
    found: User | Team | None = None
    if named:
        found = db.session.get(User, UUID(named)) if kind == "person" else db.session.get(Team, UUID(named))
    if found is None:
        raise DomainError("Choose who does it", field="owner")
    return found
