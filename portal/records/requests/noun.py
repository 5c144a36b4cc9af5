"""What requests for information plug into the rest."""

from portal.records.requests.changes import withdraw_from_teams
from portal.registry import Noun

NOUN = Noun(case_sealed=withdraw_from_teams)
