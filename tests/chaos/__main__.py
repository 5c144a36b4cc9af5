"""`make chaos`: prints `name value` lines. Ends with status 1, and says why, when a message was lost.

Two workers send to a mail server that hangs, refuses and hangs up, while they are killed at random and
PostgreSQL is restarted. Then all faults cease, everything is sent that waits, and what the mail server took
is compared with what was owed. `SEED=` repeats what chance decided, though not how the processes run beside
each other; `SIZE=small` is quick.
"""

import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from portal import clock
from portal.demo import postgres
from tests.chaos.house import Database, MailServer, Workers, environment
from tests.chaos.reckoning import MOST_DOUBLED, Reckoning, reckon
from tests.chaos.world import Ledger, World, happen, make_world
from tests.database import owner_engine

WORKERS = 2
AT_ONCE = 20  # messages that come to be owed between two looks at the workers
SENT_IN_THE_STORM = 0.5  # of what is owed, lest it is all sent in the calm
STORM_ENDS = 900  # seconds after it began, whatever has happened by then
DRAINED_WITHIN = 120  # seconds, after the faults have ceased
RETRY = text(
    "update outbox_message set state = 'owed', attempts = 0, next_try_at = now() where state = 'dead'"
)
LEFT = text("select count(*) from outbox_message where state in ('owed', 'queued')")


@dataclass(frozen=True)
class Size:
    """How much of it."""

    messages: int
    kills: int
    waiting: int  # as many wait at any time, as long as there are so many: more than dead workers hold
    life: int  # messages that a worker sends at most until it is killed
    most_doubled: float = MOST_DOUBLED


SIZES = {
    "full": Size(1500, 25, 400, 75),
    "small": Size(60, 3, 60, 20, most_doubled=0.1),
}  # one for every kill


@dataclass
class Run:
    """One run under way."""

    size: Size
    chance: random.Random
    database: Database
    engine: Engine
    mail: MailServer
    workers: Workers
    world: World
    ledger: Ledger
    sent_in_the_storm: int = 0

    def storm(self) -> None:
        """Messages come to be owed, workers die, PostgreSQL is restarted and, some time later, crashes."""
        ends = time.monotonic() + STORM_ENDS
        while not self._is_enough() and time.monotonic() < ends:
            sent, owed, restarts = (
                len(self.mail.lines("accepted")),
                len(self.ledger.owed),
                self.database.restarts,
            )
            if owed - sent < self.size.waiting and owed < self.size.messages:
                few = min(AT_ONCE, self.size.messages - owed)
                happen(self.engine, self.world, self.ledger, self.chance, count=few)
            if restarts < 2 and self.workers.kills >= self.size.kills * (restarts + 1) // 3:
                self.database.restart(crash=restarts == 1)
            self._pass()
        happen(
            self.engine,
            self.world,
            self.ledger,
            self.chance,
            count=self.size.messages - len(self.ledger.owed),
        )
        self.sent_in_the_storm = len(set(self.mail.lines("accepted")))

    def calm(self) -> int:
        """No more faults; wait until nothing waits. Returns what is left when that takes too long."""
        self.workers.may_die = False
        self.mail.calm_down()
        ends = time.monotonic() + DRAINED_WITHIN
        left = quiet = 0
        while quiet < 3 and time.monotonic() < ends:  # three times in a row, since the worker may write more
            self._pass(seconds=0.7)
            with self.engine.begin() as connection:
                connection.execute(RETRY)  # as a coordinator does, once the mail server is well again
                left = connection.scalar(LEFT) or 0
            quiet = quiet + 1 if not left and clock.now() > self.ledger.last else 0
        return left

    def _is_enough(self) -> bool:
        sent = len(self.mail.lines("accepted"))
        return self.workers.kills >= self.size.kills and sent >= SENT_IN_THE_STORM * self.size.messages

    def _pass(self, seconds: float = 0.05) -> None:
        time.sleep(seconds)
        self.workers.watch()


def run(folder: Path, seed: int, size: Size) -> tuple[Run, Reckoning, int]:
    """All of it. Gives the run, what became of what was owed, and how many messages were left over."""
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    with ExitStack() as stack:
        database = stack.enter_context(Database(folder / "database"))
        engine = owner_engine(database.server)
        stack.callback(engine.dispose)
        mail = stack.enter_context(MailServer(folder, seed))
        settings = environment(database.server, folder, port=mail.port)
        workers = stack.enter_context(Workers(WORKERS, folder, settings, size.life, chance))
        done = Run(size, chance, database, engine, mail, workers, make_world(engine), Ledger())
        done.storm()
        left = done.calm()
        return done, reckon(done.ledger.owed, done.ledger.undone, mail.lines("accepted")), left


def main() -> int:
    """Run, print, and return the status for the shell."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1_000_000))
    size = SIZES[os.environ.get("SIZE") or "full"]
    print(f"seed {seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            done, found, left = run(Path(folder), seed, size)
        except postgres.CannotStart as missing:
            print(f"Cannot run: {missing}", file=sys.stderr)
            return 1
        for line in _figures(done, found, left):  # while the notes of the mail server are there
            print(line)
    print(f"seconds {time.monotonic() - began:.0f}")
    faults = [*found.faults(size.most_doubled), *_too_little(done, found, left)]
    for fault in faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _figures(done: Run, found: Reckoning, left: int) -> Iterator[str]:
    yield f"sent {found.sent}"
    yield f"lost {len(found.lost)}"
    yield f"doubled {len(found.doubled)}"
    yield f"doubled_under_another_message_id {len(found.changed)}"
    yield f"sent_though_never_owed {len(found.untrue)}"
    yield f"left_waiting {left}"
    yield f"sent_in_the_storm {done.sent_in_the_storm}"
    yield f"told_beside {found.others}"
    yield f"workers_killed {done.workers.kills}"
    yield f"workers_started {done.workers.starts}"
    yield f"database_restarts {done.database.restarts}"
    for fault, times in sorted(Counter(done.mail.lines("faults")).items()):
        yield f"fault {times} {fault}"


def _too_little(done: Run, found: Reckoning, left: int) -> Iterator[str]:
    if left:
        yield f"{left} messages still wait"
    if done.sent_in_the_storm < SENT_IN_THE_STORM * done.size.messages:
        yield f"only {done.sent_in_the_storm} messages were sent while workers died"
    if done.workers.kills < done.size.kills:
        yield f"only {done.workers.kills} workers were killed"
    if found.owed < done.size.messages:
        yield f"only {found.owed} messages were owed"


if __name__ == "__main__":
    sys.exit(main())
