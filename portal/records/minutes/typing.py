"""What is typed under the headings of a meeting, by one or by several at once: nothing is lost.

Where others wrote meanwhile, both are brought together. What counts as new is counted from what the same page
sent last, not from a version: a request that was lost, came twice or came late loses and doubles no word.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found, outcome_of
from portal.changes.merging import Merged, merge
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.meetings import chairing
from portal.records.meetings.model import AgendaItem, Meeting
from portal.records.minutes.model import MeetingPresence, Minute, MinutePage, MinuteVersion
from portal.records.minutes.writing import begin_minutes


@dataclass(frozen=True)
class Sent:
    """What a page sends of one box.

    Args:
        page: made by the page; another tab is another page.
        seen: the version of the minute that the box was last set to; 0 for none.
        typed: all that stands there.
        seq: counts what the page sends of the box; 0 where it does not count.
    """

    item_id: UUID
    page: UUID
    seen: int
    typed: str
    seq: int = 0


@dataclass(frozen=True)
class Taken:
    """What is on record after it: 0 for nothing yet."""

    version: int
    text: str


def take_in(*, actor: Principal, meeting: Meeting, sent: Collection[Sent]) -> dict[UUID, Taken | DomainError]:
    """Keep what was typed under headings, each by itself, together with what others wrote there.
    With the first words after the meeting was held its minutes are in draft.

    Args:
        sent: at most one for each heading.

    Returns:
        by heading what stands there now; or why nothing is kept. `NotFound`: it is another meeting's, or on a
        child whose case the actor does not read.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: its day is not there yet, or its minutes are approved.
    """
    chairing.require_recording(actor, meeting, "minutes:write")
    boxes = _Boxes.held_fast(meeting, sent)
    taken = {one.item_id: outcome_of(boxes.take, actor, one) for one in sent}
    db.session.flush()
    if any(isinstance(one, Taken) and one.version for one in taken.values()):
        begin_minutes(meeting=meeting)
    return taken


def write_minute(*, actor: Principal, meeting: Meeting, item_id: UUID, text: str) -> Taken:
    """Write under one heading as somebody does who has only just opened the page.

    Raises:
        as `take_in`, and what that gives back.
    """
    standing = db.session.scalar(select(Minute.version).where(Minute.item_id == item_id))
    sent = Sent(item_id, new_id(), standing or 0, text)
    kept = take_in(actor=actor, meeting=meeting, sent=[sent])[item_id]
    if isinstance(kept, DomainError):
        raise kept
    return kept


@dataclass
class _Boxes:
    """The boxes of one request with what is known of each, until the end of the transaction."""

    meeting: Meeting
    items: Mapping[UUID, AgendaItem]
    cases: Mapping[UUID, Case]
    minutes: dict[UUID, Minute]
    pages: Mapping[tuple[UUID, UUID], MinutePage]
    texts: Mapping[tuple[UUID, int], str]

    @classmethod
    def held_fast(cls, meeting: Meeting, sent: Collection[Sent]) -> "_Boxes":
        """Two who write under one heading take turns."""
        ids = [one.item_id for one in sent]
        items = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id, AgendaItem.id.in_(ids))
        held = db.session.scalars(items.order_by(AgendaItem.id).with_for_update())
        found = {item.id: item for item in held}
        written = select(Minute).where(Minute.item_id.in_(found)).execution_options(populate_existing=True)
        minutes = {minute.item_id: minute for minute in db.session.scalars(written)}
        pages = select(MinutePage).where(
            tuple_(MinutePage.page, MinutePage.item_id).in_([(one.page, one.item_id) for one in sent])
        )
        return cls(
            meeting,
            found,
            {case.id: case for case in chairing.cases_of(meeting)},
            minutes,
            {
                (page.page, page.item_id): page
                for page in db.session.scalars(pages.execution_options(populate_existing=True))
            },
            _texts(sent, minutes),
        )

    def take(self, actor: Principal, sent: Sent) -> Taken:
        """Bring one box together with what stands there."""
        item = or_not_found(self.items.get(sent.item_id), "There is no such heading on this agenda")
        if item.case_id and item.case_id not in self.cases:
            raise NotFound("The meeting is not on this case")
        minute = self.minutes.get(item.id)
        kept = minute.text if minute else ""
        last = self.pages.get((sent.page, item.id))
        if last is not None and sent.seq and sent.seq <= last.seq:  # it came twice, or late
            return Taken(minute.version if minute else 0, kept)
        base = sent_last(last, sent)
        if base is None:  # a version that is not known counts as nothing: words may stand twice, none is lost
            base = self.texts.get((item.id, sent.seen), "")
        typed = sent.typed.replace("\r\n", "\n").strip()
        merged = merge(base, kept, typed)
        if merged.text != kept:
            minute = self._write(actor, item, minute, merged)
        _keep_page(actor, self.meeting, replace(sent, typed=typed), last)
        return Taken(minute.version if minute else 0, merged.text)

    def _write(self, actor: Principal, item: AgendaItem, minute: Minute | None, merged: Merged) -> Minute:
        """What is typed saves itself every few moments: one row of the trail for each hand."""
        if minute is None or minute.saved_by != actor.user_id:
            case = self.cases[item.case_id] if item.case_id else None
            audit.record("minutes:save", self.meeting, case=case, item=str(item.id))
        if minute is None:
            minute = Minute(
                id=new_id(), meeting_id=self.meeting.id, item_id=item.id, case_id=item.case_id, version=0
            )
            db.session.add(minute)
            self.minutes[item.id] = minute
        minute.text, minute.both_changed = merged.text, merged.both_changed
        minute.version += 1
        minute.saved_by, minute.saved_at = actor.user_id, clock.now()
        return minute


def sent_last(last: MinutePage | None, sent: Sent) -> str | None:
    """What a page sent last of a box, unless the box was set to another version since."""
    return last.typed if last is not None and last.seen == sent.seen else None


def _texts(sent: Collection[Sent], minutes: Mapping[UUID, Minute]) -> dict[tuple[UUID, int], str]:
    """What the boxes were last set to: mostly what stands there still."""
    standing = {(item_id, minute.version): minute.text for item_id, minute in minutes.items()}
    wanted = [(one.item_id, one.seen) for one in sent if one.seen and (one.item_id, one.seen) not in standing]
    if not wanted:
        return standing
    rows = db.session.execute(
        select(MinuteVersion.item_id, MinuteVersion.number, MinuteVersion.text).where(
            tuple_(MinuteVersion.item_id, MinuteVersion.number).in_(wanted)
        )
    )
    return standing | {(row.item_id, row.number): row.text for row in rows}


def _keep_page(actor: Principal, meeting: Meeting, sent: Sent, last: MinutePage | None) -> None:
    """What this page sent last. The row of a page that has one is changed."""
    seq = sent.seq or (last.seq + 1 if last is not None else 1)
    if last is not None:
        last.seen, last.seq, last.typed, last.sent_at = sent.seen, seq, sent.typed, clock.now()
        return
    page = MinutePage(
        page=sent.page,
        item_id=sent.item_id,
        meeting_id=meeting.id,
        user_id=actor.user_id,
        seen=sent.seen,
        seq=seq,
        typed=sent.typed,
        sent_at=clock.now(),
    )
    db.session.add(page)


def put_back(*, actor: Principal, meeting: Meeting, item_id: UUID, version: int) -> Taken:
    """Put an earlier version of what was said under a heading back. What stood there stays in the history.

    Raises:
        as `take_in`; DomainError also: there is no such version, or it is not theirs to read.
    """
    earlier = db.session.get(MinuteVersion, (item_id, version))
    if earlier is None or earlier.meeting_id != meeting.id:
        raise DomainError("There is no such version. Choose one of those that are listed")
    return write_minute(actor=actor, meeting=meeting, item_id=item_id, text=earlier.text)


#: How long somebody counts as there after they were last heard of, and how often that is written.
STAYS, WRITTEN_EVERY = timedelta(seconds=25), timedelta(seconds=10)


def be_here(
    *, actor: Principal, meeting_id: UUID, page: UUID, item_id: UUID | None, known: Any = None
) -> None:
    """Say that somebody has the record of a meeting open, and in which box they are.

    Args:
        known: what was written of the page last (`item_id`, `seen_at`): the same is not written again.
    """
    now = clock.now()
    if known and known.item_id == item_id and known.seen_at >= now - WRITTEN_EVERY:
        return
    write = insert(MeetingPresence).values(
        page=page, meeting_id=meeting_id, user_id=actor.user_id, item_id=item_id, seen_at=now
    )
    mine = MeetingPresence.user_id == actor.user_id
    here = {"item_id": item_id, "seen_at": now}
    db.session.execute(
        write.on_conflict_do_update(index_elements=[MeetingPresence.page], set_=here, where=mine)
    )
