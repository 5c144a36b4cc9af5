"""Opening a file, and having it looked at before.

Where a scanner is set, a file that it has not called clean stays shut; it is asked when the file arrives and,
where it did not answer, each time that somebody wants to open it.
"""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Forbidden, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.files.scanner import Scanner, ScannerAway
from portal.messages.telling import About, tell, to_people
from portal.messages.vocabulary import Ground
from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.attachments.vocabulary import REFUSED, AttachmentState
from portal.records.cases.model import Case
from portal.records.disclosures.ledger import record_copy
from portal.records.disclosures.vocabulary import CopyKind
from portal.records.entries.reading.citations import held_from
from portal.records.meetings.model import Meeting
from portal.records.missing.model import MissingEpisode
from portal.records.referrals.model import Referral
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.vocabulary import Use


def open_file(*, actor: Principal, attachment: Attachment, scanner: Scanner | None) -> bytes | None:
    """What is in a file, for somebody who takes it out of the portal; it goes onto the sharing ledger.

    Returns:
        None where it stays shut: it was withdrawn or refused, or it waits for the scanner still.

    Raises:
        Forbidden: it is on an entry whose words may not leave as a file, and another agency's.
    """
    content = _opened(actor, attachment, scanner)
    if content is None:
        return None
    record_copy(
        actor=actor,
        kind=CopyKind.ATTACHMENT,
        subject_id=attachment.id,
        subject_reference=attachment.reference,
        content=content,
        case_ids=[attachment.case_id] if attachment.case_id else (),
    )
    record_file("attachment:open", attachment, state=attachment.state)
    return content


def show_on_page(*, actor: Principal, attachment: Attachment, scanner: Scanner | None) -> bytes | None:
    """What a page of the portal shows of a file, a picture or the words of an e-mail: looking at the page is
    what goes on record.

    Returns:
        None where it stays shut, as for `open_file`.
    """
    return _opened(actor, attachment, scanner)


def _opened(actor: Principal, attachment: Attachment, scanner: Scanner | None) -> bytes | None:
    require(actor, "attachment:view")
    _refuse_held(actor, attachment)
    if attachment.removed_at is None and _wants_a_look(attachment, scanner):
        _have_looked_at(actor, attachment, scanner)
    content = _content(attachment) if _is_open(attachment, scanner) else None
    if content is None:
        record_file("attachment:shut", attachment, state=attachment.state)
    return content


def _refuse_held(actor: Principal, attachment: Attachment) -> None:
    """A file leaves by being opened: one on words that may not leave stays with the agency that added it."""
    if attachment.entry_id is None or attachment.added_agency_id == actor.agency_id:
        return
    held = held_from(entry_ids=[attachment.entry_id], use=Use.EXPORT)
    if attachment.entry_id in held:
        raise Forbidden(held[attachment.entry_id])


def _is_open(attachment: Attachment, scanner: Scanner | None) -> bool:
    open_states = {AttachmentState.CLEAN} | (set() if scanner else {AttachmentState.NOT_SCANNED})
    return attachment.removed_at is None and attachment.state in open_states


def _wants_a_look(attachment: Attachment, scanner: Scanner | None) -> bool:
    unseen = {AttachmentState.QUARANTINED, AttachmentState.NOT_SCANNED}
    return scanner is not None and attachment.state in unseen


def _have_looked_at(actor: Principal, attachment: Attachment, scanner: Scanner | None) -> None:
    """Ask the scanner about a file that is here already, and keep what it says."""
    db.session.execute(select(func.set_config("portal.checking", str(attachment.id), True)))
    content = _content(attachment)
    db.session.execute(select(func.set_config("portal.checking", "", True)))
    if content is None:
        return
    state = look_at(content, scanner)
    if state is AttachmentState.QUARANTINED:
        return
    held = hold_file(attachment)
    if held is not None and _wants_a_look(held, scanner):
        held.state, held.checked_at = state, clock.now()
        db.session.flush()
        record_file("attachment:check", held, state=state.value)
        if state is AttachmentState.REFUSED:
            _tell_who_added_it(actor, held)


def _tell_who_added_it(actor: Principal, attachment: Attachment) -> None:
    """They were not told on the page: the scanner did not answer then."""
    about = record_of(attachment)
    if about is not None:
        given = {Ground.AUTHOR: to_people(attachment.added_by)}
        tell(actor=actor, event=REFUSED, about=about, given=given, once=attachment.reference)


def record_of(attachment: Attachment) -> About | None:
    """The record that a file hangs on, for a message, as far as whoever acts sees it."""
    answer = select(InformationAnswer.request_id).where(InformationAnswer.id == attachment.answer_id)
    holders: dict[str, tuple[type[Any], ColumnElement[bool]]] = {
        "referral": (Referral, Referral.id == attachment.referral_id),
        "answer": (InformationRequest, InformationRequest.id.in_(answer)),
        "entry": (Case, Case.id == attachment.case_id),
        "meeting": (Meeting, Meeting.id == attachment.meeting_id),
        "episode": (MissingEpisode, MissingEpisode.id == attachment.episode_id),
    }
    model, which = holders[attachment.holder]
    found = db.session.scalar(select(model).where(which))
    return About(model.__tablename__, found.id, found.reference, attachment.case_id) if found else None


def look_at(content: bytes, scanner: Scanner | None) -> AttachmentState:
    """What a scanner, if there is one, says of a file; a scanner that does not answer leaves it waiting."""
    if scanner is None:
        return AttachmentState.NOT_SCANNED
    try:
        verdict = scanner.scan(content)
    except ScannerAway:
        return AttachmentState.QUARANTINED
    return AttachmentState.CLEAN if verdict.clean else AttachmentState.REFUSED


def hold_file(attachment: Attachment) -> Attachment | None:
    """A file as it is now, held until the end of the transaction; none once it was withdrawn."""
    return db.session.scalars(
        select(Attachment)
        .where(Attachment.id == attachment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _content(attachment: Attachment) -> bytes | None:
    return db.session.scalar(select(AttachmentContent.content).filter_by(attachment_id=attachment.id))


def record_file(action: str, attachment: Attachment, **details: Any) -> None:
    """Leave a row on the trail of what was done with a file."""
    case = db.session.get(Case, attachment.case_id) if attachment.case_id else None
    audit.record(
        action,
        attachment,
        case_id=attachment.case_id,
        child_id=case.child_id if case else None,
        reference=attachment.reference,
        **details,
    )
