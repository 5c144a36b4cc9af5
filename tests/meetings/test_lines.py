"""Decisions and actions in one line under a heading: kept while they are typed, added once, taken back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import clock
from portal.access.model import AuditEvent
from portal.messages.model import OutboxMessage
from portal.model import new_id
from portal.records.meetings.model import AgendaItem, Meeting, MeetingCase
from portal.records.minutes.model import Decision, MeetingDraft
from portal.records.people.model import User
from portal.records.plans.model import Action
from portal.web.filters import day as day_words
from tests.cast import Cast
from tests.client import Client
from tests.meetings.calls import read
from tests.meetings.days import Day, make_day
from tests.meetings.test_recording_pages import place, typed

Asking = Callable[[User | None], AbstractContextManager[Session]]
Browser = Callable[[User | None], Client]
SAVING = {"X-Autosave": "1"}


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    day = make_day(rows, cast, kind="review")
    for number, words in enumerate(("Why we meet", "What each agency knows")):
        rows.add(AgendaItem(id=new_id(), meeting_id=day.meeting.id, position=number, heading=words))
    rows.commit()
    return day


def item(rows: Session, day: Day) -> UUID:
    found = select(AgendaItem.id).where(AgendaItem.meeting_id == day.meeting.id).order_by(AgendaItem.position)
    return rows.scalars(found).first()  # type: ignore[return-value]  # the day has headings


class Typing:
    """One line on somebody's page, which says of each field what it sent before."""

    def __init__(self, client: Client, rows: Session, day: Day, kind: str = "action") -> None:
        self.client, self.day, self.kind, self.line_id = client, day, kind, uuid4()
        self.item = item(rows, day)
        self.was: list[str] = []

    def send(self, do: str = "", **fields: str) -> TestResponse:
        name = f"l-{self.line_id}-"
        data: dict[str, Any] = {"kind": self.kind, "case": str(self.day.case.id), "do": do}
        data |= {f"{name}{field}": value for field, value in fields.items()} | {f"{name}was": list(self.was)}
        return self.client.submit(place(self.day, f"/{self.item}/lines/{self.line_id}"), data, headers=SAVING)

    def kept(self, **fields: str) -> dict[str, Any]:
        answer = self.send("", **fields)
        assert answer.status_code == 200, answer.text
        self.was = [f"{field}={value}" for field, value in fields.items()]
        return dict(answer.json or {})


def action(cast: Cast, **others: str) -> dict[str, str]:
    return {
        "what": "Ask the night team for one number",
        "who": f"person:{cast.chair.id}",
        "by": "in two weeks",
        "measure": "She rings it",
        "category": "protect",
    } | others


def drafts(rows: Session) -> list[MeetingDraft]:
    rows.rollback()
    rows.expire_all()
    return list(rows.scalars(select(MeetingDraft)))


