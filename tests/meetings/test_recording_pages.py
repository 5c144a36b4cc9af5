"""The page on which a meeting is recorded, as people use it and as strangers try to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.meetings.model import AgendaItem, Invitation, Meeting, MeetingCase
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.model import Decision, DecisionPart, LevelProposal, Minute
from portal.records.people.model import User
from portal.records.plans.model import Action
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.assessments import make_finalised
from tests.meetings.calls import read
from tests.meetings.days import CAME, Day, make_day

Browser = Callable[[User | None], Client]
SAVING = {"X-Autosave": "1"}


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    """A review of a case at medium risk, with a heading for all and one on the child."""
    day = make_day(rows, cast, kind="review")
    make_finalised(rows, day.case, cast.social_worker)
    case = rows.get_one(Case, day.case.id)
    case.level, case.level_since = "medium", clock.today()
    for number, (words, on) in enumerate((("Why we meet", None), ("What each agency knows", day.case.id))):
        rows.add(
            AgendaItem(id=new_id(), meeting_id=day.meeting.id, case_id=on, position=number, heading=words)
        )
    rows.commit()
    return day


def place(day: Day, more: str = "") -> str:
    return f"/meetings/{day.meeting.reference}/record{more}"


def typed(answer: TestResponse, **others: Any) -> dict[str, Any]:
    """Everything that a page would send, with what somebody typed: by the end of a field's name."""
    form = read(answer).select_one("#record-form")
    assert form is not None
    data: dict[str, Any] = {}
    for box in form.select("input[name], textarea[name], select[name]"):
        name = str(box["name"])
        if box.get("type") in {"checkbox", "radio"} and not box.has_attr("checked"):
            continue
        chosen = box.select_one("option[selected]") or box.select_one("option")
        data[name] = str(chosen.get("value", "")) if box.name == "select" and chosen else box.get("value", "")
        if box.name == "textarea":
            data[name] = box.text.lstrip("\r\n")
    for end, value in others.items():
        names = [one["name"] for one in form.select("[name]") if str(one["name"]).endswith(end)]
        assert names, f"the page has no field that ends in {end}"
        data[str(names[0])] = value
    return data


def the(page: BeautifulSoup, selector: str) -> Tag:
    """What has to be on a page."""
    found = page.select_one(selector)
    assert found is not None, f"the page has no {selector}"
    return found


def words(rows: Session) -> dict[str, str]:
    rows.rollback()
    rows.expire_all()
    found = select(AgendaItem.heading, Minute.text).join(Minute, Minute.item_id == AgendaItem.id)
    return {row.heading: row.text for row in rows.execute(found)}


