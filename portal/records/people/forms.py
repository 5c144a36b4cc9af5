"""Forms about people, their roles, agencies and teams, and where they sign in.

``answers()`` gives what the service takes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms.validators import Regexp, ValidationError

from portal.pathway.characters import identifier
from portal.vocabulary import ROLES_THAT_NEED_CONFIRMING, Role, Sector
from portal.web.choices import choices, identifiers
from portal.web.error_summary import Shown
from portal.web.fields import (
    Checkboxes,
    Choice,
    Email,
    Hidden,
    LongText,
    Phone,
    Select,
    Size,
    Text,
    Tick,
    one_of,
)

_VERSION = re.compile(r"^[0-9]{1,9}$")
LOOKS_LIKE_EMAIL = Regexp(
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message="Enter an email address, like name@example.org"
)


def version_field() -> Hidden:
    """The version that a form was opened with."""
    return Hidden("Version", validators=[_is_a_version])


def _is_a_version(_form: FlaskForm, field: Hidden) -> None:
    # Where the field was not sent at all, it still holds the number of the record.
    if not _VERSION.match(str(field.data or "")):
        raise ValidationError("Reload the page and start again")


_ROLE_HINTS = {
    Role.PRACTITIONER: "Shares concerns, and sees the cases that their team works on",
    Role.CHAIR: "Also convenes and records meetings",
    Role.MANAGER: "Also looks after the agency’s people, and sees its teams’ cases that are not held closely",
    Role.COORDINATOR: "Triages what reaches the hub and opens cases",
    Role.GOVERNANCE: "Reads the sharing ledger; no cases",
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


class ServiceForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """A form whose answers go to a service, each under its name."""

    def answers(self) -> dict[str, Any]:
        """What was typed and chosen, as the service takes it."""
        said = {name: field.data for name, field in self._fields.items() if name != "csrf_token"}
        return {name: _TAKEN[name](data) if name in _TAKEN else data for name, data in said.items()}


_SECONDS = 60

#: How a service takes an answer, where that is not as it was typed, by the name of its field.
_TAKEN: Mapping[str, Callable[[Any], Any]] = {
    "job_title": lambda typed: typed or "",
    "phone": lambda typed: typed or "",
    "team_ids": identifiers,
    "roles": lambda chosen: [Role(role) for role in chosen or []],
    "authority": lambda chosen: chosen or None,
    "districts": lambda chosen: chosen or [],
    "sector": Sector,
    "lead_id": identifier,
    "manager_id": identifier,
    "provider_ids": identifiers,
    "required_acr": lambda typed: (typed or "").split(),
    "required_amr": lambda typed: (typed or "").split(),
    "max_age": lambda minutes: int(minutes) * _SECONDS if minutes else None,
    "version": lambda number: int(number or 0),
}


class _Details(ServiceForm):
    name = Text("Full name", size=Size.NAME, required="Enter the person’s full name")
    email = Email(
        "Work email address",
        hint="Where messages go. It is never used to tell who somebody is",
        required="Enter the person’s work email address",
        validators=[LOOKS_LIKE_EMAIL],
    )
    job_title = Text(
        "Job",
        hint="For example, detective constable or health visitor",
        size=Size.NAME,
    )
    team_ids = Checkboxes("Teams", find="a team")


class InviteForm(_Details):
    """Inviting somebody to an agency."""

    roles = Checkboxes("What will they do?", validators=[one_of("Choose at least one role")])


#: The answer of whoever leaves what somebody holds to their manager.
LATER = "later"


def take_over_choices(colleagues: Iterable[tuple[object, str]]) -> list[Choice]:
    """Who could take over what somebody leaves behind: colleagues that one may give it to, or nobody yet."""
    return [
        *choices(colleagues),
        Choice(LATER, "Nobody yet. Their manager is told what has to be handed over"),
    ]


class _TakeOver(ServiceForm):
    """Also asks who takes over what somebody leaves behind."""

    def answers(self) -> dict[str, Any]:
        """What was typed and chosen, as the service takes it."""
        said = super().answers()
        chosen = said.pop("hand_to")
        later = chosen == LATER
        return said | {"takes_over": None if later else identifier(chosen), "later": later}


class DetailsForm(_TakeOver, _Details):
    """Changing what is kept about a person."""

    hand_to = Select(
        "Who takes over what they would no longer read?",
        hint="Only where they leave a team and lead or own something there",
        prompt="Nothing has to be taken over",
    )
    phone = Phone("Work phone number", size=Size.NAME)
    version = version_field()


class RolesForm(ServiceForm):
    """Changing what a person may do."""

    roles = Checkboxes("What may they do?", validators=[one_of("Choose at least one role")])


class ReasonForm(ServiceForm):
    """Why access ends."""

    reason = LongText("Why?", hint="Kept on the record. Do not name a child", limit=500, required="Say why")


class SwitchOffForm(_TakeOver, ReasonForm):
    """Why somebody's access ends, and who takes over what they hold."""

    hand_to = Select("Who takes over what they lead and own?")


class HandOverForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """Giving what somebody leads and owns to a colleague, all of it or some."""

    items = Checkboxes(
        "What goes to somebody else?", validators=[one_of("Choose at least one")], find="something"
    )
    hand_to = Select("Who takes over?", required="Choose who takes over")
    reason = LongText(
        "Why?",
        hint="Kept with each thing that you hand over. Do not name a child",
        limit=500,
        required="Say why somebody else takes over",
    )


class AgencyChoiceForm(FlaskForm):  # type: ignore[misc]  # the package carries no types
    """For which agency an administrator invites somebody."""

    agency = Select("Which agency do they work for?", required="Choose the agency")


class _Agency(ServiceForm):
    name = Text("Name", hint="As its people would say it", size=Size.NAME, required="Enter the agency’s name")
    authority = Select("Local authority", prompt="Both, or neither")
    districts = Checkboxes("Districts", hint="Leave empty if it works everywhere")


class NewAgencyForm(_Agency):
    """An agency that joins."""

    shown: ClassVar[Shown] = ("name", "code", "sector", "authority", "districts")

    code = Text(
        "Code",
        hint="Part of its own sign-in address, such as city-social-care. It cannot be changed later",
        width=20,
        required="Enter a code",
    )
    sector = Select("Line of work", choices=Sector, required="Choose the line of work")


class AgencyChangeForm(_Agency):
    """An agency that is known."""

    lead_id = Select("Lead person", prompt="Nobody")
    version = version_field()


class TeamForm(ServiceForm):
    """A team and its duty address."""

    name = Text("Name", size=Size.NAME, required="Enter the team’s name")
    duty_email = Email(
        "Duty email address",
        hint="One that somebody always reads, not a person’s own",
        required="Enter an email address that somebody always reads",
        validators=[LOOKS_LIKE_EMAIL],
    )
    duty_phone = Phone(
        "Duty phone number", size=Size.NAME, required="Enter a number that somebody always answers"
    )
    manager_id = Select("Manager", prompt="Nobody yet")
    desks = Checkboxes(
        "What does it answer for?",
        hint="It is told of these although no case of it says so. Choose all that apply",
    )
    answers_at_night = Tick("Somebody reads its address and answers its number at every hour")


class TeamChangeForm(TeamForm):
    """A team that is known."""

    active = Tick("This team works on cases")
    version = version_field()


class AgencyProvidersForm(ServiceForm):
    """Where an agency's people sign in."""

    provider_ids = Checkboxes(
        "Where do its people sign in?", hint="With none chosen, they use the partnership’s own"
    )
    version = version_field()


class ProviderForm(ServiceForm):
    """How strongly the people of a provider have to prove who they are."""

    name = Text(
        "Name", hint="As people know it, such as Derby City account", size=Size.NAME, required="Enter a name"
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


class ProviderChangeForm(ProviderForm):
    """A provider that is known."""

    version = version_field()


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
        required="Enter a code",
    )
    issuer = Text(
        "Issuer", hint="An https address, exactly as the provider writes it", required="Enter the issuer"
    )
    client_id = Text("Client ID", required="Enter the client ID that the provider gave out")
