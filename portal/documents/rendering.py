"""Makes an accessible PDF (PDF/UA-1) of a template and data.

Data goes in as data, one JSON text: nothing that somebody wrote is ever read as markup. The templates see
their own folder and nothing else, the fonts are those that Typst brings, and nothing is fetched.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.documents import compiling
from portal.documents.characters import showable

TEMPLATES = Path(__file__).parents[1] / "templates" / "documents"

#: Bounds of one document: its data in bytes, and the seconds that it may take while somebody waits for the
#: page, and where it is made beside the pages.
LARGEST, SOON, LONGEST = 4_000_000, 10, 60

#: Where Typst would keep packages that it fetched: a folder that is not there, so that there are none.
_NO_PACKAGES = TEMPLATES / "no-packages"


class NoDocument(Exception):
    """A document could not be made: the template does not fit the data, or it is too large."""


class TooLong(NoDocument):
    """It took more time than it may."""


class _NotShown(NoDocument):
    """It holds a sign that no font has."""


def render(template: str, data: Mapping[str, Any], *, at: datetime, patience: float | None = None) -> bytes:
    """A PDF/UA-1 document, made by a process of its own.

    Args:
        template: the name of a template below `portal/templates/documents`, without its ending.
        data: what it reads: texts, numbers, truth values, lists and mappings of them.
        at: when it is made, which is kept among the facts of the file.
        patience: seconds that it may take; by default as long as somebody waits for a page.

    Raises:
        TooLong: it is not made by then.
        NoDocument: it cannot be made, or would not be accessible.
    """
    try:
        return _compile(template, showable(dict(data)), at, patience or SOON)
    except _NotShown:
        # a sign that the fonts of a new edition lack after all is no reason for there to be no document
        return _compile(template, showable(dict(data), plain=True), at, patience or SOON)


def _compile(template: str, data: Any, at: datetime, patience: float = SOON) -> bytes:
    asked = {
        "template": str(TEMPLATES / f"{template}.typ"),
        "root": str(TEMPLATES),
        "packages": str(_NO_PACKAGES),
        "data": json.dumps(data, ensure_ascii=False),
        "at": int(at.timestamp()),
    }
    request = json.dumps(asked, ensure_ascii=False).encode()
    if len(request) > LARGEST:
        raise NoDocument(f"{template}: {len(request)} bytes are too many for one document")
    try:
        made = subprocess.run(
            [sys.executable, "-I", compiling.__file__],
            input=request,
            capture_output=True,
            env={},  # it needs no setting of ours, and least of all a password
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise TooLong(f"{template}: not made within {patience} seconds") from late
    if made.returncode:
        problem = _NotShown if made.returncode == compiling.NOT_SHOWN else NoDocument
        raise problem(f"{template}: {made.stderr.decode(errors='replace').strip()}")
    return made.stdout
