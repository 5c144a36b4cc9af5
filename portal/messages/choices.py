"""Whom something is told – persons, teams, and those without an account –, by which way, and when: in the
sending hours, or at once where it would come too late. And what stands in the way of telling somebody, as
far as whoever tells may know it; who covers for them; and whom to ring where there is nobody.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, Uuid, bindparam, false, func, select, text, true, union
from sqlalchemy.dialects.postgresql import ARRAY

from portal import clock
from portal.extensions import db
from portal.messages.vocabulary import CHANNELS, Ground, HandReason, MessageChannel, TellBy
from portal.pathway.calendar import goes_out, hub_is_open, numbers_at, offices_are_open
from portal.policy import ContactKind, current_policy
from portal.policy.telling import Tell
from portal.records.by_hand.rules import Outsider
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.reminders.covers import seniors
from portal.reminders.deliverability import may_open, permission_of
from portal.reminders.receivers import members_of
from portal.reminders.writing import About
from portal.vocabulary import Sector

#: Whoever is gone reads nothing in the portal.
GONE = frozenset({HandReason.LEFT, HandReason.TEAM_CLOSED})


def obstacles_of(
    about: About, people: Collection[UUID], teams: Collection[UUID], *, sightless: Collection[UUID] = ()
) -> dict[UUID, HandReason]:
    """What will stand in the way of telling some of them of something; nothing of whoever can be told.

    Args:
        sightless: those of them who are told also where they may not see the record; of them, what else does.
    """
    return obstacles_and_sightless(about, people, teams, sightless)[0]


def obstacles_and_sightless(
    about: About, people: Collection[UUID], teams: Collection[UUID], sightless: Collection[UUID]
) -> tuple[dict[UUID, HandReason], frozenset[UUID]]:
    """The same, and which of the `sightless` may not see the record."""
    if not (people or teams):
        return {}, frozenset()
    asked = func.ctx.my_obstacles(
        about.kind, about.id, about.case_id, _array(people), _array(teams), clock.today()
    ).table_valued("id", "obstacle", "otherwise")
    rows = db.session.execute(select(text("id, obstacle, otherwise")).select_from(asked)).all()
    found = {row.id: row.otherwise if row.id in sightless else row.obstacle for row in rows}
    blind = (row.id for row in rows if row.id in sightless and row.obstacle == HandReason.NO_REACH)
    return {who: HandReason(one) for who, one in found.items() if one}, frozenset(blind)


def covering_for(about: About, away: Collection[UUID]) -> dict[UUID, UUID]:
    """Who covers the case of something today for some who are away: by deputy. Of a case that one reads; of
    what hangs on no one case, such as a missing episode, an open case of the child; of an action or a
    question whose case one does not read, of those who follow it.
    """
    if not away:
        return {}
    behind = func.ctx.covered_behind(about.kind, about.id, _array(away), clock.today())
    sources = [behind.table_valued("away_id", "deputy_id").alias("behind")]
    if about.case_id is not None:
        on = func.ctx.covered_on(about.case_id, clock.today())
        sources.append(on.table_valued("away_id", "deputy_id").alias("on_case"))
    covers = (select(one.c.away_id, one.c.deputy_id).where(one.c.deputy_id.is_not(None)) for one in sources)
    rows = db.session.execute(union(*covers))
    return {row.deputy_id: row.away_id for row in rows if row.away_id in away}


def stand_ins_of(
    about: About, away: Collection[UUID], *, sightless: Collection[UUID] = ()
) -> dict[UUID, str]:
    """Who reads an e-mail to somebody who is away instead: by that person, the name of whoever covers the
    case, as far as one reads it and nothing stands in the way of them in turn.

    Args:
        sightless: as of `obstacles_of`, of those who are away.
    """
    covering = covering_for(about, away)
    theirs = [deputy for deputy, of in covering.items() if of in sightless]
    cannot = obstacles_of(about, list(covering), [], sightless=theirs)
    able = {deputy: of for deputy, of in covering.items() if deputy not in cannot}
    if not able:
        return {}
    named = db.session.execute(select(User.id, User.name).where(User.id.in_(able)))
    return {able[row.id]: row.name for row in named}


def only_in_portal(asked: Collection[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Of persons and kinds of message that they may switch off, those whom no e-mail of it is sent to."""
    if not asked:
        return set()
    statement = text("select user_id, kind from ctx.only_in_portal(:people, :kinds)").bindparams(
        bindparam("people", [who for who, _ in asked], type_=ARRAY(Uuid)),
        bindparam("kinds", [kind for _, kind in asked], type_=ARRAY(Text)),
    )
    return {(row.user_id, row.kind) for row in db.session.execute(statement)}


