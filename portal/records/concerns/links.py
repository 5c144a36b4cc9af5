"""What belongs together: a thing of concern and a child, or two things of concern; and notes on one.

A link is seen by whoever sees both of its ends, and by the handling that its agency chose. What somebody may
not see is nowhere: no count and no picture knows of it.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.changes.texts import check_length, require_text
from portal.changes.versions import insert_now, lock_row
from portal.extensions import db
from portal.policy import Size, current_policy
from portal.records.children.model import Child
from portal.records.concerns.model import Concern, ConcernLink, ConcernNote
from portal.records.concerns.policy import Concerns
from portal.records.concerns.records import MadeFrom, concern_facts, refuse_ended
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Agency
from portal.vocabulary import Use


def link_child(
    *,
    actor: Principal,
    concern: Concern,
    child: Child,
    role: str,
    words: str = "",
    from_on: date | None = None,
    until_on: date | None = None,
    handling: Handling = Handling.NETWORK,
    listed: Iterable[UUID] = (),
    source: MadeFrom | None = None,
) -> ConcernLink:
    """Say how a child and a thing of concern belong together. The same said again is the link that there is.

    Args:
        role: code of policy `concerns.roles`, of those to a child.
        words: what was seen; whoever reads both ends reads it, within the handling.
        from_on, until_on: when it was so, as far as known.

    Raises:
        DomainError: it has ended, the role or a day makes no sense, or the agencies do not fit the handling.
    """
    return _link(
        actor,
        concern,
        child_id=child.id,
        role=role,
        words=words,
        days=(from_on, until_on),
        handling=handling,
        listed=listed,
        source=source,
    )


def link_concern(
    *,
    actor: Principal,
    concern: Concern,
    other: Concern,
    role: str,
    words: str = "",
    from_on: date | None = None,
    until_on: date | None = None,
    handling: Handling = Handling.NETWORK,
    listed: Iterable[UUID] = (),
    source: MadeFrom | None = None,
) -> ConcernLink:
    """Say how two things of concern belong together: `concern` “uses”, “lives at”, “knows” the `other`.

    Raises:
        DomainError: as for `link_child`; or it would be linked to itself.
    """
    if other.id == concern.id:
        raise DomainError("Choose another one", field="other")
    refuse_ended(other)
    return _link(
        actor,
        concern,
        other_id=other.id,
        role=role,
        words=words,
        days=(from_on, until_on),
        handling=handling,
        listed=listed,
        source=source,
    )


def end_link(*, actor: Principal, concern: Concern, link: ConcernLink, reason: str) -> None:
    """Take a link back: it was wrong, or it is known better now. It stays on record with why.

    Raises:
        NotFound: the link is not of this thing, or was taken back.
        Forbidden: another agency made it, and the actor's owns neither end.
        DomainError: no reason was given.
    """
    if concern.id not in {link.concern_id, link.other_id} or link.ended_at is not None:
        raise NotFound("There is no such link")
    require(actor, "concern:unlink", link_facts(actor, concern, link.agency_id))
    reason = require_text(reason, "Say why the link ends", field="words", size=Size.NOTE)
    lock_row(link)
    if link.ended_at is not None:
        raise DomainError("Somebody has just taken this link back")
    link.ended_at, link.ended_by, link.ended_reason = clock.now(), actor.user_id, reason
    db.session.flush()
    _record(concern, link, "concern:unlink")


def add_note(
    *,
    actor: Principal,
    concern: Concern,
    text: str,
    happened_on: date | None = None,
    handling: Handling = Handling.NETWORK,
    listed: Iterable[UUID] = (),
) -> ConcernNote:
    """Add what one's agency knows of something. It belongs to that agency, with the handling it chose.

    Raises:
        DomainError: it has ended, nothing is said, an entry holds the words back, the day is not past, or the
            agencies do not fit.
    """
    require(actor, "concern:note")
    refuse_ended(concern)
    require_text(text, "Write what your agency knows", field="text", size=Size.NOTE)
    linked = select(ConcernLink.child_id).where(
        ConcernLink.concern_id == concern.id, ConcernLink.child_id.is_not(None)
    )
    check_no_restricted_quotes(
        texts={"text": text},
        use=Use.PASS_ON,
        child_ids=[one for one in db.session.scalars(linked) if one],
        holder=actor.agency_id,
    )
    if happened_on is not None and happened_on > clock.today():
        raise DomainError("When it happened must be in the past", field="happened_on")
    note = ConcernNote(
        concern_id=concern.id,
        agency_id=actor.agency_id,
        author_id=actor.user_id,
        text=text.strip(),
        happened_on=happened_on,
        handling=handling,
        listed_agencies=_listed(actor, handling, listed),
        created_at=clock.now(),
    )
    insert_now(note)
    audit.record("concern:note", concern, handling=handling.value)
    return note


def link_facts(actor: Principal, concern: Concern, agency_id: UUID) -> Facts:
    """What decides whether somebody may end a link that an agency made."""
    facts = concern_facts(actor, concern)
    return Facts(owner=facts.owner, own_agency=agency_id == actor.agency_id)


def _link(
    actor: Principal,
    concern: Concern,
    *,
    child_id: UUID | None = None,
    other_id: UUID | None = None,
    role: str,
    words: str,
    days: tuple[date | None, date | None],
    handling: Handling,
    listed: Iterable[UUID],
    source: MadeFrom | None,
) -> ConcernLink:
    require(actor, "concern:link")
    refuse_ended(concern)
    offered = current_policy().of(Concerns).roles_of(concern.kind, to_child=child_id is not None)
    if role not in {one.code for one in offered}:
        raise DomainError("Choose how they belong together", field="role")
    check_length(words, "words")
    from_on, until_on = days
    if from_on and until_on and until_on < from_on:
        raise DomainError("The last day must be after the first", field="until_on")
    if from_on and from_on > clock.today():
        raise DomainError("The first day must be in the past", field="from_on")
    readers = _listed(actor, handling, listed)
    same = (
        ConcernLink.child_id.is_not_distinct_from(child_id),
        ConcernLink.other_id.is_not_distinct_from(other_id),
        ConcernLink.role == role,
        ConcernLink.handling == handling,
        ConcernLink.agency_id == actor.agency_id,
        ConcernLink.words == words.strip(),
        ConcernLink.from_on.is_not_distinct_from(from_on),
        ConcernLink.until_on.is_not_distinct_from(until_on),
        ConcernLink.listed_agencies == readers,
    )
    if made_before := _standing(concern, *same):
        return made_before
    link = ConcernLink(
        concern_id=concern.id,
        child_id=child_id,
        other_id=other_id,
        role=role,
        words=words.strip(),
        from_on=from_on,
        until_on=until_on,
        source_kind=source.kind if source else None,
        source_id=source.id if source else None,
        handling=handling,
        listed_agencies=readers,
        agency_id=actor.agency_id,
        author_id=actor.user_id,
        created_at=clock.now(),
    )
    insert_now(link)
    _record(concern, link, "concern:link")
    return link


def _standing(concern: Concern, *same: ColumnElement[bool]) -> ConcernLink | None:
    return db.session.scalar(
        select(ConcernLink)
        .where(ConcernLink.concern_id == concern.id, ConcernLink.ended_at.is_(None), *same)
        .limit(1)
    )


def _listed(actor: Principal, handling: Handling, listed: Iterable[UUID]) -> list[UUID]:
    if handling is not Handling.AGENCIES:
        return []
    chosen = set(listed) - {actor.agency_id}
    known = set(db.session.scalars(select(Agency.id).where(Agency.id.in_(chosen), Agency.active)))
    if not chosen or known != chosen:
        raise DomainError("Choose the agencies that may read it", field="agencies")
    return sorted(chosen)


def _record(concern: Concern, link: ConcernLink, verb: str) -> None:
    audit.record(verb, concern, child_id=link.child_id, link=str(link.id), handling=link.handling)
