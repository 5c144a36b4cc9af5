"""Return interviews: of a child, one of them, each step on it, and the list of what social care owes."""

from portal.blueprints.return_interviews import show, steps
from portal.blueprints.return_interviews.blueprint import blueprint

__all__ = ["blueprint", "show", "steps"]
