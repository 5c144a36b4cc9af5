"""What an agency says of a child from a date: an address, phone, account, school, practice, carer.

A statement is never overwritten. Its agency says it again, and what was said before stands below it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from uuid import UUID

from sqlalchemy import Boolean, func, select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import insert_now, lock_row
from portal.extensions import db
from portal.messages.telling import NOBODY, around_case, of_agencies
from portal.messages.vocabulary import Ground
from portal.pathway.characters import read_postcode
from portal.records.children.model import Child, ChildStatement, StatementRelease
from portal.records.children.recording import write_name_keys
from portal.records.children.records import check_dates, check_own_agency, filled, leave_trace, release_facts
from portal.records.children.telling import open_cases, tell_of_child
from portal.records.children.vocabulary import HELD_BACK, LET_GO, STATED
from portal.vocabulary import StatementKind

#: Said where something is added below an alert, neither held back nor explained.
SAY_WHY = "Say why everybody who works with the child may see it although an alert says not to disclose it"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What an agency says is so.

    Args:
        code: what sort of address, phone, attendance or relationship, from policy `people`.
        value: the address, number, account, school, practice or person.
        detail: anything else about it, such as a carer's phone number.
        starts_on, ends_on: from when and until when it is so, as far as known.
        named_agencies: who may see it beside one's own agency when it must not be disclosed.
        seen_because: why everybody who works with the child may see it although an alert says otherwise.
        sender, sent_on: whose words they are, and when they came, where they came by an information form.
    """

    kind: StatementKind
    value: str
    code: str | None = None
    postcode: str | None = None
    detail: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    do_not_disclose: bool = False
    named_agencies: Sequence[UUID] = ()
    seen_because: str = ""
    sender: str = ""
    sent_on: date | None = None


def add_statement(
    *, actor: Principal, child: Child, said: Said, replaces: ChildStatement | None = None
) -> ChildStatement:
    """Add what the actor's agency says, beside whatever others say.

    Args:
        replaces: an earlier statement of the same agency which this one says again.

    Raises:
        Forbidden: another agency said it.
        DomainError: a value cannot be right, or an alert on the child says that this is not disclosed and
            nobody says why it may be; `field` says which.
    """
    require(actor, "child:state")
    if replaces is not None:
        check_own_agency(actor, replaces.agency_id)
    check_dates(said.starts_on, said.ends_on)
    lock_row(child)  # whoever sets an alert at the same time takes their turn
    bound = not said.do_not_disclose and must_hold_back(child_id=child.id, kind=said.kind)
    if bound and not said.seen_because.strip():
        raise DomainError(SAY_WHY, field="seen_because")
    statement = ChildStatement(
        child_id=child.id,
        agency_id=actor.agency_id,
        author_id=actor.user_id,
        kind=said.kind,
        code=said.code or None,
        value=filled(said.value, "value"),
        postcode=_postcode(said.postcode),
        detail=(said.detail or "").strip() or None,
        starts_on=said.starts_on,
        ends_on=said.ends_on,
        do_not_disclose=said.do_not_disclose or bound,
        named_agencies=list(said.named_agencies) if said.do_not_disclose else [],
        replaces_id=replaces.id if replaces else None,
        sender=said.sender,
        sent_on=said.sent_on,
    )
    insert_now(statement)
    if bound:
        _release(actor, statement, said.seen_because)
    if said.do_not_disclose:
        _hold_back_alike(actor, statement)
    if said.kind is StatementKind.ADDRESS:
        write_name_keys(child)
    leave_trace("child:state", child, statement.id, kind=said.kind.value)
    if said.do_not_disclose:
        _tell_named(actor, child, statement)
    else:
        tell_of_child(actor=actor, event=STATED, child=child, once=str(statement.id))
    return statement


def hold_back(*, actor: Principal, child: Child, statement: ChildStatement) -> None:
    """Keep an address, number or school from all but the agency that entered it, one's own and those named.

    The same address said elsewhere on the child, as far as the actor sees it, is held back with it.
    """
    require(actor, "child:state")
    _hold_back_one(actor, statement)
    _hold_back_alike(actor, statement)
    write_name_keys(child)
    leave_trace("child:hold_back", child, statement.id)
    _tell_named(actor, child, statement)


