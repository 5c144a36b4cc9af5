"""A case on the agenda of a panel ends: whoever prepares the panel hears so."""

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.panels.model import PanelItem
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.closing.conftest import Acting, closed
from tests.factories.cases import grant
from tests.factories.meetings import make_meeting
from tests.factories.panels import make_item
from tests.told import heard


def on_agenda(rows: Session, cast: Cast) -> Case:
    """A case on the agenda of the panel of a district; another district has a panel too."""
    case = case_of_three(rows, cast)
    chair, note_taker = cast.community_safety, cast.teacher
    panel = make_meeting(
        rows, kind="district_panel", chair=chair, note_taker=note_taker, district="high_peak"
    )
    make_meeting(rows, kind="district_panel", chair=cast.stranger, note_taker=note_taker, district="erewash")
    make_item(rows, by=cast.coordinator, meeting=panel, case=case)
    rows.commit()
    return case


def test_whoever_prepares_a_panel_hears_that_a_case_on_its_agenda_ended_and_nobody_of_another_panel(
    rows: Session, cast: Cast, acting: Acting, client_for: Callable[[User | None], Client]
) -> None:
    case = on_agenda(rows, cast)
    page = f"/panels/items/{rows.scalars(select(PanelItem.reference)).one()}"
    reader = client_for(cast.social_worker)
    assert "The case ended on" not in reader.soup(page).get_text()
    closed(rows, cast, acting, case)
    assert "The case ended on" in reader.soup(page).get_text()
    assert client_for(cast.stranger).get(page).status_code == 404
    panel = {one for one in heard(rows, cast, "case_ended") if one.endswith("panel_case_ended")}
    assert panel == {f"{one} portal panel_case_ended" for one in ("community_safety", "teacher")}


def test_of_a_closely_held_case_they_hear_nothing(rows: Session, cast: Cast, acting: Acting) -> None:
    case = on_agenda(rows, cast)
    for person in (cast.social_worker, cast.chair, cast.officer):
        grant(rows, case, person, by=cast.coordinator)
    rows.execute(update(Case).values(sensitivity=int(Sensitivity.RESTRICTED)))
    rows.commit()
    closed(rows, cast, acting, case)
    assert not [one for one in heard(rows, cast, "case_ended") if "panel" in one]
