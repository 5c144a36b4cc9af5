"""What the page of one child reads. Every row of it is there because the database lets the reader see it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnClause,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlalchemy.types import Date, Text, Uuid

from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.queries.rows import Rows, latest_on, name_of
from portal.records.children.model import (
    Child,
    ChildAlias,
    ChildCorrection,
    ChildIdentifier,
    ChildLink,
    ChildRecord,
    ChildStatement,
    ChildStatus,
    StatementRelease,
)
from portal.records.disclosures.model import Disclosure, DisclosureChild
from portal.records.missing.facts import missing_now_column
from portal.records.people.model import Agency
from portal.records.requests.model import InformationRequest


@dataclass(frozen=True)
class ChildFound:
    """A child, and its record where the reader sees more than who the child is."""

    child: Child
    record: ChildRecord | None
    missing_now: dict[str, Any] | None  # see `portal.records.missing.facts`


def find_child(*, reference: str) -> ChildFound | None:
    """The child of a reference as an address has it, or nothing."""
    known = read_reference(reference, Prefix.CHILD)
    row = db.session.execute(
        select(Child, ChildRecord, missing_now_column(linked=True))
        .outerjoin(ChildRecord, ChildRecord.child_id == Child.id)
        .where(Child.reference == known)
    ).one_or_none()
    return ChildFound(*row) if row else None


def same_child(child_id: UUID) -> Any:
    """The child and the records that are linked with it, also by way of another, of those that the reader
    sees: all that are as closed as the most closely held case of one of them, where they have none.
    """
    found = select(literal(child_id).label("id")).cte("same", recursive=True)
    here, there = ChildLink.child_a, ChildLink.child_b
    other = case((here == found.c.id, there), else_=here)
    joined = or_(here == found.c.id, there == found.c.id)
    linked = select(other).select_from(found).join(ChildLink, joined).where(ChildLink.unlinked_at.is_(None))
    return select(found.union(linked).c.id)


def statements_of(*, child_id: UUID) -> Rows:
    """What agencies say, newest first within each kind; `replaced` where its agency said it again."""
    later = aliased(ChildStatement)
    replaced = select(later.id).where(later.replaces_id == ChildStatement.id).exists()
    return db.session.execute(
        select(
            ChildStatement.__table__,
            replaced.label("replaced"),
            name_of(ChildStatement.agency_id, "agency"),
            name_of(ChildStatement.author_id, "author"),
            _released().label("released"),
        )
        .where(ChildStatement.child_id == child_id)
        .order_by(
            ChildStatement.kind, ChildStatement.ends_on.desc().nulls_first(), ChildStatement.created_at.desc()
        )
    ).all()


def _released() -> Any:
    """Why the agency of a statement lets it be seen, said last."""
    one = func.json_build_object(
        *("reason", StatementRelease.reason, "at", StatementRelease.released_at),
        *("by", name_of(StatementRelease.released_by, "by")),
    )
    return (
        select(one)
        .where(StatementRelease.statement_id == ChildStatement.id)
        .order_by(StatementRelease.released_at.desc())
        .limit(1)
        .correlate(ChildStatement)
        .scalar_subquery()
    )


def marks_of(*, child_id: UUID) -> Rows:
    """Statuses, numbers and other names in one statement: `part` says which of them a row is."""
    parts = union_all(
        _mark(
            ChildStatus,
            part="status",
            code=ChildStatus.status,
            starts_on=ChildStatus.starts_on,
            ends_on=ChildStatus.ends_on,
        ),
        _mark(
            ChildIdentifier,
            part="identifier",
            code=ChildIdentifier.scheme,
            value=ChildIdentifier.value,
            ends_on=func.date(ChildIdentifier.ended_at),
        ),
        _mark(ChildAlias, part="alias", code=ChildAlias.kind, value=ChildAlias.name),
    ).subquery()
    return db.session.execute(
        select(parts, Agency.name.label("agency"))
        .join(Agency, Agency.id == parts.c.agency_id)
        .where(parts.c.child_id == child_id)
        .order_by(parts.c.part, parts.c.ends_on.desc().nulls_first(), parts.c.created_at.desc())
    ).all()


def _mark(
    table: Any,
    *,
    part: str,
    code: Any,
    value: Any = None,
    starts_on: Any = None,
    ends_on: Any = None,
) -> Select[Any]:
    return select(
        literal(part).label("part"),
        table.id,
        table.child_id,
        cast(code, Text).label("code"),
        cast(value, Text).label("value"),
        cast(starts_on, Date).label("starts_on"),
        cast(ends_on, Date).label("ends_on"),
        cast(table.agency_id, Uuid).label("agency_id"),
        table.created_at,
    )


def corrections_of(*, child_id: UUID) -> Rows:
    """What was corrected, proposed and refused, newest first."""
    c = ChildCorrection
    return latest_on(
        c.child_id,
        child_id,
        c.created_at,
        proposer=c.proposed_by,
        agency=c.proposed_agency_id,
        decider=c.decided_by,
    )


def links_of(*, child_id: UUID) -> Rows:
    """Other records that are, or were, held to be of the same child. `leads` says of each who leads its open
    case and how to reach them, for whoever reads that case too.
    """
    other = aliased(Child, name="other")
    return db.session.execute(
        select(
            ChildLink.__table__,
            other.reference,
            other.given_name,
            other.family_name,
            other.dob,
            name_of(ChildLink.linked_by, "linker"),
            missing_now_column("other.id"),
            _who_leads().label("leads"),
        )
        .join(
            other,
            or_(
                and_(ChildLink.child_a == child_id, other.id == ChildLink.child_b),
                and_(ChildLink.child_b == child_id, other.id == ChildLink.child_a),
            ),
        )
        .where(or_(ChildLink.child_a == child_id, ChildLink.child_b == child_id))
        .order_by(ChildLink.unlinked_at.desc().nulls_first(), ChildLink.created_at.desc())
    ).all()


def _who_leads() -> ColumnClause[Any]:
    """Of the child `other`: who leads the case that is open, else the team of the agency that leads."""
    return literal_column("""(
        select json_build_object('reference', c.reference, 'agency', a.name, 'name', coalesce(u.name, t.name),
                                 'phone', coalesce(nullif(u.phone, ''), t.duty_phone, ''),
                                 'email', coalesce(u.email, t.duty_email, ''))
          from cre_case c join agency a on a.id = c.lead_agency_id
          left join app_user u on u.id = c.lead_professional_id and u.active
          left join lateral (select t.* from involvement i join team t on t.id = i.team_id and t.active
                              where i.case_id = c.id and i.agency_id = c.lead_agency_id and i.ended_at is null
                              order by i.started_at limit 1) t on true
         where c.child_id = other.id and c.state not in ('closed', 'transferred') limit 1)""")


def told_of(*, child_id: UUID) -> Rows:
    """What the reader was told about the child: why somebody without its record knows the child."""
    return db.session.execute(
        select(
            Disclosure.reference,
            Disclosure.decided_at,
            Disclosure.confirmed_at,
            Disclosure.was_opened,
            Disclosure.colour,
        )
        .join(DisclosureChild, DisclosureChild.disclosure_id == Disclosure.id)
        .where(DisclosureChild.child_id == child_id)
        .order_by(Disclosure.decided_at.desc())
    ).all()


def asked_of(*, child_id: UUID) -> Rows:
    """What the reader is asked about the child."""
    return db.session.execute(
        select(
            InformationRequest.reference,
            InformationRequest.question,
            InformationRequest.due_at,
            InformationRequest.answered_at,
        )
        .where(InformationRequest.child_id == child_id)
        .order_by(InformationRequest.due_at)
    ).all()


def find_statement(*, child_id: UUID, statement_id: UUID) -> ChildStatement | None:
    """One statement of a child."""
    return db.session.scalar(select(ChildStatement).filter_by(id=statement_id, child_id=child_id))


def find_status(*, child_id: UUID, status_id: UUID) -> ChildStatus | None:
    """One status of a child."""
    return db.session.scalar(select(ChildStatus).filter_by(id=status_id, child_id=child_id))


def find_identifier(*, child_id: UUID, identifier_id: UUID) -> ChildIdentifier | None:
    """One number of a child."""
    return db.session.scalar(select(ChildIdentifier).filter_by(id=identifier_id, child_id=child_id))


def find_correction(*, child_id: UUID, correction_id: UUID) -> ChildCorrection | None:
    """One correction of a child."""
    return db.session.scalar(select(ChildCorrection).filter_by(id=correction_id, child_id=child_id))


def find_link(*, child_id: UUID, link_id: UUID) -> ChildLink | None:
    """One link of a child's record with another."""
    return db.session.scalar(
        select(ChildLink).where(
            ChildLink.id == link_id, or_(ChildLink.child_a == child_id, ChildLink.child_b == child_id)
        )
    )


def involved_agencies(*, child_id: UUID) -> Rows:
    """The agencies working on the child's cases, to be named for what must not be disclosed."""
    return db.session.execute(_INVOLVED, {"child": child_id}).all()


_INVOLVED = db.text(
    "select distinct a.id, a.name from involvement i join cre_case c on c.id = i.case_id"
    " join agency a on a.id = i.agency_id where c.child_id = :child and i.ended_at is null order by a.name"
)
