"""Who sees something of concern and how closely it is held, and what only some may say of it."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import count_change, insert_now, lock, lock_row
from portal.deadlines.changes import Owner, supersede_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import tell, to_teams
from portal.messages.vocabulary import Ground
from portal.policy import Size, current_policy
from portal.records.concerns.model import Concern, ConcernRelease
from portal.records.concerns.policy import Concerns
from portal.records.concerns.records import (
    about_concern,
    around_concern,
    concern_facts,
    note_change,
    refuse_ended,
    refuse_unowned,
    start_review_clock,
    tell_of_danger,
    told_for,
)
from portal.records.concerns.vocabulary import GIVEN, HELD, HIDDEN, SHOWN, ConcernChangeKind, ConcernKind
from portal.records.intelligence.grading import Grades, check_grades
from portal.records.people.model import Agency, Team

#: By how closely something is held.
_HELD = {0: "As others", 1: "Closely"}


def release(*, actor: Principal, concern: Concern, agency_id: UUID, reason: str) -> ConcernRelease:
    """Let the people of another agency see something of concern.

    Raises:
        Forbidden: the actor's agency does not own it.
        DomainError: it has ended, the agency is not in use or owns it, or a reason is missing.
    """
    require(actor, "concern:release", concern_facts(actor, concern))
    lock_row(concern)  # two who release it at once take their turn
    refuse_ended(concern)
    agency = db.session.get(Agency, agency_id)
    if agency is None or not agency.active or agency.id == concern.owner_agency_id:
        raise DomainError("Choose another agency that is in use", field="agency")
    reason = require_text(reason, "Say why they need to know it", field="reason", size=Size.NOTE)
    wanted = select(ConcernRelease).filter_by(concern_id=concern.id, agency_id=agency_id, withdrawn_at=None)
    standing = db.session.scalar(wanted)
    if standing is not None and standing.reason == reason:
        return standing
    if standing is not None:
        raise DomainError("They see it already", field="agency")
    made = ConcernRelease(
        concern_id=concern.id,
        agency_id=agency_id,
        reason=reason,
        released_by=actor.user_id,
        released_at=clock.now(),
    )
    insert_now(made)
    audit.record("concern:release", concern, agency=str(agency_id))
    teams = db.session.scalars(select(Team.id).where(Team.agency_id == agency.id, Team.active))
    given = {Ground.RECIPIENT: told_for(agency), Ground.SHOWN: to_teams(*teams)}
    tell(actor=actor, event=SHOWN, about=about_concern(concern), given=given, once=str(made.id))
    return made


def withdraw_release(*, actor: Principal, concern: Concern, release_id: UUID) -> None:
    """The people of an agency no longer see it. That they did stays on record.

    Raises:
        Forbidden: the actor's agency does not own it.
        NotFound: there is no such release, or it was taken back.
        DomainError: somebody who may not see it then still owes something on it.
    """
    require(actor, "concern:release", concern_facts(actor, concern))
    found = db.session.get(ConcernRelease, release_id)
    if found is not None:
        lock_row(found)
    if found is None or found.concern_id != concern.id or found.withdrawn_at is not None:
        raise NotFound("There is no such release")
    given = {Ground.LEAVING: told_for(db.session.get_one(Agency, found.agency_id))}
    tell(actor=actor, event=HIDDEN, about=about_concern(concern), given=given, once=str(found.id))
    found.withdrawn_at, found.withdrawn_by = clock.now(), actor.user_id
    db.session.flush()
    refuse_unowned(concern)
    audit.record("concern:withdraw_release", concern, agency=str(found.agency_id))


def hold(*, actor: Principal, concern: Concern, restricted: bool, reason: str, version: int) -> None:
    """Hold something closely, only for the team that owns it, its managers, the hub and those it is released
    to; or as others again.

    Raises:
        Forbidden: the actor is not of the agency that owns it, and no coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it is held so already, has ended, no reason was given, or somebody who may not see it
            then still owes an action on it.
    """
    require(actor, "concern:keep", concern_facts(actor, concern))
    wanted = 1 if restricted else 0
    label = "How it is held"
    lock(
        concern,
        version,
        lambda now: {label: _HELD[now.sensitivity]},
        first=refuse_ended,
        mine={label: _HELD[wanted]},
    )
    if concern.sensitivity == wanted:
        raise DomainError("It is held like this already", field="restricted")
    require_text(reason, "Say why", field="words", size=Size.NOTE)
    before = {"sensitivity": concern.sensitivity}
    note_change(
        actor, concern, ConcernChangeKind.HELD, before=before, after={"sensitivity": wanted}, reason=reason
    )
    if restricted:
        given, once = around_concern(concern), str(concern.version)
        tell(actor=actor, event=HELD, about=about_concern(concern), given=given, once=once)
    concern.sensitivity = wanted  # last, because whoever does it may not see it from then on
    count_change(concern)
    refuse_unowned(concern)


def hand_over(*, actor: Principal, concern: Concern, team: Team, reason: str, version: int) -> None:
    """Give something of concern to a team that answers for it from now on. Its agency sees it by that.

    Raises:
        Forbidden: the actor is not of the agency that owns it, and no coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, the team is not in use or owns it, no reason was given, or somebody who may
            not see it then still owes something on it.
    """
    require(actor, "concern:keep", concern_facts(actor, concern))
    lock(concern, version, _owner_in_words, first=refuse_ended, mine={"Owner": team.name})
    agency = db.session.get_one(Agency, team.agency_id)
    if not team.active or not agency.active or team.id == concern.owner_team_id:
        raise DomainError("Choose another team that is in use", field="team")
    now = db.session.get(Team, concern.owner_team_id) if concern.owner_team_id else None
    require_text(reason, "Say why it goes to somebody else", field="words", size=Size.NOTE)
    before = {"team": now.name if now else "", "agency": _name(concern.owner_agency_id)}
    supersede_deadlines(subject=concern, kind=DeadlineKind.CONCERN_REVIEW, reason=reason.strip())
    start_review_clock(concern, current_policy(), owner=Owner(team_id=team.id))
    note_change(
        actor,
        concern,
        ConcernChangeKind.OWNER,
        before=before,
        after={"team": team.name, "agency": agency.name},
        reason=reason,
    )
    given = {Ground.OWNER: to_teams(team.id), Ground.OWNER_BEFORE: around_concern(concern)[Ground.KEEPER]}
    # last, because whoever gives it away may not see it from then on
    concern.owner_team_id, concern.owner_agency_id = team.id, team.agency_id
    count_change(concern)
    refuse_unowned(concern)
    tell(actor=actor, event=GIVEN, about=about_concern(concern), given=given, once=str(concern.version))


def _owner_in_words(concern: Concern) -> dict[str, str]:
    team = db.session.get(Team, concern.owner_team_id) if concern.owner_team_id else None
    return {"Owner": team.name if team else _name(concern.owner_agency_id)}


def _name(agency_id: UUID) -> str:
    return db.session.get_one(Agency, agency_id).name


def set_police_status(*, actor: Principal, concern: Concern, status: str, reason: str, version: int) -> None:
    """Say how police know a person of concern.

    Raises:
        Forbidden: the actor is not of the police.
        Conflict: somebody changed it meanwhile.
        DomainError: it is no person, has ended, or the status or reason is missing.
    """
    require(actor, "concern:police_status", concern_facts(actor, concern))
    if concern.kind != ConcernKind.PERSON:
        raise DomainError("Only of a person can police say how they know them")
    statuses = current_policy().of(Concerns).police_statuses
    if status not in {one.code for one in statuses.offered}:
        raise DomainError("Choose how police know this person", field="status")
    lock(
        concern,
        version,
        lambda now: {"Known to police": statuses.label(now.police_status) or "Not said"},
        first=refuse_ended,
        mine={"Known to police": statuses.label(status)},
    )
    require_text(reason, "Say what this is based on", field="words")
    before = {"police_status": concern.police_status}
    concern.police_status = status
    concern.police_status_by, concern.police_status_at = actor.user_id, clock.now()
    count_change(concern)
    note_change(
        actor,
        concern,
        ConcernChangeKind.POLICE_STATUS,
        before=before,
        after={"police_status": status},
        reason=reason,
    )
    tell_of_danger(actor, concern)


def grade_concern(
    *,
    actor: Principal,
    concern: Concern,
    grades: Grades,
    reason: str = "",
    version: int,
) -> None:
    """Grade what is recorded (3x5x2), as intelligence on a form is graded.

    Raises:
        Forbidden: the actor is neither of the police nor a coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, or a grade is missing or unknown.
    """
    require(actor, "concern:grade", concern_facts(actor, concern))
    handling = check_grades(grades, current_policy())
    if handling.needs_conditions and not reason.strip():
        raise DomainError("State the conditions", field="words")
    after = asdict(grades)
    lock(
        concern,
        version,
        lambda now: _grades({name: getattr(now, name) for name in after}),
        first=refuse_ended,
        mine=_grades(after),
    )
    before = {name: getattr(concern, name) for name in after}
    count_change(concern, **after)
    note_change(actor, concern, ConcernChangeKind.GRADED, before=before, after=after, reason=reason)


def _grades(found: dict[str, str] | dict[str, str | None]) -> dict[str, str]:
    return {"Grading": " ".join(value or "–" for value in found.values())}
