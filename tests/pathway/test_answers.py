"""What a form says survives being kept as JSON, and a child on it is looked up by what is telling."""

from datetime import UTC, date, datetime

import pytest

from portal.policy import Policy
from portal.records.children.rules import Facts, child_keys, sealed_search, sought_facts
from portal.records.entries.vocabulary import FamilySafe
from portal.records.referrals.rules import (
    DETAILS,
    AccountDetails,
    ChildDetails,
    FormAnswers,
    PersonDetails,
    VehicleDetails,
    read_details,
)
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import Answer, SubjectKind, Urgency

TODAY = date(2026, 11, 24)
ADA = ChildDetails(
    given_name="Ada",
    family_name="Fictional",
    dob=date(2012, 5, 4),
    statuses=("cin", "ehcp"),
    not_known=("gp",),
)


def test_details_come_back_as_they_were_kept() -> None:
    person = PersonDetails(other_names="Big T", also_a_child=Answer.NOT_KNOWN, age=30)
    assert read_details("child", ADA.as_json()) == ADA
    assert read_details(SubjectKind.PERSON, person.as_json()) == person


def test_what_was_not_answered_is_not_kept() -> None:
    assert VehicleDetails(registration="AB12").as_json() == {"registration": "AB12"}
    assert not VehicleDetails().as_json()


def test_a_form_comes_back_as_it_was_kept() -> None:
    answers = FormAnswers(
        urgency=Urgency.IMMEDIATE,
        kind="child",
        types=("cse",),
        event_from=date(2026, 11, 1),
        family_may_be_told=FamilySafe.ASK,
        concerns_colleague=False,
        channel=Channel.PHONE,
        received_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    )
    assert FormAnswers.from_json(answers.as_json()) == answers
    assert answers.immediate_danger


def test_an_answer_to_a_question_that_is_no_longer_asked_is_passed_over() -> None:
    assert read_details("child", {"given_name": "Ada", "star_sign": "Leo"}).label == "Ada"


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_everything_on_a_form_has_a_label_even_when_nothing_is_known(kind: SubjectKind) -> None:
    assert DETAILS[kind]().label


def test_labels_are_what_people_would_call_it() -> None:
    assert ADA.label == "Ada Fictional"
    assert AccountDetails(handle="@t", platform_name="Chatter").label == "@t on Chatter"
    assert VehicleDetails(colour="Red", make="Van").label == "Red Van"


def test_other_names_are_looked_up_one_by_one() -> None:
    facts = sought_facts(ChildDetails(given_name="Ada", other_names="Addie, Ace aka The Kid"))
    assert facts.names == ("Ada", "Addie", "Ace", "The Kid")


@pytest.mark.parametrize(
    ("on_form", "passes"),
    [
        (ADA, True),
        (ChildDetails(given_name="Fictional", family_name="Ada", dob=date(2012, 4, 5)), True),
        (ChildDetails(given_name="Aida", family_name="Fictional", age=14), True),
        (ChildDetails(given_name="Ben", family_name="Fictional", dob=date(2012, 5, 4)), False),
        (ChildDetails(given_name="Ada", family_name="Fictional", dob=date(2005, 1, 1)), False),
        (ChildDetails(given_name="Ada", family_name="Other", dob=date(2012, 5, 4)), False),
    ],
    ids=[
        "same",
        "reversed, day and month swapped",
        "other spelling, age only",
        "twin",
        "other age",
        "other name",
    ],
)
def test_a_sealed_child_is_recognised_and_a_twin_is_not(
    policy: Policy, on_form: ChildDetails, passes: bool
) -> None:
    stored = child_keys(Facts(names=("Ada Fictional",), born=date(2012, 5, 4)), policy.names)
    search = sealed_search(on_form, policy.names, TODAY)
    shared = {key.partition(":")[0] for key in stored & set(search.keys)}
    born = date(2012, 5, 4) in search.dobs or "born" in shared
    assert ("pair" in shared and born) is passes
