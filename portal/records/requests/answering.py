"""What becomes of a question: answered in words with handling, given more time, or withdrawn."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions, check_length, require_text
from portal.changes.versions import lock_row
from portal.deadlines.changes import cancel_deadlines, finish_deadlines, move_deadline, open_deadlines
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Unseen, Whom, by_ground, tell, to_people, to_teams
from portal.messages.unseen import parts_found
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.meetings.model import Meeting
from portal.records.people.model import Agency, User
from portal.records.requests import rules
from portal.records.requests.asking import subject_of, who_is_asked
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.records.requests.vocabulary import (
    ANSWERED,
    ANSWERED_IN_MEETING,
    DATE_MOVED,
    NOBODY_ANSWERS,
    RELEASED,
    RELEASED_BEFORE,
    RELEASED_BY,
    WITHDRAWN,
    Locates,
)

NOTHING_HELD = "Nothing held"
FOR_NAMED_ONLY = "It must not be disclosed: choose the agencies that may read it, or only yours"


def answer(
    *,
    actor: Principal,
    request: InformationRequest,
    text: str,
    handling: Handling,
    listed: Iterable[UUID] = (),
    locates: Locates | None = None,
    seen: int = 0,
) -> InformationAnswer:
    """Answer in words. The same words of the same person are one answer, however often they are sent.

    Args:
        handling: who may read it. With `Handling.OWN` whoever asked learns only that there is an answer.
        listed: identifiers of the agencies, for `Handling.AGENCIES`.
        locates: whether it says where the child lives, how they are reached or their school. Where that must
            not be disclosed, or may not be, the answer is on no list, print or document (ADR 34).
        seen: how many answers of the agency stood on the page, so that none is given past a colleague’s.

    Raises:
        Forbidden: the actor is not asked.
        Conflict: a colleague answered meanwhile; carries both.
        DomainError: words or agencies are missing, or the question was withdrawn; `field` says what.
    """
    before = _lock(actor, request)
    words = text.strip()
    if same := next((one for one in before if one.author_id == actor.user_id and one.text == words), None):
        return same
    if not words:
        raise DomainError("Write what your agency holds", field="text")
    check_length(words, "text")
    if locates is Locates.HELD and handling is Handling.NETWORK:
        raise DomainError(FOR_NAMED_ONLY, field="handling")
    agencies = _listed(actor, handling, listed)
    if len(before) != seen:
        raise _answered_meanwhile(actor, before[-1], words)
    return _add(actor, request, text=words, handling=handling, listed_agencies=agencies, locates=locates)


def answer_nothing_held(*, actor: Principal, request: InformationRequest, seen: int = 0) -> InformationAnswer:
    """Answer that the agency holds nothing. Saying it twice changes nothing.

    Args:
        seen: as for `answer`.

    Raises:
        Forbidden: the actor is not asked.
        Conflict: a colleague answered meanwhile, in words; carries both.
        DomainError: the agency has answered in words already, or the question was withdrawn.
    """
    before = _lock(actor, request)
    if before and before[-1].nothing_held:
        return before[-1]
    if len(before) != seen:
        raise _answered_meanwhile(actor, before[-1], NOTHING_HELD)
    if before:
        raise DomainError("Your agency has answered already. Add to the answer what is different now")
    return _add(
        actor,
        request,
        text="",
        handling=Handling.NETWORK,
        listed_agencies=[],
        locates=Locates.NO,
        nothing_held=True,
    )


def is_asked(person: Principal, request: InformationRequest) -> bool:
    """Whether a question goes to a person: by name, or, where nobody is named, to a team of theirs."""
    if request.asked_agency_id != person.agency_id:
        return False
    return (request.asked_user_id or request.asked_team_id) in person.readers


def _lock(actor: Principal, request: InformationRequest) -> Sequence[InformationAnswer]:
    """Hold the question, so that colleagues answer one after the other; the agency's answers so far."""
    require(actor, "request:answer", Facts(receiver=is_asked(actor, request)))
    held = select(InformationRequest).where(InformationRequest.id == request.id).with_for_update()
    there = db.session.scalar(held.execution_options(populate_existing=True))
    if there is None or there.withdrawn_at is not None:  # once it is, whoever is asked sees it no more
        raise DomainError(f"{_why_over(there)}. Nothing more is needed")
    wanted = select(InformationAnswer).filter_by(request_id=request.id, agency_id=actor.agency_id)
    return db.session.scalars(wanted.order_by(InformationAnswer.answered_at, InformationAnswer.id)).all()


