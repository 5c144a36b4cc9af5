"""Where a sealed case names nobody of the police or of social care: what they owe, and whom to ring."""

from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.cases import sensitivity
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.missing import make_episode
from tests.missing.conftest import Acting
from tests.missing.test_pages import ClientFor
from tests.told import of_event


def back(rows: Session, cast: Cast, case: Case, by: User | None = None) -> MissingEpisode:
    """A child who is back since this morning, whom the police have not talked with; a nurse reported it."""
    child = rows.get_one(Child, case.child_id)
    now = clock.now()
    return make_episode(
        rows,
        child,
        by or cast.nurse,
        since=now - timedelta(hours=9),
        returned_at=now - timedelta(hours=4),
        how_found="police",
    )


def seal(acting: Acting, case: Case, by: User, *named: User) -> None:
    with acting(by) as actor:
        held = db.session.get_one(Case, case.id)
        sensitivity.raise_sensitivity(
            actor=actor,
            case=held,
            to=Sensitivity.SEALED,
            reason="A relative works there",
            named=[db.session.get_one(User, one.id) for one in named],
            version=held.version,
        )


def test_the_coordinator_who_is_named_hears_at_the_sealing_that_the_police_owe_a_talk_they_see_no_more(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    episode = back(rows, cast, case)
    seal(acting, case, cast.social_worker, cast.coordinator)
    assert of_event(rows, "missing_talk_unheld") == {(cast.coordinator.id, "mail", "talk_unheld")}
    assert client_for(cast.officer).get(f"/missing/{episode.reference}").status_code == 404
    page = client_for(cast.coordinator).get(f"/missing/{episode.reference}").text
    assert f"Nobody of the police is named on the sealed case {case.reference}" in page
    assert "101" in page


def test_whoever_seals_it_reads_so_at_once(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    episode = back(rows, cast, case)
    sent = {
        "to": str(int(Sensitivity.SEALED)),
        "reason": "A relative works there",
        "version": str(case.version),
    }
    client = client_for(cast.coordinator)
    assert client.submit(f"/cases/{case.reference}/sensitivity", sent).status_code == 303
    said = client.get("/cases").text
    assert f"The police still have to talk with the child after {episode.reference}" in said
    assert of_event(rows, "missing_talk_unheld") == set(), "they read it on the page"


def test_where_an_officer_is_named_or_the_talk_was_held_nothing_is_said(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    episode = back(rows, cast, case)
    seal(acting, case, cast.social_worker, cast.coordinator, cast.officer)
    assert of_event(rows, "missing_talk_unheld") == set()
    for person in (cast.coordinator, cast.officer):
        page = client_for(person).get(f"/missing/{episode.reference}").text
        assert "Outstanding" in page
        assert "Nobody of the police" not in page


def test_of_a_sealed_case_without_a_lead_the_page_says_who_could_hold_the_return_interview(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    episode = back(rows, cast, case)
    for person in (cast.coordinator, cast.social_worker):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    address = f"/missing/{episode.reference}"
    nobody = "Nobody of children’s social care is named on the sealed case"
    assert nobody not in client_for(cast.coordinator).get(address).text
    cast.social_worker.active = False
    rows.commit()
    page = client_for(cast.coordinator).get(address).text
    assert nobody in page
    assert f"/cases/{case.reference}/manage" in page


def test_the_police_who_recorded_it_read_on_that_they_owe_a_talk(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    episode = back(rows, cast, case, by=cast.officer)
    seal(acting, case, cast.social_worker, cast.coordinator)
    assert of_event(rows, "missing_talk_unheld") == set()
    assert client_for(cast.officer).get(f"/missing/{episode.reference}").status_code == 200
    page = client_for(cast.coordinator).get(f"/missing/{episode.reference}").text
    assert "Nobody of the police" not in page