def somebody_there(about: About, kind: str, agency_id: UUID, *, but: UUID) -> bool:
    """Whether the worker hands on what somebody may not see: a team of their agency, or who manages or leads
    there, may see it and can be told (`reminders.standins`).

    Args:
        kind: of message; who stands in may open the page that it leads to.
        but: who may not see it.
    """
    teams = list(db.session.scalars(select(Team.id).where(Team.agency_id == agency_id, Team.active)))
    opens = select(User.id).join(Agency, Agency.id == User.agency_id)
    opens = opens.where(
        User.id.in_(seniors(db.session.connection(), agency_id, teams)),
        may_open(permission_of(kind, about.kind)),
    )
    people = [one for one in db.session.scalars(opens) if one != but]
    in_the_way = obstacles_of(about, people, teams)
    return any(one != but and one not in in_the_way for one in (*people, *teams))


def _array(ids: Collection[UUID]) -> Any:
    return bindparam(None, list(ids), type_=ARRAY(Uuid))


#: Whom to ring where a ground has nobody on the portal (policy `hub.contacts`); else the hub.
_INSTEAD = {
    Ground.POLICE_DESK: (ContactKind.NON_EMERGENCY,),
    Ground.POLICE: (ContactKind.NON_EMERGENCY,),
    Ground.SOCIAL_CARE: (ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS),
    Ground.SOCIAL_CARE_HOST: (ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS),
}


def numbers_instead(ground: Ground, authority: str | None = None) -> tuple[str, ...]:
    """Whom to ring now where a ground has nobody, each with whose number it is.

    Args:
        authority: code of policy `areas.authorities`: of the numbers of authorities only this one's.
    """
    kinds = _INSTEAD.get(ground, (ContactKind.HUB,))
    found = numbers_at(current_policy(), clock.now(), *kinds, authority=authority)
    return tuple(contact.said for contact in found)


@dataclass(frozen=True)
class Whom:
    """Persons and teams; and whoever has no account, whom somebody has to tell themselves.

    Attributes:
        instead: of these, who is told in the place of somebody who leads or works on the case and does not
            read it; with None, in whose place there is nobody.
    """

    people: frozenset[UUID] = frozenset()
    teams: frozenset[UUID] = frozenset()
    outside: frozenset[Outsider] = frozenset()
    instead: frozenset[tuple[UUID | None, UUID]] = field(default=frozenset(), kw_only=True)

    def __or__(self, other: "Whom") -> "Whom":
        return Whom(
            *(here | there for here, there in zip(self._parts, other._parts, strict=True)),
            instead=self.instead | other.instead,
        )

    def __sub__(self, other: "Whom") -> "Whom":
        less = (here - there for here, there in zip(self._parts, other._parts, strict=True))
        return Whom(*less, instead=self.instead)

    @property
    def _parts(self) -> tuple[frozenset[Any], ...]:
        return self.people, self.teams, self.outside

    def __bool__(self) -> bool:
        return bool(self.people or self.teams or self.outside)


NOBODY = Whom()


def to_people(*ids: UUID | None) -> Whom:
    """Persons; None is nobody."""
    return Whom(people=frozenset(one for one in ids if one is not None))


def to_teams(*ids: UUID | None) -> Whom:
    """Teams; None is nobody."""
    return Whom(teams=frozenset(one for one in ids if one is not None))


def outside(*outsiders: Outsider) -> Whom:
    """Whoever has no account; one without a name is nobody."""
    return Whom(outside=frozenset(one for one in outsiders if one.name))


