"""Referrals to children's social care: open, and red, until the front door has them for certain."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.changes.versions import insert_now, lock_row
from portal.deadlines.changes import Owner, cancel_deadlines, finish_deadlines, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.events import Event
from portal.messages.telling import NOBODY, About, tell, to_teams
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.records.people.desks import teams_at
from portal.records.referrals.model import Referral
from portal.records.triage.events import SOCIAL_CARE_REFERRED, SOCIAL_CARE_WITHDRAWN
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.records.triage.working import record
from portal.vocabulary import Desk


def refer(
    *, actor: Principal, referral: Referral, decision: TriageDecision, authority: str
) -> SocialCareReferral:
    """Refer a child to the front door of an authority. It is owed a confirmation from now on.

    Args:
        authority: code of policy `areas.authorities`.

    Raises:
        DomainError: there is no such authority.
    """
    policy = current_policy(authority)
    if policy.areas.authorities.get(authority) is None:
        raise DomainError("Choose the authority whose social care it goes to", field="authority")
    made = SocialCareReferral(
        referral_id=referral.id,
        decision_id=decision.id,
        authority=authority,
        made_at=clock.now(),
        made_by=actor.user_id,
    )
    insert_now(made)
    open_deadline(
        kind=DeadlineKind.SOCIAL_CARE,
        subject=made,
        owner=Owner(user_id=actor.user_id, agency_id=actor.agency_id),
        policy=policy,
    )
    _tell_front_door(actor, referral, made, SOCIAL_CARE_REFERRED)
    return made


def _tell_front_door(actor: Principal, referral: Referral, made: SocialCareReferral, event: Event) -> None:
    """Tell the front door of the authority: that a referral waits, and never whom it is about.

    They read neither form nor referral: the message is about their own team, and leads to what it was told.
    """
    teams = teams_at(Desk.FRONT_DOOR, authority=made.authority)
    nobody = About("social_care_referral", made.id, referral.reference)
    for about in [About("team", team_id, referral.reference) for team_id in teams] or [nobody]:
        given = {Ground.SOCIAL_CARE: NOBODY if about is nobody else to_teams(about.id)}
        tell(actor=actor, event=event, about=about, given=given, once=str(made.id))


def find_social_care_referral(*, actor: Principal, made_id: UUID) -> SocialCareReferral:
    """A referral to a front door, as a coordinator sees it.

    Raises:
        NotFound: there is none, or colleagues see to it.
    """
    require(actor, "referral:triage")
    found = db.session.scalar(
        select(SocialCareReferral)
        .where(
            SocialCareReferral.id == made_id,
            SocialCareReferral.withdrawn_at.is_(None),
            func.ctx.triages(SocialCareReferral.referral_id),
        )
        .with_for_update()
    )
    if found is None:
        raise NotFound("There is no such referral")
    return found


def unconfirmed_authorities(*, referral: Referral) -> set[str]:
    """The authorities whose front door has not confirmed a referral from a form."""
    open_ = select(SocialCareReferral.authority).where(
        SocialCareReferral.referral_id == referral.id,
        SocialCareReferral.confirmed_at.is_(None),
        SocialCareReferral.withdrawn_at.is_(None),
    )
    return set(db.session.scalars(open_))


def confirm(
    *,
    actor: Principal,
    referral: Referral,
    made: SocialCareReferral,
    front_door_reference: str = "",
    call_with: str = "",
    call_at: datetime | None = None,
) -> None:
    """Record that the front door has it: its own reference, or the call in which somebody said so.

    Raises:
        DomainError: neither is given, the call is in the future, or a colleague recorded something else.
    """
    require(actor, "referral:triage")
    number, name = front_door_reference.strip(), call_with.strip()
    lock_row(made)
    if made.confirmed_at is not None:
        if (made.front_door_reference or "", made.call_with or "") == (number, name):
            return
        raise DomainError("A colleague has recorded meanwhile that social care has it")
    if not number and not name:
        raise DomainError("Enter the front door’s reference, or who took the call", field="reference")
    if name and call_at is None:
        raise DomainError("Enter when you rang", field="call_on")
    now = clock.now()
    if call_at and call_at > now:
        raise DomainError("The call must be in the past", field="call_on")
    made.front_door_reference = number or None
    made.call_with = name or None
    made.call_at = call_at if name else None
    made.confirmed_at = now
    made.confirmed_by = actor.user_id
    finish_deadlines(subject=made, kind=DeadlineKind.SOCIAL_CARE)
    record("social_care:confirm", referral, referred=str(made.id))


def withdraw(*, actor: Principal, referral: Referral, decision: TriageDecision, reason: str) -> None:
    """The decision behind it was wrong: what the front door has not confirmed is no longer owed."""
    require(actor, "referral:triage")
    for made in db.session.scalars(
        select(SocialCareReferral).where(
            SocialCareReferral.decision_id == decision.id,
            SocialCareReferral.confirmed_at.is_(None),
            SocialCareReferral.withdrawn_at.is_(None),
        )
    ):
        made.withdrawn_at = clock.now()
        cancel_deadlines(subject=made, kind=DeadlineKind.SOCIAL_CARE, reason=reason)
        _tell_front_door(actor, referral, made, SOCIAL_CARE_WITHDRAWN)
