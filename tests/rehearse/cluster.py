"""The cluster that Patroni keeps: founded and asked as `docs/deploy.md` and `docs/operate.md` say."""

import json
import os
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from portal.demo import postgres
from tests.rehearse.authority import Authority
from tests.rehearse.house import clean
from tests.rehearse.machine import Broken, Processes
from tests.rehearse.quorum import Quorum
from tests.rehearse.server import Server
from tests.structure.source import ROOT

DATABASE = "portal"
DEPLOY = ROOT / "docs" / "deploy"
#: Who signs in to the portal's database over the network.
ROLES = (
    *("portal_owner", "portal_app", "portal_sign_in"),
    *("portal_worker", "portal_documents", "portal_backup"),
)
CREATE = (
    "create database portal owner portal_owner template template0 encoding 'UTF8' locale 'C'"
    " locale_provider builtin builtin_locale 'C.UTF-8'",
    "revoke all on database portal from public",
    "grant connect on database portal to portal_app, portal_sign_in, portal_documents, portal_worker",
)


@dataclass
class Cluster:
    """Two servers and three etcd."""

    folder: Path
    servers: list[Server] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.passwords = {role: secrets.token_hex(16) for role in (*ROLES, "portal_replication")}
        self.quorum = Quorum(self.folder / "etcd", Authority(self.folder / "authority-of-five"))
        self.authority = Authority(self.folder / "authority")

    def conninfo(self, role: str = "portal_owner") -> str:
        """Both servers, for psycopg, as `docs/deploy.md` says."""
        return make_conninfo(
            host=",".join(one.address for one in self.servers),
            user=role,
            password=self.passwords[role],
            dbname=DATABASE,
            target_session_attrs="read-write",
            sslmode="verify-full",
            sslrootcert=str(self.authority.certificate),
        )

    def url(self, role: str) -> str:
        """The same for the portal."""
        query = {
            "host": tuple(one.address for one in self.servers),
            "target_session_attrs": "read-write",
            "sslmode": "verify-full",
            "sslrootcert": str(self.authority.certificate),
        }
        made = URL.create("postgresql+psycopg", role, self.passwords[role], database=DATABASE, query=query)
        return made.render_as_string(hide_password=False)

    def members(self) -> dict[str, tuple[str, str]]:
        """What Patroni says of each: its part and its state. Nothing while it does not answer."""
        for one in self.servers:
            try:
                told = json.loads(one.patronictl("list", "--format", "json"))
            except (Broken, ValueError):
                continue
            return {row["Member"]: (row["Role"], row["State"]) for row in told}
        return {}

    def leads(self, server: Server) -> bool:
        """Whether it is the primary by Patroni's word and its own."""
        try:
            return server.psql("-c", "select pg_is_in_recovery()") == "f" and (
                self.members().get(server.name) == ("Leader", "running")
            )
        except Broken:
            return False

    def pair(self, leader: Server, heir: Server) -> bool:
        """Whether one leads, and acknowledges nothing that the other does not hold."""
        if self.members().get(heir.name) != ("Sync Standby", "streaming") or not self.leads(leader):
            return False
        follows = leader.psql("-c", "select application_name, sync_state from pg_stat_replication")
        return follows == f"{heir.name}|sync"

    def install(self, primary: Server) -> None:
        """What the guide says, on the primary; then the portal's tables by the address of both."""
        for script in (postgres.ROLES, DEPLOY / "replication-role.sql"):
            primary.psql("-c", script.read_text("utf-8"))
        for statement in CREATE:
            primary.psql("-c", statement)
        for script in (postgres.DATABASE, DEPLOY / "backup-role.sql"):
            primary.psql("-c", script.read_text("utf-8"), database=DATABASE)
        for role in ROLES:
            primary.psql("-c", f"alter role {role} password '{self.passwords[role]}'")
        with Processes(self.folder / "logs", clean(dict(os.environ))) as children:
            command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
            children.run("upgrade", command, **self._settings())

    def _settings(self) -> dict[str, str]:
        return {
            "SECRET_KEY": secrets.token_hex(32),
            "SEARCH_HASH_KEY": secrets.token_hex(32),
            "PORTAL_ADDRESS": "https://portal.example.org",
            "DATABASE_OWNER_URL": self.url("portal_owner"),
        }
