"""What a whole test run writes, sends and logs, kept until its end and then searched.

A plugin of pytest. Where several processes share the tests, each searches its own part and reports it; a run
in which anything was given away fails, whatever its tests said.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest

from tests.personal_data import facts as gathering
from tests.personal_data.facts import Facts, gathered
from tests.personal_data.recording import Record, recording
from tests.personal_data.searching import search

#: Whoever runs both has mail sent; a run with them and without a mail has stopped recording.
SENDERS = frozenset({"tests/reminders/", "tests/sign_in/"})
REPORT = "given_away"


@dataclass
class Report:
    """What one process found, and how much it had to search."""

    found: list[str] = field(default_factory=list)
    amounts: dict[str, int] = field(default_factory=dict)
    senders: list[str] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        """Put another process's report to this one."""
        self.found += other.found
        self.senders += other.senders
        for what, amount in other.amounts.items():
            self.amounts[what] = self.amounts.get(what, 0) + amount

    @property
    def problems(self) -> list[str]:
        """Everything for which the run fails."""
        silent = [what for what, amount in self.amounts.items() if not amount]
        if set(self.senders) >= SENDERS and silent:
            return [*self.found, f"Nothing was kept of: {', '.join(silent)}. The recording has stopped."]
        return self.found


@dataclass
class Run:
    """Both sides of the comparison, and what came of it."""

    facts: Facts = field(default_factory=Facts)
    record: Record = field(default_factory=Record)
    ran: set[str] = field(default_factory=set)
    report: Report = field(default_factory=Report)

    def look(self) -> Report:
        """Search everything that was kept."""
        amounts = {
            "mails": len(self.record.mails),
            "log lines": len(self.record.lines),
            "names": len(self.facts.words),
            "dates of birth": len(self.facts.days),
            "numbers": len(self.facts.numbers),
            "texts": len(self.facts.phrases),
        }
        gathering.add_demonstration(self.facts)
        senders = [one for one in SENDERS if any(name.startswith(one) for name in self.ran)]
        return Report(search(self.record.texts(), self.facts), amounts, senders)


RUN = pytest.StashKey[Run]()


@contextmanager
def watched() -> Iterator[Run]:
    """Gather and record until the end of the run."""
    run = Run()
    with gathered(run.facts), recording(run.record):
        yield run


def pytest_configure(config: pytest.Config) -> None:
    stack = ExitStack()
    config.stash[RUN] = stack.enter_context(watched())
    config.add_cleanup(stack.close)


def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[RUN].ran.add(item.nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of several processes has ended: take its report."""
    if REPORT in node.workeroutput:
        node.config.stash[RUN].report.add(Report(**node.workeroutput[REPORT]))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    run = session.config.stash[RUN]
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[REPORT] = asdict(run.look())
        return
    run.report.add(run.look())
    if run.report.problems and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    report = config.stash[RUN].report
    if report.problems:
        terminalreporter.section("Something was sent or logged that gives somebody away", red=True)
        terminalreporter.line("Take these out of what is sent or logged:")
        for problem in report.problems:
            terminalreporter.line(problem)
    elif report.senders:
        kept = ", ".join(f"{amount} {what}" for what, amount in report.amounts.items())
        terminalreporter.line(f"Nothing that was sent or logged names anybody; searched: {kept}.")
