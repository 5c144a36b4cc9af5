"""What was proposed for a panel does not come before it: who heard of the proposal hears so."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.panels.model import PanelItem
from portal.records.panels.proposals import decline
from tests.cast import Cast
from tests.factories.meetings import make_meeting
from tests.panels.scene import DISTRICT, PanelScene, make_panel_scene
from tests.panels.test_telling import Acting, proposes
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
    assert {"chair", "teacher"} & proposed == {"chair", "teacher"} & gone
    assert {"social_care_manager", "community_safety"} & proposed == {"council_manager", "council"} & gone
    assert proposed & {"chair", "social_care_manager"}
