"""Claims about several messages in one e-mail: what becomes of the e-mail becomes of each of them."""

from collections.abc import Callable

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import MessageState
from portal.records.cases.model import Case
from portal.records.people.model import Team, User
from portal.reminders.mail import Envelope
from portal.reminders.outbox import Outbox
from portal.reminders.returns import Failure, returned
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.messages import make_message
from tests.reminders.conftest import ENVELOPE, MORNING, Send
from tests.reminders.mail_server import Behaviour
from tests.reminders.travel import away


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    found = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, found, cast.social_care_team, by=cast.coordinator)
    involve(rows, found, cast.health_team, by=cast.coordinator)
    rows.commit()
    return found


@pytest.fixture
def owed(rows: Session, case: Case) -> Callable[..., OutboxMessage]:
    """A message about the case that waits for somebody."""

    def make(to: User | Team, kind: str = "late", **facts: object) -> OutboxMessage:
        about = {"subject_kind": "cre_case", "subject_id": case.id, "case_id": case.id}
        times = {"created_at": MORNING, "not_before": MORNING, "next_try_at": MORNING} | facts
        return make_message(rows, to, kind=kind, about=about | {"reference": case.reference}, **times)

    return make


def states(rows: Session) -> list[str]:
    rows.expire_all()
    return list(rows.scalars(select(OutboxMessage.state).order_by(OutboxMessage.created_at)))


def test_what_is_due_and_late_for_one_person_at_one_moment_is_one_e_mail(
    rows: Session,
    cast: Cast,
    case: Case,
    owed: Callable[..., OutboxMessage],
    send: Send,
    behaviour: Behaviour,
) -> None:
    those = [owed(cast.social_worker, kind) for kind in ("due", "late", "given")]
    send()
    (mail,) = behaviour.arrived
    assert mail.to == (cast.social_worker.email,)
    assert mail.message["Subject"] == "OFFICIAL: Something is due (3 things)"
    for one in those:
        assert f"{ENVELOPE.portal}/go/{one.id}" in mail.message.get_content()
    assert mail.message.get_content().count(case.reference) == len(those)
    assert states(rows) == [MessageState.ACCEPTED] * len(those)


@pytest.mark.parametrize("kind", ["cover_given", "minutes_draft", "minutes_given"])
def test_many_of_one_step_are_one_e_mail_which_lists_them(
    cast: Cast, case: Case, owed: Callable[..., OutboxMessage], send: Send, behaviour: Behaviour, kind: str
) -> None:
    """Thirteen cases that somebody covers, or minutes on each child of a meeting."""
    those = [owed(cast.social_worker, kind) for _ in range(13)]
    send()
    (mail,) = behaviour.arrived
    assert all(f"{ENVELOPE.portal}/go/{one.id}" in mail.message.get_content() for one in those)
    assert mail.message.get_content().count(case.reference) == len(those)


def test_others_and_other_kinds_have_e_mails_of_their_own(
    cast: Cast, owed: Callable[..., OutboxMessage], send: Send, behaviour: Behaviour
) -> None:
    """Another person, a question beside a duty, something urgent, and what is no kind to be put together."""
    for to, kind in (
        (cast.social_worker, "late"),
        (cast.chair, "late"),
        (cast.social_worker, "asked"),
        (cast.social_worker, "late_urgent"),
        (cast.social_worker, "shared"),
        (cast.social_care_team, "late"),
    ):
        owed(to, kind)
    send()
    assert len(behaviour.arrived) == 6


def test_what_waits_for_a_later_hour_is_not_told_with_it(
    rows: Session, cast: Cast, owed: Callable[..., OutboxMessage], send: Send, behaviour: Behaviour
) -> None:
    owed(cast.social_worker)
    owed(cast.social_worker, next_try_at=MORNING.replace(hour=15))
    send()
    assert len(behaviour.arrived) == 1
    assert sorted(states(rows)) == [MessageState.ACCEPTED, MessageState.OWED]


def test_when_the_mail_server_takes_nothing_each_waits_and_comes_with_the_next_attempt(
    rows: Session,
    cast: Cast,
    owed: Callable[..., OutboxMessage],
    send: Send,
    behaviour: Behaviour,
    morning: time_machine.Traveller,
) -> None:
    for _ in range(3):
        owed(cast.social_worker)
    behaviour.at_data = lambda _address: "451 4.3.0 Later"
    send()
    assert states(rows) == [MessageState.OWED] * 3
    assert rows.scalars(select(OutboxMessage.attempts)).all() == [1, 1, 1]
    behaviour.at_data = lambda _address: "250 2.0.0 OK"
    morning.shift(60)
    send()
    assert states(rows) == [MessageState.ACCEPTED] * 3


def test_whoever_stands_in_is_told_of_each(
    rows: Session,
    cast: Cast,
    case: Case,
    owed: Callable[..., OutboxMessage],
    send: Send,
    behaviour: Behaviour,
) -> None:
    away(rows, cast.social_worker, "2026-11-25", "2026-11-25", cover=case, by=cast.chair)
    for _ in range(2):
        owed(cast.social_worker)
    send()
    assert [mail.to for mail in behaviour.arrived] == [(cast.chair.email,)] * 2


@pytest.mark.parametrize("when", ["at once", "by a report"])
def test_an_address_that_does_not_work_sends_each_elsewhere(
    engine: Engine,
    rows: Session,
    cast: Cast,
    owed: Callable[..., OutboxMessage],
    send: Send,
    behaviour: Behaviour,
    when: str,
) -> None:
    those = [owed(cast.social_worker) for _ in range(3)]
    refused = cast.social_worker.email
    if when == "at once":
        behaviour.at_rcpt = lambda address: "550 5.1.1 No" if address == refused else "250 2.0.0 OK"
        send()
    else:
        send()
        (told,) = behaviour.arrived
        first = Envelope.returned(ENVELOPE, [told.sender])
        assert first is not None
        with engine.begin() as connection:
            returned(connection, first, Failure(returned_to=(), receivers=frozenset(), status="5.1.1"))
    rows.expire_all()
    assert {one.state for one in those} == {MessageState.REFUSED}
    again = rows.scalars(select(OutboxMessage).where(OutboxMessage.key.endswith(":again"))).all()
    assert {one.key.removesuffix(":again") for one in again} == {one.key for one in those}


def test_one_that_another_worker_has_in_hand_is_left_to_it(
    engine: Engine, rows: Session, cast: Cast, owed: Callable[..., OutboxMessage], outbox: Outbox
) -> None:
    mine, others = owed(cast.social_worker), owed(cast.social_worker)
    others.lease, others.leased_until = mine.id, MORNING.replace(hour=12)
    rows.commit()
    with time_machine.travel(MORNING):
        outbox.send(engine)
    assert sorted(states(rows)) == [MessageState.ACCEPTED, MessageState.OWED]
