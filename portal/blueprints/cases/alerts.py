"""Alerts of a case, and when its duties are due: where each date comes from, who moved it, and moving it
again.
"""

from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.permissions import permitted, require, require_on
from portal.access.principal import current
from portal.blueprints.cases import address, blueprint, on_case, page_context, record_of, step_on, view_case
from portal.changes.errors import Conflict
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.pages.chronologies.presenter import places_of
from portal.pages.chronologies.reading import NAMING, naming_held
from portal.policy import current_policy
from portal.policy.work import AlertType
from portal.records.cases import alerts
from portal.records.cases.alerts import MOVABLE, change_due_date, may_move, moving_facts
from portal.records.cases.forms import AlertForm, AlertReviewForm, DueDateForm, ReasonForm
from portal.records.cases.model import Alert, Case
from portal.records.cases.presenter import STAYS_HELD, duty_words, held_back_by
from portal.records.cases.reading import records as case_records
from portal.records.cases.reading import records as cases
from portal.records.entries.reading import case_page
from portal.records.people.model import User
from portal.web.due_presenter import due_source
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import Words, carry_out


@blueprint.get("/<reference>/due-dates")
@allow("case:view", shows="case")
def dates_due(reference: str) -> ResponseReturnValue:
    """What is due on a case and what was, with where each date comes from and who moved it."""
    record = record_of(reference)
    case = view_case(reference, action="case:due_dates")
    owed, over = cases.of_case(case_id=case.id), cases.of_case(case_id=case.id, open_ones=False)
    every = [*owed, *over]
    may = permitted(current(), "due_date:change", moving_facts(current(), record))
    return render(
        "cases/due_dates.html",
        **page_context(case),
        owed=owed,
        over=over,
        sources={one.id: due_source(one, record.authority) for one in every},
        changes=cases.changes(deadline_ids=[one.id for one in every]),
        what={one.id: duty_words(one) for one in every},
        states={state.value: state.label for state in DeadlineState},
        movable={one.id for one in owed if may and may_move(one, record)},
        now=clock.now(),
    )


@blueprint.route("/<reference>/due-dates/<uuid:deadline_id>", methods=["GET", "POST"])
@allow("due_date:change", shows="case")
def change_due(reference: str, deadline_id: UUID) -> ResponseReturnValue:
    """Let a meeting, review, strategy discussion or assessment be due on another day."""
    record = require_on("due_date:change", record_of(reference), moving_facts)
    deadline = cases.find_due_date(case_id=record.id, deadline_id=deadline_id) or abort(404)
    if not may_move(deadline, record):
        abort(404)
    policy = current_policy(record.authority)
    form = DueDateForm(
        data={"on": clock.local(deadline.due_at).date(), "seen": deadline.due_at.isoformat()},
    )
    form.offer("code", [Choice(*one) for one in policy.cases.due_date_reasons.choices()])
    timed = MOVABLE[DeadlineKind(deadline.kind)]
    step = carry_out(
        form,
        lambda: change_due_date(
            actor=current(),
            case=record,
            deadline=deadline,
            on=form.on.data,
            at=form.at.time_of_day if timed else None,
            code=form.said("code"),
            reason=form.said("reason"),
            seen=form.seen_due,
        ),
    )
    if step.done:
        return see_other(
            url_for("cases.dates_due", reference=record.reference),
            done="The date is changed. The first date stays on record",
        )
    if isinstance(step.problem, Conflict):
        form.seen.data = deadline.due_at.isoformat()
    return render(
        "cases/due_date.html",
        **page_context(view_case(reference)),
        form=form,
        problem=step.problem,
        deadline=deadline,
        timed=timed,
        what=DeadlineKind(deadline.kind).label,
        source=due_source(deadline, record.authority),
        changes=cases.changes(deadline_ids=[deadline.id])[deadline.id],
    )


@blueprint.route("/<reference>/alerts/new", methods=["GET", "POST"])
@allow("alert:add", shows="case")
def new_alert(reference: str) -> ResponseReturnValue:
    """Put an alert at the head of a case."""
    record = record_of(reference)
    policy = current_policy(record.authority)
    case = view_case(reference)
    form = AlertForm()
    form.offer("kind", [Choice(one.code, one.label, hint=_limit(one)) for one in policy.cases.alerts.offered])
    form.offer("owner", _owners(case))
    form.prefill(kind=request.args.get("kind"))  # asked for by a process such as a forced marriage
    return on_case.take(
        record,
        form,
        lambda **given: alerts.add_alert(
            kind=form.kind.data,
            text=form.said("text"),
            owner=_person(form.owner.data),
            review_on=form.review_on.data,
            child_told=form.child_told.data == "yes",
            told_reason=form.said("told_reason"),
            policy=policy,
            **given,
        ),
        Words(heading="Add an alert", button="Add the alert"),
        page=lambda: step_on(case),
        to=lambda alert: _words_of(record, alert) if alert.holds_back else address(record),
        done="Alert added",
    )


