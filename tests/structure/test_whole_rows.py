"""Rows that pages show with every column of a record carry none that not all their readers may read.

The database gives a row or keeps it; it cannot keep a column of it. What not everybody who reads a row may
know has a table of its own, or is kept back from rows by `portal.queries.rows.whole`.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table

from portal import registry
from portal.extensions import Base
from portal.queries.rows import whole
from portal.records.concerns.model import ConcernChange, ConcernLink
from tests.structure.source import parsed, python_files

registry.load_models()
MODELS = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}

#: Columns that say why, or point where no foreign key does, and why all who read their row may read them too.
FOR_EVERY_READER = {
    "access_request.reason": "whoever asked reads it, and those who lead the case and answer",
    "action.blocked_reason": "the page of an action says it to all who see the action",
    "address_suspension.reason": "what the mail server said of an address, to those who mend it",
    "child_correction.decision_reason": "why it was not taken over, to all who see what was proposed",
    "child_correction.reason": "why it was proposed, to all who see it",
    "child_link.reason": "stands with the link, which is for those who see both records",
    "child_link.unlink_reason": "the same",
    "concern.ended_reason": "stands at the head of a concern that has ended",
    "concern_change.reason": "the history of a concern says it to all who see the concern",
    "concern_link.ended_reason": "stands with a link that was taken back",
    "cre_case.reason": "why a case was opened, to those with full reach on it: all others have its notice",
    "cre_case.sensitivity_reason": "why it is held closely, to the same",
    "deadline.late_reason": "stands on the page of the case with the duty",
    "deadline.move_reason": "everyone who works on the case, and whoever has to do it, can read it",
    "deadline.owned_for_id": "for which agency its owner has it: everyone may know where a colleague works",
    "deadline.subject_id": "the case itself: the rows are those of one case",
    "deadline_change.reason": "the same, for each time that it was moved",
    "entry_grading.release_reason": "stands in the history of the grading, which all who read the entry see",
    "identity_provider.client_id": "no secret: each browser that signs in shows it",
    "information_request.withdrawn_reason": "the asked see no question that was withdrawn"
    " (tests/requests/test_asking.py)",
    "linked_step.late_reason": "stands with the step on the page of its process",
    "place_fact.ended_reason": "what is no longer right stays to be read, with the reason",
    "safety_plan.ended_reason": "stands on the plan",
    "safety_plan_renewal.reason": "stands on the plan, for each time that it was renewed",
}


def _read_whole() -> Iterator[tuple[Table, bool]]:
    """The tables of which a row has every column, and whether `whole` says which."""
    for path in python_files("portal"):
        yield from ((MODELS[one].__table__, True) for one in _kept_on(parsed(path)))
        if path.match("portal/queries/rows.py"):
            continue  # where `kept_on` is: of whichever table it is asked for
        for node in ast.walk(parsed(path)):
            given = [*node.args] if isinstance(node, ast.Call) and ast.unparse(node.func) == "select" else []
            given += node.elts if isinstance(node, ast.List) else []  # columns gathered for a `select`
            for one in given:
                if found := re.fullmatch(r"\*whole\((\w+)\)|(\w+)\.__table__", ast.unparse(one)):
                    yield MODELS[found[1] or found[2]].__table__, bool(found[1])


def _kept_on(module: ast.AST) -> Iterator[str]:
    """The models of which `kept_on` and `latest_on` give whole rows, by their short name there."""
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef):
            continue
        short = {
            ast.unparse(one.targets[0]): ast.unparse(one.value)
            for one in function.body
            if isinstance(one, ast.Assign)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"kept_on", "latest_on"}:
                yield short[ast.unparse(node.args[0]).partition(".")[0]]


def _is_delicate(column: Column[Any]) -> bool:
    """Whether it says why something is so, or points at a record of any kind."""
    pointer = column.name.endswith("_id") and not column.foreign_keys
    return pointer or re.search(r"(^|_)reason$", column.name) is not None


def test_what_is_not_for_every_reader_is_kept_back_from_rows() -> None:
    read = list(_read_whole())
    assert len(read) > 25
    given_all = {
        str(column) for table, safely in read if not safely for column in table.columns if _kept(column)
    }
    assert not given_all, "select what `queries.rows.whole` gives of the record"


def test_what_rows_tell_of_reasons_and_other_records_is_for_every_reader() -> None:
    told = {
        str(column)
        for table, _ in _read_whole()
        for column in table.columns
        if _is_delicate(column) and not _kept(column)
    }
    assert told == set(FOR_EVERY_READER), "mark it KEPT_BACK, or say why all readers of the row may read it"


def test_from_which_record_something_of_concern_was_made_is_in_no_row() -> None:
    """Its readers are told from what sort of record; they may not read that one."""
    for record in (ConcernLink, ConcernChange):
        given = {column.name for column in whole(record)}
        assert "source_kind" in given
        assert "source_id" not in given


def _kept(column: Column[Any]) -> bool:
    return "kept_back" in column.info
