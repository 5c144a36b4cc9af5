"""A case in words: codes become labels here, so that templates only lay out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from flask import url_for

from portal import clock
from portal.deadlines.rules import is_overdue
from portal.messages.told import STANDS_IN
from portal.pathway.calendar import age_on
from portal.policy import Policy, current_policy
from portal.policy.work import AlertType
from portal.queries.rows import filled
from portal.records.cases.alerts import MOVABLE
from portal.records.cases.vocabulary import GrantKind
from portal.records.linked_processes.facts import duty_label
from portal.vocabulary import CaseState, RiskLevel, Sensitivity
from portal.web.due_presenter import DueSource, due_source
from portal.web.filters import born_on, day, moment, nhs_number, upper_first

STATES = {state.value: state.label for state in CaseState}
LEVELS = {level.value: level.label for level in RiskLevel}
#: The due time of a case on which nothing is owed, as the scope table keeps it.
NOTHING_DUE = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Duty:
    """What is due, for whom, and whether it is late."""

    what: str
    due_at: datetime
    owner: str
    owner_id: UUID | None  # where a person has to do it
    overdue: bool
    original: datetime | None  # the first due time, when it was moved
    id: UUID
    kind: str
    source: DueSource | None  # where the date of a duty of the case itself comes from


def duties(rows: Iterable[Any], authority: str | None) -> Sequence[Duty]:
    """Open deadlines, earliest first."""
    now = clock.now()
    return [
        filled(
            Duty,
            row,
            what=duty_words(row),
            overdue=is_overdue(row.due_at, now),
            original=row.original_due_at if row.original_due_at != row.due_at else None,
            source=due_source(row, authority)
            if row.kind in MOVABLE and row.subject_kind == "cre_case"
            else None,
        )
        for row in rows
    ]


def duty_words(row: Any) -> str:
    """What a duty asks for; of several alike also of what or whom: “Carry out an action: Visit the home”."""
    return ": ".join(filter(None, (duty_label(row.kind, row.source), row.whom)))


def case_facts(case: Any, policy: Policy) -> list[dict[str, Any]]:
    """What a case is about, as rows of a summary list."""
    types, contexts = policy.exploitation.types, policy.exploitation.contexts
    districts = policy.areas.districts
    held = Sensitivity(case.sensitivity)
    return [
        {"key": "Where it stands", "value": CaseState(case.state).label},
        {"key": "Lead", "value": lead_words(case)},
        {"key": "Date of birth", "value": age_words(case)},
        {"key": "NHS number", "value": nhs_number(case.nhs_number)},
        {"key": "Types", "value": [types.label(code) for code in case.types] or ""},
        {"key": "Context", "value": [contexts.label(code) for code in case.contexts] or ""},
        {"key": "District", "value": districts.label(case.district) if case.district else ""},
        {"key": "Opened", "value": f"{day(case.opened_at)}: {case.reason}"},
        {
            "key": "Held",
            "value": f"{held.label}: {case.sensitivity_reason}" if case.sensitivity_reason else held.label,
        },
        *_referred(case.front_doors or ()),
    ]


def _referred(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"key": "Referred to social care", "value": ". ".join(map(_front_door, found))}] if found else []


def _front_door(made: Mapping[str, Any]) -> str:
    """That the child was referred to a front door, and what came of that: a sentence without its point."""
    policy = current_policy(made["authority"])
    whose = policy.areas.authorities.label(made["authority"])
    at, decided, back = (
        day(datetime.fromisoformat(made[one])) if made[one] else ""
        for one in ("made_at", "outcome_at", "taken_at")
    )
    outcome = policy.decisions.social_care_outcomes.label(made["outcome"])
    said = f"{outcome}, decided on {decided}" if decided else "not decided yet"
    return f"{whose} on {at}: {said}" + (f". The hub took this referral back on {back}" if back else "")


def lead_words(case: Any) -> str:
    """The lead professional with phone, and the agency; of one who does not read the case, who hears in their
    place.
    """
    if not case.lead_professional:
        return f"{case.lead_agency}. No lead professional named yet"
    if case.instead_of_lead:
        return f"{case.lead_professional}, {case.lead_agency}. {_instead_words(case)}"
    phone = f", {case.lead_phone}" if case.lead_phone else ""
    away = [
        covered_words(one) for one in case.covered or () if one["away_id"] == str(case.lead_professional_id)
    ]
    if case.lead_away:
        away.append(away_words(case))
    return ". ".join([f"{case.lead_professional}{phone}, {case.lead_agency}", *away])


def away_words(case: Any) -> str:
    """That whoever leads a case is away and nobody covers it: a sentence without its point."""
    away = f"{case.lead_professional} is away, and nobody was named to cover it for them"
    return f"{away}: {STANDS_IN.rstrip('.')}"


def _instead_words(case: Any) -> str:
    """That whoever leads a case does not read it, and who is told in their place."""
    hears = [
        ", ".join(filter(None, (one["name"], one["phone"]))) for one in case.instead_of_lead if one["name"]
    ]
    if not hears:
        return f"They do not read the case, and nobody of {case.lead_agency} does in their place"
    return f"They do not read the case. In their place is told: {'; '.join(hears)}"


def covered_words(cover: Mapping[str, Any]) -> str:
    """That somebody on a case is away, and who covers it: a sentence without its point.

    Args:
        cover: one of `covered` in `portal.records.entries.reading.case_page`.
    """
    phone = f", {cover['phone']}" if cover["phone"] else ""
    until = day(date.fromisoformat(cover["last_day"]))
    who = f"{cover['deputy']} covers the case{phone}" if cover["deputy"] else _COVERED_NO_MORE
    return f"{cover['away']} is away until {until}. {who}"


_COVERED_NO_MORE = "Nobody covers the case: whoever was to is away too, or does not read it any more"


def notice_contact(notice: Any) -> str:
    """Whom to ask about a case that one may not read."""
    if not notice.contact:
        return ""
    who = f"{notice.contact}, {notice.contact_phone}" if notice.contact_phone else notice.contact
    return f"{who}. Away until {day(notice.contact_away)}: ring a team there" if notice.contact_away else who


def grant_label(kind: str) -> str:
    """Why one person reads a case."""
    return GrantKind(kind).label


def case_table() -> dict[str, Any]:
    """What `cases/_table.html` needs beside its rows, worked out once for all of them."""
    return {
        "path": url_for("cases.index"),
        "now": clock.now(),
        "nothing_due": NOTHING_DUE,
        "states": STATES,
        "levels": LEVELS,
    }


#: What an alert leaves behind that held something back.
STAYS_HELD = "What it held back stays so until the agency that entered it lets it be seen again."


def held_back_by(rule: AlertType) -> str:
    """What an alert of a kind does besides standing at the head of the case."""
    return (
        f"What agencies say of the child’s {_what_is_held(rule)} is held back, now and while it stands: "
        "each is seen by the agency that entered it, by yours where it saw it, and by those named for it. "
        "So is a link of the child to a home or placement, unless they are taken or told to go there, and "
        "to a place or phone that looks like one of these. "
        "An answer of an agency to a question then stands on the page of the question alone, on no print, "
        "document or chronology, unless the agency said that it says nothing of that. Other words stay where "
        "they were written: a page under “Manage” lists where your agency wrote such words already, "
        "and where you read words that look like what your agency may see, so that they can be corrected. "
        "Whoever writes what is held back from now on is asked first. Only who reports or "
        "looks for the child while they are missing, and does not know them otherwise, is not: their agency "
        "and the police read what they write, it is held back from others who may not know it, and whoever "
        "answers for the alert or leads the case is told. When the alert "
        "ends, what it held back stays so until the agency that entered it lets it be seen again"
    )


def held_lines(alerts: Iterable[Any], policy: Policy) -> list[str]:
    """That something may be missing from what one reads of a child, and whom to ask; by alerts one reads."""
    rules = ((one, policy.cases.alerts.get(one.kind)) for one in alerts)
    return [
        f"{rule.label}: what agencies say of the child’s {_what_is_held(rule)} is held back while this alert"
        f" stands. You see what your agency may see; there may be more. Ask {one.owner}, who owns the alert."
        for one, rule in rules
        if rule is not None and rule.holds_back
    ]


def once_held_lines(ended: Mapping[str, date], policy: Policy) -> list[str]:
    """The same of alerts that have ended, by kind: what they held back may be held back still."""
    return [
        f"{rule.label}: an alert ended on {day(on)}. {STAYS_HELD} You see what your agency may see; there may"
        " be more."
        for kind, on in ended.items()
        if (rule := policy.cases.alerts.get(kind)) is not None
    ]


def _what_is_held(rule: AlertType) -> str:
    *first, last = [kind.label.lower() for kind in rule.holds_back]
    return f"{', '.join(first)} and {last}" if first else last


#: What becomes of the review of an alert with its case.
ALERT_AFTER_END = "The case has ended, so nobody is asked to review it"


def strip_item(alert: Any, policy: Policy) -> dict[str, Any]:
    """An alert as the strip shows it: what kind, what to do, what is known, who answers for it."""
    rule = policy.cases.alerts.get(alert.kind)
    return {
        "label": rule.label if rule else alert.kind,
        "text": f"{rule.hint}. {alert.text}" if rule and rule.hint else alert.text,
        "danger": not alert.on_ended_case and alert.review_on < clock.today(),
        "owner": alert.owner,
        "review_on": None if alert.on_ended_case else alert.review_on,
        "unreviewed": ALERT_AFTER_END if alert.on_ended_case else "",
    }


def decided(case: Any) -> list[tuple[datetime, RiskLevel]]:
    """The levels of a row of `case_page.head`, in order, for a picture (`portal.web.pictures.over_time`)."""
    return [(datetime.fromisoformat(one["at"]), RiskLevel(one["level"])) for one in case.levels or ()]


def level_words(level: str | None) -> str:
    """A level for people; a case that has none is not yet assessed."""
    return RiskLevel(level).label if level else "Not yet assessed"


def age_words(case: Any) -> str:
    """A date of birth with the age, or that it is not known."""
    if case.dob is None:
        return ""
    years = age_on(case.dob, clock.today())
    return f"{upper_first(born_on(case))}, aged {'about ' if case.dob_is_estimate else ''}{years}"


def answered_words(asked: Any) -> str:
    """Who answered whether somebody may read a case, when and how; for whoever could have answered too."""
    said = "they may read it" if asked.granted else "they may not read it"
    return (
        f"{asked.name}, {asked.agency}: {asked.answered_by} answered on {moment(asked.answered_at)}, {said}"
    )
