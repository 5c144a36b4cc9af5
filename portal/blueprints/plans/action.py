"""One action: how it goes, what its owner says of it, and what those who answer for the case change."""

from functools import partial
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import Principal, current
from portal.blueprints.plans import (
    ASKED,
    address,
    blueprint,
    find_action,
    found_to,
    giving_to_somebody,
    page_of,
    verbs,
)
from portal.policy import current_policy
from portal.records.by_hand import presenter as by_hand_words
from portal.records.by_hand import reading as by_hand
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.entries.adding import agencies_on
from portal.records.entries.vocabulary import Handling
from portal.records.plans import action_steps, forms
from portal.records.plans import presenter as action_words
from portal.records.plans import reading as plans
from portal.records.plans.action_changes import end_as_covered, end_as_not_needed, hand_over, move_date
from portal.records.plans.model import Action
from portal.records.plans.presenter import offer_owners, owner_of
from portal.records.requests import reading as requests
from portal.web.choices import VersionedForm
from portal.web.page import render
from portal.web.steps import StepsOn, Words

_TEMPLATE = "plans/action.html"

_on_action = StepsOn[Action](lambda action: {"action": action}, page=page_of, to=address)


@blueprint.get("/actions/<reference>")
@allow("action:view", shows="child")
def action(reference: str) -> ResponseReturnValue:
    """Everything about an action that this person may see."""
    return render(_TEMPLATE, **_page(find_action(reference)))


@blueprint.post("/actions/<reference>/note")
@allow("action:note", shows="child")
def note(reference: str) -> ResponseReturnValue:
    """Write how it goes."""
    record = find_action(reference)
    form = _note_form(record)
    return _on_action.take(
        record,
        form,
        lambda **given: action_steps.add_note(
            text=form.said("text"), handling=Handling(form.handling.data), listed=form.listed, **given
        ),
        template=_TEMPLATE,
        page=lambda: _page(record, note_form=form),
        to=address(record, "history"),
        done="Your note on the action was added",
    )


@blueprint.post("/actions/<reference>/start")
@allow("action:work", shows="child")
def begin(reference: str) -> ResponseReturnValue:
    """Say that it has begun, or goes on."""
    record, form = found_to("action:work", reference), VersionedForm()
    return _on_action.take(
        record, form, action_steps.start, template=_TEMPLATE, page=lambda: _page(record), done="Under way"
    )


@blueprint.post("/actions/<reference>/done")
@allow("action:work", shows="child")
def done(reference: str) -> ResponseReturnValue:
    """Say that it is done."""
    record, form = found_to("action:work", reference), forms.DoneForm()
    return _on_action.take(
        record,
        form,
        partial(action_steps.mark_done, words=form.said("words")),
        template=_TEMPLATE,
        page=lambda: _page(record, done_form=form),
        done="You said that the action is done",
    )


def _page(
    record: Action, *, note_form: forms.NoteForm | None = None, done_form: VersionedForm | None = None
) -> dict[str, Any]:
    page = page_of(record)
    facts = action_steps.action_facts(current(), record)
    policy = current_policy(page["details"].authority)
    steps, written = plans.steps_of(action_id=record.id), plans.notes_of(action_id=record.id)
    return {
        **page,
        "note_form": note_form or _note_form(record),
        "done_form": done_form or forms.DoneForm(formdata=None, data={"version": record.version}),
        "history": action_words.history(steps, written, policy),
        "can": verbs(record, facts),
        "owns": facts.owner,
        "by_hand": _told_by_hand(record),
    }


def _told_by_hand(record: Action) -> list[by_hand_words.ByHandLine]:
    """Whether whoever does it without an account was told."""
    return by_hand_words.lines(by_hand.of_action(action_id=record.id)) if record.external_name else []


def _note_form(record: Action) -> forms.NoteForm:
    """A note can be for some agencies only where its writer reads who works on the case, or the concern."""
    form, on = forms.NoteForm(), plans.subject_of(action=record)
    if isinstance(on, Case):
        others = case_records.agency_names(ids=agencies_on(on) - {current().agency_id})
    else:
        others = requests.agencies_to_list(without=current().agency_id) if on else ()
    form.offer_readers([(str(one.id), one.name) for one in others])
    return form


