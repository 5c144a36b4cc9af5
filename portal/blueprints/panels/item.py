"""One item of a panel: what the panel says and decides on it, and the actions that it asks for."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Facts, permitted, require
from portal.access.principal import current
from portal.blueprints.panels import (
    Looked,
    blueprint,
    may,
    on_item,
    page_context,
    view_item,
    working_on,
)
from portal.blueprints.plans import given_by, giving_form, giving_to_somebody
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.meetings.chairing import why_not_recorded
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.panels import presenter as panel_view
from portal.records.panels.forms import DecideForm, SaidForm, TakeBackForm, WordForm
from portal.records.panels.model import PanelItem
from portal.records.panels.proposals import give_word
from portal.records.panels.reading import items as panel_items
from portal.records.panels.reading import records as panels
from portal.records.panels.records import decide, give_under_item, panel_facts, save_minute, take_back
from portal.records.panels.vocabulary import PanelItemState
from portal.records.plans.forms import GiveForm
from portal.records.plans.presenter import state_words as action_state
from portal.web.page import render, see_other
from portal.web.steps import StepsOn, Words, take

_TEMPLATE = "panels/item.html"

#: What is recorded of an item at its panel, by whoever runs it.
_on_recorded = StepsOn[tuple[Looked, Meeting]](
    lambda on: {"meeting": on[1]}, page=lambda on: page_context(on[0]), to=lambda on: on[0].address
)


@blueprint.get("/panels/items/<reference>")
@allow("panel:view", shows="child")
def item(reference: str) -> ResponseReturnValue:
    """An item. Members who do not reach it read its summary with the others."""
    found = view_item(reference)
    if found.row is None and not may("panel:record", found.panel) and not _was_recorded_by(found):
        return see_other(url_for("panels.show", reference=found.panel.reference, _anchor=found.reference))
    return render(_TEMPLATE, **_page(found))


@blueprint.route("/panels/items/<reference>/word", methods=["GET", "POST"])
@allow("panel:give_word", shows="case")
def word(reference: str) -> ResponseReturnValue:
    """Whoever leads what is closely held agrees that it comes before the panel."""
    on, form = working_on(reference), WordForm()
    require(current(), "panel:give_word", Facts(lead_professional=panel_items.gives_word(item=on[1])))
    return on_item.take(
        on,
        form,
        partial(give_word, word=form.said("word")),
        Words(
            heading="Give your word",
            lead=[
                "This is closely held. It comes before the panel only if you agree. The members read a"
                " summary that a coordinator has read, until the minutes are approved. Your words stand."
            ],
            button="Agree that it comes before the panel",
        ),
        done="Your word is given. Whoever prepares the panel can put it on",
    )


def _page(
    found: Looked, *, said_form: SaidForm | None = None, decide_form: DecideForm | None = None
) -> dict[str, Any]:
    """What the page of an item shows, with what was typed on it."""
    row, panel = found.row, found.panel
    said = panel_items.said(item_id=found.item_id)
    on = panel_items.panel_of(item_id=found.item_id) if row and row.meeting_id and not panel else panel
    why_not = why_not_recorded(panel) if panel else ""
    standing = not row or row.state in {PanelItemState.ON, PanelItemState.DISCUSSED}
    return page_context(found) | {
        "on": on,
        "row": row,
        "line": panel_view.line(row) if row else None,
        "summaries": panel_items.summaries(item_id=found.item_id) if row else [],
        "said": said,
        "decisions": panel_items.decisions(item_id=found.item_id),
        "actions": panel_items.actions(item_id=found.item_id) if row else [],
        "action_state": action_state,
        "said_form": said_form or _said_form(said),
        "decide_form": decide_form or DecideForm(formdata=None),
        "gives_word": bool(row and row.held == "word" and not row.word_at)
        and panel_items.gives_word(item=row),
        "may_summarise": bool(row) and row.state != PanelItemState.DECLINED and may("panel:summarise", panel),
        "may_release": bool(row) and permitted(current(), "panel:release"),
        "may_prepare": bool(row) and may("panel:prepare", panel),
        "may_record": standing and panel is not None and may("panel:record", panel),
        "may_decide": standing and panel is not None and may("panel:decide", panel),
        "may_act": bool(row and standing and panel and not why_not and _may_give(row, panel)),
        "why_not": why_not,
    }


def _may_give(row: Any, panel: Any) -> bool:
    if not (row.case_id or row.concern_id):
        return False
    person = current()
    runs = person.user_id in {panel.chair_id, panel.note_taker_id}
    leads = row.lead_professional_id == person.user_id
    facts = Facts(lead_professional=leads, runs_meeting=runs, own_agency=True)
    return permitted(person, "action:give", facts)


def _said_form(said: Any) -> SaidForm:
    data = {"words": said.text if said else "", "version": str(said.version if said else 0)}
    return SaidForm(formdata=None, data=data)


def _was_recorded_by(found: Looked) -> bool:
    """Chair and note-taker read what they wrote until the minutes are distributed."""
    return found.panel is not None and current().user_id in {found.panel.chair_id, found.panel.note_taker_id}


@blueprint.route("/panels/items/<reference>/actions/new", methods=["GET", "POST"])
@allow("action:give", shows="child")
def give_action(reference: str) -> ResponseReturnValue:
    """An action, for somebody who reads the case or the concern of the item."""
    found, record = working_on(reference)
    panel, on = found.panel or abort(404), _subject(found)
    meeting = meetings.find_meeting(reference=panel.reference) or abort(404)
    form = giving_form(on)
    return take(
        form,
        lambda: _give(meeting, record, on, form),
        template="panels/action.html",
        page=lambda: page_context(found),
        to=found.address,
        done="You gave the action",
        on_case=isinstance(on, Case),
    )


def _subject(found: Looked) -> Case | Concern:
    """The case or the concern that an item is on; one on a child without a case has neither."""
    row = found.row
    kind, reference = ("concern", row.concern_reference) if row.concern_id else ("case", row.case_reference)
    on = panels.subject(kind=kind, reference=reference or "").get(kind)
    return on if isinstance(on, Case | Concern) else abort(404)


@giving_to_somebody()
def _give(meeting: Meeting, item: PanelItem, on: Case | Concern, form: GiveForm) -> None:
    give_under_item(actor=current(), meeting=meeting, item=item, on=on, **given_by(form))


@blueprint.post("/panels/items/<reference>/said")
@allow("panel:record", shows="child")
def said(reference: str) -> ResponseReturnValue:
    """Keep what was said."""
    on, form = _recording(reference, "panel:record"), SaidForm()
    return _on_recorded.take(
        on,
        form,
        partial(save_minute, item_id=on[0].item_id, text=form.said("words")),
        template=_TEMPLATE,
        page=lambda: _page(on[0], said_form=form),
    )


@blueprint.post("/panels/items/<reference>/decisions")
@allow("panel:decide", shows="child")
def decided(reference: str) -> ResponseReturnValue:
    """Record a decision."""
    on, form = _recording(reference, "panel:decide"), DecideForm()
    return _on_recorded.take(
        on,
        form,
        partial(
            decide,
            item_id=on[0].item_id,
            text=form.said("text"),
            reason=form.said("reason"),
            once=form.nonce,
        ),
        template=_TEMPLATE,
        page=lambda: _page(on[0], decide_form=form),
        done="The decision was recorded",
    )


@blueprint.route("/panels/items/<reference>/decisions/<uuid:decision_id>", methods=["GET", "POST"])
@allow("panel:decide", shows="child")
def take_decision_back(reference: str, decision_id: UUID) -> ResponseReturnValue:
    """Take a decision back that was recorded by mistake."""
    on, form = _recording(reference, "panel:decide"), TakeBackForm()
    decision = panel_items.find_decision(item_id=on[0].item_id, decision_id=decision_id) or abort(404)
    return _on_recorded.take(
        on,
        form,
        partial(take_back, decision=decision, reason=form.said("reason")),
        Words(heading="Take a decision back", above="panels/_decision.html", button="Take it back"),
        done="The decision is taken back",
        decision=decision,
    )


def _recording(reference: str, verb: str) -> tuple[Looked, Meeting]:
    found = view_item(reference)
    require(current(), verb, panel_facts(current(), found.panel))
    return found, _meeting(found)


def _meeting(found: Looked) -> Meeting:
    """The panel that an item is on, for somebody who sees it."""
    if found.panel is None:
        abort(404)
    return meetings.find_meeting(reference=found.panel.reference) or abort(404)
