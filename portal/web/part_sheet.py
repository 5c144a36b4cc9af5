"""The sheet of each agency's part in a decision, as it was shown and as it comes back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from markupsafe import Markup

from portal.forms.choices import offer
from portal.forms.recording import PartForm
from portal.queries import minutes
from portal.services.decision_parts import Part, Saying
from portal.services.errors import Conflict
from portal.vocabulary import Stance
from portal.web.fields import Choice
from portal.web.record_sheet import fingerprint

_ABOUT = Markup('{}<span class="govuk-visually-hidden">: {}</span>')


class PartSheet:
    """A line for each agency that is invited.

    Args:
        posted: what comes back; None for a new page.
    """

    def __init__(self, meeting_id: UUID, decision_id: UUID, posted: Any) -> None:
        kept = {
            row.agency_id: Part(Stance(row.stance), row.words, row.escalation)
            for row in minutes.parts(meeting_id=meeting_id)
            if row.decision_id == decision_id
        }
        self._kept = kept
        self.lines = {
            row.id: _form(row, kept.get(row.id, Part()), posted)
            for row in minutes.agencies(meeting_id=meeting_id)
        }

    @property
    def forms(self) -> list[PartForm]:
        """Its forms in the order of the page."""
        return list(self.lines.values())

    def sayings(self) -> dict[UUID, Saying]:
        """What was changed since it was shown. What somebody else said meanwhile is what was not seen."""
        found = {}
        for agency, form in self.lines.items():
            now, shown = _part(form), str(form.seen.data or "")
            if _print(now) == shown:
                continue
            kept = self._kept.get(agency, Part())
            seen = kept if _print(kept) == shown else Part(words=shown)
            found[agency] = Saying(seen, now)
        return found

    def blame(self, faults: Mapping[UUID, str]) -> None:
        """Say beside each agency what is wrong."""
        for agency, fault in faults.items():
            self.lines[agency].blame(fault)

    def take_over(self, clash: Conflict) -> Conflict:
        """Show both versions by name. Whoever saves again has seen what the other said."""
        for agency, form in self.lines.items():
            form.seen.data = _print(self._kept.get(agency, Part()))
        names = {str(agency): form.name for agency, form in self.lines.items()}
        return clash.reworded(lambda side: {names[key]: value for key, value in side.items()})


def _form(row: Any, kept: Part, posted: Any) -> PartForm:
    form = PartForm(
        posted,
        agency=str(row.id),
        name=row.name,
        stance=kept.stance or "",
        words=kept.words,
        escalation=kept.escalation,
        seen=_print(kept),
    )
    form.words.label.text = _ABOUT.format("Why, or what they add", row.name)
    form.escalation.label.text = _ABOUT.format("Where a dissent goes next", row.name)
    offer(form.stance, [Choice(one, one.label) for one in Stance])
    return form


def _part(form: PartForm) -> Part:
    known = next((one for one in Stance if one.value == form.stance.data), None)
    return Part(known, str(form.words.data or "").strip(), str(form.escalation.data or "").strip())


def _print(part: Part) -> str:
    return fingerprint("\n".join((part.stance or "", part.words, part.escalation)))
