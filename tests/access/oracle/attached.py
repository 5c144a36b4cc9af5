"""Files on records of a random world, and who sees them, from the words of the design: as the record.

What may show who told the sender is for the author of the form and for coordinators. A file has no content
for anybody while it waits for the scanner, once it was refused, or once it was withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row

from portal.model import new_id
from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.attachments.vocabulary import AttachmentState
from portal.records.cases.model import ChronologyEntry
from portal.records.meetings.model import MeetingPaper
from portal.records.missing.model import MissingEpisode
from portal.records.requests.model import InformationAnswer
from tests.access.oracle import gatherings, picture
from tests.access.oracle.world import World

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

R = Row[Any]

STATES = tuple(AttachmentState)
OPEN = ("clean", "not_scanned")


def rules(who: Person, answer: Callable[[R], bool]) -> dict[str, Callable[[R], bool]]:
    """The rule of both tables.

    Args:
        answer: the rule of answers to questions.
    """

    def on_form(row: R) -> bool:
        if not row.shows_source:
            return who.referral(row.referral_id)
        wrote = who.user is not None and who.wrote(who.truth.one("referral", row.referral_id))
        return wrote or who.triages(row.referral_id)

    def on_entry(row: R) -> bool:
        entry = who.truth.one("chronology_entry", row.entry_id)
        return who.handled(entry) and who.full(entry.case_id)

    def on_meeting(row: R) -> bool:
        return gatherings.runs(who, row.meeting_id) if row.case_id is None else who.full(row.case_id)

    by_holder: dict[str, Callable[[R], bool]] = {
        "referral": on_form,
        "answer": lambda row: answer(who.truth.one("information_answer", row.answer_id)),
        "entry": on_entry,
        "meeting": on_meeting,
        "episode": lambda row: picture.episode(who, who.truth.one("missing_episode", row.episode_id)),
    }

    def seen(row: R) -> bool:
        return by_holder[row.holder](row)

    def content(row: R) -> bool:
        file = who.truth.one("attachment", row.attachment_id)
        return file.removed_at is None and file.state in OPEN and seen(file)

    return {"attachment": seen, "attachment_content": content}


def attach(world: World) -> None:
    """A file on every form, answer, entry and meeting, in turn in every state, some of them withdrawn."""
    for n, (holder, links) in enumerate(_holders(world)):
        state = STATES[n % len(STATES)]
        person = world.users[n % len(world.users)]
        gone = n % 7 == 3
        file = Attachment(
            id=new_id(),
            reference=world.reference("ATT"),
            holder=holder,
            shows_source=holder == "referral" and n % 5 < 3,  # drafts are every third
            name="A file.pdf",
            kind="pdf",
            size=1,
            digest="0",
            state=state,
            added_by=person.id,
            added_agency_id=person.agency_id,
            added_at=world.past(),
            removed_at=world.now if gone else None,
            removed_by=person.id if gone else None,
            removed_reason="Wrong file" if gone else None,
            **links,
        )
        world.add(file)
        if state is not AttachmentState.REFUSED:
            world.add(AttachmentContent(attachment_id=file.id, content=b"content"))


def _holders(world: World) -> Iterator[tuple[str, dict[str, UUID | None]]]:
    rows = world.rows
    for referral in world.referrals:
        yield "referral", {"referral_id": referral.id}
    for answer in rows.query(InformationAnswer).order_by(InformationAnswer.id).limit(60):
        yield "answer", {"answer_id": answer.id, "case_id": answer.case_id}
    for entry in rows.query(ChronologyEntry).order_by(ChronologyEntry.id):
        yield "entry", {"entry_id": entry.id, "case_id": entry.case_id}
    for episode in rows.query(MissingEpisode).order_by(MissingEpisode.id).limit(60):
        yield "episode", {"episode_id": episode.id}
    for paper in rows.query(MeetingPaper).order_by(MeetingPaper.id):
        yield "meeting", {"meeting_id": paper.meeting_id, "case_id": paper.case_id}
