"""Whom a rung of a ladder tells. Who of them can be told is asked again when the message goes out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    select,
    text,
)

from portal.messages.vocabulary import CancelReason, MessageRecipient
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.meetings.model import Invitation, MeetingCase
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.reminders.writing import Receiver
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role, Sector

Duty = Row[*tuple[Any, ...]]  # a row of `portal.reminders.owed.duties`


#: The teams of the hub that are in use.
HUB_TEAMS = (
    select(Team.id)
    .join(Agency, Agency.id == Team.agency_id)
    .where(Agency.sector == Sector.HUB, Agency.active, Team.active)
    .order_by(Team.id)
)


def members_of(team_ids: Iterable[UUID]) -> Select[*tuple[Any, ...]]:
    """The people of teams to whom the portal shows what their team is told: `team_id`, `user_id`."""
    return (
        select(TeamMember.team_id, TeamMember.user_id)
        .join(Team, Team.id == TeamMember.team_id)
        .join(User, User.id == TeamMember.user_id)
        .where(
            TeamMember.team_id.in_(list(team_ids)),
            User.agency_id == Team.agency_id,
            User.active,
            holds(*ROLES_THAT_SEE_CASES),
        )
    )


def holds(*roles: Role) -> ColumnElement[bool]:
    """Whether a person holds one of some roles, which are stored as text."""
    return User.roles.op("&&", return_type=Boolean())(cast([role.value for role in roles], ARRAY(Text)))


class Directory:
    """Who is who around some duties, read in a few statements however many duties there are."""

    def __init__(self, connection: Connection, duties: Sequence[Duty]) -> None:
        self._connection = connection
        self._agencies = _by_id(
            connection.execute(select(Agency.id, Agency.sector, Agency.lead_id, Agency.active))
        )
        self._teams = _by_id(
            connection.execute(select(Team.id, Team.agency_id, Team.manager_id, Team.active))
        )
        meetings = {duty.meeting_id for duty in duties if duty.meeting_id}
        self._invited = _grouped(connection.execute(_invited(meetings)))
        self._professionals = _grouped(connection.execute(_lead_professionals(meetings)))
        owners = {duty.owner_id for duty in duties if duty.owner_id}
        self._teams_of = _grouped(
            connection.execute(
                select(TeamMember.user_id, TeamMember.team_id).where(TeamMember.user_id.in_(owners))
            )
        )
        who = select(User.id, User.agency_id).where(User.id.in_(self._people(duties)))
        self._agency_of = {row.id: row.agency_id for row in connection.execute(who)}
        self._managers = _grouped(
            connection.execute(select(User.agency_id, User.id).where(User.active, holds(Role.MANAGER)))
        )

    def of(self, duty: Duty, wanted: Iterable[MessageRecipient]) -> list[Receiver]:
        """Whom a rung tells, each once, in the order of the rung.

        While there is a hub, a rung never tells nobody; nor does one for those above tell none but the person
        whose duty it is, who may be the manager and the lead themselves.
        """
        wanted = tuple(wanted)
        found = self._each(duty, wanted)
        if wanted and set(wanted) <= WHILE_LACKING.keys():
            return list(found.values())  # nobody, where nothing is lacking
        if found.keys() <= {duty.owner_id} and (not found or _ABOVE.intersection(wanted)):
            found |= self._each(duty, [MessageRecipient.HUB])
        return list(found.values())

    def _each(self, duty: Duty, wanted: Iterable[MessageRecipient]) -> dict[UUID, Receiver]:
        found: dict[UUID, Receiver] = {}
        for recipient in wanted:
            for receiver in _RECEIVERS[recipient](self, duty):
                found.setdefault(receiver.id, receiver)
        return found

    def _owner(self, duty: Duty) -> Iterator[Receiver]:
        if self._is_of_former_agency(
            duty
        ):  # whoever owned it there sees it no more: it is on the list of that
            yield from self._owner_manager(duty)
        elif duty.owner_id:
            yield from self._person(duty.owner_id)
        elif duty.owner_team_id:
            yield self._team(duty.owner_team_id)
        else:
            yield from self._agency_itself(duty.owner_agency_id)

    def _agency_itself(self, agency_id: UUID) -> list[Receiver]:
        """Its lead, who sees who does it; of the hub, and where there is no lead, whoever is on duty."""
        agency = self._agencies[agency_id]
        if agency.lead_id and agency.sector != Sector.HUB:
            return list(self._person(agency.lead_id))
        return self._duty_addresses(agency_id) or self._lead(agency_id)

    def _owner_manager(self, duty: Duty) -> Iterable[Receiver]:
        if duty.owner_team_id:
            teams = [duty.owner_team_id]
        elif duty.owner_id:
            agency = self._agency(duty)
            teams = [
                row.team_id
                for row in self._teams_of[duty.owner_id]
                if self._teams[row.team_id].agency_id == agency and self._teams[row.team_id].active
            ]
        else:
            return self._lead(duty.owner_agency_id)
        managers = dict.fromkeys(self._teams[team].manager_id for team in teams)
        named = [who for manager in managers if manager != duty.owner_id for who in self._person(manager)]
        return named or self._lead(self._agency(duty))

    def _agency_lead(self, duty: Duty) -> list[Receiver]:
        return self._lead(self._agency(duty))

    def _lead(self, agency_id: UUID) -> list[Receiver]:
        """The lead of an agency; in one without, everybody who is a manager there."""
        lead = self._agencies[agency_id].lead_id
        if lead:
            return list(self._person(lead))
        return [Receiver(agency_id, row.id) for row in self._managers[agency_id]]

    def _asker(self, duty: Duty) -> Iterator[Receiver]:
        return self._person(duty.asked_by)

    def _chair(self, duty: Duty) -> Iterator[Receiver]:
        return self._person(duty.chair_id)

    def _everyone_invited(self, duty: Duty) -> Iterator[Receiver]:
        for row in self._invited[duty.meeting_id]:
            person = row.comes_id or row.user_id
            if person:
                yield Receiver(row.agency_id, person)
            else:
                yield Receiver(row.agency_id, team_id=row.team_id)

    def _invited_unanswered(self, duty: Duty) -> Iterator[Receiver]:
        waiting = [row for row in self._invited[duty.meeting_id] if row.reply == InvitationReply.WAITING]
        for row in waiting:
            yield Receiver(row.agency_id, row.user_id, None if row.user_id else row.team_id)

    def _lead_professional(self, duty: Duty) -> Iterator[Receiver]:
        yield from self._person(duty.lead_professional_id)
        for row in self._professionals[duty.meeting_id]:
            yield from self._person(row.lead_professional_id)

    def _hub(self, _duty: Duty) -> Iterator[Receiver]:
        for agency in self._agencies.values():
            if agency.sector == Sector.HUB and agency.active:
                yield from self._duty_addresses(agency.id)

    def _network(self, duty: Duty) -> Iterator[Receiver]:
        """Whoever works on the case and their teams; of a closely held one only those who read it."""
        found = self._connection.execute(_NETWORK, {"case_id": duty.case_id}).all() if duty.case_id else []
        for row in found:
            yield self._team(row.team_id) if row.team_id else Receiver(row.agency_id, row.user_id)

    def _chair_lacks_paper(self, duty: Duty) -> Iterator[Receiver]:
        needed = [one.code for one in current_policy().meetings.papers.offered if not one.from_agency]
        if duty.meeting_id and self._connection.scalar(_LACKS, {"meeting": duty.meeting_id, "kinds": needed}):
            yield from self._person(duty.chair_id)

    def _leads_unanswered(self, duty: Duty) -> Iterator[Receiver]:
        if duty.meeting_id:
            for agency_id in self._connection.scalars(_UNANSWERED, {"meeting": duty.meeting_id}).all():
                yield from self._lead(agency_id)

    def _duty_addresses(self, agency_id: UUID) -> list[Receiver]:
        return [
            self._team(team.id)
            for team in self._teams.values()
            if team.agency_id == agency_id and team.active
        ]

    def _agency(self, duty: Duty) -> UUID:
        found: UUID = duty.owner_agency_id
        if duty.owner_id:
            found = duty.owned_for_id or self._agency_of[duty.owner_id]
        elif duty.owner_team_id:
            found = self._teams[duty.owner_team_id].agency_id
        return found

    def _is_of_former_agency(self, duty: Duty) -> bool:
        """Whether somebody owns it for an agency that they left."""
        return bool(duty.owner_id and self._agency(duty) != self._agency_of[duty.owner_id])

    def _team(self, team_id: UUID) -> Receiver:
        return Receiver(self._teams[team_id].agency_id, team_id=team_id)

    def _person(self, user_id: UUID | None) -> Iterator[Receiver]:
        if user_id is not None:
            yield Receiver(self._agency_of[user_id], user_id)

    def _people(self, duties: Sequence[Duty]) -> set[UUID]:
        """Everybody whose agency has to be known."""
        found = {agency.lead_id for agency in self._agencies.values()}
        found |= {team.manager_id for team in self._teams.values()}
        found |= {row.lead_professional_id for rows in self._professionals.values() for row in rows}
        for duty in duties:
            found |= {duty.owner_id, duty.asked_by, duty.chair_id, duty.lead_professional_id}
        return found - {None}


_ABOVE = frozenset({MessageRecipient.OWNER_MANAGER, MessageRecipient.AGENCY_LEAD})
#: Whom a rung tells only while something is lacking, and why a message is not sent once it is there.
WHILE_LACKING = {
    MessageRecipient.CHAIR_LACKS_PAPER: CancelReason.DONE,
    MessageRecipient.LEADS_UNANSWERED: CancelReason.ANSWERED,
    MessageRecipient.INVITED_UNANSWERED: CancelReason.ANSWERED,
}
#: Of what is lacking, what is another matter than that the day comes: it is told beside that, not instead.
ANOTHER_MATTER = frozenset({MessageRecipient.CHAIR_LACKS_PAPER, MessageRecipient.LEADS_UNANSWERED})
_RECEIVERS: Mapping[MessageRecipient, Callable[[Directory, Duty], Iterable[Receiver]]] = {
    MessageRecipient.OWNER: Directory._owner,
    MessageRecipient.OWNER_MANAGER: Directory._owner_manager,
    MessageRecipient.AGENCY_LEAD: Directory._agency_lead,
    MessageRecipient.ASKER: Directory._asker,
    MessageRecipient.CHAIR: Directory._chair,
    MessageRecipient.INVITED: Directory._everyone_invited,
    MessageRecipient.INVITED_UNANSWERED: Directory._invited_unanswered,
    MessageRecipient.LEAD_PROFESSIONAL: Directory._lead_professional,
    MessageRecipient.HUB: Directory._hub,
    MessageRecipient.NETWORK: Directory._network,
    MessageRecipient.CHAIR_LACKS_PAPER: Directory._chair_lacks_paper,
    MessageRecipient.LEADS_UNANSWERED: Directory._leads_unanswered,
}
_LACKS = text("select ctx.lacks_paper(:meeting, :kinds)").bindparams(bindparam("meeting", type_=Uuid))
_UNANSWERED = text("select agency_id from ctx.unanswered(:meeting)").bindparams(
    bindparam("meeting", type_=Uuid)
)
_NETWORK = text(
    "select h.team_id, h.user_id, u.agency_id from ctx.around_case(:case_id) h"
    " left join app_user u on u.id = h.user_id where h.ground in ('worker', 'team')"
    " order by h.team_id, h.user_id"
).bindparams(bindparam("case_id", type_=Uuid))


def _invited(meetings: set[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Invitation.meeting_id,
            Invitation.agency_id,
            Invitation.team_id,
            Invitation.user_id,
            Invitation.comes_id,
            Invitation.reply,
        )
        .where(
            Invitation.meeting_id.in_(meetings),
            Invitation.agency_id.is_not(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.reply != InvitationReply.APOLOGIES,
        )
        .order_by(Invitation.reference)
    )


def _lead_professionals(meetings: set[UUID]) -> Select[*tuple[Any, ...]]:
    return (
        select(MeetingCase.meeting_id, Case.lead_professional_id)
        .join(Case, Case.id == MeetingCase.case_id)
        .where(MeetingCase.meeting_id.in_(meetings), Case.lead_professional_id.is_not(None))
    )


def _by_id(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[UUID, Row[*tuple[Any, ...]]]:
    return {row.id: row for row in rows}


def _grouped(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[UUID, list[Row[*tuple[Any, ...]]]]:
    """Rows by their first column."""
    found: dict[UUID, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found
