"""The form keeps every word that was typed, right or wrong, and reads what is right."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.policy import load, load_book, use
from portal.records.referrals.forms.items import ChildForm, ChildrenPage, OthersPage, typed_child
from portal.records.referrals.forms.pages import (
    MOST,
    AboutForm,
    FormSetting,
    HappenedForm,
    SenderForm,
    has_answers,
    read,
)
from portal.records.referrals.rules import ChildDetails
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import SubjectKind, Urgency
from tests.policy.editing import SHIPPED

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def setting() -> FormSetting:
    use(load_book(SHIPPED))  # fields ask it how long a text may be: the same book as the application's
    return FormSetting(load(SHIPPED, on=date(2026, 11, 24)), agencies=(("a1", "Borough council"),))


def posted(**values: str | list[str]) -> MultiDict[str, str]:
    return MultiDict(
        [
            (k.replace("__", "-"), v)
            for k, vs in values.items()
            for v in (vs if isinstance(vs, list) else [vs])
        ]
    )


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"what_happened": ""}, "Say what happened"),
        ({"what_happened": "x" * 20_001}, "What happened: shorten your answer by 1 character"),
        (
            {
                "what_happened": "x",
                "event_from__day": "31",
                "event_from__month": "2",
                "event_from__year": "2026",
            },
            "The day it began must be a real date: that month has no day 31",
        ),
        (
            {
                "what_happened": "x",
                "event_from__day": "1",
                "event_from__month": "1",
                "event_from__year": "2027",
            },
            "The day it began must be 24 November 2026 or earlier",
        ),
    ],
)
@time_machine.travel(NOW)
def test_what_is_wrong_is_said_and_stays(setting: FormSetting, typed: dict[str, str], message: str) -> None:
    page = HappenedForm.of_posted(setting, posted(**typed))
    assert not page.validate()
    assert list(page.problems()) == [message]
    again = HappenedForm(setting, page.typed)
    assert again.what_happened.data == typed["what_happened"]
    assert again.event_from.typed["day"] == typed.get("event_from__day", "")


def test_an_end_before_the_beginning_is_wrong(setting: FormSetting) -> None:
    dates = {"event_from__day": "2", "event_from__month": "11", "event_from__year": "2025"}
    dates |= {"event_to__day": "1", "event_to__month": "11", "event_to__year": "2025"}
    page = HappenedForm.of_posted(setting, posted(what_happened="x", **dates))
    assert not page.validate()
    assert "must not be before" in next(page.problems())


def test_what_no_database_can_hold_is_taken_out(setting: FormSetting) -> None:
    page = HappenedForm.of_posted(setting, posted(what_happened="One\x00\r\nTwo\rThree\x1b"))
    assert page.typed["what_happened"] == ["One\nTwo\nThree"]


def test_a_code_that_is_not_on_offer_is_refused_and_kept(setting: FormSetting) -> None:
    page = AboutForm.of_posted(setting, posted(kind="dragon", types=["cse", "cce"]))
    assert not page.validate()
    assert page.typed == {"kind": ["dragon"], "types": ["cse", "cce"]}


def test_items_come_in_the_order_of_the_page(setting: FormSetting) -> None:
    page = ChildrenPage.of_posted(
        setting, posted(children__3__given_name="Ada", children__10__given_name="Ben", children__x="no")
    )
    assert [form.given_name.data for form in page.forms] == ["Ada", "Ben"]  # type: ignore[attr-defined]  # children all
    assert [form.given_name.name for form in page.forms] == ["children-0-given_name", "children-1-given_name"]  # type: ignore[attr-defined]  # children all


def test_an_item_is_added_and_taken_away(setting: FormSetting) -> None:
    page = ChildrenPage(setting, {"children": [{"given_name": ["Ada"]}, {"given_name": ["Ben"]}]})
    assert len(page.with_another("children").forms) == 3
    assert page.without("children-0").typed == {"children": [{"given_name": ["Ben"]}]}
    assert page.without("children-7").typed == page.typed
    assert page.with_another("dragons").typed == page.typed


def test_a_list_has_an_end(setting: FormSetting) -> None:
    page = ChildrenPage(setting, {"children": [{"given_name": ["Ada"]}] * MOST})
    assert len(page.with_another("children").forms) == MOST


def test_the_page_opens_with_what_the_form_is_about(setting: FormSetting) -> None:
    page = OthersPage(setting, {}).beginning_with(SubjectKind.PLACE)
    assert [one.of.name for one in page.lists.values() if one.items] == ["places"]


def test_nothing_known_of_a_child_is_an_answer(setting: FormSetting) -> None:
    page = ChildrenPage.of_posted(
        setting, posted(children__0__not_known=["name", "dob"], children__1__given_name="")
    )
    assert page.validate()
    assert [one.as_json() for one in page.details()] == [{"not_known": ["name", "dob"]}]


def test_a_wrong_nhs_number_is_told_with_the_child_it_is_about(setting: FormSetting) -> None:
    page = ChildrenPage.of_posted(
        setting, posted(children__0__given_name="Ada", children__0__nhs_number="943 476 5910")
    )
    assert not page.validate()
    assert list(page.problems()) == ["Child 1: Check the NHS number: it has a wrong or swapped digit"]
    assert ChildForm(setting, page.typed["children"][0]).nhs_number.data == "943 476 5910"


@pytest.mark.parametrize(
    ("age", "right"), [("14", True), ("0", True), ("14½", False), ("four", False), ("999", False)]
)
def test_an_age_is_in_whole_years(setting: FormSetting, age: str, right: bool) -> None:
    assert ChildForm(setting, {"age": [age]}).validate() is right


@pytest.mark.parametrize(
    ("at", "right"),
    [
        ("09:30", True),
        ("9.30", True),
        ("0930", True),
        ("9:30am", True),
        ("2pm", False),
        ("late", False),
        ("25:00", False),
    ],
)
@time_machine.travel(NOW)
def test_a_form_cannot_have_arrived_in_the_future(setting: FormSetting, at: str, right: bool) -> None:
    page = SenderForm.of_posted(
        setting,
        posted(
            channel="phone",
            received_time=at,
            received_on__day="24",
            received_on__month="11",
            received_on__year="2026",
        ),
    )
    assert page.validate() is right
    if right:
        assert page.answers()["received_at"] == "2026-11-24T09:30:00+00:00"


def test_a_known_child_is_filled_in(setting: FormSetting) -> None:
    ada = ChildDetails(given_name="Ada", dob=date(2012, 5, 4), nhs_number="9434765919", statuses=("cin",))
    page = ChildrenPage(setting, {"children": [typed_child(ada)]})
    assert page.validate()
    assert page.details() == [ada]


def test_a_draft_reads_as_one_form(setting: FormSetting) -> None:
    reading = read(
        {
            "urgency": {"urgency": ["later"]},
            "about": {"kind": ["child"], "types": ["cse"], "district": ["derby"]},
            "children": {
                "children": [{"given_name": ["Ada"], "postcode": ["de11aa"]}, {"given_name": [" "]}]
            },
            "others": {"vehicles": [{"registration": ["AB12"]}]},
            "happened": {"what_happened": ["Seen in a car"], "event_from-day": ["x"]},
            "source": {"source": ["A neighbour"], "at_risk": ["not_known"]},
            "sharing": {"family_aware": ["no"], "concerns_colleague": ["y"]},
        },
        setting,
        for_sender=False,
    )
    assert reading.answers.urgency is Urgency.LATER
    assert reading.answers.types == ("cse",)
    assert reading.answers.event_from is None
    assert reading.answers.concerns_colleague is True
    assert [one.label for one in reading.details] == ["Ada", "AB12"]
    assert (reading.source, reading.source_at_risk) == ("A neighbour", None)
    assert "source" not in reading.answers.as_json().values()
    assert [one.step for one in reading.problems] == ["happened"]


def test_an_empty_draft_lacks_the_three_answers_that_have_to_be_given(setting: FormSetting) -> None:
    assert [one.step for one in read({}, setting, for_sender=False).problems] == [
        "urgency",
        "about",
        "happened",
    ]


def test_an_empty_form_for_a_sender_also_lacks_channel_and_arrival(setting: FormSetting) -> None:
    reading = read({"sender": {"channel": ["phone"]}}, setting, for_sender=True)
    assert [one.step for one in reading.problems].count("sender") == 2
    assert reading.answers.channel is Channel.PHONE


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, False),
        ({"a": [" "]}, False),
        ({"a": ["x"]}, True),
        ({"a": [{"b": [""]}]}, False),
        ({"a": [{"b": ["x"]}]}, True),
    ],
)
def test_a_page_says_something_or_not(typed: dict[str, list[object]], says: bool) -> None:
    assert has_answers(typed) is says


@pytest.mark.parametrize(
    ("age", "says"),
    [
        ("25", ""),
        ("26", "up to 25"),
        ("121", "nobody is 121 years old"),
        ("150", "nobody is 150 years old"),
        ("about 14", "enter a number of years, like 14"),
        ("-3", "enter a number of years, like 14"),
        ("14.5", "enter a number of years, like 14"),
        ("\uff19", "enter a number of years, like 14"),
        ("9" * 40, "nobody is 999999999 years old"),
    ],
)
def test_an_odd_age_of_a_child_is_answered_in_words(setting: FormSetting, age: str, says: str) -> None:
    form = ChildForm(setting, {"age": [age]})
    assert form.validate() is not bool(says)
    assert says in " ".join(str(one) for one in form.age.errors)


@pytest.mark.parametrize(("years", "right"), [(14, True), (25, True), (26, False), (90, False)])
def test_a_birth_date_of_an_adult_is_no_childs(setting: FormSetting, years: int, right: bool) -> None:
    year = str(clock.today().year - years)
    form = ChildForm(setting, {"dob-day": ["1"], "dob-month": ["1"], "dob-year": [year]})
    assert form.validate() is right
    assert right or f"That makes them {years}" in str(form.dob.errors[0])
