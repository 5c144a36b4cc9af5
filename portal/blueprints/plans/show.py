"""The plan of a case and what it is for; giving actions on it or on a concern; confirming several; and the
lists of actions: those of oneself and one's teams, and those on places and people of concern.
"""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Forbidden, near, permitted, require
from portal.access.principal import current
from portal.blueprints.cases import page_context, record_of, view_case
from portal.blueprints.plans import address, blueprint, given_by, giving_form, giving_to_somebody
from portal.changes.errors import DomainError, NotFound
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.queries.declared import Listing, When
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.disclosures.presenter import send
from portal.records.plans import lists, presenter
from portal.records.plans import reading as plans
from portal.records.plans.action_steps import confirm
from portal.records.plans.actions import give_action, giving_facts
from portal.records.plans.document import plan as plan_document
from portal.records.plans.forms import GiveForm, GoalForm, SayForm
from portal.records.plans.lists import OVER, OVER_ON_CONCERNS, TO_DO, TO_DO_ON_CONCERNS, Whose
from portal.records.plans.model import Action
from portal.records.plans.vocabulary import ActionState, PlanPart
from portal.records.plans.writing import begin_plan, plan_facts, say
from portal.records.requests import reading as requests
from portal.web.listing import ListRoute, ListView, Views, views, ways
from portal.web.page import render, see_other
from portal.web.steps import ChosenForm, Link, Words, code_of, do_each, take


@blueprint.get("/cases/<reference>/plan")
@allow("plan:view", shows="case")
def show(reference: str) -> ResponseReturnValue:
    """What the plan says and its actions, by what they are for and the worst first."""
    return _page(reference, presenter.chosen(request.args.get("show", "")))


@blueprint.get("/cases/<reference>/plan/print")
@allow("plan:view", shows="case", releases="print")
def print_plan(reference: str) -> ResponseReturnValue:
    """The plan on paper, with every action."""
    return _page(reference, presenter.EVERY, action="plan:print", printing=True)


@blueprint.get("/cases/<reference>/plan/pdf")
@allow("plan:view", shows="case", releases="export")
def download_plan(reference: str) -> ResponseReturnValue:
    """The PDF of the plan, with every action."""
    case = view_case(reference, action="plan:download")
    page = page_context(case)
    made = plans.plan_of_case(case_id=case.id) or abort(404)
    return send(plan_document(plan=made, case=case, policy=page["policy"], alerts=page["alerts"]))


@blueprint.route("/actions/confirm", methods=["GET", "POST"])
@allow("action:confirm", shows="list")
def confirm_several() -> ResponseReturnValue:
    """Actions that are done and wait for one’s confirming: several of them in one step."""
    form, outcome = ChosenForm(), None
    if form.validate_on_submit():
        outcome = do_each(form.chosen.data or [], _confirm)
        if not outcome.refused:
            flash(f"Confirmed: {outcome.done}")
            return see_other(url_for("plans.confirm_several"))
    rows, policy = plans.to_confirm(person=current()), current_policy()
    audit.record("action:list", to_confirm=len(rows))
    return render(
        "plans/confirm.html",
        status=422 if outcome else None,
        form=form,
        outcome=outcome,
        rows=[(row, presenter.line(row, policy), code_of(row.reference, row.version)) for row in rows],
        marking=True,
        wide=True,
    )


def _confirm(reference: str, version: int) -> None:
    action = plans.find_action(reference=reference)
    if action is None:
        raise NotFound("There is no such action")
    try:
        confirm(actor=current(), action=action, version=version)
    except Forbidden as why:
        raise DomainError(str(why)) from why


def _page(
    reference: str, shown: presenter.Shown, *, action: str = "plan:view", printing: bool = False
) -> Response:
    case, record = view_case(reference, action=action), record_of(reference)
    page, person = page_context(case), current()
    plan = plans.plan_of_case(case_id=case.id)
    rows = plans.actions_of_case(case_id=case.id, states=shown.states)
    is_open, counts = record.state in OPEN_CASE_STATES, plans.counts_of_case(case_id=case.id)
    goes_on = is_open and counts.get(ActionState.COVERED, 0) and plans.carried_on(case_id=case.id)
    parts: Any = plans.texts_of(plan_id=plan.id) if plan else dict.fromkeys(PlanPart, ())
    return render(
        "plans/show.html",
        **page,
        plan=plan,
        parts=parts,
        groups=presenter.groups(rows, page["policy"]),
        views=presenter.views(counts),
        not_begun_again=goes_on,
        shown=shown,
        printing=printing,
        may_write=is_open and permitted(person, "plan:write", plan_facts(person, record)),
        may_give=is_open and permitted(person, "action:give", giving_facts(person, record)),
        wide=True,
    )


