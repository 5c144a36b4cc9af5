"""The minutes that went out: drafts, versions, copies, corrections, and what is for child and family."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text

from portal.extensions import db
from portal.queries.rows import Rows, name_of
from portal.records.cases.model import ChronologyEntry
from portal.records.concerns.reading.records import names_any, names_around
from portal.records.entries.reading import citations
from portal.records.entries.reading.citations import bounds_of, held_words
from portal.records.entries.rules import passages, repeated
from portal.records.entries.vocabulary import CitationHolder, FamilySafe
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.reading.records import OfMeeting
from portal.records.minutes.model import FamilyPassage, LevelProposal, MinutesIssue
from portal.records.minutes.reading.content import content_of
from portal.records.minutes.vocabulary import MinutesKind
from portal.vocabulary import Use

#: Every version that one may read, the newest first, without what it says.
of_meeting = OfMeeting(
    """
select n.id, n.reference, n.case_id, n.kind, n.number, n.made_at, u.name as made_by,
       k.given_name, k.family_name
  from minutes_issue n join app_user u on u.id = n.made_by
  left join meeting_case mc on mc.meeting_id = n.meeting_id and mc.case_id = n.case_id
  left join child k on k.id = mc.child_id
 where n.meeting_id = :meeting_id order by n.made_at desc, n.id desc
"""
)

#: To whom which version was given, and whether it was opened.
copies = OfMeeting(
    """
select c.issue_id, n.reference, n.kind, n.number, c.given_at, c.reach_until, c.opened_at, o.name as opened_by,
       coalesce(u.name, t.name, it.name) as whom, coalesce(ta.name, ia.name) as agency, d.name as comes,
       i.attendance, i.attendance_note, l.reference as ledger
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
select x.id, x.case_id, x.item_id, x.text, x.asked_at, x.taken, x.answer, x.settled_at, x.unmade_reason,
       u.name as asked_by,
       a.name as agency, s.name as settled_by, g.heading
  from minutes_correction x join app_user u on u.id = x.asked_by join agency a on a.id = x.agency_id
  left join app_user s on s.id = x.settled_by left join agenda_item g on g.id = x.item_id
 where x.meeting_id = :meeting_id
   and (cast(:everything as boolean) or x.case_id is not distinct from cast(:case_id as uuid))
 order by x.asked_at, x.id
"""
).bindparams(bindparam("meeting_id", type_=Uuid), bindparam("case_id", type_=Uuid))


def find_issue(*, reference: str) -> MinutesIssue | None:
    """The minutes of a reference, if one may read them."""
    return db.session.scalar(select(MinutesIssue).where(MinutesIssue.reference == reference))


def meeting_of(*, issue: MinutesIssue | LevelProposal) -> Meeting | None:
    """The meeting of some minutes or of a level, while one sees it: a copy may outlast that."""
    return db.session.get(Meeting, issue.meeting_id)


def corrections(*, meeting_id: UUID) -> Rows:
    """What was asked to be put right, as far as one may see it, in the order of asking."""
    return db.session.execute(
        _CORRECTIONS, {"meeting_id": meeting_id, "everything": True, "case_id": None}
    ).all()


def corrections_on(*, meeting_id: UUID, case_id: UUID) -> Rows:
    """Those on a child or on the meeting as a whole."""
    return [one for one in corrections(meeting_id=meeting_id) if one.case_id in {case_id, None}]


def corrections_beside(*, issue: MinutesIssue) -> Rows:
    """What was asked to be put right in some minutes: one's own, and all of it for whoever reads the case."""
    return db.session.execute(
        _CORRECTIONS, {"meeting_id": issue.meeting_id, "everything": False, "case_id": issue.case_id}
    ).all()


_APPROVED = text("select at, by_whom from ctx.minutes_approved(:issue)").bindparams(
    bindparam("issue", type_=Uuid)
)


@dataclass(frozen=True)
class Approval:
    """When minutes were approved, and by whom: from then on their text stands."""

    at: datetime
    by: str


def approval_of(*, issue: MinutesIssue) -> Approval | None:
    """The approval of the minutes of which one may read an issue; None while they are in draft."""
    found = db.session.execute(_APPROVED, {"issue": issue.id}).one_or_none()
    return Approval(found.at, found.by_whom) if found else None


_LEVEL = text("select level, accepted, at, by_whom from ctx.level_beside_minutes(:issue)").bindparams(
    bindparam("issue", type_=Uuid)
)


