"""Where it is written already what an alert “do not disclose” holds back: each is shown words of their own
agency, and of others those that look like what they may know of it.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pages.chronologies import reading
from portal.policy import current_policy
from portal.records.cases.model import Alert, Case
from portal.records.children.model import Child, ChildLink
from portal.records.entries.vocabulary import Handling
from portal.records.missing.model import MissingEpisode, PreventionTalk
from portal.records.people.model import User
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_entry, add_held_alert, involve, make_case, make_child
from tests.factories.children import say
from tests.factories.plans import make_action
from tests.missing.conftest import Acting, reports
from tests.missing.test_gives_away import changes, enquires
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
    assert len(lines(client_for(cast.officer), page)) == 3, "whose agency entered it"
    said = lead.soup(page).select_one("main")
    assert said is not None
    assert LANE not in said.get_text(), "the list does not say it once more"
    for link in lead.soup(page).select("main tbody a"):
        assert LANE in lead.get(str(link["href"]), follow_redirects=True).text
    assert page in {
        str(one["href"]) for one in lead.soup(f"/cases/{case.reference}/manage").select("a[href]")
    }


def test_so_is_a_talk_of_the_police_after_a_return_and_the_page_says_what_is_held_back_already(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting, client_for: Browser
) -> None:
    say(rows, child, cast.officer, LANE)
    episode = reports(acting, cast.officer, child=child)
    now = rows.get_one(MissingEpisode, episode.id)
    now.returned_at = clock.now()
    rows.add(
        PreventionTalk(
            episode_id=episode.id, words=f"Is safe only at {LANE}", handling="network", listed_agencies=[],
            agency_id=cast.police.id, recorded_by=cast.officer.id, recorded_at=clock.now(),
        )
    )  # fmt: skip
    rows.commit()
    page = sets(client_for(cast.officer), cast, case)
    assert [one for one in lines(client_for(cast.officer), page) if "Talk of the police after" in one]
    said = client_for(cast.officer).soup(page).get_text(" ", strip=True)
    assert "is held back already from whoever may not know it" in said
    assert "An enquiry cannot be corrected" in said
    assert lines(client_for(cast.social_worker), page) == [], "who may not know what it looks like"
    assert client_for(cast.stranger).get(page).status_code == 404


def test_each_is_shown_what_their_agency_wrote_and_is_told_to_look(
    rows: Session, cast: Cast, case: Case, written: MissingEpisode, client_for: Browser
) -> None:
    """The lead reads no entry for another agency: whoever wrote it hears of the alert, and finds it. Nobody
    is shown which words of others say what is kept from their agency.
    """
    page = sets(client_for(cast.social_worker), cast, case)
    found = lines(client_for(cast.nurse), page)
    assert len(found) == 3, "the entry for their own agency, the report and the enquiry"
    assert all(cast.nurse.name in one for one in found), found
    assert "nurse mail alert_set" in heard(rows, cast, "warning_set")
    assert "under “Manage” on the case" in current_policy().reminders.kinds["alert_set"].line
    assert page in {str(one["href"]) for one in client_for(cast.nurse).soup(MANAGE.format(case)).select("a")}
    for person in (cast.stranger, cast.community_safety, cast.teacher, cast.neighbour):
        assert client_for(person).get(page).status_code == 404, person.name


def test_the_words_of_others_are_pointed_out_only_to_whoever_may_read_the_statement(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser
) -> None:
    """Also where an agency owns the line, and another wrote the words on it: what there is to do."""
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    say(rows, child, cast.officer, LANE, do_not_disclose=True)
    named = say(rows, child, cast.officer, "The Orlick Academy", kind="school", do_not_disclose=True)
    named.named_agencies = [cast.nurse.agency_id]
    rows.commit()
    add_entry(rows, case, cast.social_worker, f"Lives at {LANE} with an aunt")
    add_entry(rows, case, cast.officer, "Goes to the Orlick Academy")
    done = {"state": "done", "done_at": clock.now(), "done_by": cast.nurse.id, "done_words": "Seen"}
    done["reach_until"] = clock.now()
    make_action(rows, case, cast.nurse, by=cast.officer, what=f"Visit {LANE}", **done)
    page = f"/cases/{case.reference}/alerts/{add_held_alert(rows, case, cast.officer).id}/words"
    police, health, lead = (
        lines(client_for(one), page) for one in (cast.officer, cast.nurse, cast.social_worker)
    )
    assert len(police) == 3, police
    assert len(health) == 1, "the school, for which their agency is named"
    assert cast.officer.name in health[0]
    assert len(lead) == 1, "their own words"
    assert cast.social_worker.name in lead[0]


def test_who_changed_a_report_is_shown_their_own_words_alone(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting, client_for: Browser
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    say(rows, child, cast.officer, LANE, do_not_disclose=True)
    episode = reports(acting, cast.nurse, child=child, last_seen="At the gate")
    changes(acting, cast.social_worker, episode, last_seen=f"At {LANE}")
    page = f"/cases/{case.reference}/alerts/{add_held_alert(rows, case, cast.officer).id}/words"
    assert lines(client_for(cast.nurse), page) == []
    for person in (cast.social_worker, cast.officer):
        found = lines(client_for(person), page)
        assert len(found) == 1, person.name
        assert cast.social_worker.name in found[0]


@pytest.mark.parametrize("words", ["Lives at\n14 Orlick Steps\nwith an aunt", "Seen.\n\tOrlick Academy"])
def test_a_new_line_before_it_hides_nothing(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser, words: str
) -> None:
    say(rows, child, cast.officer, "14 Orlick Steps", do_not_disclose=True)
    say(rows, child, cast.officer, "Orlick Academy", kind="school", do_not_disclose=True)
    add_entry(rows, case, cast.social_worker, words)
    page = f"/cases/{case.reference}/alerts/{add_held_alert(rows, case, cast.officer).id}/words"
    assert len(lines(client_for(cast.officer), page)) == 1


def test_only_what_the_alert_holds_back_is_listed(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser
) -> None:
    say(rows, child, cast.officer, LANE, do_not_disclose=True)
    say(rows, child, cast.officer, "Orlick Academy", kind="school", do_not_disclose=True)
    add_entry(rows, case, cast.officer, f"Lives at {LANE}")
    add_entry(rows, case, cast.officer, "Goes to Orlick Academy")
    alert = add_held_alert(rows, case, cast.officer)
    alert.holds_back = ["school"]
    rows.commit()
    assert len(lines(client_for(cast.officer), f"/cases/{case.reference}/alerts/{alert.id}/words")) == 1


def test_of_a_long_case_the_page_says_how_far_it_looked(
    rows: Session,
    cast: Cast,
    case: Case,
    child: Child,
    client_for: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Setting the alert waits for none of it: the page that one comes to does."""
    say(rows, child, cast.officer, LANE)
    for _ in range(4):
        add_entry(rows, case, cast.officer, f"Lives at {LANE}")
    lead = client_for(cast.social_worker)
    with monkeypatch.context() as broken:
        broken.setattr(reading, "_NAMING", "select 1 / 0")
        page = sets(lead, cast, case)
    assert rows.scalars(select(Alert)).one()
    assert "newest lines were looked through" not in lead.get(page).text
    assert len(lines(lead, page)) == 4
    for bound, size in (("LOOKED_THROUGH", 3), ("LOOKED_WORDS", 400)):
        with monkeypatch.context() as short:
            short.setattr(reading, bound, size)
            assert re.search(r"Only the [123] newest lines were looked through", lead.get(page).text), bound
            assert len(lines(lead, page)) < 4, bound


