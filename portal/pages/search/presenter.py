"""Words for the rows of a search. Put together here, once a row: a page of fifty is mostly rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from portal.pages.search.reading import FoundChild
from portal.records.children.presenter import born
from portal.records.missing.presenter.words import name_of
from portal.vocabulary import CaseState, RiskLevel
from portal.web.filters import lower_first, moment, nhs_number
from portal.web.references import address_of

_STATES = {state.value: state.label for state in CaseState}
_LEVELS = {level.value: lower_first(level.label) for level in RiskLevel}


@dataclass(frozen=True)
class Row:
    """One child that was found, in words."""

    href: str
    name: str
    reference: str
    born: str
    nhs_number: str
    case_href: str
    case_reference: str
    case: str
    why: str
    missing_now: Any


def rows(children: Iterable[FoundChild]) -> list[Row]:
    """The children that were found, in words."""
    child_page = url_for("children.show", reference="-")[:-1]
    case_page = url_for("cases.show", reference="-")[:-1]
    return [
        Row(
            href=child_page + one.reference,
            name=one.name,
            reference=one.reference,
            born=born(one.dob, is_estimate=one.dob_is_estimate) or "Not known",
            nhs_number=nhs_number(one.nhs_number) or "Not recorded",
            case_href=case_page + (one.case_reference or ""),
            case_reference=one.case_reference or "",
            case=", ".join(
                filter(None, (_STATES.get(one.case_state or ""), _LEVELS.get(one.case_level or "")))
            ),
            why=". ".join(one.reasons),
            missing_now=one.missing_now,
        )
        for one in children
    ]


@dataclass(frozen=True)
class EpisodeRow:
    """One missing episode that was found by the reference of the police, in words."""

    href: str
    reference: str
    name: str
    since: str
    police_reference: str


def episode_rows(episodes: Iterable[Any]) -> list[EpisodeRow]:
    """The missing episodes that were found, as far as whoever asks may open their pages, in words."""
    return [
        EpisodeRow(href, one.reference, name_of(one, one), moment(one.missing_since), one.police_reference)
        for one in episodes
        if (href := address_of(one.reference))
    ]
