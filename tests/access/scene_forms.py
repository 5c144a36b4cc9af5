"""The forms of a scene, and what people were told about it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import Absence, Untold
from portal.messages.vocabulary import MessageState
from portal.model import new_id
from portal.records.people.model import User
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.vocabulary import ReferralState
from tests.cast import Cast
from tests.factories.attachments import make_file
from tests.factories.people import make_user
from tests.factories.referrals import make_draft, make_sent_referral
from tests.factories.telling import suspend, was_told

if TYPE_CHECKING:
    from tests.access.scene import Side


def add_messages(rows: Session, side: Side, author: User) -> None:
    """What somebody was told, about a record that they no longer see; and the days on which they are away."""
    absence = Absence(
        id=new_id(),
        user_id=author.id,
        first_day=clock.today(),
        last_day=clock.today() + timedelta(days=5),
        entered_by=author.id,
        entered_at=clock.now(),
    )
    untold = Untold(
        id=new_id(),
        event="form_sent",
        ground="hub",
        reason="nobody",
        subject_kind="app_user",
        subject_id=author.id,
        urgent=False,
        caused_by=author.id,
        created_at=clock.now(),
        seen_to_words="",
    )
    rows.add_all([absence, untold])
    side.names |= {
        "untold": str(untold.id),
        "message": str(was_told(rows, author).id),
        "dead message": str(was_told(rows, author, state=MessageState.DEAD).id),
        "suspended address": str(suspend(rows, author).id),
        "absence": str(absence.id),
    }


def add_forms(rows: Session, cast: Cast, side: Side, author: User, decider: User) -> Side:
    """What was sent, what was made of it, and what was not sent yet."""
    sent = make_sent_referral(rows, author, state=ReferralState.IN_TRIAGE)
    decision = TriageDecision(
        id=new_id(),
        referral_id=sent.id,
        outcome="social_care_referral",
        reason="x",
        details={},
        decided_by=decider.id,
        decided_at=clock.now(),
    )
    rows.add(decision)
    rows.flush()
    front_door = SocialCareReferral(
        id=new_id(),
        referral_id=sent.id,
        decision_id=decision.id,
        authority="derbyshire",
        made_at=clock.now(),
        made_by=decider.id,
    )
    rows.add(front_door)
    team = cast.police_team if author is cast.officer else cast.school_team
    agency = cast.police if author is cast.officer else cast.school
    left = make_user(rows, agency, f"Len Left {agency.code}", teams=(team,), active=False)
    draft = make_draft(rows, author)
    side.names |= {
        "referral": sent.reference,
        "social care referral": str(front_door.id),
        "draft": draft.reference,
        "draft file": make_file(rows, draft, author).reference,
        "left draft": make_draft(rows, left).reference,
    }
    return side
