"""The main navigation: who is offered what. It only shows the way; who may enter is not decided here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import current_app, request, url_for

from portal.vocabulary import ROLES_THAT_SEE_CASES, Role, Sector


class _Person(Protocol):
    @property
    def sector(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Place:
    """A page that people go to directly, and whom it is offered to."""

    endpoint: str
    text: str
    offered_to: Callable[[_Person], bool] = lambda _person: True


@dataclass(frozen=True)
class NavigationItem:
    """One link of the navigation on the present page."""

    text: str
    href: str
    active: bool = False
    current: bool = False


def _sees_cases(person: _Person) -> bool:
    return bool(person.roles & ROLES_THAT_SEE_CASES)


def _holds(*roles: Role) -> Callable[[_Person], bool]:
    return lambda person: bool(person.roles & frozenset(roles))


def _manages_only(person: _Person) -> bool:
    return Role.MANAGER in person.roles and Role.ADMINISTRATOR not in person.roles


def _works_in(sector: Sector) -> Callable[[_Person], bool]:
    return lambda person: person.sector == sector and _sees_cases(person)


#: Pages that stand below another of the same blueprint.
_WITHIN = {"public.guidance_page": "public.guidance"}

_OWN_WORKSPACE = frozenset({Sector.HUB, Sector.POLICE, Sector.SOCIAL_CARE, Sector.HEALTH, Sector.COUNCIL})

PLACES = (
    Place("work.index", "My work", _sees_cases),
    Place(
        "home.index", "Home", lambda person: person.sector not in _OWN_WORKSPACE or not _sees_cases(person)
    ),
    Place("hub.queue", "Triage", _holds(Role.COORDINATOR)),
    Place("missing.index", "Missing children", _holds(Role.COORDINATOR)),
    Place("police.index", "Police", _works_in(Sector.POLICE)),
    Place("social_care.index", "Social care", _works_in(Sector.SOCIAL_CARE)),
    Place("health.index", "Health", _works_in(Sector.HEALTH)),
    Place("council.index", "Council", _works_in(Sector.COUNCIL)),
    Place("referrals.start", "Share a concern", _sees_cases),
    Place("referrals.index", "What we sent", _sees_cases),
    Place("cases.index", "Cases", _sees_cases),
    Place("meetings.index", "Meetings", _sees_cases),
    Place("search.index", "Search", _sees_cases),
    Place("disclosures.index", "Sharing ledger", _holds(Role.GOVERNANCE)),
    Place("oversight.index", "Oversight", _holds(Role.GOVERNANCE, Role.MANAGER)),
    Place("admin.index", "Administration", _holds(Role.ADMINISTRATOR)),
    Place("admin.people", "Our people", _manages_only),
    Place("public.guidance", "Guidance"),
)

_VISITOR = (
    Place("public.home", "Home"),
    Place("public.guidance", "Guidance"),
    Place("public.contacts", "Contacts"),
)

_FOOTER = (
    Place("public.guidance", "Guidance"),
    Place("public.contacts", "Contacts"),
    Place("public.privacy", "What we record and why"),
    Place("public.accessibility", "Accessibility"),
    Place("public.cookies", "Cookies"),
)


def navigation(person: _Person | None) -> list[NavigationItem]:
    """The links offered to ``person`` (or to a visitor), with the one marked that one is on."""
    places = _VISITOR if person is None else [place for place in PLACES if place.offered_to(person)]
    return _links(places)


def footer_links() -> list[NavigationItem]:
    """The links at the foot of every page."""
    return _links(_FOOTER)


def _links(places: Sequence[Place]) -> list[NavigationItem]:
    here = request.endpoint or ""
    known = current_app.view_functions
    return [
        NavigationItem(
            place.text,
            url_for(place.endpoint),
            active=_same_section(here, place.endpoint),
            current=here == place.endpoint,
        )
        for place in places
        if place.endpoint in known
    ]


def _same_section(here: str, endpoint: str) -> bool:
    """Whether the present page stands below a place: in the same blueprint, or the very same page."""
    if here == endpoint or _WITHIN.get(here) == endpoint:
        return True
    blueprint, _, _ = endpoint.rpartition(".")
    return blueprint not in {"public", "referrals"} and here.startswith(f"{blueprint}.")
