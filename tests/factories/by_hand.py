"""Whom somebody has to tell themselves, written straight into the tables."""

from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.by_hand.model import ToldByHand
from portal.records.people.model import User


def make_told(rows: Session, by: User, *, way: str = "", teller: User | None = None, **on: Any) -> ToldByHand:
    """Somebody whom a person has to tell of what hangs `on` a case, form or meeting; told in a `way`."""
    now = clock.now()
    told = ToldByHand(
        id=new_id(),
        reference=new_reference(Prefix.BY_HAND),
        key=str(new_id()),
        event="case_ended",
        ground="outside",
        subject_kind="cre_case",
        subject_id=on.get("case_id") or new_id(),
        name="Fenella Gladwrack",
        contact="01632 960444",
        asked_by=by.id,
        agency_id=by.agency_id,
        created_at=now,
        **on,
    )
    if way:
        told.told_on, told.way, told.told_by = clock.today(), way, by.name
        told.recorded_by, told.recorded_at = by.id, now
    rows.add(told)
    rows.flush()
    rows.add(
        Deadline(
            id=new_id(),
            kind=DeadlineKind.BY_HAND,
            subject_kind="told_by_hand",
            subject_id=told.id,
            owner_id=(teller or by).id,
            started_at=now,
            due_at=now,
            original_due_at=now,
            state=DeadlineState.DONE if way else DeadlineState.OPEN,
            source="test",
            confirmed=True,
            policy_version="test",
            **on,
        )
    )
    rows.commit()
    return told
