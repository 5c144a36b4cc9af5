"""What files plug into the rest."""

from portal.pathway.references import Prefix
from portal.records.attachments.reading import places
from portal.registry import Noun, Reference

NOUN = Noun(references=(Reference(prefix=Prefix.ATTACHMENT, rows=places()),))
