"""What one's team was told: read, confirmed; and the sharing ledger of a case, of a form, and of all."""

from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit, principal
from portal.access.guard import allow
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.children import presenter as child_page
from portal.records.disclosures import reading as disclosures
from portal.records.disclosures.ledger import confirm_receipt, is_receiver
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.presenter import COPIED, DECIDED, words_of
from portal.records.triage import social_care
from portal.records.triage.forms import SocialCareAnswerForm
from portal.records.triage.reading.counts import taken_back
from portal.vocabulary import Role
from portal.web.htmx import is_fragment
from portal.web.navigation import today_of
from portal.web.page import announce, render, see_other
from portal.web.steps import ChosenForm, Link, Outcome, Words, do_each, take

blueprint = Blueprint("disclosures", __name__, url_prefix="/told")


@blueprint.get("")
@allow("disclosure:view", shows="list")
def index() -> ResponseReturnValue:
    """What one's team was told, the unconfirmed above; for governance, the ledger without its texts."""
    person = principal.current()
    after = request.args.get("after")
    audit.record("disclosure:list", subject_kind="disclosure")
    if person.has(Role.GOVERNANCE):
        page = disclosures.ledger(after=after)
        return render(
            "disclosures/ledger.html",
            rows=page.rows,
            page=page,
            subject="",
            copies=(),
            decisions=DECIDED,
            kinds=COPIED,
            wide=True,
        )
    return _told(person, after)


def _told(
    person: Principal,
    after: str | None = None,
    form: ChosenForm | None = None,
    outcome: Outcome | None = None,
) -> Response:
    return render(
        "disclosures/index.html",
        status=422 if outcome else None,
        waiting=disclosures.unconfirmed(person=person),
        page=disclosures.confirmed(person=person, after=after),
        back="list",
        form=form,
        outcome=outcome,
        now=clock.now(),
        wide=True,
    )


@blueprint.post("/confirm")
@allow("disclosure:confirm", shows="list")
def confirm_several() -> ResponseReturnValue:
    """Confirm receipt of several in one step."""
    person, form, outcome = principal.current(), ChosenForm(), None
    if form.validate_on_submit():
        outcome = do_each(form.chosen.data or [], _confirm_one)
        if not outcome.refused:
            return see_other(url_for("disclosures.index"), done=f"Confirmed: {outcome.done}")
    audit.record("disclosure:list", subject_kind="disclosure")
    return _told(person, form=form, outcome=outcome)


def _confirm_one(reference: str, _version: int) -> None:
    """One of several. What a colleague confirmed meanwhile is said to be: nobody need ring about it."""
    disclosure = disclosures.find_disclosure(reference=reference)
    if disclosure is None:
        raise NotFound("There is no such telling")
    if disclosure.confirmed_at is not None:
        raise DomainError("It was confirmed meanwhile")
    try:
        confirm_receipt(actor=principal.current(), disclosure=disclosure)
        social_care.note_opened(actor=principal.current(), disclosure=disclosure)
    except Forbidden as why:
        raise DomainError(str(why)) from why


@blueprint.get("/copies")
@allow("disclosure:view", shows="list")
def taken() -> ResponseReturnValue:
    """The files that were taken out of the portal: one’s own, those of one’s agency, or all of them."""
    audit.record("copy:list", subject_kind="taken_copy")
    page = disclosures.taken(after=request.args.get("after"))
    return render("disclosures/copies.html", page=page, kinds=COPIED, wide=True)


@blueprint.get("/ledger/<reference>")
@allow("disclosure:view", shows="list")
def ledger(reference: str) -> ResponseReturnValue:
    """What was told about one case or from one form, to whom, and what was refused and why."""
    subject = disclosures.subject_of_ledger(reference=reference) or abort(404)
    case_id = subject if read_reference(reference, Prefix.CASE) else None
    audit.record("disclosure:list", subject_kind="disclosure", case_id=case_id, about=reference)
    return render(
        "disclosures/ledger.html",
        rows=disclosures.ledger_of(subject=subject),
        page=None,
        subject=reference,
        copies=disclosures.taken_of(reference=reference),
        decisions=DECIDED,
        kinds=COPIED,
        wide=True,
        marking=True,
    )


@blueprint.get("/<reference>")
@allow("disclosure:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """One telling: the frozen text, the children that it covers, why, on what basis and conditions."""
    disclosure = _found(reference)
    social_care.note_opened(actor=principal.current(), disclosure=disclosure)
    children = disclosures.children_of(disclosure=disclosure)
    for child_id in [child.id for child in children] or [None]:
        audit.record("disclosure:view", disclosure, child_id=child_id, case_id=disclosure.case_id)
    details = disclosures.details_of(disclosure=disclosure)
    sharing = current_policy().sharing
    return render(
        "disclosures/show.html",
        disclosure=disclosure,
        details=details,
        **words_of(disclosure, details, sharing),
        children=children,
        receives=is_receiver(principal.current(), disclosure),
        sharing=sharing,
        words=child_page,
        made=social_care.referral_of_disclosure(disclosure=disclosure),
        over=taken_back(disclosure_id=disclosure.id) if disclosure.referral_id else None,
        outcomes=current_policy().decisions.social_care_outcomes,
        marking=True,
    )


@blueprint.route("/<reference>/decision", methods=["GET", "POST"])
@allow("disclosure:confirm", shows="referral")
def answer(reference: str) -> ResponseReturnValue:
    """Say what the front door has decided on a referral."""
    disclosure, form = _found(reference), SocialCareAnswerForm()
    require(
        principal.current(),
        "disclosure:confirm",
        Facts(receiver=is_receiver(principal.current(), disclosure)),
    )
    made = social_care.referral_of_disclosure(disclosure=disclosure) or abort(404)
    form.offer_policy(current_policy(made.authority))
    here = url_for(".show", reference=disclosure.reference)
    return take(
        form,
        lambda: social_care.answer(
            actor=principal.current(),
            disclosure=disclosure,
            outcome=form.said("outcome"),
            words=form.said("words"),
        ),
        says=Words(
            heading="What social care decided",
            caption=disclosure.reference,
            back=Link(here, disclosure.reference),
            nothing="Decided already." if made.outcome else "",
            button="Record it",
        ),
        page=lambda: _look(disclosure),
        to=here,
        done="What you decided was recorded",
    )


def _look(disclosure: Disclosure) -> dict[str, Any]:
    audit.record("disclosure:view", disclosure, case_id=disclosure.case_id)
    return {"marking": True}


@blueprint.post("/<reference>/confirm")
@allow("disclosure:confirm")
def confirm(reference: str) -> ResponseReturnValue:
    """Confirm receipt, once or again."""
    disclosure = _found(reference)
    confirm_receipt(actor=principal.current(), disclosure=disclosure)
    social_care.note_opened(actor=principal.current(), disclosure=disclosure)
    said = f"Receipt of {disclosure.reference} confirmed"
    if is_fragment():
        announce(said)
        return index()
    return see_other(_place_left(disclosure), done=said)


def _place_left(disclosure: Disclosure) -> str:
    """The page that the button stands on."""
    match request.form.get("back"):
        case "list":
            return url_for("disclosures.index")
        case "home":
            return url_for(today_of(principal.current()))
        case _:
            return url_for("disclosures.show", reference=disclosure.reference)


def _found(reference: str) -> Disclosure:
    return disclosures.find_disclosure(reference=reference) or abort(404)
