"""What people may do: whose access one looks after, and changing roles with a second administrator."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.changes.versions import count_change, insert_now, lock_row
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, tell, to_people, to_teams
from portal.messages.unseen import telling_nothing_to
from portal.messages.vocabulary import Event, Ground
from portal.records.people.agencies import DESKS_OF, found, teams_at
from portal.records.people.model import Agency, RoleChange, Team, TeamMember, User
from portal.records.people.vocabulary import (
    CHARGE_ENDED,
    CLOSED,
    DESK_LEFT,
    REACHED_ELSEWHERE,
    ROLES_ASKED,
    ROLES_CHANGED,
    ROLES_REFUSED,
    ROLES_TAKEN_BACK,
)
from portal.reminders.receivers import holds
from portal.vocabulary import (
    ROLES_THAT_NEED_CONFIRMING,
    ROLES_THAT_SEE_CASES,
    ROLES_THAT_STAND_APART,
    Desk,
    HeldWork,
    Role,
    Sector,
    clashing_roles,
)


def manageable_user(actor: Principal, user_id: UUID) -> User:
    """A person whose access the actor looks after.

    Raises NotFound for nobody and, to a manager, for people of other agencies; Forbidden for a manager who
    would act on governance officers or administrators, who stand apart from their agency.
    """
    user = db.session.get(User, user_id)
    if user is None or not (actor.has(Role.ADMINISTRATOR) or user.agency_id == actor.agency_id):
        raise NotFound("There is no such person.")
    require(actor, "people:manage", Facts(own_agency=user.agency_id == actor.agency_id))
    if not actor.has(Role.ADMINISTRATOR) and ROLES_THAT_STAND_APART.intersection(user.roles):
        raise Forbidden("Only an administrator looks after governance officers and administrators.")
    return user


def checked(roles: Collection[Role], *, sector: str | None = None) -> frozenset[Role]:
    """The roles as a set that one person may hold.

    Raises DomainError for a set that clashes or a coordinator outside the hub (design, "Who sees what").
    """
    wanted = frozenset(Role(role) for role in roles)
    if not wanted:
        raise DomainError("Choose at least one role.", field="roles")
    if clashing := clashing_roles(wanted):
        names = " and ".join(sorted(role.label for role in clashing))
        raise DomainError(
            f"{names} cannot be held together with a role that sees cases. Choose one or the other.",
            field="roles",
        )
    if sector is not None and Role.COORDINATOR in wanted and sector != Sector.HUB:
        raise DomainError("Only people of the hub can be coordinators.", field="roles")
    return wanted


def ask(*, actor: Principal, user_id: UUID, roles: Collection[Role]) -> RoleChange:
    """Change a person's roles, at once or, where a weighty role comes or goes, once that is confirmed.

    Raises DomainError for one's own roles and for a set that nobody may hold.
    """
    user = manageable_user(actor, user_id)
    wanted = checked(roles, sector=found(user.agency_id).sector)
    present = frozenset(Role(role) for role in user.roles)
    weighty = bool((wanted ^ present) & ROLES_THAT_NEED_CONFIRMING)
    if weighty:
        require(actor, "roles:ask")
    _not_oneself(actor, user)
    if wanted == present:
        raise DomainError("These are the roles that the person has now.", field="roles")
    _withdraw_waiting(user)
    now = clock.now()
    change = RoleChange(
        user_id=user.id,
        roles_before=sorted(present),
        roles_after=sorted(wanted),
        asked_by=actor.user_id,
        asked_at=now,
        confirmed_at=None if weighty else now,
    )
    insert_now(change)
    if not weighty:
        _apply(user, wanted)
        _tell_what_they_cannot_do(actor, user, present - wanted)
    audit.record("roles:ask", user, before=sorted(present), after=sorted(wanted))
    _tell(actor, change, ROLES_ASKED if weighty else ROLES_CHANGED)
    return change


@dataclass(frozen=True)
class Charge:
    """What somebody is in charge of, and is no more once their role sees no cases."""

    teams: tuple[Team, ...] = ()
    agencies: tuple[Agency, ...] = ()

    @property
    def names(self) -> list[str]:
        """What an administrator names somebody else for: “the lead of City police”."""
        managers = [f"the manager of {one.name}" for one in self.teams]
        return managers + [f"the lead of {one.name}" for one in self.agencies]


def charge_of(user_id: UUID) -> Charge:
    """The teams that somebody manages and the agencies that they lead."""
    teams = select(Team).where(Team.manager_id == user_id).order_by(Team.name)
    agencies = select(Agency).where(Agency.lead_id == user_id).order_by(Agency.name)
    return Charge(tuple(db.session.scalars(teams)), tuple(db.session.scalars(agencies)))


def ends_charge(roles: Iterable[str]) -> bool:
    """Whether whoever holds these roles and no others can be in charge of nothing: they see no cases."""
    return ROLES_THAT_SEE_CASES.isdisjoint(roles)


def confirm(*, actor: Principal, change_id: UUID) -> Charge:
    """Let a waiting change of roles take effect. Whoever sees no cases from then on manages no team and leads
    no agency any more; returns of which somebody else has to be named.

    Raises DomainError for the one who asked, for the person concerned, and if the roles changed meanwhile.
    """
    change, user = _waiting(change_id)
    _second_administrator(actor, change, user)
    if sorted(user.roles) != sorted(change.roles_before):
        raise DomainError(
            "The person’s roles have changed since this was asked for. Refuse it and ask again."
        )
    wanted = checked([Role(role) for role in change.roles_after], sector=found(user.agency_id).sector)
    change.confirmed_by, change.confirmed_at = actor.user_id, clock.now()
    db.session.flush()
    _apply(user, wanted)
    with telling_nothing_to(user.id):
        ended = _end_charge(actor, user) if ends_charge(wanted) else Charge()
        _tell_what_they_cannot_do(actor, user, {Role(role) for role in change.roles_before} - wanted)
    audit.record("roles:confirm", user, before=change.roles_before, after=change.roles_after)
    _tell(actor, change, ROLES_CHANGED)
    return ended


def _end_charge(actor: Principal, user: User) -> Charge:
    """Leave nobody in charge of what somebody managed and led, and tell those who have to see to it."""
    ended = charge_of(user.id)
    for team in ended.teams:
        lock_row(team)
        count_change(team, manager_id=None)
        audit.record("teams:change", team, manager_before=str(user.id))
        _tell_of_no_charge(actor, About("team", team.id), team.agency_id, to_teams(team.id), team.version)
    for agency in ended.agencies:
        lock_row(agency)
        count_change(agency, lead_id=None)
        audit.record("agencies:change", agency, lead_before=str(user.id))
        _tell_of_no_charge(actor, About("agency", agency.id), agency.id, NOBODY, agency.version)
    return ended


def _tell_of_no_charge(actor: Principal, about: About, agency_id: UUID, team: Whom, version: int) -> None:
    """The other administrators, who name somebody else; the team; whoever manages in the agency and leads it,
    and where nobody does, the hub.
    """
    of_agency = select(User.id).where(User.agency_id == agency_id, User.active, holds(Role.MANAGER))
    managers = db.session.scalars(of_agency).all()
    given = {
        Ground.ADMINISTRATOR: other_administrators(actor.user_id),
        Ground.TEAM: team,
        Ground.MANAGER: to_people(*managers),
        Ground.AGENCY_LEAD: to_people(db.session.get_one(Agency, agency_id).lead_id),
    }
    if managers:
        given[Ground.HUB] = NOBODY
    called = {Ground.TEAM: "has no manager now"}
    tell(actor=actor, event=CHARGE_ENDED, about=about, given=given, once=str(version), called=called)


def refuse(*, actor: Principal, change_id: UUID) -> RoleChange:
    """Turn a waiting change of roles down, or take back what one asked for oneself: whoever could have
    confirmed it hears that it waits no more.
    """
    change, user = _waiting(change_id)
    require(actor, "roles:confirm")
    _not_oneself(actor, user)
    change.refused_at = clock.now()
    db.session.flush()
    audit.record("roles:refuse", user, before=change.roles_before, after=change.roles_after)
    _tell(actor, change, ROLES_TAKEN_BACK if change.asked_by == actor.user_id else ROLES_REFUSED)
    return change


def other_administrators(*apart: UUID) -> Whom:
    """Who else may be the second administrator.

    Args:
        apart: who may not, because they ask or it is about them.
    """
    return holding(Role.ADMINISTRATOR, apart)


#: How a team is reached: who changes it sends its mail and calls elsewhere.
_REACHED_BY = ("duty_email", "duty_phone", "answers_at_night")


def tell_of_team(*, actor: Principal, team: Team, before: Mapping[str, Any]) -> None:
    """Tell whoever answers for a team, and who else administers, that it is reached elsewhere from now on.

    Args:
        before: what was changed, as it was.
    """
    if any(before[one] != getattr(team, one) for one in _REACHED_BY):
        given = _answering_for(actor, team, before["manager_id"])
        tell(
            actor=actor,
            event=REACHED_ELSEWHERE,
            about=About("team", team.id),
            given=given,
            once=str(team.version),
        )


def tell_of_closing(actor: Principal, agency: Agency, team: Team | None = None) -> None:
    """The hub, and whoever leads a case that they work on, which is not for the actor to know."""
    leads = func.ctx.leads_with(agency.id, team.id if team else None).table_valued("user_id", "team_id")
    rows = db.session.execute(select(leads)).all()
    people, teams = (row.user_id for row in rows), (row.team_id for row in rows)
    given = {Ground.LEAD_UNSEEN: to_people(*people) | to_teams(*teams)}
    about = About("team", team.id) if team else About("agency", agency.id)
    tell(actor=actor, event=CLOSED, about=about, given=given, once=str((team or agency).version))


@contextmanager
def telling_of_desks(actor: Principal, agency: Agency, team: Team | None = None) -> Iterator[None]:
    """Change a team, or a whole agency, and tell whoever answers for a team that it is at a desk no more; of
    a desk that no team is at any more the hub, too. A front door that no team is named for is every team’s.
    """
    of_agency = select(Team).where(Team.agency_id == agency.id, Team.active).order_by(Team.name)
    teams = [team] if team else db.session.scalars(of_agency).all()
    held = [(one, one.manager_id, _desks_of(agency, one)) for one in teams]
    yield
    for one, manager_id, desks in held:
        if left := desks - _desks_of(agency, one):
            given = _answering_for(actor, one, manager_id)
            if not any(_is_empty(agency, desk) for desk in left):
                given[Ground.HUB] = NOBODY
            once = f"{one.version}:{agency.version}"
            tell(actor=actor, event=DESK_LEFT, about=About("team", one.id), given=given, once=once)


def _desks_of(agency: Agency, team: Team) -> set[Desk]:
    return {desk for desk in DESKS_OF.get(Sector(agency.sector), ()) if team.id in teams_at(desk)}


def _is_empty(agency: Agency, desk: Desk) -> bool:
    """Whether no team is at a desk any more; a front door is that of one authority."""
    return not teams_at(desk, authority=agency.authority if desk is Desk.FRONT_DOOR else None)


def _answering_for(actor: Principal, team: Team, manager_before: UUID | None) -> dict[Ground, Whom]:
    return {
        Ground.MANAGER: to_people(team.manager_id, manager_before),
        Ground.AGENCY_LEAD: to_people(db.session.get_one(Agency, team.agency_id).lead_id),
        Ground.ADMINISTRATOR: other_administrators(actor.user_id),
    }


def holding(role: Role, apart: Collection[UUID] = ()) -> Whom:
    """Everybody who holds a role, but for some."""
    here = select(User.id).join(Agency, Agency.id == User.agency_id).where(User.active, Agency.active)
    return to_people(*db.session.scalars(here.where(holds(role), User.id.not_in(apart))))


def managers_of(teams: Any) -> Whom:
    """Whoever manages some teams.

    Args:
        teams: their identifiers, or a query of those.
    """
    return to_people(*db.session.scalars(select(Team.manager_id).where(Team.id.in_(teams))))


def _teams_with(user_id: UUID) -> Any:
    return select(TeamMember.team_id).where(TeamMember.user_id == user_id)


def _tell(actor: Principal, change: RoleChange, event: Event) -> None:
    """Whoever may be the second person; whom it is about, who asked and who manages their team, once it is
    so; and governance, of weighty changes.
    """
    is_weighty = (set(change.roles_before) ^ set(change.roles_after)) & ROLES_THAT_NEED_CONFIRMING
    given = {
        Ground.ADMINISTRATOR: other_administrators(actor.user_id, change.user_id),
        Ground.PERSON: to_people(change.user_id),
        Ground.MANAGER: managers_of(_teams_with(change.user_id)),
        Ground.ASKER: to_people(change.asked_by),
        Ground.GOVERNANCE: holding(Role.GOVERNANCE, [change.user_id]) if is_weighty else NOBODY,
    }
    about, once = About("app_user", change.user_id), f"{change.id}:{event.code}"
    tell(actor=actor, event=event, about=about, given=given, once=once)


def _tell_what_they_cannot_do(actor: Principal, user: User, lost: Collection[Role]) -> None:
    """Whoever coordinates no more has forms in triage that they cannot decide, and is named on sealed cases
    as their coordinator; whoever sees cases no more, all that they hold.
    """
    from portal.pages.held_work import reading as held_work  # noqa: PLC0415 - what people hold uses this
    from portal.pages.held_work.handing import (  # noqa: PLC0415 - likewise
        tell_leads,
        tell_left,
        tell_lost_covers,
        tell_meetings,
        tell_sealed_left,
        tell_unanswered,
    )

    sees_none = ends_charge(user.roles)
    if Role.COORDINATOR not in lost and not (sees_none and ROLES_THAT_SEE_CASES.intersection(lost)):
        return
    held = held_work.counts(person_id=user.id, sealed=False)
    if left := [kind for kind in held if sees_none or kind is HeldWork.FORMS]:
        tell_left(actor=actor, person=user, teams=(), left=left, moved=False)
    if sees_none:
        tell_leads(actor=actor, person=user)
        tell_meetings(actor=actor, person=user)
        tell_unanswered(actor=actor, person=user)
        tell_lost_covers(actor=actor, deputy=user)
    tell_sealed_left(actor=actor, person=user)


def _apply(user: User, roles: frozenset[Role]) -> None:
    user.roles = sorted(roles)
    count_change(user)


def _waiting(change_id: UUID) -> tuple[RoleChange, User]:
    wanted = select(RoleChange).where(RoleChange.id == change_id)
    change = db.session.scalar(wanted.with_for_update())
    change = change or db.session.scalar(wanted)  # row security holds an answered one for nobody
    if change is None:
        raise NotFound("There is no such change of roles.")
    if change.confirmed_at:
        raise DomainError("This change was confirmed meanwhile.")
    if change.refused_at:
        raise DomainError("This change waits no more: it was turned down, or taken back by whoever asked.")
    user = db.session.get_one(User, change.user_id)
    return change, user


def _withdraw_waiting(user: User) -> None:
    db.session.execute(
        update(RoleChange)
        .where(
            RoleChange.user_id == user.id, RoleChange.confirmed_at.is_(None), RoleChange.refused_at.is_(None)
        )
        .values(refused_at=clock.now())
    )


def _not_oneself(actor: Principal, user: User) -> None:
    if user.id == actor.user_id:
        raise DomainError("Nobody changes their own roles. Ask another administrator.")


def _second_administrator(actor: Principal, change: RoleChange, user: User) -> None:
    require(actor, "roles:confirm")
    _not_oneself(actor, user)
    if change.asked_by == actor.user_id:
        raise DomainError("You asked for this change. Another administrator has to confirm it.")
