"""What workspaces offer of missing children."""

from collections.abc import Mapping

from portal.queries.workspace_tasks import Task, Waiting
from portal.records.missing import reading as missing
from portal.vocabulary import Sector


def _list(at: Mapping[Sector, int], waiting: Waiting) -> Task:
    """The list of missing children, which police and social care share; each counts what waits for them."""
    return Task(
        endpoint="missing.index",
        label="Missing children",
        hint="Who is missing now, who came back lately, and what is outstanding",
        permission="missing:view",
        at=at,
        waiting=waiting,
    )


TASKS = (
    _list({Sector.POLICE: 20}, lambda _person: missing.waiting_for_police()),
    _list({Sector.SOCIAL_CARE: 20}, lambda _person: missing.waiting_for_social_care()),
    Task(
        endpoint="missing.report",
        label="Report a missing child",
        hint="For care homes, schools and everybody else; the police are told by phone first",
        permission="missing:report",
        at={
            Sector.HEALTH: 60,
            Sector.COUNCIL: 80,
            Sector.EDUCATION: 30,
            Sector.VOLUNTARY: 20,
            Sector.YOUTH_JUSTICE: 30,
        },
    ),
)
