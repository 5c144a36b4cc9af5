"""Something new on a case that ended: whoever led it hears of it, whether it is reopened or not."""

from sqlalchemy import or_, select

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.facts import about_case
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.cases.vocabulary import GrantKind
from portal.records.people.model.people import User
from portal.services.messages import tell_people, tell_team


def tell_former_lead(*, actor: Principal, case: Case, once: str) -> None:
    """Tell the lead professional that something is new; where they have left, the teams of the agency that
    led, or on a closely held case its people who are named on it.

    Args:
        once: what is new, by its identifier.
    """
    about, kind = about_case(case), "closed_case_news"
    lead = db.session.get(User, case.lead_professional_id) if case.lead_professional_id else None
    if lead is not None and lead.active and lead.agency_id == case.lead_agency_id:
        tell_people(actor=actor, kind=kind, about=about, people=[lead.id], once=once)
    elif case.sensitivity:
        named = (
            select(AccessGrant.user_id)
            .join(User, User.id == AccessGrant.user_id)
            .where(
                AccessGrant.case_id == case.id,
                AccessGrant.kind == GrantKind.NAMED,
                or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > clock.now()),
                User.agency_id == case.lead_agency_id,
                User.active,
            )
        )
        tell_people(actor=actor, kind=kind, about=about, people=db.session.scalars(named), once=once)
    else:
        teams = select(Involvement.team_id).where(
            Involvement.case_id == case.id,
            Involvement.agency_id == case.lead_agency_id,
            Involvement.ended_at.is_(None),
        )
        for team_id in sorted(set(db.session.scalars(teams))):
            tell_team(actor=actor, kind=kind, about=about, team_id=team_id, once=once)
