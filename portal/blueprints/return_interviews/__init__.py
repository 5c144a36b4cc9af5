"""Return interviews: of a child, one of them, each step on it, and the list of what social care owes."""

from portal.blueprints.return_interviews import beginning, document, ending, show, steps, writing
from portal.blueprints.return_interviews.blueprint import blueprint

__all__ = ["beginning", "blueprint", "document", "ending", "show", "steps", "writing"]
