"""What the minutes on one child, or on a whole meeting, say at this moment: what an issue freezes.

Closed parts are never read here. What is on one child follows that child; what was said on the whole meeting
stands with the child where the meeting is on nobody else, and in an issue of its own where it is on several.

And the list of those that somebody was given.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    Row,
    Uuid,
    and_,
    any_,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.policy import current_policy
from portal.queries.declared import AnyOf, Filter, Listing, a_to_z, heads, labels, latest, one_of
from portal.queries.listing import Whole
from portal.queries.rows import Rows
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.reading.records import OfMeeting
from portal.records.meetings.rules import attended_by
from portal.records.meetings.vocabulary import Attendance
from portal.records.minutes.model import MinutesCopy, MinutesIssue
from portal.records.minutes.reading.records import next_dates, reviews
from portal.records.minutes.vocabulary import OVERTAKEN, ActionOutcome, MeetingOutcome, MinutesKind, Stance
from portal.records.plans.facts import OWNER_NAME
from portal.records.safety_plans.reading import ended_with
from portal.vocabulary import Labelled, RiskLevel, Sensitivity

#: Counts changes of the shape below, for whoever reads an old one.
SHAPE = 1


_MINUTES = OfMeeting(
    """
select g.id as item_id, g.heading, g.case_id, n.id, n.text
  from agenda_item g left join minute n on n.item_id = g.id
 where g.meeting_id = :meeting_id order by g.position, g.id
"""
)

_DECISIONS = OfMeeting(
    """
select d.id, d.reference, d.case_id, d.item_id, d.text, d.reason, d.outcome
  from decision d where d.meeting_id = :meeting_id and d.withdrawn_at is null order by d.recorded_at, d.id
"""
)

_PARTS = OfMeeting(
    """
select p.decision_id, a.name as agency, p.stance, p.words, p.escalation
  from decision_part p join decision d on d.id = p.decision_id join agency a on a.id = p.agency_id
 where d.meeting_id = :meeting_id order by a.name
"""
)

_LEVELS = OfMeeting(
    """
select l.case_id, l.before, l.level, l.reason, l.accepted, l.settle_reason, l.taken_back
  from level_proposal l where l.meeting_id = :meeting_id order by l.proposed_at desc, l.id desc
"""
)

_ACTIONS = OfMeeting(
    f"""
select a.id, a.reference, a.case_id, a.concern_id, a.decision_id, a.category, a.what, a.measure, a.due_on,
       g.name as agency, {OWNER_NAME} as owner
  from action a join agency g on g.id = a.owner_agency_id left join app_user u on u.id = a.owner_id
  left join team t on t.id = a.owner_team_id
 where a.meeting_id = :meeting_id and a.state <> 'not_needed' order by a.due_on, a.given_at, a.id
"""  # noqa: S608 - put together from what stands above
)

_MEETING = OfMeeting(
    """
select m.chair_id, c.name as chair, ca.name as chair_agency, n.name as note_taker,
       na.name as note_taker_agency
  from meeting m join app_user c on c.id = m.chair_id join agency ca on ca.id = c.agency_id
  join app_user n on n.id = m.note_taker_id join agency na on na.id = n.agency_id
 where m.id = :meeting_id
