"""After repeated episodes: which strategy meeting it is that is called, and that it says so truly."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.meetings.model import Meeting
from portal.records.missing.deciding import ELSEWHERE, Called, answer_prompt
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.steps import CHANGED, change_episode
from portal.records.missing.vocabulary import StrategyAnswer
from portal.web.filters import moment
from tests.cast import Cast
from tests.factories.cases import make_case, make_child
from tests.factories.meetings import make_meeting
from tests.factories.missing import make_episode
from tests.missing.conftest import Acting, reports, withdraws
from tests.missing.test_duties import back_of
from tests.missing.test_front_doors import NOBODY_SAID, Doors, doors
from tests.missing.test_pages import ClientFor

__all__ = ["doors"]

HOST: dict[str, Any] = {"responsible_authority": None, "host_authority": "derby"}
SAID = {"answer": "meeting", "words": "With the police and the home"}


@pytest.fixture
def third(rows: Session, cast: Cast, case: Case, acting: Acting) -> MissingEpisode:
    """The episode that asks for a decision."""
    back_of(rows, case, cast.officer, 20, 9)
    return reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))


def strategy(rows: Session, cast: Cast, case: Case) -> Meeting:
    """One that is booked on the case."""
    chair, notes = cast.social_worker, cast.nurse
    return make_meeting(rows, cases=[case], chair=chair, note_taker=notes, called_by=chair, kind="strategy")


def offered(client_for: ClientFor, cast: Cast, third: MissingEpisode) -> list[str]:
    soup = client_for(cast.social_worker).soup(f"/missing/{third.reference}/strategy")
    return [str(one["value"]) for one in soup.select("input[name=meeting]")]


def test_the_meetings_to_come_on_the_child_are_offered_and_no_others(
    rows: Session, cast: Cast, case: Case, third: MissingEpisode, client_for: ClientFor
) -> None:
    assert offered(client_for, cast, third) == ["elsewhere"]
    meeting, cancelled = strategy(rows, cast, case), strategy(rows, cast, case)
    cancelled.state = "cancelled"
    elsewhere = make_case(
        rows, make_child(rows, "Quillon", "Xavierstone"), lead=cast.social_care, opened_by=cast.coordinator
    )
    strategy(rows, cast, elsewhere)
    rows.commit()
    assert offered(client_for, cast, third) == [meeting.reference, "elsewhere"]


def test_a_meeting_that_is_called_is_named_in_what_is_recorded(
    rows: Session, cast: Cast, case: Case, third: MissingEpisode, client_for: ClientFor
) -> None:
    meeting, worker = strategy(rows, cast, case), client_for(cast.social_worker)
    page = f"/missing/{third.reference}/strategy"
    missing = worker.submit(page, SAID)
    assert missing.status_code == 422
    assert "Choose which meeting it is" in missing.text
    assert SAID["words"] in missing.text
    assert worker.submit(page, SAID | {"meeting": "MTG-0000-0000"}).status_code == 422
    rows.rollback()
    assert rows.scalars(select(MissingPrompt)).one().answer is None, "the duty to decide stays"
    answer = worker.submit(page, SAID | {"meeting": meeting.reference})
    assert answer.status_code == 303
    called = f"Strategy discussion on {moment(meeting.starts_at)}, {meeting.reference}"
    assert f"Recorded which strategy meeting is called: {called}" in worker.get(answer.location).text
    rows.rollback()
    assert rows.scalars(select(MissingPrompt)).one().words == f"{called}. {SAID['words']}"
    for person in (cast.social_worker, cast.coordinator):
        assert called in client_for(person).soup(page).get_text(), person.name


def test_one_that_is_called_elsewhere_says_so_and_no_meeting_goes_with_another_answer(
    rows: Session, cast: Cast, case: Case, third: MissingEpisode, client_for: ClientFor
) -> None:
    meeting, worker = strategy(rows, cast, case), client_for(cast.social_worker)
    page = f"/missing/{third.reference}/strategy"
    assert worker.submit(page, SAID | {"meeting": "elsewhere"}).status_code == 303
    rows.rollback()
    prompt = rows.scalars(select(MissingPrompt)).one()
    assert prompt.words == f"It is not on the portal. {SAID['words']}"
    prompt.answer = prompt.answered_by = prompt.answered_agency_id = prompt.answered_at = None
    prompt.words, prompt.prompted_at = "", clock.now() - timedelta(hours=1)
    rows.commit()
    not_needed = {"answer": "not_needed", "words": "He is safe with his aunt", "meeting": meeting.reference}
    assert worker.submit(page, not_needed).status_code == 303
    rows.rollback()
    rows.expire_all()
    assert rows.scalars(select(MissingPrompt)).one().words == "He is safe with his aunt"


@pytest.mark.parametrize("what", ["none", "another child’s", "cancelled"])
def test_the_service_takes_no_meeting_that_is_not_to_come_on_the_child(
    rows: Session, cast: Cast, case: Case, third: MissingEpisode, acting: Acting, what: str
) -> None:
    """Whoever calls the service without the form names one too; one that is not on the portal is said so."""
    meeting = strategy(rows, cast, case)
    if what == "cancelled":
        rows.get_one(Meeting, meeting.id).state = "cancelled"
        rows.commit()
    elif what != "none":
        other = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
        meeting = strategy(rows, cast, other)
    called = None if what == "none" else Called(meeting.reference, "A strategy meeting")
    with acting(cast.social_worker) as actor:
        prompt = db.session.scalars(select(MissingPrompt)).one()
        with pytest.raises(DomainError) as refused:
            answer_prompt(
                actor=actor, prompt=prompt, answer=StrategyAnswer.MEETING, words="On Friday", called=called
            )
        assert refused.value.field == "meeting"
        assert prompt.answered_at is None
        answer_prompt(
            actor=actor, prompt=prompt, answer=StrategyAnswer.MEETING, words="On Friday", called=ELSEWHERE
        )
        assert prompt.words == "It is not on the portal. On Friday"


def test_a_front_door_that_reads_a_report_only_in_case_decides_nothing_on_repeated_ones_for_another(
    rows: Session, cast: Cast, doors: Doors, acting: Acting, client_for: ClientFor
) -> None:
    """The decision is of the authority whose the child is; who is refused reads the same of any child."""
    child = make_child(rows, "Sorrelby", "Thackeroy")
    for ago in (9, 4):
        since = clock.now() - timedelta(days=ago)
        make_episode(rows, child, cast.officer, since=since, returned_at=since + timedelta(hours=2), **HOST)
    episode = reports(acting, cast.officer, child=child, **NOBODY_SAID)
    page, said = f"/missing/{episode.reference}", {"answer": "not_needed", "words": "Not our child"}
    city = client_for(doors.city)
    assert "Look at them and decide" not in city.get(page).text
    refused = city.submit(f"{page}/strategy", said)
    assert refused.status_code == 403
    assert "No report says that the child is of your authority" in refused.text
    rows.rollback()
    assert rows.scalars(select(MissingPrompt)).one().answered_at is None
    with acting(doors.county) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        facts = {name: getattr(held, name) for name in CHANGED} | {"responsible_authority": "derbyshire"}
        change_episode(actor=actor, episode=held, facts=facts, version=held.version)
    assert client_for(doors.county).submit(f"{page}/strategy", said).status_code == 303


def test_what_was_asked_falls_away_with_one_of_the_episodes_and_the_page_asks_for_nothing_more(
    rows: Session, cast: Cast, third: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    withdraws(acting, cast.officer, third)
    text = (
        client_for(cast.social_worker).soup(f"/missing/{third.reference}/strategy").get_text(" ", strip=True)
    )
    assert "3 episodes lay close together" in text
    assert "The episodes that were in question" in text
    assert "Decide by" not in text
    assert "Nothing is to be decided any more" in text
