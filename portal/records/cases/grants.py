"""Who may read a case beside its teams: people named on it, those who ask, and who chairs a meeting."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select, text

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found, require_text
from portal.changes.versions import insert_now, lock_row
from portal.deadlines.changes import Owner
from portal.extensions import db
from portal.messages.choices import names_of
from portal.messages.model import AbsenceCover
from portal.messages.telling import NOBODY, About, Unseen, by_ground, heard_of, tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.states import OPEN_MEETING_STATES
from portal.records.cases.facts import about_case
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.cases.vocabulary import (
    ACCESS_ANSWERED,
    ACCESS_ASKED,
    COORDINATOR_NAMED,
    PERSON_NAMED,
    PERSON_UNNAMED,
    GrantKind,
)
from portal.records.linked_processes.facts import refuse_who_owes
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.records.people.vocabulary import COVER_LOST, COVER_LOST_NOW
from portal.records.requests.model import AccessRequest
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role, Sector, Sensitivity, TriageColour

NO_COORDINATOR = "Choose a coordinator: without one nobody at the hub reads what comes in about the child"


def people_to_name(
    *,
    actor: Principal,
    sensitivity: Sensitivity,
    lead_agency_id: UUID,
    lead_professional: User | None,
    named: Iterable[User],
) -> list[User]:
    """Who is named on a case of this sensitivity, each once: nobody on a normal one.

    Raises:
        DomainError: somebody may not be named, or a sealed case would have no coordinator or nobody of its
            lead agency. A coordinator who seals it is named by that.
    """
    if sensitivity is Sensitivity.NORMAL:
        return []
    people = {person.id: person for person in (*named, *([lead_professional] if lead_professional else []))}
    for person in people.values():
        check_can_be_named(person)
    if sensitivity is Sensitivity.SEALED:
        if not any(_is_coordinator(person) for person in people.values()):
            if not actor.is_coordinator:
                raise DomainError(NO_COORDINATOR, field="named")
            people[actor.user_id] = db.session.get_one(User, actor.user_id)
        if not any(person.agency_id == lead_agency_id for person in people.values()):
            raise DomainError("Name at least one person of the lead agency", field="named")
    return list(people.values())


def check_can_be_named(person: User) -> None:
    """Only somebody who works here and whose role lets them see cases can be named.

    Raises:
        DomainError: they cannot.
    """
    if not person.active or not ROLES_THAT_SEE_CASES.intersection(person.roles):
        raise DomainError(
            f"{person.name} cannot be named: their role does not let them see cases", field="named"
        )


def name_person(
    *, actor: Principal, case: Case, person: User, reason: str, tells: bool = True
) -> AccessGrant:
    """Let a person read a case by name, from now until it is ended. Naming somebody twice changes nothing.

    Args:
        tells: tell the person; not where another message says so.

    Raises:
        Forbidden: the actor is neither a coordinator nor the lead professional.
        DomainError: the person may not be named, or no reason was given.
    """
    require(actor, "grant:add", Facts(lead_professional=case.lead_professional_id == actor.user_id))
    require_text(reason, "Say why this person needs to read the case", field="reason")
    grant = write_grant(actor=actor, case=case, person=person, reason=reason)
    waits = _forms_that_wait(case, person)
    if tells:
        given = {Ground.PERSON: to_people(person.id)}
        tell(
            actor=actor,
            event=COORDINATOR_NAMED if waits else PERSON_NAMED,
            about=about_case(case),
            given=given,
            once=str(grant.id),
            at_once=waits == TriageColour.RED,
            called={Ground.PERSON: _has_a_form(waits, person)} if waits else None,
        )
    return grant


def _forms_that_wait(case: Case, person: User) -> TriageColour | None:
    """The colour of the most pressing form on the child of a sealed case that nobody at the hub could look at
    until now: it is theirs who is named as the coordinator.
    """
    if case.sensitivity != Sensitivity.SEALED:
        return None
    colour = db.session.scalar(select(func.ctx.take_waiting_forms(case.id, person.id)))
    return TriageColour(colour) if colour else None


def _has_a_form(colour: TriageColour, person: User) -> str:
    """What the page says of a coordinator for whom a form waits; of a red one with whom to ring."""
    if colour is not TriageColour.RED:
        return "a form waits for them"
    return f"a red form waits for them: ring {names_of([person.id], [])[person.id].phone or 'the hub'}"


def write_grant(*, actor: Principal, case: Case, person: User, reason: str) -> AccessGrant:
    """Name somebody because of another step (opening, sealing, a new lead) that the actor may take.

    Raises:
        DomainError: the person may not be named.
    """
    check_can_be_named(person)
    held = db.session.scalar(
        select(AccessGrant).where(
            AccessGrant.case_id == case.id,
            AccessGrant.user_id == person.id,
            AccessGrant.kind == GrantKind.NAMED,
            AccessGrant.ends_at.is_(None),
        )
    )
    if held:
        return held
    grant = AccessGrant(
        case_id=case.id,
        user_id=person.id,
        kind=GrantKind.NAMED,
        reason=reason.strip(),
        starts_at=clock.now(),
        granted_by=actor.user_id,
    )
    insert_now(grant)
    audit.record("grant:add", grant, case=case, person=str(person.id))
    return grant


def end_grant(*, actor: Principal, case: Case, grant_id: UUID) -> None:
    """Take a named person off a case. A sealed case keeps a coordinator and a person of its lead agency.

    Raises:
        NotFound: this case has no such current grant.
        Forbidden: the actor is neither a coordinator nor the lead professional.
        DomainError: the person is the last of those whom a sealed case must keep, leads a closed-off case, or
            owes a duty on it that is theirs alone.
    """
    lock_row(case)  # of two who take the same person off, the second finds them gone
    current = current_grants(case)
    grant = or_not_found(
        next((one for one in current if one.id == grant_id and one.kind == GrantKind.NAMED), None),
        "No such person is named on this case",
    )
    require(actor, "grant:add", Facts(lead_professional=case.lead_professional_id == actor.user_id))
    given = {Ground.LEAVING: to_people(grant.user_id)}
    once = f"{grant.id}:ended"  # another than that it was given, of which the same people were told
    tell(actor=actor, event=PERSON_UNNAMED, about=about_case(case), given=given, once=once)
    with telling_of_lost_covers(actor, case):
        close_grant(case, grant)


@contextmanager
def telling_of_lost_covers(actor: Principal, case: Case) -> Iterator[None]:
    """Take a step by which somebody may read a case no more, and tell whoever has to find somebody else of a
    colleague who is away and whose case nobody covers since. Whoever lost sight of it by that, the deputy and
    whoever is away, hears no more than that a cover ended.
    """
    covers = select(AbsenceCover.deputy_id).where(
        AbsenceCover.case_id == case.id, func.ctx.reads_too(case.id, AbsenceCover.deputy_id)
    )
    deputies = sorted(map(str, db.session.scalars(covers.distinct())))
    yield
    if deputies:
        asks = {"case": str(case.id), "deputies": deputies}
        tell_each_lost_cover(actor=actor, about=About("cre_case", case.id), asks=asks)


def tell_each_lost_cover(*, actor: Principal, about: About, asks: Mapping[str, Any]) -> None:
    """Tell whoever has to find somebody else of cases of colleagues who are away that nobody covers any more:
    at once where a case is at HIGH or the child is missing. The page says the same of everybody.

    Args:
        asks: which they are, as `ctx.lost_covers` takes it.
    """
    unseen = Unseen("lost_cover", {"each": "lost_cover", **asks})
    for event in (COVER_LOST_NOW, COVER_LOST):
        tell(actor=actor, event=event, about=about, once=clock.now().isoformat(), unseen=unseen)


def close_grant(case: Case, grant: AccessGrant) -> None:
    """End a grant, if the case can do without it.

    Raises:
        DomainError: it cannot: see `end_grant`.
    """
    if case.sensitivity and grant.user_id == case.lead_professional_id:
        raise DomainError("The lead professional reads the case by name. Change who leads it first")
    if not reads_without_name(case, grant.user_id):
        refuse_who_owes(case, [grant.user_id])
    if case.sensitivity == Sensitivity.SEALED:
        # Whoever reads it for a time only, such as a meeting's chair, does not keep it.
        named = [one for one in current_grants(case) if one.kind == GrantKind.NAMED]
        left = [one.user_id for one in named if one.id != grant.id]
        _check_sealed_people(case, left)
    # The row in the trail first: ending one's own grant ends one's sight of the case.
    audit.record("grant:end", grant, case=case, person=str(grant.user_id))
    grant.ends_at = clock.now()
    db.session.flush()


def reads_without_name(case: Case, user_id: UUID) -> bool:
    """Whether somebody reads a case also when they are not named on it: as the hub, or through a team."""
    if case.sensitivity != Sensitivity.SEALED and _is_coordinator(db.session.get_one(User, user_id)):
        return True
    through = (
        select(TeamMember.user_id)
        .join(Involvement, Involvement.team_id == TeamMember.team_id)
        .where(Involvement.case_id == case.id, Involvement.ended_at.is_(None), TeamMember.user_id == user_id)
    )
    return not case.sensitivity and db.session.scalar(through.limit(1)) is not None


def current_grants(case: Case) -> Sequence[AccessGrant]:
    """The grants on a case that hold now."""
    return db.session.scalars(
        select(AccessGrant).where(
            AccessGrant.case_id == case.id,
            or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > clock.now()),
        )
    ).all()


def _check_sealed_people(case: Case, user_ids: Iterable[UUID]) -> None:
    people = db.session.scalars(select(User).where(User.id.in_(list(user_ids)), User.active)).all()
    if not any(_is_coordinator(person) for person in people):
        raise DomainError("A sealed case keeps a coordinator who is named on it. Name another first")
    if not any(person.agency_id == case.lead_agency_id for person in people):
        raise DomainError("A sealed case keeps a person of its lead agency. Name another first")


def case_owner(
    sensitivity: Sensitivity, team: Team, professional: User | None, named: Sequence[User]
) -> Owner:
    """Who sees to the case's own duties: the lead professional and the team; on a sealed case only a person,
    because whoever owns a duty sees it, and a team must not learn of the case by it.
    """
    if sensitivity is not Sensitivity.SEALED:
        return Owner(user_id=professional.id if professional else None, team_id=team.id)
    person = professional or next(one for one in named if one.agency_id == team.agency_id)
    return Owner(user_id=person.id)


def _is_coordinator(person: User) -> bool:
    """A coordinator is a person of the hub: the role alone, elsewhere, is nothing."""
    return (
        Role.COORDINATOR in person.roles
        and db.session.scalar(select(Agency.sector).where(Agency.id == person.agency_id)) == Sector.HUB
    )


_WHO_TO_ASK = text("select ground, user_id, team_id from ctx.who_to_ask(:case_id)").bindparams(
    bindparam("case_id", type_=Uuid)
)


def ask_for_access(*, actor: Principal, case_id: UUID, reference: str, reason: str) -> AccessRequest:
    """Ask to read a restricted case. The lead professional, else managers of the agency that
    leads, and the hub are told; asking again asks once.

    Args:
        reference: of the case, which is all that its notice shows.

    Raises:
        DomainError: no reason was given.
    """
    require(actor, "access:ask")
    reason = require_text(reason, "Say why you need to read the case", field="reason")
    wanted = select(AccessRequest).filter_by(case_id=case_id, asked_by=actor.user_id, answered_at=None)
    waiting = db.session.scalar(wanted)
    if waiting:
        return waiting
    asked = AccessRequest(
        case_id=case_id,
        asked_by=actor.user_id,
        asked_agency_id=actor.agency_id,
        reason=reason,
        asked_at=clock.now(),
    )
    insert_now(asked)
    audit.record("access:ask", asked, case_id=case_id)
    about = About("access_request", asked.id, reference=reference, case_id=case_id)
    whom = by_ground(db.session.execute(_WHO_TO_ASK, {"case_id": case_id}))
    given = {Ground.LEAD_PROFESSIONAL: NOBODY} | whom
    tell(actor=actor, event=ACCESS_ASKED, about=about, given=given)
    return asked


def answer_access(
    *, actor: Principal, case: Case, request_id: UUID, granted: bool, answer: str
) -> AccessRequest:
    """Name whoever asked on the case, or say why not. Sent twice it counts once.

    Raises:
        Forbidden: the actor is neither a coordinator nor the lead professional.
        NotFound: nobody asked this on this case.
        DomainError: no answer was given, a colleague has given another, or whoever asked may not be named any
            more.
    """
    require(actor, "access:answer", Facts(lead_professional=case.lead_professional_id == actor.user_id))
    wanted = select(AccessRequest).filter_by(id=request_id, case_id=case.id)
    # One that is answered is nobody's to change, so that it is found by reading alone.
    asked = db.session.scalar(wanted.with_for_update()) or db.session.scalar(wanted)
    if asked is None:
        raise NotFound("Nobody asked this")
    if asked.answered_at is not None:
        _check_same_answer(asked, granted, answer.strip())
        return asked
    require_text(answer, "Say why", field="answer")
    asker = db.session.get_one(User, asked.asked_by)
    if granted:
        if asker.agency_id != asked.asked_agency_id:
            raise DomainError(f"{asker.name} has moved to another agency since")
        name_person(actor=actor, case=case, person=asker, reason=answer, tells=False)
    asked.granted = granted
    asked.answer = answer.strip()
    asked.answered_by = actor.user_id
    asked.answered_at = clock.now()
    db.session.flush()
    audit.record("access:answer", asked, case=case, granted=granted)
    about = About("access_request", asked.id, reference=case.reference, case_id=case.id)
    given = {
        Ground.ASKER: to_people(asked.asked_by),
        Ground.HEARD_BEFORE: heard_of(
            ACCESS_ASKED, about=about
        ),  # nobody of those who were asked answers too
    }
    tell(actor=actor, event=ACCESS_ANSWERED, about=about, given=given)
    return asked


def _check_same_answer(asked: AccessRequest, granted: bool, answer: str) -> None:
    if (asked.granted, asked.answer) == (granted, answer):
        return
    said = "they may read it" if asked.granted else "they may not read it"
    raise DomainError(f"A colleague has answered while you were choosing: {said}. “{asked.answer}”")


def chairs_open_meeting(*, actor: Principal, case_id: UUID) -> bool:
    """Whether the actor chairs a meeting on the case that is neither cancelled nor distributed."""
    open_meeting = (
        select(Meeting.id)
        .join(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .where(
            MeetingCase.case_id == case_id,
            Meeting.chair_id == actor.user_id,
            Meeting.state.in_(OPEN_MEETING_STATES),
        )
    )
    return db.session.scalar(open_meeting.limit(1)) is not None
