"""The person who is asking, as plain facts; never the database row."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask import g

from portal.access import context
from portal.access.connections import AWAY
from portal.extensions import db
from portal.vocabulary import Role, Sector


@dataclass(frozen=True)
class Principal:
    """A signed-in person, as the database knows them through their session."""

    session_id: UUID
    user_id: UUID
    name: str
    agency_id: UUID
    agency_name: str
    agency_code: str
    sector: Sector
    team_ids: frozenset[UUID]
    roles: frozenset[Role]
    due_a_touch: bool = False  # the session was last seen more than a minute ago

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The name under which Flask-Login knows the person: their session, which ends."""
        return str(self.session_id)

    def has(self, *roles: Role) -> bool:
        """Whether the person holds any of `roles`."""
        return bool(self.roles.intersection(roles))

    @property
    def is_coordinator(self) -> bool:
        """A coordinator is a person of the hub: the role alone, elsewhere, is nothing."""
        return self.sector is Sector.HUB and Role.COORDINATOR in self.roles

    @property
    def readers(self) -> frozenset[UUID]:
        """The readers with a list of cases, of those that `ctx.readers()` says: used to choose one, never to
        decide. The practices of the agency have none.
        """
        own: Iterable[UUID] = (self.user_id,)
        if Role.ADMINISTRATOR in self.roles:
            return frozenset()
        teams = self.team_ids if self.has(Role.PRACTITIONER, Role.CHAIR, Role.MANAGER) else frozenset[UUID]()
        agency = {self.agency_id} if self.has(Role.MANAGER) else set[UUID]()
        hub = {UUID(int=0)} if self.is_coordinator else set[UUID]()
        return frozenset(own) | teams | agency | hub


def load() -> Principal | None:
    """Whoever the database says the present session token belongs to; nobody if it is not live."""
    row = context.arrived(db.session())
    if row is None:
        return None
    return Principal(
        session_id=row.session_id,
        user_id=row.user_id,
        name=row.name,
        agency_id=row.agency_id,
        agency_name=row.agency_name,
        agency_code=row.agency_code,
        sector=Sector(row.sector),
        team_ids=frozenset(row.team_ids),
        roles=frozenset(Role(role) for role in row.roles),
        due_a_touch=row.due_a_touch,
    )


def current() -> Principal:
    """The person of this request.

    Raises:
        LookupError: nobody is signed in; the guard lets no such request reach a view that asks.
    """
    found = optional()
    if found is None:
        raise LookupError("nobody is signed in")
    return found


def optional() -> Principal | None:
    """The person of this request, or nobody. Asks the database once per request."""
    if "principal" not in g:
        g.principal = load() if context.has_token() else None
    found: Principal | None = g.principal
    return found


def if_known() -> Principal | None:
    """The person of this request, or nobody: for pages that are there while the database is away.

    `is_unknown` tells whether it was.
    """
    try:
        return optional()
    except AWAY:
        db.session.rollback()
        g.principal, g.principal_unknown = None, True
        return None


def is_unknown() -> bool:
    """Whether somebody says that they are signed in, and the database could not be asked who that is."""
    return bool(g.get("principal_unknown"))


def forget() -> None:
    """Ask the database again who is asking: a session was opened or ended in this request."""
    g.pop("principal", None)
