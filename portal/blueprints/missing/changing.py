"""What is added to an episode: corrections, the child's return, the talk with the police, its withdrawal."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.missing.blueprint import blueprint
from portal.blueprints.missing.looking import find, page_of, policy_on
from portal.records.missing.forms.reporting import ChangeForm
from portal.records.missing.forms.steps import FoundForm, PreventionForm, WithdrawForm
from portal.records.missing.model import MissingEpisode
from portal.records.missing.presenter import version
from portal.records.missing.reporting import facts_on
from portal.records.missing.steps import change_episode, end_episode, record_prevention, withdraw_episode
from portal.services.errors import Conflict, DomainError
from portal.vocabulary import Sector
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/missing/<reference>/change", methods=["GET", "POST"])
@allow("missing:change", shows="child")
def change(reference: str) -> ResponseReturnValue:
    """Put right or add to what it says; what it said before is kept."""
    episode, form = find(reference), ChangeForm()
    form.offer_words(policy_on(episode), grades=current().sector is Sector.POLICE)
    return _take(
        episode,
        form,
        "missing/change.html",
        lambda: change_episode(
            actor=current(), episode=episode, facts=form.facts(), version=form.seen_version
        ),
        "Saved",
    )


@blueprint.route("/missing/<reference>/found", methods=["GET", "POST"])
@allow("missing:change", shows="child")
def found(reference: str) -> ResponseReturnValue:
    """Say that the child is back, or put right what was said of it."""
    episode, form = find(reference), FoundForm()
    form.offer_findings(policy_on(episode))
    return _take(
        episode,
        form,
        "missing/found.html",
        lambda: end_episode(actor=current(), episode=episode, facts=form.facts(), version=form.seen_version),
        "Saved. Everybody who must know is told, and a return interview is due",
    )


@blueprint.route("/missing/<reference>/prevention", methods=["GET", "POST"])
@allow("missing:interview", shows="child")
def prevention(reference: str) -> ResponseReturnValue:
    """Record the talk that the police had with the child."""
    episode, form = find(reference), PreventionForm()
    require(current(), "missing:interview", facts_on(current(), episode))
    return _take(
        episode,
        form,
        "missing/prevention.html",
        lambda: record_prevention(
            actor=current(),
            episode=episode,
            at=form.moment,
            by=form.said("held_by"),
            words=form.said("words"),
            version=form.seen_version,
        ),
        "Saved",
    )


@blueprint.route("/missing/<reference>/withdraw", methods=["GET", "POST"])
@allow("missing:withdraw", shows="child")
def withdraw(reference: str) -> ResponseReturnValue:
    """Say that there was no such episode."""
    episode, form = find(reference), WithdrawForm()
    require(current(), "missing:withdraw", facts_on(current(), episode))
    return _take(
        episode,
        form,
        "missing/withdraw.html",
        lambda: withdraw_episode(
            actor=current(), episode=episode, reason=form.said("reason"), version=form.seen_version
        ),
        "Withdrawn. It stays to be read and counts no more",
    )


def _take(
    episode: MissingEpisode, form: FlaskForm, template: str, act: Callable[[], Any], done: str
) -> Response:
    """The page of one step on an episode, and taking it."""
    problem: DomainError | None = None
    if not form.is_submitted():
        form.version.data = str(episode.version)
        form.fill(episode)
    elif form.validate():
        try:
            with attempt():
                act()
        except Conflict as clash:
            problem = clash.reworded(lambda side: version(side, policy_on(episode)))
        except DomainError as refused:
            problem = refused
        else:
            flash(done)
            return see_other(url_for("missing.show", reference=episode.reference))
    return render(template, **page_of(episode), form=form, problem=problem)
