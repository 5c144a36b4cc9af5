"""Meetings: the page of one with its day, those of a case, one's own, and those that are coming up."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Row,
    Uuid,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.states import OPEN_MEETING_STATES
from portal.queries.rows import ALERT_OWNER, STILL, Rows
from portal.records.meetings.model import Invitation, Meeting
from portal.records.missing.facts import missing_now

#: For how long a meeting that was stays on one's list.
STAYS = timedelta(days=28)
PAGE = 50


class OfMeeting:
    """What there is of one meeting, for whoever asks: a statement, which is read by calling it.

    Args:
        sql: the statement, with the parameter `meeting_id`.
        types: of its other parameters.
    """

    def __init__(self, sql: str, **types: Any) -> None:
        every = {"meeting_id": Uuid, **types}
        self._statement = text(sql).bindparams(*(bindparam(name, type_=one) for name, one in every.items()))

    def __call__(self, *, meeting_id: UUID, **values: Any) -> Rows:
        """Every row."""
        return db.session.execute(self._statement, {"meeting_id": meeting_id, **values}).all()

    def one(self, *, meeting_id: UUID, **values: Any) -> Row[Any] | None:
        """The one row, where there is any."""
        return db.session.execute(self._statement, {"meeting_id": meeting_id, **values}).one_or_none()


_PAGE_OF = f"""
select m.id, m.reference, m.kind, m.district, m.state, m.starts_at, m.ends_at, m.place, m.link, m.sequence,
       m.version, m.chair_id, m.note_taker_id, m.called_by, m.required_sectors, m.quorum_reason, m.held_at,
       m.reach_until, {STILL.format("c")} as chair, ca.name as chair_agency,
       {STILL.format("n")} as note_taker, na.name as note_taker_agency,
       ctx.runs_meeting(m.id) as full_reach,
       array(select p.id from closed_minute p where p.meeting_id = m.id order by p.id) as closed_parts
  from meeting m join app_user c on c.id = m.chair_id join agency ca on ca.id = c.agency_id
  join app_user n on n.id = m.note_taker_id join agency na on na.id = n.agency_id
"""  # noqa: S608 - put together from what stands in the code
_PAGE = text(_PAGE_OF + "where m.reference = :reference")
_PAGE_BY_ID = OfMeeting(_PAGE_OF + "where m.id = :meeting_id")

#: The children that a meeting is on; with their case where one reads it.
children = OfMeeting(
    """
select k.id as child_id, k.reference as child_reference, k.given_name, k.family_name, k.dob,
       k.dob_is_estimate, k.nhs_number, c.id as case_id, c.reference, c.state as case_state, c.level,
       c.sensitivity, c.lead_professional_id, c.lead_agency_id, c.authority, {missing_now} as missing_now,
       (select json_agg(json_build_object('kind', l.kind, 'text', l.text, 'review_on', l.review_on,
                                          'owner', {owner}) order by l.created_at)
          from cre_case o join alert l on l.case_id = o.id join app_user u on u.id = l.owner_id
         where o.child_id = k.id and l.ended_at is null) as alerts
  from meeting_case mc join child k on k.id = mc.child_id left join cre_case c on c.id = mc.case_id
 where mc.meeting_id = :meeting_id order by k.dob, k.given_name, k.id
""".replace("{missing_now}", missing_now("k.id")).replace("{owner}", ALERT_OWNER)
)

#: Who is invited, chair and note-taker first, with what they answered; `has_left` of whoever is invited by
#: name, where nobody is there who comes for them.
invited = OfMeeting(
    f"""
select i.id, i.reference, i.role, i.required, i.agency_id, i.team_id, i.user_id, i.comes_id, i.external_name,
       i.reply, i.reply_reason, i.replied_at, i.walk_in, i.attendance, i.attendance_note, i.version,
       a.name as agency, a.sector, t.name as team, {STILL.format("u")} as person,
       {STILL.format("d")} as comes, r.name as replied_by,
       u.id is not null and not (u.active and u.agency_id = i.agency_id)
       and not coalesce(d.active and d.agency_id = i.agency_id, false) as has_left
  from invitation i left join agency a on a.id = i.agency_id left join team t on t.id = i.team_id
  left join app_user u on u.id = i.user_id left join app_user d on d.id = i.comes_id
  left join app_user r on r.id = i.replied_by
 where i.meeting_id = :meeting_id and i.withdrawn_at is null
 order by i.role <> 'chair', i.role <> 'note_taker', i.external_name is not null, a.name, i.invited_at, i.id
