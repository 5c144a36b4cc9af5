"""Who is told of changes of roles, accounts, teams and agencies, and of what somebody left behind."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.messages.model import OutboxMessage, OutboxSubject, Untold
from portal.pages.held_work.handing import tell_left
from portal.records.cases.model import Case
from portal.records.people import agencies, keeping, roles, sign_in
from portal.records.people.model import AgencyProvider, RoleChange, Team, User
from portal.vocabulary import HeldWork, Role, Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.told import of_event, page_words

Acting = Callable[[User], AbstractContextManager[Principal]]
MAIL, BELL, DIGEST = "mail", "portal", "digest"


def case_of(rows: Session, cast: Cast) -> Case:
    """A case that social care leads and health works on."""
    made = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, made, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, made, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    rows.commit()
    return made


def asks(acting: Acting, cast: Cast, *wanted: Role) -> RoleChange:
    with acting(cast.administrator) as actor:
        change = roles.ask(actor=actor, user_id=cast.governance.id, roles=wanted)
        db.session.flush()
        db.session.expunge(change)
    return change


def test_a_weighty_change_waits_for_the_other_administrators_and_both_hear_the_answer(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    change = asks(acting, cast, Role.ADMINISTRATOR)
    assert of_event(rows, "roles_asked") == {(cast.second_administrator.id, MAIL, "role_asked")}
    with acting(cast.second_administrator) as actor:
        roles.confirm(actor=actor, change_id=change.id)
    assert of_event(rows, "roles_changed") == {
        (cast.governance.id, MAIL, "role_changed"),
        (cast.administrator.id, MAIL, "agreement_answered"),
    }


def test_one_that_is_turned_down_is_told_whoever_asked(rows: Session, cast: Cast, acting: Acting) -> None:
    change = asks(acting, cast, Role.ADMINISTRATOR)
    with acting(cast.second_administrator) as actor:
        roles.refuse(actor=actor, change_id=change.id)
    assert of_event(rows, "roles_refused") == {(cast.administrator.id, MAIL, "agreement_answered")}


def test_one_that_is_taken_back_waits_no_more_as_those_hear_who_could_have_confirmed_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    with acting(cast.administrator) as actor:
        change = roles.ask(actor=actor, user_id=cast.nurse.id, roles=[Role.GOVERNANCE])
        asked = change.id
        roles.refuse(actor=actor, change_id=asked)
    assert of_event(rows, "roles_refused") == set()
    assert of_event(rows, "roles_taken_back") == {
        (cast.second_administrator.id, BELL, "role_not_asked"),
        (cast.governance.id, DIGEST, "role_change_withdrawn"),
    }
    with acting(cast.second_administrator) as actor, pytest.raises(DomainError, match="waits no more"):
        roles.confirm(actor=actor, change_id=asked)


def test_governance_sees_in_the_morning_what_became_of_a_weighty_change(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    for event, answer, kind in (
        ("roles_refused", roles.refuse, "agreement_answered"),
        ("roles_changed", roles.confirm, "role_changed"),
    ):
        with acting(cast.administrator) as actor:
            change = roles.ask(actor=actor, user_id=cast.nurse.id, roles=[Role.GOVERNANCE])
            db.session.flush()
            db.session.expunge(change)
        with acting(cast.second_administrator) as actor:
            answer(actor=actor, change_id=change.id)
        assert (cast.governance.id, DIGEST, kind) in of_event(rows, event)


def test_governance_sees_weighty_changes_in_the_morning_and_no_others(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    with acting(cast.administrator) as actor:
        roles.ask(actor=actor, user_id=cast.nurse.id, roles=[Role.PRACTITIONER, Role.CHAIR])
    assert of_event(rows, "roles_changed") == {(cast.nurse.id, MAIL, "role_changed")}
    with acting(cast.administrator) as actor:
        roles.ask(actor=actor, user_id=cast.second_coordinator.id, roles=[Role.MANAGER])
    assert (cast.governance.id, DIGEST, "role_change_waits") in of_event(rows, "roles_asked")


def test_where_there_is_no_other_administrator_the_page_and_the_hub_know(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    cast.second_administrator.active = False
    rows.commit()
    with acting(cast.administrator) as actor:
        roles.ask(actor=actor, user_id=cast.governance.id, roles=[Role.ADMINISTRATOR])
        assert "Not told: administers the portal (there is nobody who may be told)" in page_words()
    rows.rollback()
    assert rows.query(Untold).one().event == "roles_asked"


def test_whose_account_was_changed_hears_of_it(rows: Session, cast: Cast, acting: Acting) -> None:
    for verb in (keeping.end_sessions, keeping.release):
        with acting(cast.administrator) as actor:
            verb(actor=actor, user_id=cast.nurse.id)
        assert of_event(rows, "account_changed") == {(cast.nurse.id, MAIL, "account_changed")}
    assert rows.query(OutboxMessage).filter_by(event="account_changed").count() == 2


def leaves(acting: Acting, cast: Cast, *left: HeldWork) -> None:
    with acting(cast.administrator) as actor:
        person = db.session.get_one(User, cast.social_worker.id)
        teams = [cast.social_care_team.id]
        tell_left(actor=actor, person=person, teams=teams, left=left, moved=False)


def test_what_somebody_left_is_told_their_manager_the_lead_of_the_agency_and_the_hub(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    cast.social_care.lead_id = cast.chair.id
    rows.commit()
    leaves(acting, cast, HeldWork.ACTIONS)
    told = {(cast.social_care_manager.id, MAIL, "work_left"), (cast.chair.id, MAIL, "work_left")}
    assert of_event(rows, "work_left") == told
    leaves(acting, cast, HeldWork.LEADS)
    assert (cast.hub_team.id, MAIL, "work_left") in of_event(rows, "work_left")


def test_a_team_that_is_closed_is_told_the_hub_and_whoever_leads_a_case_with_it_who_is_not_named(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case_of(rows, cast)
    with acting(cast.administrator) as actor:
        team = db.session.get_one(Team, cast.health_team.id)
        agencies.change_team(
            actor=actor,
            team_id=team.id,
            name=team.name,
            duty_email=team.duty_email,
            duty_phone=team.duty_phone,
            manager_id=team.manager_id,
            active=False,
            version=team.version,
        )
        words = page_words()
    assert {one for one in of_event(rows, "team_closed") if one[1] == MAIL} == {
        (cast.hub_team.id, MAIL, "work_left_urgent"),
        (cast.social_worker.id, MAIL, "team_closed"),
    }
    assert cast.social_worker.name not in words
    assert cast.hub_team.name in words


def test_an_agency_that_is_closed_is_told_whoever_leads_a_case_also_one_closely_held(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case = case_of(rows, cast)
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    with acting(cast.administrator) as actor:
        agencies.switch_off(actor=actor, agency_id=cast.health.id, reason="It was merged")
    found = of_event(rows, "team_closed")
    assert (cast.social_worker.id, MAIL, "team_closed") in found
    assert (cast.hub_team.id, MAIL, "work_left_urgent") in found


def test_nobody_but_an_administrator_learns_who_leads_cases_with_a_team(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case_of(rows, cast)
    asked = "select count(*) from ctx.leads_with(:agency, null)"
    for who, count in ((cast.administrator, 1), (cast.stranger, 0), (cast.governance, 0)):
        with acting(who):
            assert db.session.scalar(text(asked), {"agency": cast.health.id}) == count


def test_a_provider_waits_for_the_others_and_leads_hear_that_it_is_off(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    cast.health.lead_id = cast.nurse.id
    rows.commit()
    with acting(cast.administrator) as actor:
        made = sign_in.add(
            actor=actor,
            code="health",
            name="Health",
            issuer="https://id.health.example",
            client_id="portal",
            required_acr=(),
            required_amr=(),
            max_age=None,
        )
        db.session.add(AgencyProvider(agency_id=cast.health.id, provider_id=made.id))
        db.session.flush()
        number = made.id
    assert of_event(rows, "provider_added") == {(cast.second_administrator.id, MAIL, "role_asked")}
    with acting(cast.second_administrator) as actor:
        sign_in.switch_on(actor=actor, provider_id=number)
        sign_in.switch_off(actor=actor, provider_id=number)
    assert of_event(rows, "provider_off") == {(cast.nurse.id, MAIL, "account_changed")}


def test_whoever_leads_an_agency_hears_in_the_morning_that_somebody_was_invited_for_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    cast.health.lead_id, cast.police.lead_id = cast.nurse.id, cast.officer.id
    rows.commit()
    with acting(cast.administrator) as actor:
        said: dict[str, Any] = {
            "name": "Newt Fictional",
            "email": "newt@health.example",
            "job_title": "Nurse",
        }
        made = keeping.invite(
            actor=actor,
            agency_id=cast.health.id,
            roles=[Role.PRACTITIONER],
            team_ids=[cast.health_team.id],
            **said,
        )
    told = {(cast.nurse.id, DIGEST, "person_invited")}
    assert of_event(rows, "person_invited") == told, "nor the person, who has no account yet"
    with acting(cast.administrator) as actor:
        keeping.invite_again(actor=actor, user_id=made.user_id)
    assert rows.query(OutboxMessage).filter_by(event="person_invited").count() == 2
    assert of_event(rows, "person_invited") == told


def test_the_other_administrators_see_that_somebody_was_switched_off_or_left_a_team(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    told = {(cast.second_administrator.id, BELL, "person_gone")}
    managed(rows, cast.police_team, cast.police_manager)
    with acting(cast.administrator) as actor:
        person = db.session.get_one(User, cast.neighbour.id)
        kept: dict[str, Any] = {
            name: getattr(person, name) for name in ("name", "email", "job_title", "phone")
        }
        changes: dict[str, Any] = {"actor": actor, "user_id": person.id, "version": person.version}
        keeping.change_details(**changes, **kept, team_ids=[cast.police_other_team.id])
    assert of_event(rows, "person_gone") == set(), "nothing was left"
    with acting(cast.administrator) as actor:
        person = db.session.get_one(User, cast.neighbour.id)
        changes = {"actor": actor, "user_id": person.id, "version": person.version}
        keeping.change_details(**changes, **kept, team_ids=[cast.police_team.id])
    assert of_event(rows, "person_gone") == told
    with acting(cast.second_administrator) as actor:
        keeping.switch_off(actor=actor, user_id=cast.neighbour.id, reason="Left")
    manager = (cast.police_manager.id, DIGEST, "person_gone")
    assert of_event(rows, "person_gone") == told | {(cast.administrator.id, BELL, "person_gone"), manager}


def moves(acting: Acting, by: User, person: User, *teams: Team) -> str:
    """Somebody is in these teams from now on; what the page says of telling."""
    with acting(by) as actor:
        kept = db.session.get_one(User, person.id)
        keeping.change_details(
            actor=actor,
            user_id=kept.id,
            name=kept.name,
            email=kept.email,
            job_title=kept.job_title,
            phone=kept.phone,
            team_ids=[one.id for one in teams],
            version=kept.version,
            later=True,
        )
        return page_words()


def managed(rows: Session, team: Team, by: User) -> None:
    rows.get_one(Team, team.id).manager_id = by.id
    rows.commit()


def test_whoever_manages_the_team_hears_in_the_morning_what_their_people_may_do(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    managed(rows, cast.police_team, cast.police_manager)
    with acting(cast.administrator) as actor:
        roles.ask(actor=actor, user_id=cast.officer.id, roles=[Role.PRACTITIONER, Role.CHAIR])
    assert of_event(rows, "roles_changed") == {
        (cast.officer.id, MAIL, "role_changed"),
        (cast.police_manager.id, DIGEST, "role_changed"),
    }


def test_whoever_joins_or_leaves_a_team_and_its_manager_hear_of_it(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    managed(rows, cast.police_team, cast.police_manager)
    managed(rows, cast.police_other_team, cast.neighbour)
    here, there = cast.police_team, cast.police_other_team
    person = (cast.officer.id, BELL, "teams_changed")
    old, new = ((one.id, DIGEST, "person_moved") for one in (cast.police_manager, cast.neighbour))
    for teams, heard in (((here, there), {person, new}), ((there,), {person, old}), ((there,), set())):
        rows.query(OutboxSubject).filter_by(subject_kind="app_user").delete()
        rows.query(OutboxMessage).filter_by(event="teams_changed").delete()
        rows.commit()
        moves(acting, cast.administrator, cast.officer, *teams)
        assert of_event(rows, "teams_changed") == heard
    assert of_event(rows, "team_moved") == of_event(rows, "work_left") == set(), "nothing was left"


def test_whoever_leads_a_case_hears_that_somebody_who_works_on_it_has_left_and_is_not_named(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case_of(rows, cast)
    words = moves(acting, cast.administrator, cast.nurse)
    assert of_event(rows, "worker_gone") == {(cast.social_worker.id, DIGEST, "worker_gone")}
    assert cast.social_worker.name not in words
    with acting(cast.administrator) as actor:
        keeping.switch_off(actor=actor, user_id=cast.nurse.id, reason="Left", later=True)
        words = page_words()
    assert cast.social_worker.name not in words
    mails = rows.query(OutboxMessage).filter_by(event="worker_gone")
    assert {one.recipient_id for one in mails} == {cast.social_worker.id}


def test_of_a_sealed_case_whoever_leads_it_hears_as_of_everybody_named_there(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    case = case_of(rows, cast)
    for one in (cast.social_worker, cast.nurse):
        grant(rows, case, one, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    with acting(cast.administrator) as actor:
        keeping.switch_off(actor=actor, user_id=cast.nurse.id, reason="Left", later=True)
    assert of_event(rows, "worker_gone") == set()
    assert cast.social_worker.id in {who for who, *_ in of_event(rows, "sealed_work_left")}
