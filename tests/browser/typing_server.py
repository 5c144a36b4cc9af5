"""The portal that people type in at once: as it is, or with a fault that the runs have to find."""

import os
from collections.abc import Callable, Mapping
from typing import Any
from unittest.mock import patch

from flask import Flask

from portal import create_app
from portal.changes.merging import Merged
from portal.records.minutes import typing

#: Whoever saves last has it; or what is new is counted from the version that the page names alone.
LAST_WRITER, VERSION_ALONE = "last writer", "version alone"


FAULTS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    LAST_WRITER: ("merge", lambda _base, _kept, mine: Merged(mine)),
    VERSION_ALONE: ("sent_last", lambda _last, _sent: None),
}


def app() -> Flask:
    """With the fault that `TYPING_FAULT` names."""
    if fault := os.environ.get("TYPING_FAULT"):
        patch.object(typing, *FAULTS[fault]).start()
    return create_app()
