"""What workspaces offer of the cases that an agency leads."""

from portal.queries.workspace_tasks import Task
from portal.records.cases.reading import lists as case_lists
from portal.records.cases.reading.lists import Falling
from portal.vocabulary import Sector


def _falling_due(endpoint: str, what: Falling, hint: str, at: int) -> Task:
    return Task(
        endpoint=endpoint,
        label=what.label,
        hint=hint,
        permission="workspace:view",
        at={Sector.SOCIAL_CARE: at},
        waiting=lambda person: case_lists.waiting_for(person, what),
    )


TASKS = (
    _falling_due(
        "social_care.assessments_to_finalise",
        Falling.FINALISE,
        "Risk assessments that are owed: begun, or still to be begun",
        40,
    ),
    _falling_due(
        "social_care.assessments_to_sign_off",
        Falling.SIGN_OFF,
        "Finalised risk assessments that a manager has not signed off yet",
        50,
    ),
    _falling_due(
        "social_care.safety_plans",
        Falling.SAFETY_PLANS,
        "Each has to be renewed or ended before its last day is over",
        60,
    ),
    _falling_due(
        "social_care.turning_adult",
        Falling.TRANSITION,
        "From the age of 17 on the hand-over for the time after 18 is prepared",
        70,
    ),
)
