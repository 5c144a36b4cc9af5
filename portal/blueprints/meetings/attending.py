"""The day of a meeting: who came, who walked in, what was handed out, and that it was held."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings import blueprint, page_context, running
from portal.changes.errors import Conflict, DomainError
from portal.policy import current_policy
from portal.records.children.presenter import full_name
from portal.records.meetings import attendance as day
from portal.records.meetings.attendance import BadMarks
from portal.records.meetings.chairing import cases_of, refuse_before_its_day
from portal.records.meetings.external_copies import CHILD, add_walk_in, barred, family_barred, hand_out
from portal.records.meetings.forms.day import DayForm, HandoutForm, WalkInForm
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.presenter.day import Sheet, alert_strip, missing_words, was_held
from portal.records.meetings.presenter.words import (
    gap_lines,
    inside_roles,
    is_over,
    outside_roles,
    role_words,
)
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter.minutes import kind_words
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.presenter import people_who_fit, picked_person
from portal.records.safety_plans import reading as safety_plans
from portal.records.safety_plans.ending import end_with_meeting
from portal.web.choices import terms
from portal.web.fields import Choice
from portal.web.filters import day as filter_day
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, take

#: The buttons that leave it open whether the meeting was held.
KEEP, WALK_IN = "keep", "walk_in"
#: No safety plan ends with the meeting.
GO_ON = "go_on"


@blueprint.route("/meetings/<reference>/attendance", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def attendance(reference: str) -> ResponseReturnValue:
    """Who came, whole or in part; kept for now, or with it that the meeting was held."""
    meeting, children, found = running(reference)
    posted = request.form if request.method == "POST" else None
    plans = () if was_held(found) else safety_plans.may_end_with(meeting=found)
    form, sheet = _day_form(plans), _sheet(meeting, posted)
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            with attempt():
                said = _record(found, form, sheet, plans)
        except BadMarks as refused:
            sheet.blame(refused.faults)
        except Conflict as refused:
            problem = sheet.take_over(refused)
        except DomainError as refused:
            problem = refused
        else:
            flash(said)
            onward = "walk_in" if request.form.get("action") == WALK_IN else "show"
            return see_other(url_for(f"meetings.{onward}", reference=meeting.reference))
    return _page(meeting, found, form, sheet, problem, ends=bool(plans), alerts=alert_strip(children))


@blueprint.route("/meetings/<reference>/attendance/walk-in", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def walk_in(reference: str) -> ResponseReturnValue:
    """Somebody who came without an invitation."""
    meeting, _, found = running(reference)
    form = WalkInForm()
    form.email.seek(people_who_fit)
    form.offer("role", [Choice(*one) for one in inside_roles()])
    form.offer("outside_role", [Choice(*one) for one in outside_roles()])
    attendance_page = url_for("meetings.attendance", reference=meeting.reference)
    return take(
        form,
        lambda: add_walk_in(
            actor=current(),
            meeting=found,
            role=form.said("role" if form.has_account else "outside_role"),
            person=picked_person(form.email) if form.has_account else None,
            outside="" if form.has_account else form.whom,
        ),
        says=lambda: Words(
            heading="Somebody who came without an invitation",
            title=f"Somebody who came without an invitation, {meeting.reference}",
            back=Link(attendance_page, "Who came"),
            nothing=f"{too_early}." if (too_early := _too_early(found)) else "",
            small="Somebody with an account sees the meeting from now on, as the invited do.",
            button="Add them",
        ),
        page=lambda: page_context(meeting),
        to=attendance_page,
        done="They are on the list, as present",
    )


def way_on(found: Meeting, *, holds: bool) -> tuple[bool, str]:
    """Whether a record of a meeting that says that it was held may say so, and where it leads: first to the
    question here, where a safety plan may end with the meeting.
    """
    asks = holds and not was_held(found) and bool(safety_plans.may_end_with(meeting=found))
    return holds and not asks, "meetings.attendance" if asks else "meetings.record"


def _sheet(meeting: Any, posted: Any) -> Sheet:
    return Sheet(meetings.invited(meeting_id=meeting.id), posted, over=is_over(meeting))


def _day_form(plans: Sequence[Any]) -> DayForm:
    form = DayForm()
    ends = [
        Choice(
            str(plan.id),
            f"The safety plan of {name} ends",
            hint=f"Else it holds until {filter_day(plan.valid_until)}",
        )
        for plan, _, name in plans
    ]
    form.offer("plans_end", [*ends, Choice(GO_ON, "None of them: they go on until their last day")])
    return form


def _ending(form: DayForm, plans: Sequence[Any]) -> list[Any]:
    """The safety plans that end with the meeting; whoever records that it was held has to say."""
    chosen = set(form.plans_end.data or ())
    if plans and (not chosen or (GO_ON in chosen and len(chosen) > 1)):
        raise DomainError("Say which safety plans end with it, or that none does", field="plans_end")
    return [one for one in plans if str(one[0].id) in chosen]


def _record(meeting: Meeting, form: DayForm, sheet: Sheet, plans: Sequence[Any]) -> str:
    """Do what the button says, and say what was done."""
    marks, reason = sheet.marks(rest=bool(form.rest.data)), form.said("quorum_reason")
    if was_held(meeting):
        day.mark_attendance(actor=current(), meeting=meeting, marks=marks, quorum_reason=reason)
        return "Kept"
    if request.form.get("action") in {KEEP, WALK_IN}:
        day.mark_attendance(actor=current(), meeting=meeting, marks=marks)
        return "Kept. The meeting is not recorded as held yet"
    if form.goes_ahead:
        ending = _ending(form, plans)
        day.hold(actor=current(), meeting=meeting, marks=marks, quorum_reason=reason, **form.times)
        for plan, case, _ in ending:
            end_with_meeting(actor=current(), case=case, plan=plan, meeting=meeting)
        ended = [plan.reference for plan, _, _ in ending]
        if not ended:
            return "The meeting is recorded as held"
        plans_ended = "Safety plans" if len(ended) > 1 else "Safety plan"
        return f"The meeting is recorded as held. {plans_ended} {' and '.join(ended)} ended with it"
    day.refuse_to_hold(actor=current(), meeting=meeting, marks=marks)
    return "Who came is kept. Now move the meeting or cancel it, and say who was missing"


def _page(
    meeting: Any,
    found: Meeting,
    form: DayForm,
    sheet: Sheet,
    problem: DomainError | None,
    *,
    ends: bool,
    alerts: Sequence[Any],
) -> Response:
    asks_about_quorum = bool(problem and problem.field == "quorum_reason") or bool(form.quorum.data)
    form.prefill(quorum_reason=meeting.quorum_reason)
    gaps = gap_lines(meeting, sheet.rows)
    return render(
        "meetings/attendance.html",
        **page_context(meeting),
        alert_strip=alerts,
        asks_about_plans=ends,
        form=form,
        forms=sheet.forms,
        sheet=sheet,
        problem=problem,
        gaps=[] if was_held(meeting) else gaps,
        lacking=missing_words(meeting, sheet.rows),
        asks_about_quorum=asks_about_quorum or bool(gaps) or bool(meeting.quorum_reason),
        held=was_held(meeting),
        begins=found.starts_at if found.starts_at > clock.now() else None,
        too_early=_too_early(found),
    )


def _too_early(meeting: Meeting) -> str:
    """Why nothing can be recorded now; empty when it can."""
    try:
        refuse_before_its_day(meeting)
    except DomainError as refused:
        return refused.message
    return ""


@blueprint.route("/meetings/<reference>/hand-out", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def hand_over(reference: str) -> ResponseReturnValue:
    """Put on record what somebody without an account was handed, by whom and how."""
    meeting, children, found = running(reference)
    outside = [row for row in meetings.invited(meeting_id=meeting.id) if row.external_name]
    form = _form(meeting, outside, children)
    return take(
        form,
        lambda: hand_out(
            actor=current(),
            meeting=found,
            invitation=_handed_to(form.said("to"), outside),
            case_ids=_child_of(form.said("to")) or _cases(form, children),
            what=form.said("what"),
            way=form.said("way"),
            on=form.on.data,
            issue=_issue(form.said("issue")),
        ),
        template="meetings/hand_out.html",
        page=lambda: (
            page_context(meeting)
            | {
                "anybody": bool(form.to.choices),
                "warnings": _warnings(found, outside),
                "alert_strip": alert_strip(children),
            }
        ),
        to=url_for("meetings.show", reference=meeting.reference),
        done="It is on record",
    )


def _warnings(meeting: Meeting, outside: Sequence[Any]) -> list[str]:
    """Why somebody may not be handed anything now."""
    found = {barred(meeting=meeting, invitation=_invitation(str(row.id), outside)) for row in outside}
    found |= {family_barred(meeting)} if cases_of(meeting) else set()
    return sorted(found - {""})


def _form(meeting: Any, outside: Sequence[Any], children: Sequence[Any]) -> HandoutForm:
    form = HandoutForm(data={"on": clock.today(), "issue": request.args.get("issue", "")})
    form.offer("issue", _versions(meeting))
    form.offer(
        "to",
        [
            *_children_to_hand(outside, children),
            *(Choice(str(one.id), one.external_name, hint=role_words(one.role)) for one in outside),
        ],
    )
    form.offer("way", terms(current_policy().meetings.handout_ways.offered))
    form.offer(
        "children",
        [Choice(str(one.case_id), f"{one.given_name} {one.family_name}") for one in children if one.case_id],
    )
    return form


#: How a choice begins that is the child of a case, and no invitation.
_TO_CHILD = "child:"


def _children_to_hand(outside: Sequence[Any], children: Sequence[Any]) -> list[Choice]:
    """Each child itself, also one whom nobody invited; the only child of a meeting once, if invited."""
    read = [one for one in children if one.case_id]
    if len(read) == 1 and any(one.role == CHILD for one in outside):
        return []
    return [Choice(f"{_TO_CHILD}{one.case_id}", full_name(one), hint=role_words(CHILD)) for one in read]


def _child_of(chosen: str) -> list[UUID]:
    """The case of the child to whom it was handed; none for somebody who is invited."""
    return [UUID(chosen.removeprefix(_TO_CHILD))] if chosen.startswith(_TO_CHILD) else []


def _handed_to(chosen: str, outside: Sequence[Any]) -> Invitation | None:
    return None if _child_of(chosen) else _invitation(chosen, outside)


def _versions(meeting: Any) -> list[Choice]:
    """What can be handed over of the minutes: approved versions, never a draft."""
    return [
        *(
            Choice(
                one.reference,
                f"{kind_words(one)}: {one.given_name or 'the whole meeting'}",
                hint=f"{one.reference}, {filter_day(one.made_at)}",
            )
            for one in minutes_issues.of_meeting(meeting_id=meeting.id)
            if one.kind != MinutesKind.DRAFT
        ),
        Choice("", "No, something else"),
    ]


def _issue(chosen: str) -> MinutesIssue | None:
    """One of those on the page, whose choices the form has checked."""
    return (minutes_issues.find_issue(reference=chosen) or abort(404)) if chosen else None


def _cases(form: HandoutForm, children: Sequence[Any]) -> list[UUID]:
    """The children that were ticked; of a meeting on one child, that child."""
    read = [one.case_id for one in children if one.case_id]
    return read if len(children) == 1 else [UUID(one) for one in form.children.data or ()]


def _invitation(chosen: str, outside: Sequence[Any]) -> Invitation:
    """One of those on the page, whose choices the form has checked."""
    reference = next(one.reference for one in outside if str(one.id) == chosen)
    return meetings.find_invitation(reference=reference) or abort(404)
