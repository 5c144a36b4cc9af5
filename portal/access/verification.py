"""Looks at the whole audit trail: what is as it was, what is not, and what could not be told."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from portal import clock
from portal.access.checkpoint import INTERVAL, Checkpoints, Lines

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
