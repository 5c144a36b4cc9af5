"""The panels of districts: mine, what their members read, what is on them and what is proposed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Row,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    or_,
    select,
    text,
)

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.policy import current_policy
from portal.queries.rows import Rows
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.reading.records import OfMeeting
from portal.records.panels.model import PanelShare
from portal.records.panels.policy import Panels
from portal.records.panels.reading.items import ITEM

#: For how long a panel that was stays on the list.
STAYS = timedelta(days=62)
MOST = 100


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
#: The summaries of a panel that the person who asks was given, by their place on the agenda.
papers = OfMeeting(
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

#: What is on a panel, of the children and concerns that the person who asks reaches.
items = OfMeeting(
    ITEM + "where p.meeting_id = :meeting_id and p.state in ('on', 'discussed') order by p.place"
)
_PROPOSED = text(
    ITEM + "where p.district = :district and p.state = 'proposed' order by p.proposed_at, p.id limit :most"
)
_ABOUT = text(
    ITEM + "where p.child_id = any(:children) or p.concern_id = any(:concerns)"
    " order by p.proposed_at desc, p.id limit :most"
).bindparams(bindparam("children", type_=ARRAY(Uuid)), bindparam("concerns", type_=ARRAY(Uuid)))

# Who was given the summaries of a panel and has opened them, for those who reach its items.
#: To whom the summaries of a panel were given, and how many of them were opened.
shared = OfMeeting(
    """
select i.id, coalesce(u.name, t.name, d.name) as whom, a.name as agency, count(*) as items,
       count(*) filter (where h.opened_at is not null) as opened, min(h.shared_at) as shared_at
  from panel_share h join panel_item p on p.id = h.item_id join invitation i on i.id = h.invitation_id
       and i.meeting_id = p.meeting_id
  join agency a on a.id = i.agency_id left join app_user u on u.id = i.user_id
  left join team t on t.id = i.team_id left join app_user d on d.id = i.comes_id
 where p.meeting_id = :meeting_id group by i.id, u.name, t.name, d.name, a.name order by a.name, whom, i.id
"""
)

_SENT = OfMeeting(
    """
select o.sent_at, u.name as sent_by,
       (select count(*) from invitation i
         where i.meeting_id = o.meeting_id and i.withdrawn_at is null and i.agency_id is not null
           and not exists (select 1 from panel_share h where h.invitation_id = i.id)) as without
  from panel_papers o join app_user u on u.id = o.sent_by where o.meeting_id = :meeting_id
"""
)

_SECTORS = OfMeeting(
    """
select distinct a.sector from invitation i join agency a on a.id = i.agency_id
 where i.meeting_id = :meeting_id and i.withdrawn_at is null
"""
)


def mine() -> Rows:
    """The panels that a person is invited to or may run, from those of the last weeks on, earliest first."""
    values = {"kind": current_policy().of(Panels).kind, "since": clock.now() - STAYS, "most": MOST}
    return db.session.execute(_MINE, values).all()


def waiting_for(person: Principal) -> Select[Any]:
    """The summaries that a person, or their team, was given and has not opened, of panels that go on."""
    own = (Invitation.user_id == person.user_id, Invitation.comes_id == person.user_id)
    of_team = and_(Invitation.user_id.is_(None), Invitation.team_id.in_(person.team_ids))
    return (
        select(PanelShare.id)
        .join(Invitation, Invitation.id == PanelShare.invitation_id)
        .join(Meeting, Meeting.id == Invitation.meeting_id)
        .where(
            PanelShare.opened_at.is_(None),
            Invitation.agency_id == person.agency_id,
            or_(*own, of_team),
            Meeting.state.in_(("booked", "held", "minutes_in_draft")),
        )
    )


def proposed(*, district: str) -> Rows:
    """What waits for the next panel of a district, the longest waiting first."""
    return db.session.execute(_PROPOSED, {"district": district, "most": MOST}).all()


def of(*, children: Sequence[UUID] = (), concerns: Sequence[UUID] = ()) -> Rows:
    """What is or was before a panel on some children or concerns, newest first."""
    values = {"children": list(children), "concerns": list(concerns), "most": MOST}
    return db.session.execute(_ABOUT, values).all()


def next_panel(*, district: str | None) -> datetime | None:
    """When the next panel of a district is, if one is called."""
    found: datetime | None = db.session.scalar(
        text("select ctx.next_panel(:district, :kind)").bindparams(bindparam("district", type_=String)),
        {"district": district, "kind": current_policy().of(Panels).kind},
    )
    return found


def sent(*, meeting_id: UUID) -> Row[Any] | None:
    """When the papers of a panel went out, by whom, and how many were invited since; None before that."""
    return _SENT.one(meeting_id=meeting_id)


def sectors(*, meeting_id: UUID) -> set[str]:
    """The sectors that are invited."""
    return {row.sector for row in _SECTORS(meeting_id=meeting_id)}


def subject(*, kind: str, reference: str) -> Mapping[str, Case | Child | Concern]:
    """What a reference stands for, by the name that a subject of an item has; empty where one sees none."""
    found: Case | Child | Concern | None
    if kind == "case":
        found = db.session.scalar(select(Case).where(Case.reference == reference))
    elif kind == "child":
        found = db.session.scalar(select(Child).where(Child.reference == reference))
    else:
        found = db.session.scalar(select(Concern).where(Concern.reference == reference))
    return {kind: found} if found is not None else {}