def _add(
    actor: Principal,
    request: InformationRequest,
    *,
    text: str,
    handling: Handling,
    listed_agencies: list[UUID],
    locates: Locates | None,
    nothing_held: bool = False,
) -> InformationAnswer:
    now = clock.now()
    given = InformationAnswer(
        id=new_id(),
        request_id=request.id,
        case_id=request.case_id,
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        nothing_held=nothing_held,
        text=text,
        handling=handling,
        listed_agencies=listed_agencies,
        answered_at=now,
        locates=locates,
    )
    db.session.add(given)
    if request.answered_at is None:
        request.answered_at = now
        request.reach_until = due(current_policy().clocks.limits.request_reach, now)
    db.session.flush()
    finish_deadlines(subject=request, kind=DeadlineKind.INFORMATION_REQUEST)
    audit.record(
        "request:answer",
        request,
        of_case=request,
        nothing_held=nothing_held,
        handling=handling.value,
    )
    about, once, when, hears = subject_of(request), str(given.id), _in_time(request), _who_hears(request)
    tell(actor=actor, event=ANSWERED, about=about, given=hears, once=once, **when)
    if "at_once" in when:  # of which the page says nothing, or it would say that the meeting runs
        unseen, told = Unseen("question_chair"), {who for whom in hears.values() for who in whom.people}
        tell(actor=actor, event=ANSWERED_IN_MEETING, about=about, once=once, unseen=unseen, but=told, **when)
    return given


def _in_time(request: InformationRequest) -> dict[str, Any]:
    """When what becomes of a question has to be known, for `tell`: before the meeting begins that it is
    for, and while that runs, at once. Where whoever takes the step may not know of the meeting, before the
    answer was due: they are told neither when it begins nor when it ends.
    """
    if request.meeting_id is None:
        return {}
    meeting = db.session.get(Meeting, request.meeting_id)
    asked = sql("select begins, ends from ctx.meeting_of_question(:request)")
    row = db.session.execute(asked, {"request": request.id}).first()
    if row is not None and row.begins <= clock.now() < row.ends:
        return {"before": row.ends if meeting else None, "at_once": True}
    return {"before": meeting.starts_at if meeting else request.due_at}


def _who_hears(request: InformationRequest) -> dict[Ground, Whom]:
    """Whoever asked; and if they may not see the question any more, whoever leads its case, else the hub."""
    hears = by_ground(
        db.session.execute(sql("select * from ctx.hear_of_answer(:request)"), {"request": request.id})
    )
    given = {one: hears.get(one, NOBODY) for one in (Ground.ASKER, Ground.LEAD_PROFESSIONAL)}
    return {**given, Ground.HUB: NOBODY} if hears else given


def _listed(actor: Principal, handling: Handling, listed: Iterable[UUID]) -> list[UUID]:
    if handling is not Handling.AGENCIES:
        return []
    chosen = set(listed) - {actor.agency_id}
    if not chosen:
        raise DomainError("Choose the agencies that may read it", field="agencies")
    known = db.session.scalars(select(Agency.id).where(Agency.id.in_(chosen), Agency.active)).all()
    if set(known) != chosen:
        raise DomainError("Choose agencies of the partnership", field="agencies")
    return sorted(chosen)


def _answered_meanwhile(actor: Principal, theirs: InformationAnswer, mine: str) -> Conflict:
    versions = Versions(theirs={"Answer": theirs.text or NOTHING_HELD}, mine={"Answer": mine})
    if theirs.author_id == actor.user_id:
        return Conflict(
            "You answered this question on another page. Nothing that you typed is lost: read what you said"
            " there, then add this if it says more",
            versions,
            stands=True,
        )
    name = db.session.get_one(User, theirs.author_id).name
    return Conflict(
        f"{name} answered while you were writing. Nothing that you typed is lost: read their answer, then add"
        " yours if it says more",
        versions,
        stands=True,
    )


