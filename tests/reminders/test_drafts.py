"""Claims about unsent forms: the author hears of it next morning, the manager after two working days."""

from datetime import datetime

import pytest
import time_machine
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import CancelReason
from portal.records.referrals.model import Referral
from portal.reminders.claims import Cancel, Send
from portal.reminders.drafts import queue_drafts
from portal.vocabulary import ReferralState
from tests.cast import Cast
from tests.factories.referrals import make_draft
from tests.reminders.travel import at, away, judged


@pytest.fixture
def draft(rows: Session, cast: Cast) -> Referral:
    """Begun on a Wednesday afternoon."""
    return saved(rows, make_draft(rows, cast.officer), at("2026-12-02", "15:00"))


def saved(rows: Session, draft: Referral, when: datetime) -> Referral:
    draft.saved_at = when
    rows.commit()
    return draft


def look(engine: Engine, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        queue_drafts(connection)


def queued(rows: Session) -> set[tuple[str, object]]:
    rows.expire_all()
    return {(one.kind, one.recipient_id) for one in rows.scalars(select(OutboxMessage))}


def test_the_author_is_told_next_morning_and_the_manager_on_the_second_working_day(
    engine: Engine, rows: Session, cast: Cast, draft: Referral
) -> None:
    author, manager = ("unsent_draft", cast.officer.id), ("unsent_draft_of_team", cast.police_manager.id)
    for moment, expected in (
        (at("2026-12-02", "23:00"), set()),
        (at("2026-12-03", "07:59"), set()),
        (at("2026-12-03", "08:00"), {author}),
        (at("2026-12-03", "16:00"), {author}),
        (at("2026-12-04", "07:59"), {author}),
        (at("2026-12-04", "08:00"), {author, manager}),
        (at("2026-12-09", "12:00"), {author, manager}),
    ):
        look(engine, moment)
        assert queued(rows) == expected, moment
    assert len(rows.scalars(select(OutboxMessage)).all()) == 2, "each is told once, however often one looks"


def test_over_a_weekend_both_wait_for_working_days(engine: Engine, rows: Session, cast: Cast) -> None:
    saved(rows, make_draft(rows, cast.officer), at("2026-12-23", "15:00"))
    look(engine, at("2026-12-24", "08:00"))
    look(engine, at("2026-12-28", "12:00"))
    assert {kind for kind, _ in queued(rows)} == {"unsent_draft"}, (
        "24 and 29 December are the two working days"
    )
    look(engine, at("2026-12-29", "08:00"))
    assert {kind for kind, _ in queued(rows)} == {"unsent_draft", "unsent_draft_of_team"}


def test_whoever_takes_a_form_up_again_is_reminded_again(
    engine: Engine, rows: Session, cast: Cast, draft: Referral
) -> None:
    look(engine, at("2026-12-03", "08:00"))
    saved(rows, draft, at("2026-12-03", "10:00"))
    look(engine, at("2026-12-04", "08:00"))
    found = judged(engine, at("2026-12-04", "08:00"))
    assert sorted(str(one) for _, one in found) == sorted(
        [str(Cancel(CancelReason.NEWER)), str(Send(cast.officer.email))]
    ), "the manager hears two working days after it was last saved"


@pytest.mark.parametrize("gone", ["sent", "deleted"])
def test_a_form_that_was_sent_or_deleted_meanwhile_is_not_spoken_of(
    engine: Engine, rows: Session, draft: Referral, gone: str
) -> None:
    look(engine, at("2026-12-04", "08:00"))
    if gone == "sent":
        draft.state = ReferralState.SENT
        rows.commit()
    else:
        rows.execute(text("delete from referral"))
        rows.commit()
    found = [one for _, one in judged(engine, at("2026-12-04", "08:05"))]
    assert found == [Cancel(CancelReason.SENT_MEANWHILE)] * 2


def test_a_manager_is_not_told_of_a_form_about_a_colleague(engine: Engine, rows: Session, cast: Cast) -> None:
    saved(rows, make_draft(rows, cast.officer, concerns_colleague=True), at("2026-12-02", "15:00"))
    look(engine, at("2026-12-04", "08:00"))
    found = {message.kind: one for message, one in judged(engine, at("2026-12-04", "08:00"))}
    assert found == {
        "unsent_draft": Send(cast.officer.email),
        "unsent_draft_of_team": Cancel(CancelReason.NO_REACH),
    }


def test_of_a_leavers_form_the_manager_is_told_at_once(
    engine: Engine, rows: Session, cast: Cast, draft: Referral
) -> None:
    cast.officer.active = False
    rows.commit()
    look(engine, at("2026-12-02", "16:00"))
    assert queued(rows) == {("unsent_draft_of_team", cast.police_manager.id)}


def test_what_is_for_the_author_alone_is_not_handed_to_others(
    engine: Engine, rows: Session, cast: Cast, draft: Referral
) -> None:
    look(engine, at("2026-12-03", "08:00"))
    away(rows, cast.officer, "2026-12-03", "2026-12-04")
    ((_, found),) = judged(engine, at("2026-12-03", "08:00"))
    assert found == Cancel(CancelReason.AWAY)


def test_for_a_manager_who_is_away_it_waits_in_their_mailbox_where_nobody_else_may_know_of_it(
    engine: Engine, rows: Session, cast: Cast, draft: Referral
) -> None:
    look(engine, at("2026-12-04", "08:00"))
    away(rows, cast.police_manager, "2026-12-04", "2026-12-04")
    found = {message.kind: one for message, one in judged(engine, at("2026-12-04", "08:00"))}
    assert found["unsent_draft_of_team"] == Send(cast.police_manager.email)
