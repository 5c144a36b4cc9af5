"""A hand-over: the second of two who write it is shown both, and finalised it stands and meets its duty."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.calendar import add_months
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.closing.hand_overs import (
    HandOverWords,
    begin_hand_over,
    being_written,
    finalise_hand_over,
    save_hand_over,
)
from portal.records.closing.model import HandOver
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import HandOverKind
from portal.records.people.model import User
from portal.reminders import transitions
from portal.reminders.transitions import open_transitions
from tests.assessments.conftest import case_of_three, open_duties
from tests.cast import Cast
from tests.closing.conftest import Acting, Working, closed

TRANSITION, TRANSFER = HandOverKind.TRANSITION, HandOverKind.TRANSFER


def begun(acting: Acting, who: User, case: Case, kind: HandOverKind = TRANSFER) -> HandOver:
    with acting(who) as actor:
        found = begin_hand_over(actor=actor, case=db.session.get_one(Case, case.id), kind=kind)
        db.session.expunge(found)
    return found


def words(kind: HandOverKind = TRANSFER, **changes: Any) -> HandOverWords:
    said: dict[str, Any] = {
        "service": "Another county, exploitation team",
        "person": "Una Elsewhere",
        "contact": "01632 960123",
        "meets_on": date(2027, 1, 15),
        "answers": {section.code: "Told" for section in current_policy().of(Closing).sections_of(kind)},
    }
    return HandOverWords(**(said | changes))


def saves(
    acting: Acting,
    who: User,
    case: Case,
    said: HandOverWords,
    version: int,
    kind: HandOverKind = TRANSFER,
    **more: Any,
) -> int:
    with acting(who) as actor:
        record = db.session.get_one(Case, case.id)
        found = being_written(record, kind)
        assert found is not None
        return save_hand_over(actor=actor, case=record, hand_over=found, words=said, version=version, **more)


def finalises(acting: Acting, who: User, case: Case, kind: HandOverKind = TRANSFER) -> None:
    with acting(who) as actor:
        record = db.session.get_one(Case, case.id)
        found = being_written(record, kind)
        assert found is not None
        finalise_hand_over(actor=actor, case=record, hand_over=found, version=found.version)


def test_one_is_written_at_a_time_and_the_second_of_two_who_write_is_shown_both(
    cast: Cast, case: Case, acting: Acting
) -> None:
    first = begun(acting, cast.social_worker, case)
    assert begun(acting, cast.coordinator, case).id == first.id
    saves(acting, cast.social_worker, case, words(person="Una Elsewhere"), 1)
    other = words(person="Otto Elsewhere")
    with pytest.raises(Conflict) as refused:
        saves(acting, cast.coordinator, case, other, 1)
    assert refused.value.versions.theirs == {"person": "Una Elsewhere"}
    assert refused.value.versions.mine == {"person": "Otto Elsewhere"}
    assert saves(acting, cast.coordinator, case, words(person="Una Elsewhere"), 1) == 2, "both wrote the same"
    assert saves(acting, cast.coordinator, case, other, 1, over=True) == 3


def test_what_two_people_write_in_different_places_is_kept_of_both(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begun(acting, cast.social_worker, case)
    saves(acting, cast.social_worker, case, words(), 1)
    base = words().by_field()
    saves(acting, cast.social_worker, case, words(contact="01632 960999"), 2)
    mine = words(person="Otto Elsewhere")
    assert saves(acting, cast.coordinator, case, mine, 2, base=base) == 4, "later by more than one: reload"
    kept = rows.scalars(select(HandOver)).one()
    assert (kept.person, kept.contact) == ("Otto Elsewhere", "01632 960999")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"service": ""}, "service"),
        ({"person": " "}, "person"),
        ({"contact": ""}, "contact"),
        ({"meets_on": None}, "meets_on"),
        ({"answers": {"must_know": "Told"}}, "wishes"),
    ],
)
def test_it_is_finalised_once_everything_is_said(
    cast: Cast, case: Case, acting: Acting, change: dict[str, Any], field: str
) -> None:
    begun(acting, cast.social_worker, case)
    saves(acting, cast.social_worker, case, words(**change), 1)
    with pytest.raises(DomainError) as refused:
        finalises(acting, cast.social_worker, case)
    assert refused.value.field == field


def test_finalised_it_stands_and_another_can_be_begun(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begun(acting, cast.social_worker, case)
    saves(acting, cast.social_worker, case, words(), 1)
    finalises(acting, cast.social_worker, case)
    kept = rows.scalars(select(HandOver)).one()
    assert (kept.finalised_by, kept.policy_version) == (cast.social_worker.id, current_policy().version)
    assert begun(acting, cast.social_worker, case).id != kept.id


def test_what_is_saved_after_somebody_else_finalised_it_is_refused_in_words(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    begun(acting, cast.social_worker, case)
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        found = being_written(record, TRANSFER)
        assert found is not None
        kept = rows.scalars(select(HandOver)).one()
        kept.finalised_at, kept.finalised_by = clock.now(), cast.social_worker.id
        rows.commit()
        with pytest.raises(DomainError, match="is finalised"):
            save_hand_over(actor=actor, case=record, hand_over=found, words=words(), version=1)


@pytest.mark.parametrize(("who", "may"), [("coordinator", True), ("chair", True), ("nurse", False)])
def test_the_agency_that_leads_and_the_hub_write_it(
    cast: Cast, case: Case, acting: Acting, who: str, may: bool
) -> None:
    if may:
        begun(acting, getattr(cast, who), case)
    else:
        with pytest.raises(Forbidden):
            begun(acting, getattr(cast, who), case)


def test_on_a_closed_case_none_is_begun(rows: Session, cast: Cast, case: Case, acting: Acting) -> None:
    closed(rows, cast, acting, case)
    with pytest.raises(DomainError, match="Reopen it first"):
        begun(acting, cast.social_worker, case)


def born(rows: Session, case: Case, months: int, days: int = 0) -> None:
    """The child is so many months old today, and some days more."""
    child = rows.get_one(Child, rows.get_one(Case, case.id).child_id)
    child.dob = add_months(clock.today(), -months) - timedelta(days=days)
    rows.commit()


def test_at_17_the_hand_over_is_owed_and_writing_it_meets_what_is_owed(
    rows: Session, cast: Cast, case: Case, acting: Acting, working: Working
) -> None:
    born(rows, case, 17 * 12 - 1)
    assert working(open_transitions) == 0
    born(rows, case, 17 * 12)
    assert working(open_transitions) == 2
    assert working(open_transitions) == 0, "asking again opens nothing"
    duties = open_duties(rows, case)
    plan = duties[DeadlineKind.TRANSITION_PLAN]
    assert plan.owner_id == cast.social_worker.id
    assert (plan.source, plan.confirmed) == ("closing.transition_plan", False)
    assert plan.due_at > duties[DeadlineKind.TRANSITION_PROMPT].due_at
    begun(acting, cast.social_worker, case, TRANSITION)
    assert DeadlineKind.TRANSITION_PROMPT not in open_duties(rows, case)
    saves(acting, cast.social_worker, case, words(TRANSITION), 1, TRANSITION)
    finalises(acting, cast.social_worker, case, TRANSITION)
    ended = select(Deadline.state).where(Deadline.kind.in_(["transition_prompt", "transition_plan"]))
    assert set(rows.scalars(ended)) == {DeadlineState.DONE}
    assert working(open_transitions) == 0, "what is written is not owed again"


def test_a_corrected_date_of_birth_takes_back_what_was_owed_too_soon_and_moves_nothing(
    rows: Session, cast: Cast, case: Case, working: Working
) -> None:
    born(rows, case, 17 * 12 + 2)
    working(open_transitions)
    first = open_duties(rows, case)[DeadlineKind.TRANSITION_PLAN]
    born(rows, case, 17 * 12 + 1)
    assert working(open_transitions) == 2, "one is replaced by another"
    second = open_duties(rows, case)[DeadlineKind.TRANSITION_PLAN]
    assert second.original_due_at > first.original_due_at
    born(rows, case, 15 * 12)
    working(open_transitions)
    assert not {"transition_prompt", "transition_plan"} & set(open_duties(rows, case))
    plans = select(Deadline).where(Deadline.kind == "transition_plan").order_by(Deadline.id)
    every = rows.scalars(plans).all()
    assert [one.state for one in every] == [DeadlineState.SUPERSEDED] * 2
    assert {one.move_reason for one in every} == {"The date of birth was corrected"}
    assert every[0].original_due_at == first.original_due_at


def test_where_the_lead_professional_has_left_the_agency_owes_it(
    rows: Session, cast: Cast, case: Case, working: Working
) -> None:
    born(rows, case, 17 * 12 + 7)
    rows.get_one(User, cast.social_worker.id).active = False
    rows.commit()
    working(open_transitions)
    plan = open_duties(rows, case)[DeadlineKind.TRANSITION_PLAN]
    assert (plan.owner_id, plan.owner_agency_id) == (None, cast.social_care.id)
    assert timedelta(days=9) < plan.due_at - clock.now() < timedelta(days=19), "time enough, though late"


def test_nothing_is_owed_on_a_closed_case_or_once_somebody_is_of_age_when_it_is_opened(
    rows: Session, cast: Cast, case: Case, acting: Acting, working: Working
) -> None:
    born(rows, case, 19 * 12)
    assert working(open_transitions) == 0
    born(rows, case, 17 * 12 + 1)
    closed(rows, cast, acting, case)
    assert working(open_transitions) == 0


def test_a_run_looks_at_some_cases_and_the_next_one_goes_on_until_all_were_looked_at(
    rows: Session, cast: Cast, case: Case, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transitions, "PAGES", 2)
    cases = [case, *(case_of_three(rows, cast) for _ in range(4))]
    for one in cases:
        born(rows, one, 17 * 12)

    def run(engine: Engine) -> int:
        return open_transitions(engine, at_once=2)

    assert working(run) == 8, "two duties on each of four cases, two cases in a transaction"
    assert working(run) == 2, "the next run goes on after them, and comes to the end"
    born(rows, cases[0], 15 * 12)
    assert working(run) == 2, "and then from the start again"
    assert all(len(open_duties(rows, one)) >= 2 for one in cases[1:])
