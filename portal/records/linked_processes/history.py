"""What happened to a linked process: its own history, and the trail."""

from uuid import UUID

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.records.entries.citations import refuse_held_words
from portal.records.linked_processes.model import LinkedNote, LinkedProcess
from portal.records.linked_processes.vocabulary import LinkedNoteKind
from portal.vocabulary.uses import Use


def write_note(
    *,
    actor: Principal,
    process: LinkedProcess,
    kind: LinkedNoteKind,
    words: str = "",
    before: str = "",
    after: str = "",
) -> LinkedNote:
    """Add to the history of a process."""
    note = LinkedNote(
        id=new_id(),
        process_id=process.id,
        case_id=process.case_id,
        kind=kind,
        before=before,
        after=after,
        words=words.strip(),
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        written_at=clock.now(),
    )
    db.session.add(note)
    db.session.flush()
    return note


def record(process: LinkedProcess, verb: str, **details: str) -> None:
    """A row in the trail."""
    audit.record(
        verb,
        subject_kind="linked_process",
        subject_id=process.id,
        child_id=process.child_id,
        case_id=process.case_id,
        **details,
    )


def refuse_held(actor: Principal, case_id: UUID, words: str) -> None:
    """Everybody who works on the case reads what is said of a process: what an entry holds back is not typed
    into it again.

    Raises:
        DomainError: it is.
    """
    refuse_held_words(texts={"words": words}, use=Use.CITE, case_ids=[case_id], holder=actor.agency_id)
