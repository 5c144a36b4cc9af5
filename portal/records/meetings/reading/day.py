"""What a meeting’s page shows of its day and the way there: papers, reports, agenda, what was handed out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, Uuid, bindparam, text

from portal.extensions import db

Rows = Sequence[Row[Any]]


def _of_meeting(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("meeting_id", type_=Uuid))


_PAPERS = _of_meeting(
    """
select p.case_id, p.kind, p.received_at, p.not_needed_reason, p.version, u.name as received_by
  from meeting_paper p left join app_user u on u.id = p.received_by
 where p.meeting_id = :meeting_id and p.case_id is not null
"""
)

# The last answer that one may read; that there is one is known to whoever sees the question.
_REPORTS = _of_meeting(
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

_HEADINGS = _of_meeting(
    """
select g.id, g.heading, g.case_id, g.version, k.given_name, k.family_name
  from agenda_item g left join meeting_case mc on mc.meeting_id = g.meeting_id and mc.case_id = g.case_id
  left join child k on k.id = mc.child_id
 where g.meeting_id = :meeting_id order by g.position, g.id
"""
)

_HANDOUTS = _of_meeting(
    """
select h.id, h.case_id, h.what, h.way, h.handed_at, u.name as handed_by, i.external_name, i.role
  from meeting_handout h join app_user u on u.id = h.handed_by join invitation i on i.id = h.invitation_id
 where h.meeting_id = :meeting_id order by h.handed_at, h.id
"""
)


def papers(*, meeting_id: UUID) -> Rows:
    """What was said of the papers on the children whose cases one reads."""
    return db.session.execute(_PAPERS, {"meeting_id": meeting_id}).all()


def reports(*, meeting_id: UUID) -> Rows:
    """Who was asked to write for a meeting, as far as one may know, and whether they have."""
    return db.session.execute(_REPORTS, {"meeting_id": meeting_id}).all()


def headings(*, meeting_id: UUID) -> Rows:
    """The agenda that one may see, with the version of each heading."""
    return db.session.execute(_HEADINGS, {"meeting_id": meeting_id}).all()


def handouts(*, meeting_id: UUID) -> Rows:
    """What was handed to people without an account about the children whose cases one reads."""
    return db.session.execute(_HANDOUTS, {"meeting_id": meeting_id}).all()
