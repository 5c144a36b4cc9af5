"""Who hears of an order and of who is a danger to a child, where whoever leads the case does not read it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage, Untold
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child
from portal.records.concerns import links
from portal.records.concerns.model import Concern
from portal.records.orders import keeping
from portal.records.orders.model import ConcernOrder
from portal.records.people.model import Team, TeamMember, User
from portal.reminders.claims import HandOn
from portal.vocabulary import Desk, Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.concerns import make_concern, release
from tests.factories.orders import make_order
from tests.factories.people import make_team
from tests.intelligence.conftest import Acting
from tests.missing.test_pages import ClientFor
from tests.reminders.conftest import engine
from tests.reminders.travel import judged
from tests.told import of_event, page_words, untold

__all__ = ["engine"]

MAIL = "mail"


@pytest.fixture
def man(rows: Session, cast: Cast) -> Concern:
    """A person of concern, dangerous to children, whom the agencies of the case see."""
    made = make_concern(
        rows,
        cast.officer,
        kind="person",
        name="Quorbin Vantlee",
        risk="high",
        owner_team_id=cast.police_team.id,
    )
    release(rows, made, cast.social_care, cast.officer)
    return made


@pytest.fixture
def order(rows: Session, cast: Cast, case: Case, man: Concern) -> ConcernOrder:
    """A notice that the hub answers for and that protects the child of the case."""
    return make_order(rows, man, cast.coordinator, protects=rows.get_one(Child, case.child_id))


@pytest.fixture
def north(rows: Session, cast: Cast) -> Team:
    """Another team of social care, first in lists, not on the case, to which the lead was moved."""
    team = make_team(rows, cast.social_care, "A team of the north")
    rows.execute(update(TeamMember).filter_by(user_id=cast.social_worker.id).values(team_id=team.id))
    rows.commit()
    return team


def leaves(rows: Session, person: User) -> None:
    rows.get_one(User, person.id).active = False
    rows.commit()


def breaks(acting: Acting, who: User, order: ConcernOrder) -> str:
    with acting(who) as actor:
        held = db.session.get_one(ConcernOrder, order.id)
        keeping.say_broken(actor=actor, order=held, on=clock.today(), words="He followed her home")
        return page_words()


def links_child(acting: Acting, who: User, man: Concern, case: Case) -> str:
    with acting(who) as actor:
        child, record = db.session.get_one(Child, case.child_id), db.session.get_one(Concern, man.id)
        links.add_link(actor=actor, concern=record, to=child, role="child_not_known")
        return page_words()


def mailed(rows: Session, event: str) -> set[object]:
    return {who for who, how, _ in of_event(rows, event, last_word=None) if how == MAIL}


@pytest.mark.parametrize("gone", [False, True])
def test_of_one_that_was_broken_the_team_that_leads_the_case_and_its_managers_hear_at_once(
    rows: Session, cast: Cast, case: Case, order: ConcernOrder, north: Team, acting: Acting, gone: bool
) -> None:
    if gone:
        leaves(rows, cast.social_worker)
    words = breaks(acting, cast.coordinator, order)
    told = mailed(rows, "order_broken")
    assert {cast.social_care_team.id, cast.social_care_manager.id} <= told
    everybody = {who for who, *_ in of_event(rows, "order_broken", last_word=None)}
    assert not {cast.social_worker.id, north.id, cast.stranger.id} & everybody
    place = f"in the place of {cast.social_worker.name}, who leads the case and does not read it"
    assert place in words
    assert cast.social_care_team.name in words
    assert untold(rows) == {("order_broken", "exploitation_desk", "nobody")}


def test_of_a_link_to_a_child_they_hear_and_find_the_case_and_whom_to_ring(
    rows: Session,
    cast: Cast,
    case: Case,
    man: Concern,
    north: Team,
    acting: Acting,
    client_for: ClientFor,
) -> None:
    rows.get_one(Team, cast.police_team.id).duty_phone = "01632 960555"
    rows.commit()
    words = links_child(acting, cast.officer, man, case)
    assert f"in the place of {cast.social_worker.name}" in words
    event = "concern_linked_now"
    assert {cast.social_care_team.id, cast.social_care_manager.id} <= mailed(rows, event)
    everybody = {who for who, *_ in of_event(rows, event, last_word=None)}
    assert not {cast.social_worker.id, north.id, cast.stranger.id} & everybody
    to_manager = select(OutboxMessage.id).filter_by(recipient_id=cast.social_care_manager.id, event=event)
    page = client_for(cast.social_care_manager).get(
        f"/go/{rows.scalars(to_manager).one()}", follow_redirects=True
    )
    assert page.status_code == 200
    assert man.reference in page.text


def test_where_whoever_tells_does_not_read_the_case_they_hear_and_are_not_named(
    rows: Session, cast: Cast, case: Case, man: Concern, north: Team, acting: Acting
) -> None:
    rows.execute(delete(Involvement).filter_by(case_id=case.id, team_id=cast.police_team.id))
    rows.commit()
    child = rows.get_one(Child, case.child_id)
    theirs = make_order(rows, man, cast.officer, protects=child, owner_team_id=cast.police_team.id)
    words = breaks(acting, cast.officer, theirs)
    assert {cast.social_care_team.id, cast.social_care_manager.id} <= mailed(rows, "order_broken")
    assert "in the place of" not in words
    assert cast.social_worker.name not in words


def test_where_nobody_of_the_agency_that_leads_reads_it_the_hub_hears_so_at_once(
    rows: Session, cast: Cast, case: Case, order: ConcernOrder, acting: Acting
) -> None:
    """A restricted case whose lead, the one person of that agency who is named there, has left."""
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    leaves(rows, cast.social_worker)
    words = breaks(acting, cast.second_coordinator, order)
    nobody = f"{cast.social_worker.name}, who leads the case, or anybody there in that place"
    assert f"Not told: {nobody} (may not see it)." in words
    assert "The hub has this on its list. If it cannot wait, ring " in words
    assert ("order_broken", "lead_professional", "no_reach") in untold(rows)
    (listed,) = rows.scalars(select(Untold).filter_by(ground="lead_professional"))
    assert (listed.recipient_id, listed.urgent) == (cast.social_worker.id, True)
    everybody = {who for who, *_ in of_event(rows, "order_broken", last_word=None)}
    assert not {cast.social_worker.id, cast.social_care_team.id, cast.social_care_manager.id} & everybody


def test_the_police_hear_at_once_that_one_was_broken(
    rows: Session, cast: Cast, case: Case, order: ConcernOrder, acting: Acting
) -> None:
    """The desk for exploitation, and the team that works on the case; the hub answers for the notice."""
    breaks(acting, cast.coordinator, order)
    assert untold(rows) == {("order_broken", "exploitation_desk", "nobody")}
    desk = rows.get_one(Team, cast.police_other_team.id)
    desk.desks = [Desk.EXPLOITATION]
    rows.commit()
    words = breaks(acting, cast.coordinator, order)
    assert {desk.id, cast.police_team.id} <= mailed(rows, "order_broken")
    assert f"{desk.name} (police exploitation desk)" in words


def test_an_e_mail_to_a_lead_who_leaves_before_it_goes_out_goes_to_the_team_that_leads_the_case(
    rows: Session, cast: Cast, case: Case, order: ConcernOrder, acting: Acting, engine: Engine
) -> None:
    """Not to another team of theirs, though the message needs no reach on the order."""
    breaks(acting, cast.coordinator, order)
    other = make_team(rows, cast.social_care, "A team of the north")
    rows.execute(update(TeamMember).filter_by(user_id=cast.social_worker.id).values(team_id=other.id))
    leaves(rows, cast.social_worker)
    found = judged(engine, clock.now() + timedelta(minutes=1))
    (handed,) = [one for message, one in found if message.recipient_id == cast.social_worker.id]
    assert isinstance(handed, HandOn)
    assert handed.team_id == cast.social_care_team.id
