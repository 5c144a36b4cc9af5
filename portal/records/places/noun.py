"""What places and the directory plug into the rest."""

from portal.pages.workspaces.tasks import Task
from portal.queries.rows import columns
from portal.records.places import reading as places
from portal.records.places.model import DirectoryEntry
from portal.registry import Duty, Noun, Record
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


NOUN = Noun(
    tasks=TASKS,
    records=(
        Record(
            table=DirectoryEntry,
            index="directory.index",
            permission="directory:view",
            named=columns(DirectoryEntry, child=False, words=DirectoryEntry.name),
            duty=Duty(own="directory_id"),
        ),
    ),
)
