"""What the tests of the police's part share: a case of three agencies, and taking a file."""

from collections.abc import Callable
from typing import Any

from portal import clock
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.web import date_boxes
from tests.documents.conftest import case, take

__all__ = ["case", "take"]

ClientFor = Callable[..., Any]
Asking = Callable[..., Any]
Acting = Callable[..., Any]

#: What a form says of intelligence, and who it came from. No word of it stands anywhere else.
WORDS = "Zilpahwynd waits by the canal lock on Fridays with a silver estate car and two phones."
SOURCE = "Told by Ottilorne, who cuts hair in the arcade"


def typed(**changes: Any) -> dict[str, Any]:
    """A complete answer to the form that adds intelligence."""
    return {
        **date_boxes.posted("happened_on", clock.today()),
        "text": WORDS,
        "source": SOURCE,
        "source_grade": "2",
        "information_grade": "C",
        "handling_code": "C",
        "conditions": ["reading_only"],
        "more_conditions": "",
        "handling": Handling.NETWORK.value,
        "family_safe": FamilySafe.NO.value,
        **changes,
    }