"""  # noqa: S608 - put together from what stands in the code
)

#: Whose invitation was withdrawn, and why.
withdrawn = OfMeeting(
    """
select i.id, i.role, i.external_name, i.withdrawn_at, i.withdrawn_reason, a.name as agency, t.name as team,
       u.name as person
  from invitation i left join agency a on a.id = i.agency_id left join team t on t.id = i.team_id
  left join app_user u on u.id = i.user_id
 where i.meeting_id = :meeting_id and i.withdrawn_at is not null order by i.withdrawn_at
"""
)

#: What was changed about a meeting, newest first.
changes = OfMeeting(
    """
select h.id, h.kind, h.before, h.after, h.reason, h.changed_at, u.name as changed_by
  from meeting_change h join app_user u on u.id = h.changed_by
 where h.meeting_id = :meeting_id order by h.changed_at desc, h.id desc
"""
)

_REPORTS = OfMeeting(
    """
select r.id, r.reference, r.due_at, r.answered_at, k.given_name, k.family_name
  from information_request r join child k on k.id = r.child_id
 where r.meeting_id = :meeting_id and r.withdrawn_at is null
   and (r.asked_user_id = :user_id or (r.asked_user_id is null and r.asked_team_id = any(:teams)))
 order by r.due_at, r.id
""",
    user_id=Uuid,
    teams=ARRAY(Uuid),
)


def find_meeting(*, reference: str) -> Meeting | None:
    """A meeting that one may see, to be worked on."""
    return db.session.scalar(select(Meeting).where(Meeting.reference == reference))


def find_invitation(*, reference: str, withdrawn: bool = False) -> Invitation | None:
    """An invitation that is one's own, or to a meeting that one reads in full.

    Args:
        withdrawn: also one that was withdrawn, which those alone see who read the meeting in full.
    """
    found = db.session.scalar(select(Invitation).filter_by(reference=reference))
    return found if found and (withdrawn or found.withdrawn_at is None) else None


def find_invitation_to(*, meeting_id: UUID, invitation_id: UUID) -> Invitation | None:
    """An invitation to this meeting that stands."""
    wanted = select(Invitation).filter_by(id=invitation_id, meeting_id=meeting_id, withdrawn_at=None)
    return db.session.scalar(wanted)


def own_invitation(*, meeting_id: UUID, person: Principal) -> str | None:
    """The reference of a person's invitation to a meeting: in their own name before that of their team."""
    own = (Invitation.user_id == person.user_id, Invitation.comes_id == person.user_id)
    return db.session.scalar(
        select(Invitation.reference)
        .where(
            Invitation.meeting_id == meeting_id,
            Invitation.withdrawn_at.is_(None),
            Invitation.agency_id == person.agency_id,
            or_(*own, and_(Invitation.user_id.is_(None), Invitation.team_id.in_(person.team_ids))),
        )
        .order_by(*(case((one, 0), else_=1) for one in own), Invitation.id)
        .limit(1)
    )


def meeting_of(*, invitation: Invitation) -> Meeting:
    """The meeting of an invitation that one may see."""
    return db.session.get_one(Meeting, invitation.meeting_id)


def page(*, reference: str) -> Row[Any] | None:
    """A meeting with who chairs it and takes its notes; `full_reach` tells it from an invitation alone.

    `closed_parts` are those of its minutes that whoever asks may read, and nobody else's page has a trace of.
    """
    return db.session.execute(_PAGE, {"reference": reference}).one_or_none()


def by_id(*, meeting_id: UUID) -> Row[Any] | None:
    """The same for a meeting that a record names."""
    return _PAGE_BY_ID.one(meeting_id=meeting_id)


def own_reports(*, meeting_id: UUID, person: Principal) -> Rows:
    """What a person, or their team, is asked to write for a meeting."""
    return _REPORTS(meeting_id=meeting_id, user_id=person.user_id, teams=list(person.team_ids))


def mine(person: Principal, *, limit: int = PAGE) -> tuple[Rows, bool]:
    """The meetings that a person or their team is invited to, those of the last weeks too, earliest first,
    and whether there are more.

    Rows of id, reference, kind, district, state, starts_at, ends_at, invitation (its reference, for the page
    `meetings.invitation` on which one replies), role, reply, required, in_name (whether it names the person),
    stands_in (whether they come as the deputy).
    """
    own = invitation_to(person)
    rows = db.session.execute(
        select(*MEETING, *own.c)
        .select_from(Meeting)
        .join(own, true())
        .where(Meeting.starts_at >= clock.now() - STAYS, Meeting.state.in_(sorted(OPEN_MEETING_STATES)))
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(limit + 1)
    ).all()
    return rows[:limit], len(rows) > limit


