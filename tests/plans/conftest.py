"""What the tests of plans share: a case that social care leads, and steps on its actions."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.people.model import Team, User
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action
from tests.assessments.conftest import case_of_three
from tests.cast import Cast

Acting = Callable[[User], AbstractContextManager[Principal]]

GIVEN: dict[str, Any] = {
    "what": "Visit the bus station on Friday evenings",
    "measure": "Nobody meets the child there",
    "category": "disrupt",
    "target": "place",
}


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """The case whose plan it is: social care leads, the police and health work on it."""
    return case_of_three(rows, cast)


def gives(acting: Acting, person: User, case: Case, owner: User | Team, **changes: Any) -> Action:
    """Somebody gives somebody an action; it is due in two weeks."""
    said = GIVEN | {"due_on": clock.today() + timedelta(days=14)} | changes
    with acting(person) as actor:
        found = give_action(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            owner=db.session.merge(owner, load=True),
            **said,
        )
        db.session.flush()
        db.session.expunge(found)
    return found


def steps(acting: Acting, person: User, action: Action, step: Callable[..., Any], **said: Any) -> None:
    """Somebody takes a step on an action, having seen it as it stands."""
    with acting(person) as actor:
        record = db.session.get_one(Action, action.id)
        step(actor=actor, action=record, **({"version": record.version} | said))
