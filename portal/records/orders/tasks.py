"""What workspaces offer of orders and notices."""

from portal.queries.workspace_tasks import Task
from portal.records.orders import reading
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="orders.index",
        label="Orders and notices",
        hint="What is in force, and what runs out soon",
        permission="order:list",
        at={Sector.POLICE: 70, Sector.COUNCIL: 60, Sector.HUB: 40},
        waiting=reading.running_out,
    ),
)
