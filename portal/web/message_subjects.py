"""From what a message or a duty is about to the page that its link leads to.

Nobody is led to a page that the guard would refuse them. Who may open each is said again, for the worker that
sends the links, in `portal.reminders.pages`.
"""

from collections.abc import Mapping

from flask import current_app, url_for

from portal.access import principal
from portal.access.guard import may_enter
from portal.queries.about import Key, Seen, Subject, has_record
from portal.web.references import address_of

#: Where work starts.
START = "home.index"

#: By the kind of message, where its subject does not say where to go.
OF_MESSAGE = {
    "digest": "work.index",
    "team_digest": "work.index",
    "team_left": "work.index",
    "address_failed": "messages.addresses",
    "unsent_draft_of_team": "referrals.index",
}

#: By the kind of message: the page of the person whom it is about.
OF_PERSON = {"work_left": "work.held"}

#: By the kind of subject (the name of a table): the page with its reference.
OF_SUBJECT = {
    "information_request": "requests.show",
    "invitation": "meetings.invitation",
    "meeting": "meetings.show",
    "minutes_issue": "minutes.show",
    "disclosure": "disclosures.show",
    "action": "plans.action",
    "missing_episode": "missing.show",
    "missing_prompt": "missing.show",
    "linked_process": "linked_processes.show",
    "panel_item": "panels.item",
    "concern": "concerns.show",
    "concern_order": "orders.show",
    "cre_case": "cases.show",
    "risk_assessment": "assessments.show",
    "alert": "cases.show",
    "access_request": "cases.show",
    "referral": "referrals.show",
    "social_care_referral": "referrals.show",
    "level_proposal": "meetings.lower_level",
    "return_interview": "return_interviews.show",
}
OF_DRAFT = {"unsent_draft": "referrals.check"}
OF_THE_HUB = {"referral": "hub.referral", "social_care_referral": "hub.referral"}


def page_of_message(kind: str, subject: Subject, reference: str | None, seen: Mapping[Key, Seen]) -> str:
    """Where the link of a message leads; empty when the person no longer sees what it is about, or may open
    no page of it.

    Args:
        kind: a code of policy `reminders.kinds`.
        reference: the one that the message holds.
        seen: what `portal.queries.about` found.
    """
    if (endpoint := OF_MESSAGE.get(kind)) and endpoint in current_app.view_functions:
        return url_for(endpoint) if _is_open(endpoint) else ""
    if endpoint := OF_PERSON.get(kind):
        return url_for(endpoint, user_id=subject.id) if _is_open(endpoint) else ""
    return page_of_subject(subject, reference, seen, endpoint=OF_DRAFT.get(kind))


def page_of_subject(
    subject: Subject, reference: str | None, seen: Mapping[Key, Seen], *, endpoint: str | None = None
) -> str:
    """The page of a record; empty when the person does not see it or may not open it; where work starts when
    it has none.
    """
    found = seen.get(subject.key)
    kind = subject.kind
    if found is None and has_record(subject.key[0]):
        return ""
    reference = (found.reference if found else None) or reference
    if not reference:
        return _page("directory.index" if kind == "directory_entry" else START)
    person = principal.optional()
    pages = OF_SUBJECT | (OF_THE_HUB if person and person.is_coordinator else {})
    endpoint = endpoint or pages.get(kind)
    if endpoint is None or endpoint not in current_app.view_functions:
        return address_of(reference) or _page(START)
    return url_for(endpoint, reference=reference) if _is_open(endpoint) else ""


def _page(endpoint: str) -> str:
    return url_for(endpoint) if _is_open(endpoint) else ""


def _is_open(endpoint: str) -> bool:
    person = principal.optional()
    return person is not None and may_enter(person, endpoint)
