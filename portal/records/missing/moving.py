"""Whose an episode is: whether a child who was reported is one who was known, and putting it on that record.

Both are for whoever sees the records of both children. The database moves the episode, because what hangs on
it is not all for the actor to change: interviews that cover it, and what is owed (`ctx.move_episode`).
And of which report another is a double that is withdrawn, and who hears that.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB

from portal import clock
from portal.access import audit
from portal.access.permissions import permitted, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import lock, lock_row
from portal.deadlines.vocabulary import HANDED_OVER
from portal.extensions import db
from portal.messages.choices import Timing
from portal.messages.telling import Unseen, tell, to_teams
from portal.messages.unseen import parts_of
from portal.messages.vocabulary import Ground
from portal.pathway.references import Prefix, read_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.children.model import Child, ChildLink, ChildRecord
from portal.records.children.reading import find_child, same_child
from portal.records.children.records import link_children, unlink_children, wait_to_link
from portal.records.missing.facts import lose_sight, running_with
from portal.records.missing.lists import open_match
from portal.records.missing.model import MissingEpisode, MissingMatch
from portal.records.missing.reporting import record, refuse_withdrawn, tell_of_given_away, weigh_children
from portal.records.missing.rules import ClosingOff, named_alike
from portal.records.missing.telling import (
    Authorities,
    about,
    around,
    closing,
    tell_closed_off,
    tell_front_doors,
    tell_if_twice,
    tell_of,
    tell_of_another,
    tell_of_plan_there,
)
from portal.records.missing.vocabulary import (
    DOUBLE,
    DOUBLE_OVER,
    INTERVIEW_OWED,
    MOVED,
    MOVED_AWAY,
    MOVED_NOW,
    NO_EPISODE,
    REPORTED,
    STILL_MISSING,
)
from portal.records.people.agencies import teams_at
from portal.records.return_interviews.ending import move_what_came_of_it
from portal.reminders.receivers import HUB_TEAMS
from portal.vocabulary import Desk

_NO_REASON = "Say how you know"


def answer_match(
    *, actor: Principal, episode: MissingEpisode, match_id: UUID, same: bool, words: str
) -> None:
    """Say whether the child of an episode is the other one. If so, the episode goes over to that record.

    A coordinator links the two records too, so that each shows the other.

    Raises:
        DomainError: somebody has answered it, the episode was withdrawn or moved, or no reason was given.
    """
    require(actor, "missing:move")
    words = require_text(words, _NO_REASON, field="words")
    if same:
        wait_to_link()
    lock_row(episode)
    asked = db.session.get(MissingMatch, match_id, populate_existing=True)
    waiting = open_match(episode_id=episode.id)
    if asked is None or waiting is None or waiting.id != match_id:
        raise DomainError("Somebody has answered this already")
    if same:
        before = episode.child_id
        to = worked_on(asked.other_id)
        if to == before:
            raise DomainError("The two records are linked already, and the episode is where people work")
        _move(actor, episode, to, words, same=True)
        _link(actor, before, episode.child_id, words)
        return
    asked.same, asked.words = False, words
    asked.answered_by, asked.answered_agency_id = actor.user_id, actor.agency_id
    asked.answered_at = clock.now()
    db.session.flush()
    record(episode, "missing:match")


def move_episode(
    *, actor: Principal, episode: MissingEpisode, reference: str, words: str, version: int
) -> None:
    """Put an episode on the record of another child, with the interviews that cover it.

    Args:
        reference: of the record of the right child.
        version: the version of the episode that the actor had before them.

    Raises:
        Conflict: somebody changed or moved it since; carries both.
        DomainError: there is no such record that the actor sees, it is the same one, the episode was
            withdrawn, or no reason was given.
    """
    require(actor, "missing:move")
    words = require_text(words, _NO_REASON, field="words")
    found = find_child(reference=reference)
    if found is None or found.record is None:
        raise DomainError("There is no record with this reference that you see", field="other")
    mine = {"other": found.child.reference, "words": words}
    lock(episode, version, _whose, first=refuse_withdrawn, mine=mine)
    if found.child.id == episode.child_id:
        raise DomainError("The episode is on this record already", field="other")
    _move(actor, episode, found.child.id, words)


def closed_by_move(*, episode: MissingEpisode, to: UUID) -> list[ClosingOff]:
    """Who looks for a child who is missing now and would lose sight of the report, if it went over to another
    record: as far as the actor sees that that is held more closely. Where somebody of the police missing desk
    is named on its case, the police read on.
    """
    desk = {one.id for one in case_records.practising_in(teams=teams_at(Desk.MISSING))}
    lost = [one for one in lose_sight(_moved(episode, to)) if one.after > one.before]
    return [
        replace(one, police=False) if desk.intersection(row.reads_on) else one
        for row in lost
        for one in [closing(row, row)]
    ]


def _moved(episode: MissingEpisode, to: UUID) -> dict[str, str]:
    return {"move": str(episode.id), "to": str(to)}


def worked_on(child_id: UUID) -> UUID:
    """Of a record and those that are said to be of the same child the one with an open case, else the oldest;
    of those that the actor reads.
    """
    worked_on = select(Case.id).where(Case.child_id == Child.id, Case.state.in_(OPEN_CASE_STATES))
    works = worked_on.correlate(Child).exists()
    found = select(ChildRecord.child_id).join(Child, Child.id == ChildRecord.child_id)
    found = found.where(Child.id.in_(same_child(child_id)))
    first = works.desc(), and_(works, Child.id == child_id).desc(), Child.created_at, Child.id
    return db.session.scalar(found.order_by(*first).limit(1)) or child_id


def running_on_one(link: ChildLink) -> list[MissingEpisode]:
    """The reports that have not ended of two linked records, where all are on one of them: which of the two
    children is missing is asked before they are unlinked.
    """
    runs = running_with(MissingEpisode).where(MissingEpisode.child_id.in_([link.child_a, link.child_b]))
    found = list(db.session.scalars(runs.order_by(MissingEpisode.missing_since, MissingEpisode.id)))
    return found if len({one.child_id for one in found}) == 1 else []


def unlink_and_say_who(*, actor: Principal, link: ChildLink, reason: str, missing: str) -> None:
    """Say that two records are of two children after all; and, while one is missing, which of the two it is.

    Args:
        missing: the reference of the record of the child who is missing now, where `running_on_one` has any.

    Raises:
        Forbidden: see `unlink_children` and `move_episode`.
        DomainError: likewise; or nobody said which child is missing, or the police would lose sight of the
            report by it: on its own page they are rung first.
    """
    running = running_on_one(link)
    both = select(Child.reference, Child.id).where(Child.id.in_([link.child_a, link.child_b]))
    whose = {row.reference: row.id for row in db.session.execute(both)}
    if running and missing not in whose:
        raise DomainError("Say which of the two children is missing now", field="missing")
    going = [one for one in running if one.child_id != whose[missing]]
    for one in going:
        if any(closed.police for closed in closed_by_move(episode=one, to=whose[missing])):
            first = f"The police would no longer read {one.reference}: that record is held closely"
            raise DomainError(f"{first}. Put the report on it first, from its own page", field="missing")
    unlink_children(actor=actor, link=link, reason=reason)
    for one in going:
        move_episode(actor=actor, episode=one, reference=missing, words=reason, version=one.version)


def _whose(episode: MissingEpisode) -> dict[str, str]:
    """Whose an episode is now, and how somebody knew, for whoever meets them; as far as they see that."""
    moved = select(MissingMatch.words).filter_by(episode_id=episode.id, other_id=episode.child_id, same=True)
    return {
        "other": db.session.scalar(select(Child.reference).filter_by(id=episode.child_id)) or "",
        "words": db.session.scalar(moved.order_by(MissingMatch.answered_at.desc()).limit(1)) or "",
    }


def _move(actor: Principal, episode: MissingEpisode, to: UUID, words: str, *, same: bool = False) -> None:
    """The episode is held. Where both records are of the same child, nobody hears that it is another."""
    before = episode.child_id
    authorities = episode.responsible_authority, episode.host_authority
    db.session.flush()
    db.session.execute(select(func.ctx.move_episode(episode.id, to, words)))
    db.session.refresh(episode)
    audit.record("missing:move", episode, child_id=before, ground="full")
    record(episode, "missing:move", ground="full")
    move_what_came_of_it(actor=actor, episode=episode, before=before)
    tell_closed_off(actor, _moved(episode, to), once=f"{episode.id}.{episode.version}")
    _tell(actor, episode, None if same else before)
    _tell_of_authorities(actor, episode, authorities)
    tell_of_given_away(actor=actor, episode=episode, once=str(episode.version))
    weigh_children(actor=actor, child_ids={before, to})


def _tell(actor: Principal, episode: MissingEpisode, before: UUID | None) -> None:
    """Whoever works with the right child hears of it, of one who is missing now as of every report; who has
    heard of that report hears whose it is, also once it is over: the desk owes the child a talk. Whoever
    heard of it because they work with the other child hears, as soon as of the report, that it is not the one
    who is missing; or, where that child is missing by another report too, that they go on looking.
    """
    once, runs = str(episode.version), episode.returned_at is None
    tell_of_another(actor=actor, event=MOVED_NOW if runs else MOVED, episode=episode, once=once)
    if runs:
        tell_of_plan_there(actor=actor, episode=episode, moved=once)
        tell_if_twice(actor=actor, episode=episode)
    if before is not None:
        leaving = around(MOVED_AWAY, episode, {}, before=str(before))
        tell(actor=actor, event=MOVED_AWAY, about=about(episode), once=once, unseen=leaving, at_once=runs)


def _tell_of_authorities(actor: Principal, episode: MissingEpisode, before: Authorities) -> None:
    """What was left open is on the record of the right child: front doors that were told in case hear that it
    is not theirs, and one that is named only now that a child is missing.
    """
    tell_front_doors(actor=actor, episode=episode, before=before)
    if (episode.responsible_authority, episode.host_authority) != before and episode.returned_at is None:
        tell_of(actor=actor, event=REPORTED, episode=episode, named_before=before)


def pass_interview_on(*, actor: Principal, episode: MissingEpisode, before: Authorities) -> None:
    """It was said whose the child is: the return interview that the hub owed because nobody knew is owed by
    the social care that answers for the child, which hears of it as of every duty, and the hub that it is not
    theirs any more. Whether it is so the database looks: no page says who owed it.

    Args:
        before: the authorities that the episode named.
    """
    if episode.returned_at is None or (episode.responsible_authority, episode.host_authority) == before:
        return
    db.session.flush()
    hub = {Ground.OWNER_BEFORE: to_teams(*db.session.scalars(HUB_TEAMS))}
    said = {
        name: parts_of(
            current_policy().telling.of(event.code),
            event=event,
            about=about(episode),
            once=str(episode.version),
            timing=Timing(),
            unseen=Unseen("given", given=given),
            but={actor.user_id},
            told={},
        )
        for name, event, given in (("before", HANDED_OVER, hub), ("owed", INTERVIEW_OWED, {}))
    }
    passing = text("select ctx.pass_interview_on(:episode, :said)").bindparams(bindparam("said", type_=JSONB))
    db.session.execute(passing, {"episode": episode.id, "said": said})


def _link(actor: Principal, one: UUID, other: UUID, words: str) -> None:
    """The record that a report began stays: it says whose it is."""
    linked = select(ChildLink.id).where(
        ChildLink.child_a == min(one, other),
        ChildLink.child_b == max(one, other),
        ChildLink.unlinked_at.is_(None),
    )
    if not permitted(actor, "child:link") or db.session.scalar(linked):
        return
    link_children(
        actor=actor,
        child=db.session.get_one(Child, one),
        other=db.session.get_one(Child, other),
        reason=words,
    )


def the_other_report(episode: MissingEpisode, reference: str) -> MissingEpisode:
    """The report of which an episode is a double. Both are held: of two who withdraw one each, one does.

    Raises:
        DomainError: the actor sees none of this reference, or it was withdrawn.
    """
    known = read_reference(reference, Prefix.MISSING)
    both = select(MissingEpisode).where(
        or_(MissingEpisode.reference == known, MissingEpisode.id == episode.id)
    )
    held = both.order_by(MissingEpisode.id).with_for_update().execution_options(populate_existing=True)
    other = next((one for one in db.session.scalars(held) if one.id != episode.id), None)
    if other is None:
        raise DomainError("There is no other report with this reference that you see", field="why")
    if other.withdrawn_at is not None:
        raise DomainError("That report was withdrawn itself. Choose one that stands", field="why")
    if episode.returned_at is not None and other.returned_at is None:
        by = f"By this report the child is back, by {other.reference} still missing"
        raise DomainError(f"{by}. Say there that the child is back, or withdraw that one", field="why")
    _refuse_two_children(episode, other)
    return other


def _refuse_two_children(episode: MissingEpisode, other: MissingEpisode) -> None:
    """Of two records that the actor sees, that they are of one child is said first, and not by the way. Who
    does not see both goes by what was reported alone: whose the reports are by the portal is not said.
    """
    known = set(db.session.scalars(select(Child.id).where(Child.id.in_([episode.child_id, other.child_id]))))
    if known >= {episode.child_id, other.child_id}:
        if other.child_id not in {episode.child_id, *db.session.scalars(same_child(episode.child_id))}:
            raise DomainError(
                f"{other.reference} is of another child’s record. Put it on the right child first",
                field="why",
            )
        return
    alike = named_alike(episode.reported_name, other.reported_name)
    if not alike or episode.reported_dob != other.reported_dob:
        said = f"{other.reference} was reported with another name or date of birth"
        raise DomainError(
            f"{said}. Check the reference. If it is the same child, ask the police or the hub", field="why"
        )


def tell_of_withdrawn(*, actor: Principal, episode: MissingEpisode, other: MissingEpisode | None) -> None:
    """Tell whoever heard of a report that it was withdrawn: as none, or as a double of another. Whether the
    child is missing by one of which the actor may not know the database looks: of whoever hears that in any
    case the page says nothing, and whoever merely reported the child is not told.

    Args:
        other: of which it is a double, as the actor says.
    """
    goes_on = other is not None and other.returned_at is None
    event = NO_EPISODE if other is None else DOUBLE if goes_on else DOUBLE_OVER
    tell_of(actor=actor, event=event, episode=episode, at_once=goes_on or episode.returned_at is None)
    if not goes_on and episode.returned_at is None:
        tell_of(actor=actor, event=STILL_MISSING, episode=episode)
