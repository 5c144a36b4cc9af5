"""Many meetings at once, each with people at its record: what that costs, and whether it slows others."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from statistics import median, quantiles

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.demo import postgres
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import load
from portal.policy.telling import AgendaHeading, MeetingOn
from portal.records.cases.model import AccessGrant, Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.meetings.model import AgendaItem, Invitation, Meeting, MeetingCase
from portal.records.meetings.vocabulary import InvitationReply, MeetingState
from portal.records.people.model import Agency
from portal.vocabulary import Role, Sector
from tests import database
from tests.bench.house import IDLE, POLICY, House
from tests.bench.measuring import Ask, Family, Processes, machine_milliseconds, timed
from tests.bench.viewers import Heard, Open, Room
from tests.factories.people import new_user, open_session

MEETINGS = 50
SAVES = 10  # a second, in all meetings together
RUNS = 3
PACE = 20  # a second, the pages that are asked for beside the meetings
NAME = "At a measured meeting"
#: What is there of the meetings and of whoever comes to them, and by which column that is known.
OF_THEM = (
    *((table, "meeting_id") for table in ("minute_version", "minute", "minute_page", "meeting_presence")),
    *((table, "meeting_id") for table in ("agenda_item", "invitation", "access_grant", "meeting_case")),
    *(("ctx.session", "user_id"), ("case_scope", "reader"), ("child_scope", "reader")),
)


Figure = tuple[str, float, str]


@dataclass(frozen=True)
class Lengths:
    """Seconds: of each run; of a turn with the meetings or without, and how many there are of each."""

    run: float
    turn: float
    turns: int


LONG, SHORT = Lengths(15, 3, 8), Lengths(2, 1.5, 1)


def measure(house: House, lengths: Lengths, others: Mapping[str, Ask]) -> Iterator[Figure]:
    """Name, value and unit of each figure; `idle` are those of meetings at which nobody writes.

    Args:
        others: pages for which people ask who are at no meeting.
    """
    # Whoever is at a meeting asks from a process of their own: what they do there slows nobody here.
    with _going_on(house) as meetings, ProcessPoolExecutor(1, get_context("fork")) as beside:
        yield "meetings_viewers", beside.submit(_come, house.portal, meetings).result(), "people"

        def go_on(seconds: float, saves: float = SAVES) -> Future[Heard]:
            return beside.submit(_go_on, seconds, saves)

        idle = _busy(house, lambda: go_on(lengths.run, 0).result())
        runs = [_busy(house, lambda: go_on(lengths.run).result()) for _ in range(RUNS)]
        turns, heard = _in_turns(others, lengths, go_on)
    yield from _looked_on("meetings_idle", [idle])
    yield from _looked_on("meetings", runs)
    saves = [taken for one in runs for taken in one.heard.saves]
    yield "meetings_saves", len(saves) / sum(one.seconds for one in runs), "a second"
    yield from _spread("meetings_save", saves)
    yield from _slowed(turns)
    failed = [fault for one in (idle.heard, *(one.heard for one in runs), *heard) for fault in one.failed]
    for fault in failed[:5]:
        print(f"  {fault}")
    yield "meetings_failed", len(failed), "requests"


@dataclass(frozen=True)
class _Busy:
    """How many cores were busy for the portal while some viewers looked on, and what they were answered."""

    web: float
    database: float
    rest: float  # for the viewers, and for whatever else the machine does
    seconds: float
    heard: Heard


def _busy(house: House, go_on: Callable[[], Heard]) -> _Busy:
    web, database = Processes(house.portal), Family(house.server.process_id)

    def taken() -> tuple[float, float, float]:
        return web.milliseconds(), database.milliseconds(), machine_milliseconds()

    before, begun = taken(), time.perf_counter()
    heard = go_on()
    seconds = time.perf_counter() - begun
    ours, rows, all_of_it = ((now - was) / 1000 / seconds for was, now in zip(before, taken(), strict=True))
    return _Busy(ours, rows, all_of_it - ours - rows, seconds, heard)


def _looked_on(name: str, runs: Sequence[_Busy]) -> Iterator[Figure]:
    yield f"{name}_cores", median(one.web + one.database for one in runs), "cores"
    yield f"{name}_cores_web", median(one.web for one in runs), "cores"
    yield f"{name}_cores_database", median(one.database for one in runs), "cores"
    yield f"{name}_cores_rest", median(one.rest for one in runs), "cores"
    polls = [taken for one in runs for taken in one.heard.polls]
    yield f"{name}_unchanged", sum(one.heard.unchanged for one in runs) / len(polls), "share"
    yield from _spread(f"{name}_poll", polls)


def _spread(name: str, taken: Sequence[float]) -> Iterator[Figure]:
    yield f"{name}_p50_ms", median(taken), "ms"
    yield f"{name}_p95_ms", quantiles(taken, n=20)[-1], "ms"


#: Milliseconds that a page took while the meetings went on, and while they did not.
Turns = Mapping[str, tuple[list[float], list[float]]]


def _in_turns(
    others: Mapping[str, Ask], lengths: Lengths, go_on: Callable[[float], Future[Heard]]
) -> tuple[Turns, list[Heard]]:
    """Ask for the pages of others, in turns with the meetings and without."""
    turns: Turns = {name: ([], []) for name in others}
    heard = []
    for _ in range(lengths.turns):
        going = go_on(lengths.turn)
        _ask(others, lengths.turn, {name: taken[0] for name, taken in turns.items()})
        heard.append(going.result())
        _ask(others, lengths.turn, {name: taken[1] for name, taken in turns.items()})
    return turns, heard


def _ask(others: Mapping[str, Ask], seconds: float, taken: Mapping[str, list[float]]) -> None:
    """Ask for one page after the other, at an even pace."""
    begun = time.perf_counter()
    for number in range(int(seconds * PACE)):
        name = sorted(others)[number % len(others)]
        time.sleep(max(0, begun + number / PACE - time.perf_counter()))
        taken[name].append(timed(others[name]))


def _slowed(turns: Turns) -> Iterator[Figure]:
    slower = []
    for name, (beside, alone) in turns.items():
        yield f"meetings_{name}_beside_ms", median(beside), "ms"
        yield f"meetings_{name}_alone_ms", median(alone), "ms"
        slower.append(median(beside) / median(alone))
        yield f"meetings_{name}_slower", slower[-1], "times"
    yield "meetings_others_slower", max(slower), "times"


_rooms: list[Room] = []


def _come(port: int, meetings: Sequence[Open]) -> int:
    """In the process of the viewers: all of them are at the record of their meeting. Gives how many."""
    _rooms.append(Room(port, meetings))
    return _rooms[-1].come()


def _go_on(seconds: float, saves: float) -> Heard:
    return _rooms[-1].go_on(seconds, saves=saves)


@contextmanager
def _going_on(house: House) -> Iterator[list[Open]]:
    """Meetings that are under way, each with sessions of its chair, its note-taker and a coordinator.

    They are taken out of the world again: it is measured as it is once more.
    """
    _take_away(house.server)  # what a run left that was ended
    engine = database.owner_engine(house.server)
    try:
        with database.owner_session(engine) as rows:
            agenda = [one for one in load(POLICY).meetings.agenda.offered if MeetingOn.CASES in one.on]
            yield [_opened(rows, case, agenda) for case in _cases(rows)]
    finally:
        engine.dispose()
        _take_away(house.server)


def _cases(rows: Session) -> Sequence[Case]:
    """Cases that are open, of the newest that the world has."""
    found = select(Case).where(Case.reason == "Bench").order_by(Case.id.desc()).limit(MEETINGS)
    cases = rows.scalars(found).all()
    assert len(cases) == MEETINGS, "the world has too few cases"
    return cases


def _opened(rows: Session, case: Case, agenda: Sequence[AgendaHeading]) -> Open:
    """A meeting on a case that began half an hour ago, at whose record its chair and note-taker write."""
    now = clock.now()
    hub = rows.scalars(select(Agency).where(Agency.sector == Sector.HUB, Agency.code == "agency-0")).one()
    lead = rows.get_one(Agency, case.lead_agency_id)
    chair, taker = new_user(lead, NAME, Role.CHAIR), new_user(lead, NAME)
    coordinator = new_user(hub, NAME, Role.COORDINATOR)
    rows.add_all((chair, taker, coordinator))
    rows.flush()
    begins = now - timedelta(minutes=30)
    meeting = Meeting(
        id=new_id(),
        reference=new_reference(Prefix.MEETING),
        kind="review",
        state=MeetingState.BOOKED,
        starts_at=begins,
        ends_at=begins + timedelta(hours=2),
        place=NAME,
        chair_id=chair.id,
        note_taker_id=taker.id,
        called_by=coordinator.id,
        called_agency_id=hub.id,
        policy_version="bench",
    )
    rows.add(meeting)
    rows.flush()
    rows.add(MeetingCase(meeting_id=meeting.id, case_id=case.id, child_id=case.child_id))
    rows.flush()
    for role, person in (("chair", chair), ("note_taker", taker)):
        rows.add(
            Invitation(
                id=new_id(),
                reference=new_reference(Prefix.INVITATION),
                meeting_id=meeting.id,
                agency_id=person.agency_id,
                user_id=person.id,
                role=role,
                required=True,
                invited_by=coordinator.id,
                invited_at=begins,
                reply=InvitationReply.COMING,
            )
        )
        rows.add(
            AccessGrant(
                id=new_id(),
                case_id=case.id,
                user_id=person.id,
                kind=GrantKind.MEETING,
                reason=NAME,
                starts_at=begins,
                granted_by=coordinator.id,
                meeting_id=meeting.id,
            )
        )
    items = [
        AgendaItem(
            id=new_id(),
            meeting_id=meeting.id,
            case_id=case.id if heading.per_child else None,
            position=position,
            heading=heading.label,
            code=heading.code,
        )
        for position, heading in enumerate(agenda, start=1)
    ]
    rows.add_all(items)
    sessions = [open_session(rows, one.id, idle=IDLE) for one in (chair, taker, coordinator)]
    return Open(meeting.reference, [str(one.id) for one in items], sessions)


def _take_away(server: postgres.Server) -> None:
    """As if there had been no such meetings; no trigger writes."""
    url = server.url(postgres.SUPERUSER, database.NAME).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute(b"set session_replication_role = replica")
        for name, of, known in (("gone_meeting", "meeting", "place"), ("gone_person", "app_user", "name")):
            found = f"create temporary table {name} as select id from {of} where {known} = %s"  # noqa: S608 - our words
            connection.execute(found.encode(), [NAME])
        for table, column in OF_THEM:
            gone = "gone_meeting" if column == "meeting_id" else "gone_person"
            connection.execute(f"delete from {table} where {column} in (select id from {gone})".encode())  # noqa: S608 - likewise
        connection.execute(b"delete from meeting where id in (select id from gone_meeting)")
        connection.execute(b"delete from app_user where id in (select id from gone_person)")
