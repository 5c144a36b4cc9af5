"""The records that forms about a case work on, each found on its own case only.

Its dates, and the cases of a child.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Date, Row, and_, any_, case, cast, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.orm import aliased

from portal.access.principal import Principal
from portal.deadlines.model import Deadline, DeadlineChange
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.pathway.references import Prefix, read_reference
from portal.queries.rows import UNSEEN, Rows, name_of, owner_of, still
from portal.records.assessments.model import RiskAssessment
from portal.records.by_hand.model import ToldByHand
from portal.records.cases.model import Alert, Case, CaseNotice, ChronologyEntry, Involvement
from portal.records.disclosures.model import Disclosure, DisclosureChild
from portal.records.missing.facts import missing_now_column
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.records.plans.model import Action
from portal.records.requests.model import AccessRequest
from portal.vocabulary import ROLES_THAT_SEE_CASES, Role, Sector

Found = TypeVar("Found")


def find_case(*, reference: str) -> Case | None:
    """A case that one reads in full."""
    return db.session.scalar(select(Case).where(Case.reference == reference))


def with_case(table: type[Found], *, reference: str, prefix: Prefix) -> tuple[Found, Case] | None:
    """A record that hangs on a case, and the case: by its reference as typed, if one may see them."""
    record: Any = table
    found = db.session.execute(
        select(table, Case)
        .join(Case, Case.id == record.case_id)
        .where(record.reference == read_reference(reference, prefix))
    ).one_or_none()
    return (found[0], found[1]) if found else None


def find_alert(*, case_id: UUID, alert_id: UUID) -> Alert | None:
    """An alert of this case, also one that has ended."""
    return db.session.scalar(select(Alert).filter_by(id=alert_id, case_id=case_id))


def find_entry(*, case_id: UUID, entry_id: UUID) -> ChronologyEntry | None:
    """An entry of this case that one may read."""
    return db.session.scalar(select(ChronologyEntry).filter_by(id=entry_id, case_id=case_id))


def find_involvement(*, case_id: UUID, involvement_id: UUID) -> Involvement | None:
    """A team's current work on this case."""
    return db.session.scalar(select(Involvement).filter_by(id=involvement_id, case_id=case_id, ended_at=None))


def find_team(*, team_id: UUID) -> Row[Team, Agency] | None:
    """A team that is in use, with its agency."""
    return db.session.execute(
        select(Team, Agency)
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.id == team_id, Team.active, Agency.active)
    ).one_or_none()


def coordinators() -> Rows:
    """The coordinators of the hub, of whom a sealed case keeps one: id, name, agency."""
    return db.session.execute(
        select(User.id, User.name, Agency.name.label("agency"))
        .join(Agency, Agency.id == User.agency_id)
        .where(
            User.active,
            Agency.active,
            Agency.sector == Sector.HUB,
            literal(Role.COORDINATOR.value) == any_(User.roles),
        )
        .order_by(User.name, User.id)
    ).all()


def practising_in(*, teams: Collection[UUID]) -> Rows:
    """The people of some teams who may read a case, once they are named on it: id, name, agency."""
    may_read = or_(*(literal(role.value) == any_(User.roles) for role in ROLES_THAT_SEE_CASES))
    found = (
        select(User.id, User.name, Agency.name.label("agency"))
        .join(Agency, Agency.id == User.agency_id)
        .join(TeamMember, TeamMember.user_id == User.id)
        .where(TeamMember.team_id.in_(teams), User.active, may_read)
    )
    return db.session.execute(found.distinct().order_by(User.name, User.id)).all()


def find_person(*, user_id: UUID) -> User | None:
    """Somebody who works here."""
    return db.session.scalar(select(User).where(User.id == user_id, User.active))


def teams_not_on(*, case_id: UUID) -> Rows:
    """The teams that could be brought onto a case: id, team, agency."""
    current = select(Involvement.team_id).filter_by(case_id=case_id, ended_at=None)
    return db.session.execute(
        select(Team.id, Team.name.label("team"), Agency.name.label("agency"))
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.active, Agency.active, Team.id.not_in(current))
        .order_by(Agency.name, Team.name)
    ).all()


def case_people_of(*, agency_id: UUID) -> Rows:
    """The people of an agency whose role lets them work on cases: id, name, job_title."""
    return db.session.execute(
        select(User.id, User.name, User.job_title)
        .where(
            User.agency_id == agency_id,
            User.active,
            or_(*(literal(role.value) == any_(User.roles) for role in ROLES_THAT_SEE_CASES)),
        )
        .order_by(User.name)
    ).all()


def agency_names(*, ids: set[UUID]) -> Rows:
    """Agencies by name: id, name."""
    return db.session.execute(
        select(Agency.id, Agency.name).where(Agency.id.in_(ids)).order_by(Agency.name)
    ).all()


