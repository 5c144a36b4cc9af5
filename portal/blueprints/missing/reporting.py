"""Reporting a child who is missing, and what is added to the episode."""

from functools import partial
from typing import Any
from uuid import uuid4

from flask import abort, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.missing.blueprint import (
    address,
    blueprint,
    find_episode,
    interview_due,
    on_episode,
    page_of,
    policy_on,
)
from portal.messages import told
from portal.pages import picking
from portal.policy import current_policy
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.children.model import Child
from portal.records.children.reading import ChildFound
from portal.records.children.rules import Facts as KnownFacts
from portal.records.children.rules import Standing
from portal.records.missing import lists
from portal.records.missing import reading as missing
from portal.records.missing.forms import reporting as reporting_forms
from portal.records.missing.forms import steps as step_forms
from portal.records.missing.model import MissingEpisode
from portal.records.missing.moving import answer_match, closed_by_move, move_episode, worked_on
from portal.records.missing.presenter import running as running_words
from portal.records.missing.presenter import words as missing_words
from portal.records.missing.reporting import (
    ReportedAlready,
    Who,
    facts_on,
    report_missing,
)
from portal.records.missing.steps import (
    add_enquiry,
    add_report,
    change_episode,
    end_episode,
    withdraw_episode,
)
from portal.records.triage.reading.matches import Candidate, candidates
from portal.vocabulary import Sector
from portal.web.fields import Choice
from portal.web.filters import moment
from portal.web.page import render, see_other
from portal.web.steps import Link, SecondButton, Words, take
from portal.web.widgets import fitting_children

_SAME = "It says the same as before: nothing was changed, and nobody is told"
_ON_THE_WAY = "Saved. The child counts as missing until you say that they are back"


@blueprint.route("/missing/report", methods=["GET", "POST"])
@allow("missing:report", shows="child")
def report() -> ResponseReturnValue:
    """The form, and reporting: everybody who must know is told at once."""
    found = _found()
    child = found.child if found else None
    form = reporting_forms.ReportForm()
    form.offer_words(current_policy(), grades=current().sector is Sector.POLICE)
    form.begin(found)
    form.already = (found.missing_now or {}).get("reference", "") if found else ""
    if found is None:
        form.offer_known(_known(form))
    return take(
        form,
        lambda: _add(form) if form.said("add_to") else _report(form, child),
        says=lambda: _report_words(form),
        page=lambda: _page(found),
        to=address,
        done=lambda episode: _added(episode) if form.said("add_to") else _reported(episode),
        about=_known_by(form, child),
    )


def _known_by(form: reporting_forms.ReportForm, child: Child | None) -> list[str]:
    """The records by which the person says which child it is: who knows of it is asked about held words."""
    return [one for one in (child.reference if child else "", form.said("whom"), form.said("add_to")) if one]


def _report_words(form: reporting_forms.ReportForm) -> Words:
    """What the form says of itself; of a child who is reported already, also where else it can go."""
    add = SecondButton(f"Add what I filled in to {form.already}", "add_to", form.already)
    return Words(
        heading="Report a missing child",
        above="missing/_at_once.html",
        button="Report the child as missing",
        second=add if form.already else None,
    )


def _report(form: reporting_forms.ReportForm, child: Child | None) -> MissingEpisode:
    """Report the child; the page of one who is reported already offers to add it there."""
    try:
        return report_missing(actor=current(), who=_who(form, child), facts=form.facts(), once=form.nonce)
    except ReportedAlready as refused:
        form.already = refused.reference
        raise


def _add(form: reporting_forms.ReportForm) -> MissingEpisode:
    """Add what was filled in to the episode that runs, but for what the form took from the child’s record:
    that is for whoever reads the record, and this for whoever hears of the episode.
    """
    episode = find_episode(form.said("add_to"))
    name = f"{form.said('given_name')} {form.said('family_name')}".strip()
    facts = {
        name: said for name, said in form.facts().items() if form.of_record.get(name) != said or not said
    }
    said = missing_words.as_lines(name, form.dob.data, facts, policy_on(episode))
    by = f"{current().name}, {current().agency_name}"
    return add_report(actor=current(), episode=episode, by=by, said=said, once=form.nonce)


def _added(episode: MissingEpisode) -> str:
    return f"What you filled in was added to {episode.reference}, as an enquiry. No new report was made"


def _reported(episode: MissingEpisode) -> str:
    """What the next page says first; and that some who are told ring back, beside who is told."""
    flash(running_words.rings_back(episode, missing.numbers_of_recorder(episode=episode)), told.CATEGORY)
    flash(running_words.WHO_IT_IS, told.CATEGORY)
    return running_words.reported()


