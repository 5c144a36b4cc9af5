"""The requirement “who sees what”, row by row, against verbs, row security and real requests.

`decisions.csv` is written for people: a row says what somebody in a role, standing in a relation to a record
of a sensitivity, may do or read, and why. There are three kinds of rows:

- `case:view` is the reach of a person on a case: `full`; `request`, who the child is and what was asked;
  `notice`, that the case exists; `none`.
- Another verb of `portal/access/permissions`: `allowed`; `refused` is 403 with the reason; `notice` and
  `request` are 403 because no more than that is seen; `hidden` is the 404 of nothing.
- `read …` is one record by its own rule: `shown` or `hidden`.

People stand in `decision_scene.py`. Nothing that a request writes is kept: rows do not touch each other.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, Engine, func, select, text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.access import principal
from portal.access.guard import rule_of
from portal.access.permissions import PERMISSIONS, near, permitted
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case, CaseNotice
from portal.records.children.model import Child, ChildRecord
from portal.records.people.model import User
from portal.records.requests.model import InformationRequest
from tests import database
from tests.access.addresses import address, parts
from tests.access.decision_people import facts, marker
from tests.access.decision_records import READS, SUBJECTS
from tests.access.decision_scene import DecisionScene, make_decision_scene
from tests.access.typesetting import set_nothing
from tests.cast import make_cast
from tests.client import Client
from tests.factories.people import open_session

FRAGMENT = {"HX-Request": "true", "HX-Target": "main#main-content", "HX-Request-Type": "partial"}
ASKED: tuple[tuple[str, dict[str, str]], ...] = (("GET", {}), ("GET", FRAGMENT), ("POST", {}))
REFUSALS = {401, 403, 404}
REACH = {"full", "request", "notice", "none"}
#: How many addresses of a verb are asked for a row in `make test`: each row takes the next.
AT_ONCE = 1
VERDICTS = {"allowed", "refused", "notice", "request", "hidden"}


@dataclass(frozen=True)
class Row:
    """One decision."""

    role: str
    relation: str
    sensitivity: str
    permission: str
    expected: str
    why: str

    def __str__(self) -> str:
        return f"{self.role}, {self.relation}, {self.sensitivity}: {self.permission} {self.expected}"

    @property
    def side(self) -> str:
        return "normal" if self.sensitivity == "-" else self.sensitivity


def _rows() -> list[Row]:
    with (Path(__file__).parent / "decisions.csv").open(encoding="utf-8", newline="") as file:
        return [Row(**line) for line in csv.DictReader(file)]


ROWS = _rows()
REACHES = [row for row in ROWS if row.permission == "case:view"]
RECORDS = [row for row in ROWS if row.permission.startswith("read ")]
VERBS = [row for row in ROWS if row not in REACHES and row not in RECORDS]

#: Routes that settle a verb themselves, beside the one that they declare to be near the page.
SETTLED_INSIDE = {
    "cases.change_sensitivity": ("sensitivity:raise", "sensitivity:lower"),
    "cases.answer_sensitivity": ("sensitivity:confirm",),
    **{
        f"children.{name}": ("child:restate",)
        for name in ("restate", "release", "end_status", "end_identifier")
    },
}
#: Verbs that no address leads to yet, and relations that nothing can stand in yet.
NO_ROUTE_YET = {
    *("case:open", "roles:ask"),
    "handover:finalise",
}
NOT_YET: set[str] = set()
#: Addresses that answer by what was begun or is left over, not by who asks.
BY_STATE = {
    "minutes.versions": "is for whoever reads a case of the meeting: the invited have what they were given",
    "cases.end_asked": "everyone on the case reads that it is asked to end; the answer settles who may",
    "orders.of_child": "answers by the record of the child, and lists the orders that one sees",
    "auth.end_session": "ends nothing that is not one’s own and says so to nobody",
    "requests.ask_for_meeting": "answers by the meeting, which a notice of its case does not show",
    "disclosures.ledger": "answers by the case, and lists what one sees of what was told",
    "meetings.call_on_district": "it is on no case, so nobody calls it as the lead professional",
    "panels.give_action": "answers by the item and its panel, and the verb’s rows by the case",
    "plans.give_on_concern": "answers by the concern, and the verb’s rows by the case",
    "cases.keep_draft": "there is no second version of a draft",
    "hub.recognise": "answers by the child that is chosen",
    "meetings.save_review": "takes what its page says of an action (tests/meetings/test_last_actions.py)",
    "meetings.save_line": "takes what its page says of a line (tests/meetings/test_lines.py)",
    "concerns.let_link_go": "is where an alert holds a link back (tests/concerns/test_links_under_alert.py)",
    "meetings.closed_part": "answers by who is named for it",
    "hub.remove_filter": "a filter is its owner’s own",
    "disclosures.answer": "is for what was told with a referral to social care, which the scene’s was not",
    "absences.of_person": "sends on to the days of somebody whom one looks after, else to the list",
    **dict.fromkeys(
        ("looks.of_person", "looks.file_of_person"),
        "answers by whose manager one is (tests/looks/test_looks.py)",
    ),
    "downloads.follow": "a long document is its sign-in’s own",
}
#: Pages that whoever sees the record reads, while the verb is settled where they are sent.
SETTLED_WHEN_SENT = {
    "meetings.lower_level": "whoever is reminded that it waits, and may not settle it, reads who does",
}


@dataclass
class Court:
    """The application, the scene, and a session and browser for everybody."""

    app: Flask
    scene: DecisionScene
    rows: Session
    tokens: dict[Any, str] = field(default_factory=dict)
    browsers: dict[Any, Client] = field(default_factory=dict)
    principals: dict[tuple[str, str], Principal] = field(default_factory=dict)

    def person(self, row: Row) -> User | None:
        return self.scene.person(row.role, row.relation)

    def token(self, person: User | None) -> str:
        if person is None:
            return ""
        if person.id not in self.tokens:
            self.tokens[person.id] = open_session(self.rows, person.id)
        return self.tokens[person.id]

    def principal(self, row: Row) -> Principal:
        """The person as the guard knows them."""
        key = (row.role, row.relation)
        if key not in self.principals:
            self.principals[key] = self._load(row)
        return self.principals[key]

    def _load(self, row: Row) -> Principal:
        with self.app.test_request_context("/decisions"):
            principal.use_token(self.token(self.person(row)))
            try:
                return principal.current()
            finally:
                db.session.rollback()
                principal.use_token("")

    def sees(self, row: Row, model: type[Any], condition: ColumnElement[bool]) -> bool:
        """Whether row security shows this person the row."""
        principal.use_token(self.token(self.person(row)))
        try:
            with Session(self.engine) as session:
                return bool(session.scalar(select(func.count()).select_from(model).where(condition)))
        finally:
            principal.use_token("")

    @property
    def engine(self) -> Engine:
        with self.app.app_context():
            return db.engine

    def ask(self, row: Row, place: str, method: str = "GET", **more: Any) -> TestResponse:
        person = self.person(row)
        key = person.id if person else None
        if key not in self.browsers:
            browser = self.app.test_client()
            assert isinstance(browser, Client)
            browser.check_pages = False  # what pages promise has tests of its own; here they are many
            if person:
                browser.set_cookie(self.app.config["PORTAL_SESSION_COOKIE"], self.token(person))
            self.browsers[key] = browser
        browser = self.browsers[key]
        return browser.submit(place, **more) if method == "POST" else browser.get(place, **more)

    def is_for(self, rule: Rule, row: Row) -> bool:
        """Whether the blueprint of a route is open to people of this sector."""
        sectors = getattr(self.app.blueprints[rule.endpoint.partition(".")[0]], "access_audience", None)
        return sectors is None or self.principal(row).sector in sectors

    def routes(self, permission: str) -> list[Rule]:
        """The addresses at which a verb is settled."""
        found = []
        for rule in self.app.url_map.iter_rules():
            access = rule_of(self.app, rule.endpoint)
            inside = SETTLED_INSIDE.get(rule.endpoint)
            declared = access is not None and access.permission == permission
            if (permission in inside if inside else declared) and rule.endpoint not in BY_STATE:
                found.append(rule)
        return found


@pytest.fixture(scope="module")
def court(session_app: Flask, owner: Engine) -> Iterator[Court]:
    """The scene, in which every request is undone: what would be kept is written, checked and taken back."""

    def undo() -> None:
        db.session.flush()
        db.session.execute(text("set constraints all immediate"))
        db.session.rollback()

    database.empty(owner)
    with database.owner_session(owner) as rows, pytest.MonkeyPatch.context() as patch:
        scene = make_decision_scene(rows, make_cast(rows))
        patch.setattr(db.session, "commit", undo)
        set_nothing(patch)
        yield Court(session_app, scene, rows)
    database.empty(owner)


def test_the_file_says_each_thing_once_and_says_why() -> None:
    asked = [(r.role, r.relation, r.sensitivity, r.permission) for r in ROWS]
    twice = {one for one in asked if asked.count(one) > 1}
    assert not twice, f"say it once: {twice}"
    for row in ROWS:
        assert row.why.strip(), f"{row}: say why"
        words = REACH if row in REACHES else {"shown", "hidden"} if row in RECORDS else VERDICTS
        assert row.expected in words, f"{row}: say one of {sorted(words)}"
        assert row in RECORDS or row.permission in PERMISSIONS, f"{row}: no such permission"
        assert row not in RECORDS or row.permission in READS, f"{row}: say in decision_records.py where it is"


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_every_permission_is_once_allowed_and_once_refused(permission: str) -> None:
    said = {row.expected for row in ROWS if row.permission == permission}
    assert said & {"allowed", "full"}, f"add a row to decisions.csv that says who may {permission}"
    assert said - {"allowed", "full"}, f"add a row to decisions.csv that says who may not {permission}"


def test_every_permission_is_settled_at_an_address_or_says_that_none_leads_there_yet(court: Court) -> None:
    without = {name for name in PERMISSIONS if not court.routes(name)}
    assert without == NO_ROUTE_YET, "keep NO_ROUTE_YET to the verbs without an address"


@pytest.mark.parametrize("row", VERBS, ids=str)
def test_a_verb_is_decided_shown_and_answered_as_the_requirement_says(court: Court, row: Row) -> None:
    """By the permission in Python, by row security, and by real requests for pages, fragments and forms."""
    _is_decided(court, row)
    _is_shown_what_it_works_on(court, row)
    _is_answered(court, row, _some(court.routes(row.permission), row))


@pytest.mark.parametrize("row", VERBS, ids=str)
def test_every_address_of_a_verb_answers_as_the_requirement_says(court: Court, row: Row) -> None:
    """All that the test above asks a few of, in turn: `make proof` asks them all."""
    _is_answered(court, row, court.routes(row.permission))


def _some(rules: list[Rule], row: Row) -> list[Rule]:
    """One of the addresses of a verb, or a few, others for the next row of it."""
    first = ROWS.index(row) * AT_ONCE
    return [rules[(first + number) % len(rules)] for number in range(min(AT_ONCE, len(rules)))]


def _is_decided(court: Court, row: Row) -> None:
    if row.expected in {"allowed", "refused"}:
        may = permitted(court.principal(row), row.permission, facts(row.relation))
        assert may is (row.expected == "allowed"), f"{row.why}: mend the permission"


@pytest.mark.parametrize("row", REACHES, ids=str)
def test_reach_is_what_the_requirement_says(court: Court, row: Row) -> None:
    """By row security, and by the pages of a case and a child."""
    _reaches(court, row)
    _a_case_answers(court, row)


def _reaches(court: Court, row: Row) -> None:
    ids = court.scene.records[row.side]
    shown = {
        "case": court.sees(row, Case, Case.id == ids["case"]),
        "notice": court.sees(row, CaseNotice, CaseNotice.case_id == ids["case"]),
        "child": court.sees(row, Child, Child.id == ids["child"]),
        "record": court.sees(row, ChildRecord, ChildRecord.child_id == ids["child"]),
        "question": court.sees(row, InformationRequest, InformationRequest.child_id == ids["child"]),
    }
    expected = {
        "full": {"case", "notice", "child", "record", "question"},
        "request": {"child", "question"},
        "notice": {"notice"},
        "none": set[str](),
    }[row.expected]
    assert {name for name, seen in shown.items() if seen} == expected, f"{row.why}: mend access/rows"


def _a_case_answers(court: Court, row: Row) -> None:
    comes_near = near(court.principal(row), "case:view")
    knows = near(court.principal(row), "case:notice")
    names = court.scene.sides[row.side].names
    # the page of a case shows its notice to whoever sees no more; every other page of it refuses them
    page_status = {"full": 200, "notice": 200}.get(row.expected, 404) if knows else 403
    print_status = {"full": 200, "notice": 403}.get(row.expected, 404) if comes_near else 403
    child_status = 200 if row.expected in {"full", "request"} else 404
    if not near(court.principal(row), "child:view"):
        child_status = 403
    case, child = f"/cases/{names['case']}", f"/children/{names['child']}"
    family_name = court.scene.sides[row.side].child.family_name
    faults = []
    for place, headers, expected in (
        (case, {}, page_status),
        (case, FRAGMENT, page_status),
        (f"{case}/print", {}, print_status),
        (child, FRAGMENT, child_status),
    ):
        answer = court.ask(row, place, headers=headers)
        if answer.status_code != expected:
            faults.append(f"{place} answers {answer.status_code}, not {expected}")
        if row.expected not in {"full", "request"} and family_name in answer.text:
            faults.append(f"{place} names the child")
    assert not faults, f"{row.why}: {faults}"


def _is_shown_what_it_works_on(court: Court, row: Row) -> None:
    subject = SUBJECTS.get(row.permission)
    if subject is None or row.role == "nobody" or row.relation in NOT_YET:
        return  # the verb works on no record, or on one that cannot be yet
    ids = court.scene.records[row.side]
    seen = court.sees(row, subject.model, subject.key == ids[subject.record])
    if row.expected == "allowed":
        assert seen, f"{row.why}: the record is hidden"
    elif row.expected in {"hidden", "notice", "request"}:
        assert not seen, f"{row.why}: the record is shown"
    elif near(court.principal(row), row.permission):
        assert seen, f"{row.why}: whoever sees nothing gets 404: say “hidden”"


def _is_answered(court: Court, row: Row, rules: list[Rule]) -> None:
    if row.relation in NOT_YET:
        return
    by_role = not near(court.principal(row), row.permission)
    faults = []
    turns = _turns(row, by_role=by_role)
    for rule in rules:
        named = any(not record.startswith("=") for record in parts(rule).values())
        if row.expected != "allowed" and not by_role and not named:
            continue  # a list, which shows to each their own
        if row.expected == "allowed" and not court.is_for(rule, row):
            continue  # the workspace of another sector
        place = address(court.app, rule, court.scene.sides[row.side].names)
        for method, headers in next(turns):
            if method not in (rule.methods or ()):
                continue
            status = court.ask(row, place, method, headers=headers).status_code
            if not _fits(status, _expected(row, rule, method, by_role=by_role)):
                faults.append(f"{method} {rule.endpoint}{' as a fragment' if headers else ''}: {status}")
    assert not faults, f"{row.why}: {faults}"


def _turns(row: Row, *, by_role: bool) -> Iterator[tuple[tuple[str, dict[str, str]], ...]]:
    """How each route of a verb is asked. Where all is refused alike, page and fragment take turns: from route
    to route, and from row to row. The wrong role is told so before anything is looked up.
    """
    page, fragment, sent = ASKED
    if row.expected == "allowed":
        return cycle((ASKED,))
    either = ((page,), (fragment, sent)) if by_role else ((page, sent), (fragment, sent))
    return cycle(either if ROWS.index(row) % 2 else either[::-1])


def _expected(row: Row, rule: Rule, method: str, *, by_role: bool) -> str:
    """What a row says of one request."""
    reads = rule.endpoint in SETTLED_WHEN_SENT and method == "GET"
    return "allowed" if reads and row.expected == "refused" and not by_role else row.expected


def _fits(status: int, expected: str) -> bool:
    if expected == "allowed":
        return status < 500 and status not in REFUSALS
    return status == (404 if expected == "hidden" else 403)


@pytest.mark.parametrize("row", RECORDS, ids=str)
def test_a_record_is_shown_by_its_own_rule(court: Court, row: Row) -> None:
    """By row security, and by every page and fragment that may hold its words."""
    _record_is_shown(court, row)
    if READS[row.permission].pages:
        _pages_hold_its_words(court, row)


def _record_is_shown(court: Court, row: Row) -> None:
    record = READS[row.permission]
    ids = court.scene.records[row.side]
    seen = court.sees(row, record.model, record.key == ids[record.record])
    assert seen is (row.expected == "shown"), f"{row.why}: mend access/rows"


def _pages_hold_its_words(court: Court, row: Row) -> None:
    record = READS[row.permission]
    names, words = court.scene.sides[row.side].names, marker(record.record, row.side)
    for headers in ({}, FRAGMENT):
        answers = {page: court.ask(row, page.format(**names), headers=headers) for page in record.pages}
        holding = [page for page, answer in answers.items() if words in answer.text]
        if row.expected == "shown":
            assert holding, f"{row.why}: on none of {[(p, a.status_code) for p, a in answers.items()]}"
        else:
            assert not holding, f"{row.why}: it stands on {holding}"
    for page in record.never:
        assert words not in court.ask(row, page.format(**names)).text, f"{row.why}: it stands on {page}"
