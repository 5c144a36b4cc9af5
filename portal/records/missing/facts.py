"""What others ask of missing children: whether a child whom they list is missing now."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, String, Uuid, bindparam, literal_column, select, text

from portal.extensions import db
from portal.records.missing.model import MissingEpisode

#: Whose an episode’s child is: as it was reported, else as the child’s record says to whoever reads that.
_AUTHORITY = """coalesce({episode}.responsible_authority, (
           select r.responsible_authority from child_record r where r.child_id = {episode}.child_id))"""
#: What the banner says, read beside each row of a page or a list, by the index of episodes that run.
_RUNNING = """(select json_build_object(
           'reference', running.reference, 'since', running.missing_since, 'status', running.status,
           'grade', running.grade, 'found_at', running.found_at, 'police_reference', running.police_reference,
           'team', desk.name, 'phone', desk.duty_phone,
           'at_night', desk.answers_at_night, 'authority', {authority},
           'linked', running.child_id <> {child})
      from missing_episode running left join team desk on desk.id = running.recorded_team_id
     where running.child_id {whose} and running.returned_at is null and running.withdrawn_at is null
     order by running.child_id <> {child}, running.missing_since limit 1)"""
#: The child, and the records that are said to be of the same.
_SAME = """in (
         select {child} union all
         select l.child_b from child_link l where l.child_a = {child} and l.unlinked_at is null union all
         select l.child_a from child_link l where l.child_b = {child} and l.unlinked_at is null)"""
#: And those that the reader may know of without reading both.
_READ = _SAME[:-1] + " union all select unnest(ctx.read_as_same({child})))"


def missing_now(child_id: str, *, linked: bool = False) -> str:
    """SQL for what `ui.missing_banner` shows of a child who is missing now, and null for any other.

    Row security decides: whoever may not know that the child is missing reads null.

    Args:
        child_id: the column that holds the child, as the statement calls it.
        linked: for a page on one child: also by a record that is linked as being of the same child and that
            the reader sees, where they do not work with the child. Whoever does reads it on every list; if
            they do not read the episode, that the child is missing, and whom to ring: `reference` is null.
    """
    whose = (_SAME if linked else "= {child}").format(child=child_id)
    authority = _AUTHORITY.format(episode="running")
    seen = _RUNNING.format(child=child_id, whose=whose, authority=authority)
    by_link = f"ctx.missing_on_linked({child_id})"
    if not linked:  # asked of the few of a list of whom it is so
        by_link = f"case when {child_id} in (select ctx.missing_by_link()) then {by_link} end"
    return f"coalesce({seen}, {by_link})"


def authority_column() -> Any:
    """Whose the child of an episode is, as far as the reader may know it, as a column."""
    said = _AUTHORITY.format(episode=MissingEpisode.__tablename__)
    return literal_column(said, String).label("responsible_authority")


#: The other reports of the child that have not ended, for whoever sees them and knows that it is one child.
_RUNNING_TOO = """(
    select array_agg(other.reference order by other.missing_since)
      from missing_episode other join child known on known.id = other.child_id
     where (other.child_id = missing_episode.child_id
            or other.child_id = any (ctx.read_as_same(missing_episode.child_id)))
       and other.id <> missing_episode.id and other.returned_at is null and other.withdrawn_at is null)"""


def running_too_column() -> Any:
    """References of other reports of an episode’s child that have not ended, as the column `running_too`."""
    return literal_column(_RUNNING_TOO, ARRAY(String)).label("running_too")


def missing_now_column(child_id: str = "child.id", *, linked: bool = False) -> Any:
    """The same as the column `missing_now` of a select.

    Args:
        child_id: as of `missing_now`; its table has to be among those of the select under that name.
        linked: as of `missing_now`.
    """
    return literal_column(missing_now(child_id, linked=linked), JSON).label("missing_now")


#: Of the children of a page, whoever is missing now: the name as far as the reader may know it, and the rest.
#: How many children it is asked about is not looked at when it is planned: it is planned once then.
_OF_PAGE = """(
    select json_agg(json_build_object('name', said.name, 'now', said.now)
                    order by said.now->>'linked', said.name)
      from (select (select c.given_name || ' ' || c.family_name from child c where c.id = k.id) as name,
                   {missing_now} as now
              from (select unnest((select cast(:children as uuid[]))) as id
                    union
                    select child_id from cre_case
                     where id = any ((select cast(:cases as uuid[]))::uuid[])) k) said
     where said.now is not null)""".replace("{missing_now}", missing_now("k.id", linked=True))


#: SQL for those of a page's children who are missing now, as JSON: the name, and what `ui.missing_banner`
#: shows. Null where none is, or none of whom the reader may know it. The page is about `children`, and about
#: those of `cases`; the child of a case that the reader may not see is none.
MISSING_ON_PAGE = text(_OF_PAGE).bindparams(
    bindparam("children", type_=ARRAY(Uuid)), bindparam("cases", type_=ARRAY(Uuid))
)


def episode_now(child_id: UUID) -> MissingEpisode | None:
    """The episode of a child who is missing now, also by a record that is linked as being of the same child,
    for whoever may know; the child's own first, else the longest.
    """
    same = text(f"missing_episode.child_id {_READ.format(child='cast(:child as uuid)')}")
    return db.session.scalar(
        select(MissingEpisode)
        .where(same.bindparams(child=child_id), MissingEpisode.returned_at.is_(None))
        .where(MissingEpisode.withdrawn_at.is_(None))
        .order_by(MissingEpisode.child_id != child_id, MissingEpisode.missing_since)
        .limit(1)
    )
