"""Who a child is: recorded once, corrected without losing what was said, found by keys."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.access.permissions import Forbidden
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildCorrection, ChildRecord, NameKey
from portal.records.children.recording import (
    Identity,
    correct_identity,
    create_child,
    decide_proposal,
    may_correct,
    propose_identity,
)
from portal.records.children.vocabulary import EligibilityBasis
from portal.records.people.model import User
from portal.vocabulary import Answer
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child

Acting = Callable[[User], AbstractContextManager[Principal]]
Asking = Callable[[User | None], AbstractContextManager[Session]]


def keys(rows: Session, child: Child, *, from_alias: bool) -> set[str]:
    return set(
        rows.scalars(
            select(NameKey.key).where(NameKey.child_id == child.id, NameKey.from_alias.is_(from_alias))
        )
    )


def aged(years: int | None) -> date | None:
    """A date of birth of somebody of that age today."""
    return clock.today().replace(day=1) - timedelta(days=round(years * 365.25)) if years else None


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    child = make_child(rows, "Marysia", "Fictional-Kowalska", dob=date(2011, 3, 2))
    case = make_case(
        rows, child, lead=cast.social_care, opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )  # fmt: skip
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


def test_a_coordinator_starts_a_record_with_its_keys(rows: Session, cast: Cast, acting: Acting) -> None:
    with acting(cast.coordinator) as actor:
        child_id = create_child(
            actor=actor, given_name=" Marysia ", family_name="Invented", dob=date(2011, 3, 2),
            nhs_number="943 476 5919", other_names=("Mouse",), record={"district": "high_peak"},
        ).id  # fmt: skip
    child = rows.get_one(Child, child_id)
    record = rows.get_one(ChildRecord, child_id)
    assert (child.given_name, child.nhs_number) == ("Marysia", "9434765919")
    assert (record.district, record.eligibility_basis) == ("high_peak", EligibilityBasis.UNDER_18)
    assert {"t:marysia", "t:invented", "nhs:9434765919"} <= keys(rows, child, from_alias=False)
    assert "t:mouse" in keys(rows, child, from_alias=True)
    assert "t:mouse" not in keys(rows, child, from_alias=False), "an alias is part of the record"
    assert rows.scalar(select(AuditEvent.action).where(AuditEvent.child_id == child_id)) == "child:create"


def test_only_coordinators_start_a_record(cast: Cast, acting: Acting) -> None:
    with acting(cast.officer) as actor, pytest.raises(Forbidden):
        create_child(actor=actor, given_name="Ada", family_name="Fictional")


@pytest.mark.parametrize(
    ("age", "facts", "care", "basis"),
    [
        (17, {}, Answer.NOT_KNOWN, EligibilityBasis.UNDER_18),
        (22, {"send": True}, Answer.NOT_KNOWN, EligibilityBasis.SEND),
        (23, {}, Answer.YES, EligibilityBasis.CARE_EXPERIENCED),
        (30, {"eligibility_reason": "Was harmed at 16"}, Answer.NO, EligibilityBasis.OTHER),
        (None, {}, Answer.NOT_KNOWN, EligibilityBasis.AGE_NOT_KNOWN),
    ],
    ids=["17", "22 with SEND", "23 care-experienced", "30 with a reason", "age not known"],
)
def test_nobody_is_turned_away_by_age(
    rows: Session,
    cast: Cast,
    acting: Acting,
    age: int | None,
    facts: dict[str, object],
    care: Answer,
    basis: EligibilityBasis,
) -> None:
    with acting(cast.coordinator) as actor:
        child_id = create_child(
            actor=actor, given_name="Ada", family_name="Fictional", dob=aged(age), record=facts,
            care_experienced=care,
        ).id  # fmt: skip
    assert rows.get_one(ChildRecord, child_id).eligibility_basis == basis


def test_an_adult_is_included_once_somebody_writes_down_why(cast: Cast, acting: Acting) -> None:
    with acting(cast.coordinator) as actor, pytest.raises(DomainError) as refused:
        create_child(actor=actor, given_name="Ada", family_name="Fictional", dob=aged(30))
    assert refused.value.field == "eligibility_reason"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"given_name": " ", "family_name": ""}, "given_name"),
        ({"nhs_number": "943 476 5910"}, "nhs_number"),
        ({"dob": date(2099, 1, 1)}, "dob"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(
    cast: Cast, acting: Acting, wrong: dict[str, object], field: str
) -> None:
    typed = {"given_name": "Ada", "family_name": "Fictional"} | wrong
    with acting(cast.coordinator) as actor, pytest.raises(DomainError) as refused:
        create_child(actor=actor, **typed)  # type: ignore[arg-type] # a mapping of mixed values
    assert refused.value.field == field


def corrected(child: Child, **values: object) -> Identity:
    return Identity(**(Identity.of(child).as_json() | {"dob": child.dob} | values))


def test_the_lead_professional_corrects_and_what_was_said_stays(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    with acting(cast.social_worker) as actor:
        child = db.session.get_one(Child, case.child_id)
        correct_identity(
            actor=actor, child=child, version=child.version,
            identity=corrected(child, given_name="Maria"), reason="Birth certificate seen",
        )  # fmt: skip
    known = rows.get_one(Child, case.child_id)
    kept = rows.scalars(select(ChildCorrection)).one()
    assert (known.given_name, known.version) == ("Maria", 2)
    assert (kept.before["given_name"], kept.after["given_name"]) == ("Marysia", "Maria")
    assert (kept.accepted, kept.decided_by) == (True, cast.social_worker.id)
    assert "t:maria" in keys(rows, known, from_alias=False)
    assert "t:marysia" not in keys(rows, known, from_alias=False)


def test_others_propose_and_the_lead_professional_decides(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    with acting(cast.officer) as actor:
        child = db.session.get_one(Child, case.child_id)
        assert not may_correct(actor=actor, child_id=child.id)
        wanted = corrected(child, dob=date(2011, 2, 3))
        with pytest.raises(Forbidden):
            correct_identity(actor=actor, child=child, version=1, identity=wanted, reason="Passport seen")
        propose_identity(actor=actor, child=child, version=1, identity=wanted, reason="Passport seen")
    assert rows.get_one(Child, case.child_id).dob == date(2011, 3, 2), "a proposal changes nothing"
    with acting(cast.social_worker) as actor:
        child = db.session.get_one(Child, case.child_id)
        proposal = db.session.scalars(select(ChildCorrection)).one()
        decide_proposal(actor=actor, child=child, correction=proposal, accepted=True)
    assert rows.get_one(Child, case.child_id).dob == date(2011, 2, 3)


def test_a_refused_proposal_says_why_and_stands(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    with acting(cast.officer) as actor:
        child = db.session.get_one(Child, case.child_id)
        propose_identity(
            actor=actor, child=child, version=1, identity=corrected(child, given_name="Mary"), reason="Heard"
        )
    with acting(cast.coordinator) as actor:
        child = db.session.get_one(Child, case.child_id)
        proposal = db.session.scalars(select(ChildCorrection)).one()
        with pytest.raises(DomainError, match="Say why"):
            decide_proposal(actor=actor, child=child, correction=proposal, accepted=False)
        decide_proposal(
            actor=actor, child=child, correction=proposal, accepted=False, reason="Her passport says Marysia"
        )
    assert rows.get_one(Child, case.child_id).given_name == "Marysia"
    with acting(cast.coordinator) as actor:
        child = db.session.get_one(Child, case.child_id)
        proposal = db.session.scalars(select(ChildCorrection)).one()
        with pytest.raises(DomainError, match="already"):
            decide_proposal(actor=actor, child=child, correction=proposal, accepted=True)


def test_the_second_of_two_who_correct_is_shown_both(
    rows: Session, cast: Cast, acting: Acting, case: Case
) -> None:
    with acting(cast.social_worker) as actor:
        child = db.session.get_one(Child, case.child_id)
        correct_identity(
            actor=actor, child=child, version=1, identity=corrected(child, given_name="Maria"), reason="Seen"
        )
    with acting(cast.coordinator) as actor:
        child = db.session.get_one(Child, case.child_id)
        with pytest.raises(Conflict) as clash:
            correct_identity(
                actor=actor, child=child, version=1, identity=corrected(child, given_name="Mary"),
                reason="Heard",
            )  # fmt: skip
    assert clash.value.versions.theirs["given_name"] == "Maria"
    assert clash.value.versions.mine["given_name"] == "Mary"


def test_corrections_are_seen_by_full_reach_alone(
    rows: Session, cast: Cast, acting: Acting, asking: Asking, case: Case
) -> None:
    with acting(cast.officer) as actor:
        child = db.session.get_one(Child, case.child_id)
        propose_identity(
            actor=actor, child=child, version=1, identity=corrected(child, given_name="Mary"), reason="Heard"
        )
    for person, count in (
        (cast.colleague, 1), (cast.social_worker, 1), (cast.coordinator, 1),
        (cast.neighbour, 0), (cast.stranger, 0), (cast.nurse, 0), (cast.governance, 0),
        (cast.administrator, 0),
    ):  # fmt: skip
        with asking(person) as session:
            assert len(session.scalars(select(ChildCorrection)).all()) == count, person.name
