"""The worker and the post: what is sent goes to the demonstration’s mail server and is read on its page.

Browsers live today; only the worker travels, to the days on which it has something to do.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from config.mail import mail
from portal.access.model import Heartbeat
from portal.demo.mail import Kept, create_mail_page, listening
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageState
from portal.pathway.calendar import at_local
from portal.policy import current_policy
from portal.records.people.model import Agency, User
from portal.reminders.worker import TICKS, AnyTick, mail_ticks, run_once
from tests.browser.conftest import serving
from tests.browser.story.conftest import Story, prove

MORNING = time(10)  # within the hours at which mail goes out
Sent = tuple[str, str]  # the code of its kind, and the address it went to


@dataclass(frozen=True)
class Post:
    """What arrived, where it is shown, and the worker that sends it."""

    rows: Session
    address: str
    engine: Engine
    settings: dict[str, Any]

    def work(self, *days: date) -> None:
        """One run of everything that the worker does, at ten in the morning of each day."""
        for day in days:
            moment = at_local(day, MORNING)
            ticks: tuple[AnyTick, ...] = (*TICKS, *mail_ticks(self.settings))
            with time_machine.travel(moment):
                for tick in ticks:
                    run_once(self.engine, tick)
            beats = self.rows.execute(select(Heartbeat.tick, Heartbeat.beat_at)).all()
            ran = {beat.tick for beat in beats if beat.beat_at >= moment}
            self.rows.rollback()
            assert ran == {tick.name for tick in ticks}, "a tick failed: see the log"

    def sent(self, about: Iterable[str]) -> Counter[Sent]:
        """What was sent about some records, given by their references."""
        found = self.rows.execute(
            select(OutboxMessage.kind, OutboxMessage.address)
            .join(OutboxSubject)
            .where(OutboxSubject.reference.in_(list(about)), OutboxMessage.state == MessageState.ACCEPTED)
        ).all()
        self.rows.rollback()
        return Counter((row.kind, row.address) for row in found)

    def open_mail(self, page: Page, *, kind: str, to: str, about: str) -> None:
        """Find a mail on the page of what arrived, and open it."""
        page.goto(f"{self.address}/?to={to}")
        self._listed(page, kind, about).last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(subject(kind, about))

    def shows(self, page: Page, *, kind: str, to: str, about: str) -> int:
        """How many mails of a kind about a record the page shows for an address."""
        page.goto(f"{self.address}/?to={to}")
        return self._listed(page, kind, about).count()

    @staticmethod
    def _listed(page: Page, kind: str, about: str) -> Locator:
        return page.get_by_role("link", name=subject(kind, about), exact=True)


def subject(kind: str, about: str) -> str:
    """What a mail of a kind about a record says in its subject, and no more."""
    return f"OFFICIAL: {current_policy().reminders.kinds[kind].subject} ({about})"


def follow(page: Page, person: User, agency: Agency) -> None:
    """Open the portal from a mail, signing in on the way."""
    page.locator("a[href*='/go/']").click()
    page.locator("#organisations").get_by_role("link", name=agency.name, exact=True).click()
    prove(page, person)
    expect(page.locator(".app-menu > summary")).to_have_text(person.name)


@contextmanager
def post_of(app: Flask, story: Story, folder: Path) -> Iterator[Post]:
    """The demonstration's mail for the portal of a story."""
    kept = Kept(folder)
    engine = create_engine(app.config["DATABASE_WORKER_URL"])
    with listening(kept) as port, serving(create_mail_page(kept, environment="test")) as address:
        settings = mail(
            {
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(port),
                "SMTP_SECURITY": "none",
                "MAIL_FROM": "portal@portal.example",
                "MAIL_RETURN": "returns@portal.example",
                "RETURN_MAILBOX": f"maildir:{kept.returned}",
            },
            "test",
        )
        yield Post(story.rows, address, engine, app.config | settings)
    engine.dispose()


def ten(day: date) -> datetime:
    """Ten in the morning by the clock in Europe/London."""
    return at_local(day, MORNING)
