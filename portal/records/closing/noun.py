"""What the end of a case plugs into the rest."""

from portal.records.closing.chronology import LINES
from portal.registry import Noun

NOUN = Noun(lines=LINES)
