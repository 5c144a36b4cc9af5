"""Hand-overs: to another area, or to the services after 18. Several write one; finalised, it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, NotFound, Versions
from portal.changes.versions import count_change, insert_now, lock, lock_row
from portal.deadlines.changes import finish_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Outsider, Whom, outside, tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import Policy, current_policy, policy_of
from portal.queries.rows import filled
from portal.records.assessments.lifecycle import lead_facts
from portal.records.by_hand.facts import close_moot, of_case
from portal.records.by_hand.rules import CASE_REOPENED
from portal.records.cases.facts import about_case, refuse_closed
from portal.records.cases.model import Case
from portal.records.closing.model import CaseClosure, HandOver
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import ENDED, HANDED_OVER, HandOverKind, LeftOver
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.plans.model import Action
from portal.vocabulary import Sensitivity, Use

FINALISED = "This hand-over is finalised. Begin another if something has changed"


@dataclass(frozen=True, kw_only=True)
class HandOverWords:
    """What a hand-over says.

    Args:
        service: the authority and the service that takes over.
        person, contact: who there, and how to reach them.
        meets_on: when both meet about it.
        answers: words by the code of policy `closing.sections`.
    """

    service: str = ""
    person: str = ""
    contact: str = ""
    meets_on: date | None = None
    answers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, hand_over: HandOver) -> "HandOverWords":
        """What a hand-over says now."""
        return filled(cls, hand_over, answers=dict(hand_over.answers))

    def by_field(self) -> dict[str, str]:
        """The same by the names of a form's fields, for somebody who meets another's words."""
        day = self.meets_on.isoformat() if self.meets_on else ""
        said = {"service": self.service, "person": self.person, "contact": self.contact, "meets_on": day}
        return said | {code: words for code, words in self.answers.items() if words}


def begin_hand_over(*, actor: Principal, case: Case, kind: HandOverKind) -> HandOver:
    """Begin a hand-over. One that is being written is given back.

    Raises:
        Forbidden: the actor neither coordinates nor works for the agency that leads.
        DomainError: the case is closed.
    """
    require(actor, "handover:write", lead_facts(actor, case))
    refuse_closed(case)
    if (found := being_written(case, kind)) is not None:
        return found
    now, policy = clock.now(), current_policy(case.authority)
    made = HandOver(
        id=new_id(),
        reference=new_reference(Prefix.HAND_OVER),
        case_id=case.id,
        kind=kind,
        answers={},
        started_by=actor.user_id,
        started_at=now,
        saved_by=actor.user_id,
        saved_at=now,
        policy_version=policy.version,
    )
    try:
        with db.session.begin_nested():
            insert_now(made)
    except IntegrityError:  # somebody began it at the same moment
        found = being_written(case, kind)
        if found is None:
            raise
        return found
    if kind is HandOverKind.TRANSITION:
        finish_deadlines(subject=case, kind=DeadlineKind.TRANSITION_PROMPT)
    _record(case, made, "handover:begin")
    return made


def save_hand_over(
    *,
    actor: Principal,
    case: Case,
    hand_over: HandOver,
    words: HandOverWords,
    version: int,
    base: Mapping[str, str] | None = None,
    over: bool = False,
) -> int:
    """Save what a hand-over says so far. Where somebody else saved meanwhile, each keeps what they wrote;
    whoever wrote in the same place is shown both.

    Args:
        version: that the words were typed on.
        base: what that version said, by the names of the fields: what was not typed is not a change.
        over: the actor has seen both and keeps their own.

    Returns:
        the version that it has now: more than one later than `version` where another saved meanwhile.

    Raises:
        Forbidden: the actor neither coordinates nor works for the agency that leads.
        Conflict: somebody wrote otherwise in the same place; carries both by the names of the fields.
        DomainError: it is finalised.
    """
    require(actor, "handover:write", lead_facts(actor, case))
    _hold(hand_over)
    theirs, mine = HandOverWords.of(hand_over).by_field(), words.by_field()
    if hand_over.version != version:
        mine = _merged(theirs, mine, base or {}, over=over)
    if theirs == mine:
        return hand_over.version
    _put(hand_over, mine, set(policy_for(hand_over, case).of(Closing).sections.codes))
    hand_over.saved_by, hand_over.saved_at = actor.user_id, clock.now()
    count_change(hand_over)
    return hand_over.version


def _merged(
    theirs: Mapping[str, str], mine: Mapping[str, str], base: Mapping[str, str], *, over: bool
) -> dict[str, str]:
    """What two people wrote, together."""
    names = {**theirs, **mine}
    typed = {name for name in names if mine.get(name, "") != base.get(name, "")}
    both = [
        name
        for name in names
        if name in typed
        and theirs.get(name, "") != base.get(name, "")
        and theirs.get(name, "") != mine.get(name, "")
    ]
    if both and not over:
        raise Conflict(
            "Somebody else wrote in the same place. Look at both and save again",
            Versions(
                theirs={name: theirs.get(name, "") for name in both},
                mine={name: mine.get(name, "") for name in both},
            ),
        )
    return {name: (mine if name in typed else theirs).get(name, "") for name in names}


def _put(hand_over: HandOver, said: Mapping[str, str], known: set[str]) -> None:
    hand_over.service, hand_over.person = said["service"].strip(), said["person"].strip()
    hand_over.contact = said["contact"].strip()
    hand_over.meets_on = date.fromisoformat(said["meets_on"]) if said["meets_on"] else None
    hand_over.answers = {code: said[code].strip() for code in said if code in known and said[code].strip()}


def finalise_hand_over(*, actor: Principal, case: Case, hand_over: HandOver, version: int) -> None:
    """Finalise a hand-over, which then stands. One for the time after 18 meets the duty to plan it.

    Raises:
        Forbidden: the actor is neither a coordinator nor the lead professional nor a manager of the agency
            that leads.
        Conflict: somebody saved it meanwhile.
        DomainError: something has not been said; `field` says what.
    """
    require(actor, "handover:finalise", lead_facts(actor, case))
    refuse_closed(case)
    _hold(hand_over)
    lock(hand_over, version, lambda now: HandOverWords.of(now).by_field(), first=_must_be_open)
    for name, what in (
        ("service", "Say which authority and service takes over"),
        ("person", "Say who takes over there"),
        ("contact", "Say how to reach them"),
    ):
        if not getattr(hand_over, name).strip():
            raise DomainError(what, field=name)
    if hand_over.meets_on is None:
        raise DomainError("Enter the day on which you meet about it", field="meets_on")
    for section in policy_for(hand_over, case).of(Closing).sections_of(HandOverKind(hand_over.kind)):
        if section.required and not hand_over.answers.get(section.code, "").strip():
            raise DomainError(f"Write something for “{section.label}”", field=section.code)
    check_no_restricted_quotes(
        texts=dict(hand_over.answers), case_ids=[case.id], use=Use.PASS_ON, holder=actor.agency_id
    )
    hand_over.finalised_by, hand_over.finalised_at = actor.user_id, clock.now()
    hand_over.saved_by = actor.user_id
    count_change(hand_over)
    if hand_over.kind == HandOverKind.TRANSITION:
        for duty in (DeadlineKind.TRANSITION_PROMPT, DeadlineKind.TRANSITION_PLAN):
            finish_deadlines(subject=case, kind=duty)
    _record(case, hand_over, "handover:finalise")
    given = {Ground.OUTSIDE: taking_over(hand_over)}
    tell(actor=actor, event=HANDED_OVER, about=about_case(case), given=given, once=str(hand_over.id))


def taking_over(hand_over: HandOver) -> Whom:
    """Who takes over by a hand-over, in a service to which the portal sends nothing."""
    return outside(Outsider(f"{hand_over.person} ({hand_over.service})", hand_over.contact))


def being_written(case: Case, kind: HandOverKind) -> HandOver | None:
    """The one hand-over of a kind that is being written."""
    return db.session.scalar(select(HandOver).filter_by(case_id=case.id, kind=kind, finalised_at=None))


def policy_for(hand_over: HandOver, case: Case) -> Policy:
    """The edition that a hand-over was begun under; today's, where that is not kept any more."""
    return policy_of(hand_over.policy_version) or current_policy(case.authority)


