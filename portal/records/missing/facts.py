"""What others ask of missing children: whether a child whom they list is missing now, who is, in which order
they are named, and who reads of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Row,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from portal import clock
from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.policy import NOT_GRADED, Missing
from portal.records.missing.rules import WINDOWS, days_before
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Sector, Sensitivity

#: Whose an episode’s child is: as it was reported, else as the child’s record says, to whoever reads that or
#: knows by the portal who the child is.
_AUTHORITY = """coalesce({episode}.responsible_authority, (
           select r.responsible_authority from child_record r where r.child_id = {episode}.child_id),
           ctx.authority_known({episode}.id))"""
#: What the banner says, read beside each row of a page or a list, by the index of episodes that run.
_RUNNING = """(select json_build_object(
           'reference', running.reference, 'since', running.missing_since, 'status', running.status,
           'grade', running.grade, 'found_at', running.found_at, 'police_reference', running.police_reference,
           'team', desk.name, 'phone', desk.duty_phone,
           'at_night', desk.answers_at_night, 'authority', {authority},
           'linked', running.child_id <> {child}, 'reports', json_agg(json_build_object(
               'grade', running.grade, 'police_reference', running.police_reference)) over ())
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


#: Other reports of the child, for whoever sees them and knows that it is one child.
_BESIDE = """(
    select array_agg(other.reference order by other.missing_since)
      from missing_episode other join child known on known.id = other.child_id
     where (other.child_id = missing_episode.child_id
            or other.child_id = any (ctx.read_as_same(missing_episode.child_id)))
       and other.id <> missing_episode.id and other.withdrawn_at is null and {so})"""


def running_too_column() -> Any:
    """References of other reports of an episode’s child that have not ended, as the column `running_too`."""
    return literal_column(_BESIDE.format(so="other.returned_at is null"), ARRAY(String)).label("running_too")


def back_by_column() -> Any:
    """References of those by which the child is back since an episode began, as the column `back_by`."""
    so = "other.returned_at >= missing_episode.missing_since"
    return literal_column(_BESIDE.format(so=so), ARRAY(String)).label("back_by")


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


def running_gravest() -> Select[Any]:
    """The episodes of children who are missing now and whom the police grade highest."""
    return running().where(MissingEpisode.grade == current_policy().of(Missing).gravest)


def most_urgent_first() -> tuple[Any, ...]:
    """The order of everything that names children who are missing now: by the grade of the police (policy
    `missing.urgency`), then those whose open case the reader leads or works on, then the longest missing.
    """
    order = current_policy().of(Missing).urgency
    places = {grade: place for place, grade in enumerate(order) if grade != NOT_GRADED}
    e = MissingEpisode
    return (
        case(places, value=e.grade, else_=order.index(NOT_GRADED)),
        case((is_of_my_case(), 0), else_=1),
        e.missing_since,
        e.id,
    )


def is_of_my_case() -> ColumnElement[bool]:
    """Whether the reader leads or works on an open case of the child of an episode."""
    works = select(Involvement.id).where(
        Involvement.case_id == Case.id,
        Involvement.worker_id == func.ctx.user_id(),
        Involvement.ended_at.is_(None),
    )
    return (
        select(Case.id)
        .where(
            Case.child_id == MissingEpisode.child_id,
            Case.state.in_(OPEN_CASE_STATES),
            or_(Case.lead_professional_id == func.ctx.user_id(), works.correlate(Case).exists()),
        )
        .correlate(MissingEpisode)
        .exists()
    )


def _said_of_itself() -> ColumnElement[Any]:
    """What an episode says in a banner, of its columns and those of the team that recorded it."""
    e = MissingEpisode
    return func.json_build_object(
        *("reference", e.reference, "since", e.missing_since, "status", e.status, "grade", e.grade),
        *("found_at", e.found_at, "police_reference", e.police_reference, "team", Team.name),
        *("phone", Team.duty_phone, "at_night", Team.answers_at_night, "authority", authority_column()),
        type_=JSON,
    )


def marked_by_itself() -> ColumnElement[Any]:
    """What marks a named episode’s child: of one who is not known to the reader, the episode alone."""
    runs = MissingEpisode.returned_at.is_(None) & MissingEpisode.withdrawn_at.is_(None)
    return case((Child.id.is_not(None), missing_now_column().element), (runs, _said_of_itself()))


def running_named(limit: int) -> Any:
    """Who is missing now, the most urgent first, as JSON: the name, and what `ui.missing_banner` shows.

    Args:
        limit: how many at most.
    """
    e, said = MissingEpisode, _said_of_itself()
    name = func.coalesce(Child.given_name + " " + Child.family_name, e.reported_name)
    place = func.row_number().over(order_by=most_urgent_first()).label("place")
    listed = (
        running_with(place, func.json_build_object("name", name, "now", said).label("said"))
        .outerjoin(Child, Child.id == e.child_id)
        .outerjoin(Team, Team.id == e.recorded_team_id)
        .order_by(place)
        .limit(limit)
        .subquery()
    )
    in_order = aggregate_order_by(listed.c.said, listed.c.place)
    return select(func.json_agg(in_order, type_=JSON)).scalar_subquery()


def who_reported(*, message_id: UUID) -> Any:
    """Who recorded the episode of a message, and their numbers: for a desk, a front door or the hub that was
    told of it, and for whom it may not open; for whoever lost sight as a case ended; and for whoever reads a
    case on a linked record, with its reference (`cases`). None for everybody else, and of anything else.
    """
    return db.session.execute(
        text("select name, phone, team, team_phone, agency, cases from ctx.who_reported(:message)"),
        {"message": message_id},
    ).one_or_none()


def not_named(*, case_id: UUID) -> frozenset[Sector]:
    """Of the police and social care, those of whom nobody who works here is named on a case that is read by
    name alone, as whoever reads it sees.
    """
    now = clock.now()
    named = (
        select(Agency.sector)
        .join(User, User.agency_id == Agency.id)
        .join(AccessGrant, AccessGrant.user_id == User.id)
        .where(
            AccessGrant.case_id == case_id,
            or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now),
            User.active,
        )
    )
    return frozenset({Sector.POLICE, Sector.SOCIAL_CARE}) - set(map(Sector, db.session.scalars(named)))


