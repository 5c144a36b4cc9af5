"""What falls due on the cases that an agency leads: assessments, safety plans, hand-overs at 18."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from portal.access import principal
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.pathway.states import OPEN_ASSESSMENT_STATES
from portal.queries.declared import (
    BY_CHILD,
    AnyOf,
    Filter,
    Listing,
    Options,
    Sort,
    When,
    by_when,
    heads,
    labels,
    one_of,
)
from portal.queries.gathered import Gathered, first_of
from portal.queries.rows import MARKED, owner_of
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.vocabulary import Labelled, RiskLevel

NOT_ASSESSED = "not_assessed"


def _levels() -> Options:
    return [*labels(RiskLevel)(), (NOT_ASSESSED, "Not assessed")]


def _of_level(codes: Sequence[str]) -> ColumnElement[bool]:
    return or_(one_of(Case.level)(codes), Case.level.is_(None) if NOT_ASSESSED in codes else false())


#: Of lists of what hangs on cases: the level of the case, and its place, the highest first.
LEVEL = Filter("level", "Level", _levels, _of_level)
LEVEL_RANK = cast(
    case({one.value: one.rank for one in RiskLevel}, value=Case.level, else_=len(RiskLevel) + 1), Integer
)


class Falling(Labelled):
    """What falls due."""

    FINALISE = "finalise", "Assessments to finalise"
    SIGN_OFF = "sign_off", "Assessments to sign off"
    SAFETY_PLANS = "safety_plans", "Safety plans that run out"
    TRANSITION = "transition", "Young people who turn 18"


KINDS: dict[Falling, tuple[DeadlineKind, ...]] = {
    Falling.FINALISE: (DeadlineKind.ASSESSMENT,),
    Falling.SIGN_OFF: (DeadlineKind.SIGN_OFF,),
    Falling.SAFETY_PLANS: (DeadlineKind.SAFETY_PLAN,),
    Falling.TRANSITION: (DeadlineKind.TRANSITION_PROMPT, DeadlineKind.TRANSITION_PLAN),
}


class Owes(Labelled):
    """Who sees to what falls due."""

    YOU = "you", "You"
    TEAM = "team", "A team of yours"
    OTHERS = "others", "Somebody else"


def _owes() -> dict[Owes, ColumnElement[bool]]:
    person = principal.current()
    own = Deadline.owner_id.is_not_distinct_from(person.user_id)
    teams = func.coalesce(Deadline.owner_team_id.in_(list(person.team_ids)), false())
    return {Owes.YOU: own, Owes.TEAM: teams, Owes.OTHERS: ~or_(own, teams)}


_DUE = Sort("due", "The first due first", "The last due first", by=(Deadline.due_at,))
_WHEN = by_when("When", Deadline.due_at, When.OVERDUE, When.TODAY, When.WEEK)
_OWES = Filter("owes", "Who sees to it", labels(Owes), AnyOf(_owes))
_CHILD = ("Child", "child")
_OWED = (("Due", "due"), "Who")

_FINALISE = Listing(
    name="assessments to finalise",
    noun=("assessment", "assessments"),
    key=Deadline.id,
    columns=heads(_CHILD, "Assessment", ("Level", "level"), *_OWED),
    sorts=(
        _DUE,
        BY_CHILD,
        Sort(
            "level",
            "The highest level first, then the first due",
            "What is not assessed yet first, then the lowest level, then the last due",
            by=(LEVEL_RANK, Deadline.due_at),
        ),
    ),
    filters=(_WHEN, _OWES, LEVEL),
)
#: What each of the lists shows.
LISTINGS = {
    Falling.FINALISE: _FINALISE,
    Falling.SIGN_OFF: replace(_FINALISE, name="assessments to sign off"),
    Falling.SAFETY_PLANS: replace(
        _FINALISE,
        name="safety plans that run out",
        noun=("safety plan", "safety plans"),
        columns=heads(_CHILD, "Safety plan", *_OWED),
        sorts=(_DUE, BY_CHILD),
        filters=(_WHEN, _OWES),
    ),
    Falling.TRANSITION: replace(
        _FINALISE,
        name="young people who turn 18",
        noun=("hand-over to prepare", "hand-overs to prepare"),
        columns=heads(_CHILD, ("Turns 18", "adult"), "What is due", *_OWED),
        sorts=(
            _DUE,
            BY_CHILD,
            Sort(
                "adult",
                "Whoever turns 18 first stands first",
                "Whoever turns 18 last stands first",
                by=(func.coalesce(Child.dob, literal(date.max, Date), type_=Date),),
                personal=True,
            ),
        ),
        filters=(
            _WHEN,
            _OWES,
            Filter("what", "What is due", labels(KINDS[Falling.TRANSITION]), one_of(Deadline.kind)),
        ),
    ),
}


def falling_due(*, person: Principal, what: Falling) -> Gathered:
    """What falls due on the cases that the person's agency leads and that they read: of each kind of duty
    the first due, by the index of that kind.
    """
    ways = [_lines(person, [kind], Deadline.id) for kind in KINDS[what]]
    return Gathered(first_of(LISTINGS[what], ways), partial(_described, what))


def waiting_for(person: Principal, what: Falling) -> Select[Any]:
    """The duties of one sort: for the page of the workspace."""
    return _lines(person, KINDS[what], Deadline.id)


def _lines(person: Principal, kinds: Sequence[DeadlineKind], *columns: Any) -> Select[Any]:
    found = select(*columns).select_from(Deadline).join(Case, Case.id == Deadline.case_id)
    is_open = Deadline.state == DeadlineState.OPEN, Deadline.kind.in_(kinds)
    return found.where(*is_open, Case.lead_agency_id == person.agency_id)


def _described(what: Falling, first: Any) -> Select[Any]:
    columns: list[Any] = [
        Deadline.id,
        Deadline.kind,
        Deadline.due_at,
        Deadline.original_due_at,
        Deadline.confirmed,
        Case.reference,
        Case.level,
        *MARKED,
        Child.dob,
        Child.dob_is_estimate,
        owner_of(Deadline),
        _assessment(what).label("assessment"),
        _safety_plan(what).label("safety_plan"),
    ]
    return (
        select(*columns)
        .select_from(first)
        .join(Deadline, Deadline.id == first.c.id)
        .join(Case, Case.id == Deadline.case_id)
        .join(Child, Child.id == Case.child_id)
    )


def _assessment(what: Falling) -> Any:
    """The assessment that is to be finalised, where somebody has begun it, or the one to be signed off."""
    found = select(RiskAssessment.reference).correlate(Deadline, Case)
    if what is Falling.SIGN_OFF:
        return found.where(RiskAssessment.id == Deadline.subject_id).scalar_subquery()
    return found.where(
        RiskAssessment.case_id == Case.id, RiskAssessment.state.in_(OPEN_ASSESSMENT_STATES)
    ).scalar_subquery()


def _safety_plan(what: Falling) -> Any:
    return (
        select(SafetyPlan.reference)
        .where(
            SafetyPlan.case_id == Case.id,
            SafetyPlan.state == SafetyPlanState.IN_FORCE,
            true() if what is Falling.SAFETY_PLANS else false(),
        )
        .correlate(Case)
        .scalar_subquery()
    )
