"""Children and cases, written straight into the tables; the triggers do what they do for everyone."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import AccessGrant, Alert, Case, ChronologyEntry, Involvement
from portal.records.cases.vocabulary import GrantKind
from portal.records.children.model import Child, ChildRecord
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import CaseState, Sensitivity


def make_child(rows: Session, given: str = "Ada", family: str = "Fictional", **facts: Any) -> Child:
    """A child with a record."""
    values: dict[str, Any] = {"dob": date(2012, 5, 4), "nhs_number": None} | facts
    child = Child(
        id=new_id(), reference=new_reference(Prefix.CHILD), given_name=given, family_name=family, **values
    )
    rows.add(child)
    rows.flush()
    rows.add(ChildRecord(child_id=child.id, disabilities=[]))
    rows.commit()
    return child


def make_case(
    rows: Session,
    child: Child,
    *,
    lead: Agency,
    opened_by: User,
    sensitivity: Sensitivity = Sensitivity.NORMAL,
    state: CaseState = CaseState.AWAITING_ASSESSMENT,
    **facts: Any,
) -> Case:
    """An open case with its first deadline, owned by the lead agency."""
    now = clock.now()
    case = Case(
        id=new_id(),
        reference=new_reference(Prefix.CASE),
        child_id=child.id,
        state=state,
        sensitivity=int(sensitivity),
        sensitivity_reason="",
        lead_agency_id=lead.id,
        reason="Made for a test",
        opened_at=now,
        opened_by=opened_by.id,
        policy_version="test",
        **facts,
    )
    rows.add(case)
    rows.flush()
    due = now + timedelta(days=14)
    rows.add(
        Deadline(
            id=new_id(),
            kind=DeadlineKind.ASSESSMENT,
            subject_kind="cre_case",
            subject_id=case.id,
            case_id=case.id,
            owner_agency_id=lead.id,
            started_at=now,
            due_at=due,
            original_due_at=due,
            state=DeadlineState.OPEN,
            source="clocks.assessment",
            confirmed=False,
            policy_version="test",
        )
    )
    rows.commit()
    return case


def involve(
    rows: Session,
    case: Case,
    team: Team,
    *,
    by: User,
    worker: User | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Involvement:
    """A team on a case, from–until."""
    involvement = Involvement(
        id=new_id(),
        case_id=case.id,
        agency_id=team.agency_id,
        team_id=team.id,
        worker_id=worker.id if worker else None,
        reason="Made for a test",
        started_at=since or clock.now(),
        started_by=by.id,
        ended_at=until,
    )
    rows.add(involvement)
    rows.commit()
    return involvement


def grant(
    rows: Session,
    case: Case,
    person: User,
    *,
    by: User,
    kind: GrantKind = GrantKind.NAMED,
    until: datetime | None = None,
) -> AccessGrant:
    """A person on a case by name."""
    found = AccessGrant(
        id=new_id(),
        case_id=case.id,
        user_id=person.id,
        kind=kind,
        reason="Made for a test",
        starts_at=clock.now(),
        ends_at=until,
        granted_by=by.id,
    )
    rows.add(found)
    rows.commit()
    return found


def add_entry(
    rows: Session,
    case: Case,
    author: User,
    text: str = "Something that the network should know.",
    *,
    handling: Handling = Handling.NETWORK,
    listed: tuple[UUID, ...] = (),
    **facts: Any,
) -> ChronologyEntry:
    """A contribution to a case."""
    entry = ChronologyEntry(
        **{"kind": "note"} | facts,
        id=new_id(),
        case_id=case.id,
        author_id=author.id,
        agency_id=author.agency_id,
        text=text,
        happened_at=clock.now(),
        handling=handling,
        listed_agencies=list(listed),
        family_safe=FamilySafe.NO,
    )
    rows.add(entry)
    rows.commit()
    return entry


def add_held_alert(rows: Session, case: Case, owner: User) -> Alert:
    """An alert that holds back addresses, phones and schools of the child."""
    alert = Alert(
        id=new_id(),
        case_id=case.id,
        kind="do_not_disclose_address",
        text="Whoever asks is sent to Wanda",
        owner_id=owner.id,
        review_on=date(2027, 1, 15),
        child_told=True,
        holds_back=["address", "phone", "school"],
        created_at=clock.now(),
    )
    rows.add(alert)
    rows.commit()
    return alert


def add_alert(rows: Session, case: Case, owner: User, text: str = "Ring Wanda before any call") -> Alert:
    """An alert of the kind that says not to contact the family."""
    alert = Alert(
        id=new_id(),
        case_id=case.id,
        kind="no_family_contact",
        text=text,
        owner_id=owner.id,
        review_on=date(2027, 1, 15),
        child_told=True,
        created_at=clock.now(),
    )
    rows.add(alert)
    rows.commit()
    return alert
