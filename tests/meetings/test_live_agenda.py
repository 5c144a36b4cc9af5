"""The agenda beside the record of a meeting: what must be answered is marked, items are added and moved."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import clock
from portal.changes.errors import NotFound
from portal.model import new_id
from portal.records.meetings import agenda
from portal.records.meetings.model import AgendaItem, Meeting, MeetingCase
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_case, make_child
from tests.factories.minutes import make_decision, make_minute
from tests.factories.plans import make_action
from tests.meetings.calls import read
from tests.meetings.days import Day, acted, make_day
from tests.meetings.test_recording_pages import place, typed, words

Browser = Callable[[User | None], Client]


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    """A review with three headings of the policy, two of which must be answered."""
    day = make_day(rows, cast, kind="review")
    for number, (code, label) in enumerate(
        (("purpose", "Why we meet"), ("level", "Level of risk"), ("next", "Who does what"))
    ):
        on = day.case.id if code == "level" else None
        rows.add(
            AgendaItem(
                id=new_id(), meeting_id=day.meeting.id, case_id=on, position=number, heading=label, code=code
            )
        )
    rows.commit()
    return day


def items(rows: Session, day: Day) -> list[AgendaItem]:
    rows.rollback()
    rows.expire_all()
    found = select(AgendaItem).where(AgendaItem.meeting_id == day.meeting.id)
    return list(rows.scalars(found.order_by(AgendaItem.position, AgendaItem.id)))


def called(rows: Session, day: Day) -> list[str]:
    return [one.heading for one in items(rows, day)]


def marked(client: Client, day: Day) -> tuple[list[str], str]:
    """What is marked in the agenda, and what its sum says."""
    nav = read(client.get(place(day))).select_one(".app-agendanav")
    assert nav is not None
    lines = [one.find_parent("li") for one in nav.select(".app-agendanav__must") if one.text.strip()]
    total = nav.select_one("[data-must-sum]")
    assert total is not None
    names = [str(one.select_one("a span").text) for one in lines if one]  # type: ignore[union-attr]  # a line has its name
    return names, "" if total.has_attr("hidden") else " ".join(total.text.split())


def does(client: Client, day: Day, action: str, **fields: str) -> TestResponse:
    return client.submit(place(day), typed(client.get(place(day))) | fields | {"action": action})


def test_what_must_be_answered_is_marked_until_something_is_recorded_under_it(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    make_action(rows, day.case, cast.officer, cast.social_worker)
    chair = client_for(cast.chair)
    names, total = marked(chair, day)
    assert names == ["Actions of last time", "Level of risk", "Who does what"]
    assert total == "3 still to be answered"
    level = items(rows, day)[1]
    box = f"m-{level.id}-words"
    assert does(chair, day, "", **{box: "High, all agree"}).status_code == 303
    assert marked(chair, day) == (["Actions of last time", "Who does what"], "2 still to be answered")
    on = select(MeetingCase).where(MeetingCase.meeting_id == day.meeting.id)
    rows.scalars(on).one().next_on = clock.today() + timedelta(days=20)
    rows.commit()
    assert marked(chair, day) == (["Actions of last time"], "1 still to be answered")
    action = read(chair.get(place(day))).select_one("tr[data-line]")
    assert action is not None
    chosen = f"l-{action['data-line']}-outcome"
    assert does(chair, day, "", **{chosen: "not_done"}).status_code == 303
    assert marked(chair, day) == ([], "")


def test_before_a_draft_goes_round_and_before_approval_stands_what_must_be_answered_and_is_not(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    make_action(rows, day.case, cast.officer, cast.social_worker)
    chair = client_for(cast.chair)
    box = f"m-{items(rows, day)[1].id}-words"
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT):
        rows.execute(update(Meeting).where(Meeting.id == day.meeting.id).values(state=state))
    rows.commit()

    def said(step: str) -> str:
        page = chair.soup(f"/meetings/{day.meeting.reference}/versions/{step}")
        return " ".join(page.select_one("main").get_text(" ").split())  # type: ignore[union-attr]  # every page has one

    for step in ("circulate", "approve"):
        assert "Still to be answered, or you go on without it" in said(step), step
        assert "Level of risk" in said(step), step
    assert does(chair, day, "", **{box: "High, all agree"}).status_code == 303
    for step in ("circulate", "approve"):
        assert "Who does what" in said(step), step
        assert "Actions of last time: 1" in said(step), step
        assert "Level of risk" not in said(step), step
    rows.scalars(select(MeetingCase).where(MeetingCase.meeting_id == day.meeting.id)).one().next_on = (
        clock.today() + timedelta(days=20)
    )
    rows.commit()
    action = read(chair.get(place(day))).select_one("tr[data-line]")
    assert action is not None
    assert does(chair, day, "", **{f"l-{action['data-line']}-outcome": "not_done"}).status_code == 303
    for step in ("circulate", "approve"):
        assert "till to be answered" not in said(step), step


def test_a_heading_in_other_words_must_be_answered_all_the_same_and_one_of_ones_own_need_not(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    level = items(rows, day)[1]
    level.heading = "How high is it?"
    rows.commit()
    does(client_for(cast.chair), day, "item", item="Transport")
    assert marked(client_for(cast.chair), day)[0] == ["How high is it?", "Who does what"]


def test_an_item_is_added_where_it_came_up_and_what_was_typed_is_kept(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    first, level, _ = items(rows, day)
    answer = does(
        client_for(cast.coordinator),
        day,
        "item",
        item="What the school rang about",
        item_after=str(level.id),
        **{f"m-{first.id}-words": "To plan"},
    )
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/record?order=open#order")
    assert called(rows, day) == [
        "Why we meet",
        "Level of risk",
        "What the school rang about",
        "Who does what",
    ]
    assert items(rows, day)[2].case_id == day.case.id  # as the one before it
    assert words(rows) == {"Why we meet": "To plan"}


def test_an_item_without_words_says_so_beside_its_box(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    page = read(does(client_for(cast.chair), day, "item", item=" "))
    order = page.select_one("#order")
    assert order is not None
    assert order.has_attr("open")
    assert "Write the heading" in order.text
    assert len(items(rows, day)) == 3


def test_items_are_moved_in_the_meeting_and_the_minutes_read_in_that_order(
    client_for: Browser, rows: Session, cast: Cast, day: Day
) -> None:
    first, level, last = items(rows, day)
    for one in (first, level, last):
        make_minute(rows, day.meeting, f"Of {one.heading}", item=one)
    for state in ("held", "minutes_in_draft"):
        rows.get_one(Meeting, day.meeting.id).state = state
        rows.commit()
    chair = client_for(cast.chair)
    assert does(chair, day, f"up:{last.id}").status_code == 303
    assert does(chair, day, f"down:{first.id}").status_code == 303
    assert called(rows, day) == ["Who does what", "Why we meet", "Level of risk"]
    page = chair.get(f"/meetings/{day.meeting.reference}/minutes").text
    at = [page.index(f"Of {one}") for one in called(rows, day)]
    assert at == sorted(at)
    assert does(chair, day, f"up:{new_id()}").status_code == 404


def test_on_several_children_an_item_moves_among_those_of_its_own_child(
    client_for: Browser, rows: Session, cast: Cast
) -> None:
    sibling = make_case(
        rows,
        make_child(rows, "Bea"),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    one = make_day(rows, cast, kind="review")
    day = make_day(rows, cast, kind="review", cases=[one.case, sibling])
    for number, (case, label) in enumerate(
        ((one.case, "First"), (sibling, "Hers"), (one.case, "Second"), (sibling, "Her other"))
    ):
        rows.add(
            AgendaItem(
                id=new_id(), meeting_id=day.meeting.id, case_id=case.id, position=number, heading=label
            )
        )
    rows.commit()
    assert does(client_for(cast.coordinator), day, f"up:{items(rows, day)[2].id}").status_code == 303
    assert called(rows, day) == ["Second", "Hers", "First", "Her other"]


def test_two_who_arrange_it_at_once_both_do(rows: Session, cast: Cast, day: Day, acting: Acting) -> None:
    first, level, _ = items(rows, day)
    for person, heading, after in ((cast.chair, "Transport", first), (cast.coordinator, "School", level)):
        with acting(person) as actor:
            agenda.add_item(actor=actor, meeting=acted(day.meeting), heading=heading, after=after.id)
    with acting(cast.chair) as actor:
        agenda.move_item(actor=actor, meeting=acted(day.meeting), item_id=level.id, up=True)
    with acting(cast.coordinator) as actor:
        agenda.move_item(actor=actor, meeting=acted(day.meeting), item_id=level.id, up=True)
    assert called(rows, day) == ["Level of risk", "Why we meet", "Transport", "School", "Who does what"]
    assert len({one.position for one in items(rows, day)}) == 5


def test_nobody_else_adds_or_moves_one_and_after_approval_nobody(
    client_for: Browser, rows: Session, cast: Cast, day: Day, acting: Acting
) -> None:
    form = typed(client_for(cast.chair).get(place(day))) | {"item": "Mine", "action": "item"}
    for person in (cast.colleague, cast.officer, cast.nurse, cast.stranger, cast.community_safety):
        assert client_for(person).submit(place(day), form).status_code in {403, 404}, person.name
    other = make_day(rows, cast)
    with acting(cast.chair) as actor, pytest.raises(NotFound):
        agenda.move_item(actor=actor, meeting=acted(other.meeting), item_id=items(rows, day)[0].id, up=False)
    make_decision(rows, day.meeting, "Go on", "It helps", case=day.case)
    for state in ("held", "minutes_in_draft", "approved"):
        rows.get_one(Meeting, day.meeting.id).state = state
        rows.commit()
    client_for(cast.chair).submit(place(day), form)
    assert len(items(rows, day)) == 3
