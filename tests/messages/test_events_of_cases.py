"""Whoever a case is shared with is told: its team, or on a closely held case the named people alone."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.extensions import db
from portal.policy import current_policy
from portal.records.cases.grants import name_person
from portal.records.cases.involvements import current_involvement, name_worker
from portal.records.cases.model import Case, Involvement
from portal.records.cases.opening import add_involvement, open_case
from portal.records.cases.sensitivity import ask_to_lower, raise_sensitivity
from portal.records.children.model import Child
from portal.records.people.model import Team, User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.children import ask
from tests.messages.test_events_of_forms import MAIL, PORTAL, to_whom
from tests.told import told

Acting = Callable[[User], AbstractContextManager[Principal]]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that social care leads."""
    case = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    return case


def opens(acting: Acting, cast: Cast, child: Child, **said: Any) -> None:
    with acting(cast.coordinator) as actor:
        open_case(
            actor=actor,
            child=db.session.get_one(Child, child.id),
            lead_team=db.session.get_one(Team, cast.social_care_team.id),
            lead_professional=db.session.get_one(User, cast.social_worker.id),
            authority="derbyshire",
            district=None,
            types=["cse"],
            reason="Several agencies worry",
            policy=current_policy(),
            **said,
        )


def joins(acting: Acting, cast: Cast, case: Case, worker: User | None = None) -> None:
    with acting(cast.coordinator) as actor:
        add_involvement(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            team=db.session.get_one(Team, cast.health_team.id),
            worker=db.session.get_one(User, worker.id) if worker else None,
            reason="They see the child",
        )


def test_opening_a_case_tells_the_team_that_leads_and_its_professional_by_e_mail(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    opens(acting, cast, make_child(rows))
    found = told(rows, "shared")
    assert to_whom(found) == {
        (cast.social_care_team.id, MAIL),
        (cast.social_worker.id, MAIL),
        (cast.social_care_manager.id, PORTAL),
        (cast.chair.id, PORTAL),
    }
    case = rows.query(Case).one()
    assert {(one.subject_kind, one.subject_id, one.reference, one.case_id) for one in found} == {
        ("cre_case", case.id, case.reference, case.id)
    }


@pytest.mark.parametrize("held", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_opening_a_closely_held_case_tells_the_named_people_alone(
    rows: Session, cast: Cast, acting: Acting, held: Sensitivity
) -> None:
    named = [rows.get_one(User, cast.officer.id)]
    opens(acting, cast, make_child(rows), sensitivity=held, sensitivity_reason="A relative", named=named)
    assert to_whom(told(rows, "shared")) == {(cast.social_worker.id, MAIL), (cast.officer.id, MAIL)}


def test_a_team_that_joins_is_told_and_its_worker_by_e_mail(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    joins(acting, cast, case, cast.nurse)
    assert to_whom(told(rows, "shared")) == {(cast.health_team.id, MAIL), (cast.nurse.id, MAIL)}
    assert told(rows, "told") == []


def test_on_a_restricted_case_only_the_worker_is_told_and_a_team_without_one_that_it_has_to_confirm(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    joins(acting, cast, case, cast.nurse)
    assert to_whom(told(rows, "shared")) == {(cast.nurse.id, MAIL)}
    with acting(cast.coordinator) as actor:
        add_involvement(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            team=db.session.get_one(Team, cast.council_team.id),
            reason="They run the hostel",
        )
    assert to_whom(told(rows, "shared")) == {(cast.nurse.id, MAIL)}
    assert to_whom(told(rows, "told")) == {(cast.council_team.id, MAIL), (cast.community_safety.id, PORTAL)}


def test_a_person_who_is_named_is_told_once(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    for _ in range(2):
        with acting(cast.coordinator) as actor:
            record, person = db.session.get_one(Case, case.id), db.session.get_one(User, cast.teacher.id)
            name_person(actor=actor, case=record, person=person, reason="Knows the child")
    assert to_whom(told(rows, "shared")) == {(cast.teacher.id, MAIL)}
    assert len(told(rows, "shared")) == 1


def test_a_worker_who_is_named_is_told_and_one_who_names_themselves_is_not(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    involve(rows, case, cast.police_team, by=cast.coordinator)
    for worker in (cast.colleague, cast.officer):
        with acting(cast.officer) as actor:
            record = db.session.get_one(Case, case.id)
            on_it = current_involvement(record, cast.police_team.id)
            assert isinstance(on_it, Involvement)
            name_worker(
                actor=actor,
                case=record,
                involvement=on_it,
                worker=db.session.get_one(User, worker.id),
                seen_worker_id=on_it.worker_id,
            )
    assert to_whom(told(rows, "given")) == {(cast.colleague.id, MAIL)}


def test_that_a_case_be_held_less_closely_waits_for_the_lead_professional_who_is_told(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        ask_to_lower(actor=actor, case=record, to=Sensitivity.NORMAL, reason="The relative left")
    assert to_whom(told(rows, "agreement_asked")) == {(cast.social_worker.id, MAIL)}


def test_sealing_a_case_withdraws_what_teams_were_asked_about_its_child(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asked = ask(rows, rows.get_one(Child, case.child_id), cast.health_team, by=cast.coordinator, case=case)
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        raise_sensitivity(
            actor=actor,
            case=record,
            to=Sensitivity.SEALED,
            reason="A relative works here",
            version=record.version,
        )
    rows.expire_all()
    assert rows.get_one(InformationRequest, asked.id).withdrawn_reason
