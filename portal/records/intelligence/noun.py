"""What intelligence plugs into the rest."""

from portal.records.intelligence.tasks import TASKS
from portal.registry import Noun

NOUN = Noun(tasks=TASKS)