@blueprint.route("/actions/<reference>/blocked", methods=["GET", "POST"])
@allow("action:work", shows="child")
def blocked(reference: str) -> ResponseReturnValue:
    """Say that it cannot go on, and why."""
    record = found_to("action:work", reference)
    form = forms.BlockForm.opened(record)
    return _on_action.take(
        record,
        form,
        partial(action_steps.block, why=form.said("words")),
        Words(heading="It is blocked", above=ASKED, button="Say that it is blocked"),
    )


@blueprint.route("/actions/<reference>/confirm", methods=["GET", "POST"])
@allow("action:confirm", shows="child")
def confirm_done(reference: str) -> ResponseReturnValue:
    """Confirm, as the second person, that it is done."""
    record = found_to("action:confirm", reference)
    form = forms.ConfirmForm.opened(record)
    form.offer_effects(current_policy())
    return _on_action.take(
        record,
        form,
        partial(action_steps.confirm, effect=form.said("effect") or None, words=form.said("words")),
        Words(heading="Confirm that it is done", above=ASKED, button="Confirm"),
    )


@blueprint.route("/actions/<reference>/effect", methods=["GET", "POST"])
@allow("action:effect", shows="child")
def effect(reference: str) -> ResponseReturnValue:
    """Say what came of it."""
    record = found_to("action:effect", reference)
    form = forms.EffectForm.opened(record)
    form.offer_effects(current_policy())
    return _on_action.take(
        record,
        form,
        partial(action_steps.give_effect, effect=form.said("effect"), words=form.said("words")),
        Words(heading="Say what came of it", above=ASKED),
    )


@blueprint.route("/actions/<reference>/date", methods=["GET", "POST"])
@allow("action:change", shows="child")
def move(reference: str) -> ResponseReturnValue:
    """Move the date; the first one stays on record."""
    record = found_to("action:change", reference)
    form = forms.MoveForm.opened(record)
    return _on_action.take(
        record,
        form,
        partial(move_date, due_on=form.due_on.data, reason=form.said("words")),
        Words(heading="Move the date", above=ASKED, button="Move the date"),
    )


@blueprint.route("/actions/<reference>/owner", methods=["GET", "POST"])
@allow("action:hand_over", shows="child")
def give_on(reference: str) -> ResponseReturnValue:
    """Give it to another owner, who is told at once."""
    record = found_to("action:hand_over", reference)
    form = forms.HandOverForm.opened(
        record, external_name=record.external_name, external_role=record.external_role
    )
    if record.case_id is None:
        del form.external_name, form.external_role
    offer_owners(form, plans.subject_of(action=record) or abort(404))
    return _on_action.take(
        record,
        form,
        partial(_hand_over, form=form),
        Words(heading="Give it to somebody else", above=ASKED, button="Give it to them"),
    )


@giving_to_somebody()
def _hand_over(*, actor: Principal, action: Action, version: int, form: forms.HandOverForm) -> None:
    hand_over(
        actor=actor,
        action=action,
        owner=owner_of(form),
        external=form.external,
        reason=form.said("words"),
        version=version,
    )


@blueprint.route("/actions/<reference>/not-needed", methods=["GET", "POST"])
@allow("action:change", shows="child")
def not_needed(reference: str) -> ResponseReturnValue:
    """Say that it is no longer needed."""
    record = found_to("action:change", reference)
    form = forms.NotNeededForm.opened(record)
    return _on_action.take(
        record,
        form,
        partial(end_as_not_needed, reason=form.said("words")),
        Words(heading="It is no longer needed", above=ASKED, button="Say that it is not needed"),
    )


@blueprint.route("/actions/<reference>/covered", methods=["GET", "POST"])
@allow("action:change", shows="child")
def covered(reference: str) -> ResponseReturnValue:
    """Say that another plan sees to it."""
    record = found_to("action:change", reference)
    form = forms.CoveredForm.opened(record)
    return _on_action.take(
        record,
        form,
        partial(end_as_covered, by=form.said("words")),
        Words(heading="Another plan sees to it", above=ASKED, button="Say that it is covered"),
    )
