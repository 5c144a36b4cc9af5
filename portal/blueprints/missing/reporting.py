"""Reporting a child who is missing. The answer is the same whoever the child is."""

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.missing.blueprint import blueprint
from portal.blueprints.missing.looking import address
from portal.policy import current_policy
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.children.model import Child
from portal.records.children.reading import Found
from portal.records.missing.forms import ReportForm
from portal.records.missing.reporting import Who, report_missing
from portal.vocabulary import Sector
from portal.web.steps import Link, Words, take


@blueprint.route("/missing/report", methods=["GET", "POST"])
@allow("missing:report", shows="child")
def report() -> ResponseReturnValue:
    """The form, and reporting: everybody who must know is told at once."""
    found = _found()
    child = found.child if found else None
    form = ReportForm()
    form.offer_words(current_policy(), grades=current().sector is Sector.POLICE)
    form.begin(found)
    return take(
        form,
        lambda: report_missing(actor=current(), who=_who(form, child), facts=form.facts(), once=form.nonce),
        says=Words(
            heading="Report a missing child",
            above="missing/_at_once.html",
            button="Report the child as missing",
        ),
        page=lambda: _page(child),
        to=address,
        done="Reported. Everybody who must know is told now",
    )


def _found() -> Found | None:
    """The child that the address names; one that the reader may not see is answered like none."""
    named = request.args.get("child")
    return (children.find_child(reference=named) or abort(404)) if named else None


def _who(form: ReportForm, child: Child | None) -> Who:
    if child is not None:
        return Who(child=child)
    return Who(
        given_name=form.said("given_name"),
        family_name=form.said("family_name"),
        dob=form.dob.data,
        nhs_number=form.said("nhs_number") or None,
    )


def _page(child: Child | None) -> dict[str, Any]:
    if child is None:
        audit.record("missing:form")
        return {"back": Link(url_for("missing.index"), "Missing children"), "caption": "", "marking": True}
    audit.record("missing:form", subject_kind="child", subject_id=child.id, child_id=child.id)
    name = child_page.full_name(child)
    return {
        "back": Link(url_for("children.show", reference=child.reference), name),
        "caption": f"{name}, {child.reference}",
        "marking": True,
    }
