"""What workspaces offer of requests for information."""

from portal.queries.workspace_tasks import Task
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="requests.week",
        label="Children asked about this week",
        hint="To look up in your own system",
        permission="request:view",
        at={Sector.HEALTH: 40},
    ),
)
