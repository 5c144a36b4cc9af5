"""A filled database with the portal and the floor that serve it, and who signs in there."""

import gzip
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import psycopg
from flask import Flask
from sqlalchemy import func, select, update

from portal import create_app
from portal.demo import postgres, seed
from portal.policy import load
from portal.records.people.model import SignInSession, User
from tests import database
from tests.bench import kept
from tests.bench.crowds import FORM, WAITING, crowd
from tests.bench.multiply import multiply
from tests.bench.serving import Browser, gunicorn
from tests.bench.world import World, fill, found
from tests.factories.people import open_session
from tests.walk.walking import WALKERS

POLICY = Path(__file__).parents[2] / "config" / "policy"
#: Cases, and how often everything of the demonstration is there besides: of the large world, of the one that
#: says what grows, and of the one that is quick.
LARGE, LITTLE, SMALL = (1_000_000, 200), (10_000, 20), (20_000, 60)
#: One form waits in triage for so many cases.
FORMS = 10
SMALLER = os.environ.get("SIZE") == "small"
IDLE = 24 * 60 * 60  # seconds
#: As `make demo` tells its processes.
ADDRESSES = {
    "PROVIDER_ADDRESS": "http://127.0.0.1:5100",
    "PORTAL_ADDRESS": "http://127.0.0.1:5000",
    "OIDC_SECRET_DEMO": "a secret of the demonstration",
}
SECRET = "for measuring only, and long enough"


@dataclass(frozen=True)
class House:
    """A filled database with its portal and its floor, both serving."""

    world: World
    server: postgres.Server
    portal: int
    floor: int
    tokens: dict[str, str]
    policy: str  # the folder of one that asks nobody to wait
    walkers: dict[str, str]  # the tokens of people of the demonstration, and of those with very many cases

    def browser(self, who: str) -> Browser:
        """Somebody's browser at the portal."""
        return Browser(self.portal, f"portal={self.tokens[who]}")

    def app(self) -> Flask:
        """The portal in this process, on the same database."""
        changes = {"PROPAGATE_EXCEPTIONS": False, "POLICY_DIRECTORY": Path(self.policy)}
        return create_app(database.configuration(self.server, **changes))

    def sign_in_anew(self) -> None:
        """Have everybody signed in at this moment: some pages ask for that, and a walk lasts."""
        engine = database.owner_engine(self.server)
        with engine.begin() as connection:
            connection.execute(update(SignInSession).values(opened_at=func.clock_timestamp()))
        engine.dispose()

    def floor_browser(self, who: str) -> Browser:
        """The same person's browser at the floor."""
        return Browser(self.floor, f"portal={self.tokens[who]}")


def unhurried(folder: Path) -> Path:
    """The policy, but nobody is asked to wait: measuring looks at more than a person could."""
    copied = folder / "policy"
    shutil.copytree(POLICY, copied)
    for file in copied.glob("*/rates.toml"):
        file.write_text(re.sub(r"(?m)^most = \d+$", "most = 1000000", file.read_text("utf-8")), "utf-8")
    return copied


@contextmanager
def house(cases: int, times: int) -> Iterator[House]:
    """Fill or find the database of a size, sign people in, and serve.

    Args:
        cases: that are led by agencies beside those of the demonstration.
        times: how often everything of the demonstration is there besides.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        kept.world(f"{cases}-{times}", _seed, partial(_fill, cases=cases, times=times)) as server,
    ):
        with psycopg.connect(server.url("portal_owner", database.NAME).replace("+psycopg", "")) as connection:
            world = found(connection)
        engine = database.owner_engine(server)
        with database.owner_session(engine) as rows:
            people = {"coordinator": world.coordinator, "officer": world.officer, "tiny": world.tiny}
            people["broad"] = world.broad
            tokens = {who: open_session(rows, person, idle=IDLE) for who, person in people.items()}
            named = select(User.name, User.id).where(User.name.in_(WALKERS))
            walkers = {name: open_session(rows, key, idle=IDLE) for name, key in rows.execute(named).all()}
            walkers |= tokens | {"manager": open_session(rows, world.manager, idle=IDLE)}
        engine.dispose()
        policy = str(unhurried(Path(folder)))
        environment = {
            "PORTAL_MODE": "test",
            "SECRET_KEY": SECRET,
            "SEARCH_HASH_KEY": SECRET,
            "DATABASE_URL": server.url("portal_app", database.NAME),
            "DATABASE_SIGN_IN_URL": server.url("portal_sign_in", database.NAME),
            "DATABASE_DOCUMENTS_URL": server.url("portal_documents", database.NAME),
            "POLICY_DIRECTORY": policy,
        }
        with (
            gunicorn("wsgi:app", environment) as portal,
            gunicorn("tests.bench.floor:app", environment) as floor,
        ):
            yield House(world, server, portal, floor, tokens, policy, walkers)


def _seed(server: postgres.Server) -> None:
    engine = database.owner_engine(server)
    with database.owner_session(engine) as rows:
        seed.load(rows, create_app(database.configuration(server)))
    engine.dispose()


def _fill(server: postgres.Server, *, cases: int, times: int) -> None:
    with psycopg.connect(server.url(postgres.SUPERUSER, database.NAME).replace("+psycopg", "")) as connection:
        multiply(connection, times)
        crowd(connection, FORM, WAITING, cases // FORMS)
    with psycopg.connect(server.url("portal_owner", database.NAME).replace("+psycopg", "")) as connection:
        fill(connection, cases, load(POLICY).names)


def unpacked(response: Any, body: bytes) -> str:
    """The text of an answer that may have come packed."""
    ways = {"br": brotli.decompress, "gzip": gzip.decompress}
    way = ways.get(response.getheader("Content-Encoding") or "")
    return (way(body) if way else body).decode()
