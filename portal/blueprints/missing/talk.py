"""The talk that the police have with a child who is back: who reads what they write of it is said before."""

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.missing.blueprint import blueprint, find_episode, on_episode
from portal.records.cases.reading import records as case_records
from portal.records.missing.forms.steps import PreventionForm
from portal.records.missing.model import MissingEpisode
from portal.records.missing.presenter.words import READERS_OF_TALK
from portal.records.missing.reporting import facts_on
from portal.records.missing.steps import record_prevention
from portal.web.filters import moment
from portal.web.steps import Link, Words


@blueprint.route("/missing/<reference>/prevention", methods=["GET", "POST"])
@allow("missing:interview", shows="child")
def prevention(reference: str) -> ResponseReturnValue:
    """Record the talk that the police had with the child."""
    episode, form = find_episode(reference), PreventionForm()
    require(current(), "missing:interview", facts_on(current(), episode))
    form.begin(episode)
    return on_episode.take(
        episode,
        form,
        lambda **given: record_prevention(
            at=form.moment, by=form.said("held_by"), words=form.said("words"), **given
        ),
        lambda: _words(episode),
    )


def _words(episode: MissingEpisode) -> Words:
    why = (
        "The police are to talk with every child who is back, to see that they are safe"
        " and to hear what they need."
        " It does not stand in for the return interview."
    )
    back = f" Back since {moment(episode.returned_at)}." if episode.returned_at else ""
    elsewhere = _elsewhere(episode)
    return Words(
        heading="Prevention interview",
        title=f"Prevention interview, {episode.reference}",
        lead=[
            why + back,
            READERS_OF_TALK,
            "Do not write here what only few may read, such as who harms the child. "
            + elsewhere.text
            + ", and write here only that the child said more.",
        ],
        instead=elsewhere,
    )


def _elsewhere(episode: MissingEpisode) -> Link:
    """Where what only few may read is written: on an open case that the person reads, else for the hub."""
    for case in case_records.cases_of(child_id=episode.child_id):
        if case.closed_at is None:
            href = url_for("cases.new_entry", reference=case.reference)
            return Link(href, "Add it to the child’s case, where you say who may read it")
    return Link(url_for("referrals.start"), "Share it with the hub")
