"""Known children whom a child on a form may be, with the reasons, as far as the person who asks may see them.

Children of sealed cases are not among them: `ctx.pass_if_sealed` looks for those, where nobody can watch.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.extensions import db
from portal.policy import Names
from portal.queries.rows import filled
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildAlias, ChildRecord, ChildStatement, NameKey
from portal.records.children.rules import CANDIDATES, Facts, Match, Standing, lookup_keys, rank
from portal.records.missing.facts import missing_now_column

SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class KnownChild:
    """A child in the records, as far as is needed to tell whether it is the one on the form."""

    id: UUID
    reference: str
    name: str
    other_names: tuple[str, ...]
    dob: date | None
    dob_is_estimate: bool
    nhs_number: str | None
    gender: str | None
    ethnicity: str | None
    addresses: tuple[str, ...]
    postcodes: tuple[str, ...]
    phones: tuple[str, ...]
    schools: tuple[str, ...]
    gps: tuple[str, ...]
    carers: tuple[str, ...]
    case_reference: str | None
    case_state: str | None
    case_level: str | None
    missing_now: Any

    @property
    def facts(self) -> Facts:
        """What the matching compares."""
        return Facts(
            names=(self.name, *self.other_names),
            born=self.dob,
            born_is_estimate=self.dob_is_estimate,
            nhs_number=self.nhs_number,
            postcodes=frozenset(self.postcodes),
            doors=frozenset(line for one in self.addresses for line in one.splitlines()[:1]),
            phones=frozenset(self.phones),
        )


@dataclass(frozen=True)
class Candidate:
    """A known child that a child on the form may be, and why."""

    child: KnownChild
    standing: Standing
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]


def candidates(
    *, sought: Mapping[UUID, Facts], names: Names, today: date, limit: int = SHOWN
) -> Mapping[UUID, tuple[Candidate, ...]]:
    """For each child sought the known children that it may be, best first. Two statements, however many.

    Args:
        sought: what the form says, by the identifier of the subject.
        names: policy `names`.
        limit: how many for each.
    """
    keys = {one: lookup_keys(facts, names, today) for one, facts in sought.items()}
    hits = _hits({one: found for one, found in keys.items() if found})
    known = known_children(ids={child for children in hits.values() for child in children})
    answer = {}
    for subject, facts in sought.items():
        among = {child: known[child].facts for child in hits.get(subject, ()) if child in known}
        found: tuple[Match[UUID], ...] = rank(facts, among, names, today, limit)
        answer[subject] = tuple(
            Candidate(known[match.child], match.standing, match.reasons, match.cautions) for match in found
        )
    return answer


def known_children(*, ids: Iterable[UUID]) -> Mapping[UUID, KnownChild]:
    """Children by identifier, with what they are recognised by; whom one may not see is left out."""
    wanted = list(ids)
    if not wanted:
        return {}
    statement = (
        select(
            Child.id,
            Child.reference,
            Child.given_name,
            Child.family_name,
            Child.dob,
            Child.dob_is_estimate,
            Child.nhs_number,
            ChildRecord.gender,
            ChildRecord.ethnicity,
            _aliases().label("other_names"),
            _statements().label("statements"),
            _case().label("case"),
            missing_now_column(),
        )
        .outerjoin(ChildRecord, ChildRecord.child_id == Child.id)
        .where(Child.id.in_(wanted))
    )
    return {row.id: _known(row) for row in db.session.execute(statement)}


def child_id_of(*, reference: str) -> UUID | None:
    """The child with a reference, if one may see it."""
    return db.session.scalar(select(Child.id).where(Child.reference == reference))


def _hits(keys: Mapping[UUID, frozenset[str]]) -> Mapping[UUID, list[UUID]]:
    """For each subject the children with most keys in common."""
    if not keys:
        return {}
    each = [
        select(literal(subject).label("subject"), NameKey.child_id)
        .where(NameKey.key.in_(sorted(found)))
        .group_by(NameKey.child_id)
        .order_by(func.count().desc())
        .limit(CANDIDATES)
        .subquery()
        for subject, found in keys.items()
    ]
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in db.session.execute(union_all(*(select(one) for one in each))):
        found[row.subject].append(row.child_id)
    return found


def _aliases() -> Any:
    return (
        select(func.array_agg(aggregate_order_by(ChildAlias.name, ChildAlias.created_at)))
        .where(ChildAlias.child_id == Child.id)
        .scalar_subquery()
    )


def _statements() -> Any:
    """What agencies say of the child, the newest first, without what must not be disclosed."""
    one = func.json_build_object(
        "kind", ChildStatement.kind, "value", ChildStatement.value, "postcode", ChildStatement.postcode
    )
    return (
        select(func.json_agg(aggregate_order_by(one, ChildStatement.created_at.desc())))
        .where(ChildStatement.child_id == Child.id, ~ChildStatement.do_not_disclose)
        .scalar_subquery()
    )


def _case() -> Any:
    """The child's case: the open one, else the one opened last."""
    one = func.json_build_object("reference", Case.reference, "state", Case.state, "level", Case.level)
    return (
        select(one)
        .where(Case.child_id == Child.id)
        .order_by(Case.closed_at.is_(None).desc(), Case.opened_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def _known(row: Row[Any]) -> KnownChild:
    said: dict[str, list[str]] = defaultdict(list)
    for one in row.statements or ():
        said[one["kind"]].append(one["value"])
        if one["postcode"]:
            said["postcode"].append(one["postcode"])
    case = row.case or {}
    return filled(
        KnownChild,
        row,
        name=f"{row.given_name} {row.family_name}".strip(),
        other_names=tuple(row.other_names or ()),
        addresses=tuple(said["address"]),
        postcodes=tuple(said["postcode"]),
        phones=tuple(said["phone"]),
        schools=tuple(said["school"]),
        gps=tuple(said["gp"]),
        carers=tuple(said["carer"]),
        case_reference=case.get("reference"),
        case_state=case.get("state"),
        case_level=case.get("level"),
    )
