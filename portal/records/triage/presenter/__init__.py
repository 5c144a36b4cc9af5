"""Rows in words, for pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from portal.policy import current_policy
from portal.records.triage.social_care import strategies_of
from portal.web.filters import moment


def became(*, held: bool, at: datetime | None) -> str:
    """What became of a strategy discussion that a front door decided, without a point."""
    if held:
        return f"The discussion was held, as it was recorded on {moment(at)}"
    return f"The discussion was not held, and nobody owes it in the portal since {moment(at)}"


def discussions(*, referral_id: UUID, made_id: UUID | None = None) -> list[dict[str, Any]]:
    """What became of those that front doors decided for a form, with whose social care it was.

    Args:
        made_id: of one referral alone.
    """
    authorities = current_policy().areas.authorities
    return [
        {
            "whose": authorities.label(one.authority),
            "words": became(held=one.held, at=one.at),
            "held": one.held,
        }
        for one in strategies_of(referral_id)
        if made_id in {None, one.made_id}
    ]
