"""Nobody who may not know of a sealed case hears of its child in the place of somebody who left: whoever is
named there hears that it reached nobody. Of something of concern that is linked to several children, whoever
covers a case of one hears of each.
"""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.messages.model import AbsenceCover, OutboxMessage
from portal.messages.vocabulary import MessageChannel, MessageState
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.missing.model import MissingEpisode
from portal.reminders.outbox import Outbox
from portal.vocabulary import Sensitivity
from tests.absences.test_absences import away
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.concerns.test_telling import links_child
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.concerns import link, make_concern
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


@pytest.fixture
def man(rows: Session, cast: Cast) -> Concern:
    """A man who harms children now: a link is told at any hour."""
    return make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee", risk="high")


def covered(rows: Session, cast: Cast, case: Case) -> None:
    """The lead is away, and the chair covers the case."""
    absence = away(rows, cast.social_worker)
    rows.add(AbsenceCover(absence_id=absence.id, case_id=case.id, deputy_id=cast.chair.id))
    rows.commit()


def sealed_elsewhere(rows: Session, cast: Cast, man: Concern) -> Case:
    """The sealed case of another child who is linked to the man."""
    child = make_child(rows, "Brenna", "Fabel")
    made = make_case(
        rows, child, lead=cast.police, opened_by=cast.coordinator, sensitivity=Sensitivity.SEALED
    )
    link(rows, man, child, cast.officer)
    return made


def linked_now(rows: Session, cast: Cast) -> list[OutboxMessage]:
    """The e-mails of links to the lead and to whoever covers."""
    rows.expire_all()
    of = OutboxMessage.recipient_id.in_((cast.social_worker.id, cast.chair.id))
    found = select(OutboxMessage).filter_by(event="concern_linked_now", channel=MessageChannel.MAIL)
    return list(rows.scalars(found.where(of).order_by(OutboxMessage.created_at)))


def test_whoever_covers_hears_although_another_child_behind_it_is_of_a_sealed_case(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    """The lead was never on that case, and is not told as somebody who reads it."""
    sealed_elsewhere(rows, cast, man)
    covered(rows, cast, case)
    links_child(acting, cast.officer, man, case)
    outbox.send(engine)
    (message,) = linked_now(rows, cast)
    assert (message.recipient_id, message.handed_from_id) == (cast.chair.id, cast.social_worker.id)
    assert message.handed_reason == "away"


def test_nobody_hears_in_the_place_of_one_who_is_named_on_the_sealed_case_of_another_child_behind_it(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    sealed = sealed_elsewhere(rows, cast, man)
    grant(rows, sealed, cast.social_worker, by=cast.coordinator)
    covered(rows, cast, case)
    links_child(acting, cast.officer, man, case)
    outbox.send(engine)
    (message,) = linked_now(rows, cast)
    assert (message.recipient_id, message.handed_from_id) == (cast.social_worker.id, None)


def test_whoever_covers_hears_of_each_of_two_children_who_are_linked_at_once(
    rows: Session, cast: Cast, case: Case, man: Concern, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    """They work on the case of the second, and hear of that themselves: it says nothing of the first."""
    second = make_case(
        rows, make_child(rows, "Brenna", "Fabel"), lead=cast.social_care, opened_by=cast.coordinator
    )
    involve(rows, second, cast.social_care_team, by=cast.coordinator, worker=cast.chair)
    involve(rows, second, cast.police_team, by=cast.coordinator, worker=cast.officer)
    covered(rows, cast, case)
    first, other = (links_child(acting, cast.officer, man, one) for one in (case, second))
    outbox.send(engine)
    by_link = {one.key.split(":")[3]: one for one in linked_now(rows, cast)}
    assert {number: (one.recipient_id, one.handed_from_id) for number, one in by_link.items()} == {
        str(first.id): (cast.chair.id, cast.social_worker.id),
        str(other.id): (cast.chair.id, None),
    }
