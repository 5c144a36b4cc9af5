"""Whoever had a part in a meeting and has left: who hears of it, and who hands the part over."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.policy import current_policy
from portal.records.cases.model import AccessGrant
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people import keeping
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting
from tests.people.test_held_work import Load, load, words
from tests.told import of_event, page_words

__all__ = ["load"]

ClientFor = Callable[[User | UUID | None], Client]
Acting = Callable[[User], AbstractContextManager[Principal]]
PART_LEFT = "meeting_part_left"


@pytest.fixture
def notes(rows: Session, cast: Cast, load: Load) -> Meeting:
    """A meeting that was held, whose notes Wanda takes."""
    return make_meeting(
        rows,
        cases=[load.case],
        chair=cast.chair,
        note_taker=load.wanda,
        state=MeetingState.MINUTES_IN_DRAFT,
    )


def leaves(acting: Acting, by: User, person: User) -> str:
    with acting(by) as actor:
        keeping.switch_off(actor=actor, user_id=person.id, reason="Left", later=True)
        return page_words()


@pytest.mark.parametrize("by", ["administrator", "social_care_manager"])
def test_whoever_chairs_a_meeting_hears_that_its_note_taker_or_somebody_invited_has_left(
    rows: Session, cast: Cast, acting: Acting, load: Load, by: str
) -> None:
    meeting = make_meeting(rows, cases=[load.case], chair=cast.chair, note_taker=cast.officer)
    make_invitation(rows, meeting, person=load.colleague, by=cast.chair)
    said = leaves(acting, getattr(cast, by), load.colleague)
    assert of_event(rows, PART_LEFT) == {(cast.chair.id, "mail", PART_LEFT)}
    assert cast.chair.name not in said, "with whom they meet is not for whoever ends their access to know"
    make_meeting(rows, cases=[load.case], chair=cast.officer, note_taker=load.wanda)
    leaves(acting, getattr(cast, by), load.wanda)
    assert (cast.officer.id, "mail", PART_LEFT) in of_event(rows, PART_LEFT)


def test_of_the_chair_whoever_called_the_meeting_and_takes_its_notes_hears_it(
    rows: Session, cast: Cast, acting: Acting, load: Load
) -> None:
    make_meeting(rows, cases=[load.case], chair=load.colleague, note_taker=cast.officer, called_by=load.wanda)
    leaves(acting, cast.administrator, load.colleague)
    runs = (cast.officer.id, load.wanda.id)
    assert of_event(rows, PART_LEFT) == {(who, "mail", PART_LEFT) for who in runs}
    line = current_policy().reminders.kinds[PART_LEFT].line
    assert "a meeting that you run or called has left" in line, "whoever called it may not run it"
    assert "Its chair or note-taker, whoever leads a case of it or a coordinator names or invites" in line


def test_nobody_is_told_of_a_meeting_that_is_over(
    rows: Session, cast: Cast, acting: Acting, load: Load
) -> None:
    over = MeetingState.DISTRIBUTED
    make_meeting(rows, cases=[load.case], chair=cast.chair, note_taker=load.colleague, state=over)
    leaves(acting, cast.administrator, load.colleague)
    assert of_event(rows, PART_LEFT) == set()


def test_of_a_meeting_on_a_sealed_case_those_hear_it_who_are_named_there(
    rows: Session, cast: Cast, acting: Acting, load: Load
) -> None:
    make_meeting(rows, cases=[load.case], chair=cast.chair, note_taker=load.colleague)
    load.case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    leaves(acting, cast.administrator, load.colleague)
    assert of_event(rows, PART_LEFT) == set()
    assert cast.chair.id in {who for who, *_ in of_event(rows, "sealed_work_left")}


def test_a_manager_is_not_offered_what_only_whoever_runs_the_meeting_or_answers_for_the_case_gives(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load, notes: Meeting
) -> None:
    address = f"/work/people/{load.wanda.id}"
    for person, offered in (
        (cast.social_care_manager, {"leads", "actions"}),
        (cast.coordinator, {"leads", "actions", "alerts", "chairs", "notes"}),
    ):
        soup = client_for(person).soup(address)
        codes = {str(one["value"]).partition(":")[0] for one in soup.select("input[name=items]")}
        assert codes == offered, person.name
    manager = client_for(cast.social_care_manager)
    page = words(manager, address).split("What you cannot hand over here")[1]
    assert f"Takes the notes of meeting {notes.reference}" in page
    assert "Its chair, whoever leads a case of it or a coordinator names another note-taker" in page
    assert f"Chairs meeting {load.meeting.reference}" in page
    assert f"Reviews an alert on case {load.case.reference}" in page
    assert "You do not see" not in page
    sent = {"hand_to": str(load.colleague.id), "reason": "x", "items": [f"notes:{notes.id}"]}
    assert "Handed over" not in manager.submit(address, sent).text.replace("Not handed over", "")
    rows.rollback()
    assert rows.get_one(Meeting, notes.id, populate_existing=True).note_taker_id == load.wanda.id


@pytest.mark.parametrize("part", ["chairs", "notes"])
def test_nobody_gets_a_part_here_by_which_they_would_read_a_closely_held_case(
    client_for: ClientFor, rows: Session, cast: Cast, load: Load, part: str
) -> None:
    child = make_child(rows, "Bea", "Sallowmere")
    other = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    other.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    chair, notes = (load.wanda, cast.chair) if part == "chairs" else (cast.chair, load.wanda)
    both = make_meeting(rows, cases=[load.case, other], chair=chair, note_taker=notes)
    client, address = client_for(cast.coordinator), f"/work/people/{load.wanda.id}"
    sent = {"hand_to": str(load.colleague.id), "reason": "Leaves", "items": [f"{part}:{both.id}"]}
    said = client.submit(address, sent)
    assert f"{load.colleague.name} would read a closely held case of the meeting" in said.text
    reads = select(AccessGrant.id).filter_by(case_id=other.id, user_id=load.colleague.id)
    rows.rollback()
    assert not rows.scalars(reads).all()
    where = "chair" if part == "chairs" else "note-taker"
    assert client.get(f"/meetings/{both.reference}/{where}").status_code == 200, "where it is asked"
    grant(rows, other, load.colleague, by=cast.coordinator)
    assert client.submit(address, sent).status_code == 303, "who reads it anyhow learns of nobody"


def test_whoever_switches_somebody_off_reads_who_hands_a_part_in_a_meeting_over(
    client_for: ClientFor, cast: Cast, load: Load
) -> None:
    who = "its chair or note-taker, who leads a case there, or a coordinator"
    for person in (cast.administrator, cast.social_care_manager):
        client = client_for(person)
        assert who in words(client, f"/administration/people/{load.wanda.id}/switch-off")
        assert who not in words(client, f"/administration/people/{load.elsewhere.id}/switch-off")
