"""Who is told of what happens to a place, person or thing of concern."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns import holding, keeping, links
from portal.records.concerns.model import Concern, ConcernLink, ConcernRelease
from portal.records.concerns.policy import Concerns
from portal.records.concerns.rules import Described
from portal.records.people.model import Team, User
from portal.records.places.guardians import end_guardian
from portal.records.places.model import Guardian
from portal.vocabulary import Desk, Sensitivity
from tests.cast import Cast
from tests.concerns.conftest import Acting, acts, records
from tests.factories.cases import grant
from tests.factories.concerns import add_note, link, make_concern, release
from tests.factories.places import watch
from tests.factories.plans import make_action
from tests.missing.test_pages import ClientFor
from tests.told import of_event, page_words

MAIL, BELL, DIGEST = "mail", "portal", "digest"
PHONE = "01632 960555"


@pytest.fixture
def man(rows: Session, cast: Cast) -> Concern:
    """A person of concern that a police team answers for, and that the three agencies of the case see."""
    made = make_concern(
        rows, cast.officer, kind="person", name="Quorbin Vantlee", owner_team_id=cast.police_team.id
    )
    release(rows, made, cast.social_care, cast.officer)
    release(rows, made, cast.health, cast.officer)
    return made


def links_child(acting: Acting, who: User, concern: Concern, case: Case, **said: Any) -> ConcernLink:
    with acting(who) as actor:
        child = db.session.get_one(Child, case.child_id)
        record = db.session.get_one(Concern, concern.id)
        made = links.add_link(actor=actor, concern=record, to=child, role="child_not_known", **said)
        db.session.flush()
        db.session.expunge(made)
    return made


def says_status(acting: Acting, cast: Cast, concern: Concern) -> str:
    """The police say how they know them; what the page says of telling."""
    status = current_policy().of(Concerns).police_statuses.offered[0].code
    with acting(cast.officer) as actor:
        record = db.session.get_one(Concern, concern.id)
        reason = "Arrested in May"
        holding.set_police_status(
            actor=actor, concern=record, status=status, reason=reason, version=record.version
        )
        return page_words()


def test_a_link_to_a_child_is_told_whoever_leads_a_case_and_to_the_team_that_answers_for_it(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    made = links_child(acting, cast.nurse, man, case)
    team = {cast.officer, cast.colleague, cast.police_manager}
    expected = {
        (cast.social_worker.id, MAIL, "concern_child"),
        *((one.id, BELL, "concern_linked") for one in team),
        *((one.id, DIGEST, "concern_linked") for one in (cast.coordinator, cast.second_coordinator)),
    }
    assert of_event(rows, "concern_linked", last_word=None) == expected
    with acting(cast.nurse) as actor:
        held, record = db.session.get_one(ConcernLink, made.id), db.session.get_one(Concern, man.id)
        links.end_link(actor=actor, concern=record, link=held, reason="It was another man")
    assert of_event(rows, "concern_unlinked", last_word=None) == expected


def test_whoever_leads_the_case_and_is_not_let_in_hears_of_a_link_and_whom_to_ring_and_not_what_it_is(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    """The police show the man to nobody yet: whoever leads the child's case has to know that there is one."""
    rows.get_one(Team, cast.police_team.id).duty_phone = PHONE
    kept = make_concern(
        rows, cast.officer, kind="person", name="Quorbin Vantlee", owner_team_id=cast.police_team.id
    )
    made = links_child(acting, cast.officer, kept, case)
    told = of_event(rows, "concern_linked", last_word=None)
    assert {one for one in told if one[1] == MAIL} == {(cast.social_worker.id, MAIL, "concern_child")}
    says = opened(rows, client_for, cast.social_worker)
    for known in (case.reference, kept.reference, cast.police_team.name, PHONE):
        assert known in says, known
    assert "Vantlee" not in says
    assert client_for(cast.social_worker).get(f"/concerns/{kept.reference}").status_code == 404
    message = rows.scalars(select(OutboxMessage.id).filter_by(recipient_id=cast.social_worker.id)).one()
    for person in (cast.nurse, cast.social_care_manager, cast.stranger):
        assert client_for(person).get(f"/go/{message}").status_code == 404, person.name
    rows.get_one(ConcernLink, made.id).handling = "own"
    rows.commit()
    assert PHONE not in opened(rows, client_for, cast.social_worker), "the link is not for them any more"
    rows.get_one(ConcernLink, made.id).handling = "network"
    rows.get_one(Concern, kept.id).sensitivity = 1
    rows.commit()
    assert PHONE not in opened(rows, client_for, cast.social_worker), "nor is what is held closely"
    assert says_status(acting, cast, kept)
    assert cast.social_worker.id not in {one[0] for one in of_event(rows, "concern_warning", last_word=None)}