"""
)

#: What minutes say of an action on a concern: its own page says what it is, to whoever sees it.
ON_A_CONCERN = "An action on a place or person of concern. Its page says what it is, to whoever sees it"


def parts_of(*, meeting: Meeting) -> list[UUID | None]:
    """What a meeting's minutes are parted into: an issue for each case and, where there are several or none,
    one (None) on the whole. Only cases that the person who asks reads.
    """
    cases = [row.case_id for row in _children(meeting)]
    return [*cases] if len(cases) == 1 else [*cases, None]


def content_of(*, meeting: Meeting, case_id: UUID | None) -> dict[str, Any]:
    """The minutes on one case of a meeting, or on the whole of it, with codes as the words they have now."""
    children = _children(meeting)
    alone = len(children) == 1
    (run,) = _MEETING(meeting_id=meeting.id)
    kind = current_policy().meetings.kinds.get(meeting.kind)
    return {
        "shape": SHAPE,
        "meeting": {
            "reference": meeting.reference,
            "kind": kind.label if kind else meeting.kind,
            "starts_at": meeting.starts_at.isoformat(),
            "ends_at": meeting.ends_at.isoformat(),
            "place": meeting.place,
            "chair": run.chair,
            "chair_agency": run.chair_agency,
            "note_taker": run.note_taker,
            "note_taker_agency": run.note_taker_agency,
            "quorum_reason": meeting.quorum_reason or "",
        },
        "child": next((_child(one) for one in children if one.case_id == case_id), None) if case_id else None,
        "attendance": _attendance(meeting, children, case_id),
        "reviewed": _reviewed([row for row in reviews(meeting_id=meeting.id) if row.case_id == case_id]),
        "items": _items(_read(_MINUTES, meeting, case_id, alone=alone)),
        "decisions": _decisions(meeting, _read(_DECISIONS, meeting, case_id, alone=alone)),
        "level": _level(meeting, case_id),
        "actions": _actions(_read(_ACTIONS, meeting, case_id, alone=alone)),
        "next_on": _next_on(meeting, case_id),
        **_plan_ended(meeting, case_id),
        "written_at": clock.now().isoformat(),
    }


def _read(sql: OfMeeting, meeting: Meeting, case_id: UUID | None, *, alone: bool) -> list[Row[Any]]:
    """The rows of one part: also those on the whole meeting where it is on nobody else."""
    found = sql(meeting_id=meeting.id)
    return [row for row in found if row.case_id == case_id or (alone and row.case_id is None)]


def _children(meeting: Meeting) -> Rows:
    return [row for row in meetings.children(meeting_id=meeting.id) if row.case_id]


def _child(row: Any) -> dict[str, Any]:
    return {
        "given_name": row.given_name,
        "family_name": row.family_name,
        "dob": row.dob.isoformat() if row.dob else None,
        "dob_is_estimate": row.dob_is_estimate,
        "nhs_number": row.nhs_number,
    }


def _attendance(meeting: Meeting, children: Rows, case_id: UUID | None) -> list[dict[str, str]]:
    """Who came. Of a meeting that is also on a sealed child, who came is for whoever reads that child; and of
    one on several children, those without an account are named to nobody by the minutes on one of them.
    """
    sealed = [row.case_id for row in children if row.sensitivity == Sensitivity.SEALED]
    if sealed and case_id is not None and case_id not in sealed:
        return []
    named = len(children) == 1 or case_id is None
    roles = current_policy().meetings.roles
    return [
        {
            "who": (row.person or row.team or (row.external_name if named else "")) or "",
            "agency": row.agency or "Without an account",
            "role": roles.label(row.role),
            "took_part": Attendance(row.attendance).label if row.attendance else "Not marked",
            "note": attended_by(row.attendance, row.attendance_note, row.comes),
        }
        for row in meetings.invited(meeting_id=meeting.id)
    ]


def _items(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "item_id": str(row.item_id),
            "minute_id": str(row.id) if row.id else None,
            "heading": row.heading,
            "text": row.text or "",
        }
        for row in rows
    ]


def _reviewed(rows: Sequence[Row[Any]]) -> list[dict[str, str]]:
    """What it heard of the actions of last time."""
    effects = current_policy().plans.effects
    return [
        {
            "what": row.what,
            "who": f"{row.owner}, {row.agency}, by {row.due_on.day} {row.due_on:%B %Y}",
            "outcome": ActionOutcome(row.outcome).label if row.outcome else "",
            "effect": effects.label(row.effect) if row.effect else "",
            "words": row.words,
        }
        for row in rows
    ]


def _decisions(meeting: Meeting, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    said: Mapping[UUID, list[dict[str, str]]] = defaultdict(list)
    for part in _PARTS(meeting_id=meeting.id):
        said[part.decision_id].append(
            {
                "agency": part.agency,
                "stance": Stance(part.stance).label,
                "dissents": part.stance == Stance.DISSENTS,
                "words": part.words,
                "escalation": part.escalation,
            }
        )
    return [
        {
            "id": str(row.id),
            "reference": row.reference,
            "item_id": str(row.item_id) if row.item_id else None,
            "text": row.text,
            "reason": row.reason,
            "outcome": MeetingOutcome(row.outcome).label if row.outcome else "",
            "parts": said.get(row.id, []),
        }
        for row in rows
    ]


def _actions(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    categories = current_policy().plans.categories
    return [
        {
            "id": str(row.id),
            "reference": row.reference,
            "decision_id": str(row.decision_id) if row.decision_id else None,
            "category": categories.label(row.category),
            # minutes reach people who do not see the concern: they say that something is done, and by whom
            "what": ON_A_CONCERN if row.concern_id else row.what,
            "measure": "" if row.concern_id else row.measure,
            "owner": row.owner,
            "agency": row.agency,
            "due_on": row.due_on.isoformat(),
        }
        for row in rows
    ]


def _level(meeting: Meeting, case_id: UUID | None) -> dict[str, Any] | None:
    """The level that the meeting came to; one that was not agreed to is not in force."""
    rows = _LEVELS(meeting_id=meeting.id)
    row = next((one for one in rows if case_id is not None and one.case_id == case_id), None)
    if row is None:
        return None
    return {
        "before": RiskLevel(row.before).label if row.before else "",
        "level": RiskLevel(row.level).label,
        "reason": row.reason,
        "accepted": row.accepted,
        "settle_reason": row.settle_reason,
        # said only where it is so: what went out before this was kept reads the same as it would now
        **({"taken_back": True} if row.taken_back else {}),
        **({"overtaken": True} if row.settle_reason.startswith(OVERTAKEN) else {}),
    }


def _plan_ended(meeting: Meeting, case_id: UUID | None) -> dict[str, Any]:
    """The safety plan of the child that ended with the meeting; said only where one did."""
    plan = ended_with(meeting_id=meeting.id).get(case_id) if case_id else None
    ended = {"reference": plan.reference, "ended_at": plan.ended_at.isoformat()} if plan else None
    return {"safety_plan": ended} if ended else {}


def _next_on(meeting: Meeting, case_id: UUID | None) -> str | None:
    next_on = next_dates(meeting_id=meeting.id).get(case_id) if case_id else None
    return next_on.isoformat() if next_on else None


class Opened(Labelled):
    """Whether minutes that somebody was given were opened."""

    NO = "no", "Not opened"
    YES = "yes", "Opened"


#: Of the copies that `given` finds for whoever asks.
_GIVEN_AT = literal_column("own.given_at", DateTime(timezone=True))
_OPENED = literal_column("own.opened", Boolean)


def _opened() -> dict[Opened, ColumnElement[bool]]:
    return {Opened.NO: _OPENED.is_(False), Opened.YES: _OPENED.is_(True)}


def _said(name: str) -> ColumnElement[str]:
    return func.coalesce(MinutesIssue.content["child"][name].astext, "")


#: The minutes that somebody or their team was given.
GIVEN = Listing(
    name="minutes",
    noun=("version of minutes", "versions of minutes"),
    key=MinutesIssue.id,
    columns=heads(("Minutes", "child"), ("Received", "given"), "Opened"),
    sorts=(
        latest("given", _GIVEN_AT, "received"),
        a_to_z("child", "By the child’s family name", _said("family_name"), _said("given_name")),
    ),
    filters=(
        Filter("opened", "Opened", labels(Opened), AnyOf(_opened)),
        Filter("kind", "Which version", labels(MinutesKind), one_of(MinutesIssue.kind)),
    ),
)


def given(person: Principal) -> Whole:
    """The minutes that a person or their team was given and may still read. Those of a team are its members’:
    whoever reads the case for another reason was given nothing.
    """
    copy, later = MinutesCopy, aliased(MinutesIssue)
    own = (
        select(
            copy.issue_id,
            func.min(copy.given_at).label("given_at"),
            func.bool_or(copy.opened_at.is_not(None)).label("opened"),
        )
        .where(
            or_(
                copy.id == any_(cast(select(func.ctx.my_copies()).scalar_subquery(), ARRAY(Uuid))),
                and_(copy.team_id.in_(list(person.team_ids)), copy.reach_until > func.statement_timestamp()),
            )
        )
        .group_by(copy.issue_id)
        .subquery("own")
    )
    replaced = exists().where(
        later.meeting_id == MinutesIssue.meeting_id,
        later.case_id.is_not_distinct_from(MinutesIssue.case_id),
        MinutesIssue.kind == MinutesKind.DRAFT,
        or_(
            later.kind == MinutesKind.PROFESSIONAL,
            and_(later.kind == MinutesKind.DRAFT, later.number > MinutesIssue.number),
        ),
    )
    return Whole(
        select(
            MinutesIssue.id,
            MinutesIssue.reference,
            MinutesIssue.kind,
            MinutesIssue.number,
            MinutesIssue.content["child"].label("child"),
            MinutesIssue.content["meeting"].label("meeting"),
            own.c.given_at,
            own.c.opened,
        )
        .select_from(MinutesIssue)
        .join(own, own.c.issue_id == MinutesIssue.id)
        .where(~replaced)
    )
