"""Opening a file, as a download that nothing runs in; and withdrawing it."""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.attachments.blueprint import blueprint
from portal.records.attachments import reading as attachments
from portal.records.attachments.adding import withdraw, withdrawing_facts
from portal.records.attachments.forms import WithdrawFileForm
from portal.records.attachments.model import Attachment
from portal.records.attachments.scanning import open_file
from portal.records.attachments.vocabulary import FileKind
from portal.web.page import render
from portal.web.references import address_of
from portal.web.sandboxed import as_download
from portal.web.steps import Link, Words, take
from portal.web.uploads import scanner


@blueprint.get("/files/<reference>")
@allow("attachment:view", shows="case", releases="export")
def open_it(reference: str) -> ResponseReturnValue:
    """What is in a file; where it stays shut, why."""
    file = _find(reference)
    content = open_file(actor=current(), attachment=file, scanner=scanner())
    if content is None:
        return render("attachments/shut.html", status=409, file=file, back=_back(file), marking=True)
    kind = FileKind(file.kind)
    return as_download(content, name=f"{file.reference}.{kind.value}", media_type=kind.media_type)


@blueprint.route("/files/<reference>/withdraw", methods=["GET", "POST"])
@allow("attachment:withdraw", shows="case")
def withdraw_it(reference: str) -> ResponseReturnValue:
    """Hide a file, with a reason."""
    file, form = _find(reference), WithdrawFileForm()
    require(current(), "attachment:withdraw", withdrawing_facts(current(), file))
    return take(
        form,
        lambda: withdraw(actor=current(), attachment=file, reason=form.said("reason")),
        says=Words(
            heading="Withdraw a file",
            caption=file.reference,
            back=Link(_back(file), "Back"),
            about="attachments/_name.html",
            lead=[
                "Nobody can open it after that. Its name, who added it and when, and your reason stay. Copies"
                " that people have already taken stay with them: the sharing ledger says who."
            ],
            button="Withdraw this file",
            warns=True,
        ),
        page=lambda: _look(file),
        to=_back(file),
        done="Withdrawn",
    )


def _look(file: Attachment) -> dict[str, Any]:
    audit.record("attachment:view", subject_kind="attachment", subject_id=file.id, case_id=file.case_id)
    return {"file": file, "marking": True}


def _find(reference: str) -> Attachment:
    return attachments.find(reference=reference) or abort(404)


def _back(file: Attachment) -> str:
    """The page of the record that a file hangs on."""
    return address_of(attachments.place_of(attachment=file)) or url_for("home.index")
