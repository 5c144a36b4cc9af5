"""Finds the child of an address, and refuses in the way that gives nothing away."""

from flask import abort

from portal.access.permissions import Forbidden
from portal.records.children.model import Child, ChildRecord
from portal.records.children.reading import Found, find_child


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
