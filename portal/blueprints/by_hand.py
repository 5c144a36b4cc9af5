"""Whom people tell themselves: the page of one, and saying that they were told."""

from functools import partial
from typing import Any

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted, require_on
from portal.access.principal import current
from portal.pathway.references import Prefix, read_reference
from portal.records.by_hand import keeping, presenter, reading
from portal.records.by_hand.facts import against_telling, ask_first
from portal.records.by_hand.forms import DropForm, TellingForm
from portal.records.by_hand.model import ToldByHand
from portal.web.page import render, see_other
from portal.web.references import address_of
from portal.web.steps import Link, StepsOn, Words

blueprint = Blueprint("by_hand", __name__, url_prefix="/told-by-hand")


def find_told(reference: str) -> ToldByHand:
    """One that the person may see; every other is answered like none."""
    typed = read_reference(reference, Prefix.BY_HAND)
    return (reading.find(reference=typed) if typed else None) or abort(404)


def to_record(reference: str) -> ToldByHand:
    """The same for whoever says that they were told.

    Raises:
        Forbidden: the person only reads it.
    """
    return require_on("by_hand:record", find_told(reference), keeping.recording_facts)


def address(told: ToldByHand) -> str:
    """Its page."""
    return url_for("by_hand.show", reference=told.reference)


def step_on(told: ToldByHand) -> dict[str, Any]:
    """What the page of a step on one shows, with the look put on record."""
    audit.record("by_hand:view", told, case_id=told.case_id)
    return {
        "caption": f"{told.name}, {told.reference}",
        "back": Link(address(told), told.name),
        "marking": True,
    }


_on_telling = StepsOn[ToldByHand](lambda told: {"told": told}, page=step_on, to=address)


@blueprint.get("/<reference>")
@allow("by_hand:view", shows="list")
def show(reference: str) -> ResponseReturnValue:
    """Who it is, what they have to be told, and whether they were."""
    told = find_told(reference)
    audit.record("by_hand:view", told, case_id=told.case_id)
    row = reading.page_of(told=told)
    return render(
        "by_hand/show.html",
        told=presenter.line(row),
        facts=presenter.facts(row, reading.words_of(told=told), reading.untold_before(told=told)),
        changes=presenter.change_lines(reading.changes(told=told)),
        about=row.subject_reference,
        href=address_of(row.subject_reference),
        barred=_barred(told) if told.told_on is None and told.dropped_at is None else "",
        may_record=permitted(current(), "by_hand:record", keeping.recording_facts(current(), told)),
        marking=True,
    )


@blueprint.route("/<reference>/told", methods=["GET", "POST"])
@allow("by_hand:record", shows="list")
def record(reference: str) -> ResponseReturnValue:
    """They were told: when, how and by whom."""
    told = to_record(reference)
    if told.told_on is not None or told.dropped_at is not None:
        return see_other(address(told))
    form = TellingForm.opened(told, told_on=clock.today(), told_by=current().name)
    return _on_telling.take(
        told,
        form,
        lambda **given: keeping.record_telling(**given, said=form.telling),
        Words(heading=f"{told.name} was told", button="Record it", lead=_what(told)),
        done="The day and way of telling them were recorded",
    )


def _barred(told: ToldByHand) -> str:
    return against_telling(told) or ask_first(told)


def _what(told: ToldByHand) -> list[str]:
    """What they have to be told; of a meeting with day, time and place, of an action what is to be done; and
    first what stands against it.
    """
    row = reading.page_of(told=told)
    found = [*presenter.meeting_facts(row), *presenter.action_facts(row)]
    words = reading.words_of(told=told)
    found += [("In these words", words)] if words else []
    before = [f"{why}."] if (why := _barred(told)) else []
    return [*before, presenter.what(told.event), *(f"{name}: {words}" for name, words in found if words)]


@blueprint.route("/<reference>/correct", methods=["GET", "POST"])
@allow("by_hand:record", shows="list")
def correct(reference: str) -> ResponseReturnValue:
    """Put right when, how or by whom; what it said before stays."""
    told = to_record(reference)
    if told.told_on is None:
        return see_other(address(told))
    form = TellingForm.opened(told, told_on=told.told_on, way=told.way, told_by=told.told_by)
    return _on_telling.take(
        told,
        form,
        lambda **given: keeping.correct_telling(**given, said=form.telling),
        Words(
            heading=f"Correct when or how {told.name} was told", lead=["What it said before stays on record."]
        ),
        done="The day and way of telling them were corrected",
    )


@blueprint.route("/<reference>/not-needed", methods=["GET", "POST"])
@allow("by_hand:record", shows="list")
def drop(reference: str) -> ResponseReturnValue:
    """They need not be told, or cannot be: why."""
    told = to_record(reference)
    if told.told_on is not None or told.dropped_at is not None:
        return see_other(address(told))
    form = DropForm.opened(told)
    return _on_telling.take(
        told,
        form,
        partial(keeping.drop, reason=form.said("reason")),
        Words(heading=f"{told.name} does not need to be told"),
        done="Recorded. They were not told",
    )
