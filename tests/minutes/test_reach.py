"""What an agency that is invited and works on no case comes to see: before, during and after, field by field.

The whole database is compared with what a stranger sees: the difference is what the invitation gives.
"""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.install import REFERENCE_TABLES
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.minutes import issues as minutes
from portal.records.minutes.model import MinutesCopy, MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.documents.reading import open_pdf
from tests.factories.cases import add_alert, add_entry, grant, make_case, make_child
from tests.factories.minutes import make_minute, make_passage
from tests.factories.plans import make_action
from tests.meetings.days import acted
from tests.meetings.recorded import (
    BECAUSE,
    CLOSED,
    DECIDED,
    OBJECTION,
    SAID,
    TO_DO,
    Recorded,
    make_recorded,
)

ClientFor = Callable[[User | None], Client]

ENTRY, ALERT, PASSAGE, SISTER = "Quillentry", "Quillalert", "Quillpassage", "Quillsister"
#: What the invitation and the agenda show of the child and the meeting.
INVITED = {"child": 1, "meeting": 1, "meeting_case": 1, "invitation": 1, "agenda_item": 2}
#: What is due until the minutes are out; when it is, is known with the meeting.
DUTIES = 3
#: That something was given stays known: a reference, without a child.
GIVEN = {"disclosure": 1, "disclosure_text": 1, "outbox_message": 2, "outbox_subject": 2}

#: Tables that the application may not read at all.
KEPT_FROM_THE_APPLICATION = {"audit_chain", "audit_seal", "reminder_plan", "search_key_rules"}


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    """A recorded meeting, and much else on the case."""
    made = make_recorded(rows, cast)
    add_entry(rows, made.case, cast.officer, ENTRY)
    add_alert(rows, made.case, cast.social_worker, ALERT)
    make_passage(rows, made.meeting, made.case, PASSAGE)
    return made


def sees(asking: Asking, person: User) -> dict[str, int]:
    """How many rows of each table somebody sees."""
    with asking(person) as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in db.metadata.tables.items()
            if name not in REFERENCE_TABLES | KEPT_FROM_THE_APPLICATION and "." not in name
        }


def gives(asking: Asking, cast: Cast) -> dict[str, int]:
    """What Cam of the council sees more than Stan, who was not invited."""
    more, less = sees(asking, cast.community_safety), sees(asking, cast.stranger)
    scopes = {"child_scope", "case_scope"}
    return {name: more[name] - less[name] for name in more if more[name] != less[name] and name not in scopes}


def distribute(acting: Acting, cast: Cast, held: Recorded) -> None:
    with acting(cast.chair) as actor:
        minutes.approve(actor=actor, meeting=acted(held.meeting))
    with acting(cast.chair) as actor:
        minutes.distribute(actor=actor, meeting=acted(held.meeting), invitation_ids=[held.council.id])


def end(rows: Session, held: Recorded, *, meeting: bool = True, copies: bool = True) -> None:
    """Let the time of an invitation, and of a copy, be over."""
    if meeting:
        rows.get_one(Meeting, held.meeting.id).reach_until = clock.now() - timedelta(seconds=1)
    for copy in rows.query(MinutesCopy) if copies else ():
        copy.reach_until = clock.now() - timedelta(seconds=1)
    rows.commit()


def test_before_anything_is_distributed_the_invited_see_the_child_the_invitation_and_the_headings(
    asking: Asking, cast: Cast, held: Recorded
) -> None:
    assert gives(asking, cast) == INVITED | {"deadline": DUTIES}


def test_what_is_distributed_adds_one_version_and_its_line_and_nothing_else(
    asking: Asking, acting: Acting, cast: Cast, held: Recorded
) -> None:
    distribute(acting, cast, held)
    assert gives(asking, cast) == INVITED | {"deadline": DUTIES} | GIVEN | {
        "minutes_issue": 1,
        "minutes_copy": 1,
    }


def test_a_draft_that_went_round_is_seen_by_those_who_got_it_and_adds_no_more(
    asking: Asking, acting: Acting, cast: Cast, held: Recorded
) -> None:
    with acting(cast.coordinator) as actor:
        minutes.circulate(actor=actor, meeting=acted(held.meeting))
    found = gives(asking, cast)
    assert {name: found[name] for name in ("minutes_issue", "minutes_copy", "disclosure")} == {
        "minutes_issue": 1,
        "minutes_copy": 1,
        "disclosure": 1,
    }
    hidden = ("minute", "decision", "decision_part", "closed_minute", "action", "family_passage", "cre_case")
    assert not [name for name in hidden if name in found]


def test_a_copy_outlasts_the_meeting_for_as_long_as_policy_says_and_shows_nothing_beside_it(
    rows: Session, asking: Asking, acting: Acting, cast: Cast, held: Recorded
) -> None:
    distribute(acting, cast, held)
    end(rows, held, copies=False)
    assert gives(asking, cast) == GIVEN | {"minutes_issue": 1, "minutes_copy": 1}


def test_afterwards_there_is_nothing_but_that_something_was_given(
    rows: Session, asking: Asking, acting: Acting, cast: Cast, held: Recorded
) -> None:
    distribute(acting, cast, held)
    end(rows, held)
    assert gives(asking, cast) == GIVEN


def test_an_action_of_ones_own_shows_that_action_alone(
    rows: Session, asking: Asking, cast: Cast, held: Recorded
) -> None:
    make_action(rows, held.case, cast.community_safety, cast.chair, meeting_id=held.meeting.id)
    found = gives(asking, cast)
    assert found["action"] == 1
    assert not [name for name in ("plan", "plan_text", "action_note", "cre_case") if name in found]


