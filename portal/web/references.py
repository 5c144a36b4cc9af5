"""From a reference to the page of what it names."""

from collections.abc import Mapping
from functools import cache

from flask import Flask, current_app, url_for

from portal import registry
from portal.access import principal
from portal.access.guard import may_enter
from portal.pathway.references import Prefix


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
