"""A record without a case that is said to be the same child as one held closely is as closed as that one."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink, ChildRecord, NameKey
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.vocabulary import CaseState, Sensitivity
from tests.access.test_reach import Asking
from tests.access.test_sealed import handed_to, look, send
from tests.cases.pages import words
from tests.cases.test_sensitivity import change
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.missing import make_episode
from tests.missing.conftest import Acting, case, reports
from tests.missing.test_linked_records import links
from tests.missing.test_pages import ClientFor, reported
from tests.missing.test_same_child import AS_TYPED, find_by_name

__all__ = ["case"]

BORN = date(2011, 8, 17)
NAME = "Thorrin Quellamey"


@pytest.fixture
def emptied(rows: Session, cast: Cast, case: Case, acting: Acting) -> Child:
    """A second record of the child of the case, by another name, which the hub linked with it."""
    found = make_child(rows, *NAME.split(), dob=BORN)
    find_by_name(rows, found)
    links(acting, cast, rows.get_one(Child, case.child_id), found)
    return found


def holds(rows: Session, cast: Cast, case: Case, to: Sensitivity) -> None:
    """The case is held so; social worker and coordinator are named on it."""
    for person in (cast.social_worker, cast.coordinator):
        grant(rows, case, person, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(to)
    rows.commit()


def reads(asking: Asking, person: User, child: Child) -> tuple[int, ...]:
    """How many rows of a child's own tables somebody reads, on the connection of the application."""
    with asking(person) as session:
        found = [session.scalar(select(func.count()).select_from(Child).where(Child.id == child.id))]
        for one in (ChildRecord, NameKey, MissingEpisode):
            found.append(
                session.scalar(select(func.count()).select_from(one).where(one.child_id == child.id))
            )
        return tuple(min(number or 0, 1) for number in found)


def drift(rows: Session) -> Any:
    rows.rollback()
    rows.execute(text("set local role portal_scope"))
    found = rows.execute(text("select ctx.scope_drift()")).scalar_one()
    rows.rollback()
    return found


ALL, NOTHING = (1, 1, 1, 1), (0, 0, 0, 0)


def test_it_is_sealed_with_the_case_and_opens_again_with_it(
    rows: Session, cast: Cast, case: Case, emptied: Child, asking: Asking
) -> None:
    make_episode(rows, emptied, cast.nurse, team=cast.health_team)
    rest = (cast.colleague, cast.officer, cast.chair, cast.neighbour, cast.stranger, cast.community_safety)
    assert reads(asking, cast.second_coordinator, emptied) == ALL
    holds(rows, cast, case, Sensitivity.SEALED)
    for person in (cast.second_coordinator, cast.social_care_manager, *rest):
        assert reads(asking, person, emptied) == NOTHING, person.name
    assert reads(asking, cast.nurse, emptied) == (0, 0, 0, 1), "their team recorded it"
    for person in (cast.coordinator, cast.social_worker):
        assert reads(asking, person, emptied) == ALL, person.name
    assert drift(rows) == 0
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.NORMAL)
    rows.commit()
    assert reads(asking, cast.second_coordinator, emptied) == ALL
    assert reads(asking, cast.social_worker, emptied)[1] == 0, (
        "who works with the other does not read it in full"
    )
    assert drift(rows) == 0


def test_of_a_restricted_case_the_hub_and_those_named_read_it(
    rows: Session, cast: Cast, case: Case, emptied: Child, asking: Asking
) -> None:
    make_episode(rows, emptied, cast.teacher, team=cast.school_team)
    assert reads(asking, cast.neighbour, emptied)[3] == 1, "the police look for it"
    holds(rows, cast, case, Sensitivity.RESTRICTED)
    for person in (cast.second_coordinator, cast.social_worker):
        assert reads(asking, person, emptied) == ALL
    for person in (cast.neighbour, cast.officer, cast.nurse, cast.stranger):
        assert reads(asking, person, emptied) == NOTHING, person.name
    assert drift(rows) == 0


