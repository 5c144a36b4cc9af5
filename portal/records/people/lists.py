"""The list of people whose access somebody looks after: of which agency, their roles, who can sign in."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Text, and_, case, cast, exists, select

from portal.access.principal import current
from portal.extensions import db
from portal.queries.declared import (
    AnyOf,
    Column,
    Filter,
    Listing,
    Options,
    Sort,
    a_to_z,
    labels,
    lowered,
    one_of,
)
from portal.queries.listing import Whole
from portal.records.people.model import Agency, User, UserIdentity
from portal.vocabulary import Labelled, Role

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
    columns=(
        Column("Name", sort="name"),
        Column("Agency", sort="agency"),
        Column("May do"),
        Column("Access", sort="access"),
    ),
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
