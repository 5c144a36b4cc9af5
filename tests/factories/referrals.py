"""Information forms, written straight into the tables as if they had been filled in and sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.records.referrals.model import (
    Referral,
    ReferralColour,
    ReferralMessage,
    ReferralSource,
    ReferralSubject,
)
from portal.records.referrals.rules import ChildDetails, Details, FormAnswers
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import ReferralState, Sector, SubjectKind, TriageColour, Urgency

WHAT_HAPPENED = "Seen getting into a car with two adults outside the school, three times this week."


def make_draft(rows: Session, author: User, answers: dict[str, Any] | None = None, **facts: Any) -> Referral:
    """A form that nobody has sent yet."""
    now = clock.now()
    referral = Referral(
        id=new_id(),
        reference=new_reference(Prefix.REFERRAL),
        state=ReferralState.DRAFT,
        author_id=author.id,
        author_agency_id=author.agency_id,
        author_team_id=_team_of(rows, author),
        answers=answers or {},
        saved_at=now,
        policy_version="test",
        **facts,
    )
    rows.add(referral)
    rows.commit()
    return referral


def make_sent_referral(
    rows: Session,
    author: User,
    *,
    children: Sequence[dict[str, Any] | ChildDetails] = ({"given_name": "Ada", "family_name": "Fictional"},),
    others: Sequence[Details] = (),
    state: ReferralState = ReferralState.SENT,
    colour: TriageColour = TriageColour.GREEN,
    received_at: datetime | None = None,
    due_at: datetime | None = None,
    source: str | None = None,
    answers: FormAnswers | None = None,
    **facts: Any,
) -> Referral:
    """A form as it reaches the hub: subjects, first colour and an open triage deadline.

    `children` are keys of `ChildDetails`; `others` are people, places and so on. The deadline is the hub
    team's, where there is a hub.
    """
    received = received_at or clock.now()
    due = due_at or received + timedelta(hours=4)
    answers = answers or FormAnswers(urgency=Urgency.LATER, kind="child", what_happened=WHAT_HAPPENED)
    values: dict[str, Any] = {
        "channel": Channel.PORTAL,
        "received_at": received,
        "sent_at": received,
        "kind": answers.kind,
        "immediate_danger": answers.immediate_danger,
        "types": list(answers.types),
        "district": answers.district or None,
        "what_happened": answers.what_happened,
        "colour": colour,
        "triage_due_at": due,
    }
    referral = make_draft(rows, author, answers.as_json(), **(values | facts))
    details = [one if isinstance(one, ChildDetails) else ChildDetails(**one) for one in children]
    add_subjects(rows, referral, [*details, *others])
    if source is not None:
        rows.add(ReferralSource(referral_id=referral.id, text=source, at_risk_if_revealed=True))
    rows.add(
        ReferralColour(
            id=new_id(),
            referral_id=referral.id,
            colour=colour,
            reason="Made for a test",
            by_policy=True,
            set_by=author.id,
            set_at=received,
        )
    )
    rows.add(owed_on_form(rows, referral, received, due))
    rows.flush()
    for step in _way_to(state):
        referral.state = step
        rows.flush()
    rows.commit()
    return referral


def add_subjects(rows: Session, referral: Referral, details: Sequence[Details]) -> list[ReferralSubject]:
    """Children, people and things on a form, in this order."""
    subjects = [
        ReferralSubject(
            id=new_id(),
            referral_id=referral.id,
            position=position,
            kind=one.kind,
            label=one.label,
            details=one.as_json(),
        )
        for position, one in enumerate(details, start=1)
    ]
    rows.add_all(subjects)
    rows.commit()
    return subjects


def add_message(
    rows: Session, referral: Referral, author: User, text: str = "Which school?", *, from_hub: bool = True
) -> ReferralMessage:
    """A message between hub and sender."""
    message = ReferralMessage(
        id=new_id(),
        referral_id=referral.id,
        author_id=author.id,
        from_hub=from_hub,
        text=text,
        sent_at=clock.now(),
        asks_reply=from_hub,
    )
    rows.add(message)
    rows.commit()
    return message


def subjects_of(
    rows: Session, referral: Referral, kind: SubjectKind = SubjectKind.CHILD
) -> list[ReferralSubject]:
    """The subjects of one kind on a form, in order."""
    query = select(ReferralSubject).filter_by(referral_id=referral.id, kind=kind)
    return list(rows.scalars(query.order_by(ReferralSubject.position)))


def _team_of(rows: Session, author: User) -> Any:
    return rows.scalar(select(TeamMember.team_id).filter_by(user_id=author.id).limit(1))


def owed_on_form(
    rows: Session, referral: Referral, started: datetime, due: datetime, kind: str = DeadlineKind.TRIAGE
) -> Deadline:
    """What the hub owes on a form."""
    hub_team = select(Team).join(Agency, Agency.id == Team.agency_id).where(Agency.sector == Sector.HUB)
    team = rows.scalar(hub_team.limit(1))
    return Deadline(
        id=new_id(),
        kind=kind,
        subject_kind="referral",
        subject_id=referral.id,
        referral_id=referral.id,
        owner_team_id=team.id if team else None,
        owner_agency_id=None if team else referral.author_agency_id,
        started_at=started,
        due_at=due,
        original_due_at=due,
        state=DeadlineState.OPEN,
        source="clocks.triage_green",
        confirmed=False,
        policy_version="test",
    )


def _way_to(state: ReferralState) -> list[ReferralState]:
    """The states that a form goes through on its way: the database refuses a jump."""
    ways = {
        ReferralState.SENT: [],
        ReferralState.IN_TRIAGE: [ReferralState.IN_TRIAGE],
        ReferralState.WAITING_FOR_SENDER: [ReferralState.IN_TRIAGE, ReferralState.WAITING_FOR_SENDER],
        ReferralState.DECIDED: [ReferralState.IN_TRIAGE, ReferralState.DECIDED],
        ReferralState.FED_BACK: [ReferralState.IN_TRIAGE, ReferralState.DECIDED, ReferralState.FED_BACK],
    }
    return [ReferralState.SENT, *ways[state]]
