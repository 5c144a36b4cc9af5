"""Beginning a form: the advice to ring first, drafts to carry on with, and forms that came another way."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.blueprints.referrals import blueprint
from portal.changes.errors import DomainError
from portal.pathway.characters import identifier
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.referrals import reading as referrals
from portal.records.referrals.drafts import start_draft
from portal.records.referrals.forms.items import typed_child
from portal.records.referrals.forms.pages import FormSetting, Typed, UrgencyForm
from portal.records.referrals.model import Referral
from portal.records.referrals.presenter import draft_rows
from portal.records.referrals.reading import CaseForForm
from portal.vocabulary import Urgency
from portal.web.page import render, see_other

#: Answers after which the page that says whom to ring comes first.
RING_FIRST = frozenset({Urgency.IMMEDIATE, Urgency.SOON})


@blueprint.route("/share", methods=["GET", "POST"])
@allow("referral:write", shows="list")
def start() -> ResponseReturnValue:
    """How urgent is it? With the answer a draft begins."""
    form = UrgencyForm.of_posted(FormSetting(current_policy()), request.form)
    case = _case()
    problem: DomainError | None = None
    if request.method == "POST" and form.validate():
        try:
            draft = start_draft(
                actor=principal.current(),
                typed=_begin_with(form.typed, case),
                team_id=identifier(request.form.get("team")),
                from_case_id=case.id if case else None,
            )
        except DomainError as refused:
            problem = refused
        else:
            return see_other(_first_page(draft, form.urgency.data))
    return _show(form, case, problem)


@blueprint.route("/share/for-sender", methods=["GET", "POST"])
@allow("referral:triage", shows="list")
def start_for_sender() -> ResponseReturnValue:
    """A coordinator enters what reached the hub by phone, e-mail or paper."""
    person = principal.current()
    if request.method == "POST":
        draft = start_draft(actor=person, for_sender=True)
        return see_other(url_for("referrals.step", reference=draft.reference, step="sender"))
    audit.record("draft:list")
    rows = draft_rows(referrals.my_drafts(person=person), current_policy())
    return render("referrals/start_for_sender.html", drafts=rows, marking=bool(rows))


def _show(form: UrgencyForm, case: CaseForForm | None, problem: DomainError | None) -> ResponseReturnValue:
    person = principal.current()
    audit.record("draft:list", child_id=case.child_id if case else None, case_id=case.id if case else None)
    rows = draft_rows(referrals.my_drafts(person=person), current_policy())
    return render(
        "referrals/start.html",
        form=form,
        case=case,
        problem=problem,
        drafts=rows,
        teams=referrals.teams(ids=person.team_ids) if len(person.team_ids) > 1 else [],
        marking=bool(rows or case),
    )


def _case() -> CaseForForm | None:
    """The case that the form is begun from, if the person sees it."""
    reference = read_reference(request.values.get("case", ""), Prefix.CASE)
    return referrals.case_for_form(reference=reference) if reference else None


def _begin_with(urgency: Typed, case: CaseForForm | None) -> dict[str, Typed]:
    if case is None:
        return {"urgency": urgency}
    district = {"district": [case.district]} if case.district else {}
    about: Typed = {"kind": ["child"], **district}
    return {"urgency": urgency, "about": about, "children": {"children": [typed_child(case.child)]}}


def _first_page(draft: Referral, urgency: str) -> str:
    if urgency in RING_FIRST:
        return url_for("referrals.ring", reference=draft.reference)
    return url_for("referrals.step", reference=draft.reference, step="about")
