"""Minutes on their way out: drafts, corrections, approval, distribution, the family’s version, own copies."""

from portal.blueprints.minutes import correcting, document, family, reading, sending, versions
from portal.blueprints.minutes.blueprint import blueprint

__all__ = ["blueprint", "correcting", "document", "family", "reading", "sending", "versions"]
