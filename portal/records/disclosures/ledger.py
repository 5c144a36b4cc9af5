"""Lines on the sharing ledger: files taken out, what is read at a page of its own, and receipts."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.versions import insert_now, lock_row
from portal.deadlines.changes import finish_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.references import Prefix, new_reference
from portal.records.disclosures.facts import about_disclosure
from portal.records.disclosures.model import Disclosure, DisclosureText, TakenCopy
from portal.records.disclosures.vocabulary import CONFIRMED, CopyKind, SharingDecision
from portal.vocabulary import TriageColour


def new_copy_reference() -> str:
    """The reference of a file that is about to be made, so that it can stand in the file itself."""
    return new_reference(Prefix.COPY)


def record_copy(
    *,
    actor: Principal,
    kind: CopyKind,
    subject_id: UUID,
    subject_reference: str,
    content: bytes,
    case_ids: Iterable[UUID] = (),
    reference: str | None = None,
) -> str:
    """Put on the ledger that the actor takes a file, in the transaction that answers with it.

    Whether they may have it is settled before: a refusal leaves no row.

    Args:
        subject_id, subject_reference: the record that the file is a copy of.
        content: the file, of which the digest and the size are kept.
        case_ids: the cases that it is on; none for what belongs to no case.
        reference: from `new_copy_reference`, where it stands in the file.

    Returns:
        The reference of the copy.
    """
    found = reference or new_copy_reference()
    digest, now = sha256(content).hexdigest(), clock.now()
    db.session.add_all(
        TakenCopy(
            reference=found,
            kind=kind,
            subject_id=subject_id,
            subject_reference=subject_reference,
            case_id=case_id,
            taken_by=actor.user_id,
            taken_agency_id=actor.agency_id,
            taken_at=now,
            digest=digest,
            size=len(content),
        )
        for case_id in dict.fromkeys(case_ids) or (None,)
    )
    db.session.flush()
    return found


#: Under which heads of policy `sharing` these are given: always these, so nobody is asked.
PURPOSE, BASIS = "protect_child", "public_task"


def put_on_ledger(
    *,
    actor: Principal,
    case_id: UUID | None,
    agency_id: UUID | None,
    team_id: UUID | None,
    person_id: UUID | None,
    decision: SharingDecision,
    reason: str,
    words: str,
) -> UUID:
    """Write that the actor gave an agency, its team or a person something.

    Args:
        decision: whether all of it was shared, or a part.
        words: what it is and where it is read; never what it says.

    Returns:
        the identifier of the line.
    """
    line = Disclosure(
        reference=new_reference(Prefix.DISCLOSURE),
        case_id=case_id,
        giver_id=actor.user_id,
        giver_agency_id=actor.agency_id,
        receiver_agency_id=agency_id,
        receiver_team_id=team_id,
        receiver_id=person_id,
        decision=decision,
        purpose=PURPOSE,
        basis=BASIS,
        reason=reason,
        colour=TriageColour.GREEN,
        decided_at=clock.now(),
    )
    insert_now(line)
    insert_now(DisclosureText(disclosure_id=line.id, text=words))
    return line.id


def confirm_receipt(*, actor: Principal, disclosure: Disclosure, by_opening: bool = False) -> None:
    """Say that the actor's team has what it was told. A second time changes nothing.

    Args:
        by_opening: nobody pressed a button: they opened it, and no more is said of it.

    Raises:
        Forbidden: it was not told to the actor, a team of theirs, or the agency that they manage.
    """
    require(actor, "disclosure:confirm", Facts(receiver=is_receiver(actor, disclosure)))
    lock_row(disclosure)
    if disclosure.confirmed_at is not None:
        return
    disclosure.confirmed_at = clock.now()
    disclosure.confirmed_by = actor.user_id
    disclosure.was_opened = by_opening
    db.session.flush()
    finish_deadlines(subject=disclosure, kind=DeadlineKind.RECEIPT)
    audit.record("disclosure:confirm", disclosure, case_id=disclosure.case_id)
    given = {Ground.GIVER: to_people(disclosure.giver_id)}
    tell(actor=actor, event=CONFIRMED, about=about_disclosure(disclosure), given=given)


def open_given(*, actor: Principal, copies: type[Any], which: ColumnElement[bool]) -> bool:
    """Note that the actor opens what was given to them or to their team. The first opening is kept on each
    copy, and stands on its line of the ledger as an opening: nobody has said that they have it.

    Row security lets one open only what was given to oneself.

    Args:
        copies: the table of what was given, with a line on the ledger each.
        which: those that are opened.

    Returns:
        Whether it was the first opening of any.
    """
    now = clock.now()
    opened = db.session.execute(
        update(copies)
        .where(which, copies.opened_at.is_(None))
        .values(opened_at=now, opened_by=actor.user_id)
        .returning(copies.disclosure_id)
        .execution_options(synchronize_session=False)
    ).all()
    if lines := [row.disclosure_id for row in opened if row.disclosure_id]:
        db.session.execute(
            update(Disclosure)
            .where(Disclosure.id.in_(lines), Disclosure.confirmed_at.is_(None))
            .values(confirmed_at=now, confirmed_by=actor.user_id, was_opened=True)
            .execution_options(synchronize_session=False)
        )
    return bool(opened)


def is_receiver(person: Principal, disclosure: Disclosure) -> bool:
    """Whether something was told to a person, to a team of theirs, or to the agency that they manage."""
    told = {disclosure.receiver_id, disclosure.receiver_team_id, disclosure.receiver_agency_id}
    return bool(told & person.readers)
