"""Files on records, as if they had been added and looked at."""

from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.attachments.vocabulary import AttachmentHolder, AttachmentState, FileKind
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.vocabulary import Handling
from portal.records.meetings.model import Meeting
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.requests.model import InformationAnswer

CONTENT = b"%PDF-1.7 what is in the file"


def make_file(
    rows: Session,
    on: Referral | InformationAnswer | ChronologyEntry | MissingEpisode | Meeting,
    by: User,
    *,
    case: Case | None = None,
    content: bytes = CONTENT,
    state: AttachmentState = AttachmentState.CLEAN,
    **more: Any,
) -> Attachment:
    """A file on a record.

    Args:
        case: for a meeting, the child that it is about.
    """
    match on:
        case Referral():
            links: dict[str, Any] = {"holder": AttachmentHolder.REFERRAL, "referral_id": on.id}
        case InformationAnswer():
            links = {"holder": AttachmentHolder.ANSWER, "answer_id": on.id, "case_id": on.case_id}
        case ChronologyEntry():
            links = {"holder": AttachmentHolder.ENTRY, "entry_id": on.id, "case_id": on.case_id}
        case MissingEpisode():
            links = {"holder": AttachmentHolder.EPISODE, "episode_id": on.id}
        case _:
            links = {
                "holder": AttachmentHolder.MEETING,
                "meeting_id": on.id,
                "case_id": case.id if case else None,
            }
    facts: dict[str, Any] = {"name": "Letter", "kind": FileKind.PDF} | links | more
    file = Attachment(
        id=new_id(),
        reference=new_reference(Prefix.ATTACHMENT),
        size=len(content),
        digest=sha256(content).hexdigest(),
        state=state,
        added_by=by.id,
        added_agency_id=by.agency_id,
        added_at=clock.now(),
        **facts,
    )
    rows.add(file)
    rows.flush()
    if state is not AttachmentState.REFUSED:
        rows.add(AttachmentContent(attachment_id=file.id, content=content))
    rows.commit()
    return file


def make_answer_text(
    rows: Session, asked: Any, by: User, text: str = "We know the family."
) -> InformationAnswer:
    """What somebody answered for the network."""
    answer = InformationAnswer(
        id=new_id(),
        request_id=asked.id,
        case_id=asked.case_id,
        author_id=by.id,
        agency_id=by.agency_id,
        text=text,
        handling=Handling.NETWORK,
        listed_agencies=[],
        answered_at=clock.now(),
    )
    rows.add(answer)
    rows.commit()
    return answer
