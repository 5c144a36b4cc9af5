"""What workspaces offer of return interviews."""

from portal.queries.workspace_tasks import Task
from portal.records.return_interviews import lists
from portal.vocabulary import Sector

TASKS = (
    Task(
        endpoint="social_care.return_interviews",
        label="Return interviews",
        hint=(
            "With children who were missing and are back: due, overdue, offered, to be held, to be written up"
        ),
        permission="interview:view",
        at={Sector.SOCIAL_CARE: 30},
        waiting=lists.waiting_for,
    ),
)
