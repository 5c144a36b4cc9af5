"""The page of one child, and finds the child of an address without giving anything away."""

from typing import Any

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, registry
from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.permissions import Facts, Forbidden, permitted
from portal.blueprints.children import blueprint
from portal.pages.case_frame import frame_of
from portal.pages.chronologies import presenter
from portal.pages.chronologies import reading as chronologies
from portal.pages.chronologies.document import chronology_of_child
from portal.pages.chronologies.presenter import year_of
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.queries.paging import MomentCursor
from portal.records.cases.presenter import held_lines, once_held_lines, strip_item
from portal.records.cases.reading import records as case_records
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.children.model import Child, ChildRecord
from portal.records.children.presenter import full_name
from portal.records.children.reading import ChildFound, find_child
from portal.records.disclosures.presenter import send
from portal.records.missing import reading as missing
from portal.records.missing.presenter import words as missing_words
from portal.records.missing.presenter.running import with_missing
from portal.vocabulary import StatementKind
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
        "wide": True,
        "now": clock.now(),
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
    alerts = case_records.alerts_in(cases)
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
        "alerts": with_missing(missing_now, [strip_item(one, policy) for one in alerts]),
        "held_back": held_lines(alerts, policy) or once_held_lines(case_records.held_once(cases), policy),
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


# One chronology per child: everything that one may see of all records, on a page, on paper, as a file.


#: What an address says that asks for the words of each line, whole.
FULL = "full"


@blueprint.get("/<reference>/chronology")
@allow("child:view", shows="child")
def chronology(reference: str) -> ResponseReturnValue:
    """The newest first, a page at a time, narrowed to what is asked for; one line for each or all words."""
    looked, wish = _look(reference, "child:chronology")
    child, head = looked.child, presenter.page_context(looked)
    before = MomentCursor.read(request.args.get("before"))
    found = chronologies.lines(child_id=child.id, wanted=wish.wanted, before=before)
    drawn = None if before or wish.narrowed else year_of(child_id=child.id)
    return render(
        "children/chronology.html",
        **head,
        **frame_of(head["cases"]),
        year=drawn,
        numbers=drawn.numbers if drawn else {},
        wide=True,
        form=wish.form,
        narrowed=wish.narrowed,
        asking=wish.narrowed or bool(wish.form.errors) or "part" in request.args,
        full=request.args.get("words") == FULL,
        months=presenter.by_month(presenter.lines_of(found.rows, head["policy"])),
        links=_links(child, wish),
        older=_here(child, wish, before=str(found.next)) if found.next else "",
        newest=_here(child, wish) if before else "",
    )


@blueprint.get("/<reference>/chronology/print")
@allow("child:view", shows="child", releases="print")
def print_chronology(reference: str) -> ResponseReturnValue:
    """The same to print, the oldest first."""
    looked, wish = _look(reference, "child:print_chronology")
    child, head = looked.child, presenter.page_context(looked)
    found = chronologies.lines(child_id=child.id, wanted=wish.wanted, limit=presenter.PRINTED)
    return render(
        "children/chronology_print.html",
        **head,
        printing=True,
        asked_for=presenter.in_words(wish),
        months=presenter.by_month(reversed(presenter.lines_of(found.rows, head["policy"]))),
        goes_on=found.next is not None,
        links=_links(child, wish),
    )


@blueprint.get("/<reference>/chronology.pdf")
@allow("child:view", shows="child", releases="export")
def download_chronology(reference: str) -> Response:
    """The same as a file, which is on the sharing ledger."""
    looked, wish = _look(reference, "child:download_chronology")
    found = chronologies.lines(child_id=looked.child.id, wanted=wish.wanted, limit=presenter.PRINTED)
    return send(
        chronology_of_child(
            **_facts(presenter.page_context(looked)), found=found, asked_for=presenter.in_words(wish)
        )
    )


def _look(reference: str, action: str) -> tuple[ChildFound, presenter.Asked]:
    """The child and what is asked for, with the look on record."""
    found = found_or_404(reference)
    child, reach = found.child, "full" if found.record else "identity"
    audit.record(action, child, child_id=child.id, ground=reach)
    return found, presenter.asked(child.id)


def _links(child: Child, wish: presenter.Asked) -> dict[str, str]:
    """Where the page, its print and its file are, for the same wish."""
    asked = {name: value for name, value in wish.address.items() if name not in {"words", "part"}}
    words = {"words": FULL}
    return {
        name: url_for(f"children.{endpoint}", reference=child.reference, **address)
        for name, endpoint, address in (
            ("page", "chronology", wish.address),
            ("lines", "chronology", asked),
            ("full", "chronology", asked | words),
            ("part", "chronology", wish.address | {"part": "y"}),
            ("all", "chronology", words if "words" in wish.address else {}),
            ("print", "print_chronology", asked),
            ("file", "download_chronology", asked),
        )
    }


def _here(child: Child, wish: presenter.Asked, before: str = "") -> str:
    more: dict[str, Any] = {"before": before} if before else {}
    return url_for("children.chronology", reference=child.reference, **wish.address, **more)


def _facts(head: dict[str, Any]) -> dict[str, Any]:
    return {name: head[name] for name in ("child", "cases", "policy", "alerts", "held")}
