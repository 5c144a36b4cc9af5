"""What the tests of missing episodes share: reporting one as somebody, and the steps on it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.missing.reporting import Who, report_missing
from portal.records.missing.steps import end_episode, withdraw_episode
from portal.records.people.model import User
from tests.assessments.conftest import case_of_three
from tests.cast import Cast

Acting = Callable[[User], AbstractContextManager[Principal]]

BORN = date(2011, 7, 3)


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """The case of a child: social care leads, the police and health work on it."""
    return case_of_three(rows, cast)


def said(since: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """What is said of an episode that began some hours ago."""
    facts: dict[str, Any] = {
        "status": "missing",
        "missing_since": since or clock.now() - timedelta(hours=3),
        "reported_by": "The carer, Odalys Brontide",
        "missing_from": "residential",
        "circumstances": "Left after a phone call",
        "last_seen": "At the gate",
        "wearing": "A green coat",
        "believed_with": "Not known",
        "trigger_plan_used": None,
        "police_reference": None,
        "responsible_authority": "derbyshire",
        "host_authority": None,
    }
    return facts | changes


def reports(
    acting: Acting, person: User, *, child: Child | None = None, name: str = "", **changes: Any
) -> MissingEpisode:
    """Somebody reports a child: one that they see, or one by name and date of birth."""
    given, _, family = name.partition(" ")
    dob, nhs_number = changes.pop("dob", BORN), changes.pop("nhs_number", None)
    once = changes.pop("once", None) or uuid4()
    with acting(person) as actor:
        who = (
            Who(child=db.session.get_one(Child, child.id))
            if child is not None
            else Who(given_name=given, family_name=family, dob=dob, nhs_number=nhs_number)
        )
        found = report_missing(actor=actor, who=who, facts=said(**changes), once=once)
        db.session.flush()
        db.session.expunge(found)
    return found


def returns(acting: Acting, person: User, episode: MissingEpisode, at: datetime | None = None) -> None:
    """Somebody says that the child is back."""
    with acting(person) as actor:
        record = db.session.get_one(MissingEpisode, episode.id)
        end_episode(
            actor=actor,
            episode=record,
            facts={
                "returned_at": at or clock.now() - timedelta(minutes=5),
                "how_found": "police",
                "found_where": "The bus station",
                "found_with": "",
                "injuries": "None seen",
            },
            version=record.version,
        )


def finds(acting: Acting, person: User, episode: MissingEpisode) -> None:
    """Somebody says that the child was found, and is not back yet."""
    with acting(person) as actor:
        record = db.session.get_one(MissingEpisode, episode.id)
        found = {"how_found": "police", "found_where": "At a flat", "found_with": "", "injuries": "A bruise"}
        times = {"found_at": clock.now() - timedelta(minutes=10), "returned_at": None}
        end_episode(actor=actor, episode=record, facts=found | times, version=record.version)


def says_hurt(acting: Acting, person: User, episode: MissingEpisode) -> None:
    """Somebody puts right what was said of the return: the child was hurt."""
    with acting(person) as actor:
        record = db.session.get_one(MissingEpisode, episode.id)
        said = {
            name: getattr(record, name) for name in ("returned_at", "how_found", "found_where", "found_with")
        }
        facts = said | {"injuries": "Bruises on both arms"}
        end_episode(actor=actor, episode=record, facts=facts, version=record.version)


def withdraws(acting: Acting, person: User, episode: MissingEpisode, *, double_of: str = "") -> None:
    """Somebody says that there was no such episode, or that it was reported twice."""
    with acting(person) as actor:
        record = db.session.get_one(MissingEpisode, episode.id)
        reason, version = "Was at a grandparent’s", record.version
        withdraw_episode(actor=actor, episode=record, reason=reason, version=version, double_of=double_of)
