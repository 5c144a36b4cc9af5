"""The panel of a district in the demonstration: what is put on it, its papers, what it says and decides."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.demo.content import acting
from portal.demo.content.acting import PreparingStep, person, team_called
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.panels.model import PanelItem
from portal.records.panels.papers import call_next, open_papers, send_papers
from portal.records.panels.presenter import concern_kind
from portal.records.panels.proposals import Subject, propose, put_on
from portal.records.panels.reading import records as panels
from portal.records.panels.records import decide, give_under_item, save_minute
from portal.records.panels.summaries import latest, release, write_summary
from portal.records.panels.vocabulary import PanelItemKind
from portal.records.people.model import Team, User


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
    rows = panels.papers(meeting_id=step.meeting.id)
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
    "open the papers": lambda step: open_papers(**step.at, papers=panels.papers(meeting_id=step.meeting.id)),
    "say on an item": _say,
    "decide on an item": _decide,
    "give under an item": _give,
    "call the next panel": _next,
}
