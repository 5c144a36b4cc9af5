"""Every form of the portal sent twice at the same moment, over https, to two web nodes behind the proxy.

`tests/races` says how each is sent, and holds two requests against each other so that they meet; here they
meet as they happen to, which is how people do. What may come of it is judged there; here no answer may be an
error.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from werkzeug.routing import Rule

from config import settings
from portal import create_app
from tests import database
from tests.races.known import NOT_SENT
from tests.races.racing import Outcome, doubled, plainly, together
from tests.races.sending import Far
from tests.races.world import World, world_in
from tests.rehearse.house import House
from tests.rehearse.machine import NAME

#: Forms about what two people have in hand at once: these are sent from two tabs as well.
_FROM_TWO_TABS = {"hub.claim", "cases.change_case_lead", "cases.change_sensitivity", "cases.review_alert"}
_ERROR = 500


@dataclass
class Raced:
    """What was raced, and what went wrong."""

    routes: int = 0
    races: int = 0
    errors: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)


def run(house: House) -> Raced:
    """Race them in the empty database, which is empty again afterwards."""
    app = create_app(settings.from_environment({**house.settings(), "PORTAL_MODE": "production"}))
    address, authority = house.address, str(house.authority.certificate)
    cookie = app.config["PORTAL_SESSION_COOKIE"]
    with (
        _owner(house) as owner,
        _names_led_here(),
        world_in(app, owner, lambda token: Far(address, cookie, token, verify=authority)) as world,
    ):
        found = Raced()
        assert {rule.endpoint for rule in world.posted()} >= _FROM_TWO_TABS, "say how these are called now"
        for rule in world.posted():
            if rule.endpoint not in NOT_SENT:
                found.routes += 1
                _race(world, rule, found)
        return found


def _race(world: World, rule: Rule, found: Raced) -> None:
    _note(rule, found, lambda: doubled(world, rule, plainly))
    if rule.endpoint in _FROM_TWO_TABS:
        _note(rule, found, lambda: together(world, rule, rule, plainly))


def _note(rule: Rule, found: Raced, race: Callable[[], Outcome]) -> None:
    try:
        outcome = race()
    except (AssertionError, LookupError) as missing:
        found.not_run.append(f"{rule.endpoint}: {str(missing)[:200]}")
        return
    found.races += 1
    if max(outcome.statuses) >= _ERROR:
        found.errors.append(f"{rule.endpoint} answered {outcome.statuses}")


@contextmanager
def _owner(house: House) -> Iterator[Engine]:
    """The owner, who may for once take rows away unasked, and waits for no disk."""
    primary, may = house.pair.primary, "set on parameter session_replication_role"
    primary.do(f"grant {may} to portal_owner", "alter role portal_owner set synchronous_commit = off")
    engine = create_engine(house.pair.url("portal_owner"))
    database.add_emptying(engine)
    try:
        yield engine
    finally:
        database.take_emptying_away(engine)
        engine.dispose()
        primary.do(f"revoke {may} from portal_owner", "alter role portal_owner reset synchronous_commit")


@contextmanager
def _names_led_here() -> Iterator[None]:
    """Find the portal by its name, as a browser does: not every machine knows names below localhost."""
    ask = socket.getaddrinfo

    def lead(host: Any, *more: Any, **options: Any) -> Any:
        return ask("127.0.0.1" if host == NAME else host, *more, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lead)
        yield
