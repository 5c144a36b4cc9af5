"""A person signs in at their own organisation, and nobody else does."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.records.people.model import SignInSession, UserIdentity
from tests.cast import Cast
from tests.sign_in.portal import Portal, Refused
from tests.sign_in.providers import Providers, person


def test_an_officer_signs_in_and_lands_on_their_workspace(portal: Portal, cast: Cast) -> None:
    arrived = portal.sign_in("police", "p-1")
    assert arrived.headers["Location"] == "/home"
    assert portal.browser.get("/your-sign-ins").status_code == 200
    assert portal.signed_in_as() == cast.officer.id


def test_the_picker_lists_only_organisations_whose_people_can_sign_in(portal: Portal) -> None:
    page = portal.browser.soup("/sign-in")
    listed = [link.get_text(strip=True) for link in page.select("#organisations a")]
    assert "Police" in listed
    assert "Borough council" not in listed, "an agency without a provider leads nowhere"


@pytest.mark.parametrize("typed", ["polic", "POLICE", " police "])
def test_the_picker_finds_an_organisation_by_a_part_of_its_name(portal: Portal, typed: str) -> None:
    page = portal.browser.soup("/sign-in", query_string={"q": typed})
    assert [link.get_text(strip=True) for link in page.select("#organisations a")] == ["Police"]


def test_the_picker_says_what_to_do_when_nothing_fits(portal: Portal) -> None:
    page = portal.browser.soup("/sign-in", query_string={"q": "<b>nowhere</b>"})
    assert "Show all organisations" in page.get_text()
    assert page.select("#organisations b") == [], "what was typed is shown as text"


def test_the_picker_answers_htmx_with_the_list_alone(portal: Portal) -> None:
    headers = {"HX-Request": "true", "HX-Target": "div#organisations"}
    answer = portal.browser.get("/sign-in", query_string={"q": "pol"}, headers=headers)
    assert "<h1" not in answer.text
    assert "Police" in answer.text


def test_the_device_remembers_the_organisation_and_nothing_about_the_person(portal: Portal) -> None:
    portal.sign_in("police", "p-1")
    portal.browser.submit("/sign-out")
    remembered = portal.browser.get_cookie("organisation")
    assert remembered is not None
    assert remembered.value == "police"
    assert "On this device last time" in portal.browser.get("/sign-in").text


def test_a_forged_memory_is_ignored(portal: Portal) -> None:
    portal.browser.set_cookie("organisation", "<script>")
    assert "On this device last time" not in portal.browser.get("/sign-in").text


def test_a_deep_link_survives_signing_in(portal: Portal) -> None:
    asked = portal.browser.get("/your-sign-ins?from=mail")
    assert asked.status_code == 303
    picker = portal.browser.soup(asked.headers["Location"])
    link = picker.select_one("#organisations a[href*='/sign-in/police']")
    assert link is not None
    arrived = portal.follow(str(link["href"]), "police", "p-1")
    assert arrived.headers["Location"] == "/your-sign-ins?from=mail"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/your-sign-ins"]
)
def test_an_address_that_the_portal_did_not_sign_is_not_followed(portal: Portal, target: str) -> None:
    arrived = portal.follow(f"/sign-in/police?next={target}", "police", "p-1")
    assert arrived.headers["Location"] == "/home"


def test_whoever_is_signed_in_is_not_led_astray_by_the_picker_either(portal: Portal) -> None:
    portal.sign_in("police", "p-1")
    assert portal.browser.get("/sign-in?next=https://evil.example/").headers["Location"] == "/home"


def test_a_fragment_of_somebody_signed_out_sends_the_whole_page_to_sign_in(portal: Portal) -> None:
    answer = portal.browser.get("/your-sign-ins", headers={"HX-Request": "true", "HX-Target": "div#list"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in")


def test_the_session_is_kept_only_as_a_hash(portal: Portal, rows: Session) -> None:
    portal.sign_in("police", "p-1")
    token = portal.token()
    kept = rows.scalars(select(SignInSession)).one()
    assert len(token) >= 43, "256 bits"
    assert token.encode() not in kept.token_hash
    assert kept.provider_session, "back-channel sign-out needs it"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(portal: Portal) -> None:
    arrived = portal.sign_in("police", "p-1")
    cookie = next(c for c in arrived.headers.getlist("Set-Cookie") if c.startswith("portal="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Max-Age" not in cookie, "no remember-me: it goes with the browser"


def test_with_https_every_cookie_has_the_host_prefix(
    portal: Portal, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_COOKIES_SECURE", True)
    left = portal.browser.get("/sign-in/police")
    cookies = left.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all(c.startswith("__Host-") and "Secure" in c and "HttpOnly" in c for c in cookies)


def test_a_planted_session_token_is_not_adopted(portal: Portal) -> None:
    portal.browser.set_cookie("portal", "planted-by-somebody-else")
    portal.sign_in("police", "p-1")
    assert portal.token() != "planted-by-somebody-else"


def test_signing_in_again_changes_the_token_and_ends_the_earlier_session(
    portal: Portal, rows: Session
) -> None:
    portal.sign_in("police", "p-1")
    first = portal.token()
    portal.sign_in("police", "p-1")
    assert portal.token() != first
    portal.browser.set_cookie("portal", first)
    assert portal.browser.get("/home").status_code == 303


def test_form_tokens_from_before_the_sign_in_are_worth_nothing_after(portal: Portal) -> None:
    planted = portal.browser.token()
    portal.sign_in("police", "p-1")
    answer = portal.browser.post("/sign-out", data={"csrf_token": planted})
    assert answer.status_code == 400


def test_signing_in_and_out_is_on_record(portal: Portal, cast: Cast, rows: Session) -> None:
    portal.sign_in("police", "p-1")
    portal.browser.submit("/sign-out")
    events = rows.scalars(select(AuditEvent).order_by(AuditEvent.at)).all()
    assert [e.action for e in events] == ["session:open", "session:close"]
    assert {e.actor_id for e in events} == {cast.officer.id}
    opened = events[0]
    assert opened.address == "/sign-in/return/police", "the provider's code and state stay out of the record"


# Refused


def test_a_replayed_answer_is_refused(portal: Portal) -> None:
    back = portal.go_to_provider("police", "p-1")
    kept = {c.key: c.value for c in portal.cookies()}
    assert portal.browser.get(back).status_code == 303
    for name, value in kept.items():
        portal.browser.set_cookie(name, value)
    again = portal.browser.get(back)
    assert again.status_code == 400
    assert portal.why() == "replayed"


def test_an_answer_in_another_browser_is_refused(portal: Portal, app: Flask) -> None:
    back = portal.go_to_provider("police", "p-1")
    victim = app.test_client()
    assert victim.get(back).status_code == 400
    assert victim.get_cookie("portal") is None
    assert portal.why() == "attempt"


def test_an_answer_of_one_provider_is_refused_at_the_address_of_another(portal: Portal) -> None:
    back = portal.go_to_provider("police", "p-1")
    moved = back.replace("/return/police", "/return/city-social-care")
    assert portal.browser.get(moved).status_code == 403
    assert portal.why() == "issuer"


def test_an_uninvited_person_is_refused_and_told_what_to_do(portal: Portal, providers: Providers) -> None:
    providers.people("police", person("nobody-invited-me"))
    refused = portal.refused("police", "nobody-invited-me")
    assert refused == Refused(403, "unknown")
    assert "You do not have access" in portal.last.text


def test_the_same_email_at_another_provider_is_somebody_else(
    portal: Portal, providers: Providers, cast: Cast
) -> None:
    providers.people("health", person("h-99", email=cast.officer.email))
    assert portal.refused("health", "h-99") == Refused(403, "unknown")


def test_the_same_subject_at_another_provider_is_somebody_else(portal: Portal, providers: Providers) -> None:
    providers.people("health", person("p-1"))
    assert portal.refused("health", "p-1") == Refused(403, "unknown")


def test_another_agencys_issuer_is_refused(portal: Portal, providers: Providers) -> None:
    providers.misbehave("police", claims={"iss": providers.issuer("city-social-care"), "sub": "s-1"})
    assert portal.refused("police", "p-1") == Refused(403, "issuer")


def test_a_wrong_audience_is_refused(portal: Portal, providers: Providers) -> None:
    providers.misbehave("police", claims={"aud": "another-portal"})
    assert portal.refused("police", "p-1") == Refused(403, "audience")


def test_a_wrong_nonce_is_refused(portal: Portal, providers: Providers) -> None:
    providers.misbehave("police", claims={"nonce": "of another sign-in"})
    assert portal.refused("police", "p-1") == Refused(403, "nonce")


def test_the_algorithm_none_is_refused(portal: Portal, providers: Providers) -> None:
    providers.misbehave("police", algorithm="none")
    assert portal.refused("police", "p-1") == Refused(403, "signature")


def test_an_expired_token_is_refused(portal: Portal, providers: Providers) -> None:
    providers.misbehave("police", age=3600)
    assert portal.refused("police", "p-1") == Refused(403, "expired")


def test_weak_assurance_is_refused_with_advice(portal: Portal, providers: Providers) -> None:
    providers.misbehave("police", claims={"acr": "password-only", "amr": ["pwd"]})
    assert portal.refused("police", "p-1") == Refused(403, "weak")
    assert "second step" in portal.last.text


def test_a_refusal_never_says_which_check_failed(portal: Portal, providers: Providers) -> None:
    providers.misbehave("police", claims={"aud": "another-portal"})
    portal.refused("police", "p-1")
    assert "audience" not in portal.last.text.lower()


def test_a_cancelled_sign_in_gets_a_page(portal: Portal, providers: Providers) -> None:
    back = portal.go_to_provider("police", "p-1")
    state = parse_qs(urlsplit(back).query)["state"][0]
    iss = providers.issuer("police")
    answer = portal.browser.get(f"/sign-in/return/police?error=access_denied&state={state}&iss={iss}")
    assert answer.status_code == 403
    assert "did not sign you in" in answer.text


def test_a_return_without_anything_gets_a_page(portal: Portal) -> None:
    assert portal.browser.get("/sign-in/return/police").status_code == 400


@pytest.mark.parametrize(
    "address",
    ["/sign-in/nowhere", "/sign-in/police/at/health", "/sign-in/return/nowhere", "/sign-in/borough-council"],
)
def test_an_organisation_that_is_not_there_is_not_found(portal: Portal, address: str) -> None:
    assert portal.browser.get(address).status_code == 404


def test_a_provider_that_is_away_gets_a_page_and_others_still_work(
    portal: Portal, providers: Providers
) -> None:
    providers.misbehave("police", down=True)
    answer = portal.browser.get("/sign-in/police")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "organisation’s sign-in cannot be reached" in answer.text
    assert portal.sign_in("health", "h-1").status_code == 303


def test_a_provider_whose_client_secret_is_not_set_is_refused(portal: Portal, app: Flask) -> None:
    app.config["OIDC_SECRETS"] = {}
    assert portal.refused("police", "p-1").status == 403


# Ending


def test_a_session_ends_when_it_is_idle(portal: Portal, rows: Session) -> None:
    portal.sign_in("police", "p-1")
    rows.execute(text("update ctx.session set last_seen_at = last_seen_at - interval '29 minutes'"))
    rows.commit()
    assert portal.browser.get("/your-sign-ins").status_code == 200
    rows.execute(text("update ctx.session set last_seen_at = last_seen_at - interval '31 minutes'"))
    rows.commit()
    assert portal.browser.get("/home").status_code == 303


def test_polling_does_not_keep_a_session_alive_and_work_does(portal: Portal, rows: Session) -> None:
    portal.sign_in("police", "p-1")
    rows.execute(text("update ctx.session set last_seen_at = last_seen_at - interval '20 minutes'"))
    rows.commit()
    before = rows.scalar(select(SignInSession.last_seen_at))
    portal.browser.get("/token")
    rows.commit()
    assert rows.scalar(select(SignInSession.last_seen_at)) == before
    portal.browser.submit("/still-here")
    rows.commit()
    assert rows.scalar(select(SignInSession.last_seen_at)) != before


def test_a_session_ends_after_twelve_hours_however_busy(portal: Portal, rows: Session) -> None:
    portal.sign_in("police", "p-1")
    session = rows.scalars(select(SignInSession)).one()
    assert session.ends_at - session.opened_at == timedelta(hours=12)
    rows.execute(text("update ctx.session set ends_at = now() - interval '1 second'"))
    rows.commit()
    assert portal.browser.get("/home").status_code == 303


def test_signing_out_ends_the_session_for_everybody_who_has_the_token(portal: Portal) -> None:
    portal.sign_in("police", "p-1")
    token = portal.token()
    answer = portal.browser.submit("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    portal.browser.set_cookie("portal", token)
    assert portal.browser.get("/home").status_code == 303


def test_signing_out_offers_to_sign_out_at_the_organisation_too(portal: Portal, providers: Providers) -> None:
    portal.sign_in("police", "p-1")
    page = portal.browser.soup(portal.browser.submit("/sign-out").headers["Location"])
    link = page.select_one("a[href*='/police/sign-out']")
    assert link is not None
    assert "post_logout_redirect_uri=http" in str(link["href"])


def test_signing_out_needs_a_form_token(portal: Portal) -> None:
    portal.sign_in("police", "p-1")
    assert portal.browser.post("/sign-out").status_code == 400
    assert portal.browser.get("/your-sign-ins").status_code == 200


def test_signing_out_when_signed_out_already_is_no_error(portal: Portal) -> None:
    assert portal.browser.submit("/sign-out").status_code == 303


def test_a_leaver_loses_access_at_the_next_request(portal: Portal, cast: Cast, rows: Session) -> None:
    portal.sign_in("police", "p-1")
    rows.execute(text("update app_user set active = false where id = :id"), {"id": cast.officer.id})
    rows.commit()
    assert portal.browser.get("/home").status_code == 303
    assert portal.refused("police", "p-1") == Refused(403, "unknown")


def test_an_agency_that_was_switched_off_loses_access_at_the_next_request(
    portal: Portal, cast: Cast, rows: Session
) -> None:
    portal.sign_in("police", "p-1")
    rows.execute(text("update agency set active = false where id = :id"), {"id": cast.police.id})
    rows.commit()
    assert portal.browser.get("/home").status_code == 303
    assert portal.browser.get("/sign-in/police").status_code == 404


def test_a_provider_that_the_agency_no_longer_uses_lets_nobody_in(portal: Portal, rows: Session) -> None:
    back = portal.go_to_provider("police", "p-1")
    rows.execute(text("delete from agency_provider"))
    rows.commit()
    assert portal.browser.get(back).status_code == 403
    assert portal.why() == "unknown"


def test_the_partnerships_provider_serves_only_agencies_without_their_own(
    portal: Portal, cast: Cast, rows: Session, providers: Providers
) -> None:
    rows.execute(text("update identity_provider set is_partnership_default = true where code = 'health'"))
    rows.execute(text("delete from user_identity where subject = 'h-1'"))
    rows.execute(text("delete from agency_provider where agency_id = :id"), {"id": cast.health.id})
    rows.add(UserIdentity(user_id=cast.officer.id, issuer=providers.issuer("health"), subject="h-1"))
    rows.commit()
    assert portal.refused("borough-council", "h-1", provider="health") == Refused(403, "unknown")
    rows.add(UserIdentity(user_id=cast.community_safety.id, issuer=providers.issuer("health"), subject="h-2"))
    rows.commit()
    providers.people("health", person("h-2"))
    assert portal.sign_in("borough-council", "h-2", provider="health").status_code == 303
    assert portal.signed_in_as() == cast.community_safety.id


def test_nobody_waits_for_a_longer_request_of_their_own_that_noted_the_same(
    portal: Portal, rows: Session
) -> None:
    portal.sign_in("police", "p-1")
    rows.execute(text("update ctx.session set last_seen_at = last_seen_at - interval '20 minutes'"))
    rows.commit()
    rows.execute(
        text("update ctx.session set last_seen_at = statement_timestamp()")
    )  # held, as by a long one
    assert portal.browser.get("/your-sign-ins").status_code == 200
    rows.commit()
