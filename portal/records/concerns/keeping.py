"""Places, people, vehicles, phones, accounts and groups of concern: recorded once, kept with their history.

It belongs to the agency of whoever records it, until it is given to another. Police and the hub see it; who
else does, the database decides.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.pathway.deadlines import last_day
from portal.pathway.references import Prefix, new_reference
from portal.policy import Policy, Size, current_policy
from portal.records.concerns.model import Concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.records import (
    MadeFrom,
    check_code,
    check_review,
    concern_facts,
    keep_keys,
    note_change,
    refuse_ended,
    refuse_unowned,
    start_review_clock,
    told,
)
from portal.records.concerns.rules.records import Described, label
from portal.records.concerns.vocabulary import ConcernChangeKind, ConcernKind
from portal.services.errors import DomainError
from portal.services.limits import check_length
from portal.services.versions import insert_once, lock
from portal.vocabulary import Role


def create_concern(
    *,
    actor: Principal,
    kind: ConcernKind,
    said: Described,
    team_id: UUID | None = None,
    restricted: bool = False,
    source: MadeFrom | None = None,
    once: UUID | None = None,
) -> Concern:
    """Record something of concern. It belongs to the actor's agency.

    Args:
        team_id: the team of the agency that answers for it; by default the actor's own, where they have one.
        restricted: from the start only for the team that owns it, its managers, the hub and whom they name.
        source: what it was made from.
        once: made when the page was made, so that sending it twice records it once.

    Raises:
        DomainError: nothing is said, something is too long, or a day or code makes no sense.
    """
    require(actor, "concern:record")
    concern_id = uuid5(once, actor.user_id.hex) if once else new_id()
    policy = current_policy()
    facts = _facts(kind, said, policy)
    team = _own_team(actor, team_id)
    if restricted and team is None and not (actor.is_coordinator or actor.has(Role.MANAGER)):
        raise DomainError("You are in no team, so you would not see it yourself", field="restricted")
    concern = Concern(
        id=concern_id,
        reference=new_reference(Prefix.CONCERN),
        kind=kind,
        owner_agency_id=actor.agency_id,
        owner_team_id=team,
        created_by=actor.user_id,
        created_agency_id=actor.agency_id,
        created_at=clock.now(),
        sensitivity=1 if restricted else 0,
        policy_version=policy.version,
        version=1,
        **facts,
    )
    if (kept := insert_once(concern)) is not concern:
        return kept
    keep_keys(concern, policy)
    note_change(actor, concern, ConcernChangeKind.RECORDED, after=told(facts), source=source)
    start_review_clock(concern, policy)
    return concern


def change_concern(*, actor: Principal, concern: Concern, said: Described, reason: str, version: int) -> None:
    """Say anew what is recorded of something. What it said before stays in its history.

    Raises:
        Forbidden: the actor's agency neither recorded nor owns it, and they are no coordinator.
        Conflict: somebody changed it meanwhile.
        DomainError: it has ended, nothing changes, or what is said makes no sense.
    """
    require(actor, "concern:change", concern_facts(actor, concern))
    policy = current_policy()
    facts = _facts(ConcernKind(concern.kind), said, policy)
    facts.pop("review_on")  # by a review, which says that somebody looked
    lock(
        concern,
        version,
        lambda now: _shown({name: getattr(now, name) for name in facts}, now.kind, policy),
        first=refuse_ended,
        mine=_shown(facts, concern.kind, policy),
    )
    before = {name: getattr(concern, name) for name in facts}
    changed = [name for name, value in facts.items() if value != before[name]]
    if not changed:
        raise DomainError("Change something, or go back", field="name")
    check_length(reason, "reason")
    for name, value in facts.items():
        setattr(concern, name, value)
    concern.version += 1
    db.session.flush()
    refuse_unowned(concern)
    keep_keys(concern, policy)
    note_change(
        actor,
        concern,
        ConcernChangeKind.CHANGED,
        before=told({name: before[name] for name in changed}),
        after=told({name: facts[name] for name in changed}),
        reason=reason,
    )


def _facts(kind: ConcernKind, said: Described, policy: Policy) -> dict[str, Any]:
    """What is recorded, checked: the columns of a record."""
    offered = policy.of(Concerns).fields_of(kind)
    known = {one.code for one in offered}
    details = {
        code: text.strip() for code, text in said.details.items() if code in known and text and text.strip()
    }
    for code, text in details.items():
        check_length(text, code)
    check_length(said.name, "name", Size.LINE)
    check_length(said.description, "description")
    if not (said.name.strip() or said.description.strip() or details):
        raise DomainError("Write what you know of it", field="name")
    check_code(said.risk, policy.of(Concerns).risks.codes, "risk", "Choose how dangerous it is")
    check_code(said.district, policy.areas.districts.codes, "district", "Choose a district")
    if said.first_on and said.last_on and said.last_on < said.first_on:
        raise DomainError("The last time must be after the first", field="last_on")
    review_on = said.review_on or last_day(policy.of(Concerns).review_within, clock.today())
    check_review(review_on, policy)
    is_person = kind is ConcernKind.PERSON
    return {
        "name": label(kind, said.name, details),
        "description": said.description.strip(),
        "details": details,
        "first_on": said.first_on,
        "last_on": said.last_on,
        "risk": said.risk or None,
        "district": said.district or None,
        "authority": policy.authority_of(said.district),
        "dwelling": kind is ConcernKind.PLACE and details.get("place_kind") in policy.of(Concerns).homes,
        "also_child": said.also_child if is_person else None,
        "do_not_approach": said.do_not_approach and is_person,
        "review_on": review_on,
    }


def _own_team(actor: Principal, team_id: UUID | None) -> UUID | None:
    if team_id is not None and team_id not in actor.team_ids:
        raise DomainError("Choose one of your teams", field="team")
    if team_id is not None:
        return team_id
    return next(iter(sorted(actor.team_ids)), None)


def _shown(facts: Mapping[str, Any], kind: str, policy: Policy) -> dict[str, Any]:
    """What two editors are shown beside each other, by the fields of the form and the words of the policy."""
    asked = {name: value for name, value in facts.items() if name not in {"details", "dwelling", "authority"}}
    own = {one.label: facts["details"].get(one.code) for one in policy.of(Concerns).fields_of(kind)}
    return {**asked, **own}
