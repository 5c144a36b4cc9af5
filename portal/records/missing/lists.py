"""Who is missing now: what the head of every page counts, and the page that everybody begins with names."""

from typing import Any

from sqlalchemy import JSON, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team


def running_with(*columns: Any) -> Select[Any]:
    """Some columns of the episodes that run."""
    return (
        select(*columns)
        .select_from(MissingEpisode)
        .where(MissingEpisode.returned_at.is_(None), MissingEpisode.withdrawn_at.is_(None))
    )


def running() -> Select[Any]:
    """The episodes of children who are missing now."""
    return running_with(MissingEpisode.id)


def running_named(limit: int) -> Any:
    """The children who are missing now, the longest first, as JSON: who, and what `ui.missing_banner` shows.

    Args:
        limit: how many at most.
    """
    e = MissingEpisode
    said = func.json_build_object(
        *("reference", e.reference, "since", e.missing_since, "status", e.status, "grade", e.grade),
        *("found_at", e.found_at, "police_reference", e.police_reference),
        *("team", Team.name, "phone", Team.duty_phone),
    )
    name = func.coalesce(Child.given_name + " " + Child.family_name, e.reported_name)
    listed = (
        running_with(e.missing_since, func.json_build_object("name", name, "now", said).label("said"))
        .outerjoin(Child, Child.id == e.child_id)
        .outerjoin(Team, Team.id == e.recorded_team_id)
        .order_by(e.missing_since, e.id)
        .limit(limit)
        .subquery()
    )
    in_order = aggregate_order_by(listed.c.said, listed.c.missing_since)
    return select(func.json_agg(in_order, type_=JSON)).scalar_subquery()
