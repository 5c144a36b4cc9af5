"""Places, people and things of concern that a person may see: lists, and the page of one."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.calendar import age_on
from portal.policy import current_policy
from portal.queries.rows import MARKED, WHO, Rows, agency_names, latest_on, name_of, whole
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.concerns.model import (
    Concern,
    ConcernChange,
    ConcernLink,
    ConcernNote,
    ConcernRelease,
    LinkRelease,
)
from portal.records.concerns.rules import label, read_day
from portal.records.concerns.vocabulary import ConcernChangeKind, ConcernKind
from portal.records.people.model import Agency, Team, User
from portal.records.places.facts import agreed_at
from portal.records.plans.reading import open_on_concern

PAGE = 50
MOST = 200


def who_answers(*, message_id: UUID) -> Any:
    """Who answers for what a message is about, their number, and which cases of the reader's it concerns
    (`cases`), of a link which agency said it (`linked_by`), and of whom they may be whether it fits still
    (`fits`): for whoever was told because of a child and is not let in. None for everybody else.
    """
    return db.session.execute(
        text("select * from ctx.who_answers_for_concern(:message)"),
        {"message": message_id},
    ).one_or_none()


def find_concern(*, reference: str) -> Concern | None:
    """Something of concern that the person may see."""
    return db.session.scalar(select(Concern).where(Concern.reference == reference))


def find_readable_child(*, reference: str) -> Child | None:
    """A child whose record the person reads: only to those can they link anything."""
    return db.session.scalar(
        select(Child).join(ChildRecord, ChildRecord.child_id == Child.id).where(Child.reference == reference)
    )


def children_who_may_be(*, concern: Concern) -> Rows:
    """The known children who may be a person of concern, for whoever reads the records of both."""
    if concern.kind != ConcernKind.PERSON:
        return ()
    found = select(func.ctx.children_who_may_be(concern.id)).scalar_subquery()
    return db.session.execute(
        select(Child.id, Child.reference, *WHO)
        .where(Child.id.in_(found))
        .order_by(Child.family_name, Child.given_name, Child.id)
    ).all()


def readable_children(*, ids: Collection[UUID]) -> set[UUID]:
    """Those of some children whose record the person reads."""
    if not ids:
        return set()
    return set(db.session.scalars(select(ChildRecord.child_id).where(ChildRecord.child_id.in_(sorted(ids)))))


def called_child(said: Any) -> str:
    """How a person of concern counts as a child today; empty where nothing says so.

    Whoever exploits a child may be exploited, and under the age of policy `clocks.limits` is a child to
    protect first. A date of birth weighs more than an age, and an age, with the years since it was said, more
    than what somebody supposed.

    Args:
        said: a record, or a row of one with its kind, details, `also_child` and `age_said_at`.
    """
    if said.kind != ConcernKind.PERSON:
        return ""
    child_age, details = current_policy().clocks.limits.child_age.value, said.details
    if born := read_day(str(details.get("dob") or "")):
        if (age := age_on(born, clock.today())) < child_age:
            return f"A child, aged {age}"
    elif (age_said := re.search(r"\d+", str(details.get("age") or ""))) and int(age_said[0]) < child_age:
        age, day = int(age_said[0]), clock.local(_age_said_at(said)).date()
        years = age_on(day, clock.today())
        if not years:
            return f"A child, said to be {age}"
        if age + years < child_age:
            return f"A child, said on {day:%-d %B %Y} to be {age}"
    return "May be a child, or exploited too" if said.also_child else ""


def age_said_at() -> Any:
    """When the age of a person of concern was said that stands, as `called_child` reads it of a row."""
    after, before = (one["details"]["age"].astext for one in (ConcernChange.after, ConcernChange.before))
    said = (
        select(func.max(ConcernChange.changed_at))
        .where(ConcernChange.concern_id == Concern.id, after.is_distinct_from(before))
        .correlate(Concern)
        .scalar_subquery()
    )
    return func.coalesce(said, Concern.created_at).label("age_said_at")


def _age_said_at(said: Any) -> datetime:
    if not isinstance(said, Concern):
        return cast(datetime, said.age_said_at)
    found: datetime = db.session.scalars(select(age_said_at()).where(Concern.id == said.id)).one()
    return found


def to_look_at_again(person: Principal) -> Select[Any]:
    """What a person's agency owns and has to look at again within two weeks, or had to."""
    soon = clock.today() + timedelta(days=14)
    return select(Concern.id).where(
        Concern.owner_agency_id == person.agency_id, Concern.ended_at.is_(None), Concern.review_on <= soon
    )


def without_status(_person: Principal) -> Select[Any]:
    """People of concern of whom police have not said how they know them."""
    return select(Concern.id).filter_by(kind=ConcernKind.PERSON, ended_at=None, police_status=None)


def listed() -> Any:
    """A row of a list."""
    linked = aliased(ConcernLink)
    ends = or_(linked.concern_id == Concern.id, linked.other_id == Concern.id)

    def many(*which: Any) -> Any:
        return (
            select(func.count(func.distinct(func.coalesce(linked.child_id, linked.id))))
            .where(ends, linked.ended_at.is_(None), linked.do_not_disclose.is_(False), *which)
            .correlate(Concern)
            .scalar_subquery()
        )

    return select(
        Concern.__table__,
        age_said_at(),
        name_of(Concern.owner_agency_id, "owner_agency"),
        name_of(Concern.owner_team_id, "owner_team"),
        many(linked.child_id.is_not(None)).label("children"),
        many(linked.child_id.is_(None)).label("others"),
    )