def test_pages_hold_of_each_field_what_the_invited_may_know(
    rows: Session, client_for: ClientFor, acting: Acting, cast: Cast, held: Recorded
) -> None:
    council = client_for(cast.community_safety)
    child = held.case.child_id
    name = rows.execute(
        select(db.metadata.tables["child"].c.family_name).where(db.metadata.tables["child"].c.id == child)
    ).scalar_one()
    meeting, invitation = held.meeting.reference, held.council.reference
    page = council.soup(f"/invitations/{invitation}").get_text()
    assert name in page
    private = (SAID, DECIDED, BECAUSE, CLOSED, OBJECTION, TO_DO, ENTRY, ALERT, PASSAGE, held.case.reference)
    assert not [word for word in (*private, "Quillcarrow", "Nell Nurse") if word in page]
    refused = {
        f"/cases/{held.case.reference}": 404,
        f"/meetings/{meeting}/versions": 403,
        f"/meetings/{meeting}/versions/distribute": 403,
        f"/meetings/{meeting}/family/{held.case.reference}": 403,
        f"/meetings/{meeting}/hand-out": 403,
        f"/meetings/{meeting}/attendance": 403,
    }
    for place, status in refused.items():
        assert council.get(place).status_code == status, place
    distribute(acting, cast, held)
    issue = rows.query(MinutesIssue).filter_by(kind=MinutesKind.PROFESSIONAL).one().reference
    read = council.soup(f"/minutes/{issue}").get_text()
    assert all(word in read for word in (name, SAID, DECIDED, BECAUSE, OBJECTION, TO_DO))
    assert not [word for word in (CLOSED, ENTRY, ALERT, held.case.reference) if word in read]
    end(rows, held)
    for place in (f"/minutes/{issue}", f"/minutes/{issue}/print", f"/minutes/{issue}/correct"):
        assert council.get(place).status_code == 404, place
    assert council.get(f"/invitations/{invitation}").status_code == 404
    assert issue not in council.soup("/minutes").get_text()


def test_a_reference_that_is_guessed_or_of_others_is_like_none(
    rows: Session, client_for: ClientFor, acting: Acting, cast: Cast, held: Recorded
) -> None:
    distribute(acting, cast, held)
    issue = rows.query(MinutesIssue).filter_by(kind=MinutesKind.PROFESSIONAL).one().reference
    for person in (cast.stranger, cast.neighbour, cast.teacher):
        browser = client_for(person)
        for place in ("", "/print", "/correct"):
            for reference in (issue, "MIN-0000-0000"):
                assert browser.get(f"/minutes/{reference}{place}").status_code == 404


def test_the_closed_part_is_on_no_page_of_anybody_who_is_not_named_for_it(
    rows: Session, client_for: ClientFor, acting: Acting, cast: Cast, held: Recorded
) -> None:
    with acting(cast.coordinator) as actor:
        minutes.circulate(actor=actor, meeting=acted(held.meeting))
    distribute(acting, cast, held)
    issues = rows.query(MinutesIssue).all()
    assert not [one for one in issues if CLOSED in json.dumps(one.content)]
    meeting, case = held.meeting.reference, held.case.reference
    places = [
        *(f"/minutes/{one.reference}" for one in issues),
        *(f"/meetings/{meeting}", f"/meetings/{meeting}/versions", f"/cases/{case}", f"/cases/{case}/print"),
        *("/messages", "/work", "/minutes", "/meetings", f"/told/ledger/{case}"),
    ]
    for person in (cast.officer, cast.nurse, cast.social_worker, cast.community_safety):
        browser = client_for(person)
        for place in places:
            assert CLOSED not in browser.get(place).text, f"{person.name} {place}"
        found = browser.submit("/search", data={"sought": CLOSED})
        assert "Nothing that you may see fits" in found.text
        for file in (f"/meetings/{meeting}/pack.pdf", f"/cases/{case}/chronology.pdf"):
            answer = browser.get(file)
            if answer.status_code == 200:
                assert CLOSED not in open_pdf(answer.data).text, f"{person.name} {file}"


def test_of_two_children_the_sealed_one_is_in_nobodys_minutes_but_of_those_named(
    rows: Session, acting: Acting, cast: Cast, held: Recorded
) -> None:
    sealed = make_case(
        rows, make_child(rows, "Sela", SISTER), lead=cast.social_care, opened_by=cast.coordinator
    )
    for person in (cast.chair, cast.coordinator):
        grant(rows, sealed, person, by=cast.coordinator)
    rows.add(MeetingCase(meeting_id=held.meeting.id, case_id=sealed.id, child_id=sealed.child_id))
    rows.get_one(Case, sealed.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    make_minute(rows, held.meeting, f"Both. {SISTER}", heading="Why we meet")
    make_minute(rows, held.meeting, f"Alone. {SISTER}", case=sealed)
    distribute(acting, cast, held)
    given = {one.issue_id for one in rows.query(MinutesCopy)}
    by_case = {one.case_id: one for one in rows.query(MinutesIssue)}
    assert set(by_case) == {held.case.id, sealed.id, None}
    assert given == {by_case[held.case.id].id}, "the council’s team was not invited by name"
    assert SISTER not in json.dumps(by_case[held.case.id].content)
    assert by_case[held.case.id].content["attendance"] == [], "who came is for whoever reads the sealed child"
    with acting(cast.officer):
        assert {one.case_id for one in db.session.scalars(select(MinutesIssue))} == {held.case.id}
