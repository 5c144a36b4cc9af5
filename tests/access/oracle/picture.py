"""The local picture: missing children, concerns and the directory, from the words of the design.

A missing episode and a return interview hang on the child: full reach on an open case of the child, and the
team that recorded it; while no case of the child is held closely also the police, the social care of the
responsible and the host authority, and coordinators. While one is, only that case's full reach and that team.
Where nobody said whose the child is, or where it lives, each front door is told, and reads the episode alone.
What repeated episodes ask nobody recorded: of a child held closely it is for that case's full reach alone.

A concern: police, coordinators, the agencies that made and own it, those it was released to; a council sees
places of its districts that are no home or placement. A restricted one: coordinators, the team that holds it,
its agency's managers, and whom it was released to. A link shows both of its ends, so it takes both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row

from portal.vocabulary import Sector

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]


def _agency(who: Person) -> R | None:
    """The agency in which somebody practises; none for whoever holds no role that sees cases."""
    return who.truth.one("agency", who.agency_id) if who.practises and who.agency_id else None


def hears_of(who: Person, episode: R) -> bool:
    """Is of the police or the social care that look for the child."""
    agency = _agency(who)
    if agency is None:
        return False
    if agency.sector == Sector.POLICE:
        return True
    authorities = {episode.responsible_authority, episode.host_authority}
    return agency.sector == Sector.SOCIAL_CARE and agency.authority in authorities


def answers_a_front_door(who: Person) -> bool:
    """Is of a front door; where no team of an authority's social care has it, of any of its teams."""
    agency = _agency(who)
    if agency is None or agency.sector != Sector.SOCIAL_CARE:
        return False
    if any("front_door" in who.truth.one("team", one).desks for one in who.teams):
        return True
    alike = {
        one.id
        for one in who.truth["agency"]
        if one.active and one.sector == Sector.SOCIAL_CARE and one.authority == agency.authority
    }
    teams = [one for one in who.truth["team"] if one.active and one.agency_id in alike]
    return bool(who.teams) and not any("front_door" in one.desks for one in teams)


def recorded(who: Person, agency_id: UUID, team_id: UUID | None) -> bool:
    """Of the team that wrote it; where that is nobody's, of its agency."""
    if who.is_coordinator and who.truth.one("agency", agency_id).sector == Sector.HUB:
        return True  # a team of the hub is its coordinators
    return team_id in who.teams if team_id else who.practises and who.agency_id == agency_id


def _by_a_case(who: Person, child_id: UUID) -> bool:
    held = who.held(child_id)
    return any(
        who.full(case.id)
        for case in who.held_by(child_id)
        if case.sensitivity == held and (held or case.state not in {"closed", "transferred"})
    )


def episode(who: Person, row: R) -> bool:
    """Whether somebody reads an episode."""
    if not who.sees_cases():
        return False
    if recorded(who, row.recorded_agency_id, row.recorded_team_id) or _by_a_case(who, row.child_id):
        return True
    if who.held(row.child_id):
        return False
    in_case = None in {row.responsible_authority, row.host_authority}
    return who.is_coordinator or hears_of(who, row) or (in_case and answers_a_front_door(who))


def interview(who: Person, row: R) -> bool:
    """Whether somebody reads a return interview: whoever hears of it, as far as its handling lets them."""
    return who.handled(row) and hears_of_interview(who, row)


def hears_of_interview(who: Person, row: R) -> bool:
    """Whether somebody hears that there is one: by its own team, or as the episodes that it covers."""
    if not who.sees_cases():
        return False
    if recorded(who, row.agency_id, row.team_id) or _by_a_case(who, row.child_id):
        return True
    if who.held(row.child_id):
        return False
    agency = _agency(who)
    if who.is_coordinator or (agency is not None and agency.sector == Sector.POLICE):
        return True
    covered = [
        who.truth.one("missing_episode", c.episode_id)
        for c in who.truth.where("return_interview_episode", "interview_id", row.id)
    ]
    authorities = {a for e in covered for a in (e.responsible_authority, e.host_authority)}
    social_care = agency is not None and agency.sector == Sector.SOCIAL_CARE
    return social_care and agency is not None and agency.authority in authorities


