"""The actions of last time in a meeting: what it hears of each is kept at once, and the action follows."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import clock
from portal.deadlines.model import Deadline
from portal.records.meetings import attendance
from portal.records.meetings.model import Meeting
from portal.records.minutes.model import ActionReview
from portal.records.people.model import User
from portal.records.plans.model import Action, ActionStep
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.factories.meetings import make_meeting
from tests.factories.plans import make_action
from tests.intelligence.conftest import WORDS
from tests.meetings.calls import read
from tests.meetings.days import Day, acted, make_day
from tests.meetings.test_recording_pages import place, typed
from tests.told import of_event

Asking = Callable[[User | None], AbstractContextManager[Session]]
Browser = Callable[[User | None], Client]
SAVING = {"X-Autosave": "1"}


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast, kind="review")


@pytest.fixture
def action(rows: Session, cast: Cast, day: Day) -> Action:
    """The officer's; the coordinator gave it, who takes the notes."""
    return make_action(rows, day.case, cast.officer, cast.social_worker, what="Walk with her to the bus")


def says(client: Client, day: Day, action: Action, was: dict[str, str] | None = None, **fields: str) -> Any:
    name = f"l-{action.id}-"
    data: dict[str, Any] = {f"{name}{field}": value for field, value in fields.items()}
    data[f"{name}was"] = [f"{field}={value}" for field, value in (was or {}).items()]
    return client.submit(place(day, f"/actions/{action.id}"), data, headers=SAVING)


def now(rows: Session, action: Action) -> Action:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Action, action.id)


def heard(rows: Session) -> list[tuple[str, str, str]]:
    rows.rollback()
    rows.expire_all()
    return [(one.outcome, one.effect, one.words) for one in rows.scalars(select(ActionReview))]


def row_of(client: Client, day: Day, action: Action) -> Any:
    return read(client.get(place(day))).select_one(f"tr[data-line='{action.id}']")


def form(client: Client, day: Day, **others: str) -> dict[str, Any]:
    """All that the page would send, with what somebody chose."""
    data = typed(client.get(place(day)))
    for row in read(client.get(place(day))).select("tr[data-line]"):
        was = [str(one["value"]) for one in row.select("input[name$='-was']")]
        data[f"l-{row['data-line']}-was"] = was
    return data | others


def over(client: Client, day: Day) -> TestResponse:
    return client.submit(place(day), form(client, day, action="over"))


def test_while_it_goes_on_what_is_heard_stands_in_the_record_alone_and_can_be_changed(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action
) -> None:
    chair = client_for(cast.chair)
    answer = says(chair, day, action, outcome="done", effect="helped", words="Every day but two")
    assert answer.json == {
        "fields": {"outcome": "done", "effect": "helped", "words": "Every day but two"},
        "over": False,
    }
    assert now(rows, action).state == "not_started"
    changed = says(chair, day, action, {"outcome": "done", "effect": "helped"}, outcome="not_done", effect="")
    assert changed.status_code == 200, changed.text
    assert heard(rows) == [("not_done", "", "Every day but two")]
    row = row_of(client_for(cast.coordinator), day, action)
    assert row.select_one("option[selected][value='not_done']") is not None
    assert of_event(rows, "action_done") == set()


def test_when_the_meeting_is_over_the_action_is_done_its_clock_ends_and_its_owner_and_giver_hear_of_it(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action
) -> None:
    chair = client_for(cast.chair)
    says(chair, day, action, outcome="done", effect="helped", words="Every day but two")
    assert over(chair, day).status_code == 303
    done = now(rows, action)
    assert (done.state, done.done_by, done.done_words) == ("done", cast.chair.id, "Every day but two")
    assert done.effect == "helped"
    clocks = rows.scalars(select(Deadline.state).where(Deadline.subject_id == action.id)).all()
    assert set(clocks) == {"done"}
    assert of_event(rows, "action_done") == {
        (cast.officer.id, "portal", "action_news"),
        (cast.social_worker.id, "digest", "action_news"),
    }
    over(chair, day)
    assert rows.scalar(select(func.count()).select_from(ActionStep).filter_by(kind="done")) == 1


def test_so_it_is_when_the_meeting_is_recorded_as_held(
    rows: Session, cast: Cast, day: Day, acting: Acting, client_for: Browser, action: Action
) -> None:
    says(client_for(cast.chair), day, action, outcome="blocked", words="No bus runs")
    with acting(cast.coordinator) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    blocked = now(rows, action)
    assert (blocked.state, blocked.blocked_reason) == ("blocked", "No bus runs")
    assert (cast.officer.id, "portal", "action_news") in of_event(rows, "action_blocked")
    review = rows.scalars(select(ActionReview)).one()
    assert review.saved_by == cast.chair.id  # who said it, not who held the meeting


