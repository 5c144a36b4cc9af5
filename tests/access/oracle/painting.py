"""Missing children, concerns and the directory, put into a world of the oracle: what `picture` judges."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

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
    PreventionTalk,
)
from portal.records.places.model import DirectoryEntry
from tests.access.oracle.content import HANDLINGS, add_deadline
from tests.access.oracle.returns import add_interview
from tests.access.oracle.world import World

if TYPE_CHECKING:
    pass

AUTHORITIES = ("derby", "derbyshire")
DISTRICTS = ("derby", "erewash", "high_peak")
NEW = timedelta(days=90)
TOLD_OF = (
    *("missing_episode", "missing_prompt", "missing_match", "return_interview"),
    *("concern", "directory_entry"),
)


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
    world.add(episode, change, enquiry, *matches, *_talk(world, episode))
    add_deadline(world, "missing_episode", episode.id, {"child_id": child.id})
    if world.chance(0.6):
        add_interview(world, episode)


def _talk(world: World, episode: MissingEpisode) -> list[PreventionTalk | MissingChange]:
    """What came of the talk of the police, with what was changed of it. No dice say who reads it."""
    before = world.rows.query(PreventionTalk).count()
    by = {"recorded_by": episode.recorded_by, "recorded_at": world.now}
    agencies = [world.agencies[(before + step) % len(world.agencies)].id for step in (0, 1, 2)]
    said = {"handling": HANDLINGS[before % len(HANDLINGS)], "listed_agencies": agencies[1:]}
    change = {"changed_by": episode.recorded_by, "changed_agency_id": agencies[0], "changed_at": world.now}
    kept = {
        "episode_id": episode.id,
        "child_id": episode.child_id,
        "before": {},
        "after": {},
        "of_talk": True,
    }
    return [
        PreventionTalk(episode_id=episode.id, words="Words", agency_id=agencies[0], **said, **by),
        MissingChange(id=new_id(), **kept, **change),
    ]


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
