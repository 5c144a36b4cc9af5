"""An interim safety plan: written by several, put in force, renewed and ended, with a meeting too."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline, DeadlineChange
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.model import new_id
from portal.pathway.calendar import end_of_day
from portal.records.cases.model import Case
from portal.records.children.model import ChildStatement
from portal.records.meetings.attendance import Mark, Marking, hold
from portal.records.meetings.model import Invitation
from portal.records.meetings.vocabulary import Attendance
from portal.records.people.model import User
from portal.records.safety_plans.ending import end_safety_plan, end_with_meeting
from portal.records.safety_plans.model import (
    SafetyPlan,
    SafetyPlanAnswer,
    SafetyPlanRenewal,
    SafetyPlanVersion,
)
from portal.records.safety_plans.rules import Agreement
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.records.safety_plans.writing import longest
from portal.web.date_boxes import posted
from tests.access.test_reach import Asking
from tests.assessments.conftest import case_of_three, open_duties, put
from tests.cast import Cast
from tests.factories.meetings import make_meeting
from tests.meetings.days import acted
from tests.safety_plans.steps import WORDS, Acting, begun, holds, kept, renewed, writes
from tests.safety_plans.test_pages import ClientFor


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return case_of_three(rows, cast)


def met(
    rows: Session,
    cast: Cast,
    case: Case,
    acting: Acting,
    kind: str = "first",
    ends: SafetyPlan | None = None,
    by: User | None = None,
) -> None:
    """A meeting on the case that began two hours ago is recorded as held, and that it ends a plan."""
    meeting = make_meeting(
        rows,
        chair=cast.chair,
        note_taker=by or cast.officer,
        cases=[case],
        kind=kind,
        starts_at=clock.now() - timedelta(hours=2),
    )
    invited = rows.scalars(select(Invitation.id).where(Invitation.meeting_id == meeting.id))
    marks = {one: Marking(seen=Mark(), now=Mark(Attendance.PRESENT)) for one in invited}
    with acting(by or cast.chair) as actor:
        found = acted(meeting)
        hold(actor=actor, meeting=found, marks=marks)
        if ends is not None:
            record, plan = db.session.get_one(Case, case.id), db.session.get_one(SafetyPlan, ends.id)
            end_with_meeting(actor=actor, case=record, plan=plan, meeting=found)


def test_anybody_who_works_on_the_case_begins_a_plan_and_there_is_one_at_a_time(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    first = begun(acting, cast.nurse, case)
    again = begun(acting, cast.officer, case, {})
    assert again.id == first.id
    assert kept(rows, first).state == SafetyPlanState.DRAFT


def test_two_people_who_write_in_one_part_are_shown_both_and_nothing_is_overwritten(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    writes(acting, cast.nurse, case, plan, seen=1, safe_places="The library")
    with pytest.raises(Conflict) as clash:
        writes(acting, cast.officer, case, plan, seen=1, safe_places="The gym", getting_home="By bus")
    assert clash.value.versions.theirs == {"safe_places": "The library"}
    assert writes(acting, cast.officer, case, plan, seen=2, safe_places="The gym") == 3
    said = rows.scalars(select(SafetyPlanAnswer.words).filter_by(item="safe_places").order_by("number"))
    assert said.all() == ["The library", "The gym"]


def test_a_plan_in_force_starts_a_clock_that_the_lead_professional_owns(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.nurse, case)
    holds(acting, cast.social_worker, case, plan, days=10)
    found, duty = kept(rows, plan), open_duties(rows, case)[DeadlineKind.SAFETY_PLAN]
    last = clock.today() + timedelta(days=10)
    assert (found.state, found.valid_from, found.valid_until) == ("in_force", clock.today(), last)
    assert (duty.due_at, duty.owner_id) == (end_of_day(last), cast.social_worker.id)
    assert (duty.source, duty.confirmed) == ("safety_plan.lasts_at_most", False)


@pytest.mark.parametrize("who", ["nurse", "officer", "police_manager"])
def test_who_does_not_answer_for_the_case_puts_nothing_in_force(
    cast: Cast, case: Case, acting: Acting, who: str
) -> None:
    plan = begun(acting, cast.nurse, case)
    with pytest.raises(Forbidden):
        holds(acting, getattr(cast, who), case, plan)


def test_a_plan_is_not_in_force_without_what_has_to_be_said_or_without_why_somebody_does_not_agree(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case, {"worries": "The bus stop"})
    with pytest.raises(DomainError, match="Who to call at night"):
        holds(acting, cast.social_worker, case, plan)
    writes(acting, cast.social_worker, case, plan, seen=1, **WORDS)
    with pytest.raises(DomainError, match="why the carer has not agreed"):
        holds(acting, cast.social_worker, case, plan, agreement=Agreement(child=True, carer=False))
    not_agreed = Agreement(child=True, carer=False, carer_words="She could not be reached")
    holds(acting, cast.social_worker, case, plan, agreement=not_agreed)
    rows.rollback()
    assert rows.scalars(select(SafetyPlanVersion)).one().carer_words == "She could not be reached"


def test_a_plan_lasts_no_longer_than_the_policy_lets_it(cast: Cast, case: Case, acting: Acting) -> None:
    plan = begun(acting, cast.social_worker, case)
    for days in (-1, (longest(case) - clock.today()).days + 1):
        with pytest.raises(DomainError):
            holds(acting, cast.social_worker, case, plan, days=days)


def test_what_somebody_wrote_meanwhile_is_looked_at_before_it_is_in_force(
    cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    writes(acting, cast.nurse, case, plan, seen=1, safe_places="The library")
    with pytest.raises(DomainError, match="meanwhile"):
        holds(acting, cast.social_worker, case, plan, seen=1)


def test_the_second_of_two_who_put_it_in_force_is_shown_who_agreed_as_the_first_said(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    plan = begun(acting, cast.social_worker, case)
    page = f"/safety-plans/{plan.reference}/in-force"
    second = client_for(cast.social_care_manager)
    hidden = second.soup(page).select("form input[type=hidden][value]")
    boxes = {str(one["name"]): str(one["value"]) for one in hidden}
    opened = {name: boxes[name] for name in ("version", "edition")}
    until = clock.today() + timedelta(days=9)
    no = Agreement(child=False, carer=True, child_words="It is my life")
    holds(acting, cast.social_worker, case, plan, agreement=no)
    typed = opened | {"child": "yes", "carer": "no", "carer_words": "She is out"}
    typed |= posted("until", until)
    answer = second.submit(page, typed)
    assert answer.status_code == 409
    shown = second.page_of(answer).get_text(" ", strip=True)
    assert "It is my life" in shown
    assert "She is out" in shown, "nothing that was typed is lost"
    (first,) = rows.scalars(select(SafetyPlanVersion)).all()
    assert (first.child_agrees, first.carer_agrees) == (False, True)
    with pytest.raises(DomainError, match="said the same"):
        holds(acting, cast.social_worker, case, plan, agreement=no, edition=0)
    edition = second.page_of(answer).select_one("input[name=edition]")
    assert edition is not None
    assert second.submit(page, typed | {"edition": str(edition["value"])}).status_code == 303
    assert len(rows.scalars(select(SafetyPlanVersion)).all()) == 2


def test_changes_of_a_plan_in_force_are_another_version_and_do_not_make_it_last_longer(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan, days=5)
    writes(acting, cast.nurse, case, plan, seen=1, safe_places="The library")
    holds(acting, cast.social_worker, case, plan, days=20)
    found = kept(rows, plan)
    assert found.valid_until == clock.today() + timedelta(days=5)
    made = select(SafetyPlanVersion.edition, SafetyPlanVersion.number).order_by(SafetyPlanVersion.edition)
    assert rows.execute(made).all() == [(1, 1), (2, 2)]


def test_renewing_moves_the_warning_and_the_first_date_stays(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan, days=5)
    first, later = clock.today() + timedelta(days=5), clock.today() + timedelta(days=12)
    with pytest.raises(DomainError, match="Say why"):
        renewed(acting, cast.social_worker, case, plan, later, reason=" ")
    with pytest.raises(DomainError, match="later day"):
        renewed(acting, cast.social_worker, case, plan, first)
    renewed(acting, cast.social_worker, case, plan, later)
    assert kept(rows, plan).valid_until == later
    duty = open_duties(rows, case)[DeadlineKind.SAFETY_PLAN]
    assert (duty.due_at, duty.original_due_at) == (end_of_day(later), end_of_day(first))
    change = rows.scalars(select(DeadlineChange).filter_by(deadline_id=duty.id)).one()
    assert (change.before, change.after) == (end_of_day(first), end_of_day(later))
    assert (change.changed_by, change.reason) == (cast.social_worker.id, "The meeting is late")


def test_a_plan_ends_with_the_first_meeting_where_its_recorder_says_so_and_its_warning_with_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    met(rows, cast, case, acting)
    assert kept(rows, plan).state == SafetyPlanState.IN_FORCE, "nobody said that it ends"
    met(rows, cast, case, acting, ends=plan)
    found = kept(rows, plan)
    assert found.state == SafetyPlanState.ENDED
    assert found.ended_meeting_id is not None
    assert DeadlineKind.SAFETY_PLAN not in open_duties(rows, case)


@pytest.mark.parametrize("kind", ["review", "strategy", "professionals"])
def test_another_meeting_than_the_first_ends_no_plan(
    rows: Session, cast: Cast, case: Case, acting: Acting, kind: str
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    with pytest.raises(DomainError, match="No safety plan ends"):
        met(rows, cast, case, acting, kind, ends=plan)
    assert kept(rows, plan).state == SafetyPlanState.IN_FORCE


def test_a_plan_that_a_meeting_ended_can_be_renewed_after_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan, days=3)
    met(rows, cast, case, acting, ends=plan)
    assert kept(rows, plan).state == SafetyPlanState.ENDED
    renewed(acting, cast.social_worker, case, plan, clock.today() + timedelta(days=6))
    found = kept(rows, plan)
    assert (found.state, found.ended_at) == (SafetyPlanState.IN_FORCE, None)
    duty = open_duties(rows, case)[DeadlineKind.SAFETY_PLAN]
    assert duty.due_at == end_of_day(clock.today() + timedelta(days=6))


def test_a_plan_that_a_person_ended_stays_ended_and_the_next_begins_with_its_words(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    with acting(cast.social_care_manager) as actor:
        found = db.session.get_one(SafetyPlan, plan.id)
        end_safety_plan(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            plan=found,
            reason="Moved to another county",
            version=found.version,
        )
    rows.rollback()
    duty = rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.SAFETY_PLAN)).one()
    assert duty.state == DeadlineState.DONE
    with pytest.raises(DomainError):
        renewed(acting, cast.social_worker, case, plan, clock.today() + timedelta(days=6))
    new = begun(acting, cast.nurse, case, {})
    assert new.id != plan.id
    said = select(SafetyPlanAnswer.item, SafetyPlanAnswer.words).filter_by(plan_id=new.id)
    assert dict(rows.execute(said).all()) == WORDS


def test_nothing_of_a_plan_goes_on_once_the_case_is_closed(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    met(rows, cast, case, acting, ends=plan)
    rows.execute(update(Case).values(state="closed"))
    rows.commit()
    with pytest.raises(DomainError, match="closed"):
        renewed(acting, cast.social_worker, case, plan, clock.today() + timedelta(days=6))
    with pytest.raises(DomainError, match="closed"):
        begun(acting, cast.nurse, case, {})
    assert kept(rows, plan).state == SafetyPlanState.ENDED


def test_an_address_that_may_not_be_told_cannot_be_written_where_the_family_reads_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    put(
        rows,
        ChildStatement(
            id=new_id(),
            child_id=case.child_id,
            agency_id=cast.social_care.id,
            author_id=cast.social_worker.id,
            kind="address",
            value="9 Quietbrook Row, Newtown",
            postcode="ZZ9 9ZZ",
            do_not_disclose=True,
            named_agencies=[],
        ),
    )
    rows.commit()
    plan = begun(acting, cast.social_worker, case)
    for said in ("At 9, quietbrook  row", "zz99zz"):
        with pytest.raises(DomainError, match="may not be told"):
            writes(acting, cast.social_worker, case, plan, seen=1, safe_places=said)
    writes(acting, cast.social_worker, case, plan, seen=1, police_does="Marker on 9 Quietbrook Row")


def test_an_address_that_the_writer_may_not_know_is_found_before_the_plan_is_in_force(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    secret = ChildStatement(
        id=new_id(),
        child_id=case.child_id,
        agency_id=cast.police.id,
        author_id=cast.officer.id,
        kind="phone",
        value="07700 900555",
        do_not_disclose=True,
        named_agencies=[],
    )
    put(rows, secret)
    rows.commit()
    plan = begun(acting, cast.social_worker, case)
    writes(acting, cast.social_worker, case, plan, seen=1, safe_people="Aunt, 07700-900 555")
    with pytest.raises(DomainError, match="may not be told"):
        holds(acting, cast.social_worker, case, plan)
    ask = select(db.func.ctx.gives_away(case.id, "07700900555"))
    for person, answer in ((cast.nurse, True), (cast.stranger, False), (cast.governance, False)):
        with asking(person) as session:
            assert session.scalar(ask) is answer, "it answers only those who read the case in full"


@pytest.mark.parametrize("who", ["stranger", "neighbour", "governance", "administrator"])
def test_whoever_does_not_reach_the_case_reads_nothing_of_its_plan(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking, who: str
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    person: User = getattr(cast, who)
    with asking(person) as session:
        for table in (SafetyPlan, SafetyPlanAnswer, SafetyPlanVersion, SafetyPlanRenewal):
            assert session.scalars(select(table)).all() == []


def test_the_database_refuses_what_no_service_does(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    plan = begun(acting, cast.social_worker, case)
    holds(acting, cast.social_worker, case, plan)
    later = clock.today() + timedelta(days=300)
    attacks = (
        ("update safety_plan set valid_until = '2099-01-01'", "only by a renewal"),
        ("update safety_plan set state = 'draft'", "does not go"),
        ("update safety_plan set in_force_at = now()", "stands"),
        ("update safety_plan_answer set words = 'x'", "permission denied"),
        ("update safety_plan_version set child_agrees = false", "permission denied"),
        ("delete from safety_plan", "permission denied"),
        ("delete from deadline_change", "permission denied"),
        ("insert into deadline_change select * from deadline_change", "permission denied"),
    )
    with asking(cast.social_worker) as session:
        for attack, refusal in attacks:
            with pytest.raises(DBAPIError, match=refusal), session.begin_nested():
                session.execute(db.text(attack))
        renewal = SafetyPlanRenewal(
            id=new_id(),
            plan_id=plan.id,
            before=clock.today(),
            until=later,
            reason="R",
            renewed_by=cast.nurse.id,
            renewed_at=clock.now(),
        )
        with pytest.raises(DBAPIError, match="row-level security"):
            put(session, renewal)
