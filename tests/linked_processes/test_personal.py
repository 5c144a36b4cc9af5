"""A report of FGM is the duty of whoever found out: nobody else records it, does it or takes it over."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.pathway.calendar import add_working_days, end_of_day
from portal.records.cases.grants import end_grant
from portal.records.cases.involvements import end_involvement
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.cases.sensitivity import raise_sensitivity
from portal.records.closing.effects import reopen_case
from portal.records.linked_processes.facts import personal_duties, refuse_who_owes
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.outcomes import end, take_back
from portal.records.linked_processes.steps import hand_over
from portal.records.people.model import Team, User
from portal.vocabulary import Sensitivity
from portal.web.filters import due
from tests.access.test_reach import Asking
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.closing.conftest import closed
from tests.factories.cases import grant
from tests.linked_processes.conftest import Acting, begins, clocks, does, owed, takes

FGM = "fgm_report"


@pytest.fixture
def report(cast: Cast, case: Case, acting: Acting) -> LinkedProcess:
    """The nurse found out an hour ago."""
    return begins(acting, cast.nurse, case, FGM, started_at=clock.now() - timedelta(hours=1))


def test_it_is_due_by_the_end_of_the_next_working_day_and_is_the_professional_s(
    rows: Session, cast: Cast, report: LinkedProcess
) -> None:
    day = add_working_days(clock.local(report.started_at).date(), 1)
    assert owed(rows, report) == {"report": end_of_day(day)}
    (duty,) = clocks(rows, report)
    assert (duty.owner_id, duty.owner_team_id, duty.owner_agency_id) == (cast.nurse.id, None, None)


@pytest.mark.parametrize("who", ["officer", "coordinator"])
def test_whose_duty_it_is_not_records_none(cast: Cast, case: Case, acting: Acting, who: str) -> None:
    with pytest.raises(Forbidden, match="personal"):
        begins(acting, getattr(cast, who), case, FGM)


def test_it_is_done_with_the_reference_of_the_police_and_by_nobody_else(
    rows: Session, cast: Cast, report: LinkedProcess, acting: Acting
) -> None:
    said = {"outcome": "reported", "their_reference": "22*1234"}
    for other in (cast.social_worker, cast.coordinator):
        with pytest.raises(Forbidden, match="personal"):
            takes(acting, other, report, "report", **said)
    with pytest.raises(DomainError) as refused:
        takes(acting, cast.nurse, report, "report", outcome="reported")
    assert refused.value.field == "their_reference"
    takes(acting, cast.nurse, report, "report", **said)
    rows.expire_all()
    done = rows.get_one(LinkedProcess, report.id)
    assert (done.state, done.their_reference) == ("ended", "22*1234")


def test_two_professionals_each_have_their_own(
    cast: Cast, case: Case, report: LinkedProcess, acting: Acting
) -> None:
    mine = begins(acting, cast.social_worker, case, FGM)
    assert mine.id != report.id
    assert mine.owner_id == cast.social_worker.id


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (hand_over, {"owner": "social_worker", "reason": "On leave"}),
        (end, {"outcome": "reported", "words": "", "ended_at": clock.now()}),
    ],
)
def test_it_is_neither_handed_over_nor_ended_without_being_done(
    cast: Cast, report: LinkedProcess, acting: Acting, verb: Callable[..., Any], said: dict[str, Any]
) -> None:
    if "owner" in said:
        said = said | {"owner": getattr(cast, said["owner"])}
    for who in (cast.nurse, cast.social_worker):
        with pytest.raises((DomainError, Forbidden)):
            does(acting, who, report, verb, **said)


def test_whoever_recorded_it_by_mistake_takes_it_back(
    rows: Session, cast: Cast, report: LinkedProcess, acting: Acting
) -> None:
    does(acting, cast.nurse, report, take_back, reason="Another child")
    assert owed(rows, report) == {}


def test_the_database_gives_it_to_nobody_else_either(
    cast: Cast, report: LinkedProcess, asking: Asking
) -> None:
    theirs = {"owner_id": cast.social_worker.id, "owner_agency_id": cast.social_care.id}
    changes = (
        update(LinkedProcess).values(theirs),
        update(LinkedProcess).values(their_reference="x"),
        update(LinkedStep).values(state="done", done_at=clock.now(), recorded_at=clock.now()),
        update(Deadline).where(Deadline.subject_id == report.id).values(owner_id=cast.social_worker.id),
    )
    for who in (cast.nurse, cast.social_worker, cast.coordinator):
        for change in changes:
            if who is cast.nurse and change is changes[1]:
                continue  # her own to change
            with asking(who) as session, pytest.raises(DBAPIError):
                session.execute(change)


def test_it_stays_with_the_professional_when_the_case_is_sealed(
    rows: Session, cast: Cast, case: Case, report: LinkedProcess, acting: Acting
) -> None:
    enquiry = begins(acting, cast.social_worker, case, "section_47", owner=_team(cast))
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        raise_sensitivity(
            actor=actor,
            case=record,
            to=Sensitivity.SEALED,
            reason="A relative works here",
            named=[db.session.get_one(User, cast.social_worker.id)],
            version=record.version,
        )
        assert personal_duties(record)
    (duty,) = clocks(rows, report)
    assert (duty.owner_id, duty.state) == (cast.nurse.id, DeadlineState.OPEN)
    (other,) = clocks(rows, enquiry)
    assert (other.owner_id, other.owner_team_id) == (cast.social_worker.id, None)
    rows.expire_all()
    step = rows.scalar(select(LinkedStep).where(LinkedStep.process_id == enquiry.id))
    assert step is not None
    assert step.owner_agency_id == cast.social_care.id


def _team(cast: Cast) -> Team:
    return cast.social_care_team


def test_when_the_case_ends_its_other_processes_stop_being_owed_here_and_the_report_does_not(
    rows: Session, cast: Cast, case: Case, report: LinkedProcess, acting: Acting
) -> None:
    group = begins(acting, cast.social_worker, case, "core_group")
    closed(rows, cast, acting, case)
    assert [one.state for one in clocks(rows, report)] == [DeadlineState.OPEN]
    assert [one.state for one in clocks(rows, group)] == [DeadlineState.CANCELLED]
    takes(acting, cast.social_worker, group, "meet")  # what happens is still recorded, and reminds nobody
    assert list(owed(rows, group)) == ["meet"]
    assert {one.state for one in clocks(rows, group)} == {DeadlineState.CANCELLED}
    takes(acting, cast.nurse, report, "report", outcome="reported", their_reference="22*1234")
    with acting(cast.social_worker) as actor:
        record = db.session.get_one(Case, case.id)
        reopen_case(actor=actor, case=record, reason="Seen with the same adults", version=record.version)
    assert [one.state for one in clocks(rows, group)][-1] == DeadlineState.OPEN


def test_whoever_owes_it_is_taken_off_the_case_only_when_it_is_done(
    rows: Session, cast: Cast, case: Case, report: LinkedProcess, acting: Acting
) -> None:
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    hers = grant(rows, case, cast.nurse, by=cast.coordinator)
    rows.commit()

    def take_off() -> None:
        with acting(cast.coordinator) as actor:
            end_grant(actor=actor, case=db.session.get_one(Case, case.id), grant_id=hers.id)

    with pytest.raises(DomainError, match=r"Nell Nurse still owes “Report it to the police”"):
        take_off()
    rows.expire_all()
    assert rows.get_one(AccessGrant, hers.id).ends_at is None
    takes(acting, cast.nurse, report, "report", outcome="reported", their_reference="22*1234")
    take_off()
    rows.expire_all()
    assert rows.get_one(AccessGrant, hers.id).ends_at is not None


def test_the_work_of_a_team_ends_only_when_none_of_it_owes_one(
    rows: Session, cast: Cast, case: Case, report: LinkedProcess, acting: Acting
) -> None:
    team = rows.scalars(select(Involvement).filter_by(case_id=case.id, team_id=cast.health_team.id)).one()
    team.worker_id = None  # she is not the team's worker, but one of the team
    others = update(Deadline).where(Deadline.subject_id != report.id)
    rows.execute(others.values(owner_id=cast.social_worker.id, owner_team_id=None, owner_agency_id=None))
    rows.commit()

    def end_work() -> None:
        with acting(cast.coordinator) as actor:
            involvement, record = db.session.get_one(Involvement, team.id), db.session.get_one(Case, case.id)
            end_involvement(actor=actor, case=record, involvement=involvement, reason="Their work is done")

    with pytest.raises(DomainError, match="nobody can do for them"):
        end_work()
    does(acting, cast.nurse, report, take_back, reason="Another child")
    end_work()
    rows.expire_all()
    assert rows.get_one(Involvement, team.id).ended_at is not None


def test_somebody_who_has_left_keeps_nobody_from_ending_their_team_s_work(
    rows: Session, cast: Cast, case: Case, report: LinkedProcess, acting: Acting
) -> None:
    with acting(cast.coordinator):
        record = db.session.get_one(Case, report.case_id)
        with pytest.raises(DomainError):
            refuse_who_owes(record, [cast.nurse.id])
    rows.get_one(User, cast.nurse.id).active = False
    rows.commit()
    with acting(cast.coordinator):
        refuse_who_owes(db.session.get_one(Case, report.case_id), [cast.nurse.id])


def test_her_page_and_her_start_page_say_that_she_owes_it_also_when_she_sees_the_case_no_more(
    rows: Session, cast: Cast, case: Case, report: LinkedProcess, client_for: ClientFor
) -> None:
    nurse, nothing = client_for(cast.nurse), "You have no report that waits"
    assert report.reference in nurse.get("/fgm-reports").text
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    assert nurse.get(f"/linked/{report.reference}").status_code == 404
    page = " ".join(nurse.soup("/fgm-reports").get_text(" ").split())
    assert nothing not in page
    assert "A girl whose case you do not see any more" in page
    assert f"Report it by {due(clocks(rows, report)[0].due_at)}" in page
    assert "Ada Fictional" not in page
    assert report.reference not in page
    assert "1 waiting" in nurse.get("/health").text
    for other in (cast.social_worker, cast.teacher):
        assert nothing in client_for(other).get("/fgm-reports").text
