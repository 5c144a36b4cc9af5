"""Whoever is asked sees who the child is and the question, not one row more, and only while it is asked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import TeamMember
from portal.records.referrals.model import ReferralChild
from portal.records.requests.answering import answer, withdraw
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.vocabulary import ReferralState, Role, Sensitivity
from tests.access.gaining import Asking, Gains, beyond_a_colleague
from tests.cast import Cast
from tests.factories.cases import add_alert, add_entry, grant
from tests.factories.meetings import make_meeting
from tests.factories.people import make_team, make_user
from tests.factories.referrals import make_sent_referral, subjects_of
from tests.requests.conftest import Acting, asks, changes, questions

#: Of a child and its case, what a question lets the asked read: the identity, the question, and its clock.
REACH = {"child": 1, "child_scope": 1, "information_request": 1, "deadline": 1}


@pytest.fixture
def request_id(rows: Session, cast: Cast, case: Case, acting: Acting) -> UUID:
    """The council is asked on a case with a bit of everything; the health team is asked as well."""
    add_entry(rows, case, cast.officer, "Seen with a man of 26.")
    add_alert(rows, case, cast.officer)
    make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case])
    asks(acting, cast.social_worker, case, cast.health_team)
    changes(acting, cast.nurse, questions(rows)[0].id, answer, text="Known.", handling=Handling.NETWORK)
    asks(acting, cast.social_worker, case, cast.council_team)
    return rows.scalars(
        select(InformationRequest.id).where(InformationRequest.asked_team_id == cast.council_team.id)
    ).one()


@pytest.fixture
def gains(rows: Session, cast: Cast, asking: Asking) -> Gains:
    """How many rows of each table somebody sees beyond a colleague in another team of their agency."""
    return beyond_a_colleague(rows, cast, asking)


@pytest.mark.parametrize("sensitivity", [Sensitivity.NORMAL, Sensitivity.RESTRICTED])
def test_the_asked_read_identity_and_question_and_nothing_of_the_case(
    rows: Session,
    cast: Cast,
    case: Case,
    request_id: UUID,
    gains: Gains,
    sensitivity: Sensitivity,
) -> None:
    case.sensitivity = int(sensitivity)
    rows.commit()
    assert gains(cast.community_safety) == REACH


def test_their_own_answer_is_all_that_is_added(
    cast: Cast, acting: Acting, request_id: UUID, gains: Gains
) -> None:
    changes(acting, cast.community_safety, request_id, answer, text="Seen.", handling=Handling.OWN)
    assert gains(cast.community_safety) == {**REACH, "information_answer": 1}


def end_by_withdrawing(rows: Session, cast: Cast, case: Case, acting: Acting, request_id: UUID) -> None:
    changes(acting, cast.social_worker, request_id, withdraw, reason="Wrong team")


def end_by_time(rows: Session, cast: Cast, case: Case, acting: Acting, request_id: UUID) -> None:
    changes(acting, cast.community_safety, request_id, answer, text="Seen.", handling=Handling.NETWORK)
    rows.get_one(InformationRequest, request_id).reach_until = clock.now() - timedelta(seconds=1)
    rows.commit()


def end_by_sealing(rows: Session, cast: Cast, case: Case, acting: Acting, request_id: UUID) -> None:
    for person in (cast.coordinator, cast.social_worker):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()


def end_by_leaving(rows: Session, cast: Cast, case: Case, acting: Acting, request_id: UUID) -> None:
    rows.execute(delete(TeamMember).where(TeamMember.user_id == cast.community_safety.id))
    rows.commit()


@pytest.mark.parametrize("end", [end_by_withdrawing, end_by_time, end_by_sealing, end_by_leaving])
def test_when_it_is_over_nothing_is_left(
    rows: Session,
    cast: Cast,
    case: Case,
    acting: Acting,
    request_id: UUID,
    gains: Gains,
    asking: Asking,
    end: Callable[..., None],
) -> None:
    end(rows, cast, case, acting, request_id)
    left = gains(cast.community_safety)
    assert left.keys() <= {"deadline"}, "that their team owed something, and not what"
    with asking(cast.community_safety) as session:
        reasons = session.scalars(select(Deadline.move_reason).where(Deadline.request_id == request_id))
        assert set(reasons) <= {None, "Withdrawn"}, "nobody’s words about the case"


@pytest.mark.parametrize("who", ["nurse", "stranger", "teacher"])
def test_nobody_else_sees_what_one_team_is_asked(
    cast: Cast, asking: Asking, request_id: UUID, who: str
) -> None:
    with asking(getattr(cast, who)) as session:
        assert session.get(InformationRequest, request_id) is None


def test_who_reads_the_case_reads_what_others_are_asked_and_the_answers_that_are_not_kept_from_them(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking, request_id: UUID
) -> None:
    """The police work on the case: their officer is asked too, and reads what the council is asked."""
    asks(acting, cast.social_worker, case, cast.police_team)
    said: dict[str, dict[str, Any]] = {
        "All": {"handling": Handling.NETWORK},
        "Some": {"handling": Handling.AGENCIES, "listed": (cast.police.id,)},
        "Others": {"handling": Handling.AGENCIES, "listed": (cast.health.id,)},
        "None": {"handling": Handling.OWN},
    }
    for seen, (text, who) in enumerate(said.items()):
        changes(acting, cast.community_safety, request_id, answer, text=text, seen=seen, **who)
    with asking(cast.officer) as session:
        assert session.get(InformationRequest, request_id) is not None
        read = select(InformationAnswer.text).filter_by(request_id=request_id)
        assert set(session.scalars(read)) == {"All", "Some"}
    for person in (cast.nurse, cast.teacher, cast.stranger):
        with asking(person) as session:
            assert (
                session.scalars(select(InformationAnswer.text).filter_by(request_id=request_id)).all() == []
            )


def test_on_a_form_the_coordinators_read_the_questions_and_the_asked_only_their_own(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking
) -> None:
    form = make_sent_referral(rows, cast.teacher, state=ReferralState.IN_TRIAGE)
    (subject,) = subjects_of(rows, form)
    known = {"child_id": case.child_id, "matched_at": clock.now()}
    rows.add(ReferralChild(subject_id=subject.id, referral_id=form.id, **known))
    rows.commit()
    asks(acting, cast.coordinator, case, cast.health_team, cast.council_team, form=form)
    for person, number in (
        (cast.coordinator, 2),
        (cast.nurse, 1),
        (cast.community_safety, 1),
        (cast.officer, 0),
    ):
        with asking(person) as session:
            found = session.scalars(select(InformationRequest).filter_by(referral_id=form.id)).all()
            assert len(found) == number, person.name


def test_a_manager_of_the_agency_who_is_in_another_team_is_not_asked(
    rows: Session, cast: Cast, asking: Asking, request_id: UUID
) -> None:
    team = make_team(rows, cast.council, "Housing options")
    manager = make_user(rows, cast.council, "Max Manager", Role.MANAGER, teams=(team,))
    with asking(manager) as session:
        assert session.get(InformationRequest, request_id) is None
        assert session.scalar(select(func.count()).select_from(Case)) == 0
