"""An item whose case is restricted once it is on an agenda waits for the word of whoever leads the case."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.cases.sensitivity import raise_sensitivity
from portal.records.panels.model import PanelItem
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cases.conftest import Acting, acting
from tests.cast import Cast
from tests.client import Client
from tests.panels.scene import PanelScene, make_panel_scene
from tests.panels.test_preparing import items, put
from tests.told import heard

__all__ = ["acting"]

ClientFor = Callable[[User | None], Client]
WAITS = "Waits for the word of whoever leads it"


@pytest.fixture
def scene(rows: Session, cast: Cast) -> PanelScene:
    return make_panel_scene(rows, cast)


@pytest.fixture
def item(rows: Session, cast: Cast, client_for: ClientFor, scene: PanelScene) -> PanelItem:
    """On the agenda while its case was open to all who work on it."""
    assert put(client_for, cast.coordinator, scene, scene.case.reference) == 303
    return items(rows)[0]


def holds(acting: Acting, who: User, case: Case, to: Sensitivity = Sensitivity.RESTRICTED) -> None:
    with acting(who) as actor:
        found = db.session.get_one(Case, case.id)
        named = [db.session.get_one(User, who.id)]
        raise_sensitivity(
            actor=actor, case=found, to=to, reason="Threats", named=named, version=found.version
        )


@pytest.mark.parametrize("holder", ["second_coordinator", "officer"])
def test_whoever_leads_is_asked_also_where_they_hold_it_themselves_and_the_item_waits(
    rows: Session,
    cast: Cast,
    acting: Acting,
    client_for: ClientFor,
    scene: PanelScene,
    item: PanelItem,
    holder: str,
) -> None:
    hub, lead = client_for(cast.coordinator), client_for(cast.officer)
    shown, agenda = f"/panels/items/{item.reference}", f"/panels/{scene.meeting.reference}"
    assert WAITS not in hub.soup(shown).get_text(" ", strip=True)
    holds(acting, getattr(cast, holder), scene.case)
    assert "officer mail panel_asked" in heard(rows, cast, "panel_word_asked")
    for page in (shown, agenda):
        assert WAITS in hub.soup(page).get_text(" ", strip=True), page
    assert "Give your word" in lead.soup(shown).get_text(" ", strip=True)
    chair = client_for(cast.chair).soup(agenda)
    assert "1 item waits for the word of whoever leads what it is about" in chair.get_text(" ", strip=True)
    assert "Quillwort" not in chair.get_text()
    assert item.reference not in chair.get_text()
    assert lead.submit(f"{shown}/word", {"word": "Quillword"}).status_code == 303
    assert WAITS not in hub.soup(agenda).get_text(" ", strip=True)
    assert client_for(cast.chair).soup(agenda).select_one("#unread") is None


def test_of_a_sealed_case_nobody_learns_that_something_waits(
    rows: Session,
    cast: Cast,
    acting: Acting,
    client_for: ClientFor,
    scene: PanelScene,
    item: PanelItem,
) -> None:
    with acting(cast.second_coordinator) as actor:
        found = db.session.get_one(Case, scene.case.id)
        named = [db.session.get_one(User, one.id) for one in (cast.second_coordinator, cast.officer)]
        raise_sensitivity(
            actor=actor,
            case=found,
            to=Sensitivity.SEALED,
            reason="Threats",
            named=named,
            version=found.version,
        )
    assert heard(rows, cast, "panel_word_asked") == set()
    assert client_for(cast.chair).soup(f"/panels/{scene.meeting.reference}").select_one("#unread") is None


def test_only_whoever_runs_the_panel_learns_how_many_wait(
    rows: Session,
    cast: Cast,
    acting: Acting,
    asking: Callable[[User | None], AbstractContextManager[Session]],
    scene: PanelScene,
    item: PanelItem,
) -> None:
    holds(acting, cast.second_coordinator, scene.case)

    def count(who: User) -> int:
        with asking(who) as session:
            return session.scalar(select(func.ctx.waits_for_word(scene.meeting.id))) or 0

    assert count(cast.chair) == 1
    for person in (cast.nurse, cast.colleague, cast.stranger, cast.community_safety):
        assert count(person) == 0, person.name
