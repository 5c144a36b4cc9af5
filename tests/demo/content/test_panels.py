"""The panels of the demonstration: one with its papers out, one that was held."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.meetings.model import Meeting
from portal.records.panels.model import PanelAction, PanelItem, PanelPapers, PanelShare, PanelSummary


def test_a_panel_is_coming_with_its_papers_out_and_one_was_held(loaded: Session) -> None:
    panels = {
        one.district: one for one in loaded.scalars(select(Meeting).where(Meeting.held_at.is_not(None)))
    }
    held = panels["bolsover"]
    assert {one.state for one in loaded.scalars(select(PanelItem).filter_by(meeting_id=held.id))} == {
        "discussed"
    }
    assert loaded.scalars(select(PanelAction)).all(), "the panel asked for something"
    coming = loaded.scalars(
        select(Meeting).where(Meeting.kind == "locality_panel", Meeting.state == "booked")
    ).all()
    out = [one for one in coming if loaded.get(PanelPapers, one.id)]
    assert [one.district for one in out] == ["chesterfield"]
    assert loaded.scalars(select(PanelShare).where(PanelShare.opened_at.is_not(None))).all()
    waiting = loaded.scalars(select(PanelSummary).where(PanelSummary.read_at.is_(None))).all()
    assert len(waiting) == 1, "a coordinator has something to read"
    assert loaded.scalars(select(PanelItem).filter_by(state="proposed")).all(), "and something was proposed"
