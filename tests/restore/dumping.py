"""Dumps a database and restores it, with the programs that a server's administrator would use."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from portal.demo import postgres
from portal.demo.postgres import SUPERUSER
from tests.structure.source import ROOT

BACKUP_ROLE = "portal_backup"
_ROLE_SCRIPT = ROOT / "docs" / "deploy" / "backup-role.sql"


class Missing(RuntimeError):
    """A program that is needed is not on this machine; the message says which, and where it comes from."""


@dataclass(frozen=True)
class Place:
    """A database on a running server."""

    server: postgres.Server
    database: str

    def connect(self, role: str = SUPERUSER) -> psycopg.Connection:
        """A connection as `role`; only a superuser reads past row security."""
        where = self.server.place.sockets
        return psycopg.connect(
            host=str(where), port=postgres.PORT, user=role, dbname=self.database, autocommit=True
        )

    def arguments(self, role: str) -> list[str]:
        """What PostgreSQL's programs are told about where to go and as whom."""
        sockets = str(self.server.place.sockets)
        return [
            "--host",
            sockets,
            "--port",
            str(postgres.PORT),
            "--username",
            role,
            "--dbname",
            self.database,
        ]

    def program(self, name: str) -> str:
        """The path of a program of the server's own version.

        Raises:
            Missing: it came without it. Another version's pg_dump may refuse this server.
        """
        path = self.server.place.binaries / "bin" / name
        if not path.exists():
            raise Missing(
                f"{name} is not beside the server's programs in {path.parent}. Install the client programs "
                "of the same major version of PostgreSQL (Debian: postgresql-client) to run this."
            )
        return str(path)


def add_backup_role(source: Place) -> None:
    """Make the role as docs/deploy says."""
    with source.connect() as connection:
        connection.execute(_ROLE_SCRIPT.read_bytes())


def dump(
    source: Place, target: Path, *, role: str = BACKUP_ROLE, more: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Dump as `role` into the file `target`; the caller looks at the result."""
    command = [source.program("pg_dump"), *source.arguments(role), "--format=custom", "--no-password"]
    return _run([*command, *more, "--file", str(target)])


def restore(dumped: Path, target: Place) -> None:
    """Restore into an empty database as docs/deploy says: all of it or nothing, as a superuser.

    Raises:
        RuntimeError: with what pg_restore said.
    """
    command = [target.program("pg_restore"), *target.arguments(SUPERUSER)]
    done = _run([*command, "--single-transaction", "--exit-on-error", str(dumped)])
    if done.returncode or done.stderr:
        raise RuntimeError(f"pg_restore said: {done.stderr}")


def counted(dumped: Path, source: Place) -> int:
    """How many rows of all tables a dump holds."""
    rows = _run([source.program("pg_restore"), "--data-only", "--file=-", str(dumped)]).stdout.splitlines()
    begins = [number for number, line in enumerate(rows) if line.startswith("COPY ")]
    return sum(rows.index("\\.", begin) - begin - 1 for begin in begins)


def drop(place: Place) -> None:
    """Remove the database."""
    with Place(place.server, SUPERUSER).connect() as connection:
        connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(place.database)))


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env=dict(postgres.ENVIRONMENT)
    )
