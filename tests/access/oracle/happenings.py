"""Meetings, messages and absences of a random world, and what happens to them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.documents.model import DocumentJob
from portal.messages.model import (
    Absence,
    AbsenceCover,
    AddressSuspension,
    CaseLooked,
    CaseNews,
    MessagePreference,
    OutboxMessage,
    OutboxSubject,
    Untold,
)
from portal.model import new_id
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.disclosures.model import Disclosure, TakenCopy
from portal.records.disclosures.vocabulary import DocumentState
from portal.records.looks.model import LookException, LookReason
from portal.records.meetings.model import (
    AgendaItem,
    Invitation,
    Meeting,
    MeetingCase,
    MeetingChange,
    MeetingHandout,
    MeetingPaper,
)
from portal.records.meetings.vocabulary import InvitationReply, MeetingState
from portal.records.minutes.model import MinutesIssue
from portal.records.missing.model import MissingEpisode, MissingMatch
from portal.records.panels.model import PanelItem
from portal.records.people.model import PersonSetting, SignInSession, User
from portal.records.plans.model import Action
from portal.records.referrals.model import Referral
from portal.records.requests.model import AccessRequest, InformationRequest
from tests.access.oracle.content import add_deadline
from tests.access.oracle.world import A_YEAR, World

_KINDS = (
    "cre_case",
    "information_request",
    "meeting",
    "invitation",
    "disclosure",
    "referral",
    "access_request",
)

#: Records of which a watcher over messages is told only when they see them.
_RECORDS: dict[str, Any] = {
    "information_request": InformationRequest,
    "meeting": Meeting,
    "invitation": Invitation,
    "disclosure": Disclosure,
    "referral": Referral,
    "action": Action,
    "minutes_issue": MinutesIssue,
    "panel_item": PanelItem,
    "missing_match": MissingMatch,
}


def meet(world: World) -> Meeting:
    """A meeting on a few cases or on a district, in any state, with the invited and everything else on it."""
    people = world.dice.sample([*world.users, *world.odd_ones], 3)
    while len({person.id for person in people}) < 3:
        people = world.dice.sample([*world.users, *world.odd_ones], 3)
    chair, notes, caller = people
    cases = world.dice.sample(world.cases, world.any((0, 0, 1, 1, 2, 2, 3)))
    meeting = Meeting(
        id=new_id(),
        reference=world.reference("MTG"),
        kind="first",
        district=None if cases else world.any(("amber_valley", "amber_valley", None)),
        state=world.any(
            (MeetingState.BOOKED, MeetingState.BOOKED, MeetingState.HELD, MeetingState.CANCELLED)
        ),
        starts_at=world.now,
        ends_at=world.now + A_YEAR,
        chair_id=chair.id,
        note_taker_id=notes.id,
        called_by=caller.id,
        called_agency_id=world.any((caller.agency_id, caller.agency_id, world.any(world.agencies).id)),
        reach_until=world.end(),
        policy_version="test",
    )
    world.add(meeting)
    world.add(*(MeetingCase(meeting_id=meeting.id, case_id=c.id, child_id=c.child_id) for c in cases))
    for person in (chair, notes):
        if world.chance(0.8):
            invite(world, meeting, person, by_name=True)
    for _ in range(world.dice.randint(2, 6)):
        invite(world, meeting, world.any(world.users), by_name=world.chance(0.4))
    outside = invite(world, meeting, None)
    case_ids: tuple[UUID | None, ...] = (None, *(case.id for case in cases))
    for position, case_id in enumerate(case_ids):
        world.add(
            AgendaItem(id=new_id(), meeting_id=meeting.id, case_id=case_id, position=position, heading="H"),
            MeetingPaper(id=new_id(), meeting_id=meeting.id, case_id=case_id, kind="report"),
            MeetingHandout(
                id=new_id(),
                meeting_id=meeting.id,
                case_id=case_id,
                invitation_id=outside.id,
                what="W",
                way="by_hand",
                handed_at=world.past(),
                handed_by=chair.id,
            ),
        )
    world.add(
        MeetingChange(
            id=new_id(),
            meeting_id=meeting.id,
            kind="moved",
            before={},
            after={},
            reason="R",
            changed_by=chair.id,
            changed_at=world.past(),
        ),
    )
    add_deadline(world, "meeting", meeting.id, {"meeting_id": meeting.id})
    return meeting


def invite(world: World, meeting: Meeting, person: User | None, *, by_name: bool = False) -> Invitation:
    """Somebody, or their team, or (nobody) somebody without an account; perhaps somebody else comes."""
    team = world.team_of(person) if person else None
    asked: dict[str, Any] = {"external_name": "Quilla Outwood"}
    if person:
        deputy = world.any([u for u in world.users if u.agency_id == person.agency_id] + world.odd_ones)
        asked = {
            "agency_id": world.any((person.agency_id, person.agency_id, world.any(world.agencies).id)),
            "team_id": team.id if team else None,
            "user_id": person.id if by_name or team is None else None,
            "comes_id": deputy.id if world.chance(0.4) else None,
        }
    found = Invitation(
        id=new_id(),
        reference=world.reference("INV"),
        meeting_id=meeting.id,
        role="other",
        invited_by=meeting.chair_id,
        invited_at=world.past(),
        reply=InvitationReply.WAITING,
        withdrawn_at=world.past() if world.chance(0.15) else None,
        **asked,
    )
    world.add(found)
    return found


def tell(world: World, about: str = "") -> None:
    """A message to a person or a team, about a record (of a kind) that they may or may not reach."""
    person = world.any([*world.users, *world.odd_ones])
    team = world.any(world.teams)
    to_team = world.chance(0.3)
    case = world.any((None, world.any(world.cases)))
    kind = about or world.any(_KINDS)
    _write(
        world,
        kind,
        case,
        _record(world, kind),
        recipient_id=None if to_team else person.id,
        recipient_team_id=team.id if to_team else None,
        agency_id=team.agency_id if to_team else world.any((person.agency_id, world.any(world.agencies).id)),
        caused_by=world.any((None, world.any(world.users).id)),
        created_at=world.past(),
        state=world.any(("owed", "queued", "accepted", "dead", "shown")),
    )


def tell_teams(world: World) -> None:
    """Every team, at its duty address, about a form that is no more."""
    for team in world.teams:
        to = {"recipient_team_id": team.id, "agency_id": team.agency_id}
        _write(world, "referral", None, new_id(), **to, created_at=world.now, state="accepted")


def tell_unseen(world: World) -> None:
    """Everybody has told somebody of their agency, on a ground that they may not know of, of an episode."""
    episodes = list(world.rows.scalars(select(MissingEpisode.id).order_by(MissingEpisode.id)))
    for place, user in enumerate(world.users):
        to = world.users[place - 1]
        columns = {"recipient_id": to.id, "agency_id": user.agency_id, "caused_by": user.id, "state": "owed"}
        record = episodes[place % len(episodes)]
        key = f"unseen.missing_reported:missing_episode:{record}::{to.id}"
        _write(world, "missing_episode", None, record, **columns, created_at=world.now, key=key)


def _write(world: World, kind: str, case: Case | None, record: UUID, **columns: Any) -> None:
    message = OutboxMessage(
        id=new_id(),
        kind="shared_with_you",
        channel="mail",
        not_before=world.now,
        next_try_at=world.now,
        **{"key": str(new_id())} | columns,
    )
    world.add(message)
    world.add(
        OutboxSubject(
            message_id=message.id,
            subject_kind=kind,
            subject_id=record,
            case_id=case.id if case else None,
        )
    )


def _record(world: World, kind: str) -> UUID:
    """One that is there, or none."""
    model = _RECORDS.get(kind)
    found: list[UUID] = list(world.rows.scalars(select(model.id).order_by(model.id))) if model else []
    return world.any([new_id(), *found, *found])


def keep_about_work(world: World) -> None:
    """What people chose, who is away and who covers, addresses that came back, access that was asked for."""
    for user in world.users:
        world.add(MessagePreference(user_id=user.id, kind="digest", by_mail=False))
        world.add(LookReason(id=new_id(), user_id=user.id, kind="case", reason="R", said_at=world.now))
        named = {"named_by": user.id, "named_at": world.now, "until": world.soon}
        world.add(LookException(id=new_id(), user_id=user.id, reason="R", **named))
        world.add(PersonSetting(user_id=user.id, shortcuts=False))
        absence = Absence(
            id=new_id(),
            user_id=user.id,
            first_day=world.now.date(),
            last_day=world.now.date(),
            entered_by=user.id,
            entered_at=world.past(),
        )
        case = world.any(world.cases)
        world.add(
            absence,
            AddressSuspension(
                id=new_id(),
                user_id=world.any((None, user.id)),
                agency_id=world.any((user.agency_id, world.any(world.agencies).id)),
                address="a@agency.example",
                reason="5.1.1",
                suspended_at=world.past(),
            ),
            AccessRequest(
                id=new_id(),
                case_id=case.id,
                asked_by=user.id,
                asked_agency_id=world.any((user.agency_id, world.any(world.agencies).id)),
                reason="R",
                asked_at=world.past(),
            ),
        )
        cover = world.any(world.users)
        world.add(AbsenceCover(absence_id=absence.id, case_id=world.any(world.cases).id, deputy_id=cover.id))


def say_what_changed(world: World) -> None:
    """What changed on cases, their entries among it; who looked; and who could not be told."""
    entries = world.rows.query(ChronologyEntry).order_by(ChronologyEntry.id).all()
    for user in world.users:
        case, entry = world.any(world.cases), world.any(entries)
        for on, kind, subject in (
            (case.id, "cre_case", case.id),
            (entry.case_id, "chronology_entry", entry.id),
        ):
            by = world.any(world.users)
            world.add(
                CaseNews(
                    id=new_id(),
                    case_id=on,
                    event="alert_changed",
                    subject_kind=kind,
                    subject_id=subject,
                    by_id=by.id,
                    by_agency_id=by.agency_id,
                    at=world.past(),
                )
            )
        hangs_on = world.any((None, *world.cases))
        world.add(
            CaseLooked(user_id=user.id, case_id=world.any(world.cases).id, at=world.past()),
            Untold(
                id=new_id(),
                event="alert_changed",
                ground="worker",
                reason="nobody",
                subject_kind="cre_case",
                subject_id=hangs_on.id if hangs_on else new_id(),
                case_id=hangs_on.id if hangs_on else None,
                urgent=False,
                caused_by=world.any((None, user.id)),
                created_at=world.past(),
                seen_to_words="",
            ),
        )


def take_copies(world: World) -> None:
    """What people took out of the portal, also before they moved, and of no case."""
    for user in world.users:
        case = world.any((None, *world.cases, *world.cases))
        world.add(
            TakenCopy(
                id=new_id(),
                reference=world.reference("CPY"),
                kind="chronology",
                subject_id=case.id if case else new_id(),
                subject_reference="R",
                case_id=case.id if case else None,
                taken_by=user.id,
                taken_agency_id=world.any((user.agency_id, world.any(world.agencies).id)),
                taken_at=world.past(),
                digest="0",
                size=1,
            )
        )


def ask_for_documents(world: World) -> None:
    """A long document asked for in every sign-in, also in those that are over."""
    for session in world.rows.scalars(select(SignInSession)):
        world.add(
            DocumentJob(
                id=new_id(),
                session_id=session.id,
                asked_by=session.user_id,
                asked_at=world.now,
                expires_at=world.now + A_YEAR,
                title="Chronology R",
                address="/",
                digest="0",
                copy_reference="R",
                payload="{}",
                state=DocumentState.WAITING,
            )
        )


def meet_anew(world: World) -> None:
    """One more meeting is called."""
    meet(world)


def happen_to_meetings(world: World) -> None:
    """One meeting is cancelled, ends its reach, takes a case on or lets it go; or an invitation changes."""
    meeting = world.any(world.rows.query(Meeting).order_by(Meeting.id).all())
    what = world.dice.randrange(6)
    if what == 0 and meeting.state == MeetingState.BOOKED:
        meeting.state = world.any((MeetingState.CANCELLED, MeetingState.HELD))
    elif what == 1:
        meeting.reach_until = world.any((world.soon, world.now, None))
    elif what == 2:
        invite(world, meeting, world.any(world.users), by_name=world.chance(0.5))
    elif what == 3 and (found := _invitations(world, meeting)):
        invitation = world.any(found)
        invitation.withdrawn_at = None if invitation.withdrawn_at else world.now
    elif what == 4 and (found := [i for i in _invitations(world, meeting) if i.agency_id]):
        world.any(found).comes_id = world.any((None, world.any(world.users).id))
    elif what == 5:
        _put_on_or_off(world, meeting)


def _invitations(world: World, meeting: Meeting) -> list[Invitation]:
    return world.rows.query(Invitation).filter_by(meeting_id=meeting.id).order_by(Invitation.id).all()


def _put_on_or_off(world: World, meeting: Meeting) -> None:
    case = world.any(world.cases)
    there = world.rows.query(MeetingCase).filter_by(meeting_id=meeting.id, case_id=case.id)
    if not there.delete():
        world.add(MeetingCase(meeting_id=meeting.id, case_id=case.id, child_id=case.child_id))
