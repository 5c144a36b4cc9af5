"""What every verb on something of concern shares: who may, its history, its keys, the clock of its review."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import insert_now
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.rules import last_day
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Unseen, Whom, by_ground, tell, to_people, to_teams
from portal.messages.vocabulary import Event, Ground
from portal.pathway.calendar import end_of_day
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import Policy, current_policy
from portal.records.children.rules import Facts as ChildFacts
from portal.records.children.rules import child_keys
from portal.records.concerns.model import Concern, ConcernChange, ConcernDifference, ConcernKey
from portal.records.concerns.policy import Concerns
from portal.records.concerns.reading.records import called_child
from portal.records.concerns.rules import OF_CHILD, match_keys, read_day
from portal.records.concerns.vocabulary import (
    CHILD,
    KNOWN,
    NOW,
    WARNING,
    ConcernChangeKind,
    ConcernKind,
    ConcernSource,
)
from portal.records.people.agencies import councils_in, teams_at
from portal.records.people.model import Agency, Team
from portal.records.plans.model import Action
from portal.vocabulary import Desk


@dataclass(frozen=True)
class MadeFrom:
    """The record that something was made from, so that nobody types it twice."""

    kind: ConcernSource
    id: UUID


def concern_facts(actor: Principal, concern: Any) -> Facts:
    """What decides what somebody may do with something of concern.

    Args:
        concern: the record, or a row with its owner_agency_id and created_agency_id.
    """
    return Facts(
        owner=concern.owner_agency_id == actor.agency_id,
        own_agency=actor.agency_id in {concern.owner_agency_id, concern.created_agency_id},
    )


def about_concern(concern: Concern) -> About:
    """What a message about something of concern is about."""
    return About("concern", concern.id, concern.reference)


#: Who leads or works on a case that the actor does not read, the database tells.
UNSEEN = Unseen("concern")


def around_concern(concern: Concern, link: UUID | None = None) -> dict[Ground, Whom]:
    """Who is around something of concern, by ground: the actor need not read the cases of its children.

    Args:
        link: to one child, of whom alone it is asked then.
    """
    statement = text("select * from ctx.hear_of_concern(:concern, cast(:link as uuid))")
    found = by_ground(db.session.execute(statement, {"concern": concern.id, "link": link}))
    if not concern.sensitivity:
        found[Ground.EXPLOITATION_DESK] = to_teams(*teams_at(Desk.EXPLOITATION))
    return {**found, Ground.COUNCIL: councils_of(concern)}


def councils_of(concern: Concern) -> Whom:
    """The teams of the councils that see a place of their district."""
    if concern.kind != ConcernKind.PLACE or concern.dwelling or concern.sensitivity or not concern.district:
        return NOBODY
    return to_teams(*councils_in(concern.district))


def told_for(agency: Agency) -> Whom:
    """Whom an agency has told of what it is shown: its lead, and where nobody leads it its teams."""
    if agency.lead_id is not None:
        return to_people(agency.lead_id)
    return to_teams(*db.session.scalars(select(Team.id).where(Team.agency_id == agency.id, Team.active)))


def difference_of(concern: Concern, other: Concern) -> ConcernDifference | None:
    """That two are not the same, where somebody said so and it stands."""
    pair, said = (concern.id, other.id), ConcernDifference
    return db.session.scalar(
        select(said)
        .where(said.undone_at.is_(None), said.concern_id.in_(pair), said.other_id.in_(pair))
        .limit(1)
    )


def harms_now(concern: Concern) -> bool:
    """Whether children are being harmed by something now, as far as is recorded."""
    return current_policy().of(Concerns).harms_now(concern.risk)


def tell_of_change(
    actor: Principal, concern: Concern, event: Event, *, danger: bool = False, once: str = ""
) -> None:
    """Tell everybody who relies on what is recorded of something: whoever answers for it or may see it, the
    desks, and whoever works with the children linked to it, who need not see it.

    Args:
        event: where children are not being harmed.
        danger: children are being harmed, or were until this change: that is told at any hour.
        once: what makes this change another than an earlier one, where it does not count as a version.
    """
    tell(
        actor=actor,
        event=NOW if danger else event,
        about=about_concern(concern),
        given=around_concern(concern),
        once=f"{once or concern.version}:{event.code}",
        nobody_at={Ground.EXPLOITATION_DESK: ()} if concern.sensitivity else None,
        unseen=UNSEEN,
    )


def tell_of_danger(actor: Principal, concern: Concern) -> None:
    """How dangerous somebody is has changed: tell everybody who deals with the children or with them. Whoever
    has something to do about them may not see the record, and so is told of that.
    """
    once = str(concern.version)
    tell(
        actor=actor,
        event=WARNING,
        about=about_concern(concern),
        given=around_concern(concern),
        once=once,
        unseen=UNSEEN,
    )
    open_ = select(Action).where(Action.concern_id == concern.id, Action.state.in_(OPEN_ACTION_STATES))
    for action in db.session.scalars(open_):
        about = About("action", action.id, action.reference)
        given = {Ground.ACTION_OWNER: to_people(action.owner_id) | to_teams(action.owner_team_id)}
        tell(actor=actor, event=WARNING, about=about, given=given, once=once)


def tell_of_child(actor: Principal, concern: Concern, *, known: bool = False) -> None:
    """Somebody of concern may be a child: tell the hub, where what is recorded says so; and, where it fits a
    child who is known, those who work with that child, whoever records it learning nothing of them.

    Args:
        known: the hub knows already that this person is a child.
    """
    if concern.kind != ConcernKind.PERSON:
        return
    about, is_news = about_concern(concern), bool(called_child(concern)) and not known
    if is_news:
        tell(actor=actor, event=CHILD, about=about, once=str(concern.version))
    # Of each child once, however often the record is put right.
    each = {"each": "concern_known", "as": "once", "hub": not is_news}
    tell(actor=actor, event=KNOWN, about=about, unseen=Unseen("concern_known", each))


def refuse_ended(concern: Concern) -> None:
    """Go on only with something that is still of concern.

    Raises:
        DomainError: it has ended.
    """
    if concern.ended_at is not None:
        raise DomainError("This is no longer of concern. Open it again first")


def refuse_unowned(concern: Concern) -> None:
    """Go on only where everybody who owes something on it still sees it and so can act.

    Raises:
        DomainError: somebody does not.
    """
    if left := db.session.scalar(select(func.ctx.unowned_on(concern.id))):
        raise DomainError(
            "First give these to a person who may still see it, let their agency see it, or end them:"
            f" {', '.join(left)}",
            field="words",
        )


def start_review_clock(concern: Concern, policy: Policy, owner: Owner | None = None) -> None:
    """Somebody of the team or agency that owns it looks at it again, by its day."""
    owned_by = (
        Owner(team_id=concern.owner_team_id)
        if concern.owner_team_id
        else Owner(agency_id=concern.owner_agency_id)
    )
    open_deadline(
        kind=DeadlineKind.CONCERN_REVIEW,
        subject=concern,
        owner=owner or owned_by,
        due_at=end_of_day(max(concern.review_on, clock.today())),
        source="concerns.review_within",
        confirmed=policy.of(Concerns).review_within.confirmed,
        policy=policy,
    )


def _keys_of(concern: Any, policy: Policy) -> frozenset[str]:
    """The keys of a record or a row of one: those of its kind, and of a person those of a known child."""
    fields = policy.of(Concerns).fields_of(concern.kind)
    found = match_keys(concern.kind, concern.name, concern.details, fields)
    if concern.kind != ConcernKind.PERSON:
        return found
    others = str(concern.details.get("aliases") or "").splitlines()
    person = ChildFacts(names=(concern.name, *others), born=read_day(str(concern.details.get("dob") or "")))
    compared = (one for one in child_keys(person, policy.names) if one.startswith(_COMPARED))
    return found | {f"{OF_CHILD}:{one}" for one in compared}


#: Two words of a name by their sound and as written, and a date of birth with its slips:
#: `ctx.children_like_concern` compares them.
_COMPARED = ("pair:", "both:", "born:")


def keep_keys(concern: Concern, policy: Policy) -> None:
    """Keep the keys by which the same thing is found in other records."""
    wanted = _keys_of(concern, policy)
    db.session.execute(delete(ConcernKey).where(ConcernKey.concern_id == concern.id))
    if wanted:
        db.session.execute(
            insert(ConcernKey).inline(), [{"concern_id": concern.id, "key": key} for key in sorted(wanted)]
        )


def renew_concern_keys(rows: Session, after: UUID | None, most: int) -> tuple[int, UUID | None]:
    """Make the keys of some records anew, in the order of their identifiers, after a change of their rules.

    Args:
        rows: a session of the tables' owner, who reads every record.
        after: the last record that was done before; None begins.
        most: so many records at once.

    Returns:
        how many got other keys, and the last that was looked at; None when there are no more.
    """
    some = select(Concern.id, Concern.kind, Concern.name, Concern.details).order_by(Concern.id).limit(most)
    concerns = rows.execute((some.where(Concern.id > after) if after else some).with_for_update()).all()
    ids = [one.id for one in concerns]
    kept = select(ConcernKey.concern_id, ConcernKey.key).where(ConcernKey.concern_id.in_(ids))
    held = {tuple(row) for row in rows.execute(kept)}
    policy = current_policy()
    owed = {(one.id, key) for one in concerns for key in _keys_of(one, policy)}
    changed = {concern_id for concern_id, _ in owed ^ held}
    rows.execute(delete(ConcernKey).where(ConcernKey.concern_id.in_(changed)))
    new = [
        {"concern_id": concern_id, "key": key} for concern_id, key in sorted(owed) if concern_id in changed
    ]
    if new:
        rows.execute(insert(ConcernKey).inline(), new)
    return len(changed), concerns[-1].id if len(concerns) == most else None


def note_change(
    actor: Principal,
    concern: Concern,
    kind: ConcernChangeKind,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    source: MadeFrom | None = None,
) -> None:
    """Write down what happened to something of concern: its history, and a row in the trail."""
    insert_now(
        ConcernChange(
            concern_id=concern.id,
            kind=kind,
            before=dict(before or {}),
            after=dict(after or {}),
            reason=reason.strip(),
            source_kind=source.kind if source else None,
            source_id=source.id if source else None,
            changed_by=actor.user_id,
            changed_agency_id=actor.agency_id,
            changed_at=clock.now(),
        )
    )
    audit.record(f"concern:{kind.value}", concern)


def check_review(review_on: date, policy: Policy) -> None:
    latest = last_day(policy.of(Concerns).review_within, clock.today())
    if review_on < clock.today():
        raise DomainError("The day of the review must be today or later", field="review_on")
    if review_on > latest:
        raise DomainError(f"It is reviewed by {latest:%-d %B %Y} at the latest", field="review_on")


def check_code(code: str | None, codes: tuple[str, ...], field_name: str, message: str) -> None:
    if code and code not in codes:
        raise DomainError(message, field=field_name)


def told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a history keeps: plain values."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()}
