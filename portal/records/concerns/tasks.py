"""What workspaces offer of places, people and things of concern."""

from portal.queries.workspace_tasks import Task
from portal.records.concerns.reading import records
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="police.people",
        label="People of concern",
        hint="Say how police know each of them. Nobody else can",
        permission="concern:police_status",
        at={Sector.POLICE: 40},
        waiting=records.without_status,
    ),
    Task(
        endpoint="concerns.index",
        label="Places, people and things of concern",
        hint="Find or record one. The number is what your agency has to look at again",
        permission="concern:view",
        at={
            Sector.POLICE: 50,
            Sector.SOCIAL_CARE: 110,
            Sector.HEALTH: 80,
            Sector.COUNCIL: 40,
            Sector.HUB: 20,
            Sector.EDUCATION: 50,
            Sector.VOLUNTARY: 30,
            Sector.YOUTH_JUSTICE: 40,
        },
        waiting=records.to_look_at_again,
    ),
)