SEALED = "The case was sealed: people are asked by name"
ENDED = "The case has ended"


def withdraw(*, actor: Principal, request: InformationRequest, reason: str) -> None:
    """Take a question back: nothing is owed any more, and the team loses sight of the child with it.

    Raises:
        Forbidden: the actor did not ask it and is neither a coordinator nor the lead professional.
        DomainError: there is no reason, or the question is answered.
    """
    _hold(actor, request)
    if request.withdrawn_at is not None and request.withdrawn_reason == reason.strip():
        return
    if request.withdrawn_at is not None:
        released = rules.was_released(request)
        raise DomainError(_why_over(request) if released else "Somebody has just withdrawn this question")
    reason = require_text(reason, "Say why it is withdrawn", field="reason")
    if reason.startswith((RELEASED_BY, RELEASED_BEFORE)):  # so begins what the portal writes of a release
        raise DomainError("Say in other words why it is withdrawn", field="reason")
    _refuse_answered(request)
    take_back(actor=actor, request=request, reason=reason)


def give_more_time(*, actor: Principal, request: InformationRequest, due_at: datetime, reason: str) -> None:
    """Move the date on, with a reason. The first date stays on record; reminders follow the new one.

    Raises:
        Forbidden: as for `withdraw`.
        DomainError: there is no reason, the date is not later, or nothing is owed any more.
    """
    _hold(actor, request)
    if request.withdrawn_at is not None:
        raise DomainError(_why_over(request))
    _refuse_answered(request)
    if due_at <= max(request.due_at, clock.now()):
        raise DomainError("Choose a date later than the one now", field="due_on")
    require_text(reason, "Say why there is more time", field="reason")
    move_date(actor=actor, request=request, due_at=due_at, reason=reason)


def move_date(*, actor: Principal, request: InformationRequest, due_at: datetime, reason: str) -> None:
    """Move the date of a question that waits, whoever may; the first date stays on record."""
    for deadline in open_deadlines(subject=request, kind=DeadlineKind.INFORMATION_REQUEST):
        move_deadline(actor=actor, deadline=deadline, due_at=due_at, reason=reason, told=True)
    request.due_at = due_at
    db.session.flush()
    audit.record("request:give_time", request, of_case=request)
    given = {**who_is_asked(request), Ground.ASKER: to_people(request.asked_by)}
    tell(actor=actor, event=DATE_MOVED, about=subject_of(request), given=given, once=due_at.isoformat())


def withdraw_from_teams(*, actor: Principal, case: Case) -> None:
    """A case is about to be sealed: from then on people are asked by name, and teams lose sight of it."""
    waiting = select(InformationRequest).where(
        InformationRequest.child_id == case.child_id,
        InformationRequest.asked_team_id.is_not(None),
        InformationRequest.answered_at.is_(None),
        InformationRequest.withdrawn_at.is_(None),
    )
    for request in db.session.scalars(waiting):
        take_back(actor=actor, request=request, reason=SEALED)
    _withdraw_unseen(actor, {"case": str(case.id)})


def withdraw_by_link(*, actor: Principal, child_ids: Collection[UUID]) -> None:
    """Two records were linked: where one is as closed as a sealed case by it, teams lose sight of it too."""
    _withdraw_unseen(actor, {"link": [str(one) for one in sorted(child_ids)]})


def withdraw_at_end(*, actor: Principal, case: Case) -> None:
    """The case has ended, and with it questions on it that whoever ends it does not read."""
    _withdraw_unseen(actor, {"ended": str(case.id)}, reason=ENDED)


