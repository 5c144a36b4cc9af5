"""What the application may not write of minutes on their way out, whatever Python lets through."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.meetings.model import Invitation, Meeting, MeetingHandout
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import (
    ClosedMinute,
    FamilyPassage,
    MinutesCopy,
    MinutesCorrection,
    MinutesIssue,
)
from portal.records.people.model import Team, User
from tests.access.test_reach import Asking
from tests.access.test_writes import refused
from tests.cast import Cast
from tests.factories.cases import add_alert, make_case, make_child
from tests.factories.meetings import make_meeting
from tests.factories.minutes import make_correction, make_issue, make_minute, make_passage
from tests.meetings.recorded import Recorded, make_recorded


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    """Minutes in draft."""
    return make_recorded(rows, cast)


def at(rows: Session, held: Recorded, *states: MeetingState) -> None:
    for state in states:
        rows.get_one(Meeting, held.meeting.id).state = state
        rows.flush()
    rows.commit()


def issue(held: Recorded, by: User, kind: str, number: int = 1) -> MinutesIssue:
    return MinutesIssue(
        id=new_id(),
        reference=f"MIN-{new_id()}",
        meeting_id=held.meeting.id,
        case_id=held.case.id,
        kind=kind,
        number=number,
        content={},
        made_by=by.id,
        made_at=clock.now(),
    )


def copy_of(
    made: MinutesIssue, by: User, to: Invitation | None = None, team: Team | None = None
) -> MinutesCopy:
    return MinutesCopy(
        id=new_id(),
        issue_id=made.id,
        invitation_id=to.id if to else None,
        team_id=team.id if team else None,
        given_by=by.id,
        given_at=clock.now(),
        reach_until=clock.now() + timedelta(days=14),
    )


def set_state(asking: Asking, person: User, held: Recorded, state: MeetingState) -> None:
    with asking(person) as session:
        done = session.execute(update(Meeting).where(Meeting.id == held.meeting.id).values(state=state))
        assert done.rowcount == 1  # type: ignore[attr-defined]  # of an update


def test_nobody_but_the_chair_of_this_meeting_approves(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    make_meeting(rows, cases=[held.case], chair=cast.officer, note_taker=cast.nurse)
    for person in (cast.coordinator, cast.officer, cast.social_worker):
        with pytest.raises(DBAPIError, match="the chair approves"):
            set_state(asking, person, held, MeetingState.APPROVED)
    set_state(asking, cast.chair, held, MeetingState.APPROVED)


@pytest.mark.parametrize(
    ("way", "state"),
    [
        ((), MeetingState.DISTRIBUTED),
        ((MeetingState.APPROVED,), MeetingState.MINUTES_IN_DRAFT),
        ((MeetingState.APPROVED, MeetingState.DISTRIBUTED), MeetingState.APPROVED),
        ((MeetingState.APPROVED, MeetingState.DISTRIBUTED), MeetingState.HELD),
    ],
)
def test_minutes_go_one_way(
    rows: Session,
    asking: Asking,
    cast: Cast,
    held: Recorded,
    way: Sequence[MeetingState],
    state: MeetingState,
) -> None:
    at(rows, held, *way)
    with pytest.raises(DBAPIError):
        set_state(asking, cast.chair, held, state)


def test_a_draft_is_made_by_chair_or_note_taker_and_only_while_it_is_one(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    for person in (cast.officer, cast.social_worker):
        refused(asking, person, issue(held, person, "draft"))
    for person in (cast.chair, cast.coordinator):
        with asking(person) as session:
            session.add(issue(held, person, "draft"))
            session.flush()
    at(rows, held, MeetingState.APPROVED)
    refused(asking, cast.chair, issue(held, cast.chair, "draft"))


def test_what_is_approved_is_made_once_and_by_the_chair(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    refused(asking, cast.chair, issue(held, cast.chair, "professional"))
    at(rows, held, MeetingState.APPROVED)
    refused(asking, cast.coordinator, issue(held, cast.coordinator, "professional"))
    refused(asking, cast.chair, issue(held, cast.chair, "professional", number=2))
    with asking(cast.chair) as session:
        session.add(issue(held, cast.chair, "professional"))
        session.commit()
    with asking(cast.chair) as session:
        session.add(issue(held, cast.chair, "professional"))
        with pytest.raises(DBAPIError, match="uq_minutes_issue_number"):
            session.flush()
    with asking(cast.chair) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(MinutesIssue).values(content={"other": "words"}))


def test_the_approved_minutes_are_distributed_once(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    at(rows, held, MeetingState.APPROVED)
    made = make_issue(rows, held.meeting, held.case, "x")
    refused(asking, cast.coordinator, copy_of(made, cast.coordinator, held.council))
    refused(asking, cast.chair, copy_of(made, cast.chair, team=cast.council_team))
    for to in ({"to": held.council}, {"team": cast.police_team}):
        with asking(cast.chair) as session:
            session.add(copy_of(made, cast.chair, **to))
            session.flush()
    at(rows, held, MeetingState.DISTRIBUTED)
    refused(asking, cast.chair, copy_of(made, cast.chair, held.council))


def test_the_familys_version_is_made_by_the_chair_and_never_while_an_alert_stands(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    at(rows, held, MeetingState.APPROVED)
    refused(asking, cast.coordinator, issue(held, cast.coordinator, "family_safe"))
    made = issue(held, cast.chair, "family_safe")
    with asking(cast.chair) as session:
        session.add(made)
        session.flush()
        session.add(copy_of(made, cast.chair, held.council))
        with pytest.raises(DBAPIError, match="row-level security"):
            session.flush()  # it is handed over, never given in the portal
    add_alert(rows, held.case, cast.social_worker)
    refused(asking, cast.chair, issue(held, cast.chair, "family_safe"))


def test_a_copy_is_opened_by_whom_it_is_for_and_once(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    at(rows, held, MeetingState.APPROVED)
    make_issue(rows, held.meeting, held.case, "x", to=held.council)

    def opens(session: Session, person: User, **values: Any) -> int:
        facts = {"opened_at": clock.now(), "opened_by": person.id} | values
        return session.execute(update(MinutesCopy).values(facts)).rowcount  # type: ignore[attr-defined,no-any-return]  # of an update

    for person in (cast.officer, cast.chair, cast.stranger):
        with asking(person) as session:
            assert opens(session, person) == 0, "nobody opens what was given to others"
    with asking(cast.community_safety) as session, pytest.raises(DBAPIError, match="row-level security"):
        opens(session, cast.community_safety, opened_by=cast.officer.id)
    with asking(cast.community_safety) as session:
        assert opens(session, cast.community_safety) == 1
        with pytest.raises(DBAPIError, match="first opened stands"):
            opens(session, cast.community_safety)
    with asking(cast.community_safety) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(MinutesCopy).values(reach_until=clock.now() + timedelta(days=999)))


def test_a_correction_is_answered_by_chair_or_note_taker_once_and_not_after_approval(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    made = make_issue(rows, held.meeting, held.case, "x")
    asked = make_correction(rows, made, by=cast.nurse)

    def answer(person: User, *, keep: bool = False) -> None:
        with asking(person) as session:
            row = session.scalars(select(MinutesCorrection).where(MinutesCorrection.id == asked.id)).one()
            row.taken, row.settled_by, row.settled_at = True, person.id, clock.now()
            session.commit() if keep else session.flush()

    with pytest.raises(DBAPIError, match="chair or the note-taker answers"):
        answer(cast.officer)
    answer(cast.coordinator)
    at(rows, held, MeetingState.APPROVED)
    with pytest.raises(DBAPIError, match="it is a note"):
        answer(cast.chair)


def test_a_passage_comes_from_what_the_network_reads_on_this_child(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    def passage(person: User, source_kind: str, source: Any) -> FamilyPassage:
        return FamilyPassage(
            id=new_id(),
            meeting_id=held.meeting.id,
            case_id=held.case.id,
            source_kind=source_kind,
            source_id=source.id,
            position=0,
            text="x",
            chosen_by=person.id,
            chosen_at=clock.now(),
        )

    closed = rows.query(ClosedMinute).one()
    other = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    elsewhere = make_minute(
        rows,
        make_meeting(rows, cases=[other], chair=cast.chair, note_taker=cast.coordinator),
        "x",
        case=other,
    )
    for kind, source in (("minute", closed), ("closed_minute", closed), ("minute", elsewhere)):
        refused(asking, cast.chair, passage(cast.chair, kind, source))
    refused(asking, cast.officer, passage(cast.officer, "minute", held.minute))
    with asking(cast.coordinator) as session:
        session.add(passage(cast.coordinator, "minute", held.minute))
        session.flush()


def test_a_passage_is_confirmed_by_the_chair_alone_and_as_it_stands(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    make_passage(rows, held.meeting, held.case, "Said")
    for person in (cast.coordinator, cast.officer):
        with asking(person) as session, pytest.raises(DBAPIError, match="the chair confirms"):
            session.execute(update(FamilyPassage).values(confirmed_by=person.id, confirmed_at=clock.now()))
    with asking(cast.chair) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(update(FamilyPassage).values(text="Other words"))


def test_what_is_handed_over_is_no_draft_on_this_child_and_not_the_familys_while_an_alert_stands(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    made = {kind: issue(held, cast.chair, kind) for kind in ("draft", "professional", "family_safe")}
    rows.add_all(made.values())
    rows.commit()

    def handed(kind: str, **other: Any) -> MeetingHandout:
        facts: dict[str, Any] = {"case_id": held.case.id, "issue_id": made[kind].id} | other
        return MeetingHandout(
            id=new_id(),
            meeting_id=held.meeting.id,
            invitation_id=held.day.carer.id,
            what="x",
            way="post",
            handed_at=clock.now(),
            handed_by=cast.chair.id,
            **facts,
        )

    refused(asking, cast.chair, handed("draft"))
    refused(asking, cast.chair, handed("professional", case_id=None))
    for kind in ("professional", "family_safe"):
        with asking(cast.chair) as session:
            session.add(handed(kind))
            session.flush()
    add_alert(rows, held.case, cast.social_worker)
    refused(asking, cast.chair, handed("family_safe"))
