"""`make bench`: prints `name value unit` lines. `SIZE=small` is quick, and fails by what it counts alone.

Each ratio compares two things measured in turns in one run. The budgets are in docs/adr/0004.
"""

import gzip
import os
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import event, func, select, update

from portal import create_app
from portal.demo import postgres, seed
from portal.extensions import db
from portal.policy import load
from portal.records.people.model import SignInSession, User
from tests import database
from tests.bench import kept, pages, reminders, writes
from tests.bench.measuring import Processes, measure
from tests.bench.multiply import multiply
from tests.bench.reads import Reads, unlisted
from tests.bench.serving import OK, Ask, Browser, gunicorn
from tests.bench.signing_in import signing_in
from tests.bench.walk import Page, Walk
from tests.bench.walk import pages as walk_pages
from tests.bench.world import World, fill, found
from tests.factories.people import open_session
from tests.matching.world import match_recall
from tests.walk.walking import WALKERS

POLICY = Path(__file__).parents[2] / "config" / "policy"
#: Cases, and how often everything of the demonstration is there: of the larger and the smaller world.
LARGE, SMALL = ((1_000_000, 200), (10_000, 20)), ((20_000, 60), (2_000, 6))
SMALLER = os.environ.get("SIZE") == "small"
IDLE = 24 * 60 * 60  # seconds
#: As `make demo` tells its processes.
ADDRESSES = {
    "PROVIDER_ADDRESS": "http://127.0.0.1:5100",
    "PORTAL_ADDRESS": "http://127.0.0.1:5000",
    "OIDC_SECRET_DEMO": "a secret of the demonstration",
}
TIMES = 20 if SMALLER else 100
MARGIN = 4  # times its budget a page's processor time may be: these machines are noisy
HUB = UUID(int=0)
SOUGHT = "Smithen"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
#: docs/adr/0004. What needs a million of something is only measured there.
AT_MOST = {
    **{"queue_ratio": 4, "queue_small_agency_ratio": 4, "queue_growth": 1.3, "owed_growth": 1.3},
    **{"statements_queue": 8, "statements_case": 9, "page_cold_kb": 60, "page_warm_kb": 6},
    **{"owed_tick_ms": 3000, "owed_tick_idle_ms": 50, "pages_growth_p95": 1.3},
    **{"search_p95_ms": 30, "statements_search": 8, "search_reads": 0},
}
AT_LEAST = {"match_recall": 0.95, "outbox_per_second": 20}
#: What does not depend on the machine: of the small worlds nothing else can fail.
EXACT = (
    *("statements_queue", "statements_case", "statements_search", "search_reads"),
    *("page_cold_kb", "page_warm_kb", "match_recall"),
)
FIGURES: dict[str, float] = {}
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
    with psycopg.connect(server.url("portal_owner", database.NAME).replace("+psycopg", "")) as connection:
        fill(connection, cases, load(POLICY).names)


def main() -> None:
    """Measure and print."""
    os.environ.update(ADDRESSES)
    large, small = SMALL if SMALLER else LARGE
    with ExitStack() as stack:
        big = stack.enter_context(house(*large))
        little = stack.enter_context(house(*small))
        _ratios(big, little)
        _statements(big)
        _weights(big)
        over = [*_pages(big, little), *_writes(big)]
        _reminders(big, little)
    say("match_recall", match_recall(load(POLICY).names), "share")
    figures = {name: FIGURES[name] for name in EXACT} if SMALLER else FIGURES
    if faults := [*beyond(figures), *over]:
        sys.exit("Beyond the budget:\n" + "\n".join(faults))


def say(name: str, value: float, unit: str) -> None:
    """One figure; `main` says at the end which of them are beyond their budget."""
    FIGURES[name] = value
    print(f"{name} {value:.3f} {unit}", flush=True)


def beyond(figures: Mapping[str, float]) -> list[str]:
    """The figures that are beyond their budget, with it."""
    least = [f"{n} {figures[n]:.3f}, not {b}" for n, b in AT_LEAST.items() if n in figures and figures[n] < b]
    most = [f"{n} {figures[n]:.3f}, not {b}" for n, b in AT_MOST.items() if n in figures and figures[n] > b]
    return least + most


