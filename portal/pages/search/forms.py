"""The one search box."""

from flask_wtf import FlaskForm

from portal.web import fields


class SearchForm(FlaskForm):  # type: ignore[misc] # Flask-WTF carries no types
    """What is sought."""

    sought = fields.Text(
        "Name, date of birth, NHS number or reference",
        hint="For example: Kowalska 12/3/2011, or CRE-7KQ2-9XWD. Spelling need not be exact.",
        required="Type what you are looking for",
        width=30,
    )
