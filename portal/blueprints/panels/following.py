"""The next panel of a district, with the same people and teams."""

from datetime import timedelta

from flask import url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.panels.blueprint import blueprint
from portal.blueprints.panels.looking import meeting_of, panel_of
from portal.policy import current_policy
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.words import when_words
from portal.records.panels.checks import panel_facts
from portal.records.panels.forms import NextForm
from portal.records.panels.papers import call_next, next_after
from portal.records.panels.policy import Panels
from portal.records.panels.presenter import district_of
from portal.records.panels.rules import next_panel_day
from portal.web.page import see_other
from portal.web.steps import Link, Words, take


@blueprint.route("/panels/<reference>/next", methods=["GET", "POST"])
@allow("panel:prepare", shows="people")
def call_next_panel(reference: str) -> ResponseReturnValue:
    """A month later, unless somebody says otherwise."""
    panel = panel_of(reference)
    require(current(), "panel:prepare", panel_facts(current(), panel))
    meeting, form = meeting_of(reference), NextForm()
    audit.record("panel:next", subject_kind="meeting", subject_id=panel.id)
    called = None if form.is_submitted() else next_after(meeting=meeting)
    if called is not None:
        return see_other(url_for("panels.show", reference=called.reference))
    if not form.is_submitted():
        _start(form, meeting)
    district = f"District panel: {district_of(panel)}"
    return take(
        form,
        lambda: call_next(
            actor=current(),
            meeting=meeting,
            starts_at=form.starts_at,
            ends_at=form.ends_at,
            place=form.said("place"),
            link=form.said("link"),
        ),
        says=Words(
            heading="Call the next panel",
            caption=f"{district}, after {when_words(panel)}",
            back=Link(url_for("panels.show", reference=panel.reference), district),
            lead=[
                "The same chair, note-taker, teams and people are invited, and told now. Themes and items are"
                " put on the new agenda afresh."
            ],
            button="Call the panel",
        ),
        to=lambda made: url_for("panels.show", reference=made.reference),
        done="The next panel is called. Everybody who is invited is told",
    )


def _start(form: NextForm, meeting: Meeting) -> None:
    """The same weekday and time in a month; where that is past, the first such day that is not."""
    starts, ends = clock.local(meeting.starts_at), clock.local(meeting.ends_at)
    every = current_policy().of(Panels).every
    wanted = next_panel_day(starts.date(), every)
    while wanted <= clock.today():
        wanted = next_panel_day(max(wanted, starts.date() + timedelta(days=1)), every)
    form.day.process(None, wanted)
    form.starts.data, form.ends.data = f"{starts:%H:%M}", f"{ends:%H:%M}"
    form.place.data, form.link.data = meeting.place, meeting.link
