"""What else is said of a linked process: a note, its reference in the other service, who sees to it."""

from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.linked_processes.history import record, refuse_held, write_note
from portal.records.linked_processes.holding import clock_of, hold, open_steps, require_to_step, said_words
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.owners import check_owner, owner_columns
from portal.records.linked_processes.vocabulary import LinkedNoteKind
from portal.records.people.model.agencies import Team
from portal.records.people.model.people import User
from portal.services.errors import DomainError


def add_note(*, actor: Principal, process: LinkedProcess, words: str) -> None:
    """Write how a process goes. Everybody who works on the case reads it.

    Raises:
        DomainError: there are no words.
    """
    require(actor, "linked:note")
    text = said_words(words, "Write how it goes")
    refuse_held(actor, process.case_id, text)
    write_note(actor=actor, process=process, kind=LinkedNoteKind.NOTE, words=text)
    record(process, "linked:note")


def set_reference(*, actor: Principal, process: LinkedProcess, reference: str, version: int) -> None:
    """Say the reference in the other service; what it was before stays in the history.

    Raises:
        Forbidden, Conflict: as for `take_step`.
        DomainError: there is none.
    """
    require_to_step(actor, process)
    hold(process, version, "Reference")
    write_reference(actor, process, said_words(reference, "Write the reference", field="their_reference"))
    process.version += 1
    db.session.flush()
    record(process, "linked:reference")


def hand_over(
    *, actor: Principal, process: LinkedProcess, owner: User | Team, reason: str, version: int
) -> None:
    """Somebody else sees to a process from now on, and to everything that is owed on it.

    Raises:
        Forbidden, Conflict: as for `take_step`.
        DomainError: it is a personal duty, there is no reason, or they cannot see to it.
    """
    require_to_step(actor, process)
    if process.personal:
        raise DomainError("This duty is personal. It cannot be handed over")
    hold(process, version, "Who sees to it")
    words = said_words(reason, "Say why somebody else sees to it")
    refuse_held(actor, process.case_id, words)
    check_owner(db.session.get_one(Case, process.case_id), owner)
    give_to(process=process, owner=owner)
    write_note(actor=actor, process=process, kind=LinkedNoteKind.OWNER, words=words, after=owner.name)
    process.version += 1
    db.session.flush()
    record(process, "linked:hand_over")


def give_to(*, process: LinkedProcess, owner: User | Team) -> None:
    """Write who sees to a process, with its clocks."""
    for name, value in owner_columns(owner).items():
        setattr(process, name, value)
    for step in open_steps(process):
        step.owner_agency_id = owner.agency_id
        if deadline := clock_of(step):
            deadline.owner_id, deadline.owner_team_id = process.owner_id, process.owner_team_id
            deadline.owner_agency_id = None
    db.session.flush()


def write_reference(actor: Principal, process: LinkedProcess, reference: str) -> None:
    """Write the reference in the other service; what it was before stays in the history.

    Raises:
        DomainError: it is too long.
    """
    if len(reference) > 100:  # noqa: PLR2004 - room for any reference
        raise DomainError("Shorten the reference to 100 characters", field="their_reference")
    if reference == process.their_reference:
        return
    before, process.their_reference = process.their_reference, reference
    db.session.flush()
    write_note(actor=actor, process=process, kind=LinkedNoteKind.REFERENCE, before=before, after=reference)
