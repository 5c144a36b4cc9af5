"""Of a team of which nobody has signed in yet the page says that an e-mail is all, and whom to ring."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.people.model import StaffInvite, Team, User
from tests.cases.pages import words
from tests.cases.test_network import join
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.factories.people import make_team, make_user


@pytest.fixture
def invited(rows: Session, cast: Cast) -> tuple[Team, User]:
    """A new team with a number, and its one person, who was invited."""
    team = make_team(rows, cast.council, "Hillside safety")
    team.duty_phone = "01632 960 555"
    person = make_user(rows, cast.council, "Ivo Invited", teams=(team,))
    rows.add(
        StaffInvite(
            user_id=person.id,
            token_hash=b"0" * 32,
            invited_by=cast.administrator.id,
            expires_at=clock.now() + timedelta(days=7),
        )
    )
    rows.commit()
    return team, person


def said(client_for: ClientFor, cast: Cast, case: Case, team: Team) -> str:
    client = client_for(cast.coordinator)
    assert join(client, case, team).status_code == 303
    return words(client.soup(f"/cases/{case.reference}"))


def test_a_team_of_which_nobody_has_signed_in_is_not_said_to_be_told_in_the_portal(
    cast: Cast, case: Case, client_for: ClientFor, invited: tuple[Team, User]
) -> None:
    page = said(client_for, cast, case, invited[0])
    assert "to Hillside safety, where nobody has signed in yet" in page
    assert "Ring 01632 960 555." in page
    assert "in the portal: Hillside safety" not in page


def test_once_somebody_of_it_has_taken_the_invitation_up_they_are_told(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, invited: tuple[Team, User]
) -> None:
    rows.query(StaffInvite).one().accepted_at = clock.now()
    rows.commit()
    page = said(client_for, cast, case, invited[0])
    assert "and in the portal: Hillside safety (joins the case)" in page
    assert "nobody has signed in" not in page
