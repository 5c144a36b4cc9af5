"""What may be taken away, ended or put right, and by whom: tried as SQL of the application's role.

Beside each attack stands what whoever may do it does.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import Model, new_id
from portal.records.cases.model import AccessGrant, Alert, Case, Involvement
from portal.records.children.model import Child, ChildCorrection, ChildIdentifier
from portal.records.children.recording import Identity
from portal.records.meetings.model import AgendaItem, Invitation
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.vocabulary import Role
from tests.access.test_giving_reach import case, chaired, changed
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import grant, involve
from tests.factories.people import make_user
from tests.factories.referrals import make_sent_referral

__all__ = ["case"]


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
