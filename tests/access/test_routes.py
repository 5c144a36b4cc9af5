"""Every address of the portal, asked for by every role: new routes are walked as soon as they exist.

Requests are real. What a route names is listed in `tests/access/addresses.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
from flask import Blueprint, Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal import clock
from portal.access.form_tokens import KEY
from portal.access.guard import Rule as Access
from portal.access.guard import UndeclaredRoute, allow, check, rule_of
from portal.access.model import AuditEvent
from portal.access.permissions import PERMISSIONS
from portal.records.people.model import SignInSession, User
from portal.vocabulary import Role, Sector
from tests import database
from tests.access.addresses import address, parts, unknown
from tests.access.scene import Scene, make_scene
from tests.access.scene_panels import COORDINATORS_KNOW
from tests.access.typesetting import set_nothing
from tests.cast import make_cast
from tests.client import Client
from tests.factories.documents import make_waiting_document
from tests.factories.people import open_session

FRAGMENT = {"HX-Request": "true", "HX-Target": "main#main-content", "HX-Request-Type": "partial"}
REFUSALS = {401, 403, 404}

#: Who looks for what is hidden: one of each role that comes near it.
SEEKERS = ("coordinator", "officer", "police_manager", "chair", "stranger", "governance", "administrator")

#: Routes that keep nobody out of what is hidden, because they tell something else of it on purpose.
TELLS_OF_IT = {
    ("messages.retry", "coordinator"): "coordinators watch over every message, never over what it is about",
    ("work.held", "coordinator"): "coordinators hand over what anybody leads and owns",
    ("messages.see_to", "coordinator"): "coordinators see to whoever could not be told, of no sealed case",
    ("messages.lift", "coordinator"): "coordinators watch over every address that came back",
    ("messages.lift", "administrator"): "administrators correct addresses",
    ("hub.referral", "coordinator"): "a form that is for a colleague who may see it says so",
    **{
        (f"concerns.{name}", "coordinator"): "coordinators see whatever is of concern"
        for name in (
            *("show", "history", "network", "change", "review", "end", "reopen", "hold_closely", "give"),
            *("grade", "police_status", "let_see", "withdraw", "note", "link", "unlink", "differ"),
            *("may_be_same", "pick", "same"),
        )
    },
    **{
        (endpoint, "coordinator"): "coordinators see who watches every place, and what is done there"
        for endpoint in (
            *("places.show", "places.name", "places.answer", "places.change", "places.end", "places.say"),
            *("places.take_back", "plans.give_on_concern"),
        )
    },
    **{
        (f"orders.{name}", "coordinator"): "coordinators see every order on what is of concern"
        for name in ("show", "new_order", "serve_order", "order_broken", "move_order", "end_order")
    },
    ("cases.show", "governance"): "governance sees the notice of every case",
    **{
        (
            f"looks.{name}",
            "governance",
        ): "governance sees who looked at every case, and what anybody looked at"
        for name in ("at_case", "file_at_case", "of_person", "file_of_person", "name_for_today")
    },
    **{
        (f"cases.{name}", "governance"): "governance knows that the case exists: 403 with the reason"
        for name in (
            "print_view",
            "who_was_told",
            "entry",
            "sharing",
            "files",
            "meetings",
            "manage",
            "network",
            "download_chronology",
            "dates_due",
            "alert_words",
            "change_sensitivity",
            "confirm_sensitivity",
            "answer_sensitivity",
        )
    },
    **{(one, "coordinator"): "coordinators know of every panel and concern" for one in COORDINATORS_KNOW},
    ("disclosures.show", "governance"): "governance sees the ledger, without the texts",
    ("disclosures.ledger", "governance"): "governance sees the ledger, without the texts",
}


#: Routes that join two records of the same sort, which a coordinator sees both of.
TWO_OF_A_KIND = {"concerns.differ", "concerns.same"}
#: Pages that open with what somebody chose on another.
LED_TO = {
    "looks.why": "whoever looked at very much (tests/looks/test_much.py)",
    "absences.of_person": "sends on to the days of somebody (tests/reminders/test_uncovered.py)",
    "attachments.read_email": "a saved e-mail (tests/attachments/test_several.py)",
    "concerns.let_link_go": "a link that an alert holds back (tests/concerns/test_links_under_alert.py)",
    "meetings.closed_parts": "from a message (tests/meetings/test_recording_asides.py)",
    "concerns.link": "with the child, place, person or thing that was found",
}


@dataclass
class Walk:
    """The application, the scene, and a browser for everybody."""

    app: Flask
    scene: Scene
    rows: Session
    browsers: dict[str, Client] = field(default_factory=dict)

    @property
    def people(self) -> dict[str, User]:
        """One of every role and sector, and a coordinator who is none."""
        cast = self.scene.cast
        names = (
            *("coordinator", "officer", "police_manager", "chair", "social_worker", "nurse"),
            "social_care_manager",
            *("community_safety", "stranger", "governance", "administrator"),
        )
        return {name: getattr(cast, name) for name in names} | {"impostor": self.scene.impostor}

    def browser(self, name: str) -> Client:
        """A browser in which this person, or nobody, is signed in."""
        if name not in self.browsers:
            client = self.app.test_client()
            assert isinstance(client, Client)
            client.check_pages = False  # what pages promise has tests of its own; here they are many
            if name in self.people:
                token = open_session(self.rows, self.people[name].id)
                client.set_cookie(self.app.config["PORTAL_SESSION_COOKIE"], token)
            self.browsers[name] = client
        return self.browsers[name]

    def routes(self, *, public: bool = False) -> Iterator[tuple[Rule, Access]]:
        """The routes for people who are signed in, or those open to all."""
        for rule in self.app.url_map.iter_rules():
            access = rule_of(self.app, rule.endpoint)
            assert access is not None
            if (access.permission is None) is public and rule.endpoint != "static":
                yield rule, access

    def admits(self, name: str, rule: Rule, access: Access) -> bool:
        """Whether the guard lets this person come near a route: role, and the blueprint's sectors."""
        person = self.people[name]
        sector = Sector(
            next(
                a.sector for a in vars(self.scene.cast).values() if getattr(a, "id", None) == person.agency_id
            )
        )
        roles = {Role(role) for role in person.roles}
        if sector is not Sector.HUB:
            roles -= {Role.COORDINATOR}
        blueprint = self.app.blueprints[rule.endpoint.partition(".")[0]]
        sectors = getattr(blueprint, "access_audience", None)
        return bool(PERMISSIONS[access.permission or ""].roles & roles) and (
            sectors is None or sector in sectors
        )

    def ask(self, name: str, rule: Rule, names: dict[str, str], method: str, **more: Any) -> TestResponse:
        """One request, with the form's token where it posts."""
        browser, place = self.browser(name), address(self.app, rule, names)
        return browser.submit(place, **more) if method == "POST" else browser.get(place, **more)


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST"})


