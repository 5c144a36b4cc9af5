"""What changed on cases since somebody last looked: no message, a line that one look clears."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
    union,
)
from sqlalchemy.dialects.postgresql import insert

from portal import clock, registry
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.model import CaseLooked, CaseNews
from portal.messages.vocabulary import Event
from portal.queries.paging import NEWEST, MomentCursor, Page
from portal.queries.rows import ASKER, NOW, Asker
from portal.records.cases.model import AccessGrant, Case, CaseScope, Involvement
from portal.records.missing.facts import missing_now
from portal.reminders.writing import About

#: How long a change is news to somebody who has never looked at the case.
NEWS_FOR = timedelta(days=28)
#: Lines on the page of a case, beside those that are critical; the rest is news until it was shown.
AT_MOST = 20
PAGE = 50
FULL = 2  # as `case_scope.sees` has it

#: Whether a newer line says the same: of some events several about one record are one.
_SAID_NEWER = """(n.event = any (:one_line) and exists (
               select 1 from case_news y
                where y.case_id = n.case_id and y.event = n.event and y.subject_id = n.subject_id
                  and y.by_id = n.by_id and (y.at, y.id) > (n.at, n.id)))"""

_LOOK = text(
    """
    with before as (select at from case_looked where user_id = :person and case_id = :case_id),
    fresh as materialized (
        select n.id, n.event, n.at, n.by_agency_id, n.event = any (:critical) as critical
          from case_news n
         where n.case_id = :case_id and n.by_id <> :person
           and n.at > coalesce((select at from before), :since)
           and not {said_newer}),
    others as materialized (
        select * from fresh where not critical order by at fetch first :most rows with ties),
    seen as (select max(at) as until from others),
    more as (select count(*) as lines from fresh, seen where not critical and at > seen.until),
    noted as (
        insert into case_looked (user_id, case_id, at)
        select :person, :case_id, coalesce(case when more.lines > 0 then seen.until end,
                                           (select max(at) from fresh), :since)
          from seen, more
         where not exists (select 1 from before) or exists (select 1 from fresh)
        on conflict (user_id, case_id) do update set at = greatest(case_looked.at, excluded.at))
    select s.id, s.event, s.at, a.name as agency, more.lines as more
      from (select * from fresh where critical union all select * from others) s
      join agency a on a.id = s.by_agency_id cross join more
     order by s.critical desc, s.at desc, s.id desc
    """.replace("{said_newer}", _SAID_NEWER)
).bindparams(bindparam("person", type_=Uuid), bindparam("case_id", type_=Uuid))


class Look(NamedTuple):
    """What changed on a case since somebody last looked."""

    lines: Sequence[Row[Any]]  # `id`, `event`, `at`, `agency`: the critical first, then the newest
    more: int  # how many newer ones are not among them


#: Where nothing is shown of it.
NOTHING = Look([], 0)


def look(*, person: Principal, case_id: UUID) -> Look:
    """What changed on a case since the person last looked; now they have looked, as far as it is shown.

    Whatever is critical is shown. Of the rest it is the oldest lines, so that the look goes on from where it
    ended: what was not shown is news until it is.
    """
    said = {"person": person.user_id, "case_id": case_id, "since": clock.now() - NEWS_FOR, "most": AT_MOST}
    codes = {"one_line": _one_line(), "critical": _critical()}
    lines = db.session.execute(_LOOK, said | codes).all()
    return Look(lines, lines[0].more if lines else 0)


@cache
def _critical() -> list[str]:
    """The events that stand above others."""
    return [code for code, event in registry.events().items() if event.critical]


@cache
def _one_line() -> list[str]:
    """The events of which several about one record are one line."""
    return [code for code, event in registry.events().items() if event.one_line]


def on_my_cases(*, person: Principal, after: MomentCursor | None = None) -> Page[MomentCursor]:
    """What changed on the cases that somebody works on, leads, is named on or has looked at, since they last
    looked at each; the newest first.
    """
    place = after or NEWEST
    said = {"person": person.user_id, "since": clock.now() - NEWS_FOR, "most": PAGE + 1}
    place_and_rule = {"at": place.at, "id": place.id, "one_line": _one_line()}
    rows = db.session.execute(_ON_MINE, said | place_and_rule).all()
    return Page.cut(rows, PAGE, lambda row: MomentCursor(row.at, row.id))


#: From each case that is theirs the newest lines alone are read, however much else there is.
_ON_MINE = text(
    """
    with mine as materialized (
        select i.case_id from involvement i where i.worker_id = :person and i.ended_at is null
        union select c.id from cre_case c where c.lead_professional_id = :person
        union select g.case_id from access_grant g
               where g.user_id = :person and coalesce(g.ends_at, 'infinity') > statement_timestamp()
        union select l.case_id from case_looked l where l.user_id = :person)
    select n.id, n.event, n.at, n.case_id, a.name as agency, c.reference, k.given_name, k.family_name,
           {missing_now} as missing_now
      from mine
      left join case_looked l on l.case_id = mine.case_id and l.user_id = :person
     cross join lateral (
           select x.* from case_news x
            where x.case_id = mine.case_id and x.by_id <> :person
              and x.at > coalesce(l.at, :since) and (x.at, x.id) < (:at, :id)
              and not {said_newer}
            order by x.at desc, x.id desc limit :most) n
      join cre_case c on c.id = n.case_id
      join child k on k.id = c.child_id
      join agency a on a.id = n.by_agency_id
     order by n.at desc, n.id desc limit :most
    """.replace("{missing_now}", missing_now("k.id")).replace("{said_newer}", _SAID_NEWER.replace("n.", "x."))
).bindparams(bindparam("person", type_=Uuid), bindparam("id", type_=Uuid))


#: More than so many are not counted.
MANY = 9

#: How many lines of news a case has for a person: none where they do not work on it, lead it or are named on
#: it, and never looked at it.
_LINES = """(
    select n.lines
      from (select (select at from case_looked
                     where case_looked.case_id = {case_id} and user_id = :person) as at) l
     cross join lateral (
           select count(*) as lines from (
               select 1 from case_news n
                where n.case_id = {case_id} and n.by_id <> :person and n.at > coalesce(l.at, :news_since)
                  and not {said_newer}
                limit {most}) few) n
     where n.lines > 0
       and (l.at is not null or {lead} = :person
            or exists (select 1 from involvement i
                        where i.case_id = {case_id} and i.worker_id = :person and i.ended_at is null
                       offset 0)
            or exists (select 1 from access_grant g
                        where g.case_id = {case_id} and g.user_id = :person
                          and coalesce(g.ends_at, 'infinity') > statement_timestamp() offset 0)))""".replace(
    "{said_newer}", _SAID_NEWER
)


def lines_on(case_id: str, lead: str) -> str:
    """SQL for how many lines of news there are on a case for whoever asks, and null where none; no look is
    noted. More than `MANY` are `MANY` and one. It is asked with `of_person`.

    Args:
        case_id: the column that holds the case, as the statement calls it.
        lead: that which holds its lead professional.
    """
    return _LINES.format(case_id=case_id, lead=lead, most=MANY + 1)


def of_person(person: Principal) -> dict[str, Any]:
    """What `lines_on` asks by name."""
    return {"person": person.user_id, "news_since": clock.now() - NEWS_FOR, "one_line": _one_line()}


_FRESH = text(
    f"select c.id, {lines_on('c.id', 'c.lead_professional_id')} as lines"  # noqa: S608 - our own words
    " from cre_case c where c.id = any (:cases)"
).bindparams(bindparam("person", type_=Uuid), bindparam("cases", type_=ARRAY(Uuid)))


def on_cases(*, person: Principal, case_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many lines of news there are on each of these cases that a person reads, for those that have any;
    no look is noted. More than `MANY` are `MANY` and one.
    """
    if not case_ids:
        return {}
    rows = db.session.execute(_FRESH, {**of_person(person), "cases": list(case_ids)})
    return {row.id: row.lines for row in rows if row.lines}


