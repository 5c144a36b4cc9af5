"""How fields become HTML.

Text boxes, text areas, lists and files go through govuk-frontend-wtf, without the ``required`` attribute: the
error summary tells what is missing, and a browser's own bubble would come in its way. Radios and checkboxes
are rendered here, since the package's point at a hint that is empty.
"""

from typing import Any

from flask import render_template
from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovFileInput,
    GovInput,
    GovSelect,
    GovTextArea,
)
from markupsafe import Markup, escape
from wtforms import Field

_COUNTED_FROM = 75  # per cent of the room
_SEEN_AT_ONCE = 8  # boxes; of more one is found by words


def _label(field: Field, size: str) -> dict[str, Any]:
    return {"text": field.label.text, "classes": f"govuk-label--{size}" if size else ""}


class _NotRequired:
    """Takes out the attribute that the package adds to a field that has to be answered."""

    def map_gov_params(self, field: Field, **options: Any) -> dict[str, Any]:
        params: dict[str, Any] = super().map_gov_params(field, **options)  # type: ignore[misc]  # mixed into a package's widget
        params["attributes"].pop("required", None)
        return params


class _Input(_NotRequired, GovInput):  # type: ignore[misc]  # the package carries no types
    pass


class _TextArea(_NotRequired, GovTextArea):  # type: ignore[misc]  # the package carries no types
    pass


class _Counted(_NotRequired, GovCharacterCount):  # type: ignore[misc]  # the package carries no types
    pass


class _Select(_NotRequired, GovSelect):  # type: ignore[misc]  # the package carries no types
    pass


class _File(_NotRequired, GovFileInput):  # type: ignore[misc]  # the package carries no types
    pass


class _Packaged:
    """Renders through a widget of govuk-frontend-wtf with parameters of ours."""

    def __init__(self, widget: Any, **params: Any) -> None:
        self._widget = widget
        self._params = params

    def __call__(self, field: Field, **options: Any) -> Markup:
        params = {**self._params, **options.pop("params", {})}
        params["label"] = {**_label(field, params.pop("label_size", "s")), **params.get("label", {})}
        rendered: Markup = self._widget(field, **options, params=params)
        return rendered


class TextBox(_Packaged):
    """One line."""

    def __init__(
        self,
        kind: str,
        *,
        width: int,
        label_size: str,
        autocomplete: str,
        inputmode: str,
        spellcheck: bool,
        prefix: str,
    ) -> None:
        super().__init__(
            _Input(input_type=kind),
            label_size=label_size,
            classes=f"govuk-input--width-{width}" if width else "",
            autocomplete=autocomplete,
            spellcheck=spellcheck,
            **({"inputmode": inputmode} if inputmode else {}),
            **({"prefix": {"text": prefix}} if prefix else {}),
        )


class WithButton:
    """A box with a button behind it that fills it in. A script shows the button, and does it."""

    def __init__(self, widget: Any, words: str, attribute: str) -> None:
        self._widget, self._words, self._attribute = widget, words, attribute

    def __call__(self, field: Any, **options: Any) -> Markup:
        button = Markup(
            '<button type="button" class="app-fill" {}="{}" hidden>{}'
            '<span class="govuk-visually-hidden">: {}</span></button>'
        ).format(self._attribute, field.id, self._words, field.label.text)
        params = {"formGroup": {"afterInput": {"html": button}}, **options.pop("params", {})}
        rendered: Markup = self._widget(field, **options, params=params)
        return rendered


class LongTextBox(_Packaged):
    """Several lines, with a count once most of the room is used; without a script, how much room there is."""

    def __init__(self, rows: int, label_size: str, spellcheck: bool) -> None:
        super().__init__(
            _Counted(),
            label_size=label_size,
            rows=str(rows),
            spellcheck=spellcheck,
            threshold=str(_COUNTED_FROM),
        )

    def __call__(self, field: Any, **options: Any) -> Markup:
        params = {"maxlength": str(field.most)} | options.pop("params", {})
        return super().__call__(field, **options, params=params)