def conditions_told(*, child_id: UUID, agency_id: UUID) -> Rows:
    """What an agency was told about a child under conditions, which an entry that uses it has to cite:
    id, reference, conditions, decided_at.
    """
    return db.session.execute(
        select(Disclosure.id, Disclosure.reference, Disclosure.conditions, Disclosure.decided_at)
        .join(DisclosureChild, DisclosureChild.disclosure_id == Disclosure.id)
        .where(
            DisclosureChild.child_id == child_id,
            Disclosure.receiver_agency_id == agency_id,
            Disclosure.conditions.is_not(None),
            Disclosure.withdrawn_at.is_(None),
        )
        .order_by(Disclosure.decided_at.desc())
        .limit(20)
    ).all()


def find_disclosure(*, disclosure_id: UUID) -> Disclosure | None:
    """Something that one may read on the sharing ledger."""
    return db.session.get(Disclosure, disclosure_id)


#: As many answers are shown below who still waits for one.
ANSWERED = 10

_ASKED = (
    select(
        AccessRequest.id,
        AccessRequest.reason,
        AccessRequest.asked_at,
        AccessRequest.answered_at,
        AccessRequest.granted,
        name_of(AccessRequest.answered_by, "answered_by"),
        User.name,
        User.job_title,
        User.phone,
        Agency.name.label("agency"),
    )
    .join(User, User.id == AccessRequest.asked_by)
    .join(Agency, Agency.id == AccessRequest.asked_agency_id)
)


def waiting(*, case_id: UUID) -> Rows:
    """Those whose question on a case is not answered yet, the oldest first."""
    unanswered = AccessRequest.answered_at.is_(None)
    return db.session.execute(
        _ASKED.where(AccessRequest.case_id == case_id, unanswered).order_by(AccessRequest.asked_at)
    ).all()


def answered(*, case_id: UUID, limit: int = ANSWERED) -> Rows:
    """The last questions on a case that were answered, and by whom, the newest first."""
    return db.session.execute(
        _ASKED.where(AccessRequest.case_id == case_id, AccessRequest.answered_at.is_not(None))
        .order_by(AccessRequest.answered_at.desc(), AccessRequest.id)
        .limit(limit)
    ).all()


def access_ended(*, case_id: UUID) -> Any:
    """When (`ended_at`) the reader's own access by name to a case ended that they know of and no longer read,
    and by whose hand (`ended_by`); None where they had none.
    """
    statement = text("select ended_at, ended_by from ctx.access_ended(:case_id)")
    return db.session.execute(statement, {"case_id": case_id}).one_or_none()


def one_of(*, case_id: UUID, request_id: UUID) -> Any:
    """One question on a case, answered or not; None when the case has no such."""
    return db.session.execute(
        _ASKED.where(AccessRequest.case_id == case_id, AccessRequest.id == request_id)
    ).one_or_none()


def asked_by(*, person: Principal, case_id: UUID) -> Rows:
    """What a person asked on a case, what was answered and by whom, with their number, the newest first."""
    return db.session.execute(
        select(
            AccessRequest.__table__,
            User.name.label("by"),
            User.phone.label("by_phone"),
            name_of(User.agency_id, "by_agency"),
        )
        .outerjoin(User, User.id == AccessRequest.answered_by)
        .where(AccessRequest.case_id == case_id, AccessRequest.asked_by == person.user_id)
        .order_by(AccessRequest.asked_at.desc())
    ).all()


def _lead_professional() -> Any:
    """Who leads a case, as a column."""
    lead = aliased(User)
    named = select(still(lead)).where(lead.id == Case.lead_professional_id).correlate(Case)
    return named.scalar_subquery().label("lead_professional")


def cases_of(*, child_id: UUID) -> Rows:
    """The child's cases with full reach and their alerts: open ones first, newest first."""
    return db.session.execute(
        select(
            Case.__table__,
            name_of(Case.lead_agency_id, "lead_agency"),
            _lead_professional(),
            _alerts().label("alerts"),
            _ended_holds().label("held_once"),
            missing_now_column("cre_case.child_id", linked=True),
        )
        .where(Case.child_id == child_id)
        .order_by(Case.closed_at.desc().nulls_first(), Case.opened_at.desc())
    ).all()


@dataclass(frozen=True)
class AlertSeen:
    """What everyone must know before they act, from one of the child's cases."""

    kind: str
    text: str
    review_on: date
    owner: str
    on_ended_case: bool = False


def alerts_in(cases: Rows) -> list[AlertSeen]:
    """The alerts on some cases of `cases_of`."""
    return [one for case in cases for one in alerts_of(case)]


