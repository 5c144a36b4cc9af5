"""The weekly message: what managers and governance need not know at once, once a week and nothing twice."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.messages.model import MessagePreference, OutboxMessage
from portal.messages.vocabulary import MessageState
from portal.model import new_id
from portal.records.disclosures.ledger import record_copy
from portal.records.disclosures.vocabulary import CopyKind, SharingDecision
from portal.records.people.model import Team, User
from portal.records.referrals.drafts import open_left_draft
from portal.records.referrals.model import Referral
from portal.records.referrals.rules import FormAnswers
from portal.records.referrals.sending import send_referral
from portal.reminders.digests import queue_digests
from portal.reminders.outbox import Outbox
from portal.vocabulary import Role, Urgency
from tests.cast import Cast
from tests.client import Client
from tests.disclosures.test_telling import park, tells
from tests.factories.people import make_user
from tests.factories.referrals import make_draft
from tests.reminders.conftest import behaviour, engine, outbox
from tests.reminders.mail_server import Behaviour
from tests.reminders.travel import at, away
from tests.told import heard

__all__ = ["behaviour", "engine", "outbox"]

Acting = Callable[[User], AbstractContextManager[Principal]]
Browser = Callable[[User | None], Client]

FRIDAY, MONDAY, NEXT_MONDAY = "2026-12-04", "2026-12-07", "2026-12-14"


def weekly(rows: Session, person: User) -> list[OutboxMessage]:
    """The weekly messages of somebody."""
    rows.expire_all()
    found = select(OutboxMessage).filter_by(kind="team_digest", recipient_id=person.id)
    return list(rows.scalars(found.order_by(OutboxMessage.created_at)))


def week(engine: Engine, outbox: Outbox, moment: datetime) -> None:
    """The worker writes the digests and sends what waits."""
    with time_machine.travel(moment, tick=False):
        with engine.begin() as connection:
            queue_digests(connection)
        outbox.send(engine)


def mails(behaviour: Behaviour, person: User) -> list[str]:
    """The texts of the weekly mails to somebody."""
    return [
        one.message.get_body().get_content()  # type: ignore[union-attr]  # a mail has a text
        for one in behaviour.arrived
        if person.email in one.to and "Your week" in str(one.message["Subject"])
    ]


def sends(rows: Session, acting: Acting, author: User, day: str = FRIDAY, **answers: Any) -> Referral:
    """Somebody sends a form on a day."""
    with time_machine.travel(at(day, "10:00"), tick=False):
        draft = make_draft(rows, author)
        given = FormAnswers(urgency=Urgency.LATER, kind="child", what_happened="Seen at night.", **answers)
        with acting(author) as actor:
            sent = send_referral(
                actor=actor, reference=draft.reference, answers=given, details=[], version=draft.version
            ).id
    return rows.get_one(Referral, sent)


def takes(acting: Acting, person: User, day: str, files: int = 1) -> None:
    """Somebody takes copies of records."""
    with time_machine.travel(at(day, "11:00"), tick=False), acting(person) as actor:
        for _ in range(files):
            record_copy(
                actor=actor,
                kind=CopyKind.LIST,
                subject_id=new_id(),
                subject_reference="LIST",
                content=b"made for a test",
            )


def test_who_manages_the_team_of_the_author_hears_in_the_week_what_was_sent(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox, behaviour: Behaviour
) -> None:
    form = sends(rows, acting, cast.officer)
    told = {one for one in heard(rows, cast, "form_arrived") if "form_of_team" in one}
    assert told == {"police_manager weekly form_of_team"}, "no colleague, no stranger, no other agency"
    week(engine, outbox, at(FRIDAY, "12:00"))
    assert mails(behaviour, cast.police_manager) == [], "it has its own day"
    for moment in (at(MONDAY, "07:31"), at(MONDAY, "09:00"), at("2026-12-08", "09:00")):
        week(engine, outbox, moment)
    (mail,) = mails(behaviour, cast.police_manager)
    assert f"Forms that your team sent: {form.reference}" in mail
    assert mails(behaviour, cast.social_care_manager) == []
    week(engine, outbox, at(NEXT_MONDAY, "09:00"))
    assert len(mails(behaviour, cast.police_manager)) == 1, "there is nothing new"


def test_of_a_form_on_a_colleague_and_of_their_own_a_manager_hears_nothing(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    sends(rows, acting, cast.officer, concerns_colleague=True)
    sends(rows, acting, cast.police_manager)
    assert not [one for one in heard(rows, cast, "form_arrived") if "form_of_team" in one]


def test_what_is_switched_off_is_in_the_portal_and_not_in_the_weekly_message(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox, behaviour: Behaviour
) -> None:
    rows.add(MessagePreference(user_id=cast.police_manager.id, kind="form_of_team", by_mail=False))
    rows.commit()
    sends(rows, acting, cast.officer)
    week(engine, outbox, at(MONDAY, "09:00"))
    assert weekly(rows, cast.police_manager) == []
    assert "police_manager weekly form_of_team" in heard(rows, cast, "form_arrived")


def test_what_was_read_is_said_no_more(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    sends(rows, acting, cast.officer)
    line = rows.scalars(select(OutboxMessage).filter_by(kind="form_of_team")).one()
    line.read_at = at(FRIDAY, "13:00")
    rows.commit()
    week(engine, outbox, at(MONDAY, "09:00"))
    assert weekly(rows, cast.police_manager) == []


def test_what_comes_after_the_day_waits_for_the_next_and_is_said_once(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox, behaviour: Behaviour
) -> None:
    first = sends(rows, acting, cast.officer)
    week(engine, outbox, at(MONDAY, "07:31"))
    second = sends(rows, acting, cast.officer, day="2026-12-09")
    week(engine, outbox, at("2026-12-09", "11:00"))
    week(engine, outbox, at(NEXT_MONDAY, "07:31"))
    one, other = mails(behaviour, cast.police_manager)
    assert first.reference in one
    assert second.reference not in one
    assert second.reference in other
    assert first.reference not in other


def test_somebody_without_one_this_week_has_none_before_the_next_monday(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    sends(rows, acting, cast.officer, day="2026-12-09")
    week(engine, outbox, at("2026-12-09", "11:00"))
    assert weekly(rows, cast.police_manager) == []
    week(engine, outbox, at(NEXT_MONDAY, "07:31"))
    assert len(weekly(rows, cast.police_manager)) == 1


def test_after_weeks_without_a_worker_all_of_it_is_said_in_one(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox, behaviour: Behaviour
) -> None:
    forms = [sends(rows, acting, cast.officer, day=day) for day in (FRIDAY, "2026-12-09", "2026-12-16")]
    week(engine, outbox, at("2026-12-23", "11:00"))  # a Wednesday
    (mail,) = mails(behaviour, cast.police_manager)
    assert all(one.reference in mail for one in forms)
    week(engine, outbox, at("2026-12-29", "11:00"))
    assert len(mails(behaviour, cast.police_manager)) == 1


def test_for_whoever_is_away_it_is_in_the_next_one(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox, behaviour: Behaviour
) -> None:
    form = sends(rows, acting, cast.officer)
    away(rows, cast.police_manager, MONDAY, "2026-12-11")
    week(engine, outbox, at(MONDAY, "09:00"))
    assert [one.state for one in weekly(rows, cast.police_manager)] == [MessageState.CANCELLED]
    week(engine, outbox, at(NEXT_MONDAY, "09:00"))
    (mail,) = mails(behaviour, cast.police_manager)
    assert form.reference in mail


def test_of_many_it_says_how_many(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox, behaviour: Behaviour
) -> None:
    for _ in range(6):
        sends(rows, acting, cast.officer)
    week(engine, outbox, at(MONDAY, "09:00"))
    (mail,) = mails(behaviour, cast.police_manager)
    assert "Forms that your team sent: 6" in mail


def test_governance_hears_that_a_manager_opened_what_somebody_left_unsent(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox, behaviour: Behaviour
) -> None:
    draft = make_draft(rows, cast.officer)
    rows.get_one(Referral, draft.id).author_team_id = cast.police_team.id
    cast.officer.active = False
    rows.commit()
    with acting(cast.police_manager) as actor:  # the database lets in for a day, by its own time
        open_left_draft(actor=actor, reference=draft.reference, reason="A school rang about it")
    line = rows.scalars(select(OutboxMessage).filter_by(kind="left_draft_opened")).one()
    line.created_at = at(FRIDAY, "10:00")
    rows.commit()
    assert heard(rows, cast, "left_draft_opened") == {"governance weekly left_draft_opened"}
    week(engine, outbox, at(MONDAY, "09:00"))
    (mail,) = mails(behaviour, cast.governance)
    assert f"Unsent forms of people who left, opened by a manager: {draft.reference}" in mail
    assert "school" not in mail


@pytest.mark.parametrize("has_manager", [True, False])
def test_who_manages_whoever_refused_to_share_hears_of_it_and_whom_it_was_kept_from_does_not(
    rows: Session,
    cast: Cast,
    acting: Acting,
    engine: Engine,
    outbox: Outbox,
    behaviour: Behaviour,
    has_manager: bool,
) -> None:
    above = make_user(rows, cast.hub, "Hale Above", Role.MANAGER)
    if has_manager:
        rows.get_one(Team, cast.hub_team.id).manager_id = above.id
    rows.commit()
    with time_machine.travel(at(FRIDAY, "10:00"), tick=False):
        tells(acting, cast, park(rows, cast), SharingDecision.REFUSE)
    found = set(rows.scalars(select(OutboxMessage.recipient_id).filter_by(event="disclosure_refused")))
    assert found == ({above.id} if has_manager else set())
    week(engine, outbox, at(MONDAY, "09:00"))
    assert len(mails(behaviour, above)) == has_manager
    assert mails(behaviour, cast.nurse) == []


def test_the_manager_of_whoever_refused_to_share_is_told_in_the_week(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    rows.get_one(Team, cast.hub_team.id).manager_id = cast.second_coordinator.id
    rows.commit()
    tells(acting, cast, park(rows, cast), SharingDecision.REFUSE)
    assert heard(rows, cast, "disclosure_refused") == {"second_coordinator weekly sharing_refused"}


def test_governance_hears_how_many_copies_were_taken_and_nobody_else_does(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox, behaviour: Behaviour
) -> None:
    takes(acting, cast.officer, FRIDAY, files=3)
    takes(acting, cast.nurse, FRIDAY)
    for moment in (at(MONDAY, "07:31"), at(MONDAY, "15:00")):
        week(engine, outbox, moment)
    (mail,) = mails(behaviour, cast.governance)
    assert "Copies of records that were taken: 4" in mail
    for person in (cast.police_manager, cast.officer, cast.coordinator, cast.administrator):
        assert mails(behaviour, person) == []
    takes(acting, cast.officer, "2026-12-08")
    week(engine, outbox, at(NEXT_MONDAY, "07:31"))
    assert "Copies of records that were taken: 1" in mails(behaviour, cast.governance)[-1]
    week(engine, outbox, at("2026-12-21", "07:31"))
    assert len(mails(behaviour, cast.governance)) == 2, "there is none where nothing was taken"


def test_the_link_of_the_weekly_message_leads_everybody_to_a_page_that_they_may_open(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, outbox: Outbox, client_for: Browser
) -> None:
    takes(acting, cast.officer, FRIDAY)
    sends(rows, acting, cast.officer)
    week(engine, outbox, at(MONDAY, "09:00"))
    for person, page in ((cast.governance, "/told/copies"), (cast.police_manager, "/work")):
        (message,) = weekly(rows, person)
        client = client_for(person)
        led = client.get(f"/go/{message.id}")
        assert (led.status_code, led.location) == (303, page)
        assert client.get(page).status_code == 200


def test_everybody_is_found_in_three_statements_however_many_there_are(
    rows: Session, cast: Cast, acting: Acting, engine: Engine
) -> None:
    takes(acting, cast.officer, FRIDAY)
    for _ in range(3):
        sends(rows, acting, cast.officer)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    with time_machine.travel(at(MONDAY, "09:00"), tick=False), engine.begin() as connection:
        queue_digests(connection)
        wrote = len(asked)
        queue_digests(connection)
    assert len(asked) - wrote == 3, "nobody is left: one for cover, one for the day, one for the week"
