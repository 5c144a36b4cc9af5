"""What was asked, or has to be recorded, and was not in time: those who see to it hear of it, once.

None of it is a duty of one person or team that a ladder could follow: an administrator has no duties, whoever
asks for access may open none on the case, and a talk of the police is whichever officer holds it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, Uuid, any_, bindparam, exists, func, literal, select, text

from portal import clock
from portal.deadlines.rules import due
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import CancelReason, MessageChannel
from portal.pathway.calendar import goes_out
from portal.policy import Figure, current_policy
from portal.records.cases.model import Case
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Agency, RoleChange, Team, User
from portal.records.referrals.model import DraftOpening, ReferralNotice
from portal.records.requests.model import AccessRequest
from portal.reminders.claims import Waiting
from portal.reminders.receivers import HUB_TEAMS, holds, members_of
from portal.reminders.writing import About, Outgoing, Receiver, key_at_first, write
from portal.vocabulary import Desk, ReferralState, Role, Sector

ACCESS, ROLES, TALK, DRAFT = "access_late", "roles_late", "prevention_late", "left_draft"

#: What the keys of these messages begin with; nobody but the worker can write one.
_KEY = "unanswered"

#: Of more that is late at once, such as after an import, the next looks go on.
AT_ONCE = 1_000

#: What is older than this is nobody's news any more, such as when another edition first asks for it.
AT_MOST = timedelta(days=30)

_IN_THE_WAY = text(
    "select id from ctx.obstacles(:kind, :subject, :on_case, :people, :teams, :today)"
    " where obstacle = 'no_reach'"
).bindparams(bindparam("on_case", type_=Uuid))
_NAMED = text(
    "select user_id from ctx.around_case(:case_id) where ground in ('lead_professional', 'reader')"
).bindparams(bindparam("case_id", type_=Uuid))


@dataclass(frozen=True, kw_only=True)
class _Late:
    """One thing that was not done in time, and who hears of it.

    Args:
        id: what was asked or has to be recorded; the key of the messages holds it.
        hears: persons and teams, as far as they may know of it.
    """

    kind: str
    id: UUID
    about: About
    people: Collection[UUID] = ()
    teams: Collection[UUID] = ()
    channel: MessageChannel = MessageChannel.MAIL


def queue_unanswered(connection: Connection) -> int:
    """Write what those who see to it are to be told; how much is late. Runs as portal_worker.

    After policy `reminders.unanswered` a lead agency's managers and the hub hear that nobody answered a
    request for access, administrators that a change of roles waits, the police desk that no talk of theirs is
    recorded, and the hub that nobody reads the form of somebody who left.
    """
    now = clock.now()
    waits = chain.from_iterable(look(connection, now) for look in (_access, _roles, _talks, _drafts))
    late = list(islice(waits, AT_ONCE))
    write(connection, [message for one in late for message in _messages(connection, one, now)])
    return len(late)


def _access(connection: Connection, now: datetime) -> Iterator[_Late]:
    asked = (
        select(
            AccessRequest.id,
            AccessRequest.case_id,
            AccessRequest.asked_at,
            Case.reference,
            Case.lead_agency_id,
        )
        .join(Case, Case.id == AccessRequest.case_id)
        .where(
            AccessRequest.answered_at.is_(None),
            AccessRequest.asked_at > now - AT_MOST,
            ~_is_told(ACCESS, AccessRequest.id),
        )
    )
    for row in _in_vain(connection, asked, "asked_at", current_policy().reminders.unanswered.access, now):
        about = About("access_request", row.id, row.reference, row.case_id)
        managers = select(User.id).where(
            User.agency_id == row.lead_agency_id, User.active, holds(Role.MANAGER)
        )
        hub = connection.scalars(HUB_TEAMS).all()
        people, teams = _who_may_know(connection, about, connection.scalars(managers).all(), hub)
        if not teams:  # it is sealed since: whoever is named on it
            people = people or _named_on(connection, row.case_id)
        yield _Late(kind=ACCESS, id=row.id, about=about, people=people, teams=teams)


def _roles(connection: Connection, now: datetime) -> Iterator[_Late]:
    asked = select(RoleChange.id, RoleChange.user_id, RoleChange.asked_at).where(
        RoleChange.confirmed_at.is_(None),
        RoleChange.refused_at.is_(None),
        RoleChange.asked_at > now - AT_MOST,
    )
    for row in _in_vain(connection, asked, "asked_at", current_policy().reminders.unanswered.roles, now):
        administrators = select(User.id).where(User.active, holds(Role.ADMINISTRATOR), User.id != row.user_id)
        about, people = About("app_user", row.user_id), connection.scalars(administrators).all()
        yield _Late(kind=ROLES, id=row.id, about=about, people=people)


def _talks(connection: Connection, now: datetime) -> Iterator[_Late]:
    back = select(MissingEpisode.id, MissingEpisode.reference, MissingEpisode.returned_at).where(
        MissingEpisode.returned_at > now - AT_MOST,
        MissingEpisode.prevention_at.is_(None),
        MissingEpisode.withdrawn_at.is_(None),
        ~_is_told(TALK, MissingEpisode.id),
    )
    for row in _in_vain(connection, back, "returned_at", current_policy().reminders.unanswered.talk, now):
        about = About("missing_episode", row.id, row.reference)
        desks = select(Team.id).where(Team.active, literal(Desk.MISSING.value) == any_(Team.desks))
        of_police = desks.join(Agency, Agency.id == Team.agency_id).where(
            Agency.active, Agency.sector == Sector.POLICE
        )
        for found in (connection.scalars(of_police).all(), connection.scalars(HUB_TEAMS).all()):
            _, teams = _who_may_know(connection, about, (), found)
            if teams:
                break
        people = () if teams else _police_who_read(connection, about)
        yield _Late(kind=TALK, id=row.id, about=about, people=people, teams=teams)


def _drafts(connection: Connection, now: datetime) -> Iterator[_Late]:
    """From when the manager was told, else from when it was saved: the hub learns whose team, and no more."""
    told = (
        select(func.min(OutboxMessage.created_at))
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(
            OutboxMessage.kind == "unsent_draft_of_team",
            OutboxSubject.subject_kind == "referral",
            OutboxSubject.subject_id == ReferralNotice.referral_id,
        )
        .correlate(ReferralNotice)
        .scalar_subquery()
    )
    left = (
        select(
            ReferralNotice.referral_id.label("id"),
            ReferralNotice.author_team_id,
            User.agency_id,
            func.coalesce(told, ReferralNotice.saved_at).label("since"),
        )
        .join(User, User.id == ReferralNotice.author_id)
        .where(ReferralNotice.state == ReferralState.DRAFT, User.active.is_(False), ~_is_read())
    )
    hub = {one.user_id for one in connection.execute(members_of(connection.scalars(HUB_TEAMS)))}
    for row in _in_vain(connection, left, "since", current_policy().reminders.unanswered.left_draft, now):
        team, agency = row.author_team_id, row.agency_id
        about = About("team", team) if team else About("agency", agency)
        yield _Late(kind=DRAFT, id=row.id, about=about, people=hub, channel=MessageChannel.DIGEST)


def _is_told(kind: str, subject: Any) -> Any:
    told = exists().where(OutboxSubject.subject_id == subject, OutboxMessage.kind == kind)
    return told.where(OutboxMessage.id == OutboxSubject.message_id)


def _is_read() -> Any:
    opening = select(DraftOpening.referral_id)  # and no other column, of which the worker reads none
    return opening.where(DraftOpening.referral_id == ReferralNotice.referral_id).exists()


def _in_vain(
    connection: Connection, asked: Select[*tuple[Any, ...]], since: str, figure: Figure, now: datetime
) -> Iterator[Row[*tuple[Any, ...]]]:
    """Of what waits, what has waited for longer than policy says."""
    for row in connection.execute(asked).all():
        if due(figure, getattr(row, since)) < now:
            yield row


def _who_may_know(
    connection: Connection, about: About, people: Collection[UUID], teams: Collection[UUID]
) -> tuple[list[UUID], list[UUID]]:
    """Those of some persons and teams who have reach on something."""
    said = {"kind": about.kind, "subject": about.id, "on_case": about.case_id, "today": clock.today()}
    asked = {"people": list(people), "teams": list(teams)}
    others = set(connection.scalars(_IN_THE_WAY, said | asked))
    return [one for one in people if one not in others], [one for one in teams if one not in others]


def _named_on(connection: Connection, case_id: UUID) -> list[UUID]:
    """Whoever reads a closely held case by name."""
    found = connection.scalars(_NAMED, {"case_id": case_id})
    return sorted({one for one in found if one is not None})


def _police_who_read(connection: Connection, about: About) -> list[UUID]:
    """Of an episode that no desk reads: the police who do, else those of the hub; both may record it."""
    here = select(User.id).join(Agency, Agency.id == User.agency_id).where(User.active, Agency.active)
    for sector in (Sector.POLICE, Sector.HUB):
        found = connection.scalars(here.where(Agency.sector == sector)).all()
        people, _ = _who_may_know(connection, about, found, ())
        if people:
            return people
    return []


def _messages(connection: Connection, late: _Late, now: datetime) -> Iterator[Outgoing]:
    """One for each person and team; whoever is of a team that is told sees it in the portal."""
    reminders = current_policy().reminders
    agencies = dict(
        connection.execute(
            select(User.id, User.agency_id)
            .where(User.id.in_(late.people))
            .union_all(select(Team.id, Team.agency_id).where(Team.id.in_(late.teams)))
        ).all()
    )
    to = {one: (Receiver(agencies[one], one), late.channel) for one in late.people if one in agencies}
    for team in late.teams:
        to[team] = (Receiver(agencies[team], team_id=team), late.channel)
    for member in connection.execute(members_of(late.teams)) if late.teams else ():
        shown = Receiver(agencies[member.team_id], member.user_id), MessageChannel.PORTAL
        to.setdefault(member.user_id, shown)
    for receiver, channel in to.values():
        yield Outgoing(
            key=f"{_KEY}:{late.kind}:{late.id}:{receiver.id}",
            kind=late.kind,
            about=late.about,
            to=receiver,
            channel=channel,
            urgent=False,
            created_at=now,
            goes_out=goes_out(reminders.hours, now, urgent=False),
        )


def no_longer(connection: Connection, message: Waiting) -> CancelReason | None:
    """Why what was late is not spoken of any more: somebody did it since. None for other messages."""
    if not message.key.startswith(f"{_KEY}:"):
        return None
    _, kind, what, *_ = key_at_first(message.key).split(":")
    looks = {ACCESS: _answered, ROLES: _settled, TALK: _talked, DRAFT: _read}
    return looks[kind](connection, UUID(what))


def _answered(connection: Connection, request_id: UUID) -> CancelReason | None:
    answered = connection.scalar(select(AccessRequest.answered_at).filter_by(id=request_id))
    return CancelReason.ANSWERED if answered is not None else None


def _settled(connection: Connection, change_id: UUID) -> CancelReason | None:
    ended = func.coalesce(RoleChange.confirmed_at, RoleChange.refused_at)
    return CancelReason.DONE if connection.scalar(select(ended).filter_by(id=change_id)) else None


def _talked(connection: Connection, episode_id: UUID) -> CancelReason | None:
    row = connection.execute(
        select(MissingEpisode.prevention_at, MissingEpisode.withdrawn_at).filter_by(id=episode_id)
    ).one()
    if row.withdrawn_at is not None:
        return CancelReason.NO_LONGER_NEEDED
    return CancelReason.DONE if row.prevention_at is not None else None


def _read(connection: Connection, referral_id: UUID) -> CancelReason | None:
    unread = select(ReferralNotice.state).where(ReferralNotice.referral_id == referral_id, ~_is_read())
    state = connection.scalar(unread)
    return None if state == ReferralState.DRAFT else CancelReason.DONE
