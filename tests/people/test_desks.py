"""Teams have desks, so that somebody is told of what no case says; where nobody would be, that is seen."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.policy import Catalogue, Contact, ContactKind, current_policy
from portal.records.people import agencies
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sector
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_agency, make_team

Acting = Callable[[User], AbstractContextManager[Principal]]


def test_a_desk_is_found_and_of_an_authority_without_one_every_team_is_told(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    cast.social_care.authority = "derby"
    cast.police_team.desks = [Desk.MISSING.value]
    rows.commit()
    with acting(cast.coordinator):
        assert agencies.teams_at(Desk.MISSING) == [cast.police_team.id]
        assert agencies.teams_at(Desk.EXPLOITATION) == []
        assert cast.social_care_team.id in agencies.teams_at(Desk.FRONT_DOOR, authority="derby")
        assert agencies.teams_at(Desk.FRONT_DOOR, authority="derbyshire") == []
    cast.social_care_team.desks = [Desk.FRONT_DOOR.value]
    rows.commit()
    with acting(cast.coordinator):
        assert agencies.teams_at(Desk.FRONT_DOOR, authority="derby") == [cast.social_care_team.id]


def test_a_team_has_only_desks_of_its_sector(cast: Cast, acting: Acting) -> None:
    def add(actor: Principal, agency_id: UUID, desk: str) -> Team:
        return agencies.add_team(
            actor=actor,
            agency_id=agency_id,
            name="Night desk",
            duty_email="desk@example.org",
            duty_phone="01632 960001",
            desks=[desk],
        )

    with acting(cast.administrator) as actor:
        assert add(actor, cast.police.id, "missing").desks == ["missing"]
        for agency in (cast.police, cast.health):
            with pytest.raises(DomainError):
                add(actor, agency.id, "front_door")


def test_gaps_stand_on_the_administrators_page_and_fail_before_a_release_opens(
    app: Flask, rows: Session, cast: Cast, client_for: Callable[[User], Client]
) -> None:
    run = app.test_cli_runner().invoke
    failed = run(args=["ready"])
    assert failed.exit_code == 1
    assert "The police have no team at the desk “Missing people”." in failed.output
    page = client_for(cast.administrator).get("/administration/agencies")
    assert "Who would not be told" in page.text

    cast.police_team.desks = [desk.value for desk in agencies.DESKS_OF[Sector.POLICE]]
    for agency, team in ((cast.social_care, cast.social_care_team),):
        agency.authority, team.desks = "derby", [Desk.FRONT_DOOR.value]
    rows.commit()
    at_night = (
        "Children’s social care of Derby City has nobody who answers at night, and no number for the night."
    )
    output = run(args=["ready"]).output
    assert "police" not in output
    assert at_night in output, "the number in the policy is an example"
    shown = client_for(cast.administrator).soup("/administration/agencies")
    assert at_night in " ".join(shown.get_text(" ").replace(" .", ".").split())
    cast.social_care_team.answers_at_night = True
    rows.commit()
    assert "Derby City" not in run(args=["ready"]).output


def test_with_every_desk_it_is_ready(app: Flask, rows: Session, cast: Cast) -> None:
    front_doors = every_desk(rows, cast)
    ready = app.test_cli_runner().invoke(args=["ready"])
    assert (ready.exit_code, _gaps(app)) == (0, []), ready.output
    assert "Everybody who must be told has a desk" in ready.output

    derby = front_doors["derby"]
    derby.desks = []
    rows.commit()
    gap, night = _gaps(app)
    assert gap == agencies.Gap(
        "Children’s social care of Derby City", "has no team at its front door: all its teams are told"
    )
    assert night.words == "has nobody who answers at night, and no number for the night"
    derby.active = False
    rows.commit()
    ready = app.test_cli_runner().invoke(args=["ready"])
    assert ready.exit_code == 1
    assert "Children’s social care of Derby City has no team on the portal" in ready.output


def test_that_nobody_answers_for_the_hub_at_night_is_a_gap_that_the_administrator_and_the_command_show(
    app: Flask, rows: Session, cast: Cast, client_for: Callable[[User], Client]
) -> None:
    every_desk(rows, cast)
    page = "/administration/agencies"
    gap = "has nobody who answers at night: what is urgent may be read only when it opens"
    assert gap not in client_for(cast.administrator).get(page).text
    for left in ("nights", "closed"):
        cast.hub_team.answers_at_night, cast.hub_team.active = left == "closed", left != "closed"
        rows.commit()
        assert agencies.Gap("The hub", gap) in _gaps(app), left
        ready = app.test_cli_runner().invoke(args=["ready"])
        assert ready.exit_code == 1
        assert f"The hub {gap}." in ready.output
        assert gap in client_for(cast.administrator).get(page).text
    for other in (cast.police_manager, cast.stranger):
        assert client_for(other).get(page).status_code in {403, 404}


def test_who_answers_at_night_is_a_desk_that_does_or_a_number_of_the_policy(
    app: Flask, rows: Session, cast: Cast
) -> None:
    front_doors = every_desk(rows, cast)
    for door in front_doors.values():
        door.answers_at_night = False
    rows.commit()
    policy = current_policy()
    numbers = policy.hub.contacts_of(ContactKind.NON_EMERGENCY, ContactKind.OUT_OF_HOURS)
    kept = [one for one in policy.hub.contacts if one not in numbers]
    (night_for_derby,) = [one for one in numbers if one.authority == "derby"]

    def without_numbers(*but: Contact) -> list[str]:
        few = replace(policy, hub=replace(policy.hub, contacts=Catalogue((*kept, *but))))
        with app.app_context():
            return [f"{gap.whose} {gap.words}" for gap in agencies.gaps(few)]

    no_number = "has nobody who answers at night, and no number for the night"
    police = "The police have nobody who answers at night about a missing child"
    derby, county = (
        f"Children’s social care of {place} {no_number}" for place in ("Derby City", "Derbyshire County")
    )
    assert without_numbers() == [police, derby, county]
    assert without_numbers(night_for_derby) == [police, derby, county], "nobody answers at an example"
    given = replace(night_for_derby, number="0300 000 0112")
    assert without_numbers(given) == [police, county], "the number of one is not that of another"
    for team in (cast.police_team, front_doors["derbyshire"]):
        team.answers_at_night = True
    rows.commit()
    assert without_numbers() == [derby]
    cast.police_team.desks = [
        one.value for one in agencies.DESKS_OF[Sector.POLICE] if one is not Desk.MISSING
    ]
    cast.police_other_team.desks = [Desk.MISSING.value]
    rows.commit()
    assert without_numbers() == [police, derby], "whoever answers has another desk"


def every_desk(rows: Session, cast: Cast) -> dict[str, Team]:
    """Every desk of the police, and a front door at each authority: the teams at those, by authority."""
    cast.police_team.desks = [desk.value for desk in agencies.DESKS_OF[Sector.POLICE]]
    city = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority="derby")
    teams = {"derby": make_team(rows, city), "derbyshire": cast.social_care_team}
    assert teams.keys() == {one.code for one in current_policy().areas.authorities.offered}
    for team in teams.values():
        team.desks, team.answers_at_night = [Desk.FRONT_DOOR.value], True
    cast.hub_team.answers_at_night = True
    rows.commit()
    return teams


def _gaps(app: Flask) -> list[agencies.Gap]:
    with app.app_context():
        return agencies.gaps(current_policy())
