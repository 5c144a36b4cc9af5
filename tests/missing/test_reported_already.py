"""Whoever begins to report a child who is missing now, and may know it, sees it and adds to that episode."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.missing.model import MissingEnquiry, MissingEpisode
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.missing import make_episode
from tests.missing.test_pages import ClientFor, reported
from tests.missing.test_same_child import find_by_name

TYPED = {
    "given_name": "Ada",
    "family_name": "Fictional",
    "dob-day": "4",
    "dob-month": "5",
    "dob-year": "2012",
}


@pytest.fixture
def child(rows: Session, case: Case) -> Child:
    """The child of the case, who is found by name."""
    child = rows.get_one(Child, case.child_id)
    find_by_name(rows, child)
    return child


@pytest.fixture
def episode(rows: Session, cast: Cast, child: Child) -> MissingEpisode:
    """One that runs."""
    return make_episode(rows, child, cast.officer, team=cast.police_team, grade="high")


def enquiries(rows: Session, episode: MissingEpisode) -> list[MissingEnquiry]:
    rows.rollback()
    found = select(MissingEnquiry).where(MissingEnquiry.episode_id == episode.id)
    return list(rows.scalars(found.order_by(MissingEnquiry.recorded_at, MissingEnquiry.id)))


def test_the_form_on_a_child_who_is_missing_now_says_so_and_adds_what_was_filled_in_to_the_episode(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client, page = client_for(cast.social_worker), f"/missing/report?child={child.reference}"
    rows.get_one(ChildRecord, child.id).responsible_authority = "derbyshire"
    rows.commit()
    soup = client.soup(page)
    assert soup.select_one(f"section.app-missing a[href='/missing/{episode.reference}']")
    button = soup.select_one("button[name=add_to]")
    assert button is not None
    assert button["value"] == episode.reference
    assert "An earlier time that is over is reported once the child is back" in soup.get_text()
    sent = reported(believed_with="A man in a grey van", add_to=episode.reference)
    for name in TYPED:
        del sent[name]
    answer = client.submit(page, sent)
    assert answer.status_code == 303
    assert answer.location.endswith(f"/missing/{episode.reference}")
    assert "No new report was made" in client.get(answer.location).text
    (added,) = enquiries(rows, episode)
    assert "A man in a grey van" in str(added.words)
    assert "A green coat" in str(added.words)
    assert cast.social_worker.name in str(added.made_by)
    assert "uthority" not in str(added.words), "what the form had from the record is for whoever reads that"
    assert rows.query(MissingEpisode).count() == 1
    client.submit(page, sent)
    assert len(enquiries(rows, episode)) == 1, "sent twice, it is added once"


def test_beside_a_child_who_fits_it_is_said_that_the_child_is_missing_now_with_a_link(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    soup = client.page_of(client.submit("/missing/report/known", TYPED))
    mark = soup.select_one(".app-missing-mark")
    assert mark is not None
    assert mark.select_one(f"a[href='/missing/{episode.reference}']")
    episode.returned_at = clock.now()
    rows.commit()
    assert "app-missing" not in client.submit("/missing/report/known", TYPED).text


def test_a_report_that_is_refused_leads_to_the_episode_and_keeps_and_adds_all_that_was_typed(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    long = "He said that he would be picked up. " * 130
    chosen = TYPED | {"whom": child.reference}
    sent = reported(circumstances=long.strip(), believed_with=long.strip()) | chosen
    answer = client.submit("/missing/report", sent)
    assert answer.status_code == 422
    soup = client.page_of(answer)
    assert soup.select_one(f"main a[href='/missing/{episode.reference}']")
    assert "A green coat" in soup.get_text()
    assert soup.select_one(f"button[name=add_to][value='{episode.reference}']")
    assert client.submit("/missing/report", sent | {"add_to": episode.reference}).status_code == 303
    added = enquiries(rows, episode)
    whole = " ".join(str(one.words) for one in added)
    assert len(added) > 1
    assert all(len(str(one.words)) <= 5000 for one in added)
    assert whole.count("picked up") >= 2 * 130 - len(added), "but for what a cut goes through"
    assert "Ada Fictional" in whole


def test_of_a_child_who_came_back_meanwhile_nothing_is_added(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, client_for: ClientFor
) -> None:
    episode.returned_at = clock.now()
    rows.commit()
    sent = reported(add_to=episode.reference) | TYPED | {"whom": child.reference}
    answer = client_for(cast.social_worker).submit("/missing/report", sent)
    assert answer.status_code == 422
    assert "The child is back by now" in answer.text
    assert "A green coat" in answer.text
    assert enquiries(rows, episode) == []


def test_whoever_may_not_know_that_the_child_is_missing_reports_as_of_any_other(
    rows: Session, cast: Cast, case: Case, child: Child, episode: MissingEpisode, client_for: ClientFor
) -> None:
    grant(rows, case, cast.chair, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for person in (cast.teacher, cast.stranger, cast.social_worker):
        client = client_for(person)
        assert "app-missing" not in client.submit("/missing/report/known", TYPED).text, person.name
        guessed = client.submit("/missing/report", reported(add_to=episode.reference) | TYPED)
        assert guessed.status_code == 404, person.name
    assert enquiries(rows, episode) == []
    answer = client_for(cast.teacher).submit("/missing/report", reported() | TYPED)
    assert answer.status_code == 303
    assert episode.reference not in answer.location
