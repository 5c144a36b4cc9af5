"""Processes of other services: those of a case, one with its history, and what is owed on them by when."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.queries.declared import BY_CHILD, Filter, Listing, Options, Sort, When, by_when, heads, one_of
from portal.queries.listing import Whole
from portal.queries.rows import NAMED, Rows, kept_on, name_of, owner_of
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildStatus
from portal.records.linked_processes.model import LinkedNote, LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedProcesses
from portal.records.linked_processes.vocabulary import LinkedState, LinkedStepState
from portal.records.meetings.model import Meeting
from portal.records.missing.facts import missing_now_column
from portal.vocabulary import Sector

PAGE = 50

_CHILD = (*NAMED, Child.reference.label("child_reference"))


def _kinds() -> Options:
    """The kinds of process that children’s social care sees to."""
    kinds = current_policy().of(LinkedProcesses).processes
    return [(one.code, one.label) for one in kinds.offered if Sector.SOCIAL_CARE in one.keepers]


#: What an agency owes on processes of open cases.
OWED = Listing(
    name="processes",
    noun=("step that is owed", "steps that are owed"),
    key=LinkedStep.id,
    columns=heads("What", ("Child", "child"), ("Due", "due"), "Who sees to it"),
    sorts=(Sort("due", "The first due first", "The last due first", by=(LinkedStep.due_at,)), BY_CHILD),
    filters=(
        by_when("Due", LinkedStep.due_at, *When),
        Filter("kind", "Which process", _kinds, one_of(LinkedProcess.kind)),
    ),
)


def owed_by(agency_id: UUID) -> Whole:
    """What an agency owes on processes of open cases that the reader sees."""
    return Whole(
        select(
            LinkedStep.id,
            LinkedStep.kind.label("step"),
            LinkedStep.due_at,
            LinkedProcess.reference,
            LinkedProcess.kind,
            LinkedProcess.personal,
            owner_of(LinkedProcess),
            Case.reference.label("case_reference"),
            *_CHILD,
            missing_now_column(),
        )
        .select_from(LinkedStep)
        .join(LinkedProcess, LinkedProcess.id == LinkedStep.process_id)
        .join(Case, Case.id == LinkedStep.case_id)
        .join(Child, Child.id == LinkedProcess.child_id)
        .where(*_owed_by(agency_id))
    )


def waiting_for(person: Principal) -> Select[Any]:
    """What the person’s agency owes on linked processes, to count."""
    return (
        select(LinkedStep.id)
        .join(Case, Case.id == LinkedStep.case_id)
        .where(*_owed_by(person.agency_id))
        .order_by(LinkedStep.due_at)
    )


def own_reports_waiting(person: Principal) -> Select[Any]:
    """The personal duties that the person has not done, to count: also on a case that they read no more."""
    return select(Deadline.id).where(*_own_duties(person))


def own_reports(*, person: Principal) -> Rows:
    """The personal duties of a person, those still to be done first, each with when it is due."""
    due_at = (
        select(func.min(LinkedStep.due_at))
        .where(LinkedStep.process_id == LinkedProcess.id)
        .correlate(LinkedProcess)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            LinkedProcess.__table__,
            due_at.label("due_at"),
            Case.reference.label("case_reference"),
            *_CHILD,
            missing_now_column(),
        )
        .join(Case, Case.id == LinkedProcess.case_id)
        .join(Child, Child.id == LinkedProcess.child_id)
        .where(*_own(person))
        .order_by(LinkedProcess.state != LinkedState.RUNNING, due_at.desc(), LinkedProcess.id)
        .limit(PAGE)
    ).all()


def own_reports_unseen(*, person: Principal) -> Rows:
    """When each personal duty of a person is due of which they do not read the case any more: whoever owns a
    duty sees that, and nothing else of it.
    """
    seen = select(LinkedProcess.id).where(LinkedProcess.id == Deadline.subject_id).exists()
    return db.session.execute(
        select(Deadline.id, Deadline.due_at)
        .where(*_own_duties(person), ~seen)
        .order_by(Deadline.due_at, Deadline.id)
        .limit(PAGE)
    ).all()


def _own_duties(person: Principal) -> tuple[Any, ...]:
    kinds = [one.code for one in current_policy().of(LinkedProcesses).processes if one.personal]
    return (
        Deadline.owner_id == person.user_id,
        Deadline.kind == DeadlineKind.LINKED_STEP,
        Deadline.state == DeadlineState.OPEN,
        func.split_part(Deadline.source, ".", 2).in_(kinds),
    )


def _own(person: Principal) -> tuple[Any, ...]:
    return (
        LinkedProcess.personal,
        LinkedProcess.owner_agency_id == person.agency_id,
        LinkedProcess.owner_id == person.user_id,
    )


def _owed_by(agency_id: UUID) -> tuple[Any, ...]:
    return (
        LinkedStep.owner_agency_id == agency_id,
        LinkedStep.state == LinkedStepState.OPEN,
        Case.state.in_(OPEN_CASE_STATES),
    )


def find_process(*, reference: str) -> LinkedProcess | None:
    """A process by its reference, for whoever reads its case."""
    stored = read_reference(reference, Prefix.LINKED_PROCESS)
    return db.session.scalar(select(LinkedProcess).filter_by(reference=stored)) if stored else None


def of_case(*, case_id: UUID) -> Rows:
    """Every process of a case, those that run first, each with its steps and who sees to it."""
    return db.session.execute(
        _described()
        .where(LinkedProcess.case_id == case_id)
        .order_by(
            LinkedProcess.state != LinkedState.RUNNING, LinkedProcess.started_at.desc(), LinkedProcess.id
        )
    ).all()


def running_of(*, case_id: UUID, at: datetime | None = None) -> Rows:
    """The processes that run beside a case now, or that ran at a moment; the longest first."""
    ran = LinkedProcess.state == LinkedState.RUNNING
    if at is not None:
        ran = and_(
            LinkedProcess.started_at <= at,
            LinkedProcess.state != LinkedState.MISTAKEN,
            or_(LinkedProcess.ended_at.is_(None), LinkedProcess.ended_at > at),
        )
    return db.session.execute(
        _described()
        .where(LinkedProcess.case_id == case_id, ran)
        .order_by(LinkedProcess.started_at, LinkedProcess.id)
    ).all()


def details_of(*, process: LinkedProcess) -> Any:
    """Who recorded a process and who sees to it, where it came from, and the child’s status with it."""
    source = aliased(LinkedProcess)
    return db.session.execute(
        _described()
        .add_columns(
            name_of(LinkedProcess.author_id, "author"),
            name_of(LinkedProcess.agency_id, "author_agency"),
            Meeting.reference.label("meeting_reference"),
            source.reference.label("came_from"),
            source.kind.label("came_from_kind"),
            ChildStatus.status,
            ChildStatus.ends_on.label("status_ends_on"),
        )
        .outerjoin(Meeting, Meeting.id == LinkedProcess.meeting_id)
        .outerjoin(source, source.id == LinkedProcess.came_from_id)
        .outerjoin(ChildStatus, ChildStatus.id == LinkedProcess.status_id)
        .where(LinkedProcess.id == process.id)
    ).one_or_none()


def began_with(*, process_id: UUID) -> Rows:
    """The processes that began because of how one ended, each with what is due on it next."""
    return db.session.execute(
        select(LinkedProcess.reference, LinkedProcess.kind, func.min(LinkedStep.due_at).label("due_at"))
        .outerjoin(
            LinkedStep,
            and_(LinkedStep.process_id == LinkedProcess.id, LinkedStep.state == LinkedStepState.OPEN),
        )
        .where(LinkedProcess.came_from_id == process_id, LinkedProcess.state != LinkedState.MISTAKEN)
        .group_by(LinkedProcess.id)
        .order_by(LinkedProcess.created_at, LinkedProcess.id)
    ).all()


def steps_of(*, process_id: UUID) -> Rows:
    """The steps of a process, those still owed first, then the latest that were taken."""
    return db.session.execute(
        select(
            LinkedStep.__table__,
            Deadline.source,
            Deadline.confirmed,
            Deadline.policy_version,
            name_of(LinkedStep.recorded_by, "recorder"),
            name_of(LinkedStep.recorded_agency_id, "recorder_agency"),
        )
        .outerjoin(Deadline, Deadline.id == LinkedStep.deadline_id)
        .where(LinkedStep.process_id == process_id)
        .order_by(
            LinkedStep.state != LinkedStepState.OPEN,
            func.coalesce(LinkedStep.recorded_at, LinkedStep.due_at),
            LinkedStep.id,
        )
    ).all()


def notes_of(*, process_id: UUID) -> Rows:
    """What happened to a process and what was said of it, the earliest first."""
    n = LinkedNote
    return kept_on(n.process_id, process_id, n.written_at, author=n.author_id, agency=n.agency_id)


def find_step(*, process: LinkedProcess, step_id: UUID) -> LinkedStep | None:
    """A step of this very process."""
    return db.session.scalar(select(LinkedStep).filter_by(id=step_id, process_id=process.id))


def discussions_held(*, case_id: UUID) -> list[datetime]:
    """When strategy discussions on a case were held."""
    return list(
        db.session.scalars(
            select(LinkedStep.done_at)
            .join(LinkedProcess, LinkedProcess.id == LinkedStep.process_id)
            .where(
                LinkedProcess.case_id == case_id,
                LinkedProcess.kind == "strategy_discussion",
                LinkedStep.kind == "held",
                LinkedStep.done_at.is_not(None),
            )
        )
    )


def _described() -> Select[Any]:
    steps = (
        select(
            func.coalesce(
                func.json_agg(
                    aggregate_order_by(
                        func.json_build_object("kind", LinkedStep.kind, "due_at", LinkedStep.due_at),
                        LinkedStep.due_at,
                    )
                ),
                literal("[]").cast(db.JSON),
            )
        )
        .where(LinkedStep.process_id == LinkedProcess.id, LinkedStep.state == LinkedStepState.OPEN)
        .correlate(LinkedProcess)
        .scalar_subquery()
    )
    columns: list[Any] = [
        LinkedProcess.__table__,
        owner_of(LinkedProcess),
        name_of(LinkedProcess.owner_agency_id, "owner_agency"),
        Case.reference.label("case_reference"),
        steps.label("steps"),
    ]
    return select(*columns).join(Case, Case.id == LinkedProcess.case_id)
