"""An answer that says, or may say, where a child is: on the page of its question, and on nothing printed."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.policy import current_policy
from portal.records.cases.model import Alert, Case
from portal.records.cases.presenter import held_back_by
from portal.records.children.model import Child
from portal.records.people.model import User
from portal.records.requests.model import InformationAnswer, InformationRequest
from portal.records.requests.presenter import HELD_BACK
from tests.cast import Cast
from tests.client import Client
from tests.documents.conftest import Take, take  # noqa: F401 - a fixture
from tests.factories.attachments import make_file
from tests.factories.cases import add_alert, add_held_alert, involve
from tests.factories.meetings import make_meeting
from tests.requests.conftest import Acting, asks, questions

Browser = Callable[[User | None], Client]
WORDS = "She sleeps at Quillwhistle Lane"


@pytest.fixture
def asked(rows: Session, cast: Cast, acting: Acting, case: Case) -> InformationRequest:
    """Health are asked, and come to work on the case."""
    asks(acting, cast.social_worker, case, cast.health_team)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    return questions(rows)[0]


def answers(client: Client, asked: InformationRequest, **said: object) -> int:
    typed = {"text": WORDS, "handling": "network", "seen": "0"} | said
    return client.submit(f"/requests/{asked.reference}/answer", data=typed).status_code


def elsewhere(rows: Session, case: Case, cast: Cast) -> tuple[list[str], list[str]]:
    """The pages and the documents on which an answer stands besides the page of its question."""
    child = rows.get_one(Child, case.child_id)
    met = make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case])
    pages = [f"/cases/{case.reference}/{one}" for one in ("print", "sharing")]
    pages.append(f"/children/{child.reference}/chronology?words=full")
    files = [
        f"/cases/{case.reference}/chronology.pdf",
        f"/children/{child.reference}/chronology.pdf",
        f"/meetings/{met.reference}/pack.pdf",
    ]
    return pages, files


@pytest.mark.parametrize(
    ("locates", "alert", "held"),
    [
        ("", False, False),
        ("yes", False, False),
        ("no", True, False),
        ("", True, True),
        ("yes", True, True),
        ("held", False, True),
    ],
)
def test_the_words_are_on_the_page_of_the_question_alone_where_they_must_or_may_not_be_disclosed(
    rows: Session,
    cast: Cast,
    case: Case,
    asked: InformationRequest,
    client_for: Browser,
    take: Take,  # noqa: F811 - a fixture
    locates: str,
    alert: bool,
    held: bool,
) -> None:
    if alert:
        add_held_alert(rows, case, cast.social_worker)
    police = [str(cast.police.id), str(cast.social_care.id)]
    named = {"handling": "agencies", "agencies": police} if locates == "held" else {}
    assert answers(client_for(cast.nurse), asked, locates=locates, **named) == 303
    question = client_for(cast.officer).soup(f"/requests/{asked.reference}")
    assert WORDS in question.get_text()
    on_paper = [one for one in question.select(".app-words") if WORDS in one.get_text()]
    assert [("app-no-print" in (one["class"] or "")) for one in on_paper] == [held]
    pages, files = elsewhere(rows, case, cast)
    read = {one: client_for(cast.officer).soup(one).get_text() for one in pages}
    read |= {one: " ".join(take(cast.officer, one).text.split()) for one in files}
    for address, text in read.items():
        assert (WORDS in text) is not held, address
        assert (HELD_BACK in text) is held, address


def test_an_alert_holds_back_what_was_answered_before_and_only_one_that_holds_something_back(
    rows: Session, cast: Cast, case: Case, asked: InformationRequest, client_for: Browser
) -> None:
    assert answers(client_for(cast.nurse), asked, locates="yes") == 303
    officer, printed = client_for(cast.officer), f"/cases/{case.reference}/print"
    add_alert(rows, case, cast.social_worker, "Quillalert")
    assert WORDS in officer.get(printed).text
    alert = add_held_alert(rows, case, cast.social_worker)
    assert WORDS not in officer.get(printed).text
    rows.get_one(Alert, alert.id).ended_at = clock.now()
    rows.commit()
    assert WORDS in officer.get(printed).text


def test_whoever_is_asked_and_does_not_reach_the_record_learns_nothing_of_an_alert(
    rows: Session, cast: Cast, acting: Acting, case: Case, client_for: Browser
) -> None:
    asks(acting, cast.social_worker, case, cast.council_team)
    asked = next(one for one in questions(rows) if one.asked_team_id == cast.council_team.id)
    council = client_for(cast.community_safety)
    assert answers(council, asked, locates="yes") == 303
    address = f"/requests/{asked.reference}"
    council.get(address)  # with what the portal says of the step just taken
    before = council.soup(address).main
    assert before is not None
    assert "that may not be disclosed" in before.get_text()
    add_held_alert(rows, case, cast.social_worker)
    after = council.soup(address).main
    assert after is not None
    assert after.get_text() == before.get_text()


def test_what_must_not_be_disclosed_is_for_named_agencies(
    rows: Session, cast: Cast, asked: InformationRequest, client_for: Browser
) -> None:
    nurse = client_for(cast.nurse)
    page = nurse.submit(
        f"/requests/{asked.reference}/answer",
        data={"text": WORDS, "handling": "network", "seen": "0", "locates": "held"},
    )
    assert page.status_code == 422
    assert "It must not be disclosed: choose the agencies that may read it, or only yours" in page.text
    assert WORDS in page.text, "nothing that was typed is lost"
    assert not rows.scalars(select(InformationAnswer)).all()
    assert answers(nurse, asked, handling="own", locates="held") == 303
    given = rows.scalars(select(InformationAnswer)).one()
    given.handling = "network"
    with pytest.raises(IntegrityError, match="held_for_named_agencies"):
        rows.commit()
    rows.rollback()
    for person in (cast.officer, cast.social_worker):
        assert WORDS not in client_for(person).get(f"/requests/{asked.reference}").text
    for person in (cast.stranger, cast.community_safety):
        assert client_for(person).get(f"/requests/{asked.reference}").status_code == 404


def test_whoever_sets_such_an_alert_reads_what_it_does_to_answers_and_what_it_does_not(
    cast: Cast, case: Case, client_for: Browser
) -> None:
    kind = current_policy().cases.alerts["do_not_disclose_address"]
    page = client_for(cast.social_worker).soup(f"/cases/{case.reference}/alerts/new").get_text()
    assert held_back_by(kind) in page
    assert "An answer of an agency to a question then stands on the page of the question alone" in page
    assert "Other words stay where they were written" in page


@pytest.mark.parametrize("handling", ["network", "own"])
def test_a_file_on_an_answer_is_read_as_the_answer_and_named_where_its_words_stand(
    rows: Session, cast: Cast, case: Case, asked: InformationRequest, client_for: Browser, handling: str
) -> None:
    assert answers(client_for(cast.nurse), asked, locates="yes", handling=handling) == 303
    answer = rows.scalars(select(InformationAnswer)).one()
    file = make_file(rows, answer, cast.nurse, name="14 Lantern Steps")
    others = {"social_worker", "officer", "coordinator"} if handling == "network" else set()
    people = ("nurse", "social_worker", "officer", "coordinator", "stranger", "community_safety", "teacher")

    def readers(page: str, said: str) -> set[str]:
        answered = {who: client_for(getattr(cast, who)).get(page) for who in people}
        return {who for who, one in answered.items() if one.status_code == 200 and said in one.text}

    listed = f"/cases/{case.reference}/files"
    address = f"/files/{file.reference}"
    opened = {who for who in people if client_for(getattr(cast, who)).get(address).status_code == 200}
    assert opened == {"nurse"} | others
    assert readers(listed, "14 Lantern Steps") == {"nurse"} | others
    add_held_alert(rows, case, cast.social_worker)
    assert readers(listed, "14 Lantern Steps") == set(), "but for the page of the question"
    assert readers(listed, "A file on an answer that is held back") == {"nurse"} | others
    assert readers(f"/requests/{asked.reference}", "14 Lantern Steps") == {"nurse"} | others
