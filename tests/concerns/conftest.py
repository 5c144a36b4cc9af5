"""What the tests of concerns share: whose districts, a case of three agencies, and recording something."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.concerns.keeping import create_concern
from portal.records.concerns.model import Concern
from portal.records.concerns.rules import Described
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.people.model import User
from tests.assessments.conftest import case_of_three
from tests.cast import Cast

Acting = Callable[[User], AbstractContextManager[Principal]]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """Social care leads, the police and health work on it."""
    return case_of_three(rows, cast)


@pytest.fixture
def districts(rows: Session, cast: Cast) -> None:
    """The borough council has one district, the other council another."""
    cast.council.districts, cast.other_council.districts = ["erewash"], ["derby"]
    rows.commit()


def records(acting: Acting, person: User, kind: str = "place", **said: Any) -> Concern:
    """Somebody records something of concern."""
    how = {name: said.pop(name) for name in ("restricted", "source", "once", "team_id") if name in said}
    facts: dict[str, Any] = {"name": "Zubrowka Arcade"} | said
    with acting(person) as actor:
        made = create_concern(actor=actor, kind=ConcernKind(kind), said=Described(**facts), **how)
        db.session.flush()
        db.session.expunge(made)
    return made


def acts(acting: Acting, person: User, concern: Concern, verb: Callable[..., Any], **said: Any) -> Any:
    """Somebody does something to it, having seen it as it stands."""
    with acting(person) as actor:
        record = db.session.get_one(Concern, concern.id)
        if "version" in verb.__annotations__ and "version" not in said:
            said["version"] = record.version
        return verb(actor=actor, concern=record, **said)
