"""Answers with a document: made for whoever asks, put on the sharing ledger, kept by no browser.

A short one is made at once. A long one would hold up everybody else whom this process serves: another process
makes it, and whoever asked follows it on a page of its own. When it is ready they come back to the address at
which they asked, so that the same view settles anew what they may read; if that is still what the file says,
it leaves.
"""

from flask import Response, current_app, request, url_for

from portal import clock
from portal.access import audit
from portal.access.principal import current
from portal.documents import Document, Taker
from portal.policy import current_policy
from portal.queries import document_jobs
from portal.records.disclosures.copies import new_copy_reference, record_copy
from portal.records.disclosures.vocabulary import DocumentState
from portal.services import document_jobs as service
from portal.services.errors import DomainError, TooFast
from portal.web.page import render, see_other
from portal.web.transaction import begin_anew

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
