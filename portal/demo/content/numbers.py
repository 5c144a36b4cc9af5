"""Numbers that pass their check digit and belong to nobody.

NHS numbers that begin with 999 are set aside for tests (NHS Data Dictionary).
"""

from collections.abc import Iterator

from portal.pathway.identifiers import BadIdentifier, read_nhs_number, read_upn

_NO_SUCH_AUTHORITY = "000"


def nhs_numbers() -> Iterator[str]:
    """NHS numbers of the test range, each once."""
    for serial in range(100_000, 1_000_000, 37):
        for check in range(10):
            try:
                yield read_nhs_number(f"999{serial}{check}")
            except BadIdentifier:
                continue


def pupil_numbers() -> Iterator[str]:
    """Unique pupil numbers of a local authority that does not exist, each once."""
    for serial in range(1, 10_000, 7):
        for letter in "ABCDEFGHJKLMNPQRTUVWXYZ":
            try:
                yield read_upn(f"{letter}{_NO_SUCH_AUTHORITY}12{serial:07d}")
            except BadIdentifier:
                continue
