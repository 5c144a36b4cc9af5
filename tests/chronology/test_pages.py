"""One chronology per child: each reader gets every line that is for them, on page, paper and file."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.pages.chronologies.reading import PAGE
from portal.records.cases.model import ChronologyEntry
from portal.records.disclosures.model import TakenCopy
from portal.records.entries.vocabulary import ChronologyPart
from portal.registry import lines
from portal.vocabulary import Sensitivity
from tests.cases.pages import words
from tests.cases.test_page import BUDGET, ClientFor
from tests.cast import Cast
from tests.chronology.conftest import Life, ago
from tests.documents.reading import open_pdf
from tests.factories.cases import add_entry, grant
from tests.factories.children import tell
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.factories.missing import make_episode
from tests.statements import beside_the_context

#: What an address says that asks for the words of each line, whole.
WHOLE = "words=full"
QUILL = re.compile(r"Quill[a-z]+")


def found(text: str) -> frozenset[str]:
    return frozenset(QUILL.findall(text))


def test_each_reader_gets_the_lines_that_are_for_them_on_page_paper_and_file(
    cast: Cast, life: Life, client_for: ClientFor
) -> None:
    readers = {
        cast.officer: life.everybody | life.police | life.picture,
        cast.social_worker: life.everybody,
        cast.nurse: life.everybody,
        cast.coordinator: life.everybody | life.picture | life.council,
        cast.community_safety: life.council,
        cast.neighbour: frozenset({"Quillfound", "Quillinterviewer"}),  # the police, by the episode
    }
    address = f"/children/{life.child.reference}/chronology"
    for person, expected in readers.items():
        client = client_for(person)
        page = client.soup(f"{address}?{WHOLE}")
        assert found(words(page)) - {"Quillalert"} == expected - {"Quillalert"}, person.name
        assert found(words(client.soup(f"{address}/print"))) == expected, person.name
        made = open_pdf(client.get(f"{address}.pdf").data)
        assert found(made.text) == expected, person.name
        assert "Ada Fictional" in made.text


@pytest.mark.parametrize("who", ["stranger", "teacher", "governance", "administrator"])
def test_nobody_without_reach_learns_that_there_is_one(
    cast: Cast, life: Life, client_for: ClientFor, who: str
) -> None:
    client = client_for(getattr(cast, who))
    wanted = {403} if who in {"governance", "administrator"} else {404}
    for tail in ("", "/print", ".pdf"):
        answer = client.get(f"/children/{life.child.reference}/chronology{tail}")
        assert {answer.status_code} == wanted
        assert not found(answer.text)


def test_nobody_who_is_signed_out_gets_anything(life: Life, client_for: ClientFor) -> None:
    client = client_for(None)
    for tail in ("", "/print", ".pdf"):
        answer = client.get(f"/children/{life.child.reference}/chronology{tail}")
        assert answer.status_code == 303
        assert "/sign-in" in answer.headers["Location"]


def test_each_line_says_who_says_so_and_leads_to_its_record(
    cast: Cast, life: Life, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    page = client.soup(f"/children/{life.child.reference}/chronology?{WHOLE}")
    lines = {one.get_text(" ", strip=True): one for one in page.select("article")}
    by_word = {word: line for text, line in lines.items() for word in found(text)}
    entry = by_word["Quillmoment"]
    assert f"{cast.officer.name}, Police, case {life.case.reference}." in entry.get_text(" ", strip=True)
    assert "Arrest: Quillarrest" in entry.get_text(" ", strip=True)
    for word in ("Quillnetwork", "Quillassessed", "Quillaction", "Quillanswer", "Quilldecided"):
        (way,) = by_word[word].select("a")
        answer = client.get(str(way["href"]))
        assert answer.status_code == 200, (word, way["href"])
        assert word in answer.text or word in {"Quillassessed", "Quilldecided"}, word
    times = [str(one["datetime"]) for one in page.select("time")]
    assert times == sorted(times, reverse=True)


def test_a_line_for_each_event_holds_the_same_lines_and_leads_to_the_same_records(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor
) -> None:
    entry = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.text == "Quillnetwork")).one()
    entry.text = f"Quillnetwork {'went to the station again ' * 20}Quillend"
    rows.commit()
    address = f"/children/{life.child.reference}/chronology"
    for person in (cast.officer, cast.nurse):
        client = client_for(person)
        brief, whole = client.soup(address), client.soup(f"{address}?{WHOLE}")
        events = [row for row in brief.select(".app-queue--events tr") if row.time]
        articles = whole.select("article")
        assert len(events) == len(articles)
        for event, article in zip(events, articles, strict=True):
            ways = [str(one["href"]) for one in event.select("a")]
            assert ways == [str(one["href"]) for one in article.select("a")]
        assert "Quillend" in words(whole)
        assert "Quillend" not in words(brief)
        assert brief.find("a", string="With the full words")
    events = client_for(cast.officer).soup(address).select(".app-queue--events tr")
    assert [row for row in events if "quillarrest" in row.get_text().lower()]
    assert "Critical moment: " in " ".join(row.get_text() for row in events)


def test_a_critical_moment_that_may_not_leave_is_not_printed_from_the_page(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor
) -> None:
    entry = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.text == "Quillmoment")).one()
    make_grading(rows, entry, cast.officer, READING_ONLY)
    for query in ("", f"?{WHOLE}"):
        page = client_for(cast.social_worker).soup(f"/children/{life.child.reference}/chronology{query}")
        kept = page.find_all(string=re.compile("Quillmoment|Quillarrest", re.IGNORECASE))
        assert len(kept) > 1
        assert all(one.find_parent(class_="app-no-print") for one in kept), query


def test_a_part_can_be_asked_for_by_kind_agency_days_and_moment(
    cast: Cast, life: Life, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)

    def asked(query: str) -> frozenset[str]:
        page = client.soup(f"/children/{life.child.reference}/chronology?{WHOLE}&{query}")
        return found(" ".join(one.get_text(" ") for one in page.select("article")))

    assert asked("critical=y") == {"Quillmoment", "Quillarrest", "Quilldetail"}
    assert asked("what=missing") == {"Quillfound", "Quillinterviewer"}
    picture = {"Quillperson", "Quillorder"}
    assert asked("what=missing&what=concern") == {"Quillfound", "Quillinterviewer", *picture}
    assert asked(f"agency={cast.health.id}") == {
        *("Quillnetwork", "Quillright", "Quillreason", "Quillanswer", "Quillasked"),
    }
    day = clock.local(ago(30)).date() - timedelta(days=1)
    since = f"since-day={day.day}&since-month={day.month}&since-year={day.year}"
    until = f"until-day={day.day}&until-month={day.month}&until-year={day.year}"
    assert "Quillfound" in asked(since)
    assert "Quillnetwork" not in asked(since)
    assert "Quillfound" not in asked(until)
    assert "Quillnetwork" in asked(until)
    every = frozenset().union(*(asked(f"what={one.value}") for one in ChronologyPart))
    assert every == life.everybody | life.police | life.picture


def test_every_part_of_the_union_has_its_words_and_can_be_asked_for() -> None:
    assert {line.part for line in lines().values()} == set(ChronologyPart)


def test_what_makes_no_sense_in_an_address_is_said_or_not_asked(
    cast: Cast, life: Life, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    address = f"/children/{life.child.reference}/chronology"
    for query in ("before=x", "before=9.zz"):
        assert client.get(f"{address}?{query}").status_code == 400, query
    for query in ("what=nonsense", "agency=nobody", "since-day=40&since-month=1"):
        answer = client.get(f"{address}?{query}")
        assert answer.status_code in {200, 422}, query
        assert "Quillnetwork" in answer.text, query


def test_what_may_not_leave_stays_on_the_page(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor
) -> None:
    entry = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.text == "Quillmoment")).one()
    make_grading(rows, entry, cast.officer, READING_ONLY)
    client = client_for(cast.social_worker)
    address = f"/children/{life.child.reference}/chronology"
    assert "Quillmoment" in words(client.soup(address))
    held = {"Quillmoment", "Quillarrest", "Quilldetail"}
    printed = words(client.soup(f"{address}/print"))
    assert not found(printed) & held
    assert "Held back by Police" in printed
    assert not found(open_pdf(client.get(f"{address}.pdf").data).text) & held


def test_what_was_passed_on_under_a_condition_stays_on_the_page_too(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor
) -> None:
    tell(
        rows,
        life.child,
        cast.council_team,
        by=cast.coordinator,
        text="Quillbound",
        conditions=READING_ONLY,
    )
    client = client_for(cast.community_safety)
    address = f"/children/{life.child.reference}/chronology"
    page = words(client.soup(address))
    assert "Quillbound" in page
    assert READING_ONLY in page
    assert found(words(client.soup(f"{address}/print"))) == {"Quilltold"}
    assert found(open_pdf(client.get(f"{address}.pdf").data).text) == {"Quilltold"}


def test_a_restricted_case_is_cut_for_whoever_is_not_named(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor
) -> None:
    grant(rows, life.case, cast.social_worker, by=cast.coordinator)
    life.case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    address = f"/children/{life.child.reference}/chronology"
    page = words(client_for(cast.social_worker).soup(f"{address}?{WHOLE}"))
    assert life.everybody - {"Quillfound", "Quillinterviewer"} <= found(page) | {"Quillalert"}
    assert "Restricted" in page
    answer = client_for(cast.nurse).get(address)
    assert not found(answer.text) & (life.everybody - {"Quillasked", "Quillanswer"})


def test_the_file_is_on_the_ledger_and_every_look_on_the_trail(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    address = f"/children/{life.child.reference}/chronology"
    for tail in ("", "/print", ".pdf"):
        client.get(f"{address}{tail}")
    rows.rollback()
    copy = rows.scalars(select(TakenCopy)).one()
    assert (copy.kind, copy.subject_reference, copy.case_id, copy.taken_by) == (
        "child_chronology",
        life.child.reference,
        life.case.id,
        cast.officer.id,
    )
    looks = rows.scalars(select(AuditEvent.action).where(AuditEvent.child_id == life.child.id)).all()
    assert {"child:chronology", "child:print_chronology", "child:download_chronology"} <= set(looks)


def test_pages_hold_each_line_once_and_a_page_costs_a_fixed_number_of_statements(
    rows: Session, cast: Cast, life: Life, client_for: ClientFor, statements: list[str], app: Flask
) -> None:
    same = ago(60)
    for number in range(70):  # many at the very same moment: the key tells them apart
        add_entry(rows, life.case, cast.officer, f"Line{number:03}x").happened_at = same
    for number in range(60):
        make_episode(
            rows,
            life.child,
            cast.officer,
            since=ago(61 + number),
            returned_at=ago(60 + number),
            circumstances=f"Episode{number:03}x",
        )
    rows.commit()
    client = client_for(cast.officer)
    address: str | None = f"/children/{life.child.reference}/chronology?{WHOLE}"
    seen: list[str] = []
    pages = 0
    while address:
        statements.clear()
        page = client.soup(address)
        assert len(beside_the_context(statements)) <= BUDGET, beside_the_context(statements)
        seen += [str(one["id"]) for one in page.select("article")]
        older = page.select_one("a[rel=next]")
        address = str(older["href"]) if older else None
        pages += 1
    assert len(seen) == len(set(seen))
    assert pages == -(-len(seen) // PAGE)
    text = words(client.soup(f"/children/{life.child.reference}/chronology/print"))
    assert len(set(re.findall(r"Line\d{3}x|Episode\d{3}x", text))) == 130
