"""Who may use the portal: inviting people, keeping their details, switching them off, and leaving."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func, select, update

from portal import clock, registry
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found
from portal.changes.versions import count_change, insert_now, lock, lock_row
from portal.extensions import db
from portal.messages.telling import NOBODY, About, tell, to_people
from portal.messages.unseen import telling_nothing_to
from portal.messages.vocabulary import Ground
from portal.pages.held_work import reading as held_work
from portal.pages.held_work.handing import (
    Handed,
    hand_work_over,
    tell_leads,
    tell_left,
    tell_lost_covers,
    tell_meetings,
    tell_sealed_left,
    tell_unanswered,
)
from portal.records.people import roles as role_changes
from portal.records.people.agencies import keeping_a_way_in
from portal.records.people.model import Agency, StaffInvite, Team, TeamMember, User, UserIdentity
from portal.records.people.roles import manageable_user, other_administrators
from portal.records.people.sign_in import invitation_hash
from portal.records.people.vocabulary import ACCOUNT_CHANGED, GONE, INVITED, TEAMS_CHANGED
from portal.vocabulary import ROLES_THAT_NEED_CONFIRMING, HeldWork, Role


def hand_over_first(
    *,
    actor: Principal,
    person: User,
    takes_over: UUID | None,
    later: bool,
    reason: str,
    leaves: Collection[UUID] | None = None,
    keeps: Collection[UUID] = (),
) -> Handed | None:
    """Give what somebody would leave behind to a colleague, or make sure that it is meant to wait; None where
    nothing was to be given.

    Args:
        takes_over: the colleague who gets everything that the actor may hand over.
        later: nobody takes over yet; whoever has to see to it is told.
        leaves, keeps: as `portal.pages.held_work.reading.counts` takes them.

    Raises:
        DomainError: they hold something, and neither was chosen.
        Forbidden: the actor may not hand over, as an administrator, who sees no case.
    """
    held = held_work.counts(person_id=person.id, leaves=leaves, keeps=keeps)
    if not held or later:
        return None
    if takes_over is None:
        raise DomainError(_choose(person, held), field="hand_to")
    to = or_not_found(db.session.get(User, takes_over), "There is no such person.")
    cases = None
    if leaves is not None:
        cases = held_work.cases_through(person_id=person.id, leaves=leaves, keeps=keeps)
    items = held_work.items(person_id=person.id, only_cases=cases)
    refused = hand_work_over(actor=actor, person=person, to=to, reason=reason, items=items)
    return Handed(to.name, len(items) - len(refused), tuple(refused))


def tell_what_is_left(
    *,
    actor: Principal,
    person: User,
    teams: Collection[UUID],
    leaves: Collection[UUID] | None = None,
    keeps: Collection[UUID] = (),
) -> bool:
    """Once somebody has left, tell whoever has to see to what is still theirs, and whoever leads the cases or
    runs the meetings on which it is; returns whether there is any.

    Args:
        teams: those that they left.
    """
    left = held_work.counts(person_id=person.id, leaves=leaves, keeps=keeps, sealed=False)
    if left:
        tell_left(actor=actor, person=person, teams=teams, left=left, moved=leaves is not None)
    tell_leads(actor=actor, person=person, leaves=leaves, keeps=keeps)
    if leaves is None:
        tell_meetings(actor=actor, person=person)
        tell_unanswered(actor=actor, person=person)
    tell_lost_covers(actor=actor, deputy=person)
    return bool(left)


def _choose(person: User, held: Mapping[HeldWork, int]) -> str:
    things = "; ".join(f"{kind.label[0].lower()}{kind.label[1:]}: {number}" for kind, number in held.items())
    return f"Choose who takes over what {person.name} leaves behind ({things}), or say that nobody does yet"


#: How long an invitation can be followed. A person on leave for a week still finds it good.
INVITATION_LASTS = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Invited:
    """An invitation that was made; ``token`` is shown once, to whoever made it, and is not kept."""

    user_id: UUID
    token: str
    expires_in: timedelta = INVITATION_LASTS


def invite(
    *,
    actor: Principal,
    agency_id: UUID,
    name: str,
    email: str,
    job_title: str,
    roles: Collection[Role],
    team_ids: Collection[UUID],
) -> Invited:
    """Let somebody join an agency. Weighty roles wait for a second administrator.

    Raises DomainError for roles that clash and teams of another agency, NotFound for no such agency.
    """
    agency = db.session.get(Agency, agency_id)
    if agency is None or not agency.active:
        raise NotFound("There is no such agency, or it is switched off.")
    require(actor, "people:manage", Facts(own_agency=agency.id == actor.agency_id))
    wanted = role_changes.checked(roles)
    user = User(
        agency_id=agency.id,
        name=name.strip(),
        email=email.strip(),
        job_title=job_title.strip(),
        roles=sorted(wanted - ROLES_THAT_NEED_CONFIRMING),
    )
    insert_now(user)
    _set_teams(user, team_ids)
    if wanted & ROLES_THAT_NEED_CONFIRMING:
        role_changes.ask(actor=actor, user_id=user.id, roles=wanted)
    audit.record("people:invite", user, agency=agency.code, roles=sorted(wanted))
    _tell_of_invitation(actor, user)
    return Invited(user_id=user.id, token=_new_link(user, actor))


def invite_again(*, actor: Principal, user_id: UUID) -> Invited:
    """A fresh link for somebody who has never signed in, or who was released; earlier ones stop working.

    Raises DomainError if the person can sign in already.
    """
    user = manageable_user(actor, user_id)
    if _can_sign_in(user):
        raise DomainError("This person can sign in already. Release their account first if it changed.")
    withdraw_links(actor=actor, user_id=user_id)
    audit.record("people:invite", user, again=True)
    _tell_of_invitation(actor, user)
    return Invited(user_id=user.id, token=_new_link(user, actor))


def _tell_of_invitation(actor: Principal, user: User) -> None:
    """Whoever leads the agency; never the person, whom whoever invites gives the link."""
    lead = db.session.get_one(Agency, user.agency_id).lead_id
    given, once = {Ground.AGENCY_LEAD: to_people(lead)}, clock.now().isoformat()
    tell(actor=actor, event=INVITED, about=About("app_user", user.id), given=given, once=once)


def withdraw_links(*, actor: Principal, user_id: UUID) -> None:
    """Make every link that was not followed yet useless."""
    user = manageable_user(actor, user_id)
    db.session.execute(
        update(StaffInvite)
        .where(
            StaffInvite.user_id == user_id,
            StaffInvite.accepted_at.is_(None),
            StaffInvite.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=clock.now())
    )
    audit.record("people:withdraw_invitation", user)


def change_details(
    *,
    actor: Principal,
    user_id: UUID,
    name: str,
    email: str,
    job_title: str,
    phone: str,
    team_ids: Collection[UUID],
    version: int,
    takes_over: UUID | None = None,
    later: bool = False,
) -> Handed | None:
    """Change what is kept about a person and which teams they are in.

    Whoever leaves a team hands over what they would read no more: to the colleague who ``takes_over``, or,
    said to be ``later``, by their manager, who is told. Returns what was handed over, where something was to
    be.

    Raises Conflict if somebody else changed the person since ``version``, DomainError if nobody takes over.
    """
    user = manageable_user(actor, user_id)
    mine = {
        "name": name.strip(),
        "email": email.strip(),
        "job_title": job_title.strip(),
        "phone": phone.strip(),
    }
    lock(user, version, mine=mine)
    changed = sorted(field for field, value in mine.items() if getattr(user, field) != value)
    count_change(user, **mine)
    before, keeps = set(_teams_of(user)), set(team_ids)
    leaves, handed = before - keeps, None
    if leaves:
        handed = hand_over_first(
            actor=actor,
            person=user,
            takes_over=takes_over,
            later=later,
            reason="Moved to another team",
            leaves=leaves,
            keeps=keeps,
        )
    teams_changed, knows = _set_teams(user, team_ids), False
    if leaves:
        knows = tell_what_is_left(actor=actor, person=user, teams=leaves, leaves=leaves, keeps=keeps)
        _tell_administrators(actor, user)
    if teams_changed:
        _tell_of_teams(actor, user, before ^ keeps, knows=knows)
    audit.record("people:change", user, fields=changed, teams_changed=teams_changed)
    return handed


def _tell_of_teams(actor: Principal, user: User, teams: Collection[UUID], *, knows: bool) -> None:
    """Whoever joined or left some teams, and whoever manages these.

    Args:
        knows: they were told already that they lost some work with a team.
    """
    given = {
        Ground.PERSON: NOBODY if knows else to_people(user.id),
        Ground.MANAGER: role_changes.managers_of(teams),
    }
    about, once = About("app_user", user.id), clock.now().isoformat()
    tell(actor=actor, event=TEAMS_CHANGED, about=about, given=given, once=once)


def switch_off(
    *, actor: Principal, user_id: UUID, reason: str, takes_over: UUID | None = None, later: bool = False
) -> Handed | None:
    """End a person's access now: their next request is refused, whatever device it comes from.

    What they lead and own goes to the colleague who ``takes_over``, or waits for their manager, who is told;
    of all that they are told nothing themselves, nor in the place of somebody else. Somebody who has left
    already has left when they did. Returns what was handed over, where something was to be.

    Raises DomainError if they hold something and nobody takes over, or are switched off already.
    """
    user = manageable_user(actor, user_id)
    if user.id == actor.user_id:
        raise DomainError("You cannot switch yourself off. Ask another administrator.")
    lock_row(user)  # whoever does the same at once finds them switched off
    if not user.active:
        raise DomainError("This person is switched off already. What you chose here was not done.")
    with telling_nothing_to(user.id):
        handed = hand_over_first(actor=actor, person=user, takes_over=takes_over, later=later, reason="Left")
        with keeping_a_way_in():
            user.active, user.left_at, user.version = False, clock.now(), user.version + 1
        withdraw_links(actor=actor, user_id=user_id)
        ended = _end_sessions(user)
        teams = _teams_of(user)
        hears = tell_what_is_left(actor=actor, person=user, teams=teams)  # their manager, of the work
        tell_sealed_left(actor=actor, person=user)
        _tell_administrators(actor, user, teams=() if hears else teams)
        registry.gone(actor=actor, person_id=user_id)
        audit.record("people:switch_off", user, reason=reason, sessions_ended=ended)
    return handed


def _tell_administrators(actor: Principal, user: User, teams: Collection[UUID] = ()) -> None:
    """The other administrators: whether anything of the person was left is for those who hand it over.

    Args:
        teams: those whose managers hear that the person was switched off.
    """
    given = {
        Ground.ADMINISTRATOR: other_administrators(actor.user_id, user.id),
        Ground.MANAGER: role_changes.managers_of(teams),
    }
    about, once = About("app_user", user.id), clock.now().isoformat()
    tell(actor=actor, event=GONE, about=about, given=given, once=once)


def switch_on(*, actor: Principal, user_id: UUID) -> None:
    """Let a person in again who had left. Weighty roles do not come back by themselves."""
    user = manageable_user(actor, user_id)
    if user.id == actor.user_id:
        raise DomainError("You cannot switch yourself on.")
    lock_row(user)
    user.active, user.left_at, user.version = True, None, user.version + 1
    user.roles = sorted(set(user.roles) - ROLES_THAT_NEED_CONFIRMING)
    db.session.flush()
    audit.record("people:switch_on", user)
    _tell_of_account(actor, user)


def _tell_of_account(actor: Principal, user: User) -> None:
    given, once = {Ground.PERSON: to_people(user.id)}, clock.now().isoformat()
    tell(actor=actor, event=ACCOUNT_CHANGED, about=About("app_user", user.id), given=given, once=once)


def end_sessions(*, actor: Principal, user_id: UUID) -> int:
    """Sign a person out everywhere; gives how many sessions ended."""
    user = manageable_user(actor, user_id)
    ended = _end_sessions(user)
    _tell_of_account(actor, user)
    return ended


def _end_sessions(user: User) -> int:
    ended = db.session.scalar(select(func.ctx.end_sessions_of(user.id))) or 0
    audit.record("people:end_sessions", user, ended=ended)
    return int(ended)


def release(*, actor: Principal, user_id: UUID) -> None:
    """Forget at which provider a person signs in, because their account there changed.

    Whoever can give out a new link could follow it themselves, so roles that take a second administrator
    are lost with the account and have to be confirmed again.
    """
    user = manageable_user(actor, user_id)
    if user.id == actor.user_id:
        raise DomainError("You cannot release your own account. Ask another administrator.")
    lock_row(user)
    _end_sessions(user)
    with keeping_a_way_in():
        user.roles = sorted(set(user.roles) - ROLES_THAT_NEED_CONFIRMING)
        user.version += 1
    db.session.execute(select(func.ctx.release_identities(user_id)))
    audit.record("people:release", user)
    _tell_of_account(actor, user)


def _can_sign_in(user: User) -> bool:
    return bool(db.session.scalar(select(exists().where(UserIdentity.user_id == user.id))))


def _new_link(user: User, actor: Principal) -> str:
    token = secrets.token_urlsafe(32)
    insert_now(
        StaffInvite(
            user_id=user.id,
            token_hash=invitation_hash(token),
            invited_by=actor.user_id,
            expires_at=clock.now() + INVITATION_LASTS,
        )
    )
    return token


def _set_teams(user: User, team_ids: Collection[UUID]) -> bool:
    allowed: Sequence[UUID] = db.session.scalars(
        select(Team.id).where(Team.agency_id == user.agency_id, Team.active)
    ).all()
    wanted, present = set(team_ids), set(_teams_of(user))
    if not wanted <= set(allowed):
        raise DomainError("Choose teams of the person’s own agency.", field="team_ids")
    if gone := present - wanted:
        db.session.execute(
            delete(TeamMember).where(TeamMember.user_id == user.id, TeamMember.team_id.in_(gone))
        )
    for team_id in sorted(wanted - present):
        db.session.add(TeamMember(team_id=team_id, user_id=user.id))
    db.session.flush()
    return wanted != present


def _teams_of(user: User) -> Sequence[UUID]:
    return db.session.scalars(select(TeamMember.team_id).where(TeamMember.user_id == user.id)).all()
