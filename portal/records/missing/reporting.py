"""Reporting a child who is missing, and what repeated episodes ask."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, bindparam, cast, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_length
from portal.changes.idempotency import sent_before
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import About, Unseen, tell
from portal.model import new_id
from portal.pathway.calendar import age_on
from portal.pathway.references import Prefix, new_reference
from portal.policy import Policy, current_policy
from portal.records.children.model import Child, ChildRecord
from portal.records.children.reading import same_child
from portal.records.children.rules import Facts as KnownFacts
from portal.records.children.rules import child_keys, eligibility, silent_search
from portal.records.children.vocabulary import EligibilityBasis
from portal.records.missing.model import SAID_IN_INTERVIEW, SAID_IN_TALK, SAID_IN_WORDS, MissingEpisode
from portal.records.missing.policy import Missing
from portal.records.missing.rules import TIMES, as_meant_each, contradictions
from portal.records.missing.telling import (
    about,
    asks_by,
    tell_closed_off,
    tell_if_twice,
    tell_of,
    tell_of_match,
    tell_of_plan_there,
)
from portal.records.missing.vocabulary import GIVES_AWAY, REPEATED, REPORTED, MissingStatus
from portal.vocabulary import Answer, Sector

#: The fields of the forms at which a time is found wrong.
_FIELDS = {
    "left_at": "left_at",
    "last_seen_at": "seen_at",
    "missing_since": "since_at",
    "reported_at": "raised_at",
    "found_at": "met_at",
    "returned_at": "found_at",
}

_AUTHORITIES = ("responsible_authority", "host_authority")

_WEIGH = text(
    "select ctx.weigh_repeated(:episode, :prompt, :deadline, :episodes, :days, :counted, :due_at, :source,"
    " :confirmed, :version, :tell)"
).bindparams(bindparam("tell", type_=JSONB))


def weigh_repeated(*, actor: Principal, episode: MissingEpisode) -> None:
    """Where the child’s episodes are as many as policy says, ask for a decision; once for the same ones. The
    database tells whoever is asked: the actor may not read it.
    """
    prompt_id = new_id()
    policy = current_policy(episode.responsible_authority)
    rule, repeated = policy.clock(DeadlineKind.STRATEGY_PROMPT), policy.of(Missing).prompt
    db.session.flush()
    what = About("missing_prompt", prompt_id, episode.reference)
    db.session.execute(
        _WEIGH,
        {
            "episode": episode.id,
            "prompt": prompt_id,
            "deadline": new_id(),
            "episodes": repeated.episodes,
            "days": repeated.within.value,
            "counted": [one.value for one in repeated.counted],
            "due_at": due(rule, clock.now()),
            "source": f"clocks.{rule.code}",
            "confirmed": rule.confirmed,
            "version": policy.version,
            "tell": asks_by(actor=actor, event=REPEATED, episode=episode, what=what),
        },
    )


def owe_search(episode: MissingEpisode) -> None:
    """A child is missing: whoever would owe the return interview has the search in hand, and those above them
    hear of it after the time of the policy. Whose it is the database settles; a second time changes nothing.
    """
    policy = current_policy(episode.responsible_authority)
    rule = policy.clock(DeadlineKind.MISSING_RUNNING)
    ends = due(rule, episode.missing_since)
    owing = func.ctx.owe_search(
        new_id(), episode.id, ends, f"clocks.{rule.code}", rule.confirmed, policy.version
    )
    db.session.execute(select(owing))


def end_search(episode: MissingEpisode) -> None:
    """The child is back, or was not missing: nobody owes the search any more."""
    db.session.flush()  # the database reads how it ended
    db.session.execute(select(func.ctx.search_over(episode.id)))


def records_linked(*, actor: Principal, child_ids: Collection[UUID]) -> None:
    """Two records are of one child, or not any more: whoever works with the child on one hears of an episode
    that runs on the other, and their episodes count together.
    """
    running = MissingEpisode.returned_at.is_(None) & MissingEpisode.withdrawn_at.is_(None)
    episodes = select(MissingEpisode).where(MissingEpisode.child_id.in_(child_ids), running)
    for episode in db.session.scalars(episodes.order_by(MissingEpisode.id)).all():
        named = episode.responsible_authority, episode.host_authority
        tell_of(actor=actor, event=REPORTED, episode=episode, named_before=named)
        tell_of_plan_there(actor=actor, episode=episode)
        tell_if_twice(actor=actor, episode=episode)
        tell_of_given_away(actor=actor, episode=episode, once=str(episode.child_id))
    linked = {"link": [str(one) for one in sorted(child_ids)]}
    tell_closed_off(actor, linked, once=str(new_id()))
    weigh_children(actor=actor, child_ids=child_ids)


def weigh_children(*, actor: Principal, child_ids: Collection[UUID]) -> None:
    """The same for children of whom other episodes count now: one was moved, or their records were linked."""
    for child_id in sorted(child_ids):
        episode = db.session.scalar(select(MissingEpisode).filter_by(child_id=child_id).limit(1))
        if episode is not None:
            weigh_repeated(actor=actor, episode=episode)


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


class ReportedAlready(DomainError):
    """The actor sees that the child is missing now.

    Attributes:
        reference: of the episode that runs.
    """

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"This child is reported missing already: {reference}. Add what you know there."
            " An earlier time that is over is reported once the child is back"
        )
        self.reference = reference


def report_missing(*, actor: Principal, who: Who, facts: Mapping[str, Any], once: UUID) -> MissingEpisode:
    """Report that a child is missing, or away without permission.

    The episode is the child's whom the NHS number, or name and date of birth, mean for certain, also one of
    whom the actor may not know; else a record is begun. What the actor then sees of it is the same.

    Args:
        facts: columns of an episode, see `portal.records.missing.steps.CHANGED`.
        once: made when the page was made, so that sending it twice reports it once.

    Raises:
        Forbidden: the actor works on no cases.
        DomainError: no name was given, a time is not past or words are too long; `field` says what.
        ReportedAlready: the actor sees that this child is reported already.
    """
    require(actor, "missing:report")
    said_open = [name for name in _AUTHORITIES if not facts.get(name)]
    facts = _with_authorities(who, facts)
    by_record = [name for name in said_open if facts.get(name)]
    check_facts(actor, facts)
    if not who.name:
        raise DomainError("Enter the child’s name, or the name that the child goes by", field="given_name")
    episode_id = uuid5(once, str(actor.user_id))
    if (before := sent_before(actor, MissingEpisode, episode_id)) is not None:
        return before
    _refuse_twice(who)
    policy = current_policy(facts.get("responsible_authority"))
    times = check_times(facts, born=_birth_of(who))
    said = (
        dict(facts)
        | times
        | {
            "id": episode_id,
            "reference": new_reference(Prefix.MISSING),
            "reported_name": who.name,
            "reported_dob": _birth_of(who),  # a day that was worked out from an age nobody said
            "reported_at": times.get("reported_at") or clock.now(),
            "policy_version": policy.version,
        }
    )
    db.session.flush()
    db.session.execute(
        select(func.ctx.report_missing(_json(said), _json(_begun(who, policy) | {"by_record": by_record})))
    )
    episode = db.session.get_one(MissingEpisode, episode_id)
    record(episode, "missing:report")
    owe_search(episode)
    tell_of(actor=actor, event=REPORTED, episode=episode)
    tell_of_plan_there(actor=actor, episode=episode)
    tell_if_twice(actor=actor, episode=episode)
    tell_of_match(actor=actor, episode=episode)
    tell_of_given_away(actor=actor, episode=episode, once="")
    weigh_repeated(actor=actor, episode=episode)
    return episode


def tell_of_given_away(
    *,
    actor: Principal,
    episode: MissingEpisode,
    once: str,
    fields: Collection[str] = SAID_IN_WORDS | {SAID_IN_TALK, SAID_IN_INTERVIEW},
    enquiries: Collection[UUID] | None = None,
) -> None:
    """Tell whoever answers for an alert “do not disclose”, or leads a case of the child, that words give away
    what it holds back, of who was not asked. The database looks whether they do; no page says anything of it.

    Args:
        fields: columns of the episode in which they stand, the talk with the police, and return interviews.
        enquiries: enquiries in which they stand; None for all of them.
    """
    away = {"each": "gives_away", "fields": sorted(fields), "all": enquiries is None}
    unseen = Unseen("gives_away", away | {"enquiries": [str(one) for one in enquiries or ()]})
    tell(actor=actor, event=GIVES_AWAY, about=about(episode), once=once, unseen=unseen)


def facts_on(actor: Principal, episode: MissingEpisode) -> Facts:
    """What decides what somebody may do to an episode that they see."""
    return Facts(own_agency=episode.recorded_agency_id == actor.agency_id)


def record(episode: MissingEpisode, verb: str, *, ground: str | None = None) -> None:
    """A row in the trail."""
    audit.record(verb, episode, child_id=episode.child_id, ground=ground)


def refuse_withdrawn(episode: MissingEpisode) -> None:
    """Go on only with an episode that stands.

    Raises:
        DomainError: it was withdrawn.
    """
    if episode.withdrawn_at is not None:
        raise DomainError("This episode was withdrawn. It stands as it is")


def check_facts(actor: Principal, facts: Mapping[str, Any]) -> None:
    """What an episode says can be so, and is the actor's to say.

    Raises:
        DomainError: it is not; `field` says what.
    """
    policy = current_policy()
    if facts["status"] not in set(MissingStatus):
        raise DomainError("Choose whether the child is missing or away", field="status")
    for name, among, field in (
        ("missing_from", policy.of(Missing).places, "missing_from"),
        ("grade", policy.of(Missing).grades, "grade"),
        ("responsible_authority", policy.areas.authorities, "responsible"),
        ("host_authority", policy.areas.authorities, "host"),
        ("last_seen_role", policy.of(Missing).seen_by, "seen_role"),
    ):
        if facts.get(name) and facts[name] not in among:
            raise DomainError("Choose one of the list", field=field)
    if facts.get("grade") and actor.sector is not Sector.POLICE:
        raise DomainError("Only the police grade an episode", field="grade")
    check_lengths(facts)


def check_times(
    facts: Mapping[str, Any], episode: MissingEpisode | None = None, *, born: date | None = None
) -> dict[str, datetime | None]:
    """The times among some facts, as they are meant in the night in which clocks go back.

    Args:
        episode: what they are said of, whose other times hold too.
        born: the date of birth; of an episode as it was reported.

    Raises:
        DomainError: one of them cannot be; `field` says which.
    """
    given = {name: facts[name] for name in TIMES if name in facts}
    meant = as_meant_each({name: getattr(episode, name, None) for name in TIMES} | given)
    role = facts.get("last_seen_role", getattr(episode, "last_seen_role", None))
    responsible = current_policy().of(Missing).seen_by_responsible(role)
    born = episode.reported_dob if episode else born
    for wrong in contradictions(meant, now=clock.now(), seen_by_responsible=responsible, born=born):
        for column, words in wrong.said.items():
            if column in given:
                raise DomainError(words, field=_FIELDS[column])
    return {name: meant.get(name) for name in given}


def _birth_of(who: Who) -> date | None:
    """When somebody was born, unless that was worked out from an age."""
    if who.child is None:
        return who.dob
    return None if who.child.dob_is_estimate else who.child.dob


def check_lengths(facts: Mapping[str, Any]) -> None:
    """Words have room, but not without end.

    Raises:
        DomainError: they are too long.
    """
    for name, value in facts.items():
        if isinstance(value, str):
            check_length(value, name)


def _refuse_twice(who: Who) -> None:
    """Two reports of one episode would count twice. Only what the actor sees anyway is looked at."""
    if who.child is not None:
        same: ColumnElement[bool] = MissingEpisode.child_id.in_(same_child(who.child.id))
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
        raise ReportedAlready(running)


def _with_authorities(who: Who, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The authorities that were left open, as the record of the child says, else one that is linked, for a
    reporter who reads it.
    """
    if who.child is None:
        return facts
    found = select(ChildRecord).where(ChildRecord.child_id.in_(same_child(who.child.id)))
    own_first = (ChildRecord.child_id == who.child.id).desc(), ChildRecord.child_id
    read = db.session.scalars(found.order_by(*own_first)).all()
    known = {name: next(filter(None, (getattr(one, name) for one in read)), None) for name in _AUTHORITIES}
    return dict(facts) | {name: value for name, value in known.items() if value and not facts.get(name)}


