"""The panel of a district: what comes before it, its papers, what it says and decides."""

from portal.blueprints.panels.blueprint import blueprint

__all__ = ["blueprint"]
