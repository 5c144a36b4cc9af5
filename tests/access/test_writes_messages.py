"""What the application may not write of messages, absences and addresses, whatever Python lets through."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import (
    Absence,
    AbsenceCover,
    AddressSuspension,
    CaseLooked,
    CaseNews,
    MessagePreference,
    OutboxMessage,
    OutboxSubject,
    Untold,
)
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.people.model import PersonSetting, Team, User
from tests.access.test_reach import Asking
from tests.access.test_writes import changed, refused
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.messages import make_message


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that the police work on."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


@pytest.fixture
def told(rows: Session, cast: Cast) -> Callable[..., OutboxMessage]:
    """A message of a person, or of a team."""

    def write(person: User | None = None, *, team: Team | None = None, state: str = "owed") -> OutboxMessage:
        receiver = person or team
        assert receiver is not None
        found = OutboxMessage(**message(cast.coordinator, receiver, state=state))
        rows.add(found)
        rows.flush()
        rows.add(OutboxSubject(message_id=found.id, subject_kind="cre_case", subject_id=new_id()))
        rows.commit()
        return found

    return write


def message(by: User, to: User | Team, **facts: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "key": f"shared_with_you:cre_case:{new_id()}:shared:{to.id}",
        "kind": "shared_with_you",
        "channel": "mail",
        "urgent": False,
        "recipient_id": to.id if isinstance(to, User) else None,
        "recipient_team_id": to.id if isinstance(to, Team) else None,
        "agency_id": to.agency_id,
        "caused_by": by.id,
        "created_at": clock.now(),
        "state": "owed",
        "attempts": 0,
        "not_before": clock.now(),
        "next_try_at": clock.now(),
    } | facts


@pytest.mark.parametrize("who", ["officer", "police_manager", "coordinator", "governance", "administrator"])
def test_only_the_recipient_marks_a_message_as_read(
    cast: Cast, told: Callable[..., OutboxMessage], asking: Asking, who: str
) -> None:
    told(cast.colleague)
    with asking(cast.colleague) as session:
        assert changed(session, update(OutboxMessage).values(read_at=clock.now())) == 1
    with asking(getattr(cast, who)) as session:
        if who == "coordinator":  # who reaches the row for another reason
            with pytest.raises(DBAPIError, match="only the recipient has read a message"):
                session.execute(update(OutboxMessage).values(read_at=clock.now()))
        else:
            assert changed(session, update(OutboxMessage).values(read_at=clock.now())) == 0


@pytest.mark.parametrize(
    ("who", "rows_changed", "refusal"),
    [
        ("officer", 1, ""),
        ("colleague", 1, ""),
        ("police_manager", 1, ""),  # who is of the team
        ("social_care_manager", 0, ""),
        ("nurse", 0, ""),
        ("coordinator", 0, "only the recipient"),
        ("governance", 0, ""),
        ("administrator", 0, ""),
    ],
)
def test_whoever_is_of_a_team_has_opened_what_it_was_told_and_the_first_of_them_counts(
    rows: Session, cast: Cast, asking: Asking, who: str, rows_changed: int, refusal: str
) -> None:
    make_message(rows, cast.police_team)
    opens = update(OutboxMessage).values(read_at=clock.now())
    with asking(getattr(cast, who)) as session:
        if refusal:
            with pytest.raises(DBAPIError, match=refusal):
                session.execute(opens)
            return
        assert changed(session, opens) == rows_changed


def test_what_one_of_a_team_opened_stays_opened_when_it_was(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    make_message(rows, cast.police_team, read_at=clock.now())
    for other in (None, clock.now()):
        with asking(cast.officer) as session, pytest.raises(DBAPIError, match="only the recipient"):
            session.execute(update(OutboxMessage).values(read_at=other))


@pytest.mark.parametrize(
    ("who", "before", "after", "rows_changed", "refusal"),
    [
        ("coordinator", "dead", "owed", 1, ""),
        ("coordinator", "owed", "cancelled", 0, "the worker says"),
        ("coordinator", "queued", "accepted", 0, "the worker says"),
        ("colleague", "dead", "owed", 0, "the worker says"),
        ("colleague", "owed", "shown", 0, "the worker says"),
        ("police_manager", "dead", "owed", 0, ""),
    ],
)
def test_what_became_of_a_message_is_the_workers_to_say(
    cast: Cast,
    told: Callable[..., OutboxMessage],
    asking: Asking,
    who: str,
    before: str,
    after: str,
    rows_changed: int,
    refusal: str,
) -> None:
    told(cast.colleague, state=before)
    with asking(getattr(cast, who)) as session:
        change = update(OutboxMessage).values(state=after)
        if refusal:
            with pytest.raises(DBAPIError, match=refusal):
                session.execute(change)
        else:
            assert changed(session, change) == rows_changed


@pytest.mark.parametrize(
    "column", ["recipient_id", "address", "kind", "caused_by", "outcome", "key", "lease"]
)
def test_nothing_else_of_a_message_changes(
    cast: Cast, told: Callable[..., OutboxMessage], asking: Asking, column: str
) -> None:
    told(cast.coordinator)
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"update outbox_message set {column} = null"))  # noqa: S608 - names above


def test_nobody_tells_in_the_name_of_another_or_what_became_of_it(cast: Cast, asking: Asking) -> None:
    for facts in (
        {"caused_by": cast.colleague.id},
        {"caused_by": None},
        {"state": "accepted"},
        {"read_at": clock.now()},
        {"attempts": 3},
        {"handed_from_id": cast.colleague.id},
        {"unopened_at": clock.now()},
        {"passes_on_id": new_id()},
    ):
        refused(asking, cast.officer, OutboxMessage(**message(cast.officer, cast.nurse, **facts)))


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("overdue", "overdue:{duty}:2026-11-25T10:00:00+00:00:overdue:{to}"),
        ("overdue", "overdue:2026-11-25:{to}"),
        ("digest", "digest:{to}:2026-11-25"),
        ("unsent_draft", "unsent_draft:referral:{duty}:2026-11-25:{to}"),
        ("unsent_draft_of_team", "unsent_draft_of_team:referral:{duty}:2026-11-25:{to}"),
        ("not_opened", "not_opened:outbox_message:{duty}:{to}"),
        ("not_opened_urgent", "not_opened_urgent:outbox_message:{duty}:{to}"),
        ("minutes_unopened", "minutes_unopened:meeting:{duty}:{to}"),
        ("not_told", "not_told:cre_case:{duty}:warning_set:2026-11-25:{to}"),
        ("shown", "shown:shared_with_you:cre_case:{duty}:{to}"),
        ("shared_with_you", "shown:shared_with_you:cre_case:{duty}:{to}"),
        ("shared_with_you", "shared_with_you:cre_case:{duty}:{to}:again"),
        ("shared_with_you", "shared_with_you:cre_case:{duty}:again:{to}"),
        ("shared_with_you", "shared_with_you:cre_case:{duty}:{other}"),
        ("shared_with_you", "another_kind:cre_case:{duty}:{to}"),
    ],
)
def test_no_key_of_the_workers_is_a_persons_to_write(cast: Cast, asking: Asking, kind: str, key: str) -> None:
    said = key.format(duty=new_id(), to=cast.officer.id, other=cast.nurse.id)
    refused(asking, cast.nurse, OutboxMessage(**message(cast.nurse, cast.officer, kind=kind, key=said)))


def test_a_persons_own_key_is_theirs_to_write(cast: Cast, asking: Asking) -> None:
    with asking(cast.nurse) as session:
        for to in (cast.officer, cast.police_team):
            session.execute(insert(OutboxMessage).inline().values(**message(cast.nurse, to)))


def test_what_a_message_is_about_is_said_with_it_by_whoever_causes_it(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    bare = OutboxMessage(**message(cast.officer, cast.nurse))
    rows.add(bare)
    rows.commit()
    subject = {"message_id": bare.id, "subject_kind": "cre_case", "subject_id": new_id()}
    refused(asking, cast.coordinator, OutboxSubject(**subject))
    refused(asking, cast.nurse, OutboxSubject(**subject))
    refused(asking, cast.officer, OutboxSubject(**subject, rung="overdue"))
    with asking(cast.officer) as session:
        session.execute(insert(OutboxSubject).inline().values(**subject))


@pytest.mark.parametrize("statement", ["select * from reminder_plan", "delete from reminder_plan"])
def test_when_reminders_are_looked_at_is_not_the_applications(
    cast: Cast, asking: Asking, statement: str
) -> None:
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(statement))


def test_what_somebody_wants_to_be_told_is_theirs_to_choose(cast: Cast, asking: Asking) -> None:
    refused(asking, cast.officer, MessagePreference(user_id=cast.nurse.id, kind="digest", by_mail=False))


def test_what_somebody_chooses_for_themselves_is_theirs(cast: Cast, asking: Asking) -> None:
    refused(asking, cast.officer, PersonSetting(user_id=cast.nurse.id, shortcuts=False))


def test_absences_are_ones_own_or_of_ones_own_people(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    def away(person: User, by: User) -> Absence:
        day = clock.today()
        return Absence(
            id=new_id(),
            user_id=person.id,
            first_day=day,
            last_day=day,
            entered_by=by.id,
            entered_at=clock.now(),
        )

    for by, person in (
        (cast.officer, cast.colleague),
        (cast.police_manager, cast.nurse),
        (cast.coordinator, cast.officer),
        (cast.administrator, cast.officer),
    ):
        refused(asking, by, away(person, by))
    refused(asking, cast.officer, away(cast.officer, cast.colleague))
    hers = away(cast.nurse, cast.nurse)
    own = away(cast.officer, cast.officer)
    rows.add_all([hers, own])
    rows.commit()
    for person in (cast.officer, cast.coordinator, cast.social_care_manager):
        with asking(person) as session:
            ending = update(Absence).where(Absence.id == hers.id).values(ended_at=clock.now())
            assert changed(session, ending) == 0
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(Absence).values(user_id=cast.colleague.id))
    covers = AbsenceCover(absence_id=hers.id, case_id=case.id, deputy_id=cast.officer.id)
    refused(asking, cast.officer, covers)
    refused(asking, cast.nurse, covers)


def test_an_address_is_used_again_only_when_somebody_who_looks_after_the_person_says_so(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    facts = {"address": "a@health.example", "reason": "5.1.1", "suspended_at": clock.now()}
    rows.add(AddressSuspension(id=new_id(), user_id=cast.nurse.id, agency_id=cast.health.id, **facts))
    rows.commit()

    def lift(by: User) -> Any:
        return update(AddressSuspension).values(lifted_at=clock.now(), lifted_by=by.id)

    for person in (cast.nurse, cast.police_manager, cast.officer, cast.governance):
        with asking(person) as session:
            assert changed(session, lift(person)) == 0
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(lift(cast.second_coordinator))
    with asking(cast.administrator) as session:
        assert changed(session, lift(cast.administrator)) == 1
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(update(AddressSuspension).values(address="b@health.example"))


def untold(by: User, **facts: Any) -> Untold:
    found: dict[str, Any] = {
        "event": "warning_set",
        "ground": "police_desk",
        "reason": "nobody",
        "subject_kind": "cre_case",
        "subject_id": new_id(),
        "urgent": True,
        "caused_by": by.id,
        "created_at": clock.now(),
        "seen_to_words": "",
    }
    return Untold(id=new_id(), **(found | facts))


def test_who_could_not_be_told_is_said_in_ones_own_name_and_seen_to_by_the_hub_once(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    for facts in (
        {"caused_by": cast.colleague.id},
        {"seen_to_at": clock.now(), "seen_to_by": cast.officer.id},
        {"seen_to_words": "Rang them"},
    ):
        refused(asking, cast.officer, untold(cast.officer, **facts))
    rows.add(untold(cast.officer))
    rows.commit()
    said = update(Untold).values(seen_to_at=clock.now(), seen_to_words="Rang them")
    for who in (cast.officer, cast.colleague, cast.stranger, cast.social_care_manager):
        with asking(who) as session:
            assert changed(session, said.values(seen_to_by=who.id)) == 0
    with asking(cast.coordinator) as session:
        with pytest.raises(DBAPIError, match="row-level security"):
            session.execute(said.values(seen_to_by=cast.second_coordinator.id))
        session.rollback()
    with asking(cast.coordinator) as session:
        assert changed(session, said.values(seen_to_by=cast.coordinator.id)) == 1
        session.commit()
    with asking(cast.second_coordinator) as session:
        assert changed(session, said.values(seen_to_by=cast.second_coordinator.id)) == 0


def test_what_changed_is_said_by_whoever_reads_the_case_and_looking_is_ones_own(
    cast: Cast, case: Case, asking: Asking
) -> None:
    def news(by: User, **facts: Any) -> CaseNews:
        found: dict[str, Any] = {
            "case_id": case.id,
            "event": "alert_set",
            "subject_kind": "cre_case",
            "subject_id": case.id,
            "by_id": by.id,
            "by_agency_id": by.agency_id,
            "at": clock.now(),
        }
        return CaseNews(id=new_id(), **(found | facts))

    refused(asking, cast.stranger, news(cast.stranger))
    refused(asking, cast.officer, news(cast.officer, by_id=cast.colleague.id))
    refused(asking, cast.officer, news(cast.officer, by_agency_id=cast.social_care.id))
    refused(asking, cast.stranger, CaseLooked(user_id=cast.stranger.id, case_id=case.id, at=clock.now()))
    refused(asking, cast.officer, CaseLooked(user_id=cast.colleague.id, case_id=case.id, at=clock.now()))
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(CaseNews).values(event="x"))
