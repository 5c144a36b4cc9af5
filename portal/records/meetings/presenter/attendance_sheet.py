"""The sheet on which is marked who came to a meeting, as it was shown and as it comes back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from portal.records.meetings.attendance import Mark, Marking
from portal.records.meetings.forms.day import AttendanceForm
from portal.records.meetings.presenter.day import name_of
from portal.records.meetings.presenter.words import reply_words, role_words
from portal.records.meetings.vocabulary import Attendance, InvitationReply
from portal.services.errors import Conflict


class Sheet:
    """A line for everybody who is invited or walked in.

    Args:
        rows: of `portal.records.meetings.reading.records.invited`.
        posted: what comes back; None for a new page.
    """

    def __init__(self, rows: Sequence[Any], posted: Any) -> None:
        self.rows = rows
        self.forms = [_form(row, posted) for row in rows]

    def marks(self, *, rest: bool) -> dict[UUID, Marking]:
        """Everybody who is on the sheet that came back.

        Args:
            rest: whoever is not marked was there.
        """
        return {
            row.id: Marking(seen=_mark(form.seen.data, form.seen_note.data), now=_now(form, rest=rest))
            for row, form in zip(self.rows, self.forms, strict=True)
            if form.came_back
        }

    def blame(self, faults: Mapping[UUID, str]) -> None:
        """Say beside each person what is wrong."""
        for row, form in zip(self.rows, self.forms, strict=True):
            if row.id in faults:
                form.blame(faults[row.id])

    def take_over(self, clash: Conflict) -> Conflict:
        """Show both versions by name. Whoever saves again has seen what the other marked."""
        names = {str(row.id): _called(row) for row in self.rows}
        for row, form in zip(self.rows, self.forms, strict=True):
            kept, seen = Mark.of(row), _mark(form.seen.data, form.seen_note.data)
            if _now(form, rest=False) == seen:
                form.attendance.data, form.note.data = kept.attendance or "", kept.note
            form.seen.data, form.seen_note.data = kept.attendance or "", kept.note
        return clash.reworded(lambda side: {names[key]: value for key, value in side.items()})


def _form(row: Any, posted: Any) -> AttendanceForm:
    kept = Mark.of(row)
    said = kept if kept.attendance else _announced(row)
    return AttendanceForm(
        posted,
        invitation=str(row.id),
        name=_called(row),
        hint=_hint(row),
        attendance=said.attendance or "",
        note=said.note,
        seen=kept.attendance or "",
        seen_note=kept.note,
    )


def _called(row: Any) -> str:
    """Who is meant; a team with its agency, because many teams bear the same name."""
    return name_of(row) if row.person or not row.team else f"{row.team}, {row.agency}"


def _announced(row: Any) -> Mark:
    """What somebody said beforehand needs no typing again, where it was that they cannot come."""
    if row.reply == InvitationReply.APOLOGIES:
        return Mark(Attendance.APOLOGIES, row.reply_reason or "")
    return Mark()


def _hint(row: Any) -> str:
    said = "Came without an invitation" if row.walk_in else reply_words(row.reply)
    who = f"{said}: {row.comes}" if row.comes and not row.walk_in else said
    of = row.agency or "without an account"
    return f"{role_words(row.role)}, {of}. {who}" if row.person or not row.agency else who


def _now(form: AttendanceForm, *, rest: bool) -> Mark:
    given = form.attendance.data
    if not given:
        return Mark(Attendance.PRESENT) if rest else Mark()
    return _mark(given, form.note.data)


def _mark(attendance: str | None, note: str | None) -> Mark:
    known = next((one for one in Attendance if one.value == attendance), None)
    return Mark(known, (note or "").strip())
