"""What belongs together: a thing of concern and a child, or two things of concern; and notes on one.

A link is seen by whoever sees both of its ends, and by the handling that its agency chose. What somebody may
not see is nowhere: no count and no picture knows of it.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, func, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, check_length, check_past, require_text
from portal.changes.versions import insert_now, lock_row, take_turns
from portal.extensions import db
from portal.messages.telling import NOBODY, Unseen, Whom, heard_of, tell
from portal.messages.vocabulary import Event, Ground
from portal.policy import Size, current_policy
from portal.records.children.model import Child
from portal.records.children.records import release_facts
from portal.records.concerns.model import Concern, ConcernLink, ConcernNote, LinkRelease
from portal.records.concerns.policy import Concerns
from portal.records.concerns.records import (
    MadeFrom,
    about_concern,
    around_concern,
    concern_facts,
    difference_of,
    harms_now,
    refuse_ended,
    tell_of_change,
)
from portal.records.concerns.vocabulary import CHANGED, LINKED, LINKED_NOW, SAME_AS, UNLINKED, UNLINKED_NOW
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Agency
from portal.vocabulary import Use


def add_link(
    *,
    actor: Principal,
    concern: Concern,
    to: Child | Concern,
    role: str,
    words: str = "",
    from_on: date | None = None,
    until_on: date | None = None,
    handling: Handling = Handling.NETWORK,
    listed: Iterable[UUID] = (),
    source: MadeFrom | None = None,
    seen_because: str = "",
) -> ConcernLink:
    """Say how a thing of concern belongs to a child, or to another: it “uses”, “lives at”, “knows” the other.

    The same said again is the link that there is.

    Args:
        role: code of policy `concerns.roles`, of those to a child or of those to another.
        words: what was seen; whoever reads both ends reads it, within the handling.
        from_on, until_on: when it was so, as far as known.
        seen_because: why others may see it although an alert on the child says otherwise. Without it, a link
            that says or may say where the child lives or is reached is held back.

    Raises:
        DomainError: one of them has ended, it would be linked to itself, the role or a day makes no sense, or
            the agencies do not fit the handling.
    """
    to_child = isinstance(to, Child)
    if isinstance(to, Concern):
        if to.id == concern.id:
            raise DomainError("Choose another one", field="other")
        refuse_ended(to)
    require(actor, "concern:link")
    refuse_ended(concern)
    offered = current_policy().of(Concerns).roles_of(concern.kind, to_child=to_child)
    if role not in {one.code for one in offered}:
        raise DomainError("Choose how they belong together", field="role")
    if role == SAME_AS and isinstance(to, Concern) and to.kind != concern.kind:
        raise DomainError("Only two of one kind can be the same", field="role")
    check_length(words, "words")
    if from_on and until_on and until_on < from_on:
        raise DomainError("The last day must be after the first", field="until_on")
    if from_on:
        check_past(from_on, "The first day must be in the past", field="from_on")
    said = {
        "concern_id": concern.id,
        "child_id": to.id if to_child else None,
        "other_id": None if to_child else to.id,
        "role": role,
        "words": words.strip(),
        "from_on": from_on,
        "until_on": until_on,
        "handling": handling,
        "listed_agencies": _listed(actor, handling, listed),
        "agency_id": actor.agency_id,
        "tells": _told_by(concern, role) if to_child else None,
    }
    if isinstance(to, Child):
        lock_row(to)  # whoever sets an alert at the same time takes their turn
    if role == SAME_AS and isinstance(to, Concern):
        _refuse_told_apart(concern, to)
    take_turns("concern link", concern.id, to.id)  # of two who say the same at once, the second finds it said
    standing = select(ConcernLink).filter_by(**said, ended_at=None).limit(1)
    if (made_before := db.session.scalar(standing)) is not None:
        return made_before
    bound = isinstance(to, Child) and must_hold_back(concern=concern, child=to, role=role)
    made = ConcernLink(
        **said,
        do_not_disclose=bound,
        source_kind=source.kind if source else None,
        source_id=source.id if source else None,
        author_id=actor.user_id,
        created_at=clock.now(),
    )
    insert_now(made)
    if bound and seen_because.strip():
        _release(actor, made, seen_because)
    _record(concern, made, "concern:link")
    _tell(actor, concern, made, LINKED)
    return made


def must_hold_back(*, concern: Concern, child: Child, role: str) -> bool:
    """Whether an alert on a child says that a link to something is not disclosed: that they live there, or
    that it is their phone, as its role says or as it may be.

    The database knows what agencies have entered, also what the actor does not see. It answers whoever reads
    the record of the child.
    """
    asked = func.ctx.must_hold_link(concern.id, child.id, _told_by(concern, role), type_=Boolean)
    return bool(db.session.scalar(select(asked)))


def _told_by(concern: Concern, role: str) -> str | None:
    """What a link to a child with a role says of them, to something of this kind."""
    return current_policy().of(Concerns).told_by(role, concern.kind)


def let_go(*, actor: Principal, concern: Concern, link: ConcernLink, reason: str) -> None:
    """Let whoever sees both ends of a link see it again, within its handling; why stays with it.

    Raises:
        NotFound: the link is not of this thing, was taken back, or is not held back.
        Forbidden: another agency made it.
        DomainError: no reason was given.
    """
    if concern.id != link.concern_id or link.ended_at is not None or not link.do_not_disclose:
        raise NotFound("There is no such link")
    require(actor, "concern:link")
    if link.agency_id != actor.agency_id:
        raise Forbidden("The agency that made a link says whether it may be seen.")
    reason = require_text(reason, "Say why it may be seen again", field="words", size=Size.NOTE)
    lock_row(link)
    _release(actor, link, reason)
    _record(concern, link, "concern:let_go")
    _tell(actor, concern, link, LINKED)


def _release(actor: Principal, link: ConcernLink, reason: str) -> None:
    release = LinkRelease(link_id=link.id, **release_facts(actor, reason))
    insert_now(release)  # before the link: the database asks for it
    link.do_not_disclose = False
    db.session.flush()


def _tell(actor: Principal, concern: Concern, link: ConcernLink, event: Event) -> None:
    """Whoever leads or works on a case of the child, where they may read the link; and, without saying which
    child, whoever answers for the concern and the hub, unless the link is not for them. Of a child that the
    hub does not read, whoever answers for it hears in the portal alone, also where it harms children now.
    """
    if link.child_id is None:
        _tell_of_same(actor, link, event)
        return
    given = {Ground.HUB: NOBODY, **around_concern(concern, link.id)}
    pressing, before = _at_any_hour(concern, link, event)
    open_to_hub = bool(given[Ground.HUB])
    theirs = link.handling == Handling.NETWORK and not link.do_not_disclose
    if not (theirs or concern.owner_agency_id in link.listed_agencies) or (
        concern.owner_agency_id == actor.agency_id and not (pressing and open_to_hub)
    ):
        given[Ground.KEEPER] = NOBODY
    about, once = about_concern(concern), f"{link.id}:{event.code}"
    if pressing and not open_to_hub:
        theirs_alone = {Ground.KEEPER: given[Ground.KEEPER], Ground.HUB: NOBODY}
        tell(actor=actor, event=event, about=about, given=theirs_alone, once=once)
        given |= dict.fromkeys((Ground.KEEPER, Ground.EXPLOITATION_DESK), NOBODY)
    tell(
        actor=actor,
        event=pressing or event,
        about=about,
        given={**given, Ground.HEARD_BEFORE: before},
        once=once,
        at_once=pressing is not None,
        unseen=Unseen("concern", {"link": str(link.id)}),
    )


def _at_any_hour(concern: Concern, link: ConcernLink, event: Event) -> tuple[Event | None, Whom]:
    """What is told of a link at any hour, where that is so, and the teams that heard so of it before: a link
    to what harms children now, and that such a link was taken back.
    """
    if event is LINKED:
        return (LINKED_NOW if harms_now(concern) else None), NOBODY
    heard = heard_of(LINKED_NOW, about=about_concern(concern), once=str(link.id))
    return (UNLINKED_NOW if heard else None), Whom(teams=heard.teams)


def _tell_of_same(actor: Principal, link: ConcernLink, event: Event) -> None:
    """Whoever relies on one of two records that are said to be the same, or are not any more."""
    both = select(Concern).where(Concern.id.in_((link.concern_id, link.other_id)))
    for one in db.session.scalars(both) if link.role == SAME_AS and link.handling == Handling.NETWORK else ():
        tell_of_change(actor, one, CHANGED, once=f"{link.id}.{event.code}".replace("-", ""))


def _refuse_told_apart(concern: Concern, other: Concern) -> None:
    """Go on only where nobody has said that two are not the same; whoever says so takes their turn.

    Raises:
        DomainError: somebody has.
    """
    take_turns("apart", *sorted((concern.id, other.id)))
    if difference_of(concern, other) is not None:
        raise DomainError("Somebody has said that they are not the same. Read why, and take that back first")


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
    _tell(actor, concern, link, UNLINKED)


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
    if happened_on is not None:
        check_past(happened_on, "When it happened must be in the past", field="happened_on")
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
