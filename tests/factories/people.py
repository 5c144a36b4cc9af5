"""Agencies, teams, people and their sessions."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, insert
from sqlalchemy.orm import Session

from portal.model import new_id
from portal.records.people.model import Agency, SignInSession, Team, TeamMember, User
from portal.vocabulary import Role, Sector


def make_agency(rows: Session, name: str, sector: Sector, *, authority: str | None = None) -> Agency:
    """An agency of one sector."""
    agency = new_agency(name, sector, authority=authority)
    rows.add(agency)
    rows.commit()
    return agency


def new_agency(name: str, sector: Sector, *, authority: str | None = None) -> Agency:
    """An agency of one sector, not yet written."""
    return Agency(
        id=new_id(),
        code=name.lower().replace(" ", "-").replace("’", ""),
        name=name,
        sector=sector,
        authority=authority,
        districts=[],
        active=True,
    )


def make_team(rows: Session, agency: Agency, name: str = "Duty team") -> Team:
    """A team with a duty address."""
    team = new_team(agency, name)
    rows.add(team)
    rows.commit()
    return team


def new_team(agency: Agency, name: str = "Duty team") -> Team:
    """A team with a duty address, not yet written."""
    return Team(
        id=new_id(),
        agency_id=agency.id,
        name=name,
        duty_email=f"duty@{agency.code}.example",
        duty_phone="01632 960001",
        active=True,
    )


def make_user(
    rows: Session, agency: Agency, name: str, *roles: Role, teams: tuple[Team, ...] = (), active: bool = True
) -> User:
    """A person of an agency, in `teams`."""
    user = new_user(agency, name, *roles, active=active)
    rows.add(user)
    rows.flush()
    rows.add_all(TeamMember(team_id=team.id, user_id=user.id) for team in teams)
    rows.commit()
    return user


def new_user(agency: Agency, name: str, *roles: Role, active: bool = True) -> User:
    """A person of an agency, in no team and not yet written."""
    return User(
        id=new_id(),
        agency_id=agency.id,
        name=name,
        email=f"{name.lower().replace(' ', '.')}@{agency.code}.example",
        roles=[role.value for role in (roles or (Role.PRACTITIONER,))],
        active=active,
    )


def open_session(
    rows: Session, user_id: UUID, *, idle: int = 1800, lasts: timedelta = timedelta(hours=12)
) -> str:
    """A live session of `user_id`; the token that its cookie would hold.

    It begins by the database's clock, which ends it, also where a test tells another time.
    """
    token = secrets.token_urlsafe(32)
    now = func.clock_timestamp()
    rows.execute(
        insert(SignInSession).values(
            id=new_id(),
            user_id=user_id,
            token_hash=hashlib.sha256(token.encode()).digest(),
            issuer="https://provider.example",
            device="Test browser",
            opened_at=now,
            last_seen_at=now,
            idle_seconds=idle,
            ends_at=now + lasts,
        )
    )
    rows.commit()
    return token
