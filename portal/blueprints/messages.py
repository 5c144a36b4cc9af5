"""What people are told: their own list, what they want by e-mail, and the life of every message."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, registry
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import near
from portal.access.principal import current
from portal.messages import life as message_life
from portal.messages import news
from portal.messages import presenter as message_words
from portal.messages import reading as messages
from portal.messages import unreached as untold_list
from portal.messages.forms import DIGEST, PreferencesForm, SeenToForm
from portal.messages.life import choose
from portal.messages.presenter import MessageLine
from portal.messages.reading import LIVES, MESSAGES, Show, page_of_told
from portal.messages.vocabulary import MessageState
from portal.pages import about
from portal.pathway.references import read_reference
from portal.policy import current_policy
from portal.policy.intake import Edition
from portal.queries.listing import Asked, Found
from portal.queries.paging import MomentCursor
from portal.records.disclosures.facts import told_of_form
from portal.records.people.settings import is_new_edition, see_edition
from portal.records.triage.presenter.form import front_door_decisions
from portal.web import listing, watching
from portal.web.htmx import is_fragment
from portal.web.page import announce, page_links, render, see_other
from portal.web.references import address_of, page_of_message
from portal.web.steps import Link, Words, flashing, take

blueprint = Blueprint("messages", __name__)


_ROUTE = listing.ListRoute(
    endpoint="messages.index",
    views=listing.views("All", "show", Show),
)


#: Whoever reads an entry no more reads here whose it is, also where the case that it is on still opens.
_READ_NO_MORE = "entry_withheld", "chronology_entry"


@blueprint.route("/messages", methods=["GET", "POST"])
@allow("message:read", shows="list")
def index() -> ResponseReturnValue:
    """What I was told, the newest first, with the names that I may see now."""
    return listing.begin_with(_ROUTE, listing.asked(MESSAGES)) or _list()


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
    """Mark all as read that the page with the button showed, or that was there before."""
    until = _until()
    if until is not None:
        message_life.mark_all_read(actor=current(), until=until)
    return _marked("Marked as read" if until else _OLD_PAGE)


@blueprint.post("/messages/edition/seen")
@allow("message:read", shows="list")
def see_new_edition() -> ResponseReturnValue:
    """Take it as seen that a new edition of the policy holds; again does no harm."""
    see_edition(actor=current(), holds_from=current_policy().edition.effective_from)
    return see_other(url_for("messages.index"), done="Marked as seen")


@blueprint.get("/go/<uuid:message_id>")
@allow("message:read", shows="list")
def go(message_id: UUID) -> ResponseReturnValue:
    """The link of an e-mail: on to the page of what it is about. It is then read, however often one comes."""
    person = current()
    row = messages.find_told(person=person, message_id=message_id) or abort(404)
    subject = message_words.subject_of(row)
    seen = about.visible([subject])
    message_life.mark_read_about(
        actor=person, kind=row.kind, subject_kind=subject.kind, subject_id=subject.id
    )
    if row.recipient_id is None:
        message_life.mark_opened_by_team(actor=person, message_id=row.id)
    audit.record("message:open", subject_kind="outbox_message", subject_id=row.id, case_id=row.case_id)
    line = message_words.line(row, seen)
    if (row.kind, subject.kind) == _READ_NO_MORE and (narrowed := _unseen(row.id, subject.kind))["unseen"]:
        return render("messages/gone.html", line=line, **narrowed)
    if place := page_of_message(row.kind, subject, row.reference, seen):
        for said in filter(None, (line.handed, line.over)):
            flash(said)
        return see_other(place)
    if subject.kind == "referral" and (instead := _instead_of_form(row, line)) is not None:
        return instead
    told = _unseen(row.id, subject.kind)
    if told["unseen"] is not None and (held := getattr(told["unseen"], "instead", None)):
        return see_other(address_of(held))  # a page of its own says that it is held back, and whom to ring
    return render("messages/gone.html", line=line, **told)


def _instead_of_form(row: Any, line: MessageLine) -> ResponseReturnValue | None:
    """What somebody may read who was told of a form and does not read it: what social care decided; that the
    hub decided something for them, and whom they ask for it, or that it took that back; what was disclosed.
    """
    told = told_of_form(referral_id=row.subject_id)
    if decided := message_life.front_door_told(message_id=row.id):
        return render("messages/front_door.html", line=line, decided=front_door_decisions(decided))
    if over := message_life.taken_back_since(message_id=row.id):
        return render("messages/gone.html", line=line, unseen=over, unseen_page="hub/_taken_back.html")
    if row.kind in message_life.DECIDED_FOR_THEM:
        return render("hub/for_you.html", line=line, told=told)
    return see_other(url_for("disclosures.show", reference=told[0].reference)) if told else None


def _unseen(message_id: UUID, kind: str) -> dict[str, Any]:
    """What somebody learns who was told of a record and does not see it, with the template that says so."""
    record = registry.records().get(kind)
    if record is None or record.unseen is None:
        return {"unseen": None}
    template, asks = record.unseen
    return {"unseen": asks(message_id=message_id), "unseen_page": template}


def _new_edition() -> Edition | None:
    """The edition of the policy that holds, until somebody has said that they saw it."""
    edition = current_policy().edition
    return edition if is_new_edition(person=current(), holds_from=edition.effective_from) else None


def _list(*, marked: bool = False, message_id: UUID | None = None) -> ResponseReturnValue:
    """The list.

    Args:
        marked: a button was pressed that is gone now, so the keyboard needs another place to go on from.
        message_id: the message that the button belonged to.
    """
    person, asked = current(), listing.asked(MESSAGES)
    found = page_of_told(asked, person=person)
    seen = about.visible(message_words.subject_of(row) for row in found.page.rows)
    audit.record("message:list", subject_kind="outbox_message", chosen=asked.query())
    there = any(row.id == message_id for row in found.page.rows)
    return render(
        "messages/index.html",
        rows=[message_words.line(row, seen) for row in found.page.rows],
        list=listing.page(found, _ROUTE),
        open_filters=("show", "since"),
        kept=_kept(asked),
        until=message_life.shown_until(row.created_at for row in found.page.rows),
        focus_item=message_id if there else None,
        focus_list=marked and not there,
        tabs=message_words.tabs(person),
        bell_too=is_fragment(),
        wide=True,
        edition=None if is_fragment() or asked.after else _new_edition(),
        marking=True,
    )


#: Said where a page of an earlier version of the portal was still open.
_OLD_PAGE = "Nothing was marked, because that page was an old one. This is how it is now"


def _until() -> datetime | None:
    """Up to when the page showed what there was whose button was pressed; None where it does not say so."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError:
        return None
    return until if until.tzinfo else None


