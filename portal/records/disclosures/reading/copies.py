"""What was taken out of the portal as a file, as the readers of the sharing ledger see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select, tuple_

from portal.extensions import db
from portal.pathway.references import read_reference
from portal.queries import paging
from portal.records.cases.model import CaseNotice
from portal.records.disclosures.model.copies import TakenCopy
from portal.records.people.model import Agency, User

PAGE = 50
MOST = 200
Rows = Sequence[Any]  # rows named by their columns


@dataclass(frozen=True)
class Page:
    """One page of a list, and the identifier after which the next one starts."""

    rows: Rows
    next: str | None


def taken(*, after: str | None = None) -> Page:
    """Every copy that the reader may see on the ledger, the newest first."""
    listed = _listed()
    if begins := paging.row_of(after):
        last = db.session.get(TakenCopy, begins)
        if last is None:
            raise paging.OddCursor(after)
        listed = listed.where(tuple_(TakenCopy.taken_at, TakenCopy.id) < (last.taken_at, last.id))
    rows = db.session.execute(_newest(listed).limit(PAGE + 1)).all()
    return Page(rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else None)


def taken_of(*, reference: str) -> Rows:
    """The copies of a case, or of the record of a reference."""
    known = read_reference(reference)
    case_id = select(CaseNotice.case_id).where(CaseNotice.reference == known).scalar_subquery()
    of_it = or_(TakenCopy.case_id == case_id, TakenCopy.subject_reference == known)
    return db.session.execute(_newest(_listed().where(of_it)).limit(MOST)).all()


def _listed() -> Select[Any]:
    columns: list[Any] = [
        TakenCopy.id,
        TakenCopy.reference,
        TakenCopy.kind,
        TakenCopy.subject_reference,
        TakenCopy.taken_at,
        User.name.label("person"),
        Agency.name.label("agency"),
        CaseNotice.reference.label("case_reference"),
    ]
    return (
        select(*columns)
        .join(User, User.id == TakenCopy.taken_by)
        .join(Agency, Agency.id == TakenCopy.taken_agency_id)
        .outerjoin(CaseNotice, CaseNotice.case_id == TakenCopy.case_id)
    )


def _newest(listed: Select[Any]) -> Select[Any]:
    return listed.order_by(TakenCopy.taken_at.desc(), TakenCopy.id.desc())
