"""Whoever could not be told is the hub's work until somebody says how they know."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import Untold
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_case, make_child

ClientFor = Callable[[User], Client]


@pytest.fixture
def untold(rows: Session, cast: Cast) -> Untold:
    """Nobody at the police desk could be told of something."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    made = Untold(
        event="warning_set",
        ground="police_desk",
        reason="nobody",
        subject_kind="cre_case",
        subject_id=case.id,
        reference=case.reference,
        case_id=case.id,
        urgent=True,
        caused_by=cast.social_worker.id,
        created_at=clock.now(),
        seen_to_words="",
    )
    rows.add(made)
    rows.commit()
    return made


def test_the_hub_sees_it_and_says_how_they_were_told(
    rows: Session, cast: Cast, untold: Untold, client_for: ClientFor
) -> None:
    client = client_for(cast.coordinator)
    page = client.get("/messages/untold").text
    assert "Police missing desk: A warning was put on the case" in page
    assert "Urgent" in page
    place = f"/messages/untold/{untold.id}"
    refused = client.submit(place, {"words": " "})
    assert "Say how they were told" in refused.text
    said = {"words": "Rang the force control room at 21:10"}
    client.submit(place, said)
    assert "Everybody who had to be told could be." in client.get("/messages/untold").text
    rows.refresh(untold)
    assert (untold.seen_to_by, untold.seen_to_words) == (cast.coordinator.id, said["words"])
    again = client.submit(place, said)
    assert "Somebody has seen to this already" in again.text


@pytest.mark.parametrize("who", ["nurse", "stranger", "social_care_manager", "governance"])
def test_nobody_else_opens_the_list(cast: Cast, untold: Untold, client_for: ClientFor, who: str) -> None:
    client = client_for(getattr(cast, who))
    assert client.get("/messages/untold").status_code in {403, 404}
    assert client.get(f"/messages/untold/{untold.id}").status_code in {403, 404}


def test_of_a_sealed_case_the_hub_learns_nothing_by_it(
    rows: Session, cast: Cast, untold: Untold, client_for: ClientFor
) -> None:
    case = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        sensitivity=Sensitivity.SEALED,
    )
    untold.case_id, untold.reference = case.id, case.reference
    rows.commit()
    client = client_for(cast.coordinator)
    assert case.reference not in client.get("/messages/untold").text
    assert client.get(f"/messages/untold/{untold.id}").status_code == 404
