"""What stands around the content of every page: who is signed in, where they can go, its marking."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast
from uuid import UUID

from flask import Flask, current_app, g, get_flashed_messages, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from config.headers import FIRST_SCRIPT
from portal import clock
from portal.access import form_tokens
from portal.access.form_tokens import KEY
from portal.access.principal import is_unknown
from portal.messages.told import CATEGORY as TOLD
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


MARKING = "OFFICIAL-SENSITIVE"

#: Endpoints that the furniture leads to; each is left out while no blueprint offers it.
SIGN_IN, SIGN_OUT, SESSIONS = "auth.choose", "auth.sign_out", "auth.sessions"
MESSAGES = "messages.index"
TOKEN, STAY = "public.token", "public.stay"


class SignedIn(Protocol):
    """What the furniture has to know of a person: :class:`portal.access.principal.Principal` is one."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def agency_name(self) -> str: ...
    @property
    def sector(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class PageLayout:
    """Knows who is signed in and how much they have not read, by functions that the app gives it."""

    whoami: Callable[[], SignedIn | None]
    unread: Callable[[Any], int] = lambda _person: 0

    def init_app(self, app: Flask) -> None:
        """Offer the furniture to every template of ``app``."""
        app.context_processor(self.context)
        app.jinja_env.globals.update(
            announcement=announcement,
            csrf_field=csrf_field,
            flashed=flashed,
            first_script=Markup(FIRST_SCRIPT),  # noqa: S704  # a constant of ours
            marking_text=MARKING,
        )

    def context(self) -> dict[str, Any]:
        """The names that the layouts read."""
        person = self.whoami()
        return {
            "service_name": current_app.config["SERVICE_NAME"],
            "signed_in": person,
            "not_known_who": is_unknown(),
            "navigation": navigation(person),
            "footer_links": footer_links(),
            "sign_in_url": address(SIGN_IN),
            "sign_out_url": address(SIGN_OUT),
            "sessions_url": address(SESSIONS),
            "messages_url": address(MESSAGES) if person and person.roles else None,
            "unread": lambda: self.unread(person) if person else 0,  # asked by the header, not by fragments
            "body_attributes": lambda: body_attributes(person),
            "printed_by": lambda: printed_by(person),
        }


def address(endpoint: str) -> str | None:
    """The address of an endpoint without values, or nothing when the app has no such endpoint."""
    return url_for(endpoint) if endpoint in current_app.view_functions else None


def body_attributes(person: SignedIn | None) -> Markup:
    """What the scripts need to know, on the body: nothing for a visitor who is not signed in."""
    if person is None:
        return Markup("")
    form_tokens.belong_to(person.user_id)
    token = generate_csrf()
    attributes = {
        "data-person": str(person.user_id),
        "data-token": token,
        "data-token-url": address(TOKEN),
        "data-stay-url": address(STAY),
        "data-sign-in-url": address(SIGN_IN),
        "data-idle-seconds": str(int(current_app.config["SESSION_IDLE_SECONDS"])),
        "hx-headers:inherited": json.dumps({"X-CSRFToken": token}),
    }
    return Markup(" ").join(Markup('{}="{}"').format(k, v) for k, v in attributes.items() if v)


def csrf_field() -> Markup:
    """The hidden fields of every form that posts: that it is ours, and which sending it is.

    `portal.web.idempotency` takes a form that comes twice with the same key for one.
    """
    if KEY not in g:
        setattr(g, KEY, secrets.token_urlsafe(16))
    hidden = Markup('<input type="hidden" name="{}" value="{}"{}>')
    return hidden.format("csrf_token", generate_csrf(), "") + hidden.format(
        KEY, g.get(KEY), Markup(' autocomplete="off"')
    )


def flashed() -> Markup:
    """What the last request wants said, as banners: ``flash("Saved")`` or ``flash(…, "problem")``.

    Who was told (`portal.messages.told`) stands below what was done, in the same banner.
    """
    messages = cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))
    if not messages:
        return Markup("")
    notification = current_app.jinja_env.globals["ui"].notification  # type: ignore[attr-defined]  # a namespace
    told = " ".join(text for kind, text in messages if kind == TOLD)
    banners = [(kind, text) for kind, text in messages if kind != TOLD] or [("message", "")]
    return Markup("").join(
        notification(text, success=kind != "problem", more=told if (kind, text) == banners[-1] else "")
        for kind, text in banners
    )


def announcement() -> str:
    """What the live region says as the page opens; taken once."""
    return str(g.pop("announcement", ""))


def printed_by(person: SignedIn | None) -> str:
    """For the foot of a print: who made it and when, so that a sheet left on a desk can be led back."""
    when = clock.local(clock.now()).strftime("%-d %B %Y at %H:%M")
    who = f" by {escape(person.name)}, {escape(person.agency_name)}" if person else ""
    return Markup(f"Printed{who} on {when}")  # noqa: S704  # the names are escaped above
