"""Reads a file that may be a trap in a process of its own, which may use little memory and time.

Whoever chose the file is told that it cannot be read when that process does not come through, and the portal
goes on.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path

from portal.files import Unacceptable
from portal.files.taken import TakenFile
from portal.records.attachments.vocabulary import FileKind

MEMORY = 1024 * 1024 * 1024  # bytes
SECONDS = 12  # of work; together with the scanner less than a web process may take for a request
_PATIENCE = 17  # seconds on a machine that does much else
_CANNOT = "This file cannot be read. Save it again, or as PDF, and add that"

#: Without the start of the whole application, which would take a second.
_START = """
import sys, types
portal = types.ModuleType("portal")
portal.__path__ = [sys.argv[1]]
sys.modules["portal"] = portal
from portal.files.sandbox import main
main()
"""


def read_apart(sent: bytes) -> TakenFile:
    """As `reading.read`, in a process of its own.

    Raises:
        Unacceptable: as for `reading.read`, or it took too much memory or time.
    """
    command = [sys.executable, "-c", _START, str(Path(__file__).parents[1])]
    try:
        done = subprocess.run(command, input=sent, capture_output=True, env={}, timeout=_PATIENCE, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Unacceptable(_CANNOT) from error
    head, _, content = done.stdout.partition(b"\n")
    said = json.loads(head)
    if "refused" in said:
        raise Unacceptable(said["refused"])
    return TakenFile(FileKind(said["kind"]), content)


def main() -> None:
    """Read the file that comes in, and answer with a line of what it is and then what is kept of it."""
    from portal.files.reading import read  # noqa: PLC0415 - its libraries are for this process alone

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        taken = read(sys.stdin.buffer.read())
        head, content = {"kind": taken.kind.value}, taken.content
    except Unacceptable as refused:
        head, content = {"refused": refused.reason}, b""
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + content)
