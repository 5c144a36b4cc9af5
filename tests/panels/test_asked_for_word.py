"""Who is asked for their word on a child whose case is restricted, also by who does not read it."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import Untold
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.panels.proposals import Subject, propose
from portal.vocabulary import CaseState
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case
from tests.panels.scene import DISTRICT, PanelScene, make_panel_scene
from tests.panels.test_telling import Acting
from tests.told import heard, page_words


def test_where_nobody_leads_a_restricted_case_the_hub_hears_it_of_a_child_proposed_by_their_record(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    scene = make_panel_scene(rows, cast, sensitivity=1)
    scene.case.lead_professional_id = None
    rows.commit()
    with acting(cast.coordinator) as actor:
        subject = Subject(child=db.session.get_one(Child, scene.child.id))
        propose(actor=actor, subject=subject, district=DISTRICT, why="Missing again")
    assert rows.scalars(select(Untold.event)).all() == ["panel_word_asked"]


def by_an_earlier_case(rows: Session, cast: Cast, acting: Acting, scene: PanelScene) -> str:
    """Whoever led a case of the child that is closed proposes them, and does not read that which is open."""
    lead: dict[str, Any] = {"lead": cast.social_care, "lead_professional_id": cast.social_worker.id}
    over = make_case(
        rows, scene.child, opened_by=cast.coordinator, state=CaseState.CLOSED, closed_at=clock.now(), **lead
    )
    involve(rows, over, cast.social_care_team, by=cast.coordinator)
    grant(rows, over, cast.social_worker, by=cast.coordinator)
    over.sensitivity = scene.case.sensitivity
    rows.commit()
    with acting(cast.social_worker) as actor:
        assert db.session.get(Case, scene.case.id) is None
        subject = Subject(child=db.session.get_one(Child, scene.child.id))
        propose(actor=actor, subject=subject, district=DISTRICT, why="Missing again")
        return page_words()


@pytest.mark.parametrize("asked", ["officer", "police_manager", "nurse"])
def test_of_a_restricted_case_that_the_proposer_does_not_read_its_lead_is_asked_or_who_sees_to_it(
    rows: Session, cast: Cast, acting: Acting, asked: str
) -> None:
    scene = make_panel_scene(rows, cast, sensitivity=1)
    if asked != "officer":
        scene.case.lead_professional_id = None
    named = {getattr(cast, asked), cast.nurse}
    for one in named:
        grant(rows, scene.case, one, by=cast.second_coordinator)
    rows.commit()
    words = by_an_earlier_case(rows, cast, acting, scene)
    assert heard(rows, cast, "panel_word_asked") == {f"{asked} mail panel_asked"}
    assert not [one.name for one in named if one.name in words]
    assert rows.scalars(select(Untold.event)).all() == []
