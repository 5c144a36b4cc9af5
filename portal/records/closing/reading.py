"""How a case ended, and what is handed over: as pages and papers show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from portal.extensions import db
from portal.policy import current_policy, policy_of
from portal.queries.rows import filled, name_of
from portal.records.cases.model import Case
from portal.records.closing.model import HandOver
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import HandOverKind


@dataclass(frozen=True)
class HandOverPaper:
    """A hand-over as whoever reads the case reads it: what a page, a print and a file of it show.

    Attributes:
        id: of the record.
        sections: the heading and the words of each, in the order of the policy that it was begun under.
    """

    id: UUID
    reference: str
    kind: HandOverKind
    service: str
    person: str
    contact: str
    meets_on: date | None
    sections: Sequence[tuple[str, str]]
    saved_by: str
    saved_at: datetime
    finalised_by: str | None
    finalised_at: datetime | None


def hand_overs(*, case: Case, kind: HandOverKind) -> list[HandOverPaper]:
    """The hand-overs of a kind on a case, the latest first."""
    found = db.session.execute(
        select(
            HandOver, name_of(HandOver.saved_by, "saved_by"), name_of(HandOver.finalised_by, "finalised_by")
        )
        .where(HandOver.case_id == case.id, HandOver.kind == kind)
        .order_by(HandOver.started_at.desc())
    ).all()
    return [_paper(case, one, saved_by, finalised_by) for one, saved_by, finalised_by in found]


def _paper(case: Case, hand_over: HandOver, saved_by: str, finalised_by: str | None) -> HandOverPaper:
    policy = policy_of(hand_over.policy_version) or current_policy(case.authority)
    kind = HandOverKind(hand_over.kind)
    return filled(
        HandOverPaper,
        hand_over,
        kind=kind,
        sections=[
            (one.label, hand_over.answers.get(one.code, "")) for one in policy.of(Closing).sections_of(kind)
        ],
        saved_by=saved_by,
        finalised_by=finalised_by,
    )
