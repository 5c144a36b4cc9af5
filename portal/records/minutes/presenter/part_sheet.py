"""The sheet of each agency's part in a decision, as it was shown and as it comes back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from markupsafe import Markup

from portal.forms.choices import offer
from portal.records.minutes.decision_parts import Part, Saying
from portal.records.minutes.forms.recording import PartForm
from portal.records.minutes.presenter.record_sheet import fingerprint
from portal.records.minutes.reading import records as minutes
from portal.records.minutes.vocabulary import Stance
from portal.services.errors import Conflict
from portal.web.fields import Choice

_ABOUT = Markup('{}<span class="govuk-visually-hidden">: {}</span>')


class PartSheet:
    """A line for each agency that is invited.

    Args:
        posted: what comes back; None for a new page.
    """

    def __init__(self, meeting_id: UUID, decision_id: UUID, posted: Any) -> None:
        self._meeting_id, self._decision_id = meeting_id, decision_id
        self._kept = self._on_record()
        self.lines = {
            row.id: _form(row, self._kept.get(row.id, Part()), posted)
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
        self._kept = self._on_record()
        for agency, form in self.lines.items():
            form.seen.data = _print(self._kept.get(agency, Part()))
        names = {str(agency): form.name for agency, form in self.lines.items()}
        return clash.reworded(lambda side: {names[key]: value for key, value in side.items()})

    def _on_record(self) -> dict[UUID, Part]:
        """What is said of each agency now; what somebody else says meanwhile is there when asked again."""
        return {
            row.agency_id: Part(Stance(row.stance), row.words, row.escalation)
            for row in minutes.parts(meeting_id=self._meeting_id)
            if row.decision_id == self._decision_id
        }


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
