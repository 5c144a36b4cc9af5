"""The papers of a panel, shared by a line on the ledger; and the next panel of the district."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import lock_row
from portal.extensions import db
from portal.messages.telling import About, tell, to_people, to_teams
from portal.messages.vocabulary import Event, Ground
from portal.policy import current_policy
from portal.records.disclosures.ledger import open_given, put_on_ledger
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.meetings.calling import Plan, call_meeting
from portal.records.meetings.chairing import RECORDED_STATES, live_invitations, require_reading
from portal.records.meetings.invitations import CHAIR, NOTE_TAKER, Invitee
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.copies import invitations_with_accounts
from portal.records.panels.model import PanelItem, PanelPapers, PanelShare, PanelSummary
from portal.records.panels.policy import Panels
from portal.records.panels.records import panel_facts, record, require_not_over, require_panel
from portal.records.panels.rules import papers_from
from portal.records.panels.vocabulary import LEFT_OUT, PAPERS_OUT, PanelItemState
from portal.records.people.model import Agency, Team, User


def send_papers(*, actor: Principal, meeting: Meeting) -> int:
    """Send the papers of a panel out. From now on its members read each summary that a coordinator has read.

    Returns:
        how many summaries were shared.

    Raises:
        Forbidden: the actor is no coordinator.
        DomainError: it is too early (policy `panels.papers_before`), nothing is read, or the panel is over.
    """
    require_panel(meeting)
    require(actor, "panel:release")
    require_not_over(meeting)
    first = papers_from(meeting.starts_at, current_policy().of(Panels).papers_before)
    if clock.today() < first:
        raise DomainError(f"The papers of this panel go out from {first.day} {first:%B %Y}, not before")
    if not _released(meeting):
        raise DomainError("No summary is read yet, so there is nothing to send")
    sent = insert(PanelPapers).values(meeting_id=meeting.id, sent_by=actor.user_id, sent_at=clock.now())
    written = db.session.execute(sent.on_conflict_do_nothing())
    if not getattr(written, "rowcount", 0):
        return 0  # a form that was sent twice
    audit.record("panel:send_papers", meeting)
    shared = share(actor=actor, meeting=meeting)
    tell_invited(actor=actor, event=PAPERS_OUT, meeting=meeting, invited=invitations_with_accounts(meeting))
    return shared


def are_out(*, meeting: Meeting) -> bool:
    """Whether the papers of a panel went out."""
    return db.session.get(PanelPapers, meeting.id) is not None


def share(*, actor: Principal, meeting: Meeting) -> int:
    """Share each summary that is read with each who is invited, once, while the papers are out.

    Returns:
        how many items were shared with somebody now.
    """
    if not are_out(meeting=meeting) or MeetingState(meeting.state) not in RECORDED_STATES:
        return 0
    shared: set[UUID] = set()
    late: dict[UUID, Invitation] = {}
    items, invited = _released(meeting), invitations_with_accounts(meeting)
    have = {(row.item_id, row.invitation_id) for row in _shares(items)}
    known = {invitation_id for _, invitation_id in have}
    for item in items:
        for invitation in invited:
            if (item.id, invitation.id) in have:
                continue
            _write(actor, meeting, item, invitation)
            shared.add(item.id)
            if known and invitation.id not in known:
                late[invitation.id] = invitation
    tell_invited(actor=actor, event=PAPERS_OUT, meeting=meeting, invited=late.values())
    return len(shared)


def open_papers(*, actor: Principal, meeting: Meeting, papers: Sequence[Any]) -> None:
    """Note that the actor opens the papers that they or their team were given: an audit row for each child,
    and the first opening of each on its line of the ledger.

    Args:
        papers: rows of `portal.records.panels.reading.records.papers`.
    """
    for row in papers:
        audit.record("panel:read", subject_kind="panel_item", subject_id=row.item_id, of_case=row)
    if not papers:
        audit.record("panel:read", subject_kind="meeting", subject_id=meeting.id)
    if new := [row.item_id for row in papers if row.unopened]:
        open_given(actor=actor, copies=PanelShare, which=PanelShare.item_id.in_(new))


def _released(meeting: Meeting) -> list[PanelItem]:
    """The items of a panel of which a summary is read."""
    read = select(PanelSummary.item_id).where(PanelSummary.read_at.is_not(None))
    found = select(PanelItem).where(
        PanelItem.meeting_id == meeting.id,
        PanelItem.state.in_((PanelItemState.ON, PanelItemState.DISCUSSED)),
        PanelItem.id.in_(read),
    )
    return list(db.session.scalars(found.order_by(PanelItem.place)))


def _shares(items: Iterable[PanelItem]) -> list[PanelShare]:
    return list(
        db.session.scalars(select(PanelShare).where(PanelShare.item_id.in_([one.id for one in items])))
    )


def _write(actor: Principal, meeting: Meeting, item: PanelItem, invitation: Invitation) -> None:
    by_name = invitation.user_id or (None if invitation.team_id else invitation.comes_id)
    line = None if by_name == actor.user_id else _put_on_ledger(actor, meeting, item, invitation, by_name)
    db.session.add(
        PanelShare(
            item_id=item.id,
            invitation_id=invitation.id,
            disclosure_id=line,
            shared_by=actor.user_id,
            shared_at=clock.now(),
        )
    )
    db.session.flush()
    record("panel:share", item, invitation=str(invitation.id))


def _put_on_ledger(
    actor: Principal, meeting: Meeting, item: PanelItem, invitation: Invitation, by_name: UUID | None
) -> UUID:
    return put_on_ledger(
        actor=actor,
        case_id=item.case_id,
        agency_id=invitation.agency_id,
        team_id=None if by_name else invitation.team_id,
        person_id=by_name,
        decision=SharingDecision.PART,
        reason=f"A summary for the district panel {meeting.reference}, until its minutes are approved",
        words=f"The summary of item {item.reference} of panel {meeting.reference}. It is read at its own"
        " page.",
    )


def tell_invited(
    *, actor: Principal, event: Event, meeting: Meeting, invited: Iterable[Invitation], once: str = ""
) -> None:
    """Tell those who are invited to a panel: people by name, else their team."""
    for one in invited:
        people = to_people(one.user_id, one.comes_id)
        team = to_teams(None if one.user_id else one.team_id)
        about = About(kind="invitation", id=one.id, reference=meeting.reference)
        given, begins = {Ground.INVITED: people | team}, meeting.starts_at
        tell(actor=actor, event=event, about=about, given=given, once=once, before=begins)


def have_papers(*, meeting: Meeting) -> list[Invitation]:
    """Who is invited and was given a summary of this panel."""
    given = select(PanelShare.invitation_id).join(PanelItem, PanelItem.id == PanelShare.item_id)
    theirs = set(db.session.scalars(given.where(PanelItem.meeting_id == meeting.id)))
    return [one for one in invitations_with_accounts(meeting) if one.id in theirs]


def call_next(
    *, actor: Principal, meeting: Meeting, starts_at: datetime, ends_at: datetime, place: str, link: str
) -> Meeting:
    """Call the next panel after this one: the same chair and note-taker, and every team and person invited.

    Whoever can no longer be invited is left out; after one panel the next is called once. Calling it twice
    for the same time and place calls one.

    Raises:
        Forbidden: the actor does not run the panel.
        DomainError: as `call_meeting`; also where the next is called already for another time or place.
    """
    require_panel(meeting)
    require(actor, "panel:prepare", panel_facts(actor, meeting))
    require_reading(meeting)
    if starts_at <= meeting.starts_at:
        raise DomainError("The next panel is after this one", field="day")
    lock_row(meeting)
    if (called := next_after(meeting=meeting)) is not None:
        _require_same(called, starts_at, ends_at, place.strip(), link.strip())
        return called
    chair, note_taker = (db.session.get_one(User, one) for one in (meeting.chair_id, meeting.note_taker_id))
    members = _members(meeting)
    called = call_meeting(
        actor=actor,
        plan=Plan(
            kind=meeting.kind,
            starts_at=starts_at,
            ends_at=ends_at,
            chair=chair,
            note_taker=note_taker,
            place=place,
            link=link,
        ),
        district=meeting.district,
        invitees=members,
        once=uuid5(meeting.id, f"next:{starts_at.isoformat()}"),
    )
    _tell_of_left_out(actor, meeting, called, members)
    return called


def _tell_of_left_out(actor: Principal, meeting: Meeting, called: Meeting, members: list[Invitee]) -> None:
    """The lead of an agency that was invited to this panel and has nobody who can be to the next."""
    there = {one.agency_id for member in members if (one := member.team or member.person) is not None}
    had = {one.agency_id for one in live_invitations(meeting.id)} - there - {None}
    agencies = select(Agency).where(Agency.id.in_(had), Agency.active).order_by(Agency.id)
    for agency in db.session.scalars(agencies):
        if agency.lead_id is not None:
            about = About("app_user", agency.lead_id, called.reference)
            given = {Ground.MANAGER: to_people(agency.lead_id)}
            tell(actor=actor, event=LEFT_OUT, about=about, given=given, once=f"{called.id}:{agency.id}")


def next_after(*, meeting: Meeting) -> Meeting | None:
    """The panel of the same district that comes after this one and was not cancelled."""
    return db.session.scalar(
        select(Meeting)
        .where(
            Meeting.district == meeting.district,
            Meeting.kind == meeting.kind,
            Meeting.starts_at > meeting.starts_at,
            Meeting.state != "cancelled",
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    )


def _require_same(called: Meeting, *said: datetime | str) -> None:
    if (called.starts_at, called.ends_at, called.place, called.link) != said:
        raise DomainError(f"The next panel is called already: meeting {called.reference}. Change that one")


def _members(meeting: Meeting) -> list[Invitee]:
    """Who was invited with an account and can still be: teams as teams, people by name."""
    found: list[Invitee] = []
    for one in live_invitations(meeting.id):
        if one.role in {CHAIR, NOTE_TAKER} or one.agency_id is None:
            continue
        team = db.session.get(Team, one.team_id) if one.team_id and not one.user_id else None
        person = db.session.get(User, one.user_id) if one.user_id else None
        if (team and team.active) or (person and person.active and person.agency_id == one.agency_id):
            found.append(Invitee(role=one.role, required=one.required, team=team, person=person))
    return found
