"""The papers of a panel: one summary that was read first, until the minutes are approved, and no more."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.access.model import AuditEvent
from portal.deadlines.model import Deadline
from portal.records.cases.model import Case, CaseNotice, CaseScope, ChronologyEntry
from portal.records.children.model import Child, ChildRecord, ChildScope, NameKey
from portal.records.disclosures.model import Disclosure, DisclosureChild, DisclosureText
from portal.records.meetings.vocabulary import MeetingState
from portal.records.panels.model import (
    PanelAction,
    PanelDecision,
    PanelItem,
    PanelMinute,
    PanelShare,
    PanelSummary,
)
from portal.records.panels.vocabulary import PanelItemState
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert
from tests.factories.meetings import make_invitation
from tests.factories.panels import make_said
from tests.panels.scene import PanelScene, make_panel_scene
from tests.told import told

ClientFor = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]

#: Tables with rows about the child or the item, none of which a member reads.
CLOSED = (
    *(Case, CaseNotice, Child, ChildRecord, NameKey, ChildScope, CaseScope),
    *(ChronologyEntry, PanelItem, PanelMinute, PanelDecision, PanelAction, Deadline),
)


@pytest.fixture
def scene(rows: Session, cast: Cast) -> PanelScene:
    return make_panel_scene(rows, cast)


def put_on(client_for: ClientFor, cast: Cast, scene: PanelScene, rows: Session) -> PanelItem:
    """Through the pages: a coordinator puts the case on."""
    answer = client_for(cast.coordinator).submit(
        f"/panels/{scene.meeting.reference}/prepare",
        {"reference": scene.case.reference, "why": "Quillwhy", "about": "case"},
    )
    assert answer.status_code == 303, answer.text
    rows.rollback()
    return rows.scalars(select(PanelItem)).one()


def write(
    client_for: ClientFor, who: User, item: PanelItem, *, seen: int = 0, text: str = "Quillsummary"
) -> None:
    answer = client_for(who).submit(
        f"/panels/items/{item.reference}/summary",
        {"heading": "Perpetua Quillwort, 14", "text": text, "asks": "Quillasks", "version": str(seen)},
    )
    assert answer.status_code == 303, answer.text


def release(client_for: ClientFor, cast: Cast, item: PanelItem, number: int = 1) -> None:
    answer = client_for(cast.coordinator).submit(f"/panels/items/{item.reference}/summary/{number}/read")
    assert answer.status_code == 303, answer.text


def send(client_for: ClientFor, cast: Cast, scene: PanelScene) -> int:
    return client_for(cast.coordinator).submit(f"/panels/{scene.meeting.reference}/papers").status_code


def prepared(client_for: ClientFor, cast: Cast, scene: PanelScene, rows: Session) -> PanelItem:
    """On the agenda, with a summary that is read, and the papers out."""
    item = put_on(client_for, cast, scene, rows)
    write(client_for, cast.officer, item)
    release(client_for, cast, item)
    assert send(client_for, cast, scene) == 303
    rows.rollback()
    return item


def page(client_for: ClientFor, who: User, scene: PanelScene) -> str:
    return client_for(who).get(f"/panels/{scene.meeting.reference}").text


def test_members_read_the_summary_from_papers_until_the_minutes_are_approved(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    item = put_on(client_for, cast, scene, rows)
    write(client_for, cast.officer, item)
    assert "Quillsummary" not in page(client_for, cast.community_safety, scene), "nobody has read it"
    release(client_for, cast, item)
    assert "Quillsummary" not in page(client_for, cast.community_safety, scene), "the papers are not out"
    assert "Quillsummary" in page(client_for, cast.chair, scene), "the chair prepares"
    assert send(client_for, cast, scene) == 303
    for member in (cast.community_safety, cast.nurse, cast.chair, cast.teacher):
        read = page(client_for, member, scene)
        assert "Quillsummary" in read, f"{member.name} is invited"
        assert "Perpetua Quillwort, 14" in read
        assert "Quillwhy" not in read, "why it was proposed is for those who reach the case"
        assert scene.case.reference not in read
    make_said(rows, item, by=cast.chair)
    for step in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT):
        scene.meeting.state = step
        rows.commit()
        assert "Quillsummary" in page(client_for, cast.community_safety, scene)
    scene.meeting.state = MeetingState.APPROVED
    rows.commit()
    assert "Quillsummary" not in page(client_for, cast.community_safety, scene)
    assert "Quillsummary" in page(client_for, cast.chair, scene), "until the minutes are distributed"
    scene.meeting.state = MeetingState.DISTRIBUTED
    rows.commit()
    assert "Quillsummary" not in page(client_for, cast.chair, scene)


def test_the_ledger_says_of_papers_that_they_are_about_a_child_also_to_who_keeps_it(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    prepared(client_for, cast, scene, rows)
    for line in rows.scalars(select(Disclosure)).all():
        for who, sees in ((cast.governance, False), (cast.coordinator, True)):
            page = client_for(who).soup(f"/told/{line.reference}").get_text(" ", strip=True)
            assert "No child is noted here" not in page, who.name
            assert "The child of one case" in page, who.name
            assert ("which you do not see" in page) is not sees, who.name


def test_whoever_reads_the_case_sees_its_alerts_on_the_item_and_a_member_does_not(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    add_alert(rows, scene.case, cast.officer, text="Quillalert: ring first")
    item = put_on(client_for, cast, scene, rows)
    write(client_for, cast.officer, item)
    home = f"/panels/items/{item.reference}"
    for who, part in (
        (cast.officer, ""),
        (cast.officer, "/summary"),
        (cast.coordinator, ""),
        (cast.coordinator, "/summary/1/read"),
    ):
        assert "Quillalert" in client_for(who).soup(f"{home}{part}").get_text(" ", strip=True), (
            who.name,
            part,
        )
    release(client_for, cast, item)
    assert send(client_for, cast, scene) == 303
    for member in (cast.community_safety, cast.nurse, cast.chair, cast.teacher):
        shown = client_for(member).get(home, follow_redirects=True).text
        assert "Quillalert" not in shown, member.name


@pytest.mark.parametrize("who", ["community_safety", "nurse", "chair", "teacher"])
def test_a_member_reads_no_other_row_and_no_other_page_of_the_child(
    client_for: ClientFor, asking: Asking, cast: Cast, rows: Session, scene: PanelScene, who: str
) -> None:
    item = prepared(client_for, cast, scene, rows)
    member: User = getattr(cast, who)
    with asking(member) as session:
        for table in CLOSED:
            about = [row for row in session.scalars(select(table)) if _is_about(row, scene, item)]
            assert not about, f"{member.name} reads {table.__tablename__}"
        assert session.scalar(select(func.count()).select_from(PanelSummary)) == 1
        mine = session.scalars(select(Disclosure)).all()
        assert all(line.case_id == scene.case.id for line in mine), (
            "a line names the case by an identifier alone"
        )
    browser = client_for(member)
    child, case = scene.child.reference, scene.case.reference
    for address in (
        *(f"/cases/{case}", f"/cases/{case}/print", f"/cases/{case}/plan", f"/cases/{case}/panel"),
        *(f"/children/{child}", f"/children/{child}/chronology", f"/children/{child}/panel"),
        *(f"/panels/items/{item.reference}/summary", f"/panels/items/{item.reference}/summary/1/read"),
        f"/panels/items/{item.reference}/decline",
    ):
        assert browser.get(address).status_code in {403, 404}, address
    found = browser.submit("/search", {"sought": "Quillwort"})
    assert child not in found.text
    assert case not in found.text
    for address in ("/cases", "/meetings", "/panels", "/messages", "/work", "/disclosures"):
        answer = browser.get(address, follow_redirects=True).text
        assert "Quillwort" not in answer, address
        assert child not in answer, address


def test_others_find_neither_panel_nor_item(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    item = prepared(client_for, cast, scene, rows)
    for person in (cast.stranger, cast.neighbour, cast.social_worker):
        browser = client_for(person)
        assert browser.get(f"/panels/{scene.meeting.reference}").status_code == 404, person.name
        assert browser.get(f"/panels/items/{item.reference}").status_code == 404, person.name
        assert scene.meeting.reference not in browser.get("/panels").text
    for person in (cast.governance, cast.administrator):
        assert client_for(person).get(f"/panels/{scene.meeting.reference}").status_code == 403, person.name


def test_whoever_works_on_the_case_reads_the_item_and_is_no_member_by_it(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    item = prepared(client_for, cast, scene, rows)
    browser = client_for(cast.officer)
    assert "Quillsummary" in browser.soup(f"/panels/items/{item.reference}").text
    assert browser.get(f"/panels/{scene.meeting.reference}").status_code == 404


def test_each_who_is_invited_stands_on_the_ledger_without_the_child_and_their_opening_too(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    item = prepared(client_for, cast, scene, rows)
    lines = rows.scalars(select(Disclosure)).all()
    assert {line.receiver_agency_id for line in lines} == {
        one.id for one in (cast.council, cast.health, cast.social_care, cast.school)
    }
    assert not rows.scalar(select(func.count()).select_from(DisclosureChild)), (
        "a line that named the child would give who they are to its receiver for good"
    )
    assert not [row for row in rows.scalars(select(DisclosureText)) if "Quillwort" in row.text]
    page(client_for, cast.community_safety, scene)
    rows.rollback()
    opened = rows.scalars(select(PanelShare).where(PanelShare.opened_at.is_not(None))).all()
    assert [one.opened_by for one in opened] == [cast.community_safety.id]
    line = rows.get_one(Disclosure, opened[0].disclosure_id, populate_existing=True)
    assert (line.confirmed_by, line.was_opened) == (cast.community_safety.id, True)
    looks = rows.scalars(
        select(AuditEvent).where(AuditEvent.action == "panel:read", AuditEvent.child_id == scene.child.id)
    ).all()
    assert cast.community_safety.id in {look.actor_id for look in looks}, (
        "who looked at the child can be answered"
    )
    assert {look.subject_id for look in looks} == {item.id}


def test_a_summary_that_is_read_later_and_somebody_invited_later_follow(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    item = prepared(client_for, cast, scene, rows)
    write(client_for, cast.officer, item, seen=1, text="Quillsecond")
    assert "Quillsummary" in page(client_for, cast.nurse, scene), "the newer one is not read yet"
    assert "Quillsecond" not in page(client_for, cast.nurse, scene)
    release(client_for, cast, item, 2)
    assert "Quillsecond" in page(client_for, cast.nurse, scene)
    make_invitation(rows, scene.meeting, person=cast.stranger, by=cast.chair)
    assert "Quillsecond" not in page(client_for, cast.stranger, scene), "no line on the ledger yet"
    assert "was invited since" in page(client_for, cast.coordinator, scene)
    assert send(client_for, cast, scene) == 303
    assert "Quillsecond" in page(client_for, cast.stranger, scene)
    assert len([row for row in told(rows, "panel_papers") if row.recipient_id == cast.stranger.id]) == 1


def test_the_reading_is_owed_once_whoever_writes_reads_or_declines(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    def owed() -> list[tuple[object, str]]:
        rows.rollback()
        duties = select(Deadline).where(Deadline.kind == "panel_summary").order_by(Deadline.started_at)
        return [(one.owner_id or one.owner_agency_id, one.state) for one in rows.scalars(duties)]

    item = put_on(client_for, cast, scene, rows)
    write(client_for, cast.officer, item)
    assert owed() == [(cast.coordinator.id, "open")], "whoever writes does not see it, and owes no second"
    second = f"/panels/items/{item.reference}/summary/1/read"
    assert client_for(cast.second_coordinator).submit(second).status_code == 303
    assert owed() == [(cast.coordinator.id, "done")], "also where another coordinator reads it"
    write(client_for, cast.officer, item, seen=1, text="Quillsecond")
    assert owed() == [(cast.coordinator.id, "done"), (cast.hub.id, "open")], "the newer one has to be read"
    write(client_for, cast.second_coordinator, item, seen=2, text="Quillthird")
    assert owed() == [(cast.coordinator.id, "done"), (cast.hub.id, "open")]
    rows.execute(
        update(Deadline)
        .where(Deadline.state == "open", Deadline.kind == "panel_summary")
        .values(owner_id=cast.coordinator.id, owner_agency_id=None)
    )
    rows.commit()
    declined = client_for(cast.second_coordinator).submit(
        f"/panels/items/{item.reference}/decline", {"reason": "Settled", "version": str(version(rows, item))}
    )
    assert declined.status_code == 303, declined.text
    assert owed() == [(cast.coordinator.id, "done"), (cast.coordinator.id, "cancelled")]


def version(rows: Session, item: PanelItem) -> int:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(PanelItem, item.id).version


def test_the_papers_go_out_when_policy_says_and_not_before(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    scene = make_panel_scene(rows, cast, in_days=12)
    item = put_on(client_for, cast, scene, rows)
    write(client_for, cast.officer, item)
    release(client_for, cast, item)
    refused = client_for(cast.coordinator).submit(f"/panels/{scene.meeting.reference}/papers")
    assert refused.status_code == 422
    assert "not before" in refused.text
    for person in (cast.chair, cast.nurse, cast.officer):
        answer = client_for(person).submit(f"/panels/{scene.meeting.reference}/papers")
        assert answer.status_code in {403, 404}, f"{person.name} is no coordinator"


def test_the_reading_is_a_duty_of_the_coordinator_until_it_is_done(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    item = put_on(client_for, cast, scene, rows)
    duty = rows.scalars(select(Deadline).where(Deadline.kind == "panel_summary")).one()
    assert (duty.owner_id, duty.subject_id, duty.case_id) == (cast.coordinator.id, item.id, None)
    assert duty.due_at <= scene.meeting.starts_at
    work = client_for(cast.coordinator).soup("/work")
    assert "Read a summary for the district panel" in work.text
    assert work.select_one(f'a[href="/panels/items/{item.reference}"]')
    write(client_for, cast.officer, item)
    browser = client_for(cast.coordinator)
    back = browser.submit(
        f"/panels/items/{item.reference}/summary/1/give-back", {"words": "Leave the school out"}
    )
    assert back.status_code == 303
    assert [row.recipient_id for row in told(rows, "panel_asked")] == [cast.officer.id]
    assert (
        "Leave the school out"
        in client_for(cast.officer).soup(f"/panels/items/{item.reference}/summary").text
    )
    again = browser.submit(f"/panels/items/{item.reference}/summary/1/read")
    assert again.status_code == 422, "what was given back is not released"
    write(client_for, cast.officer, item, seen=1, text="Quillsecond")
    release(client_for, cast, item, 2)
    rows.refresh(duty)
    assert duty.state == "done"
    for person in (cast.officer, cast.chair):
        answer = client_for(person).submit(f"/panels/items/{item.reference}/summary/2/read")
        assert answer.status_code in {403, 404}, person.name


def test_two_who_write_the_summary_are_shown_both(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    item = put_on(client_for, cast, scene, rows)
    write(client_for, cast.officer, item)
    clash = client_for(cast.colleague).submit(
        f"/panels/items/{item.reference}/summary",
        {"heading": "H", "text": "Quillmine", "asks": "A", "version": "0"},
    )
    assert clash.status_code == 409
    assert "Quillmine" in clash.text
    assert "Quillsummary" in clash.text


def test_a_case_that_is_sealed_or_restricted_afterwards_is_gone_from_the_papers_at_once(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    prepared(client_for, cast, scene, rows)
    for held in (1, 2):
        scene.case.sensitivity = held
        rows.commit()
        for person in (cast.nurse, cast.chair, cast.teacher):
            assert "Quillsummary" not in page(client_for, person, scene), person.name


def test_an_item_that_is_taken_off_is_gone_from_the_papers(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    item = prepared(client_for, cast, scene, rows)
    answer = client_for(cast.coordinator).submit(
        f"/panels/items/{item.reference}/decline", {"reason": "Quillnotnow"}
    )
    assert answer.status_code == 303
    rows.refresh(item)
    assert item.state == PanelItemState.DECLINED
    for person in (cast.nurse, cast.chair):
        assert "Quillsummary" not in page(client_for, person, scene)


def test_messages_of_a_panel_hold_a_reference_and_no_name(
    client_for: ClientFor, cast: Cast, rows: Session, scene: PanelScene
) -> None:
    prepared(client_for, cast, scene, rows)
    papers = told(rows, "panel_papers")
    assert {row.subject_kind for row in papers} == {"invitation"}
    assert {row.reference for row in papers} == {scene.meeting.reference}
    assert {row.case_id for row in papers} == {None}


def _is_about(row: object, scene: PanelScene, item: PanelItem) -> bool:
    ids = {scene.child.id, scene.case.id, item.id}
    return any(
        getattr(row, name, None) in ids for name in ("id", "child_id", "case_id", "item_id", "subject_id")
    )
