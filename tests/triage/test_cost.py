"""What a page of triage costs does not grow with what is on it."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.referrals import add_message, make_sent_referral
from tests.statements import noted
from tests.triage.conftest import PARK, answers

Browser = Callable[[User], Client]
CHILDREN = [
    {"given_name": name, "family_name": "Fictional", "age": 14} for name in ("Ada", "Ben", "Cleo", "Dora")
]


def asked(app: Flask, client: Client, address: str) -> list[str]:
    """What a page asks the database, beside context, session and audit, when it is opened again."""
    client.soup(address)
    with noted(app) as found:
        client.soup(address)
    apart = ("set_config", "ctx.arrive", "ctx.touch_session", "INTO audit_event")
    return [one for one in found if not any(part in one for part in apart)]


def test_the_queue_asks_at_most_eight_times_however_long_it_is(
    app: Flask, rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.coordinator)
    make_sent_referral(rows, cast.officer)
    few = asked(app, client, "/triage")
    for _ in range(12):
        make_sent_referral(rows, cast.nurse)
    many = asked(app, client, "/triage")
    assert len(many) == len(few) <= 8, many


def test_a_form_asks_at_most_nine_times_whatever_is_on_it(
    app: Flask, rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.coordinator)
    form = make_sent_referral(rows, cast.officer, children=CHILDREN, others=[PARK] * 3, answers=answers())
    for _ in range(5):
        add_message(rows, form, cast.coordinator)
    found = asked(app, client, f"/triage/{form.reference}")
    assert len(found) <= 9, found  # one of them for other forms that wait on the same child
