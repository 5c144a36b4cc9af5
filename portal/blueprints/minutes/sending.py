"""Sending a draft round, correcting it, approving the minutes, and distributing them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden
from portal.access.principal import current
from portal.blueprints.minutes.blueprint import acting_on, blueprint, child_of, issue_of, may
from portal.pathway.references import Prefix, read_reference
from portal.records.cases.model import Case
from portal.records.meetings.chairing import case_of, cases_of
from portal.records.meetings.external_copies import family_barred
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.day import name_of
from portal.records.meetings.presenter.words import role_words
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.vocabulary import Attendance, MeetingState
from portal.records.minutes import copies, forms
from portal.records.minutes import family_version as family
from portal.records.minutes import issues as minutes
from portal.records.minutes.forms import PassagesForm
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter import minutes as minutes_presenter
from portal.records.minutes.presenter.lines import said_line
from portal.records.minutes.reading import issues as minutes_issues
from portal.records.minutes.reading import records
from portal.records.minutes.reading.issues import Chosen, Passage, chosen, offered
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.reading.agencies import team_names
from portal.web.fields import Choice
from portal.web.page import see_other
from portal.web.steps import Link, StepsOn, Words, take

_on_minutes = StepsOn[tuple[dict[str, Any], Meeting]](
    lambda on: {"meeting": on[1]}, page=lambda on: on[0], to=lambda on: str(on[0]["back"].href)
)


@blueprint.route("/meetings/<reference>/versions/circulate", methods=["GET", "POST"])
@allow("minutes:circulate", shows="case")
def circulate(reference: str) -> ResponseReturnValue:
    """Who gets the draft and is asked for corrections; and sending it."""
    page, meeting = on = acting_on(reference, "minutes:circulate")
    form = forms.CirculateForm()
    form.offer("by_hand", _to_tell(meeting))
    return _on_minutes.take(
        on,
        form,
        lambda **given: minutes.circulate(by_hand=form.invitation_ids, **given),
        template="minutes/circulate.html",
        page=lambda: page | _to_circulate(meeting),
        sends=lambda: _written(meeting),
        done=lambda made: (
            "The draft goes out to those of them who have an account"
            if made
            else "Nothing has changed since the last draft"
        ),
    )


@blueprint.route("/meetings/<reference>/versions/approve", methods=["GET", "POST"])
@allow("minutes:approve", shows="case")
def approve(reference: str) -> ResponseReturnValue:
    """The chair approves what is written, which stands from then on."""
    page, meeting = on = acting_on(reference, "minutes:approve")
    form = forms.ApproveForm()
    form.offer("without", _not_made(meeting))
    return _on_minutes.take(
        on,
        form,
        lambda **given: minutes.approve(
            leave_open=bool(form.leave_open.data),
            without=form.done_without,
            reason=form.said("reason"),
            **given,
        ),
        template="minutes/approve.html",
        page=lambda: page | _to_approve(meeting),
        sends=lambda: _written(meeting),
        done="The minutes are approved. They are not distributed yet",
    )


@blueprint.route("/meetings/<reference>/versions/distribute", methods=["GET", "POST"])
@allow("minutes:distribute", shows="case")
def distribute(reference: str) -> ResponseReturnValue:
    """The chair chooses who receives the approved minutes; all who were invited are ticked to begin with."""
    if request.method == "POST" and _is_done(reference):
        return see_other(url_for("minutes.index"))
    page, meeting = on = acting_on(reference, "minutes:distribute")
    invited = [row for row in meetings.invited(meeting_id=meeting.id) if row.agency]
    form = _offering(meeting, invited)
    return _on_minutes.take(
        on,
        form,
        lambda **given: minutes.distribute(
            invitation_ids=form.invitation_ids, teams=form.case_teams, **given
        ),
        template="minutes/distribute.html",
        page=lambda: page | _to_distribute(meeting),
        to=url_for("minutes.index"),
        done="The minutes are distributed. Your reach on the case through this meeting has ended",
    )


def _written(meeting: Meeting) -> Mapping[str, str]:
    """What stands in the record. Its boxes and lines keep whatever is typed, so that words which must not be
    disclosed are asked about when it is sent on.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for row in records.headings(meeting_id=meeting.id):
        found[row.heading].append(row.text)
    for row in records.decisions(meeting_id=meeting.id):
        if not row.withdrawn_at:
            found["Decisions"] += [row.text, row.reason or ""]
    for row in records.actions(meeting_id=meeting.id):
        found["Actions"] += [row.what, row.measure or ""]
    return {name: "\n".join(texts) for name, texts in found.items()}


def _to_circulate(meeting: Meeting) -> dict[str, Any]:
    rows = meetings.invited(meeting_id=meeting.id)
    return {
        "open": meeting.state == MeetingState.MINUTES_IN_DRAFT,
        "asked": [_line(row) for row in rows if row.agency and _is_asked(row)],
    }


