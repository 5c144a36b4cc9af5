"""Nobody writes in the name of another, and what a row is about stands.

Each attack is tried as SQL of the application's role by somebody who works on the case and has full reach;
beside it stands what whoever may do it does.
"""

from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access import own_names
from portal.model import new_id
from portal.records.assessments.model import LevelDecision, RiskAssessment
from portal.records.cases.model import Case, SensitivityChange
from portal.records.closing.model import CaseClosure
from portal.records.meetings.model import Meeting
from portal.records.minutes.model import Decision
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.access.test_giving_reach import added, case, chaired, changed
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child

__all__ = ["case"]

#: What a row is about, whose it is and when it began: written once.
ABOUT = {"id", "reference", "created_at", "created_by", "policy_version"}


def refused(asking: Asking, person: User, *statements: str, **values: Any) -> bool:
    """Whether the application's role is refused one of these statements, or one of them changes nothing."""
    with asking(person) as session:
        try:
            counts = [session.execute(text(one), values).rowcount for one in statements]  # type: ignore[attr-defined]  # what changes rows has one
            session.execute(text("set constraints all immediate"))
        except DBAPIError:
            return True
        finally:
            session.rollback()
    return not all(counts)


# What a row is about.


def test_a_case_stays_with_its_child(rows: Session, cast: Cast, case: Case, asking: Asking) -> None:
    """As the attack went: another child's record, a sealed one's too, was read by way of one's own case."""
    hidden = make_case(rows, make_child(rows), lead=cast.health, opened_by=cast.coordinator)
    hidden.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for person in (cast.officer, cast.social_worker, cast.coordinator):
        assert not changed(asking, person, Case, case.id, child_id=hidden.child_id)
        for facts in ({"reference": "CRE-X"}, {"opened_by": person.id}, {"policy_version": "x"}):
            assert not changed(asking, person, Case, case.id, **facts)


def test_no_column_that_says_what_a_row_is_about_can_be_changed(owner: Engine) -> None:
    """A new column of this kind is found here: grant updates by column, without it."""
    with owner.connect() as connection:
        found = connection.execute(
            text(
                "select t.relname, a.attname from pg_class t join pg_attribute a on a.attrelid = t.oid"
                " where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and a.attnum > 0"
                " and has_column_privilege('portal_app', t.oid, a.attnum, 'UPDATE')"
                " and (a.attname = any (:about) or exists (select 1 from pg_constraint f"
                " where f.conrelid = t.oid and f.contype = 'f' and a.attnum = any (f.conkey)"
                " and f.confrelid not in ('app_user'::regclass, 'agency'::regclass, 'team'::regclass)))"
            ),
            {"about": sorted(ABOUT)},
        ).all()
        whole = connection.scalars(
            text(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
                " and has_table_privilege('portal_app', oid, 'UPDATE')"
            )
        ).all()
    assert {f"{table}.{column}" for table, column in found} == set(REASONS), "reviewed, each with its reason"
    assert not whole, "no table is changed as a whole"


REASONS = {
    "decision.item_id": "the heading under which a decision stands, on the same meeting",
    "intelligence_report.replaced_by_id": "the grading that takes its place",
    "meeting_presence.item_id": "where on their own page somebody is, for some seconds",
    "missing_episode.double_of": "another report that they read, as they withdraw one, by ctx.missing_stands",
    "panel_item.meeting_id": "the panel that takes an item, by the policies on panel_item",
    "referral.policy_version": "a draft is sent under the policy of its day; form_stands from then on",
    "referral_child.child_id": "who a child on a form is, until a decision stands: matched by the hub",
    "linked_step.deadline_id": "the duty that a step owes; what a duty is about stands",
    "linked_process.status_id": "a status of the same child, by ctx.linked_process_stands",
    "safety_plan.ended_meeting_id": "the meeting after which a plan ends",
}


# In whose name.


def test_every_column_that_names_somebody_is_held_to_whoever_asks(owner: Engine) -> None:
    with owner.connect() as connection:
        naming = own_names.naming(connection)
        held = connection.execute(
            text(
                "select tgrelid::regclass::text, encode(tgargs, 'escape') from pg_trigger"
                " where tgname = 'own_name' and tgenabled = 'O'"
            )
        ).all()
    found = {
        f"{table}.{one.split(' ')[1].rstrip('?')}"
        for table, arguments in held
        for one in arguments.split("\\000")
        if one
    }
    assert found == set(naming) - set(own_names.OTHERS)
    assert len(found) > 100, "the catalogue is not being read"
    stale = set(own_names.OTHERS) - set(naming)
    assert not stale, f"nobody can write these: take them off the list: {stale}"
    assert set(own_names.TAKEN_BACK) <= found
    assert all(len(reason) > 10 for reason in own_names.OTHERS.values())


