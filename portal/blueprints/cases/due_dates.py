"""When the duties of a case are due: where each date comes from, who moved it, and moving it again."""

from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.permissions import permitted, require_on
from portal.access.principal import current
from portal.blueprints.cases import blueprint, page_context, record_of, view_case
from portal.changes.errors import Conflict
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.policy import current_policy
from portal.records.cases.due_dates import MOVABLE, change_due_date, may_move, moving_facts
from portal.records.cases.forms import DueDateForm
from portal.records.cases.presenter import duty_words
from portal.records.cases.reading import records as cases
from portal.web.due_presenter import due_source
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import carry_out


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