def _to_tell(meeting: Meeting) -> list[Choice]:
    """Those without an account who took part or sent apologies."""
    rows = meetings.invited(meeting_id=meeting.id)
    told = [row for row in rows if row.external_name and _is_asked(row)]
    return [Choice(str(row.id), name_of(row), role_words(row.role)) for row in told]


def _to_approve(meeting: Meeting) -> dict[str, Any]:
    return {
        "open": meeting.state == MeetingState.MINUTES_IN_DRAFT,
        "waiting": minutes.open_corrections(meeting=meeting),
        "typed": [said_line(row) for row in records.lines(meeting_id=meeting.id) if not row.added],
    }


def _not_made(meeting: Meeting) -> list[Choice]:
    """The corrections that were taken, and whose words are still those of the draft."""
    in_draft = meeting.state == MeetingState.MINUTES_IN_DRAFT
    unmade = {one.id for one in minutes.unmade_corrections(meeting=meeting)} if in_draft else set()
    rows = minutes_issues.corrections(meeting_id=meeting.id) if unmade else ()
    return [Choice(str(row.id), row.text, _who_asked(row)) for row in rows if row.id in unmade]


def _who_asked(row: Any) -> str:
    return f"{row.asked_by}, {row.agency}" + (f", on “{row.heading}”" if row.heading else "")


def _to_distribute(meeting: Meeting) -> dict[str, Any]:
    return {
        "open": meeting.state == MeetingState.APPROVED,
        "by_hand": _by_hand(meetings.invited(meeting_id=meeting.id)),
    }


def _by_hand(rows: Sequence[Any]) -> list[str]:
    """Those without an account."""
    return [row.external_name for row in rows if row.external_name]


def _is_done(reference: str) -> bool:
    """Whether the chair has distributed them already, which ended their own reach: a button pressed twice."""
    known = read_reference(reference, Prefix.MEETING)
    shown = meetings.page(reference=known) if known else None
    return bool(shown and shown.state == MeetingState.DISTRIBUTED and shown.chair_id == current().user_id)


def _offering(meeting: Meeting, invited: Sequence[Any]) -> forms.DistributeForm:
    everybody = [str(row.id) for row in invited]
    form = forms.DistributeForm(data={"to": everybody})
    if request.method == "GET":
        form.to.data = everybody
    form.offer("to", [Choice(str(row.id), *_line(row)) for row in invited])
    cases = cases_of(meeting)
    several = len(cases) > 1
    working = {case: minutes.teams_on(case) for case in cases}
    names = team_names(ids={team.id for teams in working.values() for team in teams})
    form.offer(
        "teams",
        [
            Choice(
                f"{case.id}:{team.id}",
                names[team.id],
                hint=f"Case {case.reference}" if several else "",
            )
            for case, teams in working.items()
            for team in teams
        ],
    )
    return form


def _line(row: Any) -> tuple[str, str]:
    return name_of(row), f"{role_words(row.role)}, {row.agency}"


def _is_asked(row: Any) -> bool:
    return bool(row.attendance) and Attendance(row.attendance) in minutes.ASKED_TO_CORRECT


@blueprint.route("/minutes/<reference>/correct", methods=["GET", "POST"])
@allow("minutes:correct", shows="child")
def correct(reference: str) -> ResponseReturnValue:
    """Say what is wrong in minutes that one may read. What was approved stands: it becomes a note then."""
    issue = issue_of(reference, action="minutes:read")
    if MinutesKind(issue.kind) is MinutesKind.FAMILY_SAFE:
        raise Forbidden("Ask for the correction in the professional version.")
    form = _asking(issue)
    return take(
        form,
        lambda: copies.ask(
            actor=current(),
            issue=issue,
            text=form.said("text"),
            item_id=form.item_id,
            once=form.nonce,
        ),
        says=_asking_words(issue),
        to=_address(issue),
        done="What you asked for is on record",
        marking=True,
    )


def _asking(issue: MinutesIssue) -> forms.CorrectionForm:
    form = forms.CorrectionForm()
    headings = [Choice(one["item_id"], one["heading"]) for one in issue.content["items"]]
    form.offer("about", headings)
    return form


def _asking_words(issue: MinutesIssue) -> Words:
    kind, approved = minutes_presenter.kind_words(issue), issue.kind == MinutesKind.PROFESSIONAL
    becomes = (
        "These minutes are approved and stand. What you write is kept as a note beside them."
        if approved
        else "The chair or the note-taker answers."
    )
    return Words(
        heading="Ask for a correction",
        title=f"Ask for a correction, {issue.reference}",
        caption=f"{kind}, {issue.reference}",
        back=Link(_address(issue), kind),
        lead=[f"{becomes} Everybody who works on the case reads it."],
        button="Add the note" if approved else "Ask for the correction",
    )


def _address(issue: MinutesIssue) -> str:
    return url_for("minutes.show", reference=issue.reference)


