"""`python -m tests.rehearse.patroni`: runs `docs/deploy/patroni.yml`, breaks it, prints `name value` lines.

Two database servers and three etcd on this machine's own addresses, with Debian's packages, as the users that
Debian has for them. Ends with status 1, and says why, when a line is wrong. It is no step of `make proof`: it
needs root, and packages that nothing else here does.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import make_conninfo

from portal.demo import processes
from tests.rehearse import steady
from tests.rehearse.cluster import DATABASE, Cluster
from tests.rehearse.figures import Figures
from tests.rehearse.machine import Broken, Missing
from tests.rehearse.quorum import answers_strangers, check
from tests.rehearse.server import Server

ENOUGH = 20  # lines that have to be saved before and after each fault
FROZEN_SECONDS = 45
TTL, LOOP = 20, 5  # as shipped
MOST_SECONDS_DOWN = TTL + 2 * LOOP + 5
PROBED_SECONDS = 15
BEGAN = time.monotonic()


def _say(what: str) -> None:
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {what}", file=sys.stderr, flush=True)


@dataclass
class Rehearsal:
    """One run. `first` and `second` change places with each failover."""

    cluster: Cluster
    figures: Figures
    first: Server
    second: Server
    load: steady.Steady = field(default_factory=lambda: steady.Steady([]))

    def found(self) -> None:
        """Three etcd, the first server, then the second, which copies it."""
        _say("three etcd, and a cluster of two")
        began = time.monotonic()
        for one in self.cluster.quorum.members:
            self.cluster.quorum.start(one)
        self.cluster.quorum.wait()
        self.first.start()
        self._wait("the first leads", lambda: self.cluster.leads(self.first))
        self.second.start()
        self._wait_for_pair()
        self.figures.lines["seconds_until_a_pair"] = round(time.monotonic() - began, 1)

    def install(self) -> None:
        """The portal, as `docs/deploy.md` says; the standby has its tables, too."""
        _say("roles, database and tables of the portal")
        self.cluster.install(self.first)
        tables = [one.tables() for one in (self.first, self.second)]
        self.figures.demand("tables_on_the_standby", tables[1], tables[0] == tables[1] > 1, f"{tables}")
        self.first.psql("-c", f"set role portal_owner; {steady.TABLE}", database=DATABASE)

    def meet_strangers(self) -> None:
        """Neither Patroni nor etcd tells anybody anything who has no certificate."""
        five = self.cluster.quorum.authority.certificate
        doors = [f"https://{one.address}:8008/config" for one in (self.first, self.second)]
        doors += [f"https://127.0.0.1:{one.client}/version" for one in self.cluster.quorum.members]
        open_to_all = [door for door in doors if answers_strangers(door, five)]
        self.figures.demand("doors_open_to_strangers", len(open_to_all), not open_to_all, f"{open_to_all}")

    def write(self) -> None:
        """From now on three processes write without end."""
        self.load = steady.Steady([steady.Hand(self.cluster.conninfo()) for _ in range(3)])
        self.load.start()
        self._wait_for_writes()

    def lose_the_standby(self) -> None:
        """The standby is killed: the primary waits, acknowledges alone, and with it when it is back."""
        _say("the standby is killed")
        killed = time.monotonic()
        self.second.kill()
        self._wait_for_writes()
        self._note_down("seconds_down_without_standby", killed)
        self._come_back(self.second)

    def kill_the_primary(self) -> None:
        """Its power fails. The other takes over; the former comes back by itself."""
        _say("the primary's power fails")
        killed = time.monotonic()
        self.first.kill()
        self._wait_for_writes()
        self._note_down("seconds_down_by_power", killed)
        self._swap()
        self._come_back(self.second, "seconds_until_back_after_power")

    def kill_with_more(self) -> None:
        """The primary dies with more in its log than the standby was sent, and acknowledged to nobody."""
        _say("the primary dies, a while after its standby stopped to hear it")
        self.second.deafen()
        time.sleep(2 * LOOP)
        killed = time.monotonic()
        self.first.kill()
        self.second.hear()
        self._wait_for_writes()
        self._note_down("seconds_down_with_more_to_send", killed)
        self._swap()
        self._come_back(self.second)

    def crash_the_server(self) -> None:
        """PostgreSQL alone dies on the primary, and Patroni beside it starts it again."""
        _say("PostgreSQL crashes on the primary")
        killed = time.monotonic()
        self.first.crash_postgres()
        self._wait_for_writes()
        self._note_down("seconds_down_by_crash", killed)
        self._settle()

    def switch_over(self) -> None:
        """In good order, as before work on a machine."""
        _say("a switchover")
        began = time.monotonic()
        names = ("--leader", self.first.name, "--candidate", self.second.name)
        self.first.patronictl("switchover", "cre-portal", *names, "--force")
        self._wait_for_writes()
        self._note_down("seconds_down_by_switchover", began)
        self._swap()
        self._wait_for_pair()

    def freeze_the_primary(self) -> None:
        """The whole machine halts for 45 seconds, comes back, and believes that it is the primary."""
        _say(f"the primary's machine halts for {FROZEN_SECONDS} seconds")
        if not self.first.takes(self._any()):
            raise Broken("the primary takes nothing: the probe would prove nothing")
        halted = time.monotonic()
        self.first.freeze()
        self._wait_for_writes()
        self._note_down("seconds_down_by_halt", halted)
        time.sleep(max(0.0, halted + FROZEN_SECONDS - time.monotonic()))
        self.first.thaw()
        taken = self._probe(self.first)
        self.figures.demand("taken_by_who_was_halted", taken, not taken)
        self._swap()
        self._settle()

    def hang_patroni(self) -> None:
        """Patroni hangs on the primary while the server goes on: the watchdog turns it off in time."""
        _say("Patroni hangs on the primary")
        hung = time.monotonic()
        self.first.hang_patroni()
        if not processes.wait_until(lambda: self.first.watchdog.fired_at is not None, seconds=TTL, every=0.1):
            raise Broken("the watchdog was not told to turn the primary off")
        fired = (self.first.watchdog.fired_at or 0.0) - hung
        self.figures.demand("seconds_until_turned_off", round(fired, 1), fired < TTL)
        self._wait_for_writes()
        self._note_down("seconds_down_by_watchdog", hung)
        self._swap()
        self._come_back(self.second)

    def lose_etcd(self) -> None:
        """One etcd dies, and nobody notices; a second one, and nobody writes until it is back."""
        _say("an etcd dies: the one that leads")
        quorum, began = self.cluster.quorum, time.monotonic()
        lost = quorum.leader()
        quorum.kill(lost)
        time.sleep(TTL)
        pause = self.load.longest_pause(began, time.monotonic())
        self.figures.demand("longest_pause_without_one_etcd", round(pause, 1), pause < PROBED_SECONDS)
        _say("a second etcd dies")
        also = next(one for one in quorum.members if one is not lost)
        died = time.monotonic()
        quorum.kill(also)
        self._wait("the primary steps down", lambda: not self._writable(), TTL + LOOP)
        self.figures.lines["seconds_until_it_steps_down"] = round(time.monotonic() - died, 1)
        quorum.start(lost)
        quorum.start(also)
        back = time.monotonic()
        self._wait_for_writes()
        self._note_down("seconds_down_after_etcd_is_back", back)
        self._settle()

    def reckon(self) -> None:
        """What was acknowledged has to be there, on both."""
        self.load.stop()
        told = {one.words for one in self.load.acknowledged}
        self.figures.demand("acknowledged", len(told), len(told) >= 10 * ENOUGH)
        for name, server in (("lost", self.first), ("lost_on_the_standby", self.second)):
            held = set(server.psql("-c", "select line from written", database=DATABASE).split())
            self.figures.demand(name, len(told - held), not told - held)

    def _writable(self) -> bool:
        answer = "select pg_is_in_recovery()"
        for one in (self.first, self.second):
            try:
                if one.psql("-c", answer) == "f":
                    return True
            except Broken:
                continue
        return False

    def _probe(self, server: Server) -> int:
        """How many lines a server takes that must take none; what hangs may still be taken, and counts."""
        conninfo = self._any()
        tries: list[threading.Thread] = []
        taken: list[bool] = []
        end = time.monotonic() + PROBED_SECONDS
        while time.monotonic() < end:
            tries.append(threading.Thread(target=lambda: taken.append(server.takes(conninfo)), daemon=True))
            tries[-1].start()
            time.sleep(0.25)
        for one in tries:
            one.join(PROBED_SECONDS)
        if len(taken) < len(tries):
            raise Broken(f"{server.name} leaves {len(tries) - len(taken)} of {len(tries)} without an answer")
        return sum(taken)

    def _any(self) -> str:
        return make_conninfo(self.cluster.conninfo(), target_session_attrs="any")

    def _swap(self) -> None:
        self.first, self.second = self.second, self.first

    def _come_back(self, server: Server, figure: str = "") -> None:
        """A machine that was off is turned on, and is the synchronous standby without anybody's help."""
        mark = len(server.said_since(0))
        server.start()
        self._settle(figure)
        ways = {"pg_rewind": "running pg_rewind", "a new copy": "replica has been created using basebackup"}
        found = [way for way, words in ways.items() if words in server.said_since(mark)]
        _say(f"{server.name} is back by {' and '.join(found) or 'what it had'}")

    def _settle(self, figure: str = "") -> None:
        """Wait until both are a pair, whichever leads."""
        began = time.monotonic()
        if not self.cluster.leads(self.first) and self.cluster.leads(self.second):
            self._swap()
        self._wait_for_pair()
        if figure:
            self.figures.lines[figure] = round(time.monotonic() - began, 1)
        self._wait_for_writes()

    def _wait_for_pair(self) -> None:
        self._wait("both are a pair", lambda: self.cluster.pair(self.first, self.second), 120)

    def _wait(self, what: str, true: Callable[[], bool], seconds: float = 90) -> None:
        if not processes.wait_until(true, seconds=seconds, every=0.5):
            raise Broken(f"it is not so that {what}: {self.cluster.members()}")

    def _wait_for_writes(self) -> None:
        now = time.monotonic()
        self._wait("somebody is told that something was saved", lambda: self.load.since(now) >= ENOUGH)

    def _note_down(self, name: str, since: float) -> None:
        down = self.load.longest_pause(since, time.monotonic())
        self.figures.demand(name, round(down, 1), down <= MOST_SECONDS_DOWN)


