"""The agenda of a meeting, and the papers that it needs on a child."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings import blueprint, page_context, running
from portal.changes.errors import DomainError
from portal.pathway.references import Prefix, read_reference
from portal.records.meetings import agenda as agendas
from portal.records.meetings.forms.day import HeadingForm, NewHeadingForm, PaperForm
from portal.records.meetings.model import Meeting
from portal.records.meetings.preparing import PaperMark, mark_paper
from portal.records.meetings.presenter.day import ChildsPapers, child_papers
from portal.records.meetings.reading import records as meetings
from portal.web.fields import Choice
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, carry_out, take


@blueprint.route("/meetings/<reference>/agenda", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def agenda(reference: str) -> ResponseReturnValue:
    """Every heading with what can be done with it, and a new one."""
    meeting, children, found = running(reference)
    form = _offering(children)
    step = carry_out(
        form,
        lambda: agendas.add_item(
            actor=current(), meeting=found, heading=form.said("heading"), case_id=form.case_id
        ),
    )
    return _back(meeting) if step.done else _page(meeting, children, form, step.problem)


@blueprint.route("/meetings/<reference>/agenda/<uuid:item_id>", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def heading(reference: str, item_id: UUID) -> ResponseReturnValue:
    """Say a heading in other words."""
    meeting, _, found = running(reference)
    item = agendas.find_item(meeting=found, item_id=item_id)
    form = HeadingForm.opened(item, heading=item.heading)
    agenda_page = url_for("meetings.agenda", reference=meeting.reference)
    return take(
        form,
        lambda: agendas.reword_item(
            actor=current(),
            meeting=found,
            item_id=item_id,
            heading=form.said("heading"),
            version=form.seen_version,
        ),
        says=Words(
            heading="Change a heading",
            title=f"Change a heading, {meeting.reference}",
            back=Link(agenda_page, "Agenda"),
            button="Keep",
        ),
        page=lambda: page_context(meeting),
        to=agenda_page,
    )


@blueprint.post("/meetings/<reference>/agenda/<uuid:item_id>/move")
@allow("meeting:run", shows="case")
def move_heading(reference: str, item_id: UUID) -> ResponseReturnValue:
    """Up, or down."""
    up = request.form.get("direction") == "up"
    return _do(
        reference,
        lambda found: agendas.move_item(actor=current(), meeting=found, item_id=item_id, up=up),
    )


@blueprint.post("/meetings/<reference>/agenda/<uuid:item_id>/remove")
@allow("meeting:run", shows="case")
def remove_heading(reference: str, item_id: UUID) -> ResponseReturnValue:
    """Take it off."""
    return _do(
        reference,
        lambda found: agendas.remove_item(actor=current(), meeting=found, item_id=item_id),
    )


def _do(reference: str, act: Callable[[Any], None]) -> ResponseReturnValue:
    meeting, children, found = running(reference)
    try:
        with attempt():
            act(found)
    except DomainError as refused:
        return _page(meeting, children, _offering(children, posted=False), refused)
    return _back(meeting)


def _offering(children: Sequence[Any], *, posted: bool = True) -> NewHeadingForm:
    form = NewHeadingForm() if posted else NewHeadingForm(formdata=None)
    each = [
        Choice(str(one.case_id), f"{one.given_name} {one.family_name}") for one in children if one.case_id
    ]
    form.offer("about", [Choice("", "Everybody" if len(each) > 1 else "The whole meeting"), *each])
    return form


def _back(meeting: Any) -> ResponseReturnValue:
    return see_other(url_for("meetings.agenda", reference=meeting.reference), same_page=True)


def _page(
    meeting: Any, children: Sequence[Any], form: NewHeadingForm, problem: DomainError | None
) -> ResponseReturnValue:
    found = meetings.agenda(meeting_id=meeting.id)
    return render(
        "meetings/agenda.html",
        **page_context(meeting),
        form=form,
        problem=problem,
        headings=found,
        several=len(children) > 1,
        agenda_open=agendas.is_open(meeting),
    )


@blueprint.route("/meetings/<reference>/papers/<case_reference>", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def papers(reference: str, case_reference: str) -> ResponseReturnValue:
    """Say of each paper on one child whether it is there."""
    meeting, children, found = running(reference)
    wanted = read_reference(case_reference, Prefix.CASE) or abort(404)
    child = next((one for one in children if one.reference == wanted), None) or abort(404)
    said, reports = (read(meeting_id=meeting.id) for read in (meetings.papers, meetings.reports))
    (shown,) = child_papers([child], said, reports)
    forms, problem = _forms(shown), None
    wrong = request.method == "POST" and [form for form in forms if not form.validate()]
    if request.method == "POST" and not wrong:
        try:
            with attempt():
                _mark(found, child, shown, forms)
        except DomainError as refused:
            problem = refused
        else:
            return see_other(
                url_for("meetings.show", reference=meeting.reference),
                done="Your choice of papers for this child was saved",
            )
    return render(
        "meetings/papers.html",
        **page_context(meeting),
        forms=forms,
        problem=problem,
        child=child,
        shown=shown,
    )


def _forms(shown: ChildsPapers) -> list[PaperForm]:
    return [
        PaperForm(
            request.form if request.method == "POST" else None,
            kind=one.kind,
            label=one.label,
            mark=one.mark,
            reason=one.reason,
            seen=one.mark,
            version=str(one.version),
        )
        for one in shown.papers
    ]


def _mark(meeting: Meeting, child: Any, shown: ChildsPapers, forms: Sequence[PaperForm]) -> None:
    """Keep what was changed on the page, and leave the rest as somebody may have left it meanwhile."""
    for paper, form in zip(shown.papers, forms, strict=True):
        reason = form.reason.data or "" if form.mark.data == PaperMark.NOT_NEEDED else ""
        if form.mark.data != form.seen.data or (reason and reason != paper.reason):
            mark_paper(
                actor=current(),
                meeting=meeting,
                case_id=child.case_id,
                kind=form.kind,
                mark=PaperMark(form.mark.data),
                reason=reason,
                version=form.seen_version,
            )
