"""One step on several records that were ticked in a table: each by itself, and what was not done is said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.changes.errors import DomainError, NotFound
from portal.pathway.characters import whole_number
from portal.web.choices import OfferingForm
from portal.web.fields import Checkboxes, one_of
from portal.web.transaction import attempt

#: So many at once; more are another step.
MOST = 100


class ChosenForm(OfferingForm):
    """What was ticked: a reference each, with the version that was seen where the record has one (`REF.3`).

    What is no longer offered is not refused here: whoever ticked it is told what became of it.
    """

    chosen = Checkboxes("Which?", validators=[one_of("Tick at least one")], validate_choice=False)


@dataclass
class Outcome:
    """What became of each: how many were done, and which were not and why."""

    done: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def code_of(reference: str, version: int | None = None) -> str:
    """What the box of a record says."""
    return reference if version is None else f"{reference}.{version}"


def do_each(chosen: Sequence[str], act: Callable[[str, int], Any]) -> Outcome:
    """Do it to each by itself: one that is refused keeps no other from being done.

    Args:
        chosen: the boxes that were ticked, as `code_of` gives them.
        act: does it to the record of a reference, as it was seen in that version (0 for none), or raises
            a DomainError that says why not.
    """
    outcome = Outcome()
    for code in dict.fromkeys(chosen[:MOST]):
        reference, _, version = code.partition(".")
        try:
            with attempt():
                act(reference, whole_number(version))
        except NotFound:
            outcome.refused.append((reference, "It is not there, or no longer yours to see"))
        except DomainError as problem:
            outcome.refused.append((reference, problem.message))
        else:
            outcome.done += 1
    outcome.refused += [(code.partition(".")[0], f"Only {MOST} at once") for code in chosen[MOST:]]
    return outcome
