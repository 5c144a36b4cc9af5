"""Sends what waits: claimed, judged, handed to the mail server, settled, and tried again when it failed."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from random import uniform
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.deadlines.rules import due
from portal.messages.vocabulary import CancelReason, DeadReason, MessageState, UntoldReason
from portal.pathway.calendar import goes_out
from portal.policy import current_policy
from portal.policy.telling import Reminders
from portal.reminders import bundles, claims, mail, returns, unopened, untold
from portal.reminders.claims import Cancel, HandOn, Nobody, Send, Show, Waiting
from portal.reminders.covers import redirect
from portal.reminders.mail import Envelope
from portal.reminders.smtp import Answer, MailServer, Outcome, Post
from portal.reminders.still_owed import decide, is_statutory

FIRST = timedelta(seconds=30)
LONGEST = timedelta(minutes=15)
LONGEST_URGENT = timedelta(minutes=2)
JITTER = 0.25  # of the pause, to either side, so that what failed together does not come back together


def pause(attempts: int, *, urgent: bool) -> timedelta:
    """How long to wait after so many attempts, the one that just failed included; before jitter."""
    longest = LONGEST_URGENT if urgent else LONGEST
    doubled: timedelta = FIRST * 2 ** min(attempts - 1, 10)
    return min(doubled, longest)


def next_try(moment: datetime, attempts: int, *, urgent: bool, reminders: Reminders) -> datetime | None:
    """When to try again after an attempt failed; None when that has gone on for as long as policy allows.

    It is the time of trying that counts (policy `reminders.give_up_after`), not that since the message was
    owed: while no worker runs, nothing is given up.

    Args:
        moment: of the attempt that failed.
        attempts: how many failed, that one included.
    """
    tried_for = sum((pause(number, urgent=urgent) for number in range(1, attempts)), timedelta())
    if due(reminders.give_up_after, moment - tried_for) <= moment:
        return None
    wait = pause(attempts, urgent=urgent) * uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - nobody gains from guessing it
    return goes_out(reminders.hours, moment + wait, urgent=urgent)


log = logging.getLogger(__name__)

BATCH = 50
BUDGET = 20  # seconds that one run goes on claiming, so that "last ran" stays true
BREAKS = 3  # connections that may break in a batch before the mail server is left alone for a while
STEPS = 10  # answers that a mail server can keep us waiting for, from connecting to the end of a message
PERSISTENCE = 60  # seconds that a note of what was sent is tried for while the database is away


@dataclass(frozen=True)
class Letter:
    """A message ready to be sent, where it goes, and the messages that it tells as well."""

    mail: EmailMessage
    address: str
    others: tuple[Waiting, ...] = ()


@dataclass(frozen=True)
class Outbox:
    """What sending needs: a mail server, if there is one, and what we call ourselves."""

    server: MailServer | None
    envelope: Envelope

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """The one of the settings."""
        return cls(MailServer.of(config), Envelope.of(config))

    def send(self, engine: Engine) -> int:
        """Send what waits, for a while; the next run goes on. Without a mail server messages wait.

        Returns:
            how many messages were claimed.
        """
        if self.server is None:
            return 0
        ends = clock.ticks() + BUDGET
        _Batch(engine, self.server, self.envelope, uuid4()).take_over()
        total = 0
        while clock.ticks() < ends:
            batch = _Batch(engine, self.server, self.envelope, uuid4())
            count, go_on = batch.run(ends)
            total += count
            if not go_on:
                break
        return total


@dataclass(frozen=True)
class _Batch:
    """Some messages claimed together and sent over one connection."""

    engine: Engine
    server: MailServer
    envelope: Envelope
    lease: UUID

    def run(self, ends: float) -> tuple[int, bool]:
        """How many were claimed, and whether it is worth while to claim more at once."""
        with self.engine.begin() as connection:
            held = claims.claim(
                connection, lease=self.lease, moment=clock.now(), until=self._until(), most=BATCH
            )
        breaks = 0
        with Post(self.server) as post:
            for number, message in enumerate(held):
                if breaks >= BREAKS or clock.ticks() > ends:
                    self._let_go(held[number:], pause=breaks >= BREAKS)
                    return len(held), False
                if failed := post.ready():
                    log.warning("The mail server cannot be used: %s.", failed.code)
                    for one in held[number:]:
                        self._try_later(one, failed.code)
                    return len(held), False
                breaks += self._see_to(message, post)
        return len(held), len(held) == BATCH

    def take_over(self) -> None:
        """What a worker had in hand when it died counts as tried."""
        with self.engine.begin() as connection:
            found = claims.left_behind(
                connection, lease=self.lease, moment=clock.now(), until=self._until(), most=BATCH
            )
            for message in found:
                log.warning("Message %s was in hand when a worker stopped.", message.id)
                self._later(connection, message, "worker stopped")

    def _see_to(self, message: Waiting, post: Post) -> bool:
        """One message, from judgement to settlement. Whether the connection broke."""
        if not self._begin(message):
            return False
        told = [message]
        try:
            letter = self._letter(message)
            if letter is None:
                return False
            told += letter.others
            sender = self.envelope.returns_for(message.id)
            outcome = post.send(letter.mail, sender=sender, to=letter.address)
        except Exception as problem:  # one that cannot be written or sent must not hold up the others
            if isinstance(problem, DBAPIError) and problem.connection_invalidated:
                raise
            log.error("Message %s could not be sent: %s.", message.id, type(problem).__name__)
            post.close()  # in whatever state the other end is
            for one in told:
                self._try_later(one, f"not sent: {type(problem).__name__}")
            return False
        self._note(told, outcome)
        return outcome.broken

    def _begin(self, message: Waiting) -> bool:
        """In a transaction of its own, so that it is known whatever happens next."""
        with self.engine.begin() as connection:
            return claims.begin(connection, message.id, lease=self.lease, until=self._until())

    def _letter(self, message: Waiting) -> Letter | None:
        """Ask in one short transaction how a message stands, and write it if it is to be sent."""
        now = clock.now()
        with self.engine.begin() as connection:
            opens = self._opens(message, now)
            if opens > now:
                claims.let_go(connection, [message.id], lease=self.lease, at=opens)
                return None
            match decide(connection, message):
                case Send(address):
                    pass
                case HandOn() as to:
                    redirect(connection, message, to)
                    message = replace(message, handed_reason=message.handed_reason or to.reason)
                    address = to.address
                case Show():
                    self._settle(connection, message, MessageState.SHOWN)
                    return None
                case Cancel(code):
                    self._settle(connection, message, MessageState.CANCELLED, code)
                    if code is CancelReason.NO_REACH and is_statutory(message):
                        untold.note(connection, message, UntoldReason.NO_REACH)
                    return None
                case Nobody(reason, dead):
                    self._settle(connection, message, MessageState.DEAD, dead, why=untold.WHY[reason])
                    return None
            claims.note_address(connection, message.id, lease=self.lease, address=address)
            others = bundles.others(connection, message, address, lease=self.lease, until=self._until())
            written = mail.write(
                connection, message, to=address, envelope=self.envelope, at=now, others=others
            )
            return Letter(written, address, others)

    @staticmethod
    def _opens(message: Waiting, now: datetime) -> datetime:
        """When a message may go out: one that was held up until the evening waits for the morning."""
        if message.kind in mail.DIGESTS:
            return now  # which has an hour of its own
        return goes_out(current_policy().reminders.hours, now, urgent=message.urgent)

    def _note(self, told: Sequence[Waiting], outcome: Outcome) -> None:
        """Note what the mail server said, also while the database restarts: unnoted is sent again. What went
        out in one e-mail is noted at one moment.
        """

        def note(connection: Connection) -> None:
            moment = clock.now()
            for message in told:
                self._became(connection, message, outcome, moment)

        _in_the_end(self.engine, note)
        for message in told:
            log.info("Message %s: %s %s.", message.id, outcome.answer, outcome.code)

    def _became(self, connection: Connection, message: Waiting, outcome: Outcome, moment: datetime) -> None:
        settle = partial(
            self._settle,
            connection,
            message,
            outcome=outcome.code,
            attempts=message.attempts + 1,
            moment=moment,
        )
        match outcome.answer:
            case Answer.ACCEPTED:
                settle(state=MessageState.ACCEPTED, unopened_at=unopened.counts_from(message, moment))
            case Answer.NO_SUCH_ADDRESS:
                if settle(state=MessageState.REFUSED):
                    returns.address_failed(connection, message.id, code=outcome.code)
            case Answer.REFUSED:
                settle(state=MessageState.DEAD)
            case Answer.LATER:
                self._later(connection, message, outcome.code)

    def _try_later(self, message: Waiting, code: str) -> None:
        with self.engine.begin() as connection:
            self._later(connection, message, code)

    def _later(self, connection: Connection, message: Waiting, code: str) -> None:
        attempts, now = message.attempts + 1, clock.now()
        at = next_try(now, attempts, urgent=message.urgent, reminders=current_policy().reminders)
        if at is None:
            self._settle(connection, message, MessageState.DEAD, DeadReason.GAVE_UP, attempts=attempts)
        else:
            claims.try_later(connection, message.id, lease=self.lease, at=at, attempts=attempts, outcome=code)

    def _settle(
        self,
        connection: Connection,
        message: Waiting,
        state: MessageState,
        outcome: str | None = None,
        *,
        why: UntoldReason = UntoldReason.NOT_SENT,
        **more: Any,
    ) -> bool:
        """Note what became of a message; what reached nobody is the hub's to see to at once.

        Args:
            why: it reached nobody, where that is so.
        """
        settled = claims.settle(
            connection,
            message.id,
            lease=self.lease,
            state=state,
            outcome=outcome,
            **{"moment": clock.now()} | more,
        )
        if settled and state is MessageState.DEAD:
            untold.note(connection, message, why)
        return settled

    def _let_go(self, messages: Sequence[Waiting], *, pause: bool) -> None:
        at = clock.now() + (FIRST if pause else timedelta())
        with self.engine.begin() as connection:
            claims.let_go(connection, [message.id for message in messages], lease=self.lease, at=at)

    def _until(self) -> datetime:
        """Longer than the mail server can keep us waiting with one message."""
        return clock.now() + timedelta(seconds=self.server.timeout * STEPS)


def _in_the_end(engine: Engine, note: Callable[[Connection], None]) -> None:
    """Do it in a transaction, again and again while the database is away."""
    ends = clock.ticks() + PERSISTENCE
    while True:
        try:
            with engine.begin() as connection:
                return note(connection)
        except DBAPIError:
            if clock.ticks() > ends:
                raise
            time.sleep(0.5)
