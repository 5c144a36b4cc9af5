"""What is read of missing children beside an episode itself.

Who is missing now: what the head of every page counts, and the page that everybody begins with names. What
was added to an episode: what it said before, and what was done to find the child. And whether a child who was
reported is one who was known, as whoever sees both records reads it. And what came of the talk of the police.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Row, Select, and_, any_, bindparam, case, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.queries.rows import Rows, latest_on, name_of, owner_of
from portal.records.attachments.model import Attachment
from portal.records.attachments.vocabulary import AttachmentState
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.children.model import Child
from portal.records.children.reading import involved_agencies
from portal.records.missing.facts import authority_column
from portal.records.missing.model import (
    MissingChange,
    MissingEnquiry,
    MissingEpisode,
    MissingMatch,
    PreventionTalk,
)
from portal.records.missing.policy import NOT_GRADED, Missing
from portal.records.missing.rules import WINDOWS, days_before
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Sector, Sensitivity


def running_with(*columns: Any) -> Select[Any]:
    """Some columns of the episodes that run."""
    return (
        select(*columns)
        .select_from(MissingEpisode)
        .where(MissingEpisode.returned_at.is_(None), MissingEpisode.withdrawn_at.is_(None))
    )


def running() -> Select[Any]:
    """The episodes of children who are missing now."""
    return running_with(MissingEpisode.id)


def running_gravest() -> Select[Any]:
    """The episodes of children who are missing now and whom the police grade highest."""
    return running().where(MissingEpisode.grade == current_policy().of(Missing).gravest)


def most_urgent_first() -> tuple[Any, ...]:
    """The order of everything that names children who are missing now: by the grade of the police (policy
    `missing.urgency`), then those whose open case the reader leads or works on, then the longest missing.
    """
    order = current_policy().of(Missing).urgency
    places = {grade: place for place, grade in enumerate(order) if grade != NOT_GRADED}
    e = MissingEpisode
    return (
        case(places, value=e.grade, else_=order.index(NOT_GRADED)),
        case((_is_of_my_case(), 0), else_=1),
        e.missing_since,
        e.id,
    )


def _is_of_my_case() -> ColumnElement[bool]:
    """Whether the reader leads or works on an open case of the child of an episode."""
    works = select(Involvement.id).where(
        Involvement.case_id == Case.id,
        Involvement.worker_id == func.ctx.user_id(),
        Involvement.ended_at.is_(None),
    )
    return (
        select(Case.id)
        .where(
            Case.child_id == MissingEpisode.child_id,
            Case.state.in_(OPEN_CASE_STATES),
            or_(Case.lead_professional_id == func.ctx.user_id(), works.correlate(Case).exists()),
        )
        .correlate(MissingEpisode)
        .exists()
    )


def running_named(limit: int) -> Any:
    """Who is missing now, the most urgent first, as JSON: the name, and what `ui.missing_banner` shows.

    Args:
        limit: how many at most.
    """
    e = MissingEpisode
    said = func.json_build_object(
        *("reference", e.reference, "since", e.missing_since, "status", e.status, "grade", e.grade),
        *("found_at", e.found_at, "police_reference", e.police_reference),
        *("team", Team.name, "phone", Team.duty_phone),
        *("at_night", Team.answers_at_night, "authority", authority_column()),
    )
    name = func.coalesce(Child.given_name + " " + Child.family_name, e.reported_name)
    place = func.row_number().over(order_by=most_urgent_first()).label("place")
    listed = (
        running_with(place, func.json_build_object("name", name, "now", said).label("said"))
        .outerjoin(Child, Child.id == e.child_id)
        .outerjoin(Team, Team.id == e.recorded_team_id)
        .order_by(place)
        .limit(limit)
        .subquery()
    )
    in_order = aggregate_order_by(listed.c.said, listed.c.place)
    return select(func.json_agg(in_order, type_=JSON)).scalar_subquery()


def who_reported(*, message_id: UUID) -> Any:
    """Who recorded the episode of a message, and their numbers: for a desk, a front door or the hub that was
    told of it, and for whom it may not open; and for whoever reads a case on a linked record, with the
    references of these (`cases`). None for everybody else, and for a message about anything else.
    """
    return db.session.execute(
        text("select name, phone, team, team_phone, agency, cases from ctx.who_reported(:message)"),
        {"message": message_id},
    ).one_or_none()


def not_named(*, case_id: UUID) -> frozenset[Sector]:
    """Of the police and social care, those of whom nobody who works here is named on a case that is read by
    name alone, as whoever reads it sees.
    """
    now = clock.now()
    named = (
        select(Agency.sector)
        .join(User, User.agency_id == Agency.id)
        .join(AccessGrant, AccessGrant.user_id == User.id)
        .where(
            AccessGrant.case_id == case_id,
            or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now),
            User.active,
        )
    )
    return frozenset({Sector.POLICE, Sector.SOCIAL_CARE}) - set(map(Sector, db.session.scalars(named)))


def held_so(case: Case, before: Sensitivity, to: Sensitivity) -> dict[str, Any]:
    """What `lose_sight` asks of a case that is held more closely."""
    return {"case": str(case.id), "before": int(before), "to": int(to)}


def lose_sight(closes: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """Of each time that a child is missing now, who loses sight of the report where its record is held more
    closely (`ctx.lose_sight`), of what the actor sees: the rule is that of the rows, also by way of others.

    Args:
        closes: what happens: `held_so`, or the two records that were linked just now (`link`).
    """
    asked = text("select * from ctx.closing_off(:said)").bindparams(bindparam("said", type_=JSONB))
    return db.session.execute(asked, {"said": closes}).all()


def talks_unheld(*, case_id: UUID, child_id: UUID) -> list[MissingEpisode]:
    """The times of the child of a case that is read by name alone after which the police have not talked with
    it yet, and see no more that they owe it: nobody of them is named on the case or recorded the episode.
    """
    if Sector.POLICE not in not_named(case_id=case_id):
        return []
    since = days_before(clock.now(), WINDOWS[-1])
    waiting = select(MissingEpisode).join(Agency, Agency.id == MissingEpisode.recorded_agency_id)
    waiting = waiting.where(
        Agency.sector != Sector.POLICE,
        MissingEpisode.child_id == child_id,
        MissingEpisode.returned_at >= since,
        MissingEpisode.prevention_at.is_(None),
        MissingEpisode.withdrawn_at.is_(None),
    )
    return list(db.session.scalars(waiting.order_by(MissingEpisode.returned_at, MissingEpisode.id)))


def numbers_of_recorder(*, episode: MissingEpisode) -> Any:
    """The numbers at which those are reached who recorded an episode: `phone`, `team` and `team_phone`."""
    return db.session.execute(
        select(User.phone, Team.name.label("team"), Team.duty_phone.label("team_phone"))
        .select_from(User)
        .outerjoin(Team, Team.id == episode.recorded_team_id)
        .where(User.id == episode.recorded_by)
    ).one()


def interview_owner() -> Any:
    """SQL for who owes the return interview of an episode, as far as the reader sees that duty."""
    return (
        select(owner_of(Deadline))
        .where(
            Deadline.subject_id == MissingEpisode.id,
            Deadline.kind == DeadlineKind.RETURN_INTERVIEW,
            Deadline.state == DeadlineState.OPEN,
        )
        .limit(1)
        .correlate(MissingEpisode)
        .scalar_subquery()
    )


MOST_CHANGES = MOST_MATCHES = 50
MOST_ENQUIRIES = 200


def changes_of(*, episode_id: UUID) -> Rows:
    """What an episode said before it was changed, the latest change first."""
    c = MissingChange
    return latest_on(
        c.episode_id, episode_id, c.changed_at, MOST_CHANGES, by=c.changed_by, agency=c.changed_agency_id
    )


def enquiries_of(*, episode_id: UUID) -> Rows:
    """What was done to find the child, the latest first, who did it, and who recorded it."""
    e = MissingEnquiry
    return latest_on(
        e.episode_id, episode_id, e.made_at, MOST_ENQUIRIES, by=e.recorded_by, agency=e.recorded_agency_id
    )


def held_on(*, episode_id: UUID) -> dict[str, str]:
    """What an episode says in words that are held back from the reader, by column, each with who said it."""
    found = func.ctx.held_on_episode(episode_id).table_valued("field", "user_id", "agency_id")
    said = select(found.c.field, (User.name + ", " + Agency.name).label("who"))
    said = said.join(User, User.id == found.c.user_id).join(Agency, Agency.id == found.c.agency_id)
    return {row.field: row.who for row in db.session.execute(said)}


def plans_over(*, enquiry_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When a plan ended that held as something was passed on from it, by what was passed on."""
    if not enquiry_ids:
        return {}
    over = func.ctx.plan_ended_since(MissingEnquiry.id).label("over")
    found = select(MissingEnquiry.id, over).where(MissingEnquiry.id.in_(enquiry_ids))
    return {row.id: row.over for row in db.session.execute(found) if row.over}


