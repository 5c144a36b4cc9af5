"""Shared cases: lists, the page of one case, and what people who work on it do there.

The blueprint of cases, and what its views share: a case found or not, and recorded.
"""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any, NoReturn
from uuid import UUID

from flask import Blueprint, abort, url_for

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, permitted, require
from portal.access.principal import Principal, current
from portal.pages.case_frame import parts
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.grants import chairs_open_meeting
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.cases.presenter import strip_item
from portal.records.cases.reading import records as case_records
from portal.records.cases.reading.lists import HUB
from portal.records.entries.forms import EntryForm
from portal.records.entries.reading import case_page
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence.forms import IntelligenceForm
from portal.records.linked_processes.policy import LinkedProcesses
from portal.records.missing.presenter.running import with_missing
from portal.vocabulary import Role, Sector
from portal.web.choices import identifiers
from portal.web.steps import Link, StepsOn

blueprint = Blueprint("cases", __name__, url_prefix="/cases")


#: What is begun only while a case is open; on one that ended it is reopened first.
_ONLY_OPEN = frozenset(
    {"assess", "add_team", "call_meeting", "add_alert", "move_dates", "ask", "close", "discuss", "hand_over"}
)
ONLY_NOTICE = "You can see that this case exists and who leads it, but not what is in it."


def reference_of(typed: str) -> str:
    """The reference in an address as it is stored; one that cannot be a case's is answered like none."""
    return read_reference(typed, Prefix.CASE) or abort(404)


def view_case(reference: str, *, action: str = "case:view", **details: Any) -> Any:
    """A case that the person reads in full, with the look put on record.

    Whoever sees only that it exists gets 403 with the reason; everyone else the 404 of no case at all.
    """
    case = case_page.head(reference=reference_of(reference))
    if case is None:
        refuse(reference)
    record_viewing(case, action, **details)
    return case


def record_viewing(case: Any, action: str = "case:view", **details: Any) -> None:
    """Put the look at a case on record, with what gives the person the right to it."""
    by = ground(current(), case.readers)
    audit.record(action, subject_kind="case", subject_id=case.id, case=case, ground=by, **details)


def record_of(reference: str) -> Case:
    """The case that a form works on, which the person reads in full."""
    return case_records.find_case(reference=reference_of(reference)) or refuse(reference)


def refuse(reference: str) -> NoReturn:
    """Answer for a case that the person does not read."""
    if case_page.notice(reference=reference_of(reference)) is not None:
        raise Forbidden(ONLY_NOTICE)
    abort(404)


def ground(person: Principal, readers: Iterable[UUID]) -> str:
    """Through which of their readers a person reaches a case: the broadest that gives it."""
    found = set(readers)
    if HUB in found and person.is_coordinator:
        return "hub"
    if found & person.team_ids:
        return "team"
    if person.agency_id in found:
        return "agency manager"
    return "named"


def page_context(case: Any, alerts: Iterable[Any] | None = None) -> dict[str, Any]:
    """What every page of a case needs: the case, its alerts at the head, and the marking."""
    policy = current_policy(case.authority)
    found = case_page.alerts(case_id=case.id) if alerts is None else alerts
    return {
        "case": case,
        "policy": policy,
        "alerts": found,
        "alert_strip": with_missing(case.missing_now, [strip_item(one, policy) for one in found]),
        "alerts_to_give": _to_give(case, found),
        "case_parts": parts(case),
        "marking": True,
    }


def _to_give(case: Any, alerts: Iterable[Any]) -> list[Any]:
    """The alerts for which somebody answers who does not read the case, for whoever may choose another."""
    if not permitted(current(), "alert:change", facts(case)):
        return []
    return [one for one in alerts if not one.owner_reads]


def step_on(case: Any) -> dict[str, Any]:
    """The same for the page of a step: also whose case it is, and the way back to it."""
    return page_context(case) | {
        "back": Link(url_for("cases.show", reference=case.reference), f"Case {case.reference}"),
        "caption": f"{case.given_name} {case.family_name}, {case.reference}",
    }


def address(case: Case, part: str = "") -> str:
    """The page of a case, or a part of it."""
    return url_for("cases.show", reference=case.reference, _anchor=part or None)


on_case = StepsOn[Case](
    lambda case: {"case": case}, page=lambda case: step_on(view_case(case.reference)), to=address
)