def is_new_on(case_id: Any) -> ColumnElement[bool]:
    """Whether there is news on a case that whoever asks works on, leads, is named on or has looked at.

    Args:
        case_id: the column of a statement that has the case.
    """
    looked = and_(CaseLooked.case_id == CaseNews.case_id, CaseLooked.user_id == ASKER.user_id)
    is_news = (
        select(CaseNews.id)
        .outerjoin(CaseLooked, looked)
        .where(
            CaseNews.case_id == case_id,
            CaseNews.by_id != ASKER.user_id,
            CaseNews.at > func.coalesce(CaseLooked.at, NOW - NEWS_FOR),
        )
    )
    return and_(is_news.exists(), case_id.in_(_mine(ASKER)))


def see_all(*, actor: Principal, until: datetime) -> None:
    """Take everything that changed on the actor's cases up to a time as seen (`life.shown_until`)."""
    require(actor, "case:list")
    at = literal(min(until, clock.now()))
    mine = _mine(actor).subquery()
    seen = select(literal(actor.user_id, Uuid), Case.id, at).where(Case.id.in_(select(mine.c[0])))
    noted = insert(CaseLooked).from_select(["user_id", "case_id", "at"], seen)
    later = func.greatest(CaseLooked.at, noted.excluded.at)
    db.session.execute(noted.on_conflict_do_update(index_elements=["user_id", "case_id"], set_={"at": later}))


def _mine(person: Principal | Asker) -> Select[tuple[UUID]]:
    """The cases whose changes are news to somebody."""
    found = union(
        select(Involvement.case_id).where(
            Involvement.worker_id == person.user_id, Involvement.ended_at.is_(None)
        ),
        select(Case.id).where(Case.lead_professional_id == person.user_id),
        select(AccessGrant.case_id).where(
            AccessGrant.user_id == person.user_id,
            or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > NOW),
        ),
        select(CaseLooked.case_id).where(CaseLooked.user_id == person.user_id),
    ).subquery()
    return select(found.c[0])


def add_news(*, actor: Principal, event: Event, about: About) -> None:
    """A line for those who read the case. Whoever does not read it themselves leaves none, but of what they
    were asked or invited to, and of what hangs on the child (`ctx.leave_news`).
    """
    reads = select(CaseScope.case_id).where(CaseScope.case_id == about.case_id, CaseScope.sees == FULL)
    if about.case_id is None or not db.session.scalar(select(reads.exists())):
        left = func.ctx.leave_news(about.case_id, event.code, about.kind, about.id, clock.now())
        db.session.execute(select(left))
        return
    db.session.add(
        CaseNews(
            case_id=about.case_id,
            event=event.code,
            subject_kind=about.kind,
            subject_id=about.id,
            by_id=actor.user_id,
            by_agency_id=actor.agency_id,
            at=clock.now(),
        )
    )
    db.session.flush()
