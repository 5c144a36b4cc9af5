"""Adding a file to a record, and withdrawing it. A file is seen as the record that it hangs on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from portal import clock
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found, require_text
from portal.changes.versions import insert_now, insert_with_reference
from portal.extensions import db
from portal.files import Unacceptable
from portal.files.sandbox import read_apart
from portal.files.scanner import Scanner
from portal.files.taken import CarriedFile, TakenFile, shown_name
from portal.messages.telling import About, tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.references import Prefix
from portal.records.attachments.model import Attachment, AttachmentContent
from portal.records.attachments.scanning import hold_file, look_at, record_file, record_of
from portal.records.attachments.vocabulary import (
    ADDED,
    PICTURES,
    WITHDRAWN,
    AttachmentHolder,
    AttachmentState,
    FileKind,
)
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.meetings.chairing import case_of, require_running
from portal.records.meetings.model import Meeting
from portal.records.missing.model import MissingEpisode
from portal.records.missing.telling import tell_added
from portal.records.referrals.drafts import lock_draft
from portal.records.referrals.model import Referral
from portal.records.requests.answering import is_asked
from portal.records.requests.model import InformationAnswer, InformationRequest

#: So many files hang on one record; more belong into one document, or onto another record.
MOST = 20

HARMFUL = (
    "A virus or something else harmful was found in this file. Nothing of it was kept. "
    "Do not open it on your own computer, and tell your IT support"
)


@dataclass(frozen=True)
class SentFile:
    """A file as somebody sent it.

    Args:
        name: as they call it.
        scanner: who looks for viruses; None where nobody does.
    """

    name: str
    content: bytes
    scanner: Scanner | None = None


def add_to_draft(
    *, actor: Principal, reference: str, file: SentFile, shows_source: bool = False
) -> Attachment:
    """Add a file to an information form that is not sent yet. It is sent with it.

    Args:
        shows_source: it may show who told the sender: only the author and coordinators see it.

    Raises:
        NotFound: no draft of the actor's has this reference.
        DomainError: the file is not taken; `field` is `file`.
    """
    require(actor, "referral:write")
    draft = or_not_found(
        db.session.scalar(select(Referral.id).filter_by(reference=reference, author_id=actor.user_id)),
        "There is no such draft",
    )
    return _add(
        actor,
        file,
        AttachmentHolder.REFERRAL,
        hold=lambda: lock_draft(actor, reference),  # it may be sent while the scanner looks
        referral_id=draft,
        shows_source=shows_source,
    )


def add_to_entry(*, actor: Principal, case: Case, entry: ChronologyEntry, file: SentFile) -> Attachment:
    """Add a file to an entry of the actor's agency; whoever reads the entry sees it.

    Raises:
        NotFound: the entry is another case's.
        Forbidden: the entry is another agency's.
        DomainError: as for `add_to_draft`.
    """
    if entry.case_id != case.id:
        raise NotFound("There is no such entry on this case")
    require(actor, "attachment:add", Facts(own_agency=entry.agency_id == actor.agency_id))
    return _add(actor, file, AttachmentHolder.ENTRY, entry_id=entry.id, case_id=case.id)


def add_to_answer(
    *, actor: Principal, request: InformationRequest, answer: InformationAnswer, file: SentFile
) -> Attachment:
    """Add a file to what the actor's agency answered.

    Raises:
        NotFound: the answer is to another question, or another agency's.
        Forbidden: the actor is not asked.
        DomainError: as for `add_to_draft`, or the answer was that nothing is held.
    """
    require(actor, "request:answer", Facts(receiver=is_asked(actor, request)))
    if answer.request_id != request.id or answer.agency_id != actor.agency_id:
        raise NotFound("There is no such answer")
    if answer.nothing_held:
        raise DomainError("Your agency answered that it holds nothing. Add to the answer first", field="file")
    return _add(actor, file, AttachmentHolder.ANSWER, answer_id=answer.id, case_id=answer.case_id)


def add_to_meeting(*, actor: Principal, meeting: Meeting, case_id: UUID | None, file: SentFile) -> Attachment:
    """Add a file to a meeting: on one of its children, or for whoever runs the whole of it.

    Raises:
        Forbidden: the actor does not run the meeting.
        NotFound: the meeting is not on that case, or it is not theirs to read.
        DomainError: as for `add_to_draft`.
    """
    require_running(actor, meeting)
    if case_id is not None:
        case_of(meeting=meeting, case_id=case_id)
    return _add(actor, file, AttachmentHolder.MEETING, meeting_id=meeting.id, case_id=case_id)


def add_picture(*, actor: Principal, episode: MissingEpisode, file: SentFile, sending: str) -> Attachment:
    """Add a picture of a child who is missing to the episode; whoever reads the episode sees it. While the
    child is missing, whoever looks for them is told that something was added, and not what.

    Args:
        sending: what is the same of all pictures that were chosen at once: of these they are told once.

    Raises:
        DomainError: the file is no picture, the episode was withdrawn, or as for `add_to_draft`.
    """
    require(actor, "missing:change")
    if episode.withdrawn_at is not None:
        raise DomainError("This episode was withdrawn. It stands as it is", field="file")
    # What somebody called it may give away what must not be disclosed (ADR 34). To ask whoever merely looks
    # for the child would tell them that the portal knows it: nobody is asked, and the name is not kept.
    number = db.session.scalar(select(func.count(Attachment.id)).filter_by(episode_id=episode.id)) or 0
    file = replace(file, name=f"Picture {number + 1}")
    holder = AttachmentHolder.EPISODE
    return _add(actor, file, holder, only=PICTURES, sending=sending, episode_id=episode.id)


def take_out(*, actor: Principal, reference: str, attachment: Attachment) -> None:
    """Take a file out of a form that is not sent yet. That it was there stays on record.

    Raises:
        NotFound: no draft of the actor's has this reference, or the file is not on it.
    """
    require(actor, "referral:write")
    if lock_draft(actor, reference).id != attachment.referral_id:
        raise NotFound("There is no such file")
    if db.session.get(Attachment, attachment.id, populate_existing=True) is None:
        return  # the same button, pressed twice
    for part in db.session.scalars(select(Attachment).filter_by(part_of_id=attachment.id)):
        record_file("attachment:take_out", part)  # goes with the e-mail that it came with
    record_file("attachment:take_out", attachment)
    db.session.delete(attachment)
    db.session.flush()


def withdraw(*, actor: Principal, attachment: Attachment, reason: str) -> None:
    """Hide a file, with a reason that is shown in its place. It stays on record. An e-mail takes with it what
    came with it.

    Raises:
        Forbidden: another agency added it, and the actor does not run the meeting that it hangs on.
        DomainError: no reason was given, or somebody else withdrew it meanwhile.
    """
    require(actor, "attachment:withdraw", withdrawing_facts(actor, attachment))
    reason = require_text(reason, "Say why you withdraw it", field="reason")
    held = hold_file(attachment)
    if held is None or held.removed_at is not None:
        raise DomainError("Somebody has just withdrawn this file")
    carried = db.session.scalars(select(Attachment).filter_by(part_of_id=held.id, removed_at=None))
    for one in (held, *(found for part in carried if (found := hold_file(part)))):
        one.removed_at, one.removed_by, one.removed_reason = clock.now(), actor.user_id, reason
        db.session.flush()
        record_file("attachment:withdraw", one)
    _tell_who_has_a_copy(actor, held)


def _tell_who_has_a_copy(actor: Principal, withdrawn: Attachment) -> None:
    """Whoever took the file, or what came with it, out of the portal: also who sees its record no more."""
    about = record_of(withdrawn)
    if about is not None:
        copied = db.session.scalars(select(func.ctx.copied_file(withdrawn.id)))
        given = {Ground.COPIED: to_people(*copied)}
        tell(actor=actor, event=WITHDRAWN, about=about, given=given, once=withdrawn.reference)


def withdrawing_facts(actor: Principal, attachment: Attachment) -> Facts:
    """What decides whether somebody may withdraw a file."""
    meeting = db.session.get(Meeting, attachment.meeting_id) if attachment.meeting_id else None
    return Facts(
        own_agency=attachment.added_agency_id == actor.agency_id,
        runs_meeting=meeting is not None and actor.user_id in {meeting.chair_id, meeting.note_taker_id},
    )


def _add(
    actor: Principal,
    file: SentFile,
    holder: AttachmentHolder,
    *,
    hold: Callable[[], object] = lambda: None,
    shows_source: bool = False,
    only: frozenset[FileKind] = frozenset(FileKind),
    sending: str = "",
    **links: UUID | None,
) -> Attachment:
    digest = sha256(file.content).hexdigest()
    there = db.session.scalars(select(Attachment).where(*_hanging_on(links))).all()
    standing = [one for one in there if one.removed_at is None]
    if same := next((one for one in standing if one.digest == digest), None):
        return same  # a form that is sent twice
    room = MOST - len([one for one in standing if one.state != AttachmentState.REFUSED])
    if room <= 0:
        raise DomainError(f"There are {MOST} files here already, and no more fit", field="file")
    # As it came: what is drawn anew may no longer show what was hidden in it. What is harmful nobody reads.
    state = look_at(file.content, file.scanner)
    taken = TakenFile(FileKind.UNKNOWN, b"") if state is AttachmentState.REFUSED else _read(file)
    if taken.kind not in {*only, FileKind.UNKNOWN}:
        raise DomainError("Choose a picture: JPEG, PNG, WebP or HEIC", field="file")
    if 1 + len(taken.parts) > room:
        raise DomainError(
            f"This e-mail and what it carries are {1 + len(taken.parts)} files, and {room} more fit here",
            field="file",
        )
    states = _states_of(taken.parts, state, file.scanner)
    hold()
    facts = links | {"holder": holder, "shows_source": shows_source}
    added = _keep(actor, file, state, taken, facts)
    for part, its_state in zip(taken.parts, states, strict=True):
        _keep(actor, SentFile(part.name, part.sent), its_state, part.taken, facts | {"part_of_id": added.id})
    if state is not AttachmentState.REFUSED:
        _tell_of_file(actor, added, sending)
    return added


def _tell_of_file(actor: Principal, added: Attachment, sending: str) -> None:
    """It is news on the case for whoever sees the file: of one on an entry, for the readers of that entry. Of
    a picture of a child who is missing now whoever looks for them hears, as of all that is added; of several
    that somebody chose at once they hear once.
    """
    about = record_of(added)
    if about is None or added.holder == AttachmentHolder.REFERRAL:
        return
    if added.entry_id is not None:
        about = About("chronology_entry", added.entry_id, about.reference, added.case_id)
    tell(actor=actor, event=ADDED, about=about, once=added.reference)
    if added.episode_id is not None:
        tell_added(
            actor=actor,
            episode=db.session.get_one(MissingEpisode, added.episode_id),
            once=f"{actor.user_id}:{sending}",
        )


def _states_of(
    parts: Sequence[CarriedFile], whole: AttachmentState, scanner: Scanner | None
) -> list[AttachmentState]:
    """What the scanner says of each file in an e-mail; once it does not answer, the rest waits."""
    states: list[AttachmentState] = []
    for part in parts:
        waits = AttachmentState.QUARANTINED in {whole, *states}
        states.append(AttachmentState.QUARANTINED if waits else look_at(part.sent, scanner))
    return states


def _keep(
    actor: Principal,
    file: SentFile,
    state: AttachmentState,
    taken: TakenFile,
    facts: Mapping[str, Any],
) -> Attachment:
    """Write a file down as it is kept; of one that was refused the row alone."""
    now = clock.now()
    added = insert_with_reference(
        Attachment(
            id=new_id(),
            name=shown_name(file.name, taken.kind),
            kind=taken.kind,
            size=len(taken.content or file.content),
            digest=sha256(file.content).hexdigest(),
            state=state,
            checked_at=None if state in {AttachmentState.QUARANTINED, AttachmentState.NOT_SCANNED} else now,
            left_out=taken.left_out,
            added_by=actor.user_id,
            added_agency_id=actor.agency_id,
            added_at=now,
            **facts,
        ),
        Prefix.ATTACHMENT,
        "The file could not be given a reference. Try again",
        field="file",
    )
    if state is not AttachmentState.REFUSED:
        insert_now(AttachmentContent(attachment_id=added.id, content=taken.content))
    record_file("attachment:add", added, state=state.value, holder=added.holder)
    return added


def _read(file: SentFile) -> TakenFile:
    try:
        return read_apart(file.content)
    except Unacceptable as refused:
        raise DomainError(refused.reason, field="file") from refused


def _hanging_on(links: dict[str, UUID | None]) -> list[ColumnElement[bool]]:
    return [getattr(Attachment, column) == value for column, value in links.items() if value is not None]
