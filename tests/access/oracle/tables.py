"""Which rule of the requirement each table follows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row

from portal.vocabulary import Sector
from tests.access.oracle import (
    attached,
    beside,
    by_hand,
    endings,
    gatherings,
    graded,
    journeys,
    moments,
    panels,
    picture,
    planning,
    plans,
    records,
    watched,
)

if TYPE_CHECKING:
    from tests.access.oracle.requirement import Person

SENT = ("sent", "in_triage", "waiting_for_sender", "decided", "fed_back")

R = Row[Any]


def rules(who: Person) -> dict[str, Callable[[R], bool]]:
    """The rule of every table."""

    def everyone(_row: R) -> bool:
        return True

    def signed_in(_row: R) -> bool:
        return who.user is not None

    def of_case(row: R) -> bool:
        return who.full(row.case_id)

    def of_record(row: R) -> bool:
        return who.record(row.child_id)

    def of_referral(row: R) -> bool:
        return who.referral(row.referral_id)

    def of_triage(row: R) -> bool:
        return who.triages(row.referral_id)

    def own(row: R) -> bool:
        return who.user is not None and row.user_id == who.id

    def looked_after(row: R) -> bool:
        return who.user is not None and who.looks_after(row.user_id)

    def governance(_row: R) -> bool:
        return who.has("governance")

    def statement(row: R) -> bool:
        open_to = not row.do_not_disclose or who.agency_id in (row.agency_id, *row.named_agencies)
        return open_to and who.record(row.child_id)

    def answer(row: R) -> bool:
        if not who.request(row.request_id):
            return False
        own_answer = row.agency_id == who.agency_id
        return own_answer or (who.handled(row) and (row.case_id is None or who.full(row.case_id)))

    def grant(row: R) -> bool:
        reviewed = who.has("governance") and row.kind in {"break_glass", "subject_access"}
        return reviewed or who.full(row.case_id)

    def notice(row: R) -> bool:
        referral = who.truth.one("referral", row.referral_id)
        return (referral.state in SENT and who.is_coordinator) or who.leavers_draft(referral)

    return {
        **dict.fromkeys(("agency", "team", "identity_provider", "agency_provider"), everyone),
        **dict.fromkeys(("heartbeat", "state_transition"), everyone),
        **dict.fromkeys(("app_user", "team_member"), signed_in),
        "user_identity": lambda row: own(row) or looked_after(row),
        "staff_invite": looked_after,
        "role_change": lambda row: own(row) or looked_after(row),
        "saved_filter": own,
        "idempotency_key": own,
        "document_job": lambda row: who.session_id is not None and row.session_id == who.session_id,
        "child": lambda row: who.identity(row.id),
        **dict.fromkeys(
            ("child_record", "child_identifier", "child_alias", "child_status", "child_correction"), of_record
        ),
        "child_statement": statement,
        "statement_release": lambda row: statement(who.truth.one("child_statement", row.statement_id)),
        "held_words": lambda row: governance(row) or who.record(row.child_id),
        "child_link": lambda row: who.record(row.child_a) and who.record(row.child_b),
        "name_key": lambda row: of_record(row) or (not row.from_alias and who.identity(row.child_id)),
        "cre_case": lambda row: who.full(row.id),
        "case_notice": lambda row: bool(who.reach(row.case_id)),
        **dict.fromkeys(("involvement", "alert", "sensitivity_change"), of_case),
        **moments.rules(who),
        **plans.rules(who),
        **planning.rules(who),
        "access_grant": grant,
        "chronology_entry": lambda row: who.handled(row) and of_case(row),
        "entry_draft": lambda row: row.author_id == who.id and of_case(row),
        "referral": lambda row: who.referral(row.id),
        "referral_notice": notice,
        "referral_seal": of_case,
        **dict.fromkeys(("referral_subject", "referral_message", "feedback"), of_referral),
        "referral_source": lambda row: (
            (who.user is not None and who.wrote(who.truth.one("referral", row.referral_id))) or of_triage(row)
        ),
        **dict.fromkeys(
            ("referral_colour", "referral_handover", "referral_presence", "referral_child"), of_triage
        ),
        **dict.fromkeys(("triage_decision", "intelligence_report"), of_triage),
        "social_care_referral": lambda row: of_triage(row) or who.front_door(row.id),
        "referral_reading": own,
        **dict.fromkeys(("look_reason", "look_exception"), lambda row: who.answers_for_looks_of(row.user_id)),
        "draft_opening": lambda row: (who.user is not None and row.manager_id == who.id) or governance(row),
        "disclosure": lambda row: who.disclosure(row.id),
        "disclosure_text": lambda row: who.disclosure(row.disclosure_id) and not who.has("governance"),
        "disclosure_child": lambda row: who.disclosure(row.disclosure_id),
        "information_request": lambda row: who.request(row.id),
        "information_answer": answer,
        "deadline": who.deadline,
        **gatherings.rules(who),
        **attached.rules(who, answer),
        **records.rules(who),
        **graded.rules(who),
        **journeys.rules(who),
        **endings.rules(who),
        **picture.rules(who),
        **watched.rules(who),
        **panels.rules(who),
        **beside.rules(who),
        **by_hand.rules(who),
        "audit_event": lambda row: who.user is not None and (row.actor_id == who.id or who.has("governance")),
        **dict.fromkeys(("audit_seal", "audit_search"), governance),
        "case_scope": lambda row: _holds(row, who) and row.reader in readers(who),
        "child_scope": lambda row: _holds(row, who) and row.reader in readers(who),
        "missing_scope": lambda row: _holds(row, who) and row.reader in readers(who),
        "concern_scope": lambda row: row.reader in readers(who),
    }


def readers(who: Person) -> set[UUID]:
    """The readers that a person is: themselves, their teams, their agency's managers, the hub."""
    if who.user is None or not who.sees_cases():
        return set()
    found = {who.user.id, *who.teams}
    if who.has("manager"):
        found.add(who.user.agency_id)
    if who.is_coordinator:
        found.add(UUID(int=0))
    return found | _practices(who)


def _practices(who: Person) -> set[UUID]:
    """Everybody of their agency, of the police, of an authority’s social care, of a district’s councils."""
    if not who.practises or who.user is None:
        return set()
    agency = who.truth.one("agency", who.user.agency_id)
    words = {f"agency:{agency.id}"}
    if agency.sector == Sector.POLICE:
        words.add("sector:police")
    if agency.sector == Sector.SOCIAL_CARE and agency.authority:
        words.add(f"social_care:{agency.authority}")
    if picture.answers_a_front_door(who):
        words.add("desk:front_door")
    if agency.sector == Sector.COUNCIL:
        words |= {f"council:{district}" for district in agency.districts}
    return {UUID(hashlib.md5(one.encode(), usedforsecurity=False).hexdigest()) for one in words}


def _holds(row: R, who: Person) -> bool:
    return bool(row.until > who.truth.now)
