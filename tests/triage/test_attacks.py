"""Triage is for the hub's coordinators. Everybody else is refused, by the routes and by the database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.records.intelligence.grading import Grading
from portal.records.people.model import User
from portal.records.referrals.drafts import others_looking
from portal.records.referrals.model import (
    Referral,
    ReferralChild,
    ReferralColour,
    ReferralHandover,
    ReferralMessage,
    ReferralNotice,
    ReferralPresence,
    ReferralSource,
    ReferralSubject,
)
from portal.records.triage import feedback
from portal.records.triage.model import IntelligenceReport, SocialCareReferral, TriageDecision
from portal.records.triage.vocabulary import InformationNature
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, ReferralState, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, make_case, make_child
from tests.factories.referrals import make_draft, make_sent_referral, subjects_of
from tests.triage.conftest import Acting, answers, decide

Browser = Callable[[Any], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]

OUTSIDE = ("officer", "colleague", "police_manager", "social_worker", "nurse", "community_safety", "stranger",
           "teacher", "governance", "administrator")  # fmt: skip
HUB_ONLY = (ReferralChild, ReferralColour, ReferralHandover, ReferralPresence, TriageDecision,
            IntelligenceReport, SocialCareReferral)  # fmt: skip


def routes(app: Flask, form: Referral) -> list[tuple[str, str]]:
    """Every address of the blueprint, with a method it answers."""
    values = {"reference": form.reference, "position": 1, "child_reference": "CHD-0000-0000",
              "filter_id": uuid4(), "made_id": uuid4(), "disclosure_reference": "DIS-0000-0000"}  # fmt: skip
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("hub."):
            wanted = {name: values[name] for name in rule.arguments}
            methods = sorted((rule.methods or set()) & {"GET", "POST"})
            found += [(method, adapter.build(rule.endpoint, wanted)) for method in methods]
    assert len(found) > 20
    return found


@pytest.mark.parametrize("who", OUTSIDE)
def test_no_page_of_triage_opens_for_anybody_outside_the_hubs_coordinators(
    app: Flask, cast: Cast, form: Referral, client_for: Browser, rows: Session, who: str
) -> None:
    person = getattr(cast, who)
    client = client_for(person)
    for method, address in routes(app, form):
        answer = client.get(address) if method == "GET" else client.submit(address)
        assert answer.status_code == 403, f"{method} {address} answered {answer.status_code}"
        assert str(form.what_happened) not in answer.text
    for address in ("/triage", f"/triage/{form.reference}", f"/triage/{form.reference}/decide"):
        fragment = client.get(address, headers={"HX-Request": "true", "HX-Target": "div#triage-list"})
        assert fragment.status_code == 403
    refusals = rows.scalar(
        select(func.count()).select_from(AuditEvent).filter_by(actor_id=person.id, action="access:refused")
    )
    assert refusals


def test_whoever_is_signed_out_is_sent_to_sign_in_and_a_script_is_told(
    app: Flask, form: Referral, client_for: Browser
) -> None:
    client = client_for(None)
    for method, address in routes(app, form):
        answer = client.get(address) if method == "GET" else client.submit(address)
        assert answer.status_code in {303, 401}, f"{method} {address} answered {answer.status_code}"
    answer = client.get("/triage", headers={"HX-Request": "true"})
    assert answer.status_code == 401


@pytest.mark.parametrize("address", [
    "/triage/{}", "/triage/{}/decide", "/triage/{}/tell", "/triage/{}/colour", "/triage/{}/hand-over",
    "/triage/{}/reopen", "/triage/{}/feedback", "/triage/{}/children/1/new",
])  # fmt: skip
def test_a_guessed_reference_is_not_found_like_a_draft_and_one_that_was_passed_on(
    rows: Session, cast: Cast, client_for: Browser, address: str
) -> None:
    draft = make_draft(rows, cast.officer)
    client = client_for(cast.coordinator)
    answers_ = {client.get(address.format(one)).status_code for one in ("REF-0000-0000", draft.reference)}
    assert answers_ == {404}


def test_posts_need_the_token_of_the_form(
    app: Flask, cast: Cast, form: Referral, client_for: Browser, rows: Session
) -> None:
    client = client_for(cast.coordinator)
    for method, address in routes(app, form):
        if method == "POST":
            assert client.post(address, data={"reason": "x"}).status_code == 400
    rows.expire_all()
    assert rows.get_one(Referral, form.id).state == ReferralState.SENT


def test_a_form_on_a_sealed_case_is_only_passed_to_a_colleague_for_the_others(
    rows: Session, cast: Cast, form: Referral, client_for: Browser, asking: Asking
) -> None:
    child = make_child(rows, "Ada", "Fictional")
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.second_coordinator)
    grant(rows, case, cast.second_coordinator, by=cast.second_coordinator)
    rows.add(
        ReferralChild(subject_id=subjects_of(rows, form)[0].id, referral_id=form.id, child_id=child.id,
                      matched_at=form.received_at)
    )  # fmt: skip
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    client = client_for(cast.coordinator)
    page = client.soup("/triage")
    assert page.select_one("#triage-list tbody") is None
    queue = " ".join(page.get_text(" ", strip=True).split())
    assert f"{form.reference} is for a colleague who may see it" in queue
    assert "does not say here whether anybody has begun on these" in queue
    assert "Ada" not in client.soup(f"/triage/{form.reference}").get_text()
    for method, address in (("GET", "decide"), ("POST", "claim"), ("POST", "children/1"), ("GET", "tell")):
        at = f"/triage/{form.reference}/{address}"
        answer = client.get(at) if method == "GET" else client.submit(at, {"child": child.reference})
        assert answer.status_code == 404, f"{at} answered {answer.status_code}"
    with asking(cast.coordinator) as session:
        assert session.scalars(select(ReferralNotice.passed_on)).all() == [True]
        for table in (Referral, ReferralSubject, ReferralSource, *HUB_ONLY):
            assert not session.scalars(select(table)).all(), f"the coordinator can read {table.__tablename__}"
    for_others = client.soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    named = client_for(cast.second_coordinator)
    assert form.reference in named.soup("/triage").get_text()
    own = named.soup(f"/triage/{form.reference}").get_text()
    assert "Ada Fictional" in own
    assert "Nobody has this form yet" in own
    named.submit(f"/triage/{form.reference}/claim")
    assert "You have this form" in named.soup(f"/triage/{form.reference}").get_text()
    begun = client.soup(f"/triage/{form.reference}").get_text(" ", strip=True)
    assert begun == for_others, "the others learn neither that it waits nor that somebody began"
    assert "This form is for a colleague who may see it. The portal does not say here whether" in begun


def test_whoever_typed_a_form_in_does_not_triage_it_once_it_is_passed_on(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    form = make_sent_referral(rows, cast.coordinator, answers=answers())
    child = make_child(rows)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.second_coordinator)
    grant(rows, case, cast.second_coordinator, by=cast.second_coordinator)
    subject = subjects_of(rows, form)[0]
    rows.add(
        ReferralChild(
            subject_id=subject.id, referral_id=form.id, child_id=child.id, matched_at=form.received_at
        )
    )
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    client = client_for(cast.coordinator)
    assert client.submit(f"/triage/{form.reference}/claim").status_code == 404
    assert "is for a colleague who may see it" in client.soup(f"/triage/{form.reference}").get_text()


@pytest.mark.parametrize("who", [*OUTSIDE, None])
def test_what_the_hub_writes_is_read_by_nobody_else(
    rows: Session, cast: Cast, form: Referral, acting: Acting, asking: Asking, who: str | None
) -> None:
    with acting(cast.coordinator) as actor:
        graded = Grading(source_grade="1", information_grade="A", handling_code="P", text="A child was seen.")
        decide(actor, form, DecisionOutcome.SOCIAL_CARE_REFERRAL, DecisionOutcome.INTELLIGENCE_ONLY,
               about=[1],
               authority="derby", nature=InformationNature.INTELLIGENCE, grading=graded)  # fmt: skip
        others_looking(actor=actor, referral_id=form.id)
        referral = find_referral(actor=actor, reference=form.reference)
        feedback.send_message(actor=actor, referral=referral, text="Which school?", asks_reply=True)
    person = getattr(cast, who) if who else None
    is_sender = who in {"officer", "police_manager"}
    with asking(person) as session:
        for table in HUB_ONLY:
            assert not session.scalars(select(table)).all(), f"{who} can read {table.__tablename__}"
        assert bool(session.scalars(select(ReferralMessage)).all()) is is_sender
        assert bool(session.scalars(select(ReferralSource)).all()) is (who == "officer")
        if not is_sender:
            assert not session.scalars(select(Deadline)).all()


def test_replaying_a_post_of_somebody_who_has_left_does_nothing(
    rows: Session, cast: Cast, form: Referral, client_for: Browser
) -> None:
    client = client_for(cast.coordinator)
    cast.coordinator.active = False
    rows.commit()
    try:
        assert client.submit(f"/triage/{form.reference}/claim").status_code == 401
        rows.expire_all()
        assert rows.get_one(Referral, form.id).claimed_by is None
    finally:
        cast.coordinator.active = True
        rows.commit()


def test_addresses_hold_codes_and_references_and_nobody_is_named(
    app: Flask, cast: Cast, form: Referral, client_for: Browser
) -> None:
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}")
    for link in page.find_all("a"):
        assert "Ada" not in str(link["href"])
    for box in page.find_all("form"):
        assert "Ada" not in str(box["action"])
