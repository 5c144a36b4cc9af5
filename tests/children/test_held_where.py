"""Whoever sets an alert “do not disclose” is shown where it is written already, as far as they read it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.policy import current_policy
from portal.records.cases.model import Alert, Case
from portal.records.children.model import Child
from portal.records.entries.vocabulary import Handling
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry, add_held_alert, involve
from tests.factories.children import say
from tests.missing.conftest import Acting, reports
from tests.missing.test_gives_away import enquires
from tests.told import heard

Browser = Callable[[User | None], Client]
LANE = "12 Orlick Hidden Lane"
MANAGE = "/cases/{0.reference}/manage"


@pytest.fixture
def written(rows: Session, cast: Cast, case: Case, child: Child, acting: Acting) -> MissingEpisode:
    """The lane was named before: in two entries, one for its own agency, in a report and in an enquiry."""
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    say(rows, child, cast.officer, LANE)
    add_entry(rows, case, cast.officer, f"Lives at {LANE} with an aunt")
    add_entry(rows, case, cast.nurse, f"Visited at {LANE}", handling=Handling.OWN)
    add_entry(rows, case, cast.nurse, "Came to the clinic on Monday")
    episode = reports(acting, cast.nurse, child=child, last_seen=f"At the gate of {LANE}")
    enquires(acting, cast.nurse, episode, f"Nobody at {LANE}")
    return episode


def sets(client: Client, cast: Cast, case: Case, kind: str = "do_not_disclose_address") -> str:
    """Somebody sets an alert; where they are led."""
    typed = {
        **{"kind": kind, "text": "Ask Wanda", "owner": str(cast.social_worker.id), "child_told": "yes"},
        **posted("review_on", clock.today() + timedelta(days=30)),
    }
    answer = client.submit(f"/cases/{case.reference}/alerts/new", typed)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def lines(client: Client, page: str) -> list[str]:
    return [
        " ".join(one.get_text(" ", strip=True).split()) for one in client.soup(page).select("main tbody tr")
    ]


def test_it_is_listed_at_once_with_who_wrote_it_and_a_way_there(
    rows: Session, cast: Cast, case: Case, written: MissingEpisode, client_for: Browser
) -> None:
    lead = client_for(cast.social_worker)
    page = sets(lead, cast, case)
    alert = rows.scalars(select(Alert)).one()
    assert page.endswith(f"/cases/{case.reference}/alerts/{alert.id}/words")
    found = lines(lead, page)
    assert len(found) == 3, found
    assert any(cast.officer.name in one and "Entry" in one for one in found)
    assert any(f"Report of a missing child, {written.reference}" in one for one in found)
    assert any(f"Enquiry for a missing child, {written.reference}" in one for one in found)
    said = lead.soup(page).select_one("main")
    assert said is not None
    assert LANE not in said.get_text(), "the list does not say it once more"
    for link in lead.soup(page).select("main tbody a"):
        assert LANE in lead.get(str(link["href"]), follow_redirects=True).text
    assert page in {
        str(one["href"]) for one in lead.soup(f"/cases/{case.reference}/manage").select("a[href]")
    }


def test_each_reads_the_places_that_they_may_read_and_is_told_to_look(
    rows: Session, cast: Cast, case: Case, written: MissingEpisode, client_for: Browser
) -> None:
    """The lead reads no entry for another agency: whoever wrote it hears of the alert, and finds it."""
    page = sets(client_for(cast.social_worker), cast, case)
    assert len(lines(client_for(cast.nurse), page)) == 4, "with the entry for their own agency"
    assert "nurse mail alert_set" in heard(rows, cast, "warning_set")
    assert "under “Manage” on the case" in current_policy().reminders.kinds["alert_set"].line
    assert page in {str(one["href"]) for one in client_for(cast.nurse).soup(MANAGE.format(case)).select("a")}
    for person in (cast.stranger, cast.community_safety, cast.teacher, cast.neighbour):
        assert client_for(person).get(page).status_code == 404, person.name


def test_where_nothing_names_it_one_comes_back_to_the_case(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser
) -> None:
    say(rows, child, cast.officer, LANE)
    add_entry(rows, case, cast.officer, "Lives at 14 Orlick Hidden Lane")
    lead = client_for(cast.social_worker)
    assert sets(lead, cast, case).endswith(f"/cases/{case.reference}")
    alert = rows.scalars(select(Alert)).one()
    page = lead.soup(f"/cases/{case.reference}/alerts/{alert.id}/words").get_text()
    assert "Nothing that you read looks like it" in page
    assert sets(lead, cast, case, "no_family_contact").endswith(f"/cases/{case.reference}")


def test_what_was_put_right_is_listed_no_more(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser
) -> None:
    say(rows, child, cast.officer, LANE, do_not_disclose=True)
    entry = add_entry(rows, case, cast.officer, f"Lives at {LANE}")
    alert = add_held_alert(rows, case, cast.social_worker)
    page = f"/cases/{case.reference}/alerts/{alert.id}/words"
    assert len(lines(client_for(cast.social_worker), page)) == 1
    put_right = {"text": "Lives with an aunt", "correction_reason": "The address is not for all"}
    corrected = add_entry(rows, case, cast.officer, put_right["text"], corrects_id=entry.id)
    assert corrected.corrects_id == entry.id
    assert lines(client_for(cast.social_worker), page) == []
