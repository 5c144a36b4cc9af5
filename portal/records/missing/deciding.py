"""What is decided after a child was missing again and again."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.deadlines.changes import finish_deadlines
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import About
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.cases.model import Case
from portal.records.children.reading import same_child
from portal.records.children.recording import lead_facts
from portal.records.meetings.reading.calls import coming_on
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.telling import tell_of
from portal.records.missing.vocabulary import DECIDED, StrategyAnswer
from portal.records.people.model import Agency
from portal.vocabulary import Sector


def answering_facts(actor: Principal, prompt: MissingPrompt) -> Facts:
    """What decides whether somebody answers: the lead professional of an open case of the child does."""
    return lead_facts(actor, prompt.child_id)


#: Said alike of every child: whether the child’s record names an authority is not for them to learn.
NOT_OF_THEIRS = (
    "No report says that the child is of your authority, and you work on no case of the child. Say first in"
    " the report whose the child is, or ask the hub."
)


def decides_for(actor: Principal, prompt: MissingPrompt) -> bool:
    """Whether somebody of social care decides for the authority that answers for the child: that a report
    names so, that owes the decision, or that works on a case of the child. One that reads of it because the
    child was there, or nobody said whose it is, settles nothing for another. Of other sectors the permission
    alone says it.
    """
    if actor.sector is not Sector.SOCIAL_CARE:
        return True
    e, own = MissingEpisode, select(Agency.authority).where(Agency.id == actor.agency_id).scalar_subquery()
    named = select(e.id).where(e.id.in_(prompt.episode_ids), e.responsible_authority == own)
    works = select(Case.id).where(Case.child_id == prompt.child_id, Case.state.in_(OPEN_CASE_STATES))
    owes = or_(
        Deadline.owner_id == actor.user_id,
        Deadline.owner_team_id.in_(actor.team_ids),
        Deadline.owner_agency_id == actor.agency_id,
    )
    owed = select(Deadline.id).where(Deadline.subject_id == prompt.id, owes)
    return bool(db.session.scalar(select(or_(named.exists(), works.exists(), owed.exists()))))


@dataclass(frozen=True)
class Called:
    """The strategy meeting that is called: its reference, or none where it is not on the portal; in words."""

    reference: str | None
    words: str


#: One that is called without the portal.
ELSEWHERE = Called(None, "It is not on the portal")


def answer_prompt(
    *,
    actor: Principal,
    prompt: MissingPrompt,
    answer: StrategyAnswer,
    words: str,
    called: Called | None = None,
) -> None:
    """Say what is decided after repeated episodes: a meeting, a discussion, or why neither.

    Args:
        called: which meeting it is, where one is called; kept with the words.

    Raises:
        Forbidden: the actor is not of social care or the hub, nor the lead professional; or of the social
            care of another authority (`decides_for`).
        DomainError: it is answered already, no meeting was named or none that is to come on the child, or
            nothing was said of when, with whom or why not.
    """
    require(actor, "missing:answer", answering_facts(actor, prompt))
    if not decides_for(actor, prompt):
        raise Forbidden(NOT_OF_THEIRS)
    still_open = db.session.scalar(  # row security holds an answered one for nobody
        select(MissingPrompt)
        .where(MissingPrompt.id == prompt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if still_open is None:
        raise DomainError("This is decided already")
    words = require_text(words, "Say when and with whom, or why it is not needed", field="words")
    if answer is StrategyAnswer.MEETING:
        words = f"{_meeting_to_come(prompt, called).words}. {words}"
    prompt.answer, prompt.words = answer.value, words
    prompt.answered_by, prompt.answered_agency_id = actor.user_id, actor.agency_id
    prompt.answered_at = clock.now()
    db.session.flush()
    finish_deadlines(subject=prompt, kind=DeadlineKind.STRATEGY_PROMPT)
    last = select(MissingEpisode).where(MissingEpisode.id.in_(prompt.episode_ids))
    episode = db.session.scalar(last.order_by(MissingEpisode.missing_since.desc()).limit(1))
    if episode is not None:
        what = About("missing_prompt", prompt.id, prompt.reference)
        tell_of(actor=actor, event=DECIDED, episode=episode, what=what)
    audit.record("missing:answer", prompt, child_id=prompt.child_id, answer=answer.value)


def _meeting_to_come(prompt: MissingPrompt, called: Called | None) -> Called:
    """The meeting that is called, which is one that is to come on the child, or is not on the portal.

    Raises:
        DomainError: nobody said which it is, or there is no such meeting.
    """
    if called is None:
        raise DomainError("Choose which meeting it is. Call it first where nobody did", field="meeting")
    coming = {one.reference for one in coming_on(children=same_child(prompt.child_id))}
    if called.reference is not None and called.reference not in coming:
        raise DomainError("This meeting is no longer to come. Choose which meeting it is", field="meeting")
    return called
