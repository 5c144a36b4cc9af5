"""Claims about the steps of a return interview: offered, tried, held, written up, completed, shared."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.records.return_interviews.ending import complete_interview, share_interview
from portal.records.return_interviews.model import ReturnAttempt, ReturnChange, ReturnInterview
from portal.records.return_interviews.offering import add_attempt, answer_offer, offer_interview
from portal.records.return_interviews.rules import Late
from portal.records.return_interviews.talking import cover_more, hold_interview, save_words
from portal.records.return_interviews.vocabulary import InterviewOffer, InterviewReceiver
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.interviews import make_return
from tests.return_interviews.conftest import (
    Acting,
    begun,
    duties,
    held,
    kept,
    offered,
    owes,
    steps,
    talk,
)

LATE = Late("child_later", "After her exam")


def writes(acting: Acting, person: User, interview: ReturnInterview, *, seen: int, **words: str) -> int:
    """Somebody writes what was said, having seen a version of it."""
    with acting(person) as actor:
        record = db.session.get_one(ReturnInterview, interview.id)
        return save_words(actor=actor, interview=record, words=words, seen=seen)


def test_an_interview_that_is_held_in_time_meets_the_duty_at_the_time_of_the_talk(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    at = clock.now() - timedelta(minutes=20)
    held(acting, cast.social_worker, interview, at=at)
    [duty] = duties(rows, episode)
    assert (duty.state, duty.ended_at, duty.late_reason) == ("done", at, None)
    found = kept(rows, interview)
    assert (found.done_at, found.independent, found.accepted) == (at, True, True)


def test_exactly_72_hours_after_the_return_is_in_time_and_a_moment_later_asks_why(
    rows: Session, cast: Cast, child: Child, case: Case, acting: Acting
) -> None:
    back = clock.now() - timedelta(hours=80)
    episode = make_return(rows, child, cast.officer, returned_at=back)
    owes(acting, cast.officer, episode)
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    last = back + timedelta(hours=72)
    with pytest.raises(DomainError, match="Say why") as refused:
        held(acting, cast.social_worker, interview, at=last + timedelta(microseconds=1))
    assert refused.value.field == "late_reason"
    held(acting, cast.social_worker, interview, at=last, late=LATE)
    [duty] = duties(rows, episode)
    assert (duty.ended_at, duty.late_reason) == (last, None), "in time: there is no reason to keep"
    held(acting, cast.social_worker, interview, at=last + timedelta(hours=1), late=LATE)
    [duty] = duties(rows, episode)
    assert duty.late_reason == "The child wanted to talk later. After her exam"
    assert duty.original_due_at == last, "the first due time stays"


@pytest.mark.parametrize(
    "back",
    [datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 3, 28, 12, tzinfo=UTC)],
    ids=["the clocks go back", "the clocks go forward"],
)
def test_72_hours_are_72_hours_when_the_clocks_change(
    rows: Session, cast: Cast, child: Child, case: Case, acting: Acting, back: datetime
) -> None:
    episode = make_return(rows, child, cast.officer, returned_at=back)
    owes(acting, cast.officer, episode)
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview, at=back + timedelta(hours=72))
    [duty] = duties(rows, episode)
    assert duty.late_reason is None
    assert duty.due_at == back + timedelta(hours=72)
    assert clock.local(duty.due_at).hour != clock.local(back).hour, "an hour by the clock on the wall"


def test_one_talk_about_several_returns_is_in_time_for_one_and_late_for_another(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, acting: Acting
) -> None:
    early = make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(hours=90))
    owes(acting, cast.officer, early)
    interview = begun(acting, cast.social_worker, early, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview, late=LATE)
    first, second = duties(rows, early, episode)
    assert (first.state, second.state) == ("done", "done")
    assert first.late_reason
    assert second.late_reason is None


def test_it_does_not_count_when_whoever_talks_cares_for_the_child(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    with pytest.raises(DomainError, match="does not care for the child") as refused:
        held(acting, cast.social_worker, interview, independent=False)
    assert refused.value.field == "independent"
    with acting(cast.social_worker), pytest.raises(DatabaseError, match="does not care for the child"):
        db.session.execute(update(ReturnInterview).values(done_at=clock.now(), independent=False))
    assert duties(rows, episode)[0].state == "open"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"at": None}, "clock_time"),
        ({"at": datetime(2100, 1, 1, tzinfo=UTC)}, "clock_time"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, "clock_time"),
        ({"interviewer": " "}, "interviewer"),
        ({"independent_words": ""}, "independent_words"),
    ],
)
def test_a_talk_says_when_and_by_whom_it_was_held(
    cast: Cast, episode: MissingEpisode, acting: Acting, said: dict[str, Any], field: str
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    with pytest.raises(DomainError) as refused:
        held(acting, cast.social_worker, interview, **said)
    assert refused.value.field == field


def test_an_offer_comes_before_an_answer_and_a_talk(
    cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    with pytest.raises(DomainError, match="offered"):
        steps(acting, cast.social_worker, interview, answer_offer, accepted=True)
    with pytest.raises(DomainError, match="offered"):
        steps(acting, cast.social_worker, interview, hold_interview, talk=talk())


def test_a_declined_interview_says_why_asks_others_and_meets_the_duty_when_it_is_completed(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview, accepted=False)
    assert kept(rows, interview).declined_reason == "The child does not want to talk about it. Leave me be"
    done = {"assessment_needed": False}
    with pytest.raises(DomainError, match="parents, carers"):
        steps(acting, cast.social_worker, interview, complete_interview, **done)
    writes(acting, cast.social_worker, interview, seen=99, carer_information="Gran saw a grey car")
    assert duties(rows, episode)[0].state == "open"
    steps(acting, cast.social_worker, interview, complete_interview, **done)
    found = kept(rows, interview)
    assert (found.done_at, found.accepted) == (None, False)
    assert duties(rows, episode)[0].state == "done"


def test_what_does_not_apply_is_no_longer_owed_and_what_was_not_offered_counts(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, acting: Acting
) -> None:
    other = make_return(rows, child, cast.officer)
    owes(acting, cast.officer, other)
    for one, offer, state in (
        (episode, InterviewOffer.NOT_APPLICABLE, "cancelled"),
        (other, InterviewOffer.NO, "done"),
    ):
        interview = begun(acting, cast.social_worker, one)
        with pytest.raises(DomainError, match="Say why"):
            steps(acting, cast.social_worker, interview, offer_interview, offered=offer)
        steps(acting, cast.social_worker, interview, offer_interview, offered=offer, why_not="Moved to Spain")
        steps(acting, cast.social_worker, interview, complete_interview, assessment_needed=False)
        assert duties(rows, one)[0].state == state


def test_an_attempt_that_is_sent_twice_is_there_once(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    at = clock.now() - timedelta(minutes=5)
    for _ in range(2):
        with acting(cast.social_worker) as actor:
            record = db.session.get_one(ReturnInterview, interview.id)
            add_attempt(actor=actor, interview=record, at=at, way="phone", words="No answer")
    rows.rollback()
    assert len(rows.scalars(select(ReturnAttempt)).all()) == 1


def test_an_episode_is_covered_once_and_more_can_be_added_until_it_is_completed(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, acting: Acting
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    with pytest.raises(DomainError, match="covered by an interview already"):
        begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview)
    later = make_return(rows, child, cast.officer, returned_at=clock.now() + timedelta(seconds=1))
    earlier = make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(hours=9))
    owes(acting, cast.officer, earlier)
    for one, refused in ((later, True), (earlier, False)):
        with acting(cast.social_worker) as actor:
            record = db.session.get_one(ReturnInterview, interview.id)
            added = [db.session.get_one(MissingEpisode, one.id)]
            if refused:
                with pytest.raises(DomainError, match="still missing then"):
                    cover_more(actor=actor, interview=record, episodes=added, version=record.version)
            else:
                cover_more(actor=actor, interview=record, episodes=added, version=record.version)
    assert duties(rows, earlier)[0].state == "done", "the talk was about it too"


def test_two_people_write_at_once_and_only_the_same_part_is_shown_to_both(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview)
    seen = kept(rows, interview).version
    writes(acting, cast.social_worker, interview, seen=seen, where="The arcade", happened="")
    writes(acting, cast.chair, interview, seen=seen, where="", happened="A man bought food")
    assert kept(rows, interview).answers == {"where": "The arcade", "happened": "A man bought food"}
    with pytest.raises(Conflict) as clash:
        writes(acting, cast.chair, interview, seen=seen, where="The park")
    assert (clash.value.versions.theirs, clash.value.versions.mine) == (
        {"where": "The arcade"},
        {"where": "The park"},
    )


def finished(acting: Acting, cast: Cast, episode: MissingEpisode, **said: object) -> ReturnInterview:
    """An interview that was held, written up and completed."""
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview)
    writes(acting, cast.social_worker, interview, seen=99, where="The arcade")
    steps(
        acting,
        cast.social_worker,
        interview,
        complete_interview,
        **({"assessment_needed": False} | said),
    )
    return interview


def test_what_was_completed_stands_and_a_correction_keeps_what_it_said(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = finished(acting, cast, episode)
    with pytest.raises(DomainError, match="completed"):
        held(acting, cast.social_worker, interview)
    with acting(cast.social_worker), pytest.raises(DatabaseError, match="stands"):
        db.session.execute(update(ReturnInterview).values(done_at=clock.now()))
    seen = kept(rows, interview).version
    writes(acting, cast.social_worker, interview, seen=seen, where="The arcade in Bridge Lane")
    last = rows.scalars(select(ReturnChange).order_by(ReturnChange.number.desc()).limit(1)).one()
    assert last.before == {"answers.where": "The arcade"}
    assert last.after == {"answers.where": "The arcade in Bridge Lane"}
    assert last.changed_by == cast.social_worker.id


def test_nothing_is_completed_that_nobody_wrote_up(
    cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    with pytest.raises(DomainError, match="not ready"):
        steps(acting, cast.social_worker, interview, complete_interview, assessment_needed=False)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview)
    with pytest.raises(DomainError, match="Write down first"):
        steps(acting, cast.social_worker, interview, complete_interview, assessment_needed=False)


def test_an_assessment_that_is_needed_is_asked_of_whoever_leads_the_case(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, acting: Acting
) -> None:
    with pytest.raises(DomainError, match="Say why"):
        finished(acting, cast, episode, assessment_needed=True)
    rows.execute(update(Deadline).values(state="open", ended_at=None, late_reason=None))
    rows.commit()
    interview = rows.scalars(select(ReturnInterview)).one()
    steps(
        acting,
        cast.social_worker,
        interview,
        complete_interview,
        assessment_needed=True,
        assessment_words="Older men wait there",
    )
    rows.rollback()
    entries = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.case_id == case.id)).all()
    asked, why = sorted(entries, key=lambda one: one.text, reverse=False)
    for entry in entries:
        assert interview.reference in entry.text
        assert (entry.handling, entry.family_safe) == (interview.handling, interview.family_safe)
    assert "Older men wait there" in why.text
    assert "Older men" not in asked.text
    assert asked.critical_moment


@pytest.mark.parametrize("handling", ["own", "agencies"])
def test_of_an_interview_that_fewer_read_the_case_says_that_the_assessment_is_needed_and_not_why(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, acting: Acting, handling: str
) -> None:
    begun(acting, cast.social_worker, episode)
    listed = [cast.police.id] if handling == "agencies" else []
    rows.execute(update(ReturnInterview).values(handling=handling, listed_agencies=listed))
    rows.commit()
    interview = rows.scalars(select(ReturnInterview)).one()
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview)
    writes(acting, cast.social_worker, interview, seen=99, where="The arcade")
    said = {"assessment_needed": True, "assessment_words": "Older men wait there"}
    steps(acting, cast.social_worker, interview, complete_interview, **said)
    rows.rollback()
    entries = {one.handling: one for one in rows.scalars(select(ChronologyEntry).filter_by(case_id=case.id))}
    assert entries.keys() == {"network", handling}
    assert entries["network"].critical_moment
    assert "Older men" not in entries["network"].text
    assert "Older men wait there" in entries[handling].text
    assert entries[handling].listed_agencies == listed
    assert not entries[handling].critical_moment


def test_it_is_shared_with_the_teams_that_know_the_child_and_says_when(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting
) -> None:
    interview = finished(acting, cast, episode, receivers=[InterviewReceiver.POLICE])
    assert set(kept(rows, interview).shared) == {"police"}
    told = select(OutboxMessage.recipient_team_id).where(
        OutboxMessage.kind == "interview_shared", OutboxMessage.recipient_team_id.is_not(None)
    )
    assert rows.scalars(told).all() == [cast.police_team.id]
    for _ in range(2):
        with acting(cast.social_worker) as actor:
            share_interview(
                actor=actor,
                interview=db.session.get_one(ReturnInterview, interview.id),
                receivers=[InterviewReceiver.POLICE, InterviewReceiver.HUB],
            )
    assert set(kept(rows, interview).shared) == {"police", "hub"}
    assert set(rows.scalars(told)) == {cast.police_team.id, cast.hub_team.id}


def test_of_a_child_whose_case_is_sealed_nothing_is_shared_with_a_whole_service(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, acting: Acting
) -> None:
    interview = finished(acting, cast, episode)
    case.sensitivity = 1
    rows.commit()
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(ReturnInterview, interview.id)
        with pytest.raises(DomainError, match=r"held closely.* so does the team that recorded it"):
            share_interview(actor=actor, interview=record, receivers=[InterviewReceiver.POLICE])
        share_interview(actor=actor, interview=record, receivers=[InterviewReceiver.HUB])


@pytest.mark.parametrize("who", ["officer", "coordinator"])
def test_the_police_and_the_hub_read_and_do_not_record(
    cast: Cast, episode: MissingEpisode, acting: Acting, who: str
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    with pytest.raises(Forbidden):
        offered(acting, getattr(cast, who), interview)
    with acting(getattr(cast, who)):
        assert db.session.get(ReturnInterview, interview.id) is not None
