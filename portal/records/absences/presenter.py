"""Absences in words."""

from collections.abc import Sequence

from portal.records.absences.reading import Over
from portal.web.filters import day


def how_it_ended(over: Over) -> str:
    """How an absence came to its end: “ended early, on 3 December 2026”."""
    if over.ended_on is None:
        return "ended as entered"
    if over.ended_on < over.first_day:
        return f"cancelled on {day(over.ended_on)}, before it began"
    return f"ended early, on {day(over.ended_on)}"


def duty_address(teams: Sequence[str]) -> str:
    """Where what nobody covers goes first: “the duty address of Police Hub Team”."""
    if not teams:
        return "a duty address of the agency"
    several = f"{', '.join(teams[:-1])} or {teams[-1]}" if len(teams) > 1 else teams[0]
    return f"the duty address of {several}"