@blueprint.route("/meetings/<reference>/corrections/<uuid:correction_id>", methods=["GET", "POST"])
@allow("minutes:circulate", shows="case")
def settle(reference: str, correction_id: UUID) -> ResponseReturnValue:
    """What becomes of a correction, and what whoever asked is told."""
    page, meeting = on = acting_on(reference, "minutes:circulate")
    copies.find_correction(meeting=meeting, correction_id=correction_id)
    row = next(one for one in minutes_issues.corrections(meeting_id=meeting.id) if one.id == correction_id)
    form = forms.SettleCorrectionForm()
    return _on_minutes.take(
        on,
        form,
        lambda **given: copies.settle(
            correction_id=correction_id, taken=form.is_taken, answer=form.said("answer"), **given
        ),
        template="minutes/settle.html",
        page=lambda: page | _standing(meeting, row),
        done=lambda made: (
            "You answered the correction. It changes no text: change the record next"
            if made.taken
            else "You answered the correction"
        ),
        correction=row,
    )


def _standing(meeting: Meeting, correction: Any) -> dict[str, Any]:
    """Whether it can be answered still, and what became of it."""
    return {
        "open": meeting.state == MeetingState.MINUTES_IN_DRAFT and correction.settled_at is None,
        "became": minutes_presenter.correction_words(
            correction, approved=minutes_presenter.is_approved(meeting.state)
        ),
    }


# The version for the child and family: choosing passages, the preview, and the chair’s yes to each.

MAKE = "make"
MADE = "The version for the child and family is made. It goes to nobody by itself: hand it over"


@blueprint.route("/meetings/<reference>/family/<case_reference>", methods=["GET", "POST"])
@allow("family:choose", shows="case")
def choose(reference: str, case_reference: str) -> ResponseReturnValue:
    """Every passage on a child with a box to tick; nothing is ticked until somebody does."""
    page, meeting = acting_on(reference, "family:choose")
    child = child_of(meeting, case_reference)
    now = offered(meeting=meeting, case_id=child.case_id)
    kept = chosen(meeting=meeting, case_id=child.case_id, now=now)
    form = _choices(now, kept)
    places = {one.place.code: one.place for one in now}
    return take(
        form,
        lambda: family.choose(
            actor=current(),
            meeting=meeting,
            case_id=child.case_id,
            places=[places[code] for code in form.chosen],
        ),
        template="minutes/family_choose.html",
        page=lambda: page | _to_choose(meeting),
        to=_for("minutes.choose", meeting, child),
        done="Kept. The chair confirms each passage in the preview",
        child=child,
        refused=[one for one in now if one.refused],
        lapsed=[one for one in kept if one.lapsed],
    )


@blueprint.route("/meetings/<reference>/family/<case_reference>/preview", methods=["GET", "POST"])
@allow("family:confirm", shows="case")
def preview(reference: str, case_reference: str) -> ResponseReturnValue:
    """Exactly what the child and family would read; the chair confirms each passage, and makes it."""
    page, meeting = acting_on(reference, "family:confirm")
    child = child_of(meeting, case_reference)
    case = case_of(meeting=meeting, case_id=child.case_id)
    kept = [one for one in chosen(meeting=meeting, case_id=child.case_id) if not one.lapsed]
    form = PassagesForm()
    form.offer("passages", [Choice(str(one.id), one.text) for one in kept if not one.confirmed])
    return take(
        form,
        lambda: _confirm_or_make(meeting, case, form),
        template="minutes/family_preview.html",
        page=lambda: page | _to_preview(meeting, case, kept),
        to=lambda made: (
            url_for("minutes.show", reference=made.reference)
            if made
            else _for("minutes.preview", meeting, child)
        ),
        done=lambda made: MADE if made else "Confirmed",
        child=child,
        kept=kept,
        waiting=[one for one in kept if not one.confirmed],
    )


def _to_choose(meeting: Meeting) -> dict[str, Any]:
    return {"barred": family_barred(meeting), "confirms": may("family:confirm", meeting)}


def _to_preview(meeting: Meeting, case: Case, kept: Sequence[Chosen]) -> dict[str, Any]:
    content = family.family_content(meeting=meeting, case=case, passages=kept)
    return {
        "family": minutes_presenter.for_family(content),
        "approved": minutes_presenter.is_approved(meeting.state),
        "barred": family_barred(meeting),
    }


def _confirm_or_make(meeting: Meeting, case: Case, form: PassagesForm) -> MinutesIssue | None:
    """The version that was made; None where passages were confirmed."""
    if request.form.get("action") == MAKE:
        return family.make(actor=current(), meeting=meeting, case=case)
    passage_ids = [UUID(one) for one in form.chosen]
    family.confirm(actor=current(), meeting=meeting, case_id=case.id, passage_ids=passage_ids)
    return None


def _choices(now: Sequence[Passage], kept: Sequence[Chosen]) -> PassagesForm:
    standing = [one.place.code for one in kept if not one.lapsed]
    form = PassagesForm(data={"passages": standing})
    form.offer(
        "passages",
        [
            Choice(one.place.code, one.text, hint=f"{one.under}. {one.advice}" if one.advice else one.under)
            for one in now
            if not one.refused
        ],
    )
    return form


def _for(endpoint: str, meeting: Meeting, child: Any) -> str:
    return url_for(endpoint, reference=meeting.reference, case_reference=child.reference)
