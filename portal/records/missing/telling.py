"""Telling everybody who must know that a child is missing, whose episode it is, and how it went on.

Of who works with the child the page says nothing (`hidden` in policy): the database finds them.
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_ as united
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.choices import Timing, names_of
from portal.messages.telling import NOBODY, About, Unseen, Whom, heard_of, soon, tell, to_people, to_teams
from portal.messages.told import Told
from portal.messages.unseen import parts_found, parts_of
from portal.messages.vocabulary import Event, Ground
from portal.policy import current_policy
from portal.records.cases.model import AccessGrant, Case
from portal.records.missing.facts import held_so, lose_sight, talks_unheld
from portal.records.missing.model import MissingEpisode
from portal.records.missing.rules import ClosingOff
from portal.records.missing.vocabulary import (
    ADDED,
    CLOSED_OFF,
    MAYBE_KNOWN,
    NOT_THEIRS,
    PLAN_THERE,
    PLANNED,
    REPORTED,
    STILL_MISSING,
    TALK_UNHELD,
    TWICE,
)
from portal.records.people.agencies import teams_at
from portal.records.people.model import Agency, User
from portal.records.safety_plans.policy import SafetyPlanning
from portal.reminders.receivers import HUB_TEAMS, holds
from portal.vocabulary import Desk, Role, Sector, Sensitivity

#: The responsible and the host authority.
Authorities = tuple[str | None, str | None]

#: Who looks for a child who is missing, because it was reported.
_LOOKING = (Ground.POLICE_DESK, Ground.SOCIAL_CARE, Ground.SOCIAL_CARE_HOST, Ground.HUB)
#: What they are called who lose sight of a report: some front doors had it in case the child is theirs.
_DOORS = dict.fromkeys((Ground.SOCIAL_CARE, Ground.SOCIAL_CARE_HOST), "social care that had the report")


def tell_if_twice(*, actor: Principal, episode: MissingEpisode) -> None:
    """Tell where two reports that have not ended are of one child: the desks of the police and the hub, of
    those who may read one of the two, and of a sealed child whoever is named on the case. Whether it is so
    the database looks (`ctx.unseen_of_twice`).
    """
    desks = at_desk(episode)[Ground.POLICE_DESK].teams
    asks = {"each": "twice", "desks": sorted(map(str, desks))}
    tell(actor=actor, event=TWICE, about=about(episode), unseen=Unseen("twice", asks))


def tell_of_match(*, actor: Principal, episode: MissingEpisode) -> None:
    """Ask the hub whether it is a child who was known, or those of it alone who see both. No page says so."""
    asked = Unseen("match", {"each": "match", "episode": str(episode.id)})
    what = About("missing_match", episode.id, episode.reference)  # each question of it, if there is any
    tell(actor=actor, event=MAYBE_KNOWN, about=what, unseen=asked)


def tell_of_plan(
    *, actor: Principal, episode: MissingEpisode, but: Whom, sensitivity: Sensitivity, once: str
) -> None:
    """Tell whoever looks for a child that a safety plan says what to do now, also if they may not read it:
    the page of the episode says it, or whom to ring. Of a case that is restricted the hub alone hears it,
    which reads it; of one that is sealed nobody. Where there is no desk that looks for the child, or no hub,
    of those that are to hear, that is said and on the list.

    Args:
        but: who is told of the plan itself.
        sensitivity: of the case that the plan is of.
    """
    given: dict[Ground, Whom] = {Ground.POLICE_DESK: NOBODY}
    not_lacking: dict[Ground, set[str]] = {Ground.POLICE_DESK: set()}
    if sensitivity == Sensitivity.NORMAL:
        desks = to_teams(*teams_at(Desk.MISSING))
        given[Ground.POLICE_DESK] = desks - but
        not_lacking = not_lacking if desks else {}
    if sensitivity == Sensitivity.SEALED:
        given[Ground.HUB] = NOBODY
        not_lacking[Ground.HUB] = set()
    tell(actor=actor, event=PLANNED, about=about(episode), given=given, once=once, nobody_at=not_lacking)


def tell_of_plan_there(*, actor: Principal, episode: MissingEpisode, moved: str = "") -> None:
    """Tell whoever looks for a child that a safety plan or an alert, in force before, says what to do or to
    mind, as `tell_of_plan` does: with the report, or where it is known only later whose it is. Whoever
    reports may not know the child: the page says nothing of it.

    Args:
        moved: the version by which the episode is another child's: those who heard of a plan hear again.
    """
    desks = to_teams(*teams_at(Desk.MISSING)) if moved else at_desk(episode)[Ground.POLICE_DESK]
    policy = current_policy()
    asked = {
        "each": "plan_there",
        "items": [one.code for one in policy.of(SafetyPlanning).for_missing],
        "alerts": [one.code for one in policy.cases.alerts.offered if one.ask_first],
        "desks": sorted(map(str, desks.teams)),
        "moved": bool(moved),
    }
    there = Unseen("plan_there", asked)
    tell(actor=actor, event=PLAN_THERE, about=about(episode), once=moved, unseen=there)


def tell_of_agreed(*, actor: Principal, episode: MissingEpisode, once: str) -> None:
    """Tell whoever looks for a child that the episode says what was agreed to do, or to mind."""
    given: dict[Ground, Whom] = {Ground.POLICE_DESK: to_teams(*teams_at(Desk.MISSING))}
    tell(actor=actor, event=PLANNED, about=about(episode), given=given, once=once)


def tell_added(*, actor: Principal, episode: MissingEpisode, once: str) -> None:
    """Tell whoever looks for a child that something was added while the child is missing: the desks of the
    police at once, also one that recorded the report, but for that of whoever adds it; and in the portal
    everybody who was told of the report. Nothing else is told afterwards: there is nobody to look.
    """
    if episode.returned_at is not None or episode.withdrawn_at is not None:
        return
    given = {Ground.POLICE_DESK: to_teams(*teams_at(Desk.MISSING)) - to_teams(*actor.team_ids)}
    unseen = around(ADDED, episode, given)
    tell(actor=actor, event=ADDED, about=about(episode), given=given, once=once, unseen=unseen)


def tell_of_another(*, actor: Principal, event: Event, episode: MissingEpisode, once: str) -> None:
    """A child who is missing now, or was, is another than was thought. Whoever looks or looked for the child
    because it was reported hears it, whoever it is: the missing persons desks of the police, also one that
    recorded it, the hub, and the front doors that were told of it or recorded it. Whoever works with the
    right child is told as of every report; once it is over, that it was put on this one.
    """
    doors = _told_in_case(episode.responsible_authority, episode.host_authority)
    named = [{"ground": ground, "team": str(one)} for ground, those in doors.items() for one in those.teams]
    tell(
        actor=actor,
        event=event,
        about=about(episode),
        given={Ground.POLICE_DESK: to_teams(*teams_at(Desk.MISSING))},
        once=once,
        unseen=around(event, episode, {}, doors=named),
    )


def tell_of_talks_unheld(*, actor: Principal, case: Case) -> None:
    """A case is about to be sealed, and nobody of the police is named on it: the coordinators who are hear of
    each talk of the police with the child that is outstanding. The police see no more that they owe it.
    """
    unheld = talks_unheld(case_id=case.id, child_id=case.child_id)
    if not unheld:
        return
    named = select(AccessGrant.user_id).where(AccessGrant.case_id == case.id, AccessGrant.ends_at.is_(None))
    coordinators = db.session.scalars(
        select(User.id)
        .join(Agency, Agency.id == User.agency_id)
        .where(User.id.in_(named), User.active, holds(Role.COORDINATOR), Agency.sector == Sector.HUB)
    )
    given = {Ground.READER: to_people(*coordinators)}
    for episode in unheld:
        tell(actor=actor, event=TALK_UNHELD, about=about(episode), given=given, once=str(case.version))


def closing_off(*, case: Case) -> list[ClosingOff]:
    """Of each time that the child of a case is missing now, who would lose sight of the report, as far as the
    actor sees the record that it is on.
    """
    held = Sensitivity(case.sensitivity)
    lost, at_hub = (
        {row.reference: row for row in lose_sight(held_so(case, held, to))}
        for to in (Sensitivity.RESTRICTED, Sensitivity.SEALED)
    )
    # A child may have come back between the two.
    return [closing(row, at_hub[reference]) for reference, row in lost.items() if reference in at_hub]


def closing(lost: Row[Any], at_hub: Row[Any]) -> ClosingOff:
    """Who would lose sight of a report, and whether the hub would, if the case were sealed (`at_hub`)."""
    those = _by_ground(lost)
    police = bool(those[Ground.POLICE_DESK] or not teams_at(Desk.MISSING)) and lost.before == 0
    return ClosingOff(lost.reference, police, _names(those), bool(_by_ground(at_hub)[Ground.HUB]))


def _names(those: Mapping[Ground, Whom]) -> tuple[str, ...]:
    """The names of teams, each once with the ground that stands first."""
    names = names_of([], [team for whom in those.values() for team in whom.teams])
    grounds: dict[UUID, Ground] = {}
    for ground in _LOOKING:
        for team in those[ground].teams:
            grounds.setdefault(team, ground)
    return tuple(f"{names[one].name} ({_DOORS.get(by, by.label)})" for one, by in grounds.items())


def tell_of_closing_off(*, actor: Principal, case: Case, before: Sensitivity, to: Sensitivity) -> None:
    """A case is about to be held more closely, while its child is missing: who looks for the child and loses
    sight of the report by it hears so at once, as a last word, and learns from its page whom to ring.
    """
    tell_closed_off(actor, held_so(case, before, to), once=f"{case.id}.{case.version}")


def _by_ground(row: Row[Any]) -> dict[Ground, Whom]:
    found = dict.fromkeys(_LOOKING, NOBODY)
    for one in row.lost:
        found[Ground(one["ground"])] |= to_teams(UUID(one["team"]))
    return found


def tell_closed_off(actor: Principal, closes: Mapping[str, Any], *, once: str) -> None:
    """The same of whatever else closes a report (`facts.lose_sight`): of what the actor sees; of the rest the
    database tells them, and no page says so.
    """
    db.session.flush()
    for row in (one for one in lose_sight(closes) if one.after > one.before):
        what, lost = About("missing_episode", row.episode_id, row.reference), _by_ground(row)
        on = row.reads_on
        tell(actor=actor, event=CLOSED_OFF, about=what, given=lost, once=once, but=on, called=_DOORS)
    said = parts_found(CLOSED_OFF, kind="missing_episode", actor_id=actor.user_id, once=once, asks=closes)
    unseen = text("select ctx.tell_closed_off(:said)").bindparams(bindparam("said", type_=JSONB))
    db.session.execute(unseen, {"said": said})


def about(episode: MissingEpisode) -> About:
    """What a message about an episode is about."""
    return About("missing_episode", episode.id, episode.reference)


def tell_of(
    *,
    actor: Principal,
    event: Event,
    episode: MissingEpisode,
    what: About | None = None,
    once: str = "",
    at_once: bool = False,
    named_before: Authorities | None = None,
) -> Told:
    """Tell the police desk, the hub, the social care of the authorities that were named, else of all, and
    whoever works with the child; of these the page says nothing (`hidden` in policy), and the database tells
    them: nobody twice of the same report.

    Args:
        what: the subject, where it is not the episode itself.
        at_once: whoever was called out at any hour hears of it at any hour.
        named_before: the authorities that the report named when this was told before. That there is nobody to
            tell was said then, of all but an authority that is named only now; and of all others, where one
            was named and nobody says any more whose the child is.
    """
    doors = _told_in_case(episode.responsible_authority, episode.host_authority)
    if event == STILL_MISSING:  # that there is another report of the child says who it is
        doors = {ground: those for ground, those in doors.items() if ground not in _in_case(episode)}
    recorded = to_teams(episode.recorded_team_id)
    given = at_desk(episode) | {ground: those - recorded for ground, those in doors.items()}
    return tell(
        actor=actor,
        event=event,
        about=what or about(episode),
        given=given,
        once=once,
        at_once=at_once,
        called=_in_case(episode),
        nobody_at=_nobody_at(episode, named_before),
        but=_who_knows(event, episode),
        unseen=around(event, episode, given),
    )


def asks_by(*, actor: Principal, event: Event, episode: MissingEpisode, what: About) -> dict[str, Any]:
    """What `ctx.tell_unseen` needs to tell of it, where the database decides whether it is told."""
    return parts_of(
        current_policy().telling.of(event.code),
        event=event,
        about=what,
        once="",
        timing=Timing(),
        unseen=around(event, episode, at_desk(episode)),
        but={actor.user_id, *_who_knows(event, episode)},
        told={},
    )


def _who_knows(event: Event, episode: MissingEpisode) -> set[UUID]:
    """Who knows of a report: they made it themselves."""
    return {episode.recorded_by} if event == REPORTED else set()


def tell_front_doors(*, actor: Principal, episode: MissingEpisode, before: Authorities) -> None:
    """An authority was named, or another: a front door that was told in case the child is theirs and reads it
    no more gets a last word, and no news of it afterwards; one that had it and is named again is told anew.

    Which they are the page does not say: who works with the child goes on being told.

    Args:
        before: the responsible and the host authority that the episode named.
    """
    named = episode.responsible_authority, episode.host_authority
    if named == before:
        return
    once, what = str(episode.version), about(episode)
    was, now = (reduce(united, _told_in_case(*one).values(), NOBODY) for one in (before, named))
    left = was - now - to_teams(episode.recorded_team_id)
    came = now - was
    back = came - (came - heard_of(REPORTED, about=what))
    tell(
        actor=actor,
        event=NOT_THEIRS,
        about=what,
        once=once,
        unseen=around(NOT_THEIRS, episode, {}, left=sorted(map(str, left.teams))),
    )
    if back and episode.returned_at is None:
        told = dict.fromkeys((one.to for one in current_policy().telling.of(REPORTED.code)), NOBODY)
        nobody: dict[Ground, set[str]] = {ground: set() for ground in told}
        given = told | {Ground.SOCIAL_CARE: back}
        tell(actor=actor, event=REPORTED, about=what, given=given, once=once, nobody_at=nobody)


def _told_in_case(responsible: str | None, host: str | None) -> dict[Ground, Whom]:
    """The front doors of the authorities that a report names; all, while it leaves one of the two open."""
    named = responsible is not None or host is not None
    return {
        Ground.SOCIAL_CARE: _front_doors({responsible}),
        Ground.SOCIAL_CARE_HOST: _front_doors({host} if named else set()),
    }


def _nobody_at(episode: MissingEpisode, named_before: Authorities | None) -> dict[Ground, set[str]]:
    """The authorities that have to be told and have no team on the portal, by ground: those that were named;
    all, where nobody said whose the child is. It depends on what was said, and not on who the child is.
    """
    responsible, host = episode.responsible_authority, episode.host_authority
    theirs = {responsible} if responsible else _authorities() - {host or ""}
    hosts = {host} if host and host != responsible else set()
    if named_before is not None:
        was_open = named_before[0] is None  # then all of them were told of, or are not to be told anew
        theirs = set() if was_open and not responsible else theirs - set(named_before)
        hosts = hosts - set(named_before)
    lacking = {one for one in theirs | hosts if not teams_at(Desk.FRONT_DOOR, authority=one)}
    said: dict[Ground, set[str]] = {
        Ground.SOCIAL_CARE: theirs & lacking,
        Ground.SOCIAL_CARE_HOST: hosts & lacking,
    }
    told_before: dict[Ground, set[str]] = {Ground.POLICE_DESK: set(), Ground.HUB: set()}
    return said if named_before is None else told_before | said


def _authorities() -> set[str]:
    return {one.code for one in current_policy().areas.authorities.offered}


def _in_case(episode: MissingEpisode) -> dict[Ground, str]:
    """What front doors are called that are told because nobody said whose the child is, or where it lives."""
    said = {
        Ground.SOCIAL_CARE: (episode.responsible_authority, "social care, in case the child is theirs"),
        Ground.SOCIAL_CARE_HOST: (episode.host_authority, "social care, in case the child lives there"),
    }
    return {ground: words for ground, (authority, words) in said.items() if authority is None}


def at_desk(episode: MissingEpisode) -> dict[Ground, Whom]:
    """The missing persons desks of the police, but for one that recorded the episode. The only one is told
    even so: its other people have to know, and nobody is to hear that there is no desk.
    """
    desks = to_teams(*teams_at(Desk.MISSING))
    return {Ground.POLICE_DESK: desks - to_teams(episode.recorded_team_id) or desks}


def around(event: Event, episode: MissingEpisode, given: Mapping[Ground, Whom], **asks: Any) -> Unseen:
    """How the database finds whoever works with the child of an episode, also on a linked record; held
    closely, whoever reads that case; else the front doors of the authorities on the record too. And whoever
    was told of the episode before (`ctx.unseen_of_missing`).

    Args:
        given: whom the step knows; of them the grounds that the page does not name.
    """
    unnamed = {row.to for row in current_policy().telling.of(event.code) if not row.shown}
    if Ground.HUB in unnamed:
        given = {**given, Ground.HUB: to_teams(*db.session.scalars(HUB_TEAMS))}
    asked = {"episode": str(episode.id), "soon": soon().isoformat(), **asks}
    if event == STILL_MISSING:  # told only where there is another report, and of desks those that read one
        teams = [(ground, one) for ground, those in given.items() for one in those.teams]
        looking = [{"ground": ground, "team": str(one)} for ground, one in teams]
        return Unseen("missing", asked | {"each": "still", "looking": looking})
    return Unseen("missing", asked, {ground: those for ground, those in given.items() if ground in unnamed})


def _front_doors(authorities: set[str | None]) -> Whom:
    """The front doors of some authorities; None is of all of them."""
    found = [team for authority in authorities for team in teams_at(Desk.FRONT_DOOR, authority=authority)]
    return to_teams(*found)
