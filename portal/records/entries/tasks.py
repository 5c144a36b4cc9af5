"""What workspaces offer of what each sector brings to a case."""

from portal.queries import health
from portal.queries.workspace_tasks import Task
from portal.vocabulary import Sector


def _brought(label: str, sector: Sector, at: int) -> Task:
    """What agencies of a sector know of a child, in a form of its own."""
    return Task(
        endpoint="contributions.index",
        label=label,
        hint="What agencies like yours know of a child, added to the case, and what was added lately",
        permission="entry:add",
        at={sector: at},
    )


TASKS = (
    _brought("Arrests and disruption", Sector.POLICE, 80),
    _brought("Early help", Sector.SOCIAL_CARE, 100),
    _brought("Anti-social behaviour, early help and licensing", Sector.COUNCIL, 30),
    _brought("Exclusions and attendance", Sector.EDUCATION, 20),
    _brought("Arrests", Sector.YOUTH_JUSTICE, 10),
    Task(
        endpoint="health.summaries",
        label="Health summaries to write",
        hint="What of a child’s health bears on the risk, where there is none yet or it has grown old",
        permission="workspace:view",
        at={Sector.HEALTH: 10},
        waiting=health.summaries_waiting,
    ),
    Task(
        endpoint="health.found",
        label="What health found lately",
        hint="Attendances that matter, appointments missed and worries; missed ones wait to be followed up",
        permission="workspace:view",
        at={Sector.HEALTH: 20},
        waiting=health.missed_waiting,
    ),
    Task(
        endpoint="health.actions",
        label="Actions for health",
        hint="On the cases that you reach",
        permission="workspace:view",
        at={Sector.HEALTH: 30},
    ),
)