def rehearse(folder: Path, figures: Figures) -> None:
    """All of it, in `folder`."""
    with ExitStack() as stack:
        cluster = Cluster(folder)
        stack.callback(cluster.quorum.stop)
        for name in ("node_a", "node_b"):
            password = cluster.passwords["portal_replication"]
            server = Server(name, folder / name, cluster.quorum, cluster.authority, password)
            stack.callback(server.stop)
            cluster.servers.append(server)
        run = Rehearsal(cluster, figures, cluster.servers[0], cluster.servers[1])
        for step in (run.found, run.install, run.meet_strangers, run.write):
            step()
        stack.callback(run.load.stop)
        faults = [run.lose_the_standby, run.kill_the_primary, run.kill_with_more, run.crash_the_server]
        faults += [run.switch_over, run.freeze_the_primary, run.hang_patroni, run.lose_etcd]
        for fault in (*faults, run.reckon):
            fault()


def main() -> int:
    """Run, print, and return the status for the shell."""
    figures = Figures()
    kept = os.environ.get("KEEP")  # a folder that stays, to look at logs
    with ExitStack() as stack:
        try:
            check()
        except Missing as missing:
            print(f"Skipped: {missing}")
            return 0
        folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # servers enter it that run as somebody else
        try:
            rehearse(folder, figures)
        except Broken as broken:
            figures.faults.append(f"{type(broken).__name__}: {broken}")
    for name, value in figures.lines.items():
        print(f"{name} {value:g}")
    print(f"seconds {time.monotonic() - BEGAN:.0f}")
    for fault in figures.faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    return 1 if figures.faults else 0


if __name__ == "__main__":
    sys.exit(main())
