"""Two PostgreSQL servers, one of which follows the other: frozen, killed, and failed over by our own script.

The embedded build of PostgreSQL knows no TLS: roles sign in over TCP by their passwords, on this machine.
"""

import os
import secrets
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from portal.demo import place, postgres, processes
from tests.rehearse.machine import STOP_SECONDS, Broken, own_address
from tests.structure.source import ROOT

DATABASE = "portal"
START_SECONDS = 60
SCRIPT = ROOT / "docs" / "deploy" / "standby.sh"
#: Who signs in over the network: the roles of the portal, and the standby.
ROLES = ("portal_owner", "portal_app", "portal_worker", "portal_sign_in", "portal_replication")

_HBA = """\
local all all peer map=starter
host {database} portal_owner,portal_app,portal_worker,portal_sign_in 127.0.0.0/8 scram-sha-256
host replication,postgres portal_replication 127.0.0.0/8 scram-sha-256
"""


@dataclass
class Node:
    """One server, with a folder and an address of its own."""

    name: str
    folder: Path
    address: str = field(default_factory=own_address)
    _process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.place = place.find(self.folder)
        self._hba = self._beside("hba.conf", _HBA.format(database=DATABASE))
        self.log = self.folder / "postgres.log"

    def _beside(self, name: str, text: str) -> Path:
        """A file that the server's user reads, and nobody else but us."""
        path = self.place.sockets / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        if self.place.user:
            os.chown(path, self.place.user.pw_uid, self.place.user.pw_gid)
        return path

    def keep_password(self, role: str, password: str) -> Path:
        """The file from which this node's programs read it."""
        return self._beside("pgpass", f"*:*:*:{role}:{password}\n")

    @property
    def has_data(self) -> bool:
        """Whether there is something to start."""
        return (self.place.data / "PG_VERSION").exists()

    def start(self) -> None:
        """Start the server on what its folder holds, and make it first where that is nothing.

        Raises:
            Broken: with the end of its log.
        """
        if not self.has_data:
            postgres.initialise(self.place)
        postgres.configure(
            self.place,
            durable=True,
            more={
                "listen_addresses": self.address,
                "hba_file": str(self._hba),
                "password_encryption": "scram-sha-256",
                "wal_log_hints": "on",
                "wal_keep_size": "256MB",
                "shared_buffers": "64MB",
            },
        )
        (self.place.data / "postmaster.pid").unlink(missing_ok=True)  # of one that was killed
        with self.log.open("ab") as log:
            self._process = processes.spawn(
                [self.place.binaries / "bin" / "postgres", "-D", self.place.data],
                log=log,
                ends_on=signal.SIGINT,
                environment=postgres.ENVIRONMENT,
                directory=Path("/"),
                user=self.place.user,
            )
        if not processes.wait_until(self.answers, seconds=START_SECONDS, every=0.05):
            raise Broken(f"{self.name} did not start:\n{self.log.read_text('utf-8', 'replace')[-2000:]}")

    def answers(self) -> bool:
        """Whether it can be asked something."""
        try:
            self.ask("select 1")
        except psycopg.Error:
            return False
        return True

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """As its superuser, through the socket."""
        where, role = str(self.place.sockets), postgres.SUPERUSER
        return psycopg.connect(host=where, user=role, dbname=database, autocommit=True, connect_timeout=5)

    def ask(self, question: str, database: str = "postgres") -> str:
        """The one answer to a question, as text."""
        with self.connect(database) as connection:
            row = connection.execute(question.encode()).fetchone()
        return str(row[0]) if row else ""

    def do(self, *statements: str) -> None:
        """Run statements as the superuser."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def script(self, *arguments: str, **settings: str) -> str:
        """Run the script for the pair on this node's machine; gives what it said.

        Raises:
            Broken: it refused or failed.
        """
        done = subprocess.run(
            ["/bin/sh", str(SCRIPT), *arguments],
            check=False,
            cwd="/",
            env={**self._environment(), **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            user=self.place.user.pw_uid if self.place.user and arguments[0] == "join" else None,
            group=self.place.user.pw_gid if self.place.user and arguments[0] == "join" else None,
        )
        if done.returncode:
            raise Broken(f"standby.sh {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.place.binaries / 'bin'}:/usr/bin:/bin",
            "LC_ALL": "C",
            "PGHOST": str(self.place.sockets),
            "PGUSER": postgres.SUPERUSER,
        }

    def _family(self) -> list[int]:
        """The server's process and every one that it started: a session of its own each."""
        assert self._process
        first, found = self._process.pid, []
        for folder in Path("/proc").iterdir():
            with suppress(OSError, ValueError, IndexError):
                number = int(folder.name)
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if first in (number, parent):
                    found.append(number)
        return sorted(found)

    def signal(self, sign: signal.Signals) -> None:
        """Send a signal to all of it, as what happens to a whole machine."""
        for number in self._family():
            with suppress(ProcessLookupError):
                os.kill(number, sign)

    def kill(self) -> None:
        """The machine is gone."""
        self.signal(signal.SIGKILL)
        assert self._process
        self._process.wait(STOP_SECONDS)
        self._process = None

    def stop(self) -> None:
        """Stop it in good order, if it runs."""
        if self._process is not None:
            self.signal(signal.SIGCONT)
            processes.stop(self._process, with_signal=signal.SIGINT, patience=STOP_SECONDS)
            self._process = None


