"""What missing children plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.children.model import Child
from portal.records.missing.chronology import LINES
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.tasks import TASKS
from portal.registry import Duty, Noun, Record


def _missing(ids: list[UUID]) -> Columns:
    """Of a child who is held closely whoever recorded an episode is shown its reference alone."""
    return (
        columns("missing_episode", MissingEpisode.id, MissingEpisode.reference)
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .where(MissingEpisode.id.in_(ids))
    )


def _missing_prompts(ids: list[UUID]) -> Columns:
    return (
        columns("missing_prompt", MissingPrompt.id, MissingPrompt.reference)
        .outerjoin(Child, Child.id == MissingPrompt.child_id)
        .where(MissingPrompt.id.in_(ids))
    )


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=MissingEpisode,
            prefix=Prefix.MISSING,
            page="missing.show",
            permission="missing:view",
            named=_missing,
            duty=Duty(shared=("child_id",), reference=MissingEpisode.reference, key=MissingEpisode.id),
        ),
        Record(
            table=MissingPrompt,
            page="missing.show",
            permission="missing:view",
            named=_missing_prompts,
            duty=Duty(shared=("child_id",), reference=MissingPrompt.reference, key=MissingPrompt.id),
        ),
    ),
)
