"""What other nouns ask of tellings by hand: whom somebody has still to tell, and that nobody need."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select

from portal import clock
from portal.access.principal import Principal
from portal.changes.versions import count_change
from portal.deadlines.changes import cancel_deadlines, open_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import About, tell, to_people, to_teams
from portal.messages.vocabulary import Event, Ground
from portal.policy import current_policy
from portal.records.by_hand.model import ToldByHand
from portal.records.by_hand.vocabulary import MOOT_NOW
from portal.records.cases.model import Alert
from portal.records.meetings.model import Invitation, MeetingCase
from portal.records.minutes.vocabulary import DRAFT_SENT, FAMILY_VERSION, FOR_OUTSIDE

#: The alert (policy `cases.alerts`) while which nothing is handed to the family.
NO_FAMILY_CONTACT = "no_family_contact"
#: What somebody is told who may not know why.
ASK_FIRST = "Before you ring them or give them anything, ask the hub whether that is still right"
#: What people are told by hand of minutes: with it the minutes reach them.
_OF_MINUTES = frozenset({DRAFT_SENT.code, FAMILY_VERSION.code, FOR_OUTSIDE.code})


def owed_of_meeting(*, meeting_id: UUID, kind: str) -> list[ToldByHand]:
    """Who has still to be told of a meeting.

    Args:
        kind: of what about it: the table of an invitation, or of the meeting itself.
    """
    owed = select(ToldByHand).filter_by(
        meeting_id=meeting_id, subject_kind=kind, told_on=None, dropped_at=None
    )
    return list(db.session.scalars(owed.order_by(ToldByHand.id)))


def owed_of_form(*, referral_id: UUID, event: Event) -> list[ToldByHand]:
    """Of what event of a form its sender, who has no account, has still to be told."""
    owed = select(ToldByHand).filter_by(
        referral_id=referral_id, event=event.code, told_on=None, dropped_at=None
    )
    return list(db.session.scalars(owed.order_by(ToldByHand.id)))


def of_case(*, case_id: UUID, events: Collection[Event]) -> list[ToldByHand]:
    """Who has to be told by hand of some events of a case, or was; not those who need not be any more."""
    found = select(ToldByHand).where(
        ToldByHand.subject_id == case_id,
        ToldByHand.event.in_([one.code for one in events]),
        ToldByHand.dropped_at.is_(None),
    )
    return list(db.session.scalars(found.order_by(ToldByHand.id)))


def told_last(*, referral_id: UUID, events: Collection[Event]) -> str:
    """Of which of some events of a form its sender, who has no account, was told last; empty for none."""
    told = select(ToldByHand.event).where(
        ToldByHand.referral_id == referral_id,
        ToldByHand.event.in_([one.code for one in events]),
        ToldByHand.told_on.is_not(None),
    )
    newest = told.order_by(ToldByHand.created_at.desc(), ToldByHand.id.desc())
    return db.session.scalar(newest.limit(1)) or ""


def of_action(*, action_id: UUID, name: str) -> list[ToldByHand]:
    """What somebody without an account has to be told, or was, of an action, as far as the reader sees it."""
    found = select(ToldByHand).filter_by(subject_kind="action", subject_id=action_id, name=name)
    return list(db.session.scalars(found.order_by(ToldByHand.id)))


def close_moot(*, actor: Principal, told: ToldByHand, reason: str) -> None:
    """Nobody has to be told any more, because of a step that the actor may take. It ends the duty, neither
    met nor late, and whoever owed it hears.

    Args:
        reason: one of `rules.MOOT`.
    """
    count_change(told, dropped_by=actor.user_id, dropped_at=clock.now(), dropped_reason=reason)
    tell_that_it_is_moot(actor=actor, told=told)
    cancel_deadlines(subject=told, kind=DeadlineKind.BY_HAND, reason=reason)


def tell_that_it_is_moot(*, actor: Principal, told: ToldByHand) -> None:
    """Whoever still owes it to tell them hears that they need not, where somebody else made it so."""
    owed = open_deadlines(subject=told, kind=DeadlineKind.BY_HAND)
    given = {
        Ground.OWNER_BEFORE: to_people(*(one.owner_id for one in owed))
        | to_teams(*(one.owner_team_id for one in owed))
    }
    about = About(told.__tablename__, told.id, told.reference, told.case_id)
    tell(actor=actor, event=MOOT_NOW, about=about, given=given)


def against_telling(told: ToldByHand) -> str:
    """Why what somebody of the family is to be given of minutes may not reach them now; empty when nothing
    stands against it, as far as whoever asks may know.
    """
    meeting_id = told.meeting_id
    if meeting_id is None or told.event not in _OF_MINUTES:
        return ""
    of_family = told.event == FAMILY_VERSION.code or _is_family(meeting_id, told.name)
    return why_not_to_family(meeting_id=meeting_id, case_id=told.case_id) if of_family else ""


def why_not_to_family(*, meeting_id: UUID, case_id: UUID | None = None) -> str:
    """Why nothing of a meeting may reach the family now; empty when nothing stands against it.

    Args:
        case_id: what it is about, for somebody who reads that and does not know of the meeting as a whole.
    """
    on_case = select(Alert.id).filter_by(case_id=case_id, kind=NO_FAMILY_CONTACT, ended_at=None)
    stands = func.ctx.alert_stands(meeting_id, NO_FAMILY_CONTACT)
    if not db.session.scalar(select(or_(stands, on_case.exists()))):
        return ""
    label = current_policy().cases.alerts.label(NO_FAMILY_CONTACT)
    return (
        f"The alert “{label}” stands on a case of this meeting: nothing is handed to the child, a parent or "
        "a carer. Speak to the owner of the alert, who can end it when it no longer holds"
    )


def alert_set_on(told: ToldByHand) -> date | None:
    """Since which day it stands, as far as whoever asks reads it."""
    first = select(func.min(Alert.created_at)).join(MeetingCase, MeetingCase.case_id == Alert.case_id)
    standing = first.where(Alert.kind == NO_FAMILY_CONTACT, Alert.ended_at.is_(None))
    since = db.session.scalar(standing.where(MeetingCase.meeting_id == told.meeting_id))
    return clock.local(since).date() if since else None


def ask_first(told: ToldByHand) -> str:
    """What whoever is to give somebody of the family what came of minutes has to do before, where an alert
    stands against it on a case that they may not read, or no longer; empty when nothing does. It names
    neither the alert nor the case.
    """
    if told.event not in _OF_MINUTES:
        return ""
    behind = func.ctx.alert_behind_telling(told.id, NO_FAMILY_CONTACT, _family_roles())
    return ASK_FIRST if db.session.scalar(select(behind)) else ""


def _family_roles() -> list[str]:
    return [one.code for one in current_policy().meetings.roles if one.family]


def _is_family(meeting_id: UUID, name: str) -> bool:
    of_them = select(Invitation.id).filter_by(meeting_id=meeting_id, external_name=name)
    return db.session.scalar(of_them.where(Invitation.role.in_(_family_roles())).limit(1)) is not None
