"""From what a message or a duty is about to the page that its link leads to."""

from collections.abc import Mapping

from flask import current_app, url_for

from portal.access import principal
from portal.queries.about import Key, Seen, Subject, has_record
from portal.web.references import address_of

#: By the kind of message, where its subject does not say where to go.
_OF_MESSAGE = {
    "digest": "work.index",
    "team_digest": "work.index",
    "address_failed": "messages.addresses",
    "unsent_draft_of_team": "referrals.index",
}

#: By the kind of subject (the name of a table): the page with its reference.
_OF_SUBJECT = {
    "information_request": "requests.show",
    "invitation": "meetings.invitation",
    "meeting": "meetings.show",
    "minutes_issue": "minutes.show",
    "disclosure": "disclosures.show",
    "action": "plans.action",
    "missing_episode": "missing.show",
    "missing_prompt": "missing.show",
    "linked_process": "linked.show",
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
    "return_interview": "interviews.show",
}
_OF_DRAFT = {"unsent_draft": "referrals.check"}
_OF_THE_HUB = {"referral": "hub.referral", "social_care_referral": "hub.referral"}


def page_of_message(kind: str, subject: Subject, reference: str | None, seen: Mapping[Key, Seen]) -> str:
    """Where the link of a message leads; empty when the person no longer sees what it is about.

    Args:
        kind: a code of policy `reminders.kinds`.
        reference: the one that the message holds.
        seen: what `portal.queries.about` found.
    """
    if (endpoint := _OF_MESSAGE.get(kind)) and endpoint in current_app.view_functions:
        return url_for(endpoint)
    return page_of_subject(subject, reference, seen, endpoint=_OF_DRAFT.get(kind))


def page_of_subject(
    subject: Subject, reference: str | None, seen: Mapping[Key, Seen], *, endpoint: str | None = None
) -> str:
    """The page of a record; empty when the person does not see it; where work starts when it has none."""
    found = seen.get(subject.key)
    kind = subject.kind
    if found is None and has_record(subject.key[0]):
        return ""
    reference = (found.reference if found else None) or reference
    if not reference:
        return url_for("directory.index") if kind == "directory_entry" else _start()
    person = principal.optional()
    pages = _OF_SUBJECT | (_OF_THE_HUB if person and person.is_coordinator else {})
    endpoint = endpoint or pages.get(kind)
    if endpoint is None or endpoint not in current_app.view_functions:
        return address_of(reference) or _start()
    return url_for(endpoint, reference=reference)


def _start() -> str:
    return url_for("home.index")
