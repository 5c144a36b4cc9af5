"""Whoever has to know of a form is told in the transaction that makes it so: once, and never the doer."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageChannel
from portal.records.disclosures.disclosing import DisclosureRequest, disclose
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import FormAnswers
from portal.records.referrals.sending import reply_to_hub, send_referral, subjects_of
from portal.records.triage.feedback import give_feedback, send_message
from portal.records.triage.working import hand_over, set_colour
from portal.vocabulary import ReferralState, TriageColour, Urgency
from tests.cast import Cast
from tests.factories.people import make_team
from tests.factories.referrals import make_draft, make_sent_referral
from tests.told import told

Acting = Callable[[User], AbstractContextManager[Principal]]
MAIL, PORTAL = MessageChannel.MAIL, MessageChannel.PORTAL
NIGHT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)  # a Saturday


def sends(rows: Session, acting: Acting, author: User, urgency: Urgency = Urgency.LATER) -> str:
    """Somebody sends a form; its reference."""
    draft = make_draft(rows, author)
    answers = FormAnswers(urgency=urgency, kind="child", what_happened="Seen with an adult at night.")
    with acting(author) as actor:
        send_referral(
            actor=actor, reference=draft.reference, answers=answers, details=[], version=draft.version
        )
    return draft.reference


def to_whom(found: list[Any]) -> set[tuple[UUID | None, str]]:
    return {(one.recipient_id or one.recipient_team_id, one.channel) for one in found}


def test_a_form_that_was_sent_is_acknowledged_to_its_author(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    reference = sends(rows, acting, cast.officer)
    found = told(rows, "form_received")
    assert to_whom(found) == {(cast.officer.id, MAIL)}
    assert {(one.subject_kind, one.reference) for one in found} == {("referral", reference)}
    assert told(rows, "red_form") == []


@time_machine.travel(NIGHT, tick=False)
def test_a_red_form_reaches_the_duty_address_of_each_team_of_the_hub_at_night(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    second = make_team(rows, cast.hub, "Night desk")
    rows.commit()
    sends(rows, acting, cast.officer, Urgency.IMMEDIATE)
    found = told(rows, "red_form")
    teams = {one.recipient_team_id for one in found if one.channel == MAIL}
    assert teams == {cast.hub_team.id, second.id}
    assert all(one.urgent for one in found)
    times = rows.scalars(select(OutboxMessage.not_before).where(OutboxMessage.kind == "red_form")).all()
    assert set(times) == {NIGHT}
    acknowledged = rows.scalars(
        select(OutboxMessage.not_before).where(OutboxMessage.kind == "form_received")
    ).one()
    assert acknowledged > NIGHT


def test_a_coordinator_who_enters_what_somebody_rang_about_is_sent_no_acknowledgement(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    sends(rows, acting, cast.coordinator, Urgency.IMMEDIATE)
    assert told(rows, "form_received") == []
    assert cast.coordinator.id not in {one.recipient_id for one in told(rows, "red_form")}


def test_when_sending_fails_nobody_is_told(rows: Session, cast: Cast, acting: Acting) -> None:
    draft = make_draft(rows, cast.officer)
    answers = FormAnswers(urgency=Urgency.IMMEDIATE, kind="child", what_happened="Seen.")
    with pytest.raises(RuntimeError):
        _send_and_fail(acting, cast.officer, draft.reference, answers)
    assert rows.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def _send_and_fail(acting: Acting, author: User, reference: str, answers: FormAnswers) -> None:
    with acting(author) as actor:
        send_referral(actor=actor, reference=reference, answers=answers, details=[], version=1)
        raise RuntimeError


def form_in_triage(rows: Session, cast: Cast, **facts: Any) -> Referral:
    return make_sent_referral(rows, cast.officer, state=ReferralState.IN_TRIAGE, **facts)


@pytest.mark.parametrize(("asks_reply", "kind"), [(True, "form_question"), (False, "form_message")])
def test_what_the_hub_writes_is_told_to_the_author_once(
    rows: Session, cast: Cast, acting: Acting, asks_reply: bool, kind: str
) -> None:
    form, message_id = form_in_triage(rows, cast), uuid4()
    for _ in range(2):
        with acting(cast.coordinator) as actor:
            send_message(
                actor=actor,
                referral=db.session.get_one(Referral, form.id),
                text="When was that?",
                asks_reply=asks_reply,
                message_id=message_id,
            )
    assert to_whom(told(rows, kind)) == {(cast.officer.id, MAIL)}


@pytest.mark.parametrize("held", [True, False], ids=["held by a coordinator", "held by nobody"])
def test_what_the_sender_answers_is_told_to_whoever_has_the_form_else_to_the_hub(
    rows: Session, cast: Cast, acting: Acting, held: bool
) -> None:
    form = form_in_triage(rows, cast)
    form.claimed_by = cast.second_coordinator.id if held else None
    rows.commit()
    for _ in range(2):
        with acting(cast.officer) as actor:
            reply_to_hub(actor=actor, referral=db.session.get_one(Referral, form.id), text="On Monday.")
    hub = {(cast.hub_team.id, MAIL), (cast.coordinator.id, PORTAL), (cast.second_coordinator.id, PORTAL)}
    assert to_whom(told(rows, "form_message")) == ({(cast.second_coordinator.id, MAIL)} if held else hub)


@pytest.mark.parametrize(
    ("state", "colour", "urgent"),
    [(ReferralState.IN_TRIAGE, "red", True), (ReferralState.DECIDED, "red", False)],
)
def test_what_the_sender_of_a_red_or_decided_form_adds_reaches_the_hub_besides(
    rows: Session, cast: Cast, acting: Acting, state: ReferralState, colour: str, urgent: bool
) -> None:
    form = form_in_triage(rows, cast)
    form.claimed_by, form.colour, form.state = cast.second_coordinator.id, colour, state
    rows.commit()
    with acting(cast.officer) as actor:
        reply_to_hub(actor=actor, referral=db.session.get_one(Referral, form.id), text="Tonight.")
    found = told(rows, "form_message")
    assert to_whom(found) == {
        *((cast.hub_team.id, MAIL), (cast.second_coordinator.id, MAIL), (cast.coordinator.id, PORTAL)),
    }
    assert {one.urgent for one in found if one.channel == MAIL} == {urgent}


def test_feedback_is_told_to_the_author(rows: Session, cast: Cast, acting: Acting) -> None:
    form = make_sent_referral(rows, cast.officer, state=ReferralState.DECIDED)
    for _ in range(2):
        with acting(cast.coordinator) as actor:
            give_feedback(
                actor=actor, referral=db.session.get_one(Referral, form.id), text="Thank you for telling us."
            )
    assert to_whom(told(rows, "feedback")) == {(cast.officer.id, MAIL)}


def test_a_form_that_is_handed_over_is_told_to_whoever_gets_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    form = form_in_triage(rows, cast)
    with acting(cast.coordinator) as actor:
        hand_over(
            actor=actor,
            referral=db.session.get_one(Referral, form.id),
            to=db.session.get_one(User, cast.second_coordinator.id),
            note="Ring the school",
        )
    assert to_whom(told(rows, "given")) == {(cast.second_coordinator.id, MAIL)}


@pytest.mark.parametrize("holder", ["second_coordinator", "coordinator", None])
def test_a_form_that_turns_red_is_told_to_whoever_has_it_else_to_the_hub(
    rows: Session, cast: Cast, acting: Acting, holder: str | None
) -> None:
    form = form_in_triage(rows, cast)
    form.claimed_by = getattr(cast, holder).id if holder else None
    rows.commit()
    with acting(cast.coordinator) as actor:
        set_colour(
            actor=actor,
            referral=db.session.get_one(Referral, form.id),
            colour=TriageColour.RED,
            reason="A child is missing",
            seen=TriageColour(form.colour or "green"),
        )
    hub = {(cast.hub_team.id, MAIL), (cast.second_coordinator.id, PORTAL)}
    expected = {"second_coordinator": {(cast.second_coordinator.id, MAIL)}, "coordinator": set(), None: hub}
    assert to_whom(told(rows, "red_form")) == expected[holder]


def tells(acting: Acting, cast: Cast, form: Referral, once: UUID, decision: SharingDecision) -> UUID:
    with acting(cast.coordinator) as actor:
        referral = db.session.get_one(Referral, form.id)
        told_it = disclose(
            actor=actor,
            referral=referral,
            team=db.session.merge(cast.health_team, load=True),
            telling=DisclosureRequest(
                decision=decision,
                about=[one for one in subjects_of(referral=referral) if one.kind != "child"],
                text="A car was seen at the school.",
                purpose="protect_child",
                basis="public_task",
                reason="They work there",
                refusal="not_needed" if decision is SharingDecision.REFUSE else "",
                family_told=True,
            ),
            once=once,
        )
        return told_it.id


def test_a_team_is_told_once_that_there_is_something_for_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    form, once = form_in_triage(rows, cast, children=()), uuid4()
    for _ in range(2):
        disclosure_id = tells(acting, cast, form, once, SharingDecision.SHARE)
    found = told(rows, "told")
    assert to_whom(found) == {(cast.health_team.id, MAIL), (cast.nurse.id, PORTAL)}
    assert {(one.subject_kind, one.subject_id) for one in found} == {("disclosure", disclosure_id)}
