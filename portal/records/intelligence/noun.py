"""What intelligence plugs into the rest."""

from portal.pages.workspaces.tasks import Task
from portal.records.intelligence import reading
from portal.registry import Noun
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


NOUN = Noun(tasks=TASKS)
