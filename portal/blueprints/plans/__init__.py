"""What is planned for a child: interim safety plans."""

from portal.blueprints.plans import safety, safety_deciding, safety_document
from portal.blueprints.plans.blueprint import blueprint

__all__ = ["blueprint", "safety", "safety_deciding", "safety_document"]
