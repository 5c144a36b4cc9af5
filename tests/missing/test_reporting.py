"""Reporting a child: the same answer whether nobody knew the child, or the reporter may not know of it."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord, NameKey
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.missing.conftest import BORN, Acting, reports, returns

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


def test_those_who_must_know_are_told_and_of_a_sealed_child_only_who_is_named(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    def told() -> set[tuple[str, object]]:
        found = rows.execute(
            select(OutboxMessage.kind, OutboxMessage.recipient_id, OutboxMessage.recipient_team_id)
        ).all()
        return {(row.kind, row.recipient_id or row.recipient_team_id) for row in found}

    child = rows.get_one(Child, case.child_id)
    reports(acting, cast.officer, child=child)
    assert told() >= {
        ("missing_reported", cast.social_worker.id),
        ("missing_reported", cast.social_care_team.id),
        ("missing_reported", cast.health_team.id),
    }
    assert ("missing_reported", cast.police_team.id) not in told()
    rows.query(OutboxSubject).delete()
    rows.query(OutboxMessage).delete()
    rows.commit()
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    reports(acting, cast.teacher, name=NAME)
    assert told() == {("missing_reported", cast.second_coordinator.id)}


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
