"""Who is told of a meeting: whom an invitation is for, and those who lead its cases."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.telling import (
    NOBODY,
    About,
    Outsider,
    Whom,
    by_ground,
    heard_of,
    outside,
    tell,
    to_people,
    to_teams,
)
from portal.messages.vocabulary import Event, Ground
from portal.pathway.states import COMING_MEETING_STATES
from portal.records.cases.facts import workers_on
from portal.records.cases.model import Case
from portal.records.meetings import chairing
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.records.meetings.rules import Gap, Invited, gaps
from portal.records.meetings.vocabulary import (
    CANCELLED,
    CHANGED,
    FOR_CALENDAR,
    GAP_OVER,
    INVITED,
    SECTOR_LOST,
    SECTOR_NOT_INVITED,
    UNINVITED,
    InvitationReply,
)
from portal.vocabulary import Sector, Sensitivity

REQUEST, CANCEL = "REQUEST", "CANCEL"
#: What a page calls whoever is told that they are invited no longer, or that it does not take place.
WAS_INVITED = "was invited"


def in_time(meeting: Meeting) -> dict[str, Any]:
    """When what is told of a meeting has to be there, for `tell`: before it begins; and while it runs, at
    once, so that whoever is to come hears of it before it is over.
    """
    begun = meeting.starts_at <= clock.now() < meeting.ends_at
    if begun and meeting.state in COMING_MEETING_STATES:
        return {"before": meeting.ends_at, "at_once": True}
    return {"before": meeting.starts_at}


def tell_invited(
    *,
    actor: Principal,
    meeting: Meeting,
    invitation: Invitation,
    event: Event,
    method: str = REQUEST,
    once: str = "",
    was_to_start: datetime | None = None,
) -> None:
    """Tell whoever an invitation is for, with an entry for their calendar: of a team its duty address, and
    by name who works on a case of the meeting there. Somebody without an account is for the actor to tell.

    Args:
        was_to_start: of a meeting that was moved: whoever does not hear of it before that comes in vain.
    """
    when = in_time(meeting)
    if ahead := [one for one in (was_to_start, when["before"]) if one and one > clock.now()]:
        when["before"] = min(ahead)
    team_id = None if invitation.user_id else invitation.team_id
    given = {
        Ground.INVITED: to_people(invitation.user_id, invitation.comes_id) | to_teams(team_id),
        Ground.WORKER: _working_on_it(meeting, team_id) if team_id else NOBODY,
        Ground.OUTSIDE: outside(
            Outsider(
                invitation.external_name or "", meeting_id=meeting.id, newest=True, before=when["before"]
            )
        ),
    }
    about = about_invitation(meeting, invitation, method)
    by_name = _by_name(meeting) if team_id else ()
    called = {Ground.INVITED: WAS_INVITED} if event in {UNINVITED, CANCELLED} else {}
    tell(
        actor=actor,
        event=event,
        about=about,
        given=given,
        once=once,
        called=called,
        but=by_name,
        **when,
    )


def tell_who_comes(
    *, actor: Principal, meeting: Meeting, invitation: Invitation, person_id: UUID, once: str
) -> None:
    """Tell whoever comes for a team or as a deputy, with an entry for their calendar. Whoever has just said
    themselves that they come is invited by nobody: they get the entry alone, in time for the meeting, unless
    they had it with the invitation.
    """
    about, given = about_invitation(meeting, invitation, REQUEST), alone(person_id)
    if person_id != actor.user_id:
        tell(actor=actor, event=INVITED, about=about, given=given, once=once, **in_time(meeting))
    elif (
        meeting.starts_at > clock.now()
        and person_id not in heard_of(INVITED, CHANGED, FOR_CALENDAR, about=about).people
    ):
        before = meeting.starts_at
        tell(actor=actor, event=FOR_CALENDAR, about=about, given=given, once=once, before=before)


def alone(person_id: UUID) -> dict[Ground, Whom]:
    """Somebody whom an invitation is for now, and nobody else of their team."""
    return {Ground.INVITED: to_people(person_id), Ground.WORKER: NOBODY}


def _working_on_it(meeting: Meeting, team_id: UUID) -> Whom:
    """Who of a team works on a case of a meeting, and has no invitation of their own."""
    invited = _by_name(meeting)
    working = workers_on([case.id for case in chairing.cases_of(meeting)], team_id)
    return to_people(*working.people - invited)


def _by_name(meeting: Meeting) -> set[UUID]:
    """Who has an invitation of their own, and so is not told with a team."""
    return {one.user_id for one in chairing.live_invitations(meeting.id) if one.user_id}


def about_invitation(meeting: Meeting, invitation: Invitation, method: str) -> About:
    """What a message about an invitation points at, with the calendar's method; and the one case of its
    meeting, so that whoever covers that case for somebody gets what they were sent.
    """
    return About(
        kind="invitation",
        id=invitation.id,
        reference=meeting.reference,
        case_id=only_case(meeting),
        sequence=meeting.sequence,
        method=method,
    )


def only_case(meeting: Meeting) -> UUID | None:
    """The one case of a meeting; None where it is on several, or on a district."""
    on = db.session.scalars(select(MeetingCase.case_id).filter_by(meeting_id=meeting.id)).all()
    return on[0] if len(on) == 1 else None


def _gaps(meeting: Meeting) -> dict[Sector, Gap]:
    """The sectors that a meeting needs and of which nobody is expected: also for whoever is invited, who sees
    no other invitation.
    """
    found = db.session.execute(
        text("select sector, reply from ctx.sectors_invited(:meeting)"), {"meeting": meeting.id}
    )
    invited = [Invited(Sector(row.sector), InvitationReply(row.reply)) for row in found]
    return gaps([Sector(one) for one in meeting.required_sectors], invited)


def leads_of(meeting: Meeting, case: Case | None = None) -> Whom:
    """Who leads the cases of a meeting, or hears for them, for whoever runs it or is invited.

    Args:
        case: the only one of which it is asked.
    """
    asked = text("select 'lead_professional' as ground, l.* from ctx.leads_of_meeting(:meeting) l")
    rows = db.session.execute(asked, {"meeting": meeting.id}).all()
    found = by_ground(row for row in rows if case is None or row.case_id == case.id)
    return found.get(Ground.LEAD_PROFESSIONAL, NOBODY)


def about_meeting(meeting: Meeting, case: Case | None = None) -> About:
    """What a message about a meeting as a whole points at, or about what it is for one of its cases."""
    return About("meeting", meeting.id, meeting.reference, case.id if case else None)


def tell_leads(
    *, actor: Principal, meeting: Meeting, event: Event, but: Iterable[UUID | None] | None = None
) -> None:
    """Tell whoever leads a case of a meeting what becomes of it; on each case that is news.

    Args:
        but: who knows of it otherwise; by default those who are invited by name or come.
    """
    invited = chairing.live_invitations(meeting.id)
    know = {who for one in invited for who in (one.user_id, one.comes_id)} if but is None else set(but)
    for case in chairing.cases_of(meeting):
        given = {Ground.LEAD_PROFESSIONAL: leads_of(meeting, case) - to_people(*know)}
        about = about_meeting(meeting, case)
        tell(actor=actor, event=event, about=about, given=given, once=event.code, before=meeting.starts_at)


def tell_on_cases(*, actor: Principal, meeting: Meeting, event: Event, case_id: UUID | None = None) -> None:
    """What happened to a meeting is news on its cases, to whoever reads them.

    Args:
        case_id: the only one that it is about.
    """
    on = db.session.scalars(select(MeetingCase.case_id).filter_by(meeting_id=meeting.id)).all()
    for one in [case_id] if case_id else on:
        tell(actor=actor, event=event, about=About("meeting", meeting.id, meeting.reference, one), given={})


def tell_of_lost_sector(*, actor: Principal, meeting: Meeting, once: str) -> None:
    """Somebody does not come. Where nobody of their sector is expected any more and the meeting needs it, the
    chair hears of it and those who lead its cases.

    Args:
        once: of that reply.
    """
    if actor.sector not in _gaps(meeting):
        return
    given = {Ground.CHAIR: to_people(meeting.chair_id), Ground.LEAD_PROFESSIONAL: leads_of(meeting)}
    about = about_meeting(meeting)
    tell(actor=actor, event=SECTOR_LOST, about=about, given=given, once=once, **in_time(meeting))


def tell_of_gaps(*, actor: Principal, meeting: Meeting, cases: Iterable[Case]) -> None:
    """The hub hears of a sector that a meeting needs and of which nobody is invited; not of what is closely
    held.
    """
    if _gaps(meeting) and not any(case.sensitivity for case in cases):
        about = about_meeting(meeting)
        tell(actor=actor, event=SECTOR_NOT_INVITED, about=about, before=meeting.starts_at)


def tell_that_gaps_are_over(*, actor: Principal, meeting: Meeting, cases: Iterable[Case]) -> None:
    """A meeting is about not to take place: the hub need find nobody, where it was told of a gap that is
    there yet; who is invited knows. It hears so of a restricted case too, and of a sealed one no more.
    """
    looks = db.session.scalar(select(func.ctx.hub_looks_for_sector(meeting.id)))
    if looks and _gaps(meeting) and not any(case.sensitivity == Sensitivity.SEALED for case in cases):
        about, invited = about_meeting(meeting), _by_name(meeting)
        tell(actor=actor, event=GAP_OVER, about=about, before=meeting.starts_at, but=invited)
