"""Forms about identity providers. ``answers()`` gives what the service of the same name takes."""

from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms.validators import Regexp

from portal.records.people.forms.keeping import version_field
from portal.web.fields import Size, Text, required
from portal.web.form_layout import Shown

_SECONDS = 60


class ProviderForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """How strongly the people of a provider have to prove who they are."""

    name = Text(
        "Name",
        hint="As people know it, such as Derby City account",
        size=Size.NAME,
        validators=[required("Enter a name")],
    )
    required_acr = Text(
        "Accepted levels (acr)", hint="Separated by spaces. Its tokens have to name one of them"
    )
    required_amr = Text(
        "Required methods (amr)", hint="Separated by spaces. Its tokens have to name them all"
    )
    max_age = Text(
        "Longest time since the person proved who they are, in minutes",
        width=4,
        inputmode="numeric",
        validators=[Regexp(r"^\d{0,4}$", message="Enter a number of minutes, or leave it empty")],
    )

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return {
            "name": self.name.data,
            "required_acr": (self.required_acr.data or "").split(),
            "required_amr": (self.required_amr.data or "").split(),
            "max_age": int(self.max_age.data) * _SECONDS if self.max_age.data else None,
        }


class ProviderChangeForm(ProviderForm):
    """A provider that is known."""

    version = version_field()

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return super().answers() | {"version": int(self.version.data or 0)}


class NewProviderForm(ProviderForm):
    """A provider that joins."""

    shown: ClassVar[Shown] = (
        *("name", "code", "issuer", "client_id"),
        *("required_acr", "required_amr", "max_age"),
    )

    code = Text(
        "Code",
        hint="Part of an address, such as derby-city. It cannot be changed later",
        width=20,
        validators=[required("Enter a code")],
    )
    issuer = Text(
        "Issuer",
        hint="An https address, exactly as the provider writes it",
        validators=[required("Enter the issuer")],
    )
    client_id = Text("Client ID", validators=[required("Enter the client ID that the provider gave out")])

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return super().answers() | {
            "code": self.code.data,
            "issuer": self.issuer.data,
            "client_id": self.client_id.data,
        }
