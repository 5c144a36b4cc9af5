"""The one search box."""

from flask_wtf import FlaskForm

from portal.web import fields


class SearchForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """What is sought, and what of it stood on the pages before."""

    sought = fields.Text(
        "Name, date of birth, number or reference",
        hint="For example: Kowalska 2011, 12/3/2011, CRE-7KQ2-9XWD, the police reference of a missing child,"
        " or three characters of a registration or phone number of concern. A child’s own phone number and"
        " address are not searched. Spelling need not be exact.",
        required="Type what you are looking for",
        width=30,
    )
    seen = fields.Hidden(default="")
    after = fields.Hidden(default="")

    @property
    def typed(self) -> str:
        """What was typed, with single spaces."""
        return " ".join((self.sought.data or "").split())
