"""What the page, the print and the file of a child’s chronology have in common."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request

from portal.forms.chronologies import ChronologyFilter
from portal.queries import chronologies
from portal.queries.chronologies import Wanted
from portal.records.cases.presenter import strip_item
from portal.records.cases.reading import records as case_records
from portal.records.entries.vocabulary import ChronologyPart
from portal.vocabulary import Sensitivity
from portal.web.chronology_lines import policy_for

#: How many lines a print or a file holds; a longer chronology says so, and can be asked for by its dates.
PRINTED = 2500


@dataclass(frozen=True)
class Asked:
    """What somebody asks to see."""

    form: ChronologyFilter
    wanted: Wanted
    agency: str  # by name
    address: dict[str, Any]  # the same as the arguments of an address, without a page

    @property
    def narrowed(self) -> bool:
        """Whether it is less than everything."""
        return self.wanted != Wanted()


def asked(child_id: UUID) -> Asked:
    """What the address asks for; what makes no sense in it is not asked."""
    form = ChronologyFilter(request.args)
    names = {str(one.id): one.name for one in chronologies.agencies_around(child_id=child_id)}
    form.offer_agencies(names.items())
    form.validate()
    wrong = set(form.errors)
    wanted = Wanted(
        parts=frozenset(map(ChronologyPart, () if "what" in wrong else form.what.data or ())),
        agency_id=UUID(form.agency.data) if form.agency.data and "agency" not in wrong else None,
        since=form.since.data,
        until=form.until.data,
        critical=bool(form.critical.data),
    )
    kept = {name: value for name, value in request.args.to_dict(flat=False).items() if name != "before"}
    return Asked(form, wanted, names.get(str(wanted.agency_id), ""), kept)


def in_words(asked: Asked) -> list[str]:
    """What was asked for, as a print says it."""
    wanted = asked.wanted
    said = [", ".join(one.label for one in ChronologyPart if one in wanted.parts)]
    said.append(asked.agency)
    said.append(f"from {wanted.since.day} {wanted.since:%B %Y}" if wanted.since else "")
    said.append(f"until {wanted.until.day} {wanted.until:%B %Y}" if wanted.until else "")
    said.append("critical moments only" if wanted.critical else "")
    return [one for one in said if one]


def around(child: Any) -> dict[str, Any]:
    """What stands at the head: the alerts of the cases that one reads, and how closely they are held."""
    cases = case_records.cases_of(child_id=child.id)
    policy = policy_for(cases)
    return {
        "child": child,
        "cases": cases,
        "policy": policy,
        "alerts": [strip_item(one, policy) for one in case_records.alerts_in(cases)],
        "held": max((Sensitivity(one.sensitivity) for one in cases), default=Sensitivity.NORMAL),
        "marking": True,
    }