_OTHER, _BEFORE = aliased(Child), aliased(Child)
_MATCHES = (
    select(
        MissingMatch.__table__,
        MissingEpisode.reference,
        MissingEpisode.reported_name,
        MissingEpisode.reported_dob,
        _BEFORE.reference.label("child_reference"),
        _OTHER.reference.label("other_reference"),
        _OTHER.given_name,
        _OTHER.family_name,
        _OTHER.dob,
        _OTHER.dob_is_estimate,
        _OTHER.nhs_number,
        name_of(MissingMatch.answered_by, "by"),
        name_of(MissingMatch.answered_agency_id, "agency"),
    )
    .join(MissingEpisode, MissingEpisode.id == MissingMatch.episode_id)
    .join(_BEFORE, _BEFORE.id == MissingMatch.child_id)
    .join(_OTHER, _OTHER.id == MissingMatch.other_id)
)


#: Open is a question as long as the episode is where it was when that was asked (`ctx.open_matches`).
_OPEN = (
    MissingMatch.answered_at.is_(None),
    MissingEpisode.child_id == MissingMatch.child_id,
    MissingEpisode.withdrawn_at.is_(None),
)


def open_match(*, episode_id: UUID) -> Any:
    """The oldest open question whether the child of an episode is another one, for whoever sees both."""
    return db.session.execute(
        _MATCHES.where(MissingMatch.episode_id == episode_id, *_OPEN)
        .order_by(MissingMatch.asked_at, MissingMatch.id)
        .limit(1)
    ).one_or_none()


