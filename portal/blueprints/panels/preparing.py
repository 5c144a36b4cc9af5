"""Preparing a panel: what is proposed, what is put on it or is not, and the next one of the district."""

from datetime import timedelta
from functools import partial
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require, require_on
from portal.access.principal import current
from portal.blueprints.meetings.calling import ask_whether_free
from portal.blueprints.panels import (
    blueprint,
    meeting_of,
    on_item,
    panel_of,
    working_on,
)
from portal.changes.errors import DomainError
from portal.pages import picking
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.cases.reading.records import find_person
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.words import when_words
from portal.records.meetings.reading import records as meetings
from portal.records.panels import presenter as panel_view
from portal.records.panels.forms import MISSING, PLAN, DeclineForm, NextForm, PutOnForm
from portal.records.panels.papers import call_next, next_after
from portal.records.panels.policy import Panels
from portal.records.panels.presenter import district_of
from portal.records.panels.proposals import WAITS_FOR_WORD, Subject, decline, propose, put_on
from portal.records.panels.reading import items as panel_items
from portal.records.panels.reading import records as panels
from portal.records.panels.records import panel_facts, require_not_over
from portal.records.panels.rules import next_panel_day
from portal.web.choices import clock_words
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, carry_out, take

_KINDS = {Prefix.CASE: "case", Prefix.CHILD: "child", Prefix.CONCERN: "concern"}


@blueprint.get("/panels/<reference>/prepare")
@allow("panel:prepare", shows="case")
def prepare(reference: str) -> ResponseReturnValue:
    """What could come before this panel, of what the person may see."""
    return _page(_preparing(reference))


@blueprint.post("/panels/<reference>/prepare")
@allow("panel:prepare", shows="case")
def put_something_on(reference: str) -> ResponseReturnValue:
    """Put a case, a child or a concern on the agenda, by its name or reference."""
    panel = _preparing(reference)
    form = PutOnForm()
    form.reference.seek(picking.subjects)
    step = carry_out(form, lambda: _propose_and_put_on(meeting_of(reference), form))
    if not step.done:
        return _page(panel, form, step.problem)
    return see_other(url_for("panels.prepare", reference=panel.reference), done=step.result)


@blueprint.post("/panels/items/<reference>/put-on")
@allow("panel:prepare", shows="case")
def put_item_on(reference: str) -> ResponseReturnValue:
    """Put something on that was proposed."""
    found, record = working_on(reference)
    coming = _of_district(found)
    named = request.form.get("panel", "") or (coming.reference if coming else "")
    panel = _preparing(named)
    try:
        with attempt():
            put_on(actor=current(), meeting=meeting_of(panel.reference), item=record)
    except DomainError as refused:
        return _page(panel, problem=refused)
    return see_other(
        url_for("panels.prepare", reference=panel.reference),
        done="It is on the agenda. A coordinator has read its summary, and it goes out with the papers"
        if found.row and found.row.read_at
        else "It is on the agenda. The papers go out once a coordinator has read its summary",
    )


@blueprint.route("/panels/items/<reference>/decline", methods=["GET", "POST"])
@allow("panel:prepare", shows="case")
def decline_item(reference: str) -> ResponseReturnValue:
    """Do not take it, or take it off the agenda."""
    on, form = working_on(reference), DeclineForm()
    meeting = _of_district(on[0])
    require(current(), "panel:prepare", panel_facts(current(), meeting))
    return on_item.take(
        on,
        form,
        partial(decline, meeting=meeting, reason=form.said("reason")),
        Words(heading="Not before the panel", button="Do not take it"),
        done="It does not come before the panel",
    )


def _preparing(reference: str) -> Any:
    return require_on("panel:prepare", panel_of(reference), panel_facts)


def _of_district(found: Any) -> Meeting | None:
    """The panel that an item is on, or the next of its district that the person sees."""
    if found.panel:
        return meetings.find_meeting(reference=found.panel.reference)
    coming = next((row for row in panels.mine() if row.district == found.row.district), None)
    return meetings.find_meeting(reference=coming.reference) if coming else None


