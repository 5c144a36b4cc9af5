"""Nobody who may not know of a sealed case hears of its child in the place of somebody who left: whoever is
named there hears that it reached nobody.
"""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageChannel, MessageState
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.reminders.outbox import Outbox
from portal.vocabulary import Sensitivity
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.cases import grant
from tests.missing.conftest import Acting, reports, returns
from tests.told import told, untold


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return case_of_three(rows, cast)


def left_while_missing(rows: Session, cast: Cast, case: Case, acting: Acting) -> MissingEpisode:
    """The lead reports the child for their team, and has left when it is back."""
    for person in (cast.coordinator, cast.social_worker):
        grant(rows, case, person, by=cast.coordinator)
    episode = reports(acting, cast.social_worker, child=rows.get_one(Child, case.child_id))
    cast.social_worker.active = False
    rows.commit()
    returns(acting, cast.coordinator, episode)
    return episode


def of_lead(rows: Session, cast: Cast) -> OutboxMessage:
    rows.expire_all()
    handed = OutboxMessage.handed_from_id == cast.social_worker.id
    whose = handed | (OutboxMessage.recipient_id == cast.social_worker.id)
    back = select(OutboxMessage).where(
        OutboxMessage.event == "missing_returned", OutboxMessage.channel == MessageChannel.MAIL
    )
    return rows.scalars(back.where(whose)).one()


def test_the_lead_of_a_sealed_case_is_stood_in_for_by_nobody_who_may_not_know_of_it(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    left_while_missing(rows, cast, case, acting)
    outbox.send(engine)
    message = of_lead(rows, cast)
    assert (message.state, message.handed_from_id) == (MessageState.DEAD, None)
    assert ("missing_returned", "heard_before", "left") in untold(rows)
    heard = told(rows, "nobody_told") + told(rows, "nobody_told_urgent")
    of_case = [
        one for one in heard if one.subject_kind == "cre_case"
    ]  # others are of desks that nobody set up
    assert {(one.recipient_id, one.channel, one.subject_id) for one in of_case} == {
        (cast.coordinator.id, "mail", case.id)
    }


def test_on_a_case_that_is_not_sealed_their_team_is_told(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    left_while_missing(rows, cast, case, acting)
    outbox.send(engine)
    message = of_lead(rows, cast)
    assert (message.recipient_team_id, message.handed_reason) == (cast.social_care_team.id, "left")
