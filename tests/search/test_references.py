"""Every kind of reference opens its record for whoever may see it, and is nothing to anybody else."""

from collections import defaultdict
from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import registry
from portal.access import pace
from portal.model import Model
from portal.pathway.references import Prefix
from portal.records.people.model import TeamMember, User
from portal.vocabulary import Sector
from tests.access.scene import Scene, make_scene
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_agency, make_team, make_user

Browser = Callable[[User | None], Client]


@pytest.fixture
def scene(rows: Session, cast: Cast) -> Scene:
    """A record of nearly every kind, once on a case that people read and once on a sealed one."""
    return make_scene(rows, cast)


def references(rows: Session) -> dict[str, list[str]]:
    """Every reference that there is, by its prefix."""
    found = defaultdict(list)
    for table in Model.metadata.sorted_tables:
        if "reference" in table.c:
            for one in rows.scalars(select(table.c.reference).distinct()):
                found[str(one).partition("-")[0]].append(str(one))
    return {prefix: each for prefix, each in found.items() if prefix in set(Prefix)}


def opens(client: Client, reference: str) -> str:
    """The address that the search leads to; empty where it finds nothing."""
    pace._pace.seen.clear()  # nobody searches so fast; how fast one may is tested elsewhere
    answer = client.submit("/search", {"sought": reference})
    assert answer.status_code != 429
    if answer.status_code != 303:
        return ""
    led = client.get(answer.location, follow_redirects=True)
    assert led.status_code == 200, f"{reference} leads to {answer.location}"
    return str(answer.location)


def test_every_kind_of_reference_leads_somewhere() -> None:
    led = {record.prefix for record in registry.records().values() if record.prefix}
    led |= {one.prefix for one in registry.references()}
    assert led == set(Prefix)


def test_each_kind_opens_its_record_for_whoever_may_see_it(
    rows: Session, cast: Cast, scene: Scene, client_for: Browser
) -> None:
    readers = [client_for(one) for one in (cast.coordinator, cast.officer, cast.social_worker, cast.chair)]
    unopened = [
        prefix
        for prefix, each in references(rows).items()
        if not any(opens(reader, one) for reader in readers for one in each)
    ]
    assert not unopened


@pytest.mark.parametrize("who", ["stranger", "second agency", "former"])
def test_it_is_nothing_to_a_stranger_a_second_agency_and_a_former_member(
    rows: Session, cast: Cast, scene: Scene, client_for: Browser, who: str
) -> None:
    agency = make_agency(rows, "Voluntary", Sector.VOLUNTARY)
    team = make_team(rows, agency)
    second = make_user(rows, agency, "Vera Volunteer", teams=(team,))
    person = {"stranger": cast.stranger, "second agency": second, "former": cast.officer}[who]
    if who == "former":  # the officer works for that agency now
        moved = update(TeamMember).where(TeamMember.user_id == person.id)
        rows.execute(moved.values(team_id=team.id))
        rows.execute(update(User).where(User.id == person.id).values(agency_id=agency.id))
    rows.commit()
    client = client_for(person)
    assert [one for each in references(rows).values() for one in each if opens(client, one)] == []
