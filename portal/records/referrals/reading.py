"""Information forms as pages read them: drafts, one form, and what a person or their teams sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from portal.access.principal import Principal
from portal.extensions import db
from portal.queries.declared import (
    AnyOf,
    Column,
    Filter,
    Listing,
    a_to_z,
    heads,
    labels,
    latest,
    offered,
    one_of,
)
from portal.queries.listing import Whole
from portal.queries.rows import MARKED, Rows, filled
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import (
    DraftOpening,
    Feedback,
    Referral,
    ReferralMessage,
    ReferralNotice,
    ReferralReading,
    ReferralSource,
    ReferralSubject,
)
from portal.records.referrals.rules import ChildDetails, Details, read_details
from portal.vocabulary import Labelled, ReferralState

MOST = 50  # more drafts than anybody keeps


@dataclass(frozen=True)
class LeftDraft:
    """An unsent draft of someone who left: that it exists, and whether one may read it now."""

    reference: str
    author: str
    team: str
    saved_at: datetime
    open_until: datetime | None = None


@dataclass(frozen=True)
class DraftRow:
    """An own draft."""

    reference: str
    saved_at: datetime
    answers: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class CaseForForm:
    """The case that a form is begun from, and the child as far as the person may know them."""

    id: UUID
    reference: str
    child: ChildDetails
    child_id: UUID
    district: str | None


def my_draft(*, person: Principal, reference: str) -> Referral | None:
    """An own draft by its reference, as it is now: another tab may have saved it within this request."""
    return db.session.scalar(
        select(Referral)
        .filter_by(reference=reference, author_id=person.user_id, state=ReferralState.DRAFT)
        .execution_options(populate_existing=True)
    )


def my_drafts(*, person: Principal) -> list[DraftRow]:
    """Own drafts, last saved first; at most `MOST`."""
    rows = db.session.execute(
        select(Referral.reference, Referral.saved_at, Referral.answers)
        .where(Referral.author_id == person.user_id, Referral.state == ReferralState.DRAFT)
        .order_by(Referral.saved_at.desc())
        .limit(MOST)
    )
    return [DraftRow(*row) for row in rows]


def left_drafts(*, person: Principal) -> list[LeftDraft]:
    """Unsent drafts of people who left a team that the person manages."""
    mine = and_(
        DraftOpening.referral_id == ReferralNotice.referral_id,
        DraftOpening.manager_id == person.user_id,
        DraftOpening.until > func.statement_timestamp(),
    )
    rows = db.session.execute(
        select(ReferralNotice.reference, User.name, Team.name, ReferralNotice.saved_at, DraftOpening.until)
        .join(User, User.id == ReferralNotice.author_id)
        .join(Team, Team.id == ReferralNotice.author_team_id)
        .outerjoin(DraftOpening, mine)
        .where(ReferralNotice.state == ReferralState.DRAFT, Team.manager_id == person.user_id)
        .order_by(ReferralNotice.saved_at.desc())
        .limit(MOST)
    )
    return [LeftDraft(*row) for row in rows]


def agencies() -> tuple[tuple[str, str], ...]:
    """The agencies that a sender may be of, by name."""
    rows = db.session.execute(select(Agency.id, Agency.name).where(Agency.active).order_by(Agency.name))
    return tuple((str(row.id), row.name) for row in rows)


def agency_name(agency_id: UUID | None) -> str:
    """The name of an agency; nothing for none."""
    if agency_id is None:
        return ""
    return db.session.scalar(select(Agency.name).where(Agency.id == agency_id)) or ""


def teams(*, ids: Iterable[UUID]) -> list[tuple[str, str]]:
    """Teams by name."""
    rows = db.session.execute(select(Team.id, Team.name).where(Team.id.in_(ids)).order_by(Team.name))
    return [(str(row.id), row.name) for row in rows]


def case_for_form(*, reference: str) -> CaseForForm | None:
    """What is known of the child of a case, so that nobody types it again. Addresses are not copied."""
    row = db.session.execute(
        select(Case.id, Case.reference, Case.district, Child, ChildRecord)
        .join(Child, Child.id == Case.child_id)
        .outerjoin(ChildRecord, ChildRecord.child_id == Child.id)
        .where(Case.reference == reference)
    ).one_or_none()
    if row is None:
        return None
    case_id, found, district, child, record = row
    details = ChildDetails(
        given_name=child.given_name,
        family_name=child.family_name,
        dob=None if child.dob_is_estimate else child.dob,
        nhs_number=child.nhs_number or "",
        gender=(record.gender or "") if record else "",
        ethnicity=(record.ethnicity or "") if record else "",
    )
    return CaseForForm(case_id, found, details, child.id, district)


@dataclass(frozen=True)
class Said:
    """A message between hub and sender, or feedback."""

    by: str
    at: datetime
    text: str
    from_hub: bool
    asks_reply: bool = False


def find_referral(*, reference: str) -> Referral | None:
    """A form by its reference, if the person sees it."""
    return db.session.scalar(select(Referral).filter_by(reference=reference))


def subjects(*, referral_id: UUID) -> list[Details]:
    """The children, people and things on a sent form, in order."""
    rows = db.session.execute(
        select(ReferralSubject.kind, ReferralSubject.details)
        .where(ReferralSubject.referral_id == referral_id)
        .order_by(ReferralSubject.position)
    )
    return [read_details(kind, details) for kind, details in rows]


def said(*, referral_id: UUID) -> list[Said]:
    """The messages on a form, oldest first."""
    rows = db.session.execute(
        select(
            User.name,
            ReferralMessage.sent_at,
            ReferralMessage.text,
            ReferralMessage.from_hub,
            ReferralMessage.asks_reply,
        )
        .join(User, User.id == ReferralMessage.author_id)
        .where(ReferralMessage.referral_id == referral_id)
        .order_by(ReferralMessage.sent_at, ReferralMessage.id)
    )
    return [Said(*row) for row in rows]


def feedback(*, referral_id: UUID) -> list[Said]:
    """What the hub told the sender about what became of it, newest first."""
    rows = db.session.execute(
        select(User.name, Feedback.given_at, Feedback.text)
        .join(User, User.id == Feedback.author_id)
        .where(Feedback.referral_id == referral_id)
        .order_by(Feedback.given_at.desc())
    )
    return [Said(by, at, words, from_hub=True) for by, at, words in rows]


def who_sent(*, referral: Referral) -> tuple[User, str, str]:
    """The author of a form, the name of their agency and of the team that it was sent for."""
    row = db.session.execute(
        select(User, Agency.name, Team.name)
        .select_from(User)
        .join(Agency, Agency.id == referral.author_agency_id)
        .outerjoin(Team, Team.id == referral.author_team_id)
        .where(User.id == referral.author_id)
    ).one()
    return row[0], row[1], row[2] or ""


@dataclass(frozen=True)
class SentRow:
    """A form in the list of what was sent."""

    id: UUID
    reference: str
    state: ReferralState
    kind: str
    sent_at: datetime
    author: str
    is_mine: bool
    new_message: bool
    new_feedback: bool
    labels: tuple[str, ...] = ()
    missing: Any = None  # what `ui.missing_banner` shows of the child of the case that it was begun from
    child: str = ""  # their name, as whoever reads that case knows it


class News(Labelled):
    """What is new from the hub on one of one's own forms."""

    MESSAGE = "message", "New message"
    FEEDBACK = "feedback", "New feedback"


