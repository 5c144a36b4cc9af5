"""One question: read, answered, given more time, or withdrawn."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, url_for
from flask import request as posted
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Facts, permitted, require
from portal.access.principal import current
from portal.blueprints.requests import blueprint
from portal.changes.errors import DomainError
from portal.pathway.calendar import end_of_day
from portal.records.attachments import reading as attachments
from portal.records.cases.reading.records import find_entry
from portal.records.children import presenter as child_page
from portal.records.entries.presenter.words import FileItem, file_items
from portal.records.entries.vocabulary import Handling
from portal.records.intelligence.gradings import may_release
from portal.records.requests import answering
from portal.records.requests import reading as requests
from portal.records.requests.forms import AnswerForm, MoreTimeForm, SeenForm, WithdrawForm
from portal.records.requests.model import InformationRequest
from portal.records.requests.presenter import (
    answered_words,
    held_answer,
    seen_after,
    state_of,
    who_reads,
    whom,
)
from portal.records.requests.vocabulary import Locates
from portal.web.page import render, see_other
from portal.web.steps import Link, StepsOn, Words, carry_out


@blueprint.get("/<reference>")
@allow("request:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """Who the child is, what is asked, and the answer, given right here."""
    request = requests.find_request(reference=reference)
    return _page(request) if request else _gone(reference)


@blueprint.post("/<reference>/answer")
@allow("request:answer", shows="child")
def give_answer(reference: str) -> ResponseReturnValue:
    """Answer in words."""
    request = requests.find_request(reference=reference)
    form = _form(request)
    if request is None:
        return _gone(reference, form.said("text"))
    _require_asked(request)
    step = carry_out(
        form,
        lambda: answering.answer(
            actor=current(),
            request=request,
            text=form.said("text"),
            handling=Handling(form.handling.data),
            listed=[UUID(one) for one in form.agencies.data or ()],
            locates=Locates(form.locates.data) if form.locates.data else None,
            seen=form.seen_answers,
        ),
    )
    if not step.done:
        return _page(request, form, step.problem)
    flash(answered_words(request, step.result))
    if posted.form.get("go") == "files":
        files = url_for("attachments.on_answer", reference=request.reference, answer_id=step.result.id)
        return see_other(files)
    return see_other(url_for("requests.show", reference=request.reference))


@blueprint.post("/<reference>/nothing-held")
@allow("request:answer", shows="child")
def say_nothing_held(reference: str) -> ResponseReturnValue:
    """Answer that nothing is held."""
    request, form = requests.find_request(reference=reference), SeenForm()
    if request is None:
        return _gone(reference)
    _require_asked(request)
    step = carry_out(
        form, lambda: answering.answer_nothing_held(actor=current(), request=request, seen=form.seen_answers)
    )
    if not step.done:
        return _page(request, None, step.problem)
    return see_other(
        url_for("requests.show", reference=request.reference),
        done="Answered: nothing held",
    )


def found(reference: str) -> InformationRequest:
    """The question of an address, if one may see it."""
    return requests.find_request(reference=reference) or abort(404)


def record_viewing(request: InformationRequest, action: str = "request:view") -> None:
    """Put on record that somebody looks at a question, and so at who the child is."""
    audit.record(
        action,
        subject_kind="information_request",
        subject_id=request.id,
        child_id=request.child_id,
        case_id=request.case_id,
        ground="asked" if answering.is_asked(current(), request) else "case" if request.case_id else "hub",
    )


def _require_asked(request: InformationRequest) -> None:
    require(current(), "request:answer", Facts(receiver=answering.is_asked(current(), request)))


def _gone(reference: str, typed: str = "") -> Response:
    """A question that was withdrawn or is over, as whoever was told of it may know; 404 as for all others.

    Args:
        typed: an answer that comes too late, given back so that it is not lost.
    """
    if not requests.was_asked(person=current(), reference=reference):
        abort(404)
    return render("requests/gone.html", status=404, reference=reference, typed=typed, marking=True)


def _form(request: InformationRequest | None) -> AnswerForm:
    agencies = requests.agencies_to_list(without=current().agency_id)
    releases = request is not None and request.entry_id is not None
    return AnswerForm.of([(str(one.id), one.name) for one in agencies], releases=releases)


def _page(
    request: InformationRequest, form: AnswerForm | None = None, problem: DomainError | None = None
) -> Response:
    person = current()
    details = requests.details_of(request=request)
    if details is None:  # withdrawn while it was answered
        return _gone(request.reference, form.said("text") if form else "")
    answers = requests.answers_of(request_ids=[request.id])
    receives = answering.is_asked(person, request)
    own = [one for one in answers if one.agency_id == person.agency_id]
    if receives:
        form = form or _begin(request, details)
        form.seen.data = str(len(own))
    record_viewing(request)
    return render(
        "requests/show.html",
        form=form,
        problem=problem,
        asked=request,
        details=details,
        answers=answers,
        answered_before=bool(own),
        seen=len(own),
        files_of=_files_of(answers),
        may_add_files={one.id for one in own if not one.nothing_held},
        receives=receives,
        releases=_releases(request) if receives else "",
        **_about(request, details, answers),
        may_change=permitted(
            person, "request:withdraw", answering.changing_facts(actor=person, request=request)
        ),
        marking=True,
    )


def _releases(request: InformationRequest) -> str:
    """Where whoever is asked to release something does so: “here” where they read it, “elsewhere” if not."""
    if request.entry_id is None or request.case_id is None:
        return ""
    entry = find_entry(case_id=request.case_id, entry_id=request.entry_id)
    return "here" if entry and may_release(actor=current(), entry=entry) else "elsewhere"


def _files_of(answers: Sequence[Any]) -> dict[UUID, list[FileItem]]:
    """The files on each answer."""
    rows = attachments.of_answers(answer_ids=[one.id for one in answers])
    return {one.id: file_items([row for row in rows if row.answer_id == one.id]) for one in answers}


def _begin(request: InformationRequest, details: Any) -> AnswerForm:
    """An empty form, on which the agency that asks is ticked among those to be named."""
    form = _form(request)
    form.prefill(agencies=[str(details.asker_agency_id)])
    return form


def _about(request: InformationRequest, details: Any, answers: Any) -> dict[str, Any]:
    held = {one.nothing_held for one in answers}
    return {
        "state": state_of(request, nothing_held=held == {True}),
        "whom": whom(details),
        "who_reads": partial(who_reads, releases=request.entry_id is not None),
        "held_answer": held_answer,
        "words": child_page,
        "late": request.due_at < clock.now(),
        "waits": request.answered_at is None and request.withdrawn_at is None,
    }


@blueprint.route("/<reference>/withdraw", methods=["GET", "POST"])
@allow("request:withdraw", shows="child")
def take_back(reference: str) -> ResponseReturnValue:
    """Withdraw a question, with a reason."""
    request, form = _may_change(reference), WithdrawForm()
    return _on_request.take(
        request,
        form,
        partial(answering.withdraw, reason=form.said("reason")),
        Words(
            heading="Withdraw the question",
            title=f"Withdraw question {request.reference}",
            about="requests/_question.html",
            lead=seen_after(request),
            button="Withdraw the question",
            warns=True,
        ),
        done="You withdrew the question",
    )


@blueprint.route("/<reference>/more-time", methods=["GET", "POST"])
@allow("request:withdraw", shows="child")
def more_time(reference: str) -> ResponseReturnValue:
    """Move the date on, with a reason."""
    request, form = _may_change(reference), MoreTimeForm()
    return _on_request.take(
        request,
        form,
        lambda **given: answering.give_more_time(
            due_at=end_of_day(form.due_on.data), reason=form.said("reason"), **given
        ),
        Words(
            heading="Give more time",
            title=f"More time for question {request.reference}",
            about="requests/_question.html",
            above="requests/_due_now.html",
            button="Move the date",
        ),
        done="The date is moved. The first one stays on record",
    )


def _may_change(reference: str) -> InformationRequest:
    request = found(reference)
    require(current(), "request:withdraw", answering.changing_facts(actor=current(), request=request))
    return request


def _changing_page(request: InformationRequest) -> dict[str, Any]:
    record_viewing(request)
    details = requests.details_of(request=request) or abort(404)
    return {
        "asked": request,
        "back": Link(_address(request), f"Question {request.reference}"),
        "caption": f"{request.reference}, {whom(details)}",
        "marking": True,
    }


def _address(request: InformationRequest) -> str:
    return url_for("requests.show", reference=request.reference)


_on_request = StepsOn[InformationRequest](
    lambda request: {"request": request}, page=_changing_page, to=_address
)
