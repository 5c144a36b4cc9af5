"""Who is asked to release intelligence can; by the question nobody else learns that it is there."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import CaseNews
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.entries.vocabulary import Handling
from portal.records.intelligence.gradings import release
from portal.records.intelligence.model import EntryGrading
from portal.records.people.model import User
from portal.records.requests.answering import answer, withdraw_at_end
from portal.records.requests.asking import ask
from portal.records.requests.model import InformationRequest
from portal.vocabulary import CaseState, Sector, Sensitivity
from tests.cast import Cast
from tests.factories.cases import add_entry, grant, involve
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.factories.people import make_agency, make_team
from tests.intelligence.conftest import Acting, Asking, ClientFor
from tests.told import heard


@pytest.fixture
def entry(rows: Session, cast: Cast, case: Case) -> ChronologyEntry:
    """Intelligence of the police for the social workers alone."""
    found = add_entry(rows, case, cast.officer, handling=Handling.AGENCIES, listed=(cast.social_care.id,))
    make_grading(rows, found, cast.officer, READING_ONLY)
    return found


def asks(acting: Acting, cast: Cast, case: Case, entry: ChronologyEntry, **whom: Any) -> str:
    """The reference of the question."""
    with acting(cast.social_worker) as actor:
        (made,) = ask(
            actor=actor,
            child_id=case.child_id,
            case=db.session.get_one(Case, case.id),
            entry=db.session.get_one(ChronologyEntry, entry.id),
            question="Can you release the intelligence?",
            why="For the plan",
            **whom,
        )
        return str(made.reference)


def sees(asking: Asking, person: User) -> bool:
    with asking(person) as session:
        return session.scalar(select(InformationRequest.id)) is not None


def test_the_question_is_for_whoever_reads_the_entry_and_for_whoever_is_asked(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, acting: Acting, asking: Asking,
    client_for: ClientFor,
) -> None:  # fmt: skip
    made = asks(acting, cast, case, entry, teams=[cast.police_team.id])
    for person, may in (
        (cast.social_worker, True), (cast.officer, True), (cast.colleague, True), (cast.nurse, False),
        (cast.coordinator, False), (cast.neighbour, False), (cast.stranger, False), (cast.governance, False),
    ):  # fmt: skip
        assert sees(asking, person) is may, person.name
    assert client_for(cast.nurse).get(f"/requests/{made}").status_code == 404
    for place in ("", "/sharing", "/plan", "/print"):
        for person in (cast.nurse, cast.coordinator):
            assert made not in client_for(person).get(f"/cases/{case.reference}{place}").text, place
    assert made in client_for(cast.social_worker).get(f"/cases/{case.reference}/sharing").text


def test_the_page_leads_whoever_is_asked_to_where_they_release_it(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, acting: Acting, client_for: ClientFor
) -> None:
    made = asks(acting, cast, case, entry, teams=[cast.police_team.id])
    elsewhere = asks(acting, cast, case, entry, teams=[cast.police_other_team.id])
    said = client_for(cast.neighbour).soup(f"/requests/{elsewhere}").get_text()
    assert "You do not read what is asked for, and cannot release it" in said
    page = client_for(cast.officer).soup(f"/requests/{made}")
    assert page.find("a", href=f"/cases/{case.reference}/entries/{entry.id}/grading")
    assert "We hold nothing" not in page.get_text()


def test_of_a_restricted_case_only_the_police_who_are_named_on_it_are_asked(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, acting: Acting, client_for: ClientFor
) -> None:
    rows.get_one(Case, case.id).sensitivity = Sensitivity.RESTRICTED
    for person in (cast.social_worker, cast.officer, cast.nurse):
        grant(rows, case, person, by=cast.coordinator)
    rows.commit()
    with pytest.raises(DomainError, match="Ask them by name"):
        asks(acting, cast, case, entry, teams=[cast.police_team.id])
    client = client_for(cast.social_worker)
    place = f"/requests/ask/case/{case.reference}?release={entry.id}"
    page = client.soup(place)
    assert [one["value"] for one in page.select("input[name=people]")] == [str(cast.officer.id)]
    assert "Only the police who are named on this case can release it" in page.get_text()
    day = {one["name"]: one["value"] for one in page.select("input[name^=due_on]")}
    said = day | {"people": str(cast.officer.id), "why": "For the plan", "question": "Can you release it?"}
    assert client.submit(place, said).status_code == 303
    made = rows.scalars(select(InformationRequest)).one()
    assert (made.asked_user_id, made.asked_team_id) == (cast.officer.id, None)
    page = client_for(cast.officer).soup(f"/requests/{made.reference}")
    assert "and release it there" in page.get_text()


def test_what_one_force_graded_another_is_not_asked_to_release(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, client_for: ClientFor
) -> None:
    rows.get_one(ChronologyEntry, entry.id).handling = Handling.NETWORK
    second = make_team(rows, make_agency(rows, "Railway police", Sector.POLICE), "Railway unit")
    involve(rows, case, second, by=cast.coordinator)
    client = client_for(cast.social_worker)
    place = f"/requests/ask/case/{case.reference}?release={entry.id}"

    def ticked() -> set[str]:
        return {str(one["value"]) for one in client.soup(place).select("input[name=teams][checked]")}

    assert ticked() == {str(cast.police_team.id)}
    grading = rows.scalars(select(EntryGrading)).one()
    grading.graded_agency_id = cast.hub.id
    rows.commit()
    assert ticked() == {str(cast.police_team.id), str(second.id)}


def test_only_teams_that_can_release_it_are_offered(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, client_for: ClientFor
) -> None:
    client, place = client_for(cast.social_worker), f"/requests/ask/case/{case.reference}"

    def offered(address: str) -> set[str]:
        return {str(one["value"]) for one in client.soup(address).select("input[name=teams]")}

    assert str(cast.school_team.id) in offered(place)
    to_release = f"{place}?release={entry.id}"
    assert offered(to_release) == {str(cast.police_team.id)}
    page = client.soup(to_release)
    day = {one["name"]: one["value"] for one in page.select("input[name^=due_on]")}
    said = day | {"teams": str(cast.school_team.id), "why": "For the plan", "question": "Can you release it?"}
    assert client.submit(to_release, said).status_code == 422
    assert not rows.scalars(select(InformationRequest)).all()
    on_case = select(Involvement).filter_by(case_id=case.id, team_id=cast.police_team.id)
    rows.scalars(on_case).one().ended_at = clock.now()
    rows.commit()
    anywhere = offered(to_release)
    assert {str(cast.police_team.id), str(cast.police_other_team.id)} <= anywhere
    assert str(cast.school_team.id) not in anywhere


def test_the_answer_says_that_those_who_read_the_intelligence_alone_read_it(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, acting: Acting, client_for: ClientFor
) -> None:
    made = asks(acting, cast, case, entry, teams=[cast.police_team.id])
    who = "Everyone working on this case who reads this intelligence"
    assert who in client_for(cast.officer).get(f"/requests/{made}").text
    said = {"text": "Not yet", "handling": "network", "seen": "0"}
    assert client_for(cast.officer).submit(f"/requests/{made}/answer", said).status_code == 303
    assert f"For: {who}" in client_for(cast.social_worker).soup(f"/requests/{made}").get_text(" ", strip=True)
    for person in (cast.nurse, cast.coordinator, cast.stranger):
        assert client_for(person).get(f"/requests/{made}").status_code == 404


def test_that_a_question_was_answered_is_news_for_whoever_may_read_the_question(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, acting: Acting, asking: Asking
) -> None:
    made = asks(acting, cast, case, entry, teams=[cast.police_team.id])
    with acting(cast.officer) as actor:
        question = db.session.scalars(select(InformationRequest).filter_by(reference=made)).one()
        answer(actor=actor, request=question, text="Not yet", handling=Handling.NETWORK)
    for person, reads in ((cast.social_worker, True), (cast.nurse, False), (cast.stranger, False)):
        with asking(person) as session:
            found = session.scalars(select(CaseNews.id).filter_by(subject_kind="information_request")).all()
            assert bool(found) is reads, person.name


@pytest.mark.parametrize("by_name", [False, True])
def test_with_its_case_it_ends_also_where_whoever_ends_that_does_not_read_it(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, acting: Acting, by_name: bool
) -> None:
    whom = {"teams": [], "people": [cast.officer.id]} if by_name else {"teams": [cast.police_team.id]}
    made = asks(acting, cast, case, entry, **whom)
    rows.get_one(Case, case.id).state = CaseState.CLOSED
    rows.commit()
    with acting(cast.coordinator) as actor:
        withdraw_at_end(actor=actor, case=db.session.get_one(Case, case.id))
    rows.expire_all()
    question = rows.scalars(select(InformationRequest).filter_by(reference=made)).one()
    assert question.withdrawn_reason == "The case has ended"
    assert rows.scalars(select(Deadline.state).filter_by(subject_id=question.id)).one() == "cancelled"
    asked = "officer" if by_name else "police_team"
    assert f"{asked} mail asked_withdrawn" in heard(rows, cast, "question_withdrawn")


def test_of_a_case_that_has_not_ended_nothing_ends_so(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, acting: Acting
) -> None:
    asks(acting, cast, case, entry, teams=[cast.police_team.id])
    for person in (cast.coordinator, cast.nurse, cast.stranger):
        with acting(person) as actor:
            withdraw_at_end(actor=actor, case=rows.get_one(Case, case.id))
    rows.expire_all()
    assert rows.scalars(select(InformationRequest)).one().withdrawn_at is None


def test_who_was_told_of_it_stands_for_whoever_reads_it_alone(
    rows: Session, cast: Cast, case: Case, entry: ChronologyEntry, acting: Acting, client_for: ClientFor
) -> None:
    asks(acting, cast, case, entry, teams=[cast.police_team.id])
    with acting(cast.officer) as actor:
        release(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            entry=db.session.get_one(ChronologyEntry, entry.id),
            reason="The arrests were made",
        )
    for person, reads in ((cast.social_worker, True), (cast.officer, True), (cast.nurse, False)):
        said = client_for(person).soup(f"/cases/{case.reference}/told").get_text()
        assert ("Conditions on intelligence ended" in said) is reads, person.name
        assert ("What was asked to be released was released" in said) is reads, person.name
