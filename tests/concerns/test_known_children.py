"""A person of concern who is a child, or may be one whom the portal knows: a child to protect first."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.messages.told import HIDDEN
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child, NameKey
from portal.records.children.rules import Facts, child_keys
from portal.records.concerns import keeping
from portal.records.concerns.model import Concern, ConcernChange
from portal.records.concerns.rules import Described
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.concerns.conftest import Acting, acts, records
from tests.concerns.test_pages import told, words
from tests.factories.cases import grant
from tests.factories.concerns import link
from tests.missing.test_pages import ClientFor
from tests.told import of_event, page_words

MAIL = "mail"


def born(years: int) -> date:
    return clock.today().replace(day=1) - timedelta(days=366 * years)


def keyed(rows: Session, child: Child, name: str, dob: date) -> None:
    """The child of a case, as it is found by its name."""
    child.dob = dob
    keys = child_keys(Facts(names=(name,), born=dob), current_policy().names)
    rows.add_all(NameKey(child_id=child.id, key=key) for key in keys)
    rows.commit()


@pytest.fixture
def child(rows: Session, case: Case) -> Child:
    """Ada Fictional, aged 15, whom social care, the police and health work with."""
    found = rows.get_one(Child, case.child_id)
    keyed(rows, found, "Ada Fictional", born(15))
    return found


def person(acting: Acting, who: User, **said: Any) -> Concern:
    return records(acting, who, kind="person", **said)


def mailed(rows: Session, event: str) -> set[Any]:
    return {who for who, how, _ in of_event(rows, event, last_word=None) if how == MAIL}


def seal(rows: Session, cast: Cast, case: Case, *named: User) -> None:
    for one in named:
        grant(rows, case, one, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ({"details": {"dob": born(15).isoformat()}}, "A child, aged 15"),
        ({"details": {"age": "about 16"}}, "A child, said to be 16"),
        ({"also_child": True}, "May be a child, or exploited too"),
        ({"details": {"dob": born(15).isoformat()}, "also_child": False}, "A child, aged 15"),
    ],
)
def test_a_person_of_concern_who_is_a_child_is_called_one_and_the_hub_hears_of_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, said: dict[str, Any], called: str
) -> None:
    made = person(acting, cast.teacher, name="Quorbin Vantlee", **said)
    assert mailed(rows, "concern_child") == {cast.hub_team.id}
    page = client_for(cast.teacher).soup(f"/concerns/{made.reference}")
    assert f"{called}. Is a form needed?" in words(page)
    assert page.select_one("section[aria-labelledby=is-child] a")
    for address in ("/concerns", "/concerns/list.csv"):
        assert called in client_for(cast.officer).get(address).get_data(as_text=True)
    assert called in words(client_for(cast.officer).soup("/police/people"))


def test_an_age_that_was_said_years_ago_is_that_of_the_day_on_which_it_was_said(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    made = person(acting, cast.teacher, name="Quorbin Vantlee", details={"age": "16"})

    def page_after(years: int) -> str:
        rows.query(ConcernChange).filter_by(concern_id=made.id).update({"changed_at": past(years)})
        rows.query(Concern).filter_by(id=made.id).update({"created_at": past(9)})
        rows.commit()
        client_for(cast.officer).get("/concerns")
        return words(client_for(cast.teacher).soup(f"/concerns/{made.reference}"))

    def past(years: int) -> datetime:
        return clock.now() - timedelta(days=366 * years + 2)

    assert "A child, said to be 16. Is a form needed?" in page_after(0)
    assert f"A child, said on {clock.local(past(1)):%-d %B %Y} to be 16" in page_after(1)
    assert "Is a form needed?" not in page_after(2)
    rows.query(OutboxMessage).filter_by(event="concern_child").delete()
    rows.commit()
    said = Described(name="Quorbin Vantlee", details={"age": "17"})
    acts(acting, cast.teacher, made, keeping.change_concern, said=said, reason="Said anew")
    assert mailed(rows, "concern_child") == {cast.hub_team.id}, "who was no child any more is one by it"
    assert "A child, said to be 17" in words(client_for(cast.teacher).soup(f"/concerns/{made.reference}"))


def test_an_adult_is_called_no_child_and_the_hub_is_not_told(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    for said in (
        {"dob": born(19).isoformat()},
        {"age": "19"},
        {"dob": born(19).isoformat(), "age": "15"},
        {},
    ):
        made = person(acting, cast.teacher, name="Quorbin Vantlee", details=said)
        assert "Is a form needed?" not in words(client_for(cast.teacher).soup(f"/concerns/{made.reference}"))
    assert of_event(rows, "concern_child") == set()


def test_the_recorder_is_asked_on_the_page_that_follows(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    day = born(15)
    dob = {"own_dob-day": str(day.day), "own_dob-month": str(day.month), "own_dob-year": str(day.year)}
    client = client_for(cast.teacher)
    answer = client.submit("/concerns/new/person", told(name="Quorbin Vantlee", **dob))
    page = words(client.soup(answer.location))
    assert "A child, aged 15. Is a form needed?" in page
    assert "Share a concern about this person" in page
    assert cast.hub_team.name in page


def test_the_hub_hears_once_that_what_is_recorded_says_so_now(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    made = person(acting, cast.teacher, name="Quorbin Vantlee")
    assert of_event(rows, "concern_child") == set()
    for number, said in enumerate(({"age": "17"}, {"age": "16"}, {"age": "16", "phones": "01632 960111"})):
        changed = Described(name="Quorbin Vantlee", details=said)
        acts(acting, cast.teacher, made, keeping.change_concern, said=changed, reason=f"Change {number}")
        assert mailed(rows, "concern_child") == {cast.hub_team.id}
    mails = rows.query(OutboxMessage).filter_by(event="concern_child", channel=MAIL)
    assert mails.count() == 1


def test_whoever_works_with_a_known_child_hears_and_the_recorder_learns_nothing_of_it(
    rows: Session, cast: Cast, acting: Acting, child: Child, case: Case, client_for: ClientFor
) -> None:
    said = {"dob": born(15).isoformat()}
    pages = []
    for name in ("Ada Fictional", "Zebedee Unknownson"):
        with acting(cast.teacher) as actor:
            described = Described(name=name, details=said)
            made = keeping.create_concern(actor=actor, kind=ConcernKind.PERSON, said=described)
            reference = made.reference
            pages.append(page_words())
        page = words(client_for(cast.teacher).soup(f"/concerns/{reference}"))
        assert "May be a child you know" not in page
        assert case.reference not in page
    assert pages[0] == pages[1], "the same for a child whom nobody knows"
    assert HIDDEN in pages[0]
    for who in (cast.social_worker, cast.officer, cast.nurse):
        assert who.name not in pages[0]
    known = mailed(rows, "concern_known")
    assert {cast.social_worker.id, cast.nurse.id, cast.officer.id} == known
    assert not known & {cast.teacher.id, cast.stranger.id}


def test_of_a_name_alone_that_one_known_child_has_the_hub_and_whoever_works_with_them_hear(
    rows: Session, cast: Cast, acting: Acting, child: Child
) -> None:
    person(acting, cast.teacher, name="Ada Fictional")
    assert of_event(rows, "concern_child") == set()
    assert {cast.hub_team.id, cast.social_worker.id} <= mailed(rows, "concern_known")


@pytest.mark.parametrize(
    ("name", "details"),
    [
        ("Ada Fictional", {"dob": born(40).isoformat()}),
        ("Ada Fictional", {"age": "40"}),
        ("Bella Fictional", {"dob": born(15).isoformat()}),
        ("Ada", {}),
    ],
)
def test_somebody_else_is_not_taken_for_a_known_child(
    rows: Session, cast: Cast, acting: Acting, child: Child, name: str, details: dict[str, str]
) -> None:
    person(acting, cast.teacher, name=name, details=details)
    assert of_event(rows, "concern_known", last_word=None) == set()


def corrects(acting: Acting, who: User, concern: Concern, **said: Any) -> None:
    changed = Described(**({"name": "Ada Fictional"} | said))
    acts(acting, who, concern, keeping.change_concern, said=changed, reason="Put right")


def of_match(rows: Session, who: Any) -> int:
    to = (OutboxMessage.recipient_id == who.id) | (OutboxMessage.recipient_team_id == who.id)
    return rows.query(OutboxMessage).filter_by(event="concern_known", channel=MAIL).filter(to).count()


def test_whoever_works_with_a_known_child_hears_once_of_one_match(
    rows: Session, cast: Cast, acting: Acting, child: Child
) -> None:
    made = person(acting, cast.teacher, name="Ada Fictional")
    for phone in ("01632 960111", "01632 960112"):
        corrects(acting, cast.teacher, made, details={"phones": phone})
    assert of_match(rows, cast.social_worker) == of_match(rows, cast.hub_team) == 1


def test_an_age_that_was_put_right_is_compared_by_the_day_on_which_it_was(
    rows: Session, cast: Cast, acting: Acting, child: Child
) -> None:
    made = person(acting, cast.teacher, name="Ada Fictional", details={"age": "30"})
    rows.query(ConcernChange).filter_by(concern_id=made.id).update(
        {"changed_at": clock.now() - timedelta(days=1500)}
    )
    rows.query(Concern).filter_by(id=made.id).update({"created_at": clock.now() - timedelta(days=1500)})
    rows.commit()
    assert of_match(rows, cast.social_worker) == 0
    corrects(acting, cast.teacher, made, details={"age": "15"})
    assert of_match(rows, cast.social_worker) == 1


def test_nobody_hears_that_a_child_may_be_meant_who_is_linked_for_all_who_work_with_them(
    rows: Session, cast: Cast, acting: Acting, child: Child
) -> None:
    made = person(acting, cast.teacher, name="Adelaide Fictional")
    link(rows, rows.get_one(Concern, made.id), child, cast.officer, role="is_person")
    corrects(acting, cast.teacher, made)
    assert of_event(rows, "concern_known", last_word=None) == set()


def test_who_works_with_a_child_hears_of_a_match_whose_link_is_for_one_agency_alone(
    rows: Session, cast: Cast, acting: Acting, child: Child
) -> None:
    made = person(acting, cast.teacher, name="Adelaide Fictional")
    held = link(rows, rows.get_one(Concern, made.id), child, cast.officer, role="is_person")
    held.handling = "agencies"
    rows.commit()
    corrects(acting, cast.teacher, made)
    assert cast.social_worker.id in mailed(rows, "concern_known")


def test_the_hub_hears_of_a_match_by_a_correction_of_who_was_called_a_child_before(
    rows: Session, cast: Cast, acting: Acting, child: Child
) -> None:
    made = person(acting, cast.teacher, name="Adelaide Fictional", details={"age": "15"})
    assert mailed(rows, "concern_child") == {cast.hub_team.id}
    assert of_match(rows, cast.hub_team) == 0
    corrects(acting, cast.teacher, made, details={"age": "15"})
    assert of_match(rows, cast.hub_team) == 1


def test_of_a_sealed_case_only_those_named_on_it_hear_and_not_the_hub(
    rows: Session, cast: Cast, acting: Acting, child: Child, case: Case, client_for: ClientFor
) -> None:
    seal(rows, cast, case, cast.social_worker, cast.coordinator)
    made = person(acting, cast.teacher, name="Ada Fictional")
    known = {who for who, *_ in of_event(rows, "concern_known", last_word=None)}
    assert known == {cast.social_worker.id, cast.coordinator.id}
    address = f"/concerns/{made.reference}"
    assert child.reference in words(client_for(cast.coordinator).soup(address)), "who reads both"
    for who in (cast.second_coordinator, cast.officer, cast.teacher):
        page = words(client_for(who).soup(address))
        assert "May be a child you know" not in page
        assert child.reference not in page


def test_whoever_is_not_let_in_learns_of_which_case_it_is_and_whom_to_ring(
    rows: Session, cast: Cast, acting: Acting, child: Child, case: Case, client_for: ClientFor
) -> None:
    made = person(acting, cast.teacher, name="Ada Fictional")
    of = rows.query(OutboxMessage).filter_by(event="concern_known", channel=MAIL)
    message = of.filter_by(recipient_id=cast.social_worker.id).one()
    page = words(client_for(cast.social_worker).soup(f"/go/{message.id}"))
    assert case.reference in page
    assert "Ring whoever answers for it" in page
    assert "It may be somebody else" in page
    assert "fits that child no longer" not in page
    assert "how they belong together" not in page
    assert client_for(cast.social_worker).get(f"/concerns/{made.reference}").status_code == 404
    assert client_for(cast.stranger).get(f"/go/{message.id}").status_code == 404


def ends(acting: Acting, who: User, concern: Concern) -> None:
    acts(acting, who, concern, keeping.end_concern, reason="Not of concern any more")


@pytest.mark.parametrize("what", [lambda *how: corrects(*how, details={"dob": born(40).isoformat()}), ends])
def test_whoever_was_told_of_a_match_learns_which_case_it_was_also_when_it_fits_no_longer(
    rows: Session,
    cast: Cast,
    acting: Acting,
    child: Child,
    case: Case,
    client_for: ClientFor,
    what: Callable[[Acting, User, Concern], None],
) -> None:
    made = person(acting, cast.teacher, name="Ada Fictional")
    of = rows.query(OutboxMessage).filter_by(event="concern_known", channel=MAIL)
    message = of.filter_by(recipient_id=cast.social_worker.id).one()
    what(acting, cast.teacher, made)
    page = words(client_for(cast.social_worker).soup(f"/go/{message.id}"))
    assert case.reference in page
    assert "Ring whoever answers for it" in page
    assert "What is recorded fits that child no longer" in page
    for who in (cast.stranger, cast.neighbour, cast.teacher):  # to none of whom it was written
        assert client_for(who).get(f"/go/{message.id}").status_code == 404


def test_of_who_is_held_closely_nobody_hears_who_is_not_let_in(
    rows: Session, cast: Cast, acting: Acting, child: Child
) -> None:
    person(acting, cast.teacher, name="Ada Fictional", restricted=True)
    known = {who for who, *_ in of_event(rows, "concern_known", last_word=None)}
    assert cast.hub_team.id in known
    assert not known & {cast.social_worker.id, cast.nurse.id, cast.officer.id}


def test_whoever_reads_both_is_shown_the_child_until_they_are_linked(
    rows: Session, cast: Cast, acting: Acting, child: Child, client_for: ClientFor
) -> None:
    made = person(acting, cast.teacher, name="Ada Fictional")
    address = f"/concerns/{made.reference}"
    page = words(client_for(cast.officer).soup(address))
    assert "May be a child you know" in page
    assert child.reference in page
    for who in (cast.teacher, cast.neighbour):  # one of another police team, who works with no child
        assert child.reference not in words(client_for(who).soup(address))
    link(rows, rows.get_one(Concern, made.id), child, cast.officer, role="is_person")
    assert "May be a child you know" not in words(client_for(cast.officer).soup(address))
