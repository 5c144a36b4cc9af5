"""What a front door of children's social care was sent by the hub, as its people see it."""

from typing import Any

from sqlalchemy import Select, select

from portal.access.principal import Principal
from portal.deadlines.vocabulary import DeadlineKind
from portal.queries import paging
from portal.queries.rows import name_of
from portal.records.disclosures.model import Disclosure
from portal.records.triage.model import SocialCareReferral
from portal.records.triage.reading.beside import due_on
from portal.records.triage.reading.records import PAGE


def to_front_door(*, after: paging.MomentCursor | None = None) -> paging.Page[paging.MomentCursor]:
    """What the reader's front door was sent, the newest first: who opened each, and what was decided."""
    columns: list[Any] = [
        Disclosure.id,
        Disclosure.reference,
        Disclosure.decided_at,
        SocialCareReferral.opened_at,
        name_of(SocialCareReferral.opened_by, "opened_by"),
        SocialCareReferral.outcome,
        SocialCareReferral.outcome_at,
        name_of(SocialCareReferral.outcome_by, "outcome_by"),
        name_of(Disclosure.receiver_team_id, "team"),
        due_on(Disclosure.id, Disclosure.__tablename__, DeadlineKind.SOCIAL_CARE_DECISION).label("due"),
    ]
    listed = _sent_to_front_door(*columns)
    return paging.page_by_moment(listed, Disclosure.decided_at, Disclosure.id, after=after, limit=PAGE)


def undecided_at_front_door(_person: Principal) -> Select[Any]:
    """A row for each referral that the reader's front door has not decided."""
    return _sent_to_front_door(Disclosure.id).where(SocialCareReferral.outcome.is_(None))


def _sent_to_front_door(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Disclosure)
        .join(SocialCareReferral, SocialCareReferral.id == Disclosure.social_care_referral_id)
        .where(Disclosure.withdrawn_at.is_(None))
    )
