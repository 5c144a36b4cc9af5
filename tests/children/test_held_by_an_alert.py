"""An alert “do not disclose” is a rule on every address, phone and school of the child (ADR 34)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.model import Alert, Case
from portal.records.children.model import Child, ChildLink, ChildStatement, NameKey, StatementRelease
from portal.records.people.model import User
from portal.vocabulary import CaseState, Sensitivity, StatementKind
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_held_alert, involve, make_case, make_child
from tests.factories.children import say
from tests.told import heard

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
KIND = "do_not_disclose_address"
LANE = "9 Quillwhistle Lane"


def set_alert(client: Client, cast: Cast, case: Case, kind: str = KIND) -> int:
    typed = {
        "kind": kind,
        "text": "Whoever asks is sent to Wanda",
        "owner": str(cast.social_worker.id),
        **posted("review_on", clock.today() + timedelta(days=30)),
        "child_told": "yes",
    }
    return client.submit(f"/cases/{case.reference}/alerts/new", typed).status_code


def stands(rows: Session, child: Child) -> dict[str, bool]:
    """What is said of a child, and whether it must not be disclosed."""
    rows.rollback()
    rows.expire_all()
    found = rows.scalars(select(ChildStatement).where(ChildStatement.child_id == child.id))
    return {one.value: one.do_not_disclose for one in found}


def readers(cast: Cast, client_for: Browser, page: str, words: str) -> set[str]:
    people = ("social_worker", "officer", "nurse", "coordinator")
    return {name for name in people if words in client_for(getattr(cast, name)).soup(page).get_text()}


def test_what_stands_is_held_back_with_the_alert(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, page: str
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    say(rows, child, cast.officer, LANE, postcode="DE1 2FS")
    say(rows, child, cast.nurse, "Hobbledehoy Academy", kind="school")
    say(rows, child, cast.nurse, "07700 900123", kind="phone")
    say(rows, child, cast.nurse, "Dr Plain", kind="gp")
    rows.add(NameKey(child_id=child.id, key="home:x|DE12FS", from_alias=True))
    rows.commit()
    assert set_alert(client_for(cast.social_worker), cast, case) == 303
    assert stands(rows, child) == {
        LANE: True,
        "Hobbledehoy Academy": True,
        "07700 900123": True,
        "Dr Plain": False,
    }
    assert readers(cast, client_for, page, LANE) == {"officer", "social_worker"}
    assert readers(cast, client_for, page, "Hobbledehoy Academy") == {"nurse", "social_worker"}
    assert not rows.scalars(select(NameKey).where(NameKey.key.like("home:%"))).all()
    assert heard(rows, cast, "child_held_back") == {"officer portal held_back", "nurse portal held_back"}


def test_the_record_says_that_something_is_held_back_and_whom_to_ask_to_who_may_know_of_the_alert(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, page: str
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    say(rows, child, cast.officer, LANE)
    line = "is held back while this alert stands"
    assert readers(cast, client_for, page, line) == set()
    assert set_alert(client_for(cast.social_worker), cast, case) == 303
    assert readers(cast, client_for, page, line) == {"social_worker", "officer", "nurse", "coordinator"}
    nurse = client_for(cast.nurse).soup(page).get_text(" ", strip=True)
    assert f"Ask {cast.social_worker.name}, who owns the alert" in nurse
    assert LANE not in nurse
    rows.execute(update(Alert).values(ended_at=clock.now(), ended_by=cast.social_worker.id))
    rows.commit()
    assert readers(cast, client_for, page, line) == set()
    after = "What it held back stays so until the agency that entered it lets it be seen again"
    assert readers(cast, client_for, page, after) == {"social_worker", "officer", "nurse", "coordinator"}
    rows.execute(update(Case).values(sensitivity=int(Sensitivity.SEALED)))
    rows.commit()
    for person in (cast.nurse, cast.stranger, cast.teacher, cast.colleague):
        for says in (line, after):
            assert says not in client_for(person).get(page).text, person.name


def test_another_alert_holds_nothing_back(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case
) -> None:
    say(rows, child, cast.officer, LANE)
    assert set_alert(client_for(cast.social_worker), cast, case, "no_family_contact") == 303
    assert stands(rows, child) == {LANE: False}


@pytest.mark.parametrize("kind", ["address", "phone", "school"])
def test_what_is_added_is_held_back_or_says_why_not(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, page: str, kind: str
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    add_held_alert(rows, case, cast.social_worker)
    officer = client_for(cast.officer)
    form = officer.soup(f"{page}/{kind}/add")
    assert form.select_one('input[name="who_sees"][value="held"][checked]') is not None, "held back unless…"
    assert form.select_one('input[name="do_not_disclose"]') is None
    assert officer.submit(f"{page}/{kind}/add", {"value": LANE, "who_sees": "held"}).status_code == 303
    unsaid = officer.submit(f"{page}/{kind}/add", {"value": "2 Open Road", "who_sees": "seen"})
    assert unsaid.status_code == 422
    assert "Say why everybody who works with the child may see it" in unsaid.text
    assert "2 Open Road" in unsaid.text, "nothing that was typed is lost"
    why = {"who_sees": "seen", "seen_because": "It is the refuge’s own office"}
    assert officer.submit(f"{page}/{kind}/add", {"value": "2 Open Road", **why}).status_code == 303
    assert stands(rows, child) == {LANE: True, "2 Open Road": False}
    assert readers(cast, client_for, page, LANE) == {"officer"}
    shown = client_for(cast.social_worker).soup(page).get_text()
    assert "May be seen because: It is the refuge’s own office (Ola Officer" in shown


@pytest.mark.parametrize("kind", ["account", "gp", "carer"])
def test_other_kinds_are_asked_as_ever(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str, kind: str
) -> None:
    add_held_alert(rows, case, cast.social_worker)
    form = client_for(cast.officer).soup(f"{page}/{kind}/add")
    assert form.select_one('input[name="do_not_disclose"]') is not None
    assert form.select_one('input[name="who_sees"]') is None


def test_a_reason_from_before_the_alert_does_not_count_and_one_from_after_stays_on_record(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, page: str
) -> None:
    lane = say(rows, child, cast.officer, LANE)
    officer, worker = client_for(cast.officer), client_for(cast.social_worker)
    let_go = f"{page}/statements/{lane.id}/let-go"
    officer.submit(f"{page}/statements/{lane.id}/hold-back")
    assert officer.submit(let_go, {"reason": "They moved out"}).status_code == 303
    rows.execute(update(StatementRelease).values(released_at=clock.now() - timedelta(hours=1)))
    rows.commit()
    assert set_alert(worker, cast, case) == 303
    assert stands(rows, child) == {LANE: True}
    step = officer.soup(let_go).get_text()
    assert "An alert on this child, here or on a linked record, says not to disclose it" in step
    assert worker.submit(let_go, {"reason": "Known"}).status_code == 403, "only its own agency lets it go"
    assert officer.submit(let_go, {"reason": "Everybody knows the refuge"}).status_code == 303
    assert stands(rows, child) == {LANE: False}
    said = rows.scalars(select(StatementRelease.reason).order_by(StatementRelease.released_at)).all()
    assert list(said) == ["They moved out", "Everybody knows the refuge"]
    assert "Everybody knows the refuge (Ola Officer" in worker.soup(page).get_text()


def test_what_was_held_back_stays_so_when_the_alert_ends_and_what_is_added_then_does_not(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, page: str
) -> None:
    say(rows, child, cast.officer, LANE)
    worker = client_for(cast.social_worker)
    set_alert(worker, cast, case)
    alert = rows.scalars(select(Alert)).one()
    end = f"/cases/{case.reference}/alerts/{alert.id}/end"
    step = worker.soup(end)
    assert "stays so until the agency that entered it lets it be seen again" in step.get_text()
    version = str(step.select_one('input[name="version"]')["value"])  # type: ignore[index]  # the field is there
    assert worker.submit(end, {"reason": "The danger is over", "version": version}).status_code == 303
    assert client_for(cast.officer).submit(f"{page}/address/add", {"value": "2 Open Road"}).status_code == 303
    assert stands(rows, child) == {LANE: True, "2 Open Road": False}


def statement(cast: Cast, child: Child, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "child_id": child.id,
        "agency_id": cast.police.id,
        "author_id": cast.officer.id,
        "kind": "address",
        "value": LANE,
        "created_at": clock.now(),
    } | more


def test_the_database_refuses_what_the_alert_forbids(
    rows: Session, cast: Cast, asking: Asking, child: Child, case: Case
) -> None:
    """SQL on the application's own connection."""
    lane = say(rows, child, cast.officer, LANE)
    add_held_alert(rows, case, cast.social_worker)
    for kind in ("address", "phone", "school"):
        with asking(cast.officer) as session, pytest.raises(DBAPIError, match="is not disclosed"):
            session.execute(insert(ChildStatement).values(**statement(cast, child, kind=kind)))
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="is not disclosed"):
        session.execute(update(ChildStatement).values(do_not_disclose=False))
    release = {
        "id": new_id(),
        "statement_id": lane.id,
        "reason": "It is known",
        "released_by": cast.officer.id,
        "agency_id": cast.police.id,
        "released_at": clock.now(),
    }
    for person, changes in (
        (cast.social_worker, {}),
        (cast.social_worker, {"released_by": cast.social_worker.id, "agency_id": cast.social_care.id}),
        (cast.officer, {"reason": ""}),
        (cast.colleague, {}),
    ):
        with asking(person) as session, pytest.raises(DBAPIError, match="row-level security"):
            session.execute(insert(StatementRelease).values(**release | changes))
    with asking(cast.officer) as session:
        session.execute(insert(StatementRelease).values(**release))
        held = update(ChildStatement).where(ChildStatement.id == lane.id)
        session.execute(held.values(do_not_disclose=False, named_agencies=[]))
        session.commit()
    assert stands(rows, child) == {LANE: False}
    for change in ("update statement_release set reason = 'x'", "delete from statement_release"):
        with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(change))


