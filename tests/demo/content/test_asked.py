"""Whoever the demonstration offers finds questions to answer, and the list to look children up with."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.people.model import User
from tests.factories.people import open_session


@pytest.mark.parametrize(
    "name",
    [
        *("Ola Brackenbury", "Mina Fernsby", "Wanda Pennywhistle", "Nell Foxglove", "Cam Dewberry"),
        *("Tess Candlewick", "Kofi Silverbirch"),
    ],
)
def test_people_of_each_sector_are_asked_about_a_child_this_week(
    session_app: Flask, loaded: Session, name: str
) -> None:
    client = session_app.test_client()
    person = loaded.scalars(select(User).where(User.name == name)).one()
    client.set_cookie(session_app.config["PORTAL_SESSION_COOKIE"], open_session(loaded, person.id))
    page = client.get("/requests/week")
    assert page.status_code == 200
    assert "data-copy=" in page.text, "a child with a number to look up"