def matches_of(*, episode_id: UUID) -> Rows:
    """What was asked and answered of whose an episode is, the latest first, with both records."""
    return db.session.execute(
        _MATCHES.where(
            MissingMatch.episode_id == episode_id, MissingMatch.answered_at.is_not(None) | and_(*_OPEN)
        )
        .order_by(MissingMatch.asked_at.desc(), MissingMatch.id.desc())
        .limit(MOST_MATCHES)
    ).all()


def matches_waiting(*, limit: int = MOST_MATCHES) -> Rows:
    """Children who were reported and may have been known, the longest asked first."""
    return db.session.execute(
        _MATCHES.where(*_OPEN).order_by(MissingMatch.asked_at, MissingMatch.id).limit(limit)
    ).all()


def picture() -> Any:
    """The reference of the picture that was added last and can be shown, or may be once it was scanned."""
    return (
        select(Attachment.reference)
        .where(
            Attachment.episode_id == MissingEpisode.id,
            Attachment.removed_at.is_(None),
            Attachment.state != AttachmentState.REFUSED,
        )
        .order_by(Attachment.added_at.desc(), Attachment.id.desc())
        .limit(1)
        .correlate(MissingEpisode)
        .scalar_subquery()
        .label("picture")
    )


def reported_alike(one: Any, beside: Any) -> ColumnElement[bool]:
    """Whether an episode may stand beside another of its child: for whoever does not see the child, if both
    were reported by the same name and date of birth.

    Args:
        one, beside: the table of episodes, an alias of it or an episode.
    """
    child = aliased(Child)
    return or_(
        and_(
            func.lower(one.reported_name) == func.lower(beside.reported_name),
            one.reported_dob.is_not_distinct_from(beside.reported_dob),
        ),
        select(child.id).where(child.id == beside.child_id).correlate_except(child).exists(),
    )


def running_beside(*, episode: MissingEpisode) -> Rows:
    """Other reports that have not ended and that the reader may take for reports of the same child: of the
    child or one of its linked records, for whoever sees that child; else of the same name and date of birth.
    """
    e = MissingEpisode
    same = func.array_append(func.ctx.read_as_same(episode.child_id), episode.child_id)
    known = select(Child.id).where(Child.id == e.child_id).exists()
    alike = and_(
        func.lower(e.reported_name) == episode.reported_name.lower(),
        e.reported_dob.is_not_distinct_from(episode.reported_dob),
    )
    found = running_with(e.reference, e.missing_since, name_of(e.recorded_agency_id, "agency"))
    found = found.where(e.id != episode.id, or_(alike, and_(e.child_id == any_(same), known)))
    return db.session.execute(found.order_by(e.missing_since, e.id)).all()


def double_of(*, episode: MissingEpisode) -> MissingEpisode | None:
    """The report of which one is a double, for whoever reads that too."""
    return db.session.get(MissingEpisode, episode.double_of) if episode.double_of else None


def talk_on(*, episode: MissingEpisode) -> PreventionTalk | None:
    """What came of the talk of the police, for whoever may read it."""
    return db.session.get(PreventionTalk, episode.id)


def may_be_named(*, episode: MissingEpisode, person: Principal) -> list[tuple[UUID, str]]:
    """The other agencies that somebody may name to read what came of the talk: those that work with the child
    as far as they see them, which recorded it, and social care of the authorities that it names.
    """
    authorities = [one for one in (episode.responsible_authority, episode.host_authority) if one]
    working = {row.id for row in involved_agencies(child_id=episode.child_id)}
    found = select(Agency.id, Agency.name).where(
        Agency.active,
        Agency.id != person.agency_id,
        or_(
            Agency.id.in_({*working, episode.recorded_agency_id}),
            Agency.sector == Sector.HUB,
            and_(Agency.sector == Sector.SOCIAL_CARE, Agency.authority.in_(authorities)),
        ),
    )
    return [(row.id, row.name) for row in db.session.execute(found.order_by(Agency.name)).all()]
