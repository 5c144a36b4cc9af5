"""The talk that the police have with a child who is back: its agency says who reads what came of it."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden, require
from portal.access.principal import current
from portal.blueprints.missing.blueprint import blueprint, find_episode, on_episode
from portal.records.entries.vocabulary import Handling
from portal.records.missing import reading as missing
from portal.records.missing.forms.steps import PreventionForm
from portal.records.missing.model import MissingEpisode
from portal.records.missing.presenter.words import ALL_READ, WHO_HEARS
from portal.records.missing.reporting import facts_on
from portal.records.missing.steps import NOT_OURS, may_record_talk, record_prevention
from portal.web.choices import choices, identifiers
from portal.web.filters import moment
from portal.web.steps import Words


@blueprint.route("/missing/<reference>/prevention", methods=["GET", "POST"])
@allow("missing:interview", shows="child")
def prevention(reference: str) -> ResponseReturnValue:
    """Record the talk that the police had with the child, and who may read what came of it."""
    episode, form = find_episode(reference), PreventionForm()
    require(current(), "missing:interview", facts_on(current(), episode))
    if not may_record_talk(current(), episode):
        raise Forbidden(NOT_OURS)
    form.offer("agencies", choices(missing.may_be_named(episode=episode, person=current())))
    form.begin(episode)
    form.show_talk(missing.talk_on(episode=episode))
    return on_episode.take(
        episode,
        form,
        lambda **given: record_prevention(
            at=form.moment,
            by=form.said("held_by"),
            words=form.said("words"),
            handling=Handling(form.handling.data),
            listed=identifiers(form.agencies.data),
            **given,
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
    return Words(
        heading="Prevention interview",
        title=f"Prevention interview, {episode.reference}",
        lead=[why + back, ALL_READ, WHO_HEARS],
    )