def test_what_is_typed_in_a_line_is_kept_and_stands_there_on_the_next_page(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    answer = line.kept(what="Ask the night team", by="in two weeks")
    assert (
        answer["by"]
        == f"{clock.today() + timedelta(days=14):%A} {day_words(clock.today() + timedelta(days=14))}"
    )
    page = read(client_for(cast.coordinator).get(place(day)))
    shown = page.select_one(f"input[name='l-{line.line_id}-what']")
    assert shown is not None
    assert shown["value"] == "Ask the night team"
    assert rows.scalar(select(func.count()).select_from(Action)) == 0


def test_a_line_that_is_complete_becomes_an_action_once_however_often_it_is_added(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    first = line.send("add", **action(cast))
    again = line.send("add", **action(cast))
    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert (first.json or {})["told"] == "Action added: Ask the night team for one number"
    made = rows.scalars(select(Action)).one()
    assert (made.what, made.owner_id, made.due_on) == (
        "Ask the night team for one number",
        cast.chair.id,
        clock.today() + timedelta(days=14),
    )
    assert made.meeting_id == day.meeting.id


def test_saving_says_which_lines_are_typed_and_not_added(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    client = client_for(cast.chair)
    assert saved(client, day) == "Saved"
    Typing(client, rows, day).kept(what="Ask the night team", by="in two weeks")
    Typing(client, rows, day, "decision").kept(text="", reason="He asked")
    empty = Typing(client, rows, day)
    empty.kept(what="Ask")
    empty.kept(what="")
    assert saved(client, day) == (
        "Saved. 2 lines are not added yet: action “Ask the night team” (Chas Chair);"
        " decision “begun” (Chas Chair)"
    )
    Typing(client, rows, day).send("add", **action(cast))
    assert "one number" not in saved(client, day), "what is added is part of the record"


def saved(client: Client, day: Day) -> str:
    """What the page says after everything was saved."""
    page = read(client.submit(place(day), {"action": "save"}, follow_redirects=True))
    found = page.select_one(".govuk-notification-banner__heading")
    return " ".join(found.get_text(" ").split()) if found else ""


def test_a_decision_is_added_under_its_heading(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.coordinator), rows, day, "decision")
    assert line.send("add", text="Officers speak with him at home", reason="He asked").status_code == 200
    made = rows.scalars(select(Decision)).one()
    assert (made.text, made.reason, made.item_id, made.case_id) == (
        *("Officers speak with him at home", "He asked"),
        *(line.item, day.case.id),
    )


@pytest.mark.parametrize(
    ("lacking", "field", "said"),
    [
        ({"what": ""}, "what", "Write what is to be done"),
        ({"who": ""}, "who", "Choose who does it"),
        ({"by": "soon"}, "by", "Enter a day, like 18 Dec"),
        ({"by": "next meeting"}, "by", "No next date is set yet"),
        ({"measure": ""}, "measure", "how we will know"),
        ({"by": "2020-01-01"}, "by", ""),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_what_is_typed_stays(
    client_for: Browser, rows: Session, cast: Cast, day: Day, lacking: dict[str, str], field: str, said: str
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    answer = line.send("add", **action(cast, **lacking))
    told = answer.json or {}
    assert (answer.status_code, told["field"]) == (422, field)
    assert said in told["message"]
    kept = drafts(rows)
    assert [one.fields["category"] for one in kept] == ["protect"]
    assert kept[0].added_at is None
    assert not rows.scalars(select(Action)).all()


def test_next_meeting_is_the_date_that_is_set(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    on = clock.today() + timedelta(days=21)
    rows.scalars(select(MeetingCase).filter_by(meeting_id=day.meeting.id)).one().next_on = on
    rows.commit()
    assert (
        Typing(client_for(cast.chair), rows, day).send("add", **action(cast, by="next meeting")).status_code
        == 200
    )
    assert rows.scalars(select(Action.due_on)).one() == on


def test_two_who_type_in_one_line_lose_no_word(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    chair = Typing(client_for(cast.chair), rows, day)
    other = Typing(client_for(cast.coordinator), rows, day)
    other.line_id = chair.line_id
    chair.kept(what="Ask the team", measure="")
    other.was = ["what=Ask the team"]
    other.kept(what="Ask the night team", by="Friday")
    chair.kept(what="Ask the team today", by="")
    assert drafts(rows)[0].fields | {} == {
        "what": "Ask the night team today",
        "who": "",
        "outside": "",
        "by": "Friday",
        "measure": "",
        "category": "",
    }


def test_an_answer_that_is_lost_doubles_nothing(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    line.send("", what="Ask the")  # kept; the answer never comes
    line.was = ["what=Ask the"]
    line.send("", what="Ask the night")
    line.was = ["what=Ask the", "what=Ask the night"]
    line.send("", what="Ask the night team")
    assert drafts(rows)[0].fields["what"] == "Ask the night team"


def test_what_was_added_is_taken_back_and_stands_in_the_line_again(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    line.send("add", **action(cast))
    answer = line.send("take_back")
    assert (answer.json or {})["fields"]["what"] == "Ask the night team for one number"
    assert "Ask the night team" not in (answer.json or {})["said"]
    assert rows.scalars(select(Action.state)).one() == "not_needed"
    decision = Typing(client_for(cast.chair), rows, day, "decision")
    decision.send("add", text="He goes home", reason="He asked")
    decision.send("take_back")
    rows.expire_all()
    assert rows.scalars(select(Decision)).one().withdrawn_at is not None
    rows.rollback()
    waiting = select(OutboxMessage.state).where(
        OutboxMessage.kind == "action_given", OutboxMessage.channel == "mail"
    )
    assert "sent" not in rows.scalars(waiting).all()


def test_a_page_is_told_once_of_what_somebody_else_added(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    other = client_for(cast.coordinator)
    first = other.get(place(day, "/news")).json or {}
    Typing(client_for(cast.chair), rows, day).send("add", **action(cast))
    told = (other.get(place(day, f"/news?said={first['said']['print']}")).json or {})["said"]
    assert "Ask the night team for one number" in " ".join(told["items"].values())
    assert (other.get(place(day, f"/news?said={told['print']}")).json or {})["said"] == {}


def test_without_a_script_lines_are_kept_added_and_taken_back(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    chair = client_for(cast.chair)
    page = chair.get(place(day))
    data = typed(page)
    first = next(name for name in data if name.endswith("-what") and name.startswith("l-"))
    line_id = first.removeprefix("l-").removesuffix("-what")
    data["lines"] = [str(one["value"]) for one in read(page).select("input[name='lines']")]
    data |= {f"l-{line_id}-{name}": value for name, value in action(cast, who="").items()}
    answer = chair.submit(place(day), data | {"action": f"add:{line_id}"})
    assert "Choose who does it" in answer.text
    assert "Ask the night team" in answer.text
    data[f"l-{line_id}-who"] = f"person:{cast.chair.id}"
    assert chair.submit(place(day), data | {"action": f"add:{line_id}"}).status_code == 303
    assert rows.scalars(select(Action.what)).one() == "Ask the night team for one number"
    page = chair.get(place(day))
    undo = read(page).select_one("[data-line-undo]")
    assert undo is not None
    chair.submit(place(day), typed(page) | {"action": str(undo["value"])})
    rows.rollback()
    rows.expire_all()
    assert rows.scalars(select(Action.state)).one() == "not_needed"


def test_nobody_types_a_line_who_does_not_record_the_meeting(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    for person in (cast.colleague, cast.stranger, cast.officer):
        assert Typing(client_for(person), rows, day).send("", what="Something").status_code in {403, 404}
    assert not drafts(rows)


def test_a_line_is_kept_on_no_other_heading_child_or_meeting(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    line.kept(what="Ask")
    elsewhere = Typing(client_for(cast.chair), rows, day)
    elsewhere.line_id = line.line_id
    elsewhere.item = uuid4()
    assert elsewhere.send("", what="Other").status_code == 404
    elsewhere.item, elsewhere.kind = line.item, "decision"
    assert elsewhere.send("", text="Other").status_code in {404, 422}
    assert drafts(rows)[0].fields["what"] == "Ask"


def test_a_line_is_on_no_child_of_another_case(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    other = make_day(rows, cast)
    line = Typing(client_for(cast.chair), rows, day)
    line.day = replace(day, case=other.case)
    sent = line.send("add", **action(cast))
    assert sent.status_code == 404
    assert not drafts(rows)
    assert not rows.scalars(select(Action)).all()


def test_whoever_is_told_of_a_line_has_looked(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    Typing(client_for(cast.chair), rows, day).send("add", **action(cast))
    looks = select(func.count()).where(
        AuditEvent.action == "minutes:record", AuditEvent.actor_id == cast.coordinator.id
    )
    before = rows.scalar(looks) or 0
    told = client_for(cast.coordinator).get(place(day, "/news")).json or {}
    rows.rollback()
    assert "night team" in str(told["said"])
    assert rows.scalar(looks) == before + 1


def test_after_approval_no_line_is_typed_by_any_way(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    line = Typing(client_for(cast.chair), rows, day)
    line.kept(what="Ask")
    for state in ("held", "minutes_in_draft", "approved"):
        rows.get_one(Meeting, day.meeting.id).state = state
        rows.commit()
    assert line.send("", what="Ask again").status_code == 422
    assert drafts(rows)[0].fields["what"] == "Ask"


def test_whoever_approves_is_shown_what_was_typed_and_not_added(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    chair = client_for(cast.chair)
    Typing(chair, rows, day).kept(what="Ask the night team")
    for state in ("held", "minutes_in_draft"):
        rows.get_one(Meeting, day.meeting.id).state = state
        rows.commit()
    page = chair.get(f"/meetings/{day.meeting.reference}/versions/approve").text
    assert "Action: Ask the night team" in page
    assert "no part of the minutes" in page


def test_as_sql_a_line_is_read_and_written_only_by_whoever_records(
    client_for: Browser, rows: Session, cast: Cast, day: Day, asking: Asking
) -> None:
    Typing(client_for(cast.chair), rows, day).kept(what="Ask")
    change = text("update meeting_draft set dropped_at = now(), saved_by = ctx.user_id()")
    for person, seen in (
        *((cast.chair, 1), (cast.coordinator, 1), (cast.social_worker, 1)),
        *((cast.colleague, 0), (cast.officer, 0), (cast.nurse, 0), (cast.stranger, 0), (None, 0)),
    ):
        with asking(person) as session:
            assert session.scalar(text("select count(*) from meeting_draft")) == seen, person
            assert session.execute(change).rowcount == seen, person  # type: ignore[attr-defined]  # of a change
    with asking(cast.nurse) as session, pytest.raises(DBAPIError):
        session.execute(
            text(
                "insert into meeting_draft"
                " (id, meeting_id, item_id, kind, fields, made_at, saved_by, saved_at) values"
                " (gen_random_uuid(), :meeting, :item, 'decision', '{}', now(), ctx.user_id(), now())"
            ),
            {"meeting": day.meeting.id, "item": item(rows, day)},
        )
