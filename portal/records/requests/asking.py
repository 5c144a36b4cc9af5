"""Asking teams of one or many agencies for what they hold about a child.

Asking tells who the child is, but it is no disclosure of the sharing ledger: a disclosure gives the identity
of the child for good and to the managers of the agency too, and owes a receipt. A question gives it to the
team alone, until some days after its answer. So each question leaves a row in the trail (`request:ask`) that
names the child, the case, the agency and the team, and the question itself stays on the case.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import insert_once
from portal.clock import local
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import Size, current_policy
from portal.records.cases.facts import refuse_closed, workers_on
from portal.records.cases.grants import chairs_open_meeting, current_grants
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.reading import same_child
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import Referral, ReferralChild
from portal.records.requests.model import InformationRequest
from portal.records.requests.rules import report_due
from portal.records.requests.vocabulary import ASKED
from portal.vocabulary import ROLES_THAT_SEE_CASES, Sensitivity, Use


def ask(
    *,
    actor: Principal,
    child_id: UUID,
    case: Case | None = None,
    referral: Referral | None = None,
    meeting: Meeting | None = None,
    entry: ChronologyEntry | None = None,
    teams: Sequence[UUID],
    people: Sequence[UUID] = (),
    question: str,
    why: str,
    due_at: datetime | None = None,
    once: UUID | None = None,
) -> list[InformationRequest]:
    """Ask teams what they hold about a child; each has a question of its own, with its own clock.

    On a sealed case people are asked by name: those who are named on it, or whom a coordinator picks.

    Args:
        case, referral: what it is asked from; one of the two.
        meeting: the meeting that it is a report for; it is on the case.
        entry: the intelligence on the case that it asks the police to release: once they do, it is over.
        teams, people: identifiers of whom to ask.
        due_at: until when; by default policy `meetings.answer_within`, or `meetings.report_before`.
        once: made when the page was made, so that sending it twice asks once.

    Raises:
        Forbidden: the actor is neither a coordinator, nor the lead professional, nor chairs an open meeting.
        DomainError: nobody is asked, words are missing, the date is past or after the meeting, or the case
            takes people only; `field` says what.
    """
    require(actor, "request:ask", asking_facts(actor=actor, case=case))
    if case is not None:
        refuse_closed(case)
    due_at = due_at or default_due(case=case, meeting=meeting)
    question = require_text(question, "Write what you ask", field="question", size=Size.NOTE)
    why = require_text(why, "Say why you ask", field="why", size=Size.NOTE)
    _check_subject(child_id, case, referral, meeting)
    check_no_restricted_quotes(
        texts={"question": question, "why": why},
        use=Use.PASS_ON,
        child_ids=[child_id],
        holder=actor.agency_id,
    )
    due_at = _in_time(due_at, meeting)
    sealed = is_sealed(child_id=child_id)
    if entry is not None and case is not None and case.sensitivity and list(teams):
        raise DomainError("Only people named on this case can release it. Ask them by name", field="teams")
    asked_teams = _teams(teams, sealed=sealed)
    asked_people = _people(actor, people, case, sealed=sealed)
    if not asked_teams and not asked_people:
        raise DomainError(
            "Choose whom to ask" if sealed else "Choose at least one team",
            field="people" if sealed else "teams",
        )
    made: list[InformationRequest] = []
    everyone: list[Team | User] = [*asked_teams, *asked_people]
    for whom in everyone:
        request = InformationRequest(
            id=uuid5(once, f"{child_id}:{whom.id}") if once else new_id(),
            reference=new_reference(Prefix.REQUEST),
            case_id=case.id if case else None,
            referral_id=referral.id if referral and not case else None,
            meeting_id=meeting.id if meeting else None,
            entry_id=entry.id if entry else None,
            child_id=child_id,
            asked_agency_id=whom.agency_id,
            asked_team_id=whom.id if isinstance(whom, Team) else None,
            asked_user_id=whom.id if isinstance(whom, User) else None,
            asked_by=actor.user_id,
            asked_at=clock.now(),
            question=question,
            why=why,
            due_at=due_at,
        )
        made.append(_ask_one(actor, request, before=due_at if meeting else None))
    return made


def asking_facts(*, actor: Principal, case: Case | None) -> Facts:
    """What decides whether somebody may ask about a case; from a form only coordinators ask."""
    if case is None:
        return Facts()
    return Facts(
        lead_professional=case.lead_professional_id == actor.user_id,
        chairs_open_meeting=chairs_open_meeting(actor=actor, case_id=case.id),
    )


def default_due(*, case: Case | None, meeting: Meeting | None) -> datetime:
    """Until when an answer is asked for where nobody says otherwise; for a meeting ahead, before it."""
    policy, now = current_policy(case.authority if case else None).meetings, clock.now()
    if meeting is not None and meeting.starts_at > now:
        return report_due(policy.report_before, meeting.starts_at, now)
    return due(policy.answer_within, now)


def is_sealed(*, child_id: UUID) -> bool:
    """Whether a case of the child is sealed, as far as the person who asks may know; for a record without a
    case, one of a record that is said to be of the same child: it is as closed as that.
    """
    found = select(Case.child_id, Case.sensitivity).where(Case.child_id.in_(same_child(child_id)))
    cases = db.session.execute(found).all()
    holding = [one for one in cases if one.child_id == child_id] or cases
    return any(one.sensitivity == Sensitivity.SEALED for one in holding)


def subject_of(request: InformationRequest) -> About:
    """What a message about a question is about."""
    return About("information_request", request.id, request.reference, request.case_id)


def who_is_asked(request: InformationRequest) -> dict[Ground, Whom]:
    """Who hears of a question: the person, or the team and who of it works on the case."""
    works_on_it = NOBODY
    if request.asked_team_id and request.case_id:
        works_on_it = workers_on([request.case_id], request.asked_team_id)
    return {
        Ground.ASKED: to_people(request.asked_user_id) | to_teams(request.asked_team_id),
        Ground.WORKER: works_on_it,
    }


def _ask_one(actor: Principal, request: InformationRequest, *, before: datetime | None) -> InformationRequest:
    """Ask, unless the same page asked before; sent twice at once, the first to be written counts.

    Args:
        before: of a report for a meeting, by when it is wanted: who is asked for it hears of it before that.
    """
    if (asked_before := insert_once(request)) is not request:
        return asked_before
    open_deadline(
        kind=DeadlineKind.INFORMATION_REQUEST,
        subject=request,
        owner=Owner(user_id=request.asked_user_id, team_id=request.asked_team_id),
        due_at=request.due_at,
    )
    audit.record(
        "request:ask",
        request,
        of_case=request,
        agency=str(request.asked_agency_id),
        team=str(request.asked_team_id) if request.asked_team_id else None,
        person=str(request.asked_user_id) if request.asked_user_id else None,
    )
    about, whom = subject_of(request), who_is_asked(request)
    tell(actor=actor, event=ASKED, about=about, given=whom, before=before)
    return request


def _in_time(due_at: datetime, meeting: Meeting | None) -> datetime:
    """The date that was chosen; on the day of its meeting a report is due when the meeting starts.

    Raises:
        DomainError: it is past, or after the meeting.
    """
    now = clock.now()
    if due_at <= now:
        raise DomainError("The date must be in the future", field="due_on")
    if meeting is None or not now < meeting.starts_at < due_at:
        return due_at
    day = local(meeting.starts_at).date()
    if local(due_at).date() > day:
        raise DomainError(
            f"The meeting is on {day.day} {day:%B %Y}: choose that day or an earlier one", field="due_on"
        )
    return meeting.starts_at


def _check_subject(
    child_id: UUID, case: Case | None, referral: Referral | None, meeting: Meeting | None
) -> None:
    """A question hangs on a case of this child, or on a form on which the child was recognised.

    Raises:
        DomainError: it does not.
    """
    if case is not None and case.child_id != child_id:
        raise DomainError("This case is about another child")
    if case is None:
        known = referral is not None and db.session.scalar(
            select(ReferralChild.child_id)
            .where(ReferralChild.referral_id == referral.id, ReferralChild.child_id == child_id)
            .limit(1)
        )
        if not known:
            raise DomainError("Say first who the child is: a known child or a new one", field="about")
    if meeting is not None and (case is None or db.session.get(MeetingCase, (meeting.id, case.id)) is None):
        raise DomainError("This meeting is not about this case")


def _teams(ids: Iterable[UUID], *, sealed: bool) -> Sequence[Team]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return ()
    if sealed:
        raise DomainError("This case is sealed. Ask people by name, not teams", field="teams")
    in_use = select(Team).join(Agency, Agency.id == Team.agency_id).where(Team.active, Agency.active)
    found = {team.id: team for team in db.session.scalars(in_use.where(Team.id.in_(wanted)))}
    if len(found) < len(wanted):
        raise DomainError("Choose teams that are in use", field="teams")
    return [found[one] for one in wanted]


def _people(actor: Principal, ids: Iterable[UUID], case: Case | None, *, sealed: bool) -> Sequence[User]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return ()
    works_here = select(User).join(Agency, Agency.id == User.agency_id).where(User.active, Agency.active)
    found = {one.id: one for one in db.session.scalars(works_here.where(User.id.in_(wanted)))}
    named = {grant.user_id for grant in current_grants(case)} if case else set()
    for person_id in wanted:
        person = found.get(person_id)
        if person is None or not ROLES_THAT_SEE_CASES.intersection(person.roles):
            raise DomainError("Choose people who work here and may see cases", field="people")
        if person.id == actor.user_id:
            raise DomainError("You cannot ask yourself", field="people")
        if sealed and not actor.is_coordinator and person.id not in named:
            raise DomainError(
                f"{person.name} is not named on this case. A coordinator can ask them", field="people"
            )
    return [found[one] for one in wanted]
