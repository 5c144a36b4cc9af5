"""Guidance is open to all, says all that the local page holds, and tells where it comes from."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from portal.extensions import db
from portal.policy import PolicyError, current_policy, guidance
from portal.policy.guidance import load_guidance
from tests.cast import Cast
from tests.client import Client

POLICY = Path(__file__).parents[2] / "config" / "policy"
GUIDANCE = load_guidance(POLICY, date(2026, 11, 24))
VISITOR_PAGES = ["/", "/guidance", "/contacts", "/what-we-record", "/accessibility", "/cookies", "/words"]

#: What a reader of the local page must find here, and where.
COVERED = {
    "who-counts": ["under 18", "25", "SEND", "in the care of a local authority"],
    "how-it-happens": [
        "by an adult, or by another child",
        "Constrained choices",
        "group abuse",
        "or neither",
    ],
    "key-points": [
        "victim of abuse",
        "early",
        "child protection plan",
        "child in need plan",
        "interim safety plan",
    ],
    "sharing-information": [
        "as soon as you become aware",
        "Operation Liberty",
        "Safeguarding Co-ordination Hub",
    ],
    "risk-assessment": ["contextual safeguarding", "is being exploited", "at risk of it", "wishes and feels"],
    "meetings": ["Community Safety Team", "Early Help Manager", "Senior Practitioner", "operational pathway"],
    "procedures": [
        "Missing from Home and Care",
        "Section 47",
        "Children in Specific Circumstances",
        "Checked on",
    ],
}


@pytest.fixture
def visitor(client_for: Callable[[object], Client]) -> Client:
    return client_for(None)


@pytest.mark.parametrize("address", VISITOR_PAGES + [f"/guidance/{slug}" for slug in GUIDANCE.pages])
def test_a_visitor_reads_it_without_signing_in_and_gets_no_cookie(visitor: Client, address: str) -> None:
    response = visitor.get(address)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers, "guidance must not need a cookie: render no form token here"


@pytest.mark.parametrize("slug", COVERED)
def test_it_covers_what_the_local_page_says(visitor: Client, slug: str) -> None:
    words = visitor.soup(f"/guidance/{slug}").get_text(" ", strip=True)
    for phrase in COVERED[slug]:
        assert phrase.lower() in words.lower(), f"say “{phrase}” on the page {slug}"


def test_each_type_of_exploitation_has_a_page_with_signs(app: Flask) -> None:
    about = {page.exploitation_type: page for page in GUIDANCE.pages.values()}
    for kind in current_policy().exploitation.types.offered:
        page = about.get(kind.code)
        assert page, f"write a page of guidance with exploitation_type = “{kind.code}”"
        assert "## Signs" in page.text, f"say on {page.slug} what one may notice"


def test_the_contact_number_of_the_local_page_is_there(visitor: Client) -> None:
    assert "01246 242424" in visitor.soup("/contacts").get_text()


@pytest.mark.parametrize("slug", GUIDANCE.pages)
def test_a_page_says_its_source_and_when_it_was_checked(visitor: Client, slug: str) -> None:
    foot = visitor.soup(f"/guidance/{slug}").select_one(".app-source")
    assert foot is not None
    assert "Source:" in foot.text
    assert "Checked on" in foot.text


@pytest.mark.parametrize("slug", GUIDANCE.pages)
def test_a_link_to_another_site_says_that_it_opens_a_new_tab(visitor: Client, slug: str) -> None:
    for link in visitor.soup(f"/guidance/{slug}").select('a[href^="http"]'):
        assert "(opens in a new tab)" in link.text
        assert link["target"] == "_blank"
        assert "noopener" in link["rel"]


def test_unconfirmed_levels_are_shown_as_such(visitor: Client) -> None:
    assert "not confirmed by the partnership" in visitor.soup("/guidance/risk-assessment").get_text()


def test_an_unknown_page_is_not_found(visitor: Client) -> None:
    assert visitor.get("/guidance/nothing").status_code == 404


def test_whoever_is_signed_in_goes_from_the_front_page_to_their_own(
    client_for: Callable[[object], Client], cast: Cast
) -> None:
    response = client_for(cast.officer).get("/")
    assert response.status_code == 303
    assert response.location == "/home"


def test_the_token_says_who_is_signed_in_and_whether_anybody_is(
    client_for: Callable[[object], Client], cast: Cast
) -> None:
    assert client_for(None).get("/token").status_code == 401
    answer = client_for(cast.officer).get("/token").get_json()
    assert answer["person"] == str(cast.officer.id)
    assert answer["token"]


def test_staying_at_work_needs_a_session(client_for: Callable[[object], Client], cast: Cast) -> None:
    assert client_for(cast.officer).submit("/still-here").status_code == 204
    assert client_for(None).submit("/still-here").status_code == 401


def _write(folder: Path, text: str) -> Path:
    (folder / "2026-01-01" / "guidance").mkdir(parents=True)
    file = folder / "2026-01-01" / "guidance" / "page.md"
    file.write_text(text, "utf-8")
    return file


FACTS = 'title = "T"\nsummary = "S"\ngroup = "start"\norder = 1\nsource = "x"\nchecked_on = 2026-01-01\n'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("No facts", "between two lines"),
        (f"+++\n{FACTS.replace('checked_on = 2026-01-01', '')}+++\nText", "checked_on"),
        (f"+++\n{FACTS.replace('start', 'nowhere')}+++\nText", "group"),
        (f'+++\n{FACTS}see_also = ["nothing"]\n+++\nText', "see_also"),
        (f"+++\n{FACTS}+++\n[a](/guidance/nothing)", "nothing"),
        (f"+++\n{FACTS}colour = 1\n+++\nText", "colour"),
    ],
)
def test_a_page_with_a_fault_is_refused_by_file_key_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, named: str
) -> None:
    monkeypatch.setattr(guidance, "LED_TO", frozenset())
    file = _write(tmp_path, text)
    with pytest.raises(PolicyError, match=named) as refused:
        load_guidance(tmp_path, date(2026, 2, 1))
    assert str(file) in str(refused.value)


def test_a_later_edition_replaces_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guidance, "LED_TO", frozenset())
    _write(tmp_path, f"+++\n{FACTS}+++\nOld")
    later = tmp_path / "2026-06-01" / "guidance"
    later.mkdir(parents=True)
    (later / "page.md").write_text(f"+++\n{FACTS}+++\nNew", "utf-8")
    assert load_guidance(tmp_path, date(2026, 5, 1)).pages["page"].text == "Old"
    assert load_guidance(tmp_path, date(2026, 7, 1)).pages["page"].text == "New"


def test_html_in_guidance_is_shown_as_text_and_not_run() -> None:
    from portal.web.guidance import render_markdown  # noqa: PLC0415  # the only test that needs it

    html = BeautifulSoup(render_markdown("<script>alert(1)</script>"), "html.parser")
    assert html.find("script") is None


def test_guidance_is_there_when_the_database_is_not(
    client_for: Callable[[object], Client], app: Flask
) -> None:
    with app.app_context():
        engine = db.engine
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(engine, "connect", _no_database)
        broken.setattr(engine, "raw_connection", _no_database)
        assert client_for(None).get("/guidance/cse").status_code == 200


def _no_database() -> None:
    raise AssertionError("a visitor's page asked the database")
