"""Who is told of orders and notices: whoever works with the children whom they protect."""

from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.messages.told import HIDDEN
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.orders import keeping
from portal.records.orders.model import ConcernOrder
from portal.records.orders.rules import OrderSaid
from portal.records.people.model import Team, User
from portal.reminders.claims import Send
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve
from tests.factories.concerns import make_concern, release
from tests.factories.orders import make_order
from tests.intelligence.conftest import Acting
from tests.missing.test_pages import ClientFor
from tests.reminders.conftest import engine
from tests.reminders.travel import judged
from tests.told import of_event, page_words, untold

__all__ = ["engine"]

MAIL, BELL = "mail", "portal"
TODAY = clock.today


@pytest.fixture
def man(rows: Session, cast: Cast) -> Concern:
    """A person of concern whom the agencies of the case see."""
    made = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    release(rows, made, cast.social_care, cast.officer)
    release(rows, made, cast.health, cast.officer)
    return made


@pytest.fixture
def order(rows: Session, cast: Cast, case: Case, man: Concern) -> ConcernOrder:
    """A notice that a police team answers for and that protects the child of the case."""
    child = rows.get_one(Child, case.child_id)
    return make_order(rows, man, cast.officer, protects=child, owner_team_id=cast.police_team.id)


def breaks(acting: Acting, cast: Cast, order: ConcernOrder) -> str:
    with acting(cast.officer) as actor:
        held = db.session.get_one(ConcernOrder, order.id)
        keeping.say_broken(actor=actor, order=held, on=TODAY(), words="In his car; stopped and arrested")
        return page_words()