def prompt(who: Person, row: R) -> bool:
    """Whether somebody sees that repeated episodes ask for a decision."""
    if not who.sees_cases():
        return False
    if _by_a_case(who, row.child_id):
        return True
    if who.held(row.child_id):
        return False
    agency = _agency(who)
    if who.is_coordinator or (agency is not None and agency.sector == Sector.POLICE):
        return True
    asked = [who.truth.one("missing_episode", one) for one in row.episode_ids]
    authorities = {a for e in asked for a in (e.responsible_authority, e.host_authority)}
    social_care = agency is not None and agency.sector == Sector.SOCIAL_CARE
    return social_care and agency is not None and agency.authority in authorities


def concern(who: Person, row: R) -> bool:
    """Whether somebody reads a concern."""
    if not who.sees_cases():
        return False
    if who.is_coordinator or who.manages_agency(row.owner_agency_id) or row.owner_team_id in who.teams:
        return True
    agency = _agency(who)
    if agency is None:
        return False
    releases = who.truth.where("concern_release", "concern_id", row.id)
    if any(one.agency_id == agency.id and one.withdrawn_at is None for one in releases):
        return True
    if row.sensitivity:
        return False
    of_district = agency.sector == Sector.COUNCIL and row.district in agency.districts
    place = row.kind == "place" and not row.dwelling
    made = agency.id in {row.owner_agency_id, row.created_agency_id}
    return made or agency.sector == Sector.POLICE or (place and of_district)


def link(who: Person, row: R) -> bool:
    """Both ends, and its handling; where it is not disclosed, its agency and those listed."""
    listed = row.agency_id == who.agency_id or who.agency_id in row.listed_agencies
    return (
        (who.handled(row) if not row.do_not_disclose else listed)
        and concern(who, who.truth.one("concern", row.concern_id))
        and (row.child_id is None or who.record(row.child_id))
        and (row.other_id is None or concern(who, who.truth.one("concern", row.other_id)))
    )


def match(who: Person, row: R) -> bool:
    """Whether somebody reads if the child of an episode is another: who sees the records of both."""
    return who.record(row.child_id) and who.record(row.other_id)


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table."""

    def of_concern(row: R) -> bool:
        return concern(who, who.truth.one("concern", row.concern_id))

    def of_interview(row: R) -> bool:
        return interview(who, who.truth.one("return_interview", row.interview_id))

    def talk(row: R) -> bool:
        return who.handled(row) and episode(who, who.truth.one("missing_episode", row.episode_id))

    def hears(row: R) -> bool:
        return hears_of_interview(who, who.truth.one("return_interview", row.interview_id))

    return {
        "missing_episode": lambda row: episode(who, row),
        "missing_change": lambda row: (
            episode(who, who.truth.one("missing_episode", row.episode_id))
            and (
                not row.of_talk
                or any(map(talk, who.truth.where("prevention_talk", "episode_id", row.episode_id)))
            )
        ),
        "prevention_talk": talk,
        "missing_enquiry": lambda row: episode(who, who.truth.one("missing_episode", row.episode_id)),
        "missing_match": lambda row: match(who, row),
        "missing_prompt": lambda row: prompt(who, row),
        "return_interview": lambda row: interview(who, row),
        "return_interview_episode": hears,
        **dict.fromkeys(("return_attempt", "return_change"), of_interview),
        "concern": lambda row: concern(who, row),
        **dict.fromkeys(("concern_key", "concern_release", "concern_change"), of_concern),
        "concern_difference": lambda row: (
            of_concern(row) and concern(who, who.truth.one("concern", row.other_id))
        ),
        "concern_link": lambda row: link(who, row),
        "link_release": lambda row: link(who, who.truth.one("concern_link", row.link_id)),
        "concern_order": of_concern,
        "order_step": lambda row: of_concern(who.truth.one("concern_order", row.order_id)),
        "order_child": lambda row: (
            of_concern(who.truth.one("concern_order", row.order_id)) and who.record(row.child_id)
        ),
        "concern_note": lambda row: who.handled(row) and of_concern(row),
        "directory_entry": lambda _row: who.user is not None,
    }
