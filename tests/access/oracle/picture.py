"""The local picture: missing children, concerns and the directory, from the words of the design.

A missing episode and a return interview hang on the child: full reach on an open case of the child, and the
team that recorded it; while no case of the child is held closely also the police, the social care of the
responsible and the host authority, and coordinators. While one is, only that case's full reach and that team.
What repeated episodes ask nobody recorded: of a child held closely it is for that case's full reach alone.

A concern: police, coordinators, the agencies that made and own it, those it was released to; a council sees
places of its districts that are no home or placement. A restricted one: coordinators, the team that holds it,
its agency's managers, and whom it was released to. A link shows both of its ends, so it takes both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row

from portal.model import new_id
from portal.records.children.model import Child
from portal.records.concerns.model import (
    Concern,
    ConcernChange,
    ConcernDifference,
    ConcernKey,
    ConcernLink,
    ConcernNote,
    ConcernRelease,
    LinkRelease,
)
from portal.records.entries.vocabulary import Handling
from portal.records.missing.model import (
    MissingChange,
    MissingEnquiry,
    MissingEpisode,
    MissingMatch,
    MissingPrompt,
)
from portal.records.places.model import DirectoryEntry
from portal.vocabulary import Sector
from tests.access.oracle.content import add_deadline
from tests.access.oracle.returns import add_interview
from tests.access.oracle.world import World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]
AUTHORITIES = ("derby", "derbyshire")
DISTRICTS = ("derby", "erewash", "high_peak")
NEW = timedelta(days=90)
TOLD_OF = (
    *("missing_episode", "missing_prompt", "missing_match", "return_interview"),
    *("concern", "directory_entry"),
)


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


def recorded(who: Person, agency_id: UUID, team_id: UUID | None) -> bool:
    """Of the team that wrote it; where that is nobody's, of its agency."""
    if who.is_coordinator and who.truth.one("agency", agency_id).sector == Sector.HUB:
        return True  # a team of the hub is its coordinators
    return team_id in who.teams if team_id else who.practises and who.agency_id == agency_id


def _by_a_case(who: Person, child_id: UUID) -> bool:
    held = who.held(child_id)
    return any(
        who.full(case.id)
        for case in who.truth.where("cre_case", "child_id", child_id)
        if case.sensitivity == held and (held or case.state not in {"closed", "transferred"})
    )