@pytest.mark.parametrize(
    ("outcome", "state", "step"),
    [
        ("in_part", "under_way", "started"),
        ("not_done", "not_started", "heard"),
        ("not_needed", "not_needed", "not_needed"),
        ("done", "done", "done"),
    ],
)
def test_once_it_is_over_the_action_follows_at_once(
    client_for: Browser,
    rows: Session,
    cast: Cast,
    day: Day,
    action: Action,
    outcome: str,
    state: str,
    step: str,
) -> None:
    chair = client_for(cast.chair)
    over(chair, day)
    answer = says(chair, day, action, outcome=outcome)
    assert (answer.json or {})["over"] is True
    assert now(rows, action).state == state
    assert rows.scalars(select(ActionStep.kind).filter_by(action_id=action.id)).all() == [step]


@pytest.mark.parametrize("outcome", ["in_part", "not_done"])
def test_whoever_owns_it_hears_that_a_meeting_heard_how_it_goes(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action, outcome: str
) -> None:
    chair = client_for(cast.chair)
    says(chair, day, action, outcome=outcome)
    assert of_event(rows, "action_heard_of") == set(), "while the meeting runs it can be changed"
    over(chair, day)
    told = of_event(rows, "action_heard_of")
    assert told == {(cast.officer.id, "portal", "action_news")}


def test_what_its_owner_says_meanwhile_stands_and_what_was_heard_is_in_its_history(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action
) -> None:
    chair = client_for(cast.chair)
    says(chair, day, action, outcome="not_done", words="Nobody went")
    owner = client_for(cast.officer)
    owner.submit(f"/actions/{action.reference}/done", {"words": "We went at six", "version": "1"})
    assert over(chair, day).status_code == 303
    done = now(rows, action)
    assert (done.state, done.done_words) == ("done", "We went at six")
    page = owner.get(f"/actions/{action.reference}").text
    assert "Spoken of at a meeting" in page
    assert "Not done. Nobody went" in page


def test_done_and_blocked_ones_stay_on_the_page_and_of_what_is_over_the_effect_can_be_said(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action
) -> None:
    before = make_meeting(
        rows,
        cases=[day.case],
        chair=cast.chair,
        note_taker=cast.coordinator,
        starts_at=clock.now() - timedelta(days=20),
        held_at=clock.now() - timedelta(days=20),
    )
    for state in ("held", "minutes_in_draft", "approved"):
        rows.get_one(Meeting, before.id).state = state
        rows.commit()
    blocked = make_action(
        rows, day.case, cast.nurse, cast.chair, what="Ring the clinic", state="blocked", blocked_reason="Shut"
    )
    done = make_action(rows, day.case, cast.nurse, cast.chair, what="Write to school", **was_done(cast, 3))
    old = make_action(rows, day.case, cast.nurse, cast.chair, what="Long ago", **was_done(cast, 60))
    chair = client_for(cast.chair)
    assert "Blocked: Shut" in row_of(chair, day, blocked).text
    shown = row_of(chair, day, done)
    assert "Done: The quillpost letter went" in shown.text
    assert shown.select_one("select[name$='-outcome']") is None
    assert row_of(chair, day, old) is None
    assert says(chair, day, done, effect="none").status_code == 200
    over(chair, day)
    assert now(rows, done).effect == "none"
    assert rows.scalars(select(ActionStep.kind).filter_by(action_id=done.id)).all() == ["effect"]
    refused = says(chair, day, done, outcome="blocked")
    assert refused.status_code == 422
    assert "This action is over" in (refused.json or {})["message"]


def was_done(cast: Cast, days: int) -> dict[str, Any]:
    return {
        "state": "done",
        "done_by": cast.nurse.id,
        "done_at": clock.now() - timedelta(days=days),
        "done_words": "The quillpost letter went",
        "reach_until": clock.now() + timedelta(days=10),
    }


def test_an_effect_is_of_what_is_done(
    client_for: Browser, cast: Cast, day: Day, action: Action, rows: Session
) -> None:
    answer = says(client_for(cast.chair), day, action, outcome="blocked", effect="helped")
    assert (answer.status_code, (answer.json or {})["field"]) == (422, "effect")
    assert heard(rows) == []


def test_without_a_script_the_form_keeps_it_and_says_beside_the_row_what_is_wrong(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action
) -> None:
    chair, name = client_for(cast.chair), f"l-{action.id}-"
    fine = {f"{name}outcome": "done", f"{name}effect": "helped", f"{name}words": "Every day"}
    assert chair.submit(place(day), form(chair, day, **fine)).status_code == 303
    assert heard(rows) == [("done", "helped", "Every day")]
    wrong = form(chair, day, **{f"{name}outcome": "blocked", f"{name}words": "No bus"})
    page = read(chair.submit(place(day), wrong))
    row = page.select_one(f"tr[data-line='{action.id}']")
    assert row is not None
    assert "Only what is done has an effect" in row.text
    assert row.select_one(f"input[name='{name}words']")["value"] == "No bus"  # type: ignore[index]  # the row has one
    assert heard(rows) == [("done", "helped", "Every day")]


