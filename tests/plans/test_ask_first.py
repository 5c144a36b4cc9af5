"""Whoever does an action and does not read the case is led to ask before a visit, warned or not."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.people.model import User
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert
from tests.factories.plans import make_action

Browser = Callable[[User | None], Client]
ASK = "Before you visit or call anybody, ask whoever gave you this action, or"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case of three agencies; the school works on it not."""
    return case_of_three(rows, cast)


@pytest.mark.parametrize("warned", [False, True])
def test_an_owner_who_does_not_read_the_case_is_led_to_ask_and_sees_no_warning(
    rows: Session, cast: Cast, case: Case, client_for: Browser, warned: bool
) -> None:
    action = make_action(rows, case, cast.teacher, cast.social_worker)
    if warned:
        add_alert(rows, case, cast.social_worker, "Quillalert at the door")
    rows.commit()
    page = f"/actions/{action.reference}"
    owner = " ".join(client_for(cast.teacher).soup(page).get_text(" ").split())
    assert ASK in owner
    assert "no warning that may stand there is shown to you" in owner
    assert "Quillalert" not in owner, "reach of whoever only owns an action holds no alert (design)"
    worker = " ".join(client_for(cast.social_worker).soup(page).get_text(" ").split())
    assert ASK not in worker
    assert ("Quillalert" in worker) is warned
    for who in (cast.stranger, cast.community_safety):
        assert client_for(who).get(page).status_code == 404, who.name
