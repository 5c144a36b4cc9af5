"""Nobody writes in the name of another, and what a row is about stands.

Each attack is tried as SQL of the application's role by somebody who works on the case and has full reach;
beside it stands what whoever may do it does.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access import own_names
from portal.model import Model, new_id
from portal.records.assessments.model import LevelDecision, RiskAssessment
from portal.records.cases.model import AccessGrant, Alert, Case, Involvement, SensitivityChange
from portal.records.children.model import Child, ChildCorrection, ChildIdentifier
from portal.records.children.recording import Identity
from portal.records.closing.model import CaseClosure
from portal.records.meetings.model import AgendaItem, Invitation, Meeting
from portal.records.minutes.model import Decision
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model.people import User
from portal.records.referrals.model import Referral
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.vocabulary import Role, Sensitivity
from tests.access.test_giving_reach import added, case, chaired, changed
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.people import make_user
from tests.factories.referrals import make_sent_referral

__all__ = ["case"]

#: What a row is about, whose it is and when it began: written once.
ABOUT = {"id", "reference", "created_at", "created_by", "policy_version"}


def refused(asking: Asking, person: User, *statements: str, **values: Any) -> bool:
    """Whether the application's role is refused one of these statements, or one of them changes nothing."""
    with asking(person) as session:
        try:
            counts = [session.execute(text(one), values).rowcount for one in statements]  # type: ignore[attr-defined]
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
    "panel_item.meeting_id": "the panel that takes an item, by the policies on panel_item",
    "referral.policy_version": "a draft is sent under the policy of its day; ctx.form_stands from then on",
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
    cast: Cast, case: Case, asking: Asking
) -> None:
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


