"""What others ask of a disclosure."""

from portal.messages.telling import About
from portal.records.disclosures.model import Disclosure


def about_disclosure(disclosure: Disclosure) -> About:
    """What a message about something told is about."""
    return About("disclosure", disclosure.id, disclosure.reference, disclosure.case_id)
