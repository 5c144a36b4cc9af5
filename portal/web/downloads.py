"""Answers with a document: made for whoever asks, put on the sharing ledger, kept by no browser."""

from flask import Response, current_app

from portal import clock
from portal.access.principal import current
from portal.documents import Document, Taker
from portal.services.copies import new_copy_reference, record_copy


def send(document: Document) -> Response:
    """The file, with its copy on the ledger in the same transaction.

    The view has settled that the person may have it, and has put the look on the trail.
    """
    person, reference = current(), new_copy_reference()
    taker = Taker(person.name, person.agency_name, reference, clock.now())
    content = document.made_for(taker, service=current_app.config["SERVICE_NAME"])
    record_copy(
        actor=person,
        kind=document.kind,
        subject_id=document.subject_id,
        subject_reference=document.reference,
        content=content,
        case_ids=document.case_ids,
        reference=reference,
    )
    response = Response(content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=document.file_name)
    return response
