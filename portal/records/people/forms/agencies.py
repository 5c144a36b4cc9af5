"""Forms about agencies and their teams. ``answers()`` gives what the service of the same name takes."""

from typing import Any, ClassVar

from flask_wtf import FlaskForm

from portal.forms.choices import identifier, identifiers
from portal.records.people.forms.keeping import LOOKS_LIKE_EMAIL, version_field
from portal.vocabulary import Sector
from portal.web.fields import Checkboxes, Choice, Email, Phone, Select, Size, Text, Tick, required
from portal.web.form_layout import Shown

SECTORS = [Choice(sector, sector.label) for sector in Sector]


class _Agency(FlaskForm):  # type: ignore[misc]  # the package carries no types
    name = Text(
        "Name",
        hint="As its people would say it",
        size=Size.NAME,
        validators=[required("Enter the agency’s name")],
    )
    authority = Select("Local authority", prompt="Both, or neither")
    districts = Checkboxes("Districts", hint="Leave empty if it works everywhere")

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return {
            "name": self.name.data,
            "authority": self.authority.data or None,
            "districts": self.districts.data or [],
        }


class NewAgencyForm(_Agency):
    """An agency that joins."""

    shown: ClassVar[Shown] = ("name", "code", "sector", "authority", "districts")

    code = Text(
        "Code",
        hint="Part of its own sign-in address, such as city-social-care. It cannot be changed later",
        width=20,
        validators=[required("Enter a code")],
    )
    sector = Select("Line of work", choices=SECTORS, validators=[required("Choose the line of work")])

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return super().answers() | {"code": self.code.data, "sector": Sector(self.sector.data)}


class AgencyChangeForm(_Agency):
    """An agency that is known."""

    lead_id = Select("Lead person", prompt="Nobody")
    version = version_field()

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return super().answers() | {
            "lead_id": identifier(self.lead_id.data),
            "version": int(self.version.data or 0),
        }


class TeamForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """A team and its duty address."""

    name = Text("Name", size=Size.NAME, validators=[required("Enter the team’s name")])
    duty_email = Email(
        "Duty email address",
        hint="One that somebody always reads, not a person’s own",
        validators=[required("Enter an email address that somebody always reads"), LOOKS_LIKE_EMAIL],
    )
    duty_phone = Phone(
        "Duty phone number",
        size=Size.NAME,
        validators=[required("Enter a number that somebody always answers")],
    )
    manager_id = Select("Manager", prompt="Nobody yet")

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return {
            "name": self.name.data,
            "duty_email": self.duty_email.data,
            "duty_phone": self.duty_phone.data,
            "manager_id": identifier(self.manager_id.data),
        }


class TeamChangeForm(TeamForm):
    """A team that is known."""

    active = Tick("This team works on cases")
    version = version_field()

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return super().answers() | {"active": self.active.data, "version": int(self.version.data or 0)}


class AgencyProvidersForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """Where an agency's people sign in."""

    provider_ids = Checkboxes(
        "Where do its people sign in?", hint="With none chosen, they use the partnership’s own"
    )
    version = version_field()

    def answers(self) -> dict[str, Any]:
        """What was chosen, as the service takes it."""
        return {
            "provider_ids": identifiers(self.provider_ids.data),
            "version": int(self.version.data or 0),
        }
