"""What workspaces offer of intelligence."""

from portal.queries.workspace_tasks import Task
from portal.records.intelligence import reading
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="police.intelligence",
        label="Intelligence to release",
        hint="What your agency graded and holds back under conditions",
        permission="intelligence:list",
        at={Sector.POLICE: 30},
        waiting=reading.waiting_for,
    ),
)
