"""The first day: a tour by role, and keys that can be switched off."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.policy import current_policy
from portal.records.people.model import PersonSetting
from portal.web.due_presenter import period_words
from tests.cast import Cast

ClientFor = Callable[[Any], Any]

HOME = {"nurse": "/health", "coordinator": "/hub", "administrator": "/home", "governance": "/home"}


def _home(client: Any) -> Any:
    return client.page_of(client.get("/home", follow_redirects=True))


@pytest.mark.parametrize("who", ["nurse", "officer", "coordinator", "chair", "administrator", "governance"])
def test_the_tour_is_offered_where_work_starts_until_it_was_taken(
    cast: Cast, client_for: ClientFor, who: str
) -> None:
    client = client_for(getattr(cast, who))
    assert _home(client).find("a", string="Take the tour") is not None
    tour = client.soup("/tour")
    assert tour.find_all("dt")
    assert client.submit("/tour").status_code == 303
    assert _home(client).find("a", string="Take the tour") is None
    assert _home(client).select_one(".app-menu a[href='/tour']") is not None, "found again below one's name"
    assert client.get("/tour").status_code == 200


def test_one_who_skips_it_skips_it_for_themselves_alone(cast: Cast, client_for: ClientFor) -> None:
    client_for(cast.nurse).submit("/tour")
    assert _home(client_for(cast.officer)).find("a", string="Take the tour") is not None


@pytest.mark.parametrize(
    ("who", "parts"),
    [
        ("nurse", ["Your work"]),
        ("coordinator", ["Your work", "In the hub"]),
        ("chair", ["Your work", "As a chair"]),
        ("police_manager", ["Your work", "As a manager"]),
        ("governance", ["In governance"]),
        ("administrator", ["As an administrator"]),
    ],
)
def test_each_role_has_its_part_and_every_page_that_it_leads_to_opens(
    cast: Cast, client_for: ClientFor, who: str, parts: list[str]
) -> None:
    client = client_for(getattr(cast, who))
    page = client.soup("/tour")
    assert [one.get_text() for one in page.select("section > h2")][: len(parts)] == parts
    for link in page.select("main dl a"):
        assert client.get(str(link["href"])).status_code == 200, link["href"]


def test_its_times_are_those_of_the_policy(cast: Cast, client_for: ClientFor) -> None:
    clocks = current_policy().clocks.clocks
    said = client_for(cast.coordinator).soup("/tour").get_text(" ", strip=True)
    for code in ("triage_red", "triage_amber", "triage_green", "feedback", "receipt_red"):
        assert period_words(clocks[code]) in said
    figures = set(re.findall(r"\b\d+ (?:hours?|working days?)\b", said))
    assert figures <= {period_words(one) for one in clocks}, "a figure that no clock gives"


def test_keys_are_announced_and_can_be_switched_off(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.nurse)
    page = _home(client)
    assert [one["aria-keyshortcuts"] for one in page.select("[aria-keyshortcuts]")] == ["/", "n"]
    assert client.submit("/keyboard", {"single": "off"}).status_code == 303
    assert not _home(client).select("[aria-keyshortcuts]")
    assert "They are off for you" in client.soup("/keyboard").get_text()
    assert _home(client_for(cast.officer)).select("[aria-keyshortcuts]")
    client.submit("/keyboard", {"single": "on"})
    assert _home(client).select("[aria-keyshortcuts]")
    assert rows.query(PersonSetting).one().user_id == cast.nurse.id
