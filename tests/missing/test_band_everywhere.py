"""That a child is missing now stands on each page about the child that says nothing of it itself."""

import pytest
from bs4 import Tag
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.orders.model import OrderChild
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.by_hand import make_told
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.concerns import make_concern
from tests.factories.meetings import make_meeting
from tests.factories.minutes import make_issue
from tests.factories.missing import make_episode
from tests.factories.orders import make_order
from tests.factories.plans import make_action
from tests.missing.test_pages import ClientFor

BAND = 'class="app-missing"'


@pytest.fixture
def episode(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """One that runs, which the police recorded and graded."""
    child = rows.get_one(Child, case.child_id)
    return make_episode(rows, child, cast.officer, team=cast.police_team, grade="high")


def bands(client_for: ClientFor, person: User, page: str) -> list[Tag]:
    """The red bands of a page."""
    return list(client_for(person).soup(page).select("section.app-missing"))


def test_each_page_that_a_case_or_child_leads_to_says_it(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    """Each address that names a case or a child and nothing else: as the lead, else as the hub."""
    child = rows.get_one(Child, case.child_id).reference
    whose = {
        "/cases/": case.reference,
        "/case/": case.reference,
        "/children/": child,
        "/ledger/": case.reference,
    }
    asked, silent = 0, []
    for rule in client_for(cast.social_worker).application.url_map.iter_rules():
        named = next((one for start, one in whose.items() if start in rule.rule), None)
        if len(rule.arguments) != 1 or named is None or "GET" not in (rule.methods or ()):
            continue
        address = rule.rule.replace(f"<{next(iter(rule.arguments))}>", named)
        for person in (cast.social_worker, cast.coordinator):
            shown = client_for(person).get(address)
            if shown.status_code == 200 and shown.mimetype == "text/html":
                asked += 1
                silent += [address] if BAND not in shown.text else []
                break
    assert asked > 40
    assert silent == []


def test_what_hangs_on_the_case_says_it_too(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    lead = cast.social_worker
    meeting = make_meeting(rows, cases=[case], chair=lead, note_taker=cast.nurse, called_by=lead)
    issue = make_issue(rows, meeting, case, "She was seen at the station")
    told = make_told(rows, lead, case_id=case.id)
    action = make_action(rows, case, lead, cast.coordinator)
    rows.commit()
    for page in (
        f"/minutes/{issue.reference}",
        f"/told-by-hand/{told.reference}",
        f"/told-by-hand/{told.reference}/told",
        f"/actions/{action.reference}",
        f"/meetings/{meeting.reference}/minutes",
        f"/missing/{episode.reference}/change",
    ):
        found = bands(client_for, lead, page)
        assert len(found) == 1, page
        assert found[0].select_one(f"a[href='/missing/{episode.reference}']"), page


def test_of_several_children_on_a_page_the_one_who_is_missing_is_named_and_paper_is_as_it_was(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    here, other = rows.get_one(Child, case.child_id), make_child(rows, "Quillon", "Xavierstone")
    second = make_case(rows, other, lead=cast.police, opened_by=cast.coordinator)
    involve(rows, second, cast.police_team, by=cast.coordinator)
    person = make_concern(rows, cast.officer, kind="person")
    order = make_order(rows, person, cast.officer, protects=here)
    rows.add(OrderChild(order_id=order.id, child_id=other.id, added_by=cast.officer.id, added_at=clock.now()))
    rows.commit()

    def said() -> list[str]:
        found = bands(client_for, cast.officer, f"/orders/{order.reference}")
        assert all(one.find_parent(class_="app-no-print") for one in found)
        return [one.get_text(" ", strip=True).partition(":")[0] for one in found]

    assert said() == ["Ada Fictional"]
    make_episode(rows, other, cast.officer, team=cast.police_team)
    assert said() == ["Ada Fictional", "Quillon Xavierstone"]
    episode.returned_at = clock.now()
    rows.commit()
    assert said() == ["Quillon Xavierstone"]


def test_whoever_only_has_an_action_about_the_child_is_not_told_by_its_pages(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    action = make_action(rows, case, cast.teacher, cast.coordinator)
    for page in (f"/actions/{action.reference}", f"/children/{rows.get_one(Child, case.child_id).reference}"):
        shown = client_for(cast.teacher).get(page)
        assert shown.status_code == 200, page
        assert "app-missing" not in shown.text, page
    assert bands(client_for, cast.officer, f"/actions/{action.reference}"), "who reads the case is"


def test_of_a_sealed_case_its_pages_say_it_to_those_who_are_named_on_it_and_to_nobody_else(
    rows: Session, cast: Cast, case: Case, episode: MissingEpisode, client_for: ClientFor
) -> None:
    grant(rows, case, cast.chair, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    page = f"/children/{rows.get_one(Child, case.child_id).reference}/orders"
    assert bands(client_for, cast.chair, page)
    for person in (cast.officer, cast.neighbour, cast.stranger, cast.teacher):
        shown = client_for(person).get(page)
        assert "app-missing" not in shown.text, person.name
