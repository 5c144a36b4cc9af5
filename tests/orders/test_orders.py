"""Orders and notices: recorded, served, broken, moved, ended; nothing is lost and none runs out unseen."""

import csv
import io
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.pathway.calendar import end_of_day
from portal.queries.listing import find
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.disclosures.model import TakenCopy
from portal.records.orders import keeping as orders
from portal.records.orders.model import ConcernOrder, OrderChild, OrderStep
from portal.records.orders.rules import OrderSaid
from portal.records.people.model import User
from portal.web import date_boxes
from tests.cases.pages import words
from tests.cast import Cast
from tests.factories.cases import make_child
from tests.factories.concerns import link, make_concern
from tests.factories.orders import make_order
from tests.intelligence.conftest import Acting, ClientFor

TODAY = clock.today


@pytest.fixture
def man(rows: Session, cast: Cast) -> Concern:
    """A person of concern whom the police recorded."""
    return make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")


def typed(**changes: Any) -> dict[str, Any]:
    """A complete answer to the form."""
    first, last = TODAY() - timedelta(days=2), TODAY() + timedelta(days=90)
    return {
        "kind": "child_abduction_warning",
        "made_by": "Sergeant Ibbot",
        **date_boxes.posted("starts_on", first),
        "runs": "until",
        **date_boxes.posted("expires_on", last),
        "conditions": "Not to be in a car with her",
        "once": str(uuid4()),
        **changes,
    }


def acts(acting: Acting, who: User, order: ConcernOrder, verb: Any, **said: Any) -> None:
    with acting(who) as actor:
        held = db.session.get_one(ConcernOrder, order.id)
        if verb is not orders.say_broken:
            said.setdefault("version", held.version)
        verb(actor=actor, order=held, **said)


def duty_of(rows: Session, order: ConcernOrder) -> Deadline:
    rows.rollback()
    return rows.scalars(select(Deadline).where(Deadline.subject_id == order.id)).one()


def steps_of(rows: Session, order: ConcernOrder) -> list[str]:
    found = select(OrderStep).where(OrderStep.order_id == order.id).order_by(OrderStep.made_at)
    return [one.kind for one in rows.scalars(found)]


def test_it_is_recorded_once_with_whom_it_protects_and_owed_on_its_last_day(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, man: Concern
) -> None:
    child = rows.get_one(Child, case.child_id)
    link(rows, man, child, cast.officer)
    client, address = client_for(cast.officer), f"/concerns/{man.reference}/orders/new"
    assert f'href="{address}"' in client.get(f"/concerns/{man.reference}").text
    said = typed(children=[child.reference])
    for _ in range(2):
        assert client.submit(address, said).status_code == 303
    order = rows.scalars(select(ConcernOrder)).one()
    assert (order.agency_id, order.owner_team_id) == (cast.police.id, cast.police_team.id)
    assert order.expires_on == order.original_expires_on == TODAY() + timedelta(days=90)
    assert rows.scalars(select(OrderChild.child_id)).all() == [child.id]
    duty = duty_of(rows, order)
    assert (duty.kind, duty.owner_team_id, duty.concern_id) == ("order_expiry", cast.police_team.id, man.id)
    assert duty.due_at == end_of_day(TODAY() + timedelta(days=90))
    page = words(client.soup(f"/orders/{order.reference}"))
    for shown in ("Child abduction warning notice", "Ada Fictional", "Sergeant Ibbot", "Not served yet"):
        assert shown in page, shown
    assert "Child abduction warning notice" in words(client.soup(f"/concerns/{man.reference}"))
    assert "Quorbin Vantlee" in words(client.soup("/orders"))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": ""}, "Choose what sort of order"),
        ({"kind": "closure_order"}, "What you chose is no longer offered"),
        ({"conditions": " "}, "Write what it forbids"),
        (dict.fromkeys(date_boxes.posted("expires_on", date(2020, 1, 1)), ""), "Enter its last day"),
        (date_boxes.posted("expires_on", date(2020, 1, 1)), "last day cannot be before its first"),
        ({"runs": "on", **date_boxes.posted("review_on", date(2099, 1, 1))}, "Choose a day until"),
        ({"child": "CHD-0000-0000"}, "You see no child with this reference"),
        ({"served_words": "At the door"}, "Enter when it was served"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    rows: Session, client_for: ClientFor, cast: Cast, man: Concern, changes: dict[str, Any], problem: str
) -> None:
    answer = client_for(cast.officer).submit(f"/concerns/{man.reference}/orders/new", typed(**changes))
    assert answer.status_code == 422
    assert problem in answer.text
    assert "Sergeant Ibbot" in answer.text
    assert rows.scalars(select(ConcernOrder)).all() == []


