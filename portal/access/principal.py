"""The person who is asking, as plain facts; never the database row."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import Connection, Row, event, text
from sqlalchemy.orm import Session, SessionTransaction

from portal.access.connections import AWAY
from portal.extensions import db
from portal.vocabulary import Role, Sector

_token: ContextVar[str] = ContextVar("portal_session_token", default="")
_ARRIVE = text("select * from ctx.arrive(:token)")
_NOBODY = text("select set_config('portal.session', '', true)")
_ARRIVED, _ARRIVED_AS = "arrived", "arrived_as"

#: In the `info` of a session of the tables' owner, through which no person asks: migrations, factories, the
#: demonstration. As the application's role such a session would be nobody, and see nothing.
OWNERS = "owners"


def use_token(said: str) -> None:
    """From the next transaction on, ask as whoever this session token belongs to ('' is nobody)."""
    _token.set(said)


def has_token() -> bool:
    """Whether somebody says that they are signed in; a visitor without a token need not be looked up."""
    return bool(_token.get())


def token() -> str:
    """The session token of whoever asks; empty for nobody."""
    return _token.get()


def become(session: Session, token: str) -> None:
    """Ask as whoever `token` belongs to already in the present transaction, which opened or ended it."""
    use_token(token)
    _arrive(session, session.connection())


def arrived(session: Session) -> Row[Any] | None:
    """Who the database says is asking in the transaction of `session`, which begins if there is none."""
    session.connection()
    found: Row[Any] | None = session.info.get(_ARRIVED)
    return found


@event.listens_for(Session, "after_begin")
def _say_who_asks(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Every transaction of every session begins so; outside a request nobody is asking.

    A savepoint within one need not say it again: undoing what came after it does not unsay it.
    """
    if not (transaction.nested and session.info.get(_ARRIVED_AS) == _token.get()):
        _arrive(session, connection)


def _arrive(session: Session, connection: Connection) -> None:
    """With a token, saying who asks also answers who that is: one round trip for both."""
    if session.info.get(OWNERS):
        return
    if has_token():
        row = connection.execute(_ARRIVE, {"token": _token.get()}).one_or_none()
    else:
        connection.execute(_NOBODY)
        row = None
    session.info[_ARRIVED], session.info[_ARRIVED_AS] = row, _token.get()


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
    row = arrived(db.session())
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
        g.principal = load() if has_token() else None
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