@pytest.fixture(scope="module")
def walk(session_app: Flask, owner: Engine) -> Iterator[Walk]:
    database.empty(owner)
    with database.owner_session(owner) as rows, pytest.MonkeyPatch.context() as patch:
        set_nothing(patch)
        walk = Walk(session_app, make_scene(rows, make_cast(rows)), rows)
        _ask_for_documents(walk)
        yield walk
    database.empty(owner)


def _ask_for_documents(walk: Walk) -> None:
    """A long document under way on each side. A sign-in sees its own, so it begins where the browsers do."""
    cookie = walk.browser("officer").get_cookie(walk.app.config["PORTAL_SESSION_COOKIE"])
    assert cookie
    elsewhere = open_session(walk.rows, walk.scene.cast.teacher.id)
    for side, token in ((walk.scene.shown, cookie.value), (walk.scene.hidden, elsewhere)):
        place = f"/cases/{side.names['case']}/chronology.pdf"
        side.names["long document"] = str(make_waiting_document(walk.rows, token, address=place))


def plain(response: TestResponse, names: dict[str, str]) -> str:
    """An answer without what is random or was in the address."""
    # what every form carries: that it is ours, and which sending it is
    text = re.sub(rf'(name="(?:csrf_token|{KEY})" value=)"[^"]*"', r"\1", response.text)
    text = re.sub(r"[\w-]+\.[\w-]{6}\.[\w-]{27}", "token", text)  # first: by chance it holds a reference
    text = re.sub(r'data-clock="[^"]*"', "", text)  # a second may end between two answers
    for name in names.values():
        text = text.replace(name, "…")
    text = re.sub(
        r"(Printed (?:by|on) [^<]*?)(?:at )?\d\d?:\d\d[ap]m", r"\1", text
    )  # a minute may end between two answers
    return re.sub(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", "reference", text)


def report(faults: list[str]) -> str:
    return f"{len(faults)} faults:\n" + "\n".join(faults[:30])


def test_a_route_without_a_declaration_stops_the_start() -> None:
    app = Flask("undeclared")
    blueprint = Blueprint("b", __name__)
    blueprint.add_url_rule("/silent", "silent", lambda: "x")
    app.register_blueprint(blueprint)
    with pytest.raises(UndeclaredRoute, match=r"b\.silent"):
        check(app)


def test_a_route_cannot_ask_for_a_permission_that_does_not_exist() -> None:
    with pytest.raises(KeyError, match="access/permissions"):
        allow("case:devour")


def test_every_route_is_declared_and_its_records_are_known(walk: Walk) -> None:
    check(walk.app)
    for rule, _ in walk.routes():
        parts(rule)


def test_whoever_is_not_signed_in_gets_no_page(walk: Walk) -> None:
    faults = []
    for rule, access in walk.routes():
        for method in methods(rule):
            for headers in ({}, FRAGMENT):
                answer = walk.ask("nobody", rule, walk.scene.shown.names, method, headers=headers)
                sent_away = method == "GET" and not headers and not access.background
                expected = {303} if sent_away else {401}
                if answer.status_code not in expected:
                    faults.append(f"{method} {rule.rule} {headers and 'fragment'}: {answer.status_code}")
                if headers and not access.background and not answer.headers.get("HX-Redirect"):
                    faults.append(f"{method} {rule.rule}: a fragment without HX-Redirect")
                if walk.scene.shown.child.family_name in answer.text:
                    faults.append(f"{method} {rule.rule}: names a child")
    assert not faults, report(faults)


@pytest.mark.parametrize("condition", ["over", "idle", "revoked", "guessed"])
def test_a_session_that_is_no_good_is_nobody(walk: Walk, condition: str) -> None:
    token = open_session(walk.rows, walk.scene.cast.officer.id)
    session = walk.rows.query(SignInSession).order_by(SignInSession.id.desc()).first()
    assert session is not None
    now = clock.now()
    match condition:
        case "over":
            session.ends_at = now
        case "idle":
            session.last_seen_at = now - timedelta(seconds=session.idle_seconds)
        case "revoked":
            session.revoked_at = now
        case _:
            token = token[::-1]
    walk.rows.commit()
    browser = walk.app.test_client()
    browser.set_cookie(walk.app.config["PORTAL_SESSION_COOKIE"], token)
    for rule, access in walk.routes():
        if "GET" in methods(rule):
            answer = browser.get(address(walk.app, rule, walk.scene.shown.names))
            assert answer.status_code == (401 if access.background else 303), rule.rule


def test_pages_open_to_all_do_not_ask_who_one_is(walk: Walk) -> None:
    for rule, _ in walk.routes(public=True):
        if "GET" in methods(rule) and not rule.arguments:
            answer = walk.browser("nobody").get(rule.rule)
            assert answer.status_code not in REFUSALS or rule.endpoint == "public.token", rule.rule


def test_the_wrong_role_or_sector_is_told_so_whatever_it_asks_for(walk: Walk) -> None:
    faults = []
    # in turn: what one could see, as a page, and what does not exist, as a fragment
    turns = cycle(((walk.scene.shown.names, dict[str, str]()), (unknown(), FRAGMENT)))
    for rule, access in walk.routes():
        for name in walk.people:
            if walk.admits(name, rule, access):
                continue
            for method in methods(rule):
                names, headers = next(turns)
                answer = walk.ask(name, rule, names, method, headers=headers)
                if answer.status_code != 403:
                    faults.append(f"{name} {method} {rule.rule}: {answer.status_code}")
    assert not faults, report(faults)


def test_what_is_hidden_answers_like_what_does_not_exist(walk: Walk) -> None:
    faults = []
    turns = cycle((dict[str, str](), FRAGMENT))
    for rule, access in walk.routes():
        if not any(not record.startswith("=") for record in parts(rule).values()):
            continue
        if rule.endpoint in {"auth.end_session", "hub.remove_filter", "absences.of_person"}:
            continue  # each answers alike for what is not one's own: nothing is said of it
        if rule.endpoint.startswith("directory."):
            continue  # everybody who signs in reads every contact
        for name in SEEKERS:
            if not walk.admits(name, rule, access) or (rule.endpoint, name) in TELLS_OF_IT:
                continue
            if name == "administrator" and rule.endpoint.startswith("admin."):
                continue  # nobody's access is hidden from an administrator
            for method in methods(rule):
                faults += _unlike(walk, name, rule, method, next(turns))
    assert not faults, report(faults)


def _unlike(walk: Walk, name: str, rule: Rule, method: str, headers: dict[str, str]) -> list[str]:
    nothing, hidden = unknown(), walk.scene.hidden.names
    absent = walk.ask(name, rule, nothing, method, headers=headers)
    there = walk.ask(name, rule, hidden, method, headers=headers)
    if (absent.status_code, there.status_code) != (404, 404):
        return [f"{name} {method} {rule.rule}: {absent.status_code} for none, {there.status_code} for hidden"]
    if plain(absent, nothing) != plain(there, hidden):
        return [f"{name} {method} {rule.rule}: the two answers differ"]
    return []


def test_a_part_of_another_record_is_not_found_below_ones_own(walk: Walk) -> None:
    """An address that joins a record one works with and a part of one that is hidden."""
    faults = []
    for rule, access in walk.routes():
        records = parts(rule)
        below = {record for argument, record in records.items() if argument.endswith(("_id", "_reference"))}
        below = {record for record in below if not record.startswith("=")}
        if "reference" not in records or not below - {"child"} or rule.endpoint in TWO_OF_A_KIND:
            continue
        names = walk.scene.shown.names | {record: walk.scene.hidden.names[record] for record in below}
        for name in walk.people:
            if walk.admits(name, rule, access):
                for method in methods(rule):
                    answer = walk.ask(name, rule, names, method)
                    if answer.status_code not in REFUSALS:
                        faults.append(f"{name} {method} {rule.rule}: {answer.status_code}")
    assert not faults, report(faults)


def test_every_look_and_every_release_is_on_record_and_no_page_breaks(walk: Walk) -> None:
    faults, shown = [], set()
    for rule, access in walk.routes():
        if "GET" not in methods(rule):
            continue
        admitted = [name for name in walk.people if walk.admits(name, rule, access)]
        for name in admitted:
            for headers in ({}, FRAGMENT) if name in admitted[:2] else ({},):
                before = _looks(walk)
                answer = walk.ask(name, rule, walk.scene.shown.names, "GET", headers=headers)
                left = _looks(walk) - before
                if answer.status_code >= 500:
                    faults.append(f"{name} {rule.rule}: {answer.status_code}")
                if answer.status_code == 200:
                    shown.add(rule.endpoint)
                    if (access.shows or access.releases) and not left:
                        faults.append(f"{name} {rule.rule}: seen, and no audit row")
                if answer.status_code in {403, 404} and not left:
                    faults.append(f"{name} {rule.rule}: refused, and no audit row")
    assert not faults, report(faults)
    unseen = {rule.endpoint for rule, _ in walk.routes() if "GET" in methods(rule)} - shown
    unseen -= set(LED_TO)
    assert not unseen, f"nobody of the cast is shown {sorted(unseen)}: mend the scene"


def _looks(walk: Walk) -> int:
    walk.rows.rollback()
    return walk.rows.scalar(select(func.count()).select_from(AuditEvent)) or 0


def test_a_form_without_its_token_changes_nothing(walk: Walk) -> None:
    faults = []
    for rule, access in walk.routes():
        if "POST" not in methods(rule):
            continue
        name = next((one for one in walk.people if walk.admits(one, rule, access)), None)
        assert name, f"nobody of the cast may post to {rule.rule}"
        answer = walk.browser(name).post(address(walk.app, rule, walk.scene.shown.names))
        if answer.status_code != 400:
            faults.append(f"{name} {rule.rule}: {answer.status_code}")
    assert not faults, report(faults)