class SelectBox(_Packaged):
    """A list to choose one line from."""

    def __init__(self, label_size: str) -> None:
        super().__init__(_Select(), label_size=label_size)


class LongSelectBox(SelectBox):
    """The same for a list of many that stands often on a page: its lines are written at once, as the package
    would write each by a macro, which costs thirty times as much.
    """

    def __call__(self, field: Any, **options: Any) -> Markup:
        every = field.choices
        field.choices = every[:1]  # the line that stands for no answer
        try:
            box = super().__call__(field, **options)
        finally:
            field.choices = every
        lines = "".join(_option(one.value, one.label, field.data) for one in every[1:])
        before, end, after = box.rpartition("</select>")
        return before + Markup(lines) + end + after  # noqa: S704  # each is escaped


def _option(value: Any, label: Any, chosen: Any) -> str:
    selected = " selected" if str(value) == str(chosen) else ""
    return f'<option value="{escape(value)}"{selected}>{escape(label)}</option>\n'


class FileBox(_Packaged):
    """A file chooser."""

    def __init__(self, label_size: str, *, multiple: bool = False) -> None:
        super().__init__(_File(multiple=multiple), label_size=label_size)


class PickerBox:
    """A box to look somebody up in, and those who fit to choose among."""

    def __call__(self, field: Any, **_options: Any) -> Markup:
        return Markup(render_template("fields/picker.html", field=field))  # noqa: S704  # escaped by the template


class KnownChildren:
    """Radios with the known children that fit what is typed; asked for anew while somebody types."""

    def __call__(self, field: Any, **options: Any) -> Markup:
        inside = fitting_children(field, **options)
        return Markup(  # noqa: S704  # escaped by the template
            render_template("missing/_known_region.html", inside=inside)
        )


def fitting_children(field: Any, **options: Any) -> Markup:
    """The radios of `KnownChildren` alone; nothing where no child fits."""
    return ChoiceList("radios", "s")(field, **options) if field.choices else Markup("")


class ChoiceList:
    """Radios or checkboxes. The first has the field's own id, so that the error summary can lead to it."""

    def __init__(self, kind: str, legend_size: str, *, inline: bool = False, small: bool = False) -> None:
        self._names = {"kind": kind, "legend_size": legend_size, "inline": inline, "small": small}

    def __call__(self, field: Any, **options: Any) -> Markup:
        names: dict[str, Any] = self._names | options
        reveals = names.pop("reveals", {})
        words = getattr(field, "sought", "").casefold().split()
        items = [
            {
                "id": field.id if number == 1 else f"{field.id}-{number}",
                "value": choice.value,
                "label": choice.label,
                "checked": choice.selected,
                "hidden": not choice.selected
                and not all(word in str(choice.label).casefold() for word in words),
                "more": _rendered(reveals.get(choice.value)),
                **choice.render_kw,
            }
            for number, choice in enumerate(field.iter_choices(), start=1)
        ]
        finds = getattr(field, "find", "") if len(items) > _SEEN_AT_ONCE else ""
        return Markup(  # noqa: S704  # escaped by the template
            render_template("fields/choices.html", field=field, items=items, finds=finds, **names)
        )


def _rendered(revealed: Any) -> Markup:
    """What an answer reveals: a field, several of them, or ready HTML."""
    if not revealed and not isinstance(revealed, Field):
        return Markup("")
    if isinstance(revealed, (list, tuple)):
        return Markup("").join(_rendered(part) for part in revealed)
    return Markup("{}").format(revealed)


class SingleTick:
    """One checkbox with its sentence."""

    def __init__(self, *, small: bool = False) -> None:
        self._small = small

    def __call__(self, field: Any, **options: Any) -> Markup:
        names = {"small": self._small} | options
        return Markup(render_template("fields/tick.html", field=field, **names))  # noqa: S704  # escaped by the template
