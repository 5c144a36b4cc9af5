"""Where people are signed in: oneself, and those whose access one looks after."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from portal.extensions import db

_MINE = text("select id, device, opened_at, last_seen_at, current from ctx.my_sessions()")
_THEIRS = text("select device, opened_at, last_seen_at from ctx.sessions_of(:user_id)")


class OwnSession(NamedTuple):
    """One browser in which the person who asks is signed in."""

    id: UUID
    device: str
    opened_at: datetime
    last_seen_at: datetime
    current: bool


class SessionOf(NamedTuple):
    """One browser in which somebody else is signed in."""

    device: str
    opened_at: datetime
    last_seen_at: datetime


def mine() -> Sequence[OwnSession]:
    """The sessions of whoever is asking, the one used last first."""
    return [OwnSession(*row) for row in db.session.execute(_MINE)]


def of(user_id: UUID) -> Sequence[SessionOf]:
    """The sessions of a person whose access one looks after; none of anybody else."""
    return [SessionOf(*row) for row in db.session.execute(_THEIRS, {"user_id": user_id})]