def level_beside(*, issue: MinutesIssue) -> Any:
    """What became of a lower level of which some minutes say that it waits for a second person: `level`,
    whether it holds (`accepted`), when and by whom. None where they do not say so, or it waits still.
    """
    level = issue.content.get("level")
    waits = level is not None and level["accepted"] is None
    return db.session.execute(_LEVEL, {"issue": issue.id}).one_or_none() if waits else None


_ALERTS = text("select kind, reads from ctx.alerts_beside_minutes(:issue)").bindparams(
    bindparam("issue", type_=Uuid)
)


def alerts_beside(*, issue: MinutesIssue) -> Rows:
    """The kinds of alert that stand on the children of some minutes, and whether one reads the case: no word
    of what they say, which is for whoever does.
    """
    return db.session.execute(_ALERTS, {"issue": issue.id}).all()


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


def gathered(*, issue: MinutesIssue) -> dict[str, Any]:
    """Everything that a document of approved minutes holds, for whoever may read them.

    Returns:
        `content`, as it was frozen (see `minutes.reading.content`; for the family `name`, `met_on` and
        `parts`); `notes`, the corrections beside it that the reader sees, none for the family; `level_since`,
        as of `level_beside`.

    Raises:
        ValueError: it is a draft, of which no document is made.
    """
    kind = MinutesKind(issue.kind)
    if kind is MinutesKind.DRAFT:
        raise ValueError("No document is made of a draft.")
    notes = [] if kind is MinutesKind.FAMILY_SAFE else corrections_beside(issue=issue)
    since = level_beside(issue=issue) if kind is MinutesKind.PROFESSIONAL else None
    return {"kind": kind, "content": issue.content, "notes": notes, "level_since": since}


MINUTE, DECISION, ACTION = "minute", "decision", "action"


@dataclass(frozen=True)
class Place:
    """Where a passage stands: in which record, and which of its passages it is."""

    source_kind: str
    source_id: UUID
    position: int

    @property
    def code(self) -> str:
        """As a form names it."""
        return f"{self.source_kind}:{self.source_id}:{self.position}"


@dataclass(frozen=True)
class Passage:
    """A passage as it stands now.

    Args:
        under: the heading, or the decision, that it belongs to.
        refused: why it cannot be chosen; empty when it can.
        advice: what its sources say about the family; empty for nothing.
    """

    place: Place
    text: str
    under: str
    refused: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Chosen:
    """A passage that was chosen, beside what stands there now."""

    id: UUID
    place: Place
    text: str
    lapsed: bool  # what stands there is no longer what was chosen
    confirmed: bool
    chosen_by: str
    confirmed_by: str | None
    under: str


def offered(*, meeting: Meeting, case_id: UUID) -> list[Passage]:
    """Every passage on a child, in the order of the minutes."""
    content = content_of(meeting=meeting, case_id=case_id)
    sources = [*_minutes(content), *_decisions(content), *_actions(content)]
    children = meetings.children(meeting_id=meeting.id)
    others, own = _names_of_others(children, case_id), _own_names(children, case_id)
    held = held_words(use=Use.FAMILY, case_ids=[case_id])
    people = [name for name in names_around(case_id=case_id) if not set(name) <= own]
    return [
        Passage(
            Place(one.kind, one.id, position),
            part,
            one.under,
            one.refused
            or _names_another(part, others)
            or ("It names a person of concern" if names_any(part, people) else "")
            or _repeats(part, held),
            one.advice,
        )
        for one in sources
        for position, part in enumerate(part for text in one.texts for part in passages(text))
    ]


def chosen(*, meeting: Meeting, case_id: UUID, now: Sequence[Passage] | None = None) -> list[Chosen]:
    """What was chosen for a child and not taken out again, in the order of the minutes.

    Args:
        now: from `offered`, where the caller has it.
    """
    stands = {one.place: one for one in (offered(meeting=meeting, case_id=case_id) if now is None else now)}
    order = {place: at for at, place in enumerate(stands)}
    rows = db.session.execute(
        select(
            FamilyPassage,
            name_of(FamilyPassage.chosen_by, "chosen_by"),
            name_of(FamilyPassage.confirmed_by, "agreed_by"),
        ).where(
            FamilyPassage.meeting_id == meeting.id,
            FamilyPassage.case_id == case_id,
            FamilyPassage.removed_at.is_(None),
        )
    ).all()
    found = []
    for row in rows:
        kept: FamilyPassage = row[0]
        place = Place(kept.source_kind, kept.source_id, kept.position)
        standing = stands.get(place)
        found.append(
            Chosen(
                id=kept.id,
                place=place,
                text=kept.text,
                lapsed=standing is None or standing.text != kept.text or bool(standing.refused),
                confirmed=kept.confirmed_at is not None,
                chosen_by=row.chosen_by,
                confirmed_by=row.agreed_by,
                under=standing.under if standing else "",
            )
        )
    return sorted(found, key=lambda one: order.get(one.place, len(order)))


