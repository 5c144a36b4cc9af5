"""Whom to ring, as pages name them: out of policy."""

from collections.abc import Iterable, Sequence

from flask import Flask

from portal import clock
from portal.pathway.numbers import numbers_at, numbers_of_night
from portal.policy import Contact, ContactKind, current_policy


def init_app(app: Flask) -> None:
    """Let templates name who answers now."""
    app.jinja_env.globals.update(night_numbers=night_numbers, hub_numbers=hub_numbers)


def numbers_to_ring() -> Sequence[Contact]:
    """Those that the partnership has given, in its own order, for pages that do not know what hour it is."""
    return [one for one in current_policy().hub.contacts.offered if one.is_given]


def numbers_now(*kinds: ContactKind, authority: str | None = None) -> tuple[Contact, ...]:
    """The numbers of some kinds that are answered now (`portal.pathway.numbers`)."""
    return numbers_at(current_policy(), clock.now(), *kinds, authority=authority)


def hub_numbers() -> tuple[Contact, ...]:
    """The hub while it is open, else who answers in its stead."""
    return numbers_now(ContactKind.HUB)


def night_numbers(authority: str | None = None) -> tuple[Contact, ...]:
    """Who answers for social care outside office hours; nobody in them."""
    return numbers_of_night(current_policy(), clock.now(), authority=authority)


def in_words(numbers: Iterable[Contact]) -> str:
    """“01632 960112 (Derby social care, evenings, nights and weekends)”, each once."""
    return " or ".join(one.said for one in numbers)
