"""What a picker finds of what the person may see: children, their cases, things of concern; each with why."""

from collections.abc import Sequence

from portal import clock
from portal.access.audit import record_search
from portal.access.principal import current
from portal.pages.search.reading import FoundChild, find_children
from portal.pathway.characters import BadIdentifier
from portal.pathway.references import read_reference
from portal.pathway.searching import NotEnough, read_sought
from portal.policy import current_policy
from portal.records.children.presenter import born
from portal.records.concerns.reading.alike import find_concerns
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.triage.reading.records import forms_about
from portal.web.choices import Fit
from portal.web.filters import lower_first, moment

#: Children that are offered of those who fit: whoever is not among them is found by more words.
MOST = 6


def children(typed: str) -> list[Fit]:
    """Children whom the person may see, by their references. That somebody looked for them is on record."""
    return [Fit(one.reference, one.name, _why(one)) for one in _found(typed)]


def cases(typed: str) -> list[Fit]:
    """The same by their open cases; the value is the reference of a case."""
    return [
        Fit(one.case_reference, one.name, f"{_why(one)}. Case {one.case_reference}")
        for one in _found(typed)
        if one.case_reference
    ]


def subjects(typed: str) -> list[Fit]:
    """What may come before a panel: children, by their open case if there is one, and things of concern."""
    on_children = [
        Fit(
            one.case_reference or one.reference,
            one.name,
            f"{_why(one)}. {f'Case {one.case_reference}' if one.case_reference else 'No open case'}",
        )
        for one in _found(typed)
    ]
    things = find_concerns(typed=typed, limit=MOST).rows if not read_reference(typed) else ()
    return [
        *on_children,
        *(Fit(one.reference, one.name, f"{ConcernKind(one.kind).label}, {one.reference}") for one in things),
    ]


def forms(typed: str) -> list[Fit]:
    """Forms that were sent, the newest first, by the children who are known on them; for whoever triages."""
    names = {one.id: one.name for one in _found(typed)}
    return [
        Fit(
            one.reference,
            names[one.child_id],
            f"Form {one.reference}, sent {moment(one.sent_at)}, {one.agency}",
        )
        for one in forms_about(child_ids=list(names), limit=MOST)
    ]


def _found(typed: str) -> Sequence[FoundChild]:
    names = current_policy().names
    try:
        sought = read_sought(typed, names, clock.today())
    except (NotEnough, BadIdentifier):
        record_search(typed, ground="not searched")
        return ()
    if sought.reference:  # whoever knows the reference needs no list
        record_search(typed, ground="not searched")
        return ()
    found = find_children(person=current(), sought=sought, names=names).children[:MOST]
    record_search(typed, children=[one.id for one in found])
    return found


def _why(child: FoundChild) -> str:
    """Who it is, and why it is offered: “15 years old. Nickname, sounds alike”."""
    known = born(child.dob, is_estimate=child.dob_is_estimate) or "Date of birth not known"
    return f"{known}. Fits by {lower_first(', '.join(child.reasons))}"
