"""The worker's own code, timed: it looks for what is owed among many deadlines, and sends it.

It runs as portal_worker, on a working morning on which some of the duties have to be brought to mind.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import time_machine
from sqlalchemy import Engine, create_engine, text

from portal.demo import postgres
from portal.policy import load_book, use
from portal.reminders import owed
from portal.reminders.owed import AT_ONCE, queue_owed
from portal.reminders.worker import TICKS, connect, run_once
from tests import database
from tests.chaos.house import MailServer
from tests.policy.editing import SHIPPED
from tests.reminders.conftest import outbox_at

MORNING = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)  # a Tuesday: what is due as it ends is mailed on its day
LATER = MORNING + timedelta(hours=1)  # than whatever was owed in the morning
LOOKS = 10
TURNS = 40  # of the two worlds: of ten, the half of each lay up to a fifth apart from run to run
SHARE = 500  # of the smaller world's duties, one in so many is taken by a look where growth is measured
#: As `world.sql` leaves it: no message about these duties, and a rung of each to come.
AGAIN = (
    "create temporary table told on commit drop as select s.message_id from outbox_subject s"
    " join deadline d on d.id = s.deadline_id where d.source = 'bench'",
    "delete from outbox_subject where message_id in (select message_id from told)",
    "delete from outbox_message where id in (select message_id from told)",
    "update reminder_plan p set look_at = d.due_at - interval '1 day', told_until = '2026-11-30'"
    " from deadline d where d.id = p.deadline_id and d.source = 'bench'",
)
WAITING = text("select count(*) from outbox_message where state in ('owed', 'queued')")
PUT_OFF = text("update reminder_plan set look_at = '2027-06-01' where look_at <= :now")


def owe_again(server: postgres.Server) -> None:
    """Let nobody have been told, in a database that was measured before."""
    with create_engine(server.url(postgres.SUPERUSER, database.NAME)).begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        for statement in AGAIN:
            connection.execute(text(statement))


def growth(big: postgres.Server, little: postgres.Server, few: int) -> float:
    """How much longer a look at so few duties takes among many than among few, taken in turns."""
    engines = [_connect(server) for server in (big, little)]
    with time_machine.travel(MORNING):
        turns = [[_look(engine, few)[1] for engine in engines] for _ in range(TURNS + 1)]
    for engine in engines:
        engine.dispose()
    among_many, among_few = zip(*turns[1:], strict=True)
    return float(median(among_many) / median(among_few))


def measure(server: postgres.Server) -> Iterator[tuple[str, float, str]]:
    """The figures of one database: name, value and unit. What is owed there is used up afterwards."""
    if at_once := _median(server, LOOKS // 2, finds=AT_ONCE):
        yield "owed_tick_ms", at_once, "ms"
    with database.owner_engine(server).begin() as connection:
        connection.execute(PUT_OFF, {"now": MORNING})
    yield "owed_tick_idle_ms", _median(server, LOOKS, finds=0), "ms"
    yield "outbox_per_second", _sent_per_second(server), "messages"


def ticks(server: postgres.Server) -> Iterator[tuple[str, float, str]]:
    """Every tick of the worker once, but those that are measured by themselves: name, value and unit."""
    engine = _connect(server)
    with time_machine.travel(MORNING):
        for tick in TICKS:
            if tick.do is not owed.queue_owed:
                begun = time.perf_counter()
                run_once(engine, tick)
                yield f"tick_{tick.name.replace(' ', '_')}_ms", (time.perf_counter() - begun) * 1000, "ms"
    engine.dispose()


def _median(server: postgres.Server, times: int, *, finds: int) -> float:
    """The median time, in milliseconds, of a look that finds so many duties; 0 where there are too few.

    The first look is left out: it reads the catalogue, and counts the holidays.
    """
    engine = _connect(server)
    with time_machine.travel(MORNING):
        looks = [_look(engine, AT_ONCE) for _ in range(times + 1)]
    engine.dispose()
    return median([taken for found, taken in looks[1:] if found == finds] or [0])


def _look(engine: Engine, limit: int) -> tuple[int, float]:
    """One look: how many duties it found, and how many milliseconds it took."""
    begun = time.perf_counter()
    with engine.begin() as connection:
        found = queue_owed(connection, limit)
    return found, (time.perf_counter() - begun) * 1000


def _sent_per_second(server: postgres.Server) -> float:
    """One run of one worker, which lasts twenty seconds at most, to a mail server in another process."""
    engine = _connect(server)
    with (
        tempfile.TemporaryDirectory() as folder,
        MailServer(Path(folder), seed=0) as mail,
        time_machine.travel(LATER),
    ):
        mail.calm_down()
        outbox = outbox_at(mail.port, timeout=20)
        begun = time.perf_counter()
        outbox.send(engine)
        lasted = time.perf_counter() - begun
        sent = len(mail.lines("accepted"))
    engine.dispose()
    assert sent, "nothing was sent: a moment outside the hours of the policy?"
    return sent / lasted


def _connect(server: postgres.Server) -> Engine:
    use(load_book(SHIPPED))
    return connect(server.url("portal_worker", database.NAME))