# Sensitivity.


def asked(case: Case, by: User, after: int, **facts: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "case_id": case.id,
        "before": case.sensitivity,
        "after": after,
        "reason": "x",
        "asked_by": by.id,
        "asked_at": clock.now(),
    } | facts


@pytest.fixture
def sealed(rows: Session, cast: Cast, case: Case) -> Case:
    for person in (cast.officer, cast.coordinator, cast.social_worker):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    return case


def test_nobody_unseals_a_case_alone_in_the_name_of_a_coordinator(
    rows: Session, cast: Cast, sealed: Case, asking: Asking
) -> None:
    assert not added(asking, cast.officer, SensitivityChange, asked(sealed, cast.officer, 0))
    stands = asked(sealed, cast.officer, 0)  # even if it stood already
    rows.execute(insert(SensitivityChange), stands)
    rows.commit()
    assert refused(
        asking,
        cast.officer,
        "update sensitivity_change set asked_by = :other, confirmed_by = :me, confirmed_at = now()"
        " where id = :id",
        "update cre_case set sensitivity = 0 where id = :case",
        other=cast.coordinator.id,
        me=cast.officer.id,
        id=stands["id"],
        case=sealed.id,
    )
    for person in (cast.officer, cast.social_worker):
        assert refused(
            asking,
            person,
            "update sensitivity_change set confirmed_by = :me, confirmed_at = now() where id = :id",
            "update cre_case set sensitivity = 0 where id = :case",
            me=person.id,
            id=stands["id"],
            case=sealed.id,
        ), "a coordinator asks"


def test_a_coordinator_asks_and_whoever_answers_for_the_case_confirms(
    rows: Session, cast: Cast, sealed: Case, asking: Asking
) -> None:
    mine = asked(sealed, cast.coordinator, 0)
    assert added(asking, cast.coordinator, SensitivityChange, mine)
    assert not added(asking, cast.coordinator, SensitivityChange, mine | {"before": 1}), "not what it is"
    assert not added(
        asking,
        cast.coordinator,
        SensitivityChange,
        mine | {"confirmed_by": cast.coordinator.id, "confirmed_at": clock.now()},
    )
    rows.execute(insert(SensitivityChange), mine)
    rows.commit()
    answer = (
        "update sensitivity_change set confirmed_by = :me, confirmed_at = now() where id = :id",
        "update cre_case set sensitivity = 0 where id = :case",
    )
    for person, may in ((cast.social_worker, True), (cast.officer, False), (cast.coordinator, False)):
        assert refused(asking, person, *answer, me=person.id, id=mine["id"], case=sealed.id) is not may


