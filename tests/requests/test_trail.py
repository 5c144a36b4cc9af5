"""To whom a question went is on the trail for whoever watches over sharing, without its words."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.records.cases.model import Case
from portal.records.disclosures.model import Disclosure
from portal.records.entries.vocabulary import Handling
from portal.records.requests.answering import answer
from portal.records.requests.model import InformationRequest
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.requests.conftest import QUESTION, Acting, asks, changes, questions

WORDS = "Seen in October, well."


def test_governance_reads_who_asked_whom_about_which_child_and_who_answered_and_no_word_of_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    asks(acting, cast.social_worker, case, cast.health_team)
    asked = questions(rows)[0]
    changes(acting, cast.nurse, asked.id, answer, text=WORDS, handling=Handling.OWN)
    with asking(cast.governance) as session:
        lines = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == asked.id)).all()
        assert session.scalar(select(func.count()).select_from(InformationRequest)) == 0
    found = {line.action: line for line in lines}
    assert {(line.child_id, line.case_id) for line in lines} == {(case.child_id, case.id)}
    assert found["request:ask"].actor_id == cast.social_worker.id
    assert found["request:ask"].details["agency"] == str(cast.health.id)
    assert found["request:ask"].details["team"] == str(cast.health_team.id)
    assert found["request:answer"].actor_id == cast.nurse.id
    said: list[Any] = [line.details for line in lines]
    assert not any(words in str(said) for words in (WORDS, QUESTION["question"], QUESTION["why"]))


def test_neither_a_question_nor_an_answer_is_a_telling_that_is_kept(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asks(acting, cast.social_worker, case, cast.health_team)
    changes(acting, cast.nurse, questions(rows)[0].id, answer, text=WORDS, handling=Handling.NETWORK)
    assert rows.scalar(select(func.count()).select_from(Disclosure)) == 0