def facts(case: Any, **more: bool) -> Facts:
    """What decides verbs on a case."""
    return Facts(lead_professional=case.lead_professional_id == current().user_id, **more)


def own_entry(verb: str, reference: str, entry_id: UUID) -> tuple[Case, ChronologyEntry]:
    """A case and an entry on it, for whoever may do something with an entry of their own agency.

    Raises:
        Forbidden: the person may not, or it is another agency's.
    """
    record = record_of(reference)
    entry = case_records.find_entry(case_id=record.id, entry_id=entry_id) or abort(404)
    require(current(), verb, facts(record, own_agency=entry.agency_id == current().agency_id))
    return record, entry


def known_facts(form: EntryForm | IntelligenceForm) -> dict[str, Any]:
    """What services need of something that is known: what happened, who may read it, and the family.

    A day without an hour is its midday, except today, which has not had its midday for sure.
    """
    happened_on = form.happened_on.data
    midday = datetime.combine(happened_on, time(12), tzinfo=clock.LOCAL_ZONE)
    return {
        "text": form.said("text"),
        "happened_at": clock.now() if happened_on == clock.today() else midday,
        "handling": Handling(form.handling.data),
        "listed": identifiers(form.agencies.data),
        "family_safe": FamilySafe(form.family_safe.data),
    }


def row_verbs(case: Any, network: Iterable[Any], alerts: Iterable[Any]) -> dict[str, Any]:
    """Which teams' workers and work, and which alerts, the person may change."""
    person = current()
    own = {row.id: row.agency_id == person.agency_id for row in network}
    owned = {row.id: row.owner_id == person.user_id for row in alerts}
    return {
        "may_name_worker": {
            one for one, ours in own.items() if permitted(person, "worker:name", facts(case, own_agency=ours))
        },
        "may_end": {
            one
            for one, ours in own.items()
            if permitted(person, "involvement:end", facts(case, own_agency=ours))
        },
        "may_change_alert": {
            one for one, mine in owned.items() if permitted(person, "alert:change", facts(case, owner=mine))
        },
    }


def chairs(case: Any) -> bool:
    """Whether the person chairs an open meeting on a case."""
    return chairs_open_meeting(actor=current(), case_id=case.id)


def verbs(case: Any, *, chairs_meeting: bool = False) -> dict[str, bool]:
    """What the person may do to a case as a whole; what they may not do is not offered."""
    person = current()
    leads_here = case.lead_agency_id == person.agency_id
    chairing = facts(case, chairs_open_meeting=chairs_meeting)
    assessed = person.user_id in (case.assessed_by or ())
    is_open = case.state in OPEN_CASE_STATES
    leading = facts(case, own_agency=leads_here)
    keepers = current_policy(case.authority).of(LinkedProcesses).keepers_of("strategy_discussion")
    discussing = facts(case, chairs_open_meeting=chairs_meeting, own_agency=person.sector in keepers)
    found = {
        "add_entry": permitted(person, "entry:add"),
        "add_intelligence": permitted(person, "intelligence:add"),
        "assess": permitted(person, "assessment:start", facts(case, own_agency=leads_here)),
        "add_team": permitted(person, "involvement:add", chairing),
        "call_meeting": permitted(person, "meeting:call", facts(case)),
        "add_alert": permitted(person, "alert:add"),
        "move_dates": permitted(person, "due_date:change", chairing),
        "name": permitted(person, "grant:add", facts(case)),
        "ask": permitted(person, "request:ask", chairing),
        "lead": permitted(person, "case:lead", facts(case, own_agency=leads_here)),
        "raise": permitted(person, "sensitivity:raise", facts(case)),
        "lower": permitted(person, "sensitivity:lower"),
        "confirm": permitted(
            person,
            "sensitivity:confirm",
            facts(case, own_agency=leads_here and person.has(Role.MANAGER)),
        ),
        "discuss": permitted(person, "linked:begin", discussing),
        "close": permitted(
            person, "case:close", facts(case, chairs_open_meeting=chairs_meeting, owner=assessed)
        ),
        "hand_over": permitted(person, "handover:write", leading),
        "reopen": not is_open and permitted(person, "case:reopen", leading),
        "health": person.sector is Sector.HEALTH,
    }
    return {verb: may and (is_open or verb not in _ONLY_OPEN) for verb, may in found.items()}
