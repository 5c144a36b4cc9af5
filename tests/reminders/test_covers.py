"""Cover that begins and ends by its date is told in the morning, to whoever covers and whoever was away."""

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import Absence, AbsenceCover, OutboxMessage
from portal.records.absences import keeping
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.reminders.mornings import news_lines
from portal.vocabulary import Sensitivity
from tests.absences.test_telling import covers
from tests.assessments.conftest import Acting, case_of_three
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.reminders.test_digests import look
from tests.reminders.travel import at, away
from tests.told import look_at

THURSDAY, FRIDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY = (f"2026-12-{day}" for day in range(10, 16))
BEGINS, ENDED, OVER = "cover_begins", "cover_ended", "absence_over"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """Led by the social worker; the chair covers it in the tests."""
    return case_of_three(rows, cast)


def told(rows: Session) -> set[tuple[object, str]]:
    """Who was told what of cover by the worker."""
    rows.rollback()
    by_worker = OutboxMessage.kind.in_((BEGINS, ENDED, OVER)), OutboxMessage.caused_by.is_(None)
    found = look_at(rows.scalars(select(OutboxMessage).where(*by_worker)))
    assert {one.channel for one in found} <= {"digest"}
    grounds = {
        BEGINS: ("cover_begins", "deputy"),
        ENDED: ("cover_over", "deputy"),
        OVER: ("cover_over", "person"),
    }
    assert all((one.event, one.ground) == grounds[one.kind] for one in found)
    return {(one.recipient_id, one.kind) for one in found}


def in_digest(engine: Engine, person: User, moment: str) -> list[str]:
    """What the morning message of somebody says beside what is due."""
    with time_machine.travel(at(moment, "07:31"), tick=False), engine.connect() as connection:
        return [one.words for one in news_lines(connection, person.id)]


@pytest.mark.parametrize(
    ("first", "told_on", "not_on"),
    [
        (SUNDAY, FRIDAY, THURSDAY),
        (SATURDAY, FRIDAY, THURSDAY),
        (MONDAY, FRIDAY, THURSDAY),
        (TUESDAY, MONDAY, FRIDAY),
    ],
)
def test_whoever_covers_hears_on_the_last_working_morning_before_it_begins(
    rows: Session, engine: Engine, cast: Cast, case: Case, first: str, told_on: str, not_on: str
) -> None:
    away(rows, cast.social_worker, first, "2026-12-18", cover=case, by=cast.chair)
    look(engine, at(not_on, "07:30"))
    assert told(rows) == set()
    look(engine, at(told_on, "07:29"))
    assert told(rows) == set()
    for moment in ("07:30", "07:31", "15:00"):
        look(engine, at(told_on, moment))
    assert told(rows) == {(cast.chair.id, BEGINS)}
    assert rows.query(OutboxMessage).filter_by(kind=BEGINS).count() == 1
    assert in_digest(engine, cast.chair, told_on) == ["You begin to cover cases of a colleague: 1"]
    morning = rows.scalars(select(OutboxMessage.recipient_id).filter_by(kind="digest")).all()
    assert cast.chair.id in morning
    for other in (cast.officer, cast.nurse, cast.stranger, cast.social_worker, cast.social_care_manager):
        assert in_digest(engine, other, told_on) == [], other.name


def test_of_what_is_cancelled_covered_no_more_or_not_to_be_read_nobody_hears_that_it_begins(
    rows: Session, engine: Engine, cast: Cast, case: Case
) -> None:
    absence = away(rows, cast.social_worker, SUNDAY, TUESDAY, cover=case, by=cast.chair).id
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    look(engine, at(FRIDAY, "07:30"))
    assert told(rows) == set()
    case.sensitivity = int(Sensitivity.NORMAL)
    rows.query(AbsenceCover).delete()
    rows.commit()
    look(engine, at(FRIDAY, "07:31"))
    rows.add(AbsenceCover(absence_id=absence, case_id=case.id, deputy_id=cast.chair.id))
    rows.get_one(Absence, absence).ended_at = at(THURSDAY)
    rows.commit()
    look(engine, at(FRIDAY, "07:32"))
    look(engine, at("2026-12-16", "07:30"))
    assert told(rows) == set()


