"""A panel of Amber Valley in two working days. Its chair and its members work on no case that is on it."""

from dataclasses import dataclass
from datetime import time, timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.calendar import add_working_days, at_local
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Invitation, Meeting
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting

DISTRICT = "amber_valley"


@dataclass
class PanelScene:
    """The panel, who is invited, and a case of the district that the police lead and social care work on."""

    meeting: Meeting
    council: Invitation
    health: Invitation
    child: Child
    case: Case


def make_panel_scene(rows: Session, cast: Cast, *, sensitivity: int = 0, in_days: int = 2) -> PanelScene:
    """Write it: the chair chairs, the teacher takes notes, the council’s and the health team are members."""
    child = make_child(rows, "Perpetua", "Quillwort")
    case = make_case(
        rows,
        child,
        lead=cast.police,
        opened_by=cast.second_coordinator,
        district=DISTRICT,
        level="high",
        lead_professional_id=cast.officer.id,
    )
    involve(rows, case, cast.police_team, by=cast.second_coordinator, worker=cast.officer)
    case.sensitivity = sensitivity
    rows.commit()
    starts = at_local(add_working_days(clock.today(), in_days), time(10, 0))
    meeting = make_meeting(
        rows, chair=cast.chair, note_taker=cast.teacher, district=DISTRICT, starts_at=starts
    )
    council = make_invitation(rows, meeting, team=cast.council_team, by=cast.chair, role="community_safety")
    health = make_invitation(rows, meeting, person=cast.nurse, by=cast.chair, role="health")
    return PanelScene(meeting, council, health, child, case)


def make_place(rows: Session, cast: Cast, *, sensitivity: int = 0, **facts: object) -> Concern:
    """A place of the district that the police hold."""
    place = Concern(
        id=new_id(),
        reference=new_reference(Prefix.CONCERN),
        kind="place",
        name="Quillplace",
        owner_agency_id=cast.police.id,
        owner_team_id=cast.police_team.id,
        created_by=cast.officer.id,
        created_agency_id=cast.police.id,
        created_at=clock.now(),
        sensitivity=sensitivity,
        district=DISTRICT,
        last_on=clock.today(),
        review_on=clock.today() + timedelta(days=90),
        policy_version="test",
        **facts,
    )
    rows.add(place)
    rows.commit()
    return place
