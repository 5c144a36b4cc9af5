"""Documents are made without setting them: who gets one, and what is recorded, does not turn on its looks."""

import pytest

from portal.documents import document


def set_nothing(patch: pytest.MonkeyPatch) -> None:
    """Gather what a document holds, and set none of it: that takes a process and a second each."""
    patch.setattr(document, "_compile", lambda *_facts: b"%PDF-1.7\n%%EOF\n")
