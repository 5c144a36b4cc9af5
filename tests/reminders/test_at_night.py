"""Claims about the night: what is urgent reaches the duty address at once and says so, and the rest waits."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import FormAnswers
from portal.records.referrals.sending import send_referral
from portal.reminders.outbox import Outbox
from portal.vocabulary import Urgency
from tests.cast import Cast
from tests.factories.referrals import make_draft
from tests.reminders.mail_server import Behaviour
from tests.reminders.travel import at, look_from, tick

Acting = Callable[[User], AbstractContextManager[Principal]]
NIGHT, MONDAY = at("2026-11-28", "02:00"), at("2026-11-30", "08:00")  # a Saturday, and the next working day
CLOCKS_GO_BACK = at("2027-10-31", "00:30")  # three hours on the clock are four


@pytest.fixture
def arrives(rows: Session, cast: Cast, acting: Acting) -> Callable[..., Deadline]:
    """A police officer sends a form at a moment; the duty to look at it."""

    def send(moment: datetime, urgency: Urgency) -> Deadline:
        with time_machine.travel(moment, tick=False):
            draft = make_draft(rows, cast.officer)
            answers = FormAnswers(urgency=urgency, kind="child", what_happened="Seen with an adult at night.")
            with acting(cast.officer) as actor:
                send_referral(
                    actor=actor, reference=draft.reference, answers=answers, details=[], version=draft.version
                )
        duty = rows.scalars(
            select(Deadline).where(
                Deadline.kind == DeadlineKind.TRIAGE, Deadline.referral_id == _id(rows, draft.reference)
            )
        ).one()
        look_from(rows, duty, moment)
        return duty

    return send


def _id(rows: Session, reference: str) -> object:
    return rows.scalars(select(Referral.id).where(Referral.reference == reference)).one()


@pytest.fixture
def mails(engine: Engine, outbox: Outbox, behaviour: Behaviour) -> Callable[..., list[tuple[str, str]]]:
    """What a worker sends at a moment: to whom and under which subject, without the reference."""

    def work(moment: datetime) -> list[tuple[str, str]]:
        tick(engine, moment)
        behaviour.arrived.clear()
        with time_machine.travel(moment):
            outbox.send(engine)
        return sorted((one.to[0], one.message["Subject"].partition(" (")[0]) for one in behaviour.arrived)

    return work


def test_a_red_form_at_night_reaches_the_duty_address_at_once_and_says_that_it_is_urgent(
    cast: Cast, arrives: Callable[..., Deadline], mails: Callable[..., object], behaviour: Behaviour
) -> None:
    arrives(NIGHT, Urgency.IMMEDIATE)
    hub = cast.hub_team.duty_email
    assert mails(NIGHT) == [(hub, "OFFICIAL: Urgent: a red form has arrived")]
    assert behaviour.arrived[0].message["Importance"] == "high"
    assert mails(NIGHT + timedelta(hours=1, minutes=59)) == []
    assert mails(NIGHT + timedelta(hours=2)) == [(hub, "OFFICIAL: Urgent: something is due")]
    assert mails(NIGHT + timedelta(hours=4)) == [(hub, "OFFICIAL: Urgent: something is overdue")]
    assert mails(MONDAY) == [(cast.officer.email, "OFFICIAL: The hub has what you sent")]


def test_what_is_not_urgent_wakes_nobody(
    cast: Cast, arrives: Callable[..., Deadline], mails: Callable[..., object]
) -> None:
    arrives(NIGHT, Urgency.LATER)
    assert mails(NIGHT) == mails(MONDAY - timedelta(minutes=1)) == []
    assert mails(MONDAY) == [(cast.officer.email, "OFFICIAL: The hub has what you sent")]


def test_a_night_in_which_the_clocks_go_back_has_its_four_hours(
    cast: Cast, arrives: Callable[..., Deadline], mails: Callable[..., object]
) -> None:
    duty = arrives(CLOCKS_GO_BACK, Urgency.IMMEDIATE)
    assert duty.due_at == at("2027-10-31", "03:30"), "four hours later, of which one is there twice"
    mails(CLOCKS_GO_BACK)
    hub = cast.hub_team.duty_email
    assert mails(at("2027-10-31", "01:29")) == []
    assert mails(duty.due_at - timedelta(hours=2)) == [(hub, "OFFICIAL: Urgent: something is due")]
