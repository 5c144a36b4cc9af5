"""Whatever is done with a case, in whatever order: it keeps a clock, and its records their date and policy.

Histories are made up and acted out through the services, with the sessions of the people who would do it.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.pathway.states import CASE_MOVES, OPEN_CASE_STATES
from portal.policy import PolicyBook, current_policy, load_book, use
from portal.records.assessments.model import LevelDecision, RiskAssessment
from portal.records.assessments.rules import lowers
from portal.records.cases.model import Case
from portal.records.cases.opening import open_case
from portal.records.children.model import Child
from portal.records.closing.model import CaseClosure
from portal.records.meetings.attendance import Mark, Marking, hold
from portal.records.meetings.model import Invitation
from portal.records.meetings.vocabulary import Attendance
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import Team, User
from portal.vocabulary import CaseState, RiskLevel
from tests.assessments.conftest import assessed, begin
from tests.cast import Cast
from tests.closing.conftest import Acting, agrees, decided, ending, ends, now_is, reopens, steps_down
from tests.factories.cases import make_child
from tests.factories.meetings import make_meeting
from tests.meetings.days import acted

EDITIONS = Path(__file__).parents[2] / "config" / "policy"
SECOND = "2026-11-02"
LEVELS = st.sampled_from(list(RiskLevel))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("assess"), LEVELS),
        st.tuples(st.sampled_from(["begin", "meet", "review", "end", "end", "reopen", "edition"]), st.none()),
    ),
    min_size=3,
    max_size=7,
)


@pytest.fixture(scope="module")
def second_book(tmp_path_factory: pytest.TempPathFactory) -> PolicyBook:
    """The policy with a second dated edition, in which every time is another."""
    copy = tmp_path_factory.mktemp("policy") / "policy"
    shutil.copytree(EDITIONS, copy)
    first = next(copy.iterdir())
    later = copy / SECOND
    later.mkdir()
    edition = (first / "edition.toml").read_text("utf-8").replace(first.name, SECOND)
    (later / "edition.toml").write_text(edition, "utf-8")
    clocks = (first / "clocks.toml").read_text("utf-8").replace("value = 10\n", "value = 7\n")
    (later / "clocks.toml").write_text(clocks, "utf-8")
    return load_book(copy)


@pytest.fixture
def first_book() -> Iterator[PolicyBook]:
    """The policy as it is, put back when the test is over."""
    book = load_book(EDITIONS)
    yield book
    use(book)


@dataclass
class History:
    """One case, what was done with it, and what was seen of its records so far."""

    rows: Session
    cast: Cast
    acting: Acting
    books: tuple[PolicyBook, PolicyBook]
    case: Case
    seen: dict[tuple[str, Any], tuple[Any, ...]] = field(default_factory=dict)
    number: Iterator[int] = field(default_factory=count)
    took: list[str] = field(default_factory=list)

    def take(self, step: str, level: RiskLevel | None) -> None:
        """Do it, or be refused in words; nothing else may happen."""
        with suppress(DomainError, Forbidden):
            getattr(self, f"_{step}")(level)
            self.took.append(step)

    def _assess(self, level: RiskLevel) -> None:
        before = now_is(self.rows, self.case).level
        if lowers(RiskLevel(before) if before else None, level):
            steps_down(self.acting, self.cast, self.case, level)
        else:
            assessed(self.acting, self.cast.social_worker, self.case, level)

    def _begin(self, _: None) -> None:
        begin(self.acting, self.cast.social_worker, self.case)

    def _meet(self, _: None) -> None:
        self._held("first")

    def _review(self, _: None) -> None:
        self._held("review")

    def _held(self, kind: str) -> None:
        meeting = make_meeting(
            self.rows,
            chair=self.cast.chair,
            note_taker=self.cast.officer,
            cases=[self.case],
            kind=kind,
            starts_at=clock.now() - timedelta(hours=2),
        )
        invited = self.rows.scalars(select(Invitation.id).where(Invitation.meeting_id == meeting.id))
        marks = {one: Marking(seen=Mark(), now=Mark(Attendance.PRESENT)) for one in invited}
        with self.acting(self.cast.chair) as actor:
            hold(actor=actor, meeting=acted(meeting), marks=marks)

    def _end(self, _: None) -> None:
        """As a meeting decides; where nothing was found and nobody met, by two people."""
        levels = set(self.rows.scalars(select(LevelDecision.level).filter_by(case_id=self.case.id)))
        if levels == {"none"} and next(self.number) % 2 == 0:
            ends(self.acting, self.cast.social_worker, self.case, ending(reason="no_exploitation"))
            agrees(self.acting, self.cast.social_care_manager, self.case)
            return
        decided(self.rows, self.cast, self.case, MeetingOutcome.CLOSE, held_at=clock.now())
        ends(self.acting, self.cast.social_worker, self.case)

    def _reopen(self, _: None) -> None:
        reopens(self.acting, self.cast.coordinator, self.case)

    def _edition(self, _: None) -> None:
        use(self.books[next(self.number) % 2])

    def check(self) -> None:
        """What holds after every step."""
        case = now_is(self.rows, self.case)
        duties = self.rows.scalars(select(Deadline).where(Deadline.case_id == case.id)).all()
        owed = [one for one in duties if one.state == DeadlineState.OPEN]
        if case.state in OPEN_CASE_STATES:
            assert owed, "an open case keeps an open deadline"
            assert all(one.owner_id or one.owner_team_id or one.owner_agency_id for one in owed)
        else:
            # who has no account is still to be told that it ended, and a manager still answers for the level
            assert not [one for one in owed if one.kind not in {"by_hand", "sign_off"}], (
                "what ended owes nothing"
            )
        standing = self.rows.scalars(
            select(CaseClosure.kind).where(
                CaseClosure.case_id == case.id,
                CaseClosure.closed_at.is_not(None),
                CaseClosure.reopened_at.is_(None),
            )
        ).all()
        assert list(standing) == ([] if case.state in OPEN_CASE_STATES else [case.state])
        kept: list[tuple[str, Any, tuple[Any, ...]]] = [
            ("deadline", one.id, (one.original_due_at, one.started_at, one.policy_version)) for one in duties
        ]
        kept.append(("case", case.id, (case.policy_version,)))
        for model in (RiskAssessment, CaseClosure):
            found = self.rows.execute(select(model.id, model.policy_version).filter_by(case_id=case.id))
            kept += [(model.__tablename__, row.id, (row.policy_version,)) for row in found]
        for kind, key, facts in kept:
            assert self.seen.setdefault((kind, key), facts) == facts, f"a {kind} was changed"

    def refuse_what_is_not_listed(self) -> None:
        """The database itself, whoever asks it."""
        case = now_is(self.rows, self.case)
        legal = {move.target for move in CASE_MOVES if move.origin == case.state} | {CaseState(case.state)}
        for target in set(CaseState) - legal:
            with pytest.raises(DBAPIError, match="does not go from"), self.rows.begin_nested():
                self.rows.execute(update(Case).where(Case.id == case.id).values(state=target))
        self.rows.rollback()


def by_meeting() -> list[tuple[str, RiskLevel | None]]:
    """A whole story, so that every kind of step is taken whatever is made up."""
    low, high = ("assess", RiskLevel.LOW), ("assess", RiskLevel.HIGH)
    ended: list[tuple[str, None]] = [("meet", None), ("edition", None), ("end", None), ("reopen", None)]
    return [high, low, *ended, high, ("review", None)]


def by_two_people() -> list[tuple[str, RiskLevel | None]]:
    """Nothing is found, and it is looked at again."""
    none = ("assess", RiskLevel.NONE)
    return [none, ("end", None), ("edition", None), ("reopen", None), ("begin", None)]


@given(history=STEPS)
@example(history=by_meeting())
@example(history=by_two_people())
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_history_keeps_its_clock_its_dates_and_its_policy(
    rows: Session,
    cast: Cast,
    acting: Acting,
    first_book: PolicyBook,
    second_book: PolicyBook,
    history: list[tuple[str, RiskLevel | None]],
) -> None:
    use(first_book)
    told = History(rows, cast, acting, (second_book, first_book), opened(rows, cast, acting))
    told.check()
    for step, level in history:
        told.take(step, level)
        told.check()
    told.refuse_what_is_not_listed()
    if history in (by_meeting(), by_two_people()):
        assert len(told.took) == len(history), "a whole story is refused nowhere"


def opened(rows: Session, cast: Cast, acting: Acting) -> Case:
    """A case that a coordinator opens."""
    child = make_child(rows)
    with acting(cast.coordinator) as actor:
        found = open_case(
            actor=actor,
            child=db.session.get_one(Child, child.id),
            lead_team=db.session.get_one(Team, cast.social_care_team.id),
            lead_professional=db.session.get_one(User, cast.social_worker.id),
            authority="derbyshire",
            district=None,
            types=["cce"],
            reason="Several agencies worry",
            policy=current_policy("derbyshire"),
        )
        case_id = found.id
    return rows.get_one(Case, case_id)
