"""A child with a line of every kind, and which reader may read which."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child, ChildStatus
from portal.records.entries.model import MomentReview
from portal.records.entries.vocabulary import Handling
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.requests.model import InformationAnswer
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.assessments import make_finalised, make_level
from tests.factories.cases import add_alert, add_entry
from tests.factories.children import ask, say, tell
from tests.factories.concerns import link, make_concern
from tests.factories.interviews import make_interview, make_return
from tests.factories.linked import make_process
from tests.factories.meetings import make_meeting
from tests.factories.minutes import make_decision
from tests.factories.orders import make_order
from tests.factories.panels import make_item, make_panel_decision
from tests.factories.plans import make_action


@dataclass(frozen=True)
class Life:
    """The child, its case, and a word of each line that stands in no other."""

    child: Child
    case: Case
    everybody: frozenset[str]  # for whoever has full reach
    police: frozenset[str]  # for the police alone
    picture: frozenset[str]  # of a person of concern, for the police and the hub
    council: frozenset[str]  # for whoever was told, and the hub


def ago(days: int) -> datetime:
    """Midday, so many days ago."""
    return clock.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days)


@pytest.fixture
def life(rows: Session, cast: Cast) -> Life:
    """A life with a line of each kind."""
    case = case_of_three(rows, cast)
    child = rows.get_one(Child, case.child_id)
    case.reason = "Quillopened"
    at(rows, add_entry(rows, case, cast.nurse, "Quillnetwork"), ago(40))
    moment = at(rows, add_entry(rows, case, cast.officer, "Quillmoment"), ago(39))
    moment.moment, moment.critical_moment, moment.kind = "arrest", "Quillarrest", "arrest"
    moment.details = {"what_for": "Quilldetail"}
    at(rows, add_entry(rows, case, cast.officer, "Quillown", handling=Handling.OWN), ago(38))
    wrong = at(rows, add_entry(rows, case, cast.nurse, "Quillwrong"), ago(37))
    right = at(rows, add_entry(rows, case, cast.nurse, "Quillright"), ago(37))
    right.corrects_id, right.correction_reason = wrong.id, "Quillreason"
    back = make_return(
        rows, child, cast.officer, returned_at=ago(30), found_where="Quillfound", recorded_team_id=None
    )
    make_interview(
        rows,
        [back],
        cast.social_worker,
        interviewer="Quillinterviewer",
        accepted=True,
        done_at=ago(29),
        completed_at=ago(29),
        completed_by=cast.social_worker.id,
    )
    make_finalised(rows, case, cast.social_worker, level_reason="Quillassessed", finalised_at=ago(28))
    level = make_level(case, cast.social_worker)
    level.reason, level.decided_at = "Quilllevel", ago(28)
    meeting = make_meeting(
        rows,
        chair=cast.chair,
        note_taker=cast.second_coordinator,
        cases=[case],
        starts_at=ago(20),
        state=MeetingState.HELD,
        granted=False,
    )
    held(rows, meeting)
    make_decision(rows, meeting, "Quilldecided", "Because", case=case)
    panel = make_meeting(
        rows, chair=cast.chair, note_taker=cast.second_coordinator, district="high_peak", starts_at=ago(19)
    )
    item = make_item(rows, by=cast.officer, meeting=panel, case=case)
    make_panel_decision(rows, item, by=cast.second_coordinator, text="Quillpanel")
    make_action(
        rows,
        case,
        cast.officer,
        cast.chair,
        what="Quillaction",
        state="done",
        done_at=ago(15),
        done_by=cast.officer.id,
        reach_until=clock.now() + timedelta(days=5),
    )
    rows.add_all(
        [
            level,
            MomentReview(
                entry_id=moment.id,
                case_id=case.id,
                words="Quillstands",
                reviewed_by=cast.social_worker.id,
                agency_id=cast.social_care.id,
                reviewed_at=ago(36),
            ),
            ChildStatus(
                id=new_id(),
                child_id=child.id,
                status="cp",
                starts_on=date(2026, 9, 1),
                agency_id=cast.social_care.id,
                created_at=clock.now(),
            ),
        ]
    )
    say(rows, child, cast.social_worker, "Quillschool", kind="school")
    say(rows, child, cast.social_worker, "Quillhidden", do_not_disclose=True)
    make_process(
        rows,
        case,
        cast.social_worker,
        words="Quillprocess",
        state="ended",
        started_at=ago(12),
        ended_at=ago(11),
        ended_by=cast.social_worker.id,
        outcome_words="Quilloutcome",
    )
    add_alert(rows, case, cast.social_worker, "Quillalert")
    person = make_concern(rows, cast.officer, kind="person", name="Quillperson")
    link(rows, person, child, cast.officer)
    make_order(rows, person, cast.officer, protects=child, conditions="Quillorder")
    tell(rows, child, cast.council_team, by=cast.coordinator, text="Quilltold")
    asked = ask(rows, child, cast.health_team, by=cast.coordinator, question="Quillasked", case=case)
    rows.add(
        InformationAnswer(
            id=new_id(),
            request_id=asked.id,
            case_id=case.id,
            author_id=cast.nurse.id,
            agency_id=cast.health.id,
            text="Quillanswer",
            handling="network",
            answered_at=ago(10),
        )
    )
    rows.commit()
    everybody = (
        *("network", "moment", "arrest", "detail", "right", "reason", "found", "interviewer", "assessed"),
        *("level", "decided", "action", "stands", "school", "alert", "asked", "answer", "opened"),
        *("process", "outcome", "panel", "because"),
    )
    return Life(
        child,
        case,
        frozenset(f"Quill{one}" for one in everybody),
        frozenset({"Quillown"}),
        frozenset({"Quillperson", "Quillorder"}),
        frozenset({"Quilltold"}),
    )


def at(rows: Session, entry: ChronologyEntry, when: datetime) -> ChronologyEntry:
    """The same entry, of another time."""
    entry.happened_at = when
    rows.flush()
    return entry


def held(rows: Session, meeting: Meeting) -> None:
    """It was held when it was to start."""
    rows.execute(update(Meeting).where(Meeting.id == meeting.id).values(held_at=meeting.starts_at))
