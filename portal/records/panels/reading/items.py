"""One item of a district’s panel: what it is about, its summaries, what was said, decided and asked for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, Uuid, bindparam, select, text

from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.panels.model import PanelDecision, PanelItem, PanelSummary

Rows = Sequence[Row[Any]]


def _of_item(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("item_id", type_=Uuid))


#: Items with what they are about; a statement adds which.
ITEM = """
select p.id, p.reference, p.district, p.meeting_id, p.place, p.kind, p.case_id, p.child_id, p.concern_id,
       p.why, p.state, p.proposed_at, p.proposed_by, p.decided_at, p.decided_reason, p.word, p.word_at,
       p.version, b.name as proposer, g.name as proposer_agency, d.name as decided_by, w.name as word_by,
       c.reference as case_reference, c.level, c.sensitivity, c.lead_professional_id,
       k.reference as child_reference, k.given_name, k.family_name, k.dob, k.dob_is_estimate,
       n.reference as concern_reference, n.name as concern_name, n.kind as concern_kind, s.number,
       s.read_at, s.returned_at, s.written_at,
       case when p.state = 'proposed' then ctx.held_back(p.child_id, p.concern_id) else '' end as held
  from panel_item p
  join app_user b on b.id = p.proposed_by join agency g on g.id = p.proposed_agency_id
  left join app_user d on d.id = p.decided_by left join app_user w on w.id = p.word_by
  left join cre_case c on c.id = p.case_id left join child k on k.id = p.child_id
  left join concern n on n.id = p.concern_id
  left join lateral (select number, read_at, returned_at, written_at from panel_summary
                      where item_id = p.id order by number desc limit 1) s on true
"""
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
    """
select a.id, a.reference, a.what, a.state, a.due_on, x.decision_id, coalesce(u.name, t.name) as owner,
       g.name as agency
  from panel_action x join action a on a.id = x.action_id join agency g on g.id = a.owner_agency_id
  left join app_user u on u.id = a.owner_id left join team t on t.id = a.owner_team_id
 where x.item_id = :item_id order by a.due_on, a.id
"""
)


def item(*, reference: str) -> Row[Any] | None:
    """An item with what it is about, for whoever reaches that."""
    return db.session.execute(_ONE, {"reference": reference}).one_or_none()


def find(*, reference: str) -> PanelItem | None:
    """An item to be worked on."""
    return db.session.scalar(select(PanelItem).where(PanelItem.reference == reference))


def find_summary(*, item_id: UUID, number: int) -> PanelSummary | None:
    """One summary of an item."""
    return db.session.scalar(
        select(PanelSummary).where(PanelSummary.item_id == item_id, PanelSummary.number == number)
    )


def find_decision(*, item_id: UUID, decision_id: UUID) -> PanelDecision | None:
    """A decision on an item."""
    return db.session.scalar(
        select(PanelDecision).where(PanelDecision.id == decision_id, PanelDecision.item_id == item_id)
    )


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
