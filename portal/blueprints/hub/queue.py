"""The queue, its filters, and what nobody has confirmed yet above it."""

from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, principal
from portal.access.guard import allow
from portal.changes.errors import DomainError
from portal.policy import current_policy
from portal.records.triage import working
from portal.records.triage.presenter.queue import (
    chosen_items,
    filter_options,
    query_string,
    queue_rows,
    warnings,
)
from portal.records.triage.reading import records as triage
from portal.records.triage.reading.records import Place, QueueFilter
from portal.web.page import announce, render, see_other

from . import blueprint

PAGE = "hub.queue"


@blueprint.get("")
@allow("referral:triage", shows="list")
def queue() -> ResponseReturnValue:
    """What the hub has to see to, most pressing first."""
    person, policy = principal.current(), current_policy()
    wanted = _wanted()
    page = triage.queue(wanted=wanted, after=Place.read(request.args.get("after")))
    address = url_for(".queue")
    options = filter_options(wanted, policy, triage.senders())
    audit.record("referral:list", ground="hub", filter=wanted.as_query(), shown=len(page.rows))
    announce(f"{len(page.rows)} forms shown")
    return render(
        "hub/queue.html",
        rows=queue_rows(page.rows, policy),
        warnings=warnings(triage.red_receipts(), triage.social_care_referrals(), policy),
        passed=triage.passed_on(),
        feedback_owed=triage.feedback_owed(),
        options=options,
        chosen=chosen_items(wanted, options, address),
        wanted=wanted,
        here=query_string(wanted),
        later=bool(request.args.get("after")),
        next_page=address + query_string(wanted, after=str(page.next)) if page.next else "",
        saved=[
            (one.id, one.name, address + query_string(read_filter(one.query)))
            for one in triage.saved_filters(user_id=person.user_id, page=PAGE)
        ],
        marking=True,
        wide=True,
    )


@blueprint.post("/filters")
@allow("referral:triage")
def save_filter() -> ResponseReturnValue:
    """Keep the filter that is shown under a name."""
    wanted = _wanted()
    try:
        working.save(
            actor=principal.current(),
            page=PAGE,
            name=request.form.get("name", ""),
            query=wanted.as_query(),
        )
        flash("Filter saved")
    except DomainError as problem:
        flash(problem.message, "problem")
    return see_other(url_for(".queue") + query_string(wanted))


@blueprint.post("/filters/<uuid:filter_id>/remove")
@allow("referral:triage")
def remove_filter(filter_id: UUID) -> ResponseReturnValue:
    """Take a saved filter away."""
    working.remove(actor=principal.current(), filter_id=filter_id)
    flash("Filter removed")
    return see_other(url_for(".queue"))


def _wanted() -> QueueFilter:
    return read_filter({name: request.args.getlist(name) for name in ("district", "type", "agency", "state")})


def read_filter(query: dict[str, list[str]]) -> QueueFilter:
    """A filter from an address or from what was saved."""
    given = {name: tuple(query.get(name, ())) for name in ("district", "type", "agency", "state")}
    return QueueFilter(
        districts=given["district"], types=given["type"], agencies=given["agency"], states=given["state"]
    )
