"""Things of concern and their links, written straight into the tables; the triggers say who sees them."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.calendar import end_of_day
from portal.pathway.references import Prefix, new_reference
from portal.records.children.model import Child
from portal.records.concerns.model import Concern, ConcernKey, ConcernLink, ConcernNote, ConcernRelease
from portal.records.people.model import Agency, User


def make_concern(
    rows: Session, by: User, *, kind: str = "place", name: str = "Zubrowka Arcade", **facts: Any
) -> Concern:
    """Something of concern that the agency of a person recorded and owns, with the clock of its review."""
    keys = facts.pop("keys", ())
    values: dict[str, Any] = {"review_on": clock.today() + timedelta(days=90), "details": {}} | facts
    concern = Concern(
        id=new_id(),
        reference=new_reference(Prefix.CONCERN),
        kind=kind,
        name=name,
        owner_agency_id=by.agency_id,
        created_by=by.id,
        created_agency_id=by.agency_id,
        policy_version="test",
        **values,
    )
    rows.add(concern)
    rows.flush()
    rows.add_all(ConcernKey(concern_id=concern.id, key=key) for key in keys)
    due_at = end_of_day(concern.review_on)
    rows.add(
        Deadline(
            id=new_id(),
            kind=DeadlineKind.CONCERN_REVIEW,
            subject_kind="concern",
            subject_id=concern.id,
            concern_id=concern.id,
            owner_team_id=concern.owner_team_id,
            owner_agency_id=None if concern.owner_team_id else concern.owner_agency_id,
            started_at=clock.now(),
            due_at=due_at,
            original_due_at=due_at,
            state=DeadlineState.OPEN,
            source="concerns.review_within",
            confirmed=False,
            policy_version="test",
        )
    )
    rows.commit()
    return concern


def link(rows: Session, concern: Concern, to: Child | Concern, by: User, **facts: Any) -> ConcernLink:
    """A link of something of concern to a child or to another."""
    is_child = isinstance(to, Child)
    values: dict[str, Any] = {
        "role": "child_not_known" if is_child else "not_known",
        "handling": "network",
    } | facts
    made = ConcernLink(
        id=new_id(),
        concern_id=concern.id,
        child_id=to.id if is_child else None,
        other_id=None if is_child else to.id,
        agency_id=by.agency_id,
        author_id=by.id,
        **values,
    )
    rows.add(made)
    rows.commit()
    return made


def add_note(
    rows: Session, concern: Concern, by: User, text: str = "Seen again", **facts: Any
) -> ConcernNote:
    """What an agency added."""
    made = ConcernNote(
        id=new_id(),
        concern_id=concern.id,
        agency_id=by.agency_id,
        author_id=by.id,
        text=text,
        **{"handling": "network"} | facts,
    )
    rows.add(made)
    rows.commit()
    return made


def release(rows: Session, concern: Concern, to: Agency, by: User) -> ConcernRelease:
    """Its owner lets another agency see it."""
    made = ConcernRelease(
        id=new_id(),
        concern_id=concern.id,
        agency_id=to.id,
        reason="They work there",
        released_by=by.id,
        released_at=clock.now(),
    )
    rows.add(made)
    rows.commit()
    return made
