"""Minutes on their way out: drafts, corrections, approval, distribution, the family’s version, own copies."""

from portal.blueprints.minutes.blueprint import blueprint

__all__ = ["blueprint"]
