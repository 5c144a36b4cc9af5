"""Meetings: coming up with mixed answers, today, held, moved, cancelled, and one of a district."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from portal import clock
from portal.demo.content import acting, on_the_day
from portal.demo.content.acting import Described, PreparingStep, Stage, person, reread, team_called
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.entries.vocabulary import Handling
from portal.records.meetings import calling as meetings
from portal.records.meetings import changes as meeting_changes
from portal.records.meetings import invitations
from portal.records.meetings import preparing as meeting_preparing
from portal.records.meetings.invitations import Invitee
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.preparing import PaperMark
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.panels.model import PanelItem
from portal.records.panels.papers import call_next, open_papers, send_papers
from portal.records.panels.presenter import concern_kind
from portal.records.panels.proposals import Subject, propose, put_on
from portal.records.panels.reading import records as panel_records
from portal.records.panels.records import decide, give_under_item, save_minute
from portal.records.panels.summaries import latest, release, write_summary
from portal.records.panels.vocabulary import PanelItemKind
from portal.records.people.model import Team, User
from portal.records.requests import answering
from portal.records.requests import asking as requests
from portal.records.requests.model import InformationRequest
from portal.records.requests.vocabulary import Locates


def _subject(step: PreparingStep) -> Subject:
    said = step.said
    if name := said.get("concern"):
        return Subject(concern=db.session.scalars(select(Concern).where(Concern.name == name)).one())
    return Subject(case=step.case, plan=said.get("plan", False), missing=said.get("missing", False))


def _propose(step: PreparingStep) -> PanelItem:
    return propose(
        actor=step.actor, subject=_subject(step), district=step.meeting.district, why=step.said["why"]
    )


def _put_on(step: PreparingStep) -> None:
    put_on(**step.at, item=_propose(step))


def _item(step: PreparingStep) -> PanelItem:
    """The item at a place of the agenda, for somebody who reaches what it is about."""
    found = select(PanelItem).where(
        PanelItem.meeting_id == step.meeting.id, PanelItem.place == step.said["item"]
    )
    return db.session.scalars(found).one()


def _item_id(step: PreparingStep) -> UUID:
    """The same for somebody who was only given its summary."""
    rows = panel_records.papers(meeting_id=step.meeting.id)
    given = next((row.item_id for row in rows if row.place == step.said["item"]), None)
    return given or _item(step).id


def _summarise(step: PreparingStep) -> None:
    item = _item(step)
    concern = db.session.get(Concern, item.concern_id) if item.concern_id else None
    write_summary(
        actor=step.actor,
        item=item,
        about=concern_kind(concern.kind) if concern else PanelItemKind(item.kind).label,
        heading=step.said["heading"],
        text=step.said["text"].strip(),
        asks=step.said["asks"],
        seen=0,
        meeting=step.meeting,
    )


def _release(step: PreparingStep) -> None:
    item = _item(step)
    summary = latest(item=item)
    if summary is None:
        raise LookupError(f"write the summary of item {item.place} first")
    release(actor=step.actor, item=item, summary=summary, meeting=step.meeting)


def _say(step: PreparingStep) -> None:
    save_minute(
        **step.at,
        item_id=_item_id(step),
        text=step.said["text"].strip(),
        version=0,
    )


def _decide(step: PreparingStep) -> None:
    decide(
        **step.at,
        item_id=_item_id(step),
        text=step.said["text"],
        reason=step.said["reason"],
    )


def _give(step: PreparingStep) -> None:
    item, said = _item(step), step.said
    on = db.session.get_one(Case, item.case_id)
    owner: User | Team = team_called(said["team"]) if "team" in said else person(said["who"])
    give_under_item(
        **step.at,
        item=item,
        on=on,
        what=said["what"],
        measure=said["measure"],
        category=said["category"],
        owner=owner,
        target=said["target"],
        due_on=clock.local(acting.day_and_time(said["until"], step.now)).date(),
    )


def _next(step: PreparingStep) -> None:
    starts_at = acting.day_and_time(step.said["starts"], step.now)
    call_next(
        **step.at,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        place=step.meeting.place,
        link=step.meeting.link,
    )


STEPS: Mapping[str, Callable[[PreparingStep], object]] = {
    "propose for the panel": _propose,
    "put on the panel": _put_on,
    "write a summary": _summarise,
    "read a summary": _release,
    "send the papers": lambda step: send_papers(**step.at),
    "open the papers": lambda step: open_papers(
        **step.at, papers=panel_records.papers(meeting_id=step.meeting.id)
    ),
    "say on an item": _say,
    "decide on an item": _decide,
    "give under an item": _give,
    "call the next panel": _next,
}


_DAY = timedelta(days=1)


def write(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Call every meeting that the files describe, and take every step towards it and at it."""
    for one in described:
        meeting_id = _call(stage, one, known)
        for said in one.get("steps", ()):
            with stage.acting(said["by"], _when(stage, one, said["at"])) as actor:
                meeting = reread(Meeting, meeting_id)
                _STEPS[said["do"]](PreparingStep(actor, meeting, said, stage.now, known))


def _call(stage: Stage, one: Described, known: Mapping[str, UUID]) -> UUID:
    starts_at = acting.day_and_time(one["starts"], stage.now)
    with stage.acting(one["by"], stage.ago(one["called"])) as actor:
        children = [known[child] for child in one.get("cases", ())]
        called = meetings.call_meeting(
            actor=actor,
            plan=meetings.Plan(
                kind=one["kind"],
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=one["minutes"]),
                chair=person(one["chair"]),
                note_taker=person(one["notes"]),
                place=one.get("place", ""),
                link=one.get("link", ""),
            ),
            cases=db.session.scalars(select(Case).where(Case.child_id.in_(children))).all(),
            district=one.get("district"),
            invitees=[_invitee(who) for who in one["invite"]],
        )
        return called.id


def _invitee(who: Described) -> Invitee:
    return Invitee(
        role=who["role"],
        required=who.get("required", False),
        team=team_called(who["team"]) if "team" in who else None,
        person=person(who["person"]) if "person" in who else None,
        name=who.get("name", ""),
    )


def _when(stage: Stage, one: Described, said: str) -> datetime:
    """The moment of a step: so long ago, or when the meeting ended."""
    ended = acting.day_and_time(one["starts"], stage.now) + timedelta(minutes=one["minutes"])
    return {"the day": ended, "the next day": ended + _DAY}.get(said) or stage.ago(said)


# What people do before a meeting: reply, write reports, put papers ready, move it or cancel it.


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
        answering.answer(
            actor=step.actor, request=request, text=text, handling=Handling.NETWORK, locates=Locates.NO
        )
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
    starts_at = acting.day_and_time(step.said["to"], step.now)
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


_PREPARING: Mapping[str, Callable[[PreparingStep], object]] = {
    "reply": _reply,
    "reply by hand": _reply_by_hand,
    "ask for reports": _ask,
    "report": _report,
    "paper": _paper,
    "move": _move,
    "cancel": _cancel,
}
_STEPS = {**_PREPARING, **on_the_day.STEPS, **STEPS}
