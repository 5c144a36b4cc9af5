"""Missing episodes: reported, put right, ended by the child's return, withdrawn.

Whoever reports need not know who is known to the portal, and learns nothing of it: the child is looked for
inside the database, which answers nothing, and the same people are told as would be of any child. What an
episode said before a change is kept by the database (`missing_change`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import and_, cast, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.models import Child, MissingEpisode
from portal.models.base import new_id
from portal.pathway.eligibility import age_on, eligibility
from portal.pathway.matching import Facts as KnownFacts
from portal.pathway.matching import child_keys
from portal.pathway.references import Prefix, new_reference
from portal.policy import Policy, current_policy
from portal.services.errors import DomainError
from portal.services.interviews import owe_interview, owe_no_interview
from portal.services.messages import About, tell_people, tell_team
from portal.services.missing_duties import weigh_repeated
from portal.services.versions import check_version
from portal.vocabulary import Answer, EligibilityBasis, MissingStatus, Sector

LONGEST = 5_000  # characters of what an episode says in one place

#: What a change may say. Who it is about, who reported it and when that was stay as they are.
CHANGED = (
    *("status", "missing_since", "reported_by", "missing_from", "circumstances", "last_seen", "wearing"),
    *("believed_with", "trigger_plan_used", "police_reference", "responsible_authority", "host_authority"),
    "grade",
)
RETURNED = ("returned_at", "how_found", "found_where", "found_with", "injuries")


@dataclass(frozen=True, kw_only=True)
class Who:
    """Whom a report is about: a child that the reporter sees, or what they know of one."""

    child: Child | None = None
    given_name: str = ""
    family_name: str = ""
    dob: date | None = None
    nhs_number: str | None = None

    @property
    def name(self) -> str:
        """The name as it is reported."""
        if self.child is not None:
            return f"{self.child.given_name} {self.child.family_name}".strip()
        return " ".join(f"{self.given_name} {self.family_name}".split())


def report_missing(*, actor: Principal, who: Who, facts: Mapping[str, Any], once: UUID) -> MissingEpisode:
    """Report that a child is missing, or away without permission.

    The episode is the child's whom the NHS number, or name and date of birth, mean for certain, also one of
    whom the actor may not know; else a record is begun. What the actor then sees of it is the same.

    Args:
        facts: columns of an episode, see `CHANGED`.
        once: made when the page was made, so that sending it twice reports it once.

    Raises:
        Forbidden: the actor works on no cases.
        DomainError: no name was given, a time is not past, words are too long, or the actor sees that this
            child is reported already; `field` says what.
    """
    require(actor, "missing:report")
    _check(actor, facts)
    if not who.name:
        raise DomainError("Enter the child’s name, or the name that the child goes by", field="given_name")
    episode_id = uuid5(once, str(actor.user_id))
    if (before := db.session.get(MissingEpisode, episode_id)) is not None:
        return before
    _refuse_twice(who)
    policy = current_policy(facts.get("responsible_authority"))
    said = dict(facts) | {
        "id": episode_id,
        "reference": new_reference(Prefix.MISSING),
        "reported_name": who.name,
        "reported_dob": who.child.dob if who.child else who.dob,
        "reported_at": clock.now(),
        "policy_version": policy.version,
    }
    db.session.flush()
    db.session.execute(select(func.ctx.report_missing(_json(said), _json(_begun(who, policy)))))
    episode = db.session.get_one(MissingEpisode, episode_id)
    record(episode, "missing:report")
    tell(actor=actor, episode=episode, kind="missing_reported")
    weigh_repeated(episode=episode)
    return episode


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
    _check(actor, facts)
    _open_to_change(episode, version, facts)
    if episode.returned_at and facts["missing_since"] > episode.returned_at:
        raise DomainError("The child was back by then. Enter an earlier time", field="since_at")
    _put(episode, {name: facts[name] for name in CHANGED if name in facts})
    record(episode, "missing:change")
    weigh_repeated(episode=episode)


def end_episode(*, actor: Principal, episode: MissingEpisode, facts: Mapping[str, Any], version: int) -> None:
    """Say that the child is back: when, how, where and whether they were hurt; or put that right.

    From the moment of the return a return interview is owed (policy `clocks.return_interview`).

    Args:
        facts: columns of an episode, see `RETURNED`.

    Raises:
        Conflict: somebody changed it since; carries both.
        DomainError: it is withdrawn, or the time cannot be right.
    """
    require(actor, "missing:change")
    _open_to_change(episode, version, facts)
    returned: datetime = facts["returned_at"]
    if returned > clock.now():
        raise DomainError("This must be in the past", field="found_at")
    if returned < episode.missing_since:
        raise DomainError(
            "This is before the child was missing. Check both times: the first can be changed too",
            field="found_at",
        )
    _lengths(facts)
    news = episode.returned_at is None
    _put(episode, {name: facts[name] for name in RETURNED})
    record(episode, "missing:found")
    owe_interview(episode=episode)
    if news:
        tell(actor=actor, episode=episode, kind="missing_returned")


def record_prevention(
    *, actor: Principal, episode: MissingEpisode, at: datetime, by: str, words: str, version: int
) -> None:
    """Record the talk that the police had with the child after the return.

    Raises:
        Forbidden: the actor is neither of the police nor of the hub.
        Conflict: somebody changed it since; carries both.
        DomainError: the child is not back, or the time cannot be right.
    """
    require(actor, "missing:interview")
    said = {"prevention_at": at, "prevention_by": by.strip(), "prevention_words": words.strip()}
    _open_to_change(episode, version, said)
    if episode.returned_at is None:
        raise DomainError("Say first that the child is back", field="held_on")
    if at < episode.returned_at:
        raise DomainError("The child was not back by then. Enter a later time", field="held_at")
    if at > clock.now():
        raise DomainError("This must be in the past", field="held_at")
    _lengths(said)
    _put(episode, said)
    record(episode, "missing:interview")


def withdraw_episode(*, actor: Principal, episode: MissingEpisode, reason: str, version: int) -> None:
    """Say that there was no such episode. It stays to be read, and counts no more.

    Raises:
        Forbidden: the actor is neither of the recording agency nor of police or hub.
        Conflict: somebody changed it since; carries both.
        DomainError: no reason was given, or it is withdrawn already.
    """
    require(actor, "missing:withdraw", facts_on(actor, episode))
    _open_to_change(episode, version, {})
    if not reason.strip():
        raise DomainError("Say why it is withdrawn", field="reason")
    said = {
        "withdrawn_at": clock.now(),
        "withdrawn_by": actor.user_id,
        "withdrawn_reason": reason.strip(),
    }
    _lengths(said)
    _put(episode, said)
    record(episode, "missing:withdraw")
    owe_no_interview(episode=episode, reason="There was no such episode")
    weigh_repeated(episode=episode)
    tell(actor=actor, episode=episode, kind="missing_returned")


def facts_on(actor: Principal, episode: MissingEpisode) -> Facts:
    """What decides what somebody may do to an episode that they see."""
    return Facts(own_agency=episode.recorded_agency_id == actor.agency_id)


def about(episode: MissingEpisode) -> About:
    """What a message about an episode is about."""
    return About("missing_episode", episode.id, episode.reference)


def tell(*, actor: Principal, episode: MissingEpisode, kind: str) -> None:
    """Tell everybody who must know. Who that is the database says: the actor may read no case."""
    found = db.session.execute(
        text("select user_id, team_id from ctx.hear_of_missing(:episode)"), {"episode": episode.id}
    ).all()
    for team_id in sorted({row.team_id for row in found if row.team_id} - {episode.recorded_team_id}):
        tell_team(actor=actor, kind=kind, about=about(episode), team_id=team_id)
    tell_people(
        actor=actor, kind=kind, about=about(episode), people=[row.user_id for row in found if row.user_id]
    )


def record(episode: MissingEpisode, verb: str, *, ground: str | None = None) -> None:
    """A row in the trail."""
    audit.record(
        verb,
        subject_kind="missing_episode",
        subject_id=episode.id,
        child_id=episode.child_id,
        ground=ground,
    )


def _put(episode: MissingEpisode, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        setattr(episode, name, value)
    episode.version += 1
    db.session.flush()


def _open_to_change(episode: MissingEpisode, version: int, mine: Mapping[str, Any]) -> None:
    """Held until the transaction ends, seen as it is, and not withdrawn."""
    db.session.refresh(episode, with_for_update=True)
    if episode.withdrawn_at is not None:
        raise DomainError("This episode was withdrawn. It stands as it is")
    now = {name: getattr(episode, name) for name in mine}
    check_version(episode, version, now=now, mine=mine)


def _check(actor: Principal, facts: Mapping[str, Any]) -> None:
    policy = current_policy()
    if facts["status"] not in set(MissingStatus):
        raise DomainError("Choose whether the child is missing or away", field="status")
    if facts["missing_since"] > clock.now():
        raise DomainError("This must be in the past", field="since_at")
    for name, among, field in (
        ("missing_from", policy.missing.places, "missing_from"),
        ("grade", policy.missing.grades, "grade"),
        ("responsible_authority", policy.areas.authorities, "responsible"),
        ("host_authority", policy.areas.authorities, "host"),
    ):
        if facts.get(name) and facts[name] not in among:
            raise DomainError("Choose one of the list", field=field)
    if facts.get("grade") and actor.sector is not Sector.POLICE:
        raise DomainError("Only the police grade an episode", field="grade")
    _lengths(facts)


def _lengths(facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if isinstance(value, str) and len(value) > LONGEST:
            raise DomainError(f"Shorten this by {len(value) - LONGEST:,} characters", field=name)


def _refuse_twice(who: Who) -> None:
    """Two reports of one episode would count twice. Only what the actor sees anyway is looked at."""
    if who.child is not None:
        same = MissingEpisode.child_id == who.child.id
    else:
        called = func.lower(MissingEpisode.reported_name) == who.name.lower()
        same = and_(called, MissingEpisode.reported_dob == who.dob) if who.dob else called
        if who.nhs_number:
            same = or_(same, Child.nhs_number == who.nhs_number)
    running = db.session.scalar(
        select(MissingEpisode.reference)
        .outerjoin(Child, Child.id == MissingEpisode.child_id)
        .where(
            same,
            MissingEpisode.returned_at.is_(None),
            MissingEpisode.withdrawn_at.is_(None),
        )
        .limit(1)
    )
    if running is not None:
        raise DomainError(f"This child is reported missing already: {running}. Add what you know there")


def _begun(who: Who, policy: Policy) -> dict[str, Any]:
    """Who is meant, and what the record of a child whom nobody knew begins with."""
    if who.child is not None:
        return {"child_id": who.child.id}
    age = age_on(who.dob, clock.today()) if who.dob else None
    found = eligibility(policy, age=age, send=Answer.NOT_KNOWN, care_experienced=Answer.NOT_KNOWN)
    by_reason = found.basis is EligibilityBasis.OTHER
    keys = child_keys(KnownFacts(names=(who.name,), born=who.dob, nhs_number=who.nhs_number), policy.names)
    return {
        "given_name": " ".join(who.given_name.split()),
        "family_name": " ".join(who.family_name.split()),
        "nhs_number": who.nhs_number,
        "new_id": new_id(),
        "new_reference": new_reference(Prefix.CHILD),
        "eligibility_basis": found.basis.value,
        "eligibility_reason": "Reported missing; not looked at yet" if by_reason else None,
        "keys": sorted(keys),
    }


def _json(values: Mapping[str, Any]) -> Any:
    plain = {
        name: value if isinstance(value, str | bool | list | None) else str(value)
        for name, value in values.items()
    }
    return cast(plain, JSONB)
