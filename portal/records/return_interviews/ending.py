"""Completing a return interview, and sharing what was learnt with those who act on it."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import count_change, lock_row
from portal.deadlines.changes import cancel_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import Unseen, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.entries.adding import add_entry
from portal.records.entries.facts import about_entry, around_entry
from portal.records.entries.vocabulary import CORRECTED_NOW, Handling
from portal.records.missing.model import MissingEpisode
from portal.records.people.agencies import teams_at
from portal.records.people.model import Agency, Team
from portal.records.return_interviews.beginning import (
    about,
    covered_by,
    facts_of,
    readers_on,
    record,
    tell_cases,
    why_looked_at,
    work_on,
)
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.rules import Late, state_of, tells_of_harm
from portal.records.return_interviews.talking import meet_duties
from portal.records.return_interviews.vocabulary import (
    COMPLETED,
    SHARED,
    InterviewOffer,
    InterviewReceiver,
    InterviewState,
)
from portal.vocabulary import Desk, Sensitivity

_COMPLETES = frozenset({InterviewState.TO_WRITE_UP, InterviewState.DECLINED, InterviewState.NOT_OFFERED})
_ENTRY, _MOMENT = "information", "return_interview"


def _asked(reference: str) -> str:
    """What stands on a case for everybody: that it is asked, and not why."""
    return f"The risk assessment has to be looked at again after return interview {reference}"


def complete_interview(
    *,
    actor: Principal,
    interview: ReturnInterview,
    assessment_needed: bool,
    assessment_words: str = "",
    receivers: Collection[InterviewReceiver] = (),
    late: Late | None = None,
    version: int,
) -> None:
    """Complete an interview that was held, declined or not offered. What was recorded stands from now on.

    The duties of one that was not held are met when it is completed; where it does not apply, they are no
    longer owed.

    Args:
        assessment_needed: whether the risk assessment has to be looked at again: whoever leads an open case
            of the child is asked to, else the hub is told.
        assessment_words: why it is needed.
        receivers: with whom it is shared at once.

    Raises:
        Forbidden: see permission `interview:record`.
        Conflict: somebody changed it meanwhile.
        DomainError: it is not ready, or what has to be said is missing; `field` says what.
    """
    work_on(actor, interview, version)
    state = state_of(interview)
    if state not in _COMPLETES:
        raise DomainError(f"This interview is not ready to be completed. It stands at: {state.label}")
    _check_said(interview, state)
    if assessment_needed and not assessment_words.strip():
        raise DomainError("Say why the assessment is needed", field="assessment_words")
    episodes = covered_by(interview)
    now = clock.now()
    if interview.offered == InterviewOffer.NOT_APPLICABLE:
        for one in episodes:
            cancel_deadlines(
                subject=one, kind=DeadlineKind.RETURN_INTERVIEW, reason=interview.declined_reason
            )
    elif interview.done_at is None:
        meet_duties(interview, episodes, now, late)
    interview.assessment_needed = assessment_needed
    interview.completed_at, interview.completed_by = now, actor.user_id
    count_change(interview)
    record(interview, "interview:complete", held=interview.done_at is not None)
    wanted = set(receivers)
    hub_asked = assessment_needed and not _ask_for_assessment(actor, interview, assessment_words)
    if hub_asked:
        wanted.add(InterviewReceiver.HUB)
    _tell_of_end(actor, interview, episodes)
    _share(actor, interview, wanted, hub_asked=hub_asked)


def _tell_of_end(actor: Principal, interview: ReturnInterview, episodes: Iterable[MissingEpisode]) -> None:
    """Whoever leads an open case of the child, and the social care that looks after it, if another."""
    at_once = tells_of_harm(interview.answers)
    tell_cases(actor, interview, COMPLETED, at_once=at_once)
    authorities = {one.responsible_authority for one in episodes if one.responsible_authority}
    at_door = {team for one in authorities for team in teams_at(Desk.FRONT_DOOR, authority=one)}
    others = select(Team.id).where(Team.id.in_(at_door), Team.agency_id != actor.agency_id)
    unseen = Unseen("interview", given={Ground.SOCIAL_CARE: to_teams(*db.session.scalars(others))})
    tell(actor=actor, event=COMPLETED, about=about(interview), unseen=unseen, at_once=at_once)


def share_interview(
    *, actor: Principal, interview: ReturnInterview, receivers: Collection[InterviewReceiver]
) -> None:
    """Share a completed interview with the police, social care or the hub: that it was, when and by whom
    stays with it, and their teams are told that it is there. A second time changes nothing.

    Raises:
        Forbidden: see permission `interview:record`.
        DomainError: it is not completed, or nobody was chosen.
    """
    require(actor, "interview:record", facts_of(actor, interview))
    lock_row(interview)
    if interview.completed_at is None:
        raise DomainError("Complete the interview first")
    if not receivers:
        raise DomainError("Choose with whom it is shared", field="receivers")
    _share(actor, interview, set(receivers))


def _share(
    actor: Principal,
    interview: ReturnInterview,
    receivers: Iterable[InterviewReceiver],
    *,
    hub_asked: bool = False,
) -> None:
    """Tell them, and keep when and by whom; of the hub also whether it was asked to see to the assessment."""
    added = sorted(set(receivers) - set(interview.shared))
    if not added:
        return
    _refuse_held(interview, added)
    _refuse_limited(interview, added)
    by = {"at": clock.now().isoformat(), "by": str(actor.user_id), "name": actor.name, "asked": hub_asked}
    interview.shared = interview.shared | {receiver.value: by for receiver in added}
    count_change(interview)
    for receiver in added:
        _tell(actor, interview, receiver)
    record(interview, "interview:share", receivers=[receiver.value for receiver in added])


def _refuse_held(interview: ReturnInterview, receivers: Collection[InterviewReceiver]) -> None:
    """Of a child whose case is held closely only people who are named on it read an interview; the hub too,
    where the case is not sealed.

    Raises:
        DomainError: some of the receivers do not.
    """
    held = db.session.scalar(select(func.max(Case.sensitivity)).where(Case.child_id == interview.child_id))
    readers = {InterviewReceiver.HUB} if held == Sensitivity.RESTRICTED else set()
    if held and not readers.issuperset(receivers):
        raise DomainError(
            "The case of this child is held closely. Whoever is named on it reads the interview, and so does"
            " the team that recorded it: name those who have to know, instead of sharing it with a whole"
            " service",
            field="receivers",
        )


def _refuse_limited(interview: ReturnInterview, receivers: Collection[InterviewReceiver]) -> None:
    """Who is told of an interview may read it.

    Raises:
        DomainError: nobody of one of the services does.
    """
    if interview.handling == Handling.NETWORK:
        return
    reading = select(Agency.sector).where(Agency.id.in_([interview.agency_id, *interview.listed_agencies]))
    sectors = set(db.session.scalars(reading))
    blind = [one.label for one in receivers if one.value not in sectors]
    if blind:
        raise DomainError(
            f"Nobody there may read this interview: {', '.join(blind)}. Change first who may read it",
            field="receivers",
        )


def _tell(actor: Principal, interview: ReturnInterview, receiver: InterviewReceiver) -> None:
    """The teams of a service that know the child; where none does, whoever leads it, else its desk. Where the
    child told of harm, at any hour, and of the police also their missing desk, which holds the episode.
    """
    harmed = tells_of_harm(interview.answers)
    told = to_teams(*_teams(interview, receiver)) or to_people(*_leads(interview, receiver))
    if receiver is InterviewReceiver.POLICE and (harmed or not told):
        told |= to_teams(*teams_at(Desk.MISSING))
    given = {Ground.CHOSEN: told}
    tell(actor=actor, event=SHARED, about=about(interview), given=given, once=receiver, at_once=harmed)


def _teams(interview: ReturnInterview, receiver: InterviewReceiver) -> list[UUID]:
    """The teams of a receiver that know the child: on an open case, or those that recorded an episode; of the
    hub all.
    """
    of_sector = (
        select(Team.id)
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.active, Agency.active, Agency.sector == receiver.value)
    )
    if receiver is InterviewReceiver.HUB:
        return list(db.session.scalars(of_sector.order_by(Team.id)))
    on_case = (
        select(Involvement.team_id)
        .join(Case, Case.id == Involvement.case_id)
        .where(
            Case.child_id == interview.child_id,
            Case.state.in_(OPEN_CASE_STATES),
            Involvement.ended_at.is_(None),
        )
    )
    recorded = [one.recorded_team_id for one in covered_by(interview) if one.recorded_team_id]
    return list(
        db.session.scalars(
            of_sector.where(or_(Team.id.in_(on_case), Team.id.in_(recorded))).order_by(Team.id)
        )
    )


def _leads(interview: ReturnInterview, receiver: InterviewReceiver) -> list[UUID]:
    """Where no team knows the child: the leads of the police, or of social care of the authorities."""
    found = select(Agency.lead_id).where(
        Agency.active, Agency.sector == receiver.value, Agency.lead_id.is_not(None)
    )
    if receiver is InterviewReceiver.SOCIAL_CARE:
        found = found.where(Agency.authority.in_(_authorities(covered_by(interview))))
    return [lead for lead in db.session.scalars(found) if lead is not None]


def _authorities(episodes: Iterable[MissingEpisode]) -> set[str]:
    return {
        authority
        for one in episodes
        for authority in (one.responsible_authority, one.host_authority)
        if authority
    }


def _ask_for_assessment(actor: Principal, interview: ReturnInterview, words: str) -> bool:
    """Ask whoever leads an open case of the child that the actor reads; whether there is one.

    That it is asked is for everybody on the case. Why is only for whoever may read the interview.
    """
    cases = list(
        db.session.scalars(
            select(Case).where(Case.child_id == interview.child_id, Case.state.in_(OPEN_CASE_STATES))
        )
    )
    for case in cases:
        _add(actor, case, interview, _asked(interview.reference), moment=_MOMENT, handling=Handling.NETWORK)
        _add(actor, case, interview, why_looked_at(interview) + words.strip())
    return bool(cases)


def move_what_came_of_it(*, actor: Principal, episode: MissingEpisode, before: UUID) -> None:
    """An episode was put on another child, with the interviews that cover it: that the assessment has to be
    looked at again is asked on each open case of that child now, with the reason, and no more where it was.
    There a correction says so, and the words are for the agency alone that wrote them (`ctx.move_said`).
    Whoever leads hears of it, on both.

    Args:
        before: the child on whose record the episode was, moved at this moment by the actor.
    """
    moved = func.ctx.move_said(episode.id, before).table_valued("interview", "correction")
    rows = db.session.execute(select(moved.c.interview, moved.c.correction)).all()
    told: set[UUID] = set()
    marks = select(ChronologyEntry).where(ChronologyEntry.id.in_([row.correction for row in rows]))
    for entry in db.session.scalars(marks.order_by(ChronologyEntry.id)).all():
        case = db.session.get(Case, entry.case_id)
        if case is not None and case.id not in told:
            told.add(case.id)
            given, what = around_entry(entry), about_entry(case, entry)
            tell(actor=actor, event=CORRECTED_NOW, about=what, given=given, once=str(entry.id))
    open_ = select(Case).where(Case.child_id == episode.child_id, Case.state.in_(OPEN_CASE_STATES))
    for case in db.session.scalars(open_.order_by(Case.id)).all():
        for reference in sorted({row.interview for row in rows}):
            add_entry(
                actor=actor,
                case=case,
                kind=_ENTRY,
                text=_asked(reference),
                happened_at=episode.returned_at or clock.now(),
                handling=Handling.NETWORK,
                moment=_MOMENT,
            )


def _add(actor: Principal, case: Case, interview: ReturnInterview, text: str, **more: Any) -> None:
    """Write on the case what comes of an interview; for its readers where nothing else is said."""
    happened_at, so = interview.done_at or clock.now(), readers_on(case, interview) | more
    add_entry(actor=actor, case=case, kind=_ENTRY, text=text, happened_at=happened_at, **so)


def _check_said(interview: ReturnInterview, state: InterviewState) -> None:
    if state is InterviewState.TO_WRITE_UP and not interview.answers:
        raise DomainError("Write down first what the child said")
    if state is InterviewState.DECLINED and not interview.carer_information.strip():
        raise DomainError(
            "The child did not talk. Write first what parents, carers or workers know, or that nobody could"
            " be asked",
            field="carer_information",
        )