def test_one_without_a_last_day_is_looked_at_again(
    rows: Session, client_for: ClientFor, cast: Cast, man: Concern
) -> None:
    again = TODAY() + timedelta(days=30)
    said = typed(runs="on", **date_boxes.posted("review_on", again))
    assert client_for(cast.officer).submit(f"/concerns/{man.reference}/orders/new", said).status_code == 303
    order = rows.scalars(select(ConcernOrder)).one()
    assert (order.expires_on, order.review_on) == (None, again)
    assert duty_of(rows, order).due_at == end_of_day(again)


def test_its_life_is_kept_step_by_step_and_its_first_day_never_moves(
    rows: Session, acting: Acting, client_for: ClientFor, cast: Cast, man: Concern
) -> None:
    order = make_order(rows, man, cast.officer, served_on=None, served_words="")
    first, later = order.expires_on, TODAY() + timedelta(days=120)
    acts(acting, cast.colleague, order, orders.serve, on=TODAY(), words="By hand at the station")
    acts(acting, cast.officer, order, orders.say_broken, on=TODAY(), words="Seen in a car with her")
    acts(acting, cast.officer, order, orders.move, until=later, words="The court made it longer")
    duty = duty_of(rows, order)
    assert (duty.due_at, duty.original_due_at) == (end_of_day(later), end_of_day(first or later))
    acts(acting, cast.officer, order, orders.end, on=TODAY(), outcome="charged", words="")
    kept = rows.get_one(ConcernOrder, order.id)
    assert (kept.original_expires_on, kept.expires_on, kept.ended_by) == (first, later, cast.officer.id)
    assert steps_of(rows, order) == ["recorded", "served", "breached", "moved", "ended"]
    assert duty_of(rows, order).state == DeadlineState.DONE
    page = words(client_for(cast.officer).soup(f"/orders/{order.reference}"))
    for shown in (
        "By hand at the station",
        "Seen in a car with her",
        "The court made it longer",
        "at first until",
    ):
        assert shown in page, shown
    assert "None stands" in words(client_for(cast.officer).soup("/orders"))
    assert "Quorbin Vantlee" in words(client_for(cast.officer).soup("/orders?show=ended"))
    with pytest.raises(DomainError, match="ended already"):
        acts(acting, cast.officer, order, orders.move, until=later + timedelta(days=1), words="x")


def test_the_second_of_two_who_change_it_is_shown_both(
    rows: Session, acting: Acting, cast: Cast, man: Concern
) -> None:
    order = make_order(rows, man, cast.officer, served_on=None, served_words="")
    acts(acting, cast.officer, order, orders.serve, on=TODAY(), words="By hand")
    with pytest.raises(Conflict):
        acts(acting, cast.colleague, order, orders.end, on=TODAY(), outcome="ran_out", words="", version=1)


@pytest.mark.parametrize("who", ["nurse", "social_worker", "stranger", "teacher"])
def test_only_police_councils_and_coordinators_record_and_only_who_did_keeps(
    rows: Session, acting: Acting, cast: Cast, man: Concern, who: str
) -> None:
    person, order = getattr(cast, who), make_order(rows, man, cast.officer)
    said = OrderSaid(kind="bail_conditions", starts_on=TODAY(), expires_on=TODAY(), conditions="x")
    with acting(person) as actor:
        assert db.session.get(ConcernOrder, order.id) is None
        if person is not cast.stranger:  # who is of a council, and does not see what it is on
            with pytest.raises(Forbidden):
                orders.record_order(actor=actor, concern=man, said=said)
    by_force = update(ConcernOrder).where(ConcernOrder.id == order.id).values(served_words="x")
    with acting(person):
        db.session.execute(by_force)
    assert rows.get_one(ConcernOrder, order.id).served_words == "At his home"


