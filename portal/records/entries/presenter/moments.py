"""What the next page says of a critical moment: whom it asks for what, made from the duty that was opened."""

from typing import Any

from sqlalchemy import select

from portal import clock
from portal.access.principal import current
from portal.extensions import db
from portal.messages.choices import covering_for, obstacles_of, stand_ins_of
from portal.messages.model import Absence
from portal.messages.told import STANDS_IN, when_sent
from portal.messages.vocabulary import HandReason
from portal.pathway.calendar import goes_out
from portal.policy import current_policy
from portal.policy.telling import RungWhen
from portal.queries.rows import LEFT
from portal.reminders.writing import About
from portal.web.filters import day, due

ADDED = "What you know was added to the case"


def added_words(asked: Any) -> str:
    """That an entry was added.

    Args:
        asked: whoever is to look at the risk assessment again, a row of
            `portal.records.entries.critical_moments.asked_to_review`; None where nobody is.
    """
    if asked is None:
        return ADDED
    if asked.owner_id == current().user_id:
        return f"{ADDED}. Look at the risk assessment again by {due(asked.due_at)}: you lead the case"
    when = _told(asked)
    if obstacle := _obstacle(asked):
        out = f" It goes out {when}." if when else ""
        who = asked.owner.removesuffix(LEFT)
        has_to = f"{who} has to look at the risk assessment again by {due(asked.due_at)}"
        return f"{ADDED}. {has_to}, but {obstacle}{out}"
    tells = f" The e-mail that asks for it goes out {when}" if when else ""
    by = due(asked.due_at)
    return f"{ADDED}. {asked.owner} is asked to look at the risk assessment again, by {by}.{tells}"


def _told(asked: Any) -> str:
    """When the reminders tell them of it (policy `reminders.ladders`); empty where only later ones do."""
    reminders = current_policy().reminders
    rungs = reminders.ladder(asked.kind, asked.source, asked.subject_kind).rungs
    first = next((one for one in rungs if one.when is RungWhen.OPENED), None)
    if first is None:
        return ""
    urgent = reminders.kinds[first.kind].urgent
    return when_sent(goes_out(reminders.hours, clock.now(), urgent=urgent))


def _obstacle(asked: Any) -> str:
    """Why they do not get it themselves, and who does; empty where they do."""
    about = About(asked.subject_kind, asked.subject_id, case_id=asked.case_id)
    people, teams = ([one] if one else [] for one in (asked.owner_id, asked.owner_team_id))
    (why,) = obstacles_of(about, people, teams).values() or (None,)
    if why is HandReason.AWAY:
        return _away(about, asked)
    return f"{_GONE[why]}: {STANDS_IN}" if why in _GONE else ""


def _away(about: About, asked: Any) -> str:
    """Whoever covers the case is told by name, where that can be; only their agency sees until when."""
    today = clock.today()
    last = db.session.scalar(
        select(Absence.last_day)
        .where(Absence.user_id == asked.owner_id, Absence.ended_at.is_(None))
        .where(Absence.first_day <= today, Absence.last_day >= today)
        .order_by(Absence.last_day.desc())
        .limit(1)
    )
    away, owner = f"is away{f' until {day(last)}' if last else ''}", {asked.owner_id}
    if deputy := stand_ins_of(about, owner).get(asked.owner_id):
        return f"{away}: the e-mail goes to {deputy}, who covers the case."
    return f"{away}{'' if covering_for(about, owner) else ', and nobody covers the case'}: {STANDS_IN}"


_GONE = {
    HandReason.LEFT: "has left",
    HandReason.ADDRESS: "cannot be reached by e-mail",
    HandReason.TEAM_CLOSED: "is closed",
}
