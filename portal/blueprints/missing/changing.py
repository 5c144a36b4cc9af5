"""What is added to an episode: corrections, the child's return, the talk with the police, its withdrawal."""

from functools import partial

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.missing.blueprint import blueprint
from portal.blueprints.missing.looking import address, find, page_of, policy_on
from portal.records.missing.forms import ChangeForm, FoundForm, PreventionForm, WithdrawForm
from portal.records.missing.model import MissingEpisode
from portal.records.missing.presenter import version
from portal.records.missing.reporting import facts_on
from portal.records.missing.steps import change_episode, end_episode, record_prevention, withdraw_episode
from portal.vocabulary import Sector
from portal.web.filters import moment
from portal.web.steps import Words, take


@blueprint.route("/missing/<reference>/change", methods=["GET", "POST"])
@allow("missing:change", shows="child")
def change(reference: str) -> ResponseReturnValue:
    """Put right or add to what it says; what it said before is kept."""
    episode, form = find(reference), ChangeForm()
    form.offer_words(policy_on(episode), grades=current().sector is Sector.POLICE)
    form.begin(episode)
    return take(
        form,
        lambda: change_episode(
            actor=current(), episode=episode, facts=form.facts(), version=form.seen_version
        ),
        says=Words(
            heading="Add to it or correct it",
            title=f"Add to or correct {episode.reference}",
            lead=["What it said before stays to be read."],
            button="Save",
        ),
        page=lambda: page_of(episode),
        worded=partial(version, policy=policy_on(episode)),
        to=address(episode),
        done="Saved",
    )


@blueprint.route("/missing/<reference>/found", methods=["GET", "POST"])
@allow("missing:change", shows="child")
def found(reference: str) -> ResponseReturnValue:
    """Say that the child is back, or put right what was said of it."""
    episode, form = find(reference), FoundForm()
    form.offer_findings(policy_on(episode))
    form.begin(episode)
    return take(
        form,
        lambda: end_episode(actor=current(), episode=episode, facts=form.facts(), version=form.seen_version),
        says=lambda: _return_words(episode),
        page=lambda: page_of(episode),
        worded=partial(version, policy=policy_on(episode)),
        to=address(episode),
        done="Saved. Everybody who must know is told, and a return interview is due",
    )


@blueprint.route("/missing/<reference>/prevention", methods=["GET", "POST"])
@allow("missing:interview", shows="child")
def prevention(reference: str) -> ResponseReturnValue:
    """Record the talk that the police had with the child."""
    episode, form = find(reference), PreventionForm()
    require(current(), "missing:interview", facts_on(current(), episode))
    form.begin(episode)
    return take(
        form,
        lambda: record_prevention(
            actor=current(),
            episode=episode,
            at=form.moment,
            by=form.said("held_by"),
            words=form.said("words"),
            version=form.seen_version,
        ),
        says=lambda: _talk_words(episode),
        page=lambda: page_of(episode),
        worded=partial(version, policy=policy_on(episode)),
        to=address(episode),
        done="Saved",
    )


@blueprint.route("/missing/<reference>/withdraw", methods=["GET", "POST"])
@allow("missing:withdraw", shows="child")
def withdraw(reference: str) -> ResponseReturnValue:
    """Say that there was no such episode."""
    episode, form = find(reference), WithdrawForm()
    require(current(), "missing:withdraw", facts_on(current(), episode))
    form.begin(episode)
    return take(
        form,
        lambda: withdraw_episode(
            actor=current(), episode=episode, reason=form.said("reason"), version=form.seen_version
        ),
        says=Words(
            heading="There was no such episode",
            title=f"Withdraw {episode.reference}",
            lead=[
                "It stays to be read, marked as withdrawn, and counts no more."
                " Everybody who was told is told this too."
            ],
            button="Withdraw it",
            warns=True,
        ),
        page=lambda: page_of(episode),
        worded=partial(version, policy=policy_on(episode)),
        to=address(episode),
        done="Withdrawn. It stays to be read and counts no more",
    )


def _return_words(episode: MissingEpisode) -> Words:
    heading = "Correct the return" if episode.returned_at else "The child is back"
    return Words(
        heading=heading,
        title=f"{heading}, {episode.reference}",
        lead=[f"Missing since {moment(episode.missing_since)}."],
        button="Save",
    )


def _talk_words(episode: MissingEpisode) -> Words:
    why = (
        "The police talk with every child who is back, to see that they are safe and to hear what they need."
        " It does not stand in for the return interview."
    )
    back = f" Back since {moment(episode.returned_at)}." if episode.returned_at else ""
    return Words(
        heading="Prevention interview",
        title=f"Prevention interview, {episode.reference}",
        lead=[why + back],
        button="Save",
    )
