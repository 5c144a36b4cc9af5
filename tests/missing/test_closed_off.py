"""The case of a child who is missing now is held more closely: who looks for it loses sight."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import AccessGrant, Case, SensitivityChange
from portal.records.children.model import Child, ChildLink
from portal.records.children.records import unlink_children
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sector, Sensitivity
from tests.cases.pages import words
from tests.cases.test_sensitivity import change
from tests.cast import Cast
from tests.factories.cases import make_child
from tests.factories.missing import make_episode
from tests.factories.people import make_agency, make_team
from tests.missing.conftest import Acting
from tests.missing.test_linked_records import links
from tests.missing.test_pages import ClientFor
from tests.told import look_at

EVENT = "missing_closed_off"
WHO_READS = "how the police go on looking for the child"


@pytest.fixture
def missing(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """A nurse reported the child this morning; the police have a desk, social care a front door."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.get_one(User, cast.nurse.id).phone = "01632 960771"
    city = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority="derby")
    make_team(rows, city, "City team")
    rows.commit()
    since = clock.now() - timedelta(hours=3)
    child = rows.get_one(Child, case.child_id)
    return make_episode(rows, child, cast.nurse, since=since, team=cast.health_team, host_authority="derby")


def city_team(rows: Session) -> UUID:
    return rows.scalars(select(Team.id).filter_by(name="City team")).one()


def told(rows: Session) -> list[OutboxMessage]:
    rows.rollback()
    return look_at(rows.scalars(select(OutboxMessage).filter_by(event=EVENT)))


def mailed(rows: Session) -> set[object]:
    return {one.recipient_team_id for one in told(rows) if one.channel == "mail"}


