"""What people do on the day of a meeting: who came, that it was held, and what was handed out."""

from collections.abc import Callable, Mapping

from portal import clock
from portal.demo.content.acting import person
from portal.demo.content.preparing import Step
from portal.extensions import db
from portal.models import Invitation
from portal.services import attendance, handouts, walk_ins
from portal.services.attendance import Mark, Marking
from portal.services.running_meetings import cases_of
from portal.vocabulary import Attendance


def _walk_in(step: Step) -> None:
    who = step.said.get("person")
    walk_ins.add_walk_in(
        actor=step.actor,
        meeting=step.meeting,
        role=step.said["role"],
        person=person(who) if who else None,
        outside=step.said.get("name", ""),
    )


def _hold(step: Step) -> None:
    """Everybody was there, but for those of whom the files say something else."""
    said = {
        person(one["who"]).id: Mark(Attendance(one["as"]), one.get("note", "")) for one in step.said["marks"]
    }
    invited = db.session.query(Invitation).filter_by(meeting_id=step.meeting.id)
    there = Mark(Attendance.PRESENT)
    attendance.hold(
        actor=step.actor,
        meeting=step.meeting,
        marks={
            one.id: Marking(seen=Mark.of(one), now=said.get(one.user_id, there) if one.user_id else there)
            for one in invited
        },
        quorum_reason=step.said.get("reason", ""),
    )


def _hand_out(step: Step) -> None:
    handouts.hand_out(
        actor=step.actor,
        meeting=step.meeting,
        invitation=step.of_outsider(),
        case_ids=[one.id for one in cases_of(step.meeting)],
        what=step.said["what"],
        way=step.said["way"],
        on=clock.today(),
    )


STEPS: Mapping[str, Callable[[Step], None]] = {"walk in": _walk_in, "hold": _hold, "hand out": _hand_out}
