"""What children's records plug into the rest."""

from portal.pathway.references import Prefix
from portal.records.children.chronology import LINES
from portal.records.children.model import Child
from portal.registry import Noun, Record

NOUN = Noun(
    lines=LINES,
    records=(Record(table=Child, prefix=Prefix.CHILD, page="children.show"),),
)
