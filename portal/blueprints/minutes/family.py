"""The version for the child and family: choosing passages, the preview, and the chair’s yes to each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.minutes import acting_on, blueprint, child_of, may
from portal.records.cases.model import Case
from portal.records.meetings.chairing import case_of
from portal.records.meetings.external_copies import family_barred
from portal.records.meetings.model import Meeting
from portal.records.minutes import family_version as family
from portal.records.minutes.forms import PassagesForm
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.presenter import minutes as minutes_presenter
from portal.records.minutes.reading.issues import Chosen, Passage, chosen, offered
from portal.web.fields import Choice
from portal.web.steps import take

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
