"""Who is told that what was said of something of concern changed, and that children are harmed by it."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.messages.told import HIDDEN
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns import keeping
from portal.records.concerns.links import add_link, end_link
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.concerns.presenter.words import OF_A_CHILD
from portal.records.concerns.rules import Described
from portal.records.concerns.vocabulary import SAME_AS, ConcernKind
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sensitivity
from tests.cast import Cast
from tests.concerns.conftest import Acting, acts, records
from tests.concerns.test_telling import links_child
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.concerns import link, make_concern, release
from tests.missing.test_pages import ClientFor
from tests.told import of_event, page_words, untold

MAIL, BELL, DIGEST = "mail", "portal", "digest"
ENDS = ("concern_changed", "concern_ended", "concern_reopened")


@pytest.fixture
def desk(rows: Session, cast: Cast) -> Team:
    """The police team to which exploitation is brought."""
    team = rows.get_one(Team, cast.police_other_team.id)
    team.desks = [Desk.EXPLOITATION]
    rows.commit()
    return team


@pytest.fixture
def man(rows: Session, cast: Cast, case: Case, desk: Team) -> Concern:
    """A person of concern that a police team answers for and health sees, linked to the child of the case."""
    made = make_concern(
        rows, cast.officer, kind="person", name="Quorbin Vantlee", owner_team_id=cast.police_team.id
    )
    release(rows, made, cast.health, cast.officer)
    link(rows, made, rows.get_one(Child, case.child_id), cast.officer)
    return made


def a_sunday_evening() -> datetime:
    there = clock.today() + timedelta(days=13 - clock.today().weekday())
    return datetime.combine(there, time(18), tzinfo=clock.LOCAL_ZONE)


def mailed(rows: Session, event: str) -> set[UUID | None]:
    return {who for who, how, _ in of_event(rows, event, last_word=None) if how == MAIL}


def seal(rows: Session, cast: Cast, case: Case) -> None:
    for person in (cast.social_worker, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()


def changes(acting: Acting, by: User, concern: Concern, *, name: str = "", risk: str = "") -> str:
    with acting(by) as actor:
        record = db.session.get_one(Concern, concern.id)
        said = Described(name=name or record.name, risk=risk or record.risk)
        version = record.version
        keeping.change_concern(actor=actor, concern=record, said=said, reason="Put right", version=version)
        return page_words()


def changes_ends_and_reopens(acting: Acting, by: User, concern: Concern) -> str:
    """What the pages say of telling, one after the other."""
    words = changes(acting, by, concern, name="Corbin Vantley")
    acts(acting, by, concern, keeping.end_concern, reason="He died")
    acts(*(acting, by, concern, keeping.reopen_concern), reason="A brother", review_on=clock.today())
    return words


def test_by_what_children_are_harmed_now_is_told_the_police_and_the_hub_on_a_sunday_evening(
    rows: Session, cast: Cast, desk: Team, acting: Acting
) -> None:
    with time_machine.travel(a_sunday_evening()), acting(cast.social_worker) as actor:
        said = Described(name="QX55 ZZZ", description="Takes girls from the club", risk="high")
        keeping.create_concern(actor=actor, kind=ConcernKind.VEHICLE, said=said)
        words = page_words()
    found = of_event(rows, "concern_now")
    assert {one for one in found if one[1] == MAIL} == {
        (desk.id, MAIL, "concern_now"),
        (cast.hub_team.id, MAIL, "concern_now"),
        (cast.social_care_team.id, MAIL, "concern_now"),
    }
    told = {who for who, *_ in found}
    assert not told & {cast.stranger.id, cast.nurse.id, cast.community_safety.id, cast.officer.id}
    assert "Told by e-mail now, and in the portal: " in words
    assert "It is outside office hours, and it may be that nobody reads it now at" in words
    assert "If it cannot wait, ring " in words
    assert of_event(rows, "concern_recorded") == set(), "once"


def test_where_the_police_have_no_desk_the_page_says_whom_to_ring_and_the_hub_has_it_on_its_list(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    with acting(cast.social_worker) as actor:
        said = Described(name="QX55 ZZZ", risk="high")
        keeping.create_concern(actor=actor, kind=ConcernKind.VEHICLE, said=said)
        assert "Not told: police exploitation desk (there is nobody who may be told)" in page_words()
    assert untold(rows) == {("concern_now", "exploitation_desk", "nobody")}
    records(acting, cast.social_worker, kind="vehicle", name="QX55 ZZY", risk="high", restricted=True)
    assert len(untold(rows)) == 1, "what is held closely is not for the desk"


def test_what_was_wrong_of_it_is_put_right_at_any_hour_for_all_who_rely_on_it(
    rows: Session, cast: Cast, case: Case, man: Concern, desk: Team, acting: Acting
) -> None:
    """As it rises to harming now, as its name is put right, and as it falls."""
    everybody = {
        *(cast.social_worker.id, cast.nurse.id, cast.police_team.id, cast.health_team.id),
        *(desk.id, cast.hub_team.id),
    }
    for number, (name, risk) in enumerate((("", "high"), ("Corbin Vantley", ""), ("", "low")), start=1):
        with time_machine.travel(a_sunday_evening()):
            words = changes(acting, cast.officer, man, name=name, risk=risk)
        assert mailed(rows, "concern_now") == everybody
        mails = rows.query(OutboxMessage).filter_by(event="concern_now", recipient_id=cast.nurse.id)
        assert [one.urgent for one in mails] == [True] * number
        assert f"{cast.nurse.name} (works on the case)" in words
    assert of_event(rows, "concern_changed") == set()
    changes(acting, cast.officer, man, name="Corbin Vantleigh")
    assert mails.count() == 3, "from now on it waits for the morning"
    assert mailed(rows, "concern_changed") == set()


def test_those_of_a_sealed_case_hear_that_it_harms_children_now_and_are_not_named(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    seal(rows, cast, case)
    words = changes(acting, cast.officer, man, risk="high")
    assert {cast.social_worker.id, cast.nurse.id} <= mailed(rows, "concern_now")
    assert HIDDEN in words
    for person in (cast.social_worker, cast.nurse):
        assert person.name not in words


def test_the_council_hears_that_a_place_in_its_district_harms_children_now(
    rows: Session, cast: Cast, districts: None, desk: Team, acting: Acting
) -> None:
    records(acting, cast.social_worker, district="erewash", risk="high")
    found = of_event(rows, "concern_now")
    assert (cast.community_safety.id, BELL, "concern_news") in found
    assert cast.stranger.id not in {who for who, *_ in found}


def test_whoever_relies_on_it_hears_that_it_changed_ended_and_is_of_concern_again(
    rows: Session, cast: Cast, case: Case, man: Concern, desk: Team, acting: Acting
) -> None:
    cast.health.lead_id = cast.nurse.id
    rows.commit()
    words = changes_ends_and_reopens(acting, cast.officer, man)
    for event in ENDS:
        found = of_event(rows, event, last_word=None)
        assert MAIL not in {how for _, how, _ in found}
        ways = {who: (how, kind) for who, how, kind in found}
        assert ways[cast.social_worker.id] == (DIGEST, "concern_child"), event
        assert ways[cast.nurse.id][0] in {BELL, DIGEST}, event
        assert ways[cast.colleague.id] == (BELL, "concern_news"), event
        assert ways[cast.neighbour.id] == (DIGEST, "concern_news"), event
        assert ways[cast.coordinator.id] == (DIGEST, "concern_news"), event
        assert not {cast.stranger.id, cast.community_safety.id, cast.teacher.id} & ways.keys(), event
    assert cast.social_worker.name in words


def test_whoever_works_on_the_case_and_may_not_see_it_hears_in_the_morning_that_it_changed(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    other = make_concern(rows, cast.officer, kind="person", name="Blenk", owner_team_id=cast.police_team.id)
    link(rows, other, rows.get_one(Child, case.child_id), cast.officer)
    changes_ends_and_reopens(acting, cast.officer, other)
    for event in ENDS:
        assert (cast.nurse.id, DIGEST, "concern_child") in of_event(rows, event, last_word=None)


def test_those_of_a_sealed_case_hear_that_it_changed_ended_and_is_of_concern_again(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    other = make_concern(rows, cast.officer, kind="person", name="Blenk", owner_team_id=cast.police_team.id)
    link(rows, other, rows.get_one(Child, case.child_id), cast.officer)
    seal(rows, cast, case)
    words = changes_ends_and_reopens(acting, cast.officer, other)
    for event in ENDS:
        found = of_event(rows, event, last_word=None)
        for person in (cast.social_worker, cast.nurse):
            assert (person.id, DIGEST, "concern_child") in found, event
            assert person.name not in words


def test_the_council_hears_that_a_place_in_its_district_changed_ended_and_is_of_concern_again(
    rows: Session, cast: Cast, districts: None, acting: Acting
) -> None:
    place = make_concern(rows, cast.officer, district="erewash")
    with acting(cast.officer) as actor:
        record = db.session.get_one(Concern, place.id)
        said = Described(name="Zubrowka Hall", district="erewash")
        keeping.change_concern(actor=actor, concern=record, said=said, reason="", version=record.version)
    acts(acting, cast.officer, place, keeping.end_concern, reason="It was shut")
    acts(*(acting, cast.officer, place, keeping.reopen_concern), reason="Open", review_on=clock.today())
    for event in ENDS:
        assert (cast.community_safety.id, DIGEST, "concern_news") in of_event(rows, event)


@pytest.fixture
def second(rows: Session, cast: Cast) -> Case:
    """A case of another child, on which no police work."""
    child = make_child(rows, "Brenna", "Fabel")
    made = make_case(
        rows,
        child,
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, made, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    return made


def test_that_a_suspect_who_harms_now_has_another_child_is_told_the_police_who_do_not_see_her(
    rows: Session,
    cast: Cast,
    man: Concern,
    second: Case,
    desk: Team,
    acting: Acting,
    client_for: ClientFor,
) -> None:
    rows.get_one(Concern, man.id).risk = "high"
    rows.commit()
    with time_machine.travel(a_sunday_evening()):
        links_child(acting, cast.coordinator, man, second)
        messages = client_for(cast.colleague).soup("/messages").get_text(" ")
    assert "A child was linked to something that harms children" in messages
    found = of_event(rows, "concern_linked_now", last_word=None)
    assert {one for one in found if one[1] == MAIL} == {
        (cast.social_worker.id, MAIL, "concern_child_now"),
        (cast.police_team.id, MAIL, "concern_linked_now"),
        (desk.id, MAIL, "concern_linked_now"),
        (cast.hub_team.id, MAIL, "concern_linked_now"),
    }
    assert not {cast.nurse.id, cast.stranger.id, cast.teacher.id} & {who for who, *_ in found}
    page = client_for(cast.colleague).soup(f"/concerns/{man.reference}").get_text(" ")
    assert "there is more than you see" in page
    assert "Fabel" not in page
    says = opened(rows, client_for, cast.social_worker)
    assert second.reference in says, "which of the children whom they work with"
    assert says.count("CRE-") == says.count(second.reference)
    assert f"{cast.hub.name} linked them" in says
    assert "Vantlee" not in says


def opened(rows: Session, client_for: ClientFor, person: User) -> str:
    """What the page says to which the last e-mail leads somebody."""
    of = select(OutboxMessage.id).filter_by(recipient_id=person.id, channel=MAIL)
    message = rows.scalars(of.order_by(OutboxMessage.created_at.desc())).all()[0]
    return " ".join(client_for(person).soup(f"/go/{message}").get_text(" ").split())


def test_a_link_that_is_not_for_them_is_told_neither_the_police_nor_the_hub(
    rows: Session, cast: Cast, man: Concern, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    rows.get_one(Concern, man.id).risk = "high"
    rows.commit()
    links_child(acting, cast.nurse, man, case, handling="own")
    assert of_event(rows, "concern_linked_now", last_word=None) == set()
    assert {who for who, *_ in of_event(rows, "concern_linked", last_word=None)} == set()
    seal(rows, cast, case)
    links_child(acting, cast.nurse, man, case)
    assert of_event(rows, "concern_linked_now", last_word=None) == {
        (cast.social_worker.id, MAIL, "concern_child_now")
    }, "her own lead hears at any hour"
    team = (cast.officer, cast.colleague, cast.police_manager)
    assert of_event(rows, "concern_linked", last_word=None) == {
        (one.id, BELL, "concern_linked") for one in team
    }, "the hub does not read the sealed case"
    name = rows.get_one(Child, case.child_id).family_name
    for person in (cast.officer, cast.coordinator):  # neither is sent to the other as to one who knows
        assert name not in client_for(person).get(f"/concerns/{man.reference}").text
    kinds = current_policy().reminders.kinds
    for kind in ("concern_linked", "concern_linked_now"):
        assert "only whoever made " in kinds[kind].line
    assert "The hub does not see every link: if they have to know more, ring them yourself" in OF_A_CHILD


def test_whoever_works_with_the_child_hears_at_any_hour_of_a_link_to_one_who_harms_now(
    rows: Session, cast: Cast, man: Concern, case: Case, acting: Acting
) -> None:
    rows.get_one(Concern, man.id).risk = "high"
    rows.commit()
    links_child(acting, cast.coordinator, man, case)
    assert {cast.social_worker.id, cast.nurse.id} <= mailed(rows, "concern_linked_now")


def takes_back(acting: Acting, by: User, concern: Concern, made: ConcernLink) -> None:
    with acting(by) as actor:
        held, record = db.session.get_one(ConcernLink, made.id), db.session.get_one(Concern, concern.id)
        end_link(actor=actor, concern=record, link=held, reason="It was another man")


def test_whoever_heard_at_any_hour_of_a_link_hears_as_soon_that_it_was_taken_back(
    rows: Session, cast: Cast, man: Concern, case: Case, second: Case, desk: Team, acting: Acting
) -> None:
    """Also the desk to which exploitation was brought then; of the link of another child it was not told."""
    quiet = links_child(acting, cast.coordinator, man, second)
    rows.get_one(Concern, man.id).risk = "high"
    rows.commit()
    made = links_child(acting, cast.coordinator, man, case)
    rows.get_one(Concern, man.id).risk = "low"
    rows.get_one(Team, desk.id).desks = []
    rows.commit()
    takes_back(acting, cast.coordinator, man, quiet)
    assert of_event(rows, "concern_unlinked_now", last_word=None) == set()
    takes_back(acting, cast.coordinator, man, made)
    found = of_event(rows, "concern_unlinked_now", last_word=None)
    assert {one for one in found if one[1] == MAIL} == {
        *((one.id, MAIL, "concern_child") for one in (cast.social_worker, cast.nurse, cast.officer)),
        *((one.id, MAIL, "concern_linked") for one in (cast.police_team, desk, cast.hub_team)),
    }
    assert not {cast.stranger.id, cast.teacher.id} & {who for who, *_ in found}
    sent = rows.query(OutboxMessage).filter_by(event="concern_unlinked_now", channel=MAIL)
    assert all(one.urgent for one in sent)


def test_of_a_sealed_child_they_alone_hear_at_any_hour_that_a_link_was_taken_back(
    rows: Session, cast: Cast, man: Concern, case: Case, acting: Acting
) -> None:
    rows.get_one(Concern, man.id).risk = "high"
    seal(rows, cast, case)
    made = links_child(acting, cast.nurse, man, case)
    takes_back(acting, cast.nurse, man, made)
    found = of_event(rows, "concern_unlinked_now", last_word=None)
    assert found == {(cast.social_worker.id, MAIL, "concern_child")}
    assert cast.coordinator.id not in {who for who, *_ in of_event(rows, "concern_unlinked", last_word=None)}


def test_whoever_works_with_the_child_and_the_hub_hear_of_a_link_and_that_it_was_taken_back(
    rows: Session, cast: Cast, man: Concern, case: Case, acting: Acting
) -> None:
    made = links_child(acting, cast.officer, man, case, words="Seen again")
    with acting(cast.officer) as actor:
        held, record = db.session.get_one(ConcernLink, made.id), db.session.get_one(Concern, man.id)
        end_link(actor=actor, concern=record, link=held, reason="It was another man")
    for event in ("concern_linked", "concern_unlinked"):
        found = of_event(rows, event, last_word=None)
        assert (cast.nurse.id, DIGEST, "concern_child") in found, event
        assert (cast.coordinator.id, DIGEST, "concern_linked") in found, event
        assert not {cast.stranger.id, cast.teacher.id} & {who for who, *_ in found}, event


def test_whoever_relies_on_one_of_two_hears_whether_they_are_the_same_and_both_answers_never_hold(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    van = make_concern(rows, cast.officer, kind="vehicle", name="ZZ21 VAN", owner_team_id=cast.police_team.id)
    other = make_concern(rows, cast.nurse, kind="vehicle", name="ZZ21", owner_team_id=cast.health_team.id)

    def says(verb: Callable[..., Any], **more: Any) -> Any:
        with acting(cast.coordinator) as actor:
            one, two = db.session.get_one(Concern, van.id), db.session.get_one(Concern, other.id)
            return verb(actor, one, two, **more)

    def apart(actor: Principal, one: Concern, two: Concern) -> UUID:
        return keeping.tell_apart(actor=actor, concern=one, other=two).id

    def same(actor: Principal, one: Concern, two: Concern) -> UUID:
        return add_link(actor=actor, concern=one, to=two, role=SAME_AS).id

    def heard() -> set[UUID | None]:
        found = of_event(rows, "concern_changed", last_word=None)
        assert not {cast.stranger.id, cast.teacher.id, cast.community_safety.id} & {who for who, *_ in found}
        return {who for who, how, _ in found if how == BELL}

    number = says(apart)
    assert heard() == {cast.officer.id, cast.colleague.id, cast.police_manager.id, cast.nurse.id}
    first = rows.query(OutboxMessage).filter_by(event="concern_changed", channel=BELL).count()
    with pytest.raises(DomainError, match="not the same"):
        says(same)
    with acting(cast.coordinator) as actor:
        keeping.undo(actor=actor, concern=db.session.get_one(Concern, van.id), difference_id=number)
    rows.rollback()
    said = rows.query(OutboxMessage).filter_by(event="concern_changed", channel=BELL)
    assert said.count() == 2 * first, "that it was taken back is told the same"
    says(same)
    rows.rollback()
    assert said.count() == 3 * first
    with pytest.raises(DomainError, match="linked them as the same"):
        says(apart)
