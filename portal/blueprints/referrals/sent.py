"""What was sent, its print and the talk with the hub; the draft of someone who left, for their manager."""

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.principal import Principal
from portal.blueprints.referrals import blueprint
from portal.blueprints.referrals.draft import reading_of
from portal.pathway.calendar import hub_is_open, hub_next_looks
from portal.policy import current_policy
from portal.records.attachments import reading as attachments
from portal.records.entries.presenter.words import file_items
from portal.records.referrals import reading as referrals
from portal.records.referrals.drafts import open_left_draft
from portal.records.referrals.forms.base import OpenLeftForm, ReplyForm
from portal.records.referrals.model import Referral
from portal.records.referrals.presenter import Reader, draft_rows
from portal.records.referrals.reading import SENT, SENT_BY_TEAM, LeftDraft, News
from portal.records.referrals.rules import FormAnswers
from portal.records.referrals.sending import mark_read, reply_to_hub
from portal.records.triage.presenter import discussions
from portal.vocabulary import ReferralState, Role
from portal.web.due_presenter import period_words
from portal.web.filters import hub_numbers, in_words, moment
from portal.web.listing import ALL, ListRoute, ListView, ways
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, take

_TEMPLATE = "referrals/show.html"


@blueprint.route("/sent", methods=["GET", "POST"])
@allow("referral:view", shows="list")
def index() -> ResponseReturnValue:
    """What the person sent or, for a manager, what their team sent; drafts; what is new from the hub."""
    person = principal.current()
    of_team = person.has(Role.MANAGER) and request.args.get("of") == "team"
    listing, route = (SENT_BY_TEAM, _OF_TEAM) if of_team else (SENT, _MINE)
    view = ListView(
        listing=listing,
        source=referrals.sent(listing, person),
        route=route,
        looked="referral:list",
        noted={"of": "team" if of_team else "mine"},
    )
    return view.page(
        "referrals/index.html",
        lambda found: {
            "rows": referrals.sent_lines(found.page.rows, person),
            "drafts": [] if of_team else draft_rows(referrals.my_drafts(person=person), current_policy()),
            "left": referrals.left_drafts(person=person) if person.has(Role.MANAGER) else [],
        },
        open_filters=("new", "state"),
        of_team=of_team,
        ways=ways(route, _WAYS, ALL) if person.has(Role.MANAGER) else (),
        kinds=current_policy().referral.kinds,
        marking=True,
        wide=True,
    )


_WAITING = {"state": [ReferralState.WAITING_FOR_SENDER.value]}
_MINE = ListRoute(
    endpoint="referrals.index",
    views=(
        ("All", {}),
        ("New from the hub", {"new": [one.value for one in News]}),
        ("Waiting for your answer", _WAITING),
    ),
)
_OF_TEAM = ListRoute(
    endpoint="referrals.index",
    fixed={"of": "team"},
    views=(("All", {}), ("Waiting for the sender", _WAITING)),
)
_WAYS = (("Sent by me", _MINE), ("Sent by my team", _OF_TEAM))


@blueprint.get("/sent/<reference>")
@allow("referral:view", shows="referral")
def show(reference: str) -> ResponseReturnValue:
    """One form as it was sent, with messages and feedback. A draft goes on where it is written, or read."""
    draft = referrals.find_referral(reference=reference)
    if draft is not None and draft.state == ReferralState.DRAFT:
        own = draft.author_id == principal.current().user_id
        return see_other(url_for(".check" if own else ".left_draft", reference=reference))
    return render(_TEMPLATE, **_page(_sent(reference)), form=ReplyForm())


@blueprint.get("/sent/<reference>/print")
@allow("referral:view", shows="referral", releases="print")
def printed(reference: str) -> ResponseReturnValue:
    """The form for paper. The source stays in the portal."""
    referral = _sent(reference)
    audit.record("referral:print", referral)
    files = file_items(attachments.of_referral(referral_id=referral.id))
    return render(
        "referrals/printed.html",
        **_content(referral),
        files=[one for one in files if not one.shows_source],
    )


@blueprint.post("/sent/<reference>/reply")
@allow("referral:reply", shows="referral")
def reply(reference: str) -> ResponseReturnValue:
    """Answer the hub, or add something."""
    referral, form = _sent(reference), ReplyForm()
    return take(
        form,
        lambda: reply_to_hub(actor=principal.current(), referral=referral, text=form.said("text")),
        template=_TEMPLATE,
        page=lambda: _page(referral),
        to=url_for("referrals.show", reference=reference, _anchor="messages"),
        done=_sent_words(),
    )


