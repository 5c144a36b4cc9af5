"""The triage queue: what the hub still has to look at, first things first, and what nobody confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.model import SavedFilter
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.labelled import Labelled
from portal.pathway.states import UNDECIDED_REFERRAL_STATES
from portal.queries import paging
from portal.records.children.model import Child
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import (
    Referral,
    ReferralChild,
    ReferralNotice,
    ReferralPresence,
    ReferralSeal,
    ReferralSubject,
)
from portal.records.triage.model import SocialCareReferral
from portal.vocabulary import ReferralState, TriageColour

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
}


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
    """

    colours: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()

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
#: Counting of one colour stops here.
MANY = 200


#: How long after the last sign of life somebody still counts as looking at a form.
LOOKING = timedelta(seconds=90)

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_UNDECIDED = sorted(UNDECIDED_REFERRAL_STATES)
#: Written out, or the database would not see that the index on what waits serves.
_WAITING = Referral.state.in_(bindparam("waiting", _UNDECIDED, expanding=True, literal_execute=True))
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
    due, finished = _due(), case((Referral.state == ReferralState.FED_BACK, 1), else_=0)
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
            finished.label("finished"),
            _RANK.label("rank"),
            due.label("due"),
        )
        .join(sender, sender.id == _SENT_BY)
        .outerjoin(claimant, claimant.id == Referral.claimed_by)
        .where(*_matching(wanted, sender), in_triage_by_me())
        .order_by(*order)
        .limit(limit + 1)
    )
    if set(wanted.states or _UNDECIDED) <= set(_UNDECIDED):
        statement = statement.where(Referral.id.in_(_next_waiting(wanted, after, limit + 1)))
    if after:
        statement = statement.where(
            tuple_(*order) > tuple_(literal(after.finished), after.rank, after.due, after.referral_id)
        )
    found = db.session.execute(statement).all()
    rows = found[:limit]
    last = rows[-1] if len(found) > limit else None
    return QueuePage(rows, Place(last.finished, last.rank, last.due, last.id) if last else None)


@dataclass(frozen=True)
class ColourCount:
    """How much of one colour is undecided; `open` stops at `MANY`.

    Attributes:
        next_due: when the next that is still in time runs out.
        next_held_by: whose that is; None where nobody has it.
    """

    colour: TriageColour
    open: int
    overdue: int
    unheld: int
    next_due: datetime | None
    next_held_by: str | None


@dataclass(frozen=True)
class QueueCounts:
    """How the queue stands: each colour of which there is any, and the decided forms whose senders wait."""

    colours: Sequence[ColourCount]
    feedback: int  # stops at `MANY`
    feedback_overdue: int


_FEEDBACK = "feedback"


def counts() -> QueueCounts:
    """How much of each colour is undecided, overdue and held by nobody; in one statement."""
    holder = select(User.name).where(User.id == Referral.claimed_by).scalar_subquery()
    waiting = select(Referral.triage_due_at.label("due"), holder.label("holder")).where(
        _WAITING, in_triage_by_me()
    )
    earliest = (Referral.triage_due_at, Referral.id)
    parts = [
        _counted(colour.value, waiting.where(Referral.colour == colour).order_by(*earliest))
        for colour in TriageColour
    ]
    parts.append(_counted(_FEEDBACK, _feedback_owed().order_by(Deadline.due_at)))
    rows = {row.part: row for row in db.session.execute(union_all(*parts)).all() if row.open}
    owed = rows.pop(_FEEDBACK, None)
    return QueueCounts(
        [
            ColourCount(TriageColour(part), row.open, row.overdue, row.unheld, row.next_due, row.next_holder)
            for part, row in rows.items()
        ],
        owed.open if owed else 0,
        owed.overdue if owed else 0,
    )


def _counted(part: str, listed: Select[Any]) -> Select[Any]:
    now, found = clock.now(), listed.limit(MANY).subquery()
    in_time = found.c.due >= now
    holders = func.array_agg(aggregate_order_by(found.c.holder, found.c.due), type_=ARRAY(Text))
    return select(
        literal(part).label("part"),
        func.count().label("open"),
        func.count().filter(found.c.due < now).label("overdue"),
        func.count().filter(found.c.holder.is_(None)).label("unheld"),
        func.min(found.c.due).filter(in_time).label("next_due"),
        holders.filter(in_time)[1].label("next_holder"),
    ).select_from(found)