def test_a_case_is_held_more_closely_only_by_whoever_answers_for_it(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    assert not changed(asking, cast.coordinator, Case, case.id, sensitivity=2), "it keeps a coordinator"
    grant(rows, case, cast.coordinator, by=cast.social_worker)
    rows.commit()
    for person, may in ((cast.officer, False), (cast.social_worker, True), (cast.coordinator, True)):
        assert changed(asking, person, Case, case.id, sensitivity=2) is may
        assert added(asking, person, SensitivityChange, asked(case, person, 2)) is may


# What a meeting decided, and what was assessed.


def decision(case: Case, meeting: Meeting, by: User, **facts: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "reference": f"DEC-{new_id()}",
        "meeting_id": meeting.id,
        "case_id": case.id,
        "text": "x",
        "reason": "x",
        "recorded_by": by.id,
        "recorded_at": clock.now(),
        "version": 1,
    } | facts


def test_nobody_closes_a_case_as_if_a_meeting_had_decided_it(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    meeting = chaired(rows, cast, case)
    grant(rows, case, cast.chair, by=cast.coordinator)
    stands = decision(case, meeting, cast.chair)
    rows.execute(insert(Decision), stands)
    rows.commit()
    for person in (cast.officer, cast.nurse):
        for facts in ({"state": "held"}, {"held_at": clock.now()}, {"state": "cancelled"}, {"place": "x"}):
            assert not changed(asking, person, Meeting, meeting.id, **facts)
        assert not changed(
            asking, person, Decision, stands["id"], outcome=MeetingOutcome.CLOSE.value, text="x"
        )
        assert not added(asking, person, Decision, decision(case, meeting, person))
        assert refused(
            asking, person, *CLOSING, meeting=meeting.id, decision=stands["id"], case=case.id, me=person.id
        )
    assert changed(asking, cast.chair, Meeting, meeting.id, state="held", held_at=clock.now())
    assert changed(asking, cast.chair, Decision, stands["id"], text="y")
    assert added(asking, cast.social_worker, Decision, decision(case, meeting, cast.social_worker))
    assert not added(asking, cast.chair, Decision, decision(case, meeting, cast.coordinator))
    assert rows.scalar(select(CaseClosure.id)) is None


CLOSING = (
    "update meeting set state = 'held', held_at = now() where id = :meeting",
    "update decision set outcome = 'close', text = 'x' where id = :decision",
    "insert into case_closure (id, case_id, kind, ground, reason, meeting_id, decision_id, asked_by,"
    " asked_at, closed_at) values (gen_random_uuid(), :case, 'closed', 'meeting', 'x', :meeting, :decision,"
    " :me, now(), now())",
    "update cre_case set state = 'closed' where id = :case",
)


def test_a_decision_bears_the_name_of_whoever_worded_it(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    meeting = chaired(rows, cast, case)
    stands = decision(case, meeting, cast.social_worker)
    rows.execute(insert(Decision), stands)
    rows.commit()
    with asking(cast.coordinator) as session:
        session.execute(
            update(Decision)
            .where(Decision.__table__.c.id == stands["id"])
            .values(text="y", recorded_by=cast.social_worker.id)
        )
        session.commit()
    rows.expire_all()
    assert rows.get_one(Decision, stands["id"]).recorded_by == cast.coordinator.id


def level(case: Case, by: User, second: User | None, **facts: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "case_id": case.id,
        "before": "high",
        "level": "none",
        "reason": "x",
        "decided_by": by.id,
        "agency_id": by.agency_id,
        "decided_at": clock.now(),
        "second_id": second.id if second else None,
        "second_at": clock.now() if second else None,
    } | facts


def assessment(
    rows: Session, case: Case, by: User, *, state: str = "waiting", **facts: Any
) -> RiskAssessment:
    found = RiskAssessment(
        id=new_id(),
        reference=f"RSK-{new_id()}",
        case_id=case.id,
        kind="full",
        trigger="x",
        state=state,
        assessor_id=by.id,
        agency_id=by.agency_id,
        started_at=clock.now(),
        policy_version="test",
        **facts,
    )
    rows.add(found)
    rows.commit()
    return found


def test_a_manager_lowers_a_level_only_as_somebody_else_assessed(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    manager, worker = cast.social_care_manager, cast.social_worker
    case.level = "high"
    done: dict[str, Any] = {
        "finalised_at": clock.now(),
        "state": "finalised",
        "level": "none",
        "concluded_by": worker.id,
        "second_id": manager.id,
    }
    written = assessment(rows, case, worker, **done)
    waiting = assessment(rows, case, worker, **done | {"state": "waiting", "finalised_at": None})
    elsewhere = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    other = assessment(rows, elsewhere, worker, **done)

    def lowers(first: User, of: RiskAssessment | None) -> bool:
        values = level(case, first, manager, assessment_id=of.id if of else None)
        with asking(manager) as session:
            try:
                session.execute(insert(LevelDecision).inline(), values)
                session.execute(text("set constraints all immediate"))
            except DBAPIError:
                return False
            finally:
                session.rollback()
        return True

    assert lowers(worker, written)
    assert not lowers(cast.officer, written), "who did not write it"
    assert not lowers(cast.officer, None), "of no assessment"
    assert not lowers(worker, None)
    assert not lowers(worker, waiting), "which is not finalised with it"
    assert not lowers(worker, other), "of another case"
    rows.execute(insert(LevelDecision), level(case, worker, manager, assessment_id=written.id))
    rows.commit()
    assert not lowers(worker, written), "once"


def test_who_concludes_an_assessment_says_its_level(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    written = assessment(
        rows,
        case,
        cast.social_worker,
        level="high",
        concluded_by=cast.social_worker.id,
        concluded_at=clock.now(),
    )
    for person in (cast.social_care_manager, cast.officer):
        assert not changed(asking, person, RiskAssessment, written.id, level="none")
        assert not changed(asking, person, RiskAssessment, written.id, level="none", concluded_by=person.id)
    assert changed(asking, cast.social_care_manager, RiskAssessment, written.id, state="draft")


# Reach taken away, and other records in others' names.
