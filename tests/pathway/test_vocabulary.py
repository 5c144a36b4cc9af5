"""Claims about the fixed vocabulary."""

import inspect
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

import pytest

from portal import vocabulary
from portal.registry import NOUNS
from portal.vocabulary import Role, Sensitivity, TriageColour, clashing_roles


def _modules() -> Iterator[ModuleType]:
    """The vocabulary of every noun, and what is of none."""
    for name in ("deadlines", "messages", *(f"records.{noun}" for noun in NOUNS)):
        package = import_module(f"portal.{name}")
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            if ".vocabulary" in found.name:
                yield import_module(found.name)
    yield vocabulary


ENUMS = {
    f"{member.__module__}.{member.__name__}": member
    for module in _modules()
    for _, member in inspect.getmembers(module, inspect.isclass)
    if issubclass(member, Enum) and len(member)
}


@pytest.mark.parametrize("enum", ENUMS.values(), ids=ENUMS.keys())
def test_every_code_has_a_label_of_its_own(enum: type[Enum]) -> None:
    labels = [getattr(member, "label", "") for member in enum]
    assert all(labels), f"give every member of {enum.__name__} a label"
    assert len(set(labels)) == len(labels), f"two members of {enum.__name__} read the same: reword one"


def test_a_code_is_the_text_that_the_database_stores() -> None:
    assert TriageColour("red") is TriageColour.RED
    assert f"{TriageColour.RED}" == "red"


def test_sensitivity_can_be_compared_as_a_number() -> None:
    assert Sensitivity.NORMAL < Sensitivity.RESTRICTED < Sensitivity.SEALED
    assert Sensitivity(2).label == "Sealed"


def test_red_comes_before_amber_and_green() -> None:
    assert [colour.rank for colour in TriageColour] == [1, 2, 3]


@pytest.mark.parametrize("apart", [Role.GOVERNANCE, Role.ADMINISTRATOR])
def test_a_role_that_oversees_cannot_be_held_with_one_that_sees_cases(apart: Role) -> None:
    assert clashing_roles(frozenset({apart, Role.MANAGER})) == {apart}
    assert not clashing_roles(frozenset({apart}))


def test_roles_that_see_cases_add_up() -> None:
    assert not clashing_roles(frozenset({Role.PRACTITIONER, Role.CHAIR, Role.MANAGER}))
