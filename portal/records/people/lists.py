"""The lists of people whose access somebody looks after, and for an administrator of agencies and teams."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Text,
    and_,
    any_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from portal.access.principal import current
from portal.extensions import db
from portal.queries.declared import (
    AnyOf,
    Filter,
    Listing,
    Options,
    Sort,
    a_to_z,
    heads,
    labels,
    lowered,
    one_of,
)
from portal.queries.listing import Whole
from portal.records.people.model import Agency, Team, User, UserIdentity
from portal.vocabulary import Desk, Labelled, Role, Sector

_SIGNS_IN = exists().where(UserIdentity.user_id == User.id)


class Access(Labelled):
    """Whether somebody can sign in."""

    ON = "on", "Can sign in"
    INVITED = "invited", "Not signed in yet"
    OFF = "off", "Switched off"


def _access() -> dict[Access, ColumnElement[bool]]:
    return {
        Access.ON: and_(User.active, _SIGNS_IN),
        Access.INVITED: and_(User.active, ~_SIGNS_IN),
        Access.OFF: User.active.is_(False),
    }


def _of_roles(codes: Sequence[str]) -> ColumnElement[bool]:
    return User.roles.op("&&")(cast(list(codes), ARRAY(Text)))


def _agencies() -> Options:
    """Every agency, for an administrator; a manager sees their own people alone and is not asked."""
    if not current().has(Role.ADMINISTRATOR):
        return ()
    rows = db.session.execute(select(Agency.code, Agency.name).order_by(Agency.name, Agency.id))
    return [(row.code, row.name) for row in rows]


_STANDING = case((User.active.is_(False), 2), (_SIGNS_IN, 1), else_=0)

PEOPLE = Listing(
    name="people",
    noun=("person", "people"),
    key=User.id,
    columns=heads(("Name", "name"), ("Agency", "agency"), "May do", ("Access", "access")),
    sorts=(
        a_to_z("name", "By name", User.name),
        a_to_z("agency", "By agency", Agency.name, User.name, more=", then by name"),
        Sort(
            "access",
            "Who has not signed in yet first, then who can, then who is switched off",
            "Who is switched off first, then who can sign in, then who has not yet",
            by=(cast(_STANDING, Integer), lowered(User.name)),
            personal=True,
        ),
    ),
    filters=(
        Filter("access", "Access", labels(Access), AnyOf(_access)),
        Filter("role", "May do", labels(Role), _of_roles),
        Filter("agency", "Agency", _agencies, one_of(Agency.code)),
    ),
)


def rows_of(*, within: UUID | None) -> Whole:
    """The people whose access somebody looks after.

    Args:
        within: the agency of a manager, who sees their own people alone; None for an administrator.
    """
    columns: tuple[Any, ...] = (
        User.id,
        User.name,
        User.job_title,
        Agency.name.label("agency_name"),
        User.roles,
        User.active,
        _SIGNS_IN.label("has_account"),
    )
    rows = select(*columns).join(Agency, Agency.id == User.agency_id)
    return Whole(rows.where(*([User.agency_id == within] if within else [])))


_PEOPLE = (
    select(func.count()).where(User.agency_id == Agency.id, User.active).correlate(Agency).scalar_subquery()
)
_WORKS = exists().where(Team.agency_id == Agency.id, Team.active)


class OfAgency(Labelled):
    """What an administrator looks for among agencies."""

    ON = "on", "Sign-in on"
    OFF = "off", "Switched off"
    NO_PEOPLE = "no_people", "Nobody has access"
    NO_TEAM = "no_team", "No team"
    NO_LEAD = "no_lead", "No lead person"


_MANAGER = aliased(User, name="manager_of_team")


def _of_agency() -> dict[OfAgency, ColumnElement[bool]]:
    return {
        OfAgency.ON: Agency.active.is_(True),
        OfAgency.OFF: Agency.active.is_(False),
        OfAgency.NO_PEOPLE: or_(Agency.active.is_(False), _PEOPLE == 0),
        OfAgency.NO_TEAM: ~_WORKS,
        OfAgency.NO_LEAD: Agency.lead_id.is_(None),
    }


AGENCIES = Listing(
    name="agencies",
    noun=("agency", "agencies"),
    key=Agency.id,
    columns=heads(("Name", "name"), "Line of work", ("People", "people"), "Sign-in"),
    sorts=(
        a_to_z("name", "By name", Agency.name),
        Sort(
            "people",
            "The most people first",
            "The fewest people first",
            by=(cast(_PEOPLE, Integer),),
            downwards=True,
        ),
    ),
    filters=(
        Filter("look", "Look out for", labels(OfAgency), AnyOf(_of_agency)),
        Filter("sector", "Line of work", labels(Sector), one_of(Agency.sector)),
    ),
)


def every_agency() -> Whole:
    """All agencies, with how many people of each have access."""
    return Whole(
        select(
            Agency.id, Agency.code, Agency.name, Agency.sector, Agency.active, _PEOPLE.label("people")
        ).select_from(Agency)
    )


class OfTeam(Labelled):
    """What an administrator looks for among teams."""

    NO_MANAGER = "no_manager", "No manager"
    NIGHT = "night", "Answers at every hour"
    NO_DESK = "no_desk", "Answers for nothing beyond its cases"
    CLOSED = "closed", "Closed"


def _of_team() -> dict[OfTeam, ColumnElement[bool]]:
    nothing = func.cardinality(Team.desks) == 0
    is_so = (Team.manager_id.is_(None), Team.answers_at_night.is_(True), nothing, Team.active.is_(False))
    return dict(zip(OfTeam, is_so, strict=True))


TEAMS = Listing(
    name="teams",
    noun=("team", "teams"),
    key=Team.id,
    columns=heads(("Team", "name"), ("Agency", "agency"), "Answers for", "On duty", "Manager"),
    sorts=(
        a_to_z("agency", "By agency", Agency.name, Team.name, more=", then by name"),
        a_to_z("name", "By name", Team.name),
    ),
    filters=(
        Filter("look", "Look out for", labels(OfTeam), AnyOf(_of_team)),
        Filter(
            "desk",
            "Answers for",
            labels(Desk),
            AnyOf(lambda: {one: literal(one.value) == any_(Team.desks) for one in Desk}),
        ),
        Filter("agency", "Agency", _agencies, one_of(Agency.code)),
    ),
)


def every_team() -> Whole:
    """All teams, of whatever agency."""
    columns: tuple[Any, ...] = (
        *(Team.id, Team.name, Team.active, Team.desks, Team.answers_at_night),
        *(Team.duty_email, Team.duty_phone),
        Agency.code.label("agency_code"),
        Agency.name.label("agency_name"),
        _MANAGER.name.label("manager"),
    )
    rows = select(*columns).select_from(Team).join(Agency, Agency.id == Team.agency_id)
    return Whole(rows.outerjoin(_MANAGER, _MANAGER.id == Team.manager_id))