def test_whoever_was_told_today_that_they_cover_a_case_is_not_told_twice(
    rows: Session, engine: Engine, cast: Cast, case: Case, acting: Acting
) -> None:
    absence = away(rows, cast.social_worker, SUNDAY, TUESDAY)
    with time_machine.travel(at(FRIDAY, "10:00"), tick=False):
        covers(acting, absence, cast.social_worker, cast.chair, case)
    look(engine, at(FRIDAY, "10:01"))
    assert told(rows) == set()


def test_whoever_is_told_when_no_e_mail_goes_out_before_it_begins_is_told_at_once(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    absence = away(rows, cast.social_worker, SUNDAY, TUESDAY)
    with time_machine.travel(at(SATURDAY, "10:00"), tick=False):
        covers(acting, absence, cast.social_worker, cast.chair, case)
    message = rows.scalars(select(OutboxMessage).filter_by(event="case_covered")).one()
    assert (message.not_before, message.urgent) == (at(SATURDAY, "10:00"), True)


@pytest.mark.parametrize(
    ("last", "told_on", "not_on"),
    [(FRIDAY, MONDAY, FRIDAY), (SUNDAY, MONDAY, FRIDAY), (MONDAY, TUESDAY, MONDAY)],
)
def test_when_the_last_day_is_over_whoever_covered_and_whoever_was_away_hear_of_it(
    rows: Session, engine: Engine, cast: Cast, case: Case, client_for: ClientFor, last: str, told_on: str,
    not_on: str,
) -> None:  # fmt: skip
    away(rows, cast.social_worker, "2026-12-07", last, cover=case, by=cast.chair)
    look(engine, at(not_on, "07:30"))
    assert told(rows) == set()
    for moment in ("07:30", "07:31"):
        look(engine, at(told_on, moment))
    assert told(rows) == {(cast.chair.id, ENDED), (cast.social_worker.id, OVER)}
    assert in_digest(engine, cast.chair, told_on) == ["You cover a colleague’s cases no longer: 1"]
    assert in_digest(engine, cast.social_worker, told_on) == ["Your days away are over: 1"]
    for other in (cast.officer, cast.nurse, cast.stranger, cast.social_care_manager):
        assert in_digest(engine, other, told_on) == [], other.name
    with time_machine.travel(at(told_on, "09:00"), tick=False):
        for person in (cast.chair, cast.social_worker):
            page = client_for(person).soup("/messages")
            (link,) = [
                str(one["href"])
                for one in page.select(".app-messages__title a")
                if "no longer" in one.get_text() or "days away" in one.get_text()
            ]
            assert client_for(person).get(link).location == "/absences"


def test_of_days_that_nobody_covered_or_that_were_ended_early_the_morning_says_nothing(
    rows: Session, engine: Engine, cast: Cast, case: Case, acting: Acting
) -> None:
    away(rows, cast.social_worker, "2026-12-07", FRIDAY)
    early = away(rows, cast.chair, "2026-12-07", FRIDAY, cover=case, by=cast.social_worker)
    with time_machine.travel(at(THURSDAY, "10:00"), tick=False), acting(cast.chair) as actor:
        keeping.end_absence(
            actor=actor,
            absence=db.session.get_one(Absence, early.id),
            person=db.session.get_one(User, cast.chair.id),
        )
    look(engine, at(MONDAY, "07:30"))
    assert told(rows) == set()
    early_on = rows.scalars(select(OutboxMessage.channel).filter_by(kind=ENDED)).all()
    assert early_on == ["mail"], "on Thursday, by what the chair did"
