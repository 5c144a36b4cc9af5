"""What is for one person by name reaches whoever stands in for them, or becomes the hub's work."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import HandReason
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.reminders.claims import HandOn, Standing
from portal.vocabulary import Urgency
from tests.cast import Cast
from tests.client import Client
from tests.meetings.calls import make_called_case
from tests.meetings.test_telling import calls
from tests.referrals.test_telling import sealed, sends
from tests.reminders.conftest import MORNING, behaviour, engine, morning, outbox, send
from tests.reminders.travel import away, judged
from tests.told import untold

__all__ = ["behaviour", "engine", "morning", "outbox", "sealed", "send"]

Acting = Callable[[User], AbstractContextManager[Principal]]
ClientFor = Callable[[User], Client]

pytestmark = pytest.mark.usefixtures("morning")


def invited(engine: Engine, who: User) -> Standing:
    """What is to become of the invitation of somebody."""
    found = judged(engine, MORNING + timedelta(minutes=1))
    (standing,) = [one for message, one in found if message.recipient_id == who.id]
    return standing


def test_an_invitation_of_somebody_who_is_away_goes_to_who_covers_the_case(
    rows: Session, cast: Cast, acting: Acting, engine: Engine
) -> None:
    case = make_called_case(rows, cast)
    away(rows, cast.chair, "2026-11-24", "2026-11-27", cover=case, by=cast.social_care_manager)
    calls(acting, cast, case)
    standing = invited(engine, cast.chair)
    assert isinstance(standing, HandOn)
    assert (standing.reason, standing.user_id) == (HandReason.AWAY, cast.social_care_manager.id)


def test_an_invitation_of_somebody_whom_nobody_covers_goes_to_their_team(
    rows: Session, cast: Cast, acting: Acting, engine: Engine
) -> None:
    case = make_called_case(rows, cast)
    away(rows, cast.chair, "2026-11-24", "2026-11-27")
    calls(acting, cast, case)
    standing = invited(engine, cast.chair)
    assert isinstance(standing, HandOn)
    assert (standing.reason, standing.agency_id) == (HandReason.AWAY, cast.chair.agency_id)
    assert standing.team_id is not None


@pytest.mark.parametrize(
    ("urgency", "event"), [(Urgency.LATER, "form_arrived"), (Urgency.IMMEDIATE, "red_form_arrived")]
)
def test_of_a_form_on_a_sealed_child_whose_coordinator_is_gone_the_hub_hears_that_it_waits_and_not_whose(
    rows: Session, cast: Cast, acting: Acting, sealed: Case, send: Callable[[], int], client_for: ClientFor,
    urgency: Urgency, event: str,
) -> None:  # fmt: skip
    rows.get_one(User, cast.coordinator.id).active = False
    rows.commit()
    _, words = sends(rows, acting, cast.officer, urgency)
    assert words == "[]", "the sender is shown the same as of every form"
    send()
    assert untold(rows) == set(), "the list would say who sent it, and the sender that somebody was not told"
    assert not rows.scalars(select(OutboxMessage).filter_by(event=event, ground="hub")).all()
    told = rows.scalars(select(OutboxMessage).filter_by(event="form_unseen", channel="mail")).all()
    became = {(one.recipient_id or one.recipient_team_id, one.state) for one in told}
    assert became == {(cast.hub_team.id, "accepted"), (cast.social_worker.id, "accepted")}
    assert {one.urgent for one in told} == {urgency is Urgency.IMMEDIATE}
    assert {one.unopened_at is not None for one in told} == {True}, "it goes on if nobody opens it"
    page = client_for(cast.second_coordinator).get("/messages").text
    assert "A form waits that nobody at the hub may see" in page
    for hidden in ("Ada", sealed.reference, cast.officer.name):
        assert hidden not in page
