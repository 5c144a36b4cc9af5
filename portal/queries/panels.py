"""The panels of districts: mine, what their members read, what is on them, and the page of one item."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Row, String, TextClause, Uuid, bindparam, select, text

from portal import clock
from portal.extensions import db
from portal.models import Case, Child, Concern, PanelDecision, PanelItem, PanelSummary
from portal.policy import current_policy

Rows = Sequence[Row[Any]]

#: For how long a panel that was stays on the list.
STAYS = timedelta(days=62)
MOST = 100


def _of_meeting(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("meeting_id", type_=Uuid))


def _of_item(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("item_id", type_=Uuid))


_MINE = text(
    """
select m.id, m.reference, m.district, m.state, m.starts_at, m.ends_at, m.chair_id, m.note_taker_id,
       u.name as chair, o.sent_at
  from meeting m join app_user u on u.id = m.chair_id left join panel_papers o on o.meeting_id = m.id
 where m.kind = :kind and m.district is not null and m.state <> 'cancelled' and m.starts_at >= :since
 order by m.starts_at, m.id limit :most
"""
).bindparams(bindparam("since", type_=DateTime(timezone=True)))

# What members read stands here alone: the item itself is for those who reach its child or concern.
_PAPERS = _of_meeting(
    """
select s.id, s.item_id, s.reference, s.about, s.heading, s.text, s.asks, s.read_at, p.place, p.case_id,
       p.child_id, k.text as said,
       exists (select 1 from panel_decision d
                where d.item_id = p.item_id and d.withdrawn_at is null) as decided,
       exists (select 1 from panel_share h
                where h.item_id = p.item_id and h.opened_at is null
                  and h.invitation_id = any ((select ctx.my_invitations())::uuid[])) as unopened
  from ctx.my_panel_papers() p join panel_summary s on s.id = p.summary_id
  left join panel_minute k on k.item_id = p.item_id
 where p.meeting_id = :meeting_id order by p.place
"""
)

_ITEM = """
select p.id, p.reference, p.district, p.meeting_id, p.place, p.kind, p.case_id, p.child_id, p.concern_id,
       p.why, p.state, p.proposed_at, p.proposed_by, p.decided_at, p.decided_reason, p.word, p.word_at, p.version,
       b.name as proposer, g.name as proposer_agency, d.name as decided_by, w.name as word_by,
       c.reference as case_reference, c.level, c.sensitivity, c.lead_professional_id,
       k.reference as child_reference, k.given_name, k.family_name, k.dob, k.dob_is_estimate, n.reference as concern_reference,
       n.name as concern_name, n.kind as concern_kind, s.number, s.read_at, s.returned_at, s.written_at,
       case when p.state = 'proposed' then ctx.held_back(p.child_id, p.concern_id) else '' end as held
  from panel_item p
  join app_user b on b.id = p.proposed_by join agency g on g.id = p.proposed_agency_id
  left join app_user d on d.id = p.decided_by left join app_user w on w.id = p.word_by
  left join cre_case c on c.id = p.case_id left join child k on k.id = p.child_id
  left join concern n on n.id = p.concern_id
  left join lateral (select number, read_at, returned_at, written_at from panel_summary
                      where item_id = p.id order by number desc limit 1) s on true
"""
_ITEMS = _of_meeting(
    _ITEM + "where p.meeting_id = :meeting_id and p.state in ('on', 'discussed') order by p.place"
)
_PROPOSED = text(
    _ITEM + "where p.district = :district and p.state = 'proposed' order by p.proposed_at, p.id limit :most"
)
_ONE = text(_ITEM + "where p.reference = :reference")
_ABOUT = text(
    _ITEM + "where p.child_id = any(:children) or p.concern_id = any(:concerns)"
    " order by p.proposed_at desc, p.id limit :most"
).bindparams(bindparam("children", type_=ARRAY(Uuid)), bindparam("concerns", type_=ARRAY(Uuid)))

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

# Who was given the summaries of a panel and has opened them, for those who reach its items.
_SHARED = _of_meeting(
    """
