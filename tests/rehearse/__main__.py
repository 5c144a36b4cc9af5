"""`make rehearse`: prints `name value` lines. Ends with status 1, and says why, when one of them is wrong.

The portal runs as a deployment runs it. People share, triage and add over https; two press the same button at
once; a stranger's SQL is run on its connection; its database hangs, dies and is failed over while people
write; its proxy is left alone. What the portal said was saved is then looked for in the database.
"""

import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error as BrowserError
from sqlalchemy import select

from portal.demo import postgres, processes
from portal.records.cases.model import ChronologyEntry
from portal.records.people.model import SignInSession
from tests.rehearse import forging, races, story
from tests.rehearse.authority import Authority
from tests.rehearse.figures import Figures
from tests.rehearse.house import WEB, House, clean
from tests.rehearse.load import Client, Load, Writer, seconds_down, trusting
from tests.rehearse.machine import Broken, Missing, Processes, check
from tests.rehearse.pair import Pair
from tests.rehearse.world import World, make_world

FROZEN_SECONDS = 45
ENOUGH = 5  # entries that have to be saved before each fault, lest nothing is there to be lost
MOST_SECONDS_DOWN = 10
FEWEST_FORMS = 22  # of the story, each step of which has to be reached
SIDE_SECONDS = 90


@dataclass
class Rehearsal:
    """One run."""

    house: House
    world: World
    figures: Figures
    home: Path

    def tell_story(self) -> None:
        """People at work, over https."""
        forms = story.Forms()
        _say("people share, triage and add over https")
        if not story.distrusts_without(self.house.address, self.home.parent / "stranger"):
            raise Broken("a browser that does not know the authority opens the portal: nothing is checked")
        with story.office(self.house.address, self.home, forms) as desk:
            story.tell(self.world, desk)
            sent, refused = len(forms.sent), forms.refused
            _say("two browsers press the same button")
            story.race(self.world, desk)
        self.figures.demand(
            "forms_over_https",
            sent,
            sent >= FEWEST_FORMS and not refused,
            f"At least {FEWEST_FORMS} are sent; refused: {refused}.",
        )

    def forge(self) -> None:
        """A stranger's SQL on the application's connection."""
        _say("SQL on the application's connection tries to become somebody")
        token = self.world.sign_in(self.world.cast.coordinator)
        with self.world.rows() as rows:
            sessions = rows.scalars(select(SignInSession)).all()
        people = (self.world.cast.coordinator, self.world.cast.administrator, self.world.cast.officer)
        known = forging.Known(
            issuer=self.house.issuer,
            subjects=[str(one.id) for one in people],
            people=[str(one.id) for one in people],
            sessions=[str(one.id) for one in sessions[:3]],
            digests=[one.token_hash for one in sessions[:3]],
        )
        found = forging.forge(self.house.pair.url("portal_app"), known, token)
        self.figures.lines["forging_calls"] = found.calls
        self.figures.demand("forged_rows", found.rows, not found.rows, f"By {found.by}.")

    def break_it(self) -> None:
        """The database hangs, a web node is stopped, the primary dies; people go on writing."""
        load = self._load()
        load.start()
        try:
            self._wait_for_writes(load)
            self._freeze(load)
            self._drain(load)
            self._fail_over(load)
            self._wait_for_writes(load)
        finally:
            load.stop()
        self._reckon(load)

    def _load(self) -> Load:
        context = trusting(self.house.authority.certificate)
        people = (self.world.cast.officer, self.world.cast.nurse, self.world.cast.social_worker)
        return Load(
            [
                Writer(
                    Client(self.house.address, context, self.world.sign_in(one)), self.world.case.reference
                )
                for one in people
            ]
        )

    def _wait_for_writes(self, load: Load) -> None:
        since = time.monotonic()
        enough: Callable[[], bool] = lambda: load.taken_since(since) >= ENOUGH  # noqa: E731 - named for the reader
        if not processes.wait_until(enough, seconds=SIDE_SECONDS, every=0.1):
            statuses = Counter(one.status for writer in load.writers for one in writer.sent)
            raise Broken(f"nobody is told that something was saved: {dict(statuses)}")

    def _freeze(self, load: Load) -> None:
        _say(f"the database hangs for {FROZEN_SECONDS} seconds")
        primary, began = self.house.pair.primary, time.monotonic()
        primary.signal(signal.SIGSTOP)
        stranger = Client(self.house.address, trusting(self.house.authority.certificate), "")
        stranger.cookies.clear()
        status, page = stranger.ask("GET", "/")
        waited = time.monotonic() - began
        time.sleep(max(0.0, FROZEN_SECONDS - waited))
        thawed = time.monotonic()
        primary.signal(signal.SIGCONT)
        self.figures.demand(
            "public_page_while_hung",
            status,
            status == 200 and "999" in page and waited < FROZEN_SECONDS,
            f"It took {waited:.1f} seconds.",
        )
        self._wait_for_writes(load)
        self.figures.lines["seconds_until_saved_after_hanging"] = round(
            seconds_down(load.acknowledged, thawed), 1
        )

    def _drain(self, load: Load) -> None:
        _say("a web node is stopped in good order")
        since = time.monotonic()
        self.house.drain(WEB[0])
        self.house.stop_web(WEB[0])
        self._wait_for_writes(load)
        missed = [
            one.status
            for writer in load.writers
            for one in writer.sent
            if one.at > since and one.status != 303
        ]
        self.figures.demand("missed_while_draining", len(missed), not missed, f"Answers were {missed}.")

    def _fail_over(self, load: Load) -> None:
        _say("the primary is killed, and the standby promoted by hand")
        killed = time.monotonic()
        self.house.pair.primary.kill()
        self.house.pair.fail_over()
        self._wait_for_writes(load)
        down = seconds_down(load.acknowledged, killed)
        self.figures.demand("seconds_down", round(down, 1), down <= MOST_SECONDS_DOWN)

    def _reckon(self, load: Load) -> None:
        told = {one.words for one in load.acknowledged}
        with self.world.rows() as rows:
            held = Counter(rows.scalars(select(ChronologyEntry.text).where(ChronologyEntry.text.in_(told))))
        self.figures.demand("acknowledged", len(told), len(told) >= 4 * ENOUGH)
        self.figures.demand("lost", len(told - set(held)), not told - set(held))
        doubled = sum(count - 1 for count in held.values())
        self.figures.demand("doubled", doubled, not doubled)

    def come_back(self) -> None:
        """The other node and the former primary join again; the other web node dies, and nobody notices."""
        _say("the former primary joins again, and the web node")
        self.house.pair.let_join(self.house.pair.standby)
        self.house.start_web(WEB[0])
        self.house.wait_for_web(WEB[0])
        self.house.drain(WEB[0], on=False)
        self.house.stop_web(WEB[1], signal.SIGKILL)
        person = Client(
            self.house.address,
            trusting(self.house.authority.certificate),
            self.world.sign_in(self.world.cast.officer),
        )
        answers = [person.ask("GET", f"/cases/{self.world.case.reference}")[0] for _ in range(4)]
        self.figures.demand("pages_of_one_node", answers.count(200), set(answers) == {200}, f"{answers}")
        for name in ("worker-1", "worker-2"):
            if not self.house.processes.is_running(name):
                raise Broken(f"{name} ended: {self.house.processes.end_of(name)}")
        self.house.stop_web(WEB[0])
        with story.office(self.house.address, self.home, story.Forms()) as desk:
            story.meet_the_proxy(desk)


