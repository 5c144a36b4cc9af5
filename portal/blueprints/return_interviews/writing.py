"""Writing down what a child said, saved as it is typed; where two people meet in one part, both are shown."""

from typing import Any

from flask import Response, flash, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.return_interviews.blueprint import blueprint
from portal.blueprints.return_interviews.looking import Found, to_record
from portal.records.return_interviews.forms import WordsForm, words_form
from portal.records.return_interviews.presenter import clashes, words_of
from portal.records.return_interviews.talking import save_words
from portal.records.return_interviews.vocabulary import InterviewPart
from portal.services.errors import Conflict
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.get("/return-interviews/<reference>/write")
@allow("interview:record", shows="child")
def write(reference: str) -> ResponseReturnValue:
    """What the child said, to write in."""
    found = to_record(reference)
    return _page(found, _form(found))


@blueprint.post("/return-interviews/<reference>/write")
@allow("interview:record", shows="child")
def keep(reference: str) -> ResponseReturnValue:
    """Save what was typed, and read it as a whole."""
    found = to_record(reference)
    form = _form(found)
    if not form.validate_on_submit():
        return _page(found, form)
    try:
        with attempt():
            _save(found, form)
    except Conflict as clash:
        return _page(found, form, clash=clash)
    flash("Saved")
    return see_other(url_for("return_interviews.show", reference=found.interview.reference))


@blueprint.post("/return-interviews/<reference>/save")
@allow("interview:record", background=True)
def save(reference: str) -> ResponseReturnValue:
    """Save what is being typed. Where somebody else wrote in the same part meanwhile, both are shown."""
    found = to_record(reference)
    form = _form(found)
    try:
        with attempt():
            number = _save(found, form)
    except Conflict as clash:
        both = {
            "differences": clashes(found.rules, clash.versions),
            "number": found.interview.version,
            "reference": found.interview.reference,
        }
        return make_response(render_template("return_interviews/clash.html", **both), 409)
    return Response(status=204, headers={"X-Version": str(number)})


def _form(found: Found) -> WordsForm:
    shape = words_form(found.rules)
    return shape(data={**words_of(found.interview), "version": str(found.interview.version)})


def _save(found: Found, form: WordsForm) -> int:
    return save_words(actor=current(), interview=found.interview, words=form.given(), seen=form.seen_version)


def _page(found: Found, form: WordsForm, *, clash: Conflict | None = None) -> Response:
    """The form. After a clash a second saving is one that has seen what the other wrote."""
    differences: Any = ()
    if clash is not None:
        differences = clashes(found.rules, clash.versions)
        form.version.data = str(found.interview.version)
    return render(
        "return_interviews/write.html",
        **found.page(),
        form=form,
        problem=clash,
        differences=differences,
        parts=list(InterviewPart),
    )
