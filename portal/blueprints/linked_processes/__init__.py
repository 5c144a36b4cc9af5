"""Processes of other services beside a case: what runs, what is owed on it by when, and how it ended."""

from portal.blueprints.linked_processes.blueprint import blueprint

__all__ = ["blueprint"]
