"""What workspaces offer of actions on places and people."""

from portal.queries.workspace_tasks import Task
from portal.records.plans.reading import actions as plan_actions
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="plans.on_concerns",
        label="Licensing and disruption",
        hint="Actions on places and people of concern, and which of yours are overdue",
        permission="action:view",
        at={Sector.POLICE: 60, Sector.COUNCIL: 50, Sector.HUB: 30},
        waiting=plan_actions.overdue_on_concerns,
    ),
)