#: “01632 960 002, duty phone of Locality team”: of the first by name, where somebody is in several.
_duty_phone = (
    select(Team.duty_phone + ", duty phone of " + Team.name)
    .join(TeamMember, TeamMember.team_id == Team.id)
    .where(TeamMember.user_id == User.id, Team.active, Team.duty_phone != "")
    .order_by(Team.name, Team.id)
    .limit(1)
    .correlate(User)
    .scalar_subquery()
)


def names_of(persons: list[UUID], of_teams: list[UUID]) -> dict[UUID, Row[*tuple[Any, ...]]]:
    """By person and team, their name, agency, phone and whether they are in use, which whoever is signed in
    knows. Of whoever has no phone, the duty phone of a team of theirs, with whose it is. Of a team also
    whether somebody reads its address at every hour, of which sector and authority it is, and whether nobody
    of it has signed in yet.
    """
    found: dict[UUID, Row[*tuple[Any, ...]]] = {}
    own_or_duty = func.coalesce(func.nullif(User.phone, ""), _duty_phone, "")
    for shape, phone, at_night, unmanned, ids in (
        (User, own_or_duty, true(), false(), persons),
        (Team, Team.duty_phone, Team.answers_at_night, func.ctx.nobody_signs_in(Team.id), of_teams),
    ):
        if ids:
            named = select(
                shape.id, shape.name, shape.agency_id, shape.active, phone.label("phone"),
                at_night.label("at_night"), Agency.sector, Agency.authority, unmanned.label("unmanned"),
            ).join(Agency, Agency.id == shape.agency_id)  # fmt: skip
            found |= {row.id: row for row in db.session.execute(named.where(shape.id.in_(ids)))}
    return found


def is_closed(team: Row[*tuple[Any, ...]]) -> bool:
    """Whether it may be that nobody reads the address of a team now (a row of `names_of`): it is outside the
    hours, and the team named nobody for then.
    """
    policy, now = current_policy(), clock.now()
    if team.sector == Sector.HUB and hub_is_open(policy.hub, now):
        return False
    return not (team.at_night or offices_are_open(policy, now))


def numbers_while_closed(team: Row[*tuple[Any, ...]]) -> tuple[str, ...]:
    """Whom to ring while a team (a row of `names_of`) is closed: whoever policy knows to answer for it."""
    of_sector = {Sector.SOCIAL_CARE: Ground.SOCIAL_CARE, Sector.POLICE: Ground.POLICE_DESK}
    return numbers_instead(of_sector.get(team.sector, Ground.HUB), team.authority)


@dataclass(frozen=True)
class Sending:
    """When one message goes out.

    Attributes:
        urgent: it does not wait for the sending hours, nor for long when it fails.
        needed_by: they may read it too late, so they are rung: what it is about begins then.
    """

    at: datetime
    urgent: bool
    needed_by: datetime | None = None


@dataclass(frozen=True)
class Timing:
    """What a step says of when its telling may go out, and when it has to have.

    Args:
        at_once: what it is about goes on now, so that nothing of it waits for the sending hours.
        not_before: no e-mail of it goes out earlier; the portal shows it now.
        held_until: until then nobody is told: no e-mail goes out, and the portal shows nothing.
        held_for: until when that is, in words, before the hour.
        before: when what it is about begins. What would go out less than so many hours before that (policy
            `reminders.hours.notice_hours`) goes at once.
    """

    not_before: datetime | None = None
    held_until: datetime | None = None
    before: datetime | None = None
    held_for: str = ""
    at_once: bool = False

    @property
    def held(self) -> str:
        """Until when nobody is told, in words; empty where it is not held."""
        return self.held_for if self.held_until else ""

    def sends(self, *, urgent: bool) -> Sending:
        """When a message goes out that is `urgent` by policy, or is not."""
        hours, now = current_policy().reminders.hours, clock.now()
        owed = max(now, self.not_before or now, self.held_until or now)
        urgent = urgent or self.at_once
        at = goes_out(hours, owed, urgent=urgent)
        if self.before is None or self.before <= now:
            return Sending(at, urgent)
        in_time = self.before - timedelta(hours=hours.notice_hours)
        if at <= in_time:
            return Sending(at, urgent)
        return Sending(owed, urgent=True, needed_by=self.before if owed > in_time else None)


