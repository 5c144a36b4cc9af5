"""Who has to be told by a person, as far as whoever asks sees it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.queries.rows import Rows, latest_on, name_of
from portal.records.by_hand.model import ByHandChange, ToldByHand
from portal.records.by_hand.rules import NEWER
from portal.records.meetings.model import Meeting
from portal.records.people.model import Agency, User
from portal.records.plans.model import Action
from portal.records.referrals.model import Feedback, ReferralMessage

#: On the page of a record; a record with more lists the newest.
MOST = 30


def find(*, reference: str) -> ToldByHand | None:
    """One of them."""
    return db.session.scalar(select(ToldByHand).filter_by(reference=reference))


def page_of(*, told: ToldByHand) -> Row[*tuple[Any, ...]]:
    """One of them with the names that belong to it, and until when it is owed."""
    return db.session.execute(_described().where(ToldByHand.id == told.id)).one()


def words_of(*, told: ToldByHand) -> str:
    """What the hub wrote to be said to the sender of a form, for whoever reads the form; else empty."""
    for table in (Feedback, ReferralMessage):
        written = select(table.text).where(
            table.referral_id == told.referral_id,
            # whoever is told once of what: `keeping` makes the key of it
            literal(told.key).startswith(
                func.concat(f"{told.event}:{told.subject_kind}:{told.subject_id}:", table.id, ":")
            ),
        )
        if told.referral_id and (words := db.session.scalar(written.limit(1))):
            return words
    return ""


def untold_before(*, told: ToldByHand) -> Sequence[str]:
    """What came before about the same record and they were never told, as events, the oldest first."""
    same = select(ToldByHand.event).filter_by(
        subject_kind=told.subject_kind,
        subject_id=told.subject_id,
        name=told.name,
        told_on=None,
        dropped_reason=NEWER,
    )
    before = same.where(ToldByHand.created_at < told.created_at).order_by(
        ToldByHand.created_at, ToldByHand.id
    )
    return db.session.scalars(before.limit(MOST)).all()


def changes(*, told: ToldByHand) -> Rows:
    """What was recorded before it was corrected, the newest first."""
    c = ByHandChange
    return latest_on(c.told_id, told.id, c.corrected_at, corrector=c.corrected_by)


def of_case(*, case_id: UUID) -> Rows:
    """Everybody to be told, or told, of what happened on a case."""
    return _of(ToldByHand.case_id == case_id)


def of_form(*, referral_id: UUID) -> Rows:
    """The same of a form: its sender, who has no account."""
    return _of(ToldByHand.referral_id == referral_id)


def of_meeting(*, meeting_id: UUID) -> Rows:
    """The same of a meeting: whoever comes from outside."""
    return _of(ToldByHand.meeting_id == meeting_id)


def of_plan(*, plan_id: UUID) -> Rows:
    """The same of a safety plan: the child and the carer."""
    return _of((ToldByHand.subject_kind == "safety_plan") & (ToldByHand.subject_id == plan_id))


def of_action(*, action_id: UUID) -> Rows:
    """The same of an action: whoever does it, or did, without an account."""
    return _of((ToldByHand.subject_kind == Action.__tablename__) & (ToldByHand.subject_id == action_id))


def _of(wanted: Any) -> Rows:
    newest = (ToldByHand.created_at.desc(), ToldByHand.name, ToldByHand.id)
    return db.session.execute(_described().where(wanted).order_by(*newest).limit(MOST)).all()


def _described() -> Select[Any]:
    due_at = (
        select(Deadline.due_at)
        .where(
            Deadline.subject_kind == ToldByHand.__tablename__,
            Deadline.subject_id == ToldByHand.id,
            Deadline.state == DeadlineState.OPEN,
        )
        .limit(1)
        .correlate(ToldByHand)
        .scalar_subquery()
    )
    owed = (Deadline.subject_kind == ToldByHand.__tablename__) & (Deadline.subject_id == ToldByHand.id)
    teller_id, teller = (
        select(column)
        .join(Deadline, Deadline.owner_id == User.id)
        .join(Agency, Agency.id == User.agency_id)
        .where(owed)
        .limit(1)
        .correlate(ToldByHand)
        .scalar_subquery()
        for column in (User.id, User.name + ", " + Agency.name)
    )
    return (
        select(
            *ToldByHand.__table__.c,
            due_at.label("due_at"),
            teller_id.label("teller_id"),
            teller.label("teller"),
            name_of(ToldByHand.asked_by, "asker"),
            name_of(ToldByHand.agency_id, "agency"),
            name_of(ToldByHand.recorded_by, "recorder"),
            name_of(ToldByHand.dropped_by, "dropper"),
            Meeting.state.label("meeting_state"),
            Meeting.starts_at.label("meeting_starts_at"),
            Meeting.ends_at.label("meeting_ends_at"),
            Meeting.place.label("meeting_place"),
            Meeting.link.label("meeting_link"),
            Action.what.label("action_what"),
            Action.measure.label("action_measure"),
            Action.due_on.label("action_due_on"),
            Action.state.label("action_state"),
            Action.covered_by.label("action_covered_by"),
            Action.external_name.label("action_external_name"),
            Action.external_role.label("action_external_role"),
        )
        .select_from(ToldByHand)
        .outerjoin(Meeting, Meeting.id == ToldByHand.meeting_id)
        .outerjoin(
            Action, (ToldByHand.subject_kind == Action.__tablename__) & (Action.id == ToldByHand.subject_id)
        )
    )
