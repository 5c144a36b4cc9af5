"""The blueprint of missing episodes, and what its views share: an episode found for whoever sees it."""

from functools import partial
from typing import Any

from flask import Blueprint, abort, url_for

from portal.access.permissions import PERMISSIONS, permitted
from portal.access.principal import current
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.policy import Policy, current_policy
from portal.records.assessments.lifecycle import directing_facts
from portal.records.cases.reading import records as case_records
from portal.records.missing import reading as missing
from portal.records.missing.deciding import answering_facts, decides_for
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.presenter import words as missing_words
from portal.records.missing.reporting import record
from portal.web.steps import Link, StepsOn

blueprint = Blueprint("missing", __name__)


def find_episode(reference: str) -> MissingEpisode:
    """The episode of an address; for everybody who may not see it there is none."""
    return missing.find_episode(reference=reference) or abort(404)


def address(episode: MissingEpisode) -> str:
    """Its page."""
    return url_for("missing.show", reference=episode.reference)


def policy_on(episode: MissingEpisode) -> Policy:
    """The policy by which an episode is read."""
    return current_policy(episode.responsible_authority)


def interview_due(episode: MissingEpisode) -> Any:
    """Until when the return interview is in time. It follows from the return: everybody is shown the same."""
    if episode.returned_at is None or episode.withdrawn_at is not None:
        return None
    return due(policy_on(episode).clock(DeadlineKind.RETURN_INTERVIEW), episode.returned_at)


def may_answer(prompt: MissingPrompt) -> bool:
    """Whether the person decides a question that is open."""
    is_open = prompt.answered_at is None and prompt.fell_away_at is None
    facts = answering_facts(current(), prompt)
    return is_open and permitted(current(), "missing:answer", facts) and decides_for(current(), prompt)


def page_of(episode: MissingEpisode, verb: str = "missing:view") -> dict[str, Any]:
    """What every page of an episode shows: who it is, as far as the reader may know."""
    details = missing.details_of(episode=episode) or abort(404)
    record(episode, verb, ground="full" if details.has_record else "episode")
    name, policy = missing_words.name_of(episode, details), policy_on(episode)
    said = missing.held_on(episode_id=episode.id)
    known = missing_words.knows(details)
    return {
        "caption": f"{name}, {episode.reference}",
        "back": Link(address(episode), name),
        "episode": episode,
        "details": details,
        "policy": policy,
        "held": {field: missing_words.held_back(policy, who, known=known) for field, who in said.items()},
        "name": name,
        "born": missing_words.born_of(episode, details),
        "words": missing_words,
        "marking": True,
    }


#: Steps on an episode: its page, and what stands on either side where two people meet.
on_episode = StepsOn[MissingEpisode](
    lambda episode: {"episode": episode},
    page=page_of,
    to=address,
    worded=lambda episode: partial(missing_words.version, policy=policy_on(episode)),
)


def calling(prompt: MissingPrompt) -> dict[str, Any]:
    """The case on which the person may call the meeting; of one where others do, who."""
    found = missing.open_case_of(child_id=prompt.child_id)
    case = case_records.find_case(reference=found) if found else None
    if case is None or permitted(current(), "meeting:call", directing_facts(current(), case)):
        return {"case_reference": found or "", "others_call": ""}
    return {"case_reference": "", "others_call": PERMISSIONS["meeting:call"].refusal}
