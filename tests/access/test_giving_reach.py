"""Rows that give somebody else reach ask for the right of whoever writes them.

Each is tried as SQL of the application's role by somebody who works on the case and has full reach: what a
service would refuse, the database refuses too.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import Model, new_id
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.children.model import ChildScope
from portal.records.disclosures.model import Disclosure, DisclosureChild
from portal.records.meetings.model import Invitation, Meeting, MeetingCase
from portal.records.people.model import User
from portal.records.plans.model import Action
from portal.records.requests.model import InformationRequest
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.meetings import make_meeting
from tests.factories.plans import make_action
from tests.factories.referrals import make_sent_referral

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def chaired(rows: Session, cast: Cast, case: Case) -> Meeting:
    """A meeting on the case that a coordinator called."""
    taker = cast.social_worker
    return make_meeting(rows, cases=[case], chair=cast.chair, note_taker=taker, called_by=cast.coordinator)


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """Social care leads; the officer's and the nurse's teams work on it, and only work on it."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    case.lead_professional_id = cast.social_worker.id
    rows.commit()
    return case


def added(asking: Asking, person: User, model: type[Model], values: Mapping[str, Any]) -> bool:
    """Whether the application's role may add a row as a person; it is undone."""
    with asking(person) as session:
        try:
            session.execute(insert(model).inline(), values)
        except DBAPIError as refusal:
            if not re.search("row-level security|within 90 days", str(refusal)):
                raise
            return False
        finally:
            session.rollback()
    return True


def changed(asking: Asking, person: User, model: type[Model], key: UUID, **values: Any) -> bool:
    """Whether the application's role may change a row as a person; it is undone."""
    with asking(person) as session:
        try:
            result = session.execute(update(model).where(model.__table__.c.id == key).values(**values))
        except DBAPIError:
            return False
        finally:
            session.rollback()
    return bool(result.rowcount)  # type: ignore[attr-defined] # of a change


def disclosure(giver: User, **facts: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "reference": f"DIS-{new_id()}",
        "giver_id": giver.id,
        "giver_agency_id": giver.agency_id,
        "decision": "share",
        "purpose": "protect_child",
        "basis": "public_task",
        "reason": "x",
        "colour": "green",
        "decided_at": clock.now(),
    } | facts


def to(cast: Cast, **facts: Any) -> dict[str, Any]:
    """The headteacher's team."""
    return {"receiver_agency_id": cast.school.id, "receiver_team_id": cast.school_team.id} | facts


@pytest.mark.parametrize(
    ("who", "may"),
    [
        *(("coordinator", True), ("social_worker", True)),
        *(("officer", False), ("nurse", False), ("stranger", False), ("governance", False)),
        ("administrator", False),
    ],
)
def test_a_line_on_the_ledger_is_written_by_whoever_answers_for_the_case(
    cast: Cast, case: Case, asking: Asking, who: str, may: bool
) -> None:
    person = getattr(cast, who)
    assert added(asking, person, Disclosure, disclosure(person, case_id=case.id, **to(cast))) is may
    if who != "coordinator":
        assert not added(asking, person, Disclosure, disclosure(person, **to(cast))), (
            "of nothing in particular"
        )


def test_a_line_names_a_team_of_the_agency_that_it_names(cast: Cast, case: Case, asking: Asking) -> None:
    wrong = to(cast, receiver_team_id=cast.other_council_team.id)
    line = disclosure(cast.coordinator, case_id=case.id, **wrong)
    assert not added(asking, cast.coordinator, Disclosure, line)
    unread = disclosure(cast.coordinator, case_id=case.id, confirmed_at=clock.now(), **to(cast))
    assert not added(asking, cast.coordinator, Disclosure, unread)


@pytest.mark.parametrize("who", ["coordinator", "social_worker"])
def test_a_line_on_a_case_tells_who_a_child_is_only_to_those_who_came_to_work_on_it(
    rows: Session, cast: Cast, case: Case, asking: Asking, who: str
) -> None:
    person, other = getattr(cast, who), make_child(rows)
    line = disclosure(person, case_id=case.id, **to(cast))
    known = disclosure(
        person, case_id=case.id, receiver_agency_id=cast.police.id, receiver_team_id=cast.police_team.id
    )
    for told in (line, known):
        rows.execute(insert(Disclosure), told)
    rows.commit()

    def tells(told: dict[str, Any], child: UUID) -> bool:
        return added(asking, person, DisclosureChild, {"disclosure_id": told["id"], "child_id": child})

    assert tells(known, case.child_id)
    assert not tells(line, case.child_id), "the school does not work on the case"
    assert not tells(known, other.id), "another child than the case’s"