@blueprint.get("/<reference>/alerts/<uuid:alert_id>/words")
@allow("case:view", shows="case")
def alert_words(reference: str, alert_id: UUID) -> ResponseReturnValue:
    """Where words stand already that look like what an alert holds back, as far as one may be shown them."""
    record = record_of(reference)
    alert = case_records.find_alert(case_id=record.id, alert_id=alert_id) or abort(404)
    case = view_case(reference, action="case:held_words")
    context = page_context(case)
    found = naming_held(child_id=record.child_id, kinds=alert.holds_back)
    return render(
        "cases/held_words.html",
        **context,
        alert=alert,
        places=places_of(found.rows, context["policy"]),
        most=NAMING,
        looked_through=found.looked_through,
    )


@blueprint.route("/<reference>/alerts/<uuid:alert_id>/review", methods=["GET", "POST"])
@allow("alert:change", shows="case")
def review_alert(reference: str, alert_id: UUID) -> ResponseReturnValue:
    """Keep an alert until another day."""
    record, alert = _found(reference, alert_id)
    if back := _over(record, alert):
        return back
    case = view_case(reference)
    form = AlertReviewForm.opened(alert, owner=str(alert.owner_id))
    form.offer("owner", _owners(case))
    return on_case.take(
        record,
        form,
        lambda **given: alerts.review_alert(
            alert=alert,
            owner=_person(form.owner.data),
            review_on=form.review_on.data,
            policy=current_policy(record.authority),
            **given,
        ),
        Words(heading="Review an alert", above="cases/_alert_to_review.html", button="It is still true"),
        page=lambda: step_on(case),
        done="Alert reviewed",
        alert=alert,
    )


@blueprint.route("/<reference>/alerts/<uuid:alert_id>/end", methods=["GET", "POST"])
@allow("alert:change", shows="case")
def end_alert(reference: str, alert_id: UUID) -> ResponseReturnValue:
    """Take an alert off a case, with a reason."""
    record, alert = _found(reference, alert_id)
    if back := _over(record, alert):
        return back
    form = ReasonForm.opened(alert)
    return on_case.take(
        record,
        form,
        partial(alerts.end_alert, alert=alert, reason=form.said("reason")),
        Words(
            heading="End an alert",
            about="cases/_alert.html",
            lead=[
                "It then no longer stands at the head of the case. It stays on record.",
                *([STAYS_HELD] if alert.holds_back else []),
            ],
            button="End the alert",
            warns=True,
        ),
        done="Alert ended",
        alert=alert,
    )


def _words_of(case: Case, alert: Alert) -> str:
    """The page that lists where words of an alert stand. It looks for them when it is opened: an alert that
    was set stands, however long that takes.
    """
    return url_for("cases.alert_words", reference=case.reference, alert_id=alert.id)


def _found(reference: str, alert_id: UUID) -> tuple[Case, Alert]:
    record = record_of(reference)
    alert = case_records.find_alert(case_id=record.id, alert_id=alert_id) or abort(404)
    require(current(), "alert:change", alerts.alert_facts(current(), record, alert.owner_id))
    return record, alert


def _over(record: Case, alert: Alert) -> ResponseReturnValue | None:
    """Back to the case with how it ended, for whoever comes to an alert that has."""
    if (ended := alerts.how_it_ended(alert)) and request.method == "GET":
        flash(ended, "problem")
        return see_other(address(record))
    return None


def _owners(case: Any) -> list[Choice]:
    """Who can answer for an alert: those who work on the case, those named on it, and oneself."""
    people: dict[str, str] = {str(current().user_id): f"{current().name} (you)"}
    for row in case_page.network(case=case):
        if row.worker_id:
            people.setdefault(str(row.worker_id), f"{row.worker}, {row.agency}")
    for row in case_page.grants(case_id=case.id):
        people.setdefault(str(row.user_id), f"{row.name}, {row.agency}")
    return [Choice(value, label) for value, label in people.items()]


def _person(user_id: str) -> User:
    return case_records.find_person(user_id=UUID(user_id)) or abort(404)


def _limit(rule: AlertType) -> str:
    """How long an alert of a kind may stand before it is reviewed, and what it holds back."""
    within = rule.review_within
    unit = within.unit.value if within.value > 1 else within.unit.value.rstrip("s")
    limit = f"Reviewed within {within.value} {unit.replace('_', ' ')}"
    return f"{limit}. {held_back_by(rule)}" if rule.holds_back else limit
