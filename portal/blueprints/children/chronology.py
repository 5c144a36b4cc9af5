"""One chronology per child: everything that one may see of all records, on a page, on paper, as a file."""

from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.blueprints.children import blueprint
from portal.blueprints.children.show import found_or_404
from portal.pages.case_frame import frame_of
from portal.pages.chronologies import presenter
from portal.pages.chronologies import reading as chronologies
from portal.pages.chronologies.document import chronology_of_child
from portal.pages.chronologies.year import year_of
from portal.queries.paging import MomentCursor
from portal.records.children.model import Child
from portal.records.children.reading import ChildFound
from portal.records.disclosures.presenter import send
from portal.web.page import render


@blueprint.get("/<reference>/chronology")
@allow("child:view", shows="child")
def chronology(reference: str) -> ResponseReturnValue:
    """The newest first, a page at a time, narrowed to what is asked for."""
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
    return {
        name: url_for(f"children.{endpoint}", reference=child.reference, **wish.address)
        for name, endpoint in (
            ("page", "chronology"),
            ("print", "print_chronology"),
            ("file", "download_chronology"),
        )
    }


def _here(child: Child, wish: presenter.Asked, before: str = "") -> str:
    more: dict[str, Any] = {"before": before} if before else {}
    return url_for("children.chronology", reference=child.reference, **wish.address, **more)


def _facts(head: dict[str, Any]) -> dict[str, Any]:
    return {name: head[name] for name in ("child", "cases", "policy", "alerts", "held")}
