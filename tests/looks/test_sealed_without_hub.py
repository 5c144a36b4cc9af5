"""Sealed cases on which no coordinator is named are found, so that somebody names one."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import AccessGrant, Case
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.assessments.conftest import case_of_three
from tests.cases.pages import words
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child

HEADING = "Sealed cases that name no coordinator"


@pytest.fixture
def alone(rows: Session, cast: Cast) -> Case:
    """Sealed before a coordinator had to be named: the lead professional alone reads it."""
    case = case_of_three(rows, cast)
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    return case


def listed(client_for: ClientFor, cast: Cast) -> str:
    return words(client_for(cast.governance).soup("/looks"))


def test_governance_is_led_to_a_sealed_case_without_a_coordinator_until_one_is_named(
    rows: Session, cast: Cast, alone: Case, client_for: ClientFor
) -> None:
    page = listed(client_for, cast)
    assert HEADING in page
    assert f"{alone.reference} (led by {cast.social_care.name})" in page
    named = grant(rows, alone, cast.coordinator, by=cast.social_worker)
    assert HEADING not in listed(client_for, cast)
    rows.get_one(AccessGrant, named.id).ends_at = clock.now()
    rows.commit()
    assert alone.reference in listed(client_for, cast)


def test_one_whose_coordinator_has_left_or_coordinates_no_more_is_found_and_an_ended_one_is_not(
    rows: Session, cast: Cast, alone: Case, client_for: ClientFor
) -> None:
    grant(rows, alone, cast.coordinator, by=cast.social_worker)
    assert alone.reference not in listed(client_for, cast)
    for changes in ({"active": False}, {"active": True, "roles": ["practitioner"]}):
        for name, value in changes.items():
            setattr(rows.get_one(User, cast.coordinator.id), name, value)
        rows.commit()
        assert alone.reference in listed(client_for, cast)
    rows.get_one(Case, alone.id).state = "closed"
    rows.commit()
    assert HEADING not in listed(client_for, cast)


def test_nobody_else_learns_of_it_by_the_page_or_by_a_statement(
    rows: Session, cast: Cast, alone: Case, client_for: ClientFor, asking: Asking
) -> None:
    make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    for person in (cast.colleague, cast.stranger, cast.social_care_manager, cast.second_coordinator):
        page = client_for(person).get("/looks").text
        assert alone.reference not in page
        assert HEADING not in page
    for other in (cast.coordinator, cast.officer, cast.administrator, cast.social_care_manager):
        with asking(other) as session:
            assert not session.scalars(select(func.ctx.sealed_to_mend().column_valued())).all()


def test_the_command_before_the_portal_opens_counts_them(
    app: Flask, rows: Session, cast: Cast, alone: Case
) -> None:
    says = "Sealed cases that name no coordinator: 1."
    ready = app.test_cli_runner().invoke(args=["ready"])
    assert ready.exit_code == 1
    assert says in ready.output
    assert alone.reference not in ready.output
    grant(rows, alone, cast.coordinator, by=cast.social_worker)
    assert says not in app.test_cli_runner().invoke(args=["ready"]).output
