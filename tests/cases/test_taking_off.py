"""Whoever is taken off a closely held case leaves nothing there that nobody sees to."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.records.cases.model import AccessGrant, Alert, Case, Involvement
from portal.records.linked_processes.model import LinkedProcess
from portal.records.plans.model import Action
from portal.vocabulary import Sensitivity
from tests.cases.pages import words
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert, grant
from tests.factories.linked import make_process
from tests.factories.plans import make_action


@pytest.fixture
def named(rows: Session, cast: Cast, case: Case) -> AccessGrant:
    """The nurse, named on the restricted case; the officer is named too."""
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    grant(rows, case, cast.officer, by=cast.coordinator)
    return grant(rows, case, cast.nurse, by=cast.coordinator)


@pytest.fixture
def alert(rows: Session, cast: Cast, case: Case, named: AccessGrant) -> Alert:
    """The nurse owns it, and its review is overdue."""
    made = add_alert(rows, case, cast.nurse)
    made.review_on = clock.today() - timedelta(days=1)
    rows.commit()
    return made


def page_of(case: Case, named: AccessGrant) -> str:
    return f"/cases/{case.reference}/named/{named.id}/end"


def chosen(client: Client, page: str) -> set[str]:
    """Whom the page offers to take over."""
    box = client.soup(page).select("select[name=take_over] option")
    return {str(one["value"]) for one in box} - {""}


def test_what_they_own_is_listed_and_goes_to_whom_was_chosen_before_they_are_taken_off(
    rows: Session, cast: Cast, case: Case, named: AccessGrant, alert: Alert, client_for: ClientFor
) -> None:
    action = make_action(rows, case, cast.nurse, cast.coordinator)
    process = make_process(rows, case, cast.nurse)
    client, page = client_for(cast.coordinator), page_of(case, named)
    assert client.soup(f"/cases/{case.reference}/manage").find("a", href=page)
    listed = words(client.soup(page))
    assert f"Actions of theirs that are open: 1 ({action.reference})" in listed
    assert "Alerts that they review: 1 (" in listed
    assert f"Processes of other services that they see to: 1 ({process.reference})" in listed
    assert chosen(client, page) == {str(cast.coordinator.id), str(cast.officer.id)}, "who reads the case"
    for said in ({}, {"take_over": str(cast.nurse.id), "reason": "x"}, {"take_over": str(cast.officer.id)}):
        assert client.submit(page, said).status_code == 422
    rows.expire_all()
    assert named.ends_at is None
    assert alert.owner_id == cast.nurse.id
    said = {"take_over": str(cast.officer.id), "reason": "Has moved away"}
    assert client.submit(page, said).status_code == 303
    rows.expire_all()
    assert named.ends_at is not None
    assert alert.owner_id == cast.officer.id
    assert rows.get_one(Action, action.id).owner_id == cast.officer.id
    assert rows.get_one(LinkedProcess, process.id).owner_id == cast.officer.id
    left = select(Deadline.kind).where(Deadline.owner_id == cast.nurse.id, Deadline.state == "open")
    assert not rows.scalars(left.where(Deadline.case_id == case.id)).all()


def test_who_owns_nothing_is_taken_off_without_more(
    rows: Session, cast: Cast, case: Case, named: AccessGrant, client_for: ClientFor
) -> None:
    client, page = client_for(cast.coordinator), page_of(case, named)
    shown = client.soup(page)
    assert "can then no longer read the case" in words(shown)
    assert shown.find("select") is None
    assert client.submit(page).status_code == 303
    assert client.get(page).status_code == 404


def test_what_came_to_them_since_the_page_was_shown_keeps_them_on_the_case(
    rows: Session, cast: Cast, case: Case, named: AccessGrant, client_for: ClientFor
) -> None:
    client, page = client_for(cast.coordinator), page_of(case, named)
    assert client.soup(page).find("select") is None
    add_alert(rows, case, cast.nurse)
    rows.commit()
    answer = client.submit(page)
    assert answer.status_code == 422
    assert "Choose who takes over" in answer.text
    rows.expire_all()
    assert named.ends_at is None


def test_only_whoever_names_people_takes_them_off(
    cast: Cast, case: Case, named: AccessGrant, client_for: ClientFor
) -> None:
    page = page_of(case, named)
    for who, expected in (
        (cast.officer, 403),
        (cast.colleague, 403),
        (cast.stranger, 404),
        (cast.teacher, 404),
    ):
        client = client_for(who)
        assert client.get(page).status_code == expected
        assert client.submit(page).status_code == expected


def test_what_one_of_a_team_owes_is_said_before_its_work_ends_and_keeps_it_on_the_case(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    team = rows.scalars(select(Involvement).filter_by(case_id=case.id, team_id=cast.police_team.id)).one()
    duty = rows.scalars(select(Deadline)).one()
    duty.owner_id, duty.owner_team_id, duty.owner_agency_id = cast.colleague.id, None, None
    rows.commit()
    assert team.worker_id != cast.colleague.id, "of the team, and not its worker"
    client, page = client_for(cast.coordinator), f"/cases/{case.reference}/network/{team.id}/end"
    owed = "This team still has to: finish the risk assessment."
    assert owed in words(client.soup(page))
    refused = client.submit(page, {"reason": "Their work is done"})
    assert refused.status_code == 422
    duty.owner_id = cast.social_worker.id
    rows.commit()
    assert owed not in words(client.soup(page))
    assert client.submit(page, {"reason": "Their work is done"}).status_code == 303
