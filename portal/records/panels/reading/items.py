"""What the agenda of a district’s panel proposes, and its items with what was said and decided."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, Row, String, TextClause, Uuid, bindparam, func, select, text

from portal import clock
from portal.extensions import db
from portal.policy import current_policy
from portal.queries.rows import Rows
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.facts import missing_now
from portal.records.panels.model import PanelDecision, PanelItem, PanelSummary
from portal.records.panels.policy import Panels
from portal.records.plans.facts import OWNER_NAME
from portal.vocabulary import RiskLevel


def _of_item(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("item_id", type_=Uuid))


#: Items with what they are about; a statement adds which.
ITEM = """
select p.id, p.reference, p.district, p.meeting_id, p.place, p.kind, p.case_id, p.child_id, p.concern_id,
       p.why, p.state, p.proposed_at, p.proposed_by, p.decided_at, p.decided_reason, p.word, p.word_at,
       p.version, b.name as proposer, g.name as proposer_agency, d.name as decided_by, w.name as word_by,
       c.reference as case_reference, c.closed_at, c.level, c.sensitivity, c.lead_professional_id,
       k.reference as child_reference, k.given_name, k.family_name, k.dob, k.dob_is_estimate,
       n.reference as concern_reference, n.name as concern_name, n.kind as concern_kind, s.number,
       s.read_at, s.returned_at, s.written_at, {missing_now} as missing_now,
       case when p.state in ('proposed', 'on') then ctx.held_back(p.child_id, p.concern_id)
            else '' end as held
  from panel_item p
  join app_user b on b.id = p.proposed_by join agency g on g.id = p.proposed_agency_id
  left join app_user d on d.id = p.decided_by left join app_user w on w.id = p.word_by
  left join cre_case c on c.id = p.case_id left join child k on k.id = p.child_id
  left join concern n on n.id = p.concern_id
  left join lateral (select number, read_at, returned_at, written_at from panel_summary
                      where item_id = p.id order by number desc limit 1) s on true
""".replace("{missing_now}", missing_now("k.id"))
_ONE = text(ITEM + "where p.reference = :reference")

_SUMMARIES = _of_item(
    """
select s.id, s.number, s.about, s.heading, s.text, s.asks, s.written_at, s.written_by, s.returned_at,
       s.returned_words, s.read_at, w.name as author, a.name as agency, r.name as reader, b.name as returner
  from panel_summary s join app_user w on w.id = s.written_by join agency a on a.id = s.written_agency_id
  left join app_user r on r.id = s.read_by left join app_user b on b.id = s.returned_by
 where s.item_id = :item_id order by s.number desc
"""
)

_SAID = _of_item(
    """
select k.text, k.version, k.saved_at, u.name as saved_by
  from panel_minute k join app_user u on u.id = k.saved_by where k.item_id = :item_id
"""
)

_DECISIONS = _of_item(
    """
select d.id, d.reference, d.text, d.reason, d.recorded_at, d.withdrawn_at, d.withdrawn_reason,
       u.name as recorded_by, w.name as withdrawn_by
  from panel_decision d join app_user u on u.id = d.recorded_by left join app_user w on w.id = d.withdrawn_by
 where d.item_id = :item_id order by d.recorded_at, d.id
"""
)

_ACTIONS = _of_item(
    f"""
select a.id, a.reference, a.what, a.state, a.covered_by, a.due_on, x.decision_id, {OWNER_NAME} as owner,
       g.name as agency
  from panel_action x join action a on a.id = x.action_id join agency g on g.id = a.owner_agency_id
  left join app_user u on u.id = a.owner_id left join team t on t.id = a.owner_team_id
 where x.item_id = :item_id order by a.due_on, a.id
"""  # noqa: S608 - put together from what stands above
)


def item(*, reference: str) -> Row[Any] | None:
    """An item with what it is about, for whoever reaches that."""
    return db.session.execute(_ONE, {"reference": reference}).one_or_none()


def find_item(*, reference: str) -> PanelItem | None:
    """An item to be worked on."""
    return db.session.scalar(select(PanelItem).where(PanelItem.reference == reference))


def find_summary(*, item_id: UUID, number: int) -> PanelSummary | None:
    """One summary of an item."""
    return db.session.scalar(select(PanelSummary).filter_by(item_id=item_id, number=number))


def find_decision(*, item_id: UUID, decision_id: UUID) -> PanelDecision | None:
    """A decision on an item."""
    return db.session.scalar(select(PanelDecision).filter_by(id=decision_id, item_id=item_id))


def spoken(*, reference: str) -> Row[Any] | None:
    """The summary of an item for somebody who was given it and may not reach the item itself."""
    return db.session.execute(
        text(
            "select p.item_id, p.meeting_id, p.place, p.case_id, p.child_id, s.reference, s.about, s.heading,"
            "       s.text, s.asks, s.read_at"
            "  from ctx.my_panel_papers() p join panel_summary s on s.id = p.summary_id"
            " where s.reference = :reference"
        ),
        {"reference": reference},
    ).one_or_none()


def held_back_by_word(*, item_id: UUID) -> bool:
    """Whether an item waits for the word of whoever leads it."""
    return bool(
        db.session.scalar(
            text(
                "select word_at is null and ctx.held_back(child_id, concern_id) = 'word'"
                "  from panel_item where id = :item_id"
            ),
            {"item_id": item_id},
        )
    )


def waiting_for_word(*, meeting_id: UUID) -> int:
    """How many items on the agenda of a panel wait for the word of whoever leads them, for whoever runs it:
    of one that they do not read they learn that much.
    """
    return db.session.scalar(select(func.ctx.waits_for_word(meeting_id))) or 0


def gives_word(*, item: Any) -> bool:
    """Whether it is the person who asks whose word an item waits for."""
    found = text("select ctx.gives_word(:child_id, :concern_id)").bindparams(
        bindparam("child_id", type_=Uuid), bindparam("concern_id", type_=Uuid)
    )
    return bool(db.session.scalar(found, {"child_id": item.child_id, "concern_id": item.concern_id}))


def child_of(*, case: Case) -> Child | None:
    """The child of a case that one reads."""
    return db.session.get(Child, case.child_id)


def panel_of(*, item_id: UUID) -> Row[Any] | None:
    """The panel that an item is on: its reference, when and its state, also for those who are not invited."""
    return db.session.execute(
        text("select reference, starts_at, state from ctx.panel_of(:item_id)"), {"item_id": item_id}
    ).one_or_none()


def summaries(*, item_id: UUID) -> Rows:
    """Every summary of an item, newest first."""
    return db.session.execute(_SUMMARIES, {"item_id": item_id}).all()


def said(*, item_id: UUID) -> Row[Any] | None:
    """What was said of an item."""
    return db.session.execute(_SAID, {"item_id": item_id}).one_or_none()


def decisions(*, item_id: UUID) -> Rows:
    """What was decided on it, in order, with what was taken back."""
    return db.session.execute(_DECISIONS, {"item_id": item_id}).all()


def actions(*, item_id: UUID) -> Rows:
    """The actions that were asked for under it and that the person who asks may see."""
    return db.session.execute(_ACTIONS, {"item_id": item_id}).all()


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
         where l.concern_id = n.id and l.child_id is not null and l.ended_at is null
           and not l.do_not_disclose) as children
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
