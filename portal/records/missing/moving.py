"""Whose an episode is: whether a child who was reported is one who was known, and putting it on that record.

Both are for whoever sees the records of both children. The database moves the episode, because what hangs on
it is not all for the actor to change: interviews that cover it, and what is owed (`ctx.move_episode`).
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.access import audit
from portal.access.permissions import permitted, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.texts import require_text
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, tell
from portal.messages.vocabulary import Ground
from portal.records.children.model import Child, ChildLink
from portal.records.children.reading import find_child
from portal.records.children.records import link_children
from portal.records.missing import reporting
from portal.records.missing.events import MOVED
from portal.records.missing.model import MissingEpisode, MissingMatch

_NO_REASON = "Say how you know"


def answer_match(
    *, actor: Principal, episode: MissingEpisode, match: MissingMatch, same: bool, words: str
) -> None:
    """Say whether the child of an episode is the other one. If so, the episode goes over to that record.

    A coordinator links the two records too, so that each shows the other.

    Raises:
        DomainError: somebody has answered it, or no reason was given.
    """
    require(actor, "missing:move")
    words = require_text(words, _NO_REASON, field="words")
    asked = db.session.scalar(
        select(MissingMatch)
        .where(MissingMatch.id == match.id, MissingMatch.answered_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if asked is None:
        raise DomainError("Somebody has answered this already")
    if same:
        _move(actor, episode, match.other_id, words, match=match.id)
        return
    asked.same, asked.words = False, words
    asked.answered_by, asked.answered_agency_id = actor.user_id, actor.agency_id
    asked.answered_at = clock.now()
    db.session.flush()
    reporting.record(episode, "missing:match")


def move_episode(*, actor: Principal, episode: MissingEpisode, reference: str, words: str) -> None:
    """Put an episode on the record of another child, with the interviews that cover it.

    Args:
        reference: of the record of the right child.

    Raises:
        DomainError: there is no such record that the actor sees, it is the same one, the episode was
            withdrawn, or no reason was given.
    """
    require(actor, "missing:move")
    words = require_text(words, _NO_REASON, field="words")
    if episode.withdrawn_at is not None:
        raise DomainError("This episode was withdrawn. It stands as it is")
    found = find_child(reference=reference)
    if found is None or found.record is None:
        raise DomainError("There is no record with this reference that you see", field="other")
    if found.child.id == episode.child_id:
        raise DomainError("The episode is on this record already", field="other")
    _move(actor, episode, found.child.id, words)


def _move(
    actor: Principal, episode: MissingEpisode, to: UUID, words: str, *, match: UUID | None = None
) -> None:
    before, worked_with = episode.child_id, _everybody(reporting.around(episode))
    db.session.flush()
    db.session.execute(select(func.ctx.move_episode(episode.id, to, match, words)))
    db.session.refresh(episode)
    audit.record("missing:move", episode, child_id=before, ground="full")
    reporting.record(episode, "missing:move", ground="full")
    if match is not None:
        _link(actor, before, to, words)
    _tell(actor, episode, worked_with)
    reporting.weigh_repeated(actor=actor, episode=episode)
    left = db.session.scalar(select(MissingEpisode).where(MissingEpisode.child_id == before).limit(1))
    if left is not None:
        reporting.weigh_repeated(actor=actor, episode=left)


def _tell(actor: Principal, episode: MissingEpisode, before: Whom) -> None:
    """Whoever works with the right child hears of it: of a child who is missing now, as of every report.

    Whoever worked with the other child hears that it is no longer theirs.
    """
    now = reporting.around(episode)
    leaving = {Ground.LEAVING: before - _everybody(now)}
    if episode.returned_at is None:
        reporting.tell_of_report(actor=actor, episode=episode)
        now = dict.fromkeys(now, NOBODY)
    once = str(episode.version)
    tell(actor=actor, event=MOVED, about=reporting.about(episode), given=now | leaving, once=once)


def _everybody(found: Mapping[Ground, Whom]) -> Whom:
    return reduce(or_, found.values(), NOBODY)


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
