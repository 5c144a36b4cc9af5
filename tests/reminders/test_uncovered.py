"""Whoever manages somebody who is away hears of their cases at HIGH that nobody covers in time."""

from datetime import timedelta

import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import Absence, OutboxMessage
from portal.messages.vocabulary import CancelReason
from portal.records.absences import keeping
from portal.records.cases.model import Case
from portal.records.people.model import Team, User
from portal.reminders.claims import Cancel, Send
from portal.vocabulary import RiskLevel, Sensitivity
from tests.absences.test_telling import MAIL, covers, enters
from tests.assessments.conftest import Acting, case_of_three
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant
from tests.reminders.test_digests import MONDAY, look, queued, said
from tests.reminders.travel import at, away, judged, open_duty
from tests.told import look_at, of_event, page_words, untold

EVENT = "case_left_uncovered"
IN_TIME = timedelta(hours=2)


def at_high(rows: Session, cast: Cast) -> Case:
    """A case at HIGH that the social worker leads, whose team has a manager."""
    case = case_of_three(rows, cast)
    case.level = RiskLevel.HIGH
    rows.commit()
    return case


def becomes(rows: Session, engine: Engine) -> list[object]:
    """What becomes of what managers are told, two hours from now."""
    found = judged(engine, clock.now() + IN_TIME)
    return [one for message, one in found if message.kind == "cover_missing"]


def test_whoever_manages_hears_of_a_case_at_high_that_nobody_covers_in_time(
    rows: Session, engine: Engine, cast: Cast, acting: Acting
) -> None:
    at_high(rows, cast)
    with time_machine.travel("2026-12-02T10:00:00+00:00", tick=False):
        enters(acting, cast.social_worker, cast.social_worker)
        assert of_event(rows, EVENT) == {(cast.social_care_manager.id, MAIL, "cover_missing")}
        message = rows.scalars(select(OutboxMessage).filter_by(event=EVENT)).one()
        in_an_hour = clock.now() + timedelta(hours=1)
        assert message.not_before == message.held_until == in_an_hour, "there is time to choose who covers it"
        assert becomes(rows, engine) == [Send(cast.social_care_manager.email)]


