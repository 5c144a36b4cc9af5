"""What was shared for one panel is not read on the next; who only knows a child learns nothing of panels."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.records.meetings.vocabulary import MeetingState
from portal.records.panels.model import PanelItem, PanelSummary
from portal.records.panels.vocabulary import PanelItemState
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.children import tell
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.missing import make_episode
from tests.factories.panels import make_item, send_out
from tests.panels.scene import DISTRICT, make_panel_scene
from tests.panels.test_papers import prepared

ClientFor = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]


@pytest.mark.parametrize("ended", [MeetingState.CANCELLED, MeetingState.APPROVED])
def test_a_member_of_the_panel_before_does_not_read_on_when_an_item_goes_to_the_next(
    client_for: ClientFor, asking: Asking, cast: Cast, rows: Session, ended: MeetingState
) -> None:
    scene = make_panel_scene(rows, cast)
    item = prepared(client_for, cast, scene, rows)
    steps = [MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT] if ended is MeetingState.APPROVED else []
    for step in (*steps, ended):
        scene.meeting.state = step
        rows.commit()
    rows.refresh(item)
    assert item.state == PanelItemState.PROPOSED
    following = make_meeting(
        rows,
        chair=cast.chair,
        note_taker=cast.teacher,
        district=DISTRICT,
        starts_at=scene.meeting.starts_at + timedelta(days=1),
    )
    nurse = make_invitation(rows, following, person=cast.nurse, by=cast.chair, role="health")
    item.state, item.meeting_id, item.place = PanelItemState.ON, following.id, 1
    rows.commit()
    send_out(rows, following, [item], [nurse], by=cast.coordinator)
    for member, reads in ((cast.community_safety, 0), (cast.nurse, 1)):
        with asking(member) as session:
            assert session.scalar(select(func.count()).select_from(PanelSummary)) == reads, member.name
    browser = client_for(cast.community_safety)
    assert browser.get(f"/panels/items/{item.reference}").status_code == 404


@pytest.mark.parametrize("sensitivity", [0, 1, 2])
def test_whoever_only_knows_the_child_is_not_told_that_a_case_is_sealed(
    client_for: ClientFor, asking: Asking, cast: Cast, rows: Session, sensitivity: int
) -> None:
    scene = make_panel_scene(rows, cast)
    tell(rows, scene.child, cast.council_team, by=cast.coordinator)
    scene.case.sensitivity = sensitivity
    rows.commit()
    browser, place = client_for(cast.community_safety), f"/children/{scene.child.reference}"
    assert browser.get(place).status_code == 200, "they were told who the child is"
    assert browser.get(f"{place}/panel").status_code == 404
    with asking(cast.community_safety) as session:
        assert session.scalar(select(func.ctx.held_back(scene.child.id, None))) is None


@pytest.mark.parametrize(("sensitivity", "reads"), [(0, 1), (1, 0), (2, 0)])
def test_whoever_reported_a_child_held_closely_does_not_read_what_is_proposed_of_them(
    asking: Asking, cast: Cast, rows: Session, sensitivity: int, reads: int
) -> None:
    """They recorded an episode and were told of the child: of a child held closely that is all they see."""
    scene = make_panel_scene(rows, cast, sensitivity=sensitivity)
    make_episode(rows, scene.child, cast.neighbour, team=cast.police_other_team)
    tell(rows, scene.child, cast.police_other_team, by=cast.coordinator)
    make_item(rows, by=cast.officer, child=scene.child)
    with asking(cast.neighbour) as session:
        assert session.scalar(select(func.count()).select_from(PanelItem)) == reads


@pytest.mark.parametrize(("sensitivity", "status"), [(0, 200), (1, 404), (2, 404)])
def test_whoever_reported_a_child_held_closely_is_not_told_so_when_they_propose_them(
    client_for: ClientFor, asking: Asking, cast: Cast, rows: Session, sensitivity: int, status: int
) -> None:
    scene = make_panel_scene(rows, cast, sensitivity=sensitivity)
    make_episode(rows, scene.child, cast.neighbour, team=cast.police_other_team)
    tell(rows, scene.child, cast.police_other_team, by=cast.coordinator)
    with asking(cast.neighbour) as session:
        assert session.scalar(select(func.ctx.held_back(scene.child.id, None))) == (
            "" if status == 200 else None
        )
    browser, address = client_for(cast.neighbour), f"/children/{scene.child.reference}/panel"
    assert browser.get(address).status_code == status
    if status == 404:
        answer = browser.submit(address, {"district": DISTRICT, "why": "Missing again"})
        assert answer.status_code == 404


def test_the_page_says_who_reads_a_proposal_and_that_the_lead_of_a_restricted_case_is_asked(
    client_for: ClientFor, cast: Cast, rows: Session
) -> None:
    for sensitivity in (0, 1):
        scene = make_panel_scene(rows, cast, sensitivity=sensitivity)
        page = client_for(cast.coordinator).soup(f"/cases/{scene.case.reference}/panel").get_text(" ")
        assert "Why you propose it is read by whoever reads the case, and not by the panel." in page
        assert ("only once whoever leads it has agreed in writing" in page) == bool(sensitivity)
