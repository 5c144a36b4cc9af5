"""Forms about one child. Lists of answers are policy; what is typed is judged by the services."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from portal import clock
from portal.policy import Policy
from portal.records.children.vocabulary import EligibilityBasis
from portal.vocabulary import Answer, StatementKind
from portal.web import fields
from portal.web.choices import ChildPicker, OfferingForm, VersionedForm, choices, terms
from portal.web.error_summary import Reveals, Shown
from portal.web.fields import Choice, Size

_TRUTH: dict[str | None, bool] = {Answer.YES: True, Answer.NO: False}


class IdentityForm(VersionedForm):
    """Who the child is."""

    given_name = fields.Text("Given names", width=20, size=Size.NAME)
    family_name = fields.Text("Family name", width=20, size=Size.NAME)
    dob = fields.DateBoxes("Date of birth", latest=clock.today)
    dob_is_estimate = fields.Tick("This is an estimate from the child’s age")
    nhs_number = fields.NhsNumber()
    reason = fields.Text(
        "How do you know?", hint="For example, the birth certificate was seen", required="Say how you know"
    )

    def values(self) -> dict[str, Any]:
        """What was typed, as the facts of an identity."""
        return {
            "given_name": self.given_name.data or "",
            "family_name": self.family_name.data or "",
            "dob": self.dob.data,
            "dob_is_estimate": self.dob_is_estimate.data,
            "nhs_number": self.nhs_number.data,
        }


class RecordForm(VersionedForm):
    """What the network knows of the child beyond that."""

    eligibility_basis = fields.Radios(
        "Why is this pathway the right one?",
        choices=EligibilityBasis,
        legend_size="m",
    )
    eligibility_reason = fields.LongText("Reason", hint="Needed when no rule about age applies")
    sex = fields.Radios("Sex", inline=True)
    gender = fields.Select("Gender", prompt="Not recorded")
    pronouns = fields.Text("Pronouns", width=10)
    ethnicity = fields.Select("Ethnicity", prompt="Not recorded")
    religion = fields.Text("Religion or belief", width=20)
    first_language = fields.Text("First language", width=20)
    interpreter_needed = fields.Radios("Is an interpreter needed?", choices=Answer, inline=True)
    communication_needs = fields.LongText("Communication needs", rows=2)
    preferred_contact = fields.LongText("Whom does the child prefer to speak to, and how?", rows=2)
    disabilities = fields.Checkboxes("Disability", small=True)
    send = fields.Radios("Does the child have special educational needs?", choices=Answer, inline=True)
    ehcp = fields.Radios("Is there an education, health and care plan?", choices=Answer, inline=True)
    nationality = fields.Text("Nationality", width=20)
    immigration = fields.Text("Immigration status", hint="For example, an unaccompanied child seeking asylum")
    responsible_authority = fields.Radios("Responsible authority")
    host_authority = fields.Radios("Host authority", hint="Where the child lives, if elsewhere")
    district = fields.Select("District where the child lives", prompt="Not recorded")

    @classmethod
    def of(cls, policy: Policy, record: Any) -> "RecordForm":
        """The form with the answers of a policy, and what a record says."""
        form, people, areas = cls(data=cls._stored(record)), policy.people, policy.areas
        form.offer("sex", terms(people.sexes.offered, hints=True))
        form.offer("gender", terms(people.genders.offered, hints=True))
        form.offer("ethnicity", terms(people.ethnicities.offered, hints=True))
        disabilities = people.disabilities.offered
        form.offer(
            "disabilities",
            [Choice(one.code, one.label, exclusive=one.code == "NONE") for one in disabilities],
        )
        form.offer("responsible_authority", terms(areas.authorities.offered, hints=True))
        form.offer("host_authority", terms(areas.authorities.offered, hints=True))
        form.offer("district", terms(areas.districts.offered, hints=True))
        return form

    @classmethod
    def _stored(cls, record: Any) -> dict[str, Any]:
        kept = {name: getattr(record, name) for name in cls._names()}
        for name in _YES_OR_NO:
            kept[name] = {True: Answer.YES, False: Answer.NO}.get(kept[name])
        return kept | {"version": str(record.version)}

    def facts(self) -> dict[str, Any]:
        """What was answered, as columns of the record."""
        found = {name: self[name].data or None for name in self._names()}
        found["disabilities"] = self.disabilities.data or []
        for name in _YES_OR_NO:
            found[name] = _TRUTH.get(found[name])
        return found

    @classmethod
    def _names(cls) -> list[str]:
        return [name for name in vars(cls) if hasattr(getattr(cls, name), "field_class")]


_YES_OR_NO = ("interpreter_needed", "send", "ehcp")


HELD, SEEN = "held", "seen"

#: How each kind of statement asks for its value, its sort and anything else.
STATEMENT_WORDS = {
    StatementKind.ADDRESS: ("Address", "What sort of address is it?", "Anything to know about it"),
    StatementKind.PHONE: ("Phone number", "Whose phone is it?", "Anything to know about it"),
    StatementKind.ACCOUNT: ("Name of the account", "", "Which app or site"),
    StatementKind.SCHOOL: (
        "School, college or workplace",
        "How does the child attend?",
        "Who to speak to there",
    ),
    StatementKind.GP: ("GP practice", "", "Phone number or address"),
    StatementKind.CARER: (
        "Name",
        "Who are they to the child?",
        "Phone number, parental responsibility and anything else to know",
    ),
}


class StatementForm(OfferingForm):
    """What one's agency says, from a date."""

    states_what_is_held = True  # it enters what is held back, and says of it who sees it

    shown: Shown = (
        *("value", "postcode", "code", "detail", "starts_on", "ends_on", "do_not_disclose", "who_sees"),
        "named_agencies",
    )
    reveals: ClassVar[Reveals] = {"who_sees": {SEEN: ("seen_because",)}}

    value = fields.LongText("", required="Fill this in")
    code = fields.Select("", prompt="Not known")
    postcode = fields.Text("Postcode", width=10)
    detail = fields.LongText("", rows=2)
    starts_on = fields.DateBoxes("From when, if you know?", called="The first day")
    ends_on = fields.DateBoxes("Until when, if it is no longer so?", called="The last day")
    do_not_disclose = fields.Tick(
        "Do not disclose this",
        hint="Only your agency and those you name see this line. It is on no list, print or message. "
        "The same words elsewhere stay where they are.",
    )
    # In its place where an alert says so already: it is held back, or somebody says why not.
    who_sees = fields.Radios(
        "Who may see this?",
        hint="An alert on this child, here or on a linked record, says not to disclose it."
        " Whose it is says the hub.",
        choices=[
            Choice(HELD, "Only my agency and those I name", "It is on no list, print or message"),
            Choice(SEEN, "Everybody who works with the child"),
        ],
        required="Choose who may see it",
        default=HELD,
    )
    seen_because = fields.Text(
        "Why may everybody who works with the child see it?",
        hint="It stays on record, and stands beside it.",
    )
    named_agencies = fields.Checkboxes(
        "Which other agencies need to see it?", hint="", small=True, find="an agency"
    )

    @classmethod
    def of(
        cls,
        kind: StatementKind,
        policy: Policy,
        agencies: Iterable[tuple[UUID, str]],
        *,
        before: Any = None,
        bound: bool = False,
    ) -> "StatementForm":
        """The form in the words of one kind of statement, without the boxes that it has no use for.

        Args:
            before: what the agency said before, to be said again.
            bound: whether an alert on the child says that this kind is not disclosed.
        """
        form, people = cls(obj=before), policy.people
        sorts = {
            StatementKind.ADDRESS: people.address_kinds,
            StatementKind.PHONE: people.phone_kinds,
            StatementKind.SCHOOL: people.attendance,
            StatementKind.CARER: people.relationships,
        }.get(kind)
        value, sort, detail = STATEMENT_WORDS[kind]
        form.value.label.text, form.code.label.text, form.detail.label.text = value, sort, detail
        form.offer("named_agencies", choices(agencies))
        if not form.named_agencies.choices:
            del form.named_agencies
        if sorts is None:
            del form.code
        else:
            form.offer("code", terms(sorts.offered, hints=True))
        if kind is not StatementKind.ADDRESS:
            del form.postcode
        if bound:
            del form.do_not_disclose
        else:
            del form.who_sees, form.seen_because
        return form

    @property
    def _held(self) -> bool:
        return bool(self.who_sees.data == HELD if "who_sees" in self else self.do_not_disclose.data)

    def facts(self) -> dict[str, Any]:
        """What was typed, as the facts of a statement."""
        return {
            "value": self.value.data or "",
            "code": self.code.data or None if "code" in self else None,
            "postcode": self.postcode.data if "postcode" in self else None,
            "detail": self.detail.data,
            "starts_on": self.starts_on.data,
            "ends_on": self.ends_on.data,
            "do_not_disclose": self._held,
            "seen_because": self.said("seen_because") if "seen_because" in self else "",
            "named_agencies": tuple(UUID(one) for one in self.named_agencies.data or ())
            if "named_agencies" in self
            else (),
        }


