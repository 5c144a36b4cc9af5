"""What others ask of a disclosure."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, true

from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.telling import About, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.queries.rows import Rows
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import RED_TOLD, TOLD, SharingDecision
from portal.records.intelligence.grading import live_report
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.triage.model import IntelligenceReport
from portal.vocabulary import TriageColour


def about_disclosure(disclosure: Disclosure) -> About:
    """What a message about something told is about."""
    return About("disclosure", disclosure.id, disclosure.reference, disclosure.case_id)


def tell_receiver(*, actor: Principal, disclosure: Disclosure) -> None:
    """Tell the person or team that a line on the ledger names that there is something to confirm."""
    to = to_people(disclosure.receiver_id) or to_teams(disclosure.receiver_team_id)
    event = RED_TOLD if disclosure.colour == TriageColour.RED else TOLD
    tell(actor=actor, event=event, about=about_disclosure(disclosure), given={Ground.RECIPIENT: to})


def told_of_form(*, referral_id: UUID) -> Rows:
    """What the reader was told of a form that they do not see: `reference` and `decided_at`, newest first."""
    return db.session.execute(
        select(Disclosure.reference, Disclosure.decided_at)
        .where(Disclosure.referral_id == referral_id, Disclosure.decision != SharingDecision.REFUSE)
        .order_by(Disclosure.decided_at.desc(), Disclosure.id.desc())
    ).all()


def withdrawn_behind(*, message_id: UUID) -> dict[str, Any] | None:
    """Of a telling that a message was about and that was withdrawn its reference, that of the form behind it,
    when, and what a front door had decided of it (`decided`): for whoever was told. None where it stands, and
    for everybody else.
    """
    statement = text("select * from ctx.withdrawn_behind(:message)")
    found = db.session.execute(statement, {"message": message_id}).one_or_none()
    if found is None:
        return None
    outcomes = current_policy().decisions.social_care_outcomes
    return {**found._mapping, "decided": outcomes.label(found.outcome) if found.outcome else ""}


def graded_of(referral: Referral, about: Iterable[ReferralSubject]) -> list[IntelligenceReport]:
    """The gradings that hold for what is told: of each subject, then of the form as a whole."""
    targets: list[ReferralSubject | None] = [*about, None]
    found = (live_report(referral=referral, subject=target) for target in targets)
    return [report for report in found if report]


def front_door_has(*, referral_id: UUID, but: UUID | None = None) -> bool:
    """Whether a team of the front door has a referral to it still, by a line of the ledger that stands.

    Args:
        referral_id: of the referral to social care.
        but: a line that is about to be withdrawn.
    """
    told = select(Disclosure.id).filter_by(social_care_referral_id=referral_id, withdrawn_at=None)
    return db.session.scalar(told.where(Disclosure.id != but if but else true()).limit(1)) is not None
