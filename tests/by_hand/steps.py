"""What the tests of tellings by hand share: a form of somebody who rang, and what is to be told of it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.by_hand.model import ToldByHand
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.triage.feedback import send_message
from portal.records.triage.working import find_referral
from portal.vocabulary import ReferralState
from tests.cases.conftest import Acting, acting
from tests.cast import Cast
from tests.factories.referrals import make_sent_referral

__all__ = ["Acting", "acting"]

CALLER = "Meriel Oxtwistle"


def entered(
    rows: Session,
    cast: Cast,
    *,
    name: str = CALLER,
    author: User | None = None,
    state: ReferralState = ReferralState.IN_TRIAGE,
    **facts: Any,
) -> Referral:
    """A form that a coordinator entered for somebody who rang."""
    facts |= {"sender_name": name or None, "sender_contact": "01632 960333" if name else None}
    return make_sent_referral(rows, author or cast.coordinator, state=state, **facts)


def to_be_told(rows: Session, cast: Cast, acting: Acting) -> ToldByHand:
    """The coordinator wrote to the caller, and has to tell them."""
    form = entered(rows, cast)
    with acting(cast.coordinator) as actor:
        found = find_referral(actor=actor, reference=form.reference)
        send_message(actor=actor, referral=found, text="When was that?", asks_reply=False)
    rows.rollback()
    return rows.scalars(select(ToldByHand)).one()


def now(told: ToldByHand) -> ToldByHand:
    """The same as the session of whoever acts reads it."""
    return db.session.get_one(ToldByHand, told.id)
