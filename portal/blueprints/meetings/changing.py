"""Changing a meeting that was called: when, where, who runs it, or whether it is at all."""

from collections.abc import Callable, Collection
from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings import blueprint, page_context, run_by
from portal.blueprints.meetings.calling import ask_whether_free, ask_who_learns, offer_people, person_of
from portal.pathway.states import COMING_MEETING_STATES, OPEN_MEETING_STATES
from portal.records.cases.reading.records import find_person
from portal.records.meetings import changes
from portal.records.meetings.chairing import cases_of
from portal.records.meetings.forms import day
from portal.records.meetings.forms.calling import ElsewhereForm, LearnsForm
from portal.records.meetings.invitations import CHAIR, NOTE_TAKER, Invitee
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.words import change_lines, side_in_words, state_words
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.vocabulary import InvitationReply, MeetingState
from portal.records.people.model import User
from portal.web.page import see_other
from portal.web.steps import Words, take


@blueprint.route("/meetings/<reference>/move", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def move(reference: str) -> ResponseReturnValue:
    """Another time; everybody who is invited is asked again."""
    meeting = run_by(reference)
    form = day.MoveForm.opened(meeting)
    form.start(starts_at=meeting.starts_at, ends_at=meeting.ends_at)
    return _change(
        meeting,
        form,
        lambda: _move(meeting, form),
        says=Words(heading="Move the meeting", button="Move the meeting"),
        done="Moved. Everybody who is invited answers again whether they come",
    )


@blueprint.route("/meetings/<reference>/place", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def place(reference: str) -> ResponseReturnValue:
    """Another place or link."""
    meeting = run_by(reference)
    form = day.PlaceForm.opened(meeting, place=meeting.place, link=meeting.link)
    return _change(
        meeting,
        form,
        lambda: changes.change_place(
            place=form.said("place"), link=form.said("link"), **_said(meeting, form)
        ),
        says=Words(heading="Change the place or link", button="Save the change"),
        done="The place or link was changed",
    )


@blueprint.route("/meetings/<reference>/chair", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def chair(reference: str) -> ResponseReturnValue:
    """Somebody else chairs."""
    meeting = run_by(reference)
    form = day.ChangeChairForm.opened(meeting)
    offer_people(form, _case_ids(meeting), "chair", but=meeting.chair_id)
    return _change(
        meeting,
        form,
        lambda: changes.change_chair(person=_new_chair(meeting, form), **_said(meeting, form)),
        says=Words(
            heading="Change the chair",
            lead=[
                "The new chair reads the case from now on. Whoever chairs now no longer does, unless they"
                " work on it."
            ],
            button="Save the change",
        ),
        done="The chair was changed",
        tells=False,
        states=OPEN_MEETING_STATES,
    )


@blueprint.route("/meetings/<reference>/note-taker", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def note_taker(reference: str) -> ResponseReturnValue:
    """Somebody else takes the notes."""
    meeting = run_by(reference)
    form = day.ChangeNoteTakerForm.opened(meeting)
    offer_people(form, _case_ids(meeting), "note_taker", but=meeting.note_taker_id)
    return _change(
        meeting,
        form,
        lambda: changes.change_note_taker(person=_new_note_taker(meeting, form), **_said(meeting, form)),
        says=Words(
            heading="Change the note-taker",
            lead=[
                "The new note-taker reads the case from now on. Whoever takes the notes now no longer does,"
                " unless they work on it."
            ],
            button="Save the change",
        ),
        done="The note-taker was changed",
        tells=False,
        states=OPEN_MEETING_STATES,
    )


@blueprint.route("/meetings/<reference>/cancel", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def cancel(reference: str) -> ResponseReturnValue:
    """It does not take place."""
    meeting = run_by(reference)
    form = day.ChangeForm.opened(meeting)
    return _change(
        meeting,
        form,
        lambda: changes.cancel_meeting(**_said(meeting, form)),
        says=Words(
            heading="Cancel the meeting",
            lead=["It then does not take place, and this cannot be undone: call a new meeting instead."],
            button="Cancel the meeting",
            warns=True,
        ),
        done="Cancelled",
    )


def over(
    meeting: Meeting, states: Collection[MeetingState] = COMING_MEETING_STATES
) -> ResponseReturnValue | None:
    """Back to the meeting with the reason, where it is in none of the states in which it can be changed."""
    if meeting.state in states:
        return None
    flash(f"This meeting cannot be changed any more: {state_words(meeting.state).lower()}", "problem")
    return see_other(url_for("meetings.show", reference=meeting.reference))


def _move(meeting: Meeting, form: day.MoveForm) -> None:
    starts_at, ends_at = form.starts_at, form.ends_at
    if (chairs := find_person(user_id=meeting.chair_id)) is not None:
        ask_whether_free(
            form,
            chairs,
            starts_at=starts_at,
            ends_at=ends_at,
            but=meeting.id,
            others=_who_comes(meeting),
            place=meeting.place or "",
        )
    changes.move_meeting(starts_at=starts_at, ends_at=ends_at, **_said(meeting, form))


def _who_comes(meeting: Meeting) -> list[User]:
    """The note-taker, and who is invited by name and has not said that they cannot come."""
    invited = [
        row.comes_id or row.user_id
        for row in meetings.invited(meeting_id=meeting.id)
        if row.user_id and row.reply != InvitationReply.APOLOGIES
    ]
    found = (find_person(user_id=one) for one in dict.fromkeys([meeting.note_taker_id, *invited]) if one)
    return [one for one in found if one is not None]


def _new_chair(meeting: Meeting, form: day.ChangeChairForm) -> User:
    person = person_of(form, "chair")
    ask_whether_free(form, person, starts_at=meeting.starts_at, ends_at=meeting.ends_at, but=meeting.id)
    ask_who_learns(form, cases_of(meeting), [Invitee(role=CHAIR, person=person)])
    return person


def _new_note_taker(meeting: Meeting, form: day.ChangeNoteTakerForm) -> User:
    person = person_of(form, "note_taker")
    ask_who_learns(form, cases_of(meeting), [Invitee(role=NOTE_TAKER, person=person)])
    return person


def _change(
    meeting: Meeting,
    form: day.ChangeForm,
    act: Callable[[], None],
    *,
    says: Words,
    done: str,
    tells: bool = True,
    states: Collection[MeetingState] = COMING_MEETING_STATES,
) -> ResponseReturnValue:
    """One change of a meeting that lies ahead, or is in one of some states.

    Args:
        tells: whether people without an account are to be told of it by hand.
    """
    if (stopped := over(meeting, states)) is not None:
        return stopped
    reference = meeting.reference
    return take(
        form,
        act,
        worded=side_in_words,
        says=says,
        template="meetings/change.html",
        page=lambda: _page(meeting, form, tells=tells),
        to=lambda _: _onward(reference),
        done=done,
    )


def _page(meeting: Meeting, form: day.ChangeForm, *, tells: bool) -> dict[str, Any]:
    if isinstance(form, ElsewhereForm):
        form.leave_out_unasked()
    if isinstance(form, LearnsForm):
        form.leave_out_learns()
    row: Any = meetings.page(reference=meeting.reference)
    rows = meetings.invited(meeting_id=meeting.id) if tells else ()
    return page_context(row) | {
        "by_hand": [one.external_name for one in rows if one.external_name],
        "last_change": change_lines(meetings.changes(meeting_id=meeting.id))[:1],
    }


def _onward(reference: str) -> str:
    """Whoever handed the chair on, or cancelled, may see the meeting no longer."""
    seen = meetings.page(reference=reference) is not None
    return url_for("meetings.show", reference=reference) if seen else url_for("meetings.index")


def _said(meeting: Meeting, form: day.ChangeForm) -> dict[str, Any]:
    """What every change is given."""
    return {
        "actor": current(),
        "meeting": meeting,
        "reason": form.said("reason"),
        "version": form.seen_version,
    }


def _case_ids(meeting: Meeting) -> list[Any]:
    return [one.case_id for one in meetings.children(meeting_id=meeting.id) if one.case_id]
