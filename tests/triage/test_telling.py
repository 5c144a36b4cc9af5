"""Who hears of what the hub does with a form."""

from datetime import timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage, Untold
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.children.recording import write_name_keys
from portal.records.intelligence.grading import Grading
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.triage.child_match import recognise, start_record
from portal.records.triage.decisions import live_decisions, reopen
from portal.records.triage.feedback import (
    give_feedback,
    kept_words,
    send_message,
    stop_waiting,
    suggested_text,
)
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.records.triage.social_care import confirm
from portal.records.triage.vocabulary import InformationNature
from portal.records.triage.working import claim, find_referral, hand_over, release, set_colour
from portal.vocabulary import DecisionOutcome, Desk, ReferralState, Sensitivity, TriageColour
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.meetings import make_meeting
from tests.factories.referrals import make_sent_referral
from tests.told import heard, untold
from tests.triage.conftest import SOURCE, Acting, answers, decide, tell_team, words_for

REFER = DecisionOutcome.SOCIAL_CARE_REFERRAL
MORE = "Nothing more is needed."
ADD = DecisionOutcome.ADD_TO_CASE
NFA = DecisionOutcome.NO_FURTHER_ACTION
GRADED = Grading(source_grade="2", information_grade="C", handling_code="P", text="A child was in a car.")
HUB_OF_RED = {"hub_team mail red_form", "second_coordinator portal red_form"}


def found(actor: Any, form: Referral) -> Referral:
    return find_referral(actor=actor, reference=form.reference)


