"""Whoever looks at very much in an hour says why before they go on, and those who answer for them hear it."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal import clock
from portal.access import pace
from portal.access.model import AuditEvent
from portal.changes.errors import DomainError
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.looks import keeping
from portal.records.looks.model import LookException, LookReason
from portal.records.people.model import User
from portal.vocabulary import RateAnswer, RateKind
from tests.assessments.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.told import of_event

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]

MAIL, BELL = "mail", "portal"
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
WHY = "I took over the cases of a colleague today."


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def case(rows: Session, cast: Cast, time: time_machine.Traveller) -> Case:
    case = make_case(
        rows, make_child(rows, "Ada", "Fictional"), lead=cast.social_care, opened_by=cast.coordinator
    )
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


def most(answer: RateAnswer, kind: RateKind = RateKind.CASE) -> int:
    return next(rate.most for rate in current_policy().rates.of(kind) if rate.answer is answer)


def opened(rows: Session, person: User, number: int) -> None:
    """So many cases, one every ten seconds, in whichever process."""
    for n in range(number):
        at = clock.now() - timedelta(seconds=70 + 10 * n)
        rows.add(AuditEvent(id=new_id(), at=at, actor_id=person.id, action="case:view", case_id=new_id()))
    rows.commit()


def notices(person: User, kind: RateKind = RateKind.CASE) -> None:
    """This process has seen as much of somebody as makes it ask the database."""
    for _ in range(40):
        pace._pace.is_easy(person.id, kind, current_policy().rates.of(kind))


def too_much(rows: Session, person: User, answer: RateAnswer = RateAnswer.REASON) -> None:
    opened(rows, person, most(answer))
    notices(person)


def searched(rows: Session, person: User) -> None:
    for n in range(most(RateAnswer.REASON, RateKind.SEARCH)):
        at = clock.now() - timedelta(seconds=70 + 10 * n)
        rows.add(AuditEvent(id=new_id(), at=at, actor_id=person.id, action="child:search"))
    rows.commit()
    notices(person, RateKind.SEARCH)


def looks_of(rows: Session, person: User) -> int:
    rows.rollback()
    return rows.query(AuditEvent).filter_by(actor_id=person.id).count()


def test_a_page_leads_to_the_question_and_back(
    rows: Session, cast: Cast, case: Case, client_for: Browser
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}"
    opened(rows, cast.officer, most(RateAnswer.REASON) - 2)
    notices(cast.officer)
    assert browser.get(address).status_code == 200, "the last that nobody is asked about"
    opened(rows, cast.officer, 1)
    asked = browser.get(address)
    assert asked.status_code == 303
    assert asked.location.startswith("/looks/why?kind=case&next=")
    page = browser.soup(asked.location)
    assert "You have opened very many cases and children in an hour." in page.get_text()
    assert browser.submit(asked.location, {"reason": " "}).status_code == 422
    assert "case" not in {one.kind for one in rows.scalars(select(LookReason))}
    answered = browser.submit(asked.location, {"reason": WHY})
    assert (answered.status_code, answered.location) == (303, address)
    assert browser.get(address).status_code == 200
    said = rows.scalars(select(LookReason)).one()
    assert (said.user_id, said.kind, said.reason) == (cast.officer.id, RateKind.CASE, WHY)
    assert client_for(cast.colleague).get(address).status_code == 200, "nobody else is asked"


def test_an_answer_holds_for_an_hour_and_for_that_kind(
    rows: Session, cast: Cast, case: Case, client_for: Browser, time: time_machine.Traveller
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}"
    too_much(rows, cast.officer)
    searched(rows, cast.officer)
    browser.submit("/looks/why?kind=search", {"reason": WHY})
    assert browser.get(address).status_code == 303, "that was said of searches"
    browser.submit("/looks/why?kind=case", {"reason": WHY})
    assert browser.get(address).status_code == 200
    time.shift(timedelta(minutes=61))
    too_much(rows, cast.officer)
    assert browser.get(address).status_code == 303


def test_what_was_typed_is_not_lost(cast: Cast, rows: Session, case: Case, client_for: Browser) -> None:
    browser = client_for(cast.officer)
    searched(rows, cast.officer)
    typed = {"sought": "Quillsought"}
    asked = browser.submit("/search", typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert asked.status_code == 429
    page = browser.page_of(asked)
    assert "Say why before you go on" in page.get_text()
    there = page.select_one('main a[href^="/looks/why?kind=search"]')
    assert there
    kept = page.select_one('main form[action="/search"] input[name="sought"]')
    assert kept
    assert kept["value"] == "Quillsought"
    assert browser.submit(str(there["href"]), {"reason": WHY}).status_code == 303
    assert browser.submit("/search", typed).status_code == 200


def test_managers_of_the_team_and_governance_are_told_and_a_manager_is_found_too(
    rows: Session, cast: Cast, client_for: Browser, time: time_machine.Traveller
) -> None:
    kind = "looked_at_much"
    searched(rows, cast.officer)
    searched(rows, cast.police_manager)
    answered = client_for(cast.officer).submit("/looks/why?kind=search", {"reason": WHY})
    assert answered.location == "/looks/mine"
    governs = (cast.governance.id, MAIL, kind)
    assert of_event(rows, "looked_at_much") == {governs, (cast.police_manager.id, MAIL, kind)}
    for person in (cast.police_manager, cast.governance):
        page = client_for(person).get(f"/looks/people/{cast.officer.id}").text
        assert WHY in page
        assert "Searched very often in an hour" in page
    client_for(cast.police_manager).submit("/looks/why?kind=search", {"reason": WHY})
    told = [one for one in of_event(rows, "looked_at_much") if one[0] == cast.police_manager.id]
    assert len(told) == 1, "of what they looked at themselves a manager is told nothing"


def test_nobody_else_reads_why(rows: Session, cast: Cast, client_for: Browser, asking: Asking) -> None:
    rows.add(LookReason(user_id=cast.officer.id, kind=RateKind.CASE, reason=WHY, said_at=clock.now()))
    now, until = clock.now(), clock.now() + timedelta(hours=2)
    named = {"named_by": cast.governance.id, "named_at": now, "until": until}
    rows.add(LookException(user_id=cast.officer.id, reason=WHY, **named))
    rows.commit()
    for person in (cast.officer, cast.police_manager, cast.governance):
        with asking(person) as session:
            assert session.scalars(select(LookReason.reason)).all() == [WHY], person.name
            assert session.scalars(select(LookException.reason)).all() == [WHY], person.name
    for stranger in (
        cast.colleague,
        cast.stranger,
        cast.nurse,
        cast.social_care_manager,
        cast.coordinator,
        None,
    ):
        with asking(stranger) as session:
            assert session.scalars(select(LookReason.reason)).all() == []
            assert session.scalars(select(LookException.reason)).all() == []


def test_nobody_says_why_in_the_name_of_another_and_nobody_lets_themselves_go_on(
    cast: Cast, asking: Asking, client_for: Browser
) -> None:
    said = "insert into look_reason values (:whom, 'case', 'x', now(), gen_random_uuid())"
    named = (
        "insert into look_exception values"
        " (:whom, 'x', :by, now(), now() + interval '1 hour', gen_random_uuid())"
    )
    tries = (
        (cast.officer, said, {"whom": cast.colleague.id}),
        (cast.officer, named, {"whom": cast.officer.id, "by": cast.officer.id}),
        (cast.police_manager, named, {"whom": cast.officer.id, "by": cast.police_manager.id}),
        (cast.governance, named, {"whom": cast.governance.id, "by": cast.governance.id}),
        (
            cast.governance,
            named.replace("1 hour", "3 days"),
            {"whom": cast.officer.id, "by": cast.governance.id},
        ),
    )
    for person, statement, values in tries:
        with asking(person) as session, pytest.raises(ProgrammingError, match="row-level security"):
            session.execute(text(statement), values)
    client = client_for(cast.governance)
    assert client.get(f"/looks/people/{cast.governance.id}/today").status_code == 403
    for person in (cast.officer, cast.police_manager, cast.coordinator):
        assert client_for(person).get(f"/looks/people/{cast.officer.id}/today").status_code == 403


def test_at_the_second_limit_only_whom_governance_named_goes_on(
    rows: Session, cast: Cast, case: Case, client_for: Browser, time: time_machine.Traveller
) -> None:
    browser, address = client_for(cast.officer), f"/cases/{case.reference}"
    too_much(rows, cast.officer, RateAnswer.NAMED)
    browser.submit("/looks/why?kind=case", {"reason": WHY})
    assert browser.get(address).status_code == 429, "a reason is not enough"
    governance = client_for(cast.governance)
    there = f"/looks/people/{cast.officer.id}"
    assert f'href="{there}/today"' in governance.get(there).text
    assert governance.submit(f"{there}/today", {"reason": ""}).status_code == 422
    assert governance.submit(f"{there}/today", {"reason": "An inquest"}).location == there
    assert of_event(rows, "look_exception") == {(cast.officer.id, BELL, "account_changed")}
    before = looks_of(rows, cast.officer)
    assert browser.get(address).status_code == 200
    assert looks_of(rows, cast.officer) > before, "all that they open stays on record"
    assert f"{cast.governance.name} let them go on for a day" in governance.get(there).text
    time.shift(timedelta(minutes=61))
    too_much(rows, cast.officer, RateAnswer.NAMED)
    assert browser.get(address).status_code == 303, "they still have to say why"
    time.shift(timedelta(days=1))
    too_much(rows, cast.officer, RateAnswer.NAMED)
    browser.submit("/looks/why?kind=case", {"reason": WHY})
    assert browser.get(address).status_code == 429, "it was for that day"


def test_whoever_is_not_asked_tells_nobody_why(
    rows: Session, cast: Cast, client_for: Browser, acting: Acting
) -> None:
    assert client_for(cast.officer).get("/looks/why?kind=case").location == "/looks/mine"
    with acting(cast.officer) as actor, pytest.raises(DomainError, match="need not say why"):
        keeping.say_why(actor=actor, kind=RateKind.CASE, reason=WHY)
    assert of_event(rows, "looked_at_much") == set()


def test_the_question_leads_nowhere_but_back(
    rows: Session, cast: Cast, client_for: Browser, time: time_machine.Traveller
) -> None:
    browser = client_for(cast.officer)
    assert browser.get("/looks/why?kind=other").location == "/looks/mine"
    for elsewhere in ("https://example.org/", "/cases", "//example.org"):
        too_much(rows, cast.officer)
        time.shift(timedelta(minutes=61))
        too_much(rows, cast.officer)
        sent = browser.submit(f"/looks/why?kind=case&next={elsewhere}", {"reason": WHY})
        assert sent.location == "/looks/mine", elsewhere
    assert client_for(None).get("/looks/why?kind=case").status_code in {302, 303, 401}


def test_slow_and_steady_is_found_over_several_processes(cast: Cast, time: time_machine.Traveller) -> None:
    rates = current_policy().rates.of(RateKind.CASE)
    parts = [pace.Pace(OrderedDict()) for _ in range(pace.PROCESSES)]
    found = False
    for n in range(most(RateAnswer.REASON)):
        found |= not parts[n % len(parts)].is_easy(cast.officer.id, RateKind.CASE, rates)
        time.shift(timedelta(seconds=59))
    assert found, "one case a minute, each by another process"
