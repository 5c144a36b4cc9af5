"""Of one event nobody has two e-mails: their own, and one in the place of somebody who is away or left."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageChannel, MessageState
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.reminders.outbox import Outbox
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.cases import grant
from tests.missing.conftest import Acting, reports
from tests.reminders.travel import away


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A chair covers it for its lead, who is away."""
    made = case_of_three(rows, cast)
    today = clock.today()
    away(
        rows,
        cast.social_worker,
        today.isoformat(),
        (today + timedelta(days=3)).isoformat(),
        cover=made,
        by=cast.chair,
    )
    return made


def mails(rows: Session, to: User) -> list[OutboxMessage]:
    rows.expire_all()
    sent = select(OutboxMessage).where(
        OutboxMessage.event == "missing_reported",
        OutboxMessage.channel == MessageChannel.MAIL,
        OutboxMessage.state == MessageState.ACCEPTED,
        OutboxMessage.recipient_id == to.id,
    )
    return list(rows.scalars(sent))


def reported(rows: Session, cast: Cast, case: Case, acting: Acting) -> MissingEpisode:
    return reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))


def test_whoever_covers_the_case_and_is_told_themselves_has_one_e_mail(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    grant(rows, case, cast.chair, by=cast.coordinator)
    reported(rows, cast, case, acting)
    outbox.send(engine)
    (mail,) = mails(rows, cast.chair)
    assert mail.handed_from_id is None, "it is their own"
    of_lead = select(OutboxMessage).where(
        OutboxMessage.event == "missing_reported", OutboxMessage.recipient_id == cast.social_worker.id
    )
    assert [one.state for one in rows.scalars(of_lead)] == [MessageState.SHOWN], "they find it in the portal"


def test_whoever_covers_it_and_is_told_of_nothing_else_has_that_of_the_lead(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    reported(rows, cast, case, acting)
    outbox.send(engine)
    (mail,) = mails(rows, cast.chair)
    assert mail.handed_from_id == cast.social_worker.id


def test_of_two_events_they_have_both(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    grant(rows, case, cast.chair, by=cast.coordinator)
    reported(rows, cast, case, acting)
    theirs = mails_owed(rows, cast.chair)
    theirs.event = "missing_found"
    rows.commit()
    outbox.send(engine)
    assert [one.handed_from_id for one in mails(rows, cast.chair)] == [cast.social_worker.id]


def mails_owed(rows: Session, to: User) -> OutboxMessage:
    return rows.scalars(
        select(OutboxMessage).where(
            OutboxMessage.event == "missing_reported",
            OutboxMessage.channel == MessageChannel.MAIL,
            OutboxMessage.recipient_id == to.id,
        )
    ).one()


def test_a_team_that_is_told_itself_has_none_in_the_place_of_one_of_it_who_left(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    case = case_of_three(rows, cast)
    reported(rows, cast, case, acting)
    cast.social_worker.active = False
    rows.commit()
    outbox.send(engine)
    rows.expire_all()
    to_team = select(OutboxMessage).where(
        OutboxMessage.event == "missing_reported",
        OutboxMessage.state == MessageState.ACCEPTED,
        OutboxMessage.recipient_team_id == cast.social_care_team.id,
    )
    assert [one.handed_from_id for one in rows.scalars(to_team)] == [None]
