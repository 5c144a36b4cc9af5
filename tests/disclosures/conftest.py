"""Who is told is decided on a form, as triage has it."""

from tests.triage.conftest import form

__all__ = ["form"]  # a fixture that these tests use
