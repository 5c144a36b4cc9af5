"""The audit trail as a chain: sealed, noted outside the database, and looked at as a whole."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, func, select, text

from portal import clock

LARGEST_BATCH = 5000  # rows; more wait for the next round
#: What is removed at a time: a round of the worker holds no lock for long.
SEARCHES_AT_ONCE = 5000


def seal(connection: Connection) -> int:
    """Seal the rows of finished transactions, up to a batch of them. Returns how many.

    Two workers never seal at the same time: the second finds nothing to do. A row whose transaction is still
    open goes into a later batch.
    """
    return _call(connection, func.ctx.seal_audit(LARGEST_BATCH))


def remove_searches(connection: Connection, *, before: datetime) -> int:
    """Remove what people searched for before a moment, a part at a time, unread. Returns how much."""
    return _call(connection, func.ctx.remove_searches(before, SEARCHES_AT_ONCE))


def _call(connection: Connection, function: Any) -> int:
    return int(connection.scalar(select(function)) or 0)


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


RULES = Path(__file__).parent / "rows" / "audit.sql"

_BATCHES_AT_ONCE = 200
_BATCHES = text("select * from ctx.audit_batches(:after, :most)")
_STATE = text("select * from ctx.audit_state(:tolerance)")
_SOURCES = text(
    "select proname, prosrc from pg_proc where pronamespace = 'ctx'::regnamespace and proname = any(:names)"
)
_GUARDS = text(
    "select count(*) from pg_trigger where not tgisinternal and tgenabled = 'O'"
    " and tgrelid::regclass::text in"
    " ('audit_event', 'audit_seal', 'audit_search', 'audit_chain', 'ctx.audit_link')"
)
_FUNCTION = re.compile(r"create function ctx\.(\w+)\(.*?as \$\$(.*?)\$\$", re.DOTALL)
_TRIGGER = re.compile(r"^create trigger ", re.MULTILINE)

#: What is counted, with what it means.
_COUNTED = {
    "breaks": "{} rows did not follow the row before them on their connection as it was: a row was changed or"
    " removed before it was sealed.",
    "strays": "{} rows belong to a batch that does not exist.",
    "dated_apart": "{} rows say a time that is not when the database wrote them.",
}


@dataclass
class Report:
    """What a look at the trail came to."""

    faults: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)  # something is missing that there should be
    checked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)  # by the number of a batch

    @property
    def status(self) -> int:
        """0 where all is as it was, 1 where something is not, 2 where something could not be told."""
        return 1 if self.faults else 2 if self.unchecked else 0


def verify(connection: Connection, checkpoints: Checkpoints | None, *, tolerance: timedelta | None) -> Report:
    """Compare the trail with its seals, with the chain, and with the lines outside the database.

    Args:
        connection: as portal_worker, which reads digests and counts, and no row.
        checkpoints: the lines; None where a deployment writes none.
        tolerance: how far the clocks of writer and database may be apart; None where times are told.
    """
    report = Report()
    lines = checkpoints.read() if checkpoints else Lines()
    report.faults += lines.faults
    state = connection.execute(
        _STATE, {"tolerance": tolerance if tolerance is not None else timedelta(days=36_500)}
    ).one()
    _rules(connection, report)
    _batches(connection, state, lines, report)
    _rows(state, tolerance, report)
    _lines(checkpoints, lines, state, report)
    _accept(lines, report)
    return report


def _rules(connection: Connection, report: Report) -> None:
    """The functions that compute digests are those of this version: others could say anything."""
    rules = RULES.read_text("utf-8")
    wanted = dict(_FUNCTION.findall(rules))
    there = {row.proname: row.prosrc for row in connection.execute(_SOURCES, {"names": list(wanted)})}
    other = sorted(name for name, source in wanted.items() if there.get(name) != source)
    if other:
        report.faults.append(f"The database has other functions than this version: {', '.join(other)}.")
    if connection.scalar(_GUARDS) != len(_TRIGGER.findall(rules)):
        report.faults.append("The triggers that keep the audit trail from being changed are not all there.")


def _batches(connection: Connection, state: Any, lines: Lines, report: Report) -> None:
    expected, previous, rows = 1, b"", 0
    report.counts["breaks"] = 0
    wanted = dict(lines.ends)
    for batch in _every_batch(connection):
        if batch.number != expected:
            report.broken[batch.number] = f"Batches {expected} to {batch.number - 1} are missing."
        elif (batch.previous, batch.digest, batch.rows) != (previous, batch.digest_now, batch.rows_now):
            report.broken[batch.number] = f"Batch {batch.number} is not as it was sealed."
        known = wanted.pop(batch.number, None)
        digests = {one.hex() for one in (batch.digest, batch.replaced_digest) if one is not None}
        if known is not None and known.digest not in digests:
            report.faults.append(
                f"Batch {batch.number} is not the one that line {known.position} of the checkpoints says."
            )
        report.counts["breaks"] += batch.breaks or 0
        expected, previous, rows = batch.number + 1, batch.digest, rows + batch.rows
    if wanted:
        report.faults.append(
            f"The checkpoints say that there was a batch {max(wanted)}; the audit trail ends with"
            f" {expected - 1 or 'none'}."
        )
    if state.end_number is None:
        report.faults.append("Where the audit trail ends is no longer noted in the database.")
    elif (state.end_number, state.end_digest) != (expected - 1, previous):
        report.faults.append(
            f"The audit trail should end with batch {state.end_number}, and ends with {expected - 1}."
        )
    report.checked.append(f"{expected - 1} batches with {rows} rows, and how each follows the one before it")


def _every_batch(connection: Connection) -> Iterator[Any]:
    after = 0
    while found := connection.execute(_BATCHES, {"after": after, "most": _BATCHES_AT_ONCE}).all():
        yield from found
        after = found[-1].number


def _rows(state: Any, tolerance: timedelta | None, report: Report) -> None:
    report.counts |= {"strays": state.strays, "dated_apart": state.dated_apart}
    if state.unsealed:
        report.notes.append(f"{state.unsealed} rows are not sealed yet: of them only their order was kept.")
    if state.undated:
        report.notes.append(
            f"{state.undated} rows are from before the database noted when each was written, and after which."
        )
    if tolerance is None:
        report.notes.append(
            "When rows say that they were written was not compared: this is no real deployment."
        )
    else:
        report.checked.append("when rows say that they were written, with the database's clock")


def _lines(checkpoints: Checkpoints | None, lines: Lines, state: Any, report: Report) -> None:
    if checkpoints is None:
        report.unchecked.append(
            "There are no checkpoints: whether the end of the trail was removed cannot be told."
        )
        return
    if lines.count:
        report.checked.append(f"{lines.count} lines of {checkpoints.path}")
    elif state.end_number:
        report.unchecked.append(f"There are no lines in {checkpoints.path} to compare the trail with.")
    late = lines.newest is not None and clock.now() - lines.newest > timedelta(seconds=2 * INTERVAL)
    if late and lines.ends and state.end_number > max(lines.ends):
        report.unchecked.append(
            f"The last line is of {lines.newest}: what was sealed since is on none, and may be short."
        )


def _accept(lines: Lines, report: Report) -> None:
    """Leave out what somebody has looked into, and say that they did."""
    known = frozenset[int]().union(*(one.batches for one in lines.accepted))
    report.faults += [sentence for number, sentence in report.broken.items() if number not in known]
    allowed = lines.accepted[-1].counts if lines.accepted else {}
    for name, sentence in _COUNTED.items():
        if report.counts[name] > allowed.get(name, 0):
            report.faults.append(sentence.format(report.counts[name]))
    report.notes += [f"Accepted on {one.at}: {one.reason}" for one in lines.accepted]
