"""Reporting a child: the same answer whether nobody knew the child, or the reporter may not know of it."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import OutboxMessage, Untold
from portal.messages.told import HIDDEN
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord, NameKey
from portal.records.missing.model import MissingEpisode
from portal.records.missing.telling import tell_of
from portal.records.missing.vocabulary import REPORTED
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.missing.conftest import BORN, Acting, reports, returns
from tests.told import look_at

NAME = "Yarrowmir Quenthelby"


def hide(rows: Session, case: Case, *, by: User, sensitivity: Sensitivity = Sensitivity.SEALED) -> None:
    for person in (by,):
        grant(rows, case, person, by=by)
    case.sensitivity = int(sensitivity)
    rows.commit()


def known(rows: Session, cast: Cast, **facts: str) -> Case:
    child = make_child(rows, *NAME.split(), dob=BORN, **facts)
    return make_case(
        rows,
        child,
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )


def test_a_child_whom_nobody_knew_gets_a_record_that_the_hub_sees(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    episode = reports(acting, cast.teacher, name=NAME)
    with asking(cast.coordinator) as session:
        child = session.get_one(Child, episode.child_id)
        record = session.get_one(ChildRecord, child.id)
        keys = session.scalars(select(NameKey).where(NameKey.child_id == child.id)).all()
    assert (child.given_name, child.family_name, child.dob) == (*NAME.split(), BORN)
    assert (record.responsible_authority, record.eligibility_basis) == ("derbyshire", "under_18")
    assert keys
    assert all(key.from_alias for key in keys)


@pytest.mark.parametrize("sensitivity", list(Sensitivity))
@pytest.mark.parametrize("by", ["number", "name"])
def test_it_is_the_known_child_s_whatever_the_reporter_may_see(
    rows: Session, cast: Cast, acting: Acting, sensitivity: Sensitivity, by: str
) -> None:
    case = known(rows, cast, nhs_number="9434765919")
    hide(rows, case, by=cast.social_worker, sensitivity=sensitivity)
    by_number = by == "number"
    name = "Another Spelling" if by_number else NAME
    episode = reports(acting, cast.teacher, name=name, nhs_number="9434765919" if by_number else None)
    assert episode.child_id == case.child_id
    assert rows.scalar(select(func.count()).select_from(Child)) == 1


@pytest.mark.parametrize("who", ["teacher", "officer", "social_worker", "coordinator"])
def test_the_reporter_sees_the_same_of_a_sealed_child_as_of_one_whom_nobody_knew(
    rows: Session, cast: Cast, acting: Acting, asking: Asking, who: str
) -> None:
    case = known(rows, cast)
    hide(rows, case, by=cast.second_coordinator)
    reporter: User = getattr(cast, who)
    sealed = reports(acting, reporter, name=NAME)
    unknown = reports(acting, reporter, name="Ossiwen Thrapstonby")
    for episode in (sealed, unknown):
        returns(acting, reporter, episode)
    with asking(reporter) as session:
        seen = {
            row.id: (row.status, row.wearing, row.reported_name, row.returned_at is not None)
            for row in session.scalars(select(MissingEpisode))
        }
        found_by_name = session.scalars(select(NameKey.child_id).distinct()).all()
        sealed_child = session.get(Child, sealed.child_id)
        duties = session.scalars(select(Deadline.subject_id)).all()
    assert seen == {
        sealed.id: ("missing", "A green coat", NAME, True),
        unknown.id: ("missing", "A green coat", "Ossiwen Thrapstonby", True),
    }
    assert sealed_child is None
    assert sealed.id not in duties
    if who != "coordinator":  # the hub sees the record of a child whom nobody knew
        assert not found_by_name


def test_whoever_does_not_see_a_sealed_child_s_case_learns_nothing_by_a_colleague_s_report(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    reports(acting, cast.teacher, name=NAME)
    for other in (cast.officer, cast.social_worker, cast.coordinator, cast.nurse):
        with asking(other) as session:
            assert session.scalars(select(MissingEpisode)).all() == [], other.name
    with asking(cast.second_coordinator) as session:
        assert len(session.scalars(select(MissingEpisode)).all()) == 1


def told_of(rows: Session, event: str) -> set[tuple[object, str | None]]:
    """Who was told of an event, on which ground."""
    rows.rollback()
    found = look_at(rows.scalars(select(OutboxMessage).filter_by(event=event)))
    return {(one.recipient_team_id or one.recipient_id, one.ground) for one in found}


def with_desks(rows: Session, cast: Cast) -> None:
    """The police have a missing desk, the front door of an authority a team."""
    cast.police_other_team.desks = ["missing"]
    cast.social_care.authority, cast.social_care_team.desks = "derbyshire", ["front_door"]
    rows.commit()


def test_the_desks_and_whoever_works_with_the_child_are_told_at_any_hour(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with_desks(rows, cast)
    reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    told = told_of(rows, "missing_reported")
    assert told >= {
        (cast.police_other_team.id, "police_desk"),
        (cast.hub_team.id, "hub"),
        (cast.social_care_team.id, "social_care"),
        (cast.social_worker.id, "lead_professional"),
        (cast.nurse.id, "worker"),
        (cast.health_team.id, "team"),
    }
    assert cast.police_team.id not in {who for who, _ in told}, "whoever reports it knows"
    assert all(rows.scalars(select(OutboxMessage.urgent).filter_by(event="missing_reported")))


def test_of_a_sealed_child_the_desks_and_who_is_named_are_told_and_nobody_else(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    with_desks(rows, cast)
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    reports(acting, cast.teacher, name=NAME)
    by_ground = {ground for _, ground in told_of(rows, "missing_reported")}
    assert by_ground == {"police_desk", "hub", "social_care", "reader"}
    named = {who for who, ground in told_of(rows, "missing_reported") if ground == "reader"}
    assert named <= {cast.second_coordinator.id}


def test_without_a_desk_of_the_police_the_page_says_so_and_the_hub_has_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    reports(acting, cast.teacher, name=NAME)
    rows.rollback()
    assert rows.scalars(select(Untold.ground)).all() == ["police_desk"]


def test_the_page_says_the_same_of_an_unknown_a_known_and_a_sealed_child(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with_desks(rows, cast)
    known_child = rows.get_one(Child, case.child_id)
    sealed = known(rows, cast)
    hide(rows, sealed, by=cast.second_coordinator)
    names = ("Somebody Nobodyknew", f"{known_child.given_name} {known_child.family_name}", NAME)
    words = set()
    for name in names:
        before = {one.id for one in rows.scalars(select(OutboxMessage))}
        episode = reports(acting, cast.teacher, name=name)
        assert {one.id for one in rows.scalars(select(OutboxMessage))} - before
        with acting(cast.teacher) as actor:
            record = db.session.get_one(MissingEpisode, episode.id)
            told = tell_of(actor=actor, event=REPORTED, episode=record, once="more")
            db.session.rollback()
        words.add(told.words)
    assert len(words) == 1
    (said,) = words
    assert HIDDEN in said
    assert cast.nurse.name not in said


def test_whoever_was_told_hears_that_the_child_is_back(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with_desks(rows, cast)
    episode = reports(acting, cast.teacher, child=None, name=NAME)
    returns(acting, cast.officer, episode)
    first = {who for who, _ in told_of(rows, "missing_reported")}
    last = {who for who, _ in told_of(rows, "missing_returned")}
    assert first - {cast.officer.id} <= last | {cast.officer.id}


def test_the_social_care_of_the_authority_hears_of_a_child_whom_nobody_knew(
    rows: Session, cast: Cast, acting: Acting, asking: Asking
) -> None:
    episode = reports(acting, cast.teacher, name=NAME)
    teams = set(rows.scalars(select(OutboxMessage.recipient_team_id)))
    assert cast.social_care_team.id in teams
    for who, sees in ((cast.social_worker, True), (cast.officer, True), (cast.nurse, False)):
        with asking(who) as session:
            assert (session.get(MissingEpisode, episode.id) is not None) is sees, who.name


def test_sent_twice_it_is_reported_once_and_a_running_episode_is_not_reported_again(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    once = uuid4()
    first = reports(acting, cast.officer, name=NAME, once=once)
    assert reports(acting, cast.officer, name=NAME, once=once).id == first.id
    with pytest.raises(DomainError, match=first.reference):
        reports(acting, cast.officer, name=NAME)
    with pytest.raises(DomainError, match=first.reference):
        reports(acting, cast.social_worker, name=NAME.upper())
    reports(acting, cast.teacher, name=NAME)  # who does not see the other: nothing says that there is one
    assert rows.scalar(select(func.count()).select_from(MissingEpisode)) == 2


@pytest.mark.parametrize("who", ["governance", "administrator"])
def test_whoever_works_on_no_cases_reports_nobody(cast: Cast, acting: Acting, who: str) -> None:
    with pytest.raises(Forbidden):
        reports(acting, getattr(cast, who), name=NAME)


def test_only_the_police_grade(cast: Cast, acting: Acting) -> None:
    assert reports(acting, cast.officer, name=NAME, grade="high").grade == "high"
    with pytest.raises(DomainError) as refused:
        reports(acting, cast.social_worker, name="Ossiwen Thrapstonby", grade="high")
    assert refused.value.field == "grade"


def test_a_name_is_needed_and_a_time_that_is_past(cast: Cast, acting: Acting) -> None:
    with pytest.raises(DomainError, match="name"):
        reports(acting, cast.officer, name=" ")
