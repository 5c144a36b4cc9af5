"""The page of one case, its print, and the notice of a case that one may not read."""

from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import near
from portal.access.principal import current
from portal.blueprints.cases.blueprint import blueprint
from portal.blueprints.cases.looking import around, ground, look, reference_of, row_verbs, verbs
from portal.records.cases.presenter import case_facts, duties, grant_label, level_words, notice_contact
from portal.records.cases.reading import records as cases
from portal.records.closing.presenter import ended, reopened
from portal.records.entries.presenter.words import entry_items
from portal.records.entries.reading import case_page
from portal.records.entries.reading.case_page import EntryCursor, entries_within
from portal.records.linked_processes.presenter import alert_wanted, of_head
from portal.records.meetings.presenter.words import CaseMeetings
from portal.records.requests import reading as requests
from portal.records.requests.presenter import states, whom
from portal.records.safety_plans.presenter import standing
from portal.vocabulary import Role
from portal.web.glance import glance
from portal.web.page import render

#: How many entries one print holds; a longer chronology says that it goes on.
PRINTED = 500


@blueprint.get("/<reference>")
@allow("case:notice", shows="case")
def show(reference: str) -> ResponseReturnValue:
    """A case at a glance and what agencies know, newest first; its notice for whoever only may know of it."""
    case = case_page.head(reference=reference_of(reference)) if near(current(), "case:view") else None
    if case is None:
        return notice(reference)
    before = EntryCursor.read(request.args.get("before"))
    audit.record(
        "case:view",
        subject_kind="case",
        subject_id=case.id,
        child_id=case.child_id,
        case_id=case.id,
        ground=ground(current(), case.readers),
    )
    entries = case_page.entries(case_id=case.id, before=before)
    older = url_for("cases.show", reference=case.reference, before=str(entries.next)) if entries.next else ""
    page = page_parts(case)
    met = CaseMeetings.of(case)
    return render(
        "cases/show.html",
        **page,
        **row_verbs(case, page["network"], page["alerts"]),
        grant_label=grant_label,
        entries=entry_items(entries.rows, case),
        older=older,
        newest=before is None,
        **asked_parts(case.id),
        meetings=met,
        can=verbs(case, chairs_meeting=met.chaired_by(current().user_id)),
    )


@blueprint.get("/<reference>/print")
@allow("case:view", shows="case", releases="print")
def print_view(reference: str) -> ResponseReturnValue:
    """A case on paper: what this person may read of it, each entry with who else may."""
    case = look(reference, action="case:print")
    entries = entries_within(case_id=case.id, limit=PRINTED)
    return render(
        "cases/print.html",
        **page_parts(case),
        printing=True,
        entries=entry_items(entries.rows, case),
        goes_on=entries.next is not None,
    )


def asked_parts(case_id: UUID) -> dict[str, Any]:
    """What was asked on a case, where each question stands, and of whom."""
    asked = requests.of_case(case_id=case_id)
    return {"asked": asked, "asked_states": states(asked), "asked_of": whom}


def notice(reference: str) -> ResponseReturnValue:
    """That a case exists, how closely it is held, and whom to ask: nothing of the child."""
    found = case_page.notice(reference=reference_of(reference))
    if found is None:
        abort(404)
    audit.record(
        "case:notice",
        subject_kind="case",
        subject_id=found.case_id,
        case_id=found.case_id,
        ground="governance" if current().has(Role.GOVERNANCE) else "restricted",
    )
    teams = case_page.duty_teams(agency_id=found.lead_agency_id)
    asked = cases.asked_by(person=current(), case_id=found.case_id)
    return render(
        "cases/notice.html",
        notice=found,
        contact=notice_contact(found),
        teams=teams,
        may_ask=near(current(), "access:ask"),
        asked=asked,
        waiting=any(one.answered_at is None for one in asked),
        marking=True,
    )


def page_parts(case: Any) -> dict[str, Any]:
    """What the page and the print of a case both show."""
    page = around(case)
    owed = duties(case_page.deadlines(case_id=case.id), case.authority)
    network = case_page.network(case=case)
    return {
        **page,
        "network": network,
        "owed": owed,
        "glance": glance(case, page["policy"], owed=owed, network=network),
        "statuses": case_page.statuses(case=case),
        "grants": case_page.grants(case_id=case.id),
        "facts": case_facts(case, page["policy"]),
        "level": level_words(case.level),
        "linked": of_head(case),
        "wanted_alert": alert_wanted([one["kind"] for one in case.linked or ()], page["alerts"]),
        "ended": ended(case, page["policy"]),
        "reopened": reopened(case),
        "safety": standing(case.safety_plan) if case.safety_plan else None,
        "now": clock.now(),
    }
