"""What is planned for a child: the plan and its actions, and interim safety plans."""

from portal.blueprints.plans.blueprint import blueprint

__all__ = ["blueprint"]
