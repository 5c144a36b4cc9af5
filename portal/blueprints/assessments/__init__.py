"""Risk assessments: begun, written by several agencies, concluded, agreed to, signed off and read."""

from portal.blueprints.assessments.blueprint import blueprint

__all__ = ["blueprint"]
