"""The minutes that went out: drafts, approved versions, copies and when they were opened, corrections."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, TextClause, Uuid, bindparam, select, text

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.meetings.model import Meeting
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind

Rows = Sequence[Row[Any]]

#: How many of one's own minutes a list shows.
LISTED = 50


def _of_meeting(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("meeting_id", type_=Uuid))


_ISSUES = _of_meeting(
    """
select n.id, n.reference, n.case_id, n.kind, n.number, n.made_at, u.name as made_by,
       k.given_name, k.family_name
  from minutes_issue n join app_user u on u.id = n.made_by
  left join meeting_case mc on mc.meeting_id = n.meeting_id and mc.case_id = n.case_id
  left join child k on k.id = mc.child_id
 where n.meeting_id = :meeting_id order by n.made_at desc, n.id desc
"""
)

_COPIES = _of_meeting(
    """
select c.issue_id, n.reference, n.kind, n.number, c.given_at, c.reach_until, c.opened_at, o.name as opened_by,
       coalesce(u.name, t.name, it.name) as whom, coalesce(ta.name, ia.name) as agency, d.name as comes,
       l.reference as ledger
  from minutes_copy c join minutes_issue n on n.id = c.issue_id
  left join invitation i on i.id = c.invitation_id left join app_user u on u.id = i.user_id
  left join app_user d on d.id = i.comes_id left join team it on it.id = i.team_id
  left join agency ia on ia.id = i.agency_id
  left join team t on t.id = c.team_id left join agency ta on ta.id = t.agency_id
  left join app_user o on o.id = c.opened_by left join disclosure l on l.id = c.disclosure_id
 where n.meeting_id = :meeting_id order by c.given_at desc, agency, whom, c.id
"""
)

_CORRECTIONS = text(
    """
select x.id, x.case_id, x.item_id, x.text, x.asked_at, x.taken, x.answer, x.settled_at, u.name as asked_by,
       a.name as agency, s.name as settled_by, g.heading
  from minutes_correction x join app_user u on u.id = x.asked_by join agency a on a.id = x.agency_id
  left join app_user s on s.id = x.settled_by left join agenda_item g on g.id = x.item_id
 where x.meeting_id = :meeting_id
   and (cast(:everything as boolean) or x.case_id is not distinct from cast(:case_id as uuid))
 order by x.asked_at, x.id
"""
).bindparams(bindparam("meeting_id", type_=Uuid), bindparam("case_id", type_=Uuid))

# Those of a team are its members’: whoever reads the case for another reason was given nothing.
_MINE = text(
    """
select n.id, n.reference, n.kind, n.number, n.content -> 'child' as child, n.content -> 'meeting' as meeting,
       min(c.given_at) as given_at, bool_or(c.opened_at is not null) as opened
  from minutes_copy c join minutes_issue n on n.id = c.issue_id
 where (c.id = any ((select ctx.my_copies())::uuid[])
        or (c.team_id = any(:teams) and c.reach_until > statement_timestamp()))
   and not exists (select 1 from minutes_issue later
                    where later.meeting_id = n.meeting_id and later.case_id is not distinct from n.case_id
                      and n.kind = 'draft' and (later.kind = 'professional'
                                                or (later.kind = 'draft' and later.number > n.number)))
 group by n.id order by min(c.given_at) desc, n.id limit :limit
"""
).bindparams(bindparam("teams", type_=ARRAY(Uuid)))


def find(*, reference: str) -> MinutesIssue | None:
    """The minutes of a reference, if one may read them."""
    return db.session.scalar(select(MinutesIssue).where(MinutesIssue.reference == reference))


def meeting_of(*, issue: MinutesIssue) -> Meeting | None:
    """The meeting of some minutes, while one sees it: a copy may outlast that."""
    return db.session.get(Meeting, issue.meeting_id)


def of_meeting(*, meeting_id: UUID) -> Rows:
    """Every version that one may read, the newest first, without what it says."""
    return db.session.execute(_ISSUES, {"meeting_id": meeting_id}).all()


def copies(*, meeting_id: UUID) -> Rows:
    """To whom which version was given, and whether it was opened."""
    return db.session.execute(_COPIES, {"meeting_id": meeting_id}).all()


def corrections(*, meeting_id: UUID) -> Rows:
    """What was asked to be put right, as far as one may see it, in the order of asking."""
    return db.session.execute(
        _CORRECTIONS, {"meeting_id": meeting_id, "everything": True, "case_id": None}
    ).all()


def corrections_beside(*, issue: MinutesIssue) -> Rows:
    """What was asked to be put right in some minutes: one's own, and all of it for whoever reads the case."""
    return db.session.execute(
        _CORRECTIONS, {"meeting_id": issue.meeting_id, "everything": False, "case_id": issue.case_id}
    ).all()


def later_than(*, issue: MinutesIssue) -> MinutesIssue | None:
    """What takes the place of a draft, where one may read it: the approved minutes, else a newer draft."""
    if MinutesKind(issue.kind) is not MinutesKind.DRAFT:
        return None
    others = db.session.scalars(
        select(MinutesIssue).where(
            MinutesIssue.meeting_id == issue.meeting_id,
            MinutesIssue.case_id.is_not_distinct_from(issue.case_id),
            MinutesIssue.kind.in_((MinutesKind.DRAFT, MinutesKind.PROFESSIONAL)),
        )
    ).all()
    approved = next((one for one in others if one.kind == MinutesKind.PROFESSIONAL), None)
    newest = max(others, key=lambda one: one.number, default=None)
    return approved or (newest if newest and newest.id != issue.id else None)


def mine(*, person: Principal) -> Rows:
    """The minutes that a person or their team was given and may still read, the newest first."""
    return db.session.execute(_MINE, {"teams": list(person.team_ids), "limit": LISTED}).all()


def gathered(*, issue: MinutesIssue) -> dict[str, Any]:
    """Everything that a document of approved minutes holds, for whoever may read them.

    Returns:
        `content`, as it was frozen (see `minutes.reading.content`; for the family `name`, `met_on` and
        `parts`); `notes`, the corrections beside it that the reader sees, none for the family.

    Raises:
        ValueError: it is a draft, of which no document is made.
    """
    kind = MinutesKind(issue.kind)
    if kind is MinutesKind.DRAFT:
        raise ValueError("No document is made of a draft.")
    notes = [] if kind is MinutesKind.FAMILY_SAFE else corrections_beside(issue=issue)
    return {"kind": kind, "content": issue.content, "notes": notes}
