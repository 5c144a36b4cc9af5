"""What stands around the triage queue: what nobody confirmed, what colleagues see to, and one's own views."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, select, text
from sqlalchemy.orm import aliased

from portal.deadlines.model import Deadline, is_owed
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.queries.rows import Rows
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import Agency, Team
from portal.records.referrals.model import Referral, ReferralNotice, ReferralSeal
from portal.records.triage.model import SocialCareReferral
from portal.records.triage.reading.records import PAGE, UNDECIDED
from portal.vocabulary import ReferralState, TriageColour

_FOR_NOBODY = func.ctx.waits_for_nobody(ReferralNotice.referral_id)


def passed_on() -> Sequence[Any]:
    """Open referrals that the people of a sealed case see to: that they exist, and whether nobody at the hub
    is left who may see one (`nobody`).
    """
    return db.session.execute(
        select(ReferralNotice.reference, ReferralNotice.state, _FOR_NOBODY.label("nobody"))
        .where(
            ReferralNotice.passed_on,
            ReferralNotice.state.in_([*UNDECIDED, ReferralState.DECIDED]),
            ~exists().where(ReferralSeal.referral_id == ReferralNotice.referral_id),
        )
        .order_by(ReferralNotice.referral_id)
        .limit(PAGE)
    ).all()


def passed_form(*, reference: str) -> Any:
    """Of a referral that a colleague sees to, whether nobody is left who may (`nobody`); else None."""
    found = select(_FOR_NOBODY.label("nobody")).where(
        ReferralNotice.reference == reference, ReferralNotice.passed_on
    )
    return db.session.execute(found).one_or_none()


def senders() -> Sequence[Any]:
    """The agencies whose people send forms, by name: for the filter."""
    return db.session.execute(
        select(Agency.code, Agency.name).where(Agency.active).order_by(Agency.name)
    ).all()


MOST = 50


def red_receipts() -> Sequence[Any]:
    """Red tellings that the receiver has not confirmed, with the number to ring, the earliest due first."""
    receiver = aliased(Agency)
    return db.session.execute(
        select(
            Disclosure.id,
            Disclosure.reference,
            Disclosure.decided_at,
            receiver.name.label("agency"),
            Team.name.label("team"),
            Team.duty_phone,
            Referral.reference.label("referral_reference"),
            due_on(Disclosure.id, Disclosure.__tablename__, DeadlineKind.RECEIPT).label("due"),
        )
        .join(receiver, receiver.id == Disclosure.receiver_agency_id)
        .outerjoin(Team, Team.id == Disclosure.receiver_team_id)
        .outerjoin(Referral, Referral.id == Disclosure.referral_id)
        .where(
            Disclosure.colour == TriageColour.RED,
            Disclosure.decision != SharingDecision.REFUSE,
            Disclosure.confirmed_at.is_(None),
            Disclosure.withdrawn_at.is_(None),
        )
        .order_by("due", Disclosure.id)
        .limit(MOST)
    ).all()


def social_care_referrals() -> Sequence[Any]:
    """Referrals that the hub has to ring about: nobody at the front door has opened them in time."""
    rings = and_(
        Deadline.subject_kind == SocialCareReferral.__tablename__,
        Deadline.subject_id == SocialCareReferral.id,
        Deadline.kind == DeadlineKind.SOCIAL_CARE,
        is_owed(),
    )
    return db.session.execute(
        select(
            SocialCareReferral.id,
            SocialCareReferral.authority,
            SocialCareReferral.made_at,
            Referral.reference.label("referral_reference"),
            Deadline.due_at.label("due"),
        )
        .join(Referral, Referral.id == SocialCareReferral.referral_id)
        .join(Deadline, rings)
        .where(SocialCareReferral.confirmed_at.is_(None), SocialCareReferral.withdrawn_at.is_(None))
        .order_by(Deadline.due_at, SocialCareReferral.id)
        .limit(MOST)
    ).all()


def due_on(subject: Any, table: str, kind: DeadlineKind) -> Any:
    return (
        select(func.min(Deadline.due_at))
        .where(Deadline.subject_kind == table, Deadline.subject_id == subject, Deadline.kind == kind)
        .scalar_subquery()
    )


def front_door_told(*, message_id: UUID) -> Rows:
    """What front doors decided on the form of a message, and on which case, the latest first: for whoever was
    told of it as leading a case of the child, and reads that case. Nothing for anybody else.
    """
    statement = text(
        "select authority, outcome, words, decided_at, case_reference from ctx.front_door_told(:message)"
    )
    return db.session.execute(statement, {"message": message_id}).all()