def episode(who: Person, row: R) -> bool:
    """Whether somebody reads an episode."""
    if not who.sees_cases():
        return False
    if recorded(who, row.recorded_agency_id, row.recorded_team_id) or _by_a_case(who, row.child_id):
        return True
    return not who.held(row.child_id) and (who.is_coordinator or hears_of(who, row))


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

    def hears(row: R) -> bool:
        return hears_of_interview(who, who.truth.one("return_interview", row.interview_id))

    return {
        "missing_episode": lambda row: episode(who, row),
        "missing_change": lambda row: episode(who, who.truth.one("missing_episode", row.episode_id)),
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


def paint(world: World) -> None:
    """Children go missing and are talked to, concerns are noted and linked, contacts are kept."""
    for child in world.children:
        for _ in range(world.dice.randint(0, 3)):
            _miss(world, child)
    concerns = [_concern(world) for _ in range(40)]
    for _ in range(40):
        _link(world, concerns)
    for _ in range(8):
        _tell_apart(world, concerns)
    for _ in range(12):
        _contact(world)
    for child in world.children:
        _ask(world, child)


def _miss(world: World, child: Child) -> None:
    by = world.any(world.users)
    team = world.team_of(by) if world.chance(0.8) else None
    since = world.past()
    episode = MissingEpisode(
        id=new_id(),
        reference=world.reference("MIS"),
        child_id=child.id,
        reported_name="Name",
        status="missing",
        missing_since=since,
        reported_at=since,
        reported_by="Words",
        recorded_by=by.id,
        recorded_agency_id=by.agency_id,
        recorded_team_id=team.id if team else None,
        recorded_at=since,
        responsible_authority=world.any((*AUTHORITIES, None)),
        host_authority=world.any((*AUTHORITIES, None)),
        withdrawn_at=world.any((None, None, world.now)),
        policy_version="test",
    )
    episode.withdrawn_by = by.id if episode.withdrawn_at else None
    change = MissingChange(
        id=new_id(),
        episode_id=episode.id,
        child_id=child.id,
        before={},
        after={},
        changed_by=by.id,
        changed_agency_id=by.agency_id,
        changed_at=world.now,
    )
    enquiry = MissingEnquiry(
        id=new_id(),
        episode_id=episode.id,
        made_at=since,
        made_by="Words",
        words="Words",
        recorded_by=by.id,
        recorded_agency_id=by.agency_id,
        recorded_at=since,
    )
    asked: dict[str, Any] = {"episode_id": episode.id, "child_id": child.id, "asked_at": since}
    others = [world.children[world.children.index(child) - before].id for before in (1, 2, 3)]
    matches = [MissingMatch(id=new_id(), other_id=one, words="Words", **asked) for one in others]
    world.add(episode, change, enquiry, *matches)
    add_deadline(world, "missing_episode", episode.id, {"child_id": child.id})
    if world.chance(0.6):
        add_interview(world, episode)


def _ask(world: World, child: Child) -> None:
    """Some of the episodes ask for a decision."""
    episodes = world.rows.query(MissingEpisode).filter_by(child_id=child.id).order_by(MissingEpisode.id)
    asked = [one.id for one in episodes][: world.dice.randint(1, 3)]
    if not asked:
        return
    found = MissingPrompt(
        id=new_id(),
        child_id=child.id,
        episode_ids=asked,
        reference=world.reference("MIS"),
        prompted_at=world.now,
        policy_version="test",
    )
    world.add(found)
    add_deadline(world, "missing_prompt", found.id, {"child_id": child.id})


def _concern(world: World) -> Concern:
    by, owner = world.any(world.users), world.any(world.agencies)
    kind = world.any(("place", "place", "place", "person", "vehicle"))
    team = world.any([team for team in world.teams if team.agency_id == owner.id])
    concern = Concern(
        id=new_id(),
        reference=world.reference("CON"),
        kind=kind,
        name="Name",
        owner_agency_id=owner.id,
        owner_team_id=team.id if world.chance(0.6) else None,
        created_by=by.id,
        created_agency_id=by.agency_id,
        sensitivity=world.any((0, 0, 1)),
        dwelling=kind == "place" and world.chance(0.5),
        district=world.any((*DISTRICTS, None)),
        review_on=(world.now + NEW).date(),
        policy_version="test",
    )
    world.add(concern, ConcernKey(concern_id=concern.id, key=world.reference("KEY")))
    for agency in world.some(world.agencies, 2):
        taken_back = world.chance(0.4)
        world.add(
            ConcernRelease(
                id=new_id(),
                concern_id=concern.id,
                agency_id=agency.id,
                reason="Words",
                released_by=by.id,
                released_at=world.now,
                withdrawn_at=world.now if taken_back else None,
                withdrawn_by=by.id if taken_back else None,
            )
        )
    world.add(
        ConcernNote(
            id=new_id(),
            concern_id=concern.id,
            agency_id=by.agency_id,
            author_id=by.id,
            text="Words",
            handling=world.any(tuple(Handling)),
            listed_agencies=world.listed(),
        )
    )
    change = ConcernChange(
        id=new_id(),
        concern_id=concern.id,
        kind="recorded",
        changed_by=by.id,
        changed_agency_id=by.agency_id,
        changed_at=world.now,
    )
    world.add(change)
    add_deadline(world, "concern", concern.id, {"concern_id": concern.id})
    return concern


def _link(world: World, concerns: list[Concern]) -> None:
    by = world.any(world.users)
    one, other = world.dice.sample(concerns, 2)
    to_child = world.chance(0.6)
    made = world.rows.query(ConcernLink).count()  # no dice: every second link to a child is not disclosed
    child_id = world.any(world.children).id if to_child else None
    held, handling = to_child and made % 2 == 0, world.any(tuple(Handling))
    said = new_id()
    world.add(
        ConcernLink(
            id=said,
            do_not_disclose=held,
            concern_id=one.id,
            child_id=child_id,
            other_id=None if to_child else other.id,
            role="seen_there",
            handling=Handling.NETWORK if held else handling,
            listed_agencies=world.listed(),
            agency_id=by.agency_id,
            author_id=by.id,
        ),
        LinkRelease(
            id=new_id(),
            link_id=said,
            reason="It is known",
            released_by=by.id,
            agency_id=by.agency_id,
            released_at=world.now,
        ),
    )


def _tell_apart(world: World, concerns: list[Concern]) -> None:
    by = world.any(world.users)
    one, other = world.dice.sample(concerns, 2)
    world.add(
        ConcernDifference(
            id=new_id(),
            concern_id=one.id,
            other_id=other.id,
            said_by=by.id,
            agency_id=by.agency_id,
            said_at=world.now,
        )
    )


def _contact(world: World) -> None:
    by = world.any(world.users)
    entry = DirectoryEntry(
        id=new_id(),
        agency_id=by.agency_id,
        district=world.any(DISTRICTS),
        role="community_safety",
        name="Name",
        checked_on=world.now.date(),
        checked_by=by.id,
        created_by=by.id,
    )
    world.add(entry)
    add_deadline(world, "directory_entry", entry.id, {"directory_id": entry.id})


def happen_to_picture(world: World) -> None:
    """A release is taken back, a concern is held otherwise or changes hands, an episode was a mistake."""
    releases = world.rows.query(ConcernRelease).order_by(ConcernRelease.id).all()
    concerns = world.rows.query(Concern).order_by(Concern.id).all()
    episodes = world.rows.query(MissingEpisode).order_by(MissingEpisode.id).all()
    if releases and world.chance(0.3):
        release = world.any(releases)
        release.withdrawn_at, release.withdrawn_by = world.now, release.released_by
    if concerns and world.chance(0.5):
        concern = world.any(concerns)
        concern.sensitivity = world.any((0, 1))
        concern.owner_agency_id, concern.owner_team_id = world.any(world.agencies).id, None
        concern.district = world.any(DISTRICTS)
    if episodes:
        found = world.any(episodes)
        found.withdrawn_at, found.withdrawn_by = world.now, found.recorded_by
