"""A code with a label."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A code stored as text, with the label that people read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @property
    def rank(self) -> int:
        """Place in the list, the first is 1."""
        return list(type(self)).index(self) + 1
