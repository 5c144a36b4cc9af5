"""Nothing that was typed is lost: not by a mistake, a closed browser, an ended session or a second tab."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.records.people.model import SignInSession, User
from portal.records.referrals.model import Referral, ReferralSource
from tests.cast import Cast
from tests.client import Client
from tests.referrals.steps import FULL, LEAST, WHAT, autosave, begin, fill, seen_by, send, truth

ClientFor = Callable[[User | None], Client]
Saved = dict[str, Any]


@pytest.fixture
def client(cast: Cast, client_for: ClientFor) -> Client:
    return client_for(cast.officer)


@pytest.fixture
def reference(client: Client) -> str:
    return begin(client)


def story(client: Client, reference: str) -> str:
    """What the page about what happened holds now."""
    area = client.soup(f"/share/{reference}/happened").find("textarea", {"name": "what_happened"})
    assert area
    return area.get_text().strip()


def test_what_is_being_typed_is_saved_and_is_there_in_another_browser(
    cast: Cast, client: Client, client_for: ClientFor, reference: str
) -> None:
    page = seen_by(client, reference, "happened")
    answer = autosave(client, reference, "happened", {**page, "what_happened": "Half a sent"})
    assert answer.status_code == 204
    assert int(answer.headers["X-Version"]) > int(page["version"])
    assert story(client_for(cast.officer), reference) == "Half a sent"


def test_a_mistake_is_told_and_kept(client: Client, reference: str) -> None:
    typed = {"children-0-given_name": "Ada", "children-0-dob-day": "31", "children-0-dob-month": "2"}
    answer = client.submit(
        f"/share/{reference}/children", {**seen_by(client, reference, "children"), **typed}
    )
    assert answer.status_code == 422
    assert "Date of birth must include a year" in answer.text
    again = client.get(f"/share/{reference}/children").text
    assert 'value="31"' in again
    assert 'value="Ada"' in again


def test_one_may_go_elsewhere_in_the_middle_of_a_mistake(client: Client, reference: str) -> None:
    typed = {"children-0-age": "fourteen", "go": "sharing"}
    answer = client.submit(
        f"/share/{reference}/children", {**seen_by(client, reference, "children"), **typed}
    )
    assert answer.headers["Location"].endswith("/sharing")
    assert 'value="fourteen"' in client.get(f"/share/{reference}/children").text
    assert "enter a number of years" in client.get(f"/share/{reference}/check").text


@pytest.mark.parametrize(("go", "leads"), [("later", "/sent"), ("check", "/check"), ("about", "/about")])
def test_saving_leads_where_one_asked_to_go(client: Client, reference: str, go: str, leads: str) -> None:
    page = seen_by(client, reference, "happened")
    answer = client.submit(f"/share/{reference}/happened", {**page, "what_happened": WHAT, "go": go})
    assert answer.headers["Location"].endswith(leads)
    assert story(client, reference) == WHAT


def test_a_save_after_the_session_ended_is_not_sent_to_sign_in_and_works_after_signing_in_again(
    rows: Session, client: Client, reference: str, cast: Cast, client_for: ClientFor
) -> None:
    typed = {**seen_by(client, reference, "happened"), "what_happened": "Typed while away"}
    rows.query(SignInSession).update({"idle_seconds": 0})
    rows.commit()
    answer = autosave(client, reference, "happened", typed)
    assert answer.status_code == 401
    assert "Location" not in answer.headers
    back = client_for(cast.officer)
    assert autosave(back, reference, "happened", typed).status_code == 204
    assert story(back, reference) == "Typed while away"


def test_a_page_continued_after_the_session_ended_gives_the_words_back(
    rows: Session, client: Client, reference: str
) -> None:
    typed = {**seen_by(client, reference, "happened"), "what_happened": "A long story, typed while away"}
    rows.query(SignInSession).update({"idle_seconds": 0})
    rows.commit()
    answer = client.submit(f"/share/{reference}/happened", typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401
    assert "A long story, typed while away" in answer.text


def test_the_second_tab_is_shown_both_versions(client: Client, reference: str) -> None:
    first, second = seen_by(client, reference, "happened"), seen_by(client, reference, "happened")
    assert (
        autosave(client, reference, "happened", {**first, "what_happened": "In the first"}).status_code == 204
    )
    clash = autosave(client, reference, "happened", {**second, "what_happened": "In the second"})
    assert clash.status_code == 409
    assert "In the first" in clash.text
    assert "In the second" in clash.text
    assert story(client, reference) == "In the first"
    page = client.submit(f"/share/{reference}/happened", {**second, "what_happened": "In the second"})
    assert page.status_code == 409
    assert "In the first" in page.text
    assert "In the second" in page.text
    keep = {**second, "what_happened": "In the second", "keep": str(int(second["version"]) + 1)}
    assert client.submit(f"/share/{reference}/happened", keep).status_code == 303
    assert story(client, reference) == "In the second"


def test_a_clash_over_the_source_shows_both_and_keeps_them_out_of_the_form(
    rows: Session, client: Client, reference: str
) -> None:
    first, second = seen_by(client, reference, "source"), seen_by(client, reference, "source")
    autosave(client, reference, "source", {**first, "source": "Her aunt"})
    clash = autosave(client, reference, "source", {**second, "source": "Her uncle"})
    assert clash.status_code == 409
    assert "Her aunt" in clash.text
    assert "aunt" not in str(truth(rows, reference).answers)


def test_two_tabs_may_work_on_two_pages(client: Client, reference: str) -> None:
    one, other = seen_by(client, reference, "happened"), seen_by(client, reference, "children")
    assert autosave(client, reference, "happened", {**one, "what_happened": "One"}).status_code == 204
    typed = {**other, "children-0-given_name": "Ada"}
    assert autosave(client, reference, "children", typed).status_code == 204
    assert autosave(client, reference, "happened", {**one, "what_happened": "One more"}).status_code == 204
    assert story(client, reference) == "One more"


def test_the_same_words_twice_are_no_clash(client: Client, reference: str) -> None:
    first, second = seen_by(client, reference, "happened"), seen_by(client, reference, "happened")
    autosave(client, reference, "happened", {**first, "what_happened": "Same"})
    assert autosave(client, reference, "happened", {**second, "what_happened": "Same"}).status_code == 204


def test_a_save_that_arrives_after_its_page_was_left_changes_nothing(client: Client, reference: str) -> None:
    page = seen_by(client, reference, "happened")
    client.submit(f"/share/{reference}/happened", {**page, "what_happened": "The whole sentence"})
    late = autosave(client, reference, "happened", {**page, "what_happened": "The whole"})
    assert late.status_code == 409
    assert story(client, reference) == "The whole sentence"
    back = client.submit(f"/share/{reference}/happened", {**page, "what_happened": "Gone back and changed"})
    assert back.status_code == 303
    assert story(client, reference) == "Gone back and changed"


def test_a_very_long_story_comes_back_whole_and_is_said_to_be_too_long(
    client: Client, reference: str
) -> None:
    page = seen_by(client, reference, "happened")
    words = "ü" * 30_000
    answer = client.submit(f"/share/{reference}/happened", {**page, "what_happened": words})
    assert answer.status_code == 422
    assert "shorten your answer by 10,000 characters" in answer.text
    assert words in answer.text, "nothing typed is lost"
    saved = autosave(client, reference, "happened", {**page, "what_happened": words})
    assert (saved.status_code, saved.mimetype) == (422, "text/plain")
    assert story(client, reference) == "", "and nothing without end is kept"


def test_more_than_a_page_can_hold_is_refused_with_a_page_that_says_so(
    client: Client, reference: str
) -> None:
    page = seen_by(client, reference, "happened")
    answer = client.submit(f"/share/{reference}/happened", {**page, "what_happened": "x" * 2_000_000})
    assert answer.status_code == 413
    assert (
        autosave(client, reference, "happened", {**page, "what_happened": "x" * 2_000_000}).status_code == 413
    )


def test_what_no_database_can_hold_does_no_harm(client: Client, reference: str) -> None:
    page = seen_by(client, reference, "happened")
    for odd in ("🙂 ' \" ; drop table --", "<script>alert(1)</script>"):
        assert autosave(client, reference, "happened", {**page, "what_happened": odd}).status_code == 204
    refused = autosave(client, reference, "happened", {**page, "what_happened": "One\x00two"})
    assert (refused.status_code, story(client, reference)) == (422, odd)
    assert "<script>alert(1)" not in client.get(f"/share/{reference}/check").text


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "٣"])
def test_a_version_that_is_no_number_is_an_old_one(client: Client, reference: str, version: str) -> None:
    page = seen_by(client, reference, "happened")
    autosave(client, reference, "happened", {**page, "what_happened": "Kept"})
    typed = {"version": version, "page": "x", "what_happened": "Other"}
    assert autosave(client, reference, "happened", typed).status_code == 409


def test_items_are_added_and_removed_without_scripts(client: Client, reference: str) -> None:
    page = seen_by(client, reference, "children")
    typed = {**page, "children-0-given_name": "Ada"}
    answer = client.submit(f"/share/{reference}/children", {**typed, "add": "children"})
    assert answer.headers["Location"].endswith(f"/share/{reference}/children#children")
    assert len(client.soup(f"/share/{reference}/children").select("[data-item]")) == 2
    page = seen_by(client, reference, "children")
    typed = {**page, "children-0-given_name": "Ada", "children-1-given_name": "Ben", "remove": "children-0"}
    client.submit(f"/share/{reference}/children", typed)
    items = client.soup(f"/share/{reference}/children").select("[data-item]")
    assert len(items) == 1
    assert items[0].select("input[value=Ben]")


def test_an_item_is_added_where_one_is_with_scripts(client: Client, reference: str) -> None:
    page = seen_by(client, reference, "others")
    headers = {"HX-Request": "true", "HX-Target": "div#vehicles"}
    typed = {**page, "vehicles-0-registration": "AB12", "add": "vehicles"}
    answer = client.submit(f"/share/{reference}/others", typed, headers=headers)
    assert answer.status_code == 200
    assert "AB12" in answer.text
    assert 'name="vehicles-1-registration"' in answer.text
    assert "<h1" not in answer.text
    assert "people-0" not in answer.text
    later = {**page, "vehicles-0-registration": "AB12", "vehicles-1-registration": "CD34"}
    assert autosave(client, reference, "others", later).status_code == 204


@pytest.mark.parametrize("odd", [{"add": "dragons"}, {"remove": "children-99"}, {"remove": "people--1"}])
def test_an_odd_item_is_no_item(client: Client, reference: str, odd: dict[str, str]) -> None:
    page = seen_by(client, reference, "children")
    answer = client.submit(f"/share/{reference}/children", {**page, "children-0-given_name": "Ada", **odd})
    assert answer.status_code == 303
    assert 'value="Ada"' in client.get(f"/share/{reference}/children").text


def test_a_form_about_a_place_opens_with_a_place_to_fill_in(client: Client, reference: str) -> None:
    fill(client, reference, {"about": {"kind": "place"}})
    assert client.soup(f"/share/{reference}/others").select("#places [data-item]")
    assert not client.soup(f"/share/{reference}/children").select("[data-item]")


def test_whoever_may_soon_be_in_danger_is_told_to_ring_first(client: Client) -> None:
    for urgency, words in (("immediate", "Ring 999 now"), ("soon", "101")):
        reference = begin(client, urgency)
        page = client.soup(f"/share/{reference}/ring")
        assert words in page.get_text()
        assert page.select("a[href='tel:999']")
    later = begin(client, "later")
    answer = client.submit(
        f"/share/{later}/urgency", {**seen_by(client, later, "urgency"), "urgency": "immediate"}
    )
    assert answer.headers["Location"].endswith("/ring")


def test_the_first_question_has_to_be_answered(rows: Session, client: Client) -> None:
    answer = client.submit("/share", {})
    assert answer.status_code == 422
    assert "Choose how urgent it is" in answer.text
    assert not rows.scalars(select(Referral)).all()


def test_a_draft_is_offered_to_carry_on_with(client: Client, reference: str) -> None:
    fill(client, reference, FULL)
    for address in ("/share", "/sent"):
        assert client.soup(address).find("a", string="Ada Fictional"), address


def test_a_deleted_draft_is_gone_with_its_source_and_stays_on_record(
    rows: Session, client: Client, reference: str
) -> None:
    fill(client, reference, FULL)
    assert "cannot be brought back" in client.get(f"/share/{reference}/discard").text
    assert client.submit(f"/share/{reference}/discard").status_code == 303
    assert not rows.scalars(select(Referral)).all()
    assert not rows.scalars(select(ReferralSource)).all()
    assert rows.scalars(select(AuditEvent).filter_by(action="draft:discard")).one()
    assert client.get(f"/share/{reference}/happened").status_code == 404
    assert autosave(client, reference, "happened", {"what_happened": "x"}).status_code == 404


def test_all_pages_of_a_full_form_can_be_filled_and_sent(client: Client, reference: str) -> None:
    fill(client, reference, FULL)
    assert send(client, reference).status_code == 303


def test_a_form_without_its_token_changes_nothing(rows: Session, client: Client, reference: str) -> None:
    fill(client, reference, LEAST)
    for address in (
        "/share",
        f"/share/{reference}/happened",
        f"/share/{reference}/send",
        f"/share/{reference}/discard",
    ):
        assert client.post(address, data={"what_happened": "Forged", "urgency": "later"}).status_code == 400
    assert truth(rows, reference).state == "draft"
    assert story(client, reference) == WHAT
    assert len(rows.scalars(select(Referral)).all()) == 1
