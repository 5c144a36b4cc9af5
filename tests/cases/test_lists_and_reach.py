"""What is listed is what one reaches: nobody is told that nothing is here who opens it by its address."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case, CaseNotice
from portal.records.cases.reading.lists import list_cases, list_notices, readers
from portal.records.meetings.model import Meeting
from portal.records.people.model import User
from portal.vocabulary import CaseState, Sensitivity
from tests.cases.conftest import Acting
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.meetings import make_meeting

#: What stands on a case that one reads whole, and not on its notice.
WHOLE = "Add what I know"
Asking = Callable[[User | None], AbstractContextManager[Session]]


def people(cast: Cast) -> dict[str, User]:
    return {name: one for name, one in vars(cast).items() if isinstance(one, User)}


def make_cases(rows: Session, cast: Cast) -> list[Case]:
    """Of every way in which somebody reaches a case: by a team, as its worker, by name, as the hub."""

    def made(**facts: Any) -> Case:
        return make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator, **facts)

    shared, worked, restricted = made(), made(), made(sensitivity=Sensitivity.RESTRICTED)
    sealed, closed = made(sensitivity=Sensitivity.SEALED), made(state=CaseState.CLOSED, closed_at=clock.now())
    for case in (shared, worked, restricted, sealed, closed):
        involve(rows, case, cast.council_team, by=cast.coordinator)
        involve(rows, case, cast.police_team, by=cast.coordinator)
    involve(rows, worked, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    for case in (restricted, sealed):
        grant(rows, case, cast.teacher, by=cast.coordinator)
    grant(rows, sealed, cast.coordinator, by=cast.coordinator)
    return [shared, worked, restricted, sealed, closed]


def test_lists_hold_what_each_person_reads(rows: Session, cast: Cast, acting: Acting, asking: Asking) -> None:
    make_cases(rows, cast)
    some = 0
    for name, person in people(cast).items():
        with asking(person) as session:
            read = set(session.scalars(select(Case.reference)))
            known = set(session.scalars(select(CaseNotice.case_id)))
            own = {one.id for one in session.scalars(select(Case))}
        with acting(person) as actor:
            listed = {
                row.reference
                for reader in readers(actor)
                for closed in (False, True)
                for row in list_cases(reader=reader, closed=closed).rows
            }
            notices = {row.reference for reader in readers(actor) for row in list_notices(reader=reader)}
        assert listed == read, name
        if "governance" not in person.roles:  # who knows of every case, and lists none
            assert len(notices) == len(known - own), name
        some += bool(read)
    assert some > 7, "the cast reads something"


def test_the_page_of_cases_opens_where_something_is_and_each_opens(
    rows: Session, cast: Cast, client_for: ClientFor, asking: Asking
) -> None:
    cases = make_cases(rows, cast)
    for name, person in people(cast).items():
        browser = client_for(person)
        with asking(person) as session:
            read = set(session.scalars(select(Case.reference).where(Case.state != CaseState.CLOSED)))
        answer = browser.get("/cases")
        if answer.status_code == 403:
            assert not read, name
            continue
        page = browser.page_of(answer).get_text(" ", strip=True)
        if read:
            assert "No open cases here" not in page, name
        shown = {one.reference for one in cases if f"/cases/{one.reference}" in answer.text}
        assert bool(shown & read) is bool(read), name
        for case in cases[:4]:  # those that are open
            opens = WHOLE in browser.get(f"/cases/{case.reference}").text
            assert opens is (case.reference in read), (name, case.reference)


def test_a_licensing_officer_of_a_team_on_the_case_finds_it_where_the_list_begins(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.council_team, by=cast.coordinator)
    officer = client_for(cast.community_safety)
    page = officer.soup("/cases")
    assert f"/cases/{case.reference}" in str(page)
    assert "No open cases here" not in page.get_text()
    assert officer.get(f"/cases/{case.reference}").status_code == 200
    stranger = client_for(cast.stranger)
    assert "No open cases here" in stranger.soup("/cases").get_text()
    assert stranger.get(f"/cases/{case.reference}").status_code == 404


def test_coming_meetings_are_listed_for_whoever_opens_them(
    rows: Session, cast: Cast, client_for: ClientFor, asking: Asking
) -> None:
    for case in make_cases(rows, cast)[:4]:
        starts = clock.now() + timedelta(days=3)
        make_meeting(rows, chair=cast.chair, note_taker=cast.coordinator, cases=[case], starts_at=starts)
    meetings = {one.reference for one in rows.scalars(select(Meeting))}
    for name, person in people(cast).items():
        browser = client_for(person)
        answer = browser.get("/meetings")
        listed = {one for one in meetings if one in answer.text}
        opened = {one for one in meetings if browser.get(f"/meetings/{one}").status_code == 200}
        assert listed == opened, name
