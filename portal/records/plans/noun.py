"""What plans and actions plug into the rest."""

from portal.records.plans.action_changes import give_to_named
from portal.registry import Noun

NOUN = Noun(case_sealing=give_to_named)
