"""Where a question stands, who may read an answer, and the teams that one can ask, in words."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from portal import clock
from portal.deadlines.rules import is_overdue
from portal.extensions import db
from portal.records.entries import rules
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Agency, User
from portal.records.people.reading.agencies import TeamChoice
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.records.requests.rules import was_released
from portal.records.requests.vocabulary import READS_INTELLIGENCE, Locates


@dataclass(frozen=True)
class TeamLine:
    """One team to tick."""

    value: str
    name: str
    duty_phone: str
    ticked: bool


def teams_by_agency(
    offered: Sequence[TeamChoice], *, ticked: Collection[str], sought: str
) -> list[tuple[str, list[TeamLine]]]:
    """The teams that a search finds, under their agencies. What is ticked already stays on the page.

    Args:
        ticked: the values of the teams that are chosen.
        sought: words of which each has to be part of the team, the agency or the line of work.
    """
    words = sought.casefold().split()
    found: dict[str, list[TeamLine]] = {}
    for team in offered:
        is_ticked = str(team.id) in ticked
        spoken = f"{team.label} {team.sector.label}".casefold()
        if is_ticked or all(word in spoken for word in words):
            line = TeamLine(str(team.id), team.name, team.duty_phone, is_ticked)
            found.setdefault(team.agency, []).append(line)
    return list(found.items())


_LATE = ("Late", "red")
_WAITING = ("Waiting", "yellow")
_ANSWERED = ("Answered", "green")
_NOTHING_HELD = ("Nothing held", "grey")
_RELEASED = ("Released", "green")
_WITHDRAWN = ("Withdrawn", "grey")


def state_of(request: Any, *, nothing_held: bool | None = None) -> tuple[str, str]:
    """Where a question stands, with the colour of its tag.

    Args:
        nothing_held: whether the answers say only that nothing is held.
    """
    if request.withdrawn_at is not None:
        return _RELEASED if was_released(request) else _WITHDRAWN
    if request.answered_at is not None:
        return _NOTHING_HELD if nothing_held else _ANSWERED
    return _LATE if is_overdue(request.due_at, clock.now()) else _WAITING


def states(rows: Iterable[Any]) -> dict[str, tuple[str, str]]:
    """Where each of some questions stands, by its reference."""
    return {row.reference: state_of(row, nothing_held=row.nothing_held) for row in rows}


def whom(request: Any) -> str:
    """Who is asked."""
    return ", ".join(filter(None, (request.asked_person, request.asked_agency, request.asked_team)))


def asked_parts(asked: Sequence[Any]) -> dict[str, Any]:
    """What was asked on a case or from a form, where each question stands, and of whom."""
    return {"asked": asked, "asked_states": states(asked), "asked_of": whom, "held_back": HELD_BACK}


def who_reads(answer: Any, *, releases: bool = False) -> str:
    """Who may read an answer. One to a question that asks to release intelligence nobody else reads than
    whoever reads that.
    """
    if releases and answer.handling == Handling.NETWORK:
        return READS_INTELLIGENCE
    return rules.who_reads(answer.handling, answer.agency, answer.listed)


#: What stands in the place of the words of an answer, where they are held back.
HELD_BACK = "Answered in words that are held back here: read them on the page of the question"

WHERE = "where the child lives, how they are reached or their school"


def held_answer(answer: Any, *, here: bool = False) -> str:
    """Why the words of an answer are not where one looks for them.

    Args:
        here: whether it is said on the page of the question, where they are.
    """
    if answer.locates == Locates.HELD:
        why = f"{answer.agency} says that it must not be disclosed"
    elif answer.locates == Locates.YES:
        why = f"It says {WHERE}, and that may not be disclosed"
    else:
        why = f"Nobody has said whether it says {WHERE}"
    if here:
        return f"{why}: so it is on this page alone, and on no list, print, document or chronology."
    return f"{HELD_BACK}. {why}."


def seen_after(request: Any) -> list[str]:
    """Who goes on seeing a question once it is withdrawn; whoever works on its case does, asked or not."""
    stays = "That it was asked stays on record."
    if request.case_id is None:
        gone = "They then no longer see this question or who the child is, and are reminded of nothing."
        return [gone, stays]
    return [
        "Whoever works on the case still sees this question, and that it was withdrawn, also if they were "
        "asked. Others who were asked no longer see it or who the child is.",
        f"Nobody is reminded of it, and nobody can answer it. {stays}",
    ]


def answered_words(request: InformationRequest, answer: InformationAnswer) -> str:
    """What is said once somebody has answered: also that whoever asked may not read it, where that is so."""
    done, asker = "You answered the question", db.session.get_one(User, request.asked_by)
    agency = db.session.get_one(Agency, asker.agency_id).name
    reads = answer.handling == Handling.NETWORK or asker.agency_id in {
        answer.agency_id,
        *answer.listed_agencies,
    }
    if reads:
        return done
    return f"{done}. {asker.name} of {agency}, who asked, may not read it: ring them if they should know it"
