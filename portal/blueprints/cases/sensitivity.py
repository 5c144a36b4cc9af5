"""How closely a case is held."""

from typing import Any
from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden, permitted
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import around, facts, look, record_of, verbs
from portal.records.cases import sensitivity
from portal.records.cases.forms import SensitivityForm
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.entries.reading import case_page
from portal.services.errors import NotFound
from portal.vocabulary import Sensitivity
from portal.web.page import render, see_other
from portal.web.steps import take


@blueprint.route("/<reference>/sensitivity", methods=["GET", "POST"])
@allow("case:view", shows="case")
def change_sensitivity(reference: str) -> ResponseReturnValue:
    """Hold a case more closely at once, or ask that it be held less closely."""
    record = record_of(reference)
    may_raise = permitted(current(), "sensitivity:raise", facts(record))
    may_lower = permitted(current(), "sensitivity:lower")
    if not (may_raise or may_lower):
        raise Forbidden("A coordinator or the lead professional changes how closely a case is held.")
    case = look(reference)
    form = SensitivityForm.of(
        Sensitivity(record.sensitivity), record.version, may_raise, may_lower, _people(case)
    )
    return take(
        form,
        lambda: _change(record, form),
        template="cases/sensitivity.html",
        page=lambda: around(case),
        to=lambda asked: url_for("cases.show", reference=case.reference) if asked else url_for("cases.index"),
        done=lambda asked: (
            "Asked. A second person has to agree before anything changes"
            if asked
            else f"{case.reference} is now {form.chosen.label.lower()}"
        ),
        now_held=Sensitivity(case.sensitivity).label,
    )


@blueprint.get("/<reference>/sensitivity/confirm")
@allow("case:view", shows="case")
def confirm_sensitivity(reference: str) -> ResponseReturnValue:
    """What waits for a second person."""
    case = look(reference)
    change = case_page.pending_change(case_id=case.id) or abort(404)
    return render(
        "cases/confirm_sensitivity.html",
        **around(case),
        change=change,
        before=Sensitivity(change.before).label,
        after=Sensitivity(change.after).label,
        asked_it=change.asked_by == current().user_id,
        can=verbs(case),
    )


@blueprint.post("/<reference>/sensitivity/<uuid:change_id>/<any(agree, keep):answer>")
@allow("case:view")
def answer_sensitivity(reference: str, change_id: UUID, answer: str) -> ResponseReturnValue:
    """The second person's answer; or the asker takes it back."""
    record = record_of(reference)
    act = sensitivity.confirm_lower if answer == "agree" else sensitivity.turn_down_lower
    try:
        act(actor=current(), case=record, change_id=change_id)
    except NotFound:
        abort(404)
    flash("The case is held less closely" if answer == "agree" else "The case stays as closely held as it is")
    return see_other(url_for("cases.show", reference=record.reference))


def _change(record: Case, form: SensitivityForm) -> bool:
    """Whether it waits for a second person; else it holds, maybe out of sight of whoever chose it."""
    to = form.chosen
    if to < record.sensitivity:
        sensitivity.ask_to_lower(actor=current(), case=record, to=to, reason=form.said("reason"))
        return True
    named = [case_records.find_person(user_id=UUID(one)) for one in form.named.data or ()]
    sensitivity.raise_sensitivity(
        actor=current(),
        case=record,
        to=to,
        reason=form.said("reason"),
        named=[person for person in named if person is not None],
        version=form.seen_version,
    )
    return False


def _people(case: Any) -> list[tuple[str, str]]:
    """Who could be named at once: the workers of the teams on the case, and oneself."""
    people = {str(current().user_id): f"{current().name} (you)"}
    for row in case_page.network(case=case):
        if row.worker_id and row.worker_id != case.lead_professional_id:
            people.setdefault(str(row.worker_id), f"{row.worker}, {row.agency}")
    if current().user_id == case.lead_professional_id:
        people.pop(str(current().user_id))
    return list(people.items())
