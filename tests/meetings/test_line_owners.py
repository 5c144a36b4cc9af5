"""Whose an action of a line is: somebody invited, another agency, or a name outside with who tells them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.by_hand.model import ToldByHand
from portal.records.meetings import attendance
from portal.records.minutes.family_version import family_content
from portal.records.minutes.reading.content import content_of
from portal.records.minutes.reading.issues import offered
from portal.records.people.model import Agency, Team, User
from portal.records.plans.model import Action
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.meetings.calls import read
from tests.meetings.days import Day, acted
from tests.meetings.test_lines import Typing, day
from tests.meetings.test_lines import action as line_of
from tests.meetings.test_recording_pages import place, typed
from tests.told import to_tell

__all__ = ["day"]
Browser = Callable[[User | None], Client]
FENELLA = "Fenella Gladwrack, youth club"
SHE = "Fenella Gladwrack (youth club)"


def test_a_name_outside_is_kept_as_typed_and_whoever_is_chosen_tells_them(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    line.kept(what="Ask the night team", outside=FENELLA)
    shown = read(client_for(cast.coordinator).get(place(day))).select_one(
        f"input[name='l-{line.line_id}-outside']"
    )
    assert shown is not None
    assert shown["value"] == FENELLA
    missing = line.send("add", **line_of(cast, who="", outside=FENELLA))
    assert (missing.status_code, missing.json) == (422, {"field": "who", "message": "Choose who tells them"})
    added = line.send("add", **line_of(cast, who=f"person:{cast.coordinator.id}", outside=FENELLA))
    assert added.status_code == 200, added.text
    answer = added.json or {}
    assert f"{SHE}, through {cast.coordinator.name}" in answer["said"]
    assert f"{cast.coordinator.name} has to tell them" in answer["told"]
    made = rows.scalars(select(Action)).one()
    assert (made.external_name, made.external_role) == ("Fenella Gladwrack", "youth club")
    assert to_tell(rows, "action_given") == {(SHE, cast.coordinator.id, "open")}


def test_it_is_added_once_by_two_and_without_a_script(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    chair = client_for(cast.chair)
    page = chair.get(place(day))
    found = next(
        box["name"] for box in read(page).select("[name^='l-'][name$='-outside']") if box.name == "input"
    )
    name = str(found).removesuffix("outside")
    fields = line_of(cast, outside=FENELLA)
    data = typed(page) | {f"{name}{field}": value for field, value in fields.items()}
    data["lines"] = [str(one["value"]) for one in read(page).select("input[name='lines']")]
    data["action"] = f"add:{name.removeprefix('l-').removesuffix('-')}"
    for who in (chair, client_for(cast.coordinator)):
        assert who.submit(place(day), data).status_code == 303
    assert rows.scalars(select(Action)).one().external_name == "Fenella Gladwrack"
    assert len(rows.scalars(select(ToldByHand)).all()) == 1
    shown = client_for(cast.coordinator).soup(place(day)).get_text(" ")
    assert f"{SHE}, through {cast.chair.name}" in shown


def test_a_line_that_is_taken_back_leaves_nobody_to_tell(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    assert line.send("add", **line_of(cast, outside=FENELLA)).status_code == 200
    assert line.send("take_back").status_code == 200
    assert to_tell(rows, "action_given") == {(SHE, cast.chair.id, "cancelled")}


def test_a_team_tells_nobody(client_for: Browser, rows: Session, cast: Cast, day: Day) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    answer = line.send("add", **line_of(cast, who=f"team:{cast.police_team.id}", outside=FENELLA))
    assert (answer.status_code, (answer.json or {})["field"]) == (422, "who")
    assert "not a team" in (answer.json or {})["message"]


def test_another_agency_is_offered_by_who_answers_for_it_and_gets_the_action(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    lead = rows.get_one(User, cast.stranger.id)
    rows.get_one(Agency, cast.other_council.id).lead_id = lead.id
    rows.get_one(Team, cast.other_council_team.id).active = False
    rows.commit()
    page = read(client_for(cast.chair).get(place(day)))
    offered_to = {str(one["value"]): one.get_text(strip=True) for one in page.select("select option")}
    assert offered_to[f"person:{lead.id}"] == f"Agency: Other council, which {lead.name} answers for"
    only = offered_to[f"team:{_only_team(rows, cast.school).id}"]
    assert only == f"Agency: {cast.school.name}, which {_only_team(rows, cast.school).name} answers for"
    assert not any(label.startswith(f"Agency: {cast.police.name}") for label in offered_to.values())
    line = Typing(client_for(cast.chair), rows, day)
    answer = line.send("add", **line_of(cast, who=f"team:{_only_team(rows, cast.school).id}"))
    assert answer.status_code == 200, answer.text
    assert rows.scalars(select(Action)).one().owner_agency_id == cast.school.id


def _only_team(rows: Session, agency: Agency) -> Team:
    return rows.scalars(select(Team).filter_by(agency_id=agency.id)).one()


def test_no_mail_names_them_and_none_leaves_before_the_meeting_is_over(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    line.send("add", **line_of(cast, who=f"person:{cast.coordinator.id}", outside=FENELLA))
    rows.rollback()
    found = rows.scalars(select(OutboxMessage).filter_by(event="action_given")).all()
    assert {one.recipient_id for one in found} == {cast.coordinator.id}
    assert all(one.held_until is not None and one.held_until > clock.now() for one in found)
    assert not any("Gladwrack" in str(vars(one)) for one in found)


def test_minutes_say_who_does_it_and_through_whom_and_the_family_version_does_not(
    client_for: Browser, acting: Acting, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    assert line.send("add", **line_of(cast, outside=FENELLA)).status_code == 200
    with acting(cast.chair) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    with acting(cast.chair):
        meeting = acted(day.meeting)
        (given,) = content_of(meeting=meeting, case_id=day.case.id)["actions"]
        assert given["owner"] == f"{SHE}, through {cast.chair.name}"
        passages = offered(meeting=meeting, case_id=day.case.id)
        assert [one.text for one in passages if one.place.source_kind == "action"] == [given["what"]]
        assert "Gladwrack" not in str([one.text for one in passages])
        case: Any = db.session.get(type(day.case), day.case.id)
        assert "Gladwrack" not in str(family_content(meeting=meeting, case=case, passages=passages))  # type: ignore[arg-type]  # all that could be chosen


def test_the_next_meeting_speaks_of_it_with_who_does_it(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    assert line.send("add", **line_of(cast, outside=FENELLA)).status_code == 200
    rows.rollback()
    made = rows.scalars(select(Action)).one()
    made.meeting_id = None
    made.given_at = clock.now() - timedelta(days=30)
    rows.commit()
    shown = client_for(cast.chair).soup(place(day)).get_text(" ")
    assert f"{SHE}, through {cast.chair.name}" in shown
