"""Who could watch or act in a place of concern, and what is known of it."""

from portal.blueprints.places import known, show, watching
from portal.blueprints.places.blueprint import blueprint

__all__ = ["blueprint", "known", "show", "watching"]
