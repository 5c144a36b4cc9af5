"""Children who can be found, what agencies say of them, and what teams are told and asked."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildAlias, ChildCorrection, ChildStatement, NameKey
from portal.records.children.recording import Identity, keys_of
from portal.records.children.rules import Facts
from portal.records.children.vocabulary import CorrectionPart
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.meetings.model import Meeting
from portal.records.people.model import Agency, Team, User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import TriageColour
from tests.factories.cases import make_child


def known_child(
    rows: Session, given: str, family: str, *, by: User, aliases: tuple[str, ...] = (), **facts: Any
) -> Child:
    """A child with the keys by which it is found."""
    child = make_child(rows, given, family, **facts)
    for alias in aliases:
        rows.add(
            ChildAlias(id=new_id(), child_id=child.id, name=alias, kind="known_as", agency_id=by.agency_id)
        )
    who = Facts(names=(f"{given} {family}",), born=child.dob, nhs_number=child.nhs_number)
    keys = keys_of(who, aliases, frozenset(), current_policy().names)
    rows.add_all(NameKey(child_id=child.id, key=key, from_alias=marked) for key, marked in keys)
    rows.commit()
    return child


def say(rows: Session, child: Child, author: User, value: str, **facts: Any) -> ChildStatement:
    """What an agency says of a child: by default an address."""
    values: dict[str, Any] = {"kind": "address", "named_agencies": [], "starts_on": date(2025, 1, 6)} | facts
    statement = ChildStatement(
        id=new_id(),
        child_id=child.id,
        agency_id=author.agency_id,
        author_id=author.id,
        value=value,
        **values,
    )
    rows.add(statement)
    rows.commit()
    return statement


def propose(rows: Session, child: Child, *, by: User, given_name: str = "Adah") -> UUID:
    """A correction of a child's name that waits to be decided; its identifier."""
    identity = Identity.of(child).as_json()
    correction = ChildCorrection(
        id=new_id(),
        child_id=child.id,
        part=CorrectionPart.IDENTITY,
        child_version=child.version,
        before=identity,
        after=identity | {"given_name": given_name},
        reason="Passport seen",
        proposed_by=by.id,
        proposed_agency_id=by.agency_id,
    )
    rows.add(correction)
    rows.commit()
    return correction.id


def tell(
    rows: Session,
    child: Child,
    team: Team,
    *,
    by: User,
    text: str = "Something that the team should know.",
    colour: TriageColour = TriageColour.AMBER,
    case: Case | None = None,
    **facts: Any,
) -> Disclosure:
    """A team was told about a child, and has to confirm it."""
    now = clock.now()
    values: dict[str, Any] = {"decision": SharingDecision.SHARE, "conditions": None} | facts
    disclosure = Disclosure(
        id=new_id(),
        reference=new_reference(Prefix.DISCLOSURE),
        case_id=case.id if case else None,
        giver_id=by.id,
        giver_agency_id=by.agency_id,
        receiver_agency_id=team.agency_id,
        receiver_team_id=team.id,
        purpose="protect_child",
        basis="public_task",
        reason="The team works with the child",
        colour=colour,
        decided_at=now,
        **values,
    )
    rows.add(disclosure)
    rows.flush()
    rows.add(DisclosureText(disclosure_id=disclosure.id, text=text))
    rows.add(DisclosureChild(disclosure_id=disclosure.id, child_id=child.id))
    due = now + timedelta(hours=2)
    rows.add(
        Deadline(
            id=new_id(),
            kind=DeadlineKind.RECEIPT,
            subject_kind="disclosure",
            subject_id=disclosure.id,
            disclosure_id=disclosure.id,
            owner_team_id=team.id,
            started_at=now,
            due_at=due,
            original_due_at=due,
            state=DeadlineState.OPEN,
            source="clocks.receipt",
            confirmed=False,
            policy_version="test",
        )
    )
    rows.commit()
    return disclosure


def ask(
    rows: Session,
    child: Child,
    team: Team,
    *,
    by: User,
    question: str = "What do you know of the child?",
    case: Case | None = None,
    agency: Agency | None = None,
    meeting: Meeting | None = None,
    due_at: datetime | None = None,
) -> InformationRequest:
    """A team is asked about a child, perhaps for a meeting; by default until tomorrow."""
    now = clock.now()
    request = InformationRequest(
        id=new_id(),
        reference=new_reference(Prefix.REQUEST),
        case_id=case.id if case else None,
        meeting_id=meeting.id if meeting else None,
        child_id=child.id,
        asked_agency_id=agency.id if agency else team.agency_id,
        asked_team_id=team.id,
        asked_by=by.id,
        asked_at=now,
        question=question,
        why="To assess the risk",
        due_at=due_at or now + timedelta(days=1),
    )
    rows.add(request)
    rows.commit()
    return request
