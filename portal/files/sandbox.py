"""Reads a file that may be a trap in a process of its own, which may use little memory and time.

Whoever chose the file is told that it cannot be read when that process does not come through, and the portal
goes on.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from portal.files import Unacceptable
from portal.files.taken import CarriedFile, TakenFile
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
    head, _, rest = done.stdout.partition(b"\n")
    said = json.loads(head)
    if "refused" in said:
        raise Unacceptable(said["refused"])
    return _unpacked(said, iter(_cut(rest, said["sizes"])))


def main() -> None:
    """Read the file that comes in, and answer with a line of what it is and then what is kept of it."""
    from portal.files.reading import read  # noqa: PLC0415 - its libraries are for this process alone

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # what it says goes through a pipe; it writes no file
    try:
        taken = read(sys.stdin.buffer.read())
        head, contents = _packed(taken)
    except Unacceptable as refused:
        head, contents = {"refused": refused.reason}, []
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(contents))


def _packed(taken: TakenFile) -> tuple[dict[str, Any], list[bytes]]:
    """What follows, and how much of it: what is kept of a file; of each in it, how it came before."""
    contents = [taken.content]
    for part in taken.parts:
        contents += [part.sent, part.taken.content]
    parts = [{"name": part.name, "kind": part.taken.kind.value} for part in taken.parts]
    sizes = [len(content) for content in contents]
    return {"kind": taken.kind.value, "left_out": taken.left_out, "parts": parts, "sizes": sizes}, contents


def _unpacked(said: Mapping[str, Any], contents: Iterator[bytes]) -> TakenFile:
    content = next(contents)
    parts = tuple(
        CarriedFile(part["name"], next(contents), TakenFile(FileKind(part["kind"]), next(contents)))
        for part in said["parts"]
    )
    return TakenFile(FileKind(said["kind"]), content, parts, said["left_out"])


def _cut(rest: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield rest[at : at + size]
        at += size
