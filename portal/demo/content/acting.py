"""Does things as the people of the demonstration, each with a session of their own, at a past moment."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import context, principal
from portal.access.principal import Principal
from portal.access.sign_in.flow import Identity
from portal.demo import partnership
from portal.demo.content import moments
from portal.demo.content.moments import Described
from portal.extensions import db
from portal.model import Model
from portal.records.cases.model import Case
from portal.records.meetings.model import Invitation, Meeting
from portal.records.people import sign_in
from portal.records.people.model import Team, TeamMember, User

Record = TypeVar("Record", bound=Model)


class Stage:
    """The people, and the moment at which they do something.

    Args:
        now: when the demonstration is loaded.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._issuers = partnership.issuers()
        self._tokens: dict[str, str] = {}

    @contextmanager
    def acting(self, who: str, at: datetime) -> Iterator[Principal]:
        """Act as a person, named by their identifier in the partnership's file, at a moment.

        What others loaded is forgotten first: each person reads only what they may read.
        """
        db.session.flush()
        db.session.expunge_all()
        self._ask_as(self._token(who))
        with clock.telling(at):
            yield principal.current()
            db.session.flush()

    def clear(self) -> None:
        """Sign everybody out again."""
        db.session.flush()
        for token in self._tokens.values():
            self._ask_as(token)
            if principal.optional() is not None:  # a leaver's session has ended
                sign_in.close_session()
        self._ask_as("")

    def ago(self, said: str) -> datetime:
        """The moment so long ago, see `moments.moment`."""
        return moments.moment(said, self.now)

    def _token(self, who: str) -> str:
        if who not in self._tokens:
            self._ask_as("")
            identity = Identity(
                issuer=self._issuers[who], subject=who, provider_session=None, acr=None, amr=("mfa",)
            )
            self._tokens[who] = sign_in.open_session(identity=identity, device="Demonstration")
        return self._tokens[who]

    @staticmethod
    def _ask_as(token: str) -> None:
        context.become(db.session(), token)
        principal.forget()


def person(who: str) -> User:
    """The record of a person, as a colleague sees it."""
    return db.session.scalars(select(User).filter_by(email=partnership.email(who))).one()


def team_of(user: User) -> Team:
    """The first of a person's teams by name."""
    teams = select(Team).join(TeamMember, TeamMember.team_id == Team.id)
    return db.session.scalars(teams.where(TeamMember.user_id == user.id).order_by(Team.name).limit(1)).one()


def team_called(name: str) -> Team:
    """The team with a name."""
    return db.session.scalars(select(Team).filter_by(name=name)).one()


def reread(kind: type[Record], identifier: UUID) -> Record:
    """A record as the person who acts now sees it."""
    return db.session.get_one(kind, identifier)


@dataclass(frozen=True)
class PreparingStep:
    """One thing that somebody did about a meeting, and what the files say of it."""

    actor: Principal
    meeting: Meeting
    said: Described
    now: datetime
    known: Mapping[str, UUID]

    @property
    def case(self) -> Case:
        """The case of the child that it is about."""
        return db.session.query(Case).filter_by(child_id=self.known[self.said["case"]]).one()

    @property
    def at(self) -> dict[str, Any]:
        """Who acts at which meeting, as services take it."""
        return {"actor": self.actor, "meeting": self.meeting}

    def of_outsider(self) -> Invitation:
        """The invitation of somebody without an account."""
        return (
            db.session.query(Invitation)
            .filter_by(meeting_id=self.meeting.id, external_name=self.said["name"])
            .one()
        )
