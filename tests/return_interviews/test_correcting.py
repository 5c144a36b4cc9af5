"""What came of a completed interview, and when, is put right by its agency; how it was stays."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.records.return_interviews.ending import complete_interview
from portal.records.return_interviews.model import ReturnChange, ReturnInterview
from portal.records.return_interviews.offering import offer_interview
from portal.records.return_interviews.talking import save_words
from portal.records.return_interviews.vocabulary import InterviewOffer, InterviewReceiver
from portal.web.choices import clock_words
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.interviews import make_return
from tests.return_interviews.conftest import Acting, begun, duties, held, kept, offered, owes, steps
from tests.told import of_event

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
WHY = "The wrong form was used"


def completed(acting: Acting, cast: Cast, episode: MissingEpisode, how: str) -> ReturnInterview:
    """An interview of social care that is completed."""
    interview = begun(acting, cast.social_worker, episode)
    if how in {"no", "not_applicable"}:
        why = {"offered": InterviewOffer(how), "why_not": "Nobody was free"}
        steps(acting, cast.social_worker, interview, offer_interview, **why)
    else:
        offered(acting, cast.social_worker, interview, accepted=how == "held")
        if how == "held":
            held(acting, cast.social_worker, interview)
    completes(acting, cast, interview)
    return interview


def completes(acting: Acting, cast: Cast, interview: ReturnInterview, *told: InterviewReceiver) -> None:
    said = {"carer_information": "He was with a friend", "where": "The skittle alley"}
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(ReturnInterview, interview.id)
        save_words(actor=actor, interview=record, words=said, seen=record.version)
    end = {"assessment_needed": False, "receivers": told}
    steps(acting, cast.social_worker, interview, complete_interview, **end)


def at(name: str, clock_time: str, moment: datetime) -> dict[str, str]:
    return {**posted(name, clock.local(moment).date()), clock_time: clock_words(moment)}


def typed(rows: Session, interview: ReturnInterview, **changes: Any) -> dict[str, Any]:
    """The form as somebody fills it in for a talk that was held an hour ago."""
    ago = clock.now() - timedelta(hours=1)
    said = {
        "version": str(kept(rows, interview).version),
        **at("offered_on", "offered_time", ago),
        "offered_by": "Wren Asker",
        "offered_how": "phone",
        "outcome": "held",
        **at("on", "clock_time", ago),
        "place": "At the skittle alley",
        "interviewer": "Ines Hollowell, youth worker",
        "independent": "yes",
        "independent_words": "From another service",
        "seen_alone": "yes",
        "limits_told": "yes",
        "reason": WHY,
    }
    return said | changes


def page(interview: ReturnInterview) -> str:
    return f"/return-interviews/{interview.reference}"


def test_the_day_of_a_talk_is_put_right_with_a_reason_and_how_it_was_stays(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, client_for: Browser
) -> None:
    interview = completed(acting, cast, episode, "held")
    was = kept(rows, interview).done_at
    worker = client_for(cast.social_worker)
    assert "Correct what came of it, or when" in worker.soup(page(interview)).get_text()
    unsaid = worker.submit(f"{page(interview)}/correct", typed(rows, interview, reason=""))
    assert unsaid.status_code == 422
    assert "Say what was wrong" in unsaid.text
    assert "At the skittle alley" in unsaid.text, "nothing that was typed is lost"
    before = {one["value"] for one in worker.soup(f"{page(interview)}/correct").select("input[checked]")}
    assert {"held", "yes"} <= before, "the form says what is recorded"
    sent = worker.submit(f"{page(interview)}/correct", typed(rows, interview))
    assert sent.status_code == 303, sent.text
    found = kept(rows, interview)
    assert found.answers == {"where": "The skittle alley"}, "what the child said stays as it is"
    assert (found.done_at, found.place) != (was, "At school")
    assert found.place == "At the skittle alley"
    [duty] = duties(rows, episode)
    assert (duty.state, duty.ended_at) == ("done", found.done_at), "its duty was met at the time of the talk"
    shown = client_for(cast.officer).soup(page(interview)).get_text(" ", strip=True)
    assert "Where it was held" in shown
    assert f"Before: At school . Why: {WHY}" in shown or f"Before: At school. Why: {WHY}" in shown
    changed = rows.scalars(select(ReturnChange).order_by(ReturnChange.number.desc())).first()
    assert changed is not None
    assert (changed.changed_by, changed.before["place"]) == (cast.social_worker.id, "At school")


@pytest.mark.parametrize(
    ("how", "outcome", "said", "state"),
    [
        ("declined", "held", {}, "done"),
        ("no", "held", {}, "done"),
        ("not_applicable", "held", {}, "done"),
        ("not_applicable", "declined", {"declined": "no_wish"}, "done"),
        ("held", "declined", {"declined": "no_wish"}, "done"),
        ("held", "not_offered", {"why_not": "It was another child"}, "done"),
        ("held", "not_applicable", {"why_none": "It was another child"}, "cancelled"),
        ("declined", "not_applicable", {"why_none": "It was another child"}, "cancelled"),
    ],
)
def test_what_came_of_it_is_put_right_and_its_duty_follows(
    rows: Session,
    cast: Cast,
    episode: MissingEpisode,
    acting: Acting,
    client_for: Browser,
    how: str,
    outcome: str,
    said: dict[str, str],
    state: str,
) -> None:
    interview = completed(acting, cast, episode, how)
    answer = client_for(cast.social_worker).submit(
        f"{page(interview)}/correct", typed(rows, interview, outcome=outcome, **said)
    )
    assert answer.status_code == 303, answer.text
    found = kept(rows, interview)
    assert (found.done_at is not None) == (outcome == "held")
    assert (found.completed_at is not None, found.corrected_because) == (True, WHY)
    [duty] = duties(rows, episode)
    assert duty.state == state
    if outcome != "held":
        assert (found.interviewer, found.place, found.seen_alone) == ("", "", None)
        assert found.declined_reason


def test_what_is_missing_is_said_at_its_box_and_nothing_changes(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, client_for: Browser
) -> None:
    interview = completed(acting, cast, episode, "no")
    worker, version = client_for(cast.social_worker), kept(rows, interview).version
    tomorrow = at("on", "clock_time", clock.now() + timedelta(days=1))
    early = at("on", "clock_time", episode.missing_since)
    for changes, words in (
        ({"offered_by": ""}, "Enter who offered it"),
        ({"clock_time": ""}, "Enter the day and the time"),
        (tomorrow, "or earlier"),
        (early, "The child was still missing then"),
        ({"independent": "no"}, "held by somebody who does not care for the child"),
        ({"independent": ""}, "held by somebody who does not care for the child"),
        ({"outcome": "declined"}, "Choose why the child does not want to talk"),
        ({"outcome": "not_offered", "why_not": ""}, "Say why it was not offered"),
        ({"outcome": "not_offered", "why_not": "Nobody was free"}, "Change what was wrong"),
    ):
        answer = worker.submit(f"{page(interview)}/correct", typed(rows, interview, **changes))
        assert answer.status_code == 422, changes
        assert words in answer.text, changes
    assert kept(rows, interview).version == version


def test_one_that_was_late_says_why_and_keeps_the_reason_that_it_had(
    rows: Session, cast: Cast, child: Child, case: Case, acting: Acting, client_for: Browser
) -> None:
    episode = make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(hours=90))
    owes(acting, cast.officer, episode)
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview, at=clock.now() - timedelta(hours=30))
    completes(acting, cast, interview)
    worker = client_for(cast.social_worker)
    unsaid = worker.submit(f"{page(interview)}/correct", typed(rows, interview))
    assert unsaid.status_code == 422
    assert "Say why" in unsaid.text
    late = typed(rows, interview, late_reason="child_later", late_words="After her exam")
    assert worker.submit(f"{page(interview)}/correct", late).status_code == 303
    elsewhere = typed(rows, interview, place="At home")
    assert worker.submit(f"{page(interview)}/correct", elsewhere).status_code == 303
    [duty] = duties(rows, episode)
    assert duty.late_reason is not None
    assert "After her exam" in duty.late_reason


def test_only_its_agency_puts_it_right_and_the_database_holds_that(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, client_for: Browser, asking: Asking
) -> None:
    interview = completed(acting, cast, episode, "held")
    for person, status in (
        (cast.social_care_manager, 303),
        (cast.officer, 403),
        (cast.coordinator, 403),
        (cast.stranger, 404),
        (cast.governance, 403),
    ):
        said = typed(rows, interview, place=f"Seen by {person.id}")
        answer = client_for(person).submit(f"{page(interview)}/correct", said)
        assert answer.status_code == status, person.name
    assert "Correct what came of it" not in client_for(cast.officer).soup(page(interview)).get_text()
    for person, change in (
        (cast.social_worker, "place = 'x', corrected_because = ''"),
        (cast.officer, "place = 'x', corrected_because = 'because'"),
        (cast.social_worker, "completed_at = now(), corrected_because = 'because'"),
    ):
        with asking(person) as session, pytest.raises(DBAPIError, match="stands"):
            session.execute(text(f"update return_interview set {change}"))  # noqa: S608 - changes of ours
    with asking(cast.stranger) as session:
        hidden = session.execute(text("update return_interview set place = 'x', corrected_because = 'y'"))
        assert getattr(hidden, "rowcount", 0) == 0


def test_one_that_is_not_completed_is_recorded_by_its_own_steps(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, client_for: Browser
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    worker = client_for(cast.social_worker)
    assert worker.get(f"{page(interview)}/correct").status_code == 303
    answer = worker.submit(f"{page(interview)}/correct", typed(rows, interview))
    assert "not completed yet" in answer.text


def test_of_two_at_once_the_second_is_shown_both(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, client_for: Browser
) -> None:
    interview = completed(acting, cast, episode, "held")
    mine, theirs = typed(rows, interview, place="At home"), typed(rows, interview, outcome="not_offered")
    theirs["why_not"] = "It was another child"
    assert client_for(cast.social_worker).submit(f"{page(interview)}/correct", theirs).status_code == 303
    late = client_for(cast.social_care_manager).submit(f"{page(interview)}/correct", mine)
    assert late.status_code in {409, 422}
    assert "It was not offered" in late.text
    assert kept(rows, interview).place == ""


def test_whoever_was_told_of_it_is_told_that_it_was_corrected(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, client_for: Browser
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview)
    completes(acting, cast, interview, InterviewReceiver.POLICE)
    assert not of_event(rows, "interview_corrected")
    worker = client_for(cast.social_worker)
    assert worker.submit(f"{page(interview)}/correct", typed(rows, interview)).status_code == 303
    police = (cast.officer, cast.colleague, cast.police_manager)
    assert {one[0] for one in of_event(rows, "interview_corrected")} == {who.id for who in police}
