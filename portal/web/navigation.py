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
from portal.messages.told import ALL_NAMES
from portal.messages.told import CATEGORY as TOLD
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role, Sector
from portal.web.filters import moment
from portal.web.held_words import question


class _Person(Protocol):
    @property
    def sector(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Place:
    """A page that people go to directly, and whom it is offered to."""

    endpoint: str | Callable[[_Person], str]
    text: str
    offered_to: Callable[[_Person], bool] = lambda _person: True
    counts: str = ""  # the part of `portal.pages.waiting.Waiting` beside it

    def of(self, person: _Person | None) -> str:
        """The endpoint that this place is for a person."""
        if isinstance(self.endpoint, str):
            return self.endpoint
        return self.endpoint(person) if person else ""


@dataclass(frozen=True)
class NavigationItem:
    """One link of the navigation on the present page."""

    text: str
    href: str
    active: bool = False
    current: bool = False
    counts: str = ""


def _sees_cases(person: _Person) -> bool:
    return bool(person.roles & ROLES_THAT_SEE_CASES)


def _holds(*roles: Role) -> Callable[[_Person], bool]:
    return lambda person: bool(person.roles & frozenset(roles))


def _manages_cases(person: _Person) -> bool:
    return Role.MANAGER in person.roles and _sees_cases(person)


#: Where the work of a sector starts; each is served by the blueprint of its sector alone.
_TODAY = {
    Sector.POLICE: "police.index",
    Sector.SOCIAL_CARE: "social_care.index",
    Sector.HEALTH: "health.index",
    Sector.COUNCIL: "council.index",
}
_OTHERS_TODAY = "home.index"
TODAY = "today"

#: Pages that stand below another of the same blueprint, and blueprints that stand below a page of another.
_WITHIN = {
    "public.guidance_page": "public.guidance",
    **dict.fromkeys(("work", "police", "social_care", "health", "council", "contributions"), TODAY),
    **dict.fromkeys(("children", "assessments", "plans", "linked_processes"), "cases.index"),
    **dict.fromkeys(("minutes", "panels"), "meetings.index"),
    "places": "concerns.index",
}


def today_of(person: _Person) -> str:
    """The endpoint where a person's work starts: the hub's queue, their sector's page, or the shared one."""
    if Role.COORDINATOR in person.roles:
        return "hub.queue"
    return _TODAY.get(Sector(person.sector), _OTHERS_TODAY) if _sees_cases(person) else _OTHERS_TODAY


#: The places of the portal, in order: six for whoever works with cases, and what a role has besides.
PLACES = (
    Place(today_of, "Today", lambda person: Role.COORDINATOR not in person.roles),
    Place("hub.queue", "Triage", _holds(Role.COORDINATOR), counts="forms"),
    Place("work.team", "My team", _manages_cases),
    Place("cases.index", "Cases", _sees_cases),
    Place("missing.index", "Missing or away now", _sees_cases, counts="missing"),
    Place("meetings.index", "Meetings", _sees_cases),
    Place("concerns.index", "Places and people", _sees_cases),
    Place("disclosures.index", "Sharing ledger", _holds(Role.GOVERNANCE)),
    Place("looks.index", "Who looked", _holds(Role.GOVERNANCE)),
    Place("admin.index", "Administration", _holds(Role.ADMINISTRATOR)),
    Place("public.guidance", "Guidance"),
)

#: What somebody opens of their own, by their name in the head of the page.
_OWN = (
    Place("auth.sessions", "Your sign-ins"),
    Place("absences.index", "Away days and cover", _sees_cases),
    Place("referrals.index", "What we sent", _sees_cases),
    Place("messages.choices", "Which mails you get", lambda person: bool(person.roles)),
    Place("home.tour", "A short tour", lambda person: bool(person.roles)),
    Place("home.keyboard", "Keyboard", lambda person: bool(person.roles)),
)

_VISITOR = (
    Place("public.home", "Home"),
    Place("public.guidance", "Guidance"),
    Place("public.contacts", "Contacts"),
)

_FOOTER = (
    Place("public.guidance", "Guidance"),
    Place("public.contacts", "Contacts"),
    Place("home.words", "Words and abbreviations"),
    Place("public.privacy", "What we record and why"),
    Place("public.accessibility", "Accessibility"),
    Place("public.cookies", "Cookies"),
    Place("admin.policy", "Levels and times, and what is not agreed yet", lambda person: bool(person.roles)),
)


def navigation(person: _Person | None) -> list[NavigationItem]:
    """The links offered to ``person`` (or to a visitor), with the one marked that one is on."""
    return _links(_VISITOR if person is None else PLACES, person)


def own_links(person: _Person) -> list[NavigationItem]:
    """The links below a person's name."""
    return _links(_OWN, person)


def footer_links(person: _Person | None) -> list[NavigationItem]:
    """The links at the foot of every page."""
    return _links(_FOOTER if person else _FOOTER[:-1], person)


def _links(places: Sequence[Place], person: _Person | None) -> list[NavigationItem]:
    here = request.endpoint or ""
    known = current_app.view_functions
    offered = [(place, place.of(person)) for place in places if person is None or place.offered_to(person)]
    section = "" if here in {endpoint for _, endpoint in offered} else _section(here, person)
    return [
        NavigationItem(
            place.text,
            url_for(endpoint),
            active=endpoint in {here, section},
            current=endpoint == here,
            counts=place.counts,
        )
        for place, endpoint in offered
        if endpoint in known
    ]


def _section(here: str, person: _Person | None) -> str:
    """The endpoint of the place that the present page stands below."""
    blueprint, _, _ = here.rpartition(".")
    within = _WITHIN.get(here) or _WITHIN.get(blueprint, f"{blueprint}.index")
    if within != TODAY:
        return within
    return today_of(person) if person else ""


MARKING = "OFFICIAL-SENSITIVE"

#: Endpoints that the furniture leads to; each is left out while no blueprint offers it.
SIGN_IN, SIGN_OUT = "auth.choose", "auth.sign_out"
MESSAGES, SEARCH, SHARE = "messages.index", "search.run", "referrals.start"
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


_BAND = 'class="app-missing"'


@dataclass(frozen=True)
class PageLayout:
    """Knows who is signed in and what waits for them, by functions that the app gives it."""

    whoami: Callable[[], SignedIn | None]
    waiting: Callable[[Any], Any] = lambda _person: None  # a `portal.pages.waiting.Waiting`

    def init_app(self, app: Flask) -> None:
        """Offer the furniture to every template of ``app``."""
        app.context_processor(self.context)
        app.jinja_env.globals.update(
            announcement=announcement,
            csrf_field=csrf_field,
            flashed=flashed,
            held_question=question,
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
            "footer_links": footer_links(person),
            "sign_in_url": address(SIGN_IN),
            "sign_out_url": address(SIGN_OUT),
            "own_links": own_links(person) if person else [],
            "messages_url": address(MESSAGES) if person and person.roles else None,
            "search_url": address(SEARCH) if person and _sees_cases(person) else None,
            "share_url": address(SHARE) if person and _sees_cases(person) else None,
            "waiting_now": lambda: (
                self.waiting(person) if person else None
            ),  # asked by pages, not by fragments
            "missing_unless_said": lambda content: self._missing_unless_said(person, content),
            "new_here": lambda: self._new_here(person),
            "body_attributes": lambda: body_attributes(person),
            "printed_by": lambda: printed_by(person),
        }

    def _missing_unless_said(self, person: SignedIn | None, content: str) -> Sequence[Any]:
        """The children of a page who are missing now, where no band of the page itself says so."""
        waits = self.waiting(person) if person else None
        return () if waits is None or _BAND in content else waits.here

    def _new_here(self, person: SignedIn | None) -> bool:
        """Whether to offer the tour: where somebody’s work starts, until they took it or said not now."""
        if person is None or not person.roles or request.endpoint != today_of(person):
            return False
        waits = self.waiting(person)
        return waits is not None and not waits.toured


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
        "data-clock": clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M:%S"),
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
    names = [line for kind, text in messages if kind == ALL_NAMES for line in text.split("\n")]
    banners = [one for one in messages if one[0] not in {TOLD, ALL_NAMES}] or [("message", "")]
    *first, last = [(text, kind != "problem") for kind, text in banners]
    return Markup("").join(
        [
            *(notification(text, success=success) for text, success in first),
            notification(last[0], success=last[1], more=told, names=names),
        ]
    )


def announcement() -> str:
    """What the live region says as the page opens; taken once."""
    return str(g.pop("announcement", ""))


def printed_by(person: SignedIn | None) -> str:
    """For the foot of a print: who made it and when, so that a sheet left on a desk can be led back."""
    when = moment(clock.now())
    who = f" by {escape(person.name)}, {escape(person.agency_name)}" if person else ""
    return Markup(f"Printed{who} on {when}")  # noqa: S704  # the names are escaped above
