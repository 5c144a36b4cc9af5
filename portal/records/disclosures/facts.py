"""What others ask of a disclosure."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Text, cast, func, or_, select, text, true

from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.telling import About, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.queries.rows import Rows
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import RED_TOLD, TOLD, SharingDecision
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import ChildDetails, read_details
from portal.records.referrals.sending import recognised
from portal.records.referrals.third_party_check import NamesOthers, check_names_no_others
from portal.vocabulary import StatementKind, TriageColour


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


def to_find(subject: ReferralSubject, referral: Referral) -> str:
    """What a form says by which social care finds a child, where that may be disclosed; else nothing."""
    details, child = read_details(subject.kind, subject.details), recognised(subject=subject)
    if not isinstance(details, ChildDetails) or child is None:
        return ""
    said = {
        StatementKind.ADDRESS: ", ".join(filter(None, (details.address, details.postcode))),
        StatementKind.SCHOOL: details.school,
        StatementKind.PHONE: details.phone,
    }
    gender = current_policy().people.genders.label(details.gender) if details.gender else ""
    lines = [f"Gender: {gender}"] if gender else []
    for kind, words in said.items():
        if words and _may_be_said(child, kind, words, referral, subject):
            lines.append(f"{kind.label}: {words}")
        elif words:
            lines.append(f"{kind.label}: on the form, and not passed on here. Ask the hub")
    return "\n".join(("As the form says, to find the child by:", *lines)) if lines else ""


def _may_be_said(
    child: Child, kind: StatementKind, words: str, referral: Referral, subject: ReferralSubject
) -> bool:
    """Nothing on the child says that it is not disclosed, and it names no other child of the form."""
    held = select(func.ctx.looks_held(cast([child.reference], ARRAY(Text)), words)).exists()
    if db.session.scalar(select(or_(func.ctx.must_hold_back(child.id, kind, type_=Boolean), held))):
        return False
    try:
        check_names_no_others(text=words, referral=referral, covered=[subject], field="text")
    except NamesOthers:
        return False
    return True


def front_door_has(*, referral_id: UUID, but: UUID | None = None) -> bool:
    """Whether a team of the front door has a referral to it still, by a line of the ledger that stands.

    Args:
        referral_id: of the referral to social care.
        but: a line that is about to be withdrawn.
    """
    told = select(Disclosure.id).filter_by(social_care_referral_id=referral_id, withdrawn_at=None)
    return db.session.scalar(told.where(Disclosure.id != but if but else true()).limit(1)) is not None
