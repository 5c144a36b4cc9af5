"""What workspaces offer of places and the directory."""

from portal.queries.workspace_tasks import Task
from portal.records.places import reading as places
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="directory.index",
        label="Directory",
        hint="Whom to ask in each district; your agency’s contacts that need a look",
        permission="directory:view",
        at={
            Sector.POLICE: 90,
            Sector.SOCIAL_CARE: 120,
            Sector.HEALTH: 90,
            Sector.COUNCIL: 70,
            Sector.HUB: 50,
            Sector.EDUCATION: 60,
            Sector.VOLUNTARY: 40,
            Sector.YOUTH_JUSTICE: 50,
        },
        waiting=places.to_check,
    ),
    Task(
        endpoint="council.places",
        label="Places in your districts",
        hint="Places of concern, who could watch there and what is known of their licence and landlord",
        permission="concern:view",
        at={Sector.COUNCIL: 20},
        waiting=places.need_somebody,
    ),
)
