"""The year of a child above the lines of the chronology: what is numbered, and what it says."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.records.children.model import Child
from portal.records.people.model import User
from portal.web.pictures.year import MOST_NUMBERED
from tests.cast import Cast
from tests.chronology.test_budget import EPISODES
from tests.client import Client
from tests.meetings.calls import make_called_case

WITHOUT = f"Kinds with more than {MOST_NUMBERED} are drawn without numbers."


def test_episodes_that_are_too_many_are_drawn_without_numbers_and_the_page_says_so(
    rows: Session, cast: Cast, client_for: Callable[[User | None], Client]
) -> None:
    case = make_called_case(rows, cast)
    address = f"/children/{rows.get_one(Child, case.child_id).reference}/chronology"
    client = client_for(cast.social_worker)
    assert WITHOUT not in client.get(address).text
    rows.execute(EPISODES, {"child": case.child_id, "author": cast.officer.id, "agency": cast.police.id})
    rows.commit()
    said = client.get(address).text
    assert WITHOUT in said
    assert "missing episodes." in said