def rehearse(folder: Path, figures: Figures) -> None:
    """All of it, in `folder`."""
    with ExitStack() as stack:
        authority = Authority(folder / "authority")
        home = folder / "home"
        authority.trusted_by_browsers_of(home)
        (folder / "stranger").mkdir()
        _say("two databases, one following the other")
        pair = Pair(folder / "databases")
        stack.callback(pair.stop)
        pair.found()
        children = stack.enter_context(Processes(folder / "logs", clean(dict(os.environ))))
        house = House(folder, authority, pair, children)
        house.upgrade()
        _say("two web nodes and the proxy")
        house.serve()
        _race(house, figures)
        world = make_world(house)
        stack.callback(world.engine.dispose)
        _say("a provider and two workers")
        house.serve_sign_in(world.codes, world.people)
        house.start_workers()
        run = Rehearsal(house, world, figures, home)
        for step in (run.tell_story, run.forge, run.break_it, run.come_back):
            step()


def _race(house: House, figures: Figures) -> None:
    _say("every form is sent twice at the same moment")
    raced = races.run(house)
    enough = raced.races >= raced.routes and not raced.not_run
    figures.demand("races", raced.races, enough, f"There are {raced.routes} forms. Not run: {raced.not_run}")
    figures.demand("raced_500", len(raced.errors), not raced.errors, "; ".join(raced.errors))


def _say(what: str) -> None:
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {what}", file=sys.stderr, flush=True)


def _lines(figures: Figures) -> Iterator[str]:
    for name, value in figures.lines.items():
        yield f"{name} {value:g}"


BEGAN = time.monotonic()


def main() -> int:
    """Run, print, and return the status for the shell."""
    figures = Figures()
    kept = os.environ.get("KEEP")  # a folder that stays, to look at logs
    with ExitStack() as stack:
        folder = Path(kept) if kept else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # servers enter it that run as somebody else
        try:
            check()
            rehearse(folder, figures)
        except (Missing, postgres.CannotStart) as missing:
            print(f"Cannot run: {missing}", file=sys.stderr)
            return 1
        except (Broken, BrowserError, AssertionError) as broken:
            figures.faults.append(f"{type(broken).__name__}: {broken}")
    for line in _lines(figures):
        print(line)
    print(f"seconds {time.monotonic() - BEGAN:.0f}")
    for fault in figures.faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    return 1 if figures.faults else 0


if __name__ == "__main__":
    sys.exit(main())
