"""What is only done while a case is open."""

from portal.changes.errors import DomainError
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.cases.model import Case
from portal.vocabulary import CaseState


def refuse_closed(case: Case) -> None:
    """Go on only while the case is open.

    Raises:
        DomainError: it is closed or transferred.
    """
    if case.state not in OPEN_CASE_STATES:
        raise DomainError("This case is closed. Reopen it first")


def state_in_words(case: Case) -> dict[str, str]:
    """Where a case stands, for somebody who meets another's change."""
    return {"State": CaseState(case.state).label}
