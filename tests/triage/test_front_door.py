"""A referral to social care: on the front door's own list, opened and decided there, else rung by the hub."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.disclosures.facts import withdrawn_behind
from portal.records.disclosures.model import Disclosure
from portal.records.entries.vocabulary import FamilySafe
from portal.records.people.model import TeamMember, User
from portal.records.referrals.model import Referral, ReferralMessage
from portal.records.triage import social_care
from portal.records.triage.decisions import live_decisions, reopen
from portal.records.triage.feedback import suggested_text
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.records.triage.reading.counts import social_care_referrals, taken_back
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, Sector, Sensitivity
from portal.web.filters import moment
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.people import new_agency, new_team, new_user
from tests.statements import beside_the_context
from tests.told import heard, page_words
from tests.triage.conftest import SOURCE, Acting, decide, words_for

REFER = DecisionOutcome.SOCIAL_CARE_REFERRAL
Browser = Callable[[User | None], Client]


@pytest.fixture
def told(rows: Session, cast: Cast, form: Referral, acting: Acting) -> Disclosure:
    """What the front door of the county was told of the child on the form."""
    with acting(cast.coordinator) as actor:
        decide(actor, form, REFER, about=[1], authority="derbyshire", words=words_for(form, "Needs help."))
    return rows.scalars(select(Disclosure)).one()


def state_of(rows: Session, kind: DeadlineKind) -> list[str]:
    rows.rollback()
    return list(rows.scalars(select(Deadline.state).where(Deadline.kind == kind)))


def test_a_referral_stands_on_the_list_of_the_front_door_which_owes_a_decision_in_a_working_day(
    rows: Session, cast: Cast, told: Disclosure, client_for: Browser
) -> None:
    owed = rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.SOCIAL_CARE_DECISION)).one()
    assert (owed.owner_team_id, owed.disclosure_id) == (cast.social_care_team.id, told.id)
    assert owed.source == "clocks.social_care_decision"
    page = client_for(cast.social_worker).soup("/social-care/referrals").get_text(" ", strip=True)
    assert told.reference in page
    assert "Not opened yet" in page
    assert "Decide by" in page
    for stranger in (cast.nurse, cast.officer):
        assert client_for(stranger).get(f"/told/{told.reference}").status_code == 404


@pytest.mark.parametrize(
    ("said", "bound"),
    [
        (FamilySafe.NO, "Do not tell the child’s family"),
        (FamilySafe.ASK, "Ask the hub before the child’s family is told"),
        (FamilySafe.YES, ""),
    ],
)
def test_what_the_family_may_know_binds_the_front_door(
    rows: Session,
    cast: Cast,
    form: Referral,
    acting: Acting,
    client_for: Browser,
    said: FamilySafe,
    bound: str,
) -> None:
    with acting(cast.coordinator) as actor:
        words = words_for(form, "Needs help.")
        decide(actor, form, REFER, about=[1], authority="derbyshire", words=words, family_safe=said)
    told = rows.scalars(select(Disclosure)).one()
    assert (told.conditions or "") == bound
    assert bound in client_for(cast.social_worker).soup(f"/told/{told.reference}").get_text(" ", strip=True)


def test_opening_it_is_the_receipt_and_ends_the_hubs_duty_to_ring(
    rows: Session, cast: Cast, form: Referral, told: Disclosure, client_for: Browser
) -> None:
    hub = client_for(cast.coordinator)
    assert "Nobody there has opened it yet" in hub.soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    words = client_for(cast.social_worker).soup(f"/told/{told.reference}").get_text(" ", strip=True)
    assert "Needs help." in words
    assert "From an information form of Police, as the hub passes it on" in words
    assert SOURCE not in words
    assert cast.officer.name not in words
    made = rows.scalars(select(SocialCareReferral)).one()
    assert made.opened_by == cast.social_worker.id
    assert state_of(rows, DeadlineKind.SOCIAL_CARE) == ["done"]
    client_for(cast.social_care_manager).soup(f"/told/{told.reference}")
    rows.expire_all()
    assert made.opened_by == cast.social_worker.id, "who opened it first stays"
    page = hub.soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    assert f"Opened by {cast.social_worker.name}" in page
    for reader in (cast.social_worker, cast.coordinator):
        page = client_for(reader).soup(f"/told/{told.reference}").get_text(" ", strip=True)
        assert f"Opened by {cast.social_worker.name} on" in page
        assert "onfirmed by" not in page, "nobody pressed a button"


def test_whoever_of_a_front_door_presses_the_button_has_confirmed_it(
    cast: Cast, told: Disclosure, client_for: Browser
) -> None:
    worker = client_for(cast.social_worker)
    assert worker.submit(f"/told/{told.reference}/confirm").status_code == 303
    page = worker.soup(f"/told/{told.reference}").get_text(" ", strip=True)
    assert f"Receipt confirmed by {cast.social_worker.name} on" in page


def test_the_hub_is_asked_to_ring_only_when_nobody_has_opened_it_in_time(
    rows: Session, cast: Cast, told: Disclosure, acting: Acting, client_for: Browser
) -> None:
    owed = rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.SOCIAL_CARE)).one()
    made = rows.scalars(select(SocialCareReferral)).one()
    assert owed.started_at - made.made_at == timedelta(hours=4), "the time for what is red"
    hub = client_for(cast.coordinator)
    assert not [one for one in hub.soup("/work").select("main table a") if "Ring social care" in one.text]
    with acting(cast.coordinator):
        assert social_care_referrals() == []
        with clock.telling(owed.started_at):
            assert [one.due for one in social_care_referrals()] == [owed.due_at]


def test_what_it_decides_goes_to_the_sender_and_to_whoever_referred(
    rows: Session, cast: Cast, form: Referral, told: Disclosure, acting: Acting, client_for: Browser
) -> None:
    with acting(cast.social_worker) as actor:
        social_care.answer(
            actor=actor, disclosure=_again(told), outcome="assessment", words="We visit today."
        )
    assert heard(rows, cast, "social_care_decided") == {
        "coordinator mail social_care_decided",
        "officer mail feedback",
    }
    assert state_of(rows, DeadlineKind.SOCIAL_CARE_DECISION) == ["done"]
    assert state_of(rows, DeadlineKind.SOCIAL_CARE) == ["done"], "who decides has it"
    said = rows.scalars(select(ReferralMessage)).one()
    assert said.text.endswith("has decided: Assess the child’s needs.\nWe visit today.")
    assert "We visit today." in client_for(cast.officer).get(f"/sent/{form.reference}").text
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference)
        assert said.text in suggested_text(referral=referral, outcomes=[REFER])
    with acting(cast.social_worker) as actor, pytest.raises(DomainError, match="colleague"):
        social_care.answer(actor=actor, disclosure=_again(told), outcome="no_action", words="")


def test_who_leads_a_case_of_the_child_hears_that_it_decided_and_the_front_door_does_not_learn_it(
    rows: Session, cast: Cast, form: Referral, told: Disclosure, acting: Acting, client_for: Browser
) -> None:
    refer = rows.scalars(select(TriageDecision).filter_by(referral_id=form.id)).one()
    child, other = make_child(rows, "Yarrowmir"), make_child(rows, "Quillon")
    for led, who in ((child, cast.nurse), (other, cast.colleague)):
        make_case(rows, led, lead=cast.health, opened_by=cast.coordinator, lead_professional_id=who.id)
    case = rows.scalars(select(Case).filter_by(child_id=child.id)).one()
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    rows.add(
        TriageDecision(
            id=new_id(),
            referral_id=form.id,
            subject_id=refer.subject_id,
            outcome=DecisionOutcome.ADD_TO_CASE,
            reason="The same child",
            details={},
            case_id=case.id,
            decided_by=cast.coordinator.id,
            decided_at=clock.now(),
        )
    )
    rows.commit()
    with acting(cast.social_worker) as actor:
        social_care.answer(actor=actor, disclosure=_again(told), outcome="assessment", words="We visit.")
        page = page_words()
    assert heard(rows, cast, "social_care_decided") == {
        "coordinator mail social_care_decided",
        "nurse mail social_care_decided_lead",
        "officer mail feedback",
    }
    assert cast.nurse.name not in page
    assert case.reference not in page
    lead = client_for(cast.nurse)
    (message,) = rows.scalars(select(OutboxMessage.id).filter_by(kind="social_care_decided_lead"))
    words = lead.page_of(lead.get(f"/go/{message}", follow_redirects=True)).get_text(" ", strip=True)
    assert form.reference in words
    for said in (case.reference, "Assess the child’s needs", "We visit."):
        assert said in words, said
    assert lead.get(f"/cases/{case.reference}").status_code == 200
    for person in (cast.officer, cast.stranger, cast.colleague, cast.teacher):
        assert client_for(person).get(f"/go/{message}").status_code == 404, person.name
    # Whoever is told and does not read the case any more learns nothing of it.
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    words = lead.page_of(lead.get(f"/go/{message}", follow_redirects=True)).get_text(" ", strip=True)
    assert "We visit." not in words
    assert case.reference not in words


@pytest.mark.parametrize("decided", [True, False])
def test_that_the_hub_took_its_decision_back_stands_where_the_front_door_decides_and_is_told_at_any_hour(
    rows: Session,
    cast: Cast,
    form: Referral,
    told: Disclosure,
    acting: Acting,
    client_for: Browser,
    decided: bool,
) -> None:
    door = client_for(cast.social_worker)
    door.soup(f"/told/{told.reference}")  # opened: it is withdrawn no more
    if decided:
        with acting(cast.social_worker) as actor:
            social_care.answer(actor=actor, disclosure=_again(told), outcome="assessment", words="We visit.")
    for page in (f"/told/{told.reference}", "/social-care/referrals"):
        assert "took" not in door.soup(page).get_text(" ", strip=True)
    assert "decision to refer back" not in client_for(cast.coordinator).get(f"/triage/{form.reference}").text
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference, hold=True)
        wrong = live_decisions(referral=referral)
        reopen(actor=actor, referral=referral, decisions=wrong, reason="It was Wexfordine")
    page = door.soup(f"/told/{told.reference}").get_text(" ", strip=True)
    assert "The hub took its decision to refer this child back on" in page
    assert cast.coordinator.name in page
    stands = "What your front door decided stands as it was recorded"
    assert (stands in page) is decided
    assert ("still owes a decision" in page) is not decided
    assert "Wexfordine" not in page, "why may name another child"
    listed = door.soup("/social-care/referrals").get_text(" ", strip=True)
    assert "The hub took it back" in listed
    hub = client_for(cast.coordinator).soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    assert "The hub took its decision to refer back" in hub
    assert "They have the referral still, and see that" in hub
    assert "form_reopened_after_telling" in {
        one.event for one in rows.scalars(select(OutboxMessage).filter_by(urgent=True))
    }, "it was told of the referral at any hour"
    for other in (cast.nurse, cast.officer, cast.stranger):
        assert client_for(other).get(f"/told/{told.reference}").status_code == 404
        with acting(other):
            assert taken_back(disclosure_id=told.id) is None


def test_what_was_withdrawn_says_so_under_its_reference_wherever_a_message_of_it_leads(
    rows: Session, cast: Cast, told: Disclosure, form: Referral, acting: Acting, client_for: Browser
) -> None:
    """Both the message that it was withdrawn, and the one by which the front door heard of it."""
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference, hold=True)
        wrong = live_decisions(referral=referral)
        reopen(actor=actor, referral=referral, decisions=wrong, reason="It is Posy who is meant")
    of_both = select(OutboxMessage).where(
        OutboxMessage.event.in_(("social_care_referred", "social_care_withdrawn")),
        OutboxMessage.recipient_id == cast.social_worker.id,
    )
    messages = rows.scalars(of_both).all()
    assert {one.event for one in messages} == {"social_care_referred", "social_care_withdrawn"}
    for one in messages:
        page = client_for(cast.social_worker).soup(f"/go/{one.id}").get_text(" ", strip=True)
        assert "This was withdrawn" in page
        assert f"Withdrawn on {moment(clock.now())[:-8]}" in page
        assert f"give the reference {told.reference} or that of the form behind it, {form.reference}" in page
        for kept in ("Needs help", "Ada", "Posy", "You do not see this now", "say there what you decide"):
            assert kept not in page
        for stranger in (cast.nurse, cast.officer, cast.chair):
            assert client_for(stranger).get(f"/go/{one.id}").status_code == 404
    with acting(cast.nurse):
        assert withdrawn_behind(message_id=messages[0].id) is None


def test_at_night_social_care_that_lost_a_referral_is_not_sent_to_its_own_line(
    rows: Session, cast: Cast, told: Disclosure, form: Referral, acting: Acting, client_for: Browser
) -> None:
    with acting(cast.coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference, hold=True)
        wrong = live_decisions(referral=referral)
        reopen(actor=actor, referral=referral, decisions=wrong, reason="It is Posy who is meant")
    mine = select(OutboxMessage.id).filter_by(
        event="social_care_withdrawn", recipient_id=cast.social_worker.id
    )
    message, tomorrow = rows.scalars(mine).one(), clock.now() + timedelta(days=1)
    with time_machine.travel(tomorrow.replace(hour=2, minute=5), tick=False):
        said = client_for(cast.social_worker).soup(f"/go/{message}").select_one("main")
    assert said
    words = " ".join(said.get_text(" ").split())
    assert "ring the hub when it is open again (" in words
    for own in ("evenings, nights and weekends", "01632 960112", "01632 960122"):
        assert own not in words
    assert "before then, Emergency, 999 or Police, when it is not an emergency, 101" in words


def test_what_stands_is_not_said_to_be_withdrawn(
    rows: Session, cast: Cast, told: Disclosure, acting: Acting
) -> None:
    of_it = select(OutboxMessage.id).filter_by(
        event="social_care_referred", recipient_id=cast.social_worker.id
    )
    with acting(cast.social_worker):
        assert withdrawn_behind(message_id=rows.scalars(of_it).one()) is None


def test_only_the_front_door_decides(cast: Cast, told: Disclosure, acting: Acting) -> None:
    for other in (cast.coordinator, cast.nurse):
        with acting(other) as actor, pytest.raises((Forbidden, AttributeError)):
            social_care.answer(actor=actor, disclosure=_again(told), outcome="no_action", words="")


def test_one_that_is_not_on_the_portal_is_printed_and_rung_and_the_page_says_so(
    rows: Session, cast: Cast, form: Referral, acting: Acting, client_for: Browser
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, REFER, about=[1], authority="derby", words=words_for(form, "Needs help."))
    assert not rows.scalars(select(Disclosure)).all()
    hub, made = client_for(cast.coordinator), rows.scalars(select(SocialCareReferral)).one()
    page = hub.soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    assert "they are not on the portal. Print it and ring them." in page
    call = hub.soup(f"/triage/social-care/{made.id}").get_text(" ", strip=True)
    assert "nothing was sent to it" in call
    assert "Needs help." in call
    today = clock.local(clock.now()).date()
    rang = {
        "call_with": "Dee Duty",
        "call_on-day": today.day,
        "call_on-month": today.month,
        "call_on-year": today.year,
    }
    assert hub.submit(f"/triage/social-care/{made.id}", rang).status_code == 303
    answer = {"outcome": "early_help", "words": ""}
    assert hub.submit(f"/triage/social-care/{made.id}/decision", answer).status_code == 303
    page = hub.soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    assert "Dee Duty was rung" in page
    assert f"recorded by {cast.coordinator.name}" in page
    assert "Decided: Offer early help" in page
    assert state_of(rows, DeadlineKind.SOCIAL_CARE_DECISION) == ["done"]


def _again(told: Disclosure) -> Disclosure:
    return db.session.get(Disclosure, told.id)  # type: ignore[return-value] # none for whoever may not see it


def test_the_list_of_a_front_door_is_filtered_sorted_and_its_own(
    rows: Session, cast: Cast, told: Disclosure, acting: Acting, client_for: Browser, statements: list[str]
) -> None:
    page, door = "/social-care/referrals", client_for(cast.social_worker)
    door.soup(page)
    statements.clear()
    tabs = [" ".join(one.get_text(" ").split()) for one in door.soup(page).select("nav a")]
    assert len(beside_the_context(statements)) <= 8
    assert {"All 1", "Overdue 0", "Not decided 1", "Not opened yet 1"} <= set(tabs)
    for query in ("", "sort=-newest", "look=undecided", "look=unopened", "look=overdue&look=undecided"):
        assert told.reference in door.soup(f"{page}?{query}").get_text(), query
    (head,) = door.soup(f"{page}?sort=-newest").select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Sent", "ascending")
    for query in ("look=overdue", "outcome=assessment"):
        assert "Nothing fits these filters" in door.soup(f"{page}?{query}").get_text(), query
    for duty in rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.SOCIAL_CARE_DECISION)):
        duty.due_at = clock.now() - timedelta(minutes=1)
    rows.commit()
    assert told.reference in door.soup(f"{page}?look=overdue").get_text()
    with acting(cast.social_worker) as actor:
        social_care.answer(actor=actor, disclosure=_again(told), outcome="assessment", words="We visit.")
    assert told.reference in door.soup(f"{page}?outcome=assessment").get_text()
    assert told.reference not in door.soup(f"{page}?look=overdue").get_text()
    assert door.submit(f"{page}?look=overdue", {"name": "To decide"}).status_code == 303
    assert "To decide" in door.soup(page).get_text()
    assert "To decide" not in client_for(cast.social_care_manager).soup(page).get_text()


def test_the_front_door_of_another_authority_reads_and_counts_nothing_of_it(
    rows: Session, cast: Cast, told: Disclosure, client_for: Browser
) -> None:
    city = new_agency("City social care", Sector.SOCIAL_CARE, authority="derby")
    team, worker = new_team(city), new_user(city, "Cyra City")
    for step in ((city, worker), (team,), (TeamMember(team_id=team.id, user_id=worker.id),)):
        rows.add_all(step)
        rows.flush()
    rows.commit()
    for query in ("", "?sort=-newest", "?look=undecided"):
        page = client_for(worker).soup(f"/social-care/referrals{query}")
        assert told.reference not in page.get_text()
        for other in (cast.nurse, cast.officer, cast.stranger, cast.governance, cast.coordinator):
            shown = client_for(other).get(f"/social-care/referrals{query}")
            assert told.reference not in shown.text, other.name
    (empty,) = client_for(worker).soup("/social-care/referrals").select(".app-empty")
    assert "One stands here once it does" in empty.get_text()