@pytest.mark.parametrize("to", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_whoever_looks_for_the_child_hears_at_once_that_they_lose_sight_and_whom_to_ring(
    rows: Session, cast: Cast, case: Case, missing: MissingEpisode, client_for: ClientFor, to: Sensitivity
) -> None:
    page = f"/missing/{missing.reference}"
    assert client_for(cast.neighbour).get(page).status_code == 200
    client = client_for(cast.coordinator)
    desk, door = cast.police_other_team, cast.social_care_team
    asked = words(client.soup(f"/cases/{case.reference}/sensitivity"))
    assert f"The child is missing now ({missing.reference})." in asked
    assert f"the police, {desk.name} (police missing desk)" in asked
    assert f"{door.name} (social care that had the report)" in asked
    assert "City team (social care that had the report), who look for the child, lose sight" in asked
    assert change(client, case, to, search="phoned").status_code == 303
    (kept,) = rows.scalars(select(SensitivityChange.reason).filter_by(case_id=case.id))
    assert "The search for the child: I told them by phone who the child is" in kept
    done = words(client.soup(f"/cases/{case.reference}"))
    assert f"({missing.reference}): the police, {desk.name} (police missing desk)" in done
    assert "Told by e-mail now, and in the portal:" in done
    sealed = to is Sensitivity.SEALED
    hub = {one.recipient_team_id for one in told(rows) if one.ground == "hub" and one.channel == "mail"}
    assert mailed(rows) == {desk.id, door.id, city_team(rows), *hub}
    assert bool(hub) == sealed
    assert all(one.urgent and one.last_word and one.not_before <= clock.now() for one in told(rows))
    people = {one.recipient_id for one in told(rows) if one.channel == "portal"}
    assert cast.neighbour.id in people
    assert (cast.second_coordinator.id in people) == sealed
    assert people.isdisjoint({cast.coordinator.id, cast.social_worker.id, cast.nurse.id, cast.stranger.id})

    desk_sees = client_for(cast.neighbour)
    led = desk_sees.get(page)
    assert (led.status_code, led.location[:4]) == (303, "/go/")
    says = words(desk_sees.soup(led.location))
    assert f"{cast.nurse.name}," in says
    assert "01632 960771" in says
    child = rows.get_one(Child, missing.child_id)
    for secret in (child.family_name, child.reference, case.reference):
        assert secret not in says
    assert client_for(cast.nurse).get(page).status_code == 200, "who recorded it reads on"
    for person in (cast.stranger, cast.teacher):
        assert client_for(person).get(page).status_code == 404


def test_it_is_not_done_before_somebody_says_how_the_police_go_on(
    rows: Session, cast: Cast, case: Case, missing: MissingEpisode, client_for: ClientFor
) -> None:
    client = client_for(cast.coordinator)
    refused = change(client, case, Sensitivity.SEALED)
    assert refused.status_code == 422
    assert WHO_READS in refused.text
    assert "A relative works here" in refused.text, "nothing that was typed is lost"
    named = change(client, case, Sensitivity.SEALED, search="named")
    assert named.status_code == 422
    assert "Tick who of the police missing desk is to read the case" in named.text
    assert not told(rows)
    assert rows.scalars(select(Case.sensitivity)).one() == Sensitivity.NORMAL


def test_somebody_of_the_desk_is_offered_named_and_goes_on_reading(
    rows: Session, cast: Cast, case: Case, missing: MissingEpisode, client_for: ClientFor
) -> None:
    client = client_for(cast.coordinator)
    boxes = client.soup(f"/cases/{case.reference}/sensitivity").select("input[name=named]")
    assert str(cast.neighbour.id) in {one["value"] for one in boxes}
    sent = {"search": "named", "named": [str(cast.neighbour.id)]}
    assert change(client, case, Sensitivity.SEALED, **sent).status_code == 303
    assert cast.neighbour.id in set(rows.scalars(select(AccessGrant.user_id)))
    assert cast.neighbour.id not in {one.recipient_id for one in told(rows)}
    assert cast.police_other_team.id in mailed(rows), "the others of it see it no more"
    assert client_for(cast.neighbour).get(f"/missing/{missing.reference}").status_code == 200


def test_from_restricted_to_sealed_the_hub_alone_loses_sight_and_nobody_is_asked_of_the_police(
    rows: Session, cast: Cast, case: Case, missing: MissingEpisode, client_for: ClientFor
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    client = client_for(cast.coordinator)
    asked = words(client.soup(f"/cases/{case.reference}/sensitivity"))
    assert "If you seal the case, the hub loses sight of the report" in asked
    assert "How do the police go on looking?" not in asked
    assert change(client, case, Sensitivity.SEALED).status_code == 303
    assert {one.ground for one in told(rows)} == {"hub"}


def test_of_a_child_who_is_back_nothing_is_asked_and_nobody_is_told(
    rows: Session, cast: Cast, case: Case, missing: MissingEpisode, client_for: ClientFor
) -> None:
    held = rows.get_one(MissingEpisode, missing.id)
    held.returned_at, held.how_found = clock.now(), "police"
    rows.commit()
    client = client_for(cast.coordinator)
    asked = words(client.soup(f"/cases/{case.reference}/sensitivity"))
    assert "missing now" not in asked
    assert change(client, case, Sensitivity.SEALED).status_code == 303
    assert not told(rows)


def test_a_desk_and_a_hub_that_recorded_it_read_on_and_hear_nothing(
    rows: Session, cast: Cast, case: Case, missing: MissingEpisode, client_for: ClientFor
) -> None:
    held = rows.get_one(MissingEpisode, missing.id)
    held.recorded_by, held.recorded_agency_id = cast.neighbour.id, cast.neighbour.agency_id
    held.recorded_team_id = cast.police_other_team.id
    rows.commit()
    asked = words(client_for(cast.coordinator).soup(f"/cases/{case.reference}/sensitivity"))
    assert "How do the police go on looking?" not in asked
    assert change(client_for(cast.coordinator), case, Sensitivity.RESTRICTED).status_code == 303
    assert mailed(rows) == {cast.social_care_team.id, city_team(rows)}
    assert client_for(cast.neighbour).get(f"/missing/{missing.reference}").status_code == 200


def test_of_a_second_record_that_closes_with_it_they_hear_too_and_when_it_is_linked_later(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.commit()
    one, other = rows.get_one(Child, case.child_id), make_child(rows, "Ada", "Fictionall")
    later = make_child(rows, "Adda", "Fictionall")
    links(acting, cast, one, other)
    behind = make_episode(rows, other, cast.nurse, team=cast.health_team)
    client = client_for(cast.coordinator)
    assert f"({behind.reference})" in words(client.soup(f"/cases/{case.reference}/sensitivity"))
    assert change(client, case, Sensitivity.SEALED, search="phoned").status_code == 303
    assert cast.police_other_team.id in mailed(rows)
    before = {one.id for one in told(rows)}
    make_episode(rows, later, cast.nurse, team=cast.health_team)
    links(acting, cast, one, later)
    assert cast.police_other_team.id in {one.recipient_team_id for one in told(rows) if one.id not in before}
    with acting(cast.coordinator) as actor:
        for link in db.session.scalars(select(ChildLink)).all():
            unlink_children(actor=actor, link=link, reason="Two children after all")
    assert len([one for one in told(rows) if one.recipient_team_id == cast.police_other_team.id]) == 2