def test_a_council_keeps_the_order_on_a_place_that_it_sees_and_not_that_of_the_police(
    rows: Session, acting: Acting, cast: Cast
) -> None:
    cast.council.districts = ["erewash"]
    arcade = make_concern(rows, cast.officer, name="Quillarcade", district="erewash")
    of_police = make_order(rows, arcade, cast.officer, kind="closure_order")
    said = OrderSaid(kind="closure_order", starts_on=TODAY(), expires_on=TODAY(), conditions="Shut")
    with acting(cast.community_safety) as actor:
        concern = db.session.get_one(Concern, arcade.id)
        assert orders.record_order(actor=actor, concern=concern, said=said).agency_id == cast.council.id
    with pytest.raises(Forbidden):
        acts(acting, cast.community_safety, of_police, orders.say_broken, on=TODAY(), words="x")


def test_nobody_gives_an_order_another_first_day_or_writes_a_step_for_another(
    rows: Session, acting: Acting, cast: Cast, man: Concern
) -> None:
    order = make_order(rows, man, cast.officer)
    moved = update(ConcernOrder).where(ConcernOrder.id == order.id).values(original_expires_on=TODAY())
    with pytest.raises(DBAPIError, match="permission denied"), acting(cast.officer):
        db.session.execute(moved)
    changed = update(OrderStep).where(OrderStep.order_id == order.id).values(words="x")
    with pytest.raises(DBAPIError, match="permission denied"), acting(cast.officer):
        db.session.execute(changed)


def test_whom_it_protects_is_named_to_whoever_reads_the_child(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, man: Concern
) -> None:
    hidden = make_child(rows, "Bea", "Quillhidden")
    one = make_order(rows, man, cast.officer, protects=rows.get_one(Child, case.child_id))
    other = make_order(rows, man, cast.officer, protects=hidden)
    assert "Ada Fictional" in client_for(cast.officer).get(f"/orders/{one.reference}").text
    assert "Ada Fictional" not in client_for(cast.neighbour).get(f"/orders/{one.reference}").text
    assert "Quillhidden" not in client_for(cast.officer).get(f"/orders/{other.reference}").text
    child = f"/children/{rows.get_one(Child, case.child_id).reference}/orders"
    assert one.reference in client_for(cast.officer).get(child).text
    assert "Quorbin" not in client_for(cast.nurse).get(child).text, "nobody let health see the person"
    assert client_for(cast.neighbour).get(child).status_code == 404
    assert client_for(cast.officer).get(f"/children/{hidden.reference}/orders").status_code == 404


def test_what_runs_out_first_is_on_top_pages_go_on_and_the_workspace_counts_what_is_soon(
    rows: Session, client_for: ClientFor, cast: Cast, man: Concern, statements: list[str]
) -> None:
    for n in range(4):
        make_order(rows, man, cast.officer, expires_on=TODAY() + timedelta(days=(3, 90, 10, 200)[n]))
    client = client_for(cast.neighbour)
    statements.clear()
    page = client.soup("/orders")
    assert len([one for one in statements if "FROM concern_order" in one]) == 2, "counted, and read"
    until = [row.get_text(" ", strip=True) for row in page.select("tbody tr")]
    assert len(until) == 4
    assert "Orders and notices 2 waiting" in words(client_for(cast.officer).soup("/police"))
    late = make_order(rows, man, cast.officer, expires_on=TODAY() - timedelta(days=1))
    first = client.soup("/orders").select_one("tbody tr")
    assert first
    assert late.reference in first.get_text()
    assert "Past its day" in first.get_text()