def _feedback_owed() -> Select[Any]:
    """The decided forms that still owe the sender an answer, by when each is due."""
    columns: tuple[Any, ...] = (Deadline.due_at.label("due"), literal(None, Text).label("holder"))
    return (
        select(*columns)
        .join(Referral, Referral.id == Deadline.referral_id)
        .where(
            Deadline.kind == DeadlineKind.FEEDBACK,
            Deadline.state == DeadlineState.OPEN,
            Referral.state == ReferralState.DECIDED,
            in_triage_by_me(),
        )
    )


def arrived_since(moment: datetime) -> Mapping[TriageColour, int]:
    """How many forms of each colour came in since a moment and are undecided."""
    came = (
        select(Referral.colour)
        .where(_WAITING, Referral.received_at > moment, in_triage_by_me())
        .limit(MANY)
        .subquery()
    )
    rows = db.session.execute(select(came.c.colour, func.count()).group_by(came.c.colour)).all()
    found = {TriageColour(colour): number for colour, number in rows if colour}
    return {colour: found[colour] for colour in TriageColour if colour in found}


def undecided() -> Select[Any]:
    """The forms that the hub has not decided."""
    return select(Referral.id).where(_WAITING, in_triage_by_me())


def _next_waiting(wanted: QueueFilter, after: Place | None, limit: int) -> CompoundSelect[tuple[UUID]]:
    """The forms among which the next page is, where none is decided.

    Each colour is in the order of its index, so the first few of each are found however many wait.
    """
    mine = (Referral.triage_due_at, Referral.id)
    parts = []
    # What has no date or no colour stands last, as in the whole queue: no service leaves a form so.
    colours = [(colour.rank, Referral.colour == colour) for colour in TriageColour]
    colours.append((len(TriageColour) + 1, func.coalesce(Referral.colour, "").not_in(TriageColour)))
    for (rank, colour), dated in product(colours, (True, False)):
        if after and (rank < after.rank or (rank == after.rank and dated and after.due == _FOREVER)):
            continue
        sender = aliased(Agency)
        is_dated = Referral.triage_due_at.is_not(None) if dated else Referral.triage_due_at.is_(None)
        part = (
            select(Referral.id)
            .join(sender, sender.id == func.coalesce(Referral.sender_agency_id, Referral.author_agency_id))
            .where(_WAITING, *_matching(wanted, sender), in_triage_by_me(), colour, is_dated)
            .order_by(*mine)
            .limit(limit)
        )
        if after and rank == after.rank and dated:
            part = part.where(tuple_(*mine) > tuple_(literal(after.due), after.referral_id))
        elif after and rank == after.rank and after.due == _FOREVER:
            part = part.where(Referral.id > after.referral_id)
        parts.append(part)
    if not parts:
        raise paging.OddCursor(str(after))
    return union_all(*parts)


def in_triage_by_me() -> ColumnElement[bool]:
    """Whether a coordinator sees a referral as a coordinator, and not only as the person who entered it."""
    open_to_all = exists().where(ReferralNotice.referral_id == Referral.id, ~ReferralNotice.passed_on)
    handed_to_me = exists().where(ReferralSeal.referral_id == Referral.id)
    return or_(open_to_all, handed_to_me)


def _due() -> ColumnElement[datetime]:
    feedback = (
        select(func.min(Deadline.due_at))
        .where(
            Deadline.referral_id == Referral.id,
            Deadline.kind == DeadlineKind.FEEDBACK,
            Deadline.state == DeadlineState.OPEN,
        )
        .scalar_subquery()
    )
    finished = literal(_FOREVER) - (Referral.decided_at - literal(EPOCH))
    return case(
        (Referral.state.in_(_UNDECIDED), func.coalesce(Referral.triage_due_at, _FOREVER)),
        (Referral.state == ReferralState.DECIDED, func.coalesce(feedback, _FOREVER)),
        else_=func.coalesce(finished, _FOREVER),
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
            ReferralPresence.seen_at > clock.now() - LOOKING,
            ReferralPresence.user_id != select(func.ctx.user_id()).scalar_subquery(),
        )
        .scalar_subquery()
    )


