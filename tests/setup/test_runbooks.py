"""The statements of the runbooks run as written, on the database as it is."""

import subprocess
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.demo import postgres
from portal.records.people.model import User
from tests import database
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.restore.dumping import Place
from tests.structure.source import ROOT

ClientFor = Callable[[User], Client]
FILES = sorted((ROOT / "docs" / "deploy" / "sql").glob("*.sql"))


def psql(server: postgres.Server, file: str, **settings: str) -> list[list[str]]:
    """Run a runbook's file as whoever operates the portal would; the rows that it prints."""
    place = Place(server, database.NAME)
    command = [
        place.program("psql"),
        *place.arguments("portal_owner"),
        "--no-psqlrc",
        "--csv",
        "--tuples-only",
    ]
    command += [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    command += ["--set", "ON_ERROR_STOP=1", "--file", str(ROOT / "docs" / "deploy" / "sql" / file)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=dict(postgres.ENVIRONMENT)
    )
    assert done.returncode == 0, done.stderr
    return [line.split(",") for line in done.stdout.splitlines()]


def test_everybody_is_signed_out(
    server: postgres.Server, client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    client, other = client_for(cast.officer), client_for(cast.nurse)
    assert client.get("/cases").status_code == 200
    assert psql(server, "end-all-sessions.sql") == [["2"]]
    for one in (client, other):
        assert one.get("/cases").status_code == 303, "they have to sign in again"
    assert psql(server, "end-all-sessions.sql") == [["0"]]


def test_what_somebody_looked_at_is_listed_without_a_name(
    server: postgres.Server, client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    child = make_child(rows, "Thi Hoa", "Lá-Phong")
    case = make_case(rows, child, lead=cast.police, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator)
    rows.commit()
    reference = case.reference
    assert client_for(cast.officer).get(f"/cases/{reference}").status_code == 200
    window = {"from": "2000-01-01", "to": "2100-01-01"}
    found = psql(server, "looked-at.sql", email=cast.officer.email.upper(), **window)
    assert any(reference in row and "case:view" in row for row in found)
    assert not any("Phong" in part for row in found for part in row)
    assert not psql(server, "looked-at.sql", email=cast.nurse.email, **window), "nobody else's"


def test_what_an_agency_holds_is_counted_before_it_leaves(
    server: postgres.Server, cast: Cast, rows: Session
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.police, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator)
    rows.commit()
    found = {row[0]: row[1:] for row in psql(server, "agency-exit.sql", agency=cast.police.code)}
    assert found["cases that it leads"] == ["1", case.reference]
    assert found["cases on which its teams work"] == ["1", case.reference]
    assert int(found["people who can sign in"][0]) >= 1
    other = {row[0]: row[1:] for row in psql(server, "agency-exit.sql", agency=cast.health.code)}
    assert other["cases that it leads"][0] == "0"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_operate_names_every_file(path: object) -> None:
    name = getattr(path, "name", "")
    assert f"docs/deploy/sql/{name}" in (ROOT / "docs" / "operate.md").read_text("utf-8")
