"""The grading of intelligence in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.policy import Policy
from portal.queries.rows import filled
from portal.records.children.presenter import full_name
from portal.vocabulary import Use
from portal.web.filters import moment


@dataclass(frozen=True)
class GradingLine:
    """A grading on one line of the chronology.

    Args:
        code: as the police say it, source, information and handling.
        in_words: the same in words.
        waiting: whether it holds something back that the police have not released.
    """

    code: str
    in_words: str
    waiting: bool
    released_at: datetime | None


def grading_line(grading: Mapping[str, Any], policy: Policy) -> GradingLine:
    """The live grading of an entry, from its row of JSON."""
    rules = policy.decisions
    released = grading["released_at"]
    return GradingLine(
        code="".join(grading[name] for name in ("source_grade", "information_grade", "handling_code")),
        in_words=". ".join(
            (
                f"Source {rules.source_grades.label(grading['source_grade'])}",
                f"Information {rules.information_grades.label(grading['information_grade'])}",
                f"Handling {rules.handling_grades.label(grading['handling_code'])}",
            )
        ),
        waiting=bool(grading["forbids"]) and not released,
        released_at=datetime.fromisoformat(released) if released else None,
    )


@dataclass(frozen=True)
class GradingRows:
    """A grading as its page shows it."""

    code: str
    live: bool
    tag: str
    colour: str
    rows: list[dict[str, Any]]


def graded_lines(rows: Sequence[Any], policy: Policy) -> list[GradingRows]:
    """Every grading of an entry, the one that holds first."""
    return [_of_page(row, policy) for row in rows]


def _of_page(row: Any, policy: Policy) -> GradingRows:
    rules = policy.decisions
    forbidden = _uses(row.forbids)
    released = (
        f"{row.released_by_name}, {row.released_agency}, {moment(row.released_at)}: {row.release_reason}"
        if row.released_at
        else ""
    )
    ended = row.released_at is not None
    return GradingRows(
        code=f"{row.source_grade}{row.information_grade}{row.handling_code}",
        live=row.replaced_at is None,
        tag="Released" if ended else ("Not released" if row.conditions else ""),
        colour="green" if ended else "orange",
        rows=[
            {"key": "Source", "value": rules.source_grades.label(row.source_grade)},
            {"key": "Information", "value": rules.information_grades.label(row.information_grade)},
            {"key": "Handling", "value": rules.handling_grades.label(row.handling_code)},
            {"key": "Conditions", "value": row.conditions.splitlines() or "None"},
            {
                "key": "Forbidden until it was released" if ended else "Forbidden until it is released",
                "value": forbidden or "Nothing",
            },
            {"key": "Graded", "value": f"{row.by}, {row.agency}, {moment(row.graded_at)}"},
            *([{"key": "Released", "value": released}] if released else []),
            *([{"key": "Replaced", "value": moment(row.replaced_at)}] if row.replaced_at else []),
        ],
    )


def _uses(codes: Sequence[str]) -> list[str]:
    return [use.label for use in Use if use in codes]


@dataclass(frozen=True)
class WaitingLine:
    """Intelligence that waits to be released, on a line of the list."""

    child: str
    reference: str
    entry_id: Any
    happened_at: datetime
    code: str
    by: str
    conditions: str
    forbids: list[str]
    graded_at: datetime
    missing_now: Any


def waiting_lines(rows: Sequence[Any]) -> list[WaitingLine]:
    """What waits, with its labels."""
    return [
        filled(
            WaitingLine,
            row,
            child=full_name(row),
            code=f"{row.source_grade}{row.information_grade}{row.handling_code}",
            by=f"{row.by}, {row.agency}",
            forbids=_uses(row.forbids),
        )
        for row in rows
    ]
