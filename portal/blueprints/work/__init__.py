"""What is due for me, my team and my meetings; for managers also what one of their people leads and owns."""

from portal.blueprints.work import due, held
from portal.blueprints.work.blueprint import blueprint

__all__ = ["blueprint", "due", "held"]