def alerts_of(row: Any) -> list[AlertSeen]:
    """Those in the column `alerts` of a row."""
    return [
        AlertSeen(
            one["kind"],
            one["text"],
            date.fromisoformat(one["review_on"]),
            one["owner"],
            on_ended_case=one.get("ended", False),
        )
        for one in row.alerts or ()
    ]


def held_once(cases: Rows) -> dict[str, date]:
    """The kinds of the alerts on some cases of `cases_of` that held something back, which may be held back
    still, and ended, with the last day of each.
    """
    ended = (
        (kind, date.fromisoformat(day)) for case in cases for kind, day in (case.held_once or {}).items()
    )
    return dict(sorted(ended, key=lambda one: one[1]))


def _ended_holds() -> Any:
    """By the kind of alerts that held something back and ended the day on which the last one did."""
    ended = (
        select(Alert.kind, func.max(cast(Alert.ended_at, Date)).label("on"))
        .where(Alert.case_id == Case.id, Alert.ended_at.is_not(None), func.cardinality(Alert.holds_back) > 0)
        .group_by(Alert.kind)
        .correlate(Case)
        .subquery()
    )
    return select(func.json_object_agg(ended.c.kind, ended.c.on, type_=JSON)).scalar_subquery()


def _alerts() -> Any:
    """Those that stand on a case, the earliest first: read with the cases, in one statement."""
    owner = aliased(User)
    unseen = and_(owner.active, ~func.ctx.reads_too(Alert.case_id, Alert.owner_id))
    said = func.json_build_object(
        *("kind", Alert.kind, "text", Alert.text, "ended", Case.closed_at.is_not(None)),
        *("review_on", Alert.review_on, "owner", still(owner) + case((unseen, UNSEEN), else_="")),
    )
    return (
        select(func.json_agg(aggregate_order_by(said, Alert.created_at), type_=JSON))
        .select_from(Alert)
        .join(owner, owner.id == Alert.owner_id)
        .where(Alert.case_id == Case.id, Alert.ended_at.is_(None))
        .correlate(Case)
        .scalar_subquery()
    )


ENDED = 20


def find_due_date(*, case_id: UUID, deadline_id: UUID) -> Deadline | None:
    """An open duty of a case itself, if one may see it."""
    return db.session.scalar(
        select(Deadline).where(
            Deadline.id == deadline_id,
            Deadline.case_id == case_id,
            Deadline.subject_kind == Case.__tablename__,
            Deadline.state == DeadlineState.OPEN,
        )
    )


def of_case(*, case_id: UUID, open_ones: bool = True) -> Rows:
    """Every duty on a case, of each kind: the open ones, earliest first, or those that ended, latest first.

    Where several are alike, `whom` tells them apart: what to do, after which moment, whom to tell,
    or which assessment.
    """
    whom = func.coalesce(
        select(Action.what).where(Action.id == Deadline.subject_id).scalar_subquery(),
        select(ChronologyEntry.critical_moment)
        .where(ChronologyEntry.id == Deadline.subject_id)
        .scalar_subquery(),
        select(ToldByHand.name).where(ToldByHand.id == Deadline.subject_id).scalar_subquery(),
        select(RiskAssessment.reference).where(RiskAssessment.id == Deadline.subject_id).scalar_subquery(),
    )
    found = select(Deadline.__table__, owner_of(Deadline), whom.label("whom")).where(
        Deadline.case_id == case_id
    )
    if open_ones:
        found = found.where(Deadline.state == DeadlineState.OPEN).order_by(Deadline.due_at, Deadline.id)
    else:
        found = found.where(Deadline.state != DeadlineState.OPEN)
        found = found.order_by(Deadline.ended_at.desc(), Deadline.id).limit(ENDED)
    return db.session.execute(found).all()


def changes(*, deadline_ids: Sequence[UUID]) -> Mapping[UUID, list[Any]]:
    """Who moved some duties, when, from when to when and why, in order, by duty."""
    rows = db.session.execute(
        select(DeadlineChange.__table__, User.name.label("by"), name_of(User.agency_id, "agency"))
        .outerjoin(User, User.id == DeadlineChange.changed_by)
        .where(DeadlineChange.deadline_id.in_(deadline_ids))
        .order_by(DeadlineChange.changed_at, DeadlineChange.id)
    )
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.deadline_id].append(row)
    return found


def sealed_without_hub() -> Sequence[Row[str, str]]:
    """For governance, the sealed cases on which no coordinator is named: reference, and who leads them."""
    mend = func.ctx.sealed_to_mend().column_valued()
    return db.session.execute(
        select(CaseNotice.reference, Agency.name.label("agency"))
        .join(Agency, Agency.id == CaseNotice.lead_agency_id)
        .where(CaseNotice.case_id.in_(select(mend)))
        .order_by(CaseNotice.reference)
    ).all()
