"""One sees and ends one's own sign-ins, and what was typed survives one that ended."""

import re
from collections.abc import Callable
from uuid import UUID

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.models import SignInSession, User
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user
from tests.sign_in.portal import Portal

ClientFor = Callable[[User | UUID | None], Client]
PAGE = "/your-sign-ins"
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


def is_signed_in(browser: Client) -> bool:
    return browser.get(PAGE).status_code == 200


def session_of(rows: Session, person: User) -> UUID:
    rows.rollback()
    newest = select(SignInSession.id).where(SignInSession.user_id == person.id)
    return rows.scalars(newest.order_by(SignInSession.opened_at.desc())).first() or UUID(int=0)


def test_every_browser_is_listed_and_the_present_one_is_marked(client_for: ClientFor, cast: Cast) -> None:
    desk = client_for(cast.officer)
    client_for(cast.officer)
    page = desk.soup(PAGE)
    assert len(page.select("main .app-item")) == 2
    assert page.get_text().count("This one") == 1


def test_one_other_browser_is_signed_out(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    desk, phone = client_for(cast.officer), client_for(cast.officer)
    lost = session_of(rows, cast.officer)
    assert desk.submit(f"{PAGE}/{lost}/end").status_code == 303
    assert not is_signed_in(phone)
    assert is_signed_in(desk)


def test_all_other_browsers_are_signed_out(client_for: ClientFor, cast: Cast) -> None:
    desk, phone, tablet = (client_for(cast.officer) for _ in range(3))
    desk.submit(f"{PAGE}/end-others")
    assert is_signed_in(desk)
    assert not is_signed_in(phone)
    assert not is_signed_in(tablet)


def test_nobody_ends_a_session_of_somebody_else(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    nurse = client_for(cast.nurse)
    theirs = session_of(rows, cast.nurse)
    assert client_for(cast.officer).submit(f"{PAGE}/{theirs}/end").status_code == 404
    assert is_signed_in(nurse)


def test_ending_sessions_needs_a_form_token(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    desk, phone = client_for(cast.officer), client_for(cast.officer)
    assert desk.post(f"{PAGE}/end-others").status_code == 400
    assert is_signed_in(phone)


def test_what_was_typed_survives_a_session_that_ended(portal: Portal, cast: Cast, rows: Session) -> None:
    rows.execute(text("update app_user set roles = '{manager}' where id = :id"), {"id": cast.officer.id})
    rows.commit()
    portal.sign_in("police", "p-1")
    address = "/administration/people/invite/police"
    typed = {"name": "Newt Fictional", "email": "newt@police.example", "roles": "practitioner"}
    rows.execute(text("update ctx.session set revoked_at = now()"))
    rows.commit()
    ended = portal.browser.submit(address, typed, headers=FROM_HERE)
    assert ended.status_code == 401
    assert "Newt Fictional" in ended.text
    stale = re.findall('name="csrf_token" value="([^"]+)"', ended.text)[0]
    portal.sign_in("police", "p-1")
    again = portal.browser.post(address, data=typed | {"csrf_token": stale}, headers=FROM_HERE)
    assert again.status_code == 400
    assert "Newt Fictional" in again.text, "the page offers to send it once more, with a fresh token"
    fresh = re.findall('name="csrf_token" value="([^"]+)"', again.text)[-1]
    done = portal.browser.post(address, data=typed | {"csrf_token": fresh}, headers=FROM_HERE)
    assert done.status_code == 303


def test_another_site_cannot_put_words_into_the_page(portal: Portal) -> None:
    address = "/administration/people/invite/police"
    answer = portal.browser.submit(address, {"name": "Planted"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 401
    assert "Planted" not in answer.text


def test_somebody_whose_role_waits_is_told_so(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    person = make_user(rows, cast.hub, "Wes Waiting")
    rows.execute(text("update app_user set roles = '{}' where id = :id"), {"id": person.id})
    rows.commit()
    answer = client_for(person).get("/home")
    assert answer.status_code == 403
    assert "second administrator" in answer.text


def test_another_name_of_the_portal_leads_to_its_own_before_signing_in(portal: Portal, app: Flask) -> None:
    led = portal.browser.get("/sign-in/police?next=x", base_url="http://portal.example")
    assert led.headers["Location"] == "http://localhost/sign-in/police?next=x&led-over=yes"
    hidden = portal.browser.get("/sign-in/police?led-over=yes", base_url="http://behind-a-proxy")
    assert "/authorize" in hidden.headers["Location"], "a proxy that hides names makes no circle"
