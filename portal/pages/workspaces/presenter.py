"""Today: the page on which everybody's work starts, the same for every sector but for duties and verbs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request, url_for

from portal import clock
from portal.access import audit, principal
from portal.access.permissions import near
from portal.messages import news
from portal.messages.life import shown_until
from portal.messages.presenter import CaseChanges, changes_by_case
from portal.pages import about, work
from portal.pages.waiting import waiting_for
from portal.pages.workspaces import tasks as workspace
from portal.pages.workspaces import tasks as workspace_tasks
from portal.pathway.calendar import add_working_days, age_on, end_of_day
from portal.records.assessments.reading import levels_of
from portal.records.cases.presenter import NOTHING_DUE, case_table
from portal.records.cases.reading import lists as cases
from portal.records.cases.reading.lists import Reader, ReaderKind
from portal.records.meetings.reading import records as meetings
from portal.vocabulary import RiskLevel
from portal.web import due_presenter as due_words
from portal.web.due_presenter import Duty
from portal.web.page import render
from portal.web.pictures.over_time import Steps, spark

#: Rows of each part; the rest is a click away.
DUTIES, OVERDUE, CASES, NEWS, MEETINGS = 60, 8, 8, 7, 4
#: How far ahead duties are shown, in working days.
AHEAD = 4
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class DutyGroup:
    """Duties that belong together: overdue, today, the next days."""

    title: str
    number: int
    rows: Sequence[Duty]


@dataclass(frozen=True)
class Glance:
    """A case in a line."""

    reference: str
    name: str
    age: str
    held: int
    level: str | None
    spark: Steps | None
    state: str
    due: datetime | None
    late: bool
    missing: Any


def show(endpoint: str) -> Response:
    """What must be done, what is new, and one's cases and meetings. Leaves the audit row of the look.

    Args:
        endpoint: where the page stands: of the sector, or the shared one.
    """
    person, now = principal.current(), clock.now()
    readers = cases.readers(person)
    reader = next((one for one in readers if one.code == request.args.get("whose")), readers[0])
    audit.record("workspace:view", ground=reader.kind.value)
    waits = waiting_for(person, listing=True)
    owed = work.owed(person=person, whose=work.Whose.ALL, limit=DUTIES)
    invited, more_meetings = meetings.mine(person, limit=MEETINGS)
    seen = about.visible([*map(about.Subject.of, owed.rows), *map(due_words.meeting_subject, invited)])
    duties = due_words.duties(owed.rows, seen, now)
    groups = duty_groups([one for one in duties if not one.confirms], now)
    to_confirm = [one for one in duties if one.confirms and one.href]
    newest = news.on_my_cases(person=person)
    fresh = sorted(changes_by_case(newest.rows), key=lambda one: not one.first.critical)
    own = workspace.begun(person=person)
    return render(
        "workspace/today.html",
        person=person,
        today=clock.today(),
        waits=waits,
        counts=_counts(groups, to_confirm, fresh, more=newest.next is not None),
        groups=[_shortened(one) for one in groups],
        to_confirm=to_confirm,
        more_duties=owed.next is not None,
        fresh=fresh[:NEWS],
        changed={one.reference for one in fresh},
        more_news=len(fresh) > NEWS or newest.next is not None,
        until=shown_until(row.at for row in newest.rows),
        meetings=due_words.meetings(invited, seen, now),
        more_meetings=more_meetings,
        tasks=workspace_tasks.offered(person=person),
        begun=[one for one in own if one.kind in workspace.BEGUN],
        asked=[one for one in own if one.kind == workspace.QUESTION],
        closed=[one for one in own if one.kind == workspace.CLOSED],
        family=[one for one in own if one.kind == workspace.FAMILY],
        corrections=[one for one in own if one.kind == workspace.CORRECTION],
        may_print=near(person, "work:print"),
        may_add=near(person, "entry:add"),
        marking=True,
        wide=True,
        **_cases(readers, reader, endpoint, now),
    )


def duty_groups(duties: Sequence[Duty], now: datetime) -> list[DutyGroup]:
    """What is overdue, highest level first and then the longest late; what is due today, by the clock; and
    what the next four working days bring.
    """
    today = clock.local(now).date()
    last = end_of_day(add_working_days(today, AHEAD))
    late = sorted((one for one in duties if one.late), key=lambda one: (_rank(one.level), one.due_at))
    this_day = [one for one in duties if not one.late and one.today]
    ahead = [one for one in duties if not one.late and not one.today and one.due_at <= last]
    groups = (
        DutyGroup("Overdue, highest level first", len(late), late),
        DutyGroup("Today", len(this_day), this_day),
        DutyGroup("The next four working days", len(ahead), ahead),
    )
    return [one for one in groups if one.rows]


def _rank(level: str | None) -> int:
    return RiskLevel(level).rank if level else len(RiskLevel) + 1


def _shortened(group: DutyGroup) -> DutyGroup:
    return DutyGroup(group.title, group.number, group.rows[:OVERDUE])


def _counts(
    groups: Sequence[DutyGroup], to_confirm: Sequence[Duty], fresh: Sequence[CaseChanges], *, more: bool
) -> Mapping[str, int | str]:
    """What stands above the page: what is due there, in both its lists; of changes the newest are read, so
    that more may be said as “50+”.
    """
    lines = sum(len(one.lines) for one in fresh)
    found = {one.title.partition(",")[0].lower(): one.number for one in groups}
    return {
        "overdue": found.get("overdue", 0) + sum(1 for one in to_confirm if one.late),
        "today": found.get("today", 0) + sum(1 for one in to_confirm if one.today and not one.late),
        "overdue_at": "#due" if "overdue" in found else "#told",
        "today_at": "#due" if "today" in found else "#told",
        "fresh": f"{lines}+" if more else lines,
    }


def _cases(readers: list[Reader], reader: Reader, endpoint: str, now: datetime) -> dict[str, Any]:
    page = cases.list_cases(reader=reader, limit=CASES)
    notices = cases.list_notices(reader=reader)
    decided = levels_of([row.case_id for row in page.rows])
    return {
        "rows": sorted((_glance(row, decided, now) for row in page.rows), key=lambda one: not one.missing),
        "more_cases": page.next is not None,
        "notices": notices,
        "reader": reader,
        "mine": reader.kind is ReaderKind.MINE,
        "readers": [(one.name, url_for(endpoint, whose=one.code), one == reader) for one in readers],
        **case_table(),
    }


def _age(row: Any, now: datetime) -> str:
    if row.dob is None:
        return ""
    return f"{'about ' if row.dob_is_estimate else ''}{age_on(row.dob, now.date())}"


def _glance(row: Any, decided: Mapping[Any, Sequence[Any]], now: datetime) -> Glance:
    levels = [(one.decided_at, RiskLevel(one.level)) for one in decided.get(row.case_id, ())]
    owed = row.due < NOTHING_DUE
    return Glance(
        reference=row.reference,
        name=f"{row.given_name} {row.family_name}",
        age=_age(row, now),
        held=row.sensitivity,
        level=row.level,
        spark=spark(levels, now - YEAR, now),
        state=row.state,
        due=row.due if owed else None,
        late=owed and row.due < now,
        missing=row.missing_now,
    )
