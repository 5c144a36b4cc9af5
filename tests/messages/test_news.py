"""What changed since somebody last looked: a line for those on the case, cleared by looking."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.changes.versions import insert_now
from portal.extensions import db
from portal.messages import news
from portal.messages.model import CaseNews
from portal.messages.telling import tell
from portal.model import new_id
from portal.records.cases.facts import about_case
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.cases.vocabulary import ALERT_CHANGED, WARNING_SET
from portal.records.entries.vocabulary import ADDED, Handling
from portal.records.missing.vocabulary import REPORTED
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry, involve, make_case, make_child
from tests.triage.test_pages import fields_of

Acting = Callable[[User], AbstractContextManager[Principal]]
ClientFor = Callable[[User], Client]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that social care leads and a school nurse works on."""
    made = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, made, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, made, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    rows.commit()
    return made


@pytest.fixture
def changed(case: Case, cast: Cast, acting: Acting) -> Case:
    """An alert on it was reviewed by the coordinator."""
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        tell(actor=actor, event=ALERT_CHANGED, about=about_case(record))
        db.session.commit()
    return case


WHAT = ALERT_CHANGED.label


def test_it_stands_on_the_list_and_on_the_case_until_one_looks(
    cast: Cast, changed: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    assert WHAT in client.get("/changes").text
    page = client.get(f"/cases/{changed.reference}").text
    assert WHAT in page
    assert "What changed since you last looked" in page
    assert WHAT not in client.get(f"/cases/{changed.reference}").text
    assert "Nothing has changed since you last looked." in client.get("/changes").text


def test_today_says_that_there_is_more_than_it_read(
    cast: Cast, changed: Case, acting: Acting, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(cast.nurse)
    assert "<b>1</b> <span>new on my cases" in client.get("/health").text
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, changed.id)
        tell(actor=actor, event=ALERT_CHANGED, about=about_case(record))
        db.session.commit()
    monkeypatch.setattr(news, "PAGE", 1)
    assert "<b>1+</b> <span>new on my cases" in client.get("/health").text


def note(
    rows: Session, case: Case, event: str, subject: Case | ChronologyEntry, by: User, *, hours: int
) -> None:
    """Something changed so many hours ago."""
    rows.add(
        CaseNews(
            id=new_id(),
            case_id=case.id,
            event=event,
            subject_kind=subject.__tablename__,
            subject_id=subject.id,
            by_id=by.id,
            by_agency_id=by.agency_id,
            at=clock.now() - timedelta(hours=hours),
        )
    )
    rows.commit()


def test_what_is_critical_stands_first_and_a_case_with_news_is_marked_until_one_looks(
    rows: Session, cast: Cast, changed: Case, client_for: ClientFor
) -> None:
    note(rows, changed, REPORTED.code, changed, cast.officer, hours=5)
    client = client_for(cast.nurse)
    today = client.soup("/health")
    first = today.select_one("section[aria-labelledby=new] li")
    assert first
    assert "app-lines__item--critical" in first["class"]
    assert REPORTED.label.lower() in first.get_text().lower()
    assert "New" in [one.get_text() for one in today.select("#case-list .govuk-tag")]
    page = client.get(f"/cases/{changed.reference}").text
    assert page.index(REPORTED.label) < page.index(WHAT)
    seen = client.soup("/health")
    assert "New" not in [one.get_text() for one in seen.select("#case-list .govuk-tag")]


def test_the_list_of_cases_marks_what_is_new_and_finds_it_until_one_looks(
    rows: Session, cast: Cast, changed: Case, acting: Acting, client_for: ClientFor
) -> None:
    quiet = make_case(
        rows, make_child(rows, "Ben", "Zwelk"), lead=cast.social_care, opened_by=cast.coordinator
    )
    involve(rows, quiet, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    entry = add_entry(rows, quiet, cast.officer, "For us", handling=Handling.OWN)
    note(rows, quiet, ADDED.code, entry, cast.officer, hours=1)
    client = client_for(cast.nurse)
    for address, found in (("/cases", [changed, quiet]), ("/cases?look=news", [changed])):
        page = client.soup(address)
        references = [one.get_text() for one in page.select("#list-page tbody .app-reference")]
        assert sorted(references) == sorted(one.reference for one in found), address
        assert [one.get_text() for one in page.select("#list-page tbody .govuk-tag--blue")] == ["1 new"]
    assert client.soup("/cases").select("#list-page .govuk-tag--blue"), "a list is no look at a case"
    client.get(f"/cases/{changed.reference}")
    assert not client.soup("/cases").select("#list-page .govuk-tag--blue")
    assert "Nothing fits" in client.soup("/cases?look=news").get_text()
    client.get(f"/cases/{quiet.reference}")
    assert "Nothing fits" in client.soup("/cases?look=news").get_text(), "each case by its own look"
    for other in (cast.coordinator, cast.colleague, cast.stranger):
        page = client_for(other).soup("/cases")
        assert not page.select("#list-page .govuk-tag--blue"), other.name
    with acting(cast.nurse) as actor:
        for number in range(news.MANY + 3):
            note(rows, changed, WARNING_SET.code, quiet, cast.officer, hours=-number - 1)
        assert news.on_cases(person=actor, case_ids=[changed.id, quiet.id]) == {changed.id: news.MANY + 1}
        assert news.on_cases(person=actor, case_ids=[]) == {}


def shown(client: Client, case: Case) -> tuple[list[str], str]:
    """The lines of what changed on the page of the case, and what it says below them."""
    panel = client.soup(f"/cases/{case.reference}").select_one("section[aria-labelledby=changes]")
    if panel is None:
        return [], ""
    return [one.get_text(" ", strip=True) for one in panel.select(".app-lines li")], panel.get_text(
        " ", strip=True
    )


def test_of_many_lines_the_critical_is_shown_and_what_was_not_shown_stays_news(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting
) -> None:
    note(rows, case, REPORTED.code, case, cast.officer, hours=200)
    for hours in range(100, 71, -1):
        note(rows, case, WARNING_SET.code, case, cast.officer, hours=hours)
    client = client_for(cast.nurse)
    lines, words = shown(client, case)
    assert len(lines) == 1 + news.AT_MOST
    assert lines[0].startswith(REPORTED.label), "the oldest of thirty"
    assert "And 9 newer than these. They are not taken as seen" in words
    with acting(cast.nurse) as actor:
        assert len(news.on_my_cases(person=actor).rows) == 9, "where the page says that they are"
    part = {"HX-Request": "true", "HX-Target": "div#case-entries"}
    assert client.get(f"/cases/{case.reference}?only=police", headers=part).status_code == 200
    lines, words = shown(client, case)
    assert (len(lines), "newer than these" in words) == (9, False), "a part of the page was no look at it"
    assert shown(client, case) == ([], "")


def test_what_is_critical_comes_again_until_everything_before_it_was_shown(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for hours in range(50, 20, -1):
        note(rows, case, WARNING_SET.code, case, cast.officer, hours=hours)
    note(rows, case, REPORTED.code, case, cast.officer, hours=1)
    found = []
    for _ in range(3):
        with acting(cast.nurse) as actor:
            seen = news.look(person=actor, case_id=case.id)
            db.session.commit()
        found.append(([one.event for one in seen.lines].count(REPORTED.code), len(seen.lines), seen.more))
    assert found == [(1, 21, 10), (1, 11, 0), (0, 0, 0)]


def test_lines_of_one_moment_are_shown_together(
    rows: Session, cast: Cast, case: Case, acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = clock.now() - timedelta(hours=2)
    for _ in range(4):
        note(rows, case, WARNING_SET.code, case, cast.officer, hours=3)
    rows.execute(update(CaseNews).values(at=moment))
    note(rows, case, WARNING_SET.code, case, cast.officer, hours=1)
    monkeypatch.setattr(news, "AT_MOST", 2)
    for lines, more in ((4, 1), (1, 0)):
        with acting(cast.nurse) as actor:
            seen = news.look(person=actor, case_id=case.id)
            db.session.commit()
        assert (len(seen.lines), seen.more) == (lines, more)


def test_an_entry_that_one_may_not_read_is_no_news(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.colleague)
    entry = add_entry(rows, case, cast.officer, "For us", handling=Handling.OWN)
    note(rows, case, ADDED.code, entry, cast.officer, hours=1)
    assert ADDED.label in client_for(cast.colleague).get("/changes").text
    for person, home in ((cast.nurse, "/health"), (cast.social_worker, "/social-care")):
        client = client_for(person)
        assert ADDED.label not in client.get("/changes").text
        assert "<b>0</b> <span>new on my cases" in client.get(home).text
        assert ADDED.label not in client.get(f"/cases/{case.reference}").text


def test_one_step_takes_all_of_it_as_seen(cast: Cast, changed: Case, client_for: ClientFor) -> None:
    client = client_for(cast.social_worker)
    assert WHAT in client.get("/changes").text
    client.submit("/changes/seen", fields_of(client.soup("/changes"), "/changes/seen"))
    assert WHAT not in client.get("/changes").text
    assert WHAT in client_for(cast.nurse).get("/changes").text, "each looks for themselves"


@pytest.mark.parametrize("page", ["/changes", "/social-care"])
def test_what_changes_while_the_page_is_open_is_not_taken_as_seen(
    rows: Session, cast: Cast, changed: Case, client_for: ClientFor, page: str
) -> None:
    client = client_for(cast.social_worker)
    open_page = fields_of(client.soup(page), "/changes/seen")
    entry = add_entry(rows, changed, cast.officer, "Seen at the flat")
    note(rows, changed, ADDED.code, entry, cast.officer, hours=0)
    for wrong in ({}, {"until": "soon"}, {"until": "2026-11-29"}):
        client.submit("/changes/seen", wrong)
        assert "Nothing was marked" in (left := client.get("/changes").text)
        assert WHAT in left
    client.submit("/changes/seen", open_page)
    left = client.get("/changes").text
    assert ADDED.label in left
    assert WHAT not in left
    client.submit("/changes/seen", open_page | {"until": "2999-01-01T00:00:00+00:00"})
    note(rows, changed, ADDED.code, entry, cast.officer, hours=0)
    assert ADDED.label in client.get("/changes").text, "nobody has seen what is still to come"


def test_what_one_did_is_no_news_to_oneself_and_a_stranger_learns_of_nothing(
    cast: Cast, changed: Case, client_for: ClientFor
) -> None:
    for person in (cast.coordinator, cast.stranger, cast.colleague):
        client = client_for(person)
        client.get(f"/cases/{changed.reference}")
        assert WHAT not in client.get("/changes").text


def test_nobody_writes_news_of_a_case_that_they_do_not_read(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    with acting(cast.stranger) as actor:
        tell(actor=actor, event=ALERT_CHANGED, about=about_case(case))
        line = CaseNews(
            case_id=case.id,
            event=ALERT_CHANGED.code,
            subject_kind="cre_case",
            subject_id=case.id,
            by_id=actor.user_id,
            by_agency_id=actor.agency_id,
            at=clock.now(),
        )
        with pytest.raises(ProgrammingError, match="row-level security"):
            insert_now(line)
        db.session.rollback()
    rows.rollback()
    assert rows.query(CaseNews).count() == 0


def test_whoever_reads_a_case_finds_who_was_told_and_nobody_else_does(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Case, case.id)
        tell(actor=actor, event=WARNING_SET, about=about_case(record))
        db.session.commit()
    for reader in (cast.coordinator, cast.social_worker, cast.nurse):
        page = client_for(reader).soup(f"/cases/{case.reference}/told").get_text(" ", strip=True)
        assert cast.nurse.name in page
        assert "works on the case" in page
        assert "A warning was put on the case" in page
    assert client_for(cast.stranger).get(f"/cases/{case.reference}/told").status_code == 404
    asked = text("select id from ctx.told_of_case(:case, now() + interval '1 day', :last, 100)")
    said = {"case": case.id, "last": UUID(int=2**128 - 1)}
    with acting(cast.stranger):
        assert db.session.execute(asked, said).all() == []
    with acting(cast.nurse):
        assert db.session.execute(asked, said).all()
