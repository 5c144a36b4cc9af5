"""What the portal does by the clock. The ticks are APScheduler's, the truth is PostgreSQL's.

A tick asks the database what is owed and does it, in one transaction, or in many short ones where it has to
wait for somebody else's machine. So a tick that is missed, or that two workers run at the same time, costs a
delay at most.
"""

import logging
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from types import FrameType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, insert, update

from config.database import OWN_SETTINGS, options
from portal import clock
from portal.access import verification
from portal.access.model import Heartbeat
from portal.access.verification import INTERVAL, Checkpoints
from portal.reminders import digests, drafts, forgetting, owed, transitions, unanswered, unopened
from portal.reminders.outbox import Outbox
from portal.reminders.returns import ReturnMailbox

if TYPE_CHECKING:
    from apscheduler.schedulers.blocking import BlockingScheduler

SENDING, READING_RETURNS = "send messages", "read returned mail"
SEALING, CHECKPOINTING = "seal the audit trail", "note where the audit trail stands"
SENDING_SECONDS = 5  # between the starts of two runs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tick:
    """Something that is done again and again."""

    name: str
    seconds: int  # between the starts of two runs
    do: Callable[[Connection], int]  # does what is owed, and returns how much that was
    full: int | None = None  # so much at once means that there may be more, and it runs again at once


@dataclass(frozen=True)
class LongTick:
    """Something that opens its own transactions: it waits for other machines, or does much in small parts."""

    name: str
    seconds: int  # between the starts of two runs
    do: Callable[[Engine], int]  # does what is owed, and returns how much that was
    full: int | None = None  # it goes on by itself


AnyTick = Tick | LongTick

TICKS: tuple[AnyTick, ...] = (
    Tick(SEALING, 30, verification.seal, full=verification.LARGEST_BATCH),
    Tick("remind of what is due", 30, owed.queue_owed, full=owed.AT_ONCE),
    Tick("look again for a new policy", 60, owed.look_again_for_policy),
    Tick("remind of unsent forms", 60, drafts.queue_drafts),
    Tick("pass on what nobody opened", 60, unopened.pass_on, full=unopened.AT_ONCE),
    Tick("remind of what nobody answered", 60, unanswered.queue_unanswered),
    Tick("tell chairs of minutes that nobody opened", 10 * 60, unopened.queue_unopened),
    Tick("end what is past", 10 * 60, forgetting.end_past_cancellations, full=forgetting.AT_ONCE),
    LongTick(transitions.NAME, 60, transitions.open_transitions),
    Tick("forget forms that were answered", 60, forgetting.forget_answered),
    Tick("tell in the morning what is due", 60, digests.queue_digests),
    Tick("delete long documents", 60, forgetting.delete_documents),
    Tick("forget pages of meetings that are left", 60, forgetting.forget_pages),
    Tick("remove old searches", 60 * 60, forgetting.remove_old, full=verification.SEARCHES_AT_ONCE),
)


def run(database_url: str, ticks: tuple[AnyTick, ...] = TICKS) -> None:
    """Run every tick until the process is asked to stop; a tick under way is finished first.

    Args:
        database_url: the database as portal_worker.
        ticks: what to do.
    """
    engine = connect(database_url)
    scheduler = make_scheduler(engine, ticks)
    signal.signal(signal.SIGTERM, _interrupt)
    # It would write two lines for every tick, and one where a tick is still under way when the next is due.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    log.info("The worker has started.")
    try:
        scheduler.start()
    except KeyboardInterrupt:
        log.info("The worker stops.")
    finally:
        if scheduler.running:
            scheduler.shutdown()
        engine.dispose()


def connect(database_url: str) -> Engine:
    """The database, which may go away at any moment and come back as another machine.

    Nobody waits for long for one that no longer answers (`portal.access.connections`), and one that no longer
    hears from us lets go of what we have locked: the others skip that.
    """
    return create_engine(
        database_url,
        pool_pre_ping=True,
        pool_timeout=30,  # seconds
        hide_parameters=True,  # what a statement was given could stand in a log otherwise
        connect_args={
            "connect_timeout": 10,  # seconds
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 60_000,  # milliseconds
            "options": f"{options(OWN_SETTINGS)} -c timezone=UTC"
            " -c statement_timeout=2min -c idle_in_transaction_session_timeout=2min"
            " -c client_connection_check_interval=5s"
            " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
        },
    )


def make_scheduler(engine: Engine, ticks: tuple[AnyTick, ...] = TICKS) -> "BlockingScheduler":
    """A scheduler that remembers nothing: what is owed stands in the database."""
    from apscheduler.schedulers.blocking import BlockingScheduler  # noqa: PLC0415 - whoever serves pages runs none

    scheduler = BlockingScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for tick in ticks:
        scheduler.add_job(
            run_once, "interval", seconds=tick.seconds, args=(engine, tick), next_run_time=clock.now()
        )
    return scheduler


def checkpoint_tick(checkpoints: Checkpoints | None) -> Tick:
    """The tick that notes where the audit trail stands; without a file, as in tests, it has nothing to do."""
    return Tick(CHECKPOINTING, INTERVAL, checkpoints.write if checkpoints else lambda _connection: 0)


def mail_ticks(config: Mapping[str, Any]) -> tuple[LongTick, ...]:
    """The ticks of e-mail.

    Args:
        config: the settings; without SMTP_HOST nothing is sent, and without RETURN_MAILBOX nothing is read.
    """
    ticks = [LongTick(SENDING, SENDING_SECONDS, Outbox.of(config).send)]
    if returned := ReturnMailbox.of(config):
        ticks.append(LongTick(READING_RETURNS, 60, returned.read))
    return tuple(ticks)


def run_once(engine: Engine, tick: AnyTick) -> None:
    """One tick: what is owed, and the note that it ran, or no note. A failure is logged and tried again."""
    try:
        done = _run(engine, tick)
        while tick.full is not None and done >= tick.full:
            done = _run(engine, tick)
    except Exception:
        # The scheduler would go on too, but say it in words that nobody searches for.
        log.exception("The tick %r failed and will run again in %d seconds.", tick.name, tick.seconds)
    else:
        log.debug("The tick %r did %d.", tick.name, done)


def _run(engine: Engine, tick: AnyTick) -> int:
    if isinstance(tick, LongTick):
        done = tick.do(engine)
        with engine.begin() as connection:
            beat(connection, tick.name)
        return done
    with engine.begin() as connection:
        done = tick.do(connection)
        beat(connection, tick.name)
    return done


def beat(connection: Connection, name: str) -> None:
    """Note that what is called so ran just now."""
    moment = clock.now()
    known = connection.execute(update(Heartbeat).where(Heartbeat.tick == name).values(beat_at=moment))
    if not known.rowcount:
        connection.execute(insert(Heartbeat), {"tick": name, "beat_at": moment})


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
