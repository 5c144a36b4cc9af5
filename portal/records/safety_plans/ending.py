"""How long an interim safety plan lasts: until its last day, before which a warning goes out, longer with a
reason, or shorter: ended by a person, or with the first meeting, where whoever recorded that said so.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, text

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import count_change, insert_now, lock, lock_row
from portal.deadlines.changes import finish_deadlines, move_deadline, open_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import (
    NOBODY,
    Outsider,
    Unseen,
    Whom,
    around_case,
    heard_of,
    outside,
    tell,
    to_people,
    to_teams,
)
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import end_of_day
from portal.policy import current_policy
from portal.records.assessments.lifecycle import directing_facts
from portal.records.cases.facts import on_case_from, refuse_closed
from portal.records.cases.model import Alert, Case, Involvement
from portal.records.meetings.chairing import HELD_STATES, require_running
from portal.records.meetings.external_copies import barred_on
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.missing.facts import episode_now
from portal.records.missing.model import MissingEpisode
from portal.records.missing.telling import about as about_episode
from portal.records.missing.telling import tell_of_plan
from portal.records.missing.vocabulary import PLAN_OVER
from portal.records.people.model import Agency, TeamMember
from portal.records.safety_plans import writing
from portal.records.safety_plans.model import SafetyPlan, SafetyPlanRenewal
from portal.records.safety_plans.policy import SafetyPlanning
from portal.records.safety_plans.reading import close_untold, plan_now
from portal.records.safety_plans.vocabulary import (
    ACTS,
    ENDED,
    ENDED_BY_MEETING,
    IN_FORCE,
    PART_LEFT,
    RENEWED,
    SafetyPlanState,
    SafetyReader,
)
from portal.vocabulary import Sector, Sensitivity

#: Of whom a plan says what they do, in words.
THEY = {Sector.POLICE: "the police do", Sector.EDUCATION: "the school does"}
BY_A_MEETING = "A meeting was held"


def renew(
    *, actor: Principal, case: Case, plan: SafetyPlan, until: date, reason: str, version: int
) -> SafetyPlanRenewal:
    """Let a plan last longer, also one that a meeting ended. The date on which it was first to end stays.

    Raises:
        Forbidden: the actor does not answer for the case.
        Conflict: somebody else changed it meanwhile.
        DomainError: no reason was given, the day is not later, or is later than policy says, or the plan was
            ended otherwise than by a meeting.
    """
    require(actor, "safety_plan:decide", directing_facts(actor, case))
    refuse_closed(case)
    lock(plan, version, _last_day_in_words, mine={"Last day": until})
    require_text(reason, "Say why it goes on", field="reason")
    again = plan.state == SafetyPlanState.ENDED and plan.ended_meeting_id is not None
    if plan.state != SafetyPlanState.IN_FORCE and not again:
        raise DomainError("Only a plan that is in force, or that a meeting ended, can be renewed")
    if again and plan_now(case) is not None:
        raise DomainError("Another safety plan was begun since. Go on with that one")
    writing.check_until(case, until)
    before = plan.valid_until or until
    if not again and until <= before:
        raise DomainError("Choose a later day than it lasts now", field="until")
    renewal = SafetyPlanRenewal(
        plan_id=plan.id,
        before=before,
        until=until,
        reason=reason.strip(),
        renewed_by=actor.user_id,
        renewed_at=clock.now(),
    )
    insert_now(renewal)
    if again:
        writing.move_plan(plan, SafetyPlanState.IN_FORCE)
        plan.ended_at, plan.ended_by, plan.ended_reason, plan.ended_meeting_id = None, None, "", None
    plan.valid_until = until
    count_change(plan)
    _follow(actor, case, until, reason)
    audit.record("safety_plan:renew", plan, case=case)
    once = f"renewed:{plan.version}"
    if again:
        writing.tell_who_acts(actor, case, plan, once=once)
    else:
        is_missing = episode_now(case.child_id) is not None
        tell(actor=actor, event=RENEWED, about=writing.about_plan(plan), once=once, at_once=is_missing)
    return renewal


def end_safety_plan(*, actor: Principal, case: Case, plan: SafetyPlan, reason: str, version: int) -> None:
    """End a plan before its time, or give up one that is being written. What it said stays to be read.

    Raises:
        Forbidden: the actor does not answer for the case.
        Conflict: somebody else changed it meanwhile.
        DomainError: no reason was given, or it has ended.
    """
    require(actor, "safety_plan:decide", directing_facts(actor, case))
    lock(plan, version, writing.in_words, mine={"State": SafetyPlanState.ENDED.label})
    reason = require_text(reason, "Say why it ends", field="reason")
    _end(actor, case, plan, reason, at=clock.now())


def end_with_meeting(*, actor: Principal, case: Case, plan: SafetyPlan, meeting: Meeting) -> None:
    """End a plan because a meeting was held with which it may end (policy `safety_plan.may_end_with`), as
    whoever recorded the meeting said.

    Raises:
        Forbidden: the actor does not run the meeting.
        DomainError: the meeting was not held, or is none with which this plan ends; it has ended.
    """
    require_running(actor, meeting)
    lock_row(plan)
    kinds = current_policy(case.authority).of(SafetyPlanning).may_end_with
    if meeting.kind not in kinds or MeetingState(meeting.state) not in HELD_STATES:
        raise DomainError("No safety plan ends with this meeting")
    _end(actor, case, plan, BY_A_MEETING, at=meeting.held_at or clock.now(), meeting=meeting)


def _end(
    actor: Principal,
    case: Case,
    plan: SafetyPlan,
    reason: str,
    *,
    at: datetime,
    meeting: Meeting | None = None,
) -> None:
    was_in_force = plan.state == SafetyPlanState.IN_FORCE
    writing.move_plan(plan, SafetyPlanState.ENDED)
    plan.ended_at, plan.ended_by, plan.ended_reason = at, actor.user_id, reason
    plan.ended_meeting_id = meeting.id if meeting else None
    count_change(plan)
    finish_deadlines(subject=case, kind=DeadlineKind.SAFETY_PLAN)
    audit.record("safety_plan:end", plan, case=case, by_meeting=meeting is not None)
    close_untold(plan)
    if was_in_force:
        if (episode := episode_now(case.child_id)) is not None:
            once = f"{plan.id}:{plan.version}"
            _tell_search(actor=actor, case=case, episode=episode, once=once, changed=True)
        given = {Ground.HEARD_BEFORE: _heard(case, plan), Ground.OUTSIDE: _family(case)}
        event = ENDED_BY_MEETING if meeting else ENDED
        tell(
            actor=actor,
            event=event,
            about=writing.about_plan(plan),
            given=given,
            once=str(plan.version),
            at_once=episode_now(case.child_id) is not None,
        )


def _heard(case: Case, plan: SafetyPlan) -> Whom:
    """Who was told that a plan is in force, also those who no longer work on the case: they may still act by
    it. Of a sealed case only those who read it learn anything.
    """
    if case.sensitivity == Sensitivity.SEALED:
        return NOBODY
    return heard_of(IN_FORCE, RENEWED, *ACTS.values(), about=writing.about_plan(plan))


def _family(case: Case) -> Whom:
    """The child and the carer, who have it on paper; not while nothing may be handed to the family."""
    if barred_on(case):
        return NOBODY
    return outside(Outsider(SafetyReader.CHILD.label), Outsider(SafetyReader.CARER.label))


def _last_day_in_words(plan: SafetyPlan) -> dict[str, Any]:
    return {**writing.in_words(plan), "Last day": plan.valid_until}


def _follow(actor: Principal, case: Case, until: date, reason: str) -> None:
    """The clock of a plan follows its last day; one that had stopped is started again."""
    running = open_deadlines(subject=case, kind=DeadlineKind.SAFETY_PLAN)
    for deadline in running:
        move_deadline(actor=actor, deadline=deadline, due_at=end_of_day(until), reason=reason, told=True)
    if not running:
        writing.start_clock(case, until)


def _tell_search(*, actor: Principal, case: Case, episode: MissingEpisode, once: str, changed: bool) -> None:
    """Tell whoever was told of a safety plan or an alert for a child who is missing now that it holds no
    more; also those who were told with the report. To whoever reads the case the page names them; to nobody
    else. While another says something to ask about, nobody hears that it ended.

    Args:
        changed: whether the desk hears, while another holds, that what holds was changed.
    """
    db.session.flush()
    policy = current_policy()
    items = [one.code for one in policy.of(SafetyPlanning).for_missing]
    asks = {"items": items, "alerts": [one.code for one in policy.cases.alerts.offered if one.ask_first]}
    still = text("select ctx.asked_still(:episode, :items, :alerts)")
    told = func.ctx.told_of_plan(episode.id).table_valued("user_id", "team_id")
    known = db.session.execute(select(told.c.user_id, told.c.team_id)).all()
    named = to_people(*(one.user_id for one in known)) | to_teams(*(one.team_id for one in known))
    if not db.session.scalar(still, {"episode": episode.id, **asks}):
        tell(
            actor=actor,
            event=PLAN_OVER,
            about=about_episode(episode),
            given={Ground.HEARD_BEFORE: named},
            once=once,
            unseen=None if named else Unseen("plan_over", asks),
        )
    elif changed:
        _tell_desk(actor=actor, case=case, episode=episode, once=once)


def tell_of_warning(*, actor: Principal, case: Case, alert: Alert) -> None:
    """An alert was put on the case of a child who is missing now, or ended. Whoever looks for the child
    hears, as of a plan, that they have to ask before they act, and not what it says (policy `cases.alerts`,
    `ask_first`); and at its end that they need not any more, unless something else says so.
    """
    episode, rule = episode_now(case.child_id), current_policy(case.authority).cases.alerts.get(alert.kind)
    if episode is None or rule is None or not rule.ask_first:
        return
    once = f"alert:{alert.id}"
    if alert.ended_at is None:
        _tell_desk(actor=actor, case=case, episode=episode, once=once)
    else:
        _tell_search(actor=actor, case=case, episode=episode, once=f"{once}:over", changed=False)


def _tell_desk(*, actor: Principal, case: Case, episode: MissingEpisode, once: str) -> None:
    """But for those of it who work on the case."""
    tell_of_plan(
        actor=actor,
        episode=episode,
        but=around_case(case.id).get(Ground.TEAM, NOBODY),
        sensitivity=Sensitivity(case.sensitivity),
        once=once,
    )


def counts_on(case: Case, involvement: Involvement) -> tuple[SafetyPlan, Sector] | None:
    """The plan in force that says what a sector does of which nobody but a team works on a case, and that
    sector; None where the team leaves no part of a plan.
    """
    plan, agency = plan_now(case), db.session.get_one(Agency, involvement.agency_id)
    sector = Sector(agency.sector)
    if plan is None or plan.state != SafetyPlanState.IN_FORCE or sector not in THEY:
        return None
    said = writing.latest_words(plan.id)
    asked = any(one.acts == sector and said.get(one.code) for one in writing.rules_of(case, plan).fields)
    members = db.session.scalars(select(TeamMember.user_id).filter_by(team_id=involvement.team_id))
    theirs = to_teams(involvement.team_id) | to_people(involvement.worker_id, *members)
    return (plan, sector) if asked and not on_case_from(case, sector) - theirs else None


def tell_of_part_left(*, actor: Principal, case: Case, involvement: Involvement) -> None:
    """A team is about to leave a case whose plan in force counts on it: whoever leads the case hears so, and
    the hub that nobody knows that part any more.
    """
    if found := counts_on(case, involvement):
        plan, sector = found
        once, is_missing = f"left:{involvement.id}", episode_now(case.child_id) is not None
        about = writing.about_plan(plan)
        tell(actor=actor, event=PART_LEFT, about=about, once=once, at_once=is_missing)
        nobody = {writing.GROUNDS[sector]: NOBODY}
        tell(actor=actor, event=ACTS[sector], about=about, given=nobody, once=once, at_once=is_missing)
