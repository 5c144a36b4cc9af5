"""Interim safety plans: those of a case, read, written, taken as a file, put in force, renewed and ended."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, abort, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.cases import page_context, reference_of, view_case
from portal.blueprints.plans import blueprint
from portal.changes.errors import Conflict, DomainError
from portal.records.assessments.lifecycle import directing_facts
from portal.records.by_hand import presenter as by_hand_words
from portal.records.by_hand import reading as by_hand
from portal.records.cases.forms import ReasonForm
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.disclosures.presenter import send
from portal.records.meetings.external_copies import barred_on
from portal.records.safety_plans import reading as safety_plans
from portal.records.safety_plans import writing
from portal.records.safety_plans.document import for_family
from portal.records.safety_plans.document import safety_plan as safety_plan_document
from portal.records.safety_plans.ending import end_safety_plan, renew
from portal.records.safety_plans.forms import AgreementForm, InForceForm, RenewForm, WritingForm, writing_form
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.policy import SafetyPlanning
from portal.records.safety_plans.presenter import agreement, family_page, groups, standing, too_long
from portal.records.safety_plans.reading import edition_now
from portal.records.safety_plans.vocabulary import SafetyPlanState, SafetyReader
from portal.records.safety_plans.writing import longest, put_in_force
from portal.web.choices import OfferingForm
from portal.web.conflict import where_they_met
from portal.web.filters import day
from portal.web.page import render, see_other
from portal.web.steps import Link, StepsOn, Words, autosave, carry_out, take


@dataclass(frozen=True)
class SafetyPlanFound:
    """A plan, its case, and the policy that it was begun under."""

    plan: SafetyPlan
    record: Case
    rules: SafetyPlanning

    @property
    def address(self) -> str:
        """Its page."""
        return url_for("plans.safety_plan", reference=self.plan.reference)

    @property
    def may_decide(self) -> bool:
        """Whether the person puts it in force, renews and ends it."""
        return permitted(current(), "safety_plan:decide", directing_facts(current(), self.record))

    @property
    def may_renew(self) -> bool:
        """Whether it can be renewed where it stands, and by the person."""
        by_meeting = self.plan.state == SafetyPlanState.ENDED and self.plan.ended_meeting_id is not None
        return (self.plan.state == SafetyPlanState.IN_FORCE or by_meeting) and self.may_decide

    def page(self, *, action: str = "safety_plan:view", **details: Any) -> dict[str, Any]:
        """What every page of a plan needs, with the look put on record."""
        case = view_case(self.record.reference, action=action, plan=self.plan.reference, **details)
        return {
            **page_context(case),
            "caption": f"{case.given_name} {case.family_name}, {self.plan.reference}",
            "back": Link(self.address, f"Safety plan {self.plan.reference}"),
            "plan": self.plan,
            "rules": self.rules,
            "standing": standing(self.plan),
        }


def find_safety_plan(reference: str) -> SafetyPlanFound:
    """The plan of an address, for whoever reads its case in full; for everyone else there is none."""
    plan, case = safety_plans.find_safety_plan(reference=reference) or abort(404)
    return SafetyPlanFound(plan, case, writing.rules_of(case, plan))


def to_decide(reference: str) -> SafetyPlanFound:
    """The same for whoever puts it in force, renews and ends it.

    Raises:
        Forbidden: the person only reads it.
    """
    found = find_safety_plan(reference)
    require(current(), "safety_plan:decide", directing_facts(current(), found.record))
    return found


@blueprint.route("/cases/<reference>/safety-plans", methods=["GET", "POST"])
@allow("safety_plan:view", shows="case")
def safety_plans_of_case(reference: str) -> ResponseReturnValue:
    """Every safety plan of a case; the button begins one, or goes on with the one that is not ended."""
    record = case_records.find_case(reference=reference_of(reference)) or abort(404)
    return take(
        OfferingForm(),
        lambda: writing.begin_safety_plan(actor=current(), case=record),
        template="plans/safety_plans.html",
        page=lambda: _plans_of(record),
        to=lambda plan: url_for("plans.write_safety_plan", reference=plan.reference),
    )


def _plans_of(record: Case) -> dict[str, Any]:
    case = view_case(record.reference, action="safety_plan:list")
    return {
        **page_context(case),
        "plans": safety_plans.of_case(case_id=case.id),
        "now_one": safety_plans.plan_now(record),
        "may_write": permitted(current(), "safety_plan:write"),
        "standing": standing,
    }


@blueprint.get("/safety-plans/<reference>")
@allow("safety_plan:view", shows="case")
def safety_plan(reference: str) -> ResponseReturnValue:
    """A plan as it stands, with its versions and renewals."""
    found = find_safety_plan(reference)
    said = safety_plans.written(plan_id=found.plan.id)
    made = safety_plans.versions(plan_id=found.plan.id)
    in_force = safety_plans.before_changes(plan=found.plan)
    return render(
        "plans/safety_plan.html",
        **found.page(),
        groups=groups(found.rules, said, in_force),
        facts=safety_plans.facts_of(plan=found.plan),
        versions=made,
        renewals=safety_plans.renewals(plan_id=found.plan.id),
        by_hand=by_hand_words.lines(by_hand.of_plan(plan_id=found.plan.id)),
        agreement=agreement,
        changed=in_force is not None,
        too_long=too_long(found.rules, {code: one.words for code, one in said.items()}),
        may_write=found.plan.state != SafetyPlanState.ENDED and permitted(current(), "safety_plan:write"),
        may_decide=found.plan.state != SafetyPlanState.ENDED and found.may_decide,
        may_renew=found.may_renew,
    )


@blueprint.get("/safety-plans/<reference>/print")
@allow("safety_plan:view", shows="case", releases="print")
def print_safety_plan(reference: str) -> ResponseReturnValue:
    """One side in plain words for the child and the carer: what policy says is printed, and nothing else."""
    show = partial(render, "plans/safety_print.html", printing=True, for_family=True)
    return _for_family(reference, "safety_plan:print", show)


def _for_family(
    reference: str, action: str, hand_over: Callable[..., ResponseReturnValue]
) -> ResponseReturnValue:
    """Hand over a plan in plain words, with what its page shows; or say why it cannot be."""
    found = find_safety_plan(reference)
    made = safety_plans.versions(plan_id=found.plan.id)
    problem = barred(found, made)
    page = found.page(action=action, edition=made[0].edition if made else 0)
    if problem is not None:
        return render("plans/safety_print_barred.html", **page, problem=problem)
    said = safety_plans.written(plan_id=found.plan.id, up_to=made[0].number)
    child = page["case"].given_name
    printed = family_page(plan=found.plan, version=made[0], given_name=child, rules=found.rules, said=said)
    return hand_over(**page, printed=printed)


def barred(found: SafetyPlanFound, made: Any) -> DomainError | None:
    """Why there is nothing to print for the family now.

    Args:
        made: the versions that were in force, the newest first.
    """
    if why := barred_on(found.record):
        return DomainError(why)
    if found.plan.state != SafetyPlanState.IN_FORCE:
        return DomainError("Only a plan that is in force is printed for the child and the carer")
    said = safety_plans.written(plan_id=found.plan.id, up_to=made[0].number)
    try:
        writing.refuse_hidden(found.record, found.rules, {code: one.words for code, one in said.items()})
    except DomainError as refused:
        return refused
    return None


@blueprint.get("/safety-plans/<reference>/write")
@allow("safety_plan:write", shows="case")
def write_safety_plan(reference: str) -> ResponseReturnValue:
    """A plan to write in."""
    found = find_safety_plan(reference)
    if found.plan.state == SafetyPlanState.ENDED:
        return see_other(url_for("plans.safety_plan", reference=found.plan.reference))
    return _writing(found, _form(found))


@blueprint.post("/safety-plans/<reference>/write")
@allow("safety_plan:write", shows="case")
def keep_safety_plan(reference: str) -> ResponseReturnValue:
    """Save what was typed, and read it as a whole."""
    found = find_safety_plan(reference)
    form = _form(found)
    step = carry_out(form, lambda: _save(found, form))
    if not step.done:
        return _writing(found, form, step.problem)
    return see_other(url_for("plans.safety_plan", reference=found.plan.reference), done="Saved")


@blueprint.post("/safety-plans/<reference>/save")
@allow("safety_plan:write", background=True)
def save_safety_plan(reference: str) -> ResponseReturnValue:
    """Save what is being typed. Where somebody else wrote in the same part meanwhile, both are shown."""
    found = find_safety_plan(reference)
    form = _form(found)
    try:
        return autosave(
            lambda: _save(found, form),
            differences=lambda both: where_they_met(both, found.rules.fields.label),
            stands=lambda: found.plan.number,
            keep=url_for("plans.keep_safety_plan", reference=found.plan.reference),
            write=url_for("plans.write_safety_plan", reference=found.plan.reference),
        )
    except DomainError as problem:  # shown in the same place; saving again as it stands would not help
        refused = {"problem": problem, "reference": found.plan.reference}
        return make_response(render_template("plans/safety_refused.html", **refused), 409)


def _form(found: SafetyPlanFound) -> WritingForm:
    shape = writing_form(found.rules)
    form = shape(data={"version": str(found.plan.number)})
    if not form.is_submitted():
        said = safety_plans.written(plan_id=found.plan.id)
        words = {code: one.words for code, one in said.items()}
        form = shape(data=words | {"version": str(found.plan.number)})
    return form


def _save(found: SafetyPlanFound, form: WritingForm) -> int:
    return writing.save_words(
        actor=current(),
        case=found.record,
        plan=found.plan,
        words=form.given(),
        seen=form.seen_version,
    )


def _writing(found: SafetyPlanFound, form: WritingForm, problem: DomainError | None = None) -> Response:
    """The form. After a clash a second saving is one that has seen what the other wrote."""
    differences: Any = ()
    if isinstance(problem, Conflict):
        differences = where_they_met(problem.versions, found.rules.fields.label)
        form.version.data = str(found.plan.number)
    return render(
        "plans/safety_write.html",
        **found.page(),
        form=form,
        problem=problem,
        differences=differences,
        readers=list(SafetyReader),
        written=safety_plans.written(plan_id=found.plan.id),
        too_long=too_long(found.rules, form.given()),
    )


@blueprint.get("/safety-plans/<reference>/pdf")
@allow("safety_plan:view", shows="case", releases="export")
def download_safety_plan(reference: str) -> ResponseReturnValue:
    """The PDF of a plan that is or was in force; a draft has none."""
    found = find_safety_plan(reference)
    made = safety_plans.versions(plan_id=found.plan.id) or abort(404)
    page = found.page(action="safety_plan:download", edition=made[0].edition)
    return send(
        safety_plan_document(
            plan=found.plan,
            case=page["case"],
            policy=page["policy"],
            alerts=page["alerts"],
            rules=found.rules,
            versions=made,
        )
    )


@blueprint.get("/safety-plans/<reference>/family.pdf")
@allow("safety_plan:view", shows="case", releases="export")
def download_for_family(reference: str) -> ResponseReturnValue:
    """The PDF for the child and the carer, where nothing stands against handing it over."""
    return _for_family(
        reference,
        "safety_plan:download_for_family",
        lambda plan, case, printed, **_page: send(for_family(plan=plan, case=case, printed=printed)),
    )


_on_plan = StepsOn[SafetyPlanFound](
    lambda found: {"case": found.record, "plan": found.plan},
    page=SafetyPlanFound.page,
    to=lambda found: found.address,
)


@blueprint.route("/safety-plans/<reference>/in-force", methods=["GET", "POST"])
@allow("safety_plan:decide", shows="case")
def put_safety_plan_in_force(reference: str) -> ResponseReturnValue:
    """Say who agrees to the plan as it is written now, and let it hold."""
    found = to_decide(reference)
    first = found.plan.state == SafetyPlanState.DRAFT
    shape = InForceForm if first else AgreementForm
    opened = {"version": str(found.plan.number), "edition": str(edition_now(found.plan))}
    form = shape(data=opened | {"until": longest(found.record)})
    step = carry_out(
        form,
        lambda: put_in_force(
            actor=current(),
            case=found.record,
            plan=found.plan,
            agreement=form.agreement,
            seen=form.seen_version,
            edition=form.seen_edition,
            until=form.until.data if isinstance(form, InForceForm) else None,
        ),
    )
    if step.done:
        return see_other(found.address, done="The safety plan is in force")
    if step.problem:
        form.version.data, form.edition.data = str(found.plan.number), str(edition_now(found.plan))
    said = safety_plans.written(plan_id=found.plan.id)
    return render(
        "plans/safety_in_force.html",
        **found.page(),
        form=form,
        problem=step.problem,
        first=first,
        latest=longest(found.record),
        groups=groups(found.rules, said, safety_plans.before_changes(plan=found.plan)),
        said=said,
        too_long=too_long(found.rules, {code: one.words for code, one in said.items()}),
    )


@blueprint.route("/safety-plans/<reference>/renew", methods=["GET", "POST"])
@allow("safety_plan:decide", shows="case")
def renew_safety_plan(reference: str) -> ResponseReturnValue:
    """Let a plan last longer, with a reason."""
    found = to_decide(reference)
    form = RenewForm.opened(found.plan, until=longest(found.record))
    return _on_plan.take(
        found,
        form,
        partial(renew, until=form.until.data, reason=form.said("reason")),
        lambda: _renewal(found),
        done="The safety plan goes on",
    )


@blueprint.route("/safety-plans/<reference>/end", methods=["GET", "POST"])
@allow("safety_plan:decide", shows="case")
def end_plan(reference: str) -> ResponseReturnValue:
    """End a plan before its time, with a reason."""
    found = to_decide(reference)
    form = ReasonForm.opened(found.plan)
    return _on_plan.take(
        found,
        form,
        partial(end_safety_plan, reason=form.said("reason")),
        lambda: _end(found),
        done="The safety plan is ended. What it said stays to be read",
    )


def _renewal(found: SafetyPlanFound) -> Words:
    plan = found.plan
    ends = (
        f"It ended with a meeting on {day(plan.ended_at)}."
        if plan.state == SafetyPlanState.ENDED
        else f"It was to end on {day(plan.valid_until)}."
    )
    return Words(
        heading="Renew the safety plan",
        title=f"Renew safety plan {plan.reference}",
        lead=[f"{ends} At the latest it can hold until {day(longest(found.record))}."],
        button="Renew it",
    )


def _end(found: SafetyPlanFound) -> Words:
    draft = found.plan.state == SafetyPlanState.DRAFT
    return Words(
        heading="Give the safety plan up" if draft else "End the safety plan",
        title=f"End safety plan {found.plan.reference}",
        lead=["What it said stays to be read. Tell the child and the carer, and take back what was printed."],
        button="End it",
    )
