"""The demonstration in a release's checkout, for whoever asks for its pages; a process of its own.

It is run with the packages of that checkout, so it uses little of them, and only what an earlier release has
too. What would differ between two runs of one release is held: the time that the portal tells, and what is
drawn while the demonstration is loaded. Each line asks for an address (`get`) as somebody (`as`), or for the
route of one (`match`).
"""

import json
import logging
import os
import random
import secrets
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import uuid6
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

#: Each sort of thing is drawn by dice of its own.
_letters, _bytes, _tails = (random.Random(seed) for seed in range(3))  # noqa: S311 - to be the same each time
_moments = count(round(datetime.fromisoformat(os.environ["WALK_MOMENT"]).timestamp() * 1000))


def _uuid7() -> uuid6.UUID:
    """An identifier that sorts by when it was made, and is the same in each run."""
    return uuid6.UUID(int=next(_moments) << 80 | 7 << 76 | 2 << 62 | _tails.getrandbits(62))


uuid6.uuid7 = _uuid7  # before the portal is loaded, which takes it by name

from portal import clock, create_app  # noqa: E402 - likewise
from portal.demo import postgres, seed  # noqa: E402 - likewise
from tests import database  # noqa: E402 - likewise
from tests.factories.people import open_session  # noqa: E402 - likewise

with suppress(ImportError):  # an earlier release asks nobody to wait
    from portal.access import pace

    pace.check = lambda *_: None  # a walk opens in seconds what people open in hours

#: As `make demo` tells its processes.
ADDRESSES = {
    "PROVIDER_ADDRESS": "http://127.0.0.1:5100",
    "PORTAL_ADDRESS": "http://127.0.0.1:5000",
    "OIDC_SECRET_DEMO": "a secret of the demonstration",
}
CLOCK = ("LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC")
TEXTS = ("text/", "application/json")
NAMED = text(
    "select table_schema, table_name, array_agg(column_name::text) from information_schema.columns"
    " where table_schema not in ('pg_catalog', 'information_schema')"
    " and (column_name = 'id' and data_type = 'uuid' or column_name = 'reference')"
    " group by 1, 2 order by 2"
)


def _with_clock(environment: Mapping[str, str]) -> Mapping[str, str]:
    return {**environment, **{name: os.environ[name] for name in CLOCK if name in os.environ}}


def main() -> None:
    """Load the demonstration, then answer until there is no more to do."""
    os.environ.update(ADDRESSES)
    # an earlier release keeps elsewhere what its server starts with
    holder: Any = postgres if hasattr(postgres, "ENVIRONMENT") else import_module("portal.demo.cluster")
    holder.ENVIRONMENT = _with_clock(holder.ENVIRONMENT)
    moment = datetime.fromisoformat(os.environ["WALK_MOMENT"])
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(database.running_server(folder / "database"))
        app = create_app(database.configuration(server, PROPAGATE_EXCEPTIONS=False))
        rows = stack.enter_context(database.owner_session(database.owner_engine(server)))
        stack.enter_context(clock.telling(moment))
        with _drawn_alike():
            seed.load(rows, app)
        logging.disable(logging.WARNING)  # of what is refused
        _say({"names": _names(rows), "routes": list(_routes(app))})
        for line in sys.stdin:
            wanted = json.loads(line)
            _say(_match(app, wanted["match"]) if "match" in wanted else _get(app, rows, **wanted))


@contextmanager
def _drawn_alike() -> Iterator[None]:
    """Draw references and keys as in each run, so that what is sorted by them is in the same order."""
    drawn = secrets.choice, os.urandom
    secrets.choice, os.urandom = _letters.choice, _bytes.randbytes
    try:
        yield
    finally:
        secrets.choice, os.urandom = drawn


def _names(rows: Session) -> dict[str, str]:
    """What to call each row that was loaded, by identifier and by reference: which of its kind it is."""
    names: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for schema, table, columns in rows.execute(NAMED).all():
        if "id" not in columns:
            continue
        wanted = "id, reference" if "reference" in columns else "id, null"
        listed = f'select {wanted} from "{schema}"."{table}" order by id'  # noqa: S608 - our own tables
        found = rows.execute(text(listed)).all()
        for number, (key, reference) in enumerate(found, 1):
            names[str(key)] = names[key.hex] = f"{table}-{number}"
            if reference:
                prefix = reference.partition("-")[0]
                counted[prefix] += 1  # by all tables: two may hold references of one sort
                names[reference] = f"{prefix}-{counted[prefix]}"
    return names


def _routes(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            yield rule.rule


def _match(app: Flask, address: str) -> dict[str, Any]:
    """The route of an address, and what stands in it for each of its variables."""
    try:
        rule, values = app.url_map.bind("portal.example").match(address.partition("?")[0], return_rule=True)
    except (HTTPException, RequestRedirect):
        return {"route": None, "values": {}}
    return {"route": rule.rule, "values": {name: str(value) for name, value in values.items()}}


_clients: dict[str, Any] = {}


def _get(app: Flask, rows: Session, *, get: str, **wanted: str) -> dict[str, Any]:
    """What an address answers somebody."""
    name = wanted["as"]
    if name not in _clients:
        person = rows.execute(text("select id from app_user where name = :name"), {"name": name}).scalar_one()
        _clients[name] = app.test_client()
        _clients[name].set_cookie(
            app.config["PORTAL_SESSION_COOKIE"], open_session(rows, person, idle=12 * 60 * 60)
        )
    answer = _clients[name].get(get)
    return {
        "status": answer.status_code,
        "type": answer.mimetype,
        "to": answer.headers.get("Location"),
        "body": answer.text if answer.mimetype.startswith(TEXTS) else "",
    }


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
