"""Rows for tests, written as the owner of the tables."""

from portal import registry

registry.load_models()  # rows are written without an application too