@blueprint.route("/cases/<reference>/plan/<part>", methods=["GET", "POST"])
@allow("plan:write", shows="case")
def say_part(reference: str, part: str) -> ResponseReturnValue:
    """Write a part of the plan anew; what it said before stays to be read."""
    kind = PlanPart(part) if part in set(PlanPart) else abort(404)
    record = record_of(reference)
    require(current(), "plan:write", plan_facts(current(), record))
    plan = plans.plan_of_case(case_id=record.id)
    said = (plans.texts_of(plan_id=plan.id).get(kind) if plan else None) or []
    values = {"text": said[0].text, "not_obtained": said[0].not_obtained} if said else {}
    form = (GoalForm if kind is PlanPart.GOAL else SayForm)(data=values)
    return take(
        form,
        lambda: say(
            actor=current(),
            plan=begin_plan(actor=current(), case=record),
            case=record,
            part=kind,
            text=form.said("text"),
            not_obtained=form.nobody_asked,
        ),
        says=Words(
            heading=kind.label,
            lead=["What the plan said before stays to be read. Everybody who works on the case reads this."],
        ),
        page=lambda: _saying_page(reference),
        to=url_for("plans.show", reference=record.reference),
        done="Saved",
    )


def _saying_page(reference: str) -> dict[str, Any]:
    case = view_case(reference)
    return {
        **page_context(case),
        "caption": f"{case.given_name} {case.family_name}, {case.reference}",
        "back": Link(url_for("plans.show", reference=case.reference), "Plan"),
    }


@blueprint.route("/cases/<reference>/actions/new", methods=["GET", "POST"])
@allow("action:give", shows="case")
def give(reference: str) -> ResponseReturnValue:
    """The form, and giving the action; whoever owns it is told at once."""
    record = record_of(reference)
    meeting = _meeting(record)
    require(current(), "action:give", giving_facts(current(), record, meeting=meeting))
    form = giving_form(record)
    return take(
        form,
        lambda: _give(record, meeting, form),
        template="plans/give.html",
        page=lambda: page_context(view_case(reference)),
        to=address,
        done="You gave the action",
        meeting=meeting,
    )


@giving_to_somebody()
def _give(record: Case, meeting: Any, form: GiveForm) -> Action:
    return give_action(actor=current(), case=record, meeting=meeting, **given_by(form))


def _meeting(record: Case) -> Any:
    """The meeting that the address names; one on another case is answered like none."""
    named = request.args.get("meeting")
    if not named:
        return None
    return requests.find_meeting(reference=named, case_id=record.id) or abort(404)


@blueprint.route("/concerns/<reference>/actions/new", methods=["GET", "POST"])
@allow("action:give", shows="child")
def give_on_concern(reference: str) -> ResponseReturnValue:
    """The form, and giving the action; whoever owns it is told at once."""
    concern = concerns.find_concern(reference=reference) or abort(404)
    require(current(), "action:give", giving_facts(current(), concern))
    form = giving_form(concern)
    form.prefill(category="disrupt")  # as most actions on one do
    return take(
        form,
        lambda: _give_on_concern(concern, form),
        template="plans/give_on_concern.html",
        page=lambda: _giving_page(concern),
        to=address,
        done="You gave the action",
    )


@giving_to_somebody()
def _give_on_concern(concern: Concern, form: GiveForm) -> Action:
    return give_action(actor=current(), concern=concern, **given_by(form))


def _giving_page(concern: Concern) -> dict[str, Any]:
    audit.record("action:giving", subject_kind="concern", subject_id=concern.id)
    return {"concern": concern, "marking": True}


