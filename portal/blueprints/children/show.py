"""The page of one child, and finds the child of an address without giving anything away."""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal import registry
from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.permissions import Facts, Forbidden, permitted
from portal.blueprints.children import blueprint
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.presenter import strip_item
from portal.records.cases.reading import records as case_records
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.children.model import Child, ChildRecord
from portal.records.children.presenter import full_name
from portal.records.children.reading import ChildFound, find_child
from portal.records.children.vocabulary import StatementKind
from portal.records.missing import presenter as missing_words
from portal.records.missing import reading as missing
from portal.records.missing.presenter import with_missing
from portal.web.page import render
from portal.web.steps import Link, StepsOn


def found_or_404(reference: str) -> ChildFound:
    """The child, with its record where one sees that too; 404 for whoever does not see who the child is."""
    return find_child(reference=reference) or abort(404)


def with_record(reference: str) -> tuple[Child, ChildRecord]:
    """The child and its record.

    Raises:
        Forbidden: one sees who the child is, and no more.
    """
    found = found_or_404(reference)
    if found.record is None:
        raise Forbidden("You can see who this child is, and not their record. Ask the hub if you need it.")
    return found.child, found.record


def step_on(child: Child) -> dict[str, Any]:
    """What the page of a step on a child needs, with the look put on record."""
    audit.record("child:view", child, child_id=child.id, ground="full")
    return {
        "child": child,
        "back": Link(page_of(child), f"Child {child.reference}"),
        "caption": f"{full_name(child)}, {child.reference}",
        "marking": True,
    }


def page_of(child: Child) -> str:
    """The address of a child's page."""
    return url_for("children.show", reference=child.reference)


on_child = StepsOn[Child](lambda child: {"child": child}, page=step_on, to=page_of)

LATEST = 3  # missing episodes on the page; the others have a page of their own


@blueprint.get("/<reference>")
@allow("child:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """A child: the whole record, or who the child is and why one knows that."""
    found = found_or_404(reference)
    reach = "full" if found.record else "identity"
    audit.record("child:view", found.child, child_id=found.child.id, ground=reach)
    about: dict[str, Any] = {
        "child": found.child,
        "page": child_page,
        "marking": True,
        **_missing(found.child),
    }
    if found.record is None:
        about["alerts"] = with_missing(found.missing_now, [])
        return render("children/identity_only.html", **about, **_grounds(found.child))
    return render("children/show.html", **about, **_whole(found.child, found.record, found.missing_now))


def _grounds(child: Child) -> dict[str, Any]:
    return {"told": children.told_of(child_id=child.id), "asked": children.asked_of(child_id=child.id)}


def _missing(child: Child) -> dict[str, Any]:
    """How often the child was missing, and the latest times."""
    times = missing.times_of(child_id=child.id, limit=LATEST)
    return {
        "missing_counts": missing_words.counts(times),
        "missing_times": missing_words.lines(times, current_policy()),
    }


def _whole(child: Child, record: ChildRecord, missing_now: dict[str, Any] | None) -> dict[str, Any]:
    cases = case_records.cases_of(child_id=child.id)
    marks = children.marks_of(child_id=child.id)
    leads = any(
        one.lead_professional_id == principal.current().user_id and one.state in OPEN_CASE_STATES
        for one in cases
    )
    policy = current_policy(record.responsible_authority)
    corrections = children.corrections_of(child_id=child.id)
    return {
        "policy": policy,
        "parts": registry.parts_on_child(child=child, policy=policy),
        "record": record,
        "cases": cases,
        "alerts": with_missing(
            missing_now, [strip_item(one, policy) for one in case_records.alerts_in(cases)]
        ),
        "statements": children.statements_of(child_id=child.id),
        "kinds": StatementKind,
        "statuses": [mark for mark in marks if mark.part == "status"],
        "identifiers": [mark for mark in marks if mark.part == "identifier"],
        "aliases": [mark for mark in marks if mark.part == "alias"],
        "proposals": [one for one in corrections if one.accepted is None],
        "corrections": [one for one in corrections if one.accepted is not None],
        "links": children.links_of(child_id=child.id),
        "corrects": permitted(principal.current(), "child:correct", Facts(lead_professional=leads)),
        "links_records": permitted(principal.current(), "child:link"),
        "own_agency_id": principal.current().agency_id,
    }
