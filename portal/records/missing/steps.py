"""What follows on a report: it is put right, ended by the child's return, or withdrawn.

What was done to find a child is a log to which is only added. What an episode said before a
change is kept by the database (`missing_change`).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from portal import clock
from portal.access.permissions import Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_past, require_text
from portal.changes.idempotency import sent_before
from portal.changes.versions import count_change, insert_now, lock
from portal.extensions import db
from portal.messages.telling import tell
from portal.pathway.calendar import as_meant
from portal.policy import Size, current_policy
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.missing import reporting
from portal.records.missing.model import (
    SAID_IN_TALK,
    SAID_IN_WORDS,
    MissingEnquiry,
    MissingEpisode,
    PreventionTalk,
)
from portal.records.missing.moving import pass_interview_on, tell_of_withdrawn, the_other_report
from portal.records.missing.reporting import record, refuse_withdrawn, tell_of_given_away
from portal.records.missing.telling import (
    Authorities,
    about,
    tell_added,
    tell_front_doors,
    tell_of,
    tell_of_agreed,
)
from portal.records.missing.vocabulary import (
    FOUND,
    GRADE_RAISED,
    HURT,
    PREVENTION,
    REPORT_CHANGED,
    REPORTED,
    RETURNED_HOME,
    STILL_MISSING,
    MissingStatus,
)
from portal.records.return_interviews.beginning import listed_for, owe_interview, owe_no_interview
from portal.vocabulary import Sensitivity

#: What a change may say. Who it is about, who reported it and when that was stay as they are.
CHANGED = (
    *("status", "missing_since", "left_at", "last_seen_at", "last_seen_by", "last_seen_role", "last_seen"),
    *("reported_by", "missing_from", "circumstances", "description", "wearing", "believed_with"),
    *("trigger_plan_used", "police_reference", "responsible_authority", "host_authority"),
    "grade",
)
#: Grades of the police at which everybody who was told hears of it (policy `missing.grades`).
GRAVE = frozenset({"medium", "high"})
#: Why somebody of the police or the hub does not put a talk right.
NOT_OURS = "The agency that held a prevention interview puts it right, and says who reads it."
#: Who made the enquiry, in the log of the episode, where it is none.
PASSED_ON = "Passed on by somebody who works with the child"
RETURNED = (
    *("found_at", "returned_at", "how_found", "found_where", "found_with", "injuries"),
    "trigger_plan_used",  # whoever answers for it by then knows it
)


def change_episode(
    *, actor: Principal, episode: MissingEpisode, facts: Mapping[str, Any], version: int
) -> None:
    """Put right or add to what an episode says. What it said before is kept.

    Args:
        facts: columns of an episode, see `CHANGED`.
        version: the version that the actor had before them.

    Raises:
        Conflict: somebody changed it since; carries both.
        DomainError: it is withdrawn, a time cannot be right, or only the police may say this.
    """
    require(actor, "missing:change")
    reporting.check_facts(actor, facts)
    _open_to_change(episode, version, facts)
    times = reporting.check_times(facts, episode)
    said = {name: one for name, one in (dict(facts) | times).items() if name in CHANGED}
    differs = {name for name, one in said.items() if one != getattr(episode, name)}
    before = episode.responsible_authority, episode.host_authority
    count_change(episode, **said)
    reporting.record(episode, "missing:change")
    tell_front_doors(actor=actor, episode=episode, before=before)
    pass_interview_on(actor=actor, episode=episode, before=before)
    _tell_of_change(actor, episode, differs, named_before=before)
    _tell_of_words(actor, episode, differs)
    reporting.weigh_repeated(actor=actor, episode=episode)


def _tell_of_change(
    actor: Principal, episode: MissingEpisode, differs: set[str], named_before: Authorities
) -> None:
    """Of a higher grade, and that a child who was away is missing, everybody hears; of anything else whoever
    looks for the child. An authority that is named only now hears of the report itself.
    """
    running, once = episode.returned_at is None, str(episode.version)
    lost = "status" in differs and episode.status == MissingStatus.MISSING
    if running and (lost or ("grade" in differs and episode.grade in GRAVE)):
        tell_of(actor=actor, event=GRADE_RAISED, episode=episode, once=once)
    elif differs:
        tell(actor=actor, event=REPORT_CHANGED, about=about(episode))
        tell_added(actor=actor, episode=episode, once=once)
    if (episode.responsible_authority, episode.host_authority) != named_before:
        now = REPORTED if running else RETURNED_HOME
        tell_of(actor=actor, event=now, episode=episode, named_before=named_before)


def _tell_of_words(actor: Principal, episode: MissingEpisode, said: Collection[str]) -> None:
    """Whoever has to hear it hears that words among what was said give away what must not be disclosed."""
    fields = SAID_IN_WORDS & set(said)
    tell_of_given_away(actor=actor, episode=episode, once=str(episode.version), fields=fields, enquiries=())


def end_episode(*, actor: Principal, episode: MissingEpisode, facts: Mapping[str, Any], version: int) -> bool:
    """Say that the child was found, or is back: when, how, where, whether they were hurt. Or put that right.

    A child who was found is missing until they are back. From that moment a return interview is owed (policy
    `clocks.return_interview`). What says the same as before is no news, and nothing happens.

    Args:
        facts: columns of an episode, see `RETURNED`.

    Returns:
        Whether anything was changed by it.

    Raises:
        Conflict: somebody changed it since; carries both.
        DomainError: it is withdrawn, neither time was given, or one of them cannot be right.
    """
    require(actor, "missing:change")
    _open_to_change(episode, version, facts)
    times = reporting.check_times(facts, episode)
    hurt = episode.injuries
    ended, returned = episode.returned_at is not None, times["returned_at"] is not None
    found_before = episode.found_at is not None
    if not (returned or (times.get("found_at") and not ended)):
        raise DomainError("Enter the time at which the child was found or came back", field="found_at")
    reporting.check_lengths(facts)
    said = dict(facts) | times
    new = {name: said[name] for name in RETURNED if name in said}
    if all(_said(getattr(episode, name)) == _said(value) for name, value in new.items()):
        return False
    count_change(episode, **new)
    reporting.record(episode, "missing:found")
    _tell_of_words(actor, episode, new)
    if returned:
        reporting.end_search(episode)
        owe_interview(episode=episode)
    if returned and not ended:
        tell_of(actor=actor, event=RETURNED_HOME, episode=episode, at_once=True)
        tell_of(actor=actor, event=STILL_MISSING, episode=episode)
    elif not (returned or found_before):
        tell_of(actor=actor, event=FOUND, episode=episode)
    elif ended or episode.injuries != hurt:
        _tell_of_return(actor, episode, hurt=episode.injuries != hurt)
    else:
        tell_added(actor=actor, episode=episode, once=str(episode.version))
    return True


def _tell_of_return(actor: Principal, episode: MissingEpisode, *, hurt: bool) -> None:
    """What is put right of how the child was found, or of the return: that they were hurt is told at once, as
    that was.
    """
    if hurt:
        tell_of(actor=actor, event=HURT, episode=episode, once=str(episode.version))
    else:
        tell(actor=actor, event=REPORT_CHANGED, about=about(episode))


def _said(value: Any) -> Any:
    """What a box says: one that is empty says nothing, and “no” is an answer."""
    return None if value == "" else value


def record_prevention(
    *,
    actor: Principal,
    episode: MissingEpisode,
    at: datetime,
    by: str,
    words: str,
    handling: Handling = Handling.NETWORK,
    listed: Collection[UUID] = (),
    version: int,
) -> None:
    """Record the talk that the police had with the child after the return, and who may read what came of it;
    or put that right. That it was held, when and by whom is for all who see the episode.

    Args:
        handling, listed: who may read the words, of those who see the episode, as of an entry.

    Raises:
        Forbidden: the actor is neither of the police nor of the hub, or another agency held it.
        Conflict: somebody changed it since; carries both.
        DomainError: the child is not back, the time cannot be right, or no agency is listed.
    """
    require(actor, "missing:interview")
    if not may_record_talk(actor, episode):
        raise Forbidden(NOT_OURS)
    at = as_meant(at, after=episode.returned_at) if episode.returned_at else at
    said = {"prevention_at": at, "prevention_by": by.strip()}
    kept = {"words": words.strip(), "handling": handling.value}
    mine = said | {"prevention_words": kept["words"], "handling": kept["handling"]}
    lock(episode, version, _talk_as_it_is, first=reporting.refuse_withdrawn, mine=mine)
    if episode.returned_at is None:
        raise DomainError("Say first that the child is back", field="held_on")
    if at < episode.returned_at:
        raise DomainError("The child was not back by then. Enter a later time", field="held_at")
    check_past(at, "This must be in the past", field="held_at")
    reporting.check_lengths(said | kept)
    named = listed_for(actor.agency_id, handling, listed)
    count_change(episode, **said, prevention_agency_id=actor.agency_id)
    _keep_talk(actor, episode, **kept, listed_agencies=named)
    reporting.record(episode, "missing:interview")
    once = str(episode.version)
    tell_of(actor=actor, event=PREVENTION, episode=episode, once=once)
    tell_of_given_away(actor=actor, episode=episode, once=once, fields=[SAID_IN_TALK], enquiries=[])


def may_record_talk(actor: Principal, episode: MissingEpisode) -> bool:
    """Whether the talk with the child is nobody’s yet, or that of the actor’s agency, which puts it right."""
    return episode.prevention_agency_id in {None, actor.agency_id}


def _talk_as_it_is(episode: MissingEpisode) -> dict[str, Any]:
    """What is recorded of the talk, as far as the actor reads it."""
    said = {"prevention_at": episode.prevention_at, "prevention_by": episode.prevention_by}
    talk = db.session.get(PreventionTalk, episode.id, populate_existing=True)
    return said | ({"prevention_words": talk.words, "handling": talk.handling} if talk else {})


def _keep_talk(actor: Principal, episode: MissingEpisode, **said: Any) -> None:
    talk = db.session.get(PreventionTalk, episode.id)
    if talk is None:
        own = {"agency_id": actor.agency_id, "recorded_by": actor.user_id, "recorded_at": clock.now()}
        insert_now(PreventionTalk(episode_id=episode.id, **said, **own))
        return
    for name, value in said.items():
        setattr(talk, name, value)
    db.session.flush()


def withdraw_episode(
    *, actor: Principal, episode: MissingEpisode, reason: str, version: int, double_of: str = ""
) -> MissingEpisode | None:
    """Say that there was no such episode, or that it was reported twice. It stays to be read, and counts no
    more. Whoever was told of it hears which it is: by a report that goes on the child is missing still.

    Args:
        double_of: the reference of the other report, which the actor sees, where it was reported twice.

    Returns:
        the other report.

    Raises:
        Forbidden: the actor is neither of the recording agency nor of police or hub.
        Conflict: somebody changed it since; carries both.
        DomainError: no reason was given, it is withdrawn already, or the other report does not stand.
    """
    require(actor, "missing:withdraw", reporting.facts_on(actor, episode))
    other = the_other_report(episode, double_of) if double_of else None
    _open_to_change(episode, version, {})
    reason = require_text(reason, "Say why it is withdrawn", field="reason")
    said = {
        "withdrawn_at": clock.now(),
        "withdrawn_by": actor.user_id,
        "withdrawn_reason": reason,
        "double_of": other.id if other else None,
    }
    reporting.check_lengths(said)
    count_change(episode, **said)
    reporting.record(episode, "missing:withdraw")
    _tell_of_words(actor, episode, said)
    reporting.end_search(episode)
    owe_no_interview(episode=episode, reason="Reported twice" if other else "There was no such episode")
    reporting.weigh_repeated(actor=actor, episode=episode)
    tell_of_withdrawn(actor=actor, episode=episode, other=other)
    return other


def _open_to_change(episode: MissingEpisode, version: int, mine: Mapping[str, Any]) -> None:
    """Held until the transaction ends, seen as it is, and not withdrawn."""
    lock(episode, version, first=reporting.refuse_withdrawn, mine=mine)


def add_enquiry(
    *, actor: Principal, episode: MissingEpisode, at: datetime | None, by: str, words: str, once: UUID
) -> MissingEnquiry:
    """Record an enquiry: when, who made it, what was asked or done and what came of it.

    Args:
        at: None for now.
        once: made when the page was made, so that sending it twice adds it once.

    Raises:
        DomainError: the episode was withdrawn, the time is to come, or who or what is not said.
    """
    require(actor, "missing:change")
    added = _enquire(actor, episode, at=at, by=by, words=words, once=once)
    tell_added(actor=actor, episode=episode, once=str(added.id))
    return added


def _enquire(
    actor: Principal, episode: MissingEpisode, *, at: datetime | None, by: str, words: str, once: UUID
) -> MissingEnquiry:
    """Put an enquiry into the log."""
    enquiry_id = uuid5(once, str(actor.user_id))
    if (before := sent_before(actor, MissingEnquiry, enquiry_id)) is not None:
        return before
    refuse_withdrawn(episode)
    now = clock.now()
    made = as_meant(at, after=episode.missing_since) if at else now
    check_past(made, "This must be in the past", field="made_at")
    added = insert_now(
        MissingEnquiry(
            id=enquiry_id,
            episode_id=episode.id,
            made_at=made,
            made_by=require_text(by, "Enter who enquired", field="made_by", size=Size.LINE),
            words=require_text(
                words, "Write what was asked or done, and what came of it", field="words", size=Size.NOTE
            ),
            recorded_by=actor.user_id,
            recorded_agency_id=actor.agency_id,
            recorded_at=now,
        )
    )
    record(episode, "missing:enquiry")
    tell_of_given_away(actor=actor, episode=episode, once=str(added.id), fields=(), enquiries=(added.id,))
    return added


def add_report(
    *, actor: Principal, episode: MissingEpisode, by: str, said: Iterable[str], once: UUID
) -> MissingEpisode:
    """Add to an episode what somebody was about to report of the same child, as an enquiry: all of it, as
    several where it is longer than one.

    Args:
        said: what was filled in, line by line.
        once: as of `add_enquiry`.

    Raises:
        DomainError: as of `add_enquiry`; or the child is back, so that this is another time.
    """
    if episode.returned_at is not None:
        raise DomainError("The child is back by now. If they are missing again, report them as missing")
    require(actor, "missing:change")
    whole = "\n".join(["Filled in to report the child, who was reported already.", *said])
    most = current_policy().texts.most(Size.NOTE)
    for start in range(0, len(whole), most):
        piece = whole[start : start + most]
        _enquire(actor, episode, at=None, by=by, words=piece, once=uuid5(once, f"report {start}"))
    tell_added(actor=actor, episode=episode, once=str(once))
    return episode


def pass_on(*, actor: Principal, episode: MissingEpisode, words: str, once: UUID) -> MissingEnquiry:
    """Have everybody who looks for a child read what is for those alone who work with them, such as what a
    safety plan says and what an alert warns of. It stands in the log of the episode as its author wrote it;
    the police missing desk and the hub are told at once. That a record is passed on somebody decides each
    time: the plan itself stays with full reach (design, section 5).

    Args:
        words: what they are to read.
        once: as `add_enquiry` takes it.

    Raises:
        DomainError: the child is back, nobody reads the episode but those who read the case, or there are no
            words, or words in which something that is held back stands.
    """
    require(actor, "missing:change")
    if episode.returned_at is not None:
        raise DomainError("The child is back. Nobody looks for them any more")
    cases = db.session.scalars(select(Case).filter_by(child_id=episode.child_id)).all()
    if not cases or any(one.sensitivity != Sensitivity.NORMAL for one in cases):
        raise DomainError("The portal cannot pass this on. Ring whoever looks for the child")
    new = sent_before(actor, MissingEnquiry, uuid5(once, str(actor.user_id))) is None
    added = _enquire(actor, episode, at=None, by=PASSED_ON, words=words, once=once)
    if new:
        tell_of_agreed(actor=actor, episode=episode, once=str(added.id))
    return added