def test_of_several_cases_a_manager_hears_once_until_each_is_covered(
    rows: Session, engine: Engine, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    cases = [at_high(rows, cast), at_high(rows, cast)]
    with time_machine.travel("2026-12-02T10:00:00+00:00", tick=False):
        with acting(cast.social_worker) as actor:
            person, today = db.session.get_one(User, cast.social_worker.id), clock.today()
            made = keeping.enter_absence(actor=actor, person=person, first_day=today, last_day=today)
            words, absence_id = page_words(), made.id
        assert "Told if nobody covers them until then, from 11:00am: Sol Manager (manages there)." in words
        told = look_at(rows.scalars(select(OutboxMessage).filter_by(event=EVENT)))
        assert [one.recipient_id for one in told] == [cast.social_care_manager.id]
        manager = client_for(cast.social_care_manager)
        assert f"/go/{told[0].id}" not in manager.get("/messages").text
        covers(acting, rows.get_one(Absence, absence_id), cast.social_worker, cast.chair, cases[0])
        assert becomes(rows, engine) == [Send(cast.social_care_manager.email)]
        assert manager.get(f"/go/{told[0].id}").status_code == 404, "it is held"
        with time_machine.travel(clock.now() + IN_TIME, tick=False):
            manager = client_for(cast.social_care_manager)
            on = manager.get(manager.get(f"/go/{told[0].id}").location).location
            assert on == f"/absences/{absence_id}"
            assert cases[1].reference in manager.soup(on).get_text()
            for person in (cast.officer, cast.stranger):
                away = client_for(person).get(f"/absences/of/{cast.social_worker.id}")
                assert away.location == "/absences", "of another agency nobody learns who is away"
        covers(acting, rows.get_one(Absence, absence_id), cast.social_worker, cast.chair, cases[1])
        assert becomes(rows, engine) == [Cancel(CancelReason.DONE)]


def test_nobody_hears_of_a_case_that_somebody_covers_by_then_or_of_days_that_were_cancelled(
    rows: Session, engine: Engine, cast: Cast, acting: Acting
) -> None:
    case = at_high(rows, cast)
    with time_machine.travel("2026-12-02T10:00:00+00:00", tick=False):
        absence = enters(acting, cast.social_worker, cast.social_worker)
        covers(acting, absence, cast.social_worker, cast.chair, case)
        assert becomes(rows, engine) == [Cancel(CancelReason.DONE)]
        with acting(cast.social_worker) as actor:
            held = db.session.get_one(Absence, absence.id)
            away = db.session.get_one(User, cast.social_worker.id)
            keeping.uncover_case(actor=actor, absence=held, person=away, case_id=case.id)
        assert becomes(rows, engine) == [Send(cast.social_care_manager.email)] * 2
        with acting(cast.social_worker) as actor:
            held = db.session.get_one(Absence, absence.id)
            away = db.session.get_one(User, cast.social_worker.id)
            keeping.end_absence(actor=actor, absence=held, person=away)
        assert becomes(rows, engine) == [Cancel(CancelReason.NO_LONGER_NEEDED)] * 2


def test_of_other_cases_and_to_whoever_entered_it_themselves_nothing_is_said(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case = case_of_three(rows, cast)
    enters(acting, cast.social_worker, cast.social_worker)
    case.level = RiskLevel.HIGH
    rows.commit()
    enters(acting, cast.social_care_manager, cast.chair)  # who does not work on it
    assert of_event(rows, EVENT) == set()


def test_of_a_sealed_case_a_manager_who_does_not_read_it_learns_nothing(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case = at_high(rows, cast)
    for person in (cast.social_worker, cast.second_coordinator):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    enters(acting, cast.social_worker, cast.social_worker)
    told = {who for who, _, _ in of_event(rows, EVENT)}
    assert told == {cast.second_coordinator.id}


def test_where_nobody_manages_the_page_says_so_and_the_hub_has_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    at_high(rows, cast)
    rows.get_one(Team, cast.social_care_team.id).manager_id = None
    rows.get_one(User, cast.social_care_manager.id).active = False
    rows.commit()
    with acting(cast.social_worker) as actor:
        person = db.session.get_one(User, cast.social_worker.id)
        keeping.enter_absence(
            actor=actor, person=person, first_day=clock.today(), last_day=clock.today() + timedelta(days=1)
        )
        assert "Not told: manages there" in page_words()
    assert untold(rows) == {(EVENT, "manager", "nobody")}


def test_what_somebody_who_is_away_owes_stands_in_the_morning_message_of_whoever_covers_the_case(
    rows: Session, engine: Engine, cast: Cast
) -> None:
    case, other = case_of_three(rows, cast), case_of_three(rows, cast)
    for owed in rows.scalars(select(Deadline)):
        owed.due_at = at("2099-01-05")
    for about in (case, other):
        open_duty(
            rows,
            opened=at("2026-12-07"),
            due=at(MONDAY, "23:59"),
            subject=about,
            case_id=about.id,
            owner_id=cast.social_worker.id,
        )
    away(rows, cast.social_worker, MONDAY, MONDAY, cover=case, by=cast.chair)
    look(engine, at(MONDAY, "07:31"))
    written = {("digest", one.id) for one in (cast.chair, cast.social_worker)}
    assert set(queued(rows)) == written, "that of whoever is away is cancelled when it would go out"
    (line,) = said(engine, cast.chair, "digest", at(MONDAY, "08:00"))
    assert line.reference == case.reference
    assert said(engine, cast.colleague, "digest", at(MONDAY, "08:00")) == []
    assert said(engine, cast.chair, "digest", at("2026-12-15", "08:00")) == [], "its owner is back"