def test_identity_reach_cannot_be_passed_on(rows: Session, cast: Cast, case: Case, asking: Asking) -> None:
    """As the attack went: a volunteer who knew of a child told a headteacher's team, for ever."""
    grant(rows, case, cast.community_safety, by=cast.coordinator)
    line = disclosure(cast.community_safety, **to(cast))
    assert not added(asking, cast.community_safety, Disclosure, line)
    rows.execute(insert(Disclosure), line)  # even if it stood already
    rows.commit()
    passed_on = {"disclosure_id": line["id"], "child_id": case.child_id}
    assert not added(asking, cast.community_safety, DisclosureChild, passed_on)
    reached = select(func.count()).select_from(ChildScope).where(ChildScope.reader == cast.school_team.id)
    assert rows.scalar(reached) == 0


def test_a_form_tells_only_of_children_whom_it_is_about(rows: Session, cast: Cast, asking: Asking) -> None:
    referral = make_sent_referral(rows, cast.teacher)
    child = make_child(rows)
    line = disclosure(cast.coordinator, referral_id=referral.id, **to(cast))
    assert added(asking, cast.coordinator, Disclosure, line)
    for person in (cast.teacher, cast.officer):
        assert not added(asking, person, Disclosure, disclosure(person, referral_id=referral.id, **to(cast)))
    rows.execute(insert(Disclosure), line)
    rows.commit()
    assert not added(
        asking, cast.coordinator, DisclosureChild, {"disclosure_id": line["id"], "child_id": child.id}
    )


def involvement(case: Case, cast: Cast, by: User, **facts: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "case_id": case.id,
        "agency_id": cast.school.id,
        "team_id": cast.school_team.id,
        "reason": "x",
        "started_at": clock.now(),
        "started_by": by.id,
    } | facts


def named(case: Case, person: User, by: User, **facts: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "case_id": case.id,
        "user_id": person.id,
        "kind": "named",
        "reason": "x",
        "starts_at": clock.now(),
        "granted_by": by.id,
    } | facts


@pytest.mark.parametrize(
    ("who", "may"), [("coordinator", True), ("social_worker", True), ("officer", False), ("nurse", False)]
)
def test_who_answers_for_a_case_brings_teams_and_people_onto_it(
    cast: Cast, case: Case, asking: Asking, who: str, may: bool
) -> None:
    person = getattr(cast, who)
    assert added(asking, person, Involvement, involvement(case, cast, person)) is may
    assert added(asking, person, AccessGrant, named(case, cast.teacher, person)) is may
    for facts in ({"kind": "break_glass"}, {"kind": "subject_access"}, {"ends_at": FOR_EVER}):
        assert not added(asking, person, AccessGrant, named(case, cast.teacher, person, **facts))


