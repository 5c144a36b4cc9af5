"""A database that has been in use since an earlier release is brought to this one, and nothing is lost."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import NullPool, create_engine

from portal import create_app
from portal.access import verification
from portal.access.verification import verify
from portal.demo import postgres
from portal.extensions import db
from tests import database
from tests.client import Client
from tests.restore import portrait
from tests.restore.dumping import BACKUP_ROLE, Place, drop
from tests.upgrade import former

NAME = "portal_former"
PEOPLE = (
    *("Cora Inglewood", "Ola Brackenbury", "Mina Fernsby", "Wanda Pennywhistle", "Nell Foxglove"),
    *("Gwen Oakapple", "Ada Winterbell"),
)
#: What everybody who works with cases reads of the pathway; the rules of both releases must agree on it.
READ_ALIKE = (
    "child",
    "cre_case",
    "chronology_entry",
    "risk_assessment",
    "meeting",
    "action",
    "disclosure",
)
#: Tables whose rows an upgrade may take away, with the reason.
MAY_SHRINK = {"child_scope": "reach on a child that somebody had only because they reported it missing"}


@dataclass
class Upgraded:
    """The portal before and after, its application, and a session of each person."""

    app: Flask
    place: Place
    before: portrait.Portrait
    after: portrait.Portrait
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def upgraded(server: postgres.Server) -> Iterator[Upgraded]:
    place = former.put_back(server, NAME)
    url = {
        role: server.url(role, NAME)
        for role in ("portal_app", "portal_owner", "portal_sign_in", "portal_worker")
    }
    app = create_app(
        database.configuration(
            server,
            SQLALCHEMY_DATABASE_URI=url["portal_app"],
            DATABASE_OWNER_URL=url["portal_owner"],
            DATABASE_SIGN_IN_URL=url["portal_sign_in"],
            DATABASE_WORKER_URL=url["portal_worker"],
        )
    )
    app.test_client_class = Client
    tokens = former.sessions(place, PEOPLE)
    before = portrait.take(place, tokens)
    with app.app_context():
        upgrade()
    yield Upgraded(app, place, before, portrait.take(place, tokens), tokens)
    with app.app_context():
        db.engine.dispose()
    with place.connect() as connection:
        connection.execute(f"drop owned by {BACKUP_ROLE}".encode())
    drop(place)
    with Place(server, database.NAME).connect() as connection:
        connection.execute(f"drop role {BACKUP_ROLE}".encode())


def test_every_row_is_still_there(upgraded: Upgraded) -> None:
    assert sum(upgraded.before.rows.values()) > 5000, "the demonstration of the former release is in it"
    fewer = {
        table: (count, upgraded.after.rows.get(table))
        for table, count in upgraded.before.rows.items()
        if (upgraded.after.rows.get(table) or 0) < count and table not in MAY_SHRINK
    }
    assert not fewer, f"rows went missing (before, after): {fewer}"
    assert not upgraded.after.unprotected


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_reads_as_much_of_the_pathway_as_before(upgraded: Upgraded, name: str) -> None:
    def counts(seen: dict[str, str]) -> dict[str, int]:
        return {table: int(seen[table].split()[0]) for table in READ_ALIKE}

    before_all, after_all = counts(upgraded.before.seen[name]), counts(upgraded.after.seen[name])
    # that a team joined a case is read, with who the child is, only while one knows of the case
    narrower = {"disclosure", "child"}
    assert {k: v for k, v in after_all.items() if k not in narrower} == {
        k: v for k, v in before_all.items() if k not in narrower
    }
    assert all(before_all[k] * 0.9 <= after_all[k] <= before_all[k] for k in narrower & before_all.keys())
    # who owes the triage of a form, its author could read before, and no more
    before, after = (int(one.seen[name]["deadline"].split()[0]) for one in (upgraded.before, upgraded.after))
    assert before * 0.9 <= after <= before


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_opens_their_pages(upgraded: Upgraded, name: str) -> None:
    client = upgraded.app.test_client()
    client.set_cookie(upgraded.app.config["PORTAL_SESSION_COOKIE"], upgraded.tokens[name])
    home = client.get("/home", follow_redirects=True)
    assert home.status_code == 200, home.text[:400]
    refused = {}
    for address in ("/work", "/cases", "/messages", "/sharing", "/people", "/disclosures"):
        status = client.get(address, follow_redirects=True).status_code
        if status not in {200, 403, 404}:
            refused[address] = status
    assert not refused


def test_the_audit_trail_is_as_it_was_sealed(upgraded: Upgraded) -> None:
    engine = create_engine(upgraded.app.config["DATABASE_WORKER_URL"], poolclass=NullPool)
    with engine.begin() as connection:
        while verification.seal(connection):
            pass
        report = verify(connection, None, tolerance=None)
    engine.dispose()
    assert report.faults == []
    with upgraded.place.connect() as everything:
        seals = everything.execute(
            "select count(replaced_digest), count(*) filter (where digest <> replaced_digest) from audit_seal"
        ).fetchone()
        kept = everything.execute(
            "select count(*), count(*) filter (where e.details ? 'sought'), count(s.text)"
            " from audit_event e left join audit_search s on s.event_id = e.id"
            " where e.action = 'child:search'"
        ).fetchone()
    assert seals
    assert seals[0] == seals[1] > 0, "what was sealed before was checked and has a digest of the new kind"
    assert kept
    assert (kept[1], kept[2]) == (0, kept[0]), "what was searched for stands where governance alone reads it"
