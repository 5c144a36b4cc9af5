"""Pages that hold lists: any number of children, people, places and things.

Every question of one may stay open.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than WTForms 3.3

from portal import clock
from portal.pathway.calendar import age_on
from portal.pathway.characters import read_postcode
from portal.records.referrals.forms.base import (
    FormSetting,
    PageForm,
    Typed,
    check_young,
    keep,
    offered,
    says_something,
    whole_years,
)
from portal.records.referrals.rules import ChildDetails, Details, read_details
from portal.vocabulary import Answer, SubjectKind
from portal.web.date_boxes import posted
from portal.web.fields import Checkboxes, Choice, DateBoxes, LongText, NhsNumber, Phone, Radios, Select, Text


def _not_known(**questions: str) -> Checkboxes:
    choices = [Choice(name, label) for name, label in questions.items()]
    return Checkboxes(
        "Tick what you do not know", choices=choices, small=True, hint="You can leave it empty too"
    )


class ItemForm(PageForm):
    """Something on the form. `kind` decides how its answers are read."""

    kind: ClassVar[SubjectKind]

    @property
    def details(self) -> Details:
        """What was said, typed. Answers that are wrong are left out."""
        return read_details(self.kind, self.answers())

    @property
    def says_something(self) -> bool:
        """Whether anything was filled in, right or wrong."""
        return says_something({name: [str(value)] for name, value in self.answers().items()}) or any(
            field.errors for field in self
        )

    def answers(self) -> dict[str, Any]:
        """Postcodes as they are written, where they are whole."""
        found = super().answers()
        if code := found.get("postcode"):
            found["postcode"] = read_postcode(code) or code.upper()
        return found


class HumanForm(ItemForm):
    given_name = Text("First name", width=20)
    family_name = Text("Last name", width=20)
    other_names = Text(
        "Other names", hint="Nicknames, street names, other spellings, earlier names, names used online"
    )
    dob = DateBoxes("Date of birth", latest=clock.today)
    age = Text(
        "Age, if you do not know the date of birth", width=3, inputmode="numeric", validators=[whole_years]
    )


class ChildForm(HumanForm):
    kind = SubjectKind.CHILD
    nhs_number = NhsNumber()
    gender = Radios("Gender", choices=(), small=True)
    address = LongText("Address, or where the child lives or stays")
    postcode = Text("Postcode", width=10)
    phone = Phone("Phone number")
    school = Text("School or college")
    gp = Text("GP practice, or another health service")
    carer = Text("Parent or carer", hint="Name, and how they are related")
    worker = Text("A worker who knows the child", hint="Name, role and organisation")
    statuses = Checkboxes("Is the child known to services?", choices=(), small=True)
    ethnicity = Select("Ethnicity", choices=())
    language = Text("Language, and whether an interpreter is needed")
    notes = LongText("Anything else about this child")
    not_known = _not_known(
        name="Name",
        dob="Date of birth or age",
        address="Address",
        school="School or college",
        gp="GP",
        carer="Parent or carer",
        statuses="Whether services know the child",
        worker="A worker who knows the child",
    )

    def validate_age(self, field: Text) -> None:
        """A child or a young person."""
        typed = (field.data or "").strip()
        if typed and not field.errors:
            check_young(int(typed), self.setting.policy)

    def validate_dob(self, field: DateBoxes) -> None:
        """The same, by the date of birth."""
        if field.data:
            check_young(age_on(field.data, clock.today()), self.setting.policy)

    def choices_for(self, setting: FormSetting) -> dict[str, list[SelectChoice]]:
        """The lists of the partnership."""
        people = setting.policy.people
        return {
            "gender": offered(people.genders),
            "statuses": offered(people.statuses),
            "ethnicity": offered(people.ethnicities),
        }


class PersonForm(HumanForm):
    kind = SubjectKind.PERSON
    also_a_child = Radios(
        "Could this person be a child, or exploited too?", choices=Answer, inline=True, small=True
    )
    role = LongText("How are they connected with the child or what happened?")
    description = LongText("What do they look like?")
    address = LongText("Address, or where they are seen")
    phone = Phone("Phone number")
    notes = LongText("Anything else about this person")
    not_known = _not_known(
        name="Name", dob="Date of birth or age", description="What they look like", address="Address"
    )


class PlaceForm(ItemForm):
    kind = SubjectKind.PLACE
    name = Text("Name of the place", hint="Or how people call it")
    place_kind = Select("What sort of place is it?", choices=())
    address = LongText("Address, or how to find it")
    postcode = Text("Postcode", width=10)
    district = Select("District", choices=())
    times = Text("When does it happen there?", hint="Days and times")
    notes = LongText("What happens there?")
    not_known = _not_known(name="Name", address="Address", times="When it happens")

    def choices_for(self, setting: FormSetting) -> dict[str, list[SelectChoice]]:
        """The lists of the partnership."""
        return {
            "place_kind": offered(setting.policy.referral.place_kinds),
            "district": offered(setting.policy.areas.districts),
        }


class VehicleForm(ItemForm):
    kind = SubjectKind.VEHICLE
    registration = Text("Registration", hint="A part of it helps too", width=10)
    make = Text("Make and model", width=20)
    colour = Text("Colour", width=20)
    marks = Text("Anything to recognise it by")
    driver = Text("Who drives it?")
    notes = LongText("Anything else about this vehicle")
    not_known = _not_known(registration="Registration", make="Make and model", driver="Who drives it")


class PhoneForm(ItemForm):
    kind = SubjectKind.PHONE
    number = Phone("Phone number")
    used_by = Text("Who uses it?")
    notes = LongText("What is it used for?")
    not_known = _not_known(number="Phone number", used_by="Who uses it")


class AccountForm(ItemForm):
    kind = SubjectKind.ACCOUNT
    platform = Select("What sort of platform?", choices=())
    platform_name = Text("Name of the app, game or website", width=20)
    handle = Text("User name, handle or link")
    used_by = Text("Who uses it?")
    notes = LongText("What is it used for?")
    not_known = _not_known(platform_name="Which platform", handle="User name", used_by="Who uses it")

    def choices_for(self, setting: FormSetting) -> dict[str, list[SelectChoice]]:
        """The lists of the partnership."""
        return {"platform": offered(setting.policy.referral.platforms)}


def typed_child(details: ChildDetails) -> Typed:
    """What somebody would have typed for a child who is already known."""
    stored: dict[str, Any] = details.as_json()
    stored.pop("dob", None)
    born = posted("dob", details.dob) if isinstance(details.dob, date) else {}
    plain = {name: _texts(value) for name, value in stored.items()}
    return {**plain, **{name: [value] for name, value in born.items()}}


def _texts(value: Any) -> list[str]:
    return (
        [str(one) for one in value]
        if isinstance(value, Iterable) and not isinstance(value, str)
        else [str(value)]
    )


#: More of one kind than anybody types; above it, something other than a person is posting.
MOST = 30


@dataclass(frozen=True)
class ListOf:
    """A list on a page: how it is posted and what it is called."""

    name: str
    form: type[ItemForm]
    legend: str
    one: str  # “child”
    add: str
    hint: str = ""

    @property
    def kind(self) -> SubjectKind:
        """What its items are."""
        return self.form.kind


CHILDREN = ListOf("children", ChildForm, "Children", "child", "Add a child")
PEOPLE = ListOf(
    "people",
    PersonForm,
    "People of concern",
    "person",
    "Add a person",
    "Anyone who may be exploiting children, or may know more",
)
PLACES = ListOf(
    "places", PlaceForm, "Places", "place", "Add a place", "A shop, a home, a park, a hotel, a route"
)
VEHICLES = ListOf("vehicles", VehicleForm, "Vehicles", "vehicle", "Add a vehicle")
PHONES = ListOf("phones", PhoneForm, "Phone numbers", "phone number", "Add a phone number")
ACCOUNTS = ListOf("accounts", AccountForm, "Online accounts", "account", "Add an online account")


@dataclass(frozen=True)
class Listed:
    """A list as it stands on the page."""

    of: ListOf
    items: tuple[ItemForm, ...]


class ListsPage:
    """A page of lists. Used like a form: `validate`, `typed`, `forms`."""

    step: ClassVar[str] = ""
    kinds: ClassVar[tuple[ListOf, ...]] = ()

    def __init__(self, setting: FormSetting, typed: Typed) -> None:
        self.setting = setting
        self.typed = {one.name: list(typed.get(one.name, ()))[:MOST] for one in self.kinds}
        self.lists = {one.name: Listed(one, tuple(self._items(one))) for one in self.kinds}

    @classmethod
    def of_posted(cls, setting: FormSetting, posted: MultiDict[str, str]) -> Self:
        """The page as a browser posted it."""
        return cls(setting, {one.name: list(_posted_items(one, posted)) for one in cls.kinds})

    @property
    def forms(self) -> list[ItemForm]:
        """Every item, in the order in which they stand."""
        return [item for one in self.lists.values() for item in one.items]

    def with_another(self, name: str) -> Self:
        """The page with an empty item at the end of a list. At `MOST` it stays as it is."""
        grown = {**self.typed, name: [*self.typed[name], {}]} if name in self.typed else self.typed
        return type(self)(self.setting, grown)

    def without(self, item: str) -> Self:
        """The page without one item, named as ``children-0``."""
        name, _, at = item.rpartition("-")
        kept = self.typed.get(name, [])
        if at in map(str, range(len(kept))):
            kept = [one for number, one in enumerate(kept) if str(number) != at]
            return type(self)(self.setting, {**self.typed, name: kept})
        return self

    def beginning_with(self, kind: SubjectKind | None) -> Self:
        """The page with one item of `kind` to fill in, when nothing has been added yet."""
        if any(self.typed.values()):
            return self
        wanted = next((one for one in self.kinds if one.kind is kind), None)
        return self.with_another(wanted.name) if wanted else self

    @property
    def is_too_long(self) -> bool:
        """Whether some answer of an item is longer than a text may be."""
        return any(form.is_too_long for form in self.forms)

    def validate(self) -> bool:
        """Whether every item is right."""
        checked = [form.validate() for form in self.forms]  # each of them, so that every fault is told
        return all(checked)

    def problems(self) -> Iterator[str]:
        """What is wrong, one sentence each, with the item that it is about."""
        for one in self.lists.values():
            for number, form in enumerate(one.items, start=1):
                yield from (f"{one.of.one.capitalize()} {number}: {words}" for words in form.problems())

    def details(self) -> list[Details]:
        """Everything on the page that says something."""
        return [form.details for form in self.forms if form.says_something]

    def _items(self, one: ListOf) -> Iterator[ItemForm]:
        for number, typed in enumerate(self.typed[one.name]):
            yield one.form(self.setting, typed, prefix=f"{one.name}-{number}")


class ChildrenPage(ListsPage):
    """The children it is about."""

    step = "children"
    kinds = (CHILDREN,)


class OthersPage(ListsPage):
    """The people, places and things it is about."""

    step = "others"
    kinds = (PEOPLE, PLACES, VEHICLES, PHONES, ACCOUNTS)


def _posted_items(one: ListOf, posted: MultiDict[str, str]) -> Iterator[Typed]:
    shape = re.compile(rf"{one.name}-(\d{{1,4}})-", re.ASCII)
    numbers = {int(found[1]) for name in posted if (found := shape.match(name))}
    for number in sorted(numbers)[:MOST]:
        yield keep(posted, one.form.names(), prefix=f"{one.name}-{number}-")
