"""A one-time link binds an invited person to their provider's account, once, and never by e-mail address."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.records.people.model import StaffInvite, User, UserIdentity
from portal.records.people.sign_in import invitation_hash
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user
from tests.sign_in.portal import Portal, Refused
from tests.sign_in.providers import Providers, person

ClientFor = Callable[[User | UUID | None], Client]
TOKEN = "a-link-that-only-the-invited-person-has"


@pytest.fixture
def invited(portal: Portal, providers: Providers, cast: Cast, rows: Session) -> User:
    """A person of the police with a link, and an account there that nobody has yet."""
    user = make_user(rows, cast.police, "Newt Fictional", teams=(cast.police_team,))
    rows.add(
        StaffInvite(
            user_id=user.id,
            token_hash=invitation_hash(TOKEN),
            invited_by=cast.police_manager.id,
            expires_at=clock.now() + timedelta(days=14),
        )
    )
    rows.commit()
    providers.people("police", person("p-new"), person("p-1"))
    return user


def test_the_link_says_which_agency_and_nothing_about_the_person(portal: Portal, invited: User) -> None:
    page = portal.browser.get(f"/invitation/{TOKEN}").text
    assert "Police" in page
    assert "Newt" not in page
    assert invited.email not in page


def test_looking_at_the_link_uses_nothing_up(portal: Portal, invited: User) -> None:
    for _ in range(3):
        assert portal.browser.get(f"/invitation/{TOKEN}").status_code == 200


def test_following_the_link_binds_the_account_and_signs_in(
    portal: Portal, invited: User, rows: Session
) -> None:
    arrived = portal.follow(f"/invitation/{TOKEN}/at/police", "police", "p-new")
    assert arrived.headers["Location"] == "/home"
    assert portal.signed_in_as() == invited.id
    bound = rows.scalars(select(UserIdentity).where(UserIdentity.user_id == invited.id)).one()
    assert (bound.issuer, bound.subject) == (portal.providers.issuer("police"), "p-new")


def test_afterwards_the_person_signs_in_without_the_link(portal: Portal, invited: User) -> None:
    portal.follow(f"/invitation/{TOKEN}/at/police", "police", "p-new")
    portal.browser.submit("/sign-out")
    portal.sign_in("police", "p-new")
    assert portal.signed_in_as() == invited.id


def test_the_link_works_once(portal: Portal, invited: User, providers: Providers) -> None:
    portal.follow(f"/invitation/{TOKEN}/at/police", "police", "p-new")
    assert portal.browser.get(f"/invitation/{TOKEN}").status_code == 404
    assert portal.browser.get(f"/invitation/{TOKEN}/at/police").status_code == 404


def test_two_who_follow_it_at_once_do_not_both_get_in(
    portal: Portal, invited: User, providers: Providers, app: Flask
) -> None:
    providers.people("police", person("p-new"), person("p-thief"))
    first = portal.go_to_provider("police", "p-new", start=f"/invitation/{TOKEN}/at/police")
    other = Portal(app.test_client(), providers, portal.rows)  # type: ignore[arg-type] # the app makes our client
    second = other.go_to_provider("police", "p-thief", start=f"/invitation/{TOKEN}/at/police")
    assert portal.browser.get(first).status_code == 303
    assert other.browser.get(second).status_code == 403
    assert other.why() == "invitation"


@pytest.mark.parametrize(
    "change", ["expires_at = now() - interval '1 second'", "withdrawn_at = now()", "accepted_at = now()"]
)
def test_an_old_withdrawn_or_used_link_is_not_followed(
    portal: Portal, invited: User, rows: Session, change: str
) -> None:
    back = portal.go_to_provider("police", "p-new", start=f"/invitation/{TOKEN}/at/police")
    rows.execute(text(f"update staff_invite set {change}"))  # noqa: S608 - one of the three above
    rows.commit()
    assert portal.browser.get(back).status_code == 403
    assert portal.why() == "invitation"
    assert portal.browser.get(f"/invitation/{TOKEN}").status_code == 404


def test_a_made_up_link_is_not_found(portal: Portal) -> None:
    assert portal.browser.get("/invitation/guessed").status_code == 404
    assert portal.browser.get("/invitation/guessed/at/police").status_code == 404


def test_a_link_is_followed_only_through_a_provider_of_the_agency(portal: Portal, invited: User) -> None:
    assert portal.browser.get(f"/invitation/{TOKEN}/at/health").status_code == 404


def test_an_account_that_belongs_to_somebody_is_not_bound_again(portal: Portal, invited: User) -> None:
    portal.follow(f"/invitation/{TOKEN}/at/police", "police", "p-1")
    assert portal.last.status_code == 403
    assert portal.why() == "invitation"
    assert portal.browser.get(f"/invitation/{TOKEN}").status_code == 200, "the link stays good for its owner"


def test_having_the_invited_email_address_is_not_enough(
    portal: Portal, invited: User, providers: Providers
) -> None:
    providers.people("police", person("p-lookalike", email=invited.email))
    assert portal.refused("police", "p-lookalike") == Refused(403, "unknown")


def test_the_link_stays_out_of_the_record(portal: Portal, invited: User, rows: Session) -> None:
    portal.browser.get("/invitation/another-secret-link")
    portal.follow(f"/invitation/{TOKEN}/at/police", "police", "p-new")
    portal.browser.get(f"/invitation/{TOKEN}")
    kept = str([(e.address, e.details) for e in rows.scalars(select(AuditEvent))])
    assert TOKEN not in kept


def test_a_whole_invitation_from_the_managers_page_to_the_workspace(
    portal: Portal, providers: Providers, client_for: ClientFor, cast: Cast
) -> None:
    providers.people("police", person("p-new"))
    manager = client_for(cast.police_manager)
    made = manager.submit(
        "/administration/people/invite/police",
        {
            "name": "Newt Fictional",
            "email": "newt@police.example",
            "team_ids": [str(cast.police_team.id)],
            "roles": ["practitioner"],
        },
    )
    link = manager.soup(made.headers["Location"]).select_one("#link")
    assert link is not None
    path = link.get_text(strip=True).removeprefix("http://localhost")
    sign_in = portal.browser.soup(path).select_one("main a[href*='/at/police']")
    assert sign_in is not None
    assert portal.follow(str(sign_in["href"]), "police", "p-new").headers["Location"] == "/home"


def test_the_first_administrator_is_invited_from_the_command_line(
    app: Flask, cast: Cast, rows: Session
) -> None:
    runner = app.test_cli_runner()
    done = runner.invoke(args=["invite", "hub", "First Administrator", "first@hub.example"])
    assert done.exit_code == 0, done.output
    assert "http://localhost/invitation/" in done.output
    made = rows.scalars(select(User).where(User.name == "First Administrator")).one()
    assert made.roles == ["administrator"]
    refused = runner.invoke(
        args=["invite", "hub", "X", "x@hub.example", "--role", "administrator", "--role", "chair"]
    )
    assert refused.exit_code == 1
    assert "cannot be held together" in refused.output


def test_a_partnership_is_founded_from_the_command_line(app: Flask, rows: Session) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["found", "agency", "hub", "Safeguarding hub", "hub"]).exit_code == 0
    options = ["--client-id", "cre-portal", "--amr", "mfa"]
    provider = ["found", "provider", "partnership", "Partnership account", "https://id.example", *options]
    done = runner.invoke(args=provider)
    assert done.exit_code == 0, done.output
    assert "OIDC_SECRET_PARTNERSHIP" in done.output
    assert runner.invoke(args=provider).exit_code == 1, "the partnership has one of its own"
    assert "Safeguarding hub" in app.test_client().get("/sign-in").text
