"""The people named on a restricted or sealed case."""

from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import around, facts, look, record_of
from portal.records.cases.forms.opening import NameForm
from portal.records.cases.grants import end_grant, name_person
from portal.records.cases.reading import records as case_records
from portal.services.errors import DomainError, NotFound
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/<reference>/named/new", methods=["GET", "POST"])
@allow("grant:add", shows="case")
def name_somebody(reference: str) -> ResponseReturnValue:
    """Let a person read the case by name."""
    record = record_of(reference)
    require(current(), "grant:add", facts(record))
    form = NameForm()
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                person = case_records.find_person_by_email(email=form.said("email"))
                if person is None:
                    raise DomainError("Nobody who works here has this address. Check it", field="email")
                name_person(actor=current(), case=record, person=person, reason=form.said("reason"))
        except DomainError as refused:
            problem = refused
        else:
            flash(f"{person.name} can now read the case")
            return see_other(url_for("cases.show", reference=record.reference, _anchor="named"))
    return render("cases/name.html", **around(look(reference)), form=form, problem=problem)


@blueprint.post("/<reference>/named/<uuid:grant_id>/end")
@allow("grant:add")
def unname_somebody(reference: str, grant_id: UUID) -> ResponseReturnValue:
    """Take a person off; it may be oneself."""
    record = record_of(reference)
    try:
        with attempt():
            end_grant(actor=current(), case=record, grant_id=grant_id)
    except NotFound:
        abort(404)
    except DomainError as refused:
        flash(refused.message, "problem")
        return see_other(url_for("cases.show", reference=reference, _anchor="named"))
    flash("They can no longer read the case by name")
    return see_other(url_for("cases.index"))