def recognised_with_case(rows: Session, cast: Cast, acting: Acting, form: Referral) -> Case:
    """The child on the form is known, and social care leads their case, on which a nurse works too."""
    child = make_child(rows)
    case = make_case(
        rows,
        child,
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    rows.commit()
    with acting(cast.coordinator) as actor:
        first = db.session.scalars(select(ReferralSubject).filter_by(referral_id=form.id, position=1)).one()
        known = db.session.get_one(Child, child.id)
        recognise(actor=actor, referral=found(actor, form), subject=first, child=known)
    return case


def test_who_had_a_form_hears_that_somebody_else_has_it(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.second_coordinator) as actor:
        claim(actor=actor, referral=found(actor, form))
    with acting(cast.coordinator) as actor:
        me = db.session.get_one(User, cast.coordinator.id)
        hand_over(actor=actor, referral=found(actor, form), to=me, note="You are away")
    assert heard(rows, cast, "form_handed_over") == {"second_coordinator portal form_taken_over"}


@pytest.mark.parametrize(
    ("colour", "late", "hears"),
    [
        (TriageColour.RED, False, HUB_OF_RED),
        (TriageColour.GREEN, True, HUB_OF_RED),
        (TriageColour.GREEN, False, set()),
    ],
)
def test_a_red_or_late_form_that_is_put_back_reaches_the_hub(
    rows: Session, cast: Cast, acting: Acting, colour: TriageColour, late: bool, hears: set[str]
) -> None:
    due = clock.now() - timedelta(hours=1) if late else None
    form = make_sent_referral(rows, cast.officer, colour=colour, due_at=due)
    with acting(cast.coordinator) as actor:
        claim(actor=actor, referral=found(actor, form))
        release(actor=actor, referral=found(actor, form))
    assert heard(rows, cast, "urgent_form_put_back") == hears


def test_a_colour_that_a_colleague_changed_is_shown_to_whoever_has_the_form(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    form = make_sent_referral(rows, cast.officer, colour=TriageColour.RED)
    with acting(cast.second_coordinator) as actor:
        claim(actor=actor, referral=found(actor, form))
    with acting(cast.coordinator) as actor:
        set_colour(
            actor=actor,
            referral=found(actor, form),
            colour=TriageColour.GREEN,
            reason="She is safe at home",
            seen=TriageColour.RED,
        )
    assert heard(rows, cast, "form_colour_changed") == {"second_coordinator portal form_changed"}


def test_the_sender_hears_that_the_hub_goes_on_without_an_answer(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        send_message(actor=actor, referral=found(actor, form), text="When was that?", asks_reply=True)
    with acting(cast.coordinator) as actor:
        stop_waiting(actor=actor, referral=found(actor, form))
    assert heard(rows, cast, "form_hub_asked") == {"officer mail form_question"}
    assert heard(rows, cast, "form_hub_went_on") == {"officer digest form_message"}


@pytest.mark.parametrize(
    ("colour", "event", "kind"),
    [
        (TriageColour.GREEN, "form_passed_on", "form_arrived"),
        (TriageColour.RED, "red_form_passed_on", "red_form"),
    ],
)
def test_a_coordinator_who_finds_a_sealed_child_hands_on_without_learning_to_whom(
    rows: Session, cast: Cast, acting: Acting, colour: TriageColour, event: str, kind: str
) -> None:
    children = [{"given_name": "Aida", "family_name": "Fictional", "age": 14}]
    form = make_sent_referral(rows, cast.officer, colour=colour, children=children, answers=answers())
    child = make_child(rows, dob=clock.today().replace(year=clock.today().year - 14, day=1))
    with acting(cast.coordinator):
        write_name_keys(db.session.get_one(Child, child.id))
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.second_coordinator)
    grant(rows, case, cast.second_coordinator, by=cast.second_coordinator)
    grant(rows, case, cast.social_worker, by=cast.second_coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    with acting(cast.coordinator) as actor:
        claim(actor=actor, referral=found(actor, form))
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        subject = db.session.scalars(select(ReferralSubject).filter_by(referral_id=form.id)).one()
        assert start_record(actor=actor, referral=referral, subject=subject) is None
        assert said().strip() == ""
    assert heard(rows, cast, event) == {f"second_coordinator mail {kind}"}
    assert heard(rows, cast, "form_on_sealed_case") == {"social_worker mail form_on_sealed"}
    assert not rows.scalars(select(Untold)).all()
    with acting(cast.coordinator):
        assert db.session.scalar(select(db.func.ctx.passed_to(form.id))) is None, "nor afterwards"


def said() -> str:
    """What the page of this request will say of telling."""
    return " ".join(one.words for one in g.told) if "told" in g else ""


def test_the_front_door_hears_that_a_referral_waits_and_that_it_was_withdrawn(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, REFER, about=[1], authority="derbyshire")
        assert said().startswith("Told by e-mail now, and in the portal: ")
        assert "(social care of the responsible authority)" in said()
    team = {f"{who} portal social_care_referred" for who in ("social_worker", "social_care_manager", "chair")}
    expected = team | {"social_care_team mail social_care_referred"}
    assert heard(rows, cast, "social_care_referred") == expected
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        wrong = live_decisions(referral=referral)
        reopen(actor=actor, referral=referral, decisions=wrong, reason="Another child")
    assert heard(rows, cast, "social_care_withdrawn") == {
        one.replace("referred", "withdrawn") for one in expected
    }
    urgent = rows.scalars(select(OutboxMessage.event).filter_by(channel="mail", urgent=True))
    assert {"social_care_referred", "social_care_withdrawn"} <= set(urgent), "at any hour"


def test_where_no_team_of_the_authority_is_here_the_page_says_so_and_the_hub_has_it_to_do(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    rows.get_one(Agency, cast.social_care.id).authority = "derby"
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, REFER, about=[1], authority="derbyshire")
        _, _, ring = said().partition("Not told: children’s social care of Derbyshire County")
    assert ("Derbyshire" in ring, "Derby social" in ring) == (True, False)
    assert heard(rows, cast, "social_care_referred") == set()
    one = rows.scalars(select(Untold)).one()
    assert (one.event, one.ground, one.urgent) == ("social_care_referred", "social_care", True)


def test_words_that_go_onto_an_open_case_are_news_to_whoever_leads_it(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
    assert heard(rows, cast, "form_added_to_case") == {"social_worker mail case_news", "news"}


def test_whoever_chairs_a_meeting_on_the_case_finds_it_in_the_morning(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.nurse)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
    assert "chair digest case_news" in heard(rows, cast, "form_added_to_case")


def test_of_a_restricted_case_nobody_hears_who_does_not_read_it(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
    assert heard(rows, cast, "form_added_to_case") == {"news"}


def test_a_decision_that_is_taken_back_is_told_to_whoever_was_told_of_it(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
        give_feedback(actor=actor, referral=found(actor, form), text="Thank you.")
    with acting(cast.second_coordinator) as actor:
        referral = found(actor, form)
        reopen(actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="Wrong")
    assert heard(rows, cast, "form_fed_back") == {"officer mail feedback"}
    assert heard(rows, cast, "form_reopened") == {"officer mail feedback_taken_back"}
    assert heard(rows, cast, "form_reopened_on_case") == {"social_worker mail case_news", "news"}


def test_who_has_a_form_sees_that_another_says_the_same(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    first = make_sent_referral(rows, cast.officer)
    with acting(cast.second_coordinator) as actor:
        claim(actor=actor, referral=found(actor, first))
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.DUPLICATE, duplicate_of=first.reference)
    assert heard(rows, cast, "form_found_duplicate") == {"second_coordinator portal form_changed"}


def test_what_the_sender_should_know_is_kept_until_everything_is_decided(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, NFA, about=[1], to_sender="We spoke to her school.")
    with acting(cast.second_coordinator) as actor:
        referral = found(actor, form)
        assert kept_words(referral=referral) == "We spoke to her school."
        decide(actor, form, NFA, about=[2])
        assert suggested_text(referral=referral, outcomes=[NFA]).endswith("told us.\nWe spoke to her school.")
        give_feedback(actor=actor, referral=referral, text="We spoke to her school.")
        assert kept_words(referral=referral) == "", "it was sent"


def test_beside_kept_words_stands_what_else_was_decided_and_nothing_of_what_was_taken_back(
    cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, NFA, about=[2], to_sender=MORE)
        decide(actor, form, REFER, about=[1], authority="derbyshire")
        referral = found(actor, form)
        decided = "Thank you for telling us.\nWe decided to refer it to children’s social care."
        assert suggested_text(referral=referral, outcomes=[NFA, REFER]) == f"{decided}\n{MORE}"
        wrong = [one for one in live_decisions(referral=referral) if one.outcome == NFA]
        reopen(actor=actor, referral=referral, decisions=wrong, reason="Wrong")
        assert suggested_text(referral=referral, outcomes=[REFER]) == decided
        assert kept_words(referral=referral) == MORE, "to be used again, or not"


def test_what_points_to_the_source_is_not_kept_for_the_sender(
    cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor, pytest.raises(Exception, match="source box"):
        decide(actor, form, NFA, about=[1], to_sender=f"Thank you. {SOURCE}")


def test_the_words_for_the_sender_start_from_what_was_decided_and_done(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, REFER, about=[1], authority="derbyshire")
        decide(actor, form, NFA, about=[2])
        referral = found(actor, form)
        decided = suggested_text(referral=referral, outcomes=[REFER, NFA])
        assert decided == "Thank you for telling us.\nWe decided to refer it to children’s social care."
        made = db.session.scalars(select(SocialCareReferral)).one()
        confirm(actor=actor, referral=referral, made=made, front_door_reference="FD 1")
        done = suggested_text(referral=referral, outcomes=[REFER, NFA])
        assert "Children’s social care has this and decides on it." in done
    assert rows.get_one(Referral, form.id).state == ReferralState.DECIDED


def decides(acting: Acting, cast: Cast, form: Referral, *outcomes: DecisionOutcome) -> str:
    """A coordinator decides on both children of a form; what the page says of telling."""
    nature = InformationNature.INTELLIGENCE
    with acting(cast.coordinator) as actor:
        decide(actor, form, *outcomes, nature=nature, grading=GRADED, district="high_peak")
        return said()


def test_the_police_intelligence_desk_hears_once_of_a_form_that_it_does_not_see(
    rows: Session, cast: Cast, acting: Acting, form: Referral
) -> None:
    rows.get_one(Team, cast.police_team.id).desks = [Desk.INTELLIGENCE]
    rows.commit()
    words = decides(acting, cast, form, DecisionOutcome.INTELLIGENCE_ONLY)
    people = ("officer", "colleague", "police_manager")
    assert heard(rows, cast, "intelligence_kept") == {f"{one} digest intelligence_kept" for one in people}
    assert f"{cast.police_team.name} (police intelligence desk; may not see it, " in words
    assert not rows.scalars(select(Untold)).all()


def test_the_hub_comes_upon_the_desk_that_waits_and_the_desk_opens_what_it_is_told(
    rows: Session, cast: Cast, acting: Acting, form: Referral, client_for: ClientFor
) -> None:
    recognised_with_case(rows, cast, acting, form)
    rows.get_one(Team, cast.police_team.id).desks = [Desk.INTELLIGENCE]
    rows.commit()
    decides(acting, cast, form, DecisionOutcome.INTELLIGENCE_ONLY)
    waits = "Told that there is something for them, and waiting for your words"
    first = rows.scalars(select(ReferralSubject.position).order_by(ReferralSubject.position)).first()
    page = f"/triage/{form.reference}/tell?about={first}"
    assert waits in client_for(cast.coordinator).soup(page).get_text()
    message = rows.scalars(
        select(OutboxMessage.id).filter_by(event="intelligence_kept", recipient_id=cast.colleague.id)
    ).one()
    before = " ".join(client_for(cast.colleague).soup(f"/go/{message}").get_text(" ").split())
    assert "If you need it, ring" in before
    assert form.reference in before
    tell_team(acting, cast, form, "Graded words alone")
    assert waits not in client_for(cast.coordinator).soup(page).get_text()
    colleague = client_for(cast.colleague)
    (link,) = colleague.soup(f"/go/{message}").select(".app-page-list a")
    assert "Graded words alone" in colleague.soup(str(link["href"])).get_text()
    for person in (cast.neighbour, cast.nurse, cast.stranger):
        assert client_for(person).get(f"/go/{message}").status_code == 404, person.name


def test_where_no_team_has_the_intelligence_desk_the_hub_has_that_to_see_to(
    rows: Session, cast: Cast, acting: Acting, form: Referral
) -> None:
    decides(acting, cast, form, DecisionOutcome.INTELLIGENCE_ONLY)
    assert untold(rows) == {("intelligence_kept", "intelligence_desk", "nobody")}
    assert len(rows.scalars(select(Untold)).all()) == 1, "once of a form, whatever is on it"


def test_the_council_of_the_district_hears_that_something_is_for_its_panel(
    rows: Session, cast: Cast, acting: Acting, form: Referral
) -> None:
    rows.get_one(Agency, cast.council.id).districts = ["high_peak"]
    rows.get_one(Agency, cast.other_council.id).districts = ["erewash"]
    rows.commit()
    words = decides(acting, cast, form, DecisionOutcome.DISTRICT_PANEL)
    assert heard(rows, cast, "form_for_panel") == {"community_safety digest form_for_panel"}
    assert f"{cast.council_team.name} (council of the district; may not see it, " in words


def test_of_a_form_on_a_sealed_child_neither_hears_and_nobody_else_sees_why(
    rows: Session, cast: Cast, acting: Acting, form: Referral
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    rows.get_one(Team, cast.police_team.id).desks = [Desk.INTELLIGENCE]
    rows.get_one(Agency, cast.council.id).districts = ["high_peak"]
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    outcomes = (DecisionOutcome.INTELLIGENCE_ONLY, DecisionOutcome.DISTRICT_PANEL)
    assert decides(acting, cast, form, *outcomes) == ""
    for event in ("intelligence_kept", "form_for_panel"):
        assert heard(rows, cast, event) == set()
    assert not rows.scalars(select(Untold)).all()


@pytest.mark.parametrize("held", [0, 1])
def test_words_for_the_sender_do_not_say_that_there_is_a_case_that_few_may_know_of(
    rows: Session, cast: Cast, form: Referral, acting: Acting, held: int
) -> None:
    recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
    case_id = rows.scalars(select(TriageDecision.case_id).where(TriageDecision.case_id.is_not(None))).first()
    rows.get_one(Case, case_id).sensitivity = held
    rows.commit()
    with acting(cast.coordinator) as actor:
        said = suggested_text(referral=found(actor, form), outcomes=[ADD])
    assert ("work that is under way" in said) is not bool(held)
    assert said.startswith("Thank you for telling us.\n")
