"""How the triage queue stands – what of each colour is open, overdue and held by nobody, and what came in
– and what stands around it: what nobody confirmed, what colleagues see to, one's own views, and what a
front door of children's social care was sent by the hub.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline, is_owed
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.queries.declared import AnyOf, Filter, Listing, heads, labels, latest, offered, one_of
from portal.queries.listing import Whole
from portal.queries.rows import NOW, at_most, name_of
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import Referral, ReferralNotice, ReferralSeal
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.records.triage.reading.records import PAGE, TELLS_SENDER, UNDECIDED, WAITING, in_triage_by_me
from portal.vocabulary import Labelled, ReferralState, Sector, Sensitivity, TriageColour

#: Counting of one colour stops here.
MANY = 200


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
    wrote: int  # decided forms to which the sender has written since; stops at `MANY`


_FEEDBACK, _WROTE = "feedback", "wrote"


def counts() -> QueueCounts:
    """How much of each colour is undecided, overdue and held by nobody; in one statement."""
    rows = {row.part: row for row in db.session.execute(_counting()).all() if row.open}
    owed, wrote = rows.pop(_FEEDBACK, None), rows.pop(_WROTE, None)
    return QueueCounts(
        [
            ColourCount(TriageColour(part), row.open, row.overdue, row.unheld, row.next_due, row.next_holder)
            for part, row in rows.items()
        ],
        owed.open if owed else 0,
        owed.overdue if owed else 0,
        wrote.open if wrote else 0,
    )


@cache
def _counting() -> CompoundSelect[Any]:
    holder = select(User.name).where(User.id == Referral.claimed_by).scalar_subquery()
    waiting = select(Referral.triage_due_at.label("due"), holder.label("holder")).where(
        WAITING, in_triage_by_me()
    )
    earliest = (Referral.triage_due_at, Referral.id)
    parts = [
        _counted(colour.value, waiting.where(Referral.colour == colour).order_by(*earliest))
        for colour in TriageColour
    ]
    answer = (Deadline.kind == DeadlineKind.FEEDBACK) & (Referral.state == ReferralState.DECIDED)
    feedback = union_all(_owed(answer), _owed(TELLS_SENDER))
    parts.append(_counted(_FEEDBACK, feedback.order_by(feedback.selected_columns.due)))
    wrote = _owed(Deadline.kind == DeadlineKind.SENDER_WROTE)
    parts.append(_counted(_WROTE, wrote.order_by(Deadline.due_at)))
    return union_all(*parts)


def _counted(part: str, listed: Select[Any] | CompoundSelect[Any]) -> Select[Any]:
    found = listed.limit(at_most(MANY)).subquery()
    in_time = found.c.due >= NOW
    holders = func.array_agg(aggregate_order_by(found.c.holder, found.c.due), type_=ARRAY(Text))
    return select(
        literal(part).label("part"),
        func.count().label("open"),
        func.count().filter(found.c.due < NOW).label("overdue"),
        func.count().filter(found.c.holder.is_(None)).label("unheld"),
        func.min(found.c.due).filter(in_time).label("next_due"),
        holders.filter(in_time)[1].label("next_holder"),
    ).select_from(found)


def _owed(what: ColumnElement[bool]) -> Select[Any]:
    """The forms on which something is owed after they were decided, by when each is due."""
    columns: tuple[Any, ...] = (Deadline.due_at.label("due"), literal(None, Text).label("holder"))
    return (
        select(*columns)
        .join(Referral, Referral.id == Deadline.referral_id)
        .where(
            what,
            Deadline.state == DeadlineState.OPEN,
            in_triage_by_me(),
        )
    )


def arrived_since(moment: datetime) -> Mapping[TriageColour, int]:
    """How many forms of each colour came in since a moment and are undecided."""
    came = (
        select(Referral.colour)
        .where(WAITING, Referral.received_at > moment, in_triage_by_me())
        .limit(at_most(MANY))
        .subquery()
    )
    rows = db.session.execute(select(came.c.colour, func.count()).group_by(came.c.colour)).all()
    found = {TriageColour(colour): number for colour, number in rows if colour}
    return {colour: found[colour] for colour in TriageColour if colour in found}


def undecided() -> Select[Any]:
    """The forms that the hub has not decided."""
    return select(Referral.id).where(WAITING, in_triage_by_me())


_FOR_NOBODY = func.ctx.waits_for_nobody(ReferralNotice.referral_id)


def passed_on() -> Sequence[Any]:
    """Open referrals that the people of a sealed case see to: that they exist, and whether nobody at the hub
    is left who may see one (`nobody`).
    """
    return db.session.execute(_passing()).all()


@cache
def _passing() -> Select[Any]:
    return (
        select(ReferralNotice.reference, ReferralNotice.state, _FOR_NOBODY.label("nobody"))
        .where(
            ReferralNotice.passed_on,
            ReferralNotice.state.in_([*UNDECIDED, ReferralState.DECIDED]),
            ~exists().where(ReferralSeal.referral_id == ReferralNotice.referral_id),
        )
        .order_by(ReferralNotice.referral_id)
        .limit(at_most(PAGE))
    )


def passed_form(*, reference: str) -> Any:
    """Of a referral that a colleague sees to, whether nobody is left who may (`nobody`); else None."""
    found = select(_FOR_NOBODY.label("nobody")).where(
        ReferralNotice.reference == reference, ReferralNotice.passed_on
    )
    return db.session.execute(found).one_or_none()


def senders() -> Sequence[Any]:
    """The agencies whose people send forms, by name: for the filter."""
    return db.session.execute(
        select(Agency.code, Agency.name).where(Agency.active).order_by(Agency.name)
    ).all()


MOST = 50


def red_receipts() -> Sequence[Any]:
    """Red tellings that the receiver has not confirmed, with the number to ring, the earliest due first."""
    return db.session.execute(_red_receipts()).all()


@cache
def _red_receipts() -> Select[Any]:
    receiver = aliased(Agency)
    return (
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
        .limit(at_most(MOST))
    )


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
        .limit(at_most(MOST))
    ).all()


def due_on(subject: Any, table: str, kind: DeadlineKind) -> Any:
    return (
        select(func.min(Deadline.due_at))
        .where(Deadline.subject_kind == table, Deadline.subject_id == subject, Deadline.kind == kind)
        .scalar_subquery()
    )


def sectors_that_know(*, referral_id: UUID) -> set[str]:
    """The sectors of which somebody knows of a form, as far as the portal knows: who sent it, was told of it,
    or reads a case that it was put on; social care too where it said on the telephone that it has a referral.
    """
    on_case = (
        select(Agency.sector)
        .select_from(TriageDecision)
        .join(Case, Case.id == TriageDecision.case_id)
        .where(TriageDecision.referral_id == referral_id, TriageDecision.reopened_at.is_(None))
    )
    open_to_teams = on_case.where(Case.sensitivity == Sensitivity.NORMAL)
    runs = or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > clock.now())
    statements = (
        select(Agency.sector)
        .join(Referral, Agency.id == func.coalesce(Referral.sender_agency_id, Referral.author_agency_id))
        .where(Referral.id == referral_id),
        select(Agency.sector)
        .join(Disclosure, Agency.id == Disclosure.receiver_agency_id)
        .where(
            Disclosure.referral_id == referral_id,
            Disclosure.withdrawn_at.is_(None),
            Disclosure.decision != SharingDecision.REFUSE,
        ),
        open_to_teams.join(Involvement, Involvement.case_id == Case.id)
        .join(Agency, Agency.id == Involvement.agency_id)
        .where(Involvement.ended_at.is_(None)),
        on_case.join(AccessGrant, AccessGrant.case_id == Case.id)
        .join(User, User.id == AccessGrant.user_id)
        .join(Agency, Agency.id == User.agency_id)
        .where(runs),
        select(literal(Sector.SOCIAL_CARE.value)).where(
            SocialCareReferral.referral_id == referral_id,
            SocialCareReferral.withdrawn_at.is_(None),
            SocialCareReferral.confirmed_at.is_not(None),
        ),
    )
    return set(db.session.scalars(union(*statements)))


def taken_back(*, disclosure_id: UUID) -> Any:
    """When and by whom (`taken_at`, `taken_by`) the hub took back the decision behind what was told."""
    statement = text("select taken_at, taken_by from ctx.taken_back_behind(:told)")
    return db.session.execute(statement, {"told": disclosure_id}).one_or_none()


class AtDoor(Labelled):
    """What somebody looks for among what a front door was sent."""

    OVERDUE = "overdue", "Overdue"
    UNDECIDED = "undecided", "Not decided"
    UNOPENED = "unopened", "Not opened yet"


_DECIDE_BY = due_on(Disclosure.id, Disclosure.__tablename__, DeadlineKind.SOCIAL_CARE_DECISION)


def _at_door() -> dict[AtDoor, ColumnElement[bool]]:
    undecided = SocialCareReferral.outcome.is_(None)
    return {
        AtDoor.OVERDUE: and_(undecided, clock.now() > _DECIDE_BY),
        AtDoor.UNDECIDED: undecided,
        AtDoor.UNOPENED: SocialCareReferral.opened_at.is_(None),
    }


#: What the front door of an agency was sent: who opened each, and what was decided.
FRONT_DOOR = Listing(
    name="referrals from the hub",
    noun=("referral", "referrals"),
    key=Disclosure.id,
    columns=heads("Reference", ("Sent", "newest"), "Opened", "Decision"),
    sorts=(latest("newest", Disclosure.decided_at, "sent"),),
    filters=(
        Filter("look", "Look out for", labels(AtDoor), AnyOf(_at_door)),
        Filter(
            "outcome",
            "What was decided",
            offered(lambda policy: policy.decisions.social_care_outcomes),
            one_of(SocialCareReferral.outcome),
        ),
    ),
)


def to_front_door(*, agency_id: UUID) -> Whole:
    """What the front door of an agency was sent, and of which of them the hub's own decision was taken back.
    Of these the reader's own, as ever.
    """
    over = func.ctx.taken_back_behind(Disclosure.id).table_valued("taken_at", "taken_by")
    columns: list[Any] = [
        Disclosure.id,
        Disclosure.reference,
        Disclosure.decided_at,
        SocialCareReferral.opened_at,
        name_of(SocialCareReferral.opened_by, "opened_by"),
        SocialCareReferral.outcome,
        SocialCareReferral.outcome_at,
        name_of(SocialCareReferral.outcome_by, "outcome_by"),
        name_of(Disclosure.receiver_team_id, "team"),
        _DECIDE_BY.label("due"),
        # Asked of the rows that are shown alone: what is joined is asked of all that are counted.
        *(select(one).scalar_subquery().label(one.name) for one in over.c),
    ]
    return Whole(_sent_to_front_door(agency_id, *columns))


def undecided_at_front_door(person: Principal) -> Select[Any]:
    """A row for each referral that the reader's front door has not decided."""
    return _sent_to_front_door(person.agency_id, Disclosure.id).where(SocialCareReferral.outcome.is_(None))


def _sent_to_front_door(agency_id: UUID, *columns: Any) -> Select[Any]:
    """Found by the agency, which has few of its own where the partnership has many."""
    return (
        select(*columns)
        .select_from(Disclosure)
        .join(SocialCareReferral, SocialCareReferral.id == Disclosure.social_care_referral_id)
        .where(
            Disclosure.receiver_agency_id == agency_id,
            Disclosure.social_care_referral_id.is_not(None),
            Disclosure.withdrawn_at.is_(None),
        )
    )