def test_one_save_keeps_what_was_said_decided_given_to_do_and_when_to_meet_again(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser = client_for(cast.coordinator)
    page = browser.get(place(day))
    child = str(day.case.id)
    data = typed(page, words="To plan")
    data |= {
        f"d-{child}-text": "Meet her at school",
        f"d-{child}-reason": "She asked for it",
        f"d-{child}-outcome": "continue",
        f"d-{child}-dissenter": str(cast.police.id),
        f"d-{child}-dissent": "Too early",
        f"d-{child}-escalation": "Head of service",
        f"d-{child}-level": "low",
        f"d-{child}-level_reason": "No episode for a month",
        f"a-{child}-0-what": "Ring the school",
        f"a-{child}-0-owner": f"person:{cast.nurse.id}",
        f"a-{child}-0-measure": "She goes every day",
        f"a-{child}-0-category": "protect",
        f"a-{child}-0-target": "child",
        **posted(f"a-{child}-0-due_on", clock.today() + timedelta(days=5)),
        **posted(f"d-{child}-next_on", clock.today() + timedelta(days=20)),
    }
    answer = browser.submit(place(day), data)
    assert answer.status_code == 303, read(answer).select_one(".govuk-error-summary")
    assert words(rows)["Why we meet"] == "To plan"
    decision = rows.scalars(select(Decision)).one()
    assert (decision.text, decision.outcome, decision.case_id) == (
        "Meet her at school",
        "continue",
        day.case.id,
    )
    part = rows.scalars(select(DecisionPart)).one()
    assert (part.stance, part.words, part.escalation) == ("dissents", "Too early", "Head of service")
    action = rows.scalars(select(Action)).one()
    assert (action.decision_id, action.owner_id) == (decision.id, cast.nurse.id)
    assert rows.scalars(select(LevelProposal.level)).one() == "low"
    assert rows.scalars(select(MeetingCase.next_on)).one() == clock.today() + timedelta(days=20)
    shown = browser.get(place(day)).text
    for one in (
        "Meet her at school",
        "Too early",
        "Head of service",
        "Ring the school",
        "Waits for a second",
    ):
        assert one in shown


def test_what_cannot_be_kept_stays_typed_with_the_reason_and_the_rest_is_kept(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser = client_for(cast.coordinator)
    child = str(day.case.id)
    data = typed(browser.get(place(day)), words="To plan")
    data |= {f"d-{child}-text": "Meet her at school", f"a-{child}-0-what": "Ring the school"}
    answer = browser.submit(place(day), data)
    assert answer.status_code == 422
    page = read(answer)
    assert "Say why" in the(page, ".govuk-error-summary").text
    assert the(page, f"#d-{child}-text").text.strip() == "Meet her at school"
    assert the(page, f"#a-{child}-0-what")["value"] == "Ring the school"
    assert words(rows) == {"Why we meet": "To plan"}
    assert not rows.scalars(select(Decision)).all()


def test_a_row_for_another_action_needs_no_script_and_keeps_what_is_typed(
    cast: Cast, day: Day, client_for: Browser
) -> None:
    browser = client_for(cast.coordinator)
    child = str(day.case.id)
    data = typed(browser.get(place(day))) | {f"d-{child}-text": "Meet her", "action": f"row:{child}"}
    page = read(browser.submit(place(day), data))
    assert page.select_one(f"#a-{child}-1-what") is not None
    assert the(page, f"#d-{child}-text").text.strip() == "Meet her"


def test_what_is_typed_saves_itself_and_says_what_waits_for_save(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser = client_for(cast.coordinator)
    child = str(day.case.id)
    data = typed(browser.get(place(day)), words="To plan")
    answer = browser.submit(place(day, "/save"), data, headers=SAVING)
    assert (answer.status_code, "X-Waits" in answer.headers) == (204, False)
    fields = dict(one.split("=") for one in answer.headers["X-Fields"].split("&"))
    assert next(iter(fields.values())).startswith("1%3A"), "the version that it has now, and a fingerprint"
    assert words(rows) == {"Why we meet": "To plan"}
    waits = browser.submit(place(day, "/save"), data | {f"d-{child}-text": "Meet her"}, headers=SAVING)
    assert waits.headers["X-Waits"] == "1"
    assert not rows.scalars(select(Decision)).all()


def test_in_two_tabs_what_only_one_touched_is_kept_and_what_both_wrote_is_shown_to_the_second(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    first, second = client_for(cast.coordinator), client_for(cast.chair)
    mine, theirs = typed(first.get(place(day))), typed(second.get(place(day)))
    why, knows = [name for name in mine if name.endswith("words")]
    assert first.submit(place(day), mine | {why: "To plan"}).status_code == 303
    assert second.submit(place(day), theirs | {knows: "Seen at the park"}).status_code == 303
    assert words(rows) == {"Why we meet": "To plan", "What each agency knows": "Seen at the park"}
    clash = second.submit(place(day, "/save"), theirs | {why: "To decide"}, headers=SAVING)
    assert clash.status_code == 409
    assert "To plan" in clash.text
    assert "To decide" in clash.text
    answer = second.submit(place(day), theirs | {why: "To decide"})
    assert answer.status_code == 409
    again = typed(answer)
    assert again[why] == "To decide"
    assert second.submit(place(day), again).status_code == 303
    assert words(rows)["Why we meet"] == "To decide"


def test_the_meeting_is_recorded_as_held_on_the_same_page(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser = client_for(cast.coordinator)
    came = {f"{one.id}-note": CAME for one in (day.police, day.council)}
    data = typed(browser.get(place(day)), words="To plan") | came | {"rest": "y", "action": "hold"}
    assert browser.submit(place(day), data).status_code == 303
    rows.expire_all()
    assert rows.get_one(Meeting, day.meeting.id).held_at is not None
    assert rows.get_one(Invitation, day.police.id).attendance == "present"


def test_the_keyboard_goes_straight_through_the_page(cast: Cast, day: Day, client_for: Browser) -> None:
    page = read(client_for(cast.coordinator).get(place(day)))
    form = page.select_one("#record-form")
    assert form is not None
    assert not [one for one in page.select("[tabindex]") if int(str(one["tabindex"])) > 0]
    names = [str(one["name"]) for one in form.select("textarea[name], select[name]")]
    child = str(day.case.id)
    wanted = [name for name in names if name.startswith("m-")]
    decided = [f"d-{child}-{one}" for one in ("text", "reason", "outcome", "dissenter")]
    assert [one for one in names if one in {*wanted, *decided}] == [*wanted, *decided]
    first = form.select_one("button[type=submit]")
    assert first is not None
    assert not first.has_attr("name"), "Enter in a box saves, and does nothing else"
    for link in page.select(".app-contents a[href^='#']"):
        assert page.select_one(str(link["href"])) is not None


def test_of_siblings_a_reader_sees_only_the_child_whose_case_they_read(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    ours, theirs = make_day(rows, cast), make_day(rows, cast)
    both = make_day(rows, cast, cases=[ours.case, theirs.case])
    both.case = ours.case
    rows.get_one(Case, theirs.case.id).sensitivity = 1
    for on in (ours.case, theirs.case):
        rows.add(
            AgendaItem(id=new_id(), meeting_id=both.meeting.id, case_id=on.id, position=1, heading="Views")
        )
    rows.commit()
    full = client_for(cast.chair).get(place(both)).text
    assert str(ours.case.id) in full
    assert str(theirs.case.id) in full
    part = client_for(cast.social_worker).get(place(both))
    assert part.status_code == 200
    assert str(theirs.case.id) not in part.text


@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 303), ("stranger", 404), ("community_safety", 403), ("nurse", 403), ("governance", 403)],
)
def test_nobody_else_opens_or_saves_the_record(
    rows: Session, cast: Cast, day: Day, client_for: Browser, who: str | None, status: int
) -> None:
    browser = client_for(getattr(cast, who) if who else None)
    assert browser.get(place(day)).status_code in {status, 401}
    item = rows.scalars(select(AgendaItem.id)).first()
    sent = {f"m-{item}-words": "x", f"m-{item}-seen": "0:"}
    saved = browser.submit(place(day, "/save"), sent, headers=SAVING)
    assert saved.status_code in {status, 401}
    assert not rows.scalars(select(Minute)).all()


def test_a_heading_of_another_meeting_in_the_form_is_not_looked_at(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    other = make_day(rows, cast)
    item = AgendaItem(id=new_id(), meeting_id=other.meeting.id, position=1, heading="Else")
    rows.add(item)
    rows.commit()
    browser = client_for(cast.coordinator)
    data = {f"m-{item.id}-words": "x", f"m-{item.id}-seen": "0:", f"d-{other.case.id}-text": "x"}
    assert browser.submit(place(day), data).status_code == 303
    assert not words(rows)
    assert not rows.scalars(select(Decision)).all()


def test_a_meeting_whose_minutes_are_approved_is_read_and_no_longer_recorded(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    day = make_day(rows, cast, state=MeetingState.APPROVED)
    browser = client_for(cast.coordinator)
    page = browser.get(place(day))
    assert page.status_code == 200
    assert "so they stand" in page.text
    assert "record-form" not in page.text
    item = AgendaItem(id=new_id(), meeting_id=day.meeting.id, position=1, heading="Why we meet")
    rows.add(item)
    rows.commit()
    late = browser.submit(place(day), {f"m-{item.id}-words": "To plan", f"m-{item.id}-seen": "0:x"})
    assert late.status_code == 422
    assert "To plan" in late.text, "what came too late can still be copied"
    assert not words(rows)
    assert browser.get(f"/meetings/{day.meeting.reference}/minutes").status_code == 200
