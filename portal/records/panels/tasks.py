"""What workspaces offer of the district panel."""

from portal.queries.workspace_tasks import Task
from portal.records.panels.reading import records
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="panels.index",
        label="District panel",
        hint="The next panel that you are invited to, and what you were given to read",
        permission="panel:view",
        at={
            Sector.POLICE: 10,
            Sector.SOCIAL_CARE: 10,
            Sector.HEALTH: 50,
            Sector.COUNCIL: 10,
            Sector.HUB: 10,
            Sector.EDUCATION: 10,
            Sector.VOLUNTARY: 10,
            Sector.YOUTH_JUSTICE: 20,
        },
        waiting=records.waiting_for,
    ),
)
