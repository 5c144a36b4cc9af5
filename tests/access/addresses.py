"""Which record each part of an address names."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from tests.access.scene_concerns import NAMES
from tests.access.scene_missing import RETURNED_ADDRESSES, RETURNED_PREFIXES
from tests.access.scene_panels import OF_PANELS, PREFIXES_OF_PANELS

#: For each blueprint, and where needed each route, which record each part of the address names.
ADDRESSES: dict[str, Mapping[str, str]] = {
    "cases": {
        "reference": "case",
        "entry_id": "entry",
        "alert_id": "alert",
        "change_id": "sensitivity change",
        "involvement_id": "involvement",
        "grant_id": "grant",
        "request_id": "access request",
        "answer": "=agree",
        "deadline_id": "due date",
    },
    "cases.end": {"kind": "=closed"},
    "cases.download_hand_over": {"kind": "=transfer"},
    **{
        f"cases.{name}": {"kind": "=transition"}
        for name in (
            *("hand_over", "begin_handing_over", "keep_hand_over", "save_handing_over"),
            "print_hand_over",
        )
    },
    "health": {"reference": "case"},
    "assessments": {
        "reference": "assessment",
        "section": "=voice",
        "entry_id": "entry",
        "citation_id": "citation",
    },
    "assessments.start": {"reference": "case"},
    "assessments.levels": {"reference": "case"},
    "assessments.download": {"reference": "finalised assessment"},
    **{
        f"plans.{name}": {"reference": "safety plan"}
        for name in (
            *("safety_plan", "write_safety_plan", "keep_safety_plan", "save_safety_plan"),
            *("print_safety_plan", "put_safety_plan_in_force", "renew_safety_plan", "end_plan"),
            *("download_safety_plan", "download_for_family"),
        )
    },
    "plans": {"reference": "action", "part": "=goal"},
    **{
        f"plans.{name}": {"reference": "case"}
        for name in ("show", "print_plan", "download_plan", "give", "say_part", "safety_plans_of_case")
    },
    "plans.give_on_concern": {"reference": "concern"},
    "places": {"reference": "place", "guardian_id": "guardian", "fact_id": "place fact"},
    "directory": {"entry_id": "contact"},
    "linked_processes": {"reference": "process", "step_id": "step"},
    "linked_processes.of_case": {"reference": "case"},
    "linked_processes.choose": {"reference": "case"},
    "linked_processes.begin_process": {"reference": "case", "kind": "=nrm"},
    "attachments": {"reference": "file"},
    "attachments.on_draft": {"reference": "draft"},
    "attachments.take_out_of_draft": {"reference": "draft", "file_reference": "draft file"},
    "attachments.on_episode": {"reference": "returned episode"},
    "attachments.picture": {"reference": "returned episode", "file_reference": "picture"},
    "attachments.on_entry": {"reference": "case", "entry_id": "entry"},
    "attachments.on_answer": {"reference": "question", "answer_id": "answer"},
    "attachments.on_meeting": {"reference": "meeting"},
    "children": {
        "reference": "child",
        "kind": "=address",
        "correction_id": "correction",
        "identifier_id": "identifier",
        "status_id": "status",
        "statement_id": "statement",
        "link_id": "link",
    },
    "hub": {
        "reference": "referral",
        "position": "=1",
        "child_reference": "child",
        "made_id": "social care referral",
        "filter_id": "filter",
        "disclosure_reference": "disclosure",
    },
    "disclosures": {"reference": "disclosure"},
    "disclosures.ledger": {"reference": "case"},
    "requests": {"reference": "question"},
    "requests.ask_about_case": {"reference": "case"},
    "requests.ask_about_form": {"reference": "referral"},
    "requests.ask_for_meeting": {"reference": "meeting"},
    "referrals": {"reference": "referral"},
    **{f"referrals.{name}": {"reference": "left draft"} for name in ("left_draft", "open_left")},
    **{
        f"referrals.{name}": {"reference": "draft", "step": "=urgency"}
        for name in ("check", "discard", "ring", "save", "send", "step")
    },
    "meetings": {
        "reference": "meeting",
        "invitation_id": "invitation id",
        "case_reference": "case",
        "item_id": "heading",
        "action_id": "action id",
        "line_id": "=01a22430-0000-7000-8000-000000000000",  # made by the page
        "decision_id": "meeting decision",
        "closed_id": "closed part",
        "user_id": "person",
        "proposal_id": "lower level",
        "entry_id": "entry",
    },
    "meetings.lower_level": {"reference": "case"},
    **{f"meetings.{name}": {"reference": "invitation"} for name in ("invitation", "answer_invitation")},
    "meetings.call_on_case": {"reference": "case"},
    **OF_PANELS,
    "minutes": {
        "reference": "meeting",
        "correction_id": "correction of minutes",
        "case_reference": "case",
    },
    **{f"minutes.{name}": {"reference": "minutes"} for name in ("show", "print_view", "download", "correct")},
    "concerns": NAMES,
    "orders": {"reference": "order"},
    "by_hand": {"reference": "told by hand"},
    "by_hand.correct": {"reference": "told by hand and recorded"},
    "orders.new_order": {"reference": "concern"},
    "orders.of_child": {"reference": "child"},
    **RETURNED_ADDRESSES,
    "auth": {"session_id": "session", "provider_code": "provider code"},
    "downloads": {"job_id": "long document"},
    "messages": {"message_id": "message", "suspension_id": "suspended address", "untold_id": "untold"},
    "messages.retry": {"message_id": "dead message"},
    "absences": {"absence_id": "absence", "user_id": "person"},
    "looks": {"reference": "case", "user_id": "person"},
    "work": {"user_id": "person"},
    "admin": {
        "user_id": "person",
        "code": "agency code",
        "agency_code": "agency code",
        "team_id": "team",
        "change_id": "change of roles",
    },
    **{
        f"admin.{name}": {"code": "provider code"}
        for name in ("provider", "change_provider", "switch_provider_on", "switch_provider_off")
    },
}

#: How the reference of each kind of record begins; other records have an identifier.
PREFIXES = {
    "case": Prefix.CASE,
    "child": Prefix.CHILD,
    "referral": Prefix.REFERRAL,
    "draft": Prefix.REFERRAL,
    "left draft": Prefix.REFERRAL,
    "disclosure": Prefix.DISCLOSURE,
    "question": Prefix.REQUEST,
    "meeting": Prefix.MEETING,
    "invitation": Prefix.INVITATION,
    "minutes": Prefix.MINUTES,
    **PREFIXES_OF_PANELS,
    "assessment": Prefix.ASSESSMENT,
    "action": Prefix.ACTION,
    "concern": Prefix.CONCERN,
    "place": Prefix.CONCERN,
    "finalised assessment": Prefix.ASSESSMENT,
    "safety plan": Prefix.SAFETY_PLAN,
    **RETURNED_PREFIXES,
    "file": Prefix.ATTACHMENT,
    "draft file": Prefix.ATTACHMENT,
    "other concern": Prefix.CONCERN,
    "order": Prefix.ORDER,
    "told by hand": Prefix.BY_HAND,
    "told by hand and recorded": Prefix.BY_HAND,
}


def parts(rule: Rule) -> dict[str, str]:
    """Which record each part of a route's address names.

    Raises:
        LookupError: `ADDRESSES` does not say.
    """
    blueprint = rule.endpoint.partition(".")[0]
    known = {**ADDRESSES.get(blueprint, {}), **ADDRESSES.get(rule.endpoint, {})}
    missing = sorted(rule.arguments - set(known))
    if missing:
        raise LookupError(f"{rule.rule}: say in tests/access/addresses.py which record {missing} names")
    return {argument: known[argument] for argument in rule.arguments}


def address(app: Flask, rule: Rule, names: Mapping[str, str]) -> str:
    """The address of a route for the records in `names`."""
    values: dict[str, Any] = {
        argument: record[1:] if record.startswith("=") else names[record]
        for argument, record in parts(rule).items()
    }
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def unknown() -> dict[str, str]:
    """Well-formed names of records that do not exist."""
    made: dict[str, str] = {record: new_reference(prefix) for record, prefix in PREFIXES.items()}
    records = {record for names in ADDRESSES.values() for record in names.values()}
    return {record: made.get(record) or str(new_id()) for record in records}
