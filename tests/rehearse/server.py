"""One database server under Patroni, by the shipped configuration: frozen, killed and turned off."""

import os
import pwd
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psycopg

from portal.demo import processes
from tests.rehearse.authority import Authority
from tests.rehearse.machine import STOP_SECONDS, Broken, own_address
from tests.rehearse.quorum import BINARIES, ENVIRONMENT, HOME, Quorum, changed
from tests.rehearse.watchdog import Watchdog
from tests.structure.source import ROOT

CONFIGURATION = ROOT / "docs" / "deploy" / "patroni.yml"


class Server:
    """A machine of its own, as far as one machine can be two."""

    def __init__(self, name: str, folder: Path, quorum: Quorum, authority: Authority, password: str) -> None:
        self.name, self.folder, self.quorum, self.authority = name, folder, quorum, authority
        self.address = own_address()
        self.user = pwd.getpwnam("postgres")
        self.data, self.sockets, self.written = folder / "data", folder / "run", folder / "patroni.yml"
        self.log = folder / "patroni.log"
        for path in (folder, self.sockets):
            path.mkdir(mode=0o700)
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        self._environment = {
            **ENVIRONMENT,
            "PATRONI_REPLICATION_PASSWORD": password,
            "PATRONI_REWIND_PASSWORD": password,
        }
        self.certificate, self.key = quorum.authority.prove(self.address, owner=self.user.pw_uid, calls=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._receiver = 0
        self.watchdog = Watchdog(folder / "watchdog", self.user.pw_uid, self.kill)
        self.watchdog.start()
        self._configure()

    def _configure(self) -> None:
        text = changed(CONFIGURATION.read_text("utf-8"), self._changes(), CONFIGURATION.name)
        self.written.touch(mode=0o600)
        self.written.write_text(text, encoding="utf-8")
        os.chown(self.written, self.user.pw_uid, self.user.pw_gid)

    def _changes(self) -> list[tuple[str, str]]:
        """Names, addresses and folders; less memory; and the watchdog, of which a container has none."""
        certificate, key = self.authority.prove(self.address, owner=self.user.pw_uid)
        return [
            ("name: node_a", f"name: {self.name}"),
            ("192.0.2.11", self.address),
            ("192.0.2.0/24", "127.0.0.0/8"),
            *((f"192.0.2.{20 + one.number}:2379", f"{HOME}:{one.client}") for one in self.quorum.members),
            ("/etc/ssl/patroni/node.pem", str(self.certificate)),
            ("/etc/ssl/patroni/node.key", str(self.key)),
            ("/etc/ssl/patroni/authority.pem", str(self.quorum.authority.certificate)),
            ("/etc/ssl/postgresql/server.pem", str(certificate)),
            ("/etc/ssl/postgresql/server.key", str(key)),
            ("/etc/ssl/certs/ca-certificates.crt", str(self.authority.certificate)),
            ("/var/lib/postgresql/17/main", str(self.data)),
            ("/var/lib/postgresql/.pgpass-patroni", str(self.folder / "pgpass")),
            ("/var/run/postgresql\n", f"{self.sockets}\n    shared_buffers: 64MB\n"),
            ("device: /dev/watchdog", f"driver: testing\n  device: {self.folder / 'watchdog'}"),
        ]

    def start(self) -> None:
        """Turn the machine on."""
        with self.log.open("ab") as log:
            self._process = processes.spawn(
                ["/usr/bin/patroni", self.written],
                log=log,
                ends_on=signal.SIGTERM,
                environment=self._environment,
                directory=Path("/"),
                user=self.user,
            )

    def psql(self, *arguments: str, database: str = "postgres") -> str:
        """As `runuser -u postgres -- psql` on its machine; gives what it said.

        Raises:
            Broken: it failed.
        """
        command = [str(BINARIES / "psql"), "-XqAt", "--set=ON_ERROR_STOP=1", f"--host={self.sockets}"]
        return self._run([*command, f"--dbname={database}", *arguments])

    def tables(self) -> int:
        """How many the portal's database has."""
        ours = "select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        return int(self.psql("-c", ours, database="portal"))

    def patronictl(self, *arguments: str) -> str:
        """As `runuser -u postgres -- patronictl` on its machine.

        Raises:
            Broken: it failed.
        """
        return self._run(["/usr/bin/patronictl", "--config-file", str(self.written), *arguments])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            user=self.user.pw_uid,
            group=self.user.pw_gid,
            extra_groups=[],
            timeout=120,
        )
        if done.returncode:
            raise Broken(f"{self.name}: {' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def takes(self, conninfo: str) -> bool:
        """Whether this very server acknowledges a line, whatever the cluster says that it is."""
        try:
            with psycopg.connect(conninfo, host=self.address, connect_timeout=2, autocommit=True) as there:
                there.execute("insert into written values ('refused ' || gen_random_uuid())")
        except psycopg.Error:
            return False
        return True

    def _patroni(self) -> int:
        assert self._process
        return self._process.pid

    def _family(self) -> list[int]:
        """Patroni, what it started, and the server, which is nobody's child: it works in its data."""
        first, found = self._patroni(), []
        for folder in Path("/proc").iterdir():
            with suppress(OSError, ValueError, IndexError):
                number = int(folder.name)
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if first in (number, parent) or (folder / "cwd").readlink() == self.data:
                    found.append(number)
        return sorted(found)

    def _signal(self, sign: signal.Signals) -> None:
        for number in self._family():
            with suppress(ProcessLookupError):
                os.kill(number, sign)

    def kill(self) -> None:
        """Its power fails."""
        self.watchdog.disarm()
        for _ in range(2):  # what was just being started
            self._signal(signal.SIGKILL)
        self._process.wait(STOP_SECONDS) if self._process else None

    def freeze(self) -> None:
        """The whole machine stops, and its watchdog with it, as when a host halts its guest."""
        self.watchdog.paused = True
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)
        self.watchdog.paused = False

    def hang_patroni(self) -> None:
        """Patroni alone stops; the server goes on."""
        os.kill(self._patroni(), signal.SIGSTOP)

    def deafen(self) -> None:
        """It goes on, but takes nothing from the primary."""
        self._receiver = int(self.psql("-c", "select pid from pg_stat_wal_receiver"))
        os.kill(self._receiver, signal.SIGSTOP)

    def hear(self) -> None:
        """It listens again; what was on its way meanwhile is lost with the connection."""
        for sign in (signal.SIGTERM, signal.SIGCONT):
            os.kill(self._receiver, sign)

    def crash_postgres(self) -> None:
        """The server alone dies; Patroni goes on."""
        number = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(number, signal.SIGKILL)

    def said_since(self, mark: int) -> str:
        """What Patroni logged after its log was as long as `mark`."""
        return self.log.read_text("utf-8", "replace")[mark:]

    def stop(self) -> None:
        """Turn it off in good order, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._signal(signal.SIGCONT)
            processes.stop(self._process, with_signal=signal.SIGTERM, patience=3 * STOP_SECONDS)
        if self._process is not None:
            self.kill()
        self.watchdog.end()