def _ratios(big: House, little: House) -> None:
    team, tiny = big.world.police_team, big.world.tiny_team
    key = "p:SMTN"
    case = _cases(big, "officer", f"/cases?whose={team}")[0]
    small_case = _cases(little, "officer", f"/cases?whose={little.world.police_team}")[0]
    found = _in_turns(
        big,
        little,
        {
            "queue": Ask(big.browser("officer"), f"/cases?whose={team}"),
            "queue floor": Ask(big.floor_browser("officer"), f"/queue?reader={team}"),
            "hub": Ask(big.browser("coordinator"), "/cases?whose=hub"),
            "hub floor": Ask(big.floor_browser("coordinator"), f"/queue?reader={HUB}"),
            "tiny": Ask(big.browser("tiny"), f"/cases?whose={tiny}"),
            "tiny floor": Ask(big.floor_browser("tiny"), f"/queue?reader={tiny}"),
            "little": Ask(little.browser("officer"), f"/cases?whose={little.world.police_team}"),
            "search": _search(big, "officer", SOUGHT),
            "search floor": Ask(big.floor_browser("officer"), f"/search?key={key}"),
            "search tiny": _search(big, "tiny", SOUGHT),
            "case": Ask(big.browser("officer"), f"/cases/{case}"),
            "case floor": Ask(big.floor_browser("officer"), f"/case?reference={case}"),
            "little case": Ask(little.browser("officer"), f"/cases/{small_case}"),
        },
    )
    say("queue_ratio", found["queue"] / found["queue floor"], "times")
    say("queue_hub_ratio", found["hub"] / found["hub floor"], "times")
    say("queue_small_agency_ratio", found["tiny"] / found["tiny floor"], "times")
    say("queue_growth", found["queue"] / found["little"], "times")
    say("case_ratio", found["case"] / found["case floor"], "times")
    say("case_growth", found["case"] / found["little case"], "times")
    say("search_ratio", found["search"] / found["search floor"], "times")
    say("search_small_agency_ratio", found["search tiny"] / found["search floor"], "times")


def _in_turns(big: House, little: House, asks: Mapping[str, Ask]) -> dict[str, float]:
    """What each takes by a clock on the wall, all asked in turns and each time in another order."""
    ports = {name: _port(name, big, little) for name in asks}
    processes = {port: Processes(port) for port in set(ports.values())}
    taken = measure(
        asks,
        {name: processes[port] for name, port in ports.items()},
        clients=1,
        rounds=TIMES,
        shuffled=random.Random(1),  # noqa: S311 - an order, and no secret
    )
    for name, value in taken.items():
        say(f"{name.replace(' ', '_')}_ms", value.middle, "ms")
        say(f"{name.replace(' ', '_')}_processor_ms", value.processor / TIMES, "ms")
    say("search_p95_ms", quantiles(taken["search"].wall, n=20)[-1], "ms")
    return {name: value.middle for name, value in taken.items()}


def _port(name: str, big: House, little: House) -> int:
    if "floor" in name:
        return big.floor
    return little.portal if "little" in name else big.portal


def _cases(house: House, who: str, address: str) -> list[str]:
    """The references of cases on a page."""
    return re.findall(r'href="/cases/(CRE-[0-9A-Z-]+)"', unpacked(*house.browser(who).get(address)))


def _search(house: House, who: str, name: str) -> Ask:
    """A search by name, with the form token that its page gives."""
    response, _ = Browser(house.portal, f"portal={house.tokens[who]}").get("/search")
    cookie = (response.getheader("Set-Cookie") or "").split(";")[0]
    browser = Browser(house.portal, f"portal={house.tokens[who]}; {cookie}")
    page = unpacked(*browser.get("/search"))
    token = _TOKEN.search(page)
    assert token, "the search page has no form token"
    return Ask(browser, "/search", {"csrf_token": token.group(1), "sought": name})


def unpacked(response: Any, body: bytes) -> str:
    """The text of an answer that may have come packed."""
    return (gzip.decompress(body) if response.getheader("Content-Encoding") == "gzip" else body).decode()


