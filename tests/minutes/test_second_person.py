"""Whoever agrees to a lower level reads what was noted beside the minutes; the way to send them."""

from collections.abc import Callable

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.meetings.model import Meeting
from portal.records.minutes.model import LevelProposal
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.minutes import make_correction, make_issue
from tests.meetings.days import make_day

Browser = Callable[[User | None], Client]
SAID = "The police did not agree to the lower level"


def test_the_second_person_reads_the_notes_beside_the_minutes_before_they_agree(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    day = make_day(rows, cast, kind="review")
    issue = make_issue(rows, day.meeting, day.case, "Lower")
    make_correction(rows, issue, by=cast.officer, text=SAID)
    rows.add(
        LevelProposal(
            id=new_id(), meeting_id=day.meeting.id, case_id=day.case.id, before="medium", level="low",
            reason="No episode", proposed_by=cast.coordinator.id, proposed_at=clock.now(),
        )
    )  # fmt: skip
    rows.commit()
    place = f"/cases/{day.case.reference}/lower-level"
    page = client_for(cast.chair).soup(place)
    assert SAID in page.get_text()
    assert page.select_one(f"a[href='/meetings/{day.meeting.reference}/minutes']")
    for stranger in (cast.stranger, cast.neighbour):
        assert client_for(stranger).get(place).status_code == 404


def test_minutes_and_record_say_of_a_level_that_was_taken_back_that_nobody_refused_it(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    day = make_day(rows, cast, kind="review")
    rows.add(
        LevelProposal(
            id=new_id(), meeting_id=day.meeting.id, case_id=day.case.id, before="medium", level="low",
            reason="No episode", proposed_by=cast.coordinator.id, proposed_at=clock.now(), accepted=False,
            settled_by=cast.chair.id, settled_at=clock.now(), settle_reason="Wrong child", taken_back=True,
        )
    )  # fmt: skip
    rows.commit()
    for page in ("minutes", "record"):
        shown = client_for(cast.chair).soup(f"/meetings/{day.meeting.reference}/{page}").select_one("main")
        assert shown
        assert "taken back" in (words := shown.get_text(" ")), page
        assert "not agreed" not in words.lower(), page


def test_minutes_and_record_lead_to_where_they_are_sent_and_approved(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    day = make_day(rows, cast, kind="review")
    way = f"/meetings/{day.meeting.reference}/versions"
    pages = [f"/meetings/{day.meeting.reference}/{page}" for page in ("minutes", "record")]
    for page in pages:
        assert not client_for(cast.chair).soup(page).select_one(f"a[href='{way}']"), "nothing to send yet"
    for state in ("held", "minutes_in_draft"):
        rows.execute(update(Meeting).values(state=state, held_at=clock.now()))
    rows.commit()
    for page in pages:
        assert client_for(cast.chair).soup(page).select_one(f"a[href='{way}']"), page
    assert not client_for(cast.chair).soup(f"{pages[0]}/print").select_one(f"a[href='{way}']")
