"""What a panel says and decides on an item: by chair and note-taker, for whoever reads the child’s case."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.panels.model import PanelAction, PanelDecision, PanelItem, PanelMinute
from portal.records.panels.vocabulary import PanelItemState
from portal.records.people.model import User
from portal.records.plans.model import Action
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.panels import make_item, make_said, make_summary, send_out
from tests.meetings.calls import read
from tests.panels.scene import DISTRICT, PanelScene, make_panel_scene, make_place
from tests.told import told

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def scene(rows: Session, cast: Cast) -> PanelScene:
    """On its day, with the papers out."""
    made = make_panel_scene(rows, cast)
    made.meeting.starts_at = clock.now() - timedelta(hours=1)
    made.meeting.ends_at = clock.now() + timedelta(hours=1)
    rows.commit()
    return made


@pytest.fixture
def item(rows: Session, cast: Cast, scene: PanelScene) -> PanelItem:
    made = make_item(rows, by=cast.officer, meeting=scene.meeting, case=scene.case)
    make_summary(rows, made, by=cast.officer, read_by=cast.coordinator)
    send_out(rows, scene.meeting, [made], [scene.council, scene.health], by=cast.coordinator)
    return made


def test_chair_and_note_taker_write_and_whoever_reads_the_case_reads_it_and_no_member_does(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene, item: PanelItem
) -> None:
    chair = client_for(cast.chair)
    page = chair.soup(f"/panels/items/{item.reference}").text
    assert "Quillwhy" not in page
    assert scene.case.reference not in page
    said = chair.submit(f"/panels/items/{item.reference}/said", {"words": "Quillsaid", "version": "0"})
    assert said.status_code == 303
    clash = client_for(cast.teacher).submit(
        f"/panels/items/{item.reference}/said", {"words": "Quillmine", "version": "0"}
    )
    assert clash.status_code == 409
    assert "Quillsaid" in clash.text
    decided = client_for(cast.teacher).submit(
        f"/panels/items/{item.reference}/decisions", {"text": "Quilldecided", "reason": "Quillbecause"}
    )
    assert decided.status_code == 303
    for reader in (cast.officer, cast.colleague, cast.coordinator, cast.chair):
        read = client_for(reader).soup(f"/panels/items/{item.reference}").text
        assert "Quillsaid" in read, reader.name
        assert "Quilldecided" in read, reader.name
    for member in (cast.community_safety, cast.nurse):
        browser = client_for(member)
        answer = browser.get(f"/panels/items/{item.reference}", follow_redirects=True)
        assert "Quillsummary" in answer.text
        assert "Quillsaid" not in answer.text
        assert "Quilldecided" not in answer.text
        refused = browser.submit(f"/panels/items/{item.reference}/said", {"words": "x", "version": "1"})
        assert refused.status_code == 403
    assert client_for(cast.stranger).get(f"/panels/items/{item.reference}").status_code == 404
    assert {row.recipient_id for row in told(rows, "panel_news")} == {cast.officer.id}
    rows.refresh(item)
    assert item.state == PanelItemState.DISCUSSED


def test_the_record_of_the_whole_panel_says_nothing_of_a_child(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene, item: PanelItem
) -> None:
    make_said(rows, item, by=cast.chair)
    for person in (cast.chair, cast.coordinator):
        browser = client_for(person)
        for address in ("record", "minutes", "minutes/print"):
            assert "Quillsaid" not in browser.get(f"/meetings/{scene.meeting.reference}/{address}").text


def test_it_stands_from_approval_and_the_chair_reads_it_until_it_is_distributed(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene, item: PanelItem
) -> None:
    make_said(rows, item, by=cast.chair)
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED):
        scene.meeting.state = state
        rows.commit()
    chair = client_for(cast.chair)
    late = chair.submit(f"/panels/items/{item.reference}/said", {"words": "Later", "version": "1"})
    assert late.status_code == 422
    assert "Quillsaid" in chair.soup(f"/panels/items/{item.reference}").text
    scene.meeting.state = MeetingState.DISTRIBUTED
    rows.commit()
    assert chair.get(f"/panels/items/{item.reference}").status_code == 404
    assert "Quillsaid" in client_for(cast.officer).soup(f"/panels/items/{item.reference}").text
    assert rows.get_one(PanelMinute, item.id).text == "Quillsaid"


def test_nothing_is_recorded_before_the_day(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene, item: PanelItem
) -> None:
    scene.meeting.starts_at = clock.now() + timedelta(days=3)
    scene.meeting.ends_at = clock.now() + timedelta(days=4)
    rows.commit()
    answer = client_for(cast.chair).submit(
        f"/panels/items/{item.reference}/said", {"words": "Early", "version": "0"}
    )
    assert answer.status_code == 422
    assert not rows.scalars(select(PanelMinute)).all()


def test_a_decision_is_recorded_once_and_taken_back_with_a_reason(
    client_for: ClientFor, cast: Cast, rows: Session, item: PanelItem
) -> None:
    chair = client_for(cast.chair)
    data = {"text": "Quilldecided", "reason": "Quillbecause", "once": "0190a5f4-0000-7000-8000-000000000001"}
    for _ in range(2):
        assert chair.submit(f"/panels/items/{item.reference}/decisions", data).status_code == 303
    decision = rows.scalars(select(PanelDecision)).one()
    address = f"/panels/items/{item.reference}/decisions/{decision.id}"
    assert chair.submit(address, {"reason": ""}).status_code == 422
    assert chair.submit(address, {"reason": "Quillwrong"}).status_code == 303
    assert "Quillwrong" in client_for(cast.officer).soup(f"/panels/items/{item.reference}").text


def _action(cast: Cast, **more: str) -> dict[str, str]:
    due = clock.today() + timedelta(days=10)
    return {
        "what": "Quillact",
        "owner": f"team:{cast.council_team.id}",
        "due_on-day": str(due.day),
        "due_on-month": str(due.month),
        "due_on-year": str(due.year),
        "measure": "Quillmeasure",
        "category": "disrupt",
        "target": "place",
        "priority": "normal",
    } | more


def test_an_action_stands_on_the_plan_of_the_case_and_a_chair_who_does_not_read_it_gives_none(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene, item: PanelItem
) -> None:
    address = f"/panels/items/{item.reference}/actions/new"
    answer = client_for(cast.coordinator).submit(address, _action(cast))
    assert answer.status_code == 303, answer.text
    action = rows.scalars(select(Action)).one()
    assert (action.case_id, action.owner_team_id) == (scene.case.id, cast.council_team.id)
    assert rows.get_one(PanelAction, action.id).item_id == item.id
    assert "Quillact" in client_for(cast.officer).soup(f"/panels/items/{item.reference}").text
    assert client_for(cast.chair).submit(address, _action(cast)).status_code == 404


def test_an_action_on_a_place_is_given_on_the_place(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    place = make_place(rows, cast)
    item = make_item(rows, by=cast.coordinator, meeting=scene.meeting, concern=place, place=2)
    address = f"/panels/items/{item.reference}/actions/new"
    answer = client_for(cast.coordinator).submit(address, _action(cast))
    assert answer.status_code == 303, answer.text
    action = rows.scalars(select(Action)).one()
    assert (action.concern_id, action.case_id) == (place.id, None)
    council = client_for(cast.community_safety)
    assert council.get(f"/actions/{action.reference}").status_code == 200, "its owner"


def test_the_next_panel_is_a_month_later_with_the_same_people(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    make_invitation(rows, scene.meeting, outside="Quilla Outwood", by=cast.chair, role="outside_other")
    chair = client_for(cast.chair)
    address = f"/panels/{scene.meeting.reference}/next"
    page = chair.soup(address)
    typed = {
        str(one["name"]): str(one.get("value", ""))
        for one in page.select("main input[name], main textarea[name]")
        if one["name"] != "csrf_token"
    }
    typed |= {"place": "Town hall", "starts": "10:00", "ends": "12:00"}
    assert chair.submit(address, typed).status_code == 303
    assert chair.submit(address, typed).status_code == 303, "sent twice"
    elsewhere = chair.submit(address, typed | {"place": "The new library"})
    assert elsewhere.status_code == 422
    assert "The next panel is called already" in elsewhere.text
    assert "The new library" in elsewhere.text
    following = rows.scalars(select(Meeting).where(Meeting.id != scene.meeting.id)).one()
    assert (following.district, following.chair_id) == (DISTRICT, cast.chair.id)
    assert following.starts_at.date().weekday() < 5
    assert 20 < (following.starts_at - scene.meeting.starts_at).days < 45
    assert {row.recipient_team_id for row in told(rows, "invited")} >= {cast.council_team.id}
    assert client_for(cast.nurse).get(address).status_code == 403


def test_whoever_calls_the_next_panel_is_asked_whether_its_chair_leaves_another_meeting(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    address = f"/panels/{scene.meeting.reference}/next"
    chair = client_for(cast.chair)
    page = chair.soup(address)
    assert not page.select_one("input[name=all_the_same]")
    day = {str(one["name"]): str(one.get("value", "")) for one in page.select("main input[name^=day]")}
    on = clock.local(scene.meeting.starts_at).replace(hour=10, minute=0)
    on = on.replace(year=int(day["day-year"]), month=int(day["day-month"]), day=int(day["day-day"]))
    make_meeting(
        rows, chair=cast.chair, note_taker=cast.teacher, kind="tasking", district=DISTRICT,
        starts_at=on, ends_at=on + timedelta(hours=1),
    )  # fmt: skip
    typed = {**day, "place": "Town hall", "starts": "10:30", "ends": "12:00"}
    asked = chair.submit(address, typed)
    assert asked.status_code == 422
    assert f"{cast.chair.name} chairs or is invited to MTG-" in asked.text
    about = read(asked).select_one("input[name=asked]")
    assert about is not None
    typed |= {"asked": str(about["value"]), "all_the_same": "y"}
    assert chair.submit(address, typed).status_code == 303


def test_a_meeting_of_another_kind_is_no_panel(client_for: ClientFor, cast: Cast, rows: Session) -> None:
    tasking = make_meeting(rows, chair=cast.chair, note_taker=cast.teacher, kind="tasking", district=DISTRICT)
    assert client_for(cast.chair).get(f"/panels/{tasking.reference}").status_code == 404


def test_what_is_held_back_on_the_case_is_not_written_where_the_chair_reads_it(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene, item: PanelItem
) -> None:
    held = "Seen at the arches on Monday with a man whom we watch closely"
    entry = add_entry(rows, scene.case, cast.officer, held)
    make_grading(rows, entry, cast.officer, READING_ONLY)
    answer = client_for(cast.coordinator).submit(
        f"/panels/items/{item.reference}/decisions", {"text": held, "reason": "Quillbecause"}
    )
    assert answer.status_code == 422
    assert "Take out" in answer.text
    assert not rows.scalars(select(PanelDecision)).all()