select i.id, coalesce(u.name, t.name, d.name) as whom, a.name as agency, count(*) as items,
       count(*) filter (where h.opened_at is not null) as opened, min(h.shared_at) as shared_at
  from panel_share h join panel_item p on p.id = h.item_id join invitation i on i.id = h.invitation_id
  join agency a on a.id = i.agency_id left join app_user u on u.id = i.user_id
  left join team t on t.id = i.team_id left join app_user d on d.id = i.comes_id
 where p.meeting_id = :meeting_id group by i.id, u.name, t.name, d.name, a.name order by a.name, whom, i.id
"""
)

_SENT = _of_meeting(
    """
select o.sent_at, u.name as sent_by,
       (select count(*) from invitation i
         where i.meeting_id = o.meeting_id and i.withdrawn_at is null and i.agency_id is not null
           and not exists (select 1 from panel_share h where h.invitation_id = i.id)) as without
  from panel_papers o join app_user u on u.id = o.sent_by where o.meeting_id = :meeting_id
"""
)

_SECTORS = _of_meeting(
    """
select distinct a.sector from invitation i join agency a on a.id = i.agency_id
 where i.meeting_id = :meeting_id and i.withdrawn_at is null and i.role not in ('chair', 'note_taker')
"""
)


def mine() -> Rows:
    """The panels that a person is invited to or may run, from those of the last weeks on, earliest first."""
    values = {"kind": current_policy().panels.kind, "since": clock.now() - STAYS, "most": MOST}
    return db.session.execute(_MINE, values).all()


def papers(*, meeting_id: UUID) -> Rows:
    """The summaries of a panel that the person who asks was given, by their place on the agenda."""
    return db.session.execute(_PAPERS, {"meeting_id": meeting_id}).all()


def paper(*, meeting_id: UUID, item_id: UUID) -> Row[Any] | None:
    """One of them."""
    return next((row for row in papers(meeting_id=meeting_id) if row.item_id == item_id), None)


def items(*, meeting_id: UUID) -> Rows:
    """What is on a panel, of the children and concerns that the person who asks reaches."""
    return db.session.execute(_ITEMS, {"meeting_id": meeting_id}).all()


def proposed(*, district: str) -> Rows:
    """What waits for the next panel of a district, the longest waiting first."""
    return db.session.execute(_PROPOSED, {"district": district, "most": MOST}).all()


def of(*, children: Sequence[UUID] = (), concerns: Sequence[UUID] = ()) -> Rows:
    """What is or was before a panel on some children or concerns, newest first."""
    values = {"children": list(children), "concerns": list(concerns), "most": MOST}
    return db.session.execute(_ABOUT, values).all()


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


def next_panel(*, district: str | None) -> datetime | None:
    """When the next panel of a district is, if one is called."""
    found: datetime | None = db.session.scalar(
        text("select ctx.next_panel(:district, :kind)").bindparams(bindparam("district", type_=String)),
        {"district": district, "kind": current_policy().panels.kind},
    )
    return found


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


def shared(*, meeting_id: UUID) -> Rows:
    """To whom the summaries of a panel were given, and how many of them were opened."""
    return db.session.execute(_SHARED, {"meeting_id": meeting_id}).all()


def sent(*, meeting_id: UUID) -> Row[Any] | None:
    """When the papers of a panel went out, by whom, and how many were invited since; None while they have not."""
    return db.session.execute(_SENT, {"meeting_id": meeting_id}).one_or_none()


def sectors(*, meeting_id: UUID) -> set[str]:
    """The sectors that are invited."""
    return {row.sector for row in db.session.execute(_SECTORS, {"meeting_id": meeting_id})}


def subject(*, kind: str, reference: str) -> Mapping[str, Case | Child | Concern]:
    """What a reference stands for, as `portal.services.panels.Subject` takes it; empty where one sees none."""
    found: Case | Child | Concern | None
    if kind == "case":
        found = db.session.scalar(select(Case).where(Case.reference == reference))
    elif kind == "child":
        found = db.session.scalar(select(Child).where(Child.reference == reference))
    else:
        found = db.session.scalar(select(Concern).where(Concern.reference == reference))
    return {kind: found} if found is not None else {}