def test_the_list_is_filtered_sorted_and_paged_for_whoever_sees_what_they_are_on(
    rows: Session, client_for: ClientFor, cast: Cast, man: Concern, monkeypatch: pytest.MonkeyPatch
) -> None:
    past, soon, late = (
        make_order(rows, man, cast.officer, expires_on=TODAY() + timedelta(days=days)).reference
        for days in (-1, 3, 200)
    )
    client = client_for(cast.neighbour)

    def shown(query: str) -> list[str]:
        return [one.get_text(strip=True) for one in client.soup(f"/orders?{query}").select(".app-reference")]

    for query, found in {
        "": [past, soon, late],
        "sort=-last": [late, soon, past],
        "stands=past": [past],
        "stands=soon": [soon],
        "stands=past&stands=soon": [past, soon],
        "stands=ours": [past, soon, late],
        "kind=nonsense&stands=nonsense": [past, soon, late],
        "show=ended": [],
    }.items():
        assert shown(query) == found, query
    monkeypatch.setattr(find, "__kwdefaults__", {"limit": 2})
    after = client.soup("/orders?sort=on").select_one("a[rel=next]")
    assert after
    assert len(shown("sort=on")) == 2
    assert len(client.soup(str(after["href"])).select(".app-reference")) == 1
    monkeypatch.setattr("portal.queries.listing.MOST", 2)
    assert shown("sort=-last") == [past, soon], "of very many the order is that of the index"
    for other in (cast.nurse, cast.community_safety, cast.stranger):
        assert not client_for(other).soup("/orders?stands=ours").select(".app-reference")


def test_one_that_was_not_served_is_not_called_in_force_and_says_so_once(
    rows: Session, client_for: ClientFor, cast: Cast, man: Concern
) -> None:
    waiting = make_order(rows, man, cast.officer, served_on=None, served_words="")
    held = make_order(rows, man, cast.officer, served_on=TODAY(), served_words="By hand, PC Ibbot")
    client = client_for(cast.officer)
    page = client.soup("/orders")
    said = {
        str(one.select_one(".app-reference").get_text()): one.get_text(" ", strip=True)
        for one in page.select("tbody tr")
    }
    assert said[waiting.reference].count("Not served yet") == 1
    assert "In force" not in said[waiting.reference]
    assert "In force" in said[held.reference]
    assert "By hand, PC Ibbot" in said[held.reference]
    assert "In force" not in [one.get_text(strip=True) for one in page.select("caption, [aria-current]")]
    in_force = client.soup("/orders?stands=in_force").select(".app-reference")
    assert [one.get_text() for one in in_force] == [held.reference]
    for address in (f"/orders/{waiting.reference}", f"/concerns/{man.reference}"):
        assert words(client.soup(address)).count("Not served yet") == 1, address
    recorded = words(client.soup(f"/orders/{waiting.reference}"))
    assert "to run from" in recorded


def test_the_list_is_taken_as_a_file_that_is_on_the_ledger_and_holds_what_the_page_shows(
    rows: Session, client_for: ClientFor, cast: Cast, man: Concern
) -> None:
    order = make_order(rows, man, cast.officer, served_on=None, served_words="")
    ended = make_order(
        rows, man, cast.officer, ended_on=TODAY(), ended_at=clock.now(), ended_by=cast.officer.id,
        outcome="charged", ended_words="",
    )  # fmt: skip
    client = client_for(cast.officer)
    for address, one in (("/orders", order), ("/orders?show=ended", ended)):
        link = client.soup(address).select_one("a[href*=csv]")
        assert link, address
        answer = client.get(str(link["href"]))
        assert answer.mimetype == "text/csv"
        (line,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
        assert line["Order or notice"].endswith(one.reference)
        assert line["On"] == "Quorbin Vantlee"
    copies = rows.scalars(select(TakenCopy.subject_reference)).all()
    assert list(copies) == ["orders", "orders"]
    for other in (cast.nurse, cast.community_safety, cast.stranger):
        assert "Quorbin" not in client_for(other).get("/orders/list.csv").text, other.name
    for person in (cast.governance, cast.administrator):
        assert client_for(person).get("/orders/list.csv").status_code == 403


def test_a_guessed_reference_and_another_agency_get_the_answer_of_nothing(
    rows: Session, client_for: ClientFor, cast: Cast, man: Concern
) -> None:
    order = make_order(rows, man, cast.officer)
    for who in ("nurse", "community_safety", "stranger", "teacher"):
        for place in (
            f"/orders/{order.reference}",
            f"/orders/{order.reference}/end",
            f"/concerns/{man.reference}/orders/new",
        ):
            status = client_for(getattr(cast, who)).get(place).status_code
            assert status == 404, (who, place)
        assert "Quorbin" not in client_for(getattr(cast, who)).get("/orders").text
    assert client_for(cast.officer).get("/orders/ORD-0000-0000").status_code == 404
    assert client_for(None).get(f"/orders/{order.reference}").status_code == 303