class StatusForm(OfferingForm):
    """A legal, social-care or education status."""

    status = fields.Radios("What is it?", required="Choose a status")
    starts_on = fields.DateBoxes("Since when, if you know?", called="The first day")
    ends_on = fields.DateBoxes("Until when, if it has ended?", called="The last day", latest=clock.today)

    @classmethod
    def of(cls, policy: Policy) -> "StatusForm":
        """The form with the statuses of a policy."""
        form = cls()
        form.offer("status", terms(policy.people.statuses.offered, hints=True))
        return form


class EndForm(OfferingForm):
    """The last day of something."""

    ends_on = fields.DateBoxes(
        "What was the last day?", called="The last day", required="Enter the last day", latest=clock.today
    )


class IdentifierForm(OfferingForm):
    """A number in another system."""

    scheme = fields.Radios("What sort of number is it?", required="Choose what it is")
    value = fields.Text("Number", width=20, required="Enter the number")

    @classmethod
    def of(cls, policy: Policy) -> "IdentifierForm":
        """The form with the sorts of number of a policy; the NHS number is part of the identity."""
        form = cls()
        numbers = [one for one in policy.people.identifiers.offered if one.code != "nhs_number"]
        form.offer("scheme", terms(numbers, hints=True))
        return form


class AliasForm(OfferingForm):
    """Another name."""

    name = fields.Text("Name", width=20, size=Size.NAME, required="Enter the name")
    kind = fields.Radios("What sort of name is it?", required="Choose what it is")

    @classmethod
    def of(cls, policy: Policy) -> "AliasForm":
        """The form with the sorts of name of a policy."""
        form = cls()
        form.offer("kind", terms(policy.people.alias_kinds.offered, hints=True))
        return form


class LinkForm(OfferingForm):
    """Another record of the same child."""

    other = ChildPicker(
        "Which other record?",
        which="Choose the other record",
        required="Say which other record it is",
    )
    reason = fields.LongText("How do you know that they are the same child?", required="Say how you know")


class ReasonForm(OfferingForm):
    """Why."""

    reason = fields.LongText("Why?", required="Say why")


class UnlinkForm(OfferingForm):
    """That two records are of two children; and which of them is missing now, where that was one to both."""

    missing = fields.Radios(
        "Which child is missing now?",
        hint="If it is the other one, the report goes over to that record",
        required="Say which of the two children is missing now",
    )
    reason = fields.LongText("Why?", required="Say why")

    def ask_of(self, either: Iterable[Choice]) -> None:
        """Ask which of the two it is; nothing where none is missing, or each by a report of their own."""
        offered = list(either)
        if offered:
            self.offer("missing", offered)
        else:
            del self.missing
