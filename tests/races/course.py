"""All the races: every route against itself, and against its neighbours on the same record."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from werkzeug.routing import Rule

from tests.access.addresses import parts
from tests.races import judging
from tests.races.known import REFUSES
from tests.races.racing import Holding, Outcome, doubled, once, scene_of, together
from tests.races.scene import NotSent
from tests.races.world import World


@dataclass
class Tally:
    """What was run, and what was wrong.

    Attributes:
        races: how many pairs of requests were sent at once.
        errors: how many of them had an answer of 500 or more.
        apart: pairs of routes that no record has both of at once: what one needs, the other has ended.
        faults: what was wrong with each that was not as it must be, by its name.
    """

    races: int = 0
    errors: int = 0
    apart: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Course:
    """Runs races in a world, and remembers what each route does alone."""

    world: World
    hold: Holding
    say: Callable[[str], None] = lambda _line: None
    tally: Tally = field(default_factory=Tally)
    _alone: dict[tuple[str, bool], Outcome] = field(default_factory=dict)

    def alone(self, rule: Rule, *, second: bool = False) -> Outcome:
        """What a route does when nobody else is there."""
        key = (rule.endpoint, second and bool(scene_of(rule).other))
        if key not in self._alone:
            self._alone[key] = once(self.world, rule, second=key[1])
        return self._alone[key]

    def twice(self, rule: Rule) -> str:
        """Press its button twice; the name of the race."""
        return self._enter(f"{rule.endpoint} twice", lambda: self._twice(rule))

    def _twice(self, rule: Rule) -> tuple[Outcome, list[str]]:
        alone = self.alone(rule)
        found = doubled(self.world, rule, self.hold)
        return found, judging.of_double(alone, found)

    def two(self, one: Rule, other: Rule) -> str:
        """Send both from two tabs; the name of the race."""
        name = f"{one.endpoint} with {other.endpoint}"
        return self._enter(name, lambda: self._two(one, other), apart=one is not other)

    def _two(self, one: Rule, other: Rule) -> tuple[Outcome, list[str]]:
        alone = (self.alone(one), self.alone(other, second=True))
        found = together(self.world, one, other, self.hold)
        return found, judging.of_two(alone, found, (one.endpoint, other.endpoint))

    def _enter(self, name: str, race: Callable[[], tuple[Outcome, list[str]]], *, apart: bool = False) -> str:
        try:
            found, faults = race()
        except NotSent as missing:
            faults = [] if apart else [f"not run: {missing}"]
            self.tally.apart += apart
        else:
            self.tally.races += 1
            self.tally.errors += any(status >= 500 for status in found.statuses)
        if faults:
            self.tally.faults[name] = faults
            self.say(f"{name}: {'; '.join(faults)}")
        return name


def neighbours(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Every two different routes that work on the same record."""
    for group in _by_record(rules).values():
        yield from combinations(group, 2)


def near_neighbours(rules: Iterable[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Of these, each route with the next by name, in a circle: as many pairs as there are routes."""
    for group in _by_record(rules).values():
        if len(group) > 1:
            pairs = zip(group, (*group[1:], group[0]), strict=True)
            yield from pairs if len(group) > 2 else list(pairs)[:1]


def _by_record(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        named = parts(rule)
        main = next((named[one] for one in _order(rule) if not named[one].startswith("=")), "")
        if main:
            found.setdefault(main, []).append(rule)
    return found


def _order(rule: Rule) -> list[str]:
    """The parts of an address as they stand in it."""
    return sorted(rule.arguments, key=lambda name: rule.rule.index(f"{name}>"))


def run(
    world: World,
    hold: Holding,
    *,
    pairs: Callable[[Iterable[Rule]], Iterator[tuple[Rule, Rule]]] = near_neighbours,
    only: Callable[[Rule], bool] = lambda _rule: True,
    say: Callable[[str], None] = lambda _line: None,
) -> Tally:
    """Race every POST route against itself, pressed twice and from two tabs, and against its neighbours.

    The seam for other ways of reaching the portal: `world` opens its browsers (`world.world_in`), here or
    over the network, and `hold` says how two requests are made to meet (`racing.held` where both are answered
    in this process, else `racing.plainly`).
    """
    course = Course(world, hold, say)
    rules = [rule for rule in world.posted() if only(rule) and rule.endpoint not in REFUSES]
    for rule in rules:
        course.twice(rule)
        course.two(rule, rule)
    for one, other in pairs(rules):
        course.two(one, other)
    return course.tally
