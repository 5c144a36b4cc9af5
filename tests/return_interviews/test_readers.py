"""A return interview is read by its handling, as an entry is; its agency says so, with history."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.children.model import Child
from portal.records.entries.vocabulary import Handling
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team, User
from portal.records.return_interviews.ending import complete_interview
from portal.records.return_interviews.model import ReturnChange, ReturnInterview, ReturnInterviewEpisode
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve
from tests.factories.interviews import make_interview
from tests.return_interviews.conftest import Acting, begun, held, offered, steps
from tests.return_interviews.test_steps import writes
from tests.told import heard

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
SAID = "He waits behind the skittle alley"


@pytest.fixture
def interview(rows: Session, cast: Cast, case: Case, episode: MissingEpisode) -> ReturnInterview:
    """Of social care; the police and the nurse work on the case too."""
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    now = clock.now()
    held = {"offered": "yes", "offered_at": now, "accepted": True, "done_at": now, "independent": True}
    done = {"completed_at": now, "completed_by": cast.social_worker.id}
    return make_interview(rows, [episode], cast.social_worker, answers={"where": SAID}, **held, **done)


def typed(interview: ReturnInterview, **changes: Any) -> dict[str, Any]:
    return {"handling": "network", "family_safe": "ask", "version": str(interview.version), **changes}


def readers(cast: Cast, client_for: Browser, interview: ReturnInterview) -> set[str]:
    people = ("social_worker", "social_care_manager", "officer", "nurse", "coordinator", "stranger")
    page = f"/return-interviews/{interview.reference}"
    return {name for name in people if SAID in client_for(getattr(cast, name)).get(page).text}


def test_it_is_for_everyone_who_hears_of_the_child_until_its_agency_says_otherwise(
    rows: Session, cast: Cast, interview: ReturnInterview, client_for: Browser, asking: Asking
) -> None:
    assert {"social_worker", "officer", "nurse", "coordinator"} <= readers(cast, client_for, interview)
    page = f"/return-interviews/{interview.reference}"
    listed = {"handling": "agencies", "agencies": [str(cast.police.id)]}
    sent = client_for(cast.social_worker).submit(f"{page}/readers", typed(interview, **listed))
    assert sent.status_code == 303, sent.text
    assert readers(cast, client_for, interview) == {"social_worker", "social_care_manager", "officer"}
    for person in (cast.nurse, cast.coordinator, cast.stranger):
        browser = client_for(person)
        for address in (page, f"{page}/pdf", f"{page}/readers"):
            assert browser.get(address).status_code in {403, 404}, (person.name, address)
        with asking(person) as session:
            for table in (ReturnInterview, ReturnChange):
                assert not session.scalars(select(table)).all(), person.name
    assert "nurse portal entry_withheld" in heard(rows, cast, "interview_narrowed")
    shown = client_for(cast.officer).soup(page).get_text(" ", strip=True)
    assert "Only County social care, Police" in shown
    assert "Who may read it" in shown
    assert "Before: Everyone who hears of the child" in shown, "how it was stays"


def test_that_there_is_one_and_whom_to_ask_is_known_to_whoever_hears_of_the_child(
    rows: Session, cast: Cast, interview: ReturnInterview, client_for: Browser, asking: Asking
) -> None:
    rows.execute(update(ReturnInterview).values(handling=Handling.OWN))
    rows.commit()
    with asking(cast.nurse) as session:
        covered = session.scalars(select(ReturnInterviewEpisode)).one()
        assert covered.agency_id == cast.social_care.id
    listed = f"/children/{rows.get_one(Child, interview.child_id).reference}/return-interviews"
    seen = client_for(cast.nurse).soup(listed).get_text(" ", strip=True)
    assert "there is an interview that you do not read. If you need it, ask County social care." in seen
    assert interview.reference not in seen
    assert "you do not read" not in client_for(cast.social_worker).get(listed).text
    assert client_for(cast.stranger).get(listed).status_code == 404
    with asking(cast.stranger) as session:
        assert not session.scalars(select(ReturnInterviewEpisode)).all()


def test_the_hub_that_was_told_of_it_hears_that_it_reads_it_no_more(
    rows: Session, cast: Cast, interview: ReturnInterview, client_for: Browser
) -> None:
    page = f"/return-interviews/{interview.reference}"
    shared = client_for(cast.social_worker).submit(f"{page}/share", {"receivers": ["hub"]})
    assert shared.status_code == 303, shared.text
    assert "coordinator portal interview_shared" in heard(rows, cast, "interview_shared")
    version = str(rows.get_one(ReturnInterview, interview.id, populate_existing=True).version)
    narrowed = typed(interview, handling="own", version=version)
    assert client_for(cast.social_worker).submit(f"{page}/readers", narrowed).status_code == 303
    ended = heard(rows, cast, "interview_narrowed")
    assert {"coordinator portal entry_withheld", "nurse portal entry_withheld"} <= ended
    assert not any(one.startswith(("social_worker", "stranger")) for one in ended)


def test_the_message_says_whose_the_interview_is_that_is_for_that_agency_alone_and_their_number(
    rows: Session, cast: Cast, interview: ReturnInterview, client_for: Browser
) -> None:
    """Neither the hub nor the front door of an authority could read it."""
    rows.get_one(Team, cast.social_care_team.id).duty_phone = "01632 960123"
    rows.commit()
    page = f"/return-interviews/{interview.reference}"
    narrowed = typed(interview, handling="own")
    assert client_for(cast.social_worker).submit(f"{page}/readers", narrowed).status_code == 303
    told = select(OutboxMessage).filter_by(event="interview_narrowed")
    messages = {
        one.recipient_id: one.id for one in rows.scalars(told.execution_options(populate_existing=True))
    }
    for person in (cast.nurse, cast.officer):
        said = client_for(person).soup(f"/go/{messages[person.id]}").get_text(" ", strip=True)
        assert f"{cast.social_care.name} says who reads it. If you need it, ask them" in said, person.name
        assert f"{cast.social_care_team.name}, {cast.social_care.name}: 01632 960123" in said, person.name
        for word in ("ring the hub", "If nobody answers", "answers out of hours", SAID):
            assert word not in said, (person.name, word)
    nurses = f"/go/{messages[cast.nurse.id]}"
    assert client_for(cast.stranger).get(nurses).status_code == 404
    rows.execute(delete(Involvement).where(Involvement.team_id == cast.health_team.id))
    rows.commit()
    after = client_for(cast.nurse).get(nurses).text
    assert cast.social_care_team.name not in after, "who sees nothing of the child any more is told no more"


def test_nobody_is_told_of_an_interview_that_they_may_not_read(
    rows: Session, cast: Cast, interview: ReturnInterview, client_for: Browser
) -> None:
    rows.execute(update(ReturnInterview).values(handling="agencies", listed_agencies=[cast.police.id]))
    rows.commit()
    page = f"/return-interviews/{interview.reference}/share"
    refused = client_for(cast.social_worker).submit(page, {"receivers": ["police", "hub"]})
    assert refused.status_code == 422
    assert "Nobody there may read this interview: The Safeguarding Co-ordination Hub" in refused.text
    assert heard(rows, cast, "interview_shared") == set()
    assert client_for(cast.social_worker).submit(page, {"receivers": ["police"]}).status_code == 303
    assert "police_team mail interview_shared" in heard(rows, cast, "interview_shared")


def test_more_may_read_it_again_and_are_told(
    rows: Session, cast: Cast, interview: ReturnInterview, client_for: Browser
) -> None:
    rows.execute(update(ReturnInterview).values(handling=Handling.OWN))
    rows.commit()
    assert readers(cast, client_for, interview) == {"social_worker", "social_care_manager"}
    page = f"/return-interviews/{interview.reference}/readers"
    assert client_for(cast.social_worker).submit(page, typed(interview)).status_code == 303
    assert {"officer", "nurse"} <= readers(cast, client_for, interview)
    assert "nurse portal entry_opened" in heard(rows, cast, "interview_widened")


def test_only_its_agency_says_who_reads_it(
    rows: Session, cast: Cast, interview: ReturnInterview, client_for: Browser, asking: Asking
) -> None:
    page = f"/return-interviews/{interview.reference}/readers"
    for person, status in (
        (cast.officer, 403),
        (cast.nurse, 403),
        (cast.stranger, 404),
        (cast.governance, 403),
    ):
        answer = client_for(person).submit(page, typed(interview, handling="own"))
        assert answer.status_code == status, person.name
    for person in (cast.officer, cast.nurse, cast.coordinator):
        with asking(person) as session, pytest.raises(DBAPIError, match="says who reads it"):
            session.execute(update(ReturnInterview).values(handling="own"))
    with asking(cast.stranger) as session:
        hidden = session.execute(text("update return_interview set handling = 'own' where id is not null"))
        assert getattr(hidden, "rowcount", 0) == 0


def test_of_two_at_once_the_second_is_shown_both_and_a_list_needs_an_agency(
    rows: Session, cast: Cast, interview: ReturnInterview, client_for: Browser
) -> None:
    page, worker = f"/return-interviews/{interview.reference}/readers", client_for(cast.social_worker)
    nobody = worker.submit(page, typed(interview, handling="agencies"))
    assert nobody.status_code == 422
    assert "Choose the agencies that may read it" in nobody.text
    assert worker.submit(page, typed(interview, handling="own")).status_code == 303
    late = client_for(cast.social_care_manager).submit(page, typed(interview, family_safe="no"))
    assert late.status_code in {409, 422}
    assert "Only my agency" in late.text


WHY = "An older man at the boathouse"


@pytest.mark.usefixtures("case")
def test_why_the_assessment_has_to_be_looked_at_is_read_by_who_reads_the_interview_also_afterwards(
    rows: Session, cast: Cast, episode: MissingEpisode, case: Case, acting: Acting, client_for: Browser
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    begun(acting, cast.social_worker, episode)
    rows.execute(update(ReturnInterview).values(family_safe="no"))
    rows.commit()
    interview = rows.scalars(select(ReturnInterview)).one()
    offered(acting, cast.social_worker, interview)
    held(acting, cast.social_worker, interview)
    writes(acting, cast.social_worker, interview, seen=99, where="The arcade")
    done = {"assessment_needed": True, "assessment_words": WHY}
    steps(acting, cast.social_worker, interview, complete_interview, **done)
    assert {one.family_safe for one in entries(rows, case)} == {"no"}, "marked as the interview is"
    page = f"/cases/{case.reference}"
    for person in (cast.social_worker, cast.officer, cast.nurse):
        assert WHY in client_for(person).get(page).text, person.name

    def says(**read: Any) -> None:
        version = str(rows.get_one(ReturnInterview, interview.id, populate_existing=True).version)
        sent = typed(interview, family_safe="no") | read | {"version": version}
        change = f"/return-interviews/{interview.reference}/readers"
        assert "does not read that either" in client_for(cast.social_worker).get(change).text
        answer = client_for(cast.social_worker).submit(change, sent)
        assert answer.status_code == 303, answer.text

    says(handling="agencies", agencies=[str(cast.police.id)])
    assert WHY in client_for(cast.officer).get(page).text
    assert WHY not in client_for(cast.nurse).get(page).text
    assert "has to be looked at again" in client_for(cast.nurse).get(page).text, "that it has to be, all read"
    says(handling="own")
    for person in (cast.officer, cast.nurse, cast.coordinator):
        assert WHY not in client_for(person).get(page).text, person.name
    assert WHY in client_for(cast.social_worker).get(page).text
    says(handling="network")
    assert WHY in client_for(cast.nurse).get(page).text, "it goes with the interview"
    for entry in entries(rows, case):
        if WHY in entry.text:
            puts_entry(rows, entry, handling="own")
    says(handling="agencies", agencies=[str(cast.police.id)])
    assert WHY not in client_for(cast.officer).get(page).text, "what was narrowed by itself stays so"


def entries(rows: Session, case: Case) -> list[ChronologyEntry]:
    rows.rollback()
    rows.expire_all()
    return list(rows.scalars(select(ChronologyEntry).filter_by(case_id=case.id)))


def puts_entry(rows: Session, entry: ChronologyEntry, **read: Any) -> None:
    rows.execute(update(ChronologyEntry).where(ChronologyEntry.id == entry.id).values(**read))
    rows.commit()


def test_the_hub_and_the_police_can_be_named_although_none_of_them_works_on_the_case(
    rows: Session, cast: Cast, interview: ReturnInterview, client_for: Browser
) -> None:
    on_case = select(Case.id).where(Case.child_id == interview.child_id)
    police = update(Involvement).where(Involvement.case_id.in_(on_case))
    rows.execute(police.where(Involvement.agency_id == cast.police.id).values(ended_at=clock.now()))
    rows.commit()
    worker, page = client_for(cast.social_worker), f"/return-interviews/{interview.reference}/readers"

    def offered() -> set[str]:
        return {str(one["value"]) for one in worker.soup(page).select("input[name=agencies]")}

    both = {str(cast.hub.id), str(cast.police.id)}
    assert both | {str(cast.health.id)} <= offered()
    assert str(cast.school.id) not in offered()
    named = typed(interview, handling="agencies", agencies=sorted(both))
    assert worker.submit(page, named).status_code == 303
    seen = readers(cast, client_for, interview)
    assert {"social_worker", "officer", "coordinator"} <= seen
    assert not seen & {"nurse", "stranger"}
    rows.execute(update(Case).where(Case.id.in_(on_case)).values(sensitivity=1))
    rows.commit()
    assert client_for(cast.coordinator).get(page).status_code in {403, 404}
