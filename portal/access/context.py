"""Who the database is told is asking: an opaque token, in every transaction, also when there is none."""

from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, Row, event, text
from sqlalchemy.orm import Session, SessionTransaction

_token: ContextVar[str] = ContextVar("portal_session_token", default="")
_ARRIVE = text("select * from ctx.arrive(:token)")
_NOBODY = text("select set_config('portal.session', '', true)")
_ARRIVED = "arrived"

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
def _say_who_asks(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Every transaction of every session begins so; outside a request nobody is asking."""
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
    session.info[_ARRIVED] = row
