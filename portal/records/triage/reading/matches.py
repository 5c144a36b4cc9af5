"""Known children whom a child on a form may be, with the reasons, as far as the person who asks may see them.

Children of sealed cases are not among them: `ctx.pass_if_sealed` looks for those, where nobody can watch.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import Names
from portal.queries.rows import WHO, filled
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildAlias, ChildLink, ChildRecord, ChildStatement, NameKey
from portal.records.children.rules import CANDIDATES, Facts, Match, Standing, lookup_keys, rank, sought_facts
from portal.records.missing.facts import missing_now_column
from portal.records.referrals.facts import matched_child, on_form
from portal.records.referrals.model import Referral, ReferralSubject
from portal.records.referrals.rules import ChildDetails
from portal.records.triage.reading.records import WAITING

SHOWN = 5
_THE_SAME = (Standing.SAME, Standing.POSSIBLE)
_NAME, _OPENING = re.compile(r"[^\W\d_]+"), 3


class SoughtChild(NamedTuple):
    """A child on a form, and which known child it was found to be."""

    label: str
    facts: Facts
    child_id: UUID | None


@dataclass(frozen=True)
class LinkedRecord:
    """Another record of the same child, as the hub said."""

    id: UUID
    reference: str
    name: str


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
    linked: tuple[LinkedRecord, ...]
    missing_now: Any

    @property
    def has_open_case(self) -> bool:
        """Whether somebody works on a case of the child under this record."""
        return self.case_state in OPEN_CASE_STATES

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
    """A known child that a child on the form may be, and why.

    Of records that are linked it is the one with the open case, also where another of them was found.
    """

    child: KnownChild
    standing: Standing
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]

    @property
    def records(self) -> frozenset[UUID]:
        """The records of the child: this one and those linked to it."""
        return frozenset((self.child.id, *(one.id for one in self.child.linked)))


def candidates(
    *, sought: Mapping[UUID, Facts], names: Names, today: date, limit: int = SHOWN
) -> Mapping[UUID, tuple[Candidate, ...]]:
    """For each child sought the known children that it may be, best first. Two statements, however many; and
    one more where a record is linked to another that resembles nobody. Linked records are one child.

    Args:
        sought: what the form says, by the identifier of the subject.
        names: policy `names`.
        limit: how many for each.
    """
    keys = {one: lookup_keys(facts, names, today) for one, facts in sought.items()}
    hits = _hits({one: found for one, found in keys.items() if found})
    known = dict(known_children(ids={child for children in hits.values() for child in children}))
    alike = {one.id for child in known.values() for one in child.linked}
    known |= known_children(ids=alike - known.keys())
    answer = {}
    for subject, facts in sought.items():
        among = {child: known[child].facts for child in hits.get(subject, ()) if child in known}
        found: tuple[Match[UUID], ...] = rank(facts, among, names, today, limit)
        answer[subject] = _one_for_linked(found, known)
    return answer


def _one_for_linked(found: Iterable[Match[UUID]], known: Mapping[UUID, KnownChild]) -> tuple[Candidate, ...]:
    """The matches, of linked records the best alone: offered is the record of them with the open case."""
    offered: list[Candidate] = []
    for match in found:
        own = known[match.child]
        alike = [own, *(known[one.id] for one in own.linked if one.id in known)]
        child = max(alike, key=lambda one: (one.has_open_case, one.case_reference is not None, one is own))
        one = Candidate(child, match.standing, match.reasons, match.cautions)
        if not any(match.child in before.records or child.id in before.records for before in offered):
            offered.append(one)
    return tuple(offered)


def known_children(*, ids: Iterable[UUID]) -> Mapping[UUID, KnownChild]:
    """Children by identifier, with what they are recognised by; whom one may not see is left out."""
    wanted = list(ids)
    if not wanted:
        return {}
    statement = (
        select(
            Child.id,
            Child.reference,
            *WHO,
            Child.nhs_number,
            ChildRecord.gender,
            ChildRecord.ethnicity,
            _aliases().label("other_names"),
            _statements().label("statements"),
            _case().label("case"),
            _linked().label("linked"),
            missing_now_column(),
        )
        .outerjoin(ChildRecord, ChildRecord.child_id == Child.id)
        .where(Child.id.in_(wanted))
    )
    return {row.id: _known(row) for row in db.session.execute(statement)}


@dataclass(frozen=True, kw_only=True)
class WaitingForm:
    """Another form in triage that may be about a child on this one, and why."""

    reference: str
    colour: str | None
    received_at: datetime
    label: str
    about: str
    why: str


def waiting_forms(
    *, referral_id: UUID, children: Mapping[UUID, SoughtChild], names: Names, today: date
) -> tuple[WaitingForm, ...]:
    """The other forms in triage that may be about the children on a form, of those that the reader triages,
    the newest first: while nobody has said who a child is, nothing else brings two forms on it together.

    Args:
        children: by the identifier of the subject.
        names: policy `names`.
    """
    if not children:
        return ()
    said = {child.child_id for child in children.values() if child.child_id}
    matched = matched_child()
    numbers = [child.facts.nhs_number for child in children.values() if child.facts.nhs_number]
    named = ReferralSubject.label + " " + func.coalesce(ReferralSubject.details["other_names"].astext, "")
    rows = db.session.execute(
        select(
            Referral.reference,
            Referral.colour,
            Referral.received_at,
            ReferralSubject.id,
            ReferralSubject.label,
            ReferralSubject.details,
            matched.label("child_id"),
        )
        .join(ReferralSubject, on_form())
        .where(
            WAITING,
            Referral.id != referral_id,
            or_(
                named.regexp_match(_opens_alike(children.values()), flags="i"),
                ReferralSubject.details["nhs_number"].astext.in_(numbers),
                matched.in_(said),
            ),
            func.ctx.triages(Referral.id),
        )
        .order_by(Referral.received_at.desc(), ReferralSubject.id)
        .limit(CANDIDATES)
    ).all()
    found = ((row, one, _why_alike(row, one, names, today)) for row in rows for one in children.values())
    return tuple(
        filled(WaitingForm, row, about=one.label, why=why) for row, one, why in found if why is not None
    )


def _opens_alike(children: Iterable[SoughtChild]) -> str:
    """A pattern for names of which a word opens as one of these does; what has an accent may lack it."""
    words = {word[:_OPENING] for one in children for name in one.facts.names for word in _NAME.findall(name)}
    opens = {"".join(letter if letter.isascii() else "." for letter in word) for word in words}
    return rf"\m({'|'.join(sorted(opens))})" if opens else "$^"


def _why_alike(row: Row[Any], one: SoughtChild, names: Names, today: date) -> str | None:
    """Why the child of another form may be this one; None where it is not."""
    if row.child_id and one.child_id:
        return "The same known child" if row.child_id == one.child_id else None
    theirs = sought_facts(ChildDetails.from_json(row.details))
    alike = [
        match for match in rank(one.facts, {row.id: theirs}, names, today) if match.standing in _THE_SAME
    ]
    return ". ".join(alike[0].reasons) if alike else None


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


def _linked() -> Any:
    """The other records of the same child, of those that the reader sees."""
    other = aliased(Child)
    one = func.json_build_object(
        "id", other.id, "reference", other.reference, "given", other.given_name, "family", other.family_name
    )
    running = ChildLink.unlinked_at.is_(None)
    alike = union_all(
        select(ChildLink.child_b).where(ChildLink.child_a == Child.id, running).correlate(Child),
        select(ChildLink.child_a).where(ChildLink.child_b == Child.id, running).correlate(Child),
    )
    return (
        select(func.json_agg(aggregate_order_by(one, other.reference)))
        .where(other.id.in_(alike))
        .correlate(Child)
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
        linked=tuple(
            LinkedRecord(UUID(one["id"]), one["reference"], f"{one['given']} {one['family']}".strip())
            for one in row.linked or ()
        ),
        case_reference=case.get("reference"),
        case_state=case.get("state"),
        case_level=case.get("level"),
    )
