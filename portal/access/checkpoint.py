"""Notes, outside the database, of where the audit trail stood: signed lines in a file, in a chain.

Whoever may change every table could alter a row and seal all batches anew, or take the end of the trail away.
What is left would be whole, and no longer be what these lines say that it was.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, text

from portal import clock

INTERVAL = 10 * 60  # seconds between two looks; a line is written where something was sealed meanwhile

#: Written as: where the trail ends; and what somebody has looked into and accepts as it is.
_END, _ACCEPTED = "end", "accepted"


@dataclass(frozen=True)
class Expected:
    """What a line says of a batch."""

    position: int  # of the line, from 1
    digest: str


@dataclass(frozen=True)
class Accepted:
    """Faults that somebody has looked into: they are shown and no longer reported."""

    at: str
    reason: str
    counts: Mapping[str, int]
    batches: frozenset[int]


@dataclass(frozen=True)
class Lines:
    """What a file says, once every line has been checked."""

    count: int = 0
    ends: Mapping[int, Expected] = field(default_factory=dict)  # by the number of the batch
    accepted: tuple[Accepted, ...] = ()
    newest: datetime | None = None
    faults: tuple[str, ...] = ()


class Checkpoints:
    """The lines of one file, the oldest first.

    Args:
        path: a file on another disk or host than the database's. It is made when missing, its folder is not.
        key: what the lines are signed with; a line signed with another is no line.
        before: the former key: what it signed before the first line of the present one is still a line.
    """

    def __init__(self, path: Path, key: str, before: str = "") -> None:
        self.path = path
        self._signers = [_signer(one) for one in (key, before) if one]

    def write(self, connection: Connection) -> int:
        """Note the last batch, unless it is noted already. Returns how many lines that was."""
        end = _end(connection)
        lines = self._raw()
        if end is None or (lines and self._says(lines[-1], end)):
            return 0
        self._append(lines, {"kind": _END, **end})
        return 1

    def accept(
        self, connection: Connection, *, reason: str, counts: Mapping[str, int], batches: Iterable[int]
    ) -> None:
        """Note that somebody has looked into what is wrong with the trail: after a restore, or an incident.

        From here on the trail counts as ending where it ends now; later batches on earlier lines were lost.
        """
        end = _end(connection) or {"batch": 0, "digest": ""}
        what = {"reason": reason, "counts": dict(counts), "batches": sorted(batches)}
        self._append(self._raw(), {"kind": _ACCEPTED, **end, **what})

    def read(self) -> Lines:
        """Every line that is one, and what is wrong with the others."""
        ends: dict[int, Expected] = {}
        accepted: list[Accepted] = []
        faults: list[str] = []
        newest, before, oldest_signer = None, "", len(self._signers)
        raw = self._raw()
        for position, line in enumerate(raw, start=1):
            said, signer = self._loads(line)
            if said is None or signer > oldest_signer:
                faults.append(f"Line {position} of {self.path} was not written by the portal.")
                continue
            oldest_signer = signer
            if said.get("before", before) != before:
                faults.append(f"Before line {position} of {self.path} lines are missing or others.")
            before = _digest(line)
            if said["kind"] == _ACCEPTED:
                ends = {number: one for number, one in ends.items() if number <= said["batch"]}
                accepted.append(
                    Accepted(said["at"], said["reason"], said["counts"], frozenset(said["batches"]))
                )
            if said["batch"]:
                ends[said["batch"]] = Expected(position, said["digest"])
            newest = datetime.fromisoformat(said["at"]) if said.get("at") else newest
        return Lines(len(raw), ends, tuple(accepted), newest, tuple(faults))

    def _append(self, lines: list[str], what: dict[str, Any]) -> None:
        before = _digest(lines[-1]) if lines else ""
        line = self._signers[0].dumps({**what, "at": clock.now().isoformat(), "before": before})
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        with os.fdopen(descriptor, "a", encoding="ascii") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())

    def _says(self, line: str, end: Mapping[str, Any]) -> bool:
        said, _ = self._loads(line)
        return said is not None and {name: said[name] for name in end} == end

    def _loads(self, line: str) -> tuple[dict[str, Any] | None, int]:
        """What a line says and with which key it is signed, the present one being 0."""
        for number, signer in enumerate(self._signers):
            try:
                said = signer.loads(line)
            except BadSignature:
                continue
            if isinstance(said, list):  # of before lines were chained
                said = {"kind": _END, "batch": said[0], "digest": said[1]}
            return said, number
        return None, 0

    def _raw(self) -> list[str]:
        return self.path.read_text("ascii", errors="replace").split() if self.path.exists() else []


def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="audit checkpoint")


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _end(connection: Connection) -> dict[str, Any] | None:
    """The last batch as the chain has it."""
    end = connection.execute(text("select * from ctx.audit_end()")).one_or_none()
    return {"batch": end.end_number, "digest": end.end_digest.hex()} if end and end.end_number else None
