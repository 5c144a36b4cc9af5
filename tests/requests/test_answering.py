"""The first answer ends the clock and begins the end of reach; later ones add, and none is lost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.messages.vocabulary import MessageChannel
from portal.pathway.calendar import add_working_days, end_of_day
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.entries.vocabulary import Handling
from portal.records.requests.answering import answer, answer_nothing_held, give_more_time, withdraw
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.vocabulary import Role
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import involve
from tests.factories.people import make_user
from tests.requests.conftest import Acting, asks, changes, questions
from tests.told import told

TEXT: dict[str, Any] = {"text": "Seen in October, well.", "handling": Handling.NETWORK}


@pytest.fixture
def request_id(rows: Session, cast: Cast, case: Case, acting: Acting) -> UUID:
    """The health team is asked by the lead professional."""
    asks(acting, cast.social_worker, case, cast.health_team)
    return questions(rows)[0].id


def answers(rows: Session) -> list[InformationAnswer]:
    rows.rollback()
    return list(rows.scalars(select(InformationAnswer).order_by(InformationAnswer.answered_at)))


def test_an_answer_ends_the_clock_and_is_on_record(
    rows: Session, cast: Cast, case: Case, acting: Acting, request_id: UUID
) -> None:
    changes(acting, cast.nurse, request_id, answer, **TEXT)
    given = answers(rows)[0]
    assert (given.author_id, given.agency_id, given.text) == (cast.nurse.id, cast.health.id, TEXT["text"])
    assert (given.case_id, given.nothing_held) == (case.id, False)
    duty = rows.scalars(select(Deadline).where(Deadline.request_id == request_id)).one()
    assert duty.state == DeadlineState.DONE
    seen = rows.scalars(select(AuditEvent).where(AuditEvent.action == "request:answer")).one()
    assert (seen.child_id, seen.actor_id) == (case.child_id, cast.nurse.id)


def test_nothing_held_is_an_answer_and_saying_it_twice_is_one(
    rows: Session, cast: Cast, acting: Acting, request_id: UUID
) -> None:
    second = make_user(rows, cast.health, "Nora Nurse", Role.PRACTITIONER, teams=(cast.health_team,))
    for person in (cast.nurse, second):
        changes(acting, person, request_id, answer_nothing_held)
    assert [(one.nothing_held, one.text, one.author_id) for one in answers(rows)] == [
        (True, "", cast.nurse.id)
    ]
    assert questions(rows)[0].answered_at


def test_whoever_asked_is_told_of_each_answer_and_whoever_answers_is_not(
    rows: Session, cast: Cast, case: Case, acting: Acting, request_id: UUID
) -> None:
    changes(acting, cast.nurse, request_id, answer_nothing_held)
    changes(acting, cast.nurse, request_id, answer, seen=1, **TEXT)
    changes(acting, cast.nurse, request_id, answer, seen=1, **TEXT)
    found = told(rows, "answered")
    assert [(one.recipient_id, one.channel, one.subject_id, one.case_id) for one in found] == [
        (cast.social_worker.id, MessageChannel.MAIL, request_id, case.id)
    ] * 2


def test_reach_ends_ten_working_days_after_the_first_answer_and_no_later_one_lengthens_it(
    rows: Session, cast: Cast, acting: Acting, request_id: UUID
) -> None:
    changes(acting, cast.nurse, request_id, answer_nothing_held)
    ends = end_of_day(add_working_days(clock.today(), 10))
    assert questions(rows)[0].reach_until == ends
    earlier = ends - timedelta(days=2)
    rows.get_one(InformationRequest, request_id).reach_until = earlier
    rows.commit()
    changes(acting, cast.nurse, request_id, answer, seen=1, **TEXT)
    assert questions(rows)[0].reach_until == earlier
    assert len(answers(rows)) == 2


def test_when_reach_is_over_the_team_sees_neither_child_nor_question_and_the_case_keeps_the_answer(
    rows: Session, cast: Cast, acting: Acting, asking: Asking, request_id: UUID
) -> None:
    changes(acting, cast.nurse, request_id, answer, **TEXT)
    rows.get_one(InformationRequest, request_id).reach_until = clock.now() - timedelta(seconds=1)
    rows.commit()
    kinds = (InformationRequest, InformationAnswer, Child)
    with asking(cast.nurse) as session:
        assert [session.scalar(select(func.count()).select_from(kind)) for kind in kinds] == [0, 0, 0]
    with asking(cast.officer) as session:
        assert session.scalar(select(func.count()).select_from(InformationAnswer)) == 1


@pytest.mark.parametrize(
    ("handling", "listed", "readers"),
    [
        (Handling.NETWORK, (), {"social_worker", "officer", "coordinator", "nurse"}),
        (Handling.AGENCIES, ("social_care",), {"social_worker", "nurse"}),
        (Handling.OWN, (), {"nurse"}),
    ],
)
def test_an_answer_is_read_by_its_handling(
    rows: Session,
    cast: Cast,
    acting: Acting,
    asking: Asking,
    request_id: UUID,
    handling: Handling,
    listed: tuple[str, ...],
    readers: set[str],
) -> None:
    agencies = [getattr(cast, name).id for name in listed]
    changes(acting, cast.nurse, request_id, answer, text="Seen.", handling=handling, listed=agencies)
    found = set()
    for name in ("social_worker", "officer", "coordinator", "nurse", "community_safety", "stranger"):
        with asking(getattr(cast, name)) as session:
            if session.scalar(select(func.count()).select_from(InformationAnswer)):
                found.add(name)
    assert found == readers


def test_a_colleague_who_answers_meanwhile_is_shown_and_what_was_typed_comes_with_it(
    rows: Session, cast: Cast, acting: Acting, request_id: UUID
) -> None:
    second = make_user(rows, cast.health, "Nora Nurse", Role.PRACTITIONER, teams=(cast.health_team,))
    changes(acting, cast.nurse, request_id, answer, **TEXT)
    with pytest.raises(Conflict) as clash:
        changes(acting, second, request_id, answer, text="Also a fracture in May.", handling=Handling.OWN)
    assert clash.value.versions.theirs == {"Answer": TEXT["text"]}
    assert clash.value.versions.mine == {"Answer": "Also a fracture in May."}
    with pytest.raises(Conflict):
        changes(acting, second, request_id, answer_nothing_held)
    changes(acting, second, request_id, answer, seen=1, text="Also a fracture.", handling=Handling.NETWORK)
    assert [one.text for one in answers(rows)] == [TEXT["text"], "Also a fracture."]


def test_nothing_held_is_not_said_after_an_answer_in_words(
    rows: Session, cast: Cast, acting: Acting, request_id: UUID
) -> None:
    changes(acting, cast.nurse, request_id, answer, **TEXT)
    with pytest.raises(DomainError, match="answered already"):
        changes(acting, cast.nurse, request_id, answer_nothing_held, seen=1)


@pytest.mark.parametrize("who", ["social_worker", "officer", "coordinator"])
def test_only_whoever_is_asked_answers(cast: Cast, acting: Acting, request_id: UUID, who: str) -> None:
    with pytest.raises(Forbidden):
        changes(acting, getattr(cast, who), request_id, answer, **TEXT)
    with pytest.raises(Forbidden):
        changes(acting, getattr(cast, who), request_id, answer_nothing_held)


def test_each_team_answers_only_its_own_question(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking, request_id: UUID
) -> None:
    asks(acting, cast.social_worker, case, cast.council_team)
    changes(acting, cast.nurse, request_id, answer, **TEXT)
    with asking(cast.community_safety) as session:
        assert session.scalar(select(func.count()).select_from(InformationRequest)) == 1
        assert session.scalar(select(func.count()).select_from(InformationAnswer)) == 0


@pytest.mark.parametrize(
    ("said", "words", "field"),
    [
        ({"text": "  "}, "Write what", "text"),
        ({"text": "x" * 5_002}, "by 2 characters", "text"),
        ({"handling": Handling.AGENCIES}, "Choose the agencies", "agencies"),
        ({"handling": Handling.AGENCIES, "listed": [UUID(int=7)]}, "of the partnership", "agencies"),
    ],
)
def test_what_is_missing_in_an_answer_is_said_at_its_field(
    rows: Session,
    cast: Cast,
    acting: Acting,
    request_id: UUID,
    said: dict[str, Any],
    words: str,
    field: str,
) -> None:
    with pytest.raises(DomainError, match=words) as refused:
        changes(acting, cast.nurse, request_id, answer, **(TEXT | said))
    assert refused.value.field == field
    assert answers(rows) == []


def test_an_answered_question_is_neither_withdrawn_nor_given_time(
    cast: Cast, acting: Acting, request_id: UUID
) -> None:
    changes(acting, cast.nurse, request_id, answer, **TEXT)
    later = clock.now() + timedelta(days=30)
    with pytest.raises(DomainError, match="is answered"):
        changes(acting, cast.social_worker, request_id, withdraw, reason="x")
    with pytest.raises(DomainError, match="is answered"):
        changes(acting, cast.social_worker, request_id, give_more_time, due_at=later, reason="x")


def test_a_team_that_works_on_the_case_can_be_asked_and_answers(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    involve(rows, case, cast.school_team, by=cast.coordinator)
    asks(acting, cast.social_worker, case, cast.school_team)
    changes(acting, cast.teacher, questions(rows)[0].id, answer, **TEXT)
    assert [one.agency_id for one in answers(rows)] == [cast.school.id]
