"""Two requests at once, and what came of them."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy import Engine
from werkzeug.routing import Rule

from tests.races.holding import meeting
from tests.races.keeping import Changes
from tests.races.reading import emptied, form_to
from tests.races.scene import NotSent, Ready, Scene, prepare, refilled
from tests.races.scenes import SCENES
from tests.races.sending import Answer
from tests.races.world import World

WORDS = ("Quillana", "Zephyrine")  # what the first tab writes, and the second: in no record of the scene

#: Rows that say that somebody came by: each request leaves its own.
TRAILS = {"ctx.audit_link", "audit_event", "audit_search", "ctx.session"}


class Party(Protocol):
    """A request that takes part in a meeting."""

    def join(self) -> None: ...

    def leave(self) -> None: ...


Holding = Callable[[], AbstractContextManager[Party | None]]


def plainly() -> AbstractContextManager[None]:
    """Both are sent at once, and meet as they happen to."""
    return nullcontext()


def held(engine: Engine, observer: Engine) -> Holding:
    """Both wait for each other before whatever they lock or write: see `holding.py`."""
    return lambda: meeting(engine, observer)


@dataclass(frozen=True)
class Outcome:
    """What two requests were answered, and what they left."""

    ready: tuple[Ready, ...]
    answers: tuple[Answer, ...]
    changes: Changes
    rows: Counter[str] = field(default_factory=Counter)  # how many more there are than before, by table
    again: dict[int, Answer] = field(default_factory=dict)  # by tab: what sending a shown conflict again gave

    @property
    def statuses(self) -> tuple[int, ...]:
        return tuple(one.status for one in self.answers)

    def holds(self, word: str) -> bool:
        """Whether what was written stands anywhere in what was changed."""
        return any(
            word in str(row)
            for name, change in self.changes.items()
            if name not in TRAILS
            for row in (*change.added, *(after for _before, after in change.changed))
        )


def scene_of(rule: Rule) -> Scene:
    return SCENES.get(rule.endpoint, Scene())


def once(world: World, rule: Rule, *, second: bool = False) -> Outcome:
    """Send a route’s form once, alone: as the first tab would, or as the second."""
    with _scene(world, rule) as names:
        tab = prepare(world, rule, scene_of(rule), WORDS[second], names[0], second=second)
        return _outcome(world, (tab,), lambda: (tab.browser.send(tab.form),))


def blank(world: World, rule: Rule) -> tuple[Ready, Answer]:
    """Send a route’s form as it is sent by somebody who answered nothing."""
    with _scene(world, rule) as names:
        tab = prepare(world, rule, scene_of(rule), WORDS[0], names[0])
        found = form_to(
            tab.browser.get(tab.page).text, tab.page, tab.place or urlsplit(tab.form.address).path
        )
        if found is None or tab.autosave:
            raise NotSent(f"{rule.endpoint}: what a script sends")
        return tab, tab.browser.send(replace(tab.form, fields=emptied(found[0], tab.form.fields), files=()))


def doubled(world: World, rule: Rule, hold: Holding) -> Outcome:
    """Press a form’s button twice."""
    with _scene(world, rule) as names:
        tab = prepare(world, rule, scene_of(rule), WORDS[0], names[0])
        return _outcome(world, (tab, tab), lambda: _together((tab, tab), hold))


def together(world: World, one: Rule, other: Rule, hold: Holding) -> Outcome:
    """Two tabs, both opened before either is sent."""
    with _scene(world, one, other) as names:
        tabs = (
            prepare(world, one, scene_of(one), WORDS[0], names[0]),
            prepare(world, other, scene_of(other), WORDS[1], names[1], second=True),
        )
        found = _outcome(world, tabs, lambda: _together(tabs, hold))
        for place, tab in enumerate(tabs):
            if found.answers[place].status == HTTPStatus.CONFLICT and not tab.autosave:
                again = refilled(tab, found.answers[place])
                if again is not None:
                    found.again[place] = tab.browser.send(again)
        return found


Names = dict[str, str]


@contextmanager
def _scene(world: World, *rules: Rule) -> Iterator[list[Names]]:
    """Records as the routes need them, and what each calls them; afterwards everything as it was."""
    done: dict[object, Names] = {}
    try:
        names = [_set(world, scene_of(rule), done) for rule in rules]
        if done:
            world.kept.mark()
        yield names
    finally:
        world.restore()


def _set(world: World, scene: Scene, done: dict[object, Names]) -> Names:
    """Do what comes before a scene, and nothing twice."""
    names: Names = {}
    if scene.before is not None:
        if scene.before not in done:
            done[scene.before] = dict(scene.before(world) or {})
            world.rows.commit()
        names |= done[scene.before]
    for endpoint in scene.after:
        if endpoint not in done:
            first = world.rule(endpoint)
            done[endpoint] = _set(world, scene_of(first), done) | names
            tab = prepare(world, first, scene_of(first), "Before", done[endpoint])
            answer = tab.browser.send(tab.form)
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise NotSent(f"{endpoint} answered {answer.status} beforehand")
        names |= done[endpoint]
    return names


def _outcome(world: World, tabs: tuple[Ready, ...], send: Callable[[], tuple[Answer, ...]]) -> Outcome:
    answers = send()
    changes, rows = world.kept.changes()
    return Outcome(tabs, answers, changes, rows)


def _together(tabs: tuple[Ready, Ready], hold: Holding) -> tuple[Answer, ...]:
    answers: list[Answer | None] = [None, None]
    start = threading.Barrier(2)
    with hold() as party:

        def send(place: int) -> None:
            if party is not None:
                party.join()
            start.wait()
            try:
                answers[place] = tabs[place].browser.send(tabs[place].form)
            finally:
                if party is not None:
                    party.leave()

        threads = [threading.Thread(target=send, args=(place,)) for place in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return tuple(one or Answer(599, "no answer came back") for one in answers)