def test_where_nothing_names_it_the_page_says_so(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser
) -> None:
    say(rows, child, cast.officer, LANE)
    add_entry(rows, case, cast.officer, "Lives at 14 Orlick Hidden Lane")
    lead = client_for(cast.social_worker)
    page = sets(lead, cast, case)
    assert page.endswith("/words")
    assert "No words that your agency wrote, and none that you read" in lead.soup(page).get_text()
    assert sets(lead, cast, case, "no_family_contact").endswith(f"/cases/{case.reference}")


def test_what_was_put_right_is_listed_as_earlier_text_alone(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser
) -> None:
    say(rows, child, cast.officer, LANE, do_not_disclose=True)
    entry = add_entry(rows, case, cast.officer, f"Lives at {LANE}")
    own = add_entry(rows, case, cast.officer, f"Seen at {LANE}", handling=Handling.OWN)
    alert = add_held_alert(rows, case, cast.officer)
    page = f"/cases/{case.reference}/alerts/{alert.id}/words"
    police = client_for(cast.officer)
    assert len(lines(police, page)) == 2
    assert not any("earlier text" in one for one in lines(police, page))
    for one, handling in ((entry, Handling.NETWORK), (own, Handling.OWN)):
        said = {"corrects_id": one.id, "correction_reason": "The address is not for all"}
        add_entry(rows, case, cast.officer, "With an aunt", handling=handling, listed=(), **said)
    found = lines(police, page)
    assert len(found) == 2
    assert all(", earlier text" in one for one in found), found
    for link in police.soup(page).select("main tbody a"):
        assert LANE in police.get(str(link["href"]), follow_redirects=True).text
    assert "it is listed here as that" in police.soup(page).get_text()
    assert lines(client_for(cast.social_worker), page) == [], "who may not know what they look like"
    for person in (cast.stranger, cast.neighbour):
        assert client_for(person).get(page).status_code == 404


def test_so_it_is_on_a_linked_record_as_far_as_each_reads_that(
    rows: Session, cast: Cast, case: Case, child: Child, client_for: Browser
) -> None:
    """The nurse works with the child on that record too; social care does on neither of its cases."""
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    other = make_child(rows, "Wynnard", "Tessaly")
    there = make_case(rows, other, lead=cast.health, opened_by=cast.coordinator)
    involve(rows, there, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    first, second = sorted((child.id, other.id))
    rows.add(ChildLink(id=new_id(), child_a=first, child_b=second, reason="x", linked_by=cast.coordinator.id))
    rows.commit()
    say(rows, child, cast.nurse, LANE, do_not_disclose=True)
    entry = add_entry(rows, there, cast.nurse, f"Lives at {LANE}")
    add_entry(rows, there, cast.nurse, "Lives with an aunt", corrects_id=entry.id, correction_reason="x")
    add_entry(rows, there, cast.nurse, f"Was seen at {LANE}")
    alert = add_held_alert(rows, case, cast.nurse)
    page = f"/cases/{case.reference}/alerts/{alert.id}/words"
    found = lines(client_for(cast.nurse), page)
    assert len(found) == 2, found
    assert sum("earlier text" in one for one in found) == 1
    for link in client_for(cast.nurse).soup(page).select("main tbody a"):
        assert there.reference in str(link["href"])
    for reader in (cast.social_worker, cast.officer):
        seen = client_for(reader).get(page)
        assert seen.status_code == 200
        assert there.reference not in seen.text
        assert lines(client_for(reader), page) == []
    for person in (cast.stranger, cast.neighbour):
        assert client_for(person).get(page).status_code == 404
