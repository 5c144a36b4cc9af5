"""Reach of a person on a case, as the database shows it to the application's role."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case, CaseNotice, ChronologyEntry
from portal.records.children.model import Child, ChildRecord
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import SignInSession, User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import add_entry, grant, involve, make_case, make_child

Asking = Callable[[User | None], AbstractContextManager[Session]]


def seen(asking: Asking, person: User | None, model: type) -> int:
    with asking(person) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


@pytest.mark.parametrize(
    ("who", "sensitivity", "full", "notice"),
    [
        ("officer", Sensitivity.NORMAL, 1, 1),
        ("colleague", Sensitivity.NORMAL, 1, 1),
        ("neighbour", Sensitivity.NORMAL, 0, 0),
        ("police_manager", Sensitivity.NORMAL, 1, 1),
        ("stranger", Sensitivity.NORMAL, 0, 0),
        ("nurse", Sensitivity.NORMAL, 0, 0),
        ("coordinator", Sensitivity.NORMAL, 1, 1),
        ("governance", Sensitivity.NORMAL, 0, 1),
        ("administrator", Sensitivity.NORMAL, 0, 0),
        ("officer", Sensitivity.RESTRICTED, 0, 1),
        ("police_manager", Sensitivity.RESTRICTED, 0, 1),
        ("coordinator", Sensitivity.RESTRICTED, 1, 1),
        ("officer", Sensitivity.SEALED, 0, 0),
        ("coordinator", Sensitivity.SEALED, 0, 0),
        ("governance", Sensitivity.SEALED, 0, 1),
    ],
)
def test_reach_follows_role_team_and_sensitivity(
    rows: Session,
    cast: Cast,
    case: Case,
    asking: Asking,
    who: str,
    sensitivity: Sensitivity,
    full: int,
    notice: int,
) -> None:
    case.sensitivity = int(sensitivity)
    rows.commit()
    person = getattr(cast, who)
    assert seen(asking, person, Case) == full
    assert seen(asking, person, CaseNotice) == notice
    assert seen(asking, person, Child) == full
    assert seen(asking, person, ChildRecord) == full


def test_a_grant_opens_even_a_sealed_case_until_it_ends(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    given = grant(rows, case, cast.coordinator, by=cast.coordinator, until=clock.now() + timedelta(hours=1))
    assert seen(asking, cast.coordinator, Case) == 1
    given.ends_at = clock.now()
    rows.commit()
    assert seen(asking, cast.coordinator, Case) == 0


def test_an_administrator_reaches_nothing_even_by_a_grant(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    grant(rows, case, cast.administrator, by=cast.coordinator)
    assert seen(asking, cast.administrator, Case) == 0


def test_former_involvement_reaches_nothing(rows: Session, cast: Cast, case: Case, asking: Asking) -> None:
    involvement = involve(rows, case, cast.health_team, by=cast.coordinator)
    assert seen(asking, cast.nurse, Case) == 1
    involvement.ended_at = clock.now()
    rows.commit()
    assert seen(asking, cast.nurse, Case) == 0


def test_nobody_reaches_nothing(case: Case, asking: Asking) -> None:
    assert seen(asking, None, Case) == 0
    assert seen(asking, None, User) == 0


@pytest.mark.parametrize(
    ("handling", "who", "sees"),
    [
        (Handling.NETWORK, "social_worker", 1),
        (Handling.NETWORK, "coordinator", 1),
        (Handling.OWN, "colleague", 1),
        (Handling.OWN, "social_worker", 0),
        (Handling.OWN, "coordinator", 0),
        (Handling.AGENCIES, "social_worker", 1),
        (Handling.AGENCIES, "coordinator", 0),
        (Handling.NETWORK, "stranger", 0),
    ],
)
def test_handling_narrows_an_entry_and_no_role_widens_it(
    rows: Session, cast: Cast, case: Case, asking: Asking, handling: Handling, who: str, sees: int
) -> None:
    add_entry(rows, case, cast.officer, handling=handling, listed=(cast.social_care.id,))
    assert seen(asking, getattr(cast, who), ChronologyEntry) == sees


def test_the_application_cannot_read_sessions_or_become_another_role(
    app: object, asking: Asking, cast: Cast
) -> None:
    for statement in (
        "select * from ctx.session",
        "set role portal_owner",
        "select ctx.rescope_case('00000000-0000-0000-0000-000000000000')",
        "delete from case_scope",
        "insert into case_scope select * from case_scope",
        "update audit_event set action = 'x'",
        "delete from audit_event",
        "set session_replication_role = replica",
    ):
        with asking(cast.officer) as session, pytest.raises(DBAPIError):
            session.execute(text(statement))


def test_a_forged_context_is_nobody(rows: Session, cast: Cast, case: Case, asking: Asking) -> None:
    token_hash = rows.scalars(select(SignInSession.token_hash)).first()
    for forged in (str(cast.coordinator.id), token_hash.hex() if token_hash else "x", "' or true --"):
        with asking(None) as session:
            session.execute(text("select set_config('portal.session', :t, true)"), {"t": forged})
            assert session.scalar(select(func.count()).select_from(Case)) == 0