@blueprint.post("/missing/report/known")
@allow("missing:report", shows="child", background=True)
def known() -> ResponseReturnValue:
    """The known children that fit what is typed, of those that the person may know of."""
    form = reporting_forms.ReportForm()
    fitting = _known(form)
    form.offer_known(fitting)
    audit.record("missing:known", shown=len(fitting))
    return render("missing/_known.html", inside=fitting_children(form.whom))


def _known(form: reporting_forms.ReportForm) -> list[Choice]:
    """Known children who may be the one that is reported. Those of whom the person may not know are left out:
    the database looks for them, and asks somebody who may see both.
    """
    name = f"{form.said('given_name')} {form.said('family_name')}".strip()
    typed = form.said("nhs_number")
    if not form.is_submitted() or not (name or typed):
        return []
    sought = KnownFacts(
        names=(name,) if name else (),
        born=form.dob.data,
        nhs_number=typed if typed.isdigit() else None,
    )
    key = uuid4()
    found = candidates(sought={key: sought}, names=current_policy().names, today=clock.today())[key]
    return [_fitting(one) for one in found if one.standing is not Standing.RELATIVE]


def _fitting(one: Candidate) -> Choice:
    born = child_page.born(one.child.dob, is_estimate=one.child.dob_is_estimate) or "date of birth not known"
    linked = [f"Linked, the same child: {other.name}, {other.reference}" for other in one.child.linked]
    why = ". ".join((one.child.reference, *one.reasons, *one.cautions, *linked))
    now = one.child.missing_now
    if now:  # with the link to the episode
        ui: Any = current_app.jinja_env.globals["ui"]
        why = Markup("{}. {}").format(why, ui.missing_banner(now, brief=True))
    return Choice(one.child.reference, f"{one.child.name}, {born}", hint=why)


def _chosen(form: reporting_forms.ReportForm) -> Child | None:
    """The known child that the report is about, as the person said."""
    said = form.said("whom")
    found = children.find_child(reference=said) if said and said != reporting_forms.NOBODY else None
    return found.child if found else None


def _found() -> ChildFound | None:
    """The child that the address names; one that the reader may not see is answered like none."""
    named = request.args.get("child")
    return (children.find_child(reference=named) or abort(404)) if named else None


def _who(form: reporting_forms.ReportForm, child: Child | None) -> Who:
    child = child or _chosen(form)
    if child is not None:
        return Who(child=child)
    return Who(
        given_name=form.said("given_name"),
        family_name=form.said("family_name"),
        dob=form.dob.data,
        nhs_number=form.said("nhs_number") or None,
    )


def _page(found: ChildFound | None) -> dict[str, Any]:
    if found is None:
        audit.record("missing:form")
        return {"back": Link(url_for("missing.index"), "Missing children"), "caption": "", "marking": True}
    child = found.child
    audit.record("missing:form", child, child_id=child.id)
    name = child_page.full_name(child)
    return {
        "back": Link(url_for("children.show", reference=child.reference), name),
        "caption": f"{name}, {child.reference}",
        "alert_strip": running_words.with_missing(found.missing_now, []),
        "marking": True,
    }


@blueprint.route("/missing/<reference>/change", methods=["GET", "POST"])
@allow("missing:change", shows="child")
def change(reference: str) -> ResponseReturnValue:
    """Put right or add to what it says; what it said before is kept."""
    episode, form = find_episode(reference), reporting_forms.ChangeForm()
    form.offer_words(policy_on(episode), grades=current().sector is Sector.POLICE)
    form.begin(episode)
    return on_episode.take(
        episode,
        form,
        lambda **given: change_episode(facts=form.facts(), **given),
        Words(
            heading="Add to it or correct it",
            title=f"Add to or correct {episode.reference}",
            lead=["What it said before stays to be read.", *running_words.not_asked(episode)],
        ),
    )


@blueprint.route("/missing/<reference>/found", methods=["GET", "POST"])
@allow("missing:change", shows="child")
def found(reference: str) -> ResponseReturnValue:
    """Say that the child is back, or put right what was said of it."""
    episode, form = find_episode(reference), step_forms.FoundForm()
    form.offer_findings(policy_on(episode))
    form.begin(episode)
    return on_episode.take(
        episode,
        form,
        lambda **given: end_episode(facts=form.facts(), **given),
        lambda: _return_words(episode),
        done=lambda new: _SAME if not new else _returned(episode) if episode.returned_at else _ON_THE_WAY,
    )


def _returned(episode: MissingEpisode) -> str:
    """By when a return interview is due; and from whom, for whoever sees the record of the child."""
    details = missing.details_of(episode=episode)
    owner = details.interview_owner if details and details.has_record else None
    whom = f", from {owner}" if owner else ""
    still = ", ".join(details.running_too or ()) if details else ""
    goes_on = f". {still} still says that the child is missing: end it too, or withdraw it" if still else ""
    return f"Saved. A return interview is due by {moment(interview_due(episode))}{whom}{goes_on}"


