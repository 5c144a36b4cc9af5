"""A due date that was changed with a reason: by whom, what stays, what is shown, and what is refused."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError, NotFound
from portal.deadlines.model import Deadline, DeadlineChange
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.pathway.calendar import at_local, end_of_day
from portal.records.cases.alerts import change_due_date
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.people.model import User
from portal.vocabulary import RiskLevel
from tests.assessments.conftest import Acting, assessed, case_of_three, open_duties
from tests.cast import Cast
from tests.client import Client
from tests.contributions.test_forms import typed
from tests.factories.cases import make_case, make_child
from tests.factories.meetings import make_meeting
from tests.factories.plans import make_action

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def case(rows: Session, cast: Cast, acting: Acting) -> Case:
    """A case that was assessed as high, so that everything is owed on it."""
    found = case_of_three(rows, cast)
    assessed(acting, cast.social_worker, found, RiskLevel.HIGH)
    return found


def moves(acting: Acting, person: User, case: Case, duty: Deadline, on: date, **more: Any) -> None:
    """Somebody moves a duty, having seen it as it is."""
    said: dict[str, Any] = {"code": "capacity", "reason": "Two chairs are ill", "seen": duty.due_at} | more
    with acting(person) as actor:
        change_due_date(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            deadline=db.session.get_one(Deadline, duty.id),
            on=on,
            **said,
        )


@pytest.mark.parametrize("kind", [DeadlineKind.MEETING, DeadlineKind.ASSESSMENT])
def test_a_date_is_moved_to_the_end_of_a_day_and_the_first_date_stays(
    rows: Session, cast: Cast, case: Case, acting: Acting, kind: DeadlineKind
) -> None:
    duty, day = open_duties(rows, case)[kind], clock.today() + timedelta(days=20)
    first = duty.due_at
    moves(acting, cast.social_worker, case, duty, day)
    now = open_duties(rows, case)[kind]
    assert (now.due_at, now.original_due_at) == (end_of_day(day), first)
    assert (now.source, now.confirmed) == (duty.source, False), "the number’s source stays with the date"
    change = rows.scalars(select(DeadlineChange).filter_by(deadline_id=duty.id)).one()
    assert (change.before, change.after) == (first, end_of_day(day))
    assert (change.code, change.reason) == ("capacity", "Two chairs are ill")
    assert change.changed_by == cast.social_worker.id


def test_what_is_counted_in_hours_is_moved_to_an_hour(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    duty, day = open_duties(rows, case)[DeadlineKind.STRATEGY], clock.today() + timedelta(days=2)
    with pytest.raises(DomainError, match="time of day"):
        moves(acting, cast.coordinator, case, duty, day)
    moves(acting, cast.coordinator, case, duty, day, at=time(9, 30))
    assert open_duties(rows, case)[DeadlineKind.STRATEGY].due_at == at_local(day, time(9, 30))


def test_the_chair_of_an_open_meeting_moves_it_and_nobody_else_who_only_works_on_the_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    duty, day = open_duties(rows, case)[DeadlineKind.MEETING], clock.today() + timedelta(days=20)
    for person in (cast.officer, cast.nurse, cast.police_manager, cast.social_care_manager):
        with pytest.raises(Forbidden):
            moves(acting, person, case, duty, day)
    make_meeting(rows, chair=cast.chair, note_taker=cast.officer, cases=[case])
    moves(acting, cast.chair, case, duty, day)


@pytest.mark.parametrize(
    ("days", "more", "says"),
    [
        (-1, {}, "still to come"),
        (20, {"reason": "  "}, "in a few words"),
        (20, {"code": "tired"}, "Choose why"),
    ],
)
def test_a_change_without_its_reason_or_into_the_past_is_refused(
    rows: Session, cast: Cast, case: Case, acting: Acting, days: int, more: dict[str, str], says: str
) -> None:
    duty = open_duties(rows, case)[DeadlineKind.MEETING]
    with pytest.raises(DomainError, match=says):
        moves(acting, cast.coordinator, case, duty, clock.today() + timedelta(days=days), **more)
    assert rows.scalars(select(DeadlineChange)).all() == []


def test_two_people_who_move_it_at_once_are_told(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    duty, day = open_duties(rows, case)[DeadlineKind.MEETING], clock.today() + timedelta(days=20)
    seen = duty.due_at
    moves(acting, cast.coordinator, case, duty, day)
    with pytest.raises(Conflict):
        moves(acting, cast.social_worker, case, duty, day + timedelta(days=1), seen=seen)


def test_a_duty_of_another_case_or_of_another_kind_is_not_moved(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    duties, day = open_duties(rows, case), clock.today() + timedelta(days=20)
    with pytest.raises(NotFound):
        moves(acting, cast.coordinator, case, duties[DeadlineKind.SIGN_OFF], day)
    other = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    with pytest.raises(NotFound):
        moves(acting, cast.coordinator, other, duties[DeadlineKind.MEETING], day)


def test_the_case_says_where_a_date_comes_from_and_its_page_who_moved_it(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client, duty = client_for(cast.social_worker), open_duties(rows, case)[DeadlineKind.MEETING]
    on_case = client.get(f"/cases/{case.reference}/manage").text
    assert "5 working days from the assessment, for the level high" in on_case
    assert "not confirmed" in on_case
    address = f"/cases/{case.reference}/due-dates/{duty.id}"
    day = clock.today() + timedelta(days=20)
    typed = {
        "on-day": str(day.day),
        "on-month": str(day.month),
        "on-year": str(day.year),
        "code": "agency_unavailable",
        "seen": duty.due_at.isoformat(),
    }
    wrong = client.submit(address, typed)
    assert wrong.status_code == 422
    assert "Say in a few words why the date changes" in wrong.text
    done = client.submit(address, typed | {"reason": "Health cannot come before"})
    assert done.status_code == 303
    page = client_for(cast.nurse).get(f"/cases/{case.reference}/due-dates").text
    for words in (
        "A key agency cannot come",
        "Health cannot come before",
        cast.social_worker.name,
        "first due",
    ):
        assert words in page
    assert address not in page, "the nurse reads it and cannot change it"


def test_every_duty_on_the_case_stands_there_each_by_what_it_is(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    said = typed("information", moment="injury")
    address = f"/cases/{case.reference}/entries/new"
    assert client_for(cast.social_worker).submit(address, said).status_code == 303
    for what in ("Visit the home", "Ring the school"):
        make_action(rows, case, cast.officer, cast.social_worker, what=what)
    page = client_for(cast.nurse).soup(f"/cases/{case.reference}/due-dates")
    titles = [one.get_text(strip=True) for one in page.select("h3")]
    moment = rows.scalars(select(ChronologyEntry.critical_moment)).one()
    assert f"Look at the risk assessment again after a critical moment: {moment}" in titles
    assert {"Carry out an action: Visit the home", "Carry out an action: Ring the school"} <= set(titles)
    shown = " ".join(client_for(cast.nurse).soup(f"/cases/{case.reference}").get_text(" ").split())
    assert "Carry out an action: Visit the home" in shown
    kinds = set(rows.scalars(select(Deadline.kind).where(Deadline.case_id == case.id)))
    for kind in kinds:
        assert any(one.startswith(DeadlineKind(kind).label) for one in titles), kind
    links = [str(one["href"]) for one in page.select("a[href*='due-dates/']")]
    assert not links, "the nurse changes none"
    changed = client_for(cast.social_worker).soup(f"/cases/{case.reference}/due-dates")
    moved = [one.get_text() for one in changed.select("a[href*='due-dates/']")]
    assert moved
    assert not [one for one in moved if "action" in one or "moment" in one], "their day is moved elsewhere"


@pytest.mark.parametrize(("who", "status"), [("officer", 403), ("stranger", 404), ("governance", 403)])
def test_the_page_is_kept_from_whoever_may_not(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str, status: int
) -> None:
    duty = open_duties(rows, case)[DeadlineKind.MEETING]
    client = client_for(getattr(cast, who))
    address = f"/cases/{case.reference}/due-dates/{duty.id}"
    assert client.get(address).status_code == status
    assert client.submit(address, {"reason": "x"}).status_code == status
