"""The processes beside a case, and the page of one."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.cases.blueprint import page_context, view_case
from portal.blueprints.linked_processes.blueprint import blueprint, find_process, may_begin, may_step, page_of
from portal.records.linked_processes import presenter as linked_words
from portal.records.linked_processes import reading as linked
from portal.records.linked_processes.forms import NoteForm
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.steps import add_note
from portal.records.linked_processes.vocabulary import LinkedState, LinkedStepState
from portal.web.page import render
from portal.web.steps import take


@blueprint.get("/cases/<reference>/linked")
@allow("linked:list", shows="case")
def of_case(reference: str) -> ResponseReturnValue:
    """Every process of another service beside a case, those that run first."""
    case = view_case(reference, action="linked:list")
    page = page_context(case)
    lines = [linked_words.line(row) for row in linked.of_case(case_id=case.id)]
    kinds = [one["kind"] for one in case.linked or ()]
    return render(
        "linked_processes/of_case.html",
        **page,
        running=[one for one in lines if one.running],
        over=[one for one in lines if not one.running],
        may_begin=bool(may_begin(case, linked_words.offered(page["policy"]))),
        wanted_alert=linked_words.alert_wanted(kinds, page["alerts"]),
        wide=True,
    )


@blueprint.get("/linked/<reference>")
@allow("linked:view", shows="case")
def show(reference: str) -> ResponseReturnValue:
    """What a process is, what is owed on it, and what happened."""
    return render("linked_processes/show.html", **_shown(find_process(reference)), note_form=NoteForm())


@blueprint.post("/linked/<reference>/note")
@allow("linked:note", shows="case")
def note(reference: str) -> ResponseReturnValue:
    """Write how it goes."""
    process, form = find_process(reference), NoteForm()
    return take(
        form,
        lambda: add_note(actor=current(), process=process, words=form.said("words")),
        template="linked_processes/show.html",
        page=lambda: _shown(process),
        to=url_for("linked_processes.show", reference=process.reference, _anchor="history"),
        done="Added",
        note_form=form,
    )


def _shown(process: LinkedProcess) -> dict[str, Any]:
    page = page_of(process)
    steps = linked_words.steps(linked.steps_of(process_id=process.id), process.kind, page["case"].authority)
    rule, runs = page["rule"], process.state == LinkedState.RUNNING
    outcome = rule.outcomes.get(process.outcome) if rule else None
    return {
        **page,
        "open_steps": [one for one in steps if one.state is LinkedStepState.OPEN],
        "taken_steps": [one for one in steps if one.state is not LinkedStepState.OPEN],
        "history": linked_words.history(linked.notes_of(process_id=process.id)),
        "may_step": may_step(process, page["case"]),
        "is_running": runs,
        "came_from": linked_words.label_of(page["details"].came_from_kind or ""),
        "next_kinds": may_begin(page["case"], linked_words.kinds_of(outcome.opens if outcome else ())),
        "wanted_alert": linked_words.alert_wanted([process.kind], page["alerts"]) if runs else None,
    }
