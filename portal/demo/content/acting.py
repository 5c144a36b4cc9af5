"""Does things as the people of the demonstration, each with a session of their own, at a past moment."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import principal
from portal.access.principal import Principal
from portal.access.sign_in.flow import Identity
from portal.clock import LOCAL_ZONE
from portal.demo import partnership
from portal.extensions import db
from portal.model import Model
from portal.pathway.calendar import add_working_days, at_local, subtract_working_days
from portal.pathway.characters import BadIdentifier, read_nhs_number, read_upn
from portal.records.cases.model import Case
from portal.records.meetings.model import Invitation, Meeting
from portal.records.people import sign_in
from portal.records.people.model import Team, TeamMember, User

_AGO = re.compile(r"(?:(\d+)d(?: (\d\d?):(\d\d))?|(\d+)h|(\d+)min)")
_AGE = re.compile(r"(\d+)y(?: (\d+)m)?(?: (\d+)d)?")
_WORKING_DAY = re.compile(r"([+-])(\d+)wd (\d\d):(\d\d)")
_HOURS_AHEAD = re.compile(r"\+(\d+)h")
_MORNING = time(10)
_JUST_NOW = timedelta(minutes=2)
DAY = timedelta(days=1)


def moment(said: str, now: datetime) -> datetime:
    """The moment so long before `now`: "12d" (at ten in the morning), "12d 15:30", "6h" or "20min".

    Args:
        now: aware; what is said to be today and later than now becomes a moment ago.

    Raises:
        ValueError: it is written in another way.
    """
    found = _AGO.fullmatch(said)
    if not found:
        raise ValueError(f"“{said}” is no time ago: write 12d, 12d 15:30, 6h or 20min")
    days, hour, minute, hours, minutes = found.groups()
    if days is None:
        return now - timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    day = now.astimezone(LOCAL_ZONE).date() - timedelta(days=int(days))
    at = time(int(hour), int(minute)) if hour else _MORNING
    return min(datetime.combine(day, at, tzinfo=LOCAL_ZONE), now - _JUST_NOW)


def day(said: str, now: datetime) -> date:
    """The day of a moment as it was in London."""
    return moment(said, now).astimezone(LOCAL_ZONE).date()


def day_and_time(said: str, now: datetime) -> datetime:
    """A moment on a working day, so many after or before today: "+5wd 10:00", "-4wd 10:00".

    Or in so many hours, on the hour: "+2h"; late in the evening that is still today.

    Raises:
        ValueError: it is written in another way.
    """
    today = now.astimezone(LOCAL_ZONE)
    if hours := _HOURS_AHEAD.fullmatch(said):
        soon = today + timedelta(hours=int(hours[1]))
        on_the_hour = soon.replace(minute=0, second=0, microsecond=0)
        return on_the_hour if soon.date() == today.date() else at_local(today.date(), time(23, 55))
    found = _WORKING_DAY.fullmatch(said)
    if not found:
        raise ValueError(f"“{said}” is no working day: write +5wd 10:00, -4wd 10:00 or +2h")
    count = add_working_days if found[1] == "+" else subtract_working_days
    return at_local(count(today.date(), int(found[2])), time(int(found[3]), int(found[4])))


def born(age: str, today: date) -> date:
    """A date of birth of somebody who is so old today: "14y 3m" or "9y 0m 20d".

    Without days it is some day of the month before, always the same one for the same age.

    Raises:
        ValueError: it is written in another way.
    """
    found = _AGE.fullmatch(age)
    if not found:
        raise ValueError(f"“{age}” is no age: write 14y 3m")
    years, months, days = (int(part or 0) for part in found.groups())
    if found[3] is None:
        days = (years * 7 + months * 11) % 27
    month = today.month - months
    first = date(today.year - years + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    return first + timedelta(days=min(today.day, 28) - 1 - days)


DATA = Path(__file__).parents[1] / "data"

Described = dict[str, Any]


def described(folder: str) -> list[Described]:
    """Everything that the files of a folder describe, in the order of their names."""
    return [one for path in sorted((DATA / folder).glob("*.toml")) for one in _items(path)]


def pool() -> dict[str, list[Described]]:
    """Entries that fit almost any case, by the sector of the agency that adds them."""
    found: dict[str, list[Described]] = tomllib.loads((DATA / "entries.toml").read_text("utf-8"))
    return found


def _items(path: Path) -> Iterator[Described]:
    for items in tomllib.loads(path.read_text("utf-8")).values():
        yield from items


_NO_SUCH_AUTHORITY = "000"


def nhs_numbers() -> Iterator[str]:
    """NHS numbers of the test range, each once."""
    for serial in range(100_000, 1_000_000, 37):
        for check in range(10):
            try:
                yield read_nhs_number(f"999{serial}{check}")
            except BadIdentifier:
                continue


def pupil_numbers() -> Iterator[str]:
    """Unique pupil numbers of a local authority that does not exist, each once."""
    for serial in range(1, 10_000, 7):
        for letter in "ABCDEFGHJKLMNPQRTUVWXYZ":
            try:
                yield read_upn(f"{letter}{_NO_SUCH_AUTHORITY}12{serial:07d}")
            except BadIdentifier:
                continue


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
        return moment(said, self.now)

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
        principal.become(db.session(), token)
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
