"""The triage queue: what the hub still has to look at, first things first, and what nobody confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise, product
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Executable,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.orm import aliased

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.states import UNDECIDED_REFERRAL_STATES
from portal.queries import paging
from portal.queries.rows import NOW, Rows, at_most
from portal.records.by_hand.model import is_telling_of
from portal.records.children.model import Child
from portal.records.people.model import Agency, User
from portal.records.referrals.model import (
    Referral,
    ReferralChild,
    ReferralNotice,
    ReferralPresence,
    ReferralSeal,
    ReferralSubject,
)
from portal.records.triage.vocabulary import FED_BACK
from portal.vocabulary import Labelled, ReferralState, TriageColour

#: How many characters of what happened stand for the line that an older form was not asked for.
_BEGINNING = 90
#: In a filter, beside the codes of policy `referral.flags`: the sender says that somebody is in danger now.
DANGER = "danger_now"
#: Moments are counted from here.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


#: The parts of a filter, by their names in an address.
_PARTS = {
    "colour": "colours",
    "said": "said",
    "held": "held",
    "state": "states",
    "district": "districts",
    "type": "types",
    "agency": "agencies",
    "wrote": "wrote",
}
#: In a filter: forms to which the sender has written since they were decided.
SINCE_DECIDED = "since_decided"


class Held(Labelled):
    """Who has a form."""

    NOBODY = "nobody", "Nobody has it"
    MINE = "mine", "You"
    OTHERS = "others", "A colleague"


@dataclass(frozen=True, kw_only=True)
class QueueFilter:
    """What of the queue to show; nothing chosen means all of it. Codes and references only, never a name.

    Attributes:
        said: what the form says is part of it, by policy `referral.flags`.
        wrote: `SINCE_DECIDED` for decided forms to which the sender has written since.
    """

    colours: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    wrote: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: Mapping[str, Sequence[str]]) -> "QueueFilter":
        """A filter from an address or from what was saved."""
        return cls(**{part: tuple(query.get(name, ())) for name, part in _PARTS.items()})

    @property
    def chosen(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.as_query())

    def as_query(self) -> dict[str, list[str]]:
        """The filter as it stands in an address, and as it is saved."""
        return {name: list(codes) for name, part in _PARTS.items() if (codes := getattr(self, part))}

    @property
    def in_states(self) -> tuple[str, ...]:
        """The states to look in: those that were chosen, else what waits, or what is decided."""
        return self.states or (_DECIDED if SINCE_DECIDED in self.wrote else tuple(UNDECIDED))

    def without(self, name: str, code: str) -> "QueueFilter":
        """The filter without one of its choices."""
        kept = tuple(one for one in getattr(self, _PARTS[name]) if one != code)
        return replace(self, **{_PARTS[name]: kept})


@dataclass(frozen=True)
class Place(paging.Cursor):
    """Where a page of the queue begins: after one row."""

    finished: int
    rank: int
    due: datetime
    referral_id: UUID


PAGE = 50


#: Of duties: to tell the sender of a form, who has no account, what was decided.
TELLS_SENDER = is_telling_of(FED_BACK)
#: How long after the last sign of life somebody still counts as looking at a form.
LOOKING = timedelta(seconds=90)

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
UNDECIDED = sorted(UNDECIDED_REFERRAL_STATES)
_DECIDED = (ReferralState.DECIDED.value, ReferralState.FED_BACK.value)
#: Written out, or the database would not see that the index on what waits serves.
WAITING = Referral.state.in_(bindparam("waiting", UNDECIDED, expanding=True, literal_execute=True))
_SENT_BY = func.coalesce(Referral.sender_agency_id, Referral.author_agency_id)
_RANK = case(
    *((Referral.colour == colour, colour.rank) for colour in TriageColour), else_=len(TriageColour) + 1
)


@dataclass(frozen=True)
class QueuePage:
    """Some rows of the queue, and where the next page begins."""

    rows: Sequence[Any]
    next: Place | None


def queue(*, wanted: QueueFilter, after: Place | None = None, limit: int = PAGE) -> QueuePage:
    """A page of what the hub has to see to: red, amber, green, always, and in each what runs out soonest.

    What is decided is due when the sender has to be told; what is finished comes last, the newest first.

    Args:
        wanted: which referrals.
        after: where the page before ended.
    """
    statement = _listed(wanted, limit) if after is None else _listed_after(wanted, limit, after)
    found = db.session.execute(statement).all()
    rows = found[:limit]
    last = rows[-1] if len(found) > limit else None
    return QueuePage(rows, Place(last.finished, last.rank, last.due, last.id) if last else None)


@lru_cache(64)
def _listed(wanted: QueueFilter, limit: int) -> Executable:
    """The first page of what is wanted: asked most, so built once. What differs is asked for when it runs."""
    return _listed_after(wanted, limit, None)


def _listed_after(wanted: QueueFilter, limit: int, after: Place | None) -> Executable:
    # Asked only where something decided is listed: of what waits nobody has to be told yet.
    waits = set(wanted.in_states) <= set(UNDECIDED)
    untold: ColumnElement[Any] = null() if waits else first_due(DeadlineKind.BY_HAND, TELLS_SENDER)
    due = _due(untold)
    finished = case(((Referral.state == ReferralState.FED_BACK) & untold.is_(None), 1), else_=0)
    order = (finished, _RANK, due, Referral.id)
    claimant, sender = aliased(User), aliased(Agency)
    statement = (
        select(
            Referral.id,
            Referral.reference,
            Referral.colour,
            Referral.kind,
            Referral.types,
            Referral.district,
            Referral.state,
            Referral.received_at,
            Referral.claimed_by,
            Referral.immediate_danger,
            Referral.answers["in_one_line"].astext.label("in_one_line"),
            Referral.answers["flags"].label("flags"),
            func.left(Referral.what_happened, _BEGINNING).label("what_happened"),
            claimant.name.label("claimed_by_name"),
            sender.name.label("sender_agency"),
            _about().label("subjects"),
            _looking().label("looking"),
            first_due(DeadlineKind.SENDER_WROTE).label("wrote_due"),
            untold.label("untold_due"),
            finished.label("finished"),
            _RANK.label("rank"),
            due.label("due"),
        )
        .join(sender, sender.id == _SENT_BY)
        .outerjoin(claimant, claimant.id == Referral.claimed_by)
        .where(*_matching(wanted, sender), in_triage_by_me())
        .order_by(*order)
        .limit(at_most(limit + 1))
    )
    if waits:
        statement = statement.where(Referral.id.in_(_next_waiting(wanted, after, limit + 1)))
    if after:
        statement = statement.where(
            tuple_(*order) > tuple_(literal(after.finished), after.rank, after.due, after.referral_id)
        )
    return statement


def _next_waiting(wanted: QueueFilter, after: Place | None, limit: int) -> CompoundSelect[tuple[UUID]]:
    """The forms among which the next page is, where none is decided.

    Each colour is in the order of its index, so the first few of each are found however many wait.
    """
    mine = (Referral.triage_due_at, Referral.id)
    parts = []
    # What has no date or no colour stands last, as in the whole queue: no service leaves a form so.
    colours = [(colour.rank, Referral.colour == colour) for colour in TriageColour]
    colours.append((len(TriageColour) + 1, _without_colour()))
    for (rank, colour), dated in product(colours, (True, False)):
        if after and (rank < after.rank or (rank == after.rank and dated and after.due == _FOREVER)):
            continue
        sender = aliased(Agency)
        is_dated = Referral.triage_due_at.is_not(None) if dated else Referral.triage_due_at.is_(None)
        part = (
            select(Referral.id)
            .join(sender, sender.id == func.coalesce(Referral.sender_agency_id, Referral.author_agency_id))
            .where(WAITING, *_matching(wanted, sender), in_triage_by_me(), colour, is_dated)
            .order_by(*mine)
            .limit(at_most(limit))
        )
        if after and rank == after.rank and dated:
            part = part.where(tuple_(*mine) > tuple_(literal(after.due), after.referral_id))
        elif after and rank == after.rank and after.due == _FOREVER:
            part = part.where(Referral.id > after.referral_id)
        parts.append(part)
    if not parts:
        raise paging.OddCursor(str(after))
    return union_all(*parts)


def _without_colour() -> ColumnElement[bool]:
    """What has none of the colours, as the ranges between them: of an index, which “not in” is not."""
    codes = sorted(TriageColour)
    between = [and_(Referral.colour > one, Referral.colour < next_) for one, next_ in pairwise(codes)]
    return or_(Referral.colour.is_(None), Referral.colour < codes[0], *between, Referral.colour > codes[-1])


def in_triage_by_me() -> ColumnElement[bool]:
    """Whether a coordinator sees a referral as a coordinator, and not only as the person who entered it."""
    notice = select(ReferralNotice.referral_id).where(
        ReferralNotice.referral_id == Referral.id, ~ReferralNotice.passed_on
    )
    seal = select(ReferralSeal.referral_id).where(ReferralSeal.referral_id == Referral.id)
    # As in the policies: looked up form by form, however many wait, and never gathered.
    return or_(notice.offset(0).exists(), seal.offset(0).exists())


def _due(untold: ColumnElement[datetime]) -> ColumnElement[datetime]:
    feedback, wrote = first_due(DeadlineKind.FEEDBACK), first_due(DeadlineKind.SENDER_WROTE)
    finished = literal(_FOREVER) - (Referral.decided_at - literal(EPOCH))
    return case(
        (Referral.state.in_(UNDECIDED), func.coalesce(Referral.triage_due_at, _FOREVER)),
        (Referral.state.in_(_DECIDED) & wrote.is_not(None), wrote),
        (Referral.state == ReferralState.DECIDED, func.coalesce(feedback, _FOREVER)),
        (untold.is_not(None), untold),
        else_=func.coalesce(finished, _FOREVER),
    )


def first_due(kind: DeadlineKind, *more: ColumnElement[bool]) -> ColumnElement[datetime]:
    """When the first of what is owed on a form is due; none where nothing of the kind is."""
    return (
        select(func.min(Deadline.due_at))
        .where(
            Deadline.referral_id == Referral.id,
            Deadline.kind == kind,
            Deadline.state == DeadlineState.OPEN,
            *more,
        )
        .scalar_subquery()
    )


def _about() -> ColumnElement[Any]:
    """What a form is about: each subject, with the known child that it was found to be."""
    known = Child.given_name + " " + Child.family_name
    said = func.json_build_object(
        *("kind", ReferralSubject.kind, "label", ReferralSubject.label, "details", ReferralSubject.details),
        *("known", known, "recognised", ReferralChild.child_id.is_not(None)),
    )
    return (
        select(func.json_agg(aggregate_order_by(said, ReferralSubject.position), type_=JSON))
        .select_from(ReferralSubject)
        .outerjoin(ReferralChild, ReferralChild.subject_id == ReferralSubject.id)
        .outerjoin(Child, Child.id == ReferralChild.child_id)
        .where(ReferralSubject.referral_id == Referral.id)
        .scalar_subquery()
    )


def _looking() -> ColumnElement[list[str]]:
    """Who has the form open now, beside the person who asks."""
    return (
        select(func.coalesce(func.array_agg(User.name), cast([], ARRAY(Text))))
        .select_from(ReferralPresence)
        .join(User, User.id == ReferralPresence.user_id)
        .where(
            ReferralPresence.referral_id == Referral.id,
            ReferralPresence.seen_at > NOW - literal(LOOKING),
            ReferralPresence.user_id != select(func.ctx.user_id()).scalar_subquery(),
        )
        .scalar_subquery()
    )


def _matching(wanted: QueueFilter, sender: type[Agency]) -> list[ColumnElement[bool]]:
    # What was not chosen is not asked, so that the index on state and time serves the usual page.
    standing: ColumnElement[bool] = Referral.state.in_(wanted.in_states)
    if ReferralState.DECIDED in wanted.in_states and ReferralState.FED_BACK not in wanted.in_states:
        # The answer is written, and whoever has no account does not know it yet.
        form, owing = aliased(Referral), (TELLS_SENDER, Deadline.state == DeadlineState.OPEN)
        decided = select(form.id).where(form.state.in_(wanted.in_states))
        standing = Referral.id.in_(union(decided, select(Deadline.referral_id).where(*owing)))
    conditions: list[ColumnElement[bool]] = [standing]
    if wanted.wrote:
        owed = select(Deadline.referral_id).where(
            Deadline.kind == DeadlineKind.SENDER_WROTE, Deadline.state == DeadlineState.OPEN
        )
        conditions.append(Referral.id.in_(owed) if SINCE_DECIDED in wanted.wrote else false())
    if wanted.districts:
        conditions.append(
            or_(
                Referral.district.in_(wanted.districts),
                Referral.district.is_(None) if "none" in wanted.districts else text("false"),
            )
        )
    if wanted.types:
        conditions.append(Referral.types.op("&&")(cast(list(wanted.types), ARRAY(Text))))
    if wanted.agencies:
        conditions.append(sender.code.in_(wanted.agencies))
    if wanted.colours:
        conditions.append(Referral.colour.in_(wanted.colours))
    if wanted.said:
        said = Referral.answers["flags"].op("?|")(cast(list(wanted.said), ARRAY(Text)))
        conditions.append(
            or_(said, and_(literal(DANGER in wanted.said), Referral.immediate_danger.is_(True)))
        )
    if wanted.held:
        me = select(func.ctx.user_id()).scalar_subquery()
        by = {
            Held.NOBODY: Referral.claimed_by.is_(None),
            Held.MINE: Referral.claimed_by == me,
            Held.OTHERS: Referral.claimed_by != me,
        }
        conditions.append(or_(*(by[Held(one)] for one in wanted.held if one in set(Held)), text("false")))
    return conditions


def forms_about(*, child_ids: Sequence[UUID], limit: int) -> Rows:
    """The forms that were sent on children, as far as one sees them, the newest first: reference, sent_at,
    child_id and agency.
    """
    if not child_ids:
        return ()
    return db.session.execute(
        select(Referral.reference, Referral.sent_at, ReferralChild.child_id, Agency.name.label("agency"))
        .join(ReferralChild, ReferralChild.referral_id == Referral.id)
        .join(Agency, Agency.id == func.coalesce(Referral.sender_agency_id, Referral.author_agency_id))
        .where(ReferralChild.child_id.in_(child_ids), Referral.sent_at.is_not(None))
        .order_by(Referral.sent_at.desc(), Referral.id)
        .limit(limit)
    ).all()
