"""The pages of missing children: one list for those who look for them, and what each may do to an episode."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.factories.missing import make_episode
from tests.locks.together import at_once
from tests.missing.conftest import Acting, reports, returns
from tests.missing.test_duties import back_of
from tests.statements import beside_the_context
from tests.triage.test_pages import fields_of

ClientFor = Callable[[User | None], Client]


def typed(name: str, at: datetime, clock_name: str) -> dict[str, str]:
    """A day and a time as they are typed."""
    local = clock.local(at)
    return {
        f"{name}-day": str(local.day),
        f"{name}-month": str(local.month),
        f"{name}-year": str(local.year),
        clock_name: f"{local:%H:%M}",
    }


def reported(at: datetime | None = None, **changes: str) -> dict[str, str]:
    """A filled-in report."""
    said = {
        "given_name": "Yarrowmir",
        "family_name": "Quenthelby",
        "dob-day": "3",
        "dob-month": "7",
        "dob-year": "2011",
        "status": "missing",
        "wearing": "A green coat",
        "responsible": "derbyshire",
        "once": str(uuid4()),
    }
    return said | typed("since_on", at or clock.now() - timedelta(hours=4), "since_at") | changes


@pytest.fixture
def episode(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """One that runs."""
    return make_episode(rows, rows.get_one(Child, case.child_id), cast.officer, team=cast.police_team)


def again(rows: Session, episode: MissingEpisode) -> MissingEpisode:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(MissingEpisode, episode.id)


def test_a_child_is_reported_looked_for_and_back(rows: Session, cast: Cast, client_for: ClientFor) -> None:
    teacher, officer = client_for(cast.teacher), client_for(cast.officer)
    answer = teacher.submit("/missing/report", reported())
    assert answer.status_code == 303
    page = f"/missing/{rows.scalars(select(MissingEpisode)).one().reference}"
    assert "Yarrowmir Quenthelby" in teacher.soup(page).get_text()
    assert "Yarrowmir Quenthelby" in officer.soup("/missing").get_text()
    found = {"how": "police", "injuries": "None seen"}
    back = typed("found_on", clock.now() - timedelta(minutes=9), "found_at")
    assert officer.submit(f"{page}/found", found | back | {"version": "1"}).status_code == 303
    words = " ".join(officer.soup(page).get_text().split())
    assert "Outstanding" in words
    assert "Not known: when the child left, where the child left from, " in words
    assert "where the child was found, with whom the child was." in words
    assert "Due by" in words
    talk = typed("held_on", clock.now(), "held_at")
    talk |= {"held_by": "PC Marl", "words": "Wanted to see friends", "handling": "network"}
    assert officer.submit(f"{page}/prevention", talk | {"version": "2"}).status_code == 303
    assert "Wanted to see friends" in teacher.soup(page).get_text()


def test_of_a_child_who_was_found_it_is_not_said_that_nobody_knows_where_they_are(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    nobody = "nobody knows where the child is"
    page, client = f"/missing/{episode.reference}", client_for(cast.officer)
    assert nobody in client.soup(page).get_text()
    assert client.soup(page).find(id="return") is None
    episode.found_at, episode.found_where = clock.now(), "At the station"
    rows.commit()
    words = " ".join(client.soup(page).get_text(" ").split())
    assert nobody not in words
    assert "Found, and not back yet" in words
    assert "At the station" in words
    episode.returned_at = clock.now()
    rows.commit()
    words = " ".join(client.soup(page).get_text(" ").split())
    assert nobody not in words
    assert "The return" in words


def test_whether_the_trigger_plan_was_used_is_answered_with_the_return_and_not_lost_by_a_correction(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client, page = client_for(cast.social_worker), f"/missing/{episode.reference}"
    assert "Trigger plan used" not in client.soup(page).get_text(), "nobody said"
    assert "whether the trigger plan was used" in client.soup(page).get_text()
    found = {"how": "police", "injuries": "None seen", "trigger_plan": "yes", "version": "1"}
    found |= typed("found_on", clock.now() - timedelta(minutes=9), "found_at")
    assert client.submit(f"{page}/found", found).status_code == 303
    assert again(rows, episode).trigger_plan_used is True
    assert "Trigger plan used Yes" in " ".join(client.soup(page).get_text(" ").split())
    del found["trigger_plan"]
    corrected = found | {"injuries": "A bruise", "version": str(again(rows, episode).version)}
    assert client.submit(f"{page}/found", corrected).status_code == 303
    assert (again(rows, episode).injuries, again(rows, episode).trigger_plan_used) == ("A bruise", True)


def test_that_no_trigger_plan_was_used_is_an_answer_where_nobody_had_said(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client, page = client_for(cast.social_worker), f"/missing/{episode.reference}"
    found = {"how": "police", "injuries": "None seen", "version": "1"}
    found |= typed("found_on", clock.now() - timedelta(minutes=9), "found_at")
    assert client.submit(f"{page}/found", found).status_code == 303
    assert again(rows, episode).trigger_plan_used is None
    found |= {"trigger_plan": "no", "version": str(again(rows, episode).version)}
    assert client.submit(f"{page}/found", found).status_code == 303
    assert again(rows, episode).trigger_plan_used is False


def test_a_form_comes_back_with_what_was_typed_and_what_is_wrong(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.officer)
    tomorrow = clock.now() + timedelta(days=1)
    answer = client.submit("/missing/report", reported(tomorrow, since_at="half nine", wearing="A hat"))
    assert answer.status_code == 422
    page = client.page_of(answer)
    assert page.find(id="error-summary")
    assert "A hat" in page.get_text()
    answer = client.submit("/missing/report", reported(given_name="", family_name=""))
    assert "name that the child goes by" in client.page_of(answer).get_text()


def test_when_it_was_raised_is_kept_and_cannot_lie_before_it_happened(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    client, since = client_for(cast.officer), clock.now() - timedelta(hours=4)
    early = typed("raised_on", since - timedelta(hours=1), "raised_at")
    assert client.submit("/missing/report", reported(since, **early)).status_code == 422
    assert client.submit("/missing/report", reported(since, raised_at="22:50")).status_code == 422
    raised = typed("raised_on", since + timedelta(hours=1), "raised_at")
    assert client.submit("/missing/report", reported(since, **raised)).status_code == 303
    episode = rows.scalars(select(MissingEpisode)).one()
    assert f"{clock.local(episode.reported_at):%H:%M}" == raised["raised_at"]


def test_two_reports_of_one_child_are_marked_for_whoever_sees_both(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    other = make_episode(rows, rows.get_one(Child, episode.child_id), cast.teacher, team=cast.school_team)
    assert "Reported twice" in client_for(cast.social_worker).soup("/missing").get_text()
    assert "Reported twice" not in client_for(cast.teacher).soup("/missing").get_text()
    for one, too in ((episode, other), (other, episode)):
        said = f"reported missing twice: {too.reference} has not ended"
        assert said in client_for(cast.social_worker).soup(f"/missing/{one.reference}").get_text()
    assert (
        "reported missing twice"
        not in client_for(cast.teacher).soup(f"/missing/{other.reference}").get_text()
    )


def test_where_one_of_two_reports_ends_it_is_said_that_the_other_goes_on(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor, acting: Acting
) -> None:
    other = make_episode(rows, rows.get_one(Child, episode.child_id), cast.teacher, team=cast.school_team)
    client, place = client_for(cast.social_worker), f"/missing/{episode.reference}/found"
    back = clock.now() - timedelta(minutes=5)
    form = fields_of(client.soup(place), place) | typed("found_on", back, "found_at")
    answer = client.submit(place, form | {"how": "came_back", "injuries": "Not hurt"})
    assert answer.status_code == 303, client.page_of(answer).get_text()
    page = client.soup(f"/missing/{episode.reference}").get_text()
    assert f"{other.reference} still says that the child is missing" in page
    assert f"The child is still reported missing: {other.reference} has not ended. Say there too" in page
    for person in (cast.stranger, cast.community_safety):
        assert client_for(person).get(place).status_code == 404, person.name
    returns(acting, cast.teacher, other)
    assert "still reported missing" not in client.soup(f"/missing/{episode.reference}").get_text()


def test_reporting_from_the_child_s_page_names_the_child_and_nobody_reports_one_they_cannot_see(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    nurse = client_for(cast.nurse)
    page = nurse.soup(f"/missing/report?child={child.reference}")
    assert "Ada Fictional" in page.get_text()
    assert not page.find("input", {"name": "given_name"})
    assert nurse.submit(f"/missing/report?child={child.reference}", reported()).status_code == 303
    assert rows.scalars(select(MissingEpisode)).one().child_id == child.id
    assert client_for(cast.stranger).get(f"/missing/report?child={child.reference}").status_code == 404


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        *(("officer", 200), ("neighbour", 200), ("social_worker", 200), ("coordinator", 200), ("nurse", 200)),
        *(("teacher", 404), ("stranger", 404), ("community_safety", 404)),
        *(("governance", 403), ("administrator", 403)),
    ],
)
def test_who_opens_an_episode_and_everything_that_is_done_to_it(
    cast: Cast, episode: MissingEpisode, client_for: ClientFor, who: str, sees: int
) -> None:
    client = client_for(getattr(cast, who))
    page = f"/missing/{episode.reference}"
    assert client.get(page).status_code == sees
    assert (
        client.get(page, headers={"HX-Request": "true", "HX-Target": "main#main-content"}).status_code == sees
    )
    for step in ("change", "found"):
        assert client.get(f"{page}/{step}").status_code == sees
    police_or_hub = {"officer", "neighbour", "coordinator"}
    for step in ("prevention", "withdraw"):
        expected = 403 if sees == 200 and who not in police_or_hub else sees
        assert client.get(f"{page}/{step}").status_code == expected, step
        assert client.submit(f"{page}/{step}").status_code == (422 if expected == 200 else expected), step


def test_a_former_colleague_of_another_agency_sees_nothing_of_it(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client = client_for(cast.colleague)
    assert client.get(f"/missing/{episode.reference}").status_code == 200
    rows.get_one(User, cast.colleague.id).agency_id = cast.school.id
    rows.commit()
    assert client.get(f"/missing/{episode.reference}").status_code == 404
    assert episode.reported_name not in client.soup("/missing").get_text()


def test_the_pages_of_a_sealed_child_say_to_the_reporter_what_those_of_an_unknown_one_do(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    grant(rows, case, cast.chair, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    child = rows.get_one(Child, case.child_id)
    child.given_name, child.family_name = "Ossiwen", "Thrapstonby"
    rows.commit()
    officer = client_for(cast.officer)

    def words(name: str, dob: object) -> list[str]:
        episode = reports(acting, cast.officer, name=name, dob=dob)
        returns(acting, cast.officer, episode)
        page = officer.soup(f"/missing/{episode.reference}")
        (main,) = page.select("#main-content")
        said = main.get_text(" ", strip=True)
        said = re.sub(r"\d+:\d\d[ap]m", "TIME", said)  # the minute may turn between the two
        return said.replace(episode.reference, "REF").replace(name, "NAME").split()

    assert words("Ossiwen Thrapstonby", child.dob) == words("Yarrowmir Quenthelby", child.dob)
    back = "/missing?show=returned"
    assert "Ossiwen Thrapstonby" in officer.soup(back).get_text()
    for other in (cast.neighbour, cast.social_worker, cast.coordinator):
        for page in ("/missing", back, "/missing?show=prevention"):
            assert "Ossiwen" not in client_for(other).soup(page).get_text(), other.name


def test_somebody_else_s_change_is_shown_beside_ones_own(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    page = f"/missing/{episode.reference}/change"
    said = {"status": "missing", "version": "1"} | typed("since_on", episode.missing_since, "since_at")
    assert client_for(cast.officer).submit(page, said | {"wearing": "A red coat"}).status_code == 303
    client = client_for(cast.nurse)
    answer = client.submit(page, said | {"wearing": "A blue coat"})
    assert answer.status_code == 409
    words = client.page_of(answer).get_text()
    assert "A red coat" in words
    assert "A blue coat" in words
    assert client.submit(page, said | {"wearing": "A blue coat", "version": "2"}).status_code == 303
    assert "A red coat → A blue coat" in client.soup(f"/missing/{episode.reference}").get_text()


def test_the_decision_on_a_strategy_meeting_is_asked_and_kept(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    back_of(rows, case, cast.officer, 20, 9)
    third = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    worker, page = client_for(cast.social_worker), f"/missing/{third.reference}"
    assert "Repeatedly missing" in worker.soup("/missing").get_text()
    assert "ask for a decision" in client_for(cast.officer).soup(page).get_text()
    assert client_for(cast.officer).get(f"{page}/strategy").status_code == 403
    assert client_for(cast.teacher).get(f"{page}/strategy").status_code == 404
    leads = case.lead_professional_id == cast.social_worker.id
    for lead in (cast.social_worker, cast.nurse):  # whoever does not lead it is not led to a refusal
        case.lead_professional_id = lead.id
        rows.commit()
        offered = worker.soup(f"{page}/strategy").select_one('main a[href*="/meetings/call/"]')
        may = worker.get(f"/meetings/call/case/{case.reference}").status_code
        assert (offered is not None, may) == ((True, 200) if lead is cast.social_worker else (False, 403))
    assert "somebody with the chair’s role calls a meeting" in worker.soup(f"{page}/strategy").get_text()
    assert leads
    case.lead_professional_id = cast.social_worker.id
    rows.commit()
    assert worker.submit(f"{page}/strategy", {"answer": "meeting"}).status_code == 422
    said = {"answer": "meeting", "words": "On Thursday with the police"}
    answer = worker.submit(f"{page}/strategy", said)
    assert answer.status_code == 422
    assert "Choose which meeting it is. Call it first where nobody did" in answer.text
    said |= {"meeting": "elsewhere"}
    assert worker.submit(f"{page}/strategy", said).status_code == 303
    assert worker.submit(f"{page}/strategy", said).status_code == 422
    rows.rollback()
    assert rows.scalars(select(MissingPrompt)).one().answer == "meeting"
    assert "On Thursday with the police" in client_for(cast.officer).soup(page).get_text()


def test_withdrawn_it_stands_and_counts_no_more(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client, page = client_for(cast.officer), f"/missing/{episode.reference}"
    said = {"why": "none", "reason": "Was at a grandparent’s", "version": "1"}
    case = rows.scalars(select(Case).filter_by(child_id=episode.child_id)).one()
    on_case = f"/cases/{case.reference}"
    assert "1 time, 1 in the last 30 days" in client_for(cast.social_worker).soup(on_case).get_text()
    assert client.submit(f"{page}/withdraw", said).status_code == 303
    assert "0 times" in client_for(cast.social_worker).soup(on_case).get_text()
    assert "Was at a grandparent’s" in client.soup(page).get_text()
    assert "Ada Fictional" not in client.soup("/missing").get_text()
    assert client.submit(f"{page}/found", {"version": "2"}).status_code == 422
    assert again(rows, episode).returned_at is None


def test_a_child_with_a_hundred_and_fifty_episodes_stays_within_the_budget(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, statements: list[str]
) -> None:
    child = rows.get_one(Child, case.child_id)
    now = clock.now()
    for number in range(150):
        since = now - timedelta(days=number * 5, hours=6)
        make_episode(
            rows, child, cast.officer, since=since, returned_at=since + timedelta(hours=4), how_found="police"
        )
    latest = rows.scalars(select(MissingEpisode).order_by(MissingEpisode.missing_since.desc())).first()
    assert latest
    client = client_for(cast.social_worker)
    for page in (
        "/missing",
        f"/missing/{latest.reference}",
        f"/children/{child.reference}/missing",
        f"/children/{child.reference}",
    ):
        client.soup(page)
        statements.clear()
        answer = client.get(page)
        asked = [one.split("FROM")[-1][:60] for one in beside_the_context(statements)]
        assert len(asked) <= 8, (page, asked)
        assert len(answer.data) < 90_000, page
    words = client.soup(f"/children/{child.reference}/missing").get_text()
    assert "150 in all: 6 in 30 days, 18 in 90 days, 73 in 365 days" in words
    seen: list[str] = []
    page = f"/children/{child.reference}/missing"
    while page:
        soup = client.soup(page)
        seen += [str(link["href"]) for link in soup.select("tbody th a")]
        following = soup.find("a", rel="next")
        page = str(following["href"]) if following else ""
    assert len(seen) == len(set(seen)) == 150


def test_every_page_of_a_child_leaves_a_row(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    client.soup("/missing")
    client.soup(f"/missing/{episode.reference}")
    found = rows.execute(
        select(AuditEvent.action, AuditEvent.child_id).where(AuditEvent.actor_id == cast.social_worker.id)
    ).all()
    assert ("missing:list", None) in found
    assert ("missing:view", episode.child_id) in found


def test_of_two_who_change_its_words_at_once_the_second_reads_what_the_first_wrote(
    app: Flask, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    place, clients = f"/missing/{episode.reference}/change", [client_for(cast.officer) for _ in range(2)]
    form = fields_of(clients[0].soup(place), place)
    words = ("Left by the back door", "Left by the window")
    sent = [form | {"circumstances": one} for one in words]
    answers = at_once(app, *(partial(one.submit, place, it) for one, it in zip(clients, sent, strict=True)))
    assert sorted(one.status_code for one in answers) == [303, 409]
    second = next(n for n, one in enumerate(answers) if one.status_code == 409)
    page = clients[second].page_of(answers[second]).get_text()
    assert all(one in page for one in words), "both sides are shown"