def family_waits(*, meeting_id: UUID) -> dict[UUID, int]:
    """How many passages of a meeting wait for the chair, by case that one reads. What stands otherwise since
    it was chosen waits for nobody: it is out until it is chosen anew.
    """
    on = select(FamilyPassage.case_id).filter_by(meeting_id=meeting_id, removed_at=None, confirmed_at=None)
    found = {}
    for case_id in db.session.scalars(on.distinct()).all():
        meeting = db.session.get_one(Meeting, meeting_id)
        stand = [one for one in chosen(meeting=meeting, case_id=case_id) if not one.lapsed]
        if times := sum(not one.confirmed for one in stand):
            found[case_id] = times
    return found


@dataclass(frozen=True)
class _Source:
    """A record that is parted into passages."""

    kind: str
    id: UUID
    under: str
    texts: Sequence[str]
    refused: str = ""
    advice: str = ""


def _minutes(content: Mapping[str, Any]) -> list[_Source]:
    says = _cited(content)
    return [
        _Source(
            MINUTE, UUID(one["minute_id"]), one["heading"], [one["text"]], *says.get(one["minute_id"], ())
        )
        for one in content["items"]
        if one["minute_id"]
    ]


def _decisions(content: Mapping[str, Any]) -> list[_Source]:
    return [
        _Source(DECISION, UUID(one["id"]), f"Decision {one['reference']}", [one["text"], one["reason"]])
        for one in content["decisions"]
    ]


def _actions(content: Mapping[str, Any]) -> list[_Source]:
    return [
        _Source(ACTION, UUID(one["id"]), f"Action {one['reference']}", [one["what"]])
        for one in content["actions"]
    ]


def _names_another(text: str, others: set[str]) -> str:
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text)}
    return "It names another child of this meeting" if words & others else ""


def _repeats(text: str, held: Sequence[tuple[str, UUID]]) -> str:
    """Whether a passage repeats words that may not be told to the child or family."""
    return "It repeats what may not be told" if any(repeated(text, words) for words, _ in held) else ""


def _names_of_others(rows: Sequence[Any], case_id: UUID) -> set[str]:
    """The words in the names of the other children, without those that this child bears too."""
    return {word for row in rows if row.case_id != case_id for word in _words(row)} - _own_names(
        rows, case_id
    )


def _own_names(rows: Sequence[Any], case_id: UUID) -> set[str]:
    """The words in the names of the child itself."""
    return {word for row in rows if row.case_id == case_id for word in _words(row)}


def _words(row: Any) -> list[str]:
    return [word.casefold() for name in (row.given_name, row.family_name) if name for word in name.split()]


def _cited(content: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """By each minute that cites something: why it cannot be chosen, and what to ask first."""
    minutes = [UUID(item["minute_id"]) for item in content["items"] if item["minute_id"]]
    rows = citations.of_holders(kind=CitationHolder.MINUTE, ids=minutes)
    entries = [row.entry_id for row in rows if row.entry_id]
    safe = {
        row.id: row.family_safe
        for row in db.session.execute(
            select(ChronologyEntry.id, ChronologyEntry.family_safe).where(ChronologyEntry.id.in_(entries))
        )
    }
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        refused, advice = found.get(str(row.holder_id), ("", ""))
        says = safe.get(row.entry_id, FamilySafe.ASK)
        bound = bounds_of(row.bound_by, row.grading)
        if bound.forbids(Use.FAMILY) or bound.forbids(Use.CITE):
            refused = f"It cites what {row.agency} holds back"
        elif says == FamilySafe.NO:
            refused = f"It cites what {row.agency} does not share with the family"
        elif says == FamilySafe.ASK:
            advice = f"It cites {row.agency}: ask them before the family has it"
        found[str(row.holder_id)] = (refused, advice)
    return found
