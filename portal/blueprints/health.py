"""The workspace of health services: cases, what is asked and due, and what health found."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.cases import page_context, view_case
from portal.blueprints.home import workspace_of
from portal.pages import contributions
from portal.policy import current_policy
from portal.queries.paging import MomentCursor
from portal.records.entries.policy import Contributions
from portal.records.entries.presenter.words import entry_items, found_lines
from portal.records.entries.reading import case_page
from portal.records.plans import presenter as action_words
from portal.records.requests import reading as requests
from portal.records.requests.presenter import asked_parts
from portal.vocabulary import Sector
from portal.web.due_presenter import figure_words
from portal.web.page import page_links, render

blueprint = workspace_of("health", Sector.HEALTH)

#: How many of what health found the page of a case shows; the page of the case itself has all.
FOUND = 60


@blueprint.get("/summaries")
@allow("workspace:view", shows="list")
def summaries() -> ResponseReturnValue:
    """The cases without a summary of health that still counts."""
    after = MomentCursor.read(request.args.get("after"))
    page = contributions.summaries_wanted(person=current(), after=after)
    audit.record("health:summaries")
    return render(
        "health/summaries.html",
        rows=page.rows,
        lasts=figure_words(current_policy().of(Contributions).summary_lasts),
        most_cases=contributions.looks_at_most(person=current()),
        **page_links(page, "health.summaries"),
        marking=True,
        wide=True,
    )


@blueprint.get("/found")
@allow("workspace:view", shows="list")
def found() -> ResponseReturnValue:
    """Attendances, appointments missed and worries of the last days, on all the cases that one reaches."""
    after = MomentCursor.read(request.args.get("after"))
    kind = request.args.get("kind", "")
    kind = kind if kind in contributions.FOUND else ""
    wanted = [kind] if kind else list(contributions.FOUND)
    page = contributions.lately(person=current(), kinds=wanted, after=after)
    audit.record("health:found", kind=kind)
    policy = current_policy()
    return render(
        "health/found.html",
        lines=found_lines(page.rows, policy),
        kinds=[policy.of(Contributions).kinds[one] for one in contributions.FOUND],
        most_cases=contributions.looks_at_most(person=current()),
        chosen=kind,
        recent=figure_words(policy.of(Contributions).recent),
        **page_links(page, "health.found", kind=kind or None),
        marking=True,
        wide=True,
    )


@blueprint.get("/actions")
@allow("workspace:view", shows="list")
def actions() -> ResponseReturnValue:
    """What health still has to do on these cases, the worst first."""
    rows, policy = contributions.actions_for(person=current()), current_policy()
    audit.record("health:actions")
    lines = [action_words.line(one, policy) for one in rows]
    return render("health/actions.html", lines=lines, marking=True, wide=True)


@blueprint.get("/cases/<reference>")
@allow("case:view", shows="case")
def case(reference: str) -> ResponseReturnValue:
    """One case as health sees to it: the summary, what was found, what health has to do, what is asked."""
    found = view_case(reference, action="health:case")
    policy = current_policy(found.authority)
    kinds = policy.of(Contributions).kinds_of(Sector.HEALTH)
    latest, events = (
        case_page.entries(
            case_id=found.id, limit=FOUND, kinds=[one.code for one in kinds if one.latest_counts is which]
        )
        for which in (True, False)
    )
    return render(
        "health/case.html",
        **page_context(found),
        summary=next((one for one in entry_items(latest.rows, found) if not one.corrected_by), None),
        stale_before=contributions.stale_before(),
        entries=entry_items(events.rows, found),
        goes_on=events.next is not None,
        counts=contributions.counts_of(case_id=found.id),
        recent=figure_words(policy.of(Contributions).recent),
        lines=[action_words.line(one, policy) for one in contributions.actions_of(case_id=found.id)],
        kinds=kinds if permitted(current(), "entry:add") else (),
        **asked_parts(requests.of_case(case_id=found.id)),
    )
