"""What the tests of asking share: a case with three agencies on it, and words to ask with."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.people.model import Team, User
from portal.records.referrals.model import Referral
from portal.records.requests.asking import ask
from portal.records.requests.model import InformationRequest
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child

Acting = Callable[[User], AbstractContextManager[Principal]]
QUESTION: dict[str, Any] = {
    "question": "Has the child been seen in clinic since September?",
    "why": "To assess the risk",
}


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A normal case that social care leads, with the police on it. The council works elsewhere."""
    case = make_case(
        rows,
        make_child(rows, "Ada", "Fictional", nhs_number="9434765919"),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
        authority="derbyshire",
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


def asks(
    acting: Acting,
    person: User,
    case: Case,
    *teams: Team,
    meeting: Meeting | None = None,
    form: Referral | None = None,
    fails: Exception | None = None,
    **said: Any,
) -> None:
    """Somebody asks teams about the child of a case; from a form, where one is given."""
    whom = {"teams": [team.id for team in teams]}
    with acting(person) as actor:
        ask(
            actor=actor,
            child_id=case.child_id,
            case=None if form else db.session.get_one(Case, case.id),
            referral=db.session.get_one(Referral, form.id) if form else None,
            meeting=db.session.get_one(Meeting, meeting.id) if meeting else None,
            **(whom | QUESTION | said),
        )
        if fails:
            raise fails


def changes(
    acting: Acting, person: User, request_id: UUID, change: Callable[..., object], **said: Any
) -> None:
    """Somebody does something with a question."""
    with acting(person) as actor:
        change(actor=actor, request=db.session.get_one(InformationRequest, request_id), **said)


def questions(rows: Session) -> list[InformationRequest]:
    """Every question, as it is in the database."""
    rows.rollback()
    return list(rows.scalars(select(InformationRequest).order_by(InformationRequest.reference)))
