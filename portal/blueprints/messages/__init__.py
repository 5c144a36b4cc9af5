"""What people are told: their own list, what they want by e-mail, and the life of every message."""

from portal.blueprints.messages import preferences, told, watching
from portal.blueprints.messages.blueprint import blueprint

__all__ = ["blueprint", "preferences", "told", "watching"]
