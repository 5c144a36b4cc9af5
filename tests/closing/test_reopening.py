"""A case that ended is reopened with a reason, and whoever led it hears what is new either way."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.policy import current_policy
from portal.records.cases.alerts import add_alert
from portal.records.cases.grants import end_grant
from portal.records.cases.involvements import current_involvement, end_involvement
from portal.records.cases.model import Alert, Case, Involvement
from portal.records.children.model import Child
from portal.records.closing.model import CaseClosure
from portal.records.closing.reading import left_behind
from portal.records.entries.adding import add_entry
from portal.records.entries.vocabulary import Handling
from portal.records.meetings.calling import Plan, call_meeting
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import Team, User
from portal.records.requests.asking import ask
from portal.vocabulary import CaseState, RiskLevel, Sensitivity
from tests.assessments.conftest import assessed, open_duties
from tests.cast import Cast
from tests.closing.conftest import Acting, closed, decided, ends, now_is, reopens
from tests.factories.cases import add_alert as stands
from tests.factories.cases import grant, make_case
from tests.told import heard, told


def test_a_reopened_case_is_assessed_anew_and_keeps_why_it_had_ended(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    closed(rows, cast, acting, case)
    reopens(acting, cast.coordinator, case, "Seen with the same adults")
    after = now_is(rows, case)
    assert (after.state, after.closed_at) == (CaseState.AWAITING_ASSESSMENT, None)
    duty = open_duties(rows, case)[DeadlineKind.ASSESSMENT]
    assert (duty.owner_id, duty.state) == (cast.social_worker.id, DeadlineState.OPEN)
    kept = rows.scalars(select(CaseClosure)).one()
    assert (kept.reopened_by, kept.reopen_reason) == (cast.coordinator.id, "Seen with the same adults")
    assert kept.words
    assert kept.closed_at


def test_those_who_work_on_it_are_told_and_a_team_comes_back_only_where_it_is_needed(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    closed(rows, cast, acting, case)
    with acting(cast.coordinator):
        police = db.session.get_one(Team, cast.police_team.id)
        db.session.expunge(police)
    reopens(acting, cast.coordinator, case, teams=[police])
    working = select(Involvement.team_id).where(
        Involvement.case_id == case.id, Involvement.ended_at.is_(None)
    )
    assert set(rows.scalars(working)) == {cast.social_care_team.id, cast.police_team.id}
    found = told(rows, "case_reopened")
    assert {one.recipient_team_id for one in found} - {None} == {
        cast.social_care_team.id,
        cast.police_team.id,
        cast.health_team.id,  # it may still read the case
    }
    assert cast.social_worker.id in {one.recipient_id for one in found}


def test_who_was_taken_off_on_purpose_after_the_reopening_did_not_end_with_the_case(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    kept = grant(rows, case, cast.coordinator, by=cast.second_coordinator)  # the hub keeps it in sight
    grant(rows, case, cast.teacher, by=cast.coordinator)
    closed(rows, cast, acting, case)
    with acting(cast.coordinator):
        police = db.session.get_one(Team, cast.police_team.id)
        db.session.expunge(police)
    reopens(acting, cast.coordinator, case, teams=[police])

    def gone() -> tuple[list[str], list[str]]:
        with acting(cast.coordinator):
            found = left_behind(case_id=case.id)
            assert found is not None
            return [name for name, _ in found.teams], [name for name, _ in found.people]

    both = (["Duty team, Health trust"], ["Tess Teacher, School"])
    assert gone() == both
    with acting(cast.second_coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        back = current_involvement(record, cast.police_team.id)
        assert back is not None
        end_involvement(actor=actor, case=record, involvement=back, reason="It was not needed")
        end_grant(actor=actor, case=record, grant_id=kept.id)
    assert gone() == both


@pytest.mark.parametrize("sensitivity", [Sensitivity.NORMAL, Sensitivity.RESTRICTED])
def test_a_team_that_sees_it_no_more_and_is_not_brought_back_hears_in_the_portal_that_it_is_open_again(
    rows: Session, cast: Cast, case: Case, acting: Acting, sensitivity: Sensitivity
) -> None:
    closed(rows, cast, acting, case)
    later = Involvement.team_id.in_([cast.health_team.id, cast.police_team.id])
    closure = rows.scalars(select(CaseClosure)).one()
    assert closure.closed_at
    until = closure.closed_at + timedelta(microseconds=1)  # the time in which they read on is over
    rows.execute(update(Involvement).where(later).values(ended_at=until))
    rows.get_one(Case, case.id).sensitivity = int(sensitivity)
    rows.commit()
    with acting(cast.coordinator):
        police = db.session.get_one(Team, cast.police_team.id)
        db.session.expunge(police)
    reopens(acting, cast.coordinator, case, teams=[police])
    former = {one for one in heard(rows, cast, "case_reopened") if "former" in one}
    assert former == ({"nurse portal former_case_reopened"} if sensitivity is Sensitivity.NORMAL else set())


def test_where_the_lead_professional_has_left_the_agency_that_leads_owes_the_assessment(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    closed(rows, cast, acting, case)
    rows.get_one(User, cast.social_worker.id).active = False
    rows.commit()
    reopens(acting, cast.social_care_manager, case)
    duty = open_duties(rows, case)[DeadlineKind.ASSESSMENT]
    assert (duty.owner_id, duty.owner_agency_id) == (None, cast.social_care.id)


def test_an_alert_that_stands_is_reviewed_again(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    alert = stands(rows, case, cast.social_worker)
    alert.review_on = clock.today() - timedelta(days=40)
    rows.commit()
    closed(rows, cast, acting, case)
    assert DeadlineKind.ALERT_REVIEW not in open_duties(rows, case)
    reopens(acting, cast.coordinator, case)
    review = open_duties(rows, case)[DeadlineKind.ALERT_REVIEW]
    assert clock.local(review.due_at).date() == clock.today()
    assert rows.scalars(select(Alert.ended_at)).one() is None


@pytest.mark.parametrize(
    ("who", "may"), [("coordinator", True), ("chair", True), ("social_care_manager", True), ("nurse", False)]
)
def test_the_hub_or_the_agency_that_led_reopens(
    rows: Session, cast: Cast, case: Case, acting: Acting, who: str, may: bool
) -> None:
    closed(rows, cast, acting, case)
    if may:
        reopens(acting, getattr(cast, who), case)
    else:
        with pytest.raises(Forbidden):
            reopens(acting, getattr(cast, who), case)
    assert (now_is(rows, case).state == CaseState.CLOSED) is not may


def test_reopening_says_why_and_only_what_ended_is_reopened(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with pytest.raises(DomainError, match="is open"):
        reopens(acting, cast.coordinator, case)
    closed(rows, cast, acting, case)
    with pytest.raises(DomainError, match="Say why"):
        reopens(acting, cast.coordinator, case, " ")


def test_a_case_is_not_reopened_beside_another_of_the_same_child(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    closed(rows, cast, acting, case)
    child = rows.get_one(Child, rows.get_one(Case, case.id).child_id)
    other = make_case(rows, child, lead=cast.police, opened_by=cast.coordinator)
    with pytest.raises(DomainError, match="Another case"):
        reopens(acting, cast.coordinator, case)
    assert now_is(rows, case).state == CaseState.CLOSED
    assert other.id != case.id


def test_the_same_meeting_does_not_close_a_reopened_case_again(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    closed(rows, cast, acting, case)
    reopens(acting, cast.coordinator, case)
    assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    with pytest.raises(DomainError, match="A meeting has to"):
        ends(acting, cast.social_worker, case)
    decided(rows, cast, case, MeetingOutcome.CLOSE)
    ends(acting, cast.social_worker, case)
    assert now_is(rows, case).state == CaseState.CLOSED


def adds(acting: Acting, who: User, case: Case, words: str = "Seen at the old place") -> None:
    with acting(who) as actor:
        add_entry(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            kind="information",
            text=words,
            happened_at=clock.now(),
            handling=Handling.NETWORK,
        )


def test_whoever_led_hears_of_something_new_that_is_only_recorded(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    adds(acting, cast.coordinator, case, "While it was open")
    assert told(rows, "closed_case_news") == []
    closed(rows, cast, acting, case)
    adds(acting, cast.coordinator, case)
    assert {one.recipient_id for one in told(rows, "closed_case_news")} == {cast.social_worker.id}
    assert now_is(rows, case).state == CaseState.CLOSED


def test_where_they_have_left_their_team_hears_of_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    closed(rows, cast, acting, case)
    rows.get_one(User, cast.social_worker.id).active = False
    rows.commit()
    adds(acting, cast.coordinator, case)
    found = told(rows, "closed_case_news")
    assert {one.recipient_team_id for one in found} - {None} == {cast.social_care_team.id}
    assert {one.recipient_id for one in found} - {None} == {cast.social_care_manager.id, cast.chair.id}


@pytest.mark.parametrize("what", ["alert", "meeting", "question"])
def test_on_a_closed_case_nothing_new_is_owed(
    rows: Session, cast: Cast, case: Case, acting: Acting, what: str
) -> None:
    closed(rows, cast, acting, case)
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="Reopen it first"):
        _try(what, actor, cast, db.session.get_one(Case, case.id))


def _try(what: str, actor: Principal, cast: Cast, record: Case) -> None:
    soon = clock.now() + timedelta(days=3)
    if what == "alert":
        add_alert(
            actor=actor,
            case=record,
            kind="risk_to_workers",
            text="Go in pairs",
            owner=db.session.get_one(User, cast.coordinator.id),
            review_on=clock.today() + timedelta(days=5),
            child_told=True,
            policy=current_policy(),
        )
    elif what == "meeting":
        people = [db.session.get_one(User, one.id) for one in (cast.chair, cast.officer)]
        plan = Plan(
            kind="review",
            starts_at=soon,
            ends_at=soon + timedelta(hours=1),
            chair=people[0],
            note_taker=people[1],
            place="Room 1",
        )
        call_meeting(actor=actor, plan=plan, cases=[record])
    else:
        ask(
            actor=actor,
            child_id=record.child_id,
            case=record,
            teams=[cast.health_team.id],
            question="What is known?",
            why="It is new",
        )
