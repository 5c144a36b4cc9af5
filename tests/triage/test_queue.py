"""The queue as coordinators work through it: the next form, what it says in a line, what came in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.records.disclosures.model import Disclosure
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.vocabulary import TriageColour
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_child
from tests.factories.children import tell
from tests.factories.referrals import make_sent_referral
from tests.triage.conftest import answers

Browser = Callable[[User | None], Client]


def form(rows: Session, by: User, colour: TriageColour, hours: float, **more: Any) -> Referral:
    due = clock.now() + timedelta(hours=hours)
    return make_sent_referral(rows, by, colour=colour, due_at=due, **more)


def test_the_next_form_is_the_most_pressing_that_nobody_has(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    late_green = form(rows, cast.officer, TriageColour.GREEN, -30)
    amber = form(rows, cast.officer, TriageColour.AMBER, 1)
    red = form(rows, cast.officer, TriageColour.RED, 3)
    one, other = client_for(cast.coordinator), client_for(cast.second_coordinator)
    for client, wanted in ((one, red), (other, amber), (one, late_green)):
        assert client.submit("/triage/next", {}).location == f"/triage/{wanted.reference}"
    rows.expire_all()
    holders = [rows.get_one(Referral, one.id).claimed_by for one in (red, amber, late_green)]
    assert holders == [cast.coordinator.id, cast.second_coordinator.id, cast.coordinator.id]
    assert one.submit("/triage/next", {}).location == "/triage", "nothing is left"


@pytest.mark.parametrize("who", ["officer", "social_care_manager", "governance"])
def test_nobody_else_takes_the_next_form(rows: Session, cast: Cast, client_for: Browser, who: str) -> None:
    made = form(rows, cast.officer, TriageColour.RED, 3)
    assert client_for(getattr(cast, who)).submit("/triage/next", {}).status_code == 403
    rows.expire_all()
    assert rows.get_one(Referral, made.id).claimed_by is None


def test_a_line_says_who_and_what_and_what_makes_it_pressing(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    child = {"given_name": "Ada", "family_name": "Fictional", "age": 12, "gender": "girl"}
    form(
        rows,
        cast.officer,
        TriageColour.RED,
        2,
        children=[child],
        answers=answers(in_one_line="Adults wait for her outside school", flags=("missing_now", "money")),
    )
    page = client_for(cast.coordinator).soup("/triage")
    head = page.select_one(".app-queue__headline")
    assert head is not None
    assert head.get_text() == "Girl, 12: Adults wait for her outside school"
    flags = [one.get_text() for one in page.select(".app-flag")]
    assert flags == ["A child is missing now", "Under 13"], "what cannot make it red is not a flag"


def test_an_older_form_is_known_by_how_it_begins(rows: Session, cast: Cast, client_for: Browser) -> None:
    words = "She was seen to get into a silver car at the edge of the park. " * 2
    form(rows, cast.officer, TriageColour.AMBER, 2, answers=answers(what_happened=words))
    head = client_for(cast.coordinator).soup("/triage").select_one(".app-queue__headline")
    assert head is not None
    assert "She was seen to get into a silver car" in head.get_text()
    assert head.get_text().endswith("…")


def test_filters_narrow_by_colour_holder_and_what_the_form_says(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    mine = form(rows, cast.officer, TriageColour.AMBER, 2)
    mine.claimed_by = cast.coordinator.id
    said = form(rows, cast.officer, TriageColour.RED, 2, answers=answers(flags=("injury",)))
    rows.commit()
    client = client_for(cast.coordinator)

    def shown(query: str) -> set[str]:
        return {one.get_text() for one in client.soup(f"/triage?{query}").select("th .app-reference")}

    assert shown("colour=red") == {said.reference}
    assert shown("held=mine") == {mine.reference}
    assert shown("held=nobody") == {said.reference}
    assert shown("held=others") == set()
    assert shown("said=injury") == {said.reference}
    assert shown("colour=red&held=mine") == set()
    assert shown("colour=purple&held=odd") == set(), "an odd code fits nothing, and fails nothing"


def asked(client: Client, query: str) -> tuple[int, str]:
    answer = client.get(f"/triage/arrived{query}", headers={"HX-Request": "true", "HX-Target": "div#arrived"})
    return answer.status_code, answer.text


def test_what_came_in_is_said_and_not_put_into_the_list(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.coordinator)
    since = int((clock.now() - timedelta(minutes=5)).timestamp())
    assert asked(client, f"?since={since}") == (200, "")
    form(rows, cast.officer, TriageColour.RED, 2)
    assert "1 red form came in" in asked(client, f"?since={since}")[1]
    for odd in ("", "?since=x", "?since=-5", "?since=99999999999999999999"):
        assert asked(client, odd)[0] == 200, odd
    assert client.get("/triage/arrived").location == "/triage", "it is no page of its own"
    assert asked(client_for(cast.officer), f"?since={since}")[0] == 403


def test_the_queue_leads_to_the_other_pages_of_the_hub(cast: Cast, client_for: Browser) -> None:
    client = client_for(cast.coordinator)
    also = client.soup("/triage").select('nav[aria-labelledby="also"] a')
    assert {one["href"] for one in also} >= {"/panels", "/orders", "/directory", "/concerns"}
    for one in also:
        assert client.get(str(one["href"])).status_code == 200, one["href"]


def test_only_whoever_has_no_time_left_to_confirm_is_to_be_rung_now(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    child = make_child(rows, "Wilhelmina", "Fictional")
    for team in (cast.police_team, cast.health_team):
        tell(rows, child, team, by=cast.coordinator, colour=TriageColour.RED)
    rows.commit()
    (early,) = client_for(cast.coordinator).soup("/triage").select(".app-ring summary")
    assert early.get_text() == "2 agencies have still time to confirm red information: ring when it is over"
    for duty in rows.scalars(select(Deadline).filter_by(kind=DeadlineKind.RECEIPT)):
        if rows.get_one(Disclosure, duty.disclosure_id).receiver_team_id == cast.health_team.id:
            duty.due_at = clock.now() - timedelta(minutes=5)
    rows.commit()
    page = client_for(cast.coordinator).soup("/triage")
    (says,) = page.select(".app-ring summary")
    assert says.get_text() == (
        "Ring now: 1 agency has not confirmed red information or not opened a referral, 1 overdue. "
        "1 agency has still time to confirm red information: ring when it is over"
    )
    first, then = (one.get_text() for one in page.select(".app-ring__line"))
    assert (cast.health_team.name in first, cast.police_team.name in then) == (True, True)
    assert client_for(cast.officer).get("/triage").status_code == 403
