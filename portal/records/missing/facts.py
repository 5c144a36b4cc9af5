"""What others ask of missing children: whether a child whom they list is missing now."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, literal_column, select, text

from portal.extensions import db
from portal.records.missing.model import MissingEpisode

#: What the banner says, read beside each row of a page or a list, by the index of episodes that run.
_RUNNING = """(select json_build_object(
           'reference', running.reference, 'since', running.missing_since, 'status', running.status,
           'grade', running.grade, 'found_at', running.found_at, 'police_reference', running.police_reference,
           'team', desk.name, 'phone', desk.duty_phone,
           'at_night', desk.answers_at_night, 'authority', running.responsible_authority,
           'linked', running.child_id <> {child})
      from missing_episode running left join team desk on desk.id = running.recorded_team_id
     where running.child_id {whose} and running.returned_at is null and running.withdrawn_at is null
     order by running.child_id <> {child}, running.missing_since limit 1)"""
#: The child, and the records that are said to be of the same.
_SAME = """in (
         select {child} union all
         select l.child_b from child_link l where l.child_a = {child} and l.unlinked_at is null union all
         select l.child_a from child_link l where l.child_b = {child} and l.unlinked_at is null)"""


def missing_now(child_id: str, *, linked: bool = False) -> str:
    """SQL for what `ui.missing_banner` shows of a child who is missing now, and null for any other.

    Row security decides: whoever may not know that the child is missing reads null.

    Args:
        child_id: the column that holds the child, as the statement calls it.
        linked: also by a record that is linked as being of the same child: for a page on one child. A list of
            many reads the record itself.
    """
    whose = (_SAME if linked else "= {child}").format(child=child_id)
    return _RUNNING.format(child=child_id, whose=whose)


def missing_now_column(child_id: str = "child.id", *, linked: bool = False) -> Any:
    """The same as the column `missing_now` of a select.

    Args:
        child_id: as of `missing_now`; its table has to be among those of the select under that name.
        linked: as of `missing_now`.
    """
    return literal_column(missing_now(child_id, linked=linked), JSON).label("missing_now")


def episode_now(child_id: UUID) -> MissingEpisode | None:
    """The episode of a child who is missing now, also by a record that is linked as being of the same child,
    for whoever may know; the child's own first, else the longest.
    """
    same = text(f"missing_episode.child_id {_SAME.format(child='cast(:child as uuid)')}")
    return db.session.scalar(
        select(MissingEpisode)
        .where(same.bindparams(child=child_id), MissingEpisode.returned_at.is_(None))
        .where(MissingEpisode.withdrawn_at.is_(None))
        .order_by(MissingEpisode.child_id != child_id, MissingEpisode.missing_since)
        .limit(1)
    )