def _statements(big: House) -> None:
    """Statements of a page, beside the context, the session and the audit row."""
    app = create_app(database.configuration(big.server))
    client = app.test_client()
    client.set_cookie(app.config["PORTAL_SESSION_COOKIE"], big.tokens["officer"])
    counted: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not re.search(
            r"set_config|ctx\.arrive|ctx\.touch_session|INSERT INTO audit_event|SAVEPOINT", statement
        ):
            counted.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
    page = client.get(f"/cases?whose={big.world.police_team}").text
    counted.clear()
    client.get(f"/cases?whose={big.world.police_team}")
    say("statements_queue", len(counted), "statements")
    first = re.search(r'href="(/cases/CRE-[0-9A-Z-]+)"', page)
    assert first, "the queue links to no case"
    counted.clear()
    assert client.get(first.group(1)).status_code == 200
    say("statements_case", len(counted), "statements")
    reads = Reads()
    reads.watch(app)
    token = _TOKEN.search(client.get("/search").text)
    assert token, "the search page has no form token"
    counted.clear()
    reads.watching = True
    assert client.post("/search", data={"csrf_token": token.group(1), "sought": SOUGHT}).status_code == OK
    say("statements_search", len(counted), "statements")
    say("search_reads", len([one for one in reads.found if one.table != "audit_event"]), "large tables")
    with app.app_context():
        db.engine.dispose()


def _pages(big: House, little: House) -> list[str]:
    """Every page that people of the demonstration come to by links; what is over its budget."""
    # Of the small worlds nothing fails by time, so that the larger of them says all there is.
    houses = {"large": big} if SMALLER else {"large": big, "small": little}
    apps = {name: _app(one) for name, one in houses.items()}
    app = apps["large"]
    walks = {name: Walk(apps[name], one.walkers) for name, one in houses.items()}
    costs: dict[str, list[Page]] = {name: [] for name in houses}
    for (
        person
    ) in big.walkers:  # through one world and then the other, whatever else the machine does meanwhile
        for name, walk in walks.items():
            houses[name].sign_in_anew()
            costs[name] += walk_pages(walk, [person])
    for one in apps.values():
        with one.app_context():
            db.engine.dispose()
    for walked in costs.values():
        for line in pages.dearest(walked):
            print(f"  {line}")
    for name, found_ in costs.items():
        for part, value in pages.summary(found_).items():
            say(f"pages_{name}_{part}", value, "ms")
        say(f"pages_{name}_walked", len(found_), "pages")
    if not SMALLER:
        say("pages_growth_p95", FIGURES["pages_large_p95"] / FIGURES["pages_small_p95"], "times")
    reads = unlisted(
        ((page.route, one) for page in costs["large"] for one in page.reads), pages.read_more(app)
    )
    for line in reads:
        print(f"  {line}")
    return [
        *pages.beyond(costs["large"], pages.budgets(app), margin=MARGIN),
        *pages.failed(costs["large"]),
        *(reads if SMALLER else ()),  # of the large one much is read: everybody works two hundredfold
    ]


def _app(one: House) -> Flask:
    """The portal in this process, on the database of a house."""
    changes = {"PROPAGATE_EXCEPTIONS": False, "POLICY_DIRECTORY": Path(one.policy)}
    return create_app(database.configuration(one.server, **changes))


def _writes(big: House) -> list[str]:
    """What people write most, and signing in; what is over its budget."""
    app = _app(big)
    walk = Walk(app, big.walkers)
    engine = database.owner_engine(big.server)
    with database.owner_session(engine) as rows:
        record = writes.meeting_being_recorded(walk, big.walkers)
        costs = [*writes.writes(walk, record), *signing_in(walk, app, rows, big.world.officer)]
    engine.dispose()
    with app.app_context():
        db.engine.dispose()
    for line in pages.each(costs):
        print(f"  {line}")
    return pages.beyond(costs, pages.budgets(app), margin=MARGIN)


def _weights(big: House) -> None:
    """What a browser loads for a queue page: with everything, and when it has been here before."""
    browser = big.browser("officer")
    response, body = browser.get(f"/cases?whose={big.world.police_team}")
    page = unpacked(response, body)
    assets = sorted(set(re.findall(r'(?:href|src)="(/static/build/[^"]+)"', page)))
    loaded = sum(len(browser.get(address)[1]) for address in assets)
    say("page_cold_kb", (len(body) + loaded) / 1024, "KB")
    say("page_warm_kb", len(body) / 1024, "KB")
    say("page_requests", 1 + len(assets), "requests")


def _reminders(big: House, little: House) -> None:
    """The worker looks for what is owed, and sends it."""
    for one in (big, little):
        reminders.owe_again(one.server)
    say(
        "owed_growth",
        reminders.growth(big.server, little.server, little.world.cases // reminders.SHARE),
        "times",
    )
    for name, value, unit in (*reminders.measure(big.server), *reminders.ticks(big.server)):
        say(name, value, unit)


if __name__ == "__main__":
    main()
