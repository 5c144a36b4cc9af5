"""What the agenda of a district’s panel proposes, of what whoever prepares it may see (policy `panels`).

A proposal is only offered. What waits for a panel already, or stands on one that is not over, is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, Row, String, bindparam, text

from portal import clock
from portal.extensions import db
from portal.policy import current_policy
from portal.records.panels.policy import Panels
from portal.vocabulary import RiskLevel

Rows = Sequence[Row[Any]]

#: How many of one sort are offered; the next ones follow when these are on.
MOST = 30

_STANDS = """
   not exists (select 1 from panel_item p left join lateral ctx.panel_of(p.id) m on true
                where p.{column} = {value}
                  and (p.state = 'proposed'
                       or (p.state = 'on' and m.state in ('booked', 'held', 'minutes_in_draft'))
                       or (p.state = 'discussed' and p.meeting_id = :meeting_id)))
"""
_OF_CHILD = _STANDS.format(column="child_id", value="c.child_id")

_CASES = text(
    f"""
select c.id, c.child_id, c.reference, c.level, c.sensitivity, k.given_name, k.family_name
  from cre_case c join child k on k.id = c.child_id
 where c.district = :district and c.state not in ('closed', 'transferred') and c.level = any(:levels)
   and {_OF_CHILD}
 order by c.level_since desc nulls last, c.id limit :most
"""  # noqa: S608 - put together from what stands above
).bindparams(bindparam("levels", type_=ARRAY(String)), bindparam("meeting_id"))

_PLANS = text(
    f"""
select c.id, c.child_id, c.reference, c.level, c.sensitivity, k.given_name, k.family_name,
       count(*) filter (where a.state in ('not_started', 'under_way') and a.due_on < :today) as overdue,
       count(*) filter (where a.state = 'blocked') as blocked,
       count(*) filter (where a.effect = any(:effects) and a.done_at >= :since) as failed
  from cre_case c join child k on k.id = c.child_id join action a on a.case_id = c.id
 where c.district = :district and c.state not in ('closed', 'transferred') and {_OF_CHILD}
 group by c.id, k.id
having count(*) filter (where (a.state in ('not_started', 'under_way') and a.due_on < :today)
                              or a.state = 'blocked') >= :actions
    or count(*) filter (where a.effect = any(:effects) and a.done_at >= :since) > 0
 order by failed desc, overdue desc, c.id limit :most
"""  # noqa: S608 - put together from what stands above
).bindparams(
    bindparam("effects", type_=ARRAY(String)),
    bindparam("today", type_=Date),
    bindparam("since", type_=DateTime(timezone=True)),
)

# A child is of the district of the case that one reads, else of that of the authority, if it is the only one.
_MISSING = text(
    f"""
select c.child_id, k.reference as child_reference, k.given_name, k.family_name, c.case_id, c.reference,
       coalesce(c.sensitivity, 0) as sensitivity, c.times, c.last
  from (select e.child_id, o.id as case_id, o.reference, o.sensitivity, count(*) as times,
               max(e.missing_since) as last
          from missing_episode e
          left join cre_case o on o.child_id = e.child_id and o.state not in ('closed', 'transferred')
         where e.missing_since >= :since and e.withdrawn_at is null
           and (o.district = :district
                or (o.id is null and :authority in (e.responsible_authority, e.host_authority)))
         group by e.child_id, o.id) c
  join child k on k.id = c.child_id
 where c.times >= :times and {_OF_CHILD}
 order by c.times desc, c.last desc limit :most
"""  # noqa: S608 - put together from what stands above
).bindparams(bindparam("since", type_=DateTime(timezone=True)), bindparam("authority", type_=String))

_CONCERNS = text(
    f"""
select n.id, n.reference, n.kind, n.name, n.risk, n.last_on, n.sensitivity,
       (select count(distinct l.child_id) from concern_link l
         where l.concern_id = n.id and l.child_id is not null and l.ended_at is null) as children
  from concern n
 where n.district = :district and n.ended_at is null
   and (n.last_on >= cast(:since as date) or n.created_at >= :since
        or exists (select 1 from concern_note w where w.concern_id = n.id and w.created_at >= :since))
   and {_STANDS.format(column="concern_id", value="n.id")}
 order by n.last_on desc nulls last, n.id limit :most
"""  # noqa: S608 - put together from what stands above
).bindparams(bindparam("since", type_=DateTime(timezone=True)))


@dataclass(frozen=True)
class Proposals:
    """What could come before the panel, by why."""

    cases: Rows
    plans: Rows
    missing: Rows
    concerns: Rows

    @property
    def any(self) -> bool:
        """Whether anything is proposed."""
        return bool(self.cases or self.plans or self.missing or self.concerns)


def proposals(*, district: str, meeting_id: UUID) -> Proposals:
    """What the agenda of a district’s panel proposes to the person who prepares it."""
    policy, now = current_policy(), clock.now()
    rules = policy.of(Panels)
    common = {"district": district, "meeting_id": meeting_id, "most": MOST}

    def since(days: int) -> Any:
        return now - timedelta(days=days)

    def read(sql: Any, **values: Any) -> Rows:
        return db.session.execute(sql, {**common, **values}).all()

    return Proposals(
        cases=read(_CASES, levels=[RiskLevel(one).value for one in rules.cases.levels]),
        plans=read(
            _PLANS,
            effects=list(rules.plans.effects),
            today=clock.today(),
            actions=rules.plans.actions,
            since=since(rules.plans.within),
        ),
        missing=read(
            _MISSING,
            authority=_only_authority(district),
            times=rules.missing.times,
            since=since(rules.missing.within),
        ),
        concerns=read(_CONCERNS, since=since(rules.concerns.within)),
    )


def _only_authority(district: str) -> str | None:
    """The authority of a district that is its only one: there a child without a case has a district too."""
    areas = current_policy().areas
    authority = current_policy().authority_of(district)
    alone = sum(one.authority == authority for one in areas.districts.offered) == 1
    return authority if alone else None
