"""What was proposed for a panel does not come before it: who heard of the proposal hears so."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.meetings.model import Meeting
from portal.records.panels.model import PanelItem, PanelSummary
from portal.records.panels.proposals import decline
from portal.records.panels.summaries import release, write_summary
from portal.records.people.model import User
from tests.cast import Cast
from tests.factories.meetings import make_meeting
from tests.panels.scene import DISTRICT, PanelScene, make_panel_scene
from tests.panels.test_of_another_panel import ClientFor
from tests.panels.test_telling import Acting, goes_on, proposes
from tests.told import heard, page_words


@pytest.fixture
def scene(rows: Session, cast: Cast) -> PanelScene:
    return make_panel_scene(rows, cast)


def test_where_no_panel_is_called_the_hub_that_heard_of_a_proposal_hears_that_it_is_gone(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    scene.meeting.starts_at = clock.now() - timedelta(days=2)
    scene.meeting.ends_at = clock.now() - timedelta(days=1)
    rows.commit()
    item = proposes(acting, cast.officer, scene)
    with acting(cast.coordinator) as actor:
        decline(actor=actor, item=db.session.get_one(PanelItem, item), meeting=None, reason="Not for us")
        assert "(the hub)" in page_words()
    assert heard(rows, cast, "panel_proposal_gone") == {"second_coordinator portal panel_proposal_gone"}
    assert heard(rows, cast, "panel_item_declined") == {"officer mail panel_news"}


def test_of_two_panels_at_one_hour_it_is_the_same_that_hears_each_time(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting
) -> None:
    """Whoever heard of a proposal is who hears that it is gone, whatever was written between."""
    later = make_meeting(
        rows,
        chair=cast.social_care_manager,
        note_taker=cast.community_safety,
        district=DISTRICT,
        starts_at=scene.meeting.starts_at,
    )
    both = (scene.meeting, later)
    first = min(both, key=lambda one: one.id)
    item = proposes(acting, cast.officer, scene)
    proposed = {one.partition(" ")[0] for one in heard(rows, cast, "panel_proposed")}
    first.place = "Another room"  # now its row stands behind the other
    rows.commit()
    with acting(cast.coordinator) as actor:
        decline(actor=actor, item=db.session.get_one(PanelItem, item), meeting=None, reason="Not for us")
    gone = {one.partition(" ")[0] for one in heard(rows, cast, "panel_proposal_gone")}
    for those in ({"chair", "teacher"}, {"social_care_manager", "community_safety"}):
        assert those & proposed == those & gone
    assert proposed & {"chair", "social_care_manager"}


@pytest.mark.parametrize("end", ["read", "declined"])
def test_that_a_summary_waits_is_new_to_nobody_once_a_colleague_read_it_or_it_does_not_come_before_the_panel(
    rows: Session, cast: Cast, scene: PanelScene, acting: Acting, client_for: ClientFor, end: str
) -> None:
    item = proposes(acting, cast.officer, scene)
    goes_on(acting, cast, scene, item)
    of_the_hub = {"owner_id": None, "owner_agency_id": cast.hub.id}
    rows.execute(update(Deadline).where(Deadline.subject_id == item).values(**of_the_hub))
    rows.commit()
    hub = [cast.coordinator, cast.second_coordinator]

    def new(person: User) -> int:
        shown = client_for(person).soup("/messages").select(".app-messages__item--unread")
        return sum("Something was given to you to do" in one.get_text() for one in shown)

    with acting(cast.officer) as actor:
        said: dict[str, Any] = {
            "about": "plan",
            "heading": "A child of 14",
            "text": "The plan fails",
            "asks": "Agree",
        }
        write_summary(actor=actor, item=db.session.get_one(PanelItem, item), seen=0, **said)
    assert [new(one) for one in hub] == [1, 1]
    read = select(OutboxMessage).filter_by(event="panel_summary_written", recipient_id=cast.coordinator.id)
    rows.scalars(read).one().read_at = clock.now()
    rows.commit()
    with acting(cast.coordinator) as actor:
        held = db.session.get_one(PanelItem, item)
        if end == "read":
            release(actor=actor, item=held, summary=db.session.scalars(select(PanelSummary)).one())
        else:
            meeting = db.session.get_one(Meeting, scene.meeting.id)
            decline(actor=actor, item=held, meeting=meeting, reason="Not for us")
    rows.expire_all()
    told = rows.scalars(select(OutboxMessage).filter_by(event="panel_summary_written"))
    outcomes = {one.recipient_id: (one.state, one.outcome) for one in told}
    why = "done" if end == "read" else "no_longer_needed"
    assert outcomes == {hub[0].id: ("shown", None), hub[1].id: ("cancelled", why)}, "what was read stays"
    assert new(hub[1]) == 0
