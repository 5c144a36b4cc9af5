"""What one was told: the list behind the bell, and the link that stands in every e-mail."""

from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.messages.blueprint import blueprint
from portal.queries import about, messages, paging
from portal.services import message_life
from portal.web import message_words
from portal.web.htmx import is_fragment
from portal.web.message_subjects import page_of_message
from portal.web.page import announce, render, see_other

#: In the address of the list: leave out what was read.
UNREAD = "unread"


@blueprint.get("/messages")
@allow("message:read", shows="list")
def index() -> ResponseReturnValue:
    """What I was told, the newest first, with the names that I may see now."""
    return _list()


@blueprint.post("/messages/<uuid:message_id>/read")
@allow("message:read", shows="list")
def read(message_id: UUID) -> ResponseReturnValue:
    """Mark one as read; again does no harm."""
    row = messages.find_told(person=current(), message_id=message_id) or abort(404)
    message_life.mark_read(actor=current(), message_id=row.id)
    return _marked("Marked as read", message_id)


@blueprint.post("/messages/read")
@allow("message:read", shows="list")
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    message_life.mark_all_read(actor=current())
    return _marked("All marked as read")


@blueprint.get("/go/<uuid:message_id>")
@allow("message:read", shows="list")
def go(message_id: UUID) -> ResponseReturnValue:
    """The link of an e-mail: on to the page of what it is about. It is then read, however often one comes."""
    person = current()
    row = messages.find_told(person=person, message_id=message_id) or abort(404)
    subject = message_words.subject_of(row)
    seen = about.seen([subject])
    message_life.mark_read_about(
        actor=person, kind=row.kind, subject_kind=subject.kind, subject_id=subject.id
    )
    audit.record("message:open", subject_kind="outbox_message", subject_id=row.id, case_id=row.case_id)
    line = message_words.line(row, seen)
    if place := page_of_message(row.kind, subject, row.reference, seen):
        if line.handed:
            flash(line.handed)
        return see_other(place)
    return render("messages/gone.html", line=line)


def _list(*, marked: bool = False, message_id: UUID | None = None) -> ResponseReturnValue:
    """The list.

    Args:
        marked: a button was pressed that is gone now, so the keyboard needs another place to go on from.
        message_id: the message that the button belonged to.
    """
    person, shown, after = current(), _shown(), _after()
    page = messages.told(person=person, unread_only=shown == UNREAD, after=after)
    seen = about.seen(message_words.subject_of(row) for row in page.rows)
    audit.record("message:list", subject_kind="outbox_message")
    there = any(row.id == message_id for row in page.rows)
    return render(
        "messages/index.html",
        lines=[message_words.line(row, seen) for row in page.rows],
        next=url_for("messages.index", show=shown, after=page.next) if page.next else "",
        first=url_for("messages.index", show=shown) if after else "",
        shown=shown,
        after=after,
        focus_item=message_id if there else None,
        focus_list=marked and not there,
        tabs=message_words.tabs(person),
        bell_too=is_fragment(),
        marking=True,
    )


def _marked(said: str, message_id: UUID | None = None) -> ResponseReturnValue:
    if is_fragment():
        announce(said)
        return _list(marked=True, message_id=message_id)
    flash(said)
    return see_other(url_for("messages.index", show=_shown(), after=_after()))


def _after() -> UUID | None:
    """The last message of the page before; an address that makes no sense starts at the newest."""
    return paging.row_of(request.args.get("after"))


def _shown() -> str | None:
    """Whether only what was not read is shown."""
    return UNREAD if request.args.get("show") == UNREAD else None
