"""Answering what one's team is asked: in words with handling, or that nothing is held.

A further answer adds and overwrites nothing. The first one ends the clock, and with it begins the time after
which the team loses sight of the question (policy `clocks.limits.request_reach`).
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.pathway.deadlines import due
from portal.policy import current_policy
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Agency, User
from portal.records.requests.asking import subject_of
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.services.deadlines import finish_deadlines
from portal.services.errors import Conflict, DomainError, Versions
from portal.services.limits import check_length
from portal.services.messages import tell_people
from portal.vocabulary.deadlines import DeadlineKind

NOTHING_HELD = "Nothing held"


def answer(
    *,
    actor: Principal,
    request: InformationRequest,
    text: str,
    handling: Handling,
    listed: Iterable[UUID] = (),
    seen: int = 0,
) -> InformationAnswer:
    """Answer in words. The same words of the same person are one answer, however often they are sent.

    Args:
        handling: who may read it. With `Handling.OWN` whoever asked learns only that there is an answer.
        listed: identifiers of the agencies, for `Handling.AGENCIES`.
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
    agencies = _listed(actor, handling, listed)
    if len(before) != seen:
        raise _answered_meanwhile(actor, before[-1], words)
    return _add(actor, request, text=words, handling=handling, listed_agencies=agencies)


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
    return _add(actor, request, text="", handling=Handling.NETWORK, listed_agencies=[], nothing_held=True)


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
        raise DomainError("This question was withdrawn. Nothing more is needed")
    return db.session.scalars(
        select(InformationAnswer)
        .where(InformationAnswer.request_id == request.id, InformationAnswer.agency_id == actor.agency_id)
        .order_by(InformationAnswer.answered_at, InformationAnswer.id)
    ).all()


def _add(
    actor: Principal,
    request: InformationRequest,
    *,
    text: str,
    handling: Handling,
    listed_agencies: list[UUID],
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
    )
    db.session.add(given)
    if request.answered_at is None:
        request.answered_at = now
        request.reach_until = due(current_policy().clocks.limits.request_reach, now)
    db.session.flush()
    finish_deadlines(subject=request, kind=DeadlineKind.INFORMATION_REQUEST)
    audit.record(
        "request:answer",
        subject_kind="information_request",
        subject_id=request.id,
        child_id=request.child_id,
        case_id=request.case_id,
        nothing_held=nothing_held,
        handling=handling.value,
    )
    tell_people(
        actor=actor,
        kind="answered",
        about=subject_of(request),
        people=[request.asked_by],
        once=str(given.id),
    )
    return given


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
        )
    name = db.session.get_one(User, theirs.author_id).name
    return Conflict(
        f"{name} answered while you were writing. Nothing that you typed is lost: read their answer, then add"
        " yours if it says more",
        versions,
    )
