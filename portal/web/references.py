"""From a reference, or from what a message or a duty is about, to its page."""

from collections.abc import Mapping
from functools import cache

from flask import Flask, current_app, url_for

from portal import registry
from portal.access import principal
from portal.access.guard import may_enter
from portal.pages.about import Key, Seen, Subject, has_record
from portal.pages.search.reading import Opened
from portal.pathway.references import Prefix
from portal.registry import Record


def address_of(reference: str | None) -> str:
    """The address of the page of a reference; empty where it has none, or whoever asks may not open it."""
    prefix, _, _ = (reference or "").partition("-")
    if prefix not in set(Prefix):
        return ""
    person = principal.optional()
    endpoint = _pages(for_hub=bool(person and person.is_coordinator)).get(Prefix(prefix))
    if endpoint is None or endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, reference=reference) if person and may_enter(person, endpoint) else ""


def address_of_found(found: Opened) -> str:
    """The address of the page that a reference leads to; empty where whoever asks may not open it."""
    if found.page is None:
        return address_of(found.reference)
    return url_for(found.page, reference=found.reference, **found.more) if _is_open(found.page) else ""


@cache
def _pages(*, for_hub: bool) -> Mapping[Prefix, str]:
    """The page of each sort of record. The hub works on a form where its sender only reads it."""
    return {
        record.prefix: page
        for record in registry.records().values()
        if record.prefix and (page := (for_hub and record.hub_page) or record.page)
    }


def init_app(app: Flask) -> None:
    """Let every template ask for the page of a reference."""
    app.jinja_env.globals["address_of"] = address_of


#: Where work starts.
START = "home.index"

#: By the kind of message, where its subject does not say where to go.
OF_MESSAGE = {
    "digest": "work.index",
    "team_left": "work.index",
    "address_failed": "messages.addresses",
    "role_asked": "admin.index",
    "role_not_asked": "admin.index",
    "roles_late": "admin.index",
    "nobody_told": "messages.untold",
    "nobody_told_urgent": "messages.untold",
    "unsent_draft_of_team": "referrals.index",
    "panel_left_out": "panels.index",
    "cover_begins": "absences.index",
    "cover_ended": "absences.index",
    "absence_over": "absences.index",
}

#: Of the weekly message: the first that whoever asks may open. Managers have work, governance what was taken.
OF_WEEK = ("work.index", "disclosures.taken", "messages.index")

#: By the kind of message: the page of the person whom it is about.
OF_PERSON = {
    "work_left": "work.held",
    "cover_missing": "absences.of_person",
    "looked_at_much": "looks.of_person",
}

#: Likewise: the page beside that of the record, where what it says stands on no page of that one.
BESIDE = {"unsent_draft": "referrals.check", "minutes_for_you": "meetings.closed_parts"}


def page_of_message(kind: str, subject: Subject, reference: str | None, seen: Mapping[Key, Seen]) -> str:
    """Where the link of a message leads; empty when the person no longer sees what it is about, or may open
    no page of it.

    Args:
        kind: a code of policy `reminders.kinds`.
        reference: the one that the message holds.
        seen: what `portal.pages.about` found.
    """
    if (endpoint := OF_MESSAGE.get(kind)) and endpoint in current_app.view_functions:
        return url_for(endpoint) if _is_open(endpoint) else ""
    if kind == "team_digest":
        return _page(next(endpoint for endpoint in OF_WEEK if _is_open(endpoint)))
    if subject.kind == "app_user" and (endpoint := OF_PERSON.get(kind)):
        return url_for(endpoint, user_id=subject.id) if _is_open(endpoint) else ""
    return page_of_subject(subject, reference, seen, endpoint=BESIDE.get(kind))


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
    record = registry.records().get(kind)
    if not reference:
        return _page((record.index if record else None) or START)
    endpoint = endpoint or _endpoint(record)
    if endpoint is None or endpoint not in current_app.view_functions:
        return address_of(reference) or _page(START)
    return url_for(endpoint, reference=reference) if _is_open(endpoint) else ""


def _endpoint(record: Record | None) -> str | None:
    person = principal.optional()
    if record and record.hub_page and person and person.is_coordinator:
        return record.hub_page
    return record.page if record else None


def _page(endpoint: str) -> str:
    return url_for(endpoint) if _is_open(endpoint) else ""


def _is_open(endpoint: str) -> bool:
    person = principal.optional()
    return person is not None and may_enter(person, endpoint)