def test_two_who_speak_of_one_at_once_both_count_field_by_field(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action
) -> None:
    chair, notes = client_for(cast.chair), client_for(cast.coordinator)
    says(chair, day, action, outcome="done", effect="", words="")
    # the note-taker's page still shows the row empty
    says(notes, day, action, outcome="", effect="", words="Every day but two")
    assert heard(rows) == [("done", "", "Every day but two")]


def test_the_other_page_is_told_what_was_chosen(
    client_for: Browser, cast: Cast, day: Day, action: Action
) -> None:
    notes = client_for(cast.coordinator)
    first = notes.get(place(day, "/news"))
    tag = {"If-None-Match": first.headers["ETag"]}
    assert notes.get(place(day, "/news"), headers=tag).status_code == 304
    says(client_for(cast.chair), day, action, outcome="done")
    told = notes.get(place(day, "/news"), headers=tag).json or {}
    assert told["last"] == [
        {"id": str(action.id), "version": 1, "fields": {"outcome": "done", "effect": "", "words": ""}}
    ]


def test_the_minutes_say_what_was_heard_and_approved_ones_keep_it(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action
) -> None:
    chair = client_for(cast.chair)
    says(chair, day, action, outcome="done", effect="helped", words="Every day but two")
    page = chair.get(f"/meetings/{day.meeting.reference}/minutes").text
    assert "Actions of last time" in page
    assert "Done. It helped" in page
    assert "Every day but two" in page


def test_nobody_else_reads_or_says_it(
    client_for: Browser, cast: Cast, rows: Session, day: Day, action: Action
) -> None:
    for person in (cast.colleague, cast.officer, cast.nurse, cast.stranger, cast.community_safety):
        answer = says(client_for(person), day, action, outcome="done")
        assert answer.status_code in {403, 404}, person.name
    given_here = make_action(rows, day.case, cast.nurse, cast.chair, meeting_id=day.meeting.id)
    assert says(client_for(cast.chair), day, given_here, outcome="done").status_code == 404
    assert heard(rows) == []


def changes(session: Session) -> int:
    """How many rows somebody changes; whoever sees one and does not record the meeting is refused."""
    try:
        changed = session.execute(text("update action_review set words = 'changed' returning action_id"))
        return len(changed.all())
    except DBAPIError:
        return 0


def test_as_sql_only_whoever_records_says_it_and_says_that_an_action_of_another_is_done(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action, asking: Asking
) -> None:
    done = text(
        "update action set state = 'done', done_by = ctx.user_id(), done_at = now(), done_words = 'x',"
        " reach_until = now() + interval '1 day' where id = :action"
    )
    with asking(cast.chair) as session, pytest.raises(DBAPIError, match="records a meeting that hears of it"):
        session.execute(done, {"action": action.id})
    says(client_for(cast.chair), day, action, outcome="done")
    add = text(
        "insert into action_review"
        " (meeting_id, action_id, case_id, outcome, effect, words, saved_by, saved_at, version) values"
        " (:meeting, :other, :case, 'done', '', '', ctx.user_id(), now(), 1)"
    )
    other = make_action(rows, day.case, cast.nurse, cast.chair)
    at = {"meeting": day.meeting.id, "other": other.id, "case": day.case.id}
    for person, seen in (
        *((cast.chair, 1), (cast.coordinator, 1), (cast.social_worker, 1), (cast.officer, 1)),
        *((cast.stranger, 0), (cast.community_safety, 0), (None, 0)),
    ):
        with asking(person) as session:
            assert session.scalar(text("select count(*) from action_review")) == seen, person
    for person in (cast.colleague, cast.officer, cast.nurse, cast.stranger, None):
        with asking(person) as session, pytest.raises(DBAPIError):
            session.execute(add, at)
        with asking(person) as session:
            assert changes(session) == 0, person
    with asking(cast.colleague) as session, pytest.raises(DBAPIError, match="hears of it"):
        session.execute(done, {"action": action.id})
    with asking(cast.coordinator) as session:
        assert changes(session) == 1
        assert session.scalar(text("select saved_by from action_review")) == cast.coordinator.id
        session.execute(done, {"action": action.id})


def test_what_an_entry_holds_back_is_not_passed_on_in_a_line(
    client_for: Browser, rows: Session, cast: Cast, day: Day, action: Action
) -> None:
    entry = add_entry(rows, day.case, cast.officer, WORDS)
    make_grading(rows, entry, cast.officer, READING_ONLY)
    answer = says(client_for(cast.chair), day, action, outcome="done", words=WORDS)
    assert (answer.status_code, (answer.json or {})["field"]) == (422, "words")
    assert heard(rows) == []
