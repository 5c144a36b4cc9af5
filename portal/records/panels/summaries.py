"""The summary of an item: written by somebody who works on it, read by a coordinator before the panel."""

from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions, require_text
from portal.changes.versions import insert_now
from portal.extensions import db
from portal.messages.telling import NOBODY, tell, to_people
from portal.messages.vocabulary import Ground
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.meetings.model import Meeting
from portal.records.panels.model import PanelItem, PanelSummary
from portal.records.panels.papers import have_papers, share, tell_invited
from portal.records.panels.proposals import owe_again
from portal.records.panels.records import about_item, hear_of, held_fast, record, require_not_over
from portal.records.panels.rules import LONGEST, LONGEST_HEADING
from portal.records.panels.vocabulary import (
    SUMMARY_RENEWED,
    SUMMARY_RETURNED,
    SUMMARY_WRITTEN,
    PanelItemState,
)
from portal.vocabulary import Use

_OPEN = (PanelItemState.PROPOSED, PanelItemState.ON, PanelItemState.DISCUSSED)


def write_summary(
    *,
    actor: Principal,
    item: PanelItem,
    about: str,
    heading: str,
    text: str,
    asks: str,
    seen: int,
    meeting: Meeting | None = None,
) -> PanelSummary:
    """Write what the panel reads about an item. What was written before stays; the newest waits to be read.

    Args:
        about: what sort of thing it is about, in the words of its kind.
        heading: how the panel's members know whom or what it is about.
        asks: what the panel is asked to do.
        seen: the number of the summary that the page was opened with; 0 for none.
        meeting: the panel that the item is on, where the actor knows of it.

    Raises:
        Forbidden: the actor may not.
        Conflict: somebody else wrote one meanwhile.
        DomainError: words are missing or too many, repeat what is not passed on, or the item is over.
    """
    require(actor, "panel:summarise")
    if meeting is not None:
        require_not_over(meeting)
    held_fast(item)
    if item.state not in _OPEN:
        raise DomainError(f"This item is: {PanelItemState(item.state).label.lower()}")
    words = _checked(heading, text, asks)
    check_no_restricted_quotes(
        texts={"text": text, "asks": asks, "heading": heading},
        case_ids=[item.case_id] if item.case_id else [],
        child_ids=[item.child_id] if item.child_id else [],
        use=Use.PASS_ON,
    )
    newest = latest(item=item)
    number = newest.number if newest else 0
    if newest and (newest.heading, newest.text, newest.asks) == words and not newest.returned_at:
        return newest  # a form that was sent twice
    if number != seen:
        raise Conflict(
            "Somebody else wrote the summary while you were working on it. Look at both and save again",
            Versions(in_words(newest), dict(zip(_FIELDS, words, strict=True)), number),
        )
    summary = PanelSummary(
        item_id=item.id,
        reference=item.reference,
        number=number + 1,
        about=about,
        heading=words[0],
        text=words[1],
        asks=words[2],
        written_by=actor.user_id,
        written_agency_id=actor.agency_id,
        written_at=clock.now(),
    )
    insert_now(summary)
    record("panel:summarise", item, number=str(summary.number))
    owe_again(actor=actor, meeting=meeting, item=item)
    _tell_reader(actor, item, summary)
    return summary


def _tell_reader(actor: Principal, item: PanelItem, summary: PanelSummary) -> None:
    """The coordinator who owes the reading, or the hub; nobody while the item is on no agenda."""
    if item.state == PanelItemState.PROPOSED:
        return
    given = hear_of(item.id)
    if Ground.OWNER in given:
        given[Ground.HUB] = NOBODY
    once = str(summary.number)
    tell(actor=actor, event=SUMMARY_WRITTEN, about=about_item(item), given=given, once=once)


def release(
    *, actor: Principal, item: PanelItem, summary: PanelSummary, meeting: Meeting | None = None
) -> None:
    """A coordinator has read the summary: the panel may. Where its papers are out, its members read it now.

    Raises:
        Forbidden: the actor is no coordinator.
        DomainError: it was read or given back already, or a newer one waits.
    """
    _require_waiting(actor, item, summary)
    summary.read_by, summary.read_at = actor.user_id, clock.now()
    db.session.flush()
    record("panel:release", item, number=str(summary.number))
    if meeting is not None:
        had = have_papers(meeting=meeting)
        share(actor=actor, meeting=meeting)
        once = str(summary.id)
        tell_invited(actor=actor, event=SUMMARY_RENEWED, meeting=meeting, invited=had, once=once)


def give_back(*, actor: Principal, item: PanelItem, summary: PanelSummary, words: str) -> None:
    """A coordinator gives a summary back to whoever wrote it, and says what has to change.

    Raises:
        as `release`; DomainError also without words.
    """
    words = require_text(words, "Say what has to change", field="words")
    _require_waiting(actor, item, summary)
    summary.returned_by, summary.returned_at = actor.user_id, clock.now()
    summary.returned_words = words
    db.session.flush()
    record("panel:give_back", item, number=str(summary.number))
    writer = {Ground.AUTHOR: to_people(summary.written_by)}
    once = str(summary.number)
    begins = starts(item=item)
    tell(
        actor=actor,
        event=SUMMARY_RETURNED,
        about=about_item(item),
        given=writer,
        once=once,
        before=begins,
    )


def starts(*, item: PanelItem) -> datetime | None:
    """When the panel begins on whose agenda an item is, where the person who asks sees that panel."""
    meeting = db.session.get(Meeting, item.meeting_id) if item.meeting_id else None
    return meeting.starts_at if meeting else None


def latest(*, item: PanelItem) -> PanelSummary | None:
    """The newest summary of an item."""
    return db.session.scalar(
        select(PanelSummary)
        .where(PanelSummary.item_id == item.id)
        .order_by(PanelSummary.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


_FIELDS = ("Heading", "Summary", "What the panel is asked")


def in_words(summary: PanelSummary | None) -> dict[str, str]:
    """A summary as both versions are shown."""
    said = (summary.heading, summary.text, summary.asks) if summary else ("", "", "")
    return dict(zip(_FIELDS, said, strict=True))


def _checked(heading: str, text: str, asks: str) -> tuple[str, str, str]:
    words = (
        " ".join(heading.split()),
        text.replace("\r\n", "\n").strip(),
        asks.replace("\r\n", "\n").strip(),
    )
    for field, said, most, missing in (
        ("heading", words[0], LONGEST_HEADING, "Write how the panel knows whom or what it is about"),
        ("text", words[1], LONGEST, "Write the summary"),
        ("asks", words[2], LONGEST, "Write what the panel is asked to do"),
    ):
        if not said:
            raise DomainError(missing, field=field)
        if len(said) > most:
            raise DomainError(f"Use {most:,} characters or fewer: it is a summary", field=field)
    return words


def _require_waiting(actor: Principal, item: PanelItem, summary: PanelSummary) -> None:
    require(actor, "panel:release")
    held_fast(item)
    if item.state not in _OPEN:
        raise DomainError(f"This item is: {PanelItemState(item.state).label.lower()}")
    db.session.refresh(summary)
    newest = latest(item=item)
    if newest is None or newest.id != summary.id:
        raise DomainError("Somebody wrote a newer summary. Read that one")
    if summary.read_at is not None:
        raise DomainError("This summary is read already")
    if summary.returned_at is not None:
        raise DomainError("This summary was given back. Wait for the next one")
