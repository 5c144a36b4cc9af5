"""What has to be opened and is not: it goes to the team of whoever was told, then to its manager, once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import CancelReason, MessageState
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.reminders import unopened
from portal.reminders.claims import Cancel
from portal.reminders.outbox import Outbox
from portal.vocabulary import Desk, RiskLevel, Sensitivity
from tests.assessments.conftest import assessed
from tests.client import Client
from tests.factories.telling import was_told
from tests.messages.crowd import Crowd, crowd
from tests.messages.test_rows_of_cases import warns
from tests.missing.conftest import reports
from tests.reminders.conftest import behaviour, engine, outbox
from tests.reminders.travel import judged
from tests.told import untold

__all__ = ["behaviour", "crowd", "engine", "outbox"]

Browser = Callable[[User | None], Client]

#: A Tuesday at ten; what is not urgent may stay unopened until the end of the next working day.
TOLD = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
NEXT_EVENING = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)
PASSED_ON = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)  # as the hours open on the Thursday
TO_MANAGER = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)  # Friday was to open it, the weekend does not count


class Clock:
    """The worker at moments: it passes on what nobody opened and sends what waits."""

    def __init__(self, engine: Engine, outbox: Outbox, rows: Session) -> None:
        self.engine, self.outbox, self.rows = engine, outbox, rows

    def run(self, moment: datetime) -> int:
        """One run of both ticks; how many messages were looked at."""
        with time_machine.travel(moment, tick=False):
            with self.engine.begin() as connection:
                looked = unopened.pass_on(connection)
            self.outbox.send(self.engine)
        self.rows.expire_all()
        return looked

    def passed_on(self) -> list[OutboxMessage]:
        """What was passed on by e-mail, in its order."""
        self.rows.rollback()
        found = select(OutboxMessage).where(
            OutboxMessage.passes_on_id.is_not(None), OutboxMessage.channel == "mail"
        )
        return list(self.rows.scalars(found.order_by(OutboxMessage.created_at, OutboxMessage.key)))

    def whom(self) -> list[UUID | None]:
        """Who was told by that: persons and teams."""
        return [one.recipient_id or one.recipient_team_id for one in self.passed_on()]


@pytest.fixture
def worker(engine: Engine, outbox: Outbox, rows: Session) -> Clock:
    return Clock(engine, outbox, rows)


def reads(rows: Session, message: OutboxMessage, moment: datetime) -> None:
    """Whoever it was written to has read it."""
    message.read_at = moment
    rows.commit()


def of(rows: Session, who: User | Team, event: str) -> OutboxMessage:
    """The e-mail of an event to somebody."""
    rows.expire_all()
    column = "recipient_id" if isinstance(who, User) else "recipient_team_id"
    return rows.scalars(
        select(OutboxMessage).filter_by(event=event, channel="mail", passes_on_id=None, **{column: who.id})
    ).one()


def told_all_but(crowd: Crowd, event: str, *who: User | Team) -> None:
    """Everybody but some read what they were told of an event."""
    crowd.rows.rollback()
    for one in crowd.rows.scalars(select(OutboxMessage).filter_by(event=event)):
        members = [
            team.id
            for team in who
            if isinstance(team, Team) and crowd.rows.get(TeamMember, (team.id, one.recipient_id)) is not None
        ]
        if not members and (one.recipient_id or one.recipient_team_id) not in {each.id for each in who}:
            one.read_at = TOLD + timedelta(minutes=5)
    crowd.rows.commit()


def warned(crowd: Crowd, worker: Clock) -> None:
    """An alert is put on the case, and its e-mails go out."""
    with time_machine.travel(TOLD, tick=False):
        warns(crowd, "no_family_contact")
    worker.run(TOLD + timedelta(minutes=1))


def test_what_the_leading_person_reads_goes_no_further(crowd: Crowd, worker: Clock) -> None:
    warned(crowd, worker)
    told_all_but(crowd, "warning_set")
    assert worker.run(PASSED_ON) > 0
    assert worker.whom() == []
    assert worker.run(PASSED_ON) == 0, "each is looked at once"


def test_a_team_of_which_nobody_opened_it_is_passed_on_to_its_manager_once(
    crowd: Crowd, worker: Clock
) -> None:
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", crowd.cast.police_team, crowd.cast.officer)
    worker.run(NEXT_EVENING)
    assert worker.whom() == [], "it may be opened until the day is over"
    for moment in (PASSED_ON, PASSED_ON, TO_MANAGER, TO_MANAGER + timedelta(days=7)):
        worker.run(moment)
    assert worker.whom() == [crowd.cast.police_manager.id], (
        "and the officer, of that team, is not counted anew"
    )
    (passed,) = worker.passed_on()
    assert (passed.kind, passed.event, passed.urgent) == ("not_opened", "warning_set", False)
    assert passed.not_before == PASSED_ON
    assert passed.state == MessageState.ACCEPTED
    about = crowd.rows.get_one(OutboxSubject, passed.id)
    assert (about.case_id, about.reference) == (crowd.case.id, crowd.case.reference)


def test_one_of_the_team_who_opened_it_is_enough(crowd: Crowd, worker: Clock) -> None:
    cast = crowd.cast
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", cast.police_team, cast.officer)
    line = crowd.rows.scalars(
        select(OutboxMessage).filter_by(event="warning_set", recipient_id=cast.colleague.id)
    ).one()
    reads(crowd.rows, line, TOLD + timedelta(hours=3))
    worker.run(PASSED_ON)
    assert worker.whom() == []


def test_one_person_who_was_told_alone_their_team_hears_at_its_duty_address_then_its_manager(
    crowd: Crowd, worker: Clock
) -> None:
    cast = crowd.cast
    teams_hear_nothing(crowd)
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", cast.officer)
    worker.run(PASSED_ON)
    assert worker.whom() == [cast.police_team.id]
    (to_team,) = worker.passed_on()
    assert (to_team.handed_from_id, to_team.handed_reason) == (cast.officer.id, "not_opened")
    people = set(
        crowd.rows.scalars(
            select(OutboxMessage.recipient_id).filter_by(passes_on_id=to_team.passes_on_id, channel="portal")
        )
    )
    assert cast.colleague.id in people
    assert cast.officer.id not in people, "who has not opened it is not told twice"
    assert people.isdisjoint({cast.stranger.id, cast.nurse.id, cast.social_worker.id})
    worker.run(TO_MANAGER)
    assert worker.whom() == [cast.police_team.id, cast.police_manager.id]
    worker.run(TO_MANAGER + timedelta(days=7))
    assert len(worker.whom()) == 2, "after the manager there is nobody"


def teams_hear_nothing(crowd: Crowd) -> None:
    """Nobody in the teams is told in their own right: the policy tells the people alone."""
    teams = current_policy().telling._by_event
    teams["warning_set"] = tuple(one for one in teams["warning_set"] if one.to != "team")  # type: ignore[index]  # a test changes what the program does not


@pytest.fixture(autouse=True)
def policy_as_it_was(app: Flask) -> object:
    """What a test takes out of the policy is there again after it."""
    rows = current_policy().telling._by_event
    kept = dict(rows)
    yield
    rows.update(kept)  # type: ignore[attr-defined]  # likewise


@pytest.mark.parametrize("opens", ["the one who was told", "one of the team"])
def test_who_opens_it_late_ends_it(crowd: Crowd, worker: Clock, opens: str) -> None:
    cast = crowd.cast
    teams_hear_nothing(crowd)
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", cast.officer)
    worker.run(PASSED_ON)
    late = of(crowd.rows, cast.officer, "warning_set")
    if opens == "one of the team":
        late = crowd.rows.scalars(
            select(OutboxMessage).filter_by(kind="not_opened", recipient_id=cast.colleague.id)
        ).one()
    reads(crowd.rows, late, PASSED_ON + timedelta(hours=1))
    worker.run(TO_MANAGER)
    assert worker.whom() == [cast.police_team.id]


def test_what_waits_for_the_hours_is_not_sent_where_it_was_opened_meanwhile(
    crowd: Crowd, worker: Clock, engine: Engine
) -> None:
    cast = crowd.cast
    teams_hear_nothing(crowd)
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", cast.officer)
    night = PASSED_ON - timedelta(hours=3)
    with time_machine.travel(night, tick=False), engine.begin() as connection:
        unopened.pass_on(connection)
    assert worker.whom() == [cast.police_team.id]
    reads(crowd.rows, of(crowd.rows, cast.officer, "warning_set"), night + timedelta(hours=1))
    ((_, standing),) = judged(engine, PASSED_ON)
    assert standing == Cancel(CancelReason.OPENED)


def test_who_reads_the_case_no_more_is_passed_on_to_nobody(crowd: Crowd, worker: Clock) -> None:
    cast = crowd.cast
    teams_hear_nothing(crowd)
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", cast.officer)
    crowd.rows.get_one(Case, crowd.case.id).sensitivity = int(Sensitivity.SEALED)
    crowd.rows.commit()
    worker.run(PASSED_ON)
    assert worker.whom() == []
    assert untold(crowd.rows) == set(), "nobody need know it there"


def test_the_team_of_somebody_named_on_a_case_that_it_does_not_read_hears_nothing_and_the_hub_does(
    crowd: Crowd, worker: Clock
) -> None:
    cast = crowd.cast
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", cast.teacher)
    worker.run(PASSED_ON)
    assert worker.whom() == []
    assert ("warning_set", "reader", "not_opened") in untold(crowd.rows)


def test_who_left_is_not_waited_for(crowd: Crowd, worker: Clock) -> None:
    cast = crowd.cast
    teams_hear_nothing(crowd)
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", cast.officer)
    crowd.rows.get_one(User, cast.officer.id).active = False
    crowd.rows.commit()
    worker.run(PASSED_ON)
    assert worker.whom() == [cast.police_team.id]


def test_a_rise_of_the_level_is_followed_too(crowd: Crowd, worker: Clock) -> None:
    cast = crowd.cast
    with time_machine.travel(TOLD, tick=False):
        assessed(crowd.acting, cast.coordinator, crowd.case, RiskLevel.HIGH)
    worker.run(TOLD + timedelta(minutes=1))
    told_all_but(crowd, "level_raised", cast.police_team, cast.officer)
    told_all_but(crowd, "level_high")
    worker.run(PASSED_ON)
    assert [(one.event, one.recipient_id) for one in worker.passed_on()] == [
        ("level_raised", cast.police_manager.id)
    ]


def missing(crowd: Crowd, worker: Clock, at: datetime) -> MissingEpisode:
    """The child is reported missing in the night, and the e-mails go out."""
    rows, cast = crowd.rows, crowd.cast
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Agency, cast.social_care.id).authority = "derbyshire"
    rows.commit()
    with time_machine.travel(at, tick=False):
        episode = reports(crowd.acting, cast.coordinator, child=rows.get_one(Child, crowd.case.child_id))
    worker.run(at + timedelta(minutes=1))
    return episode


def test_what_is_urgent_waits_for_two_hours_and_for_no_morning(crowd: Crowd, worker: Clock) -> None:
    cast, night = crowd.cast, datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
    missing(crowd, worker, night)
    told_all_but(crowd, "missing_reported", cast.police_other_team)
    worker.run(night + timedelta(hours=2))
    assert worker.whom() == []
    worker.run(night + timedelta(hours=2, minutes=2))
    (passed,) = worker.passed_on()
    assert (passed.kind, passed.urgent, passed.state) == ("not_opened_urgent", True, MessageState.ACCEPTED)
    assert passed.agency_id == cast.police.id
    assert passed.last_word, "the desk is told whether it may see the child or not, and so is its manager"


def test_once_the_child_is_back_nobody_is_woken_for_the_report(crowd: Crowd, worker: Clock) -> None:
    cast, night = crowd.cast, datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
    episode = missing(crowd, worker, night)
    was_told(
        crowd.rows,
        cast.police_other_team,
        kind="missing_returned",
        event="missing_returned",
        subject=("missing_episode", episode.id),
        at=night + timedelta(hours=1),
    )
    worker.run(night + timedelta(hours=3))
    assert worker.whom() == []


def test_one_that_cannot_be_passed_on_keeps_no_other_waiting(
    crowd: Crowd, worker: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = crowd.cast
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", cast.police_team, cast.social_care_team)
    passed, kept = unopened._next, of(crowd.rows, cast.social_care_team, "warning_set").id

    def fails(connection: object, message: object, teams: object) -> object:
        if message.id == kept:  # type: ignore[attr-defined]  # a message
            raise ValueError("it cannot be written")
        return passed(connection, message, teams)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(unopened, "_next", fails)
    worker.run(PASSED_ON)
    assert worker.whom() == [cast.police_manager.id]
    monkeypatch.undo()
    worker.run(PASSED_ON + timedelta(minutes=59))
    assert len(worker.whom()) == 1
    worker.run(PASSED_ON + timedelta(minutes=61))
    assert len(worker.whom()) == 2, "it is tried again in an hour"


#: Twenty thousand messages that were read, of which a thousand are to be looked at.
MANY = """
insert into outbox_message (id, key, kind, event, last_word, channel, urgent, agency_id, recipient_id,
                            created_at, state, attempts, not_before, next_try_at, unopened_at, read_at)
