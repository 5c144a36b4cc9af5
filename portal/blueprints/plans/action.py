"""The page of one action: what is asked, how it goes, and what its owner says of it, right here."""

from typing import Any

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.looking import address, find, found_to, page_of, subject_of, verbs
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.entries.adding import agencies_on
from portal.records.entries.vocabulary import Handling
from portal.records.plans import presenter as action_words
from portal.records.plans.action_steps import action_facts, add_note, mark_done, start
from portal.records.plans.forms import DoneForm, NoteForm, StepForm
from portal.records.plans.model import Action
from portal.records.plans.reading import actions
from portal.records.requests import reading as asking
from portal.web.page import render
from portal.web.steps import take

_TEMPLATE = "plans/action.html"


@blueprint.get("/actions/<reference>")
@allow("action:view", shows="child")
def action(reference: str) -> ResponseReturnValue:
    """Everything about an action that this person may see."""
    return render(_TEMPLATE, **_page(find(reference)))


@blueprint.post("/actions/<reference>/note")
@allow("action:note", shows="child")
def note(reference: str) -> ResponseReturnValue:
    """Write how it goes."""
    record = find(reference)
    form = _note_form(record)
    return take(
        form,
        lambda: add_note(
            actor=current(),
            action=record,
            text=form.said("text"),
            handling=Handling(form.handling.data),
            listed=form.listed,
        ),
        template=_TEMPLATE,
        page=lambda: _page(record, note_form=form),
        to=address(record, "history"),
        done="Added",
    )


@blueprint.post("/actions/<reference>/start")
@allow("action:work", shows="child")
def begin(reference: str) -> ResponseReturnValue:
    """Say that it has begun, or goes on."""
    record, form = found_to("action:work", reference), StepForm()
    return take(
        form,
        lambda: start(actor=current(), action=record, version=form.seen_version),
        template=_TEMPLATE,
        page=lambda: _page(record),
        to=address(record),
        done="Under way",
    )


@blueprint.post("/actions/<reference>/done")
@allow("action:work", shows="child")
def done(reference: str) -> ResponseReturnValue:
    """Say that it is done."""
    record, form = found_to("action:work", reference), DoneForm()
    return take(
        form,
        lambda: mark_done(
            actor=current(), action=record, words=form.said("words"), version=form.seen_version
        ),
        template=_TEMPLATE,
        page=lambda: _page(record, done_form=form),
        to=address(record),
        done="Done. Whoever gave it is told",
    )


def _page(
    record: Action, *, note_form: NoteForm | None = None, done_form: DoneForm | None = None
) -> dict[str, Any]:
    page = page_of(record)
    facts = action_facts(current(), record)
    policy = current_policy(page["details"].authority)
    steps, written = actions.steps_of(action_id=record.id), actions.notes_of(action_id=record.id)
    return {
        **page,
        "note_form": note_form or _note_form(record),
        "done_form": done_form or DoneForm(formdata=None, data={"version": str(record.version)}),
        "history": action_words.history(steps, written, policy),
        "can": verbs(record, facts),
        "owns": facts.owner,
    }


def _note_form(record: Action) -> NoteForm:
    """A note can be for some agencies only where its writer reads who works on the case, or the concern."""
    form, on = NoteForm(), subject_of(record)
    if isinstance(on, Case):
        others = case_records.agency_names(ids=agencies_on(on) - {current().agency_id})
    else:
        others = asking.agencies_to_list(without=current().agency_id) if on else ()
    form.offer_readers([(str(one.id), one.name) for one in others])
    return form