def let_go(*, actor: Principal, child: Child, statement: ChildStatement, reason: str) -> None:
    """Let everybody who works with the child see a statement again; why stays with it.

    Raises:
        Forbidden: another agency entered it.
        DomainError: no reason was given.
    """
    require(actor, "child:state")
    check_own_agency(actor, statement.agency_id)
    reason = require_text(reason, "Say why it may be seen again", field="reason")
    lock_row(child)
    _release(actor, statement, reason)
    write_name_keys(child)
    leave_trace("child:let_go", child, statement.id)
    once = f"{statement.id}:{clock.now().isoformat()}"
    tell_of_child(actor=actor, event=LET_GO, child=child, once=once)


def must_hold_back(*, child_id: UUID, kind: StatementKind) -> bool:
    """Whether an alert on the child says that what agencies say of this kind is not disclosed.

    The database knows: it may stand on a case of a linked record.
    """
    return bool(db.session.scalar(select(func.ctx.must_hold_back(child_id, kind, type_=Boolean))))


def seen_of(*, child_id: UUID, kinds: Iterable[StatementKind]) -> list[ChildStatement]:
    """What agencies say of some kinds and everybody who works with the child may see."""
    return list(
        db.session.scalars(
            select(ChildStatement).where(
                ChildStatement.child_id == child_id,
                ChildStatement.kind.in_(list(kinds)),
                ChildStatement.do_not_disclose.is_(False),
            )
        )
    )


def follow_alert(*, actor: Principal, child: Child, before: Sequence[ChildStatement]) -> None:
    """An alert was set, and the database held back what stood: the child is not found by it any more, and
    the agencies that go on seeing something of it are told.

    Args:
        before: what everybody saw until then (`seen_of`).
    """
    held = db.session.scalars(
        select(ChildStatement)
        .where(ChildStatement.id.in_([one.id for one in before]), ChildStatement.do_not_disclose)
        .execution_options(populate_existing=True)
    ).all()
    if not held:
        return
    write_name_keys(child)
    for one in held:
        leave_trace("child:hold_back", child, one.id)
    _tell_named(actor, child, *held)


def _release(actor: Principal, statement: ChildStatement, reason: str) -> None:
    release = StatementRelease(statement_id=statement.id, **release_facts(actor, reason))
    insert_now(release)  # before the statement: the database asks for it
    statement.do_not_disclose = False
    statement.named_agencies = []
    db.session.flush()


def _tell_named(actor: Principal, child: Child, *statements: ChildStatement) -> None:
    """Those who work with the child for an agency that may see what nobody else is told."""
    about = [around_case(case_id) for case_id in open_cases(child)]
    working = reduce(or_, (around.get(Ground.WORKER, NOBODY) for around in about), NOBODY)
    see = {agency for one in statements for agency in (*one.named_agencies, one.agency_id)}
    given = {Ground.RECIPIENT: of_agencies(working, sorted(see))}
    once = f"{statements[0].id}:{clock.now().isoformat()}"
    tell_of_child(actor=actor, event=HELD_BACK, child=child, given=given, once=once)


def _hold_back_one(actor: Principal, statement: ChildStatement) -> None:
    statement.do_not_disclose = True
    if statement.agency_id != actor.agency_id and actor.agency_id not in statement.named_agencies:
        statement.named_agencies = [*statement.named_agencies, actor.agency_id]
    db.session.flush()


def _hold_back_alike(actor: Principal, held: ChildStatement) -> None:
    """The same thing in another statement would give away what this one keeps."""
    others = db.session.scalars(
        select(ChildStatement).where(
            ChildStatement.child_id == held.child_id,
            ChildStatement.kind == held.kind,
            ChildStatement.id != held.id,
            ChildStatement.do_not_disclose.is_(False),
        )
    )
    for other in others:
        if other.id == held.replaces_id or _same_place(other, held):
            _hold_back_one(actor, other)


def _same_place(one: ChildStatement, other: ChildStatement) -> bool:
    same_words = "".join(one.value.lower().split()) == "".join(other.value.lower().split())
    return same_words or (one.postcode is not None and one.postcode == other.postcode)


def _postcode(typed: str | None) -> str | None:
    if not typed or not typed.strip():
        return None
    found = read_postcode(typed)
    if found is None:
        raise DomainError("Enter a full postcode, like DE1 2FS, or leave it empty", field="postcode")
    return found
