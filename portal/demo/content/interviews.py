"""Return interviews of the demonstration: held in time and late, declined, and offered without an answer."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.access.principal import Principal
from portal.demo.content.acting import Stage, reread
from portal.demo.content.moments import Described
from portal.extensions import db
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.return_interviews.beginning import begin_interview
from portal.records.return_interviews.ending import complete_interview
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.offering import add_attempt, answer_offer, offer_interview
from portal.records.return_interviews.rules import TALK_FACTS, InterviewHeld, Late
from portal.records.return_interviews.talking import hold_interview, save_words
from portal.records.return_interviews.vocabulary import InterviewOffer, InterviewReceiver


def write(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Begin each of them, and let it go as far as the file says."""
    for said in described:
        with stage.acting(said["by"], stage.ago(said["at"])) as actor:
            interview_id = _begin(actor, known[said["child"]], said["returns"])
        for step in said["steps"]:
            with stage.acting(step.get("by", said["by"]), stage.ago(step["at"])) as actor:
                _STEPS[step["do"]](stage, actor, reread(ReturnInterview, interview_id), step)


def _begin(actor: Principal, child_id: UUID, returns: Sequence[int]) -> UUID:
    """For some of the times that the child came back, counted from one."""
    back = db.session.scalars(
        select(MissingEpisode)
        .where(MissingEpisode.child_id == child_id, MissingEpisode.returned_at.is_not(None))
        .order_by(MissingEpisode.missing_since)
    ).all()
    child = reread(Child, child_id)
    return begin_interview(actor=actor, child=child, episodes=[back[number - 1] for number in returns]).id


def _offer(stage: Stage, actor: Principal, interview: ReturnInterview, step: Described) -> None:
    offer_interview(
        actor=actor,
        interview=interview,
        offered=InterviewOffer.YES,
        at=stage.ago(step["at"]),
        by=actor.name,
        how=step["how"],
        version=interview.version,
    )


def _answer(_stage: Stage, actor: Principal, interview: ReturnInterview, step: Described) -> None:
    answer_offer(
        actor=actor,
        interview=interview,
        accepted="reason" not in step,
        reason=step.get("reason", ""),
        words=step.get("words", ""),
        version=interview.version,
    )


def _try(stage: Stage, actor: Principal, interview: ReturnInterview, step: Described) -> None:
    add_attempt(
        actor=actor, interview=interview, at=stage.ago(step["at"]), way=step["how"], words=step["words"]
    )


def _hold(stage: Stage, actor: Principal, interview: ReturnInterview, step: Described) -> None:
    talk = InterviewHeld(
        at=stage.ago(step["held"]),
        interviewer=step["interviewer"],
        independent=True,
        independent_words=step["independent"],
        place=step["place"],
        known={one.name: True for one in TALK_FACTS},
    )
    late = Late(step["late"], step.get("late_words", "")) if "late" in step else None
    hold_interview(actor=actor, interview=interview, talk=talk, late=late, version=interview.version)


def _write(_stage: Stage, actor: Principal, interview: ReturnInterview, step: Described) -> None:
    save_words(actor=actor, interview=interview, words=step["says"], seen=interview.version)


def _complete(_stage: Stage, actor: Principal, interview: ReturnInterview, step: Described) -> None:
    complete_interview(
        actor=actor,
        interview=interview,
        assessment_needed="assessment" in step,
        assessment_words=step.get("assessment", ""),
        receivers=[InterviewReceiver(one) for one in step.get("shared", ())],
        version=interview.version,
    )


_STEPS: Mapping[str, Any] = {
    "offer": _offer,
    "answer": _answer,
    "try": _try,
    "hold": _hold,
    "write": _write,
    "complete": _complete,
}
