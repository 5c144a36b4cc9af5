"""What is due for me, my team and my meetings; for managers also what one of their people leads and owns."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import near
from portal.access.principal import Principal, current
from portal.changes.errors import NotFound
from portal.pages import about, timeliness, work
from portal.pages import team as team_page
from portal.pages.held_work import reading as held_work
from portal.pages.held_work.handing import Refused, hand_work_over, require_to_hand_over
from portal.pages.held_work.presenter import item_words, others_words
from portal.pages.held_work.reading import Item
from portal.policy import current_policy
from portal.queries.declared import When
from portal.queries.listing import Found
from portal.records.meetings.reading import records as meetings
from portal.records.people.forms import HandOverForm
from portal.records.people.model import User
from portal.records.referrals.facts import asked_now
from portal.vocabulary import CAN_BE_HANDED_OVER, INSTEAD, HeldWork, RiskLevel
from portal.web import due_presenter as due_words
from portal.web.choices import choices, offer
from portal.web.fields import Choice
from portal.web.listing import ListRoute, ListView, views, ways
from portal.web.page import render, see_other
from portal.web.steps import carry_out

blueprint = Blueprint("work", __name__, url_prefix="/work")


#: Duties on one sheet of paper; one that holds more says so.
ON_A_SHEET = 400


@blueprint.route("", methods=["GET", "POST"])
@allow("work:view", shows="list")
def index() -> ResponseReturnValue:
    """What is due, the longest overdue first, and my meetings."""
    person, view = current(), _due()
    return view.page(
        "work/index.html",
        partial(_due_and_meetings, person=person),
        open_filters=("when",),
        levels={one.value: one.label for one in RiskLevel},
        ways=ways(view.route, ((one.name, _duties(one)) for one in work.lists(person))),
        may_print=near(person, "work:print"),
        marking=True,
        wide=True,
    )


@blueprint.get("/duties.csv")
@allow("work:view", shows="list", releases="export")
def download() -> ResponseReturnValue:
    """All duties that fit the filters, in the order of the page, as a file for a spreadsheet."""
    return _due().file(
        "duties",
        lambda rows: due_words.duties(rows, about.visible(map(about.Subject.of, rows)), clock.now()),
    )


def _due() -> ListView:
    chosen = _whose()
    return ListView(
        listing=work.DUTIES,
        source=work.duties(current(), chosen.whose),
        route=_duties(chosen),
        looked="work:view",
        noted={"ground": chosen.whose.value},
    )


def _due_and_meetings(found: Found, *, person: Principal) -> dict[str, Any]:
    now = clock.now()
    invited, more_meetings = meetings.mine(person)
    seen = about.visible(
        [*map(about.Subject.of, found.page.rows), *map(due_words.meeting_subject, invited)],
    )
    coming = due_words.meetings(invited, seen, now)
    return {
        "rows": due_words.duties(found.page.rows, seen, now),
        "asked": asked_now(person=person),
        "waiting": [one for one in coming if one.waits],
        "meetings": [one for one in coming if not one.waits],
        "more_meetings": more_meetings,
    }


def _whose() -> work.List:
    lists, wanted = work.lists(current()), request.args.get("whose", "")
    return next((one for one in lists if one.whose == wanted), lists[0])


def _duties(chosen: work.List) -> ListRoute:
    return ListRoute(
        endpoint="work.index",
        file="work.download",
        fixed={"whose": chosen.whose.value},
        views=views("All open", "when", (When.OVERDUE, When.TODAY, When.WEEK)),
    )


#: Duties of an agency that the page of a manager counts, and of the manager's own that it shows.
COUNTED, OWN = 200, 6


@blueprint.get("/team")
@allow("work:print", shows="people")
def team() -> ResponseReturnValue:
    """Who of my agency carries what, who is away, what is overdue, and what needs me."""
    person, now = current(), clock.now()
    everybody = work.owed(person=person, whose=work.Whose.PEOPLE, limit=COUNTED)
    own = work.owed(person=person, whose=work.Whose.MINE, limit=OWN)
    seen = about.visible(about.Subject.of(row) for row in own.rows)
    audit.record("work:team", subject_kind="agency", subject_id=person.agency_id)
    return render(
        "work/team.html",
        person=person,
        people=team_page.carry(person),
        overdue=team_page.overdue_by_kind(everybody.rows, now),
        more=everybody.next is not None,
        counted=COUNTED,
        mine=due_words.duties(own.rows, seen, now),
        timely=timeliness.done_in_time(person),
        classes=timeliness.CLASSES,
        developments=timeliness.developments(person),
        bar_width=timeliness.WIDTH,
        width=team_page.WIDTH,
        may_see_looks=near(person, "look:person"),
        now=now,
        marking=True,
        wide=True,
    )


@blueprint.get("/sheet")
@allow("work:print", shows="list", releases="print")
def sheet() -> ResponseReturnValue:
    """Open duties and whom to ring, on paper, for when the portal is down."""
    person, now = current(), clock.now()
    rows = work.open_duties(
        person=person, also_overdue_before=now if person.is_coordinator else None, limit=ON_A_SHEET + 1
    )
    goes_on = len(rows) > ON_A_SHEET
    seen = about.for_a_paper(about.visible(about.Subject.of(row) for row in rows))
    duties = due_words.on_paper(rows[:ON_A_SHEET], seen, now)
    audit.record("work:print", printed=[one.reference for one in duties if one.reference])
    return render(
        "work/sheet.html",
        duties=duties,
        goes_on=goes_on,
        contacts=work.duty_contacts(),
        hub=current_policy().hub,
        now=now,
        coordinates=person.is_coordinator,
        marking=True,
        wide=True,
    )


@blueprint.route("/people/<uuid:user_id>", methods=["GET", "POST"])
@allow("work:hand_over", shows="list")
def held(user_id: UUID) -> ResponseReturnValue:
    """How much somebody holds, each thing that I see of it, and what cannot be handed over and why."""
    person = _person(user_id)
    items, others = _items(user_id)
    form = HandOverForm()
    _offer(form, person, items)
    chosen = [one for one in items if one.code in set(form.items.data or [])]
    step = carry_out(
        form,
        lambda: hand_work_over(
            actor=current(),
            person=person,
            to=_colleague(person, UUID(form.hand_to.data)),
            reason=form.reason.data or "",
            items=chosen,
        ),
    )
    refused: list[Refused] = step.result or []
    if step.done:
        if len(refused) < len(chosen):
            flash(f"Handed over: {len(chosen) - len(refused)}")
        if not refused:
            return see_other(url_for("work.held", user_id=user_id))
        items, others = _items(user_id)
        form.items.choices = []
        _offer(form, person, items)
    audit.record("work:held", subject_kind="person", subject_id=user_id, shown=len(items) + len(others))
    counts = held_work.counts(person_id=user_id)
    return render(
        "work/held.html",
        person=person,
        counts=counts,
        items=items,
        form=form,
        problem=step.problem,
        refused=[(_words([one.item])[0], one.why) for one in refused],
        for_others=[others_words(one, said) for one, said in zip(others, _words(others), strict=True)],
        unseen=_unseen(counts, [*items, *others]),
        instead=[(kind, INSTEAD[kind]) for kind in counts if kind in INSTEAD],
        anybody=bool(held_work.colleagues(person=person)),
        marking=True,
    )


def _items(user_id: UUID) -> tuple[list[Item], list[Item]]:
    """What I may hand over of what somebody holds, and what only others may."""
    items = held_work.items(person_id=user_id)
    others = held_work.for_others(actor=current(), items=items)
    return [one for one in items if one not in others], others


def _person(user_id: UUID) -> User:
    try:
        return require_to_hand_over(current(), held_work.find_person(user_id=user_id))
    except NotFound:
        abort(404)


def _offer(form: HandOverForm, person: User, items: Sequence[Item]) -> None:
    words = _words(items)
    form.items.choices = [
        Choice(item.code, said).for_wtforms() for item, said in zip(items, words, strict=True)
    ]
    if form.hand_to.choices is None or len(form.hand_to.choices) < 2:  # noqa: PLR2004 - the prompt alone
        offer(form.hand_to, choices((one.id, one.name) for one in held_work.colleagues(person=person)))


def _words(items: Sequence[Item]) -> list[str]:
    seen = about.visible(item.subject for item in items)
    return [item_words(item, seen) for item in items]


def _colleague(person: User, user_id: UUID) -> User:
    found = next((one for one in held_work.colleagues(person=person) if one.id == user_id), None)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def _unseen(counts: Mapping[HeldWork, int], items: Sequence[Item]) -> int:
    """How much of what could be handed over whoever asks does not see."""
    held = sum(number for kind, number in counts.items() if kind in CAN_BE_HANDED_OVER)
    return max(held - len(items), 0)
