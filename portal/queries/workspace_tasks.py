"""What each sector's workspace offers beside its cases: one page for each task, and how much waits there.

A part of the portal adds its tasks to `_TASKS`. All the numbers of a workspace are read in one statement, and
each counts what the person who asks may see.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, literal, select, union_all

from portal.access.permissions import near
from portal.access.principal import Principal
from portal.extensions import db
from portal.queries import health
from portal.records.cases.reading import duties as case_duties
from portal.records.cases.reading.duties import Falling
from portal.records.concerns.reading import records as concerns
from portal.records.intelligence import reading as gradings
from portal.records.linked_processes.reading import owed as linked_owed
from portal.records.missing.reading import lists as missing_lists
from portal.records.orders import reading as orders
from portal.records.panels.reading import records as panels
from portal.records.places.reading import directory, guardianship
from portal.records.plans.reading import concern_actions
from portal.records.return_interviews import lists as interview_lists
from portal.vocabulary import Sector

#: Numbers end here: beyond it a page says “50 or more”.
MANY = 50

#: A query of one column, a row for each thing that waits, for one person.
Waiting = Callable[[Principal], Select[Any]]


@dataclass(frozen=True)
class Task:
    """A task page of a workspace."""

    endpoint: str
    label: str
    hint: str
    permission: str
    waiting: Waiting | None = None


@dataclass(frozen=True)
class Offered:
    """A task as somebody sees it, and how much waits there; None where nothing is counted."""

    label: str
    hint: str
    endpoint: str
    waiting: int | None

    @property
    def words(self) -> str:
        """How much waits, in words; empty where nothing does."""
        if not self.waiting:
            return ""
        return f"{MANY} or more" if self.waiting >= MANY else str(self.waiting)


_REPORT_MISSING = Task(
    "missing.report",
    "Report a missing child",
    "For care homes, schools and everybody else; the police are told by phone first",
    "missing:report",
)


def _missing(waiting: Waiting) -> Task:
    """The list of missing children, which police and social care share; each counts what waits for them."""
    return Task(
        "missing.index",
        "Missing children",
        "Who is missing now, who came back lately, and what is outstanding",
        "missing:view",
        waiting,
    )


def _brought(label: str) -> Task:
    """What agencies of a sector know of a child, in a form of its own."""
    hint = "What agencies like yours know of a child, added to the case, and what was added lately"
    return Task("contributions.index", label, hint, "entry:add")


_PROCESSES = Task(
    "social_care.processes",
    "Enquiries, conferences and reviews",
    "Section 47, child protection, child in need, looked-after children and others, by what is due",
    "linked:list",
    linked_owed.waiting_for,
)
_RETURN_INTERVIEWS = Task(
    "social_care.return_interviews",
    "Return interviews",
    "With children who were missing and are back: due, overdue, offered, to be held, to be written up",
    "interview:view",
    interview_lists.waiting_for,
)


def _falling_due(endpoint: str, what: Falling, hint: str) -> Task:
    """What falls due on the cases that the agency leads."""
    return Task(
        endpoint, what.label, hint, "workspace:view", lambda person: case_duties.waiting_for(person, what)
    )


_SOCIAL_CARE_DUE = (
    _falling_due(
        "social_care.assessments_to_finalise",
        Falling.FINALISE,
        "Risk assessments that are owed: begun, or still to be begun",
    ),
    _falling_due(
        "social_care.assessments_to_sign_off",
        Falling.SIGN_OFF,
        "Finalised risk assessments that a manager has not signed off yet",
    ),
    _falling_due(
        "social_care.safety_plans",
        Falling.SAFETY_PLANS,
        "Each has to be renewed or ended before its last day is over",
    ),
    _falling_due(
        "social_care.turning_adult",
        Falling.TRANSITION,
        "From the age of 17 on the hand-over for the time after 18 is prepared",
    ),
)
_HEALTH = (
    Task(
        "health.summaries",
        "Health summaries to write",
        "What of a child’s health bears on the risk, where there is none yet or it has grown old",
        "workspace:view",
        health.summaries_waiting,
    ),
    Task(
        "health.found",
        "What health found lately",
        "Attendances that matter, appointments missed and worries; missed ones wait to be followed up",
        "workspace:view",
        health.missed_waiting,
    ),
    Task("health.actions", "Actions for health", "On the cases that you reach", "workspace:view"),
    Task("requests.week", "Children asked about this week", "To look up in your own system", "request:view"),
)
_FGM = Task(
    "fgm.mine",
    "Reports of FGM to the police",
    "Your own duty, by the end of the next working day",
    "linked:personal",
    linked_owed.own_reports_waiting,
)
_ORDERS = Task(
    "orders.index",
    "Orders and notices",
    "What is in force, and what runs out soon",
    "order:list",
    orders.running_out,
)


_LICENSING = Task(
    "plans.on_concerns",
    "Licensing and disruption",
    "Actions on places and people of concern, and which of yours are overdue",
    "action:view",
    concern_actions.overdue_on_concerns,
)
_DIRECTORY = Task(
    "directory.index",
    "Directory",
    "Whom to ask in each district; your agency’s contacts that need a look",
    "directory:view",
    directory.to_check,
)
_PLACES = Task(
    "council.places",
    "Places in your districts",
    "Places of concern, who could watch there and what is known of their licence and landlord",
    "concern:view",
    guardianship.need_somebody,
)

_PANEL = Task(
    "panels.index",
    "District panel",
    "The next panel that you are invited to, and what you were given to read",
    "panel:view",
    panels.waiting_for,
)
_CONCERNS = Task(
    "concerns.index",
    "Places, people and things of concern",
    "Find or record one. The number is what your agency has to look at again",
    "concern:view",
    concerns.to_look_at_again,
)

_TASKS: Mapping[Sector, Sequence[Task]] = {
    Sector.POLICE: (
        _PANEL,
        _missing(lambda _person: missing_lists.waiting_for_police()),
        Task(
            "police.intelligence",
            "Intelligence to release",
            "What your agency graded and holds back under conditions",
            "intelligence:list",
            gradings.waiting_for,
        ),
        Task(
            "police.people",
            "People of concern",
            "Say how police know each of them. Nobody else can",
            "concern:police_status",
            concerns.without_status,
        ),
        _CONCERNS,
        _LICENSING,
        _ORDERS,
        _brought("Arrests and disruption"),
        _DIRECTORY,
    ),
    Sector.SOCIAL_CARE: (
        _PANEL,
        _missing(lambda _person: missing_lists.waiting_for_social_care()),
        _RETURN_INTERVIEWS,
        *_SOCIAL_CARE_DUE,
        _PROCESSES,
        _FGM,
        _brought("Early help"),
        _CONCERNS,
        _DIRECTORY,
    ),
    Sector.HEALTH: (*_HEALTH, _PANEL, _REPORT_MISSING, _FGM, _CONCERNS, _DIRECTORY),
    Sector.COUNCIL: (
        _PANEL,
        _PLACES,
        _brought("Anti-social behaviour, early help and licensing"),
        _CONCERNS,
        _LICENSING,
        _ORDERS,
        _DIRECTORY,
        _REPORT_MISSING,
    ),
    Sector.HUB: (_PANEL, _CONCERNS, _LICENSING, _ORDERS, _DIRECTORY),
    Sector.EDUCATION: (
        _PANEL,
        _brought("Exclusions and attendance"),
        _REPORT_MISSING,
        _FGM,
        _CONCERNS,
        _DIRECTORY,
    ),
    Sector.VOLUNTARY: (_PANEL, _REPORT_MISSING, _CONCERNS, _DIRECTORY),
    Sector.YOUTH_JUSTICE: (_brought("Arrests"), _PANEL, _REPORT_MISSING, _CONCERNS, _DIRECTORY),
}


def offered(*, person: Principal) -> list[Offered]:
    """The tasks of a person's workspace with how much waits in each; one statement, or none."""
    tasks = [task for task in _TASKS[person.sector] if near(person, task.permission)]
    waiting = _waiting(person, tasks)
    return [
        Offered(
            task.label,
            task.hint,
            task.endpoint,
            waiting.get(task.endpoint, 0) if task.waiting else None,
        )
        for task in tasks
    ]


def _waiting(person: Principal, tasks: Sequence[Task]) -> Mapping[str, int]:
    parts = [
        select(literal(task.endpoint).label("endpoint")).select_from(
            task.waiting(person).limit(MANY).subquery()
        )
        for task in tasks
        if task.waiting
    ]
    if not parts:
        return {}
    rows = db.session.execute(union_all(*parts)).all()
    found: dict[str, int] = {}
    for row in rows:
        found[row.endpoint] = found.get(row.endpoint, 0) + 1
    return found
