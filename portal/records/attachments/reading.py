"""Files on a record as its readers see them: never their content."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, union

from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.queries.rows import Rows, name_of
from portal.records.attachments.model import Attachment
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.meetings.model import Meeting
from portal.records.missing.model import MissingEpisode
from portal.records.referrals.model import Referral
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.records.requests.reading import held_back
from portal.vocabulary import ReferralState


def find_attachment(*, reference: str) -> Attachment | None:
    """The file of a reference, if one may see it."""
    return db.session.scalar(
        select(Attachment).where(Attachment.reference == read_reference(reference, Prefix.ATTACHMENT))
    )


def of_referral(*, referral_id: UUID) -> Rows:
    """The files on an information form, in the order in which they were added."""
    return _listed(Attachment.referral_id == referral_id)


def of_entry(*, entry_id: UUID) -> Rows:
    """The files on an entry."""
    return _listed(Attachment.entry_id == entry_id)


def of_answers(*, answer_ids: Sequence[UUID]) -> Rows:
    """The files on answers."""
    return _listed(Attachment.answer_id.in_(answer_ids)) if answer_ids else []


def of_meeting(*, meeting_id: UUID) -> Rows:
    """The files on a meeting: those on the whole of it, and those on each child that one reads."""
    return _listed(Attachment.meeting_id == meeting_id)


def of_episode(*, episode_id: UUID) -> Rows:
    """The pictures on a missing episode."""
    return _listed(Attachment.episode_id == episode_id)


def of_case(*, case_id: UUID) -> Rows:
    """The files on what agencies know of a case, and those on meetings about it, the newest last.

    `held_back` says of one that its answer stands on the page of the question alone, and so does its name.
    """
    on_entries = (
        select(Attachment.id)
        .join(ChronologyEntry, ChronologyEntry.id == Attachment.entry_id)
        .where(ChronologyEntry.case_id == case_id)
    )
    on_meetings = select(Attachment.id).where(Attachment.case_id == case_id)
    on_held_back = (
        select(InformationAnswer.id)
        .join(InformationRequest, InformationRequest.id == InformationAnswer.request_id)
        .where(InformationAnswer.id == Attachment.answer_id, held_back())
        .exists()
    )
    return _listed(Attachment.id.in_(union(on_entries, on_meetings)), on_held_back.label("held_back"))


def find_answer(*, request_id: UUID, answer_id: UUID) -> InformationAnswer | None:
    """An answer to a question, if one may read it."""
    return db.session.scalar(select(InformationAnswer).filter_by(id=answer_id, request_id=request_id))


def places() -> Select[str, str]:
    """Each file, as `reference`, with the record on whose page it stands, as `opens`, if one sees that: a
    form that was sent, a question, a meeting, a case or an episode.
    """
    stands = func.coalesce(
        Referral.reference,
        InformationRequest.reference,
        Meeting.reference,
        Case.reference,
        MissingEpisode.reference,
    )
    sent = (Referral.id == Attachment.referral_id) & (Referral.state != ReferralState.DRAFT)
    return (
        select(Attachment.reference, stands.label("opens"))
        .outerjoin(Referral, sent)
        .outerjoin(InformationAnswer, InformationAnswer.id == Attachment.answer_id)
        .outerjoin(InformationRequest, InformationRequest.id == InformationAnswer.request_id)
        .outerjoin(Meeting, Meeting.id == Attachment.meeting_id)
        .outerjoin(Case, Case.id == Attachment.case_id)
        .outerjoin(MissingEpisode, MissingEpisode.id == Attachment.episode_id)
    )


def of_email(*, email: Attachment) -> Rows:
    """The files that came with an e-mail."""
    return _listed(Attachment.part_of_id == email.id)


def place_of(*, attachment: Attachment) -> str | None:
    """The reference of the record on whose page a file stands, if one sees that."""
    row = db.session.execute(places().where(Attachment.id == attachment.id)).one_or_none()
    return row.opens if row else None


def _listed(which: ColumnElement[bool], *more: ColumnElement[Any]) -> Rows:
    return db.session.execute(
        select(
            *more,
            Attachment.id,
            Attachment.reference,
            Attachment.answer_id,
            Attachment.case_id,
            Case.reference.label("case_reference"),
            Attachment.shows_source,
            Attachment.part_of_id,
            Attachment.left_out,
            Attachment.name,
            Attachment.kind,
            Attachment.size,
            Attachment.state,
            Attachment.added_agency_id,
            Attachment.added_at,
            Attachment.removed_at,
            Attachment.removed_reason,
            name_of(Attachment.added_by, "added_by"),
            name_of(Attachment.added_agency_id, "agency"),
            name_of(Attachment.removed_by, "removed_by"),
        )
        .outerjoin(Case, Case.id == Attachment.case_id)
        .where(which)
        .order_by(Attachment.added_at, Attachment.id)
    ).all()
