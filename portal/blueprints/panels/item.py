"""One item of a panel, for whoever reaches its child or concern, and for who writes what the panel says."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Facts, permitted, require
from portal.access.principal import current
from portal.blueprints.panels.blueprint import blueprint
from portal.blueprints.panels.looking import Looked, around, look, may, working_on
from portal.records.meetings.chairing import why_not_recorded
from portal.records.panels import presenter as panel_view
from portal.records.panels.forms import DecideForm, SaidForm, WordForm
from portal.records.panels.proposals import give_word
from portal.records.panels.reading import items as panel_items
from portal.records.panels.vocabulary import PanelItemState
from portal.records.plans.presenter import state_words as action_state
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.steps import Words, take


@blueprint.get("/panels/items/<reference>")
@allow("panel:view", shows="child")
def item(reference: str) -> ResponseReturnValue:
    """An item. Members who do not reach it read its summary with the others."""
    found = look(reference)
    if found.row is None and not may("panel:record", found.panel) and not _was_recorded_by(found):
        return see_other(url_for("panels.show", reference=found.panel.reference, _anchor=found.reference))
    return page(found)


@blueprint.route("/panels/items/<reference>/word", methods=["GET", "POST"])
@allow("panel:give_word", shows="case")
def word(reference: str) -> ResponseReturnValue:
    """Whoever leads what is closely held agrees that it comes before the panel."""
    found, record = working_on(reference)
    require(current(), "panel:give_word", Facts(lead_professional=panel_items.gives_word(item=record)))
    form = WordForm()
    return take(
        form,
        lambda: give_word(actor=current(), item=record, word=form.said("word")),
        says=Words(
            heading="Give your word",
            lead=[
                "This is closely held. It comes before the panel only if you agree. The members read a"
                " summary that a coordinator has read, until the minutes are approved. Your words stand."
            ],
            button="Agree that it comes before the panel",
        ),
        page=lambda: around(found),
        to=found.address,
        done="Your word is given. Whoever prepares the panel can put it on",
    )


def page(
    found: Looked,
    *,
    said_form: SaidForm | None = None,
    decide_form: DecideForm | None = None,
    problem: DomainError | None = None,
) -> ResponseReturnValue:
    """The page of an item, with what was typed on it."""
    row, panel = found.row, found.panel
    said = panel_items.said(item_id=found.item_id)
    on = panel_items.panel_of(item_id=found.item_id) if row and row.meeting_id and not panel else panel
    forms: list[Any] = [one for one in (said_form, decide_form) if one]
    why_not = why_not_recorded(panel) if panel else ""
    standing = not row or row.state in {PanelItemState.ON, PanelItemState.DISCUSSED}
    return render(
        "panels/item.html",
        **around(found),
        on=on,
        row=row,
        line=panel_view.line(row) if row else None,
        summaries=panel_items.summaries(item_id=found.item_id) if row else [],
        said=said,
        decisions=panel_items.decisions(item_id=found.item_id),
        actions=panel_items.actions(item_id=found.item_id) if row else [],
        action_state=action_state,
        said_form=said_form or _said_form(said),
        decide_form=decide_form or _decide_form(),
        forms=forms,
        problem=problem,
        gives_word=bool(row and row.held == "word" and not row.word_at and panel_items.gives_word(item=row)),
        may_summarise=bool(row) and row.state != PanelItemState.DECLINED and may("panel:summarise", panel),
        may_release=bool(row) and permitted(current(), "panel:release"),
        may_prepare=bool(row) and may("panel:prepare", panel),
        may_record=standing and panel is not None and may("panel:record", panel),
        may_decide=standing and panel is not None and may("panel:decide", panel),
        may_act=bool(row and standing and panel and not why_not and _may_give(row, panel)),
        why_not=why_not,
    )


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


def _decide_form() -> DecideForm:
    form = DecideForm(formdata=None)
    form.start()
    return form


def _was_recorded_by(found: Looked) -> bool:
    """Chair and note-taker read what they wrote until the minutes are distributed."""
    return found.panel is not None and current().user_id in {found.panel.chair_id, found.panel.note_taker_id}
