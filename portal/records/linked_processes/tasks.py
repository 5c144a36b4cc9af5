"""What workspaces offer of linked processes."""

from portal.queries.workspace_tasks import Task
from portal.records.linked_processes import reading as linked_processes
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="social_care.processes",
        label="Enquiries, conferences and reviews",
        hint="Section 47, child protection, child in need, looked-after children and others, by what is due",
        permission="linked:list",
        at={Sector.SOCIAL_CARE: 80},
        waiting=linked_processes.waiting_for,
    ),
    Task(
        endpoint="fgm.mine",
        label="Reports of FGM to the police",
        hint="Your own duty, by the end of the next working day",
        permission="linked:personal",
        at={Sector.SOCIAL_CARE: 90, Sector.HEALTH: 70, Sector.EDUCATION: 40},
        waiting=linked_processes.own_reports_waiting,
    ),
)
