"""What was handed to people without an account: they get nothing from the portal itself."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.looking import around, running
from portal.policy import current_policy
from portal.records.meetings.external_copies import barred, hand_out
from portal.records.meetings.forms.day import HandoutForm
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.presenter.words import role_words
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter.minutes import kind_words
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.vocabulary import MinutesKind
from portal.web.fields import Choice
from portal.web.filters import day
from portal.web.steps import take


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
            invitation=_invitation(form.said("to"), outside),
            case_ids=_cases(form, children),
            what=form.said("what"),
            way=form.said("way"),
            on=form.on.data,
            issue=_issue(form.said("issue")),
        ),
        template="meetings/hand_out.html",
        page=lambda: around(meeting) | {"outside": outside, "warnings": _warnings(found, outside)},
        to=url_for("meetings.show", reference=meeting.reference),
        done="It is on record",
    )


def _warnings(meeting: Meeting, outside: Sequence[Any]) -> list[str]:
    """Why somebody may not be handed anything now."""
    found = {barred(meeting=meeting, invitation=_invitation(str(row.id), outside)) for row in outside}
    return sorted(found - {""})


def _form(meeting: Any, outside: Sequence[Any], children: Sequence[Any]) -> HandoutForm:
    form = HandoutForm(data={"on": clock.today(), "issue": request.args.get("issue", "")})
    form.offer("issue", _versions(meeting))
    form.offer("to", [Choice(str(one.id), one.external_name, hint=role_words(one.role)) for one in outside])
    form.offer("way", [Choice(one.code, one.label) for one in current_policy().meetings.handout_ways.offered])
    form.offer(
        "children",
        [Choice(str(one.case_id), f"{one.given_name} {one.family_name}") for one in children if one.case_id],
    )
    return form


def _versions(meeting: Any) -> list[Choice]:
    """What can be handed over of the minutes: approved versions, never a draft."""
    return [
        *(
            Choice(
                one.reference,
                f"{kind_words(one)}: {one.given_name or 'the whole meeting'}",
                hint=f"{one.reference}, {day(one.made_at)}",
            )
            for one in minutes_issues.of_meeting(meeting_id=meeting.id)
            if one.kind != MinutesKind.DRAFT
        ),
        Choice("", "No, something else"),
    ]


def _issue(chosen: str) -> MinutesIssue | None:
    """One of those on the page, whose choices the form has checked."""
    return (minutes_issues.find(reference=chosen) or abort(404)) if chosen else None


def _cases(form: HandoutForm, children: Sequence[Any]) -> list[UUID]:
    """The children that were ticked; of a meeting on one child, that child."""
    read = [one.case_id for one in children if one.case_id]
    return read if len(children) == 1 else [UUID(one) for one in form.children.data or ()]


def _invitation(chosen: str, outside: Sequence[Any]) -> Invitation:
    """One of those on the page, whose choices the form has checked."""
    reference = next(one.reference for one in outside if str(one.id) == chosen)
    return meetings.find_invitation(reference=reference) or abort(404)