def _withdraw_unseen(actor: Principal, closes: Mapping[str, Any], *, reason: str = SEALED) -> None:
    """The same of questions that the actor does not see: the database ends them, and tells who was asked."""
    tells = parts_found(WITHDRAWN, kind="information_request", actor_id=actor.user_id)
    said = {"closes": closes, "tells": tells, "reason": reason, "owed": "Withdrawn"}
    db.session.flush()
    withdraws = sql("select ctx.withdraw_unseen(:said)").bindparams(bindparam("said", type_=JSONB))
    db.session.execute(withdraws, {"said": said})


def withdraw_as_released(*, actor: Principal, entry_id: UUID) -> None:
    """Intelligence was released: whoever was asked to release it owes no answer any more, and is told; and so
    is whoever asked, whose question is answered by it.
    """
    releaser = db.session.get_one(User, actor.user_id).name
    waiting = (
        select(InformationRequest)
        .filter_by(entry_id=entry_id, answered_at=None, withdrawn_at=None)
        .order_by(InformationRequest.id)
        .with_for_update()  # one that is answered or withdrawn at the same moment is none of them
        .execution_options(populate_existing=True)
    )
    for request in db.session.scalars(waiting).all():
        given = {**who_is_asked(request), Ground.ASKER: to_people(request.asked_by)}
        called = {Ground.ASKED: "was asked to release it", Ground.ASKER: "asked to release it"}
        about, when = subject_of(request), _in_time(request)
        tell(actor=actor, event=RELEASED, about=about, given=given, called=called, **when)
        _end(request, reason=f"{RELEASED_BY}{releaser}", owed="Released")
        audit.record("request:withdraw", request, of_case=request, released=True)


def take_back(*, actor: Principal, request: InformationRequest, reason: str) -> None:
    """Withdraw a question that waits, whoever may: it is owed no more, and who was asked sees it no more."""
    called = {Ground.ASKED: "was asked"}
    about, given, when = subject_of(request), who_is_asked(request), _in_time(request)
    tell(actor=actor, event=WITHDRAWN, about=about, given=given, called=called, **when)
    _end(request, reason=reason, owed="Withdrawn")
    audit.record("request:withdraw", request, of_case=request)


def _end(request: InformationRequest, *, reason: str, owed: str) -> None:
    """Whoever was asked still sees that they owed something, and no longer what: the reason is not for them.

    Args:
        owed: what becomes of that, in a word that they may read.
    """
    cancel_deadlines(subject=request, kind=DeadlineKind.INFORMATION_REQUEST, reason=owed)
    request.withdrawn_at = clock.now()
    request.withdrawn_reason = reason
    db.session.flush()


def tell_that_nobody_answers(
    *, actor: Principal, person_id: UUID | None = None, team_id: UUID | None = None
) -> None:
    """A person has left or a team is closed: who asked them, and leads the case, asks somebody else."""
    left = sql("select * from ctx.left_unanswered(:person, :team)").bindparams(
        bindparam("person", type_=Uuid), bindparam("team", type_=Uuid)
    )
    for row in db.session.execute(left, {"person": person_id, "team": team_id}).all():
        lead = to_people(*row.people) | to_teams(*row.teams)
        given = {Ground.ASKER: to_people(row.asked_by), Ground.LEAD_PROFESSIONAL: lead}
        about = About("information_request", row.id, row.reference, row.case_id)
        tell(actor=actor, event=NOBODY_ANSWERS, about=about, given=given)


def changing_facts(*, actor: Principal, request: InformationRequest) -> Facts:
    """What decides whether somebody may withdraw a question, or give more time for it."""
    case = db.session.get(Case, request.case_id) if request.case_id else None
    return Facts(
        owner=request.asked_by == actor.user_id,
        lead_professional=case is not None and case.lead_professional_id == actor.user_id,
    )


def _why_over(request: InformationRequest | None) -> str:
    released = request is not None and rules.was_released(request)
    return "What it asks for was released" if released else "This question was withdrawn"


def _hold(actor: Principal, request: InformationRequest) -> None:
    require(actor, "request:withdraw", changing_facts(actor=actor, request=request))
    lock_row(request)


def _refuse_answered(request: InformationRequest) -> None:
    if request.answered_at is not None:
        raise DomainError("This question is answered")
