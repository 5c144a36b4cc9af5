"""What a person's workspace shows beside their cases: asked, due, to decide, and how much they sent."""

from typing import Any

from sqlalchemy import func, literal, or_, select, union

from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.pages import work
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries.rows import Rows, name_of
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildCorrection
from portal.records.concerns.model import Concern
from portal.records.disclosures.model import Disclosure
from portal.records.missing.facts import missing_now_column
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral
from portal.records.requests.model import InformationRequest
from portal.vocabulary import ReferralState

MOST = 20
MANY = 1000


def requests_to(*, person: Principal, limit: int = MOST) -> Rows:
    """What the person and their teams are asked and have not answered, the earliest due first."""
    return db.session.execute(
        select(
            InformationRequest.reference,
            InformationRequest.question,
            InformationRequest.due_at,
            Child.given_name,
            Child.family_name,
            Child.reference.label("child_reference"),
            missing_now_column(),
            name_of(User.agency_id, "asker"),
        )
        .join(Child, Child.id == InformationRequest.child_id)
        .join(User, User.id == InformationRequest.asked_by)
        .where(
            InformationRequest.answered_at.is_(None),
            InformationRequest.withdrawn_at.is_(None),
            or_(
                InformationRequest.asked_user_id == person.user_id,
                InformationRequest.asked_team_id.in_(_teams(person)),
            ),
        )
        .order_by(InformationRequest.due_at, InformationRequest.id)
        .limit(limit)
    ).all()


def due_by(*, person: Principal, limit: int = MOST) -> Rows:
    """What the person, their teams and the agency they manage have to do, the earliest due first."""
    reference = func.coalesce(
        MissingEpisode.reference,
        *(Case.reference, Disclosure.reference, InformationRequest.reference, Referral.reference),
        Concern.reference,
    )
    owner = func.coalesce(User.name, Team.name, literal(""))
    owners = [Deadline.owner_id == person.user_id]
    owners += [Deadline.owner_team_id == team for team in _teams(person)]
    owners += [Deadline.owner_agency_id == person.agency_id] if person.agency_id in person.readers else []
    firsts = [work.first(one, None, limit) for one in owners]  # each by the index of its owner
    mine = union(*(select(one.subquery()) for one in firsts)).subquery()
    return db.session.execute(
        select(
            Deadline.kind,
            Deadline.due_at,
            Deadline.original_due_at,
            Deadline.confirmed,
            Deadline.source,
            reference.label("reference"),
            owner.label("owner"),
        )
        .join(mine, mine.c.id == Deadline.id)
        .outerjoin(
            MissingEpisode,
            (Deadline.subject_kind == MissingEpisode.__tablename__)
            & (MissingEpisode.id == Deadline.subject_id),
        )
        .outerjoin(Case, Case.id == Deadline.case_id)
        .outerjoin(Disclosure, Disclosure.id == Deadline.disclosure_id)
        .outerjoin(InformationRequest, InformationRequest.id == Deadline.request_id)
        .outerjoin(Referral, Referral.id == Deadline.referral_id)
        .outerjoin(Concern, Concern.id == Deadline.concern_id)
        .outerjoin(User, User.id == Deadline.owner_id)
        .outerjoin(Team, Team.id == Deadline.owner_team_id)
        .order_by(Deadline.due_at, Deadline.id)
        .limit(limit)
    ).all()


def corrections_for(*, person: Principal, limit: int = MOST) -> Rows:
    """Proposed corrections of children whose cases the person leads: they decide them."""
    return db.session.execute(
        select(
            Child.reference,
            Child.given_name,
            Child.family_name,
            missing_now_column(),
            ChildCorrection.id,
            ChildCorrection.created_at,
            name_of(ChildCorrection.proposed_agency_id, "agency"),
        )
        .select_from(Case)
        .join(ChildCorrection, ChildCorrection.child_id == Case.child_id)
        .join(Child, Child.id == Case.child_id)
        .where(
            Case.lead_professional_id == person.user_id,
            Case.state.in_(OPEN_CASE_STATES),
            ChildCorrection.decided_at.is_(None),
        )
        .order_by(ChildCorrection.created_at)
        .limit(limit)
    ).all()


def sent_by(*, person: Principal) -> tuple[int, int]:
    """How many forms the person sent, and how many drafts they have; a large number is cut off at 1,000."""
    wanted = select(Referral.state).filter_by(author_id=person.user_id, author_agency_id=person.agency_id)
    mine = wanted.limit(MANY).subquery()
    draft = mine.c.state == ReferralState.DRAFT
    sent, drafts = db.session.execute(
        select(func.count().filter(~draft), func.count().filter(draft)).select_from(mine)
    ).one()
    return sent, drafts


def _teams(person: Principal) -> list[Any]:
    return list(person.team_ids & person.readers)