def _marked(said: str, message_id: UUID | None = None) -> ResponseReturnValue:
    if is_fragment():
        announce(said)
        return _list(marked=True, message_id=message_id)
    return see_other(url_for("messages.index", **_kept(listing.asked(MESSAGES))), done=said)


def _kept(asked: Asked) -> dict[str, Any]:
    """What was asked of the list, and its place, for the address of a button in it."""
    return {**(asked.query() or listing.ALL), **({"after": asked.after} if asked.after else {})}


@blueprint.get("/changes")
@allow("case:list", shows="list")
def changes() -> ResponseReturnValue:
    """What changed on my cases since I last looked at each, the newest first."""
    after = MomentCursor.read(request.args.get("after"))
    page = news.on_my_cases(person=current(), after=after)
    audit.record("news:list", subject_kind="case_news")
    return render(
        "messages/changes.html",
        cases=message_words.changes_by_case(page.rows),
        until=message_life.shown_until(row.at for row in page.rows),
        edition=None if after else _new_edition(),
        **page_links(page, "messages.changes"),
        tabs=message_words.tabs(current()),
        marking=True,
    )


@blueprint.post("/changes/seen")
@allow("case:list", shows="list")
def see_changes() -> ResponseReturnValue:
    """Take all of it as seen that the page with the button showed, or that was there before."""
    until = _until()
    if until is not None:
        news.see_all(actor=current(), until=until)
    flash("Marked as seen" if until else _OLD_PAGE)
    return see_other(url_for("messages.changes"))


@blueprint.get("/messages/untold")
@allow("untold:see_to", shows="list")
def untold() -> ResponseReturnValue:
    """Who had to be told of something and could not be: the hub sees to it."""
    page = untold_list.waiting(after=untold_list.UntoldCursor.read(request.args.get("after")))
    audit.record("untold:list", subject_kind="untold")
    return render(
        "messages/untold.html",
        lines=[message_words.untold_line(row) for row in page.rows],
        **page_links(page, "messages.untold"),
        tabs=message_words.tabs(current()),
    )


@blueprint.route("/messages/untold/<uuid:untold_id>", methods=["GET", "POST"])
@allow("untold:see_to", shows="list")
def see_to(untold_id: UUID) -> ResponseReturnValue:
    """Say what was done so that somebody knows."""
    found = untold_list.find(untold_id=untold_id) or abort(404)
    audit.record("untold:view", found, case_id=found.case_id)
    line = message_words.untold_line(untold_list.described(untold=found))
    form = SeenToForm()
    return take(
        form,
        lambda: untold_list.see_to(actor=current(), untold=found, words=form.words.data or ""),
        says=Words(
            heading=f"{line.who} could not be told",
            lead=[f"{line.what}{f', {line.reference}' if line.reference else ''}. {line.why}."],
            back=Link(url_for("messages.untold"), "Who could not be told"),
        ),
        to=url_for("messages.untold"),
        done="Saved",
    )


