"""What the tests of the end of a case share: one that social care leads, and steps towards its end."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.assessments.concluding import agree
from portal.records.assessments.lifecycle import written_now
from portal.records.cases.model import Case
from portal.records.closing.checks import closure_of
from portal.records.closing.effects import reopen_case
from portal.records.closing.ending import Ending, FollowUp, agree_to_end, end_case, refuse_to_end
from portal.records.closing.model import CaseClosure
from portal.records.closing.vocabulary import ClosureKind
from portal.records.minutes.model import Decision
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from portal.vocabulary import RiskLevel
from tests.assessments.conftest import assessed, case_of_three
from tests.cast import Cast
from tests.factories.closing import make_decision

Acting = Callable[[User], AbstractContextManager[Principal]]
Working = Callable[[Callable[[Engine], int]], int]
OUTSIDE = FollowUp(name="Hew Helper", agency="School", contact="01632 960456")


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A normal case with social care, which leads, police and health on it."""
    return case_of_three(rows, cast)


@pytest.fixture
def working(app: Flask) -> Iterator[Working]:
    """One run of a tick, as the worker."""
    engine = create_engine(app.config["DATABASE_WORKER_URL"])

    def run(tick: Callable[[Engine], int]) -> int:
        return tick(engine)

    yield run
    engine.dispose()


def ending(kind: ClosureKind = ClosureKind.CLOSED, **changes: Any) -> Ending:
    """An ending with everything said."""
    said: dict[str, Any] = {
        "reason": "risk_lower" if kind is ClosureKind.CLOSED else "moved",
        "words": "College, a safe home and no contact for months",
        "follow_up": OUTSIDE,
        "reopen_if": "The child goes missing or is seen with the same adults",
        "minutes_reason": "The chair has read them, and adult services begin tomorrow",
        "level_reason": "Nobody has met to lower it",
        "undone_reason": "The other area holds it tomorrow",
    }
    return Ending(kind=kind, **(said | changes))


def ends(acting: Acting, person: User, case: Case, said: Ending | None = None) -> None:
    """Somebody ends the case, or asks that it end."""
    with acting(person) as actor:
        record = db.session.get_one(Case, case.id)
        end_case(actor=actor, case=record, ending=said or ending(), version=record.version)


def agrees(acting: Acting, person: User, case: Case) -> None:
    """Somebody agrees that the case ends."""
    with acting(person) as actor:
        record = db.session.get_one(Case, case.id)
        agree_to_end(actor=actor, case=record, closure=asked(record))


def refuses(acting: Acting, person: User, case: Case, reason: str = "Ask health first") -> None:
    """Somebody says that the case goes on."""
    with acting(person) as actor:
        record = db.session.get_one(Case, case.id)
        refuse_to_end(actor=actor, case=record, closure=asked(record), reason=reason)


def asked(case: Case) -> CaseClosure:
    """What stands about the end of a case."""
    found = closure_of(case)
    assert found is not None
    return found


def decided(rows: Session, cast: Cast, case: Case, outcome: MeetingOutcome, **facts: Any) -> Decision:
    """A meeting was held on the case and came to an outcome."""
    return make_decision(rows, case, chair=cast.chair, note_taker=cast.officer, outcome=outcome, **facts)


def closed(rows: Session, cast: Cast, acting: Acting, case: Case) -> Case:
    """The case is assessed as low, met on, and closed."""
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    ends(acting, cast.social_worker, case)
    return now_is(rows, case)


def steps_down(acting: Acting, cast: Cast, case: Case, level: RiskLevel) -> None:
    """The case is assessed as a lower level, and a manager agrees."""
    assessed(acting, cast.social_worker, case, level)
    with acting(cast.social_care_manager) as actor:
        record = db.session.get_one(Case, case.id)
        waiting = written_now(record)
        assert waiting is not None
        agree(actor=actor, case=record, assessment=waiting, version=waiting.version)


def reopens(acting: Acting, person: User, case: Case, reason: str = "Seen again", **more: Any) -> None:
    """Somebody reopens the case."""
    with acting(person) as actor:
        record = db.session.get_one(Case, case.id)
        reopen_case(actor=actor, case=record, reason=reason, version=record.version, **more)


def now_is(rows: Session, case: Case) -> Case:
    """The case as it is stored."""
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Case, case.id)
