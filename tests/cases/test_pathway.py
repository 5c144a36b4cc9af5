"""The steps of a case in its head: each with the day on which it was done."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.vocabulary import DeadlineState
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.records.triage.model import TriageDecision
from portal.vocabulary import DecisionOutcome
from portal.web.filters import brief_day
from tests.cast import Cast
from tests.client import Client
from tests.closing.test_pages import steps
from tests.factories.referrals import make_sent_referral
from tests.reminders.travel import open_duty

ClientFor = Callable[[User | None], Client]


def decide(rows: Session, cast: Cast, case: Case, *, received: datetime) -> None:
    """A form that is about the child of a case, which the hub decided on."""
    form = make_sent_referral(rows, cast.officer, received_at=received)
    rows.add(
        TriageDecision(
            id=new_id(),
            referral_id=form.id,
            outcome=DecisionOutcome.ADD_TO_CASE,
            reason="About this child",
            details={},
            case_id=case.id,
            decided_by=cast.coordinator.id,
            decided_at=clock.now(),
        )
    )
    rows.commit()


@pytest.mark.parametrize(
    ("received", "shown"), [((-23, -1), -23), ((-1, 0), -20)], ids=["the first form", "only later ones"]
)
def test_a_concern_was_shared_with_the_first_form_and_never_after_the_case_was_opened(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, received: tuple[int, ...], shown: int
) -> None:
    now = clock.now()
    case.opened_at = now + timedelta(days=-20)
    rows.commit()
    for days in received:
        decide(rows, cast, case, received=now + timedelta(days=days))
    found = steps(client_for(cast.coordinator), f"/cases/{case.reference}")
    assert found["Concern shared"] == brief_day(now + timedelta(days=shown))
    assert found["Triage"] == brief_day(case.opened_at)


def test_a_meeting_whose_duty_was_met_is_not_said_to_be_to_come(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    now = clock.now()
    page, browser = f"/cases/{case.reference}", client_for(cast.officer)
    assert steps(browser, page)["First meeting"] == "to come"
    duty = open_duty(
        rows,
        opened=now - timedelta(days=19),
        due=now - timedelta(days=9),
        subject=case,
        case_id=case.id,
        kind="meeting",
        owner_id=cast.social_worker.id,
    )
    duty.state, duty.ended_at = DeadlineState.DONE, now - timedelta(days=10)
    rows.commit()
    assert steps(browser, page)["First meeting"] == brief_day(duty.ended_at)