class Pair:
    """A primary, and a standby without which it acknowledges nothing."""

    def __init__(self, folder: Path) -> None:
        self.primary = Node("node_a", folder / "a")
        self.standby = Node("node_b", folder / "b")
        self.passwords = {role: secrets.token_hex(16) for role in ROLES}
        self._nodes = (self.primary, self.standby)  # in the order in which addresses name them

    def found(self) -> None:
        """Make the primary as `docs/deploy.md` says, and let the standby join it."""
        self.primary.start()
        with self.primary.connect() as connection:
            for script in (postgres.ROLES, ROOT / "docs" / "deploy" / "replication-role.sql"):
                connection.execute(script.read_bytes())
            there = {str(row[0]) for row in connection.execute("select rolname from pg_roles")}
            for role in ROLES:
                if role in there:
                    self._give_password(connection, role)
            connection.execute(
                sql.SQL(
                    "create database {} owner portal_owner template template0 encoding 'UTF8' locale 'C' "
                    "locale_provider builtin builtin_locale 'C.UTF-8'"
                ).format(sql.Identifier(DATABASE))
            )
            connection.execute(f"revoke all on database {DATABASE} from public".encode())
            known = ", ".join(role for role in ROLES[1:-1] if role in there)
            connection.execute(f"grant connect on database {DATABASE} to {known}".encode())
        with self.primary.connect(DATABASE) as connection:
            connection.execute(postgres.DATABASE.read_bytes())
        self.let_join(self.standby)

    def let_join(self, node: Node) -> None:
        """Let a node follow the primary, and acknowledge nothing that it does not hold."""
        node.script(
            *("join", self.primary.address, node.name, str(node.place.data)),
            PGPASSFILE=str(node.keep_password("portal_replication", self.passwords["portal_replication"])),
            PGSSLMODE="disable",
        )
        node.start()
        self.primary.script("synchronous", node.name)

    def fail_over(self) -> None:
        """The primary is off: the standby becomes it, with the names of its former pair still set."""
        self.standby.script("promote", "--former-is-off")
        self.primary, self.standby = self.standby, self.primary

    def url(self, role: str) -> str:
        """The address of the database for a role, whichever node is the primary, with its password."""
        query: Mapping[str, str | tuple[str, ...]] = {
            "host": tuple(node.address for node in self._nodes),
            "target_session_attrs": "read-write",
            "sslmode": "disable",
        }
        made = URL.create("postgresql+psycopg", role, self.passwords[role], database=DATABASE, query=query)
        return made.render_as_string(hide_password=False)

    def stop(self) -> None:
        """Stop both, and take what they kept outside their folders away."""
        for node in (self.standby, self.primary):
            node.stop()
            place.remove(node.folder)

    def _give_password(self, connection: psycopg.Connection, role: str) -> None:
        connection.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(role), self.passwords[role])
        )
