"""All that was done with a form since it was sent, and its files: one statement, however much happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import aliased

from portal.extensions import db
from portal.records.attachments.model import Attachment
from portal.records.cases.model import Case
from portal.records.disclosures.model.disclosures import Disclosure
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import (
    Feedback,
    Referral,
    ReferralColour,
    ReferralHandover,
    ReferralMessage,
)
from portal.records.triage.model import SocialCareReferral, TriageDecision


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that was done with the form. `facts` are those of its kind, as `_events` names them."""

    kind: str
    id: UUID
    at: datetime
    by: str
    facts: Mapping[str, Any]


def events(*, referral_id: UUID) -> Sequence[Event]:
    """Everything that was done with the form, oldest first, in one statement."""
    rows = db.session.execute(union_all(*_events(referral_id)).order_by("at", "id"))
    return [Event(kind=row.kind, id=row.id, at=row.at, by=row.by or "", facts=row.facts) for row in rows]


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
            "reference": SocialCareReferral.front_door_reference,
            "call_with": SocialCareReferral.call_with,
            "withdrawn_at": SocialCareReferral.withdrawn_at,
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


def _file() -> Select[Any]:
    agency, gone = aliased(Agency), aliased(User)
    facts = {
        "reference": Attachment.reference,
        "name": Attachment.name,
        "kind": Attachment.kind,
        "size": Attachment.size,
        "state": Attachment.state,
        "shows_source": Attachment.shows_source,
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
