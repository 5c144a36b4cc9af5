"""The list of people whose access somebody looks after: of which agency, their roles, who can sign in."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)

from portal.access.principal import current
from portal.extensions import db
from portal.labelled import Labelled
from portal.queries.listing import Asked, Column, Filter, Found, Listing, Options, Sort, find
from portal.records.people.model import Agency, User, UserIdentity
from portal.vocabulary import Role

_SIGNS_IN = exists().where(UserIdentity.user_id == User.id)


class Access(Labelled):
    """Whether somebody can sign in."""

    ON = "on", "Can sign in"
    INVITED = "invited", "Not signed in yet"
    OFF = "off", "Switched off"


def _access(codes: Sequence[str]) -> ColumnElement[bool]:
    holds: dict[Access, ColumnElement[bool]] = {
        Access.ON: and_(User.active, _SIGNS_IN),
        Access.INVITED: and_(User.active, ~_SIGNS_IN),
        Access.OFF: User.active.is_(False),
    }
    return or_(*(holds[Access(one)] for one in codes))


def _of_roles(codes: Sequence[str]) -> ColumnElement[bool]:
    return User.roles.op("&&")(cast(list(codes), ARRAY(Text)))


def _agencies() -> Options:
    """Every agency, for an administrator; a manager sees their own people alone and is not asked."""
    if not current().has(Role.ADMINISTRATOR):
        return ()
    rows = db.session.execute(select(Agency.code, Agency.name).order_by(Agency.name, Agency.id))
    return [(row.code, row.name) for row in rows]


_NAME = func.lower(User.name, type_=Text)
_STANDING = case((User.active.is_(False), 2), (_SIGNS_IN, 1), else_=0)

PEOPLE = Listing(
    name="people",
    noun=("person", "people"),
    key=User.id,
    columns=(
        Column(label="Name", sort="name"),
        Column(label="Agency", sort="agency"),
        Column(label="May do"),
        Column(label="Access", sort="access"),
    ),
    sorts=(
        Sort(
            code="name",
            by=(_NAME,),
            says="By name, from A to Z",
            says_backwards="By name, from Z to A",
            personal=True,
        ),
        Sort(
            code="agency",
            by=(func.lower(Agency.name, type_=Text), _NAME),
            says="By agency, from A to Z, then by name",
            says_backwards="By agency, from Z to A, then by name",
            personal=True,
        ),
        Sort(
            code="access",
            by=(cast(_STANDING, Integer), _NAME),
            says="Who has not signed in yet first, then who can, then who is switched off",
            says_backwards="Who is switched off first, then who can sign in, then who has not yet",
            personal=True,
        ),
    ),
    filters=(
        Filter(
            name="access",
            label="Access",
            options=lambda: [(one.value, one.label) for one in Access],
            where=_access,
        ),
        Filter(
            name="role",
            label="May do",
            options=lambda: [(one.value, one.label) for one in Role],
            where=_of_roles,
        ),
        Filter(name="agency", label="Agency", options=_agencies, where=Agency.code.in_),
    ),
)


def find_people_listed(asked: Asked, *, within: UUID | None) -> Found:
    """A page of the people whose access somebody looks after, as they were asked for.

    Args:
        within: the agency of a manager, who sees their own people alone; None for an administrator.
    """
    return find(asked, _rows().where(*([User.agency_id == within] if within else [])))


def _rows() -> Select[Any]:
    columns: tuple[Any, ...] = (
        User.id,
        User.name,
        User.job_title,
        Agency.name.label("agency_name"),
        User.roles,
        User.active,
        _SIGNS_IN.label("has_account"),
    )
    return select(*columns).join(Agency, Agency.id == User.agency_id)
