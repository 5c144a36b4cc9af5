"""Why somebody goes on who looked at very much in an hour, and whom governance lets go on for a day.

When they are asked, and when they wait, is `portal.access.pace`.
"""

from sqlalchemy import select

from portal import clock
from portal.access import audit, pace
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import insert_now
from portal.extensions import db
from portal.messages.telling import About, Whom, tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import end_of_day
from portal.policy.work import Size
from portal.records.looks.model import LookException, LookReason
from portal.records.looks.vocabulary import NAMED, SAID_WHY
from portal.records.people.model import Team, TeamMember, User
from portal.records.people.roles import holding
from portal.vocabulary import RateKind, Role


def say_why(*, actor: Principal, kind: RateKind, reason: str) -> LookReason:
    """Say why one goes on. The managers of one's teams and governance are told: a manager may be who looks.

    Raises:
        DomainError: nobody asks, no reason was given, or it is too long.
    """
    require(actor, "look:explain")
    if not pace.asks_why(actor.user_id, kind):
        raise DomainError("You need not say why: you have not looked at so much in the last hour")
    reason = require_text(reason, "Say why you need to look at so much", field="reason", size=Size.NOTE)
    said = LookReason(user_id=actor.user_id, kind=kind, reason=reason, said_at=clock.now())
    insert_now(said)
    audit.record("look:explain", subject_kind="app_user", subject_id=actor.user_id, kind=kind.value)
    tell(
        actor=actor,
        event=SAID_WHY,
        about=About("app_user", actor.user_id),
        given={
            Ground.MANAGER: _managers_of_teams(actor),
            Ground.GOVERNANCE: holding(Role.GOVERNANCE, [actor.user_id]),
        },
        once=str(said.id),
    )
    return said


def name_for_today(*, actor: Principal, person: User, reason: str) -> LookException:
    """Let somebody go on until the end of today, whatever they opened.

    Raises:
        Forbidden: the actor is not governance, or is whom it is about.
        DomainError: no reason was given, or it is too long.
    """
    require(actor, "look:except", Facts(owner=person.id == actor.user_id))
    reason = require_text(reason, "Say why they need to look at so much", field="reason", size=Size.NOTE)
    named = LookException(
        user_id=person.id,
        reason=reason,
        named_by=actor.user_id,
        named_at=clock.now(),
        until=end_of_day(clock.today()),
    )
    insert_now(named)
    audit.record("look:except", subject_kind="app_user", subject_id=person.id)
    given = {Ground.PERSON: to_people(person.id)}
    tell(actor=actor, event=NAMED, about=About("app_user", person.id), given=given, once=str(named.id))
    return named


def _managers_of_teams(actor: Principal) -> Whom:
    """Who manages a team that the actor is in, but for themselves: those who may see what they looked at."""
    of_theirs = (
        select(Team.manager_id)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == actor.user_id, Team.active, Team.manager_id != actor.user_id)
    )
    return to_people(*db.session.scalars(of_theirs))
