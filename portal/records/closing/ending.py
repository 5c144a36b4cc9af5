"""A case ends: as a meeting decided, or by two people where none was held.

Nothing ends by itself. Whoever ends a case says why, who follows up and what would reopen it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions, check_length, require_text
from portal.changes.versions import insert_unless_taken, lock, lock_row
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, around_case, tell, to_people
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.records.cases.facts import about_case, refuse_closed, state_in_words
from portal.records.cases.grants import chairs_open_meeting
from portal.records.cases.model import Case
from portal.records.closing.checks import OUTCOME_FOR, Standing, close_facts, closure_of, standing
from portal.records.closing.effects import carry_out, what_becomes, who_owns
from portal.records.closing.model import CaseClosure
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import END_ASKED, END_REFUSED, ClosureGround, ClosureKind, LeftOver
from portal.records.people.model import User
from portal.vocabulary import CaseState


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Who leads what follows: somebody of the portal, or a name, an agency and how to reach them."""

    person: User | None = None
    name: str = ""
    agency: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Settled:
    """What becomes of an open action, in a word and in words."""

    becomes: LeftOver
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What is said when a case ends.

    Args:
        kind: whether it is closed or transferred.
        reason: a code of policy `closing.reasons`.
        reopen_if: what would reopen it.
        actions: what becomes of every open action, by its identifier.
        minutes_reason: why it ends although nobody has approved the minutes of the meeting that decided it.
        undone_reason: why it ends before a strategy discussion was held, or with the child missing.
        level_reason: why it closes at the level that it has, where it is said that the risk is lower.
    """

    kind: ClosureKind
    reason: str
    words: str
    follow_up: FollowUp
    reopen_if: str
    actions: Mapping[UUID, Settled] = field(default_factory=dict)
    minutes_reason: str = ""
    level_reason: str = ""
    undone_reason: str = ""


def end_case(*, actor: Principal, case: Case, ending: Ending, version: int) -> CaseClosure:
    """End a case at once, as its last meeting decided; without such a decision, ask that it end.

    Asked for, it waits for a second person (`agree_to_end`), and changes nothing until then.

    Args:
        version: of the case when the page was opened.

    Raises:
        Forbidden: the actor neither leads the case, nor chairs a meeting on it, nor coordinates; without a
            meeting, where no exploitation was found, also whoever did not assess it.
        Conflict: somebody changed the case meanwhile, or ended it.
        DomainError: something has to be dealt with first, the assessment is too old, a hand-over is missing,
            there is no ground, or something was not said; `field` says what.
    """
    require(actor, "case:close", close_facts(actor, case))
    lock_row(case)
    if (over := _ended_already(case)) is not None:
        return _sent_twice(actor, over, ending)
    lock(case, version, state_in_words, first=refuse_closed, mine={"State": ending.kind.label})
    if closure_of(case) is not None:
        raise DomainError("Somebody has asked already that this case end. It waits for a second person")
    found = standing(case)
    ground = _ground(actor, case, ending.kind, found)
    _check_ready(ending.kind, found)
    _check_words(case, ending, found)
    closure = _write(actor, case, ending, ground, found)
    if ground is ClosureGround.MEETING:
        carry_out(actor=actor, case=case, closure=closure)
    else:
        _record(case, closure, "case:ask_to_end")
        given = {Ground.SECOND: _who_may_second(case, closure, found)}
        tell(actor=actor, event=END_ASKED, about=about_case(case), given=given, once=str(closure.id))
    return closure


def _ended_already(case: Case) -> CaseClosure | None:
    found = closure_of(case)
    return found if found is not None and found.closed_at is not None else None


def _sent_twice(actor: Principal, closure: CaseClosure, ending: Ending) -> CaseClosure:
    """The page was open before the case ended: where its actor sends it twice, it has ended as they say.

    Raises:
        Conflict: somebody ended it otherwise.
    """
    follow_up = ending.follow_up
    mine = {
        **{"reason": ending.reason, "words": ending.words.strip(), "reopen_if": ending.reopen_if.strip()},
        "follow_up_id": follow_up.person.id if follow_up.person else None,
        "follow_up_name": follow_up.name.strip(),
    }
    theirs = {name: getattr(closure, name) for name in mine}
    if closure.asked_by == actor.user_id and (closure.kind, theirs) == (ending.kind.value, mine):
        return closure
    by, at = db.session.get_one(User, closure.asked_by).name, clock.local(closure.closed_at or clock.now())
    how = CaseState(closure.kind).label.lower()
    raise Conflict(
        f"This case was {how} on {at.day} {at:%B %Y} by {by}. Nothing that you typed was kept",
        Versions(theirs={"Since": at, **theirs}, mine=mine),
        stands=True,
    )


def agree_to_end(*, actor: Principal, case: Case, closure: CaseClosure) -> None:
    """Agree, as the second person, that a case ends.

    Raises:
        Forbidden: the actor asked for it or assessed the case, or is neither a manager of the agency that
            leads nor chairs an open meeting on the case.
        DomainError: it does not wait any more, or something came up that has to be dealt with first.
    """
    _may_second(actor, case, closure)
    found = standing(case)
    _check_ready(ClosureKind(closure.kind), found)
    if closure.ground == ClosureGround.NO_EXPLOITATION and not found.never_found:
        raise DomainError("Since this was asked, a level was found or a meeting was held. A meeting decides")
    if {str(one.id) for one in found.actions} - set(closure.left_over):
        raise DomainError("An action was given since this was asked. Give it back, so that it is looked at")
    for undone, since in found.undone.items():
        if not closure.undone_reason or since > closure.asked_at:  # the word is of what was undone then
            raise DomainError(f"{undone}. Nothing was said of that. Give it back, so that it is looked at")
    for one in found.actions:
        if closure.left_over[str(one.id)]["becomes"] == LeftOver.OWNER and not who_owns(one).active:
            raise DomainError(
                f"{who_owns(one).name}, who was to carry {one.reference} on, is not in use any more. "
                "Give it back, so that it is looked at"
            )
    closure.second_id, closure.second_at = actor.user_id, clock.now()
    closure.closed_at = closure.second_at
    db.session.flush()
    carry_out(actor=actor, case=case, closure=closure)


def refuse_to_end(*, actor: Principal, case: Case, closure: CaseClosure, reason: str) -> None:
    """Say no, as the second person, or take back what one asked oneself: the case goes on.

    Raises:
        Forbidden, DomainError: as for `agree_to_end`; no reason was given.
    """
    if actor.user_id != closure.asked_by:
        _may_second(actor, case, closure)
    _must_wait(case, closure)
    reason = require_text(reason, "Say why the case goes on", field="reason")
    closure.withdrawn_by, closure.withdrawn_at = actor.user_id, clock.now()
    closure.withdrawn_reason = reason
    db.session.flush()
    _record(case, closure, "case:refuse_to_end")
    given = {Ground.ASKER: to_people(closure.asked_by)}
    tell(actor=actor, event=END_REFUSED, about=about_case(case), given=given, once=str(closure.id))


def second_facts(actor: Principal, case: Case) -> Facts:
    """What decides whether somebody may agree that a case ends."""
    return Facts(
        own_agency=case.lead_agency_id == actor.agency_id,
        chairs_open_meeting=chairs_open_meeting(actor=actor, case_id=case.id),
    )


def _may_second(actor: Principal, case: Case, closure: CaseClosure) -> None:
    require(actor, "case:agree_to_close", second_facts(actor, case))
    _must_wait(case, closure)
    found = standing(case).assessment
    assessed = {found.assessor_id, found.concluded_by} if found else set()
    if actor.user_id == closure.asked_by or (
        closure.ground == ClosureGround.NO_EXPLOITATION and actor.user_id in assessed
    ):
        raise Forbidden("You assessed this case or asked that it end. A second person has to agree.")


def _who_may_second(case: Case, closure: CaseClosure, found: Standing) -> Whom:
    """Managers of the agency that leads and chairs of open meetings, but whoever asked or assessed."""
    around, wrote = around_case(case.id), {closure.asked_by}
    if closure.ground == ClosureGround.NO_EXPLOITATION and found.assessment:
        wrote |= {one for one in (found.assessment.assessor_id, found.assessment.concluded_by) if one}
    able = around.get(Ground.LEAD_MANAGER, NOBODY) | around.get(Ground.CHAIR, NOBODY)
    return to_people(*(able.people - wrote))


def _must_wait(case: Case, closure: CaseClosure) -> None:
    lock_row(case)
    lock_row(closure)  # of two who answer, the second sees the first
    if closure.case_id != case.id or closure.closed_at is not None or closure.withdrawn_at is not None:
        raise DomainError("Nobody asks any more that this case end")


def _ground(actor: Principal, case: Case, kind: ClosureKind, found: Standing) -> ClosureGround:
    if found.decision is not None and found.decision.outcome == OUTCOME_FOR[kind]:
        return ClosureGround.MEETING
    if kind is ClosureKind.TRANSFERRED:
        if not (actor.is_coordinator or case.lead_professional_id == actor.user_id):
            raise Forbidden("Without a meeting a coordinator or the lead professional asks for a transfer.")
        return ClosureGround.MOVED
    if not found.never_found:
        raise DomainError("The last meeting on this case did not decide to close it. A meeting has to")
    assessment = found.assessment
    if assessment is None or actor.user_id not in {assessment.assessor_id, assessment.concluded_by}:
        raise Forbidden("Where no meeting was held, whoever assessed the child asks that the case end.")
    return ClosureGround.NO_EXPLOITATION


def _check_ready(kind: ClosureKind, found: Standing) -> None:
    if found.in_the_way:
        raise DomainError(found.in_the_way[0])
    if kind is ClosureKind.TRANSFERRED and found.hand_over is None:
        raise DomainError("Write the hand-over to the other area first, and finalise it")
    if kind is ClosureKind.CLOSED and not found.in_time:
        raise DomainError("The last risk assessment is too old, or there is none. Assess again first")


def _check_words(case: Case, ending: Ending, found: Standing) -> None:
    reason = current_policy(case.authority).of(Closing).reasons.get(ending.reason)
    if reason is None or reason.retired or ending.kind not in reason.kinds:
        raise DomainError("Choose why the case ends", field="reason")
    require_text(ending.words, "Say why the case ends", field="words")
    follow_up = ending.follow_up
    if follow_up.person is None and not follow_up.name.strip():
        raise DomainError("Name who leads what follows", field="follow_up")
    if follow_up.person is not None and not follow_up.person.active:
        raise DomainError("Choose somebody who works here", field="follow_up")
    if follow_up.person is None and not (follow_up.agency.strip() and follow_up.contact.strip()):
        raise DomainError("Say which agency they are of and how to reach them", field="follow_up_agency")
    require_text(ending.reopen_if, "Say what would reopen the case", field="reopen_if")
    if found.unapproved:
        require_text(
            ending.minutes_reason,
            f"The minutes of {found.unapproved} are not approved. Say why the case ends before they are",
            field="minutes_reason",
        )
    if found.undone:
        missing = f"{next(iter(found.undone))}. Say why the case ends all the same"
        require_text(ending.undone_reason, missing, field="undone_reason")
    if reason.says_lower and found.still_at:
        missing = f"The level is {found.still_at.label.lower()}. Say why the case closes at it"
        require_text(ending.level_reason, missing, field="level_reason")
    for one in found.actions:
        settled = ending.actions.get(one.id)
        if settled is None:
            raise DomainError("Say what becomes of each open action", field="actions")
        if settled.becomes is LeftOver.NOT_NEEDED and not settled.words.strip():
            raise DomainError("Say why the action is no longer needed", field="actions")
        follows = follow_up.person.name if follow_up.person else f"{follow_up.name}, {follow_up.agency}"
        check_length(what_becomes(one, settled.becomes, settled.words, follows), "actions")


def _write(
    actor: Principal, case: Case, ending: Ending, ground: ClosureGround, found: Standing
) -> CaseClosure:
    now, met = clock.now(), ground is ClosureGround.MEETING
    decision = found.decision if met else None
    follow_up = ending.follow_up
    transfers = ending.kind is ClosureKind.TRANSFERRED
    reason = current_policy(case.authority).of(Closing).reasons[ending.reason]
    closure = CaseClosure(
        case_id=case.id,
        kind=ending.kind,
        ground=ground,
        meeting_id=decision.meeting_id if decision else None,
        decision_id=decision.id if decision else None,
        assessment_id=found.assessment.id if found.assessment else None,
        hand_over_id=found.hand_over.id if transfers and found.hand_over else None,
        reason=ending.reason,
        words=ending.words.strip(),
        follow_up_id=follow_up.person.id if follow_up.person else None,
        follow_up_name=follow_up.name.strip(),
        follow_up_agency=follow_up.agency.strip(),
        follow_up_contact=follow_up.contact.strip(),
        reopen_if=ending.reopen_if.strip(),
        minutes_reason=ending.minutes_reason.strip() if found.unapproved else "",
        undone_reason=ending.undone_reason.strip() if found.undone else "",
        level_reason=ending.level_reason.strip() if reason.says_lower and found.still_at else "",
        left_over={
            str(one.id): {"becomes": said.becomes.value, "words": said.words.strip()}
            for one in found.actions
            if (said := ending.actions[one.id])
        },
        asked_by=actor.user_id,
        asked_at=now,
        closed_at=now if met else None,
        policy_version=current_policy(case.authority).version,
    )
    insert_unless_taken(closure, "Somebody has just said that this case ends. Look at the case again")
    return closure


def _record(case: Case, closure: CaseClosure, action: str) -> None:
    audit.record(action, closure, case=case, kind=closure.kind, ground_of_end=closure.ground)
