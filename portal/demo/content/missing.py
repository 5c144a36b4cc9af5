"""Missing episodes of the demonstration, and the return interviews that followed some of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content import acting
from portal.demo.content.acting import Described, Stage, reread
from portal.extensions import db
from portal.records.children.model import Child
from portal.records.entries.vocabulary import Handling
from portal.records.missing.deciding import ELSEWHERE, answer_prompt
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.reporting import Who, report_missing
from portal.records.missing.steps import end_episode, record_prevention
from portal.records.missing.vocabulary import MissingStatus, StrategyAnswer
from portal.records.return_interviews.beginning import begin_interview
from portal.records.return_interviews.ending import complete_interview
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.offering import add_attempt, answer_offer, offer_interview
from portal.records.return_interviews.rules import TALK_FACTS, InterviewHeld, Late
from portal.records.return_interviews.talking import hold_interview, save_words
from portal.records.return_interviews.vocabulary import InterviewOffer, InterviewReceiver


def write(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Report each of them, and let each go as far as the file says."""
    for said in described:
        with stage.acting(said["by"], stage.ago(said["at"])) as actor:
            episode_id = _report(actor, said, known, stage.ago(said["since"]))
        if back := said.get("back"):
            with stage.acting(back["by"], stage.ago(back["at"])) as actor:
                _end(actor, reread(MissingEpisode, episode_id), back, stage.ago(back["since"]))
        if talk := said.get("talk"):
            with stage.acting(talk["by"], stage.ago(talk["at"])) as actor:
                episode = reread(MissingEpisode, episode_id)
                record_prevention(
                    actor=actor,
                    episode=episode,
                    at=stage.ago(talk["held"]),
                    by=actor.name,
                    words=talk["words"],
                    handling=Handling(talk.get("handling", Handling.NETWORK.value)),
                    version=episode.version,
                )
        if decided := said.get("decided"):
            with stage.acting(decided["by"], stage.ago(decided["at"])) as actor:
                _decide(actor, reread(MissingEpisode, episode_id), decided)


def _report(actor: Principal, said: Described, known: Mapping[str, UUID], since: datetime) -> UUID:
    facts: dict[str, Any] = {
        "status": said.get("status", MissingStatus.MISSING.value),
        "missing_since": since,
        "reported_by": said["raised"],
        "missing_from": said["from"],
        "circumstances": said.get("circumstances", ""),
        "last_seen": said.get("last_seen", ""),
        "wearing": said.get("wearing", ""),
        "believed_with": said.get("believed_with", ""),
        "trigger_plan_used": said.get("trigger"),
        "police_reference": said.get("reference"),
        "responsible_authority": said["responsible"],
        "host_authority": None,
    }
    if "grade" in said:
        facts["grade"] = said["grade"]
    return report_missing(actor=actor, who=_who(said, known), facts=facts, once=uuid4()).id


def _who(said: Described, known: Mapping[str, UUID]) -> Who:
    if "child" in said:
        return Who(child=reread(Child, known[said["child"]]))
    given, family = said["name"]
    return Who(given_name=given, family_name=family, dob=acting.born(said["age"], clock.today()))


def _end(actor: Principal, episode: MissingEpisode, back: Described, since: datetime) -> None:
    facts = {
        "returned_at": since,
        "how_found": back["how"],
        "found_where": back.get("where", ""),
        "found_with": back.get("with", ""),
        "injuries": back["injuries"],
    }
    end_episode(actor=actor, episode=episode, facts=facts, version=episode.version)


def _decide(actor: Principal, episode: MissingEpisode, decided: Described) -> None:
    asked = select(MissingPrompt).where(
        MissingPrompt.child_id == episode.child_id, MissingPrompt.answered_at.is_(None)
    )
    prompt = db.session.scalars(asked).one()
    answer_prompt(
        actor=actor,
        prompt=prompt,
        answer=StrategyAnswer(decided["answer"]),
        words=decided["words"],
        called=ELSEWHERE,
    )


def write_interviews(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
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
