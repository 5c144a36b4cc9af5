"""The people named on a restricted or sealed case."""

from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import facts, look, record_of, step_on
from portal.records.cases.forms import NameForm
from portal.records.cases.grants import end_grant, name_person
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.people.model import User
from portal.services.errors import DomainError, NotFound
from portal.web.page import see_other
from portal.web.steps import Words, take
from portal.web.transaction import attempt


@blueprint.route("/<reference>/named/new", methods=["GET", "POST"])
@allow("grant:add", shows="case")
def name_somebody(reference: str) -> ResponseReturnValue:
    """Let a person read the case by name."""
    record = record_of(reference)
    require(current(), "grant:add", facts(record))
    form = NameForm()
    return take(
        form,
        lambda: _name(record, form),
        says=Words(
            heading="Name somebody on the case",
            title="Name somebody",
            lead=["They can then read the case until they are taken off."],
            button="Name them",
        ),
        page=lambda: step_on(look(reference)),
        to=url_for("cases.show", reference=record.reference, _anchor="named"),
        done=lambda person: f"{person.name} can now read the case",
    )


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


def _name(record: Case, form: NameForm) -> User:
    person = case_records.find_person_by_email(email=form.said("email"))
    if person is None:
        raise DomainError("Nobody who works here has this address. Check it", field="email")
    name_person(actor=current(), case=record, person=person, reason=form.said("reason"))
    return person
