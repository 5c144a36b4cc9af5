"""Who is told of orders and notices: whoever works with the children whom they protect."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.vocabulary import CancelReason
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.orders import keeping
from portal.records.orders.model import ConcernOrder
from portal.records.orders.rules import OrderSaid
from portal.reminders.claims import Cancel, Send
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.concerns import make_concern, release
from tests.factories.orders import make_order
from tests.intelligence.conftest import Acting
from tests.reminders.conftest import engine
from tests.reminders.travel import judged
from tests.told import of_event, page_words

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


def test_whoever_leads_the_case_of_a_child_whom_it_protects_hears_of_it(
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
        assert of_event(rows, event) == {(cast.social_worker.id, MAIL, "order_news")}


def test_of_a_sealed_case_that_whoever_moves_it_does_not_read_its_lead_hears_and_is_not_named(
    rows: Session, cast: Cast, case: Case, order: ConcernOrder, acting: Acting
) -> None:
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    later = TODAY() + timedelta(days=120)
    with acting(cast.officer) as actor:
        held = db.session.get_one(ConcernOrder, order.id)
        keeping.move(actor=actor, order=held, until=later, words="By the court", version=held.version)
        assert cast.social_worker.name not in page_words()
    assert of_event(rows, "order_changed") == {(cast.social_worker.id, MAIL, "order_news")}


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
    found = of_event(rows, "order_broken")
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
    for person in (cast.social_worker, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    words = breaks(acting, cast, order)
    mailed = {who for who, how, _ in of_event(rows, "order_broken") if how == MAIL}
    assert mailed == {cast.social_worker.id, cast.nurse.id, cast.police_team.id, cast.hub_team.id}
    assert cast.social_worker.name not in words
    assert "the hub" in words


def test_whoever_works_with_the_child_and_may_not_see_it_is_named_and_the_hub_hears(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine
) -> None:
    """The police keep the man to themselves: they read the case, and its lead not the order."""
    kept = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    release(rows, kept, cast.health, cast.officer)
    child = rows.get_one(Child, case.child_id)
    order = make_order(rows, kept, cast.officer, protects=child, owner_team_id=cast.police_team.id)
    words = breaks(acting, cast, order)
    blind = f"{cast.social_worker.name} may not see it, nor may anybody there: they are not told, and the hub"
    assert blind in words
    assert f"{cast.nurse.name} (works on the case)" in words
    assert cast.stranger.name not in words
    mailed = {
        who for who, how, kind in of_event(rows, "order_broken") if kind == "order_broken" and how == MAIL
    }
    expected = {cast.social_worker.id, cast.nurse.id, cast.police_team.id, cast.hub_team.id}
    assert mailed == expected
    found = judged(engine, clock.now() + timedelta(minutes=1))
    becomes = {one.recipient_id: standing for one, standing in found if one.kind == "order_broken"}
    assert becomes[cast.social_worker.id] == Cancel(CancelReason.NO_REACH)
    assert isinstance(becomes[cast.nurse.id], Send)


def test_the_council_of_the_district_hears_of_an_order_on_a_place(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    cast.council.districts = ["erewash"]
    place = make_concern(rows, cast.officer, district="erewash")
    order = make_order(rows, place, cast.officer, kind="closure")
    with acting(cast.officer) as actor:
        held = db.session.get_one(ConcernOrder, order.id)
        version = held.version
        keeping.end(actor=actor, order=held, on=TODAY(), outcome="ran_out", words="", version=version)
    assert of_event(rows, "order_changed") == {(cast.community_safety.id, BELL, "order_news")}
