"""The triage queue: what the hub still has to look at, first things first, and what nobody confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
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
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.model import SavedFilter
from portal.deadlines.model import Deadline, is_owed
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.states import UNDECIDED_REFERRAL_STATES
from portal.queries import paging
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import Referral, ReferralNotice, ReferralPresence, ReferralSeal
from portal.records.triage.model import SocialCareReferral
from portal.vocabulary import ReferralState, TriageColour

#: Moments in an address are counted from here.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class QueueFilter:
    """What of the queue to show; nothing chosen means all of it. Codes and references only, never a name."""

    districts: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    @property
    def chosen(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.districts or self.types or self.agencies or self.states)

    def as_query(self) -> dict[str, list[str]]:
        """The filter as it stands in an address, and as it is saved."""
        named = {
            "district": self.districts,
            "type": self.types,
            "agency": self.agencies,
            "state": self.states,
        }
        return {name: list(codes) for name, codes in named.items() if codes}

    def without(self, name: str, code: str) -> "QueueFilter":
        """The filter without one of its choices."""
        plural = {"district": "districts", "type": "types", "agency": "agencies", "state": "states"}[name]
        kept = tuple(one for one in getattr(self, plural) if one != code)
        return replace(self, **{plural: kept})


@dataclass(frozen=True)
class Place(paging.Cursor):
    """Where a page of the queue begins: after one row, as the queue stood at one moment."""

    as_of: datetime
    in_time: int
    rank: int
    due: datetime
    referral_id: UUID


PAGE = 50


#: How long after the last sign of life somebody still counts as looking at a form.
LOOKING = timedelta(seconds=90)

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_UNDECIDED = sorted(UNDECIDED_REFERRAL_STATES)
_SENT_BY = func.coalesce(Referral.sender_agency_id, Referral.author_agency_id)


@dataclass(frozen=True)
class QueuePage:
    """Some rows of the queue, and where the next page begins."""

    rows: Sequence[Any]
    as_of: datetime
    next: Place | None


def queue(*, wanted: QueueFilter, after: Place | None = None, limit: int = PAGE) -> QueuePage:
    """A page of what the hub has to see to.

    Overdue comes first, then red, amber, green, then what has least time left. What is decided is in time by
    when the sender has to be told; what is finished comes last, the newest first.

    Args:
        wanted: which referrals.
        after: where the page before ended. The queue is read as of that page's moment, so that a form which
            becomes overdue meanwhile is neither shown twice nor left out.
    """
    as_of = after.as_of if after else _to_the_millisecond(clock.now())
    due = _due()
    in_time = case((and_(due < as_of, Referral.state != ReferralState.FED_BACK), 0), else_=1)
    rank = case(
        *((Referral.colour == colour, colour.rank) for colour in TriageColour), else_=len(TriageColour)
    )
    order = (in_time, rank, due, Referral.id)
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
            claimant.name.label("claimed_by_name"),
            sender.name.label("sender_agency"),
            _looking().label("looking"),
            in_time.label("in_time"),
            rank.label("rank"),
            due.label("due"),
        )
        .join(sender, sender.id == _SENT_BY)
        .outerjoin(claimant, claimant.id == Referral.claimed_by)
        .where(*_matching(wanted, sender), in_triage_by_me())
        .order_by(*order)
        .limit(limit + 1)
    )
    if set(wanted.states or _UNDECIDED) <= set(_UNDECIDED):
        statement = statement.where(Referral.id.in_(_next_waiting(wanted, as_of, after, limit + 1)))
    if after:
        statement = statement.where(
            tuple_(*order) > tuple_(literal(after.in_time), after.rank, after.due, after.referral_id)
        )
    found = db.session.execute(statement).all()
    rows = found[:limit]
    more = len(found) > limit
    last = rows[-1] if more else None
    following = Place(as_of, last.in_time, last.rank, last.due, last.id) if last else None
    return QueuePage(rows, as_of, following)


def _next_waiting(
    wanted: QueueFilter, as_of: datetime, after: Place | None, limit: int
) -> CompoundSelect[tuple[UUID]]:
    """The forms among which the next page is, where none is decided.

    Each colour is in the order of its index, late ones before those in time, so the first few of each are
    found however many wait.
    """
    mine = (Referral.triage_due_at, Referral.id)
    # written out, or the database would not see that the index on what waits serves
    waiting = Referral.state.in_(bindparam("waiting", _UNDECIDED, expanding=True, literal_execute=True))
    parts = []
    due_at = Referral.triage_due_at
    # What has no date or no colour stands last, as in the whole queue: no service leaves a form so.
    times = ((0, due_at < as_of), (1, due_at >= as_of), (1, due_at.is_(None)))
    colours = [(colour.rank, Referral.colour == colour) for colour in TriageColour]
    colours.append((len(TriageColour), func.coalesce(Referral.colour, "").not_in(TriageColour)))
    for (in_time, due), (rank, colour) in product(times, colours):
        if after and (in_time, rank) < (after.in_time, after.rank):
            continue
        sender = aliased(Agency)
        part = (
            select(Referral.id)
            .join(sender, sender.id == func.coalesce(Referral.sender_agency_id, Referral.author_agency_id))
            .where(waiting, *_matching(wanted, sender), in_triage_by_me(), colour, due)
            .order_by(*mine)
            .limit(limit)
        )
        if after and (in_time, rank) == (after.in_time, after.rank):
            part = part.where(tuple_(*mine) > tuple_(literal(after.due), after.referral_id))
        parts.append(part)
    if not parts:
        raise paging.OddCursor(str(after))
    return union_all(*parts)


def in_triage_by_me() -> ColumnElement[bool]:
    """Whether a coordinator sees a referral as a coordinator, and not only as the person who entered it."""
    open_to_all = exists().where(ReferralNotice.referral_id == Referral.id, ~ReferralNotice.passed_on)
    handed_to_me = exists().where(ReferralSeal.referral_id == Referral.id)
    return or_(open_to_all, handed_to_me)


def _to_the_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


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
        (Referral.state.in_(_UNDECIDED), Referral.triage_due_at),
        (Referral.state == ReferralState.DECIDED, func.coalesce(feedback, _FOREVER)),
        else_=func.coalesce(finished, _FOREVER),
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
    return conditions


def feedback_owed() -> tuple[int, bool]:
    """How many decided forms still owe the sender an answer (at most `PAGE`), and whether one is overdue."""
    owed = (
        select(Deadline.due_at)
        .join(Referral, Referral.id == Deadline.referral_id)
        .where(
            Deadline.kind == DeadlineKind.FEEDBACK,
            Deadline.state == DeadlineState.OPEN,
            Referral.state == ReferralState.DECIDED,
            in_triage_by_me(),
        )
        .limit(PAGE)
        .subquery()
    )
    row = db.session.execute(select(func.count(), func.min(owed.c.due_at)).select_from(owed)).one()
    return row[0], row[1] is not None and row[1] < clock.now()


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
            due_on(Disclosure.id, Disclosure.__tablename__, DeadlineKind.RECEIPT).label("due"),
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
    """Referrals that the hub has to ring about: nobody at the front door has opened them in time."""
    rings = and_(
        Deadline.subject_kind == SocialCareReferral.__tablename__,
        Deadline.subject_id == SocialCareReferral.id,
        Deadline.kind == DeadlineKind.SOCIAL_CARE,
        is_owed(),
    )
    return db.session.execute(
        select(
            SocialCareReferral.id,
            SocialCareReferral.authority,
            SocialCareReferral.made_at,
            Referral.reference.label("referral_reference"),
            Deadline.due_at.label("due"),
        )
        .join(Referral, Referral.id == SocialCareReferral.referral_id)
        .join(Deadline, rings)
        .where(SocialCareReferral.confirmed_at.is_(None), SocialCareReferral.withdrawn_at.is_(None))
        .order_by(Deadline.due_at, SocialCareReferral.id)
        .limit(MOST)
    ).all()


def due_on(subject: Any, table: str, kind: DeadlineKind) -> Any:
    return (
        select(func.min(Deadline.due_at))
        .where(Deadline.subject_kind == table, Deadline.subject_id == subject, Deadline.kind == kind)
        .scalar_subquery()
    )
