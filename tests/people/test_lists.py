"""The administrator's lists of agencies and teams: filtered and sorted, and of nobody else."""

from collections.abc import Callable

from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Desk
from tests.cast import Cast
from tests.client import Client

ClientFor = Callable[[User | None], Client]
PAGE = "/administration/agencies"


def listed(page: BeautifulSoup) -> list[str]:
    return [one.get_text(" ", strip=True) for one in page.select("#list-page tbody th a")]


def test_agencies_are_filtered_and_sorted(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    admin = client_for(cast.administrator)
    every = listed(admin.soup(PAGE))
    assert every == sorted(every, key=str.lower)
    assert listed(admin.soup(f"{PAGE}?sort=-name")) == every[::-1]
    assert listed(admin.soup(f"{PAGE}?sector=police")) == [cast.police.name]
    assert cast.police.name in listed(admin.soup(f"{PAGE}?look=no_lead"))
    assert listed(admin.soup(f"{PAGE}?look=off")) == []
    rows.get_one(Agency, cast.health.id).active = False
    rows.get_one(Agency, cast.police.id).lead_id = cast.police_manager.id
    rows.commit()
    assert listed(admin.soup(f"{PAGE}?look=off")) == [cast.health.name]
    assert cast.police.name not in listed(admin.soup(f"{PAGE}?look=no_lead"))
    page = admin.soup(f"{PAGE}?sort=people")
    (head,) = page.select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("People", "descending")
    numbers = [int(one.get_text()) for one in page.select("td[data-label=People]")]
    assert numbers == sorted(numbers, reverse=True)


def test_teams_are_filtered_and_sorted(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    admin, page = client_for(cast.administrator), f"{PAGE}?show=teams"
    rows.get_one(Team, cast.police_team.id).desks = [Desk.MISSING.value]
    rows.get_one(Team, cast.school_team.id).active = False
    rows.commit()
    assert listed(admin.soup(f"{page}&desk=missing")) == [cast.police_team.name]
    assert listed(admin.soup(f"{page}&look=closed")) == [cast.school_team.name]
    assert cast.police_team.name not in listed(admin.soup(f"{page}&look=no_desk&agency={cast.police.code}"))
    assert listed(admin.soup(f"{page}&agency={cast.health.code}")) == [cast.health_team.name]
    shown = admin.soup(f"{page}&sort=name")
    names = listed(shown)
    assert names == sorted(names, key=str.lower)
    (head,) = shown.select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Team", "ascending")
    assert "Nothing fits these filters" in admin.soup(f"{page}&desk=front_door&look=closed").get_text()


def test_the_lists_are_the_administrators_alone(cast: Cast, client_for: ClientFor) -> None:
    for person in (cast.police_manager, cast.coordinator, cast.governance, cast.officer, cast.stranger):
        for address in (PAGE, f"{PAGE}?show=teams", f"{PAGE}?show=teams&sort=name"):
            assert client_for(person).get(address).status_code == 403, person.name