@blueprint.route("/missing/<reference>/enquiry", methods=["GET", "POST"])
@allow("missing:change", shows="child")
def enquiry(reference: str) -> ResponseReturnValue:
    """Add to the log of what was done to find the child."""
    episode, form = find_episode(reference), step_forms.EnquiryForm()
    form.prefill(made_by=f"{current().name}, {current().agency_name}")
    return on_episode.take(
        episode,
        form,
        lambda **given: add_enquiry(
            at=form.moment, by=form.said("made_by"), words=form.said("words"), once=form.nonce, **given
        ),
        Words(
            heading="Add an enquiry",
            title=f"Add an enquiry, {episode.reference}",
            lead=["What is added here stays as it is. Add another if something was wrong."],
            button="Add it",
        ),
        done="The enquiry was added",
    )


@blueprint.route("/missing/<reference>/withdraw", methods=["GET", "POST"])
@allow("missing:withdraw", shows="child")
def withdraw(reference: str) -> ResponseReturnValue:
    """Say that there was no such episode, or that it was reported twice."""
    episode, form = find_episode(reference), step_forms.WithdrawForm()
    require(current(), "missing:withdraw", facts_on(current(), episode))
    form.offer_others(lists.running_beside(episode=episode))
    form.begin(episode)
    return on_episode.take(
        episode,
        form,
        partial(withdraw_episode, reason=form.said("reason"), double_of=form.double_of),
        Words(
            heading="Withdraw this report",
            title=f"Withdraw {episode.reference}",
            lead=["It stays to be read, marked as withdrawn, and counts no more."],
            button="Withdraw it",
            warns=True,
        ),
        done=running_words.withdrawn,
    )


def _return_words(episode: MissingEpisode) -> Words:
    heading = "Correct the return" if episode.returned_at else "The child is back"
    return Words(
        heading=heading,
        title=f"{heading}, {episode.reference}",
        lead=[f"Missing since {moment(episode.missing_since)}.", *running_words.not_asked(episode)],
    )


@blueprint.route("/missing/<reference>/same-child", methods=["GET", "POST"])
@allow("missing:move", shows="child")
def same_child(reference: str) -> ResponseReturnValue:
    """Whether a child who was reported is one who was known."""
    episode, form = find_episode(reference), step_forms.MatchForm()
    match = lists.open_match(episode_id=episode.id)
    if match is None:
        done = running_words.answered_match(lists.matches_of(episode_id=episode.id)) or abort(404)
        return see_other(address(episode), done=done)
    closed = closed_by_move(episode=episode, to=worked_on(match.other_id))
    form.ask_of_search(any(one.police for one in closed))
    return on_episode.take(
        episode,
        form,
        lambda **given: answer_match(match_id=match.id, same=form.moves, words=form.why, **given),
        Words(
            heading="Is it the same child?",
            title=f"Is it the same child? {episode.reference}",
            lead=running_words.closes_if_moved("If it is the same child", closed),
            about="missing/_both.html",
            button="Record the answer",
        ),
        page=lambda: page_of(episode, "missing:match") | {"match": match, "child": child_page},
        done=lambda _: (
            "Your answer on the two children was recorded"
            + (running_words.closed_when_moved(closed) if form.moves else "")
        ),
    )


@blueprint.route("/missing/<reference>/move", methods=["GET", "POST"])
@allow("missing:move", shows="child")
def move(reference: str) -> ResponseReturnValue:
    """Put an episode, and the interviews that cover it, on the record of another child."""
    episode, form = find_episode(reference), step_forms.MoveForm()
    form.begin(episode)
    details = missing.details_of(episode=episode) or abort(404)
    if not details.has_record:
        abort(404)
    form.other.seek(picking.children)
    chosen = children.find_child(reference=form.other.chosen) if form.is_submitted() else None
    closed = closed_by_move(episode=episode, to=chosen.child.id) if chosen else []
    form.ask_of_search(any(one.police for one in closed))
    act = partial(move_episode, reference=form.other.chosen, words=form.why)
    return take(
        form,
        lambda: act(actor=current(), episode=episode, version=form.seen_version),
        says=Words(
            heading="Put it on the right child",
            title=f"Put {episode.reference} on the right child",
            lead=[
                *running_words.closes_if_moved("On the record of this child", closed),
                "Return interviews that cover this episode go with it, and the other episodes that they"
                " cover. What is owed and the counts follow. Whoever sees both records can read that it was"
                " on this one.",
            ],
            button="Put it on that child",
        ),
        page=lambda: page_of(episode),
        to=address(episode),
        done="It is on the record of the other child now" + running_words.closed_when_moved(closed),
    )