def _matching(wanted: QueueFilter, sender: type[Agency]) -> list[ColumnElement[bool]]:
    # What was not chosen is not asked, so that the index on state and time serves the usual page.
    conditions: list[ColumnElement[bool]] = [Referral.state.in_(wanted.states or _UNDECIDED)]
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


def passed_on() -> Sequence[Any]:
    """Open referrals that the people of a sealed case see to: that they exist, and nothing of them."""
    return db.session.execute(
        select(ReferralNotice.reference, ReferralNotice.state)
        .where(
            ReferralNotice.passed_on,
            ReferralNotice.state.in_([*_UNDECIDED, ReferralState.DECIDED]),
            ~exists().where(ReferralSeal.referral_id == ReferralNotice.referral_id),
        )
        .order_by(ReferralNotice.referral_id)
        .limit(PAGE)
    ).all()


def is_passed_on(*, reference: str) -> bool:
    """Whether a reference is that of a referral which a colleague sees to."""
    found = select(ReferralNotice.referral_id).where(
        ReferralNotice.reference == reference, ReferralNotice.passed_on
    )
    return db.session.scalar(found) is not None


def saved_filters(*, user_id: UUID, page: str) -> Sequence[Any]:
    """A person's own filters of a list, by name."""
    return db.session.execute(
        select(SavedFilter.id, SavedFilter.name, SavedFilter.query)
        .where(SavedFilter.user_id == user_id, SavedFilter.page == page)
        .order_by(func.lower(SavedFilter.name))
    ).all()


def senders() -> Sequence[Any]:
    """The agencies whose people send forms, by name: for the filter."""
    return db.session.execute(
        select(Agency.code, Agency.name).where(Agency.active).order_by(Agency.name)
    ).all()


MOST = 50


def red_receipts() -> Sequence[Any]:
    """Red tellings that the receiver has not confirmed, with the number to ring, the earliest due first."""
    receiver = aliased(Agency)
    return db.session.execute(
        select(
            Disclosure.id,
            Disclosure.reference,
            Disclosure.decided_at,
            receiver.name.label("agency"),
            Team.name.label("team"),
            Team.duty_phone,
            Referral.reference.label("referral_reference"),
            _due_on(Disclosure.id, Disclosure.__tablename__, DeadlineKind.RECEIPT).label("due"),
        )
        .join(receiver, receiver.id == Disclosure.receiver_agency_id)
        .outerjoin(Team, Team.id == Disclosure.receiver_team_id)
        .outerjoin(Referral, Referral.id == Disclosure.referral_id)
        .where(
            Disclosure.colour == TriageColour.RED,
            Disclosure.decision != SharingDecision.REFUSE,
            Disclosure.confirmed_at.is_(None),
            Disclosure.withdrawn_at.is_(None),
        )
        .order_by("due", Disclosure.id)
        .limit(MOST)
    ).all()


def social_care_referrals() -> Sequence[Any]:
    """Referrals to a front door that it has not confirmed: open, and red, until it has."""
    return db.session.execute(
        select(
            SocialCareReferral.id,
            SocialCareReferral.authority,
            SocialCareReferral.made_at,
            Referral.reference.label("referral_reference"),
            _due_on(SocialCareReferral.id, SocialCareReferral.__tablename__, DeadlineKind.SOCIAL_CARE).label(
                "due"
            ),
        )
        .join(Referral, Referral.id == SocialCareReferral.referral_id)
        .where(SocialCareReferral.confirmed_at.is_(None), SocialCareReferral.withdrawn_at.is_(None))
        .order_by("due", SocialCareReferral.id)
        .limit(MOST)
    ).all()


def _due_on(subject: Any, table: str, kind: DeadlineKind) -> Any:
    return (
        select(func.min(Deadline.due_at))
        .where(Deadline.subject_kind == table, Deadline.subject_id == subject, Deadline.kind == kind)
        .scalar_subquery()
    )
