"""One sees and ends one's own sign-ins, and what was typed survives one that ended."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.records.people.model import SignInSession, User
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_user
from tests.sign_in.portal import Portal

ClientFor = Callable[[User | UUID | None], Client]
PAGE = "/your-sign-ins"
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
INVITE = "/administration/people/invite/police"
TYPED = {"name": "Newt Fictional", "email": "newt@police.example", "roles": "practitioner"}


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


def make_manager(portal: Portal, cast: Cast, rows: Session) -> None:
    """The officer, who is signed in, may invite."""
    rows.execute(text("update app_user set roles = '{manager}' where id = :id"), {"id": cast.officer.id})
    rows.commit()
    portal.sign_in("police", "p-1")


def token_on(portal: Portal, address: str) -> str:
    found = portal.browser.soup(address).select_one("main input[name=csrf_token]")
    assert found
    return str(found["value"])


def fields_of(answer: TestResponse) -> dict[str, str]:
    """What the form of a page sends that offers to send something again."""
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    assert form
    return {str(box["name"]): str(box["value"]) for box in form.select("input")}


def kept_over_the_end(portal: Portal, cast: Cast, rows: Session) -> dict[str, str]:
    """What the page keeps of a form that was sent after its session had ended."""
    make_manager(portal, cast, rows)
    token = token_on(portal, INVITE)
    rows.execute(text("update ctx.session set revoked_at = now()"))
    rows.commit()
    ended = portal.browser.post(INVITE, data=TYPED | {"csrf_token": token}, headers=FROM_HERE)
    assert ended.status_code == 401
    return fields_of(ended)


def test_what_was_typed_survives_a_session_that_ended(portal: Portal, cast: Cast, rows: Session) -> None:
    again = kept_over_the_end(portal, cast, rows)
    assert TYPED.items() <= again.items()
    portal.sign_in("police", "p-1")
    done = portal.browser.post(INVITE, data=again, headers=FROM_HERE)
    assert done.status_code == 303, "sent again once, it is done"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"name": "Somebody Else"}, id="other words"),
        pytest.param({"also": "added"}, id="more words"),
        pytest.param({"send_again": "made-up"}, id="a ticket that is none"),
    ],
)
def test_what_was_kept_over_the_end_of_a_session_is_sent_as_it_was_or_asked_about(
    portal: Portal, cast: Cast, rows: Session, changed: dict[str, str]
) -> None:
    kept = kept_over_the_end(portal, cast, rows)
    portal.sign_in("police", "p-1")
    assert portal.browser.post(INVITE, data=kept | changed, headers=FROM_HERE).status_code == 400
    assert portal.browser.post(f"{INVITE}?other", data=kept, headers=FROM_HERE).status_code == 400
    assert portal.browser.post(INVITE, data=kept).status_code == 400, "nor from no page of ours for certain"
    assert portal.browser.post(INVITE, data=kept, headers=FROM_HERE).status_code == 303


def test_nobody_else_who_signs_in_sends_what_somebody_had_typed(
    portal: Portal, cast: Cast, rows: Session
) -> None:
    kept = kept_over_the_end(portal, cast, rows)
    portal.sign_in("health", "h-1")
    answer = portal.browser.post(INVITE, data=kept, headers=FROM_HERE)
    assert answer.status_code == 400
    fresh = re.findall('name="csrf_token" value="([^"]+)"', answer.text)[-1]
    assert kept["csrf_token"] != fresh, "they would have to say so, with their own token"


def test_after_signing_out_elsewhere_one_is_told_to_sign_in_and_sends_it_once(
    portal: Portal, cast: Cast, rows: Session
) -> None:
    make_manager(portal, cast, rows)
    stale = token_on(portal, INVITE)
    portal.browser.submit("/sign-out")
    ended = portal.browser.post(INVITE, data=TYPED | {"csrf_token": stale}, headers=FROM_HERE)
    assert ended.status_code == 401
    assert "You are signed out" in ended.text
    portal.sign_in("police", "p-1")
    assert portal.browser.post(INVITE, data=fields_of(ended), headers=FROM_HERE).status_code == 303


def test_a_form_from_another_sign_in_says_so_and_is_sent_again_once(
    portal: Portal, cast: Cast, rows: Session
) -> None:
    make_manager(portal, cast, rows)
    stale = token_on(portal, INVITE)
    portal.sign_in("police", "p-1")
    asked = portal.browser.post(INVITE, data=TYPED | {"csrf_token": stale}, headers=FROM_HERE)
    assert asked.status_code == 400
    assert "This form was open for too long" in asked.text
    assert portal.browser.post(INVITE, data=fields_of(asked), headers=FROM_HERE).status_code == 303


def test_another_site_cannot_put_words_into_the_page(portal: Portal) -> None:
    address = "/administration/people/invite/police"
    answer = portal.browser.submit(address, {"name": "Planted"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
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
