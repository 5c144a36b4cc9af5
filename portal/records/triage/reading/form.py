"""One form as a coordinator works with it: who and what is on it, and all that was done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, any_, func, literal, literal_column, or_, select, union_all
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.queries.rows import filled, name_of, still
from portal.records.attachments.model import Attachment
from portal.records.cases.model import Case
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import (
    Feedback,
    Referral,
    ReferralChild,
    ReferralColour,
    ReferralHandover,
    ReferralMessage,
    ReferralSource,
    ReferralSubject,
)
from portal.records.referrals.rules import ChildDetails, Details, read_details
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.records.triage.reading.records import first_due, in_triage_by_me
from portal.vocabulary import ROLES_THAT_SEE_CASES, SubjectKind


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A child, person, place or thing on the form; `child_id` is the known child that it was found to be."""

    id: UUID
    position: int
    kind: SubjectKind
    label: str
    details: Details
    child_id: UUID | None

    @property
    def child(self) -> ChildDetails | None:
        """What the form says of a child; nothing when it is something else."""
        return self.details if isinstance(self.details, ChildDetails) else None


def head(*, reference: str) -> Any | None:
    """The form with who sent it, who has it, and the source; nothing when it is not one's to triage."""
    author, claimant = aliased(User), aliased(User)
    author_agency, sender_agency = aliased(Agency), aliased(Agency)
    return db.session.execute(
        select(
            Referral.id,
            Referral.reference,
            Referral.state,
            Referral.version,
            Referral.colour,
            Referral.kind,
            Referral.types,
            Referral.district,
            Referral.channel,
            Referral.answers,
            Referral.what_happened,
            Referral.received_at,
            Referral.sent_at,
            Referral.triage_due_at,
            Referral.decided_at,
            Referral.claimed_by,
            Referral.claimed_at,
            Referral.sender_name,
            Referral.sender_contact,
            Referral.concerns_colleague,
            Referral.immediate_danger,
            still(author).label("author"),
            _sees_cases(author).label("author_answers"),
            author.active.label("author_active"),
            author.email.label("author_email"),
            author.phone.label("author_phone"),
            author.job_title.label("author_title"),
            author_agency.name.label("author_agency"),
            sender_agency.name.label("sender_agency"),
            Team.name.label("author_team"),
            Team.duty_phone.label("author_team_phone"),
            claimant.name.label("claimed_by_name"),
            ReferralSource.text.label("source"),
            ReferralSource.at_risk_if_revealed.label("source_at_risk"),
            Case.reference.label("from_case"),
            first_due(DeadlineKind.SENDER_WROTE).label("wrote_due"),
        )
        .join(author, author.id == Referral.author_id)
        .join(author_agency, author_agency.id == Referral.author_agency_id)
        .outerjoin(sender_agency, sender_agency.id == Referral.sender_agency_id)
        .outerjoin(Team, Team.id == Referral.author_team_id)
        .outerjoin(claimant, claimant.id == Referral.claimed_by)
        .outerjoin(ReferralSource, ReferralSource.referral_id == Referral.id)
        .outerjoin(Case, Case.id == Referral.from_case_id)
        .where(Referral.reference == reference, in_triage_by_me())
    ).one_or_none()


def _sees_cases(person: Any) -> ColumnElement[bool]:
    return or_(*(literal(role.value) == any_(person.roles) for role in sorted(ROLES_THAT_SEE_CASES)))


def subjects(*, referral_id: UUID) -> Sequence[Subject]:
    """Who and what is on the form, in its order."""
    rows = db.session.execute(
        select(
            ReferralSubject.id,
            ReferralSubject.position,
            ReferralSubject.kind,
            ReferralSubject.label,
            ReferralSubject.details,
            ReferralChild.child_id,
        )
        .outerjoin(ReferralChild, ReferralChild.subject_id == ReferralSubject.id)
        .where(ReferralSubject.referral_id == referral_id)
        .order_by(ReferralSubject.position)
    )
    return [_subject(row) for row in rows]


