"""Agencies, teams and providers are added and switched by administrators, providers by two of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.model import new_id
from portal.records.people.model import Agency, AgencyProvider, IdentityProvider, Team, User
from tests.cast import Cast
from tests.client import Client

ClientFor = Callable[[User | UUID | None], Client]

AGENCY = {"name": "Youth justice service", "code": "youth-justice", "sector": "youth_justice"}
PROVIDER = {
    "name": "County account",
    "code": "county",
    "issuer": "https://id.county.example/tenant",
    "client_id": "cre-portal",
    "required_amr": "mfa",
    "max_age": "60",
}
ADD_PROVIDER = "/administration/providers/add"


def provider_of(rows: Session) -> IdentityProvider | None:
    rows.rollback()
    return rows.scalar(select(IdentityProvider).where(IdentityProvider.code == "county"))


def test_an_agency_joins_with_a_team(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    browser = client_for(cast.administrator)
    added = browser.submit("/administration/agencies/add", AGENCY)
    assert added.headers["Location"] == "/administration/agencies/youth-justice"
    team = {"name": "North team", "duty_email": "duty@yjs.example", "duty_phone": "01632 960000"}
    browser.submit("/administration/agencies/youth-justice/teams/add", team)
    page = browser.get("/administration/agencies/youth-justice").text
    assert "North team" in page
    actions = set(rows.scalars(select(AuditEvent.action)))
    assert {"agencies:add", "teams:add"} <= actions


@pytest.mark.parametrize("code", ["police", "Two Words", "../x", "return", "-x", "é", "a" * 41])
def test_a_code_that_is_taken_or_cannot_be_an_address_is_refused(
    client_for: ClientFor, cast: Cast, code: str
) -> None:
    answer = client_for(cast.administrator).submit("/administration/agencies/add", AGENCY | {"code": code})
    assert answer.status_code == 422
    assert "Youth justice service" in answer.text, "what was typed stays"


def test_a_team_is_changed_and_closed(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    address = f"/administration/agencies/police/teams/{cast.police_team.id}"
    data = {"name": "Vulnerability team", "duty_email": "duty@police.example", "duty_phone": "01632 960001"}
    assert client_for(cast.administrator).submit(address, {**data, "version": "1"}).status_code == 303
    rows.rollback()
    team = rows.get_one(Team, cast.police_team.id)
    rows.refresh(team)
    assert (team.name, team.active) == ("Vulnerability team", False)


def test_a_team_is_found_only_below_its_own_agency(client_for: ClientFor, cast: Cast) -> None:
    address = f"/administration/agencies/police/teams/{cast.health_team.id}"
    assert client_for(cast.administrator).get(address).status_code == 404


def test_switching_an_agency_off_signs_all_its_people_out(client_for: ClientFor, cast: Cast) -> None:
    officer, nurse = client_for(cast.officer), client_for(cast.nurse)
    browser = client_for(cast.administrator)
    browser.submit("/administration/agencies/police/switch-off", {"reason": "Their account was broken into"})
    assert officer.get("/your-sign-ins").status_code == 303
    assert nurse.get("/your-sign-ins").status_code == 200
    browser.submit("/administration/agencies/police/switch-on")
    assert officer.get("/your-sign-ins").status_code == 303, "a session that ended does not come back"


def test_an_administrator_cannot_switch_their_own_agency_off(client_for: ClientFor, cast: Cast) -> None:
    answer = client_for(cast.administrator).submit("/administration/agencies/hub/switch-off", {"reason": "x"})
    assert answer.status_code == 422


def test_a_provider_waits_for_a_second_administrator(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    first, second = client_for(cast.administrator), client_for(cast.second_administrator)
    assert first.submit(ADD_PROVIDER, PROVIDER).status_code == 303
    provider = provider_of(rows)
    assert provider is not None
    assert (provider.active, provider.max_age, provider.required_amr) == (False, 3600, ["mfa"])
    assert first.submit("/administration/providers/county/switch-on").status_code == 422
    assert second.submit("/administration/providers/county/switch-on").status_code == 303
    switched = provider_of(rows)
    assert switched is not None
    rows.refresh(switched)
    assert switched.active


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "http://id.county.example"},
        {"issuer": "https://user:word@id.county.example"},
        {"issuer": "https://id.county.example?tenant=x"},
        {"issuer": "javascript:alert(1)"},
        {"code": "return"},
        {"max_age": "0"},
        {"max_age": "a day"},
        {"name": ""},
    ],
    ids=str,
)
def test_a_provider_that_could_do_harm_is_refused(
    client_for: ClientFor, cast: Cast, rows: Session, changes: dict[str, Any]
) -> None:
    answer = client_for(cast.administrator).submit(ADD_PROVIDER, PROVIDER | changes)
    assert answer.status_code == 422
    assert provider_of(rows) is None


@pytest.mark.parametrize("name", ["SECRET_KEY", "OIDC_SECRET_POLICE", ""])
def test_a_provider_is_given_no_secret_but_the_one_named_for_it(
    client_for: ClientFor, cast: Cast, rows: Session, name: str
) -> None:
    answer = client_for(cast.administrator).submit(ADD_PROVIDER, PROVIDER | {"secret_name": name})
    assert answer.status_code == 303
    provider = provider_of(rows)
    assert provider is not None
    assert provider.secret_name == "OIDC_SECRET_COUNTY"


def test_an_issuer_that_is_known_is_refused(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for(cast.administrator)
    browser.submit(ADD_PROVIDER, PROVIDER)
    assert browser.submit(ADD_PROVIDER, PROVIDER | {"code": "county-2"}).status_code == 422


def test_what_identifies_a_provider_never_changes(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    browser = client_for(cast.administrator)
    browser.submit(ADD_PROVIDER, PROVIDER)
    forged = PROVIDER | {"issuer": "https://evil.example", "name": "New name"}
    browser.submit("/administration/providers/county/change", forged)
    provider = provider_of(rows)
    assert provider is not None
    assert (provider.name, provider.issuer) == ("New name", PROVIDER["issuer"])


def test_a_client_secret_is_on_no_page(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for(cast.administrator)
    browser.application.config["OIDC_SECRETS"] = {"OIDC_SECRET_COUNTY": "the secret itself"}
    browser.submit(ADD_PROVIDER, PROVIDER)
    assert "the secret itself" not in browser.get("/administration/providers/county").text


def test_an_agency_is_given_its_provider(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    browser = client_for(cast.administrator)
    browser.submit(ADD_PROVIDER, PROVIDER)
    provider = provider_of(rows)
    assert provider is not None
    browser.submit("/administration/agencies/police/sign-in", {"provider_ids": [str(provider.id)]})
    rows.rollback()
    assert rows.scalars(select(AgencyProvider.agency_id)).all() == [cast.police.id]
    answer = browser.submit("/administration/agencies/police/sign-in", {"provider_ids": [str(new_id())]})
    assert answer.status_code == 422


def test_policy_is_shown_with_source_and_mark_and_has_no_form(client_for: ClientFor, cast: Cast) -> None:
    page = client_for(cast.officer).soup("/administration/policy")
    assert "Not agreed yet" in page.get_text()
    assert "Assumption" in page.get_text()
    assert "4 hours" in page.get_text()
    assert page.select("main form") == []


def test_an_agency_keeps_its_code_and_sector(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    client_for(cast.administrator).submit(
        "/administration/agencies/police/change",
        {"name": "Constabulary", "code": "x", "sector": "hub", "version": "1"},
    )
    rows.rollback()
    agency = rows.get_one(Agency, cast.police.id)
    rows.refresh(agency)
    assert (agency.name, agency.code, agency.sector) == ("Constabulary", "police", "police")
