"""What one's team was told: read, confirmed; and the sharing ledger of a case, of a form, and of all."""

from dataclasses import replace
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
from portal.queries.declared import Listing
from portal.queries.listing import lengths
from portal.records.children import presenter as child_page
from portal.records.disclosures import reading as disclosures
from portal.records.disclosures.ledger import confirm_receipt, is_receiver
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.presenter import COPIED, words_of
from portal.records.disclosures.reading import CONFIRMED, COPIES, LEDGER, TO_CONFIRM, Receipt, ToWhom
from portal.records.disclosures.vocabulary import DECIDED, SharingDecision
from portal.records.triage import social_care
from portal.records.triage.forms import SocialCareAnswerForm
from portal.records.triage.presenter import discussions
from portal.records.triage.reading.counts import taken_back
from portal.vocabulary import Role, TriageColour
from portal.web.htmx import is_fragment
from portal.web.listing import ALL, ListRoute, ListView, Views, asked, begin_with, page, ways
from portal.web.navigation import today_of
from portal.web.page import announce, render, see_other
from portal.web.steps import ChosenForm, Link, Outcome, Words, do_each, take

blueprint = Blueprint("disclosures", __name__, url_prefix="/told")


@blueprint.route("", methods=["GET", "POST"])
@allow("disclosure:view", shows="list")
def index() -> ResponseReturnValue:
    """What one's team was told, and is to confirm or had; for governance, the ledger without its texts."""
    person = principal.current()
    if person.has(Role.GOVERNANCE):
        return _ledger().page(
            "disclosures/list.html", open_filters=("decision", "receipt"), decisions=DECIDED, wide=True
        )
    listing, route = _shown()
    return begin_with(route, asked(listing)) or _told(person)


_OF_LEDGER: Views = (
    ("All", {}),
    (Receipt.OPEN.label, {"receipt": [Receipt.OPEN.value]}),
    (DECIDED[SharingDecision.REFUSE], {"decision": [SharingDecision.REFUSE.value]}),
)


def _ledger() -> ListView:
    route = ListRoute(endpoint="disclosures.index", views=_OF_LEDGER)
    return ListView(
        listing=LEDGER, source=disclosures.ledger(), route=route, looked="disclosure:list", noted=_NOTED
    )


_NOTED: dict[str, Any] = {"subject_kind": "disclosure"}
_TO_CONFIRM = ListRoute(
    endpoint="disclosures.index",
    views=(
        ("All", {}),
        (TriageColour.RED.label, {"colour": [TriageColour.RED.value]}),
        (Receipt.LATE.label, {"late": [Receipt.LATE.value]}),
    ),
)
_CONFIRMED = ListRoute(
    endpoint="disclosures.index",
    fixed={"show": "confirmed"},
    views=(("All", {}), (ToWhom.YOU.label, {"to": [ToWhom.YOU.value]})),
)
_WAYS = (("Not confirmed yet", _TO_CONFIRM), ("Opened or confirmed", _CONFIRMED))


def _shown() -> tuple[Listing, ListRoute]:
    had = request.args.get("show") == "confirmed"
    return (CONFIRMED, _CONFIRMED) if had else (TO_CONFIRM, _TO_CONFIRM)


def _told(person: Principal, form: ChosenForm | None = None, outcome: Outcome | None = None) -> Response:
    listing, route = _shown()
    query = asked(listing)
    found = disclosures.told(listing, person).find(query)
    audit.record("disclosure:list", **_NOTED, chosen=query.query(), shown=len(found.page.rows))
    return render(
        "disclosures/index.html",
        status=422 if outcome else None,
        list=page(found, route),
        rows=found.page.rows,
        ways=ways(route, _WAYS, ALL),
        had=listing is CONFIRMED,
        kept=query.query(),
        open_filters=("colour", "late"),
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
            return see_other(_list_left(), done=f"Confirmed: {outcome.done}")
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


@blueprint.route("/copies", methods=["GET", "POST"])
@allow("disclosure:view", shows="list")
def taken() -> ResponseReturnValue:
    """The files that were taken out of the portal: one’s own, those of one’s agency, or all of them."""
    view = ListView(
        listing=COPIES,
        source=disclosures.taken(),
        route=ListRoute(endpoint="disclosures.taken", views=(("All", {}),)),
        looked="copy:list",
        noted={"subject_kind": "taken_copy"},
    )
    return view.page("disclosures/copies.html", open_filters=("kind",), kinds=COPIED, wide=True)


@blueprint.route("/ledger/<reference>", methods=["GET", "POST"])
@allow("disclosure:view", shows="list")
def ledger(reference: str) -> ResponseReturnValue:
    """What was told about one case or from one form, to whom, and what was refused; and its files."""
    subject, person = disclosures.subject_of_ledger(reference=reference) or abort(404), principal.current()
    told, files = disclosures.ledger_of(subject=subject), disclosures.taken_of(reference=reference)
    is_files = request.args.get("show") == "files"
    listing, source = (COPIES, files) if is_files else (LEDGER, told)
    case_id = subject if read_reference(reference, Prefix.CASE) else None
    governs = person.has(Role.GOVERNANCE)
    routes = _ledgers_of(reference)
    view = ListView(
        listing=listing,
        source=source,
        route=routes[is_files],
        looked="disclosure:list",
        noted={**_NOTED, "case_id": case_id, "about": reference},
    )
    return view.page(
        "disclosures/ledger.html",
        subject=reference,
        is_files=is_files,
        open_filters=("receipt", "kind"),
        ways=ways(
            view.route,
            zip(("Told, and refused", "Files that were taken"), routes, strict=True),
            counts=lengths(told.rows, files.rows),
        ),
        in_part=not (governs or person.is_coordinator),
        governs=governs,
        of_case=case_id is not None,
        manages=person.has(Role.MANAGER),
        decisions=DECIDED,
        kinds=COPIED,
        wide=True,
        marking=True,
    )


def _ledgers_of(reference: str) -> tuple[ListRoute, ListRoute]:
    """Where stands what was told of a record, and the files that were taken of it."""
    told = ListRoute(endpoint="disclosures.ledger", of={"reference": reference}, views=_OF_LEDGER)
    return told, replace(told, fixed={"show": "files"}, views=())


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
        made=(made := social_care.referral_of_disclosure(disclosure=disclosure)),
        discussions=discussions(referral_id=made.referral_id, made_id=made.id) if made else (),
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
        return _told(principal.current())
    return see_other(_place_left(disclosure), done=said)


def _list_left() -> str:
    """The list as it was asked for when the button was pressed."""
    return _TO_CONFIRM.address(asked(TO_CONFIRM).query())


def _place_left(disclosure: Disclosure) -> str:
    """The page that the button stands on."""
    match request.form.get("back"):
        case "list":
            return _list_left()
        case "home":
            return url_for(today_of(principal.current()))
        case _:
            return url_for("disclosures.show", reference=disclosure.reference)


def _found(reference: str) -> Disclosure:
    return disclosures.find_disclosure(reference=reference) or abort(404)
