"""What others ask of missing children: whether a child whom they list is missing now."""

from typing import Any

from sqlalchemy import JSON, literal_column

#: What the banner says, read beside each row of a page or a list, by the index of episodes that run.
_RUNNING = """(select json_build_object(
           'reference', running.reference, 'since', running.missing_since, 'status', running.status,
           'grade', running.grade, 'found_at', running.found_at, 'police_reference', running.police_reference,
           'team', desk.name, 'phone', desk.duty_phone)
      from missing_episode running left join team desk on desk.id = running.recorded_team_id
     where running.child_id = {child} and running.returned_at is null and running.withdrawn_at is null
     order by running.missing_since limit 1)"""


def missing_now(child_id: str) -> str:
    """SQL for what `ui.missing_banner` shows of a child who is missing now, and null for any other.

    Row security decides: whoever may not know that the child is missing reads null.

    Args:
        child_id: the column that holds the child, as the statement calls it.
    """
    return _RUNNING.format(child=child_id)


def missing_now_column(child_id: str = "child.id") -> Any:
    """The same as the column `missing_now` of a select.

    Args:
        child_id: as of `missing_now`; its table has to be among those of the select under that name.
    """
    return literal_column(missing_now(child_id), JSON).label("missing_now")