def _subject(typed: str, about: str) -> Subject:
    reference = read_reference(typed)
    kind = _KINDS.get(Prefix((reference or "").partition("-")[0])) if reference else None
    found = panels.subject(kind=kind, reference=reference) if kind and reference else {}
    if not found:
        raise DomainError(
            "You read no case, child or concern with this reference. Check it", field="reference"
        )
    return Subject(**found, plan=about == PLAN, missing=about == MISSING)  # type: ignore[arg-type]  # by its kind


def _propose_and_put_on(meeting: Meeting, form: PutOnForm) -> str:
    subject = _subject(form.reference.chosen, request.form.get("about", ""))
    require_not_over(meeting)
    item = propose(
        actor=current(),
        subject=subject,
        district=meeting.district,
        why=form.said("why"),
        once=form.nonce,
    )
    if panel_items.held_back_by_word(item_id=item.id):
        return WAITS_FOR_WORD
    put_on(actor=current(), meeting=meeting, item=item)
    return "It is on the agenda. Now write its summary, or ask whoever leads it to"


def _page(
    panel: Any, form: PutOnForm | None = None, problem: DomainError | None = None
) -> ResponseReturnValue:
    district = panel.district or abort(404)
    waiting = panels.proposed(district=district)
    found = panel_items.proposals(district=district, meeting_id=panel.id)
    audit.record("panel:prepare", subject_kind="meeting", subject_id=panel.id)
    for row in (*waiting, *found.cases, *found.plans, *found.missing):
        on_case = row.case_id if hasattr(row, "case_id") else row.id
        audit.record(
            "panel:offer", subject_kind="meeting", subject_id=panel.id, case_id=on_case, child_id=row.child_id
        )
    return render(
        "panels/prepare.html",
        panel=panel,
        district=panel_view.district_of(panel),
        when=when_words(panel),
        waiting=[panel_view.line(row) for row in waiting],
        offers=panel_view.offers(found),
        form=form or PutOnForm(formdata=None),
        problem=problem,
        marking=True,
    )


@blueprint.route("/panels/<reference>/next", methods=["GET", "POST"])
@allow("panel:prepare", shows="people")
def call_next_panel(reference: str) -> ResponseReturnValue:
    """A month later, unless somebody says otherwise."""
    panel = panel_of(reference)
    require(current(), "panel:prepare", panel_facts(current(), panel))
    meeting, form = meeting_of(reference), NextForm()
    audit.record("panel:next", subject_kind="meeting", subject_id=panel.id)
    called = None if form.is_submitted() else next_after(meeting=meeting)
    if called is not None:
        return see_other(url_for("panels.show", reference=called.reference))
    _start(form, meeting)
    district = f"District panel: {district_of(panel)}"
    return take(
        form,
        lambda: _call_next(meeting, form),
        page=lambda: _next_page(form),
        says=Words(
            heading="Call the next panel",
            caption=f"{district}, after {when_words(panel)}",
            back=Link(url_for("panels.show", reference=panel.reference), district),
            lead=[
                "The same chair, note-taker, teams and people are invited. Themes and items are"
                " put on the new agenda afresh."
            ],
            button="Call the panel",
        ),
        to=lambda made: url_for("panels.show", reference=made.reference),
        done="The next panel is called",
    )


def _call_next(meeting: Meeting, form: NextForm) -> Meeting:
    starts_at, ends_at = form.starts_at, form.ends_at
    chairs = find_person(user_id=meeting.chair_id)
    if chairs is not None and next_after(meeting=meeting) is None:
        ask_whether_free(form, chairs, starts_at=starts_at, ends_at=ends_at)
    return call_next(
        actor=current(),
        meeting=meeting,
        starts_at=starts_at,
        ends_at=ends_at,
        place=form.said("place"),
        link=form.said("link"),
    )


def _next_page(form: NextForm) -> dict[str, Any]:
    form.leave_out_unasked()
    return {}


def _start(form: NextForm, meeting: Meeting) -> None:
    """The same weekday and time in a month; where that is past, the first such day that is not."""
    starts, ends = clock.local(meeting.starts_at), clock.local(meeting.ends_at)
    every = current_policy().of(Panels).every
    wanted = next_panel_day(starts.date(), every)
    while wanted <= clock.today():
        wanted = next_panel_day(max(wanted, starts.date() + timedelta(days=1)), every)
    form.prefill(
        day=wanted,
        starts=clock_words(starts),
        ends=clock_words(ends),
        place=meeting.place,
        link=meeting.link,
    )
