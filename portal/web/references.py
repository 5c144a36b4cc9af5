"""From a reference to the page of what it names."""

from flask import Flask, current_app, url_for

from portal.access import principal
from portal.access.guard import may_enter
from portal.pathway.references import Prefix

#: The page of each sort of record. The hub works on a form where its sender only reads it.
_PAGES = {
    Prefix.ASSESSMENT: "assessments.show",
    Prefix.ACTION: "plans.action",
    Prefix.CASE: "cases.show",
    Prefix.CHILD: "children.show",
    Prefix.CONCERN: "concerns.show",
    Prefix.DISCLOSURE: "disclosures.show",
    Prefix.LINKED_PROCESS: "linked_processes.show",
    Prefix.INTERVIEW: "return_interviews.show",
    Prefix.INVITATION: "meetings.invitation",
    Prefix.MEETING: "meetings.show",
    Prefix.MINUTES: "minutes.show",
    Prefix.MISSING: "missing.show",
    Prefix.PANEL_ITEM: "panels.item",
    Prefix.ORDER: "orders.show",
    Prefix.REFERRAL: "referrals.show",
    Prefix.REQUEST: "requests.show",
    Prefix.SAFETY_PLAN: "plans.safety_plan",
}
_PAGES_OF_THE_HUB = {Prefix.REFERRAL: "hub.referral"}


def address_of(reference: str | None) -> str:
    """The address of the page of a reference; empty where it has none, or whoever asks may not open it."""
    prefix, _, _ = (reference or "").partition("-")
    if prefix not in set(Prefix):
        return ""
    person = principal.optional()
    pages = _PAGES | (_PAGES_OF_THE_HUB if person and person.is_coordinator else {})
    endpoint = pages.get(Prefix(prefix))
    if endpoint is None or endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, reference=reference) if person and may_enter(person, endpoint) else ""


def init_app(app: Flask) -> None:
    """Let every template ask for the page of a reference."""
    app.jinja_env.globals["address_of"] = address_of