def test_an_alert_that_is_set_by_sql_holds_back_too_and_names_nobody_who_did_not_see(
    rows: Session, cast: Cast, asking: Asking, child: Child, case: Case
) -> None:
    say(rows, child, cast.officer, LANE)
    with asking(cast.social_worker) as session:
        session.execute(
            insert(Alert).values(
                id=new_id(), case_id=case.id, kind=KIND, text="x", owner_id=cast.social_worker.id,
                review_on=clock.today(), created_at=clock.now(), version=1, holds_back=["address"],
            )
        )  # fmt: skip
        session.commit()
    assert stands(rows, child) == {LANE: True}
    assert rows.scalars(select(ChildStatement.named_agencies)).one() == [cast.social_care.id]


def test_nobody_asks_whether_a_child_they_do_not_reach_has_such_an_alert(
    rows: Session, cast: Cast, asking: Asking, child: Child, case: Case
) -> None:
    add_held_alert(rows, case, cast.social_worker)
    asked = text("select ctx.must_hold_back(:child, 'address')")
    for person, answer in (
        (cast.officer, True), (cast.colleague, True), (cast.neighbour, False), (cast.stranger, False),
        (cast.nurse, False), (cast.governance, False), (cast.administrator, False),
    ):  # fmt: skip
        with asking(person) as session:
            assert session.scalar(asked, {"child": child.id}) is answer, person.name