select gen_random_uuid(), 'test:' || n, 'alert_set', 'warning_set', false, 'mail', false, :agency, :person,
       now(), 'accepted', 1, now(), now(), case when n <= 1000 then timestamptz '2026-11-25' end, now()
  from generate_series(1, 20000) n
"""
ABOUT = """
insert into outbox_subject (message_id, subject_kind, subject_id)
select id, 'cre_case', :case from outbox_message where key like 'test:%'
"""


def test_one_look_takes_so_many_and_asks_an_index(crowd: Crowd, worker: Clock, engine: Engine) -> None:
    """Whatever else there is: a thousand that were opened are looked at in ten runs of four statements."""
    crowd.rows.execute(text(MANY), {"agency": crowd.cast.police.id, "person": crowd.cast.officer.id})
    crowd.rows.execute(text(ABOUT), {"case": crowd.case.id})
    crowd.rows.commit()
    crowd.rows.execute(text("analyze outbox_message"))
    crowd.rows.commit()
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    with time_machine.travel(PASSED_ON, tick=False), engine.begin() as connection:
        assert unopened.pass_on(connection) == unopened.AT_ONCE
    assert len(asked) <= 4, asked
    plan = "\n".join(
        crowd.rows.scalars(
            text(
                "explain select id from outbox_message where unopened_at <= now()"
                " order by unopened_at limit 100 for update skip locked"
            )
        )
    )
    assert "ix_outbox_message_unopened" in plan
    left = crowd.rows.scalar(text("select count(*) from outbox_message where unopened_at is not null"))
    assert left == 900


def test_two_workers_at_once_take_each_message_once(crowd: Crowd, worker: Clock, engine: Engine) -> None:
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", crowd.cast.police_team, crowd.cast.officer)
    with time_machine.travel(PASSED_ON, tick=False), engine.begin() as one, engine.begin() as other:
        assert unopened.pass_on(one) > 0
        assert unopened.pass_on(other) == 0
    assert worker.whom() == [crowd.cast.police_manager.id]


def test_the_page_of_the_case_says_what_was_opened_and_to_whom_it_was_passed_on(
    crowd: Crowd, worker: Clock, client_for: Browser
) -> None:
    cast = crowd.cast
    teams_hear_nothing(crowd)
    warned(crowd, worker)
    told_all_but(crowd, "warning_set", cast.officer)
    worker.run(PASSED_ON)
    address = f"/cases/{crowd.case.reference}/told"
    page = client_for(cast.social_worker).soup(address)
    lines = [" ".join(row.get_text(" ", strip=True).split()) for row in page.select("tbody tr")]
    (to_team,) = [
        one
        for one in lines
        if f"Meant first for {cast.officer.name}: not opened in time" in one and "by e-mail" in one
    ]
    assert cast.police_team.name in to_team
    assert to_team.endswith("Not yet")
    assert any(cast.nurse.name in one and one.endswith("24 November 2026 at 10:05am") for one in lines)
    assert client_for(cast.stranger).get(address).status_code == 404
    assert client_for(cast.community_safety).get(address).status_code == 404


def test_whoever_of_the_team_follows_the_link_of_its_message_has_opened_it(
    crowd: Crowd, worker: Clock, client_for: Browser
) -> None:
    cast = crowd.cast
    warned(crowd, worker)
    message = of(crowd.rows, cast.police_team, "warning_set")
    assert client_for(cast.nurse).get(f"/go/{message.id}").status_code == 404
    assert of(crowd.rows, cast.police_team, "warning_set").read_at is None
    assert client_for(cast.colleague).get(f"/go/{message.id}").status_code == 303
    first = of(crowd.rows, cast.police_team, "warning_set").read_at
    assert first is not None
    client_for(cast.officer).get(f"/go/{message.id}")
    assert of(crowd.rows, cast.police_team, "warning_set").read_at == first, "it counts from the first on"
