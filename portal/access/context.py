"""Who the database is told is asking: an opaque token, in every transaction, also when there is none."""

from contextvars import ContextVar

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session, SessionTransaction

_token: ContextVar[str] = ContextVar("portal_session_token", default="")
_SET = text("select set_config('portal.session', :token, true)")


def use_token(token: str) -> None:
    """From the next transaction on, ask as whoever this session token belongs to ('' is nobody)."""
    _token.set(token)


def has_token() -> bool:
    """Whether somebody says that they are signed in; a visitor without a token need not be looked up."""
    return bool(_token.get())


def become(session: Session, token: str) -> None:
    """Ask as whoever `token` belongs to already in the present transaction, which opened or ended it."""
    use_token(token)
    session.execute(_SET, {"token": token})


@event.listens_for(Session, "after_begin")
def _say_who_asks(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Every transaction of every session begins so; outside a request nobody is asking."""
    connection.execute(_SET, {"token": _token.get()})
