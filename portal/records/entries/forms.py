"""Forms about what an agency knows: adding it to a case, with the fields of its kind, and putting it right.

What follows from a critical moment.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar

from wtforms.validators import ValidationError

from portal import clock
from portal.policy import Catalogue, Policy
from portal.records.entries.policy import ContributionKind, Contributions, DetailField, Moment
from portal.records.entries.rules import KEEP, MOST
from portal.records.entries.vocabulary import DetailAnswer, FamilySafe, Handling
from portal.vocabulary import Answer
from portal.web.choices import OfferingForm, Pairs, VersionedForm, choices, in_words, terms
from portal.web.conflict import Difference
from portal.web.error_summary import Reveals, Shown
from portal.web.fields import (
    Checkboxes,
    Choice,
    DateBoxes,
    Hidden,
    LongText,
    PastDay,
    Radios,
    Select,
    Size,
    Text,
    one_of,
    required,
)


class WhoReads(Radios):
    """Who may read something, by its handling.

    :param everybody: how everybody who may is called.
    """

    def __init__(self, everybody: str = Handling.NETWORK.label, **options: Any) -> None:
        hint = "Agencies that join later included" if everybody == Handling.NETWORK.label else ""
        offered = [
            Choice(Handling.NETWORK, everybody, hint=hint),
            Choice(Handling.AGENCIES, Handling.AGENCIES.label),
            Choice(Handling.OWN, Handling.OWN.label, hint="The hub does not see it either"),
        ]
        super().__init__("Who may read it?", choices=offered, required="Choose who may read it", **options)


class MayFamilyKnow(Radios):
    """Whether something may be shared with the child or family."""

    def __init__(self, **options: Any) -> None:
        needed = "Choose whether it may be shared with the child or family"
        label = "May it be shared with the child or family?"
        super().__init__(label, choices=FamilySafe, required=needed, **options)


#: What a draft keeps, in the order of the page.
_KEPT = (
    *("kind", "happened_on", "text", "handling", "agencies", "family_safe", "moment", "critical_moment"),
    "cites",
)


class EntryForm(VersionedForm):
    """Add what my agency knows."""

    kind = Select("What kind of information is it?", required="Choose what kind it is")
    happened_on = PastDay(
        "When did it happen?",
        called="The date",
        hint="For example, 14 11 2026. If you do not know, the day on which you learnt of it.",
        required="Enter when it happened",
    )
    text = LongText(
        "What does your agency know?",
        hint="Say what was seen or heard and by whom. Keep facts and opinion apart. "
        "Use the child’s own words where you have them.",
        rows=8,
        size=Size.NARRATIVE,
        required="Write what your agency knows",
    )
    handling = WhoReads()
    agencies = Checkboxes("Which agencies?", find="an agency")
    family_safe = MayFamilyKnow()
    moment = Select(
        "Is it a critical moment?",
        hint="Then whoever leads the case is asked to look at the risk assessment again",
        prompt="No",
    )
    critical_moment = Text("If it is one, what happened in a few words?", hint="It stands above the entry")
    cites = Select(
        "Does it use something that you were told under conditions?",
        hint="The conditions are then shown with it",
        prompt="No",
    )
    details: tuple[str, ...] = ()  # the names of its fields beside the words, in a form of one kind

    @classmethod
    def of(cls, policy: Policy, agencies: Pairs, told: Pairs) -> "EntryForm":
        """The form with this case's choices.

        Args:
            agencies: the others that work on the case.
            told: what the agency was told under conditions.
        """
        form = cls()
        form.offer_kinds(policy)
        if "moment" in form:
            moments = policy.of(Contributions).moments.offered
            form.offer("moment", terms(moments))
        form.offer("agencies", choices(agencies))
        form.offer("cites", choices(told))
        return form

    def offer_kinds(self, policy: Policy) -> None:
        """Set the kinds of information that every agency adds."""
        kinds = [
            Choice(term.code, term.label)
            for term in policy.cases.entry_kinds.offered
            if term.code != "intelligence"  # which has a form of its own, with its grading
        ]
        self.offer("kind", kinds)

    def given(self) -> dict[str, Any]:
        """What is said in fields beside the words; none of it here."""
        return {}

    def answers(self) -> dict[str, Any]:
        """The form as typed, to be kept as a draft."""
        return {name: self._typed(name) for name in (*_KEPT, *self.details) if name in self}

    def _typed(self, name: str) -> Any:
        field = self[name]
        if isinstance(field, DateBoxes):
            return field.typed
        return sorted(field.data or ()) if isinstance(field, Checkboxes) else field.data or ""

    def differences(self, theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> list[Difference]:
        """The questions that two versions of a draft answer differently, in the order of the form."""
        return [
            Difference(
                self[name].label.text, self._words(name, theirs.get(name)), self._words(name, mine.get(name))
            )
            for name in mine
            if theirs.get(name) != mine[name]
        ]

    def _words(self, name: str, answer: Any) -> str:
        """An answer as people read it."""
        if isinstance(answer, dict):
            return " ".join(part for part in answer.values() if part) or "Nothing"
        labels = {choice.value: choice.label for choice in getattr(self[name], "choices", None) or ()}
        given = answer if isinstance(answer, list) else [answer]
        return ", ".join(labels.get(one, str(one)) for one in given if one) or "Nothing"

    def begin_with(self, *, kind: str | None, handling: str | None, closely_held: bool) -> None:
        """Offer what the person chose last time, and to be asked before the family is told.

        On a closely held case nobody begins with all who work on it: there it has to be chosen.
        """
        asked: Any = self.kind
        if not asked.data and kind in {one.value for one in getattr(asked, "choices", None) or ()}:
            asked.data = kind
        if handling in set(Handling) and not (closely_held and handling == Handling.NETWORK):
            self.handling.data = handling
        self.family_safe.data = FamilySafe.ASK

    def fill_in(self, answers: dict[str, Any], version: int) -> None:
        """Show a draft again, as it was typed."""
        for name, answer in answers.items():
            if name not in self:
                continue
            if isinstance(self[name], DateBoxes):
                self[name].typed = answer
            else:
                self[name].data = answer or None
        self.version.data = str(version)


class CorrectionForm(OfferingForm):
    """Put right an entry of one's own agency."""

    shown: Shown = ("text", "moment", "reason")

    text = LongText("What it should say", rows=8, size=Size.NARRATIVE, required="Write what it should say")
    moment = Select("Is it a critical moment?", prompt="No")
    reason = Text(
        "What was wrong?",
        hint="Shown with the correction. The earlier text stays.",
        required="Say what was wrong",
    )

    def offer_moments(self, moments: Catalogue[Moment], *, asks: bool) -> None:
        """Set what can make it a critical moment; where nothing is asked it stays what it is."""
        if asks:
            self.offer("moment", terms(moments.offered))
        else:
            del self["moment"]

    @property
    def chosen_moment(self) -> str | None:
        """What makes it one now; `KEEP` where nothing was asked."""
        return (self.moment.data or None) if "moment" in self else KEEP

    def given(self) -> dict[str, Any]:
        """What is said in fields beside the words; none of it here."""
        return {}

    def show(self, details: Mapping[str, Any]) -> None:
        """Fill in what the entry says beside the words: none of it here."""


