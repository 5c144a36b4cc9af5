"""A red form on a case reaches whoever works on it at any hour, and says so."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.disclosures.disclosing import withdraw
from portal.records.disclosures.model import Disclosure
from portal.records.entries.adding import correct_entry
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.sending import subjects_of
from portal.records.triage.child_match import start_record
from portal.records.triage.decisions import live_decisions, reopen
from portal.records.triage.vocabulary import InformationNature
from portal.records.triage.working import ASK_FIRST
from portal.vocabulary import DecisionOutcome, Sensitivity, TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve
from tests.factories.meetings import make_meeting
from tests.factories.referrals import make_sent_referral
from tests.told import heard
from tests.triage.conftest import Acting, decide, opening, tell_team, words_for
from tests.triage.test_pages import fields_of
from tests.triage.test_telling import ADD, GRADED, found, recognised_with_case, said

ClientFor = Callable[[User | None], Client]
INTELLIGENCE: Mapping[str, Any] = {"nature": InformationNature.INTELLIGENCE, "grading": GRADED}
SUNDAY = datetime(2026, 11, 29, 14, 12, tzinfo=UTC)


@time_machine.travel(SUNDAY, tick=False)
def test_a_red_form_reaches_whoever_works_on_the_case_at_any_hour(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    make_meeting(rows, cases=[case], chair=cast.second_coordinator, note_taker=cast.nurse)
    rows.get_one(Referral, form.id).colour = TriageColour.RED
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
        assert "Told by e-mail now, and in the portal: " in said()
    told = heard(rows, cast, "red_form_on_case")
    mailed = {"social_worker", "nurse", "social_care_team", "health_team"}
    assert {f"{one} mail red_on_case" for one in mailed} | {"news"} <= told
    assert "second_coordinator mail red_on_case" in told, "who chairs a meeting on it reads the case"
    assert not any(one.startswith(("stranger", "teacher", "coordinator", "officer")) for one in told)
    assert heard(rows, cast, "form_added_to_case") == set(), "one message for one thing"
    sent = rows.scalars(select(OutboxMessage).filter_by(kind="red_on_case", channel="mail")).all()
    assert all(one.urgent and one.not_before == SUNDAY for one in sent)


@time_machine.travel(SUNDAY, tick=False)
def test_where_only_teams_without_a_number_of_their_own_are_closed_the_page_says_who_answers_at_night(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    rows.get_one(Team, cast.social_care_team.id).answers_at_night = True
    involve(rows, case, cast.police_team, by=cast.coordinator)
    rows.get_one(Referral, form.id).colour = TriageColour.RED
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
        words = said()
    closed, _, ring = words.partition("it may be that nobody reads it now at ")[2].partition(".")
    assert cast.health_team.name in closed
    assert ring.strip().startswith("If it cannot wait, ring ")
    assert "101 (Police, when it is not an emergency)" in ring
    assert "01632 960112" in ring, "social care at night"
    assert "01632 960101" not in ring, "the hub is closed"


@time_machine.travel(SUNDAY, tick=False)
def test_so_does_one_that_opens_a_case(rows: Session, cast: Cast, form: Referral, acting: Acting) -> None:
    rows.get_one(Referral, form.id).colour = TriageColour.RED
    rows.commit()
    with acting(cast.coordinator) as actor:
        first = db.session.scalars(select(ReferralSubject).filter_by(referral_id=form.id, position=1)).one()
        start_record(actor=actor, referral=found(actor, form), subject=first)
        lead = db.session.get_one(User, cast.social_worker.id)
        led, words = opening(cast, lead_professional=lead), words_for(form)
        decide(actor, form, DecisionOutcome.OPEN_CASE, about=[1], opening=led, words=words)
    told = heard(rows, cast, "red_form_on_case")
    assert {"social_worker mail red_on_case", "social_care_team mail red_on_case"} <= told
    assert not any(one.startswith(("stranger", "nurse", "officer")) for one in told)


def test_of_a_red_form_on_a_closely_held_case_whoever_reads_it_hears(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    grant(rows, case, cast.chair, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.get_one(Referral, form.id).colour = TriageColour.RED
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
    assert heard(rows, cast, "red_form_on_case") - {"news"} == {"chair mail red_on_case"}


@time_machine.travel(SUNDAY, tick=False)
def test_that_it_was_taken_back_reaches_the_same_at_any_hour_and_stands_on_what_was_put_there(
    rows: Session, cast: Cast, form: Referral, acting: Acting, client_for: ClientFor
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    make_meeting(rows, cases=[case], chair=cast.second_coordinator, note_taker=cast.nurse)
    rows.get_one(Referral, form.id).colour = TriageColour.RED
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
    heard_of_it = {one for one in heard(rows, cast, "red_form_on_case") if " mail " in one}
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        reopen(actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="Wrong")
    over = {one for one in heard(rows, cast, "red_form_reopened_on_case") if " mail " in one}
    assert over == {one.replace("red_on_case", "red_taken_back") for one in heard_of_it}
    assert heard(rows, cast, "entry_corrected_now") == {"news"}, "one message for one thing"
    sent = rows.scalars(select(OutboxMessage).filter_by(kind="red_taken_back", channel="mail")).all()
    assert sent
    assert all(one.urgent and one.not_before == SUNDAY for one in sent)
    for who, sees in ((cast.social_worker, True), (cast.nurse, True), (cast.stranger, False)):
        answer = client_for(who).get(f"/cases/{case.reference}/print")
        assert (ASK_FIRST in answer.text) is sees, who.name


@pytest.mark.parametrize(
    ("colour", "event"), [(TriageColour.RED, "red_form_on_case"), (TriageColour.AMBER, "form_added_to_case")]
)
def test_that_it_is_about_this_child_after_all_reaches_the_same_again(
    rows: Session, cast: Cast, form: Referral, acting: Acting, colour: TriageColour, event: str
) -> None:
    recognised_with_case(rows, cast, acting, form)
    rows.get_one(Referral, form.id).colour = colour
    rows.commit()
    told = []
    for again in (False, True):
        with acting(cast.coordinator) as actor:
            referral = found(actor, form)
            if again:
                reopen(
                    actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="?"
                )
            decide(actor, form, ADD, words=words_for(form))
        rows.rollback()
        sent = rows.scalars(select(OutboxMessage).filter_by(event=event)).all()
        told.append(sorted((str(one.recipient_id), one.channel) for one in sent))
    assert told[0]
    assert told[1] == sorted(told[0] * 2)
    assert "stranger" not in {one.split()[0] for one in heard(rows, cast, event)}


def test_words_that_come_onto_the_case_from_a_red_form_later_reach_the_same_at_any_hour(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    rows.get_one(Referral, form.id).colour = TriageColour.RED
    rows.commit()
    for position, setting in ((1, {}), (2, {"case_reference": case.reference})):
        with acting(cast.coordinator) as actor:
            subject = {one.position: one.id for one in subjects_of(referral=found(actor, form))}[position]
            words = {subject: f"What is known of {position}."}
            decide(actor, form, ADD, about=[position], words=words, **setting)
    assert "nurse mail red_on_case" in heard(rows, cast, "red_form_on_case")
    sent = rows.scalars(select(OutboxMessage).filter_by(event="red_form_on_case", recipient_id=cast.nurse.id))
    assert [one.channel for one in sent].count("mail") == 2
    assert heard(rows, cast, "entry_added") == {"news"}


def test_what_somebody_put_right_since_is_left_and_of_another_colour_the_lead_hears(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
        (entry,) = db.session.scalars(select(ChronologyEntry).filter_by(case_id=case.id)).all()
        on = db.session.get_one(Case, case.id)
        correct_entry(actor=actor, case=on, entry=entry, text="Zorblin set straight", reason="A slip")
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        reopen(actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="Wrong")
    texts = rows.scalars(select(ChronologyEntry.text).filter_by(case_id=case.id)).all()
    assert not any(ASK_FIRST in one for one in texts)
    assert heard(rows, cast, "red_form_reopened_on_case") == set()
    assert "social_worker mail case_news" in heard(rows, cast, "form_reopened_on_case")


@pytest.mark.parametrize(
    ("colour", "more", "event"),
    [
        (TriageColour.RED, {}, "entry_corrected_now"),
        (TriageColour.AMBER, INTELLIGENCE, "entry_corrected_now"),
        (TriageColour.AMBER, {}, "entry_corrected"),
    ],
)
@time_machine.travel(SUNDAY, tick=False)
def test_a_correction_of_a_red_form_or_of_intelligence_from_a_form_waits_for_no_morning(
    rows: Session,
    cast: Cast,
    form: Referral,
    acting: Acting,
    colour: TriageColour,
    more: Mapping[str, Any],
    event: str,
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    rows.get_one(Referral, form.id).colour = colour
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form), **more)
        (entry,) = db.session.scalars(select(ChronologyEntry).filter_by(case_id=case.id)).all()
        on = db.session.get_one(Case, case.id)
        correct_entry(actor=actor, case=on, entry=entry, text="Not that park", reason="A slip")
    way = "mail" if event == "entry_corrected_now" else "digest"
    told = heard(rows, cast, event)
    assert {f"{one} {way} {event}" for one in ("social_worker", "nurse")} <= told
    assert not any(one.startswith(("stranger", "teacher", "officer")) for one in told)
    (other,) = {"entry_corrected", "entry_corrected_now"} - {event}
    assert heard(rows, cast, other) == set()


def test_what_is_graded_is_marked_too_and_keeps_its_grade(
    rows: Session, cast: Cast, form: Referral, acting: Acting, client_for: ClientFor
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form), nature=InformationNature.INTELLIGENCE, grading=GRADED)
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        reopen(actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="Wrong")
    page = client_for(cast.nurse).get(f"/cases/{case.reference}/print").text
    assert ASK_FIRST in page
    assert "Intelligence 2CP" in page.partition(ASK_FIRST)[2], "the mark is graded as what it marks"
    assert ASK_FIRST not in client_for(cast.stranger).get(f"/cases/{case.reference}/print").text


def shown(client: Client, form: Referral) -> list[str]:
    """What the pages of a form and of telling warn of, which has to be the same."""
    pages = [client.soup(f"/triage/{form.reference}{part}") for part in ("", "/tell?about=1")]
    said = [
        [
            one.get_text(" ", strip=True)
            for one in page.select(".govuk-warning-text")
            if "red form" in one.text
        ]
        for page in pages
    ]
    assert said[0] == said[1]
    return said[0]


@time_machine.travel(SUNDAY, tick=False)
def test_that_no_police_or_social_care_know_of_a_red_form_is_said_with_the_number_until_they_do(
    rows: Session, cast: Cast, form: Referral, acting: Acting, client_for: ClientFor
) -> None:
    referral = rows.get_one(Referral, form.id)
    referral.colour, referral.author_id = TriageColour.RED, cast.teacher.id
    referral.author_agency_id = cast.teacher.agency_id
    rows.commit()
    hub = client_for(cast.coordinator)
    assert shown(hub, form) == [], "nothing is decided yet"
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.NO_FURTHER_ACTION)
    police, social_care = shown(hub, form)
    assert "No police officer, unless at an intelligence desk, was told of this red form" in police
    assert "ring 101" in police
    assert "999" in police
    assert "Nobody in children’s social care" in social_care
    assert "nights and weekends" in social_care, "it is Sunday: the office is closed"
    tell_team(acting, cast, form, "A car was seen at the park.", first=2)
    assert len(shown(hub, form)) == 1, "the police were told"
    with acting(cast.coordinator) as actor:
        again = db.session.scalars(select(Disclosure)).one()
        withdraw(actor=actor, disclosure=again, reason="Another park")
    assert len(shown(hub, form)) == 2


def test_whoever_works_on_an_open_case_knows_and_of_a_closely_held_one_who_is_named(
    rows: Session, cast: Cast, form: Referral, acting: Acting, client_for: ClientFor
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    rows.get_one(Referral, form.id).colour = TriageColour.RED
    rows.commit()
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
    hub = client_for(cast.coordinator)
    assert shown(hub, form) == [], "the police sent it, and social care is on the case"
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    assert ["social care" in one for one in shown(hub, form)] == [True], "being on it lets nobody read it"
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    rows.commit()
    assert shown(hub, form) == []


@pytest.mark.parametrize("colour", [TriageColour.RED, TriageColour.AMBER])
@time_machine.travel(SUNDAY, tick=False)
def test_a_question_on_a_red_form_goes_at_once_and_the_page_says_whom_to_ring(
    rows: Session, cast: Cast, client_for: ClientFor, colour: TriageColour
) -> None:
    form = make_sent_referral(rows, cast.officer, colour=colour)
    rows.get_one(User, cast.officer.id).phone = "01632 960 777"
    rows.commit()
    client, address = client_for(cast.coordinator), f"/triage/{form.reference}"
    given = fields_of(client.soup(address), f"{address}/messages")
    given |= {"text": "Which school?", "asks_reply": "y"}
    assert client.submit(f"{address}/messages", given).status_code == 303
    asked = rows.scalars(select(OutboxMessage).filter_by(kind="form_question", channel="mail")).one()
    red = colour is TriageColour.RED
    assert (asked.recipient_id, asked.urgent) == (cast.officer.id, red)
    assert (asked.not_before == clock.now()) is red, "any other waits for the morning"
    page = client.soup(address).get_text()
    assert (f"The form is red: ring {cast.officer.name} (01632 960 777)" in page) is red