#: When whoever asks last read a form that they sent.
_READ = aliased(ReferralReading, name="own_reading")
_SINCE = func.coalesce(_READ.read_at, Referral.sent_at)
_NEW = {
    News.MESSAGE: exists().where(
        ReferralMessage.referral_id == Referral.id, ReferralMessage.from_hub, ReferralMessage.sent_at > _SINCE
    ),
    News.FEEDBACK: exists().where(Feedback.referral_id == Referral.id, Feedback.given_at > _SINCE),
}
_AUTHOR = aliased(User, name="author_of_form")
#: Where a form stands that was sent, and in the words for whoever sent it.
_STATES = {one.value: one.label for one in ReferralState if one is not ReferralState.DRAFT}
_OWN_STATES = _STATES | {ReferralState.WAITING_FOR_SENDER.value: "Waiting for your answer"}
_STANDS = Filter("state", "Where it stands", lambda: [*_STATES.items()], one_of(Referral.state))
_KIND = Filter("kind", "Mainly about", offered(lambda policy: policy.referral.kinds), one_of(Referral.kind))
_NEWEST = latest("sent", Referral.sent_at, "sent")
#: What somebody sent to the hub.
SENT = Listing(
    name="what I sent",
    noun=("form", "forms"),
    key=Referral.id,
    columns=heads("Reference", "About", ("Sent", "sent"), "Where it stands", "From the hub"),
    sorts=(_NEWEST,),
    filters=(
        Filter("new", "From the hub", labels(News), AnyOf(lambda: _NEW)),
        replace(_STANDS, options=lambda: [*_OWN_STATES.items()]),
        _KIND,
    ),
)
#: What the teams of a manager sent.
SENT_BY_TEAM = replace(
    SENT,
    name="what my team sent",
    columns=(*SENT.columns[:4], Column("Sent by", sort="author")),
    sorts=(_NEWEST, a_to_z("author", "By who sent it", _AUTHOR.name, then=(Referral.sent_at,))),
    filters=(_STANDS, _KIND),
)


