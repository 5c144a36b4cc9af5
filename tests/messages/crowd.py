"""A case with somebody else on each ground on which people are told: no ground hides behind another."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.people.model import User
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.plans import make_action
from tests.told import heard

Acting = Callable[[User], AbstractContextManager[Principal]]

TEAMS = ("social_care_team", "police_team", "health_team")


@dataclass(frozen=True)
class Crowd:
    """The case: the social worker leads it, the social care manager manages there, officer and nurse work on
    it, the teacher is named on it, the chair chairs a meeting to which the community safety officer is
    invited, and the stranger has an action.
    """

    rows: Session
    cast: Cast
    case: Case
    meeting: Meeting
    acting: Acting

    def does(self, who: str, step: Callable[..., Any], **said: Any) -> Any:
        """Somebody takes a step on the case; what is said is as it is in the database now."""
        with self.acting(getattr(self.cast, who)) as actor:
            now = {name: self.now(one) for name, one in said.items()}
            if now.get("version") == 0:
                now["version"] = db.session.get_one(Case, self.case.id).version
            return step(actor=actor, case=db.session.get_one(Case, self.case.id), **now)

    @staticmethod
    def now(one: Any) -> Any:
        """A record as this session reads it; a list of records likewise; anything else as it is."""
        if isinstance(one, list):
            return [Crowd.now(each) for each in one]
        mapped = hasattr(one, "__tablename__") and hasattr(one, "id")
        return db.session.get_one(type(one), one.id) if mapped else one

    def heard(self, event: str) -> set[str]:
        """Who heard of an event, how, and in which words."""
        return heard(self.rows, self.cast, event)


@pytest.fixture
def crowd(rows: Session, cast: Cast, acting: Acting) -> Crowd:
    """The case of many."""
    case = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
        authority="derbyshire",
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    grant(rows, case, cast.teacher, by=cast.coordinator)
    notes = cast.second_coordinator
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=notes, granted=False)
    make_invitation(rows, meeting, person=cast.community_safety, by=cast.chair)
    make_action(rows, case, cast.stranger, cast.coordinator)
    return Crowd(rows, cast, case, meeting, acting)


def mail(kind: str, *who: str) -> set[str]:
    """Each of some by e-mail."""
    return {f"{one} mail {kind}" for one in who}


def bell(kind: str, *who: str) -> set[str]:
    """Each of some in the portal."""
    return {f"{one} portal {kind}" for one in who}


def digest(kind: str, *who: str) -> set[str]:
    """Each of some in the morning message."""
    return {f"{one} digest {kind}" for one in who}
