"""A long document is followed here while it is made beside the pages, until it can be taken."""

from uuid import UUID

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.documents import jobs as document_jobs
from portal.records.disclosures import presenter as disclosure_presenter
from portal.records.disclosures.vocabulary import DocumentState
from portal.web.page import announce, render

blueprint = Blueprint("downloads", __name__, url_prefix="/documents")


@blueprint.get("")
@allow("home:view")
def index() -> ResponseReturnValue:
    """Those of this sign-in."""
    return disclosure_presenter.listed()


@blueprint.get("/<uuid:job_id>")
@allow("home:view", is_activity=False)
def follow(job_id: UUID) -> ResponseReturnValue:
    """How far it is. The page asks again by itself; without scripts, by its link."""
    job = document_jobs.find_job(job_id=job_id) or abort(404)
    state = DocumentState(job.state)
    under_way = state in {DocumentState.WAITING, DocumentState.MAKING}
    if not under_way:
        announce(f"{job.title}: {state.label}")
    return render(
        "downloads/follow.html",
        job=job,
        state=state,
        under_way=under_way,
        ready=state is DocumentState.READY,
    )
