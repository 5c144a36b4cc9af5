"""The shape of ``linked_processes.toml``: processes of other services for the same child, with clocks."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from portal.deadlines.vocabulary import DeadlineKind
from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Kept, Section
from portal.policy.validators import Figure, Positive, Term, Unit, counted_in, exists
from portal.vocabulary import Sector

if TYPE_CHECKING:
    from portal.policy.book import Policy

START = "start"
_Counted = Annotated[Figure, counted_in(Unit.ELAPSED_HOURS, Unit.WORKING_DAYS, Unit.DAYS, Unit.MONTHS)]


@dataclass(frozen=True, kw_only=True)
class LinkedAnswer(Term):
    """What may come of a step; with `ends_as`, an outcome, the process ends with it."""

    ends_as: str = ""


@dataclass(frozen=True, kw_only=True)
class LinkedStepRule(Term):
    """Something that a process owes: within what time, after what, and how often again.

    `earliest` says before when it is not to be expected; `meets` which duty of the case it meets; with
    `ends_with` the process ends when it is done. With `answers` one of them has to be said.
    """

    after: str
    within: _Counted
    again: tuple[_Counted, ...] = ()
    earliest: _Counted | None = None
    meets: DeadlineKind | None = None
    ends_with: bool = False
    answers: Catalogue[LinkedAnswer] = field(default_factory=lambda: Catalogue(()))

    @property
    def by_the_hour(self) -> bool:
        """Whether the hour counts; else only the day on which it was done is known."""
        return self.within.unit is Unit.ELAPSED_HOURS

    def within_after(self, done: int) -> Figure | None:
        """The time for the step after it was done a number of times; None where it does not come back."""
        if done == 0:
            return self.within
        return self.again[min(done, len(self.again)) - 1] if self.again else None


@dataclass(frozen=True, kw_only=True)
class LinkedOutcome(Term):
    """How a process ends, the processes that may begin with it (`opens`), and those that it says have begun
    (`begins`): they are owed from then on, without anybody recording them once more.
    """

    opens: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LinkedKind(Term):
    """A process of another service.

    A `personal` one is the duty of whoever found out: nobody else records it, does it or takes it over.
    """

    began: str
    keepers: tuple[Sector, ...]
    personal: bool = False
    reference: str = "Reference in the other service"
    needs_reference: bool = False
    statuses: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    counted_from: str = ""
    alert: str = ""
    warning: str = ""
    under_age: Positive | None = None
    from_age: Positive | None = None
    steps: Catalogue[LinkedStepRule]
    outcomes: Catalogue[LinkedOutcome]

    @property
    def by_the_hour(self) -> bool:
        """Whether the hour counts, because a step has to be done within hours."""
        return any(one.by_the_hour for one in self.steps)

    def followers(self, event: str) -> tuple[LinkedStepRule, ...]:
        """The steps whose clock begins with an event: the start, or a step that was done."""
        return tuple(step for step in self.steps.offered if step.after == event)


@dataclass(frozen=True, kw_only=True)
class LinkedProcesses:
    """``linked_processes.toml``"""

    late_reasons: Catalogue[Term]
    processes: Catalogue[LinkedKind]

    def keepers_of(self, code: str) -> tuple[Sector, ...]:
        """The sectors whose people record a kind; nobody where the policy has none."""
        kind = self.processes.get(code)
        return kind.keepers if kind else ()


def check_linked(policy: "Policy", file: Path) -> None:
    """Clocks can be counted, and what a process names is there.

    :raises PolicyError: at the first thing that does not fit.
    """
    linked = policy.of(LinkedProcesses)
    for number, kind in enumerate(linked.processes, start=1):
        at = f"processes[{number}]"
        if not kind.keepers:
            raise PolicyError(file, f"{at}.keepers", "Nobody may record it.", "Name at least one sector.")
        for name in ("brings", "counted_from"):
            named = getattr(kind, name)
            for code in [named] if isinstance(named, str) else named:
                if code:
                    exists(code, linked.processes, file, f"{at}.{name}")
        for code in kind.statuses:
            exists(code, policy.people.statuses, file, f"{at}.statuses")
        if kind.alert:
            exists(kind.alert, policy.cases.alerts, file, f"{at}.alert")
        if not kind.outcomes.offered:
            raise PolicyError(file, f"{at}.outcomes", "It cannot end.", "Add [[processes.outcomes]].")
        for place, outcome in enumerate(kind.outcomes, start=1):
            for code in outcome.opens:
                exists(code, linked.processes, file, f"{at}.outcomes[{place}].opens")
            _check_begins(outcome, linked, file, f"{at}.outcomes[{place}].begins")
        _check_steps(kind, file, at)


def _check_begins(outcome: LinkedOutcome, linked: LinkedProcesses, file: Path, at: str) -> None:
    """What begins by itself asks nobody for what only a person can say."""
    for code in outcome.begins:
        exists(code, linked.processes, file, at)
        begun = linked.processes[code]
        if begun.personal or len(begun.statuses) > 1:
            problem = f"“{code}” cannot begin by itself: somebody says on what ground, or owes it alone."
            raise PolicyError(file, at, problem, "Use opens.")


def _check_steps(kind: LinkedKind, file: Path, at: str) -> None:
    """Every step has a clock that begins some time."""
    reached = {START}
    for place, step in enumerate(kind.steps, start=1):
        here = f"{at}.steps[{place}]"
        if step.after not in reached:
            raise PolicyError(
                file,
                f"{here}.after",
                f"Nothing before it is called “{step.after}”.",
                f"Use one of: {', '.join(sorted(reached))}; or move it down.",
            )
        reached.add(step.code)
        for number, answer in enumerate(step.answers, start=1):
            if answer.ends_as:
                exists(answer.ends_as, kind.outcomes, file, f"{here}.answers[{number}].ends_as")


SECTIONS = (
    Section(
        file="linked_processes",
        shape=LinkedProcesses,
        check=check_linked,
        kept=(Kept("select distinct kind from linked_process", lambda linked: linked.processes),),
    ),
)