@blueprint.route("/actions", methods=["GET", "POST"])
@allow("action:view", shows="list")
def mine() -> ResponseReturnValue:
    """What is to be done by oneself and one's teams, also on cases that one does not read."""
    view = _mine()
    return view.page(
        "plans/mine.html",
        lambda found: {"rows": _lines(found.page.rows)},
        open_filters=("when", "stands"),
        ways=ways(
            view.route,
            [
                *((one.label, _route_of_mine(TO_DO, one)) for one in Whose),
                ("Done, not needed, or seen to elsewhere", _route_of_mine(OVER, Whose.ALL)),
            ],
        ),
        is_over=view.listing is OVER,
        confirms=near(current(), "action:confirm"),
        marking=True,
        wide=True,
    )


@blueprint.get("/actions/list.csv")
@allow("action:view", shows="list", releases="export")
def download_mine() -> ResponseReturnValue:
    """All of them that fit the filters, in the order of the page, as a file for a spreadsheet."""
    return _mine().file("actions", _lines)


@blueprint.route("/actions/places-and-people", methods=["GET", "POST"])
@allow("action:view", shows="list")
def on_concerns() -> ResponseReturnValue:
    """The actions on places and people of concern: those of one's agency, or all that one may see."""
    view = _on_concerns()
    return view.page(
        "plans/on_concerns.html",
        lambda found: {"rows": _lines(found.page.rows)},
        open_filters=("when", "stands"),
        ways=ways(
            view.route,
            [
                (f"{current().agency_name}’s", _route_on_concerns(TO_DO_ON_CONCERNS, every=False)),
                ("All that you may see", _route_on_concerns(TO_DO_ON_CONCERNS, every=True)),
                ("Done, not needed, or seen to elsewhere", _route_on_concerns(OVER_ON_CONCERNS, every=True)),
            ],
        ),
        is_over=view.listing is OVER_ON_CONCERNS,
        marking=True,
        wide=True,
    )


@blueprint.get("/actions/places-and-people.csv")
@allow("action:view", shows="list", releases="export")
def download_on_concerns() -> ResponseReturnValue:
    """All of them that fit the filters, in the order of the page, as a file for a spreadsheet."""
    return _on_concerns().file("actions", _lines)


def _mine() -> ListView:
    shown, typed = _shown(TO_DO, OVER), request.args.get("whose")
    whose = Whose(typed) if typed in set(Whose) else Whose.ALL
    return ListView(
        listing=shown,
        source=lists.mine(shown, current(), whose),
        route=_route_of_mine(shown, whose),
        looked="action:list",
        noted={"ground": whose.value},
    )


def _on_concerns() -> ListView:
    shown, every = _shown(TO_DO_ON_CONCERNS, OVER_ON_CONCERNS), request.args.get("whose") == "all"
    return ListView(
        listing=shown,
        source=lists.on_concerns(shown, current(), every=every),
        route=_route_on_concerns(shown, every=every),
        looked="action:list",
        noted={"every": every},
    )


def _route_of_mine(shown: Listing, whose: Whose) -> ListRoute:
    return _route("mine", whose.value, shown)


def _route_on_concerns(shown: Listing, *, every: bool) -> ListRoute:
    return _route("on_concerns", "all" if every else "ours", shown)


#: Views that everybody has of what is still to be done, and of what is over.
_TO_DO: Views = (
    *views("All to do", "when", (When.OVERDUE, When.WEEK)),
    (ActionState.BLOCKED.label, {"stands": [ActionState.BLOCKED.value]}),
)
_OVER: Views = (
    ("All", {}),
    ("Done, not confirmed", {"stands": [ActionState.DONE.value]}),
    (ActionState.CONFIRMED.label, {"stands": [ActionState.CONFIRMED.value]}),
)


def _route(page: str, whose: str, shown: Listing) -> ListRoute:
    is_over = shown in {OVER, OVER_ON_CONCERNS}
    return ListRoute(
        endpoint=f"plans.{page}",
        file=f"plans.download_{page}",
        fixed={"whose": whose, **({"show": "over"} if is_over else {})},
        views=_OVER if is_over else _TO_DO,
    )


def _shown(to_do: Listing, over: Listing) -> Listing:
    return to_do if request.args.get("show", "open") == "open" else over


def _lines(rows: Sequence[Any]) -> list[presenter.ActionLine]:
    policy = current_policy()
    return [presenter.line(one, policy, current()) for one in rows]
