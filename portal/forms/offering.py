"""Forms whose choices the view gives, because they depend on the record."""

from collections.abc import Iterable

from flask_wtf import FlaskForm

from portal.pathway.characters import whole_number
from portal.web.fields import Choice

Pairs = Iterable[tuple[str, str]]


def choices(pairs: Pairs) -> list[Choice]:
    """Answers from pairs of value and label."""
    return [Choice(value, label) for value, label in pairs]


class OfferingForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """A form that is given its choices after it was made."""

    def offer(self, name: str, offered: Iterable[Choice], *, prompt: bool = False) -> None:
        """Set what can be chosen in a field; with a prompt, its first line stays and stands for no answer."""
        field = self[name]
        first = field.choices[:1] if prompt else []
        field.choices = [*first, *(choice.for_wtforms() for choice in offered)]

    def said(self, name: str) -> str:
        """What was typed in a field; empty for nothing."""
        return str(self[name].data or "")

    @property
    def seen_version(self) -> int:
        """The version of the record that the form was opened with; 0 for one that makes no sense."""
        return whole_number(self.said("version"))
