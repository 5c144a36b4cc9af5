"""Actions of last time in a meeting: what it hears of each is kept at once, and the action follows later.

While the meeting is under way a choice can be changed freely. When it is over, or recorded as held, each
action says what the meeting heard; from then on at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_length, or_not_found
from portal.changes.versions import count_change
from portal.extensions import db
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import Size, current_policy
from portal.records.cases.model import Case
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.meetings import chairing
from portal.records.meetings.model import Meeting
from portal.records.minutes.lines import together
from portal.records.minutes.model import ActionReview
from portal.records.minutes.vocabulary import ActionOutcome
from portal.records.minutes.writing import begin_minutes
from portal.records.plans.action_changes import Heard, follow_meeting
from portal.records.plans.actions import is_under_way
from portal.records.plans.model import Action
from portal.records.plans.rules import standing
from portal.records.plans.vocabulary import ActionState
from portal.vocabulary import Use

#: What is said of an action, in order.
FIELDS = ("outcome", "effect", "words")

_BECOMES: Mapping[ActionOutcome, ActionState | None] = {
    ActionOutcome.DONE: ActionState.DONE,
    ActionOutcome.IN_PART: ActionState.UNDER_WAY,
    ActionOutcome.NOT_DONE: None,
    ActionOutcome.BLOCKED: ActionState.BLOCKED,
    ActionOutcome.NOT_NEEDED: ActionState.NOT_NEEDED,
}


@dataclass(frozen=True)
class SentReview:
    """What a page sends of one action.

    Args:
        fields: all that stands in its row, by name.
        was: by name what the page may have read or sent of a field before, newest last.
    """

    action_id: UUID
    fields: Mapping[str, str]
    was: Mapping[str, Sequence[str]]


def review_action(*, actor: Principal, meeting: Meeting, sent: SentReview) -> ActionReview | None:
    """Keep what a meeting hears of an action that was given before, field by field together with what others
    wrote in it. Once the meeting is over the action follows at once.

    Returns:
        what is kept; None where nothing is said of it.

    Raises:
        Forbidden: the actor does not record the meeting.
        NotFound: there is no such action on a case of the meeting that the actor reads.
        DomainError: nothing is recorded now; an effect of what is not done, another outcome than that of an
            action that is over, or words that may not be passed on. `field` says what.
    """
    action, case = _held_fast(meeting, sent.action_id)
    chairing.require_recording(actor, meeting, "minutes:write")
    review = db.session.get(ActionReview, (meeting.id, action.id), populate_existing=True)
    kept = {name: getattr(review, name) if review else "" for name in FIELDS}
    now = {name: together(name, sent.fields, sent.was, kept[name]) for name in FIELDS}
    if now == kept:
        return review
    _check(actor, case, action, now, kept)
    if review is None or review.saved_by != actor.user_id:
        audit.record("minutes:review", meeting, case=case, action=str(action.id))
    saved: dict[str, Any] = {**now, "saved_by": actor.user_id, "saved_at": clock.now(), "followed_at": None}
    if review is None:
        review = ActionReview(meeting_id=meeting.id, action_id=action.id, case_id=case.id, **saved)
        db.session.add(review)
        db.session.flush()
    else:
        count_change(review, **saved)
    begin_minutes(meeting=meeting)
    if not is_under_way(meeting):
        _follow(actor, review, action, anew=any(now[name] != kept[name] for name in ("outcome", "words")))
    return review


def follow_reviews(*, actor: Principal, meeting: Meeting, case: Case) -> None:
    """A meeting is over: each action of a case says what the meeting heard of it; whoever owns it is told."""
    waiting = select(ActionReview).where(
        ActionReview.meeting_id == meeting.id,
        ActionReview.case_id == case.id,
        ActionReview.followed_at.is_(None),
    )
    for review in db.session.scalars(waiting.order_by(ActionReview.action_id)).all():
        action, _ = _held_fast(meeting, review.action_id)
        _follow(actor, review, action)


def follow_all_reviews(*, actor: Principal, meeting: Meeting) -> None:
    """The same on every case of the meeting that the actor reads."""
    for case in chairing.cases_of(meeting):
        follow_reviews(actor=actor, meeting=meeting, case=case)


def _follow(actor: Principal, review: ActionReview, action: Action, *, anew: bool = True) -> None:
    outcome = ActionOutcome(review.outcome) if review.outcome else None
    heard = Heard(
        state=_BECOMES[outcome] if outcome else None,
        says=outcome.label if outcome and anew else "",
        words=review.words if anew else "",
        effect=review.effect,
    )
    follow_meeting(actor=actor, action=action, heard=heard)
    count_change(review, followed_at=clock.now())


def _held_fast(meeting: Meeting, action_id: UUID) -> tuple[Action, Case]:
    """An action that was given before, held until the transaction ends: two who speak of it take turns."""
    wanted = select(Action).where(Action.id == action_id, Action.meeting_id.is_distinct_from(meeting.id))
    found = db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    action = or_not_found(found, "There is no such action")
    cases = {case.id: case for case in chairing.cases_of(meeting)}
    return action, or_not_found(
        cases.get(action.case_id) if action.case_id else None, "There is no such action"
    )


def _check(
    actor: Principal, case: Case, action: Action, now: Mapping[str, str], kept: Mapping[str, str]
) -> None:
    if now["outcome"] not in {"", *ActionOutcome}:
        raise DomainError("Choose what came of it", field="outcome")
    is_over = action.state not in OPEN_ACTION_STATES
    if is_over and now["outcome"] != kept["outcome"]:
        label = standing(action.state, action.covered_by).lower()
        raise DomainError(f"This action is over: {label}. Say more in a line", field="outcome")
    if now["effect"] and now["effect"] not in {one.code for one in current_policy().plans.effects.offered}:
        raise DomainError("Choose what effect it had", field="effect")
    is_done = action.done_at is not None or now["outcome"] == ActionOutcome.DONE
    if now["effect"] and not is_done:
        raise DomainError("Only what is done has an effect. Choose done first", field="effect")
    check_length(now["words"], field="words", size=Size.NOTE)
    check_no_restricted_quotes(  # its owner reads it, also without reading the case
        texts={"words": now["words"]}, use=Use.PASS_ON, case_ids=[case.id], holder=actor.agency_id
    )