def test_it_binds_a_linked_record_from_the_link_on_and_never_one_that_is_held_less_closely(
    rows: Session, cast: Cast, child: Child, case: Case
) -> None:
    other = make_child(rows, "Adda", "Fictional")
    second = make_case(rows, other, lead=cast.health, opened_by=cast.coordinator)
    hidden = make_case(
        rows,
        make_child(rows, "Ada", "Fictive"),
        lead=cast.health,
        opened_by=cast.coordinator,
        sensitivity=Sensitivity.SEALED,
    )
    add_held_alert(rows, case, cast.social_worker)
    add_held_alert(rows, hidden, cast.coordinator)
    plain, emptied = (make_child(rows, name, "Invented") for name in ("Bea", "Bee"))
    make_case(rows, plain, lead=cast.health, opened_by=cast.coordinator, state=CaseState.CLOSED)
    further = make_child(rows, "Addie", "Fictional")
    for one in (other, further, plain, emptied):
        say(rows, one, cast.nurse, LANE)
    links = (
        (child.id, other.id),
        (other.id, further.id),
        (hidden.child_id, plain.id),
        (hidden.child_id, emptied.id),
    )
    rows.add_all(
        ChildLink(id=new_id(), child_a=a, child_b=b, reason="x", linked_by=cast.coordinator.id)
        for a, b in links
    )
    rows.commit()
    assert stands(rows, other) == {LANE: True}
    assert stands(rows, further) == {LANE: True}, "by way of the other"
    assert stands(rows, plain) == {LANE: False}, "it would say that a sealed case is there"
    assert stands(rows, emptied) == {LANE: True}, "without a case of its own it is as closed"
    opened = rows.get_one(Case, hidden.id)
    opened.sensitivity = Sensitivity.NORMAL
    rows.commit()
    assert stands(rows, plain) == {LANE: True}, "not any more"
    assert second.child_id == other.id


def test_policy_holds_back_what_the_requirement_names() -> None:
    kinds = current_policy().cases.alerts[KIND].holds_back
    assert set(kinds) == {StatementKind.ADDRESS, StatementKind.PHONE, StatementKind.SCHOOL}