def test_the_chair_of_an_open_meeting_brings_a_team_onto_its_case(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    grant(rows, case, cast.chair, by=cast.coordinator)
    assert not added(asking, cast.chair, Involvement, involvement(case, cast, cast.chair))
    chaired(rows, cast, case)
    assert added(asking, cast.chair, Involvement, involvement(case, cast, cast.chair))


def test_reach_that_ended_is_not_begun_again(rows: Session, cast: Cast, case: Case, asking: Asking) -> None:
    ended = involve(rows, case, cast.school_team, by=cast.coordinator)
    ended.ended_at = clock.now() - timedelta(days=1)
    ended.started_at = clock.now() - timedelta(days=2)
    current = rows.scalars(select(Involvement).where(Involvement.team_id == cast.police_team.id)).one()
    given = grant(rows, case, cast.teacher, by=cast.coordinator)
    rows.commit()
    for person in (cast.officer, cast.coordinator):
        assert not changed(asking, person, Involvement, ended.id, ended_at=None)
        assert not changed(asking, person, Involvement, current.id, team_id=cast.school_team.id)
        assert not changed(asking, person, Involvement, current.id, ended_at=FOR_EVER)
        assert not changed(asking, person, AccessGrant, given.id, user_id=cast.stranger.id)
        assert not changed(asking, person, AccessGrant, given.id, ends_at=FOR_EVER)
    assert changed(asking, cast.coordinator, AccessGrant, given.id, ends_at=datetime.now(UTC))


def test_nobody_makes_themselves_the_lead(cast: Cast, case: Case, asking: Asking) -> None:
    for person in (cast.officer, cast.police_manager):
        assert not changed(asking, person, Case, case.id, lead_professional_id=person.id)
    for person in (cast.coordinator, cast.social_care_manager):
        assert changed(asking, person, Case, case.id, lead_professional_id=cast.social_care_manager.id)


def question(case: Case, cast: Cast, by: User, **facts: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "reference": f"REQ-{new_id()}",
        "case_id": case.id,
        "child_id": case.child_id,
        "asked_agency_id": cast.school.id,
        "asked_team_id": cast.school_team.id,
        "question": "x",
        "why": "x",
        "asked_by": by.id,
        "asked_at": clock.now(),
        "due_at": clock.now() + timedelta(days=3),
    } | facts


@pytest.mark.parametrize(
    ("who", "may"), [("coordinator", True), ("social_worker", True), ("officer", False), ("nurse", False)]
)
def test_who_answers_for_a_case_asks(cast: Cast, case: Case, asking: Asking, who: str, may: bool) -> None:
    person = getattr(cast, who)
    asked = question(case, cast, person)
    assert added(asking, person, InformationRequest, asked) is may
    assert not added(asking, person, InformationRequest, asked | {"id": new_id(), "reach_until": FOR_EVER})


def test_a_meeting_gives_reach_only_by_whoever_may_call_and_direct_it(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    mine = make_meeting(rows, chair=cast.officer, note_taker=cast.colleague)
    on_case = {"meeting_id": mine.id, "case_id": case.id, "child_id": case.child_id}
    assert not added(asking, cast.officer, MeetingCase, on_case)
    called = chaired(rows, cast, case)
    invited = {
        "id": new_id(),
        "reference": f"INV-{new_id()}",
        "meeting_id": called.id,
        "agency_id": cast.school.id,
        "team_id": cast.school_team.id,
        "role": "member",
        "required": False,
        "invited_at": clock.now(),
        "invited_by": cast.officer.id,
        "reply": "waiting",
        "walk_in": False,
        "version": 1,
    }
    assert not added(asking, cast.officer, Invitation, invited)
    assert added(asking, cast.coordinator, Invitation, invited | {"invited_by": cast.coordinator.id})
    assert not changed(asking, cast.officer, Meeting, called.id, chair_id=cast.officer.id)
    assert changed(asking, cast.coordinator, Meeting, called.id, chair_id=cast.officer.id)
    chairs = {"kind": "meeting", "meeting_id": called.id}
    assert not added(asking, cast.officer, AccessGrant, named(case, cast.officer, cast.officer, **chairs))
    assert not added(
        asking, cast.coordinator, AccessGrant, named(case, cast.teacher, cast.coordinator, **chairs)
    ), "neither chairs nor takes notes"
    assert added(asking, cast.coordinator, AccessGrant, named(case, cast.chair, cast.coordinator, **chairs))


def test_an_action_goes_to_another_agency_by_whoever_directs_the_case(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    action = make_action(rows, case, cast.officer, by=cast.social_worker)
    copied = {c.key: getattr(action, c.key) for c in Action.__mapper__.columns}
    to_school = {
        "owner_id": None,
        "owner_team_id": cast.school_team.id,
        "owner_agency_id": cast.school.id,
    }

    def gives(person: User, **facts: Any) -> bool:
        by = {"given_by": person.id, "given_agency_id": person.agency_id}
        fresh = {"id": new_id(), "reference": f"ACT-{new_id()}"}
        return added(asking, person, Action, copied | fresh | by | facts)

    assert gives(cast.social_worker, **to_school)
    assert not gives(cast.nurse, **to_school)
    assert gives(cast.nurse, owner_id=cast.nurse.id, owner_agency_id=cast.health.id), "for their own agency"
    assert not changed(asking, cast.nurse, Action, action.id, **to_school)
    assert changed(asking, cast.social_worker, Action, action.id, **to_school)


def test_reach_after_something_is_done_ends_in_time(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    action = make_action(rows, case, cast.officer, by=cast.social_worker)
    done = {"state": "done", "done_by": cast.officer.id, "done_at": clock.now(), "done_words": "x"}
    assert not changed(asking, cast.officer, Action, action.id, reach_until=FOR_EVER, **done)
    soon = datetime.now(UTC) + timedelta(days=14)
    assert changed(asking, cast.officer, Action, action.id, reach_until=soon, **done)
    meeting = chaired(rows, cast, case)
    assert not changed(asking, cast.coordinator, Meeting, meeting.id, reach_until=FOR_EVER)


def test_whether_a_child_is_held_closely_is_told_only_to_those_who_know_of_the_child(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    child = make_child(rows)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator)

    def open_to(person: User | None) -> bool:
        with asking(person) as session:
            return bool(session.scalar(text("select ctx.is_open_to_me(:child)"), {"child": child.id}))

    def known(person: User | None) -> bool:
        with asking(person) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.scalar(text("select ctx.is_held(:child)"), {"child": child.id})
        return open_to(person)

    assert known(cast.officer)
    assert not known(cast.stranger)
    assert not known(None)
    case.sensitivity = 1
    rows.commit()
    answers = {known(person) for person in (cast.officer, cast.stranger, None)}
    assert answers == {False}, "held closely and unknown look alike"