def test_reach_is_taken_away_by_whoever_may_give_it(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    nurses = rows.scalars(select(Involvement).where(Involvement.team_id == cast.health_team.id)).one()
    named = grant(rows, case, cast.teacher, by=cast.coordinator)
    rows.commit()
    over = clock.now()

    def ends(person: User, name: User) -> bool:
        return changed(
            asking, person, Involvement, nurses.id, ended_at=over, ended_by=name.id, end_reason="x"
        )

    assert not ends(cast.officer, cast.coordinator)
    assert not ends(cast.officer, cast.officer)
    assert not ends(cast.police_manager, cast.police_manager)
    assert not ends(cast.coordinator, cast.officer)
    assert ends(cast.coordinator, cast.coordinator)
    assert not changed(asking, cast.officer, Involvement, nurses.id, worker_id=cast.officer.id)
    assert changed(asking, cast.nurse, Involvement, nurses.id, worker_id=None)
    for person, may in (
        (cast.officer, False),
        (cast.nurse, False),
        (cast.social_worker, True),
        (cast.coordinator, True),
    ):
        assert changed(asking, person, AccessGrant, named.id, ends_at=text("now()")) is may


def test_an_alert_is_reviewed_and_ended_by_its_owner_or_whoever_answers_for_the_case(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    alert = Alert(
        id=new_id(),
        case_id=case.id,
        kind="no_contact",
        text="x",
        owner_id=cast.nurse.id,
        review_on=clock.today(),
        child_told=True,
        created_at=clock.now(),
    )
    rows.add(alert)
    rows.commit()
    ended = {"ended_at": clock.now(), "end_reason": "x"}
    assert not changed(asking, cast.officer, Alert, alert.id, owner_id=cast.officer.id)
    assert not changed(asking, cast.officer, Alert, alert.id, ended_by=cast.officer.id, **ended)
    for person in (cast.nurse, cast.social_worker, cast.coordinator):
        assert not changed(asking, person, Alert, alert.id, ended_by=cast.officer.id, **ended)
        assert not changed(asking, person, Alert, alert.id, text="y")
        assert changed(asking, person, Alert, alert.id, ended_by=person.id, **ended)


def correction(child: Child, by: User, **after: Any) -> dict[str, Any]:
    before = Identity.of(child).as_json()
    return {
        "id": new_id(),
        "child_id": child.id,
        "part": "identity",
        "child_version": child.version,
        "before": before,
        "after": before | after,
        "reason": "x",
        "proposed_by": by.id,
        "proposed_agency_id": by.agency_id,
        "created_at": clock.now(),
    }


def test_who_a_child_is_changes_only_as_a_correction_says(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    child = rows.get_one(Child, case.child_id)
    wanted = {"given_name": "Zyxwa"}
    for person in (cast.officer, cast.social_worker, cast.coordinator):
        for facts in (wanted, {"dob": None}, {"nhs_number": "9434765919"}, {"created_by": person.id}):
            assert not changed(asking, person, Child, child.id, **facts)
    rows.execute(insert(ChildCorrection), correction(child, cast.officer, **wanted))
    rows.commit()
    assert changed(asking, cast.coordinator, Child, child.id, version=child.version + 1, **wanted)
    assert changed(asking, cast.social_worker, Child, child.id, version=child.version + 1, **wanted)
    assert not changed(asking, cast.officer, Child, child.id, **wanted), "proposes, and does not decide"
    assert not changed(asking, cast.coordinator, Child, child.id, given_name="Other")


def test_a_number_of_a_child_stands_and_is_ended_by_the_agency_that_recorded_it(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    number = ChildIdentifier(
        id=new_id(), child_id=case.child_id, scheme="x", value="1", agency_id=cast.health.id
    )
    rows.add(number)
    rows.commit()
    assert not changed(asking, cast.nurse, ChildIdentifier, number.id, value="2")
    assert not changed(asking, cast.officer, ChildIdentifier, number.id, ended_at=clock.now())
    assert changed(asking, cast.nurse, ChildIdentifier, number.id, ended_at=clock.now())


def test_an_agenda_and_invitations_are_changed_by_whoever_directs_the_meeting(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    meeting = chaired(rows, cast, case)
    item = AgendaItem(id=new_id(), meeting_id=meeting.id, position=1, heading="x")
    invited = Invitation(
        id=new_id(),
        reference=f"INV-{new_id()}",
        meeting_id=meeting.id,
        agency_id=cast.school.id,
        team_id=cast.school_team.id,
        role="member",
        required=False,
        invited_at=clock.now(),
        invited_by=cast.coordinator.id,
        reply="waiting",
        walk_in=False,
    )
    rows.add_all([item, invited])
    rows.commit()
    for person, may in ((cast.officer, False), (cast.social_worker, True), (cast.coordinator, True)):
        assert changed(asking, person, AgendaItem, item.id, heading="y") is may
        assert (
            changed(asking, person, Invitation, invited.id, withdrawn_at=clock.now(), withdrawn_reason="x")
            is may
        )


def test_the_hub_writes_in_its_own_names(rows: Session, cast: Cast, asking: Asking) -> None:
    second = make_user(rows, cast.hub, "Second Coordinator", Role.COORDINATOR)
    form = make_sent_referral(rows, cast.teacher)
    rows.commit()

    def decided(by: User) -> dict[str, Any]:
        return {
            "id": new_id(),
            "referral_id": form.id,
            "outcome": "social_care_referral",
            "reason": "x",
            "details": {},
            "decided_by": by.id,
            "decided_at": clock.now(),
        }

    def writes(model: type[Model], values: Mapping[str, Any]) -> bool:
        with asking(cast.coordinator) as session:
            try:
                session.execute(insert(model).inline(), values)
            except DBAPIError:
                return False
            finally:
                session.rollback()
        return True

    assert writes(TriageDecision, decided(cast.coordinator))
    assert not writes(TriageDecision, decided(second))
    stands = decided(cast.coordinator)
    rows.execute(insert(TriageDecision), stands)
    rows.commit()
    reopened = {"reopened_at": clock.now(), "reopen_reason": "x"}
    assert not changed(asking, cast.coordinator, TriageDecision, stands["id"], decided_by=second.id)
    assert not changed(
        asking, cast.coordinator, TriageDecision, stands["id"], reopened_by=second.id, **reopened
    )
    assert changed(
        asking, cast.coordinator, TriageDecision, stands["id"], reopened_by=cast.coordinator.id, **reopened
    )

    def referred(by: User) -> dict[str, Any]:
        return {
            "id": new_id(),
            "referral_id": form.id,
            "decision_id": stands["id"],
            "authority": "derbyshire",
            "made_at": clock.now(),
            "made_by": by.id,
        }

    assert writes(SocialCareReferral, referred(cast.coordinator))
    assert not writes(SocialCareReferral, referred(second))
    for facts in ({"author_id": second.id}, {"sender_agency_id": cast.police.id}, {"what_happened": "y"}):
        assert not changed(asking, cast.coordinator, Referral, form.id, **facts)
    assert changed(asking, cast.coordinator, Referral, form.id, claimed_by=second.id, claimed_at=clock.now())


def test_what_was_said_in_ones_own_name_is_not_emptied(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    ended = involve(rows, case, cast.school_team, by=cast.coordinator)
    ended.started_at = clock.now() - timedelta(days=2)
    ended.ended_at, ended.ended_by = clock.now() - timedelta(days=1), cast.coordinator.id
    rows.commit()
    assert not changed(asking, cast.coordinator, Involvement, ended.id, ended_by=None)