@blueprint.route("/preferences", methods=["GET", "POST"])
@allow("message:choose")
def preferences() -> ResponseReturnValue:
    """Every kind of message, what it means, and whether it comes by e-mail as well."""
    reminders = current_policy().reminders
    chosen = messages.mail_choices(person=current())
    mine = [kind for kind in reminders.kinds.offered if not kind.statutory]
    wanted = [kind.code for kind in mine if chosen.get(kind.code, True)]
    form = PreferencesForm(
        data={
            "kinds": [code for code in wanted if code != DIGEST],
            "digest": "yes" if DIGEST in wanted else "no",
        }
    )
    form.offer_kinds([kind for kind in mine if kind.code != DIGEST])
    return take(
        form,
        lambda: choose(actor=current(), by_mail=form.by_mail),
        template="messages/preferences.html",
        to=url_for("messages.preferences"),
        done="Saved",
        reminders=reminders,
        always=[kind for kind in reminders.kinds.offered if kind.statutory],
        tabs=message_words.tabs(current()),
    )


#: As many that could not be sent stand above the list; more are a filter away.
MOST_DEAD = 20


@blueprint.route("/messages/life", methods=["GET", "POST"])
@allow("message:watch", shows="list")
def watch() -> ResponseReturnValue:
    """Every message, for a manager those to their own people; first those that could not be sent."""
    person, about = current(), _about()
    noted = {"reference": about or "none that there can be"} if about is not None else {}
    view = listing.ListView(
        listing=LIVES,
        source=messages.lives(person=person, about=about),
        route=_lives(about),
        looked="message:watch",
        noted={"subject_kind": "outbox_message", **noted},
    )
    return view.page(
        "messages/life.html",
        partial(_watched, about=about),
        open_filters=("state",),
        typed=request.args.get("reference", "")[:40],
        about=about,
        pulse=watching.pulse_now(),
        now=clock.now(),
        may_retry=near(person, "message:retry"),
        suspended=messages.suspended_addresses(),
        words=message_words,
        life=message_words,
        state_of=MessageState,
        tabs=message_words.tabs(person),
        wide=True,
    )


def _about() -> str | None:
    """The reference that the address asks for; an empty one where what it says can be none."""
    typed = request.args.get("reference", "").strip()
    return (read_reference(typed) or "") if typed else None


def _lives(about: str | None) -> listing.ListRoute:
    return listing.ListRoute(
        endpoint="messages.watch",
        fixed={"reference": about} if about else {},
        views=listing.views("All", "state", (MessageState.DEAD, MessageState.REFUSED, MessageState.OWED)),
    )


def _watched(found: Found, *, about: str | None) -> dict[str, Any]:
    """Those that could not be sent stand above the list where it begins, and nothing is asked of it."""
    begins = found.asked.is_plain and not found.asked.after and about is None
    dead = messages.not_sent(person=current(), limit=MOST_DEAD + 1) if begins else ()
    kept = {**_lives(about).fixed, **found.asked.query()}
    return {"dead": dead[:MOST_DEAD], "more_dead": len(dead) > MOST_DEAD, "kept": kept}


@blueprint.post("/messages/<uuid:message_id>/retry")
@allow("message:retry")
def retry(message_id: UUID) -> ResponseReturnValue:
    """Have one that could not be sent tried again."""
    message = messages.find_message(message_id=message_id) or abort(404)
    with flashing("It will be tried again within a minute"):
        message_life.retry(actor=current(), message=message)
    return see_other(_lives(_about()).address(listing.asked(LIVES).query()))


@blueprint.get("/messages/addresses")
@allow("address:lift", shows="people")
def addresses() -> ResponseReturnValue:
    """The e-mail addresses that came back, to which nothing is sent."""
    audit.record("address:list", subject_kind="address_suspension")
    return render(
        "messages/addresses.html",
        suspended=messages.suspended_addresses(),
        life=message_words,
        tabs=message_words.tabs(current()),
    )


@blueprint.post("/messages/addresses/<uuid:suspension_id>/lift")
@allow("address:lift")
def lift(suspension_id: UUID) -> ResponseReturnValue:
    """Use an address again that came back."""
    suspension = messages.find_suspension(suspension_id=suspension_id) or abort(404)
    with flashing(f"{suspension.address} is used again from now on"):
        message_life.lift(actor=current(), suspension=suspension)
    return see_other(url_for("messages.addresses"))
