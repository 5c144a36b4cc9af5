"""The demonstration partnership: everybody in it can sign in where the portal sends them."""

import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.demo import partnership
from portal.demo.provider import Directory
from portal.policy import current_policy
from portal.records.people.model import Agency, IdentityProvider, Team, User, UserIdentity
from portal.vocabulary import Role, Sector
from tests.demo.addresses import set_addresses


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    set_addresses(monkeypatch)


def test_the_local_providers_know_everybody_who_was_loaded(rows: Session, app: Flask, tmp_path: Path) -> None:
    partnership.load(rows)
    partnership.write_directory(tmp_path / "providers.json", app)
    directory = Directory.load(tmp_path / "providers.json")
    known = {
        (directory.issuer(code), person.subject)
        for code, organisation in directory.organisations.items()
        for person in organisation.people
    }
    loaded = {(identity.issuer, identity.subject) for identity in rows.scalars(select(UserIdentity))}
    assert loaded == known
    assert len(loaded) == len(rows.scalars(select(User)).all())


def test_the_local_providers_send_people_back_to_where_the_portal_waits(app: Flask, tmp_path: Path) -> None:
    partnership.write_directory(tmp_path / "providers.json", app)
    client = Directory.load(tmp_path / "providers.json").client
    with app.test_request_context(base_url="http://127.0.0.1:5000"):
        back = url_for("auth.come_back", provider_code="health", _external=True)
        out = url_for("auth.back_channel", provider_code="health", _external=True)
        signed_out = url_for("auth.signed_out", _external=True)
    assert back in client.redirect_uris
    assert client.post_logout_redirect_uris == (signed_out,)
    assert [one.format(organisation="health") for one in client.backchannel_logout_uris] == [out]


def test_people_keep_their_sign_in_when_the_providers_move_to_another_port(
    rows: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    partnership.load(rows)
    monkeypatch.setenv("PROVIDER_ADDRESS", "http://127.0.0.1:5107")
    partnership.point_at_providers(rows)
    issuers = set(rows.scalars(select(IdentityProvider.issuer)))
    assert all(issuer.startswith("http://127.0.0.1:5107/") for issuer in issuers)
    assert set(rows.scalars(select(UserIdentity.issuer))) <= issuers


def test_no_two_teams_have_one_number_and_a_front_door_has_that_of_the_policy(rows: Session) -> None:
    partnership.load(rows)
    numbers = Counter(rows.scalars(select(Team.duty_phone).where(Team.duty_phone != "")))
    assert [number for number, times in numbers.items() if times > 1] == []
    contacts = {one.number: one for one in current_policy().hub.contacts}
    wanted = {one.number for one in contacts.values() if one.kind in {"front_door", "hub"}}
    both = {team.duty_phone: team for team in rows.scalars(select(Team).where(Team.duty_phone.in_(contacts)))}
    assert both.keys() == wanted, "a number of the acknowledgement is the front door's or the hub's own"
    for number, team in both.items():
        authority = rows.get_one(Agency, team.agency_id).authority
        assert contacts[number].authority in {None, authority}
    assert all(re.fullmatch(r"01632 960\d{3}", one) for one in numbers), "a number that connects to nobody"


def test_every_sector_and_every_role_has_somebody(rows: Session) -> None:
    partnership.load(rows)
    assert set(rows.scalars(select(Agency.sector))) == set(Sector)
    assert {role for user in rows.scalars(select(User)) for role in user.roles} == set(Role)
