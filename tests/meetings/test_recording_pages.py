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
        names = [
            one["name"] for one in form.select("[name]:not([name^='l-'])") if str(one["name"]).endswith(end)
        ]
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


def box_of(answer: TestResponse, number: int = 0) -> tuple[str, str]:
    """The address to which a box of the page saves itself, and how its fields begin."""
    box = read(answer).select("[data-live-box]")[number]
    return str(box["data-live-save"]), f"m-{box['data-live-box']}-"


def test_what_is_typed_saves_itself_box_by_box(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser = client_for(cast.coordinator)
    address, box = box_of(browser.get(place(day)))
    sent = {"page": str(new_id()), f"{box}words": "To plan", f"{box}seen": "0", f"{box}seq": "1"}
    answer = browser.submit(address, sent, headers=SAVING)
    assert (answer.status_code, answer.headers["X-Version"], answer.headers["X-Same"]) == (204, "1", "1")
    assert words(rows) == {"Why we meet": "To plan"}
    again = browser.submit(address, sent | {f"{box}words": "To"}, headers=SAVING)
    assert (again.headers["X-Version"], again.headers["X-Same"]) == ("1", "0"), "it came late"
    wanted = browser.submit(address, sent | {f"{box}seq": "2", "want": "1"}, headers=SAVING)
    assert wanted.json == {"version": 1, "text": "To plan"}
    longest = "x" * 200_000
    too_long = browser.submit(address, sent | {f"{box}words": longest, f"{box}seq": "3"}, headers=SAVING)
    assert too_long.status_code == 422
    assert "Not saved" in too_long.text
    assert words(rows) == {"Why we meet": "To plan"}


def test_in_two_tabs_everything_that_anybody_typed_stays_also_without_a_script(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    first, second = client_for(cast.coordinator), client_for(cast.chair)
    mine, theirs = typed(first.get(place(day))), typed(second.get(place(day)))
    why, knows = [name for name in mine if name.endswith("words")]
    assert first.submit(place(day), mine | {why: "To plan."}).status_code == 303
    assert second.submit(place(day), theirs | {knows: "Seen at the park"}).status_code == 303
    assert words(rows) == {"Why we meet": "To plan.", "What each agency knows": "Seen at the park"}
    assert second.submit(place(day), theirs | {why: "To decide."}).status_code == 303
    assert words(rows)["Why we meet"] == "To plan.\nTo decide."
    again = typed(second.get(place(day)))
    assert again[why] == "To plan.\r\nTo decide." or again[why] == "To plan.\nTo decide."
    assert second.submit(place(day), theirs | {why: "To decide. And act."}).status_code == 303
    assert words(rows)["Why we meet"] == "To plan.\nTo decide. And act.", "the old page, gone on with"
    assert again["page"] != theirs["page"]


def test_what_both_changed_is_said_on_the_page_and_stands_in_the_history(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    first, second = client_for(cast.coordinator), client_for(cast.chair)
    why = next(name for name in typed(first.get(place(day))) if name.endswith("words"))
    first.submit(place(day), typed(first.get(place(day))) | {why: "Seen at home"})
    mine, theirs = typed(first.get(place(day))), typed(second.get(place(day)))
    first.submit(place(day), mine | {why: "Seen at school"})
    second.submit(place(day), theirs | {why: "Seen at work"})
    page = read(first.get(place(day)))
    assert "Two people changed the same words here" in page.text
    link = the(page, "#record-form a[href$='/history']")
    history = first.get(str(link["href"]))
    assert [one.text for one in read(history).select("section .app-words")] == [
        "Seen at school\nSeen at work",
        "Seen at school",
    ], "what one person typed in one go is one version"
    back = read(history).select("section form")[0]
    version = the(back, "[name=version]")["value"]  # type: ignore[arg-type]  # a form is part of a page
    assert first.submit(str(link["href"]), {"version": version}).status_code == 303
    assert words(rows)["Why we meet"] == "Seen at school"
    assert first.submit(str(link["href"]), {"version": "99"}).status_code == 422
    assert client_for(cast.nurse).get(str(link["href"])).status_code == 403


def test_the_page_is_told_what_others_wrote_and_who_is_there_and_nothing_while_nothing_changes(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    first, second = client_for(cast.coordinator), client_for(cast.chair)
    shown = read(first.get(place(day))).select("[data-live-box]")
    why, knows = (str(one["data-live-box"]) for one in shown)
    pages = str(new_id()), str(new_id())
    news = place(day, "/news")
    quiet = first.get(f"{news}?page={pages[0]}&in={why}&have={why}:0,{knows}:0")
    first_news = quiet.json or {}
    assert (first_news["boxes"], first_news["here"], first_news["agenda"]) == ([], [], [why, knows])
    same = {"If-None-Match": quiet.headers["ETag"]}
    assert first.get(f"{news}?page={pages[0]}&in={why}", headers=same).status_code == 304
    told = second.get(f"{news}?page={pages[1]}&in={knows}").json
    assert told
    assert told["here"] == [f"{cast.coordinator.name} is writing in Why we meet"]
    sent = {"page": pages[1], f"m-{knows}-words": "Seen", f"m-{knows}-seen": "0", f"m-{knows}-seq": "1"}
    second.submit(place(day, f"/{knows}/save"), sent, headers=SAVING)
    changed = first.get(f"{news}?page={pages[0]}&in=&have={why}:0,{knows}:0", headers=same)
    assert changed.status_code == 200
    assert changed.json
    assert changed.json["here"] == [f"{cast.chair.name} is writing in What each agency knows"]
    (box,) = changed.json["boxes"]
    assert (box["id"], box["text"], box["by"]) == (knows, "Seen", cast.chair.name)
    had = first.get(f"{news}?page={pages[0]}&have={why}:0,{knows}:1").json
    assert had
    assert had["boxes"] == []


def test_of_a_sibling_whom_one_does_not_read_neither_words_nor_heading_come_as_news(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    ours, theirs = make_day(rows, cast), make_day(rows, cast)
    both = make_day(rows, cast, cases=[ours.case, theirs.case])
    rows.get_one(Case, theirs.case.id).sensitivity = 1
    hidden = AgendaItem(
        id=new_id(), meeting_id=both.meeting.id, case_id=theirs.case.id, position=1, heading="Of the sibling"
    )
    rows.add(hidden)
    rows.commit()
    page = new_id()
    writer, reader = client_for(cast.chair), client_for(cast.social_worker)
    news = f"/meetings/{both.meeting.reference}/record/news"
    sent = {"page": str(page), f"m-{hidden.id}-words": "Quillwort", f"m-{hidden.id}-seen": "0"}
    saved = writer.submit(f"/meetings/{both.meeting.reference}/record/{hidden.id}/save", sent, headers=SAVING)
    assert saved.status_code == 204
    assert "Quillwort" in writer.get(f"{news}?page={page}&in={hidden.id}").text
    told = reader.get(news)
    shown = told.json or {}
    assert (shown["boxes"], shown["here"], shown["agenda"]) == ([], [f"{cast.chair.name} is here"], [])
    assert shown["said"]["items"] == {}
    refused = reader.submit(
        f"/meetings/{both.meeting.reference}/record/{hidden.id}/save", sent, headers=SAVING
    )
    assert refused.status_code == 404


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
    links = page.select(".app-agendanav a[href^='#']")
    assert len(links) >= 4, "the agenda, who came and what was decided"
    for link in links:
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
    for more in (f"/{item}/save", f"/{item}/history"):
        assert browser.submit(place(day, more), sent, headers=SAVING).status_code in {status, 401}
    assert browser.get(place(day, "/news")).status_code in {status, 401}
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


def test_the_minutes_of_a_meeting_on_one_child_read_in_the_order_of_its_agenda(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    browser = client_for(cast.coordinator)
    rows.add(AgendaItem(id=new_id(), meeting_id=day.meeting.id, position=2, heading="Anything else"))
    rows.commit()
    data = typed(browser.get(place(day)))
    said = dict(
        zip([one for one in data if one.endswith("words")], ("To plan", "Seen", "Nothing"), strict=True)
    )
    assert browser.submit(place(day), data | said).status_code == 303
    page = read(browser.get(f"/meetings/{day.meeting.reference}/minutes"))
    text = page.text
    order = [text.index(one) for one in ("Why we meet", "What each agency knows", "Anything else")]
    assert order == sorted(order)
    assert "The whole meeting" not in text
