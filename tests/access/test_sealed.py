"""A sealed child is recognised where nobody can watch, and the form goes to those named on the case."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child, NameKey
from portal.records.children.rules import Facts, child_keys, sealed_search
from portal.records.people.model import User
from portal.records.referrals.model import (
    Referral,
    ReferralChild,
    ReferralNotice,
    ReferralSeal,
    ReferralSubject,
)
from portal.records.referrals.rules import ChildDetails
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.referrals import make_sent_referral

BORN = date(2012, 5, 4)
NUMBER = "9434765919"


@pytest.fixture
def sealed(rows: Session, cast: Cast) -> Case:
    """A sealed case of Ada Rose Fictional, on which the coordinator and a social worker are named."""
    child = make_child(rows, "Ada Rose", "Fictional", dob=BORN, nhs_number=NUMBER)
    facts = Facts(names=("Ada Rose Fictional",), born=BORN, nhs_number=NUMBER)
    rows.add_all(NameKey(child_id=child.id, key=key) for key in child_keys(facts, current_policy().names))
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    return case


def send(rows: Session, sender: User, **child: object) -> tuple[Referral, ReferralSubject]:
    referral = make_sent_referral(rows, sender, children=[child])
    subject = rows.scalars(select(ReferralSubject).where(ReferralSubject.referral_id == referral.id)).one()
    return referral, subject


def look(asking: Asking, person: User, subject: ReferralSubject) -> None:
    search = sealed_search(
        ChildDetails.from_json(subject.details), current_policy().names, date(2026, 11, 24)
    )
    with asking(person) as session:
        answer = session.execute(
            select(func.ctx.pass_if_sealed(subject.id, search.keys, search.dobs, search.nhs_number))
        ).scalar_one()
        assert str(answer or "") == "", "the answer tells nothing"
        session.commit()


def handed_to(rows: Session, referral: Referral) -> set[UUID]:
    rows.expire_all()
    return set(rows.scalars(select(ReferralSeal.case_id).where(ReferralSeal.referral_id == referral.id)))


@pytest.mark.parametrize(
    "on_form",
    [
        {"given_name": "Ada", "family_name": "Fictional", "dob": BORN},
        {"given_name": "Fictional", "family_name": "Ada", "dob": date(2012, 4, 5)},
        {"given_name": "Ada Rose", "family_name": "Fiktional", "dob": date(2012, 5, 5)},
        {"given_name": "Ada", "family_name": "Fictional", "dob": date(2011, 5, 4)},
        {"given_name": "Ada", "family_name": "Fictional", "age": 14},
        {"given_name": "Ada", "family_name": "Fictional"},
        {"given_name": "Tarragonia", "family_name": "Elsewhither", "nhs_number": NUMBER},
    ],
    ids=[
        "same",
        "reversed, swapped",
        "another spelling, a day off",
        "a year off",
        "age",
        "no date",
        "number",
    ],
)
def test_the_child_of_a_sealed_case_is_recognised(
    rows: Session, cast: Cast, sealed: Case, asking: Asking, on_form: dict[str, object]
) -> None:
    referral, subject = send(rows, cast.officer, **on_form)
    look(asking, cast.officer, subject)
    assert handed_to(rows, referral) == {sealed.id}


@pytest.mark.parametrize(
    "on_form",
    [
        {"given_name": "Eve", "family_name": "Fictional", "dob": BORN},
        {"given_name": "Ben", "family_name": "Fictional", "dob": date(2012, 5, 14)},
        {"given_name": "Ada", "family_name": "Fictional", "dob": date(2009, 8, 21)},
        {"given_name": "Ada", "family_name": "Anotherington", "dob": BORN},
        {"given_name": "Fictional", "dob": BORN},
        {"given_name": "Ada", "family_name": "Fictional", "age": 9},
    ],
    ids=["twin", "brother", "another Ada", "another surname", "surname alone", "another age"],
)
def test_a_twin_a_brother_and_a_namesake_are_kept_apart(
    rows: Session, cast: Cast, sealed: Case, asking: Asking, on_form: dict[str, object]
) -> None:
    referral, subject = send(rows, cast.officer, **on_form)
    look(asking, cast.officer, subject)
    assert handed_to(rows, referral) == set()


@pytest.fixture
def hyphen(rows: Session, cast: Cast) -> Case:
    """A sealed case of Wren Halcyon-Vale."""
    child = make_child(rows, "Wren", "Halcyon-Vale", dob=BORN, nhs_number=None)
    facts = Facts(names=("Wren Halcyon-Vale",), born=BORN)
    rows.add_all(NameKey(child_id=child.id, key=key) for key in child_keys(facts, current_policy().names))
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    return case


@pytest.mark.parametrize(
    ("on_form", "same"),
    [
        ({"given_name": "Wren", "family_name": "Halcyonvale", "dob": BORN}, True),
        ({"given_name": "Wrenn", "family_name": "Halcyonvale", "age": 14}, True),
        ({"given_name": "Wren", "family_name": "Halcyonvale"}, True),
        ({"given_name": "Wren Halcyon", "family_name": "Vale", "dob": date(2012, 4, 5)}, True),
        ({"given_name": "Wrne", "family_name": "Vale", "dob": BORN}, True),
        ({"given_name": "Wren", "family_name": "Valde", "dob": BORN}, True),
        ({"given_name": "Wren", "dob": BORN}, True),
        ({"given_name": "R", "family_name": "Vale", "dob": BORN}, True),
        ({"given_name": "Ash", "family_name": "Halcyonvale", "dob": BORN}, False),
        ({"given_name": "Halcyonvale", "dob": BORN}, False),
        ({"given_name": "Wren", "dob": date(2013, 9, 17)}, False),
        ({"given_name": "Wren", "age": 14}, False),
        ({"given_name": "Wren", "family_name": "Valde", "age": 14}, False),
        ({"given_name": "Wren", "family_name": "Anotherington", "dob": BORN}, False),
    ],
)
def test_whom_triage_would_call_the_same_child_is_recognised_however_the_name_is_written(
    rows: Session, cast: Cast, hyphen: Case, asking: Asking, on_form: dict[str, object], *, same: bool
) -> None:
    referral, subject = send(rows, cast.officer, **on_form)
    look(asking, cast.officer, subject)
    assert handed_to(rows, referral) == ({hyphen.id} if same else set())


def test_one_that_is_written_together_is_found_by_its_parts(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    child = make_child(rows, "Ash", "Merryvalefinch", dob=BORN, nhs_number=None)
    facts = Facts(names=("Ash Merryvalefinch",), born=BORN)
    rows.add_all(NameKey(child_id=child.id, key=key) for key in child_keys(facts, current_policy().names))
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    referral, subject = send(rows, cast.officer, given_name="Ash", family_name="Merryvale-Finch", dob=BORN)
    look(asking, cast.officer, subject)
    assert handed_to(rows, referral) == {case.id}


def test_only_those_named_learn_more_than_that_it_was_passed_to_a_colleague(
    rows: Session, cast: Cast, sealed: Case, asking: Asking
) -> None:
    _, subject = send(rows, cast.officer, given_name="Ada", family_name="Fictional", dob=BORN)
    look(asking, cast.officer, subject)
    shown = {}
    for name in ("officer", "coordinator", "second_coordinator", "social_worker", "stranger"):
        with asking(getattr(cast, name)) as session:
            shown[name] = {
                model.__name__: session.scalar(select(func.count()).select_from(model))
                for model in (Referral, ReferralNotice, ReferralSeal, ReferralChild, Child)
            }
    nothing = dict.fromkeys(shown["stranger"], 0)
    assert shown["stranger"] == nothing
    assert shown["officer"] == nothing | {"Referral": 1}, "the sender sees the form as they sent it, only"
    assert shown["second_coordinator"] == nothing | {"ReferralNotice": 1}
    assert shown["coordinator"] == dict.fromkeys(nothing, 1)
    assert shown["social_worker"] == nothing | {"ReferralSeal": 1, "Child": 1}, (
        "the form is the coordinator’s"
    )


def test_a_coordinator_named_on_the_case_can_go_on_looking_for_the_other_children(
    rows: Session, cast: Cast, sealed: Case, asking: Asking
) -> None:
    referral, subject = send(rows, cast.officer, given_name="Ada", family_name="Fictional", dob=BORN)
    look(asking, cast.officer, subject)
    look(asking, cast.coordinator, subject)
    with pytest.raises(ProgrammingError, match="pass_if_sealed"):
        look(asking, cast.second_coordinator, subject)
    assert handed_to(rows, referral) == {sealed.id}


@pytest.mark.parametrize("who", ["stranger", "police_manager", "social_worker", "governance"])
def test_nobody_else_can_try_names_on_a_form_of_another(
    rows: Session, cast: Cast, sealed: Case, asking: Asking, who: str
) -> None:
    _, subject = send(rows, cast.officer, given_name="Ada", family_name="Fictional", dob=BORN)
    with pytest.raises(ProgrammingError, match="pass_if_sealed"):
        look(asking, getattr(cast, who), subject)


def test_a_form_comes_back_when_the_case_is_no_longer_sealed(
    rows: Session, cast: Cast, sealed: Case, asking: Asking
) -> None:
    referral, subject = send(rows, cast.officer, given_name="Ada", family_name="Fictional", dob=BORN)
    look(asking, cast.officer, subject)
    sealed.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    assert handed_to(rows, referral) == set()
    with asking(cast.second_coordinator) as session:
        assert session.scalar(select(Referral.id)) == referral.id


def test_the_search_among_sealed_children_cannot_be_asked_for_names(asking: Asking, cast: Cast) -> None:
    with asking(cast.coordinator) as session, pytest.raises(ProgrammingError):
        session.execute(text("select ctx.rescope_child('00000000-0000-0000-0000-000000000000')"))
