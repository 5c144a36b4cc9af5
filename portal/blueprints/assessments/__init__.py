"""Risk assessments: begun, written by several agencies, concluded, agreed to, signed off and read."""

from portal.blueprints.assessments import citing, concluding, document, reading, seconding, starting, writing
from portal.blueprints.assessments.blueprint import blueprint

__all__ = ["blueprint", "citing", "concluding", "document", "reading", "seconding", "starting", "writing"]