def sent(listing: Listing, person: Principal) -> Whole:
    """What the person, or the teams they manage, sent."""
    rows = _sent_rows(person)
    if listing is SENT:
        return Whole(rows.where(Referral.author_id == person.user_id))
    managed = select(Team.id).where(Team.manager_id == person.user_id)
    return Whole(rows.where(Referral.author_team_id.in_(managed)))


def sent_lines(rows: Rows, person: Principal) -> list[SentRow]:
    """Rows of what was sent, each with what it is about."""
    labelled = _labels([row.id for row in rows])
    return [
        filled(
            SentRow,
            row,
            state=ReferralState(row.state),
            is_mine=row.author_id == person.user_id,
            labels=labelled.get(row.id, ()),
            missing=row.missing_now,
            child=" ".join(part for part in (row.given_name, row.family_name) if part),
        )
        for row in rows
    ]


def _sent_rows(person: Principal) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Referral.id,
            Referral.reference,
            Referral.state,
            Referral.kind,
            Referral.sent_at,
            Referral.author_id,
            _AUTHOR.name.label("author"),
            _NEW[News.MESSAGE].label("new_message"),
            _NEW[News.FEEDBACK].label("new_feedback"),
            *MARKED,
        )
        .select_from(Referral)
        .join(_AUTHOR, _AUTHOR.id == Referral.author_id)
        .outerjoin(Case, Case.id == Referral.from_case_id)
        .outerjoin(Child, Child.id == Case.child_id)
        .outerjoin(_READ, and_(_READ.referral_id == Referral.id, _READ.user_id == person.user_id))
        .where(Referral.state != ReferralState.DRAFT)
    )


def _labels(ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """What each form is about, in the words of its children, people and things."""
    found: dict[UUID, tuple[str, ...]] = {}
    if ids:
        rows = db.session.execute(
            select(ReferralSubject.referral_id, ReferralSubject.label)
            .where(ReferralSubject.referral_id.in_(ids))
            .order_by(ReferralSubject.referral_id, ReferralSubject.position)
        )
        for referral_id, label in rows:
            found[referral_id] = (*found.get(referral_id, ()), label)
    return found


def source_of(referral: Referral) -> ReferralSource | None:
    """Who told the sender, for the author and the hub; nothing for anybody else."""
    return db.session.get(ReferralSource, referral.id)
