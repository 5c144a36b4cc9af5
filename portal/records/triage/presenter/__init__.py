"""Rows in words, for pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from portal.policy import current_policy
from portal.records.disclosures.facts import front_door_has
from portal.records.disclosures.model import Disclosure
from portal.records.triage import social_care
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
        for one in social_care.strategies_of(referral_id)
        if made_id in {None, one.made_id}
    ]


def decided_there(disclosure: Disclosure) -> list[str]:
    """That it is a referral that a front door has decided already."""
    made = social_care.referral_of_disclosure(disclosure=disclosure)
    if made is None or made.outcome is None:
        return []
    discussion = (
        " A discussion that is due by it does not end with this."
        if made.outcome == social_care.STRATEGY
        else ""
    )
    decided = social_care.words_of_answer(made).splitlines()[0]
    if front_door_has(referral_id=made.id, but=disclosure.id):
        return [f"{decided} It stands: another team of the front door has the referral still."]
    return [
        f"{decided} It was decided {moment(made.outcome_at)}, and may have been acted on. The sender, and"
        " whoever leads a case of the child, get a message that the referral was taken back."
        f"{discussion} If it was another child, take the decision back instead."
    ]
