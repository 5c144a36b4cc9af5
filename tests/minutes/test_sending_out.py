"""Minutes are sent round, corrected, approved by the chair and distributed once; each step stands."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.access.permissions import Forbidden
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.records.cases.model import AccessGrant
from portal.records.disclosures.model import Disclosure, DisclosureChild
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes import copies as minutes_copies
from portal.records.minutes import issues as minutes
from portal.records.minutes.copies import open_copies
from portal.records.minutes.model import Decision, Minute, MinutesCopy, MinutesCorrection, MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.meetings.days import acted
from tests.meetings.recorded import CLOSED, OBJECTION, SAID, TO_DO, Recorded, make_recorded
from tests.told import look_at, of_event

Do = Callable[[Principal, Meeting], object]


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def do(acting: Acting, person: User, held: Recorded, what: Do) -> None:
    with acting(person) as actor:
        what(actor, acted(held.meeting))


def circulate(acting: Acting, person: User, held: Recorded) -> None:
    do(acting, person, held, lambda actor, meeting: minutes.circulate(actor=actor, meeting=meeting))


def approve(acting: Acting, person: User, held: Recorded, *, leave_open: bool = False) -> None:
    do(
        acting,
        person,
        held,
        lambda actor, meeting: minutes.approve(actor=actor, meeting=meeting, leave_open=leave_open),
    )


def distribute(acting: Acting, person: User, held: Recorded, *to: Invitation, teams: bool = False) -> None:
    chosen = [one.id for one in to]
    do(
        acting,
        person,
        held,
        lambda actor, meeting: minutes.distribute(
            actor=actor,
            meeting=meeting,
            invitation_ids=chosen,
            teams=[(held.case.id, team.id) for team in minutes.teams_on(held.case)] if teams else (),
        ),
    )


def issues(rows: Session, kind: MinutesKind) -> list[MinutesIssue]:
    rows.rollback()
    found = select(MinutesIssue).where(MinutesIssue.kind == kind).order_by(MinutesIssue.number)
    return list(rows.scalars(found))


def told(rows: Session, kind: str) -> set[UUID]:
    rows.rollback()
    found = look_at(rows.scalars(select(OutboxMessage).filter_by(kind=kind)))
    return {one.recipient_id or one.recipient_team_id or one.id for one in found}


def duties(rows: Session, held: Recorded) -> dict[str, str]:
    rows.rollback()
    found = rows.query(Deadline).filter_by(meeting_id=held.meeting.id)
    return {one.kind: one.state for one in found if one.kind.startswith("minutes")}


def ask(acting: Acting, rows: Session, person: User, *, about: str = "") -> MinutesCorrection:
    (draft,) = issues(rows, MinutesKind.DRAFT)[-1:]
    with acting(person) as actor:
        issue = db.session.get_one(MinutesIssue, draft.id)
        item = UUID(about) if about else None
        minutes_copies.ask(actor=actor, issue=issue, text="It was Monday", item_id=item)
    return rows.query(MinutesCorrection).one()


def take(acting: Acting, person: User, held: Recorded, asked: MinutesCorrection) -> None:
    with acting(person) as actor:
        meeting = acted(held.meeting)
        minutes_copies.settle(actor=actor, meeting=meeting, correction_id=asked.id, taken=True, answer="")


def test_a_draft_goes_to_those_who_took_part_or_sent_apologies_and_holds_what_was_recorded(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    (draft,) = issues(rows, MinutesKind.DRAFT)
    text = json.dumps(draft.content)
    assert all(word in text for word in (SAID, OBJECTION, TO_DO, "Carla Quillcarrow"))
    assert CLOSED not in text
    given = {one.invitation_id for one in rows.query(MinutesCopy)}
    assert given == {held.day.chair.id, held.day.note_taker.id, held.council.id, held.day.health.id}
    assert told(rows, "minutes_draft") >= {cast.chair.id, cast.nurse.id, cast.council_team.id}
    assert cast.police_team.id not in told(rows, "minutes_draft"), "nobody came for the police"
    assert {one.reference for one in rows.query(OutboxSubject).filter_by(subject_kind="minutes_issue")} == {
        draft.reference
    }


def test_a_draft_that_has_not_changed_is_sent_round_once_and_a_changed_one_again(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    circulate(acting, cast.chair, held)
    assert len(issues(rows, MinutesKind.DRAFT)) == 1
    held.minute.text = "She moved."
    rows.commit()
    circulate(acting, cast.coordinator, held)
    first, second = issues(rows, MinutesKind.DRAFT)
    assert (first.number, second.number) == (1, 2)
    assert SAID in json.dumps(first.content), "what went out before stands"


def test_every_copy_is_a_line_on_the_sharing_ledger_that_names_no_child(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    lines = rows.query(Disclosure).all()
    assert {one.receiver_agency_id for one in lines} == {cast.social_care.id, cast.council.id, cast.health.id}
    assert {one.case_id for one in lines} == {held.case.id}
    assert not rows.query(DisclosureChild).count(), "a line lasts longer than the copy"


@pytest.mark.parametrize("who", ["officer", "social_worker", "nurse"])
def test_whoever_neither_chairs_nor_takes_notes_does_none_of_it(
    rows: Session, acting: Acting, cast: Cast, held: Recorded, who: str
) -> None:
    for step in (circulate, approve, distribute):
        with pytest.raises(Forbidden):
            step(acting, getattr(cast, who), held)
    assert not rows.query(MinutesIssue).count()


def test_the_note_taker_does_not_approve_and_not_distribute(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    for step in (approve, distribute):
        with pytest.raises(Forbidden):
            step(acting, cast.coordinator, held)


def test_a_correction_reaches_chair_and_note_taker_and_its_answer_whoever_asked(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    asked = ask(acting, rows, cast.community_safety)
    assert (asked.asked_by, asked.agency_id) == (cast.community_safety.id, cast.council.id)
    assert told(rows, "minutes_correction") == {cast.chair.id, cast.coordinator.id}
    do(
        acting,
        cast.coordinator,
        held,
        lambda actor, meeting: minutes_copies.settle(
            actor=actor, meeting=meeting, correction_id=asked.id, taken=True, answer=""
        ),
    )
    rows.refresh(asked)
    assert (asked.taken, asked.settled_by) == (True, cast.coordinator.id)
    assert told(rows, "minutes_answered") == {cast.community_safety.id}


def test_a_correction_that_is_not_taken_says_why_and_is_answered_once(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    asked = ask(acting, rows, cast.nurse)

    def settle(answer: str) -> None:
        do(
            acting,
            cast.chair,
            held,
            lambda actor, meeting: minutes_copies.settle(
                actor=actor, meeting=meeting, correction_id=asked.id, taken=False, answer=answer
            ),
        )

    with pytest.raises(DomainError, match="why it is not taken"):
        settle(" ")
    settle("It was Tuesday: two of us noted it")
    with pytest.raises(DomainError, match="answered already"):
        settle("Again")


def test_nobody_asks_for_a_correction_of_minutes_that_they_cannot_read(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    (draft,) = issues(rows, MinutesKind.DRAFT)
    for person in (cast.stranger, cast.neighbour):
        with acting(person):
            assert db.session.get(MinutesIssue, draft.id) is None


def test_a_heading_of_other_minutes_is_not_found(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    (draft,) = issues(rows, MinutesKind.DRAFT)
    with acting(cast.nurse) as actor:
        issue = db.session.get_one(MinutesIssue, draft.id)
        with pytest.raises(NotFound):
            minutes_copies.ask(actor=actor, issue=issue, text="x", item_id=held.case.id)


def test_the_chair_is_asked_about_open_corrections_and_may_leave_them_as_notes(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    asked = ask(acting, rows, cast.nurse)
    with pytest.raises(DomainError, match="1 correction is not answered") as refused:
        approve(acting, cast.chair, held)
    assert refused.value.field == "leave_open"
    approve(acting, cast.chair, held, leave_open=True)
    rows.refresh(asked)
    assert asked.settled_at is None
    with pytest.raises(DomainError, match="approved already"):
        do(
            acting,
            cast.chair,
            held,
            lambda actor, meeting: minutes_copies.settle(
                actor=actor, meeting=meeting, correction_id=asked.id, taken=True, answer=""
            ),
        )


def test_a_draft_that_went_round_ends_the_duty_to_send_it(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    assert duties(rows, held) == {"minutes_draft": "done", "minutes": "open"}


def test_approval_freezes_the_text_and_ends_the_duty_to_send_a_draft(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    approve(acting, cast.chair, held)
    rows.refresh(held.meeting)
    assert held.meeting.state == MeetingState.APPROVED
    (approved,) = issues(rows, MinutesKind.PROFESSIONAL)
    assert (approved.made_by, approved.number, approved.case_id) == (cast.chair.id, 1, held.case.id)
    assert duties(rows, held) == {"minutes_draft": "done", "minutes": "open"}
    with pytest.raises(DomainError, match="approved already"):
        approve(acting, cast.chair, held)
    assert not rows.query(MinutesCopy).count(), "approving gives nothing out"


def test_distribution_reaches_whom_the_chair_chose_and_ends_the_reach_of_the_meeting(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    approve(acting, cast.chair, held)
    distribute(acting, cast.chair, held, held.council, held.day.chair, teams=True)
    rows.refresh(held.meeting)
    assert held.meeting.state == MeetingState.DISTRIBUTED
    copies = rows.query(MinutesCopy).all()
    assert {one.invitation_id for one in copies if one.invitation_id} == {held.council.id, held.day.chair.id}
    assert {one.team_id for one in copies if one.team_id} == {
        cast.social_care_team.id,
        cast.police_team.id,
        cast.health_team.id,
    }
    assert told(rows, "minutes_given") >= {cast.council_team.id, cast.officer.id}
    assert duties(rows, held) == {"minutes_draft": "done", "minutes": "done"}
    grants = rows.query(AccessGrant).filter_by(meeting_id=held.meeting.id).all()
    assert grants
    assert all(one.ends_at is not None for one in grants)


def test_minutes_are_distributed_once_after_approval_and_to_somebody(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    with pytest.raises(DomainError, match="not approved yet"):
        distribute(acting, cast.chair, held, held.council)
    approve(acting, cast.chair, held)
    with pytest.raises(DomainError, match="Choose who"):
        distribute(acting, cast.chair, held)
    with pytest.raises(DomainError, match="Choose people who are invited"):
        distribute(acting, cast.chair, held, held.day.carer)
    distribute(acting, cast.chair, held, held.council)
    with pytest.raises((DomainError, Forbidden)):
        distribute(acting, cast.chair, held, held.council)
    assert rows.query(MinutesCopy).count() == 1


def test_the_first_opening_is_kept_and_confirms_the_line_on_the_ledger(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    approve(acting, cast.chair, held)
    distribute(acting, cast.chair, held, held.council)
    (issue,) = issues(rows, MinutesKind.PROFESSIONAL)

    def opens(person: User) -> bool:
        with acting(person) as actor:
            return open_copies(actor=actor, issue=db.session.get_one(MinutesIssue, issue.id))

    assert not opens(cast.officer), "who reads the case opens no copy of others"
    assert rows.query(MinutesCopy).one().opened_at is None
    assert opens(cast.community_safety)
    first = rows.query(MinutesCopy).one()
    at = first.opened_at
    assert first.opened_by == cast.community_safety.id
    assert not opens(cast.community_safety)
    assert rows.query(MinutesCopy).one().opened_at == at
    assert rows.query(Disclosure).one().confirmed_by == cast.community_safety.id


def test_after_approval_a_correction_is_a_note_and_the_minutes_stand(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    approve(acting, cast.chair, held)
    distribute(acting, cast.chair, held, held.council)
    (issue,) = issues(rows, MinutesKind.PROFESSIONAL)
    before = dict(issue.content)
    with acting(cast.community_safety) as actor:
        minutes_copies.ask(actor=actor, issue=db.session.get_one(MinutesIssue, issue.id), text="She is 14")
    rows.refresh(issue)
    assert issue.content == before
    assert rows.query(MinutesCorrection).one().settled_at is None


def test_a_correction_that_was_taken_and_not_made_asks_the_chair_before_approval(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    asked = ask(acting, rows, cast.community_safety, about=str(held.minute.item_id))
    take(acting, cast.coordinator, held, asked)
    with pytest.raises(DomainError, match="Corrections were taken") as refused:
        approve(acting, cast.chair, held)
    assert refused.value.field == "without"
    for without, reason in (((), "It is clear"), ((asked.id,), " ")):
        with pytest.raises(DomainError), acting(cast.chair) as actor:
            minutes.approve(actor=actor, meeting=acted(held.meeting), without=without, reason=reason)
    with acting(cast.chair) as actor:
        meeting = acted(held.meeting)
        minutes.approve(actor=actor, meeting=meeting, without=[asked.id], reason="It is in the report")
    rows.refresh(asked)
    assert (asked.taken, asked.unmade_reason) == (True, "It is in the report")
    assert (asked.settled_by, held.meeting.chair_id) == (cast.coordinator.id, cast.chair.id)
    assert of_event(rows, "minutes_correction_left") == {
        (cast.community_safety.id, "portal", "minutes_answered")
    }


@pytest.mark.parametrize("about_all", [False, True])
def test_a_correction_that_was_made_asks_nothing(
    rows: Session, acting: Acting, cast: Cast, held: Recorded, *, about_all: bool
) -> None:
    circulate(acting, cast.coordinator, held)
    asked = ask(acting, rows, cast.community_safety, about="" if about_all else str(held.minute.item_id))
    take(acting, cast.coordinator, held, asked)
    rows.get_one(Minute, held.minute.id).text = "She moved on Monday."
    rows.commit()
    approve(acting, cast.chair, held)
    rows.refresh(asked)
    assert asked.unmade_reason is None
    assert not of_event(rows, "minutes_correction_left")


def test_what_changed_under_another_heading_does_not_make_a_correction(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    asked = ask(acting, rows, cast.community_safety, about=str(held.minute.item_id))
    take(acting, cast.coordinator, held, asked)
    rows.get_one(Decision, held.decision.id).text = "It is looked at again"
    rows.commit()
    with pytest.raises(DomainError, match="Corrections were taken"):
        approve(acting, cast.chair, held)


def test_only_the_chair_says_once_why_a_correction_is_not_made(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    asked = ask(acting, rows, cast.community_safety)
    says = update(MinutesCorrection).where(MinutesCorrection.id == asked.id).values(unmade_reason="Because")
    with pytest.raises(DBAPIError, match="what became of a correction"), acting(cast.chair):
        db.session.execute(says)
    take(acting, cast.coordinator, held, asked)
    with pytest.raises(DBAPIError, match="the chair says why"), acting(cast.coordinator):
        db.session.execute(says)
    with acting(cast.chair):
        db.session.execute(says)
    with pytest.raises(DBAPIError, match="what became of a correction"), acting(cast.chair):
        db.session.execute(says.values(unmade_reason="Another"))
