"""What checks of policy files say again and again. Each raises a `PolicyError` with file, key and remedy.

Some stand in the types of fields, so that every value is checked as it is read: `InDays`, `Positive`.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

from portal.policy.reader import Coded, PolicyError
from portal.policy.terms import Figure, Unit


def exists(code: str, among: Iterable[Coded], file: Path, key: str) -> None:
    """A code stands in a list."""
    codes = [item.code for item in among]
    if code not in codes:
        raise PolicyError(file, key, f"Nothing has the code “{code}”.", f"Use one of: {', '.join(codes)}.")


def positive(value: int, file: Path, key: str) -> None:
    """A number counts something."""
    if value < 1:
        raise PolicyError(file, key, f"This has to be at least 1, and is {value}.", "Write a larger number.")


def counted_in(*allowed: Unit) -> Callable[[Figure, Path, str], None]:
    """A figure counts something, in a unit that can be counted there."""

    def check(figure: Figure, file: Path, key: str) -> None:
        positive(figure.value, file, f"{key}.value")
        if figure.unit not in allowed:
            units = ", ".join(sorted(allowed))
            raise PolicyError(
                file, f"{key}.unit", f"“{figure.unit}” cannot be counted here.", f"Use one of: {units}."
            )

    return check


Positive = Annotated[int, positive]
InHours = Annotated[Figure, counted_in(Unit.ELAPSED_HOURS)]
InWorkingDays = Annotated[Figure, counted_in(Unit.WORKING_DAYS)]
InDays = Annotated[Figure, counted_in(Unit.DAYS)]
InDaysOrMonths = Annotated[Figure, counted_in(Unit.DAYS, Unit.MONTHS)]
InMonths = Annotated[Figure, counted_in(Unit.MONTHS)]
InYears = Annotated[Figure, counted_in(Unit.YEARS)]
