"""Something of concern made from another record in one step: recorded, linked to its children, graded.

Where it is known already the children are linked to what is there, and what the record says is added to it.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select

from portal.access.permissions import permitted
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.extensions import db
from portal.records.children.model import Child, ChildRecord
from portal.records.concerns.holding import grade_concern
from portal.records.concerns.keeping import create_concern
from portal.records.concerns.links import add_link, add_note
from portal.records.concerns.model import Concern
from portal.records.concerns.records import MadeFrom
from portal.records.concerns.rules import Described
from portal.records.concerns.vocabulary import ConcernKind, ConcernSource
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.entries.reading.citations import contacts, of_entries
from portal.records.intelligence.grading import Grades, refuse_source
from portal.records.referrals.model import Referral
from portal.vocabulary import Use


def make_concern(
    *,
    actor: Principal,
    kind: ConcernKind,
    said: Described,
    children: Collection[str] = (),
    role: str = "",
    restricted: bool = False,
    team_id: UUID | None = None,
    source: MadeFrom | None = None,
    grades: tuple[str, str, str] | None = None,
    conditions: str = "",
    once: UUID | None = None,
) -> Concern:
    """Record something of concern, and link it to the children of the record that it is made from.

    Args:
        children: references of children whose records the actor reads.
        role: how they and it belong together, where there are any.
        grades: source, information and handling, where the record was graded as intelligence.
        conditions: under which it may be handled; whoever sees the record has to know them.

    Raises:
        NotFound: there is no such child.
        DomainError: a role is missing, a source of information would be repeated, the entry that it is made
            from may not be passed on, or as for `create_concern`.
    """
    refuse_told_by(source, (said.name, said.description, *said.details.values()))
    _refuse_bound(actor, source)
    found = _children(children)
    if found and not role:
        raise DomainError("Choose how they belong together", field="child_role")
    _refuse_held(actor, found, said)
    concern = create_concern(
        actor=actor,
        kind=kind,
        said=said,
        restricted=restricted,
        team_id=team_id,
        source=source,
        once=once,
    )
    for child in found:
        add_link(actor=actor, concern=concern, to=child, role=role, source=source)
    if grades and concern.source_grade is None and permitted(actor, "concern:grade"):
        source_grade, information_grade, handling_code = grades
        grade_concern(
            actor=actor,
            concern=concern,
            grades=Grades(
                source_grade=source_grade, information_grade=information_grade, handling_code=handling_code
            ),
            reason=conditions.strip() or "As it was graded where it was made from",
            version=concern.version,
        )
    return concern


def use_known(
    *,
    actor: Principal,
    concern: Concern,
    said: Described,
    children: Collection[str] = (),
    role: str = "",
    source: MadeFrom | None = None,
) -> None:
    """It is one that is known: link the children to it, and add to it what the record says.

    Raises:
        NotFound: there is no such child.
        DomainError: a role is missing or does not fit, or a source of information would be repeated.
    """
    refuse_told_by(source, (said.description,))
    _refuse_bound(actor, source)
    found = _children(children)
    if found and not role:
        raise DomainError("Choose how they belong together", field="child_role")
    _refuse_held(actor, found, said)
    for child in found:
        add_link(actor=actor, concern=concern, to=child, role=role, source=source)
    if said.description.strip():
        add_note(actor=actor, concern=concern, text=said.description, happened_on=said.last_on)


def refuse_told_by(source: MadeFrom | None, texts: Iterable[str]) -> None:
    """Go on only if no text repeats what stands in the source box of the form that it is made from.

    Raises:
        DomainError: one does.
    """
    if source is None or source.kind is not ConcernSource.REFERRAL:
        return
    referral = db.session.get(Referral, source.id)
    if referral is not None:
        refuse_source("\n".join(texts), referral, field="description")


def why_bound(actor: Principal, entry_id: UUID) -> str:
    """Why nothing of concern is made from an entry, and whom to ask; empty where it may be, or it is for the
    actor’s own agency to say. More people read what is of concern than read the case.
    """
    held = of_entries(entry_ids=[entry_id]).get(entry_id)
    if held is None or held.holder == actor.agency_id or not held.bounds.forbids(Use.PASS_ON):
        return ""
    ask = contacts({held.holder})[held.holder].ask
    return f"What this entry says may not be passed on, and others would read the record. {ask}"


def _refuse_bound(actor: Principal, source: MadeFrom | None) -> None:
    if source and source.kind is ConcernSource.ENTRY and (why := why_bound(actor, source.id)):
        raise DomainError(why)


def _refuse_held(actor: Principal, children: Collection[Child], said: Described) -> None:
    """More people read what is of concern than read the case: what an entry holds back is not typed again."""
    check_no_restricted_quotes(
        texts={"description": "\n".join((said.name, said.description, *said.details.values()))},
        use=Use.PASS_ON,
        child_ids=[one.id for one in children],
        holder=actor.agency_id,
    )


def _children(references: Collection[str]) -> list[Child]:
    if not references:
        return []
    readable = (
        select(Child)
        .join(ChildRecord, ChildRecord.child_id == Child.id)
        .where(Child.reference.in_(references))
    )
    found = db.session.scalars(readable).all()
    if len(found) != len(set(references)):
        raise NotFound("There is no such child")
    return list(found)
