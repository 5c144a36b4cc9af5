"""Forms whose choices depend on the record: the view gives them."""

from collections.abc import Iterable

from flask_wtf import FlaskForm

from portal.web.fields import Choice


class OfferingForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """A form that is given its choices after it was made."""

    def offer(self, name: str, offered: Iterable[Choice], *, prompt: bool = False) -> None:
        """Set what can be chosen in a field; a list keeps its first line, which stands for no answer."""
        field = self[name]
        first = field.choices[:1] if prompt else []
        field.choices = [*first, *(choice.for_wtforms() for choice in offered)]
