"""What people do before a meeting: reply, write reports, put papers ready, move it or cancel it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from portal.access.principal import Principal
from portal.demo.content import moments
from portal.demo.content.acting import person, team_called
from portal.demo.content.moments import Described
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.meetings import changes as meeting_changes
from portal.records.meetings import invitations
from portal.records.meetings import preparing as meeting_preparing
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.preparing import PaperMark
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.requests import answering
from portal.records.requests import asking as requests
from portal.records.requests.model import InformationRequest


@dataclass(frozen=True)
class PreparingStep:
    """One thing that somebody did about a meeting, and what the files say of it."""

    actor: Principal
    meeting: Meeting
    said: Described
    now: datetime
    known: Mapping[str, UUID]

    @property
    def case(self) -> Case:
        """The case of the child that it is about."""
        return db.session.query(Case).filter_by(child_id=self.known[self.said["case"]]).one()

    @property
    def at(self) -> dict[str, Any]:
        """Who acts at which meeting, as services take it."""
        return {"actor": self.actor, "meeting": self.meeting}

    def of_outsider(self) -> Invitation:
        """The invitation of somebody without an account."""
        return (
            db.session.query(Invitation)
            .filter_by(meeting_id=self.meeting.id, external_name=self.said["name"])
            .one()
        )


def _reply(step: PreparingStep) -> None:
    own, teams = step.actor.user_id, step.actor.team_ids
    invitation = db.session.scalars(
        select(Invitation)
        .where(
            Invitation.meeting_id == step.meeting.id,
            or_(Invitation.user_id == own, Invitation.team_id.in_(teams)),
        )
        .order_by(Invitation.user_id == own)
    ).first()
    if invitation is None:
        raise LookupError(f"{step.said['by']} is not invited to {step.meeting.reference}")
    deputy = step.said.get("deputy")
    invitations.reply(
        **step.at,
        invitation=invitation,
        answer=invitations.Answer(
            reply=InvitationReply(step.said["reply"]),
            reason=step.said.get("reason", ""),
            deputy=person(deputy) if deputy else None,
            version=invitation.version,
        ),
    )


def _reply_by_hand(step: PreparingStep) -> None:
    invitation = step.of_outsider()
    invitations.reply_by_hand(
        **step.at,
        invitation=invitation,
        reply=InvitationReply(step.said["reply"]),
        reason=step.said.get("reason", ""),
        version=invitation.version,
    )


def _ask(step: PreparingStep) -> None:
    case = step.case
    requests.ask(
        actor=step.actor,
        child_id=case.child_id,
        case=case,
        meeting=step.meeting,
        teams=[team_called(name).id for name in step.said["teams"]],
        question=step.said["question"],
        why=step.said["why"],
    )


def _report(step: PreparingStep) -> None:
    """The team's answer to what it was asked for this meeting; without a text it holds nothing."""
    request = db.session.scalars(
        select(InformationRequest).where(
            InformationRequest.meeting_id == step.meeting.id,
            InformationRequest.asked_team_id.in_(step.actor.team_ids),
        )
    ).one()
    if text := step.said["text"]:
        answering.answer(actor=step.actor, request=request, text=text, handling=Handling.NETWORK)
    else:
        answering.answer_nothing_held(actor=step.actor, request=request)


def _paper(step: PreparingStep) -> None:
    meeting_preparing.mark_paper(
        **step.at,
        case_id=step.case.id,
        kind=step.said["kind"],
        mark=PaperMark(step.said["mark"]),
        reason=step.said.get("reason", ""),
        version=0,
    )


def _move(step: PreparingStep) -> None:
    starts_at = moments.day_and_time(step.said["to"], step.now)
    meeting = step.meeting
    meeting_changes.move_meeting(
        actor=step.actor,
        meeting=meeting,
        starts_at=starts_at,
        ends_at=starts_at + (meeting.ends_at - meeting.starts_at),
        reason=step.said["reason"],
        version=meeting.version,
    )


def _cancel(step: PreparingStep) -> None:
    meeting_changes.cancel_meeting(**step.at, reason=step.said["reason"], version=step.meeting.version)


STEPS: Mapping[str, Callable[[PreparingStep], object]] = {
    "reply": _reply,
    "reply by hand": _reply_by_hand,
    "ask for reports": _ask,
    "report": _report,
    "paper": _paper,
    "move": _move,
    "cancel": _cancel,
}
