"""A form for each kind of policy `contributions`: its fields beside the words, and what is asked of all."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from wtforms.validators import Optional, ValidationError

from portal import clock
from portal.forms.offering import OfferingForm
from portal.policy import Policy
from portal.records.entries.forms.adding import CorrectionForm, EntryForm
from portal.records.entries.policy import ContributionKind, DetailField
from portal.records.entries.rules.details import MOST
from portal.records.entries.vocabulary.contributions import DetailAnswer
from portal.vocabulary import Answer
from portal.web.fields import (
    Checkboxes,
    Choice,
    DateBoxes,
    Hidden,
    LongText,
    Radios,
    Select,
    Size,
    Text,
    one_of,
    required,
)

#: More answers than these stand in a list instead of under each other.
_A_FEW = 7

PREFIX = "detail_"

_WRITE = "Write what your agency knows"


class Detailed(OfferingForm):
    """What a form of one kind adds to another: `kind_of` is the kind, `details` the names of its fields."""

    kind_of: ContributionKind
    details: tuple[str, ...] = ()

    def given(self) -> dict[str, Any]:
        """What was answered beside the words, by the codes of the policy."""
        found = {one.code: self._answer(one) for one in self.kind_of.fields.offered}
        return {code: value for code, value in found.items() if value not in (None, "", [])}

    def _answer(self, one: DetailField) -> Any:
        data = self[f"{PREFIX}{one.code}"].data
        if one.answer is DetailAnswer.NUMBER:
            return int(data) if data else None
        return data

    def show(self, details: Mapping[str, Any]) -> None:
        """Fill in what an entry says already."""
        for one in self.kind_of.fields.offered:
            if one.code not in details:
                continue
            field, value = self[f"{PREFIX}{one.code}"], details[one.code]
            if isinstance(field, DateBoxes):
                field.process(None, date.fromisoformat(value))
            else:
                field.data = str(value) if one.answer is DetailAnswer.NUMBER else value


class ContributionForm(Detailed, EntryForm):
    """Add what one’s agency knows, of one kind."""

    def offer_kinds(self, policy: Policy) -> None:
        """There is only the one."""

    def validate_kind(self, field: Hidden) -> None:
        """Nobody changes it on the way."""
        if field.data != self.kind_of.code:
            raise ValidationError("Choose what kind it is")


class DetailedCorrectionForm(Detailed, CorrectionForm):
    """Put right an entry of one kind."""


def contribution_form(kind: ContributionKind) -> type[ContributionForm]:
    """The form of a kind."""
    fields: dict[str, Any] = {
        **_fields_of(kind),
        "kind": Hidden(default=kind.code),
        "text": LongText(
            kind.words, hint=kind.words_hint, rows=6, size=Size.NARRATIVE, validators=[required(_WRITE)]
        ),
    }
    if kind.moment:  # every entry of the kind is one: there is nothing to ask
        fields["moment"] = None
    return type("ContributionForm", (ContributionForm,), fields)


def correction_form(kind: ContributionKind | None) -> type[CorrectionForm]:
    """The form to put right an entry, with the details of its kind."""
    if kind is None:
        return CorrectionForm
    fields = _fields_of(kind)
    shown = ("text", *fields["details"], "moment", "reason")
    return type("DetailedCorrectionForm", (DetailedCorrectionForm,), {**fields, "shown": shown})


def _fields_of(kind: ContributionKind) -> Mapping[str, Any]:
    found = {f"{PREFIX}{one.code}": _field(one) for one in kind.fields.offered}
    return MappingProxyType({**found, "kind_of": kind, "details": tuple(found)})


def _field(one: DetailField) -> Any:
    must = [required(_missing(one))] if one.required else [Optional()]
    asked: dict[str, Any] = {"label": one.label, "hint": one.hint, "validators": must}
    match one.answer:
        case DetailAnswer.CHOICE | DetailAnswer.CHOICES:
            return _of_choices(one, asked)
        case DetailAnswer.YES_NO:
            answers = [Choice(answer, answer.label) for answer in Answer]
            return Radios(**asked, choices=answers, inline=True, small=True)
        case DetailAnswer.NUMBER:
            return Text(**(asked | {"validators": [*must, _counts]}), width=4, inputmode="numeric")
        case DetailAnswer.DATE | DetailAnswer.DATE_AHEAD:
            return DateBoxes(**asked, latest=clock.today if one.answer is DetailAnswer.DATE else None)
    return LongText(**asked, rows=2)


def _of_choices(one: DetailField, asked: Mapping[str, Any]) -> Any:
    choices = [
        *(Choice(term.code, term.label, hint=term.hint) for term in one.choices.offered),
        Choice(Answer.NOT_KNOWN, Answer.NOT_KNOWN.label, divider="or", exclusive=True),
    ]
    if one.answer is DetailAnswer.CHOICES:
        needed = [one_of(_missing(one))] if one.required else [Optional()]
        hint = one.hint or "Choose all that apply"
        return Checkboxes(**(dict(asked) | {"hint": hint, "validators": needed}), choices=choices, small=True)
    if len(choices) > _A_FEW:
        return Select(**asked, choices=choices)
    return Radios(**asked, choices=choices, small=True)


def _missing(one: DetailField) -> str:
    return f"Answer this: {one.label.rstrip('?')}"


def _counts(_form: Any, field: Any) -> None:
    typed = (field.data or "").strip()
    if typed and not (typed.isascii() and typed.isdigit() and int(typed[:9]) <= MOST):
        raise ValidationError(f"Enter a whole number from 0 to {MOST:,}")
