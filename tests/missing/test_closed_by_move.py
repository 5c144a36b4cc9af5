"""A report goes over to a record that is held closely: who looks for the child loses sight, and hears so."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.cases.vocabulary import GrantKind
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode, MissingMatch
from portal.vocabulary import Desk, Sensitivity
from tests.cases.pages import words
from tests.cast import Cast
from tests.factories.cases import grant, make_child
from tests.factories.missing import make_episode
from tests.missing.test_closed_off import mailed, told
from tests.missing.test_pages import ClientFor

TOLD = "I told the police by phone who the child is, and who reads this report"
FIRST = "Ring the police first: who the child is, and who reads this report"


@pytest.fixture
def reported(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """A school reported a child; the hub is asked whether it is that of a restricted case, which it reads."""
    cast.police_other_team.desks = [Desk.MISSING]
    cast.social_care_team.desks = [Desk.FRONT_DOOR]
    case.sensitivity = int(Sensitivity.RESTRICTED)
    grant(rows, case, cast.coordinator, by=cast.second_coordinator, kind=GrantKind.NAMED)
    begun = make_child(rows, "Adda", "Misspelt")
    episode = make_episode(
        rows, begun, cast.teacher, since=clock.now() - timedelta(hours=3), team=cast.school_team
    )
    rows.add(
        MissingMatch(
            id=new_id(),
            episode_id=episode.id,
            child_id=begun.id,
            other_id=case.child_id,
            asked_at=clock.now(),
        )
    )
    rows.commit()
    return episode


def desks(cast: Cast) -> set[UUID]:
    return {cast.police_other_team.id, cast.social_care_team.id}


def test_of_an_answer_they_hear_at_once_and_the_page_says_so_before_and_after(
    rows: Session, cast: Cast, reported: MissingEpisode, client_for: ClientFor
) -> None:
    page, client = f"/missing/{reported.reference}", client_for(cast.coordinator)
    assert client_for(cast.neighbour).get(page).status_code == 200
    asked = words(client.soup(f"{page}/same-child"))
    assert (
        f"If it is the same child, the police, {cast.police_other_team.name} (police missing desk)" in asked
    )
    assert "lose sight of this report: a case of the child is held closely" in asked
    said = {"same": "yes", "words": "Her aunt spells it so"}
    refused = client.submit(f"{page}/same-child", said)
    assert (refused.status_code, FIRST in refused.text) == (422, True)
    assert "Her aunt spells it so" in refused.text
    assert not told(rows)
    assert client.submit(f"{page}/same-child", said | {"told": "y"}).status_code == 303
    assert desks(cast) <= mailed(rows)
    done = words(client.soup(page))
    assert f"({reported.reference}): the police, {cast.police_other_team.name} (police" in done
    assert "no longer read the report" in done
    rows.rollback()
    (kept,) = rows.scalars(select(MissingMatch.words).filter_by(episode_id=reported.id))
    assert kept == f"Her aunt spells it so\n{TOLD}"
    led = client_for(cast.neighbour).get(page)
    assert led.status_code == 303
    assert cast.teacher.name in words(client_for(cast.neighbour).soup(led.location)), "whom to ring"
    assert client_for(cast.teacher).get(page).status_code == 200, "whoever recorded it reads on"
    assert client_for(cast.stranger).get(page).status_code == 404


def test_another_child_needs_no_call_and_tells_nobody(
    rows: Session, cast: Cast, reported: MissingEpisode, client_for: ClientFor
) -> None:
    page = f"/missing/{reported.reference}"
    said = {"same": "no", "words": "A cousin"}
    assert client_for(cast.coordinator).submit(f"{page}/same-child", said).status_code == 303
    assert not told(rows)
    assert client_for(cast.neighbour).get(page).status_code == 200


def test_so_does_putting_it_on_that_child_by_hand(
    rows: Session, cast: Cast, case: Case, reported: MissingEpisode, client_for: ClientFor
) -> None:
    page, client = f"/missing/{reported.reference}/move", client_for(cast.coordinator)
    other = rows.get_one(Child, case.child_id).reference
    said = {"other": other, "words": "Her aunt spells it so", "version": str(reported.version)}
    assert "lose sight" not in words(client.soup(page)), "no child is chosen yet"
    refused = client.submit(page, said)
    assert (refused.status_code, FIRST in refused.text, "lose sight" in refused.text) == (422, True, True)
    assert not told(rows)
    assert client.submit(page, said | {"told": "y"}).status_code == 303
    assert desks(cast) <= mailed(rows)


def test_where_somebody_of_the_desk_is_named_the_police_read_on_and_the_others_of_it_hear(
    rows: Session, cast: Cast, case: Case, reported: MissingEpisode, client_for: ClientFor
) -> None:
    grant(rows, case, cast.neighbour, by=cast.second_coordinator, kind=GrantKind.NAMED)
    rows.commit()
    page, client = f"/missing/{reported.reference}", client_for(cast.coordinator)
    assert TOLD not in words(client.soup(f"{page}/same-child"))
    said = {"same": "yes", "words": "Her aunt spells it so"}
    assert client.submit(f"{page}/same-child", said).status_code == 303
    assert cast.police_other_team.id in mailed(rows)
    assert cast.neighbour.id not in {one.recipient_id for one in told(rows)}
    assert client_for(cast.neighbour).get(page).status_code == 200