#: A meeting as lists show one.
MEETING: tuple[Any, ...] = (
    Meeting.id,
    Meeting.reference,
    Meeting.kind,
    Meeting.district,
    Meeting.state,
    Meeting.starts_at,
    Meeting.ends_at,
)


def invitation_to(person: Principal) -> LateralFromClause:
    """The invitation of a person to each meeting: that in their own name before that of a team.

    It is looked for among the few to one meeting, because those of a team grow over the years: `coalesce`
    keeps the database from all that somebody ever had.
    """
    one = aliased(Invitation)
    in_name, comes = one.user_id == person.user_id, one.comes_id == person.user_id
    of_team = func.coalesce(one.team_id.in_(sorted(person.team_ids)), false())
    return (
        select(
            one.reference.label("invitation"),
            one.role,
            one.reply,
            one.required,
            one.walk_in,
            func.coalesce(in_name, false()).label("in_name"),
            func.coalesce(comes, false()).label("stands_in"),
        )
        .where(
            one.meeting_id == Meeting.id,
            one.withdrawn_at.is_(None),
            one.agency_id == person.agency_id,
            or_(
                func.coalesce(in_name, false()),
                func.coalesce(comes, false()),
                and_(one.user_id.is_(None), of_team),
            ),
        )
        .order_by(in_name.desc().nulls_last(), comes.desc().nulls_last())
        .limit(1)
        .correlate(Meeting)
        .lateral("own")
    )


#: What was said of the papers on the children whose cases one reads, and which of them the portal holds.
papers = OfMeeting(
    """
select coalesce(p.case_id, k.case_id) as case_id, coalesce(p.kind, k.kind) as kind, p.received_at,
       p.not_needed_reason, coalesce(p.version, 0) as version, u.name as received_by,
       k.kind is not null as held
  from (select * from meeting_paper where meeting_id = :meeting_id and case_id is not null) p
  full join (select c.case_id, 'assessment' as kind from meeting_case c
              where c.meeting_id = :meeting_id
                and exists (select 1 from risk_assessment a
                             where a.case_id = c.case_id and a.state = 'finalised')
              union all
             select c.case_id, 'plan' from meeting_case c
              where c.meeting_id = :meeting_id
                and exists (select 1 from plan o where o.case_id = c.case_id and o.state = 'running')
              union all
             select c.case_id, 'chronology' from meeting_case c
              where c.meeting_id = :meeting_id
                and (exists (select 1 from chronology_entry e where e.case_id = c.case_id)
                     or exists (select 1 from information_answer i where i.case_id = c.case_id))) k
    on k.case_id = p.case_id and k.kind = p.kind
  left join app_user u on u.id = p.received_by
"""
)

# The last answer that one may read; that there is one is known to whoever sees the question.
#: Who was asked to write for a meeting, as far as one may know, and whether they have.
reports = OfMeeting(
    """
select r.id, r.reference, r.case_id, r.due_at, r.answered_at, a.name as agency, t.name as team,
       u.name as person,
       (select i.nothing_held from information_answer i where i.request_id = r.id
         order by i.answered_at desc, i.id desc limit 1) as nothing_held
  from information_request r join agency a on a.id = r.asked_agency_id
  left join team t on t.id = r.asked_team_id left join app_user u on u.id = r.asked_user_id
 where r.meeting_id = :meeting_id and r.withdrawn_at is null order by a.name, t.name, u.name, r.id
"""
)

#: The agenda that one may see, with the version of each heading.
agenda = OfMeeting(
    """
select g.id, g.heading, g.case_id, g.version, k.given_name, k.family_name
  from agenda_item g left join meeting_case mc on mc.meeting_id = g.meeting_id and mc.case_id = g.case_id
  left join child k on k.id = mc.child_id
 where g.meeting_id = :meeting_id order by g.position, g.id
"""
)

#: What was handed to people without an account about the children whose cases one reads.
handouts = OfMeeting(
    """
select h.id, h.case_id, h.what, h.way, h.handed_at, u.name as handed_by, i.external_name, i.role
  from meeting_handout h join app_user u on u.id = h.handed_by
  left join invitation i on i.id = h.invitation_id
 where h.meeting_id = :meeting_id order by h.handed_at, h.id
"""
)
