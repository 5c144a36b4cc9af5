"""Teams have desks, so that somebody is told of what no case says; where nobody would be, that is seen."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.policy import current_policy
from portal.records.people import agencies, desks
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sector
from tests.cast import Cast
from tests.client import Client

Acting = Callable[[User], AbstractContextManager[Principal]]


def test_a_desk_is_found_and_of_an_authority_without_one_every_team_is_told(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    cast.social_care.authority = "derby"
    cast.police_team.desks = [Desk.MISSING.value]
    rows.commit()
    with acting(cast.coordinator):
        assert desks.teams_at(Desk.MISSING) == [cast.police_team.id]
        assert desks.teams_at(Desk.EXPLOITATION) == []
        assert cast.social_care_team.id in desks.teams_at(Desk.FRONT_DOOR, authority="derby")
        assert desks.teams_at(Desk.FRONT_DOOR, authority="derbyshire") == []
    cast.social_care_team.desks = [Desk.FRONT_DOOR.value]
    rows.commit()
    with acting(cast.coordinator):
        assert desks.teams_at(Desk.FRONT_DOOR, authority="derby") == [cast.social_care_team.id]


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

    cast.police_team.desks = [desk.value for desk in desks.DESKS_OF[Sector.POLICE]]
    for agency, team in ((cast.social_care, cast.social_care_team),):
        agency.authority, team.desks = "derby", [Desk.FRONT_DOOR.value]
    rows.commit()
    output = run(args=["ready"]).output
    assert "police" not in output
    assert "Derby City" not in output


def test_with_every_desk_it_is_ready(app: Flask, rows: Session, cast: Cast) -> None:
    cast.police_team.desks = [desk.value for desk in desks.DESKS_OF[Sector.POLICE]]
    teams = {"derby": (cast.social_care, cast.social_care_team)}
    for authority, (agency, team) in teams.items():
        agency.authority, team.desks = authority, [Desk.FRONT_DOOR.value]
    rows.commit()
    left = [gap.whose for gap in _gaps(app)]
    assert left == [
        f"Children’s social care of {one.label}"
        for one in current_policy().areas.authorities.offered
        if one.code not in teams
    ]


def _gaps(app: Flask) -> list[desks.Gap]:
    with app.app_context():
        return desks.gaps(current_policy())