def _subject(row: Row[Any]) -> Subject:
    return filled(
        Subject,
        row,
        kind=SubjectKind(row.kind),
        details=read_details(row.kind, row.details),
    )


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that was done with the form. `facts` are those of its kind, as `_events` names them."""

    kind: str
    id: UUID
    at: datetime
    by: str
    facts: Mapping[str, Any]


def answered(*, referral_id: UUID) -> list[tuple[str, str]]:
    """What the hub asked the sender and what was answered, in order; what came unasked has no question."""
    found: list[tuple[str, str]] = []
    question = ""
    for one in db.session.scalars(
        select(ReferralMessage)
        .where(ReferralMessage.referral_id == referral_id)
        .order_by(ReferralMessage.sent_at, ReferralMessage.id)
    ):
        if one.from_hub:
            question = one.text if one.asks_reply else question
        elif question:
            found.append((question, one.text))
    return found


def senders_teams(referral: Referral) -> list[UUID]:
    """The team whose form it is, to be offered where agencies are told or join; none of a colleague's case.

    Of a form that came by phone, e-mail or paper it is the team of the sender's agency, where that has one.
    """
    if referral.concerns_colleague:
        return []
    by_hand = bool(referral.sender_name or referral.sender_agency_id)
    own = Team.agency_id == referral.sender_agency_id if by_hand else Team.id == referral.author_team_id
    teams = list(db.session.scalars(select(Team.id).where(own, Team.active)))
    return teams if len(teams) == 1 else []


def senders_teams_of_case(*, case_id: UUID) -> list[UUID]:
    """The teams whose forms a case came of, as far as the reader sees those; none of a colleague's case."""
    decided = select(TriageDecision.referral_id).filter_by(case_id=case_id, reopened_at=None)
    forms = db.session.scalars(select(Referral).where(Referral.id.in_(decided)).order_by(Referral.id)).all()
    if any(one.concerns_colleague for one in forms):
        return []
    return [team for one in forms for team in senders_teams(one)]


def events(*, referral_id: UUID) -> Sequence[Event]:
    """Everything that was done with the form, oldest first, in one statement."""
    rows = db.session.execute(union_all(*_events(referral_id)).order_by("at", "id"))
    return [filled(Event, row, by=row.by or "") for row in rows]


def files(events: Sequence[Event]) -> Sequence[Any]:
    """The files on the form, as `portal.records.attachments.reading` gives those of other records."""
    return [
        SimpleNamespace(
            **{**one.facts, "added_agency_id": UUID(one.facts["added_agency_id"])},
            id=one.id,
            added_at=one.at,
            added_by=one.by,
            case_reference=None,  # a form's file stays with the form
        )
        for one in events
        if one.kind == "file"
    ]


def _events(referral_id: UUID) -> list[Select[Any]]:
    receiver, to, reopener = aliased(Agency), aliased(User), aliased(User)
    colour = _event(
        "colour",
        ReferralColour,
        ReferralColour.set_at,
        ReferralColour.set_by,
        {
            "colour": ReferralColour.colour,
            "reason": ReferralColour.reason,
            "by_policy": ReferralColour.by_policy,
        },
    )
    handover = _event(
        "handover",
        ReferralHandover,
        ReferralHandover.at,
        ReferralHandover.from_id,
        {"to": to.name, "note": ReferralHandover.note},
    ).outerjoin(to, to.id == ReferralHandover.to_id)
    message = _event(
        "message",
        ReferralMessage,
        ReferralMessage.sent_at,
        ReferralMessage.author_id,
        {
            "text": ReferralMessage.text,
            "from_hub": ReferralMessage.from_hub,
            "asks_reply": ReferralMessage.asks_reply,
        },
    )
    feedback = _event("feedback", Feedback, Feedback.given_at, Feedback.author_id, {"text": Feedback.text})
    decision = (
        _event(
            "decision",
            TriageDecision,
            TriageDecision.decided_at,
            TriageDecision.decided_by,
            {
                "subject": TriageDecision.subject_id,
                "outcome": TriageDecision.outcome,
                "reason": TriageDecision.reason,
                "details": TriageDecision.details,
                "case": Case.reference,
                "duplicate_of": _reference_of(TriageDecision.duplicate_of_id),
                "reopened_at": TriageDecision.reopened_at,
                "reopened_by": reopener.name,
                "reopen_reason": TriageDecision.reopen_reason,
            },
        )
        .outerjoin(Case, Case.id == TriageDecision.case_id)
        .outerjoin(reopener, reopener.id == TriageDecision.reopened_by)
    )
    social_care = _event(
        "social_care",
        SocialCareReferral,
        SocialCareReferral.made_at,
        SocialCareReferral.made_by,
        {
            "authority": SocialCareReferral.authority,
            "decision": SocialCareReferral.decision_id,
            "confirmed_at": SocialCareReferral.confirmed_at,
            "confirmed_by": name_of(SocialCareReferral.confirmed_by, "confirmed_by"),
            "reference": SocialCareReferral.front_door_reference,
            "call_with": SocialCareReferral.call_with,
            "call_at": SocialCareReferral.call_at,
            "withdrawn_at": SocialCareReferral.withdrawn_at,
            "reopened_at": (
                select(TriageDecision.reopened_at)
                .where(TriageDecision.id == SocialCareReferral.decision_id)
                .scalar_subquery()
            ),
            "opened_at": SocialCareReferral.opened_at,
            "opened_by": name_of(SocialCareReferral.opened_by, "opened_by"),
            "outcome": SocialCareReferral.outcome,
            "outcome_words": SocialCareReferral.outcome_words,
            "outcome_at": SocialCareReferral.outcome_at,
            "outcome_by": name_of(SocialCareReferral.outcome_by, "outcome_by"),
            "became": literal_column(_BECAME, JSONB),
            "teams": _teams_of_front_door(),
            "rings_from": _hub_rings_from(),
        },
    )
    disclosure = (
        _event(
            "disclosure",
            Disclosure,
            Disclosure.decided_at,
            Disclosure.giver_id,
            {
                "reference": Disclosure.reference,
                "decision": Disclosure.decision,
                "agency": receiver.name,
                "team": Team.name,
                "phone": Team.duty_phone,
                "reason": Disclosure.reason,
                "confirmed_at": Disclosure.confirmed_at,
                "was_opened": Disclosure.was_opened,
                "withdrawn_at": Disclosure.withdrawn_at,
            },
        )
        .join(receiver, receiver.id == Disclosure.receiver_agency_id)
        .outerjoin(Team, Team.id == Disclosure.receiver_team_id)
    )
    each: list[tuple[Select[Any], Any]] = [
        (_file(), Attachment),
        (colour, ReferralColour),
        (handover, ReferralHandover),
        (message, ReferralMessage),
        (feedback, Feedback),
        (decision, TriageDecision),
        (social_care, SocialCareReferral),
        (disclosure, Disclosure),
    ]
    return [statement.where(table.referral_id == referral_id) for statement, table in each]


