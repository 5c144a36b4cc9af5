"""One disclosure in words, and answers with a document, each of which goes on the sharing ledger."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Response, current_app, request, url_for

from portal import clock
from portal.access import audit
from portal.access.principal import current
from portal.changes.errors import DomainError, TooFast
from portal.documents import Document, Taker
from portal.documents import jobs as document_jobs
from portal.documents import jobs as service
from portal.policy import current_policy, uses_forbidden
from portal.policy.work import Sharing
from portal.records.disclosures.ledger import new_copy_reference, record_copy
from portal.records.disclosures.vocabulary import DECIDED, CopyKind, DocumentState, SharingDecision
from portal.records.entries.rules import bounds
from portal.vocabulary import Use
from portal.web.filters import in_words, moment, night_numbers
from portal.web.idempotency import begin_anew
from portal.web.page import render, see_other

_TOO_LONG = "This is too long for one file. Ask for a shorter time, or read it on its page."


def send(document: Document) -> Response:
    """The file, with its copy on the ledger in the same transaction; or the page on which it is followed.

    The view has settled that the person may have it, and has put the look on the trail.
    """
    if service.is_short(document):
        person, reference = current(), new_copy_reference()
        taker = Taker(person.name, person.agency_name, reference, clock.now())
        content = document.made_for(taker, service=current_app.config["SERVICE_NAME"])
        _record(document, content, reference)
        return _file(document, content)
    if service.is_too_long(document):
        begin_anew()
        audit.record("document:refuse", subject_id=document.subject_id, ground="too long")
        return listed(DomainError(_TOO_LONG))
    made = service.take(digest=document.digest)
    if made is not None:
        if made.first:
            _record(document, made.content, made.copy)
        return _file(document, made.content)
    begin_anew()  # nothing leaves yet: what the view wrote of its leaving is not so
    return _ask(document)


def send_list(content: bytes, *, name: str, case_ids: Iterable[UUID]) -> Response:
    """A list as a file for a spreadsheet, with a line on the ledger for each case that it shows.

    The view has settled that the person may have it, and has put the look on the trail.

    Args:
        name: of the list.
    """
    actor = current()
    reference = record_copy(
        actor=actor,
        kind=CopyKind.LIST,
        subject_id=actor.user_id,
        subject_reference=name,
        content=content,
        case_ids=case_ids,
    )
    response = Response(content, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}-{reference}.csv")
    return response


def listed(problem: DomainError | None = None) -> Response:
    """The page with the long documents of this sign-in."""
    return render(
        "downloads/index.html",
        problem=problem,
        jobs=document_jobs.mine(),
        labels={state.value: state.label for state in DocumentState},
        rules=current_policy().rates.documents,
    )


def _ask(document: Document) -> Response:
    try:
        job_id = service.ask(
            actor=current(),
            document=document,
            service=current_app.config["SERVICE_NAME"],
            address=request.full_path.rstrip("?"),
        )
    except TooFast as problem:
        response = listed(problem)
        response.headers["Retry-After"] = str(problem.seconds)
        return response
    return see_other(url_for("downloads.follow", job_id=job_id))


def _record(document: Document, content: bytes, reference: str) -> None:
    record_copy(
        actor=current(),
        kind=document.kind,
        subject_id=document.subject_id,
        subject_reference=document.reference,
        content=content,
        case_ids=document.case_ids,
        reference=reference,
    )


def _file(document: Document, content: bytes) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=document.file_name)
    return response


#: What was decided, once it was.

#: What the ledger calls what was taken.
COPIED = {kind.value: kind.label for kind in CopyKind}


def words_of(disclosure: Any, details: Any, sharing: Sharing) -> dict[str, Any]:
    """What the page of a telling says beside what was said."""
    return {
        "decision_label": DECIDED[SharingDecision(disclosure.decision)],
        "conditions": conditions(disclosure.conditions, sharing),
        "stays_off_paper": bounds(conditions=disclosure.conditions, rules=uses_forbidden()).forbids(
            Use.PRINT
        ),
        "family": _family(disclosure, sharing),
        "family_asked": FAMILY_OF_FORM if disclosure.social_care_referral_id else "Family told",
        "receipt": _receipt(disclosure, details),
    }


def conditions(stored: str | None, sharing: Sharing) -> list[str]:
    """The conditions of a telling: codes of policy, one a line, or words of the giver's own."""
    lines = [line.strip() for line in (stored or "").replace(",", "\n").splitlines() if line.strip()]
    if lines and all(line in sharing.conditions for line in lines):
        return list(sharing.conditions.labels(lines))
    return [stored.strip()] if stored and stored.strip() else []


#: What the sender of a form was asked of the family, where nobody was asked it of what is told of the form.
FAMILY_OF_FORM = "Family knows of the form"


def _family(disclosure: Any, sharing: Sharing) -> str | None:
    if disclosure.family_told is None:
        return None
    if disclosure.social_care_referral_id:
        knows = "knew" if disclosure.family_told else "did not know"
        return f"The sender of the form said that the family {knows} of it. Of this referral nothing is said"
    if disclosure.family_told:
        return "Yes"
    why = sharing.family_not_told_reasons.label(disclosure.family_reason)
    return f"No. {why}" if why else "No"


def received(row: Any) -> str:
    """Whether somebody said that they have it, or minutes or papers were merely opened."""
    return "Opened" if row.was_opened else "Confirmed"


def _receipt(disclosure: Any, details: Any) -> str:
    if disclosure.decision == SharingDecision.REFUSE:
        return "Nothing was sent"
    if disclosure.confirmed_at:
        return f"{received(disclosure)} by {details.confirmer} on {moment(disclosure.confirmed_at)}"
    if not details.duty_phone:
        return "Not confirmed yet."
    night = in_words(night_numbers())
    at_night = f". Outside office hours, if nobody answers: {night}" if night else ""
    return f"Not confirmed yet. Duty number: {details.duty_phone}{at_night}"
