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
from portal.policy import current_policy
from portal.queries import message_life as lives
from portal.reminders import pulse
from portal.services import message_life
from portal.services.errors import DomainError
from portal.vocabulary import MessageState
from portal.web import message_words
from portal.web.page import render, see_other

#: In which order the states are offered: first what needs somebody.
_STATES = (
    MessageState.DEAD,
    MessageState.REFUSED,
    MessageState.OWED,
    MessageState.QUEUED,
    MessageState.ACCEPTED,
    MessageState.CANCELLED,
    MessageState.SHOWN,
)
_ALL = "all"


@blueprint.get("/messages/life")
@allow("message:watch", shows="list")
def watch() -> ResponseReturnValue:
    """Every message, for a manager those to their own people; first those that could not be sent."""
    person = current()
    wanted = request.args.get("state", MessageState.DEAD.value)
    state = MessageState(wanted) if wanted in set(MessageState) else None
    page = lives.watched(person=person, state=state, after=request.args.get("after", type=UUID))
    chosen = state.value if state else _ALL
    audit.record("message:watch", subject_kind="outbox_message", state=chosen)
    beats, oldest, now = lives.beats(), lives.oldest_waiting(), clock.now()
    return render(
        "messages/life.html",
        rows=page.rows,
        next=url_for("messages.watch", state=chosen, after=page.next) if page.next else "",
        first=url_for("messages.watch", state=chosen) if request.args.get("after") else "",
        state=state,
        states=[*((one.value, one.label) for one in _STATES), (_ALL, "All")],
        chosen=chosen,
        last_ran=pulse.last_ran(beats),
        stopped=pulse.stopped(beats, now),
        oldest=oldest,
        too_long=pulse.waits_too_long(oldest, now, current_policy()),
        now=now,
        may_retry=near(person, "message:retry"),
        suspended=lives.suspended_addresses(),
        words=message_words,
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
        words=message_words,
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
