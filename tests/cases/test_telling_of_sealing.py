"""Whoever reads on hears that a case is held closely; whoever leads it hears that a team went."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.messages.model import ReminderPlan
from portal.records.cases.model import Case
from portal.records.meetings.vocabulary import MeetingState
from portal.vocabulary import Sensitivity
from tests.cases.pages import words
from tests.cases.test_network import involvement_of, join
from tests.cases.test_page import ClientFor
from tests.cases.test_sensitivity import change
from tests.cast import Cast
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.plans import make_action
from tests.told import of_event


def test_whoever_leads_hears_that_a_team_went_although_they_heard_that_it_came(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.coordinator)
    assert join(client, case, cast.council_team).status_code == 303
    work = involvement_of(rows, case, cast.council_team)
    address = f"/cases/{case.reference}/network/{work.id}/end"
    assert client.submit(address, {"reason": "Done"}).status_code == 303
    heard = {
        who for who, how, kind in of_event(rows, "team_left", last_word=None) if kind == "network_changed"
    }
    assert heard == {cast.social_worker.id}
    assert f"{cast.social_worker.name} (leads the case)" in words(client.soup("/cases"))


def test_whoever_reads_on_is_told_that_it_was_sealed_and_nothing_that_is_not_so(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    duty = rows.scalars(select(Deadline)).one()
    duty.owner_id, duty.owner_team_id = cast.social_worker.id, cast.social_care_team.id
    rows.commit()
    given_at = rows.scalars(select(ReminderPlan.given_at)).one()
    assert (
        change(
            client_for(cast.coordinator), case, Sensitivity.SEALED, named=[str(cast.officer.id)]
        ).status_code
        == 303
    )
    everything = of_event(rows, "case_held_closely", last_word=None)
    for person in (cast.social_worker, cast.officer):
        assert {(how, kind) for who, how, kind in everything if who == person.id} == {("mail", "case_held")}
    assert {kind for who, _, kind in everything if who in {cast.nurse.id, cast.colleague.id}} == {
        "no_longer_yours"
    }
    assert cast.stranger.id not in {who for who, _, _ in everything}
    rows.expire_all()
    kept = rows.scalars(select(Deadline.owner_id).where(Deadline.owner_team_id.is_(None))).all()
    assert kept == [cast.social_worker.id]
    assert rows.scalars(select(ReminderPlan.given_at)).one() == given_at, "it was theirs already"


def test_whoever_had_an_action_or_minutes_without_reading_the_case_hears_that_it_is_gone(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    make_action(rows, case, cast.teacher, cast.social_worker)
    two: dict[str, Any] = {"chair": cast.coordinator, "note_taker": cast.second_coordinator}
    met = make_meeting(rows, cases=[case], state=MeetingState.DISTRIBUTED, **two)
    make_invitation(rows, met, person=cast.community_safety, by=cast.coordinator)
    rows.commit()
    named = {"named": [str(cast.officer.id)]}
    assert change(client_for(cast.coordinator), case, Sensitivity.SEALED, **named).status_code == 303
    gone = {(who, kind) for who, _, kind in of_event(rows, "case_held_closely", last_word=None)}
    for person in (cast.teacher, cast.community_safety):
        assert (person.id, "no_longer_yours") in gone, person.name
        told = client_for(person).get("/messages").text
        assert case.reference not in told
        assert "Fictional" not in told
    assert cast.stranger.id not in {who for who, _ in gone}
    assert not {kind for who, kind in gone if who == cast.officer.id} & {"no_longer_yours"}


def test_of_a_restricted_case_they_keep_it_and_hear_nothing(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    make_action(rows, case, cast.teacher, cast.social_worker)
    rows.commit()
    assert change(client_for(cast.coordinator), case, Sensitivity.RESTRICTED).status_code == 303
    assert cast.teacher.id not in {who for who, *_ in of_event(rows, "case_held_closely", last_word=None)}


def test_a_duty_of_a_team_that_a_person_takes_over_by_the_sealing_is_given_to_them(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    rows.scalars(select(Deadline)).one().owner_team_id = cast.police_team.id
    rows.commit()
    given_at = rows.scalars(select(ReminderPlan.given_at)).one()
    assert change(client_for(cast.coordinator), case, Sensitivity.SEALED).status_code == 303
    rows.expire_all()
    assert rows.scalars(select(ReminderPlan.given_at)).one() != given_at


def test_who_was_told_says_also_who_lost_sight_of_a_sealed_case(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.coordinator)
    assert change(client, case, Sensitivity.SEALED).status_code == 303
    page = words(client.soup(f"/cases/{case.reference}/told"))
    for name in (cast.social_worker.name, cast.nurse.name, cast.officer.name, cast.police_team.name):
        assert name in page
    assert "no longer sees it" in page
    assert client_for(cast.officer).get(f"/cases/{case.reference}/told").status_code == 404
