"""The pages of a draft, one after the other, saved at every step and while typing."""

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.referrals import blueprint
from portal.blueprints.referrals.draft import RING, Filling, check_url, opened, seen
from portal.changes.errors import Conflict
from portal.records.referrals import reading as referrals
from portal.records.referrals.drafts import discard_draft, save_draft
from portal.records.referrals.forms.pages import ListsPage, Page
from portal.vocabulary import ReferralState, Urgency
from portal.web.htmx import is_fragment
from portal.web.numbers import numbers_now
from portal.web.page import render, see_other


@blueprint.route("/share/<reference>/<step>", methods=["GET", "POST"])
@allow("referral:write", shows="referral")
def step(reference: str, step: str) -> ResponseReturnValue:
    """One page of the form."""
    if (moved := _sent_already(reference)) is not None:
        return moved
    filling = opened(reference, step)
    if request.method == "GET":
        return _show(filling, filling.kept())
    page = _changed(filling.posted())
    if page.is_too_long and not page.validate():
        return _show(filling, page)
    try:
        draft = save_draft(
            actor=principal.current(),
            reference=reference,
            step=step,
            typed=page.typed,
            seen=seen(),
            leaves=not is_fragment(),
        )
    except Conflict as conflict:
        return _show(filling, page, conflict)
    return _go_on(Filling(draft, filling.step, filling.setting), page)


@blueprint.post("/share/<reference>/<step>/save")
@allow("referral:write", background=True)
def save(reference: str, step: str) -> ResponseReturnValue:
    """What is being typed, saved from time to time. The page stays as it is."""
    found = referrals.find_referral(reference=reference)
    if found is not None and found.state != ReferralState.DRAFT:
        return Response(render_template("referrals/sent_meanwhile.html", referral=found), 409)
    filling = opened(reference, step)
    try:
        draft = save_draft(
            actor=principal.current(),
            reference=reference,
            step=step,
            typed=filling.posted().typed,
            seen=seen(),
            leaves=False,
        )
    except Conflict as conflict:
        context = filling.context(filling.posted(), conflict)
        return Response(render_template("referrals/clash.html", **context), 409)
    return Response(status=204, headers={"X-Version": str(draft.version)})


@blueprint.get("/share/<reference>/ring")
@allow("referral:write", shows="referral")
def ring(reference: str) -> ResponseReturnValue:
    """Whom to ring first, when somebody is or may soon be in danger."""
    filling = opened(reference, "urgency")
    _record(filling)
    context = filling.context(filling.kept())
    numbers = numbers_now(*RING)
    return render("referrals/ring.html", contacts=numbers, next_url=filling.next_url(), **context)


@blueprint.route("/share/<reference>/discard", methods=["GET", "POST"])
@allow("referral:write", shows="referral")
def discard(reference: str) -> ResponseReturnValue:
    """Throw a draft away, after asking."""
    filling = opened(reference, "urgency")
    if request.method == "POST":
        discard_draft(actor=principal.current(), reference=reference)
        return see_other(url_for("referrals.index"))
    _record(filling)
    return render("referrals/discard.html", draft=filling.draft, marking=True)


def _show(filling: Filling, page: Page, conflict: Conflict | None = None) -> Response:
    _record(filling)
    forms = page.forms if isinstance(page, ListsPage) else [page]
    context = filling.context(page, conflict)
    return render(f"referrals/steps/{filling.step.name}.html", forms=forms, problem=conflict, **context)


def _record(filling: Filling) -> None:
    audit.record("draft:view", filling.draft, step=filling.step.name)


def _changed(page: Page) -> Page:
    """The page with an item more or less, when that was asked for."""
    if isinstance(page, ListsPage):
        page = page.with_another(request.form.get("add", ""))
        page = page.without(request.form.get("remove", ""))
    return page


def _go_on(filling: Filling, page: Page) -> ResponseReturnValue:
    """Where a saved page leads."""
    if "add" in request.form or "remove" in request.form:
        return _show(filling, page) if is_fragment() else see_other(_at_item(filling, page))
    if elsewhere := _elsewhere(filling):
        return see_other(elsewhere)
    if not page.validate():
        return _show(filling, page)
    if filling.step.name == "urgency" and _is_urgent(page):
        return see_other(url_for("referrals.ring", reference=filling.draft.reference))
    return see_other(filling.next_url())


def _elsewhere(filling: Filling) -> str:
    """Where the person wants to go instead of on, whatever is still wrong on this page."""
    wanted = request.form.get("go", "")
    if wanted in {one.name for one in filling.steps}:
        return filling.url(wanted)
    return {"later": url_for("referrals.index"), "check": check_url(filling.draft)}.get(wanted, "")


def _at_item(filling: Filling, page: Page) -> str:
    """The page again, at the list that grew or shrank."""
    name = request.form.get("add") or request.form.get("remove", "").rpartition("-")[0]
    known = isinstance(page, ListsPage) and name in page.lists
    return f"{filling.url(filling.step.name)}#{name}" if known else filling.url(filling.step.name)


def _is_urgent(page: Page) -> bool:
    return page.typed.get("urgency", [""])[0] in {Urgency.IMMEDIATE, Urgency.SOON}


def _sent_already(reference: str) -> ResponseReturnValue | None:
    """A page of a form that has been sent leads to what was sent; nothing of it can be changed."""
    found = referrals.find_referral(reference=reference) or abort(404)
    if found.state == ReferralState.DRAFT:
        return None
    return see_other(url_for("referrals.show", reference=reference))
