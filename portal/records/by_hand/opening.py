"""What follows where somebody has to be told who has no account: whoever made it happen owes it."""

from collections.abc import Iterable

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.changes.versions import count_change, insert_now, take_turns
from portal.deadlines.changes import Owner, open_deadline, supersede_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.pathway.references import Prefix, new_reference
from portal.records.by_hand.model import ToldByHand
from portal.records.by_hand.rules import NEWER, Matter, Outsider


def owe_each(*, actor: Principal, matter: Matter, outsiders: Iterable[Outsider]) -> list[ToldByHand]:
    """Have the actor, or whom each names, tell each of some people. Who was to be told of it before is not
    asked for again.

    Returns:
        those who are to be told now.
    """
    owed = (_owe(actor, matter, one) for one in sorted(outsiders, key=lambda one: one.name))
    return [one for one in owed if one is not None]


def _owe(actor: Principal, matter: Matter, outsider: Outsider) -> ToldByHand | None:
    key = f"{matter.event.code}:{matter.kind}:{matter.id}:{matter.once}:{outsider.name.casefold()}"
    take_turns("by_hand", key)
    if db.session.scalar(select(ToldByHand.id).filter_by(key=key)) is not None:
        return None
    if outsider.newest:
        _leave_out_older(actor, matter, outsider)
    told = ToldByHand(
        reference=new_reference(Prefix.BY_HAND),
        key=key,
        event=matter.event.code,
        ground=matter.ground,
        subject_kind=matter.kind,
        subject_id=matter.id,
        subject_reference=matter.reference,
        case_id=None if outsider.meeting_id else matter.case_id,
        referral_id=outsider.referral_id,
        meeting_id=outsider.meeting_id,
        name=outsider.name,
        contact=outsider.contact,
        asked_by=actor.user_id,
        agency_id=actor.agency_id,
        created_at=clock.now(),
    )
    insert_now(told)
    open_deadline(
        kind=DeadlineKind.BY_HAND,
        subject=told,
        owner=Owner(user_id=outsider.teller or actor.user_id),
        ends_before=outsider.before,
    )
    return told


def _leave_out_older(actor: Principal, matter: Matter, outsider: Outsider) -> None:
    """What they were not told yet about the same record is part of what they are told now."""
    older = select(ToldByHand).filter_by(
        subject_kind=matter.kind, subject_id=matter.id, name=outsider.name, told_on=None, dropped_at=None
    )
    for one in db.session.scalars(older).all():
        count_change(one, dropped_by=actor.user_id, dropped_at=clock.now(), dropped_reason=NEWER)
        supersede_deadlines(subject=one, kind=DeadlineKind.BY_HAND, reason=NEWER)
