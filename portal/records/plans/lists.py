"""Actions as lists: those of a person and their teams, and those on places and people of concern."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, and_, case, cast, func, or_, select

from portal import clock
from portal.access.principal import Principal
from portal.labelled import Labelled
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import current_policy
from portal.queries.gathered import First, find_first, first_for_file, first_of
from portal.queries.listing import (
    Asked,
    Column,
    Filter,
    Found,
    Listing,
    Options,
    Sort,
)
from portal.queries.rows import CHILD, Rows
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.missing.facts import missing_now_column
from portal.records.plans.model import Action
from portal.records.plans.reading import described
from portal.records.plans.vocabulary import ActionPriority, ActionState
from portal.web.filters import short_day


class Whose(Labelled):
    """Whose actions a list shows."""

    ALL = "all", "Mine and my team’s"
    MINE = "mine", "Mine"
    TEAM = "team", "My team’s"


class Due(Labelled):
    """When an action is due, as somebody looks for it."""

    OVERDUE = "overdue", "Overdue"
    WEEK = "week", "In the next 7 days"
    LATER = "later", "Later"


def _due(codes: Sequence[str]) -> ColumnElement[bool]:
    today = clock.today()
    week = today + timedelta(days=7)
    holds: dict[Due, ColumnElement[bool]] = {
        Due.OVERDUE: Action.due_on < today,
        Due.WEEK: and_(Action.due_on >= today, Action.due_on <= week),
        Due.LATER: Action.due_on > week,
    }
    return or_(*(holds[Due(one)] for one in codes))


def _states(*, is_open: bool) -> Options:
    return [(one.value, one.label) for one in ActionState if (one in OPEN_ACTION_STATES) is is_open]


def _categories() -> Options:
    return [(one.code, one.label) for one in current_policy().plans.categories.offered]


def _means() -> Options:
    return [(one.code, one.label) for one in current_policy().plans.means.offered]


_RANK = case({one.value: one.rank for one in ActionPriority}, value=Action.priority, else_=9)
_IS_STUCK = case((Action.state == ActionState.BLOCKED, 0), else_=1)
_ABOUT = Sort(
    code="about",
    by=(
        func.lower(func.coalesce(Child.family_name, Concern.name, ""), type_=Text),
        func.lower(func.coalesce(Child.given_name, ""), type_=Text),
    ),
    says="By whom or what they are about, from A to Z",
    says_backwards="By whom or what they are about, from Z to A",
    personal=True,
)
_PURPOSE = Filter(name="purpose", label="What for", options=_categories, where=Action.category.in_)


def _about(line: Any) -> str:
    return str(line.about)


#: What is still to be done.
TO_DO = Listing(
    name="actions",
    noun=("action", "actions"),
    key=Action.id,
    columns=(
        Column(label="About", text=_about, sort="about"),
        Column(label="What", text=lambda line: line.what),
        Column(label="Reference", text=lambda line: line.reference),
        Column(label="How we will know", text=lambda line: line.measure),
        Column(label="Who", text=lambda line: line.owner),
        Column(label="Priority", text=lambda line: line.priority or "Normal"),
        Column(label="By when", text=lambda line: short_day(line.due_on), sort="due"),
        Column(label="Where it stands", text=lambda line: line.state, sort="stands"),
    ),
    sorts=(
        Sort(
            code="due",
            by=(Action.due_on,),
            says="The longest overdue first",
            says_backwards="What is due last first",
        ),
        Sort(
            code="stands",
            by=(cast(_IS_STUCK, Integer), cast(_RANK, Integer), Action.due_on),
            says="What is blocked first, then high priority, then the longest overdue",
            says_backwards="What is blocked last, before it high priority, before that the longest overdue",
        ),
        _ABOUT,
    ),
    filters=(
        Filter(
            name="when",
            label="By when",
            options=lambda: [(one.value, one.label) for one in Due],
            where=_due,
        ),
        Filter(
            name="stands",
            label="Where it stands",
            options=lambda: _states(is_open=True),
            where=Action.state.in_,
        ),
        Filter(
            name="priority",
            label="Priority",
            options=lambda: [(one.value, one.label) for one in ActionPriority],
            where=Action.priority.in_,
        ),
        _PURPOSE,
    ),
)

#: What was done, or is no longer needed.
OVER = Listing(
    name="actions that are over",
    noun=("action that is over", "actions that are over"),
    key=Action.id,
    columns=tuple(
        replace(one, sort={"due": "over", "stands": ""}.get(one.sort, one.sort)) for one in TO_DO.columns
    ),
    sorts=(
        Sort(
            code="over",
            by=(Action.reach_until,),
            says="The last done or given up first",
            says_backwards="The first done or given up first",
            downwards=True,
        ),
        _ABOUT,
    ),
    filters=(
        Filter(
            name="stands",
            label="What became of it",
            options=lambda: _states(is_open=False),
            where=Action.state.in_,
        ),
        _PURPOSE,
    ),
)

_MEANS = Filter(name="means", label="By what means", options=_means, where=Action.means.in_)
#: The same of places and people of concern, which have means instead of a purpose.
TO_DO_ON_CONCERNS = replace(TO_DO, filters=(*TO_DO.filters[:-1], _MEANS))
OVER_ON_CONCERNS = replace(OVER, filters=(*OVER.filters[:-1], _MEANS))


def find_mine(asked: Asked, *, person: Principal, whose: Whose) -> Found:
    """A page of the actions of a person and of their teams, as they were asked for."""
    return find_first(asked, _mine(asked.listing, person, whose), _rows)


def mine_for_file(asked: Asked, *, person: Principal, whose: Whose) -> Rows | None:
    """All of them that fit, in their order; None where the list is too long for one file."""
    return first_for_file(asked, _mine(asked.listing, person, whose), _rows)


def find_on_concerns(asked: Asked, *, person: Principal, every: bool) -> Found:
    """A page of the actions on places and people of concern, as they were asked for.

    Args:
        every: all that the person may see, instead of those that their agency owns.
    """
    return find_first(asked, _on_concerns(asked.listing, person, every=every), _rows)


def on_concerns_for_file(asked: Asked, *, person: Principal, every: bool) -> Rows | None:
    """All of them that fit, in their order; None where the list is too long for one file."""
    return first_for_file(asked, _on_concerns(asked.listing, person, every=every), _rows)


def _mine(listing: Listing, person: Principal, whose: Whose) -> First:
    own, teams = Action.owner_id == person.user_id, sorted(person.team_ids)
    theirs = [Action.owner_team_id == team for team in teams]
    owners = {Whose.MINE: [own], Whose.TEAM: theirs or [own], Whose.ALL: [own, *theirs]}[whose]
    return first_of(listing, [select(Action.id).where(one, _stands(listing)) for one in owners])


def _on_concerns(listing: Listing, person: Principal, *, every: bool) -> First:
    found = select(Action.id).where(Action.concern_id.is_not(None), _stands(listing))
    return first_of(listing, [found if every else found.where(Action.owner_agency_id == person.agency_id)])


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
