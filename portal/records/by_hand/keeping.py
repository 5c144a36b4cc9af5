"""Somebody has to be told who has no account: whoever made it happen owes it, and says that they were
told, puts that right, or says why they need not be.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import false, func, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_length, check_past, require_text
from portal.changes.versions import count_change, insert_now, lock, take_turns
from portal.deadlines.changes import (
    Owner,
    cancel_deadlines,
    finish_deadlines,
    open_deadline,
    supersede_deadlines,
)
from portal.deadlines.model import Deadline, is_owned_for
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.pathway.references import Prefix, new_reference
from portal.policy import Size
from portal.records.by_hand.facts import against_telling, alert_set_on, tell_that_it_is_moot
from portal.records.by_hand.model import ToldByHand
from portal.records.by_hand.rules import NEWER, Matter, Outsider, Telling, plain_name
from portal.records.people.model import User


def owe_each(*, actor: Principal, matter: Matter, outsiders: Iterable[Outsider]) -> list[ToldByHand]:
    """Have the actor, or whom each names, tell each of some people. Who was to be told of it before is not
    asked for again.

    Returns:
        those who are to be told now.
    """
    owed = (_owe(actor, matter, one) for one in sorted(outsiders, key=lambda one: one.name))
    return [one for one in owed if one is not None]


def _owe(actor: Principal, matter: Matter, outsider: Outsider) -> ToldByHand | None:
    matters = f"{matter.event.code}:{matter.kind}:{matter.id}:{matter.once}:"
    key = matters + plain_name(outsider.name)
    take_turns("by_hand", key)
    known = ToldByHand.key.in_([key, matters + outsider.name.casefold()])  # the release before kept it so
    if db.session.scalar(select(ToldByHand.id).where(known).limit(1)) is not None:
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
        case_id=matter.case_id if outsider.on_case or not outsider.meeting_id else None,
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
    if outsider.takes_in:
        older = older.where(ToldByHand.event.in_(outsider.takes_in))
    for one in db.session.scalars(older).all():
        count_change(one, dropped_by=actor.user_id, dropped_at=clock.now(), dropped_reason=NEWER)
        tell_that_it_is_moot(actor=actor, told=one)
        supersede_deadlines(subject=one, kind=DeadlineKind.BY_HAND, reason=NEWER)


DROPPED = "It was said already why they need not be told"


def recording_facts(actor: Principal, told: ToldByHand) -> Facts:
    """What decides whether somebody may say that a person was told."""
    owed = select(Deadline.id).filter_by(
        subject_kind=told.__tablename__, subject_id=told.id, owner_id=actor.user_id
    )
    owns = owed.where(is_owned_for(actor.agency_id))
    return Facts(
        own_agency=told.agency_id == actor.agency_id or _tells_for_agency(actor, told),
        owner=bool(db.session.scalar(select(owns.exists() | _runs_its_meeting(told)))),
    )


def _tells_for_agency(actor: Principal, told: ToldByHand) -> bool:
    """Whether a colleague of theirs has to tell what somebody has to do: whoever gave it may be of another
    agency.
    """
    if told.subject_kind != "action":
        return False
    owed = select(Deadline.id).join(User, User.id == Deadline.owner_id)
    theirs = owed.filter(Deadline.subject_kind == told.__tablename__, Deadline.subject_id == told.id)
    agency = func.coalesce(Deadline.owned_for_id, User.agency_id)  # of whoever left it is their former one's
    return bool(db.session.scalar(select(theirs.where(agency == actor.agency_id).exists())))


def _runs_its_meeting(told: ToldByHand) -> Any:
    return func.ctx.runs_meeting(told.meeting_id) if told.meeting_id else false()


def record_telling(*, actor: Principal, told: ToldByHand, said: Telling, version: int) -> None:
    """Say that they were told. It ends the duty to tell them.

    Raises:
        Forbidden: the actor neither owes it, nor is a colleague of whoever does, nor a coordinator.
        Conflict: somebody has recorded something else meanwhile.
        DomainError: it lies before it happened or in the future, nobody told them, or an alert stood against
            it by then.
    """
    if why := against_telling(told):
        since = alert_set_on(told)
        if since is None or said.told_on > since:  # what was before it is recorded as it was
            raise DomainError(why, field="told_on")
    _write(actor, told, said, version)
    finish_deadlines(subject=told, kind=DeadlineKind.BY_HAND)


def correct_telling(*, actor: Principal, told: ToldByHand, said: Telling, version: int) -> None:
    """Put right what was recorded; what it said before stays to be read.

    Raises:
        as `record_telling`; DomainError also where nothing is recorded yet.
    """
    if told.told_on is None:
        raise DomainError("Nothing is recorded yet")
    _write(actor, told, said, version)


def drop(*, actor: Principal, told: ToldByHand, reason: str, version: int) -> None:
    """Say why somebody need not be told, or cannot be. It ends the duty, neither met nor late.

    Raises:
        Forbidden, Conflict: as `record_telling`.
        DomainError: no reason was given, or they were told.
    """
    require(actor, "by_hand:record", recording_facts(actor, told))
    reason = require_text(reason, "Say why they need not be told", field="reason", size=Size.NOTE)
    lock(told, version, first=_refuse_dropped, mine={"told_on": None})
    if told.told_on is not None:
        raise DomainError("They have been told. Correct when or how, if that is wrong")
    count_change(told, dropped_by=actor.user_id, dropped_at=clock.now(), dropped_reason=reason)
    cancel_deadlines(subject=told, kind=DeadlineKind.BY_HAND, reason=reason)
    audit.record("by_hand:drop", told, case_id=told.case_id)


def _write(actor: Principal, told: ToldByHand, said: Telling, version: int) -> None:
    require(actor, "by_hand:record", recording_facts(actor, told))
    by_whom = require_text(said.told_by, "Enter who told them", field="told_by")
    check_length(by_whom, "told_by")
    check_past(said.told_on, "They were told on a day that is past, or today", field="told_on")
    if said.told_on < clock.local(told.created_at).date():
        raise DomainError("That is before there was anything to tell them", field="told_on")
    new = {**said.by_field, "told_by": by_whom}
    if not lock(told, version, first=_refuse_dropped, same=lambda now: _says(now) == new, mine=new):
        return
    count_change(told, **new, recorded_by=actor.user_id, recorded_at=clock.now())
    audit.record("by_hand:record", told, case_id=told.case_id, event=told.event)


def _says(told: ToldByHand) -> dict[str, object]:
    return {"told_on": told.told_on, "way": told.way, "told_by": told.told_by}


def _refuse_dropped(told: ToldByHand) -> None:
    if told.dropped_at is not None:
        raise DomainError(DROPPED)
