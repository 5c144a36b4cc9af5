"""What is planned for a child: the plan and its actions, and interim safety plans.

The blueprint of plans, and what its views share: an action found for whoever reads or owns it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from flask import Blueprint, abort, request, url_for

from portal.access.permissions import Facts, Forbidden, permitted, require_on
from portal.access.principal import current
from portal.changes.errors import DomainError
from portal.messages import reading as messages
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import OPEN_ACTION_STATES, OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.cases.presenter import strip_item
from portal.records.children import presenter as child_page
from portal.records.concerns.model import Concern
from portal.records.entries.reading import case_page
from portal.records.missing.presenter.running import with_missing
from portal.records.plans import presenter as action_words
from portal.records.plans import reading as plans
from portal.records.plans.action_steps import action_facts
from portal.records.plans.actions import record
from portal.records.plans.forms import GiveForm, GiveOnConcernForm
from portal.records.plans.model import Action
from portal.records.plans.presenter import offer_owners, owner_of
from portal.records.plans.vocabulary import ActionPriority, ActionState
from portal.records.requests import reading as requests
from portal.web.page import render
from portal.web.steps import Link

blueprint = Blueprint("plans", __name__)


#: Above the form of a step: what is asked, of whom, and where it stands.
ASKED = "plans/_asked.html"


def find_action(reference: str) -> Action:
    """The action of an address; for everybody who may not see it there is none. Whoever was told of it, and
    sends what they wrote after it went to somebody else, is told so and given back their words.
    """
    return plans.find_action(reference=reference) or _gone(reference)


def _gone(reference: str) -> NoReturn:
    known = read_reference(reference, Prefix.ACTION)
    if known and messages.last_about(person=current(), kind=Action.__tablename__, reference=known):
        typed = "\n\n".join(filter(None, (request.form.get("text"), request.form.get("words"))))
        abort(render("plans/gone.html", status=404, reference=known, typed=typed, marking=True))
    abort(404)


def found_to(verb: str, reference: str) -> Action:
    """The same for whoever may do something to it.

    Raises:
        Forbidden: the person only reads it.
    """
    return require_on(verb, find_action(reference), action_facts)


def address(action: Action, part: str = "") -> str:
    """Its page."""
    return url_for("plans.action", reference=action.reference, _anchor=part or None)


@contextmanager
def giving_to_somebody() -> Iterator[None]:
    """Let a page show why somebody of another agency cannot be given an action, and keep what was typed."""
    try:
        yield
    except Forbidden as refused:
        raise DomainError(refused.reason, field="owner") from None


def giving_form(on: Case | Concern) -> GiveForm:
    """The form that gives an action on a case or on something of concern, with what can be chosen there."""
    policy = current_policy(on.authority)
    agencies = [(str(one.id), one.name) for one in requests.agencies_to_list(without=current().agency_id)]
    form: GiveForm
    if isinstance(on, Concern):
        form = GiveOnConcernForm()
        form.offer_words(policy, agencies, on.kind)
    else:
        form = GiveForm()
        form.offer_words(policy, agencies)
    offer_owners(form, on)
    form.start()
    return form


def given_by(form: GiveForm) -> dict[str, Any]:
    """What the service that gives an action needs, from the answers.

    Raises:
        DomainError: nobody works here under the address of its owner.
    """
    on_concern = isinstance(form, GiveOnConcernForm)
    more = {"means": form.said("means") or None} if on_concern else {"target": form.said("target")}
    return {
        "what": form.said("what"),
        "measure": form.said("measure"),
        "category": form.said("category"),
        "owner": owner_of(form),
        "external": form.external,
        "due_on": form.due_on.data,
        "priority": ActionPriority(form.said("priority")),
        "support": form.supporting,
        "once": form.nonce,
        **more,
    }


def record_viewing(action: Action, verb: str = "action:view") -> None:
    """Put on record that somebody looks at an action, and so at who the child is."""
    reach = "case" if action.concern_id is None else "concern"
    record(action, verb, ground="owner" if action_facts(current(), action).owner else reach)


def page_of(action: Action) -> dict[str, Any]:
    """What every page of an action shows: who the child is, what is asked, whose it is, where it stands."""
    details = plans.details_of(action=action) or abort(404)
    policy = current_policy(details.authority)
    found = case_page.alerts(case_id=action.case_id) if action.case_id and details.case_reference else ()
    record_viewing(action)
    row = _Row(action, details)
    about = action_words.about_words(row)
    return {
        "caption": f"{about}, {action.reference}",
        "back": Link(address(action), f"Action {action.reference}"),
        "action": action,
        "details": details,
        "line": action_words.line(row, policy, current()),
        "about": about,
        "category": policy.plans.categories.label(action.category),
        "begins_anew": bool(action_words.carried_on(action)) and details.case_state in OPEN_CASE_STATES,
        "state": action_words.state_words(action),
        "alert_strip": with_missing(details.missing_now, [strip_item(one, policy) for one in found]),
        "words": child_page,
        "marking": True,
    }


def verbs(action: Action, facts: Facts) -> dict[str, bool]:
    """What the person may do to an action as it stands; what they may not do is not offered."""
    person, state = current(), ActionState(action.state)
    is_open, is_done = state in OPEN_ACTION_STATES, state in {ActionState.DONE, ActionState.CONFIRMED}
    works = is_open and permitted(person, "action:work", facts)
    directs = is_open and permitted(person, "action:change", facts)
    return {
        "start": works and state is not ActionState.UNDER_WAY,
        "block": works and state is not ActionState.BLOCKED,
        "finish": works,
        "confirm": state is ActionState.DONE and permitted(person, "action:confirm", facts),
        "effect": is_done and permitted(person, "action:effect", facts),
        "change": directs,
        "hand_over": is_open and permitted(person, "action:hand_over", facts),
    }


class _Row:
    """An action and its details as one row, as lists have them."""

    def __init__(self, action: Action, details: Any) -> None:
        self._action, self._details = action, details

    def __getattr__(self, name: str) -> Any:
        return getattr(self._details, name) if hasattr(self._details, name) else getattr(self._action, name)
