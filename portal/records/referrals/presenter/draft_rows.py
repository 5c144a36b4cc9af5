"""Own drafts in a list: what each is about, as far as anything has been typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from portal.policy import Policy

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