#: What became of the discussion that the front door decided, once nobody owes it any more; else null.
_BECAME = """(select to_jsonb(b) from ctx.strategies_of(social_care_referral.referral_id) b
               where b.made_id = social_care_referral.id)"""


def _teams_of_front_door() -> ColumnElement[Any]:
    """The teams that a referral to a front door stands on the list of; none where it is not on the portal."""
    return (
        select(func.string_agg(Team.name, aggregate_order_by(literal(", "), Team.name)))
        .join(Disclosure, Disclosure.receiver_team_id == Team.id)
        .where(Disclosure.social_care_referral_id == SocialCareReferral.id)
        .scalar_subquery()
    )


def _hub_rings_from() -> ColumnElement[Any]:
    """From when on the hub rings about it, while it has to."""
    return (
        select(func.min(Deadline.started_at))
        .where(
            Deadline.subject_kind == SocialCareReferral.__tablename__,
            Deadline.subject_id == SocialCareReferral.id,
            Deadline.kind == DeadlineKind.SOCIAL_CARE,
            Deadline.state == DeadlineState.OPEN,
        )
        .scalar_subquery()
    )


def _file() -> Select[Any]:
    agency, gone = aliased(Agency), aliased(User)
    facts = {
        "reference": Attachment.reference,
        "name": Attachment.name,
        "kind": Attachment.kind,
        "size": Attachment.size,
        "state": Attachment.state,
        "shows_source": Attachment.shows_source,
        "part_of_id": Attachment.part_of_id,
        "left_out": Attachment.left_out,
        "added_agency_id": Attachment.added_agency_id,
        "agency": agency.name,
        "removed_at": Attachment.removed_at,
        "removed_by": gone.name,
        "removed_reason": Attachment.removed_reason,
    }
    file = _event("file", Attachment, Attachment.added_at, Attachment.added_by, facts)
    return file.join(agency, agency.id == Attachment.added_agency_id).outerjoin(
        gone, gone.id == Attachment.removed_by
    )


def _event(kind: str, table: Any, at: Any, by: Any, facts: Mapping[str, Any]) -> Select[Any]:
    who = aliased(User)
    named = [part for name, value in facts.items() for part in (literal(name), value)]
    return select(
        literal(kind).label("kind"),
        table.id.label("id"),
        at.label("at"),
        who.name.label("by"),
        func.jsonb_build_object(*named).label("facts"),
    ).outerjoin_from(table, who, who.id == by)


def _reference_of(referral_id: Any) -> ColumnElement[Any]:
    other = aliased(Referral)
    return select(other.reference).where(other.id == referral_id).scalar_subquery()
