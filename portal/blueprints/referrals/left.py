"""The unsent draft of someone who left: its manager may read it once, for a few hours, with a reason."""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.referrals import blueprint
from portal.blueprints.referrals.draft import reading_of
from portal.policy import current_policy
from portal.records.attachments import reading as attachments
from portal.records.entries.presenter.words import file_items
from portal.records.referrals import reading as referrals
from portal.records.referrals.drafts import open_left_draft
from portal.records.referrals.forms.base import OpenLeftForm
from portal.records.referrals.presenter import Reader
from portal.records.referrals.reading import LeftDraft
from portal.vocabulary import ReferralState
from portal.web.filters import moment
from portal.web.page import render
from portal.web.steps import Link, Words, take


@blueprint.route("/sent/drafts/<reference>/open", methods=["GET", "POST"])
@allow("draft:open", shows="referral")
def open_left(reference: str) -> ResponseReturnValue:
    """Ask why it has to be read, and open it."""
    left, form = _left(reference), OpenLeftForm()
    hours = current_policy().clocks.limits.break_glass.value
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
                f"You can open it once, to read it for {hours} hours. You cannot change or send it."
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