def test_the_page_says_beside_whoever_is_told_of_a_link_that_they_may_not_see_what_it_is_to(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    """The police show the man to health alone, and link the child."""
    kept = make_concern(
        rows, cast.officer, kind="person", name="Quorbin Vantlee", owner_team_id=cast.police_team.id
    )
    release(rows, kept, cast.health, cast.officer)
    rows.commit()
    with acting(cast.officer) as actor:
        child, record = db.session.get_one(Child, case.child_id), db.session.get_one(Concern, kept.id)
        links.add_link(actor=actor, concern=record, to=child, role="child_not_known")
        words = page_words()
    unseen = "may not see it, and hears that it happened and whom to ask"
    assert f"{cast.social_worker.name} (leads the case; {unseen})" in words
    assert words.count(unseen) == 1, words
    holds = of_event(rows, "concern_linked", last_word=None)
    assert (cast.social_worker.id, MAIL, "concern_child") in holds
    release(rows, kept, cast.social_care, cast.officer)
    rows.commit()
    assert unseen not in says_status(acting, cast, kept), "all of them see it now"


def opened(rows: Session, client_for: ClientFor, person: User) -> str:
    """What the page says to which the first e-mail leads somebody."""
    rows.rollback()
    of = select(OutboxMessage.id).filter_by(recipient_id=person.id, channel=MAIL)
    message = rows.scalars(of.order_by(OutboxMessage.created_at)).all()[0]
    return " ".join(client_for(person).soup(f"/go/{message}").get_text(" ").split())


def test_a_link_is_told_nobody_who_may_not_read_it(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    links_child(acting, cast.officer, man, case, handling="own")
    assert of_event(rows, "concern_linked", last_word=None) == set()


def test_of_a_sealed_case_that_the_actor_does_not_read_its_people_hear_and_are_not_named(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    links_child(acting, cast.officer, man, case)
    for person in (cast.social_worker, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    assert cast.social_worker.name not in says_status(acting, cast, man)
    warned = {who for who, how, _ in of_event(rows, "concern_warning", last_word=None) if how == MAIL}
    assert {cast.social_worker.id, cast.nurse.id} <= warned


def test_a_link_to_the_child_of_a_closely_held_case_is_told_whoever_reads_that(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    grant(rows, case, cast.nurse, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    links_child(acting, cast.nurse, man, case)
    assert MAIL not in {how for _, how, _ in of_event(rows, "concern_linked", last_word=None)}


def test_an_agency_is_told_what_it_is_shown_and_as_a_last_word_that_it_is_not_any_more(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    place = make_concern(rows, cast.officer)
    acts(acting, cast.officer, place, holding.release, agency_id=cast.health.id, reason="They work there")
    shown = of_event(rows, "concern_shown")
    assert shown == {
        (cast.health_team.id, MAIL, "concern_shown"),
        (cast.nurse.id, BELL, "concern_shown"),
    }
    made = rows.query(ConcernRelease).one()
    acts(acting, cast.officer, place, holding.withdraw_release, release_id=made.id)
    assert of_event(rows, "concern_hidden", last_word=True) == {
        (cast.health_team.id, MAIL, "no_longer_yours"),
        (cast.nurse.id, BELL, "no_longer_yours"),
    }
    assert all(one.last_word for one in rows.query(OutboxMessage).filter_by(event="concern_hidden"))


def test_where_somebody_leads_the_agency_they_are_told_and_its_people_see_it_in_the_portal(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    cast.social_care.lead_id = cast.social_care_manager.id
    rows.commit()
    place = make_concern(rows, cast.officer)
    reason = "They place children there"
    acts(acting, cast.officer, place, holding.release, agency_id=cast.social_care.id, reason=reason)
    assert of_event(rows, "concern_shown") == {
        (cast.social_care_manager.id, MAIL, "concern_shown"),
        (cast.social_worker.id, BELL, "concern_shown"),
        (cast.chair.id, BELL, "concern_shown"),
    }


def test_when_the_last_who_watches_a_place_stops_the_team_that_answers_for_it_hears(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    place = make_concern(rows, cast.officer, owner_team_id=cast.police_team.id)
    watch(rows, place, cast.officer)
    with acting(cast.colleague) as actor:
        record, one = db.session.get_one(Concern, place.id), db.session.query(Guardian).one()
        end_guardian(actor=actor, concern=record, guardian=one, words="Moved away", version=one.version)
    team = {cast.officer, cast.police_manager}
    assert of_event(rows, "place_unwatched") == {(one.id, BELL, "concern_news") for one in team}


def test_whoever_added_to_it_and_no_longer_sees_it_is_told_and_not_named(
    rows: Session, cast: Cast, man: Concern, acting: Acting
) -> None:
    add_note(rows, man, cast.neighbour)
    add_note(rows, man, cast.nurse)
    acts(acting, cast.officer, man, holding.hold, restricted=True, reason="He has friends here")
    assert of_event(rows, "concern_held", last_word=True) == {(cast.neighbour.id, BELL, "no_longer_yours")}
    acts(acting, cast.officer, man, holding.hold, restricted=False, reason="They left")
    assert len(of_event(rows, "concern_held", last_word=True)) == 1


def test_the_team_that_gets_it_and_the_one_that_had_it_are_told(
    rows: Session, cast: Cast, man: Concern, acting: Acting
) -> None:
    with acting(cast.officer) as actor:
        record = db.session.get_one(Concern, man.id)
        holding.hand_over(
            actor=actor,
            concern=record,
            team=db.session.get_one(Team, cast.council_team.id),
            reason="It is their district",
            version=record.version,
        )
        assert "stands in" not in page_words()
    assert of_event(rows, "concern_given", last_word=None) == {
        (cast.council_team.id, MAIL, "given"),
        (cast.community_safety.id, BELL, "given"),
        (cast.police_team.id, MAIL, "no_longer_yours"),
        (cast.colleague.id, BELL, "no_longer_yours"),
        (cast.police_manager.id, BELL, "no_longer_yours"),
    }


def test_what_the_police_know_of_somebody_is_told_everybody_around_the_children_and_them(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    link(rows, man, rows.get_one(Child, case.child_id), cast.officer)
    action = make_action(rows, man, cast.community_safety, cast.officer)
    words = says_status(acting, cast, man)
    found = of_event(rows, "concern_warning", last_word=None)
    assert {one for one in found if one[1] == MAIL} == {
        (who, MAIL, "concern_warning")
        for who in (
            *(cast.social_worker.id, cast.nurse.id, cast.community_safety.id),
            *(cast.police_team.id, cast.social_care_team.id, cast.health_team.id),
        )
    }
    assert f"{cast.nurse.name} (works on the case)" in words
    about = rows.query(OutboxMessage).filter_by(recipient_id=cast.community_safety.id).one()
    assert about.ground == "action_owner"
    assert rows.query(OutboxSubject).filter_by(message_id=about.id).one().subject_id == action.id


def test_whoever_works_on_a_case_that_the_actor_does_not_read_is_told_and_not_named(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting
) -> None:
    link(rows, man, rows.get_one(Child, case.child_id), cast.officer)
    grant(rows, case, cast.nurse, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    words = says_status(acting, cast, man)
    grounds = {one.recipient_id: one.ground for one in rows.query(OutboxMessage).filter_by(channel=MAIL)}
    assert grounds[cast.nurse.id] == "worker_unseen"
    assert cast.social_worker.id not in grounds
    assert cast.nurse.name not in words


def test_that_nobody_may_go_near_somebody_is_told_and_another_change_is_not(
    rows: Session, cast: Cast, man: Concern, acting: Acting
) -> None:
    def changes(**said: Any) -> None:
        described = Described(name="Quorbin Vantlee", **said)
        acts(acting, cast.officer, man, keeping.change_concern, said=described, reason="Seen")

    changes(description="Tall")
    assert of_event(rows, "concern_warning", last_word=None) == set()
    changes(description="Tall", do_not_approach=True)
    assert (cast.health_team.id, MAIL, "concern_warning") in of_event(rows, "concern_warning", last_word=None)


def test_a_place_that_is_recorded_is_in_the_morning_message_of_its_council_the_desk_and_the_hub(
    rows: Session, cast: Cast, districts: None, acting: Acting
) -> None:
    cast.police_other_team.desks = [Desk.EXPLOITATION]
    rows.commit()
    records(acting, cast.social_worker, district="erewash")
    found = of_event(rows, "concern_recorded")
    assert found == {
        (who.id, DIGEST, "concern_news")
        for who in (cast.neighbour, cast.community_safety, cast.coordinator, cast.second_coordinator)
    }
    records(acting, cast.social_worker, kind="vehicle", name="A red van")
    vans = rows.query(OutboxMessage).filter(OutboxMessage.event == "concern_recorded").all()
    assert len(vans) == 2 * len(found) - 1, "all but the council, which sees places"


def test_of_a_closely_held_place_neither_council_nor_desk_hears(
    rows: Session, cast: Cast, districts: None, acting: Acting
) -> None:
    cast.police_other_team.desks = [Desk.EXPLOITATION]
    rows.commit()
    records(acting, cast.social_worker, district="erewash", restricted=True)
    hub = {cast.coordinator.id, cast.second_coordinator.id}
    assert {who for who, *_ in of_event(rows, "concern_recorded")} == hub


def test_agencies_that_may_see_it_hear_that_it_ended_and_is_of_concern_again(
    rows: Session, cast: Cast, man: Concern, acting: Acting
) -> None:
    acts(acting, cast.officer, man, keeping.end_concern, reason="He died")
    day = rows.get_one(Concern, man.id).review_on
    acts(acting, cast.officer, man, keeping.reopen_concern, reason="It was his brother", review_on=day)
    for event in ("concern_ended", "concern_reopened"):
        found = of_event(rows, event, last_word=None)
        for who in (cast.nurse, cast.social_worker, cast.social_care_manager, cast.chair):
            assert (who.id, BELL, "concern_news") in found, who.name
        assert cast.stranger.id not in {who for who, *_ in found}
