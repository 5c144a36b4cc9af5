"""Pages that hold lists: any number of children; any number of people, places and things.

An item's fields are posted as ``children-0-given_name``. Kept, a page is ``{"children": [{…}, {…}]}``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from werkzeug.datastructures import MultiDict

from portal.records.referrals.forms.base import Setting
from portal.records.referrals.forms.items import (
    AccountForm,
    ChildForm,
    ItemForm,
    PersonForm,
    PhoneForm,
    PlaceForm,
    VehicleForm,
)
from portal.records.referrals.forms.typed import Typed, keep
from portal.records.referrals.rules.answers import Details
from portal.vocabulary import SubjectKind

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

    def __init__(self, setting: Setting, typed: Typed) -> None:
        self.setting = setting
        self.typed = {one.name: list(typed.get(one.name, ()))[:MOST] for one in self.kinds}
        self.lists = {one.name: Listed(one, tuple(self._items(one))) for one in self.kinds}

    @classmethod
    def of_posted(cls, setting: Setting, posted: MultiDict[str, str]) -> Self:
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
