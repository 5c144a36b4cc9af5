"""The shared cases: opened by the hub, worked on by several agencies, and how far each has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.versions import count_change
from portal.deadlines.changes import finish_deadlines
from portal.deadlines.rules import last_day
from portal.deadlines.vocabulary import DeadlineKind
from portal.demo.content import children, entries, plans, triage
from portal.demo.content.acting import Described, Stage, person, reread, team_called, team_of
from portal.extensions import db
from portal.pathway.calendar import add_working_days, subtract_working_days
from portal.pathway.states import OPEN_CASE_STATES, check_transition
from portal.policy import current_policy
from portal.records.assessments.lifecycle import abandon_assessment, written_now
from portal.records.cases.alerts import add_alert
from portal.records.cases.involvements import current_involvement, end_involvement
from portal.records.cases.model import Case
from portal.records.cases.opening import add_involvement, open_case
from portal.records.children.model import Child
from portal.records.closing import hand_overs
from portal.records.closing.checks import closure_of
from portal.records.closing.ending import Ending, FollowUp, agree_to_end, end_case
from portal.records.closing.vocabulary import ClosureKind, HandOverKind
from portal.records.meetings import calling as meetings
from portal.records.meetings.attendance import Mark, Marking, hold
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import Attendance
from portal.records.minutes.meeting_decisions import record_decision
from portal.records.minutes.vocabulary import MeetingOutcome
from portal.records.people.model import Team, User
from portal.vocabulary import CaseState, Sensitivity

_CALLED = timedelta(days=6)  # before the meeting
_BEFORE = timedelta(hours=3)  # what is written before the case ends
_LASTS = timedelta(hours=1)

_HANDED_OVER: Mapping[str, str] = {
    "must_know": "Adults gave lifts and money and then asked for something in return. They may come looking",
    "wishes": "“I want to start again where nobody knows me, and to keep my phone number.”",
    "level": "As at the last meeting here. New debts or new phones would be the first signs",
    "risks": "Evenings alone, and anybody who offers to pay what is owed. College makes it better",
    "actions": "A place at college is applied for. The police here carry on with the adults",
    "tell": "The college and the GP. Not the uncle, who told others where they live",
    "support": "The youth worker here rings every week until somebody is found there",
}


def end(stage: Stage, about: Described, case_id: UUID) -> None:
    """End a case as the files say, by its services."""
    kind, over, lead = ClosureKind(about["state"]), stage.ago(about["closed"]), about["lead"]
    if kind is ClosureKind.TRANSFERRED:
        with stage.acting(lead, over - _BEFORE) as actor:
            _hand_over(actor, reread(Case, case_id))
    if "chair" in about:
        _meet_to_end(stage, about, case_id, kind)
    with stage.acting(lead, over) as actor:
        case = reread(Case, case_id)
        end_case(actor=actor, case=case, ending=_ending(about, kind), version=case.version)
    if "second" in about:
        with stage.acting(about["second"], over + _LASTS) as actor:
            case = reread(Case, case_id)
            waiting = closure_of(case)
            if waiting is None:
                raise LookupError(f"Nobody asked that {case.reference} end")
            agree_to_end(actor=actor, case=case, closure=waiting)


def _meet_to_end(stage: Stage, about: Described, case_id: UUID, kind: ClosureKind) -> None:
    """The meeting that decided it."""
    over = stage.ago(about["closed"])
    starts_at = over - 2 * _LASTS
    with stage.acting(about["lead"], over - _CALLED) as actor:
        called = meetings.call_meeting(
            actor=actor,
            plan=meetings.Plan(
                kind="review",
                starts_at=starts_at,
                ends_at=starts_at + _LASTS,
                chair=person(about["chair"]),
                note_taker=person(about["lead"]),
                place="County Hall, room 4",
            ),
            cases=[reread(Case, case_id)],
        )
        meeting_id = called.id
    with stage.acting(about["chair"], starts_at + _LASTS) as actor:
        meeting, case = reread(Meeting, meeting_id), reread(Case, case_id)
        invited = db.session.query(Invitation).filter_by(meeting_id=meeting.id)
        marks = {
            one.id: Marking(seen=Mark.of(one), now=Mark(Attendance.PRESENT, "As planned")) for one in invited
        }
        hold(actor=actor, meeting=meeting, marks=marks, quorum_reason="They had sent what they know before")
        closes = kind is ClosureKind.CLOSED
        record_decision(
            actor=actor,
            meeting=meeting,
            case=case,
            text="Close the case" if closes else "Transfer the case to where the child lives now",
            reason=about.get("because") or about["reason"],
            outcome=MeetingOutcome.CLOSE if closes else MeetingOutcome.TRANSFER,
        )


def _ending(about: Described, kind: ClosureKind) -> Ending:
    transfers = kind is ClosureKind.TRANSFERRED
    found_nothing = about.get("level") == "none"
    reason = "moved" if transfers else "no_exploitation" if found_nothing else "risk_lower"
    away = FollowUp(name="Una Elsewhere", agency="Coastshire exploitation team", contact="01632 960077")
    return Ending(
        kind=kind,
        reason=reason,
        words=about.get("because") or about["reason"],
        follow_up=away if transfers else FollowUp(person=person(about["lead"])),
        minutes_reason="The chair has read them and approves them this week",
        undone_reason="The front door held it by phone, and has it in its own notes",
        reopen_if="Missing overnight, new debts or phones, or contact with the same people",
    )


def _hand_over(actor: Principal, case: Case) -> None:
    """Write the hand-over; an assessment that was begun is not completed any more."""
    begun = written_now(case)
    if begun is not None:
        abandon_assessment(
            actor=actor, case=case, assessment=begun, reason="They have moved away", version=begun.version
        )
    written = hand_overs.begin_hand_over(actor=actor, case=case, kind=HandOverKind.TRANSFER)
    words = hand_overs.HandOverWords(
        service="Coastshire, exploitation team",
        person="Una Elsewhere",
        contact="01632 960077",
        meets_on=clock.today() + timedelta(days=7),
        answers=_HANDED_OVER,
    )
    version = hand_overs.save_hand_over(
        actor=actor, case=case, hand_over=written, words=words, version=written.version
    )
    hand_overs.finalise_hand_over(actor=actor, case=case, hand_over=written, version=version)


def ends(about: Described) -> bool:
    """Whether the files say that a case ended."""
    return about.get("state") in {CaseState.CLOSED.value, CaseState.TRANSFERRED.value}


def write_alerts(stage: Stage, about: Described, case_id: UUID) -> None:
    """Add the alerts of a case, each by its owner, to be reviewed as late as policy allows."""
    for alert in about.get("alerts", ()):
        owner = alert.get("owner", about["lead"])
        with stage.acting(owner, stage.ago(alert.get("at", about["opened"]))) as actor:
            case = reread(Case, case_id)
            policy = current_policy(case.authority)
            add_alert(
                actor=actor,
                case=case,
                kind=alert["kind"],
                text=alert["text"],
                owner=person(owner),
                review_on=last_day(policy.cases.alerts[alert["kind"]].review_within, clock.today()),
                child_told="not_told" not in alert,
                told_reason=alert.get("not_told", ""),
                policy=policy,
            )


_WAY = (
    CaseState.AWAITING_ASSESSMENT,
    CaseState.IN_ASSESSMENT,
    CaseState.MEETING_DUE,
    CaseState.PLAN_UNDER_WAY,
)
_STARTED = timedelta(days=2)  # after the case was opened
_ASSESSED = timedelta(days=9)
_MET = timedelta(days=8)  # after it was assessed
_LAST_LOOK = timedelta(days=10)  # before a case ended
_EVERY = 9  # cases, of which one has an assessment that is late


def bring_along(stage: Stage, about: Described, case_id: UUID, number: int) -> None:
    """Move a case to where it stands now.

    Args:
        number: spreads the dates of the next assessment.
    """
    target = CaseState(about.get("state", CaseState.AWAITING_ASSESSMENT))
    last = target if target in OPEN_CASE_STATES else CaseState(about.get("from", CaseState.PLAN_UNDER_WAY))
    reached = set(_WAY[1 : _WAY.index(last) + 1])
    opened, lead = stage.ago(about["opened"]), about["lead"]
    over = stage.now if target in OPEN_CASE_STATES else stage.ago(about["closed"])
    if CaseState.IN_ASSESSMENT in reached:
        with stage.acting(lead, min(opened + _STARTED, over)) as actor:
            plans.begin_assessment(actor, reread(Case, case_id))
    if CaseState.MEETING_DUE in reached:
        spread = over - _LAST_LOOK if ends(about) else _assessed(stage.now, about["level"], number)
        at = min(max(opened + _ASSESSED, spread), over)
        with stage.acting(lead, at) as actor:
            plans.conclude_assessment(actor, reread(Case, case_id), about["level"])
        if CaseState.PLAN_UNDER_WAY in reached and not ends(about):
            with stage.acting(lead, min(at + _MET, over)):
                _meet(reread(Case, case_id))
    if ends(about):
        end(stage, about, case_id)


def _assessed(now: datetime, level: str, number: int) -> datetime:
    """When the last assessment was finalised, so that most of the next ones fall due in the weeks to come and
    one in nine is overdue.
    """
    today = clock.local(now).date()
    is_late = number % _EVERY == _EVERY // 2
    day = subtract_working_days(today, 2) if is_late else add_working_days(today, 2 + number * 11 % 33)
    days = current_policy().levels.levels[level].assessment_max_days or 0
    return now + (day - today) - timedelta(days=days)


def _meet(case: Case) -> None:
    """The meeting was held and made a plan."""
    for kind in (DeadlineKind.MEETING, DeadlineKind.STRATEGY):
        finish_deadlines(subject=case, kind=kind)
    if case.state == CaseState.MEETING_DUE:
        _move(case, CaseState.PLAN_UNDER_WAY)


def _move(case: Case, state: CaseState) -> None:
    check_transition(CaseState(case.state), state)
    before, case.state = case.state, state
    count_change(case)
    audit.record(
        "case:move",
        subject_kind="case",
        subject_id=case.id,
        child_id=case.child_id,
        case_id=case.id,
        before=before,
        after=state.value,
    )


#: Teams join soon after the case was opened, and say a few hours later that they have read so.
_JOINS_AFTER = timedelta(minutes=20)
_CONFIRMS_AFTER = timedelta(hours=3)


def write(stage: Stage, described: Sequence[Described], known: dict[str, UUID]) -> None:
    """Open the case of each child and let its people work on it."""
    adding = entries.Adding(stage)
    for number, one in enumerate(described):
        case_id = _open(stage, one, known[one["id"]])
        _bring_teams(stage, one["case"], case_id)
        children.say(stage, one, known[one["id"]])
        write_alerts(stage, one["case"], case_id)
        adding.write(one["case"], case_id)
        bring_along(stage, one["case"], case_id, number)


def _open(stage: Stage, one: Described, child_id: UUID) -> UUID:
    about = one["case"]
    with stage.acting(children.opener(one), stage.ago(about["opened"])) as actor:
        lead = person(about["lead"])
        policy = current_policy()
        authority = policy.authority_of(one.get("district"))
        opened = open_case(
            actor=actor,
            child=reread(Child, child_id),
            lead_team=_team(about, lead),
            lead_professional=lead,
            authority=authority,
            district=one.get("district"),
            types=about["types"],
            contexts=about.get("contexts", ()),
            sensitivity=max(
                Sensitivity(about.get("sensitivity", 0)),
                policy.exploitation.starting_sensitivity(frozenset(about["types"])),
            ),
            sensitivity_reason=about.get("sensitivity_reason", ""),
            named=[person(who) for who in about.get("named", ())],
            reason=about["reason"],
            policy=policy.for_authority(authority),
        )
        return opened.id


def _bring_teams(stage: Stage, about: Described, case_id: UUID) -> None:
    joined = stage.ago(about["opened"]) + _JOINS_AFTER
    for who, why in about.get("teams", ()):
        with stage.acting(about["lead"], joined) as actor:
            case, worker = reread(Case, case_id), person(who)
            add_involvement(actor=actor, case=case, team=team_of(worker), worker=worker, reason=why)
        if about.get("receipts", True):
            _confirm(stage, who, joined + _CONFIRMS_AFTER)
    for left in about.get("left", ()):
        _come_and_go(stage, about, case_id, left)


def _confirm(stage: Stage, who: str, at: datetime) -> None:
    """The worker says that they have read that their team joined."""
    with stage.acting(who, min(at, stage.now)) as actor:
        triage.receive(actor)


def _come_and_go(stage: Stage, about: Described, case_id: UUID, left: Described) -> None:
    """A team that worked on the case and no longer does."""
    with stage.acting(about["lead"], stage.ago(about["opened"]) + _JOINS_AFTER) as actor:
        worker = person(left["worker"])
        case = reread(Case, case_id)
        add_involvement(actor=actor, case=case, team=team_of(worker), worker=worker, reason=left["reason"])
    _confirm(stage, left["worker"], stage.ago(about["opened"]) + _CONFIRMS_AFTER)
    with stage.acting(left.get("by", "cora-inglewood"), stage.ago(left["until"])) as actor:
        _end(actor, reread(Case, case_id), team_of(person(left["worker"])), left["because"])


def _end(actor: Principal, case: Case, team: Team, why: str) -> None:
    involvement = current_involvement(case, team.id)
    if involvement is None:
        raise LookupError(f"{team.name} does not work on {case.reference}")
    end_involvement(actor=actor, case=case, involvement=involvement, reason=why)


def _team(about: Described, lead: User) -> Team:
    return team_called(about["team"]) if "team" in about else team_of(lead)