def test_whoever_leads_or_works_on_the_case_of_a_child_whom_it_protects_hears_of_it(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    said = OrderSaid(
        kind="child_abduction_warning",
        starts_on=TODAY(),
        expires_on=TODAY() + timedelta(days=90),
        conditions="Not to be in a car with her",
    )
    with acting(cast.officer) as actor:
        child = db.session.get_one(Child, case.child_id)
        record = db.session.get_one(Concern, man.id)
        made = keeping.record_order(actor=actor, concern=record, said=said, protects=[child])
        until, version = TODAY() + timedelta(days=120), made.version
        keeping.move(actor=actor, order=made, until=until, words="By the court", version=version)
    for event in ("order_recorded", "order_changed"):
        assert of_event(rows, event, last_word=True) == news(cast.social_worker, cast.nurse)


def seal(rows: Session, cast: Cast, case: Case, *people: User) -> None:
    """The case is sealed for some people; the officer is none of them."""
    for person in people:
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()


def test_of_a_sealed_case_that_whoever_moves_it_does_not_read_its_people_hear_and_are_not_named(
    rows: Session, cast: Cast, case: Case, order: ConcernOrder, acting: Acting
) -> None:
    seal(rows, cast, case, cast.social_worker, cast.nurse)
    later = TODAY() + timedelta(days=120)
    with acting(cast.officer) as actor:
        held = db.session.get_one(ConcernOrder, order.id)
        keeping.move(actor=actor, order=held, until=later, words="By the court", version=held.version)
        words = page_words()
    assert cast.social_worker.name not in words
    assert cast.nurse.name not in words
    assert of_event(rows, "order_changed", last_word=True) == news(cast.social_worker, cast.nurse)


def test_one_that_runs_out_tonight_after_all_is_told_before_it_does(
    rows: Session, cast: Cast, order: ConcernOrder, acting: Acting
) -> None:
    with time_machine.travel(sunday_evening()), acting(cast.officer) as actor:
        held = db.session.get_one(ConcernOrder, order.id)
        keeping.move(actor=actor, order=held, until=TODAY(), words="By the court", version=held.version)
        assert f"Told by e-mail now, and in the portal: {cast.social_worker.name}" in page_words()
    assert of_event(rows, "order_changed", last_word=True) == news(cast.social_worker, cast.nurse)


def sunday_evening() -> datetime:
    """When no office reads anything: on a Sunday to come."""
    there = clock.today() + timedelta(days=13 - clock.today().weekday())
    return datetime.combine(there, time(19), tzinfo=clock.LOCAL_ZONE)


def ends(acting: Acting, by: User, order: ConcernOrder, outcome: str = "withdrawn") -> str:
    with acting(by) as actor:
        held = db.session.get_one(ConcernOrder, order.id)
        version = held.version
        keeping.end(actor=actor, order=held, on=TODAY(), outcome=outcome, words="", version=version)
        return page_words()


def test_that_it_ended_is_told_at_once_to_all_who_rely_on_it(
    rows: Session,
    cast: Cast,
    case: Case,
    order: ConcernOrder,
    acting: Acting,
    client_for: ClientFor,
) -> None:
    """On a Sunday evening too: also a team of which nobody is named, and whoever may not see it."""
    involve(rows, case, cast.school_team, by=cast.coordinator)
    with time_machine.travel(sunday_evening()):
        words = ends(acting, cast.officer, order)
    found = of_event(rows, "order_ended", last_word=None)
    assert {who for who, how, kind in found if (how, kind) == (MAIL, "order_ended")} == {
        cast.social_worker.id,
        cast.nurse.id,
        cast.school_team.id,
        cast.police_team.id,
        cast.hub_team.id,
    }
    assert (cast.social_care_manager.id, BELL, "order_news") in found
    told = {who for who, _, _ in found}
    for person in (cast.stranger, cast.neighbour, cast.community_safety):
        assert person.id not in told, person.name
    assert f"Told by e-mail now, and in the portal: {cast.social_worker.name} (leads the case)" in words
    assert f"{cast.nurse.name} (works on the case)" in words
    assert f"{cast.school_team.name} (works on the case; may not see it, " in words
    assert "If it cannot wait, ring " in words
    about = {"recipient_id": cast.teacher.id, "event": "order_ended"}
    message = rows.scalars(select(OutboxMessage.id).filter_by(**about)).one()
    says = " ".join(client_for(cast.teacher).soup(f"/go/{message}").get_text(" ").split())
    for known in ("has ended: do not rely on it", case.reference, order.reference, cast.police_team.name):
        assert known in says, known
    assert "Vantlee" not in says


def test_that_it_ended_is_told_those_of_a_sealed_case_and_they_are_not_named(
    rows: Session, cast: Cast, case: Case, order: ConcernOrder, acting: Acting
) -> None:
    seal(rows, cast, case, cast.social_worker, cast.nurse)
    words = ends(acting, cast.officer, order)
    found = of_event(rows, "order_ended", last_word=None)
    assert {who for who, how, kind in found if (how, kind) == (MAIL, "order_ended")} == {
        cast.social_worker.id,
        cast.nurse.id,
        cast.police_team.id,
        cast.hub_team.id,
    }
    assert HIDDEN in words
    for person in (cast.social_worker, cast.nurse):
        assert person.name not in words
    man = rows.get_one(Concern, order.concern_id)
    alone = make_order(rows, man, cast.officer, owner_team_id=cast.police_team.id)
    assert ends(acting, cast.officer, alone) == words


def test_the_council_of_the_district_hears_that_there_is_an_order_on_a_place(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    cast.council.districts = ["erewash"]
    place = make_concern(rows, cast.officer, district="erewash")
    rows.commit()
    said = OrderSaid(
        kind="closure_order", starts_on=TODAY(), expires_on=TODAY() + timedelta(days=90), conditions="Shut"
    )
    with acting(cast.officer) as actor:
        record = db.session.get_one(Concern, place.id)
        keeping.record_order(actor=actor, concern=record, said=said, protects=[])
    assert of_event(rows, "order_recorded") == {(cast.community_safety.id, BELL, "order_news")}


def test_one_that_was_broken_is_told_at_once_to_all_who_work_with_the_child(
    rows: Session, cast: Cast, order: ConcernOrder, acting: Acting
) -> None:
    words = breaks(acting, cast, order)
    found = of_event(rows, "order_broken", last_word=None)
    assert {who for who, how, kind in found if (how, kind) == (MAIL, "order_broken")} == {
        cast.social_worker.id,
        cast.nurse.id,
        cast.police_team.id,
        cast.hub_team.id,
    }
    assert (cast.social_care_manager.id, MAIL, "order_news") in found
    assert f"{cast.social_worker.name} (works on the case)" in words or (
        f"{cast.social_worker.name} (leads the case)" in words
    )


def test_of_a_case_that_the_actor_does_not_read_nobody_is_named(
    rows: Session, cast: Cast, case: Case, order: ConcernOrder, acting: Acting
) -> None:
    seal(rows, cast, case, cast.social_worker, cast.nurse)
    words = breaks(acting, cast, order)
    assert mailed(rows) == {cast.social_worker.id, cast.nurse.id, cast.police_team.id, cast.hub_team.id}
    assert cast.social_worker.name not in words
    assert "the hub" in words


@pytest.fixture
def kept(rows: Session, cast: Cast, case: Case) -> ConcernOrder:
    """An order on a man whom the police show to health alone: whoever leads the case may not see it."""
    man = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    release(rows, man, cast.health, cast.officer)
    child = rows.get_one(Child, case.child_id)
    rows.get_one(Team, cast.police_team.id).duty_phone = "01632 960555"
    return make_order(rows, man, cast.officer, protects=child, owner_team_id=cast.police_team.id)


def test_whoever_works_with_the_child_and_may_not_see_it_hears_that_it_was_broken_and_whom_to_ring(
    rows: Session,
    cast: Cast,
    case: Case,
    kept: ConcernOrder,
    acting: Acting,
    engine: Engine,
    client_for: ClientFor,
) -> None:
    words = breaks(acting, cast, kept)
    assert f"{cast.social_worker.name} (leads the case; may not see it, " in words
    assert f"{cast.nurse.name} (works on the case)" in words
    assert cast.stranger.name not in words
    assert mailed(rows) == {cast.social_worker.id, cast.nurse.id, cast.police_team.id, cast.hub_team.id}
    found = judged(engine, clock.now() + timedelta(minutes=1))
    becomes = {one.recipient_id: standing for one, standing in found if one.kind == "order_broken"}
    for person in (cast.social_worker, cast.nurse):
        assert isinstance(becomes[person.id], Send), person.name
    assert untold(rows) == set(), "and so the hub hears of it once"
    says = opened(rows, client_for(cast.social_worker), cast.social_worker)
    for known in (case.reference, kept.reference, cast.police_team.name, cast.police.name, "01632 960555"):
        assert known in says, known
    assert "Vantlee" not in says
    for person in (cast.neighbour, cast.social_care_manager, cast.stranger):
        assert client_for(person).get(f"/go/{message_to(rows, cast.social_worker)}").status_code == 404
    assert (
        client_for(cast.nurse).get(f"/go/{message_to(rows, cast.nurse)}").location
        == f"/orders/{kept.reference}"
    )
    case.state = "closed"
    rows.commit()
    assert "01632 960555" not in opened(rows, client_for(cast.social_worker), cast.social_worker)


def test_whoever_leads_the_case_and_may_not_see_it_hears_that_one_was_recorded_and_who_answers_for_it(
    rows: Session, cast: Cast, case: Case, kept: ConcernOrder, acting: Acting, client_for: ClientFor
) -> None:
    until = TODAY() + timedelta(days=90)
    said = OrderSaid(
        kind="child_abduction_warning", starts_on=TODAY(), expires_on=until, conditions="Not to be near"
    )
    with acting(cast.officer) as actor:
        record = db.session.get_one(Concern, kept.concern_id)
        child = db.session.get_one(Child, case.child_id)
        keeping.record_order(actor=actor, concern=record, said=said, protects=[child])
    recorded = of_event(rows, "order_recorded", last_word=True)
    assert recorded == news(cast.social_worker, cast.nurse)
    says = opened(rows, client_for(cast.social_worker), cast.social_worker, "order_recorded")
    assert case.reference in says
    assert cast.police.name in says
    for hidden in ("Vantlee", "Not to be near"):
        assert hidden not in says


def test_of_a_case_that_the_actor_does_not_read_whoever_may_not_see_the_order_hears_and_is_not_named(
    rows: Session, cast: Cast, case: Case, kept: ConcernOrder, acting: Acting, client_for: ClientFor
) -> None:
    seal(rows, cast, case, cast.social_worker)
    words = breaks(acting, cast, kept)
    assert cast.social_worker.name not in words
    assert HIDDEN in words
    assert mailed(rows) == {cast.social_worker.id, cast.police_team.id, cast.hub_team.id}
    assert untold(rows) == set()
    assert "01632 960555" in opened(rows, client_for(cast.social_worker), cast.social_worker)
    later = TODAY() + timedelta(days=120)
    with acting(cast.officer) as actor:
        held = db.session.get_one(ConcernOrder, kept.id)
        keeping.move(actor=actor, order=held, until=later, words="By the court", version=held.version)
        assert cast.social_worker.name not in page_words()
    changed = of_event(rows, "order_changed", last_word=True)
    assert changed == news(cast.social_worker)


def test_the_page_is_the_same_whether_anybody_works_with_a_child_whom_the_actor_does_not_read(
    rows: Session, cast: Cast, case: Case, kept: ConcernOrder, acting: Acting
) -> None:
    """Who is told on a hidden ground, and who could not be, is not to be told from what the actor sees."""
    seal(rows, cast, case, cast.social_worker)
    somebody = breaks(acting, cast, kept)
    man = rows.get_one(Concern, kept.concern_id)
    alone = make_order(rows, man, cast.officer, owner_team_id=cast.police_team.id)
    assert breaks(acting, cast, alone) == somebody


def news(*people: User) -> set[tuple[UUID | None, str, str]]:
    """The e-mails that these people have."""
    return {(one.id, MAIL, "order_news") for one in people}


def mailed(rows: Session) -> set[UUID | None]:
    """Who has an e-mail that an order was broken."""
    found = of_event(rows, "order_broken", last_word=None)
    return {who for who, how, kind in found if (how, kind) == (MAIL, "order_broken")}


def message_to(rows: Session, person: User, event: str = "order_broken") -> UUID:
    about = {"recipient_id": person.id, "event": event}
    return rows.scalars(select(OutboxMessage.id).filter_by(**about)).one()


def opened(rows: Session, client: Client, person: User, event: str = "order_broken") -> str:
    """What the page says to which the e-mail on an event leads somebody."""
    return " ".join(client.soup(f"/go/{message_to(rows, person, event)}").get_text(" ").split())


@pytest.fixture
def closure(rows: Session, cast: Cast) -> ConcernOrder:
    """An order on a place in the district of a council."""
    cast.council.districts = ["erewash"]
    place = make_concern(rows, cast.officer, district="erewash")
    return make_order(rows, place, cast.officer, kind="closure")


def test_the_council_of_the_district_hears_of_an_order_on_a_place(
    rows: Session, cast: Cast, closure: ConcernOrder, acting: Acting
) -> None:
    ends(acting, cast.officer, closure, "ran_out")
    found = of_event(rows, "order_ended", last_word=None)
    assert (cast.community_safety.id, BELL, "order_news") in found


def test_the_council_of_the_district_hears_that_another_took_the_place_of_one(
    rows: Session, cast: Cast, closure: ConcernOrder, acting: Acting
) -> None:
    ends(acting, cast.officer, closure, "replaced")
    assert of_event(rows, "order_changed") == {(cast.community_safety.id, BELL, "order_news")}
    assert of_event(rows, "order_ended") == set()