def test_it_follows_links_that_are_made_and_undone_also_by_way_of_another(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    holds(rows, cast, case, Sensitivity.SEALED)
    first, second = make_child(rows, "Adda", "Fictional"), make_child(rows, "Addah", "Fictional")
    said = {"reason": "The same mother", "linked_by": cast.coordinator.id, "created_at": clock.now()}
    between = ChildLink(id=new_id(), child_a=first.id, child_b=second.id, **said)
    rows.add(between)
    rows.commit()
    assert reads(asking, cast.second_coordinator, second)[:2] == (1, 1)
    rows.add(ChildLink(id=new_id(), child_a=case.child_id, child_b=first.id, **said))
    rows.commit()
    for one in (first, second):
        assert reads(asking, cast.second_coordinator, one) == NOTHING
        assert reads(asking, cast.coordinator, one)[:2] == (1, 1)
    assert drift(rows) == 0
    rows.get_one(ChildLink, between.id).unlinked_at = clock.now()
    rows.commit()
    assert reads(asking, cast.second_coordinator, second)[:2] == (1, 1), "two children after all"
    assert reads(asking, cast.second_coordinator, first) == NOTHING
    assert drift(rows) == 0


@pytest.mark.parametrize("state", [CaseState.AWAITING_ASSESSMENT, CaseState.CLOSED])
def test_a_record_with_a_case_of_its_own_keeps_its_own_reach(
    rows: Session, cast: Cast, case: Case, emptied: Child, asking: Asking, state: CaseState
) -> None:
    holds(rows, cast, case, Sensitivity.SEALED)
    assert reads(asking, cast.second_coordinator, emptied) == NOTHING
    make_case(rows, emptied, lead=cast.health, opened_by=cast.coordinator, state=state)
    assert reads(asking, cast.second_coordinator, emptied)[:2] == (1, 1)
    assert reads(asking, cast.social_worker, emptied)[1] == 0
    assert drift(rows) == 0


def test_no_page_and_no_search_has_it_and_a_report_of_it_goes_to_who_works_with_the_child(
    rows: Session,
    cast: Cast,
    case: Case,
    emptied: Child,
    acting: Acting,
    client_for: ClientFor,
    asking: Asking,
) -> None:
    sent = change(client_for(cast.coordinator), case, Sensitivity.SEALED)
    assert sent.status_code == 303
    given, family = NAME.split()
    typed = reported(given_name=given, family_name=family) | {
        "dob-day": str(BORN.day),
        "dob-month": str(BORN.month),
        "dob-year": str(BORN.year),
    }
    for person in (cast.second_coordinator, cast.colleague, cast.stranger, cast.neighbour):
        client = client_for(person)
        assert client.get(f"/children/{emptied.reference}").status_code == 404, person.name
        assert emptied.reference not in client.get(f"/search?q={family}").text
        offered = client.submit("/missing/report/known", typed, headers=AS_TYPED)
        assert emptied.reference not in offered.text, person.name
        assert client.get(f"/missing/report?child={emptied.reference}").status_code in {200, 404}
    said = []
    with time_machine.travel(clock.now(), tick=False):  # the pages say when each was made
        episode = reports(acting, cast.second_coordinator, name=NAME, dob=BORN)
        unknown = reports(acting, cast.second_coordinator, name="Nobody Atall", dob=BORN)
        for one, name in ((episode, NAME), (unknown, "Nobody Atall")):
            main = client_for(cast.second_coordinator).soup(f"/missing/{one.reference}").select_one("main")
            said.append(main.get_text(" ", strip=True).replace(name, "").replace(one.reference, ""))  # type: ignore[union-attr] # each page has one
    rows.rollback()
    assert rows.get_one(MissingEpisode, episode.id).child_id == case.child_id
    assert said[0] == said[1], "as of a child whom nobody knows"
    for person in (cast.neighbour, cast.colleague, cast.stranger, cast.social_care_manager):
        with asking(person) as session:
            assert session.get(MissingEpisode, episode.id) is None, person.name
    lead = words(client_for(cast.social_worker).soup(f"/cases/{case.reference}"))
    assert "Missing now" in lead
    assert "1 in the last 30 days" in lead


def test_an_older_episode_counts_for_whoever_reads_the_sealed_case(
    rows: Session, cast: Cast, case: Case, emptied: Child, client_for: ClientFor
) -> None:
    make_episode(rows, emptied, cast.nurse, team=cast.health_team)
    holds(rows, cast, case, Sensitivity.SEALED)
    for person in (cast.social_worker, cast.coordinator):
        page = words(client_for(person).soup(f"/cases/{case.reference}"))
        assert "1 in the last 30 days, 1 on linked records" in page, person.name


def test_a_form_by_its_name_is_passed_to_those_named(
    rows: Session, cast: Cast, case: Case, emptied: Child, asking: Asking
) -> None:
    holds(rows, cast, case, Sensitivity.SEALED)
    given, family = NAME.split()
    referral, subject = send(rows, cast.officer, given_name=given, family_name=family, dob=BORN)
    look(asking, cast.officer, subject)
    assert handed_to(rows, referral) == {case.id}


def matched(rows: Session, referral: Referral, subject: ReferralSubject, child: Child) -> None:
    """The hub found that the child on a form is this one."""
    found = ReferralChild(
        subject_id=subject.id, referral_id=referral.id, child_id=child.id, matched_at=clock.now()
    )
    rows.add(found)
    rows.commit()


def reads_form(asking: Asking, person: User, referral: Referral) -> bool:
    with asking(person) as session:
        return session.scalar(select(Referral.id).where(Referral.id == referral.id)) is not None


@pytest.mark.parametrize("last", ["link", "match", "seal"])
@pytest.mark.parametrize("between", [0, 1])
def test_a_form_about_it_is_for_those_named_whatever_comes_last(
    rows: Session, cast: Cast, case: Case, asking: Asking, last: str, between: int
) -> None:
    """The link, the match, or the seal; also where the record is linked by way of another."""
    other = make_child(rows, *NAME.split(), dob=BORN)
    referral, subject = send(rows, cast.officer, given_name="Thorrin", family_name="Quellamey", dob=BORN)
    said = {"reason": "The same mother", "linked_by": cast.coordinator.id, "created_at": clock.now()}
    chain = [case.child_id, *(make_child(rows, "Thorin", "Quellamy").id for _ in range(between)), other.id]

    def link() -> None:
        for one, two in pairwise(chain):
            rows.add(ChildLink(id=new_id(), child_a=one, child_b=two, **said))
        rows.commit()

    steps: dict[str, Callable[[], None]] = {
        "link": link,
        "match": lambda: matched(rows, referral, subject, other),
        "seal": lambda: holds(rows, cast, case, Sensitivity.SEALED),
    }
    for name, step in steps.items():
        if name != last:
            step()
    assert reads_form(asking, cast.second_coordinator, referral), "nothing hides it yet"
    steps[last]()
    assert handed_to(rows, referral) == {case.id}
    assert reads_form(asking, cast.coordinator, referral), "named on the case"
    for person in (cast.officer, cast.police_manager):
        assert reads_form(asking, person, referral), "who sent it reads what they wrote"
    for person in (cast.second_coordinator, cast.colleague, cast.nurse, cast.stranger, cast.social_worker):
        assert not reads_form(asking, person, referral), person.name
        with asking(person) as session:
            assert not session.scalar(select(func.count()).select_from(ReferralChild)), person.name
    assert drift(rows) == 0


def test_a_form_about_it_comes_back_with_the_case_and_when_they_are_two_children(
    rows: Session, cast: Cast, case: Case, emptied: Child, asking: Asking
) -> None:
    referral, subject = send(rows, cast.officer, given_name="Thorrin", family_name="Quellamey", dob=BORN)
    matched(rows, referral, subject, emptied)
    holds(rows, cast, case, Sensitivity.SEALED)
    assert handed_to(rows, referral) == {case.id}
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    assert handed_to(rows, referral) == set()
    assert reads_form(asking, cast.second_coordinator, referral)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert not reads_form(asking, cast.second_coordinator, referral)
    rows.scalars(select(ChildLink)).one().unlinked_at = clock.now()
    rows.commit()
    assert handed_to(rows, referral) == set(), "two children after all"
    assert reads_form(asking, cast.second_coordinator, referral)
    assert drift(rows) == 0


def test_a_form_about_a_record_that_gets_a_case_of_its_own_follows_that(
    rows: Session, cast: Cast, case: Case, emptied: Child, asking: Asking
) -> None:
    referral, subject = send(rows, cast.officer, given_name="Thorrin", family_name="Quellamey", dob=BORN)
    matched(rows, referral, subject, emptied)
    holds(rows, cast, case, Sensitivity.SEALED)
    assert handed_to(rows, referral) == {case.id}
    own = make_case(rows, emptied, lead=cast.health, opened_by=cast.coordinator)
    assert handed_to(rows, referral) == set()
    own.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert handed_to(rows, referral) == {own.id}
    assert not reads_form(asking, cast.second_coordinator, referral)
    assert drift(rows) == 0
