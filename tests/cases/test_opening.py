"""A case is opened once for a child, with its lead, its people and its first deadline."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.access.permissions import Forbidden
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.cases.opening import open_case
from portal.records.children.model import Child, ChildLink
from portal.records.people.model import Team, User
from portal.vocabulary import CaseState, Sensitivity
from tests.access.test_reach import Asking
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.cases import make_case, make_child


def open_one(actor: Principal, child: Child, cast: Cast, **changes: Any) -> Case:
    facts: dict[str, Any] = {
        "lead_team": db.session.get_one(Team, cast.social_care_team.id),
        "lead_professional": db.session.get_one(User, cast.social_worker.id),
        "authority": None,
        "district": "high_peak",
        "types": ["cse"],
        "contexts": ["group"],
        "sensitivity": Sensitivity.NORMAL,
        "reason": "Signs of exploitation by a group",
        "policy": current_policy(),
    }
    return open_case(actor=actor, child=child, **{**facts, **changes})


def test_a_case_starts_waiting_for_assessment_with_a_lead_and_a_clock(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    child = make_child(rows)
    with acting(cast.coordinator) as actor:
        reference = open_one(actor, child, cast).reference
    case = rows.scalars(select(Case)).one()
    assert (case.reference, case.state) == (reference, CaseState.AWAITING_ASSESSMENT)
    assert case.authority == "derbyshire"
    deadline = rows.scalars(select(Deadline)).one()
    assert (deadline.kind, deadline.case_id) == (DeadlineKind.ASSESSMENT, case.id)
    assert (deadline.owner_id, deadline.owner_team_id) == (cast.social_worker.id, cast.social_care_team.id)
    assert case.next_due_at == deadline.due_at
    involvement = rows.scalars(select(Involvement)).one()
    assert (involvement.team_id, involvement.worker_id) == (cast.social_care_team.id, cast.social_worker.id)
    event = rows.scalars(select(AuditEvent).where(AuditEvent.action == "case:open")).one()
    assert (event.actor_id, event.case_id) == (cast.coordinator.id, case.id)


def test_only_a_coordinator_opens_a_case(rows: Session, cast: Cast, acting: Acting) -> None:
    child = make_child(rows)
    with acting(cast.officer) as actor, pytest.raises(Forbidden):
        open_case(
            actor=actor,
            child=child,
            lead_team=db.session.get_one(Team, cast.police_team.id),
            authority=None,
            district=None,
            types=[],
            reason="x",
            policy=current_policy(),
        )


def test_a_child_has_one_open_case(rows: Session, cast: Cast, acting: Acting) -> None:
    child = make_child(rows)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match=case.reference):
        open_one(actor, child, cast)


def test_a_linked_record_of_the_same_child_counts_too(rows: Session, cast: Cast, acting: Acting) -> None:
    child, between, same = make_child(rows), make_child(rows, "Adah"), make_child(rows, "Addie")
    case = make_case(rows, same, lead=cast.social_care, opened_by=cast.coordinator)
    rows.add_all(
        ChildLink(
            id=new_id(),
            child_a=one.id,
            child_b=other.id,
            reason="Same",
            linked_by=cast.coordinator.id,
            created_at=clock.now(),
        )
        for one, other in ((child, between), (between, same))
    )
    rows.commit()
    for one in (between, child):  # this by way of the other
        with acting(cast.coordinator) as actor, pytest.raises(DomainError, match=case.reference):
            open_one(actor, db.session.get_one(Child, one.id), cast)


def test_types_that_policy_names_start_restricted(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    child = make_child(rows)
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="starts as restricted"):
        open_one(actor, child, cast, types=["forced_marriage"])
    with acting(cast.coordinator) as actor:
        open_one(actor, child, cast, types=["forced_marriage"], sensitivity=Sensitivity.RESTRICTED)
    case = rows.scalars(select(Case)).one()
    assert "forced marriage" in case.sensitivity_reason
    assert reads_case(asking, cast.social_worker), "the lead professional is named on it"
    assert not reads_case(asking, cast.social_care_manager)


def test_a_sealed_case_is_read_by_the_people_named_on_it_only(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    child = make_child(rows)
    with acting(cast.coordinator) as actor:
        open_one(
            actor,
            child,
            cast,
            sensitivity=Sensitivity.SEALED,
            sensitivity_reason="A relative works for the police",
            named=[db.session.get_one(User, cast.second_coordinator.id)],
        )
    assert rows.scalars(select(Case.sensitivity)).one() == Sensitivity.SEALED
    named = set(rows.scalars(select(AccessGrant.user_id)))
    assert named == {cast.second_coordinator.id, cast.social_worker.id}
    for person, reads in (
        (cast.second_coordinator, True),
        (cast.social_worker, True),
        (cast.coordinator, False),
        (cast.social_care_manager, False),
        (cast.chair, False),
    ):
        assert reads_case(asking, person) is reads, person.name
        assert sees_deadline(asking, person) is reads, f"{person.name} and the deadline"


def test_a_sealed_case_names_its_opener_when_no_coordinator_is_named(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    child = make_child(rows)
    with acting(cast.coordinator) as actor:
        open_one(actor, child, cast, sensitivity=Sensitivity.SEALED, sensitivity_reason="A relative")
    assert reads_case(asking, cast.coordinator)
    assert not reads_case(asking, cast.second_coordinator)


def test_a_sealed_case_needs_a_person_of_its_lead_agency(rows: Session, cast: Cast, acting: Acting) -> None:
    child = make_child(rows)
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="lead agency"):
        open_one(
            actor,
            child,
            cast,
            lead_professional=None,
            sensitivity=Sensitivity.SEALED,
            sensitivity_reason="A relative",
        )
    assert not rows.scalars(select(Case)).all()


def test_holding_a_case_more_closely_than_its_type_needs_a_reason(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    child = make_child(rows)
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="more closely"):
        open_one(actor, child, cast, sensitivity=Sensitivity.RESTRICTED)


def test_a_child_of_a_hidden_sealed_case_gets_no_second_case_and_no_details(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    child = make_child(rows)
    with acting(cast.coordinator) as actor:
        case = make_case(
            rows,
            child,
            lead=cast.social_care,
            opened_by=cast.second_coordinator,
            sensitivity=Sensitivity.SEALED,
        )
        with pytest.raises(DomainError, match="colleague") as refused:
            open_one(actor, child, cast)
    assert case.reference not in refused.value.message


def reads_case(asking: Asking, person: User) -> bool:
    with asking(person) as session:
        return session.scalar(select(func.count()).select_from(Case)) == 1


def sees_deadline(asking: Asking, person: User) -> bool:
    with asking(person) as session:
        return session.scalar(select(func.count()).select_from(Deadline)) == 1
