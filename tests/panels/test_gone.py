"""What was proposed for a panel does not come before it: who heard of the proposal hears so."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.panels.model import PanelItem
from portal.records.panels.proposals import decline
from tests.cast import Cast
from tests.panels.scene import PanelScene, make_panel_scene
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
