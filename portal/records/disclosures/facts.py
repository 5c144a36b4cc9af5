"""What others ask of a disclosure."""

from portal.access.principal import Principal
from portal.messages.telling import About, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import RED_TOLD, TOLD
from portal.vocabulary import TriageColour


def about_disclosure(disclosure: Disclosure) -> About:
    """What a message about something told is about."""
    return About("disclosure", disclosure.id, disclosure.reference, disclosure.case_id)


def tell_receiver(*, actor: Principal, disclosure: Disclosure) -> None:
    """Tell the person or team that a line on the ledger names that there is something to confirm."""
    to = to_people(disclosure.receiver_id) or to_teams(disclosure.receiver_team_id)
    event = RED_TOLD if disclosure.colour == TriageColour.RED else TOLD
    tell(actor=actor, event=event, about=about_disclosure(disclosure), given={Ground.RECIPIENT: to})