def _sent_words() -> str:
    """That a message went to the hub, and where it is closed from when it reads it, and whom to ring."""
    hub, now = current_policy().hub, clock.now()
    if hub_is_open(hub, now):
        return "Your message was sent to the hub"
    opens, ring = moment(hub_next_looks(hub, now)), in_words(hub_numbers())
    return (
        f"Your message was sent to the hub, which is closed until {opens}."
        f" If it cannot wait, ring {ring}; if somebody is in danger now, 999"
    )


def _page(referral: Referral) -> dict[str, Any]:
    person = principal.current()
    audit.record("referral:view", referral, ground=_ground(person, referral))
    if referral.author_id == person.user_id:
        mark_read(actor=person, referral=referral)
    return _content(referral) | {
        "source": source_section(person, referral),
        "files": file_items(attachments.of_referral(referral_id=referral.id)),
        "messages": referrals.said(referral_id=referral.id),
        "discussions": discussions(referral_id=referral.id),
        "feedback": referrals.feedback(referral_id=referral.id),
        "may_reply": referral.author_id == person.user_id,
    }


def _sent(reference: str) -> Referral:
    """A form that was sent and that the person sees; else nothing is there."""
    found = referrals.find_referral(reference=reference)
    if found is None or found.state == ReferralState.DRAFT:
        abort(404)
    return found


def _content(referral: Referral) -> dict[str, Any]:
    author, agency, team = referrals.who_sent(referral=referral)
    answers = FormAnswers.from_json(referral.answers)
    sender_agency = referrals.agency_name(referral.sender_agency_id)
    details = referrals.subjects(referral_id=referral.id)
    return {
        "referral": referral,
        "state": ReferralState(referral.state),
        "author": author,
        "agency": agency,
        "team": team,
        "sections": Reader(current_policy()).sections(answers, details, agency=sender_agency),
        "marking": True,
    }


def source_section(person: Principal, referral: Referral) -> Any:
    """The source on its author's own page. The database shows it to nobody else here."""
    source = referrals.source_of(referral) if referral.author_id == person.user_id else None
    return Reader(current_policy()).source(source.text, source.at_risk_if_revealed) if source else None


def _ground(person: Principal, referral: Referral) -> str:
    if referral.author_id == person.user_id:
        return "author"
    return "coordinator" if person.is_coordinator else "manager"


@blueprint.route("/sent/drafts/<reference>/open", methods=["GET", "POST"])
@allow("draft:open", shows="referral")
def open_left(reference: str) -> ResponseReturnValue:
    """Ask why it has to be read, and open it."""
    left, form = _left(reference), OpenLeftForm()
    limit = current_policy().clocks.limits.break_glass
    return take(
        form,
        lambda: open_left_draft(actor=principal.current(), reference=reference, reason=form.said("reason")),
        says=Words(
            heading="Read a draft that was left",
            caption=left.reference,
            back=Link(url_for("referrals.index", of="team"), "What we sent"),
            lead=[
                f"{left.author} left before sending this draft."
                f" It was last saved on {moment(left.saved_at)}.",
                f"You can open it once, to read it for {period_words(limit)}. You cannot change or send it."
                " If it holds something that the hub should know, share it in a form of your own."
                " That you opened it, and why, stays on record.",
            ],
            button="Open the draft",
        ),
        page=lambda: _notice(reference),
        to=url_for("referrals.left_draft", reference=reference),
    )


def _notice(reference: str) -> dict[str, Any]:
    audit.record("draft:notice", reference=reference)
    return {}


@blueprint.get("/sent/drafts/<reference>")
@allow("draft:open", shows="referral")
def left_draft(reference: str) -> ResponseReturnValue:
    """What the person who left had typed, to read only. Who told them is not shown."""
    left = _left(reference)
    draft = referrals.find_referral(reference=reference)
    if draft is None or draft.state != ReferralState.DRAFT or left.open_until is None:
        abort(404)
    reading = reading_of(draft)
    audit.record("draft:view", draft, ground="left")
    sections = Reader(current_policy()).sections(reading.answers, reading.details)
    return render(
        "referrals/left_draft.html",
        left=left,
        draft=draft,
        sections=sections,
        files=file_items(attachments.of_referral(referral_id=draft.id)),
        marking=True,
    )


def _left(reference: str) -> LeftDraft:
    """The draft of someone who left the person's team; else nothing is there."""
    rows = referrals.left_drafts(person=principal.current())
    return next((one for one in rows if one.reference == reference), None) or abort(404)