def held_so(case: Case, before: Sensitivity, to: Sensitivity) -> dict[str, Any]:
    """What `lose_sight` asks of a case that is held more closely."""
    return {"case": str(case.id), "before": int(before), "to": int(to)}


def lose_sight(closes: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """Of each time that a child is missing now, who loses sight of the report where its record is held more
    closely (`ctx.lose_sight`), of what the actor sees: the rule is that of the rows, also by way of others.

    Args:
        closes: what happens: `held_so`, two records linked just now (`link`), an episode that goes (`move`).
    """
    asked = text("select * from ctx.closing_off(:said)").bindparams(bindparam("said", type_=JSONB))
    return db.session.execute(asked, {"said": closes}).all()


def talks_unheld(*, case_id: UUID, child_id: UUID) -> list[MissingEpisode]:
    """The times of the child of a case that is read by name alone after which the police have not talked with
    it yet, and see no more that they owe it: nobody of them is named on the case or recorded the episode.
    """
    if Sector.POLICE not in not_named(case_id=case_id):
        return []
    since = days_before(clock.now(), WINDOWS[-1])
    waiting = select(MissingEpisode).join(Agency, Agency.id == MissingEpisode.recorded_agency_id)
    waiting = waiting.where(
        Agency.sector != Sector.POLICE,
        MissingEpisode.child_id == child_id,
        MissingEpisode.returned_at >= since,
        MissingEpisode.prevention_at.is_(None),
        MissingEpisode.withdrawn_at.is_(None),
    )
    return list(db.session.scalars(waiting.order_by(MissingEpisode.returned_at, MissingEpisode.id)))


def reported_alike(one: Any, beside: Any) -> ColumnElement[bool]:
    """Whether an episode may stand beside another of its child: for whoever does not see the child, if both
    were reported by the same name and date of birth.

    Args:
        one, beside: the table of episodes, an alias of it or an episode.
    """
    child = aliased(Child)
    return or_(
        and_(
            func.lower(one.reported_name) == func.lower(beside.reported_name),
            one.reported_dob.is_not_distinct_from(beside.reported_dob),
        ),
        select(child.id).where(child.id == beside.child_id).correlate_except(child).exists(),
    )


def talks_outstanding(*columns: Any) -> Select[Any]:
    """Episodes whose prevention interview is outstanding. After a year none is asked for any more."""
    return (
        select(*columns)
        .select_from(MissingEpisode)
        .where(
            MissingEpisode.returned_at >= days_before(clock.now(), WINDOWS[-1]),
            MissingEpisode.prevention_at.is_(None),
            MissingEpisode.withdrawn_at.is_(None),
        )
    )


def waiting_for_police() -> Select[Any]:
    """What waits for the police: children who are missing now, and talks with those who are back."""
    return _both(running_with(MissingEpisode.id), talks_outstanding(MissingEpisode.id))


def waiting_for_social_care() -> Select[Any]:
    """What waits for social care: children who are missing now, and what repeated episodes ask."""
    asking = select(MissingPrompt.id).filter_by(answered_at=None, fell_away_at=None)
    return _both(running_with(MissingEpisode.id), asking)


def _both(one: Select[Any], other: Select[Any]) -> Select[Any]:
    return select(union_all(one, other).subquery().c.id)


#: Episodes with one reference of the police: one, or two where it was reported twice.
MOST_OF_POLICE = 20


def with_police_reference(typed: str) -> Sequence[Any]:
    """The episodes with a reference of the police, in whatever case, dashes and spaces, the latest first, as
    far as whoever asks hears of them; with who it is, and the name as it was reported.
    """
    found = func.ctx.episodes_of_police(typed).table_valued("id").render_derived()
    return db.session.execute(
        select(
            MissingEpisode.reference,
            MissingEpisode.missing_since,
            MissingEpisode.police_reference,
            MissingEpisode.reported_name,
            Child.given_name,
            Child.family_name,
        )
        .join_from(MissingEpisode, found, MissingEpisode.id == found.c.id)
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .order_by(MissingEpisode.missing_since.desc(), MissingEpisode.id)
        .limit(MOST_OF_POLICE)
    ).all()
