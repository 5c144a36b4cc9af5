"""An information form as people read it: sections of questions and answers, and own drafts in a list."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from portal.messages.presenter import joined
from portal.policy import Policy
from portal.records.referrals.rules import (
    AccountDetails,
    ChildDetails,
    Details,
    FormAnswers,
    PersonDetails,
    PhoneDetails,
    PlaceDetails,
    VehicleDetails,
)
from portal.records.referrals.vocabulary import Channel
from portal.vocabulary import Labelled
from portal.web.filters import day, moment, nhs_number


def came_words(references: Iterable[str]) -> str:
    """That forms became those of whoever reads it, because a case of the child is sealed; empty for none."""
    forms = sorted(references)
    return f"{joined(forms)} on the child {'is' if len(forms) == 1 else 'are'} yours now" if forms else ""


_NAMES = ("given_name", "family_name", "other_names", "name", "registration", "number", "handle")


class _Draft(Protocol):
    @property
    def reference(self) -> str: ...
    @property
    def saved_at(self) -> datetime: ...
    @property
    def answers(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class DraftLine:
    """A draft as its author recognises it."""

    reference: str
    about: str
    saved_at: datetime
    for_sender: bool


def draft_rows(drafts: Iterable[_Draft], policy: Policy) -> list[DraftLine]:
    """The drafts with the first thing that somebody would know each by."""
    return [
        DraftLine(
            one.reference, _about(one.answers, policy), one.saved_at, bool(one.answers.get("for_sender"))
        )
        for one in drafts
    ]


def _about(answers: dict[str, Any], policy: Policy) -> str:
    typed: dict[str, Any] = answers.get("typed", {})
    for step in ("children", "others"):
        for items in typed.get(step, {}).values():
            for item in items:
                if name := " ".join(filter(None, (_first(item, one) for one in _NAMES))):
                    return name
    code = _first(typed.get("about", {}), "kind")
    return policy.referral.kinds.label(code) if code else "Nothing typed yet"


def _first(typed: dict[str, Any], name: str) -> str:
    return next(iter(typed.get(name, ())), "").strip()


NOT_KNOWN = "Not known"

#: Answers to the question for the district that are no district.
WITHOUT_DISTRICT = {"elsewhere": "Outside Derby and Derbyshire", "not_known": NOT_KNOWN}
Row = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """Questions and answers under one heading; ``step`` is the page that they were asked on."""

    title: str
    rows: list[Row]
    step: str
    change: str = ""  # where the sender changes them, while it is a draft


@dataclass(frozen=True)
class Reader:
    """Turns codes into what people read, by one edition of the policy."""

    policy: Policy

    def sections(
        self,
        answers: FormAnswers,
        details: Sequence[Details],
        *,
        change: Callable[[str], str] = lambda _step: "",
        agency: str = "",
    ) -> list[Section]:
        """The whole form, without the source.

        :param change: gives the address at which a page is changed; none for what was sent.
        :param agency: the name of the sender's agency, where it is one of the partnership's.
        """
        found = [self._urgency(answers), self._about(answers)]
        if answers.channel not in (None, Channel.PORTAL):
            found.insert(0, self._sender(answers, agency))
        found += self.subjects(details)
        found += [self._happened(answers), self._sharing(answers)]
        return [Section(one.title, one.rows, one.step, change(one.step)) for one in found]

    def subjects(self, details: Sequence[Details]) -> list[Section]:
        """The children, people and things, each with what is known of it."""
        return [Section(_numbered(one, details), self.subject(one), _step_of(one)) for one in details]

    def subject(self, details: Details) -> list[Row]:
        """What is known of one of them, and what the sender does not know."""
        return [
            {"key": label, "value": value or (NOT_KNOWN if name in details.not_known else "")}
            for name, label, value in self._facts(details)
            if value or name in details.not_known
        ]

    def source(self, text: str, at_risk: bool | None, change: str = "") -> Section:
        """Who told the sender. Only for those who may see it."""
        risk = {True: "Yes", False: "No", None: NOT_KNOWN if text else ""}[at_risk]
        rows = [_row("Who told you", text), _row("At risk if this becomes known", risk)]
        return Section("Who told you", rows, "source", change)

    def _sender(self, answers: FormAnswers, agency: str) -> Section:
        rows = [
            _row("How it reached the hub", _label(answers.channel)),
            _row("Who sent it", answers.sender_name),
            _row("Organisation", agency or answers.sender_agency_name),
            _row("How to reach them", answers.sender_contact),
            _row("Arrived", moment(answers.received_at)),
        ]
        return Section("Who sent it", rows, "sender")

    def _urgency(self, answers: FormAnswers) -> Section:
        return Section("How urgent it is", [_row("In danger now", _label(answers.urgency))], "urgency")

    def _about(self, answers: FormAnswers) -> Section:
        exploitation = self.policy.exploitation
        rows = [
            _row("Mainly about", self.policy.referral.kinds.label(answers.kind)),
            _row("Kind of exploitation", _labels(exploitation.types, answers.types)),
            _row("How it is happening", _labels(exploitation.contexts, answers.contexts)),
            _row("In person", exploitation.contact.label(answers.contact)),
            _row(
                "District",
                district_label(answers.district, self.policy),
            ),
        ]
        return Section("What it is about", rows, "about")

    def _happened(self, answers: FormAnswers) -> Section:
        referral = self.policy.referral
        rows = [
            _row("In one line", answers.in_one_line),
            _row("What happened", answers.what_happened),
            _row("How often", answers.how_often),
            _row("When", _period(answers.event_from, answers.event_to)),
            _row("Part of it", _labels(referral.flags, answers.flags, "None of these, or not known")),
            _row("How it is known", _labels(referral.how_known, answers.how_known)),
            _row("The child’s own words", answers.childs_words),
        ]
        return Section("What happened", rows, "happened")

    def _sharing(self, answers: FormAnswers) -> Section:
        told = _labels(self.policy.referral.already_told, answers.already_told)
        made = filter(None, (day(answers.safeguarding_referral_on), answers.safeguarding_referral_to))
        rows = [
            _row("Family knows that this is shared", _label(answers.family_aware)),
            _row("Why the family has not been told", answers.why_family_not_aware),
            _row("May be shared with child or family", _label(answers.family_may_be_told)),
            _row("Already told", [*told, *filter(None, (answers.already_told_details,))]),
            _row(
                "Safeguarding referral made",
                [*filter(None, (_label(answers.safeguarding_referral),)), *made],
            ),
            _row("Done to keep the child safe", answers.immediate_action),
            _row("Concerns a colleague or their family", "Yes" if answers.concerns_colleague else "No"),
        ]
        optional = {"Why the family has not been told"}
        return Section(
            "Family and sharing",
            [one for one in rows if one["value"] or one["key"] not in optional],
            "sharing",
        )

    def _facts(self, details: Details) -> Iterable[tuple[str, str, Any]]:
        """Name, label and value of everything that can be said of one of them."""
        match details:
            case ChildDetails():
                yield from self._child(details)
            case PersonDetails():
                yield from _person(details)
            case PlaceDetails():
                yield from self._place(details)
            case VehicleDetails():
                yield from (
                    ("registration", "Registration", details.registration),
                    ("make", "Make and model", details.make),
                )
                yield from (("colour", "Colour", details.colour), ("marks", "Recognised by", details.marks))
                yield "driver", "Driver", details.driver
            case PhoneDetails():
                yield from (("number", "Number", details.number), ("used_by", "Used by", details.used_by))
            case AccountDetails():
                yield "platform", "Sort of platform", self.policy.referral.platforms.label(details.platform)
                yield "platform_name", "App, game or website", details.platform_name
                yield from (
                    ("handle", "User name or link", details.handle),
                    ("used_by", "Used by", details.used_by),
                )
        yield "notes", "More", details.notes

    def _child(self, child: ChildDetails) -> Iterable[tuple[str, str, Any]]:
        people = self.policy.people
        yield from (("name", "Name", child.name), ("other_names", "Other names", child.other_names))
        yield "dob", "Date of birth", _born(child.dob, child.age)
        yield from (
            ("nhs_number", "NHS number", nhs_number(child.nhs_number)),
            ("gender", "Gender", people.genders.label(child.gender)),
        )
        yield "address", "Address", "\n".join(filter(None, (child.address, child.postcode)))
        yield from (("phone", "Phone", child.phone), ("school", "School or college", child.school))
        yield from (("gp", "GP or health service", child.gp), ("carer", "Parent or carer", child.carer))
        yield from (("worker", "Worker who knows the child", child.worker),)
        yield "statuses", "Known to services", _labels(people.statuses, child.statuses)
        yield "ethnicity", "Ethnicity", people.ethnicities.label(child.ethnicity)
        yield "language", "Language", child.language

    def _place(self, place: PlaceDetails) -> Iterable[tuple[str, str, Any]]:
        yield from (
            ("name", "Name", place.name),
            ("place_kind", "Sort of place", self.policy.referral.place_kinds.label(place.place_kind)),
        )
        yield "address", "Address", "\n".join(filter(None, (place.address, place.postcode)))
        yield "district", "District", self.policy.areas.districts.label(place.district)
        yield "times", "When", place.times


def _person(person: PersonDetails) -> Iterable[tuple[str, str, Any]]:
    yield from (("name", "Name", person.name), ("other_names", "Other names", person.other_names))
    yield "dob", "Date of birth", _born(person.dob, person.age)
    yield "also_a_child", "Could be a child, or exploited too", _label(person.also_a_child)
    yield from (
        ("role", "Connection", person.role),
        ("description", "What they look like", person.description),
    )
    yield from (("address", "Address", person.address), ("phone", "Phone", person.phone))


def district_label(code: str | None, policy: Policy) -> str:
    """What people read for the district of a form, which may lie outside the partnership or be unknown."""
    return WITHOUT_DISTRICT.get(code or "") or policy.areas.districts.label(code)


def _row(key: str, value: Any) -> Row:
    return {"key": key, "value": value or ""}


def _label(answer: Labelled | None) -> str:
    return answer.label if answer else ""


def _labels(catalogue: Any, codes: Sequence[str], not_known: str = NOT_KNOWN) -> list[str]:
    """What people read for some codes; “not known” also where the list of the policy has no such code."""
    found = list(catalogue.labels(codes))
    return found if found or "not_known" not in codes else [not_known]


def _born(born: date | None, age: int | None) -> str:
    if born:
        return day(born)
    return f"About {age} years old" if age is not None else ""


def _period(first: date | None, last: date | None) -> str:
    if first and last and first != last:
        return f"From {day(first)} to {day(last)}"
    return day(first or last)


def _numbered(one: Details, among: Sequence[Details]) -> str:
    same = [other for other in among if other.kind is one.kind]
    number = f" {1 + next(at for at, other in enumerate(same) if other is one)}" if len(same) > 1 else ""
    return f"{one.kind.label}{number}: {one.label}"


def _step_of(one: Details) -> str:
    return "children" if isinstance(one, ChildDetails) else "others"
