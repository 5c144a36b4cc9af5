"""When somebody is away, and who covers which case."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import Absence, AbsenceCover
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.missing import make_episode

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    case = make_case(
        rows, make_child(rows, "Amy", "Kowalski"), lead=cast.social_care, opened_by=cast.coordinator
    )
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


def days(first: date, last: date, **more: str) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, day in (("first_day", first), ("last_day", last)):
        typed |= {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
    return typed | more


def away(rows: Session, person: User, *, since: int = 0, until: int = 5) -> Absence:
    today = clock.today()
    absence = Absence(
        id=new_id(),
        user_id=person.id,
        first_day=today + timedelta(days=since),
        last_day=today + timedelta(days=until),
        entered_by=person.id,
        entered_at=clock.now(),
    )
    rows.add(absence)
    rows.commit()
    return absence


def test_one_enters_ones_own_days(rows: Session, cast: Cast, client_for: Browser) -> None:
    today = clock.today()
    client = client_for(cast.officer)
    answer = client.submit(
        "/absences/new", days(today, today + timedelta(days=3), person=str(cast.officer.id))
    )
    assert answer.status_code == 303
    found = rows.query(Absence).one()
    assert (found.user_id, found.first_day, found.last_day) == (
        cast.officer.id, today, today + timedelta(days=3),
    )  # fmt: skip
    assert answer.location == f"/absences/{found.id}"
    again = client.submit("/absences/new", days(today, today, person=str(cast.officer.id)))
    assert again.status_code == 422
    assert "entered already" in again.text


@pytest.mark.parametrize(
    ("first", "last", "says"), [(3, 1, "first day or later"), (-5, -2, "today or later")]
)
def test_days_that_make_no_sense_are_refused(
    rows: Session, cast: Cast, client_for: Browser, first: int, last: int, says: str
) -> None:
    today = clock.today()
    typed = days(today + timedelta(days=first), today + timedelta(days=last), person=str(cast.officer.id))
    answer = client_for(cast.officer).submit("/absences/new", typed)
    assert answer.status_code == 422
    assert says in answer.text
    assert rows.query(Absence).count() == 0


def test_a_manager_enters_it_for_their_own_people_and_nobody_for_others(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    today = clock.today()
    typed = days(today, today, person=str(cast.officer.id))
    assert client_for(cast.police_manager).submit("/absences/new", typed).status_code == 303
    rows.query(Absence).delete()
    rows.commit()
    for person in (cast.colleague, cast.social_care_manager, cast.coordinator):
        assert client_for(person).submit("/absences/new", typed).status_code == 422, person.name
    for person in (cast.governance, cast.administrator):
        assert client_for(person).submit("/absences/new", typed).status_code == 403, person.name
    assert rows.query(Absence).count() == 0


def test_a_child_who_is_missing_now_is_marked_beside_what_is_covered_and_what_is_not(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    absence = away(rows, cast.officer)
    episode = make_episode(rows, rows.get_one(Child, case.child_id), cast.officer)
    page, marked = f"/absences/{absence.id}", f"main a[href='/missing/{episode.reference}']"
    client = client_for(cast.officer)
    assert len(client.soup(page).select(marked)) == 1, "nobody covers the case"
    rows.add(AbsenceCover(absence_id=absence.id, case_id=case.id, deputy_id=cast.colleague.id))
    rows.commit()
    assert len(client.soup(page).select(marked)) == 1, "somebody does"


def test_a_deputy_covers_a_named_case_that_they_read(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    absence = away(rows, cast.officer)
    client = client_for(cast.officer)
    page = client.soup(f"/absences/{absence.id}")
    assert "Amy Kowalski" in page.get_text()
    typed = {"case": str(case.id), "deputy": str(cast.neighbour.id)}
    refused = client.submit(f"/absences/{absence.id}", typed)
    assert refused.status_code == 422
    offered = {str(one["value"]) for one in page.select("#deputy option")}
    assert offered == {"", str(cast.colleague.id), str(cast.police_manager.id)}, "only who reads the case"
    typed["deputy"] = str(cast.colleague.id)
    assert client.submit(f"/absences/{absence.id}", typed).status_code == 303
    assert client.submit(f"/absences/{absence.id}", typed).status_code == 422, "one deputy for a case"
    cover = rows.query(AbsenceCover).one()
    assert (cover.case_id, cover.deputy_id) == (case.id, cast.colleague.id)
    page = client.soup(f"/absences/{absence.id}")
    assert "Col League" in page.get_text()
    assert "Somebody covers every open case" in page.get_text()
    client.submit(f"/absences/{absence.id}/uncover", {"case": str(case.id)})
    assert rows.query(AbsenceCover).count() == 0


def test_a_deputy_covers_all_cases_at_once_but_those_that_they_do_not_read(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    """Thirteen cases are ticked from the start; of two the deputy is not a reader."""
    more = [
        make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
        for _ in range(12)
    ]
    for place, one in enumerate(more):
        team = cast.police_other_team if place < 2 else cast.police_team
        involve(rows, one, team, by=cast.coordinator, worker=cast.officer)
        if place < 2:
            grant(rows, one, cast.officer, by=cast.coordinator)
    absence, client = away(rows, cast.officer), client_for(cast.officer)
    page = client.soup(f"/absences/{absence.id}")
    ticked = [str(one["value"]) for one in page.select("input[name=case][checked]")]
    assert len(ticked) == 13
    typed = {"case": ticked, "deputy": str(cast.colleague.id)}
    page = client.page_of(client.submit(f"/absences/{absence.id}", typed, follow_redirects=True))
    assert "covers 11 cases, and does not read 2 of those you ticked" in page.get_text()
    assert rows.query(AbsenceCover).count() == 11
    assert {str(one["value"]) for one in page.select("input[name=case][checked]")} == {
        str(one.id) for one in more[:2]
    }
    assert client.submit(f"/absences/{absence.id}", {"deputy": str(cast.colleague.id)}).status_code == 422


def test_of_what_is_left_the_page_says_that_nobody_else_reads_that(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    alone = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, alone, cast.police_team, by=cast.coordinator, worker=cast.officer)
    grant(rows, alone, cast.officer, by=cast.coordinator)
    alone.sensitivity = int(Sensitivity.SEALED)
    absence = away(rows, cast.officer)
    rows.add(AbsenceCover(absence_id=absence.id, case_id=case.id, deputy_id=cast.colleague.id))
    rows.commit()
    page = client_for(cast.officer).soup(f"/absences/{absence.id}").get_text()
    assert f"Nobody covers {alone.reference} yet, and nobody else in your agency reads it." in page
    assert "reads your cases" not in page, "a colleague reads one of them"


def test_a_deputy_finds_what_they_cover_and_for_whom(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    absence = away(rows, cast.officer)
    rows.add(AbsenceCover(absence_id=absence.id, case_id=case.id, deputy_id=cast.colleague.id))
    rows.commit()
    deputy = client_for(cast.colleague)
    page = deputy.soup("/absences").get_text(" ", strip=True)
    assert "Amy Kowalski" in page
    assert "For Ola Officer" in page
    assert "Kowalski" not in client_for(cast.neighbour).soup("/absences").get_text()
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert "Kowalski" not in deputy.soup("/absences").get_text()


def test_nobody_touches_the_absence_of_somebody_else(
    rows: Session, cast: Cast, client_for: Browser, case: Case
) -> None:
    absence = away(rows, cast.officer)
    rows.add(AbsenceCover(absence_id=absence.id, case_id=case.id, deputy_id=cast.colleague.id))
    rows.commit()
    place, covered = f"/absences/{absence.id}", {"case": str(case.id), "deputy": str(cast.police_manager.id)}
    for person, status in (
        (cast.colleague, 403), (cast.social_care_manager, 404), (cast.stranger, 404), (cast.coordinator, 404),
        (cast.governance, 403), (cast.administrator, 403),
    ):  # fmt: skip
        client = client_for(person)
        for address in (place, f"{place}/uncover", f"{place}/end"):
            assert client.submit(address, covered).status_code == status, f"{person.name} {address}"
        assert client.get(place).status_code == status, person.name
    rows.refresh(absence)
    assert absence.ended_at is None
    assert rows.query(AbsenceCover).count() == 1


def test_days_that_touch_those_entered_already_are_refused_and_those_beside_them_are_not(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    away(rows, cast.officer, since=5, until=9)
    client, today = client_for(cast.officer), clock.today()
    for first, last, status in (
        (1, 5, 422),
        (9, 12, 422),
        (6, 8, 422),
        (0, 20, 422),
        (1, 4, 303),
        (10, 12, 303),
    ):
        typed = days(today + timedelta(days=first), today + timedelta(days=last), person=str(cast.officer.id))
        assert client.submit("/absences/new", typed).status_code == status, (first, last)


def test_an_absence_that_is_over_is_found_no_more(rows: Session, cast: Cast, client_for: Browser) -> None:
    absence = away(rows, cast.officer, since=-9, until=-1)
    client = client_for(cast.officer)
    assert client.get(f"/absences/{absence.id}").status_code == 404
    assert client.submit(f"/absences/{absence.id}/end").status_code == 404
    assert "You have entered none" in client.soup("/absences").get_text()


def test_a_case_that_one_does_not_work_on_cannot_be_covered(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    other = make_case(rows, make_child(rows), lead=cast.health, opened_by=cast.coordinator)
    absence = away(rows, cast.officer)
    typed = {"case": str(other.id), "deputy": str(cast.colleague.id)}
    answer = client_for(cast.officer).submit(f"/absences/{absence.id}", typed)
    assert answer.status_code == 422
    assert rows.query(AbsenceCover).count() == 0


def test_the_database_refuses_a_deputy_without_reach(
    rows: Session, cast: Cast, asking: Asking, case: Case
) -> None:
    absence = away(rows, cast.officer)
    for asker, deputy in (
        (cast.officer, cast.neighbour),
        (cast.colleague, cast.colleague),
        (cast.stranger, cast.colleague),
        (cast.social_care_manager, cast.colleague),
    ):
        with asking(asker) as session:
            session.add(AbsenceCover(absence_id=absence.id, case_id=case.id, deputy_id=deputy.id))
            with pytest.raises(ProgrammingError, match="row-level security"):
                session.flush()
    with asking(cast.police_manager) as session:
        session.add(AbsenceCover(absence_id=absence.id, case_id=case.id, deputy_id=cast.colleague.id))
        session.flush()


def test_it_ends_early_and_stands_among_those_that_ended(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    absence = away(rows, cast.officer)
    assert client_for(cast.colleague).submit(f"/absences/{absence.id}/end").status_code == 403
    assert client_for(cast.stranger).submit(f"/absences/{absence.id}/end").status_code == 404
    client = client_for(cast.police_manager)
    assert "Ola Officer" in client.soup("/absences").get_text()
    assert client.submit(f"/absences/{absence.id}/end").status_code == 303
    rows.refresh(absence)
    assert absence.ended_at is not None
    assert client.get(f"/absences/{absence.id}").status_code == 404
    page = client.soup("/absences")
    assert not page.select(f"a[href*='{absence.id}']")
    assert "Ended early" in page.get_text()


def test_other_agencies_do_not_learn_who_is_away(rows: Session, cast: Cast, client_for: Browser) -> None:
    away(rows, cast.officer)
    assert "Ola Officer" in client_for(cast.colleague).soup("/absences").get_text()
    for person in (cast.nurse, cast.stranger, cast.coordinator, cast.social_care_manager):
        assert "Ola Officer" not in client_for(person).soup("/absences").get_text(), person.name


def test_the_only_coordinator_on_a_sealed_case_is_told_that_nobody_stands_in_and_names_somebody(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    case.sensitivity = int(Sensitivity.SEALED)
    for person in (cast.coordinator, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    other = make_case(
        rows, make_child(rows, "Nessa", "Quillberry"), lead=cast.police, opened_by=cast.coordinator
    )
    absence = away(rows, cast.coordinator)
    page = f"/absences/{absence.id}"
    client = client_for(cast.coordinator)
    shown = client.get(page).text
    assert "Nobody stands in for you on this sealed case" in shown
    assert f"/cases/{case.reference}/named/new" in shown
    assert other.reference not in shown
    assert client.get(f"/cases/{case.reference}/named/new").status_code == 200
    assert case.reference not in client_for(cast.officer).get(f"/absences/{away(rows, cast.officer).id}").text
    for person in (cast.second_coordinator, cast.stranger):
        assert case.reference not in client_for(person).get(page).text, person.name
    grant(rows, case, cast.second_coordinator, by=cast.coordinator)
    assert "Nobody stands in" not in client.get(page).text
    away(rows, cast.second_coordinator, since=5, until=8)
    assert "Nobody stands in" in client.get(page).text, "away on one of those days too"
