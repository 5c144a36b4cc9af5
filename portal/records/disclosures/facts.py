"""What others ask of a disclosure."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.telling import About, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.queries.rows import Rows
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import RED_TOLD, TOLD, SharingDecision
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
