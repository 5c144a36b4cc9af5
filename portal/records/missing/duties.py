"""What repeated missing episodes make somebody owe: a decision on a strategy meeting.

Whose duty it is the database settles: whoever records an episode may not learn who works with the child.
"""

from sqlalchemy import select, text

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.pathway.deadlines import due
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.policy import Missing
from portal.records.missing.vocabulary import StrategyAnswer
from portal.services.deadlines import finish_deadlines
from portal.services.errors import DomainError
from portal.vocabulary.deadlines import DeadlineKind

_WEIGH = text(
    "select ctx.weigh_repeated(:episode, :prompt, :deadline, :episodes, :days, :counted, :due_at, :source,"
    " :confirmed, :version)"
)


def weigh_repeated(*, episode: MissingEpisode) -> None:
    """Where the child’s episodes are as many as policy says, ask for a decision; once for the same ones."""
    policy = current_policy(episode.responsible_authority)
    rule, repeated = policy.clock(DeadlineKind.STRATEGY_PROMPT), policy.of(Missing).prompt
    db.session.flush()
    db.session.execute(
        _WEIGH,
        {
            "episode": episode.id,
            "prompt": new_id(),
            "deadline": new_id(),
            "episodes": repeated.episodes,
            "days": repeated.within.value,
            "counted": [one.value for one in repeated.counted],
            "due_at": due(rule, clock.now()),
            "source": f"clocks.{rule.code}",
            "confirmed": rule.confirmed,
            "version": policy.version,
        },
    )


def answering_facts(actor: Principal, prompt: MissingPrompt) -> Facts:
    """What decides whether somebody answers: the lead professional of an open case of the child does."""
    leads = select(Case.id).where(
        Case.child_id == prompt.child_id,
        Case.lead_professional_id == actor.user_id,
        Case.state.in_(OPEN_CASE_STATES),
    )
    return Facts(lead_professional=db.session.scalar(leads.limit(1)) is not None)


def answer_prompt(*, actor: Principal, prompt: MissingPrompt, answer: StrategyAnswer, words: str) -> None:
    """Say what is decided after repeated episodes: a meeting, a discussion, or why neither.

    Raises:
        Forbidden: the actor is not of social care or the hub, nor the lead professional.
        DomainError: it is answered already, or nothing was said of when, with whom or why not.
    """
    require(actor, "missing:answer", answering_facts(actor, prompt))
    still_open = db.session.scalar(  # row security holds an answered one for nobody
        select(MissingPrompt)
        .where(MissingPrompt.id == prompt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if still_open is None:
        raise DomainError("This is decided already")
    if not words.strip():
        raise DomainError("Say when and with whom, or why it is not needed", field="words")
    prompt.answer, prompt.words = answer.value, words.strip()
    prompt.answered_by, prompt.answered_agency_id = actor.user_id, actor.agency_id
    prompt.answered_at = clock.now()
    db.session.flush()
    finish_deadlines(subject=prompt, kind=DeadlineKind.STRATEGY_PROMPT)
    audit.record(
        "missing:answer",
        subject_kind="missing_prompt",
        subject_id=prompt.id,
        child_id=prompt.child_id,
        answer=answer.value,
    )
