"""Loads the demonstration partnership from its file, and tells the local providers who its people are."""

import os
import tomllib
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.sign_in.discovery import secret_name
from portal.demo import DOMAIN
from portal.demo.provider import Client, Directory, Organisation, Person
from portal.model import new_id
from portal.records.people.model import (
    Agency,
    AgencyProvider,
    IdentityProvider,
    Team,
    TeamMember,
    User,
    UserIdentity,
)

FILE = Path(__file__).parent / "data" / "partnership.toml"
CLIENT_ID = "cre-portal"
SECRET_NAME = "OIDC_SECRET_DEMO"  # noqa: S105 - the name of the setting, not the secret

Described = dict[str, Any]


def described() -> Described:
    """What the file says."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def email(person_id: str) -> str:
    """The address of somebody in the file."""
    return f"{person_id}@{DOMAIN}"


def secret_names() -> list[str]:
    """The settings that hold the secrets of the demonstration's providers."""
    return [secret_name(provider["code"]) for provider in described()["provider"]]


def issuers() -> dict[str, str]:
    """By which provider each person in the file is vouched for."""
    base = os.environ["PROVIDER_ADDRESS"]
    return {
        person["id"]: f"{base}/{agency.get('provider', 'partnership')}"
        for agency in described()["agency"]
        for person in agency["people"]
    }


def write_directory(path: Path, app: Flask) -> None:
    """Write the file from which the local providers know their people and where `app` is."""
    base, portal = os.environ["PROVIDER_ADDRESS"], os.environ["PORTAL_ADDRESS"]
    found = described()
    routes = app.url_map.bind("")
    codes = [provider["code"] for provider in found["provider"]]
    client = Client(
        client_id=CLIENT_ID,
        client_secret=os.environ[SECRET_NAME],
        redirect_uris=tuple(
            portal + routes.build("auth.come_back", {"provider_code": code}) for code in codes
        ),
        post_logout_redirect_uris=(portal + routes.build("auth.signed_out"),),
        backchannel_logout_uris=(
            portal
            + routes.build("auth.back_channel", {"provider_code": "CODE"}).replace("CODE", "{organisation}"),
        ),
    )
    directory = Directory(base_url=base, client=client)
    directory.add(
        Organisation(
            code=provider["code"],
            name=provider["name"],
            people=tuple(
                Person(subject=p["id"], name=p["name"], email=email(p["id"]), job=p["job"])
                for agency in found["agency"]
                if agency.get("provider", "partnership") == provider["code"]
                for p in agency["people"]
            ),
        )
        for provider in found["provider"]
    )
    directory.save(path)


def load(rows: Session) -> None:
    """Write agencies, teams, people and providers into an empty database, as the owner of the tables."""
    found = described()
    providers = {p["code"]: _provider(rows, p) for p in found["provider"]}
    rows.flush()
    for agency in found["agency"]:
        _agency(rows, agency, providers)
    rows.commit()


def point_at_providers(rows: Session) -> None:
    """The demonstration's providers may answer at another port today: follow them."""
    base = os.environ["PROVIDER_ADDRESS"]
    for provider in rows.scalars(select(IdentityProvider)):
        issuer = f"{base}/{provider.code}"
        for identity in rows.scalars(select(UserIdentity).where(UserIdentity.issuer == provider.issuer)):
            identity.issuer = issuer
        provider.issuer = issuer
    rows.commit()


def _provider(rows: Session, described: Described) -> IdentityProvider:
    provider = IdentityProvider(
        id=new_id(),
        code=described["code"],
        name=described["name"],
        issuer=f"{os.environ['PROVIDER_ADDRESS']}/{described['code']}",
        client_id=CLIENT_ID,
        secret_name=secret_name(described["code"]),
        required_acr=[],
        required_amr=["mfa"],
        is_partnership_default=described.get("default", False),
        active=True,
    )
    rows.add(provider)
    return provider


def _agency(rows: Session, described: Described, providers: dict[str, IdentityProvider]) -> None:
    agency = Agency(
        id=new_id(),
        code=described["code"],
        name=described["name"],
        sector=described["sector"],
        authority=described.get("authority"),
        districts=described.get("districts", []),
        active=True,
    )
    rows.add(agency)
    rows.flush()
    if "provider" in described:
        rows.add(AgencyProvider(agency_id=agency.id, provider_id=providers[described["provider"]].id))
    teams = [_team(rows, agency, number, team) for number, team in enumerate(described["teams"])]
    rows.flush()
    provider = providers[described.get("provider", "partnership")]
    people = {person["id"]: _person(rows, agency, teams, person, provider) for person in described["people"]}
    rows.flush()
    for team, said in zip(teams, described["teams"], strict=True):
        team.manager_id = people[said["manager"]].id
    agency.lead_id = teams[0].manager_id


def _team(rows: Session, agency: Agency, number: int, described: Described) -> Team:
    team = Team(
        id=new_id(),
        agency_id=agency.id,
        name=described["name"],
        duty_email=f"duty-{number + 1}.{agency.code}@{DOMAIN}",
        duty_phone=described["phone"],
        desks=described.get("desks", []),
        answers_at_night=described.get("at_night", False),
        active=True,
    )
    rows.add(team)
    return team


def _person(
    rows: Session, agency: Agency, teams: list[Team], described: Described, provider: IdentityProvider
) -> User:
    person = User(
        id=new_id(),
        agency_id=agency.id,
        name=described["name"],
        email=email(described["id"]),
        job_title=described["job"],
        roles=described["roles"],
        active=True,
    )
    rows.add(person)
    rows.flush()
    rows.add_all(
        TeamMember(team_id=teams[number].id, user_id=person.id) for number in described.get("teams", [0])
    )
    rows.add(
        UserIdentity(
            id=new_id(),
            user_id=person.id,
            issuer=provider.issuer,
            subject=described["id"],
            created_at=clock.now(),
        )
    )
    return person
