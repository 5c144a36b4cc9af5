"""Teams outside the hub that hear of a form which they do not see, and wait for the hub's words of it."""

from uuid import UUID

from sqlalchemy import func, select

from portal.extensions import db
from portal.records.disclosures.model import Disclosure
from portal.records.people.desks import councils_in, teams_at
from portal.records.referrals.model import Referral
from portal.records.triage.model import TriageDecision
from portal.vocabulary import DecisionOutcome, Desk


def teams_waiting(referral: Referral) -> list[UUID]:
    """The teams that heard, when it was decided, that a form holds something for them, and were told nothing
    of it yet: the police intelligence desk, and the council whose panel it is for.
    """
    decided = select(TriageDecision.outcome, TriageDecision.details).where(
        TriageDecision.referral_id == referral.id, TriageDecision.reopened_at.is_(None)
    )
    heard: list[UUID] = []
    for row in db.session.execute(decided):
        if row.outcome == DecisionOutcome.INTELLIGENCE_ONLY:
            heard += teams_at(Desk.INTELLIGENCE)
        elif row.outcome == DecisionOutcome.DISTRICT_PANEL:
            heard += councils_in(row.details.get("district", ""))
    if not heard or not db.session.scalar(select(func.ctx.is_the_hubs(referral.id))):
        return []
    answered = db.session.scalars(
        select(Disclosure.receiver_team_id).where(
            Disclosure.referral_id == referral.id, Disclosure.withdrawn_at.is_(None)
        )
    ).all()
    return [one for one in dict.fromkeys(heard) if one not in answered]
