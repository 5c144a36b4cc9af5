"""What waits for the police to release: their own and the hub's, the longest waiting first, and no other."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.entries.vocabulary import Handling
from portal.records.intelligence.gradings import release
from portal.records.requests.asking import ask
from portal.records.requests.model import InformationRequest
from tests.cases.pages import words
from tests.cast import Cast
from tests.factories.cases import add_entry, involve, make_case, make_child
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.intelligence.conftest import Acting, ClientFor
from tests.told import heard, page_words

PLACE = "/police/intelligence"


def test_the_longest_waiting_is_first_and_what_is_released_or_bound_by_nothing_is_not_there(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    for days, by, handling in ((3, cast.officer, "network"), (5, cast.coordinator, "network")):
        entry = add_entry(rows, case, by, f"{days} days", handling=Handling(handling))
        made = make_grading(rows, entry, by, READING_ONLY, graded_at=clock.now() - timedelta(days=days))
    free, over = add_entry(rows, case, cast.officer), add_entry(rows, case, cast.officer)
    make_grading(rows, free, cast.officer)
    facts = {"released_by": cast.officer.id, "released_at": clock.now(), "release_reason": "Over"}
    make_grading(rows, over, cast.officer, READING_ONLY, **facts)
    page = client_for(cast.colleague).soup(PLACE)
    assert len(page.select("tbody tr")) == 2
    first = page.select_one("tbody tr")
    assert first
    assert str(made.entry_id) in str(first.select_one("a"))
    assert "Ada Fictional" in words(page)
    assert "Intelligence to release 2 waiting" in words(client_for(cast.colleague).soup("/police"))


def test_what_one_does_not_read_is_not_there_nor_counted(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    other = make_case(
        rows, make_child(rows, "Bea", "Quillhidden"), lead=cast.school, opened_by=cast.coordinator
    )
    make_grading(rows, add_entry(rows, other, cast.coordinator), cast.coordinator, READING_ONLY)
    of_hub = add_entry(rows, case, cast.coordinator, handling=Handling.OWN)
    make_grading(rows, of_hub, cast.coordinator, READING_ONLY)
    page = client_for(cast.officer).get(PLACE).text
    assert "Quillhidden" not in page
    assert "Nothing waits" in page
    assert "waits</strong>" not in client_for(cast.officer).get("/police").text


def test_pages_go_on_and_keep_to_their_statements(
    rows: Session,
    client_for: ClientFor,
    cast: Cast,
    case: Case,
    statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portal.queries.listing.find.__kwdefaults__", {"limit": 25})
    for n in range(28):
        entry = add_entry(rows, case, cast.officer, f"{n}")
        at = clock.now() - timedelta(days=n)
        make_grading(rows, entry, cast.officer, READING_ONLY, graded_at=at)
    client = client_for(cast.officer)
    statements.clear()
    page = client.soup(PLACE)
    asked = [one for one in statements if "entry_grading" in one]
    assert len(asked) == 2, "one counts them"
    assert len(page.select("tbody tr")) == 25
    more = page.find("a", href=lambda to: to and "after=" in to)
    assert more
    assert len(client.soup(str(more["href"])).select("tbody tr")) == 3


def test_it_is_filtered_and_sorted_and_counts_what_one_reads(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    other = make_case(
        rows, make_child(rows, "Bea", "Abelquill"), lead=cast.police, opened_by=cast.coordinator
    )
    involve(rows, other, cast.police_team, by=cast.coordinator)
    hidden = make_case(
        rows, make_child(rows, "Bea", "Cawquill"), lead=cast.school, opened_by=cast.coordinator
    )
    made = {}
    for days, on, by in (
        (3, case, cast.officer),
        (40, other, cast.coordinator),
        (99, hidden, cast.coordinator),
    ):
        entry = add_entry(rows, on, by, f"{days} days")
        at = clock.now() - timedelta(days=days)
        made[days] = str(make_grading(rows, entry, by, READING_ONLY, graded_at=at).entry_id)

    def listed(query: str) -> list[str]:
        links = (
            client_for(cast.colleague)
            .soup(f"{PLACE}?{query}")
            .select("#list-page tbody th a[href*='/entries/']")
        )
        return [next(one for one in made.values() if one in str(link["href"])) for link in links]

    assert listed("") == [made[40], made[3]]
    assert listed("sort=-waits") == [made[3], made[40]]
    assert listed("sort=child") == [made[40], made[3]]
    assert listed("whose=own") == [made[3]]
    assert listed("whose=others") == [made[40]]
    assert listed("long=month") == [made[40]]
    assert listed("long=quarter") == []
    page = client_for(cast.colleague).soup(f"{PLACE}?sort=child")
    (head,) = page.select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Case", "ascending")
    tabs = [" ".join(one.get_text(" ").split()) for one in page.select("nav a")]
    assert "All 2" in tabs
    assert "Nothing fits these filters" in words(client_for(cast.colleague).soup(f"{PLACE}?long=quarter"))


def test_it_is_closed_to_every_other_sector_page_and_fragment(client_for: ClientFor, cast: Cast) -> None:
    for who in ("nurse", "social_worker", "coordinator", "community_safety", "stranger", "governance"):
        for headers in ({}, {"HX-Request": "true", "HX-Target": "div#list-page"}):
            assert client_for(getattr(cast, who)).get(PLACE, headers=headers).status_code in {403, 404}, who
    assert client_for(None).get(PLACE).status_code == 303


def test_a_question_to_release_it_is_owed_no_more_once_it_is_released_and_a_stranger_never_sees_it(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, acting: Acting
) -> None:
    entries = [add_entry(rows, case, cast.officer, words) for words in ("One", "Two")]
    for entry in entries:
        make_grading(rows, entry, cast.officer, READING_ONLY)
    lead = client_for(cast.coordinator)
    for entry in entries:
        place = f"/requests/ask/case/{case.reference}?release={entry.id}"
        form = lead.soup(place)
        day = {one["name"]: one["value"] for one in form.select("input[name^=due_on]")}
        said = {"question": "Can you release it?", "why": "Zorblin", "teams": str(cast.police_team.id)}
        assert lead.submit(place, day | said).status_code == 303

    def asked() -> dict[object, tuple[bool, str]]:
        rows.rollback()
        found = select(InformationRequest.entry_id, InformationRequest.withdrawn_at, Deadline.state)
        on = Deadline.subject_id == InformationRequest.id
        return {one: (at is not None, state) for one, at, state in rows.execute(found.join(Deadline, on))}

    assert asked() == dict.fromkeys([one.id for one in entries], (False, "open"))
    rows.execute(
        update(Involvement).filter_by(team_id=cast.police_team.id).values(worker_id=cast.colleague.id)
    )
    rows.commit()
    with acting(cast.stranger):
        assert db.session.scalars(select(InformationRequest.id)).all() == []
    with acting(cast.officer) as actor:
        release(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            entry=db.session.get_one(ChronologyEntry, entries[0].id),
            reason="The arrests were made",
        )
        words = page_words()
    assert asked() == {entries[0].id: (True, "cancelled"), entries[1].id: (False, "open")}
    assert f"{cast.police_team.name} (was asked to release it)" in words
    assert f"{cast.coordinator.name} (asked to release it)" in words
    assert heard(rows, cast, "question_released") == {
        *("police_team mail asked_released", "colleague mail asked_released"),
        *("police_manager portal asked_released", "coordinator mail release_granted"),
    }, "the team, who of it works on the case, and whoever asked"
    assert not heard(rows, cast, "question_withdrawn"), "nobody took it back"
    one, other = (
        rows.scalars(select(InformationRequest.reference).filter_by(entry_id=entry.id)).one()
        for entry in entries
    )
    shown = lead.soup(f"/requests/{one}").get_text(" ", strip=True)
    assert f"Released by {cast.officer.name}" in shown
    assert "Withdrawn" not in shown
    for stands, listed in (("answered", True), ("withdrawn", False)):
        found = lead.get(f"/requests?show=asked&stands={stands}").text
        assert (one in found, other in found) == (listed, False), stands
    assert client_for(cast.stranger).get(f"/requests/{one}").status_code == 404
    why = select(Deadline.move_reason).filter_by(kind="information_request", state="cancelled")
    assert rows.scalars(why).all() == ["Released"]
    trail = select(AuditEvent.action).filter_by(action="request:withdraw")
    assert rows.scalars(trail).all() == ["request:withdraw"]


def test_a_question_on_one_case_asks_for_no_entry_of_another(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    other = make_case(rows, make_child(rows, "Bea", "Thistle"), lead=cast.school, opened_by=cast.coordinator)
    entry = add_entry(rows, other, cast.coordinator)
    rows.commit()
    with pytest.raises(ProgrammingError, match="row-level security"), acting(cast.coordinator) as actor:
        ask(
            actor=actor,
            child_id=case.child_id,
            case=db.session.get_one(Case, case.id),
            entry=db.session.get_one(ChronologyEntry, entry.id),
            teams=[cast.police_team.id],
            question="Can you release it?",
            why="Zorblin wants it",
        )