@dataclass(frozen=True)
class Choice:
    """How one receiver is told."""

    row: Tell
    channel: MessageChannel
    ground: Ground
    shown: bool  # the sentence names them; the people of a team stand behind its name
    instead_of: UUID | None = None  # who is away, whom they cover for

    def called(self, said: str, *, sightless: bool) -> str:
        """What the page calls them, where not by their ground alone; and that they may not see the record."""
        if not (sightless and self.row.needs_no_reach):
            return said
        return f"{said or self.ground.label}; may not see it, and hears that it happened and whom to ask"


#: By what somebody is, “person” or “team”, and who.
Choices = dict[tuple[str, UUID], Choice]
PeopleOf = defaultdict[UUID, set[UUID]]

_LATER = (TellBy.DIGEST, TellBy.WEEKLY)
_STRENGTH = (TellBy.MAIL, TellBy.BELL, *_LATER)


def choices_of(
    rows: Iterable[Tell], found: Mapping[Ground, Whom], not_to: Collection[UUID]
) -> tuple[Choices, PeopleOf]:
    """Each receiver once, by the strongest way and the first ground; and the people of each team."""
    chosen, people = dict[tuple[str, UUID], Choice](), PeopleOf(set)
    for row in by_strength(rows):
        if row.by not in CHANNELS:
            continue
        if row.by in _LATER:  # whoever hears of it in the portal is among them by then
            _add_people_of_teams(chosen, people, not_to)
        choice = Choice(row, CHANNELS[row.by], row.to, shown=row.shown)
        for person in sorted(found[row.to].people.difference(not_to)):
            chosen.setdefault(("person", person), choice)
        for team in sorted(found[row.to].teams):
            chosen.setdefault(("team", team), choice)
    _add_people_of_teams(chosen, people, not_to)
    return chosen, people


def by_strength(rows: Iterable[Tell]) -> list[Tell]:
    """Rows of the policy, the strongest way first."""
    return sorted(rows, key=lambda one: _STRENGTH.index(one.by) if one.by in _STRENGTH else -1)


def _add_people_of_teams(chosen: Choices, people: PeopleOf, not_to: Collection[UUID]) -> None:
    """The people of a team hear in the portal what it is told."""
    told_teams = {team: choice for (what, team), choice in chosen.items() if what == "team"}
    if not told_teams:
        return
    for member in db.session.execute(members_of(told_teams)):
        if member.user_id not in not_to:
            people[member.team_id].add(member.user_id)
            choice = told_teams[member.team_id]
            in_portal = Choice(choice.row, _for_people(choice.channel), choice.ground, shown=False)
            chosen.setdefault(("person", member.user_id), in_portal)


def _for_people(channel: MessageChannel) -> MessageChannel:
    return MessageChannel.PORTAL if channel is MessageChannel.MAIL else channel


def as_it_will_be(
    choices: Mapping[tuple[str, UUID], Choice], obstacles: Mapping[UUID, HandReason]
) -> Choices:
    """Each by the way they will be told: who is gone looks into no portal, so that it is an e-mail, which the
    worker hands on; who wants no e-mail of a kind finds it in the portal.
    """
    kinds = current_policy().reminders.kinds
    mailed = {
        (who, one.row.kind)
        for (what, who), one in choices.items()
        if what == "person" and one.channel is MessageChannel.MAIL and not kinds[one.row.kind].statutory
    }
    unwanted = only_in_portal(mailed)

    def channel(who: UUID, choice: Choice) -> MessageChannel:
        obstacle = obstacles.get(who)
        if obstacle in GONE:
            return MessageChannel.MAIL
        shown = (who, choice.row.kind) in unwanted and obstacle is not HandReason.NO_REACH
        return MessageChannel.PORTAL if shown else choice.channel

    return {(what, who): replace(one, channel=channel(who, one)) for (what, who), one in choices.items()}


def lowered(words: str) -> str:
    """As in the middle of a sentence."""
    return words[:1].lower() + words[1:]