class ReadersForm(VersionedForm):
    """Put right who reads an entry of one's own agency, its kind, its day and what the family may know."""

    shown: Shown = ("handling", "family_safe", "kind", "happened_on", "reason")
    reveals: ClassVar[Reveals] = {"handling": {Handling.AGENCIES: ("agencies",)}}

    handling = WhoReads()
    agencies = Checkboxes("Which agencies?")
    family_safe = MayFamilyKnow()
    kind = Select("What kind of information is it?", required="Choose what kind it is")
    happened_on = PastDay("When did it happen?", called="The date", required="Enter when it happened")
    reason = Text(
        "What was wrong?",
        hint="It stays on record with how it was, for everybody who may read the entry",
        required="Say what was wrong",
    )

    @classmethod
    def of(cls, entry: Any, *, agencies: Pairs, kinds: Iterable[Choice]) -> "ReadersForm":
        """The form on an entry as it is.

        Args:
            agencies: the others that work on the case.
            kinds: what it may be, its own kind first; only one leaves nothing to ask.
        """
        form = cls.opened(
            entry,
            handling=entry.handling,
            agencies=[str(one) for one in entry.listed_agencies],
            family_safe=entry.family_safe,
            kind=entry.kind,
            happened_on=clock.local(entry.happened_at).date(),
        )
        form.offer("agencies", choices(agencies))
        offered = list(kinds)
        if len(offered) > 1:
            form.offer("kind", offered)
        else:
            del form.kind
        return form


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
        "text": LongText(kind.words, hint=kind.words_hint, rows=6, size=Size.NARRATIVE, required=_WRITE),
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
    must = [required(_missing(one))] if one.required else []
    asked: dict[str, Any] = {"label": one.label, "hint": one.hint, "validators": must}
    match one.answer:
        case DetailAnswer.CHOICE | DetailAnswer.CHOICES:
            return _of_choices(one, asked)
        case DetailAnswer.YES_NO:
            return Radios(**asked, choices=Answer, inline=True, small=True)
        case DetailAnswer.NUMBER:
            return Text(**(asked | {"validators": [*must, _counts]}), width=4, inputmode="numeric")
        case DetailAnswer.DATE | DetailAnswer.DATE_AHEAD:
            past = one.answer is DetailAnswer.DATE
            return DateBoxes(**asked, latest=clock.today if past else None, today=past)
    return LongText(**asked, rows=2)


def _of_choices(one: DetailField, asked: Mapping[str, Any]) -> Any:
    choices = [
        *(Choice(term.code, term.label, hint=term.hint) for term in one.choices.offered),
        Choice(Answer.NOT_KNOWN, Answer.NOT_KNOWN.label, divider="or", exclusive=True),
    ]
    if one.answer is DetailAnswer.CHOICES:
        needed = [one_of(_missing(one))] if one.required else []
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


#: The risk assessment was looked at, and stands.
NothingChangesForm = in_words(
    OfferingForm,
    "words",
    "Why does nothing change?",
    hint="Say what you looked at and with whom. Everybody who reads the moment reads this too",
    rows=4,
    required="Say why nothing changes",
)
