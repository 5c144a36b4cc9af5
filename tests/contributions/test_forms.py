"""What each sector brings: a form of its own, whose details are kept, shown, and put right."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.policy import current_policy
from portal.records.cases.model import Case, ChronologyEntry, EntryDraft
from portal.records.entries.policy import Contributions
from portal.records.entries.rules import WrongDetail, details_of, read_details
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.vocabulary import Sector
from portal.web import date_boxes
from tests.cases.pages import with_entries, words
from tests.cases.test_page import ClientFor
from tests.cast import Cast


def typed(kind: str, **changes: Any) -> dict[str, Any]:
    """A complete answer to the form of a kind."""
    return {
        "kind": kind,
        **date_boxes.posted("happened_on", clock.today() - timedelta(days=3)),
        "text": "Came with a burn on the arm.",
        "handling": Handling.NETWORK,
        "family_safe": FamilySafe.ASK,
        **changes,
    }


ATTENDANCE = {
    "detail_where": "emergency",
    "detail_about": ["injury", "assault"],
    "detail_came_with": "An adult",
}


def test_an_attendance_keeps_what_is_said_beside_the_words(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    page = client.soup(f"/cases/{case.reference}/entries/new?kind=attendance")
    assert "Where?" in words(page)
    answer = client.submit(f"/cases/{case.reference}/entries/new", typed("attendance", **ATTENDANCE))
    assert answer.status_code == 303
    entry = rows.scalars(select(ChronologyEntry)).one()
    assert (entry.kind, entry.details) == (
        "attendance",
        {"where": "emergency", "about": ["injury", "assault"], "came_with": "An adult"},
    )
    for address in ("", "/print"):
        reader = client_for(cast.social_worker)
        page = (
            reader.soup(f"/cases/{case.reference}{address}")
            if address
            else with_entries(reader, case.reference)
        )
        shown = words(page)
        for word in ("Attendance", "Emergency department", "An injury, An assault", "An adult"):
            assert word in shown, address


def test_every_kind_has_a_form_that_its_sector_can_fill_in_and_no_other_is_offered(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    people = {
        Sector.HEALTH: cast.nurse,
        Sector.COUNCIL: cast.community_safety,
        Sector.EDUCATION: cast.teacher,
        Sector.POLICE: cast.officer,
        Sector.SOCIAL_CARE: cast.social_worker,
    }
    contributions = current_policy().of(Contributions)
    for sector, person in people.items():
        client = client_for(person)
        every = words(client.soup(f"/cases/{case.reference}/entries/new"), "main")
        for kind in contributions.kinds.offered:
            assert (f"kind={kind.code}" in str(client.soup(f"/cases/{case.reference}/entries/new"))) is (
                sector in kind.sectors
            ), (sector, kind.code)
            page = words(client.soup(f"/cases/{case.reference}/entries/new?kind={kind.code}"), "h1")
            assert (kind.label in page) is (sector in kind.sectors)
        assert "Add what I know" in every


def test_a_kind_of_another_sector_is_refused_however_it_is_sent(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    answer = client_for(cast.officer).submit(
        f"/cases/{case.reference}/entries/new", typed("attendance", **ATTENDANCE)
    )
    assert answer.status_code == 422
    assert not rows.scalars(select(ChronologyEntry)).all()


@pytest.mark.parametrize(
    ("kind", "changes", "problem"),
    [
        ("attendance", {}, "Answer this: Where"),
        ("attendance", {"detail_where": "moon"}, "What you chose is no longer offered"),
        ("missed_appointment", {"detail_service": "CAMHS", "detail_in_a_row": "some"}, "whole number from 0"),
        ("worry", {}, "Answer this: What is it about"),
        ("health_summary", {"text": ""}, "Write what your agency knows"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays(
    rows: Session,
    cast: Cast,
    case: Case,
    client_for: ClientFor,
    kind: str,
    changes: dict[str, Any],
    problem: str,
) -> None:
    answer = client_for(cast.nurse).submit(
        f"/cases/{case.reference}/entries/new", typed(kind, **{"detail_told_whom": "The ward", **changes})
    )
    assert answer.status_code == 422
    assert problem in answer.text
    assert ("Came with a burn" in answer.text) is ("text" not in changes)
    assert not rows.scalars(select(ChronologyEntry)).all()


def test_a_draft_of_a_kind_comes_back_whatever_is_asked_for(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    begun = typed("worry", detail_about=["fear"], detail_told_whom="The ward sister", text="Afraid of a car")
    saved = client.submit(f"/cases/{case.reference}/entries/draft", begun)
    assert saved.status_code == 204
    assert rows.scalars(select(EntryDraft)).one().answers["detail_about"] == ["fear"]
    for asked in ("", "?kind=worry", "?kind=attendance"):
        page = client.soup(f"/cases/{case.reference}/entries/new{asked}")
        assert "Worry found" in words(page, "h1")
        assert "Afraid of a car" in str(page)
        assert "The ward sister" in str(page)
        assert ("You began this earlier" in words(page)) is (asked == "?kind=attendance")


def test_a_correction_puts_the_details_right_and_keeps_what_was_said(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.nurse)
    client.submit(f"/cases/{case.reference}/entries/new", typed("attendance", **ATTENDANCE))
    entry = rows.scalars(select(ChronologyEntry)).one()
    address = f"/cases/{case.reference}/entries/{entry.id}/correct"
    assert "An adult" in str(client.soup(address))
    said = {"text": entry.text, "reason": "It was her aunt", **ATTENDANCE, "detail_came_with": "Her aunt"}
    assert client.submit(address, said | {"detail_where": "moon"}).status_code == 422
    assert client.submit(address, said).status_code == 303
    later = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.corrects_id == entry.id)).one()
    assert (later.kind, later.details["came_with"], later.details["where"]) == (
        "attendance",
        "Her aunt",
        "emergency",
    )
    assert client.submit(address, said).status_code == 422, "it was corrected already"


def test_details_are_read_by_their_kind_and_nothing_else_is_kept() -> None:
    kinds = current_policy().of(Contributions).kinds
    missed = kinds["missed_appointment"]
    kept = read_details(missed, {"service": " CAMHS ", "in_a_row": 3, "next": "2027-01-09", "why": ""})
    assert kept == {"service": "CAMHS", "in_a_row": 3, "next": "2027-01-09"}
    assert [(one.label, one.text) for one in details_of(missed, kept | {"gone": "x"})] == [
        ("With which service?", "CAMHS"),
        ("How many in a row?", "3"),
        ("Next appointment", "9 January 2027"),
        ("gone", "x"),
    ]
    for given in (
        {"service": "CAMHS", "weight": 3},
        {"in_a_row": 3},
        {"service": "C", "followed_up": "perhaps"},
    ):
        with pytest.raises(WrongDetail):
            read_details(missed, given)
    with pytest.raises(WrongDetail):
        read_details(None, {"service": "CAMHS"})
    assert read_details(kinds["worry"], {"about": ["not_known"]}) == {"about": ["not_known"]}
