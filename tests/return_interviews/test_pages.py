"""The pages of return interviews: step by step, for whoever reads them, as a file, and in the lists."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.disclosures.model import TakenCopy
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.records.return_interviews.lists import figures
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.rules import Late
from tests.cast import Cast
from tests.client import Client
from tests.documents.reading import flat, open_pdf
from tests.factories.interviews import make_attempt, make_return
from tests.factories.people import make_user
from tests.return_interviews.conftest import Acting, begun, duties, held, kept, offered, owes
from tests.statements import beside_the_context

ClientFor = Callable[[User | None], Client]
TYPING = {"X-Autosave": "1"}


def at(moment: datetime) -> dict[str, str]:
    """A moment as it is typed."""
    local = clock.local(moment)
    return {
        "on-day": str(local.day),
        "on-month": str(local.month),
        "on-year": str(local.year),
        "clock_time": f"{local:%H:%M}",
    }


def test_an_interview_goes_from_the_child_to_the_file_page_by_page(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    of_child = f"/children/{child.reference}/return-interviews"
    assert episode.reference in client.get(of_child).text
    begun = {"episodes": [episode.reference], "handling": "network", "family_safe": "ask"}
    to = client.submit(f"{of_child}/new", begun).headers["Location"]
    home = to.removesuffix("/offer")
    hour_ago = clock.now() - timedelta(hours=1)
    offer = at(hour_ago) | {"by": "Wren Asker", "how": "phone", "answer": "no", "version": "1"}
    refused = client.submit(to, offer)
    assert refused.status_code == 422
    assert "Choose why the child does not want to talk" in refused.text
    assert 'value="Wren Asker"' in refused.text, "what was typed stays"
    assert client.submit(to, offer | {"answer": "yes"}).status_code == 303
    assert (
        client.submit(f"{home}/attempt", at(hour_ago) | {"way": "visit", "words": "Nobody in"}).status_code
        == 303
    )
    talk = at(clock.now() - timedelta(minutes=5)) | {
        "interviewer": "Ines Hollowell",
        "independent": "no",
        "independent_words": "Her foster carer",
        "place": "At home",
        "seen_alone": "not_known",
        "limits_told": "yes",
        "version": "3",
    }
    refused = client.submit(f"{home}/held", talk)
    assert refused.status_code == 422
    assert "does not care for the child" in refused.text
    told = talk | {"independent": "yes", "independent_words": "Youth worker of another service"}
    assert client.submit(f"{home}/held", told).status_code == 303
    typing = client.submit(f"{home}/save", {"where": "Quayarcade", "version": "4"}, headers=TYPING)
    assert (typing.status_code, typing.headers["X-Version"]) == (204, "5")
    assert (
        client.submit(
            f"{home}/write", {"where": "Quayarcade", "travel": "A grey car", "version": "5"}
        ).status_code
        == 303
    )
    assert client.get(f"{home}/pdf").status_code == 404, "a draft has no document"
    done = {"assessment": "no", "receivers": ["police", "hub"], "version": "6"}
    assert client.submit(f"{home}/complete", done).status_code == 303
    page = client.get(home).text
    for words in ("Quayarcade", "In time", "Nobody in", "The police, on", "Not known", "Ines Hollowell"):
        assert words in page
    assert "/concerns/new/place?from=" in page
    assert "/concerns/new/vehicle?from=" in page
    file = client.get(f"{home}/pdf")
    text = flat(open_pdf(file.data).text)
    for words in ("Quayarcade", "A grey car", "OFFICIAL-SENSITIVE", "Nobody in", episode.reference):
        assert words in text
    rows.rollback()
    assert rows.scalars(select(TakenCopy.kind)).all() == ["return_interview"]
    looked = rows.scalars(select(AuditEvent.action).where(AuditEvent.action.like("interview:%"))).all()
    assert {"interview:begin", "interview:hold", "interview:view", "interview:download"} <= set(looked)


def test_a_second_tab_is_shown_both(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview)
    home, seen = f"/return-interviews/{interview.reference}", str(kept(rows, interview).version)
    client, other = client_for(cast.social_worker), client_for(cast.chair)
    assert (
        client.submit(f"{home}/save", {"where": "Quayarcade", "version": seen}, headers=TYPING).status_code
        == 204
    )
    second = other.submit(f"{home}/save", {"where": "The park", "version": seen}, headers=TYPING)
    assert second.status_code == 409
    for words in ("Quayarcade", "The park"):
        assert words in second.text
    whole = other.submit(f"{home}/write", {"where": "The park", "version": seen})
    assert whole.status_code == 409
    now = str(kept(rows, interview).version)
    assert f'name="version" value="{now}"' in whole.text
    assert other.submit(f"{home}/write", {"where": "The park", "version": now}).status_code == 303


def test_a_late_interview_asks_why_and_says_so(
    rows: Session, cast: Cast, child: Child, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    episode = make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(hours=80))
    owes(acting, cast.officer, episode)
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    client, home = client_for(cast.social_worker), f"/return-interviews/{interview.reference}"
    said = at(clock.now() - timedelta(minutes=5)) | {
        "interviewer": "Ines Hollowell",
        "independent": "yes",
        "independent_words": "Youth worker",
        "seen_alone": "yes",
        "limits_told": "yes",
        "version": str(kept(rows, interview).version),
    }
    refused = client.submit(f"{home}/held", said)
    assert refused.status_code == 422
    assert "Say why" in refused.text
    assert client.submit(f"{home}/held", said | {"late_reason": "missing_again"}).status_code == 303
    page = client.get(home).text
    assert "Late by" in page
    assert "The child went missing again" in page


def test_a_declined_one_and_one_that_was_not_offered_are_completed(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    declined = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, declined, accepted=None)
    home = f"/return-interviews/{declined.reference}"
    kept = client.submit(f"{home}/answer", {"answer": "yes", "words": "Only with Gran", "version": "2"})
    assert kept.status_code == 422, "words that would be kept nowhere are not lost without a word"
    assert "kept here only where the child does not want to talk" in kept.text
    assert "Only with Gran" in kept.text
    rows.rollback()
    assert rows.get_one(ReturnInterview, declined.id, populate_existing=True).accepted is None
    answer = {"answer": "no", "reason": "no_wish", "words": "Leave me be", "version": "2"}
    assert client.submit(f"{home}/answer", answer).status_code == 303
    refused = client.submit(f"{home}/complete", {"assessment": "no", "version": "3"})
    assert "parents, carers" in refused.text
    assert (
        client.submit(
            f"{home}/write", {"carer_information": "Gran knows the car", "version": "3"}
        ).status_code
        == 303
    )
    assert client.submit(f"{home}/complete", {"assessment": "no", "version": "4"}).status_code == 303
    page = client.get(home).text
    for words in ("Not held", "Leave me be", "Gran knows the car"):
        assert words in page
    other = make_return(rows, child, cast.officer)
    owes(acting, cast.officer, other)
    skipped = begun(acting, cast.social_worker, other)
    home = f"/return-interviews/{skipped.reference}"
    assert client.submit(f"{home}/not-offered", {"offered": "no", "version": "1"}).status_code == 422
    why = {"offered": "no", "why_not": "Nobody was told", "version": "1"}
    assert client.submit(f"{home}/not-offered", why).status_code == 303
    assert client.submit(f"{home}/complete", {"assessment": "no", "version": "2"}).status_code == 303
    assert "Nobody was told" in client.get(home).text


def test_a_correction_after_completion_shows_what_it_said_before(
    rows: Session, cast: Cast, episode: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview)
    client, home = client_for(cast.social_worker), f"/return-interviews/{interview.reference}"
    client.submit(f"{home}/write", {"where": "Quayarcade", "version": "4"})
    client.submit(f"{home}/complete", {"assessment": "no", "version": "5"})
    assert "Corrected, or read by others than before" not in client.get(home).text
    assert (
        client.submit(f"{home}/write", {"where": "Quay arcade, upstairs", "version": "6"}).status_code == 303
    )
    page = client.get(home).text
    assert "Corrected, or read by others than before" in page, (
        "the readers may have changed before it was completed"
    )
    assert "Before: Quayarcade" in page


def test_the_social_care_list_shows_what_is_due_overdue_offered_and_to_be_written_up(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    late = make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(hours=100))
    owes(acting, cast.officer, late)
    client, place = client_for(cast.social_worker), "/social-care/return-interviews"
    everything = client.get(place).text
    assert everything.index(late.reference) < everything.index(episode.reference), "the first due first"
    assert "Overdue by" in everything
    overdue = client.get(f"{place}?stands=overdue").text
    assert late.reference in overdue
    assert episode.reference not in overdue
    interview = begun(acting, cast.social_worker, episode)
    offered(acting, cast.social_worker, interview, accepted=None)
    assert interview.reference in client.get(f"{place}?stands=offered").text
    offered(acting, cast.social_worker, interview)
    assert interview.reference in client.get(f"{place}?stands=to_hold").text
    held(acting, cast.social_worker, interview)
    assert interview.reference in client.get(f"{place}?stands=to_complete&whose=mine").text
    assert interview.reference not in client.get(f"{place}?stands=to_offer&whose=seen").text
    assert "1 waiting" in client.get("/social-care").text
    assert duties(rows, episode)[0].state == "done"


def test_the_lists_of_what_falls_due_hold_the_cases_that_the_agency_leads(
    cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    assert case.reference in client.get("/social-care/assessments-to-finalise").text
    for place in ("assessments-to-sign-off", "safety-plans", "turning-18"):
        page = client.get(f"/social-care/{place}")
        assert page.status_code == 200
        assert case.reference not in page.text
    assert client_for(cast.officer).get("/social-care/assessments-to-finalise").status_code == 403


@pytest.mark.parametrize("who", ["stranger", "nurse"])
def test_whoever_does_not_read_the_childs_episodes_finds_no_interview(
    cast: Cast, child: Child, episode: MissingEpisode, acting: Acting, client_for: ClientFor, who: str
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    client = client_for(getattr(cast, who))
    client.check_pages = False
    home = f"/return-interviews/{interview.reference}"
    for page in ("", "/offer", "/write", "/complete", "/share", "/pdf", "/held"):
        assert client.get(f"{home}{page}").status_code == 404, page
    assert client.get(f"/children/{child.reference}/return-interviews").status_code == 404


def test_the_police_read_it_and_are_offered_no_step(
    cast: Cast, episode: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    client = client_for(cast.officer)
    page = client.get(f"/return-interviews/{interview.reference}")
    assert page.status_code == 200
    assert "Record that it was offered" not in page.text
    assert client.get(f"/return-interviews/{interview.reference}/offer").status_code == 403


def test_whoever_recorded_it_reads_it_by_the_reported_name_once_the_case_is_sealed(
    rows: Session,
    cast: Cast,
    case: Case,
    child: Child,
    episode: MissingEpisode,
    acting: Acting,
    client_for: ClientFor,
) -> None:
    interview = begun(acting, cast.social_worker, episode)
    case.sensitivity = 2
    rows.commit()
    page = client_for(cast.social_worker).get(f"/return-interviews/{interview.reference}")
    assert page.status_code == 200
    assert child.reference not in page.text
    assert client_for(cast.officer).get(f"/return-interviews/{interview.reference}").status_code == 404
    colleague = make_user(rows, cast.social_care, "Lina Quillmate", teams=(cast.social_care_team,))
    assert client_for(colleague).get(f"/return-interviews/{interview.reference}").status_code == 200
    readers = client_for(cast.social_worker).get(f"/return-interviews/{interview.reference}/readers").text
    assert "does the whole team that recorded it, also those of it who are not named on the case" in readers


def test_the_pages_take_few_statements_however_many_episodes_there_are(
    rows: Session,
    cast: Cast,
    child: Child,
    episode: MissingEpisode,
    acting: Acting,
    client_for: ClientFor,
    statements: list[str],
) -> None:
    for hours in range(10, 60):
        make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(hours=hours))
    interview = begun(acting, cast.social_worker, episode)
    make_attempt(rows, rows.get_one(ReturnInterview, interview.id), cast.social_worker)
    client = client_for(cast.social_worker)
    for place in (
        f"/return-interviews/{interview.reference}",
        f"/children/{child.reference}/return-interviews",
        "/social-care/return-interviews",
        "/social-care/assessments-to-finalise",
    ):
        client.get(place)
        statements.clear()
        assert client.get(place).status_code == 200
        assert len(beside_the_context(statements)) <= 8, beside_the_context(statements)


def test_the_figures_count_every_return_once_and_equal_a_count_of_the_rows(
    rows: Session, cast: Cast, child: Child, episode: MissingEpisode, acting: Acting, client_for: ClientFor
) -> None:
    early = make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(hours=90))
    waiting = make_return(rows, child, cast.officer, returned_at=clock.now() - timedelta(hours=99))
    for one in (early, waiting):
        owes(acting, cast.officer, one)
    interview = begun(acting, cast.social_worker, early, episode)
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview, late=Late("child_later"))
    with acting(cast.social_worker) as actor:
        found = figures(person=actor, since=clock.now() - timedelta(days=90))
    done = kept(rows, interview).done_at
    assert done
    returns = rows.scalars(select(MissingEpisode.returned_at)).all()
    in_time = [back for back in returns if back and timedelta(0) <= done - back <= timedelta(hours=72)]
    counted = (found.returns, found.offered, found.accepted, found.held, found.in_time, found.overdue)
    assert counted == (3, 2, 2, 2, len(in_time), 1) == (3, 2, 2, 2, 1, 1)
    assert "How your agency does" in client_for(cast.social_worker).get("/social-care/return-interviews").text
