"""A red form on a case reaches whoever works on it at any hour, and says so."""

from collections.abc import Callable
from datetime import UTC, datetime

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import correct_entry
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.triage.child_match import start_record
from portal.records.triage.decisions import ASK_FIRST, live_decisions, reopen
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome, Sensitivity, TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.told import heard
from tests.triage.conftest import Acting, decide, opening, words_for
from tests.triage.test_telling import ADD, GRADED, found, recognised_with_case, said

ClientFor = Callable[[User | None], Client]
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
    sent = rows.scalars(select(OutboxMessage).filter_by(kind="red_taken_back", channel="mail")).all()
    assert sent
    assert all(one.urgent and one.not_before == SUNDAY for one in sent)
    for who, sees in ((cast.social_worker, True), (cast.nurse, True), (cast.stranger, False)):
        answer = client_for(who).get(f"/cases/{case.reference}/print")
        assert (ASK_FIRST in answer.text) is sees, who.name


def test_what_somebody_put_right_since_is_left_and_of_another_colour_the_lead_hears(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    case = recognised_with_case(rows, cast, acting, form)
    with acting(cast.coordinator) as actor:
        decide(actor, form, ADD, words=words_for(form))
        (entry,) = db.session.scalars(select(ChronologyEntry).filter_by(case_id=case.id)).all()
        on = db.session.get_one(Case, case.id)
        correct_entry(actor=actor, case=on, entry=entry, text="Put right", reason="A slip")
    with acting(cast.coordinator) as actor:
        referral = found(actor, form)
        reopen(actor=actor, referral=referral, decisions=live_decisions(referral=referral), reason="Wrong")
    texts = rows.scalars(select(ChronologyEntry.text).filter_by(case_id=case.id)).all()
    assert not any(ASK_FIRST in one for one in texts)
    assert heard(rows, cast, "red_form_reopened_on_case") == set()
    assert "social_worker mail case_news" in heard(rows, cast, "form_reopened_on_case")


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
