"""What others ask of a disclosure."""

from portal.records.disclosures.model import Disclosure
from portal.services.messages import About


def about_disclosure(disclosure: Disclosure) -> About:
    """What a message about something told is about."""
    return About("disclosure", disclosure.id, disclosure.reference, disclosure.case_id)
