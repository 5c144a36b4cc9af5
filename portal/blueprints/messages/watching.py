"""What became of every message, and the addresses that came back."""

from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import near
from portal.access.principal import current
from portal.blueprints.messages.blueprint import blueprint
from portal.queries import message_life as lives
from portal.queries import paging
from portal.services import message_life
from portal.services.errors import DomainError
from portal.vocabulary.messages import MessageState
from portal.web import message_steps, message_words, watching
from portal.web.page import render, see_other

#: As many that could not be sent stand above the list; more are a filter away.
MOST_DEAD = 20


@blueprint.get("/messages/life")
@allow("message:watch", shows="list")
def watch() -> ResponseReturnValue:
    """Every message, for a manager those to their own people; first those that could not be sent."""
    person = current()
    asked = watching.read(request.args)
    after = paging.row_of(request.args.get("after"))
    page = lives.watched(person=person, wanted=asked.wanted, after=after) if asked.known else lives.NOTHING
    start = not asked.chosen and after is None
    dead = lives.Wanted(state=MessageState.DEAD)
    audit.record("message:watch", subject_kind="outbox_message", wanted=asked.recorded)
    return render(
        "messages/life.html",
        rows=page.rows,
        next=asked.address(after=page.next) if page.next else "",
        first=asked.address() if after else "",
        dead=lives.watched(person=person, wanted=dead, limit=MOST_DEAD) if start else lives.NOTHING,
        asked=asked,
        choices=watching.choices(lives.teams_watched(person=person), everywhere=person.is_coordinator),
        pulse=watching.pulse_now(),
        now=clock.now(),
        may_retry=near(person, "message:retry"),
        suspended=lives.suspended_addresses(),
        words=message_words,
        life=message_steps,
        state_of=MessageState,
        tabs=message_words.tabs(person),
        wide=True,
    )


@blueprint.post("/messages/<uuid:message_id>/retry")
@allow("message:retry")
def retry(message_id: UUID) -> ResponseReturnValue:
    """Have one that could not be sent tried again."""
    message = lives.find_message(message_id=message_id) or abort(404)
    try:
        message_life.retry(actor=current(), message=message)
    except DomainError as refused:
        flash(refused.message, "problem")
    else:
        flash("It will be tried again within a minute")
    return see_other(url_for("messages.watch"))


@blueprint.get("/messages/addresses")
@allow("address:lift", shows="people")
def addresses() -> ResponseReturnValue:
    """The e-mail addresses that came back, to which nothing is sent."""
    audit.record("address:list", subject_kind="address_suspension")
    return render(
        "messages/addresses.html",
        suspended=lives.suspended_addresses(),
        life=message_steps,
        tabs=message_words.tabs(current()),
    )


@blueprint.post("/messages/addresses/<uuid:suspension_id>/lift")
@allow("address:lift")
def lift(suspension_id: UUID) -> ResponseReturnValue:
    """Use an address again that came back."""
    suspension = lives.find_suspension(suspension_id=suspension_id) or abort(404)
    try:
        message_life.lift(actor=current(), suspension=suspension)
    except DomainError as refused:
        flash(refused.message, "problem")
    else:
        flash(f"{suspension.address} is used again from now on")
    return see_other(url_for("messages.addresses"))