def _begun(who: Who, policy: Policy) -> dict[str, Any]:
    """Who is meant, and what the record of a child whom nobody knew begins with."""
    if who.child is not None:
        return {"child_id": who.child.id}
    age = age_on(who.dob, clock.today()) if who.dob else None
    found = eligibility(policy, age=age, send=Answer.NOT_KNOWN, care_experienced=Answer.NOT_KNOWN)
    by_reason = found.basis is EligibilityBasis.OTHER
    facts = KnownFacts(names=(who.name,), born=who.dob, nhs_number=who.nhs_number)
    keys, silent = child_keys(facts, policy.names), silent_search(facts, policy.names, clock.today())
    sounds = [key for key in silent.keys if key.startswith("pair:")]
    return {
        "given_name": " ".join(who.given_name.split()),
        "family_name": " ".join(who.family_name.split()),
        "nhs_number": who.nhs_number,
        "new_reference": new_reference(Prefix.CHILD),
        "eligibility_basis": found.basis.value,
        "eligibility_reason": "Reported missing; not looked at yet" if by_reason else None,
        "keys": sorted(keys),
        "sounds": sounds or silent.keys,
        "parts": [key for key in keys if key.startswith("half:")],
        "spelled": sorted(key for key in keys if key.startswith("both:")),
        "born": [key for key in silent.keys if key.startswith("born:")],
        "dobs": [one.isoformat() for one in silent.dobs],
    }


def _json(values: Mapping[str, Any]) -> Any:
    plain = {
        name: value if isinstance(value, str | bool | list | None) else str(value)
        for name, value in values.items()
    }
    return cast(plain, JSONB)
