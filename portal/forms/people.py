"""Forms about people and their roles. ``answers()`` gives what the service of the same name takes."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms.validators import Length, Regexp

from portal.forms.choices import identifiers
from portal.vocabulary import ROLES_THAT_NEED_CONFIRMING, Role, Sector
from portal.web.fields import Checkboxes, Choice, Email, LongText, Phone, Select, Text, one_of, required

LONGEST = 100

LOOKS_LIKE_EMAIL = Regexp(
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message="Enter an email address, like name@example.org"
)

_ROLE_HINTS = {
    Role.PRACTITIONER: "Shares concerns, and sees the cases that their team works on",
    Role.CHAIR: "Also convenes and records meetings",
    Role.MANAGER: "Also looks after the agency’s own people and sees all its teams’ cases",
    Role.COORDINATOR: "Triages what reaches the hub and opens cases",
    Role.GOVERNANCE: "Sees who looked at what; no cases",
    Role.ADMINISTRATOR: "Looks after agencies, sign-in and people; no cases",
}


def role_choices(*, sector: str, may_ask_weighty: bool, held: Iterable[str] = ()) -> list[Choice]:
    """The roles that can be given in an agency of a sector, and those that the person holds already."""
    return [
        Choice(role, role.label, hint=_role_hint(role))
        for role in Role
        if role in held or (_may_be_given(role, sector) and (may_ask_weighty or not _is_weighty(role)))
    ]


def _may_be_given(role: Role, sector: str) -> bool:
    return role is not Role.COORDINATOR or sector == Sector.HUB


def _is_weighty(role: Role) -> bool:
    return role in ROLES_THAT_NEED_CONFIRMING


def _role_hint(role: Role) -> str:
    confirmed = ". A second administrator confirms it" if _is_weighty(role) else ""
    return _ROLE_HINTS[role] + confirmed


class _Details(FlaskForm):  # type: ignore[misc]  # the package carries no types
    name = Text("Full name", validators=[required("Enter the person’s full name"), Length(max=LONGEST)])
    email = Email(
        "Work email address",
        hint="Where messages go. It is never used to tell who somebody is",
        validators=[
            required("Enter the person’s work email address"),
            LOOKS_LIKE_EMAIL,
            Length(max=LONGEST),
        ],
    )
    job_title = Text(
        "Job",
        hint="For example, detective constable or health visitor",
        validators=[Length(max=LONGEST)],
    )
    team_ids = Checkboxes("Teams")

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return {
            "name": self.name.data,
            "email": self.email.data,
            "job_title": self.job_title.data or "",
            "team_ids": identifiers(self.team_ids.data),
        }


class InviteForm(_Details):
    """Inviting somebody to an agency."""

    roles = Checkboxes("What will they do?", validators=[one_of("Choose at least one role")])

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return super().answers() | {"roles": [Role(role) for role in self.roles.data or []]}


class DetailsForm(_Details):
    """Changing what is kept about a person."""

    phone = Phone("Work phone number", validators=[Length(max=LONGEST)])
    version = Text("Version", validators=[Regexp(r"^\d{1,9}$", message="Reload the page and start again")])

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return super().answers() | {"phone": self.phone.data or "", "version": int(self.version.data or 0)}


class RolesForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """Changing what a person may do."""

    roles = Checkboxes("What may they do?", validators=[one_of("Choose at least one role")])

    def answers(self) -> dict[str, Any]:
        """What was chosen, as the service takes it."""
        return {"roles": [Role(role) for role in self.roles.data or []]}


class ReasonForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """Why access ends."""

    reason = LongText(
        "Why?",
        hint="Kept on the record. Do not name a child",
        rows=3,
        limit=500,
        validators=[required("Say why")],
    )

    def answers(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return {"reason": self.reason.data}


class AgencyChoiceForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """For which agency an administrator invites somebody."""

    agency = Select("Which agency do they work for?", validators=[required("Choose the agency")])
