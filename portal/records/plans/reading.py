"""The plan of a case and its actions; one with its history, and those of a person, a team or a concern."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import OPEN_ACTION_STATES
from portal.queries.rows import CHILD, Rows, agency_names, kept_on, name_of
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Meeting
from portal.records.missing.facts import missing_now_column
from portal.records.people.model import Agency, Team, User
from portal.records.plans.model import Action, ActionNote, ActionStep, Plan, PlanText
from portal.records.plans.rules import CarriedOn
from portal.records.plans.vocabulary import ActionPriority, ActionState, PlanPart, PlanState
from portal.vocabulary import ROLES_THAT_SEE_CASES

MOST = 100
LOOKED_AT = 500


def plan_of_case(*, case_id: UUID) -> Plan | None:
    """The plan that runs on a case, else the last one."""
    return db.session.scalar(
        select(Plan)
        .where(Plan.case_id == case_id)
        .order_by((Plan.state == PlanState.RUNNING).desc(), Plan.started_at.desc())
        .limit(1)
    )


def texts_of(*, plan_id: UUID) -> Mapping[PlanPart, Rows]:
    """What a plan says, by part, the latest first: text, not_obtained, said_at, author, agency, meeting."""
    rows = db.session.execute(
        select(
            PlanText.__table__,
            name_of(PlanText.author_id, "author"),
            name_of(PlanText.agency_id, "agency"),
            Meeting.reference.label("meeting"),
        )
        .outerjoin(Meeting, Meeting.id == PlanText.meeting_id)
        .where(PlanText.plan_id == plan_id)
        .order_by(PlanText.said_at.desc(), PlanText.id.desc())
    ).all()
    return {part: [row for row in rows if row.kind == part] for part in PlanPart}


def actions_of_case(*, case_id: UUID, states: Sequence[ActionState] = ()) -> Rows:
    """The actions on a case in some states (all, when none are named), the worst first."""
    listed = described().where(Action.case_id == case_id)
    if states:
        listed = listed.where(Action.state.in_(states))
    return db.session.execute(listed.order_by(*worst_first())).all()


def counts_of_case(*, case_id: UUID) -> Mapping[str, int]:
    """How many actions on a case stand in each state."""
    rows = db.session.execute(
        select(Action.state, func.count()).where(Action.case_id == case_id).group_by(Action.state)
    )
    return {row[0]: row[1] for row in rows}


def carried_on(*, case_id: UUID) -> bool:
    """Whether somebody carries an action on since a case ended the last time or before."""
    found = select(Action.covered_by).where(Action.case_id == case_id, Action.state == ActionState.COVERED)
    return any(CarriedOn.said(one) for one in db.session.scalars(found))


def described() -> Any:
    """Actions with their owner in words."""
    columns: list[Any] = [
        Action.__table__,
        name_of(Action.owner_id, "owner_person"),
        name_of(Action.owner_team_id, "owner_team"),
        name_of(Action.owner_agency_id, "owner_agency"),
    ]
    return select(*columns)


def worst_first() -> list[Any]:
    """Overdue, then blocked, then by how much it matters and when it is due; what is over comes last."""
    still_owed = Action.state.in_(OPEN_ACTION_STATES)
    overdue = still_owed & (Action.due_on < clock.today())
    rank = case({one.value: one.rank for one in ActionPriority}, value=Action.priority, else_=9)
    return [
        still_owed.desc(),
        overdue.desc(),
        (Action.state == ActionState.BLOCKED).desc(),
        rank,
        Action.due_on,
        Action.id,
    ]


def find_action(*, reference: str) -> Action | None:
    """An action that one may see."""
    known = read_reference(reference, Prefix.ACTION)
    return db.session.scalar(select(Action).where(Action.reference == known)) if known else None


def details_of(*, action: Action) -> Any:
    """Who the child is or what the concern, whose it is, who gave it and how to reach them, its first date.

    Whoever only owns it finds no case, concern or meeting here. None for one that was seen a moment ago.
    """
    giver = aliased(User)
    owner = aliased(User)
    return db.session.execute(
        select(
            *CHILD,
            missing_now_column(),
            giver.name.label("giver"),
            giver.phone.label("giver_phone"),
            name_of(Action.given_agency_id, "giver_agency"),
            owner.name.label("owner_person"),
            func.coalesce(func.nullif(owner.phone, ""), Team.duty_phone, "").label("owner_phone"),
            Team.name.label("owner_team"),
            name_of(Action.owner_agency_id, "owner_agency"),
            name_of(Action.done_by, "done_by"),
            name_of(Action.confirmed_by, "confirmed_by"),
            agency_names(Action.support_agencies, "support"),
            Case.reference.label("case_reference"),
            Case.state.label("case_state"),
            func.coalesce(Case.authority, Concern.authority).label("authority"),
            Concern.reference.label("concern_reference"),
            Concern.name.label("concern_name"),
            Concern.kind.label("concern_kind"),
            Meeting.reference.label("meeting_reference"),
            Deadline.original_due_at,
            Deadline.due_at,
        )
        .select_from(Action)
        .outerjoin(Child, Child.id == Action.child_id)
        .outerjoin(Concern, Concern.id == Action.concern_id)
        .join(giver, giver.id == Action.given_by)
        .outerjoin(owner, owner.id == Action.owner_id)
        .outerjoin(Team, Team.id == Action.owner_team_id)
        .outerjoin(Case, Case.id == Action.case_id)
        .outerjoin(Meeting, Meeting.id == Action.meeting_id)
        .outerjoin(
            Deadline, (Deadline.subject_kind == Action.__tablename__) & (Deadline.subject_id == Action.id)
        )
        .where(Action.id == action.id)
        .limit(1)
    ).one_or_none()


def subject_of(*, action: Action) -> Case | Concern | None:
    """The case or the concern that an action is on; None for whoever only owns it."""
    if action.concern_id is not None:
        return db.session.get(Concern, action.concern_id)
    return db.session.get(Case, action.case_id)


def steps_of(*, action_id: UUID) -> Rows:
    """What happened to an action, the earliest first: kind, before, after, words, by, agency, made_at."""
    s = ActionStep
    return kept_on(s.action_id, action_id, s.made_at, by=s.made_by)


def notes_of(*, action_id: UUID) -> Rows:
    """What one may read of how an action goes, the earliest first."""
    n = ActionNote
    return kept_on(
        n.action_id, action_id, n.written_at, author=n.author_id, agency=n.agency_id, listed=n.listed_agencies
    )


def to_confirm(*, person: Principal) -> Rows:
    """Actions that are done and that the person may confirm, those done first on top: of the many that a
    person may see, as far as the `LOOKED_AT` that were done first.
    """
    done = (
        select(Action.id)
        .where(Action.state == ActionState.DONE, Action.done_by != person.user_id)
        .order_by(Action.done_at)
        .limit(LOOKED_AT)
        .subquery()
    )
    return db.session.execute(
        described()
        .add_columns(
            *CHILD,
            missing_now_column(),
            Concern.name.label("concern_name"),
            name_of(Action.done_by, "done_by_name"),
        )
        .join(done, done.c.id == Action.id)
        .outerjoin(Child, Child.id == Action.child_id)
        .outerjoin(Concern, Concern.id == Action.concern_id)
        .where(func.ctx.may_confirm_action(Action.id))
        .order_by(Action.done_at, Action.id)
        .limit(MOST)
    ).all()


def people_on(*, case_id: UUID, agency_id: UUID) -> Rows:
    """Who an action on a case is mostly given to: its workers, its named people and the colleagues of whoever
    gives it: id, name, agency.
    """
    now = clock.now()
    workers = select(Involvement.worker_id).where(
        Involvement.case_id == case_id, Involvement.ended_at.is_(None), Involvement.worker_id.is_not(None)
    )
    named = _named(case_id, now)
    leads = select(Case.lead_professional_id).where(Case.id == case_id)
    near = or_(User.id.in_(workers), User.id.in_(named), User.id.in_(leads), User.agency_id == agency_id)
    return _people(_may_see(), near)


def people_named_on(*, case_id: UUID) -> Rows:
    """Who is named on a case now: id, name, agency."""
    return _people(User.id.in_(_named(case_id, clock.now())))


def people_for(*, concern: Concern, agency_id: UUID) -> Rows:
    """Who an action on a concern is mostly given to: the colleagues of whoever gives it, and those who keep
    it, as far as they may: id, name, agency.
    """
    near = User.agency_id.in_({agency_id, concern.owner_agency_id})
    return _people(_may_see(), near, func.ctx.may_be_given(None, concern.id, User.id))


def _people(*which: ColumnElement[bool]) -> Rows:
    return db.session.execute(
        select(User.id, User.name, Agency.name.label("agency"))
        .join(Agency, Agency.id == User.agency_id)
        .where(User.active, *which)
        .order_by(Agency.name, User.name, User.id)
    ).all()


def _may_see() -> ColumnElement[bool]:
    return or_(*(literal(role.value) == any_(User.roles) for role in ROLES_THAT_SEE_CASES))


def _named(case_id: UUID, now: Any) -> Any:
    return select(AccessGrant.user_id).where(
        AccessGrant.case_id == case_id, or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now)
    )


def actions_on(*, concern_id: UUID) -> Rows:
    """The actions on a concern, the worst first."""
    return db.session.execute(
        described().where(Action.concern_id == concern_id).order_by(*worst_first()).limit(MOST)
    ).all()


def open_on_concern() -> Any:
    """What is still to do about a concern, the first due first, as one column of its row: reference, what,
    due_on, state, owner_person, owner_team, owner_agency.
    """
    owner, agency = aliased(User), aliased(Agency)
    one = func.json_build_object(
        *("reference", Action.reference, "what", Action.what, "due_on", Action.due_on, "state", Action.state),
        *("owner_person", owner.name, "owner_team", Team.name, "owner_agency", agency.name),
    )
    return (
        select(func.json_agg(aggregate_order_by(one, Action.due_on, Action.id)))
        .select_from(Action)
        .join(agency, agency.id == Action.owner_agency_id)
        .outerjoin(owner, owner.id == Action.owner_id)
        .outerjoin(Team, Team.id == Action.owner_team_id)
        .where(Action.concern_id == Concern.id, Action.state.in_(OPEN_ACTION_STATES))
        .correlate(Concern)
        .scalar_subquery()
    )


def open_on(*, concern_id: UUID) -> list[str]:
    """The references of what is still to do about a concern."""
    return list(
        db.session.scalars(
            select(Action.reference)
            .where(Action.concern_id == concern_id, Action.state.in_(OPEN_ACTION_STATES))
            .order_by(Action.due_on, Action.id)
        )
    )


def overdue_on_concerns(person: Principal) -> Select[Any]:
    """The actions of a person's agency on concerns that are overdue, for `workspace_tasks`."""
    return select(Action.id).where(
        Action.concern_id.is_not(None),
        Action.owner_agency_id == person.agency_id,
        Action.state.in_(OPEN_ACTION_STATES),
        Action.due_on < clock.today(),
    )


def messages_of_meeting(*, meeting_id: UUID) -> Row[Any]:
    """What became of the e-mails about what a meeting gave, for whoever runs it: how many are `held` and
    `until` when at the latest, how many are `waiting` to be sent, and how many were `sent`.
    """
    asked = text("select * from ctx.messages_of_meeting(:meeting, :now)")
    said = {"meeting": meeting_id, "now": clock.now()}
    return db.session.execute(asked.bindparams(bindparam("meeting", type_=Uuid)), said).one()
