"""The people and records of the races: one scene, kept, and come back to after each race."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.access.guard import rule_of
from portal.access.permissions import PERMISSIONS
from portal.records.people.model import User
from portal.vocabulary import Role, Sector
from tests import database
from tests.access.addresses import address, parts
from tests.access.scene import make_scene
from tests.cast import Cast, make_cast
from tests.factories.people import open_session
from tests.races.keeping import Kept
from tests.races.sending import Browser, Near

SESSIONS = 3  # of each person: two devices that race, and one that is left alone


@dataclass
class World:
    """Where races are run.

    Args:
        app: the application, for its addresses.
        rows: the owner’s session, with which records are brought into the state that a race needs.
        open_browser: gives a browser in which the session of a token is open.
    """

    app: Flask
    rows: Session
    kept: Kept
    cast: Cast
    names: dict[str, str]
    open_browser: Callable[[str], Browser]
    tokens: dict[str, list[str]] = field(default_factory=dict)

    def person(self, who: str) -> User:
        found: User = getattr(self.cast, who)
        return found

    def browser(self, who: str, device: int = 0) -> Browser:
        """A new browser of somebody of the cast, signed in."""
        return self.open_browser(self.tokens[who][device] if who else "")

    def restore(self) -> None:
        """Make everything as it was."""
        self.rows.rollback()
        self.rows.expire_all()
        self.kept.restore()

    def address(self, rule: Rule, **other: str) -> str:
        """The address of a route; `other` names other records, or a part that is no record: `=step`."""
        given = {name: other.get(f"={name}") for name in rule.arguments}
        parted = {name: value for name, value in given.items() if value is not None}
        if not parted:
            return address(self.app, rule, self.names | other)
        known = parts(rule) | {name: f"={value}" for name, value in parted.items()}
        values = {
            name: record[1:] if record.startswith("=") else (self.names | other)[record]
            for name, record in known.items()
        }
        return self.app.url_map.bind("localhost").build(rule.endpoint, values)

    def rule(self, endpoint: str) -> Rule:
        """The route of an endpoint."""
        return next(self.app.url_map.iter_rules(endpoint))

    def posted(self) -> list[Rule]:
        """Every route that takes a form, in the order of their names."""
        rules = [rule for rule in self.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
        return sorted(rules, key=lambda rule: rule.endpoint)

    def admitted(self, rule: Rule) -> list[str]:
        """Who of the cast may come near a route, by role and by the blueprint’s sectors."""
        access = rule_of(self.app, rule.endpoint)
        assert access is not None
        if access.permission is None:
            return [""]
        blueprint = self.app.blueprints[rule.endpoint.partition(".")[0]]
        sectors = getattr(blueprint, "access_audience", None)
        agencies = {one.id: one for one in vars(self.cast).values() if hasattr(one, "sector")}
        found = []
        for who in PEOPLE:
            person = self.person(who)
            roles = {Role(role) for role in person.roles}
            sector = Sector(agencies[person.agency_id].sector)
            if PERMISSIONS[access.permission].roles & roles and (sectors is None or sector in sectors):
                found.append(who)
        return found


#: The order in which people are tried.
PEOPLE = (
    *("officer", "coordinator", "social_worker", "police_manager", "social_care_manager"),
    *("community_safety", "chair", "nurse", "second_coordinator", "colleague", "administrator"),
    *("second_administrator", "governance", "teacher", "stranger", "neighbour"),
)


@contextmanager
def world_in(
    app: Flask, owner: Engine, open_browser: Callable[[str], Browser] | None = None
) -> Iterator[World]:
    """Write the scene into the empty database of `owner`, and take it away at the end."""
    database.empty(owner)
    kept = Kept(owner)
    try:
        with database.owner_session(owner) as rows:
            cast = make_cast(rows)
            scene = make_scene(rows, cast)
            world = World(app, rows, kept, cast, scene.shown.names, open_browser or (lambda t: Near(app, t)))
            world.names |= _of_cast(cast)
            for who in PEOPLE:
                world.tokens[who] = [open_session(rows, world.person(who).id) for _ in range(SESSIONS)]
            kept.keep()
            yield world
    finally:
        kept.close()
        database.empty(owner)


def _of_cast(cast: Cast) -> dict[str, str]:
    """What forms call the cast: `officer id`, `officer email`, `police_team id`."""
    found = {}
    for name, one in vars(cast).items():
        found[f"{name} id"] = str(one.id)
        if isinstance(one, User):
            found[f"{name} email"] = one.email
    return found