def _hold(hand_over: HandOver) -> None:
    """Hold a hand-over, so that of two who save the second sees the first. One that is finalised stands."""
    try:
        lock_row(hand_over)
    except NotFound:
        raise DomainError(FINALISED) from None
    _must_be_open(hand_over)


def _must_be_open(hand_over: HandOver) -> None:
    if hand_over.finalised_at is not None:
        raise DomainError(FINALISED)


def _record(case: Case, hand_over: HandOver, action: str) -> None:
    audit.record(action, hand_over, case=case, kind=hand_over.kind)


def told_of_end(actor: Principal, case: Case, closure: CaseClosure) -> Whom:
    """Who was told by hand that a case ended, or of the hand-over by which it did: they are told that it goes
    on. Who was not told yet need not be any more.
    """
    over = closure.hand_over_id and db.session.get(HandOver, closure.hand_over_id)
    took = {one.name for one in taking_over(over).outside} if over else set()
    again = []
    for told in of_case(case_id=case.id, events=(ENDED, HANDED_OVER)):
        if told.event == HANDED_OVER.code and told.name not in took:
            continue
        if told.told_on is None:
            close_moot(actor=actor, told=told, reason=CASE_REOPENED)
        elif told.created_at >= (closure.closed_at or clock.now()):
            again.append(Outsider(told.name, told.contact))
    return outside(*again)


def who_carried_on(case: Case, closure: CaseClosure) -> Whom:
    """Who led what followed, and who went on with an action. Of a closely held case only its readers hear."""
    if case.sensitivity != Sensitivity.NORMAL:
        return NOBODY
    went_on = [UUID(one) for one, said in closure.left_over.items() if said["becomes"] == LeftOver.OWNER]
    owners = db.session.scalars(select(Action.owner_id).where(Action.id.in_(went_on)))
    return to_people(closure.follow_up_id, *owners)
