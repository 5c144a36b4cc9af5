"""Missing episodes of the demonstration: repeated ones, one that runs, one of a child whom nobody knew."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content import moments
from portal.demo.content.acting import Stage, reread
from portal.demo.content.moments import Described
from portal.extensions import db
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.reporting import Who, answer_prompt, report_missing
from portal.records.missing.steps import end_episode, record_prevention
from portal.records.missing.vocabulary import MissingStatus, StrategyAnswer


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
    return Who(given_name=given, family_name=family, dob=moments.born(said["age"], clock.today()))


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
        actor=actor, prompt=prompt, answer=StrategyAnswer(decided["answer"]), words=decided["words"]
    )