def page_of(*, concern: Concern) -> Any:
    """Who owns something, who recorded it and how police know it, by name; under which conditions it
    may be handled, to whom it is released, what is to do about it and how many watch it.
    """
    to, by = aliased(Agency), aliased(User)
    one = func.json_build_object(
        *("id", ConcernRelease.id, "agency", to.name, "reason", ConcernRelease.reason, "by", by.name),
        *("at", ConcernRelease.released_at, "until", ConcernRelease.withdrawn_at),
    )
    released = (
        select(func.json_agg(aggregate_order_by(one, ConcernRelease.released_at.desc())))
        .select_from(ConcernRelease)
        .join(to, to.id == ConcernRelease.agency_id)
        .join(by, by.id == ConcernRelease.released_by)
        .where(ConcernRelease.concern_id == Concern.id)
        .correlate(Concern)
        .scalar_subquery()
    )
    graded_why = (
        select(ConcernChange.reason)
        .where(ConcernChange.concern_id == Concern.id, ConcernChange.kind == ConcernChangeKind.GRADED)
        .order_by(ConcernChange.changed_at.desc())
        .limit(1)
        .correlate(Concern)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            name_of(Concern.owner_agency_id, "owner_agency"),
            Team.name.label("owner_team"),
            Team.duty_phone.label("owner_phone"),
            name_of(Concern.created_by, "created_by"),
            name_of(Concern.created_agency_id, "created_agency"),
            name_of(Concern.police_status_by, "police_status_by"),
            name_of(Concern.ended_by, "ended_by"),
            released.label("releases"),
            graded_why.label("graded_why"),
            open_on_concern().label("actions"),
            agreed_at().label("watching"),
        )
        .select_from(Concern)
        .outerjoin(Team, Team.id == Concern.owner_team_id)
        .where(Concern.id == concern.id)
    ).one()


def links_of(*, concern_id: UUID, limit: int = MOST) -> Rows:
    """What something is linked to, the newest first, with those that were taken back at the end."""
    own, other = aliased(Concern), aliased(Concern)
    return db.session.execute(
        select(
            *whole(ConcernLink),
            Child.reference.label("child_reference"),
            *MARKED,
            own.reference.label("from_reference"),
            own.name.label("from_name"),
            own.kind.label("from_kind"),
            other.reference.label("to_reference"),
            other.name.label("to_name"),
            other.kind.label("to_kind"),
            name_of(ConcernLink.agency_id, "agency"),
            name_of(ConcernLink.author_id, "author"),
            agency_names(ConcernLink.listed_agencies, "listed"),
            _released(),
        )
        .join(own, own.id == ConcernLink.concern_id)
        .outerjoin(other, other.id == ConcernLink.other_id)
        .outerjoin(Child, Child.id == ConcernLink.child_id)
        .where(or_(ConcernLink.concern_id == concern_id, ConcernLink.other_id == concern_id))
        .order_by(ConcernLink.ended_at.is_not(None), ConcernLink.created_at.desc(), ConcernLink.id)
        .limit(limit)
    ).all()


def _released() -> Any:
    """Why a link may be seen although an alert says otherwise, as it was said last, and by whom."""
    said = func.concat(LinkRelease.reason, " (", name_of(LinkRelease.released_by, "by").element, ")")
    return (
        select(said)
        .where(LinkRelease.link_id == ConcernLink.id, ConcernLink.do_not_disclose.is_(False))
        .order_by(LinkRelease.released_at.desc())
        .limit(1)
        .correlate(ConcernLink)
        .scalar_subquery()
        .label("released")
    )


def find_link(*, link_id: UUID) -> ConcernLink | None:
    """A link of which the person sees both ends."""
    return db.session.get(ConcernLink, link_id)


def notes_of(*, concern_id: UUID, limit: int = MOST) -> Rows:
    """What agencies added, as far as the person may read it, the newest first."""
    n = ConcernNote
    return latest_on(
        n.concern_id,
        concern_id,
        n.created_at,
        limit,
        author=n.author_id,
        agency=n.agency_id,
        listed=n.listed_agencies,
    )


def changes_of(*, concern_id: UUID) -> Rows:
    """What happened to something, the last first."""
    c = ConcernChange
    return latest_on(
        c.concern_id, concern_id, c.changed_at, MOST, by=c.changed_by, agency=c.changed_agency_id
    )


_SHORTEST = 3  # letters of a single name: a shorter one stands in many words by chance


def names_around(*, case_id: UUID) -> Sequence[tuple[str, ...]]:
    """The names and other names of people who are linked to the child of a case, each as its words, as far as
    the person who asks sees them. Of a name of several words its last one counts alone too.
    """
    rows = db.session.execute(
        select(Concern.name, Concern.details)
        .join(ConcernLink, ConcernLink.concern_id == Concern.id)
        .join(Case, Case.child_id == ConcernLink.child_id)
        .where(Case.id == case_id, Concern.kind == ConcernKind.PERSON, ConcernLink.ended_at.is_(None))
        .distinct()
    )
    nameless = label(ConcernKind.PERSON, "", {})
    found: set[tuple[str, ...]] = set()
    for name, details in rows:
        for one in (name, *str(details.get("aliases") or "").splitlines()):
            words = _words(one)
            if one != nameless and len("".join(words)) >= _SHORTEST:
                found |= {words, words[-1:]} if one == name else {words}
    return sorted(found)


def names_any(text: str, names: Iterable[tuple[str, ...]]) -> bool:
    """Whether a text names one of some people."""
    said = _words(text)
    return any(said[at : at + len(name)] == name for name in names for at in range(len(said) - len(name) + 1))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text))
