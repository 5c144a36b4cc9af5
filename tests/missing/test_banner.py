"""A child who is missing now: one banner on every page of the child, and a mark in every list."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import AbsenceCover, CaseNews
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink
from portal.records.missing.model import MissingEpisode
from portal.records.missing.presenter.words import lasted
from portal.vocabulary import Sensitivity
from tests.absences.test_absences import away
from tests.cases.test_page import BUDGET
from tests.cast import Cast
from tests.factories.cases import add_alert, add_entry, grant, make_case, make_child
from tests.factories.children import ask
from tests.factories.concerns import link, make_concern
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.factories.linked import make_process
from tests.factories.meetings import make_meeting
from tests.factories.missing import make_episode
from tests.factories.plans import make_action
from tests.factories.referrals import make_sent_referral
from tests.missing.test_pages import ClientFor
from tests.missing.test_reporting import hide
from tests.missing.test_same_child import find_by_name
from tests.statements import beside_the_context, plan_in_order


@pytest.fixture
def episode(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """One that runs, which the police recorded and graded."""
    return make_episode(
        rows,
        rows.get_one(Child, case.child_id),
        cast.officer,
        team=cast.police_team,
        grade="high",
        police_reference="PC-1801",
    )


def pages(rows: Session, cast: Cast, case: Case) -> list[str]:
    """Each page of the child, beside those of the case that share its head."""
    child = rows.get_one(Child, case.child_id).reference
    meeting = make_meeting(
        rows, cases=[case], chair=cast.social_worker, note_taker=cast.nurse, called_by=cast.social_worker
    )
    return [
        f"/cases/{case.reference}",
        f"/cases/{case.reference}/print",
        f"/cases/{case.reference}/plan",
        f"/children/{child}",
        f"/children/{child}/chronology",
        f"/children/{child}/chronology/print",
        f"/children/{child}/return-interviews",
        f"/meetings/{meeting.reference}",
    ]


@pytest.mark.parametrize(
    ("passed", "says"),
    [
        (timedelta(seconds=20), "1 minute"),
        (timedelta(minutes=49), "49 minutes"),
        (timedelta(hours=1, minutes=48), "1 hour and 48 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(days=1, minutes=30), "1 day"),
        (timedelta(days=2, hours=3, minutes=9), "2 days and 3 hours"),
    ],
)
def test_how_long_a_child_was_missing_is_said_to_the_minute_under_a_day(passed: timedelta, says: str) -> None:
    now = clock.now()
    assert lasted(now - passed, now) == says


def test_every_page_of_the_child_says_since_when_how_it_is_graded_and_whom_to_ring(
    rows: Session,
    cast: Cast,
    case: Case,
    episode: MissingEpisode,
    client_for: ClientFor,
    statements: list[str],
) -> None:
    client = client_for(cast.social_worker)
    for page in pages(rows, cast, case):
        statements.clear()
        soup = client.soup(page)
        banner = soup.find(class_="app-missing")
        assert banner is not None, page
        words = banner.get_text(" ", strip=True)
        for said in ("issing now", "since", "Police grade: High", "101", "PC-1801", cast.police_team.name):
            assert said in words, (page, said)
        alone = [one for one in statements if one.strip().startswith("(select json_build_object")]
        assert not alone, (page, "it is read with what the page reads anyway")


@pytest.mark.parametrize("others", [None, "low"])
def test_of_two_reports_the_banner_says_the_graver_grade_and_the_reference_that_goes_with_it(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor, others: str | None
) -> None:
    """Also where another began earlier, whose link it has."""
    earlier, cited = clock.now() - timedelta(hours=9), "PC-7" if others else None
    child = rows.get_one(Child, case.child_id)
    first = make_episode(rows, child, cast.nurse, since=earlier, grade=others, police_reference=cited)
    client = client_for(cast.social_worker)
    for page in (f"/cases/{case.reference}", f"/children/{child.reference}", "/cases"):
        banner = client.soup(page).select_one(".app-missing, .app-missing-mark")
        assert banner is not None
        words = " ".join(banner.get_text(" ", strip=True).split())
        assert "police grade: high" in words.lower(), page
        assert "PC-1801" in words, page
        assert banner.select(f"a[href$='/missing/{first.reference}']"), page
    own = client.soup(f"/missing/{first.reference}").select_one(".app-missing")
    assert own is not None
    assert ("Low" if others else "Not graded yet") in own.get_text(" ", strip=True), (
        "its own page says its own"
    )


def test_it_is_gone_once_the_child_is_back_or_there_was_no_such_episode(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    page = f"/cases/{case.reference}"
    assert "app-missing" in client.get(page).text

    def tab() -> list[str]:
        found = client.soup(page).select("main nav a[href$='/missing']")
        return [one.get_text(" ", strip=True) for one in found]

    assert tab() == ["Missing 1"]
    episode.returned_at = clock.now()
    rows.commit()
    assert "app-missing" not in client.get(page).text
    episode.returned_at, episode.withdrawn_at, episode.withdrawn_by = None, clock.now(), cast.officer.id
    rows.commit()
    assert "app-missing" not in client.get(page).text
    assert tab() == ["Missing"]


def test_a_child_who_was_found_and_is_not_back_is_marked_so(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    episode.found_at = clock.now() - timedelta(minutes=10)
    rows.commit()
    words = client_for(cast.social_worker).soup(f"/cases/{case.reference}").get_text(" ", strip=True)
    assert "not back yet" in words


def test_lists_mark_the_child_in_the_statement_that_reads_them(
    rows: Session,
    cast: Cast,
    case: Case,
    episode: MissingEpisode,
    client_for: ClientFor,
    statements: list[str],
) -> None:
    child = rows.get_one(Child, case.child_id)
    ask(rows, child, cast.health_team, by=cast.social_worker)
    for owner in (cast.officer, cast.coordinator):
        make_action(rows, case, owner, cast.coordinator)
    make_process(rows, case, cast.nurse, kind="fgm_report", personal=True)
    make_sent_referral(rows, cast.social_worker, from_case_id=case.id)
    for person, page in (
        (cast.social_worker, "/cases"),
        (cast.officer, "/cases?whose=mine"),
        (cast.coordinator, "/cases"),
        (cast.nurse, "/requests"),
        (cast.nurse, "/health"),
        (cast.officer, "/work"),
        (cast.coordinator, "/work"),
        (cast.coordinator, "/work/sheet"),
        (cast.officer, "/actions"),
        (cast.nurse, "/fgm-reports"),
        (cast.social_worker, "/sent"),
    ):
        client = client_for(person)
        client.soup(page)
        statements.clear()
        soup = client.soup(page)
        mark = soup.find(class_="app-missing-mark") or soup.find(class_="app-missing")
        assert mark is not None, page
        words = mark.get_text(" ", strip=True)
        ring = f"Recorded by {cast.police_team.name}" if person == cast.officer else "Ring 101"
        for said in ("issing now", "since", "Police grade: high", ring):
            assert said in words, (page, said)
        assert len(beside_the_context(statements)) <= BUDGET, page


def test_lists_that_lead_to_a_child_mark_them_too(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    ask(rows, child, cast.health_team, by=cast.social_worker)
    make_process(rows, case, cast.social_worker)
    make_grading(rows, add_entry(rows, case, cast.officer), cast.officer, READING_ONLY)
    absence = away(rows, cast.officer)
    rows.add(AbsenceCover(absence_id=absence.id, case_id=case.id, deputy_id=cast.colleague.id))
    rows.commit()
    place = make_concern(rows, cast.officer)
    link(rows, place, child, cast.officer)
    find_by_name(rows, child)
    pages = {"search": client_for(cast.social_worker).submit("/search", {"sought": "Ada Fictional"}).text}
    for person, page in (
        (cast.nurse, "/requests/week"),
        (cast.social_worker, "/social-care/processes"),
        (cast.officer, "/police/intelligence"),
        (cast.colleague, "/absences"),
        (cast.officer, f"/concerns/{place.reference}"),
    ):
        pages[page] = client_for(person).get(page).text
    assert [name for name, page in pages.items() if "app-missing-mark" not in page] == []


def test_whoever_may_not_know_that_the_child_is_missing_is_not_told_by_a_page(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    """Asked about the child, a school knows who the child is, and hears of no episode."""
    child = rows.get_one(Child, case.child_id)
    asked = ask(rows, child, cast.school_team, by=cast.social_worker)
    make_episode(rows, child, cast.officer, team=cast.police_team)
    make_sent_referral(rows, cast.teacher)
    lists = ("/requests", "/work", "/messages", "/sent", "/home")
    for page in (*lists, f"/requests/{asked.reference}", f"/children/{child.reference}"):
        shown = client_for(cast.teacher).get(page)
        assert shown.status_code == 200, page
        assert "app-missing" not in shown.text, page


def test_of_a_child_held_closely_only_who_is_named_sees_it(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    grant(rows, case, cast.chair, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert "app-missing" in client_for(cast.chair).get(f"/cases/{case.reference}").text
    assert client_for(cast.social_worker).get(f"/cases/{case.reference}").status_code == 404
    assert "app-missing" not in client_for(cast.social_worker).get("/cases").text


def test_counts_and_interviews_are_led_to_from_the_case(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    page = client_for(cast.social_worker).soup(f"/cases/{case.reference}")
    assert page.find("a", href=f"/children/{child.reference}/missing")
    assert "1 time, 1 in the last 30 days" in page.get_text()
    assert page.find("a", href=f"/children/{child.reference}/return-interviews")


def test_the_running_episode_of_a_child_is_found_by_an_index(rows: Session) -> None:
    asked = (
        "select 1 from missing_episode m where m.child_id = gen_random_uuid()"
        " and m.returned_at is null and m.withdrawn_at is null"
    )
    assert "ix_missing_episode_running" in plan_in_order(rows, asked, rival="ix_missing_episode_child")


def test_that_a_linked_record_of_the_child_is_missing_stands_on_the_case_too(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    other = make_child(rows, "Adda", "Fictionall")
    make_episode(rows, other, cast.officer, team=cast.police_team, grade="high")
    client = client_for(cast.coordinator)
    place = f"/cases/{case.reference}"
    assert "app-missing" not in client.get(place).text
    one, two = sorted((case.child_id, other.id))
    said = {"reason": "One NHS number", "linked_by": cast.coordinator.id}
    rows.add(ChildLink(id=new_id(), child_a=one, child_b=two, created_at=clock.now(), **said))
    rows.commit()
    for page in (place, f"/children/{rows.get_one(Child, case.child_id).reference}"):
        words = client.soup(page).select_one(".app-missing")
        assert words is not None, page
        assert "It is recorded on a linked record of the child." in words.get_text()
    nurse = client_for(cast.nurse)
    banner = nurse.soup(place).select_one(".app-missing")
    assert banner is not None, "who works with the child is told of it too"
    heard = banner.get_text(" ", strip=True)
    assert "a linked record of the child, which is not shown to you" in heard
    assert cast.police_team.name in heard
    assert banner.find("a", href=re.compile("/missing/")) is None
    for hidden in ("Fictionall", other.reference, "High", "Police grade"):
        assert hidden not in heard
    assert "app-missing" not in client_for(cast.nurse).get("/missing").text
    for page in ("/cases", "/cases?whose=mine", "/cases?look_out=missing"):
        mark = nurse.soup(page).select_one(".app-missing-mark")
        assert mark is not None, page
        assert mark.find("a") is None
    officer = client_for(cast.officer)
    for page in (place, "/cases"):
        assert officer.soup(page).select_one("a[href^='/missing/MIS']"), "who reads the episode is led to it"
        assert "which is not shown to you" not in officer.get(page).text
    for person in (cast.stranger, cast.community_safety):
        assert "app-missing" not in client_for(person).get("/cases").text
    sealed: dict[str, Any] = {"opened_by": cast.coordinator, "sensitivity": Sensitivity.SEALED}
    make_case(rows, other, lead=cast.social_care, **sealed)
    assert "app-missing" not in nurse.get(place).text, "of a child who is held more closely they do not hear"


def test_what_changed_marks_a_child_who_is_missing_now(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    agency = cast.hub.id
    rows.add(
        CaseNews(
            case_id=case.id,
            event="alert_changed",
            subject_kind="cre_case",
            subject_id=case.id,
            by_id=cast.coordinator.id,
            by_agency_id=agency,
            at=clock.now(),
        )
    )
    rows.commit()
    grant(rows, case, cast.teacher, by=cast.coordinator)
    for page, reader in (("/changes", cast.nurse), ("/home", cast.teacher)):
        mark = client_for(reader).soup(page).select_one(".app-missing-mark")
        assert mark is not None, page
        assert mark.select_one(f"a[href='/missing/{episode.reference}']")


def test_an_alert_stands_on_the_page_of_the_episode_for_whoever_reads_the_case_and_for_nobody_else(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    page = f"/missing/{episode.reference}"
    assert client_for(cast.nurse).soup(page).select_one(".app-alerts") is None
    add_alert(rows, case, cast.social_worker)
    for reader in (cast.social_worker, cast.officer, cast.nurse, cast.coordinator):
        soup = client_for(reader).soup(page)
        strip = soup.select_one(".app-alerts")
        assert strip is not None, reader.name
        assert "Ring Wanda before any call" in strip.get_text(), reader.name
        assert cast.social_worker.name in strip.get_text(), "who answers for it"
        assert len(soup.select(".app-missing")) == 1, "that the child is missing is said once"
    other = client_for(cast.neighbour).soup(page)
    assert other.select_one(".app-alerts") is None, "who looks for the child and reads no case"
    assert "Wanda" not in other.get_text()
    for person in (cast.stranger, cast.teacher):
        answer = client_for(person).get(page)
        assert answer.status_code != 200
        assert "Wanda" not in answer.text


def test_an_alert_on_a_sealed_case_stands_there_for_those_who_are_named_on_it(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    add_alert(rows, case, cast.social_worker)
    hide(rows, case, by=cast.second_coordinator)
    page = f"/missing/{episode.reference}"
    for person in (cast.neighbour, cast.coordinator, cast.officer, cast.nurse):
        assert "Wanda" not in client_for(person).get(page, follow_redirects=True).text, person.name
    assert "Ring Wanda before any call" in client_for(cast.second_coordinator).get(page).text


def test_the_page_of_a_time_that_is_over_says_that_the_child_is_missing_now(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    back = clock.now() - timedelta(days=9)
    child = rows.get_one(Child, case.child_id)
    since = back - timedelta(days=1)
    before = make_episode(rows, child, cast.officer, since=since, team=cast.police_team, returned_at=back)
    words = client_for(cast.nurse).soup(f"/missing/{before.reference}").select_one(".app-missing")
    assert words is not None
    assert words.select_one(f"a[href='/missing/{episode.reference}']")
