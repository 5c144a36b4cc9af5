"""Whoever is given minutes sees what alerts ask of them, and why where they may know it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.cases.model import Alert, Case
from portal.records.meetings.model import MeetingCase
from portal.records.minutes.model import MinutesCopy, MinutesIssue
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.documents.reading import open_pdf
from tests.factories.cases import add_alert, add_held_alert, grant, make_case, make_child
from tests.factories.minutes import make_minute
from tests.meetings.recorded import Recorded, make_recorded

ClientFor = Callable[[User | None], Client]
ADDRESS = "Do not disclose the address"
WHY = "ask whoever chaired the meeting"
BEHIND = "Whoever asks is sent to Wanda"


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    """An alert on the address, and one that asks nothing of people elsewhere."""
    held = make_recorded(rows, cast)
    add_held_alert(rows, held.case, cast.social_worker)
    other = add_alert(rows, held.case, cast.social_worker, "Quillhurt")
    other.kind = "self_harm"
    rows.commit()
    return held


def given(rows: Session, client_for: ClientFor, cast: Cast, held: Recorded) -> str:
    """The council’s team and the nurse are given the approved minutes; where they stand."""
    chair, place = client_for(cast.chair), f"/meetings/{held.meeting.reference}/versions"
    assert chair.submit(f"{place}/approve").status_code == 303
    to = [str(held.council.id), str(held.day.health.id)]
    assert chair.submit(f"{place}/distribute", data={"to": to}).status_code == 303
    rows.rollback()
    rows.expire_all()
    issue = rows.query(MinutesIssue).filter_by(kind="professional", case_id=held.case.id).one()
    return f"/minutes/{issue.reference}"


def alerts(client: Client, place: str) -> str:
    return " ".join(one.get_text(" ", strip=True) for one in client.soup(place).select(".app-alerts"))


def test_minutes_that_somebody_was_given_without_the_case_show_what_an_alert_asks_and_not_why(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    place, council = given(rows, client_for, cast, held), client_for(cast.community_safety)
    shown = alerts(council, place)
    assert ADDRESS in shown
    assert "Do not say, write or print where the child lives" in shown
    assert WHY in shown
    page = council.soup(place).get_text(" ")
    for hidden in (BEHIND, cast.social_worker.name, "Self-harm", "Quillhurt"):
        assert hidden not in shown
    assert BEHIND not in page
    reads = alerts(client_for(cast.officer), place)
    assert BEHIND in reads
    assert "Quillhurt" in reads, "whoever reads the case sees each alert whole"
    assert WHY not in reads
    assert client_for(cast.stranger).get(place).status_code == 404
    assert client_for(cast.neighbour).get(place).status_code == 404


def test_a_draft_shows_the_same(rows: Session, client_for: ClientFor, cast: Cast, held: Recorded) -> None:
    client_for(cast.coordinator).submit(f"/meetings/{held.meeting.reference}/versions/circulate")
    rows.rollback()
    (draft,) = rows.query(MinutesIssue).all()
    assert ADDRESS in alerts(client_for(cast.community_safety), f"/minutes/{draft.reference}")


def test_on_paper_which_is_passed_on_stands_for_everybody_what_an_alert_asks_and_no_more(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    place = given(rows, client_for, cast, held)
    for person in (cast.community_safety, cast.officer):
        client = client_for(person)
        printed = client.soup(f"{place}/print").get_text(" ")
        paper = " ".join(open_pdf(client.get(f"{place}/pdf").data).text.split())
        for one in (printed, paper):
            assert ADDRESS in one, person.name
            assert BEHIND not in one
            assert "Quillhurt" not in one


def test_an_alert_that_ended_is_shown_no_more(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    place, council = given(rows, client_for, cast, held), client_for(cast.community_safety)
    assert ADDRESS in alerts(council, place)
    alert = rows.query(Alert).filter_by(kind="do_not_disclose_address").one()
    alert.ended_at, alert.ended_by, alert.end_reason = alert.created_at, cast.social_worker.id, "Moved"
    rows.commit()
    assert not alerts(council, place)


def asked(acting: Acting, who: User, issue: MinutesIssue) -> list[Any]:
    with acting(who):
        found = text("select kind, reads from ctx.alerts_beside_minutes(:issue) order by kind")
        return [tuple(one) for one in db.session.execute(found, {"issue": issue.id})]


def test_who_was_given_nothing_learns_of_no_alert_and_of_a_sealed_child_only_who_reads_it(
    rows: Session, acting: Acting, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    sealed = make_case(
        rows, make_child(rows, "Sela", "Quillsister"), lead=cast.social_care, opened_by=cast.coordinator
    )
    for person in (cast.chair, cast.coordinator):
        grant(rows, sealed, person, by=cast.coordinator)
    rows.add(MeetingCase(meeting_id=held.meeting.id, case_id=sealed.id, child_id=sealed.child_id))
    add_alert(rows, sealed, cast.social_worker)
    make_minute(rows, held.meeting, "To plan together", heading="Why we meet")
    rows.get_one(Case, sealed.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    given(rows, client_for, cast, held)
    own, whole = (
        rows.query(MinutesIssue).filter_by(kind="professional", case_id=on).one()
        for on in (held.case.id, None)
    )
    assert asked(acting, cast.officer, own) == [("do_not_disclose_address", True), ("self_harm", True)]
    assert asked(acting, cast.community_safety, own) == [
        ("do_not_disclose_address", False),
        ("self_harm", False),
    ]
    for person in (cast.stranger, cast.teacher, cast.neighbour):
        assert not asked(acting, person, own), person.name
        assert not asked(acting, person, whole), person.name
    assert whole.id in {one.issue_id for one in rows.query(MinutesCopy)}, "the nurse was invited by name"
    assert asked(acting, cast.nurse, whole) == [("do_not_disclose_address", True), ("self_harm", True)]
    assert ("no_family_contact", True) in asked(acting, cast.coordinator, whole)
    assert not asked(acting, cast.community_safety, whole), "a team is given nothing with a sealed child"
