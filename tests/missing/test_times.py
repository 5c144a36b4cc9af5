"""Left, last seen, missing since, raised, found and back are times of their own, which have to fit."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.records.missing.model import MissingEpisode
from portal.records.missing.rules import BEFORE_BIRTH, as_meant_each, contradictions
from tests.cast import Cast
from tests.factories.cases import make_child
from tests.missing.conftest import Acting, reports
from tests.missing.test_pages import ClientFor, reported, typed

NOON = datetime(2027, 6, 1, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("times", "wrong"),
    [
        ({"missing_since": at(-3), "left_at": at(-3)}, []),
        ({"missing_since": at(-3), "left_at": at(-2)}, ["missing_since"]),
        ({"missing_since": at(-3), "reported_at": at(-4)}, ["reported_at"]),
        ({"missing_since": at(-3), "found_at": at(-4)}, ["found_at"]),
        ({"missing_since": at(-3), "found_at": at(-1), "returned_at": at(-2)}, ["returned_at"]),
        (
            {"missing_since": at(-3), "last_seen_at": at(-1), "found_at": at(-2)},
            ["found_at", "missing_since"],
        ),
        ({"missing_since": at(-3), "last_seen_at": at(-1)}, ["missing_since"]),  # by an adult who answers
        ({"missing_since": at(1)}, ["missing_since"]),
        (
            {"missing_since": at(-3), "left_at": at(-2), "reported_at": at(1)},
            ["reported_at", "missing_since"],
        ),
    ],
)
def test_what_contradicts_is_said_each_at_its_time(times: dict[str, datetime], wrong: list[str]) -> None:
    found = contradictions(as_meant_each(times), now=NOON, seen_by_responsible=True)
    assert [next(iter(one.said)) for one in found] == wrong


def test_somebody_else_may_see_the_child_after_they_left() -> None:
    times = {"missing_since": at(-3), "last_seen_at": at(-1)}
    assert not contradictions(times, now=NOON, seen_by_responsible=False)


def test_in_the_night_in_which_clocks_go_back_each_is_read_as_it_follows() -> None:
    ten_to_two = datetime(2027, 10, 31, 0, 50, tzinfo=UTC)
    ten_past_one = datetime(2027, 10, 31, 0, 10, tzinfo=UTC)
    meant = as_meant_each({"left_at": ten_to_two, "missing_since": ten_past_one, "found_at": ten_past_one})
    assert meant["missing_since"] == meant["found_at"] == ten_past_one + timedelta(hours=1)


def test_every_fault_of_the_form_is_shown_at_once(cast: Cast, client_for: ClientFor) -> None:
    client, now = client_for(cast.officer), clock.now()
    sent = reported(now - timedelta(hours=4), given_name="", family_name="", status="", wearing="A hat")
    sent |= typed("raised_on", now - timedelta(hours=5), "raised_at")
    sent |= typed("left_on", now - timedelta(hours=3), "left_at")
    sent |= {"seen_at": "half nine", "dob-month": "13"}
    answer = client.submit("/missing/report", sent)
    assert answer.status_code == 422
    page = client.page_of(answer)
    said = page.find(id="error-summary")
    assert said is not None
    words = said.get_text()
    for fault in (
        "Enter the child’s name",
        "Date of birth must be a real date",
        "Choose whether the child is missing or away",
        "It was raised after the child was missing",
        "The child left later than this",
        "Enter a time of day, like 14:30",
    ):
        assert fault in words, fault
    assert "A hat" in page.get_text()


def test_of_several_days_that_cannot_be_it_is_said_which_each_is(cast: Cast, client_for: ClientFor) -> None:
    wrong = {"day": "31", "month": "2", "year": "2026"}
    named = {
        "since_on": "since which the child is missing",
        "left_on": "on which the child left",
        "seen_on": "on which the child was last seen",
    }
    days = {f"{name}-{part}": said for name in named for part, said in wrong.items()}
    client = client_for(cast.teacher)
    page = client.page_of(client.submit("/missing/report", reported(None, **days)))
    said = page.find(id="error-summary")
    assert said is not None
    for which in named.values():
        assert f"The day {which} must be a real date" in said.get_text(), which


def test_half_a_time_is_asked_for_at_the_half_that_lacks(cast: Cast, client_for: ClientFor) -> None:
    client, now = client_for(cast.officer), clock.now()
    sent = reported(now - timedelta(hours=4), seen_at="10:00")
    sent |= {"left_on-day": "1", "left_on-month": "6", "left_on-year": "2026"}
    words = client.page_of(client.submit("/missing/report", sent)).get_text()
    assert "Enter the time of that day" in words
    assert "Enter the day of that time too" in words


def test_each_time_is_kept_and_shown_and_a_correction_keeps_the_earlier_one(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client, now = client_for(cast.officer), clock.now().replace(second=0, microsecond=0)
    sent = reported(now - timedelta(hours=4), seen_by="Ms Rook", seen_role="school_staff")
    sent |= typed("left_on", now - timedelta(hours=5), "left_at")
    sent |= typed("seen_on", now - timedelta(hours=4), "seen_at") | {"description": "Tall, red hair"}
    assert client.submit("/missing/report", sent).status_code == 303
    episode = rows.scalars(select(MissingEpisode)).one()
    assert (episode.left_at, episode.last_seen_at) == (now - timedelta(hours=5), now - timedelta(hours=4))
    page = f"/missing/{episode.reference}"
    words = client.soup(page).get_text()
    for shown in ("Ms Rook", "A teacher or other staff of the school or college", "Tall, red hair"):
        assert shown in words
    form = client.soup(f"{page}/change")
    assert form.find("input", {"name": "seen_by", "value": "Ms Rook"})
    changed = sent | {"version": "1", "seen_by": "Mr Finch"}
    assert client.submit(f"{page}/change", changed).status_code == 303
    assert "Last seen by: Ms Rook → Mr Finch" in client.soup(page).get_text()


def test_a_child_who_was_found_is_missing_until_they_are_back(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client, now = client_for(cast.officer), clock.now().replace(second=0, microsecond=0)
    client.submit("/missing/report", reported(now - timedelta(hours=4)))
    page = f"/missing/{rows.scalars(select(MissingEpisode)).one().reference}"
    said = {"how": "police", "injuries": "None seen"}
    assert client.submit(f"{page}/found", said | {"version": "1"}).status_code == 422
    found = said | typed("met_on", now - timedelta(hours=1), "met_at")
    assert client.submit(f"{page}/found", found | {"version": "1"}).status_code == 303
    words = client.soup(page).get_text(" ", strip=True)
    assert "not back yet" in words
    assert "Due by" not in words, "no interview is owed before the return"
    back = found | typed("found_on", now - timedelta(hours=2), "found_at")
    answer = client.submit(f"{page}/found", back | {"version": "2"})
    assert "The child was found later than this" in client.page_of(answer).get_text()
    back = found | typed("found_on", now, "found_at")
    assert client.submit(f"{page}/found", back | {"version": "2"}).status_code == 303
    assert "Due by" in client.soup(page).get_text()
    assert client.submit(f"{page}/found", found | {"version": "3"}).status_code == 422, "it stays ended"


def test_the_night_of_the_change_goes_through_the_form(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    left, since = datetime(2027, 10, 31, 0, 50, tzinfo=UTC), datetime(2027, 10, 31, 1, 10, tzinfo=UTC)
    with time_machine.travel(datetime(2027, 10, 31, 3, 0, tzinfo=UTC)):
        sent = reported(since) | typed("left_on", left, "left_at")  # 1:50 and then, once more, 1:10
        assert client_for(cast.officer).submit("/missing/report", sent).status_code == 303
    episode = rows.scalars(select(MissingEpisode)).one()
    assert (episode.left_at, episode.missing_since) == (left, since)


def test_a_service_refuses_what_the_form_does(cast: Cast, acting: Acting) -> None:
    now = clock.now()
    with pytest.raises(DomainError) as refused:
        reports(acting, cast.officer, name="Yarrowmir Quenthelby", left_at=now - timedelta(hours=1))
    assert refused.value.field in {"left_at", "since_at"}


def test_nothing_of_an_episode_is_before_the_birth_of_the_child(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    client, now = client_for(cast.officer), clock.now()
    born = clock.local(now - timedelta(days=23)).date()  # no day that others write of
    sent = reported(now - timedelta(days=26), wearing="A hat")
    sent |= {"dob-day": str(born.day), "dob-month": str(born.month), "dob-year": str(born.year)}
    answer = client.submit("/missing/report", sent)
    assert answer.status_code == 422
    page = client.page_of(answer)
    assert BEFORE_BIRTH in page.get_text()
    assert "A hat" in page.get_text()
    assert not rows.scalars(select(MissingEpisode)).all()
    child = make_child(rows, dob=born)
    rows.commit()
    with pytest.raises(DomainError, match="before the child was born"):
        reports(acting, cast.coordinator, child=child, missing_since=now - timedelta(days=26))
    estimated = make_child(rows, dob=born, dob_is_estimate=True)
    rows.commit()
    episode = reports(acting, cast.coordinator, child=estimated, missing_since=now - timedelta(days=26))
    assert episode.reported_dob is None, "nobody said a day that was worked out from an age"


def test_whether_somebody_is_as_old_as_was_typed_is_asked_once_and_nothing_is_lost(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    assert not client.soup("/missing/report").select("input[name=dob_sure]")
    old = reported() | {"dob-day": "1", "dob-month": "1", "dob-year": "1950"}
    page = client.page_of(client.submit("/missing/report", old))
    assert "years old. Correct it, or tick that it is right" in page.get_text()
    assert "A green coat" in page.get_text()
    assert not rows.scalars(select(MissingEpisode)).all()
    assert client.submit("/missing/report", old | {"dob_sure": "y"}).status_code == 303
    rows.rollback()
    assert rows.scalars(select(MissingEpisode)).one().reported_dob == date(1950, 1, 1)


OLD = {"since_on-day": "3", "since_on-month": "3", "since_on-year": "2012", "since_at": "14:00"}


@time_machine.travel(datetime(2026, 3, 30, 10, tzinfo=UTC))
def test_a_day_that_is_years_ago_is_asked_about_once_and_nothing_that_was_typed_is_lost(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.teacher)
    assert not client.soup("/missing/report").select("input[name=since_sure]")
    told = reported(wearing="A purple scarf") | {"dob-year": "2009"}
    asked = client.submit("/missing/report", told | OLD)
    assert asked.status_code == 422
    assert "That is 14 years ago. Is it right?" in asked.text
    assert "A purple scarf" in asked.text
    assert 'value="2012"' in asked.text
    assert rows.scalars(select(MissingEpisode)).all() == [], "nobody is told before it is answered"
    assert client.submit("/missing/report", told | OLD | {"since_sure": "y"}).status_code == 303
    rows.expire_all()
    assert clock.local(rows.scalars(select(MissingEpisode)).one().missing_since).year == 2012


@pytest.mark.parametrize(
    ("day", "month", "year", "says"),
    [(1, 3, 2026, ""), (28, 2, 2026, ""), (27, 2, 2026, "31 days ago"), (30, 3, 2025, "12 months ago")],
)
@time_machine.travel(datetime(2026, 3, 30, 10, tzinfo=UTC))
def test_how_long_ago_is_asked_about_follows_the_policy(
    cast: Cast, client_for: ClientFor, day: int, month: int, year: int, says: str
) -> None:
    since = {"since_on-day": str(day), "since_on-month": str(month), "since_on-year": str(year)}
    answer = client_for(cast.teacher).submit("/missing/report", reported() | since)
    assert answer.status_code == (422 if says else 303)
    assert f"That is {says}. Is it right?" in answer.text if says else True


@time_machine.travel(datetime(2026, 3, 30, 10, tzinfo=UTC))
def test_what_stands_is_not_asked_about_again_and_another_day_is(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.teacher)
    told = reported() | {"dob-year": "2009"}
    assert client.submit("/missing/report", told | OLD | {"since_sure": "y"}).status_code == 303
    page = f"/missing/{rows.scalars(select(MissingEpisode)).one().reference}/change"
    assert not client.soup(page).select("input[name=since_sure]")
    put_right = {"status": "missing", "wearing": "A red hat", "version": "1"}
    assert client.submit(page, put_right | OLD).status_code == 303
    earlier = put_right | OLD | {"since_on-year": "2011", "version": "2"}
    assert "That is 15 years ago. Is it right?" in client.submit(page, earlier).text
    assert client.submit(page, earlier | {"since_sure": "y"}).status_code == 303
