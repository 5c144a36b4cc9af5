"""Actions as lists: those of a person and their teams, and those on places and people of concern."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, cast, func, select

from portal.access.principal import Principal
from portal.pathway.states import OPEN_ACTION_STATES
from portal.queries.declared import (
    Column,
    Filter,
    Listing,
    Sort,
    When,
    a_to_z,
    by_when,
    labels,
    offered,
    one_of,
)
from portal.queries.gathered import Gathered, first_of
from portal.queries.rows import CHILD
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.missing.facts import missing_now_column
from portal.records.plans.model import Action
from portal.records.plans.reading import described
from portal.records.plans.rules import CARRIED_ON
from portal.records.plans.vocabulary import ActionPriority, ActionState
from portal.vocabulary import Labelled
from portal.web.filters import short_day


class Whose(Labelled):
    """Whose actions a list shows."""

    ALL = "all", "Mine and my team’s"
    MINE = "mine", "Mine"
    TEAM = "team", "My team’s"


_RANK = case({one.value: one.rank for one in ActionPriority}, value=Action.priority, else_=9)
_IS_STUCK = case((Action.state == ActionState.BLOCKED, 0), else_=1)
_ABOUT = a_to_z(
    "about",
    "By whom or what they are about",
    func.coalesce(Child.family_name, Concern.name, ""),
    func.coalesce(Child.given_name, ""),
)
_PURPOSE = Filter(
    "purpose", "What for", offered(lambda policy: policy.plans.categories), one_of(Action.category)
)

#: What is still to be done.
TO_DO = Listing(
    name="actions",
    noun=("action", "actions"),
    key=Action.id,
    columns=(
        Column("About", lambda line: str(line.about), sort="about"),
        Column("What", lambda line: line.what),
        Column("Reference", lambda line: line.reference),
        Column("How we will know", lambda line: line.measure),
        Column("Who", lambda line: line.owner),
        Column("Priority", lambda line: line.priority or "Normal"),
        Column("By when", lambda line: short_day(line.due_on), sort="due"),
        Column("Where it stands", lambda line: line.state, sort="stands"),
    ),
    sorts=(
        Sort("due", "The longest overdue first", "What is due last first", by=(Action.due_on,)),
        Sort(
            "stands",
            "What is blocked first, then high priority, then the longest overdue",
            "What is blocked last, before it high priority, before that the longest overdue",
            by=(cast(_IS_STUCK, Integer), cast(_RANK, Integer), Action.due_on),
        ),
        _ABOUT,
    ),
    filters=(
        by_when("By when", Action.due_on, When.OVERDUE, When.WEEK, When.LATER),
        Filter(
            "stands",
            "Where it stands",
            labels(one for one in ActionState if one in OPEN_ACTION_STATES),
            one_of(Action.state),
        ),
        Filter("priority", "Priority", labels(ActionPriority), one_of(Action.priority)),
        _PURPOSE,
    ),
)

#: What can have become of one that is over; what is carried on after its case is kept as what is covered.
_OVER_AS = tuple(
    (one.value, f"{one.label}, or {CARRIED_ON.lower()}" if one is ActionState.COVERED else one.label)
    for one in ActionState
    if one not in OPEN_ACTION_STATES
)

#: What was done, is no longer needed, or is carried on after its case ended.
OVER = Listing(
    name="actions that are over",
    noun=("action that is over", "actions that are over"),
    key=Action.id,
    columns=tuple(
        replace(one, sort={"due": "over", "stands": ""}.get(one.sort, one.sort)) for one in TO_DO.columns
    ),
    sorts=(
        Sort(
            "over",
            "The last done or given up first",
            "The first done or given up first",
            by=(Action.reach_until,),
            downwards=True,
        ),
        _ABOUT,
    ),
    filters=(
        Filter(
            "stands",
            "What became of it",
            lambda: _OVER_AS,
            one_of(Action.state),
        ),
        _PURPOSE,
    ),
)

_MEANS = Filter("means", "By what means", offered(lambda policy: policy.plans.means), one_of(Action.means))
#: The same of places and people of concern, which have means instead of a purpose.
TO_DO_ON_CONCERNS = replace(TO_DO, filters=(*TO_DO.filters[:-1], _MEANS))
OVER_ON_CONCERNS = replace(OVER, filters=(*OVER.filters[:-1], _MEANS))


def mine(listing: Listing, person: Principal, whose: Whose) -> Gathered:
    """The actions of a person and of their teams."""
    own, teams = Action.owner_id == person.user_id, sorted(person.team_ids)
    theirs = [Action.owner_team_id == team for team in teams]
    owners = {Whose.MINE: [own], Whose.TEAM: theirs or [own], Whose.ALL: [own, *theirs]}[whose]
    ways = [select(Action.id).where(one, _stands(listing)) for one in owners]
    return Gathered(first_of(listing, ways), _rows)


def on_concerns(listing: Listing, person: Principal, *, every: bool) -> Gathered:
    """The actions on places and people of concern.

    Args:
        every: all that the person may see, instead of those that their agency owns.
    """
    found = select(Action.id).where(Action.concern_id.is_not(None), _stands(listing))
    ours = found if every else found.where(Action.owner_agency_id == person.agency_id)
    return Gathered(first_of(listing, [ours]), _rows)


def _stands(listing: Listing) -> ColumnElement[bool]:
    """Reach ends some days after an action is over, so that only one that is open has no end of it."""
    is_over = listing.sorts[0].code == OVER.sorts[0].code
    return Action.reach_until.is_not(None) if is_over else Action.reach_until.is_(None)


def _rows(first: Any) -> Select[Any]:
    found: Select[Any] = (
        described()
        .add_columns(
            *CHILD,
            missing_now_column(),
            Concern.name.label("concern_name"),
        )
        .select_from(first)
        .join(Action, Action.id == first.c.id)
        .outerjoin(Child, Child.id == Action.child_id)
        .outerjoin(Concern, Concern.id == Action.concern_id)
    )
    return found
