"""Finds the child of an address, and refuses in the way that gives nothing away."""

from typing import Any

from flask import abort, url_for

from portal.access import audit
from portal.access.permissions import Forbidden
from portal.records.children.model import Child, ChildRecord
from portal.records.children.presenter import full_name
from portal.records.children.reading import Found, find_child
from portal.web.steps import Link


def found_or_404(reference: str) -> Found:
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
    audit.record("child:view", subject_kind="child", subject_id=child.id, child_id=child.id, ground="full")
    return {
        "child": child,
        "back": Link(page_of(child), f"Child {child.reference}"),
        "caption": f"{full_name(child)}, {child.reference}",
        "marking": True,
    }


def page_of(child: Child) -> str:
    """The address of a child's page."""
    return url_for("children.show", reference=child.reference)
