"""Children who are missing: the shared list, reporting one, each episode, and what repeated ones ask."""

from portal.blueprints.missing import passing_on, repeated, reporting, show, talk
from portal.blueprints.missing.blueprint import blueprint

__all__ = ["blueprint", "passing_on", "repeated", "reporting", "show", "talk"]
