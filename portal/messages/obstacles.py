"""What stands in the way of telling somebody, as far as whoever tells may know it; who covers for them; and
whom to ring where there is nobody.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from portal import clock
from portal.extensions import db
from portal.messages.vocabulary import Ground, HandReason
from portal.pathway.numbers import numbers_at
from portal.policy import ContactKind, current_policy
from portal.records.people.model import Agency, Team, User
from portal.reminders.covers import seniors
from portal.reminders.deliverability import may_open, permission_of
from portal.reminders.writing import About

#: Whoever is gone reads nothing in the portal.
GONE = frozenset({HandReason.LEFT, HandReason.TEAM_CLOSED})


def obstacles_of(
    about: About, people: Collection[UUID], teams: Collection[UUID], *, sightless: Collection[UUID] = ()
) -> dict[UUID, HandReason]:
    """What will stand in the way of telling some of them of something; nothing of whoever can be told.

    Args:
        sightless: those of them who are told also where they may not see the record; of them, what else does.
    """
    if not (people or teams):
        return {}
    asked = func.ctx.my_obstacles(
        about.kind, about.id, about.case_id, _array(people), _array(teams), clock.today()
    )
    columns = text("id, obstacle, otherwise")
    rows = db.session.execute(select(columns).select_from(asked.table_valued("id", "obstacle", "otherwise")))
    found = {row.id: row.otherwise if row.id in sightless else row.obstacle for row in rows}
    return {who: HandReason(one) for who, one in found.items() if one}


def covering_for(about: About, away: Collection[UUID]) -> dict[UUID, UUID]:
    """Who covers the case of something today for some who are away: by deputy. Of a case that one reads."""
    if not away or about.case_id is None:
        return {}
    asked = text("select away_id, deputy_id from ctx.covered_on(:case_id, :today)").bindparams(
        bindparam("case_id", type_=Uuid)
    )
    rows = db.session.execute(asked, {"case_id": about.case_id, "today": clock.today()})
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
