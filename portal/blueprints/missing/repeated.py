"""What is decided after a child was missing again and again."""

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden, require
from portal.access.principal import current
from portal.blueprints.linked_processes import may_begin
from portal.blueprints.missing.blueprint import (
    address,
    blueprint,
    calling,
    find_episode,
    may_answer,
    page_of,
    policy_on,
)
from portal.policy import current_policy
from portal.records.cases.reading import records as case_records
from portal.records.children.reading import same_child
from portal.records.linked_processes.beginning import running
from portal.records.linked_processes.effects import STRATEGY
from portal.records.linked_processes.policy import LinkedProcesses
from portal.records.meetings.reading import calls
from portal.records.missing import reading as missing
from portal.records.missing.deciding import (
    ELSEWHERE,
    NOT_OF_THEIRS,
    Called,
    answer_prompt,
    answering_facts,
    decides_for,
)
from portal.records.missing.forms import steps as step_forms
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.policy import Missing
from portal.records.missing.presenter import words as missing_words
from portal.records.missing.vocabulary import StrategyAnswer
from portal.web.error_summary import lay_out
from portal.web.fields import Choice
from portal.web.filters import moment
from portal.web.page import render, see_other
from portal.web.steps import carry_out


@blueprint.route("/missing/<reference>/strategy", methods=["GET", "POST"])
@allow("missing:answer", shows="child")
def strategy(reference: str) -> ResponseReturnValue:
    """The episodes in question, and whether a strategy meeting is called."""
    episode = find_episode(reference)
    prompt = missing.prompt_with(episode=episode) or abort(404)
    require(current(), "missing:answer", answering_facts(current(), prompt))
    if not decides_for(current(), prompt):
        raise Forbidden(NOT_OF_THEIRS)
    form = step_forms.StrategyForm()
    form.offer_meetings(_coming(prompt))
    step = carry_out(
        form,
        lambda: answer_prompt(
            actor=current(),
            prompt=prompt,
            answer=form.chosen,
            words=form.said("words"),
            called=_called(form),
        ),
    )
    if step.done:
        return _go_on(episode, prompt, form)
    return render(
        "missing/strategy.html",
        **page_of(episode, "missing:strategy"),
        form=form,
        parts=lay_out,
        problem=step.problem,
        prompt=prompt,
        facts=missing.prompt_facts(prompt=prompt),
        lines=missing_words.lines(missing.episodes_in(prompt=prompt), policy_on(episode)),
        answers=StrategyAnswer,
        repeated=policy_on(episode).of(Missing).prompt,
        may_answer=may_answer(prompt),
        **calling(prompt),
    )


def _coming(prompt: MissingPrompt) -> list[Choice]:
    """The meetings that are to come on the child, as far as the person sees them."""
    kinds = current_policy().meetings.kinds
    coming = calls.coming_on(children=same_child(prompt.child_id))
    return [
        Choice(one.reference, f"{kinds.label(one.kind)} on {moment(one.starts_at)}, {one.reference}")
        for one in coming
    ]


def _called(form: step_forms.StrategyForm) -> Called | None:
    """The meeting that is called, as the form says it."""
    return Called(*form.meeting_called) if form.meeting_called else ELSEWHERE if form.is_elsewhere else None


def _go_on(
    episode: MissingEpisode, prompt: MissingPrompt, form: step_forms.StrategyForm
) -> ResponseReturnValue:
    """Back to the episode; after a discussion that was held, first to where its outcome is recorded."""
    answer = form.chosen
    if answer is StrategyAnswer.MEETING:
        called = _called(form) or ELSEWHERE
        return see_other(address(episode), done=f"Recorded which strategy meeting is called: {called.words}")
    found = missing.open_case_of(child_id=prompt.child_id)
    case = case_records.find_case(reference=found) if found and answer is StrategyAnswer.DISCUSSION else None
    rule = current_policy().of(LinkedProcesses).processes.get(STRATEGY)
    if case and rule and may_begin(case, [rule]) and running(case_id=case.id, kind=STRATEGY) is None:
        return see_other(
            url_for("linked_processes.begin_process", reference=case.reference, kind=STRATEGY),
            done="Recorded. Now say what the strategy discussion came to, so that it is followed",
        )
    return see_other(address(episode), done="The answer on the strategy discussion was recorded")
