"""Processes of other services beside a case: what runs, what is owed on it by when, and how it ended."""

from portal.blueprints.linked_processes import beginning, changing, show, steps
from portal.blueprints.linked_processes.blueprint import blueprint

__all__ = ["beginning", "blueprint", "changing", "show", "steps"]
