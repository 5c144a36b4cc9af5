"""The first people, and the first again when both administrators are lost: from a shell on the server."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.records.people.model import StaffInvite, User
from portal.records.people.sign_in import invitation_hash
from tests.cast import Cast


@pytest.fixture
def run(app: Flask, rows: Session) -> Callable[..., str]:
    """Run a command of `flask` as an operator; what it says, which must be success."""

    def command(*arguments: str) -> str:
        with app.app_context():
            done = app.test_cli_runner().invoke(args=arguments)
        assert done.exit_code == 0, done.output
        rows.expire_all()
        return done.output

    return command


def test_a_new_administrator_is_invited_when_all_are_lost(
    run: Callable[..., str], cast: Cast, rows: Session
) -> None:
    said = run("invite", cast.council.code, "Rana Quillfeather", "rana@example.org")
    link = re.search(r"https?://\S+/invitation/(\S+)", said)
    assert link, said
    person = rows.scalars(select(User).where(User.email == "rana@example.org")).one()
    assert person.roles == ["administrator"]
    kept = rows.scalars(select(StaffInvite).where(StaffInvite.user_id == person.id)).one()
    assert kept.token_hash == invitation_hash(link[1])
    assert timedelta(days=13) < kept.expires_at - clock.now() <= timedelta(days=14)
    row = rows.scalars(select(AuditEvent).where(AuditEvent.subject_id == person.id)).one()
    assert (row.action, row.ground, row.actor_id) == ("people:invite", "command line", None)


def test_a_second_provider_of_the_partnership_is_refused(
    app: Flask, run: Callable[..., str], rows: Session
) -> None:
    first = ("found", "provider", "partnership", "Partnership account", "https://id.example.org/tenant")
    more = ("--client-id", "cre-portal", "--secret-name", "OIDC_SECRET_PARTNERSHIP")
    assert "No second step is asked for" in run(*first, *more)
    with app.app_context():
        again = app.test_cli_runner().invoke(
            args=["found", "provider", "other", "Other", "https://other.example.org", *more]
        )
        own = app.test_cli_runner().invoke(
            args=["found", "provider", "other", "Other", "https://other.example.org", *more[:2]]
        )
    assert (again.exit_code, own.exit_code) == (1, 1)
    assert "is the setting OIDC_SECRET_OTHER, and no other" in again.output
    assert "The partnership has a provider" in own.output
