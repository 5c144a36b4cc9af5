"""What becomes of a question for a meeting is told at once while that meeting runs, until its planned end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.meetings.model import Meeting
from portal.records.people.model import User
from portal.records.requests.answering import answer, withdraw
from portal.records.requests.model import InformationRequest
from tests.cast import Cast
from tests.factories.meetings import make_meeting
from tests.requests.conftest import asks, questions
from tests.told import of_event, page_words

Acting = Callable[[User], AbstractContextManager[Principal]]
IN_MEETING = "question_answered_in_meeting"
RUNS, OVER = timedelta(minutes=70), timedelta(minutes=160)


@pytest.fixture
def night() -> Iterator[datetime]:
    """A Sunday night on which nothing goes out that can wait."""
    today = clock.today()
    night = datetime.combine(today + timedelta(days=13 - today.weekday()), time(20), tzinfo=UTC)
    with time_machine.travel(night, tick=False):
        yield night


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case, night: datetime) -> Meeting:
    """One that begins in an hour."""
    return make_meeting(
        rows,
        cases=[case],
        chair=cast.chair,
        note_taker=cast.second_coordinator,
        starts_at=night + timedelta(hours=1),
    )


@pytest.fixture
def asked(rows: Session, cast: Cast, case: Case, acting: Acting, meeting: Meeting) -> UUID:
    """The council, not on the case and not invited, is asked for it."""
    asks(acting, cast.social_worker, case, cast.council_team, meeting=meeting)
    return questions(rows)[0].id


def answers(acting: Acting, cast: Cast, question: UUID) -> str:
    with acting(cast.community_safety) as actor:
        request = db.session.get_one(InformationRequest, question)
        answer(actor=actor, request=request, text="Seen", handling=Handling.NETWORK)
        return page_words()


def at_once(rows: Session, event: str) -> set[tuple[object, bool]]:
    """Who is sent an e-mail of an event, and whether it goes now."""
    rows.rollback()
    mails = rows.scalars(select(OutboxMessage).filter_by(event=event, channel="mail"))
    return {(one.recipient_id or one.recipient_team_id, one.not_before == clock.now()) for one in mails}


@pytest.mark.parametrize(("later", "now"), [(RUNS, True), (OVER, False)])
def test_an_answer_is_told_at_once_while_the_meeting_runs(
    rows: Session, cast: Cast, acting: Acting, asked: UUID, night: datetime, later: timedelta, *, now: bool
) -> None:
    with time_machine.travel(night + later, tick=False):
        words = answers(acting, cast, asked)
        assert at_once(rows, "question_answered") == {(cast.social_worker.id, now)}
        assert ("by e-mail now" in words) is now
        assert "9:00" not in words, "when a meeting is to which they are not invited is not for them"
        assert "10:30" not in words


@pytest.mark.parametrize(("later", "now"), [(RUNS, True), (OVER, False)])
def test_that_a_question_is_withdrawn_is_told_at_once_while_the_meeting_runs(
    rows: Session, cast: Cast, acting: Acting, asked: UUID, night: datetime, later: timedelta, *, now: bool
) -> None:
    with time_machine.travel(night + later, tick=False):
        with acting(cast.social_worker) as actor:
            request = db.session.get_one(InformationRequest, asked)
            withdraw(actor=actor, request=request, reason="It is settled")
        assert at_once(rows, "question_withdrawn") == {(cast.council_team.id, now)}


def test_whoever_chairs_hears_of_an_answer_while_the_meeting_runs_and_is_not_named(
    rows: Session, cast: Cast, acting: Acting, asked: UUID, night: datetime
) -> None:
    with time_machine.travel(night + RUNS, tick=False):
        words = answers(acting, cast, asked)
        assert of_event(rows, IN_MEETING) == {(cast.chair.id, "mail", "answered_for_meeting")}
        assert at_once(rows, IN_MEETING) == {(cast.chair.id, True)}
        assert cast.chair.name not in words
        assert "if there is anybody" not in words, "or they learn that the meeting is held now"


def test_whoever_chairs_and_asked_is_told_once(
    rows: Session, cast: Cast, case: Case, acting: Acting, meeting: Meeting, night: datetime
) -> None:
    asks(acting, cast.chair, case, cast.council_team, meeting=meeting)
    (question,) = questions(rows)
    with time_machine.travel(night + RUNS, tick=False):
        answers(acting, cast, question.id)
        assert at_once(rows, "question_answered") == {(cast.chair.id, True)}
        assert of_event(rows, IN_MEETING) == set()


def test_after_its_end_an_answer_is_news_alone_to_whoever_chaired(
    rows: Session, cast: Cast, acting: Acting, asked: UUID, night: datetime
) -> None:
    with time_machine.travel(night + OVER, tick=False):
        words = answers(acting, cast, asked)
        assert of_event(rows, IN_MEETING) == set()
        assert "if there is anybody" not in words


def test_nobody_but_whoever_may_know_of_a_question_learns_when_its_meeting_is(
    cast: Cast, acting: Acting, asked: UUID
) -> None:
    when = select(db.func.count()).select_from(db.func.ctx.meeting_of_question(asked).table_valued("begins"))
    for who, found in ((cast.community_safety, 1), (cast.officer, 1), (cast.stranger, 0), (cast.teacher, 0)):
        with acting(who):
            assert db.session.scalar(when) == found, who.name
