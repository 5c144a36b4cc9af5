"""Wherever words leave, what is held back has a sentence in its place; other conditions go with the words."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.rules import Given
from portal.records.assessments.vocabulary import SignAnswer
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.entries.citations import check_no_restricted_quotes, cite, section_of
from portal.records.entries.reading.citations import held_from, held_words, of_entries
from portal.records.entries.vocabulary import Handling
from portal.records.intelligence.model import EntryGrading
from portal.records.meetings.model import Meeting
from portal.records.minutes.model import Minute, MinutesIssue
from portal.records.minutes.reading.issues import Passage, offered
from portal.records.minutes.vocabulary import MinutesKind
from portal.vocabulary import RiskLevel, Use
from tests.assessments.conftest import begin, concludes, fill_in
from tests.cases.pages import with_entries, words
from tests.cast import Cast
from tests.documents.conftest import Take
from tests.factories.assessments import make_citation, make_finalised
from tests.factories.attachments import make_file
from tests.factories.cases import add_entry
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.factories.meetings import make_meeting
from tests.factories.minutes import make_minute
from tests.intelligence.conftest import WORDS, Acting, ClientFor
from tests.meetings.recorded import Recorded, make_recorded
from tests.minutes.test_sending_out import approve, circulate, issues

NO_MINUTES, SOFTLY = "Do not put into minutes or reports", "Do not approach the people named"
HELD = "Held back by Police. Ask Police: "
Bind = Callable[[ChronologyEntry], None]
READERS = ("officer", "nurse", "social_worker", "coordinator")


@pytest.fixture(params=["graded by the police", "told under conditions"])
def bind(request: pytest.FixtureRequest, rows: Session, cast: Cast) -> Bind:
    """Bind an entry: by a grading under which nothing is allowed, or by the conditions of a telling."""

    def binding(entry: ChronologyEntry) -> None:
        if request.param == "graded by the police":
            make_grading(rows, entry, cast.officer, READING_ONLY)
        else:
            entry.conditions = NO_MINUTES
            rows.commit()

    return binding


@pytest.fixture
def entry(rows: Session, cast: Cast, case: Case) -> ChronologyEntry:
    """What the police say to the network, so that handling keeps it from nobody."""
    found = add_entry(rows, case, cast.officer, WORDS)
    found.critical_moment = "Quillmoment"
    rows.commit()
    return found


def release(rows: Session, entry: ChronologyEntry, cast: Cast) -> None:
    grading = rows.query(EntryGrading).filter_by(entry_id=entry.id).one()
    grading.released_by, grading.released_agency_id = cast.officer.id, cast.police.id
    grading.released_at, grading.release_reason = clock.now(), "Arrests"
    rows.commit()


@pytest.mark.parametrize("who", READERS)
def test_it_is_read_on_the_page_and_held_back_on_the_print_and_in_the_file(
    client_for: ClientFor, take: Take, cast: Cast, case: Case, entry: ChronologyEntry, bind: Bind, who: str
) -> None:
    bind(entry)
    person = getattr(cast, who)
    page = with_entries(client_for(person), case.reference)
    assert "Zilpahwynd" in words(page)
    shown = page.select_one(f"#entry-{entry.id}")
    assert shown
    for one in shown.find_all(string=lambda text: "Zilpahwynd" in text or "Quillmoment" in text):
        assert one.find_parent(class_="app-no-print"), "a browser that prints the page prints none of it"
    printed = words(client_for(person).soup(f"/cases/{case.reference}/print"))
    taken = take(person, f"/cases/{case.reference}/chronology.pdf").text
    for leaving in (printed, taken):
        assert HELD in leaving
        assert cast.officer.name in leaving, "who wrote it is said still"
        for kept in ("Zilpahwynd", "Quillmoment"):
            assert kept not in leaving, kept


def test_it_is_held_back_in_the_chronology_of_the_child(
    rows: Session,
    client_for: ClientFor,
    take: Take,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    bind: Bind,
) -> None:
    place = f"/children/{rows.get_one(Child, case.child_id).reference}/chronology"
    assert "Zilpahwynd" in words(client_for(cast.nurse).soup(f"{place}/print"))
    bind(entry)
    page = client_for(cast.nurse).soup(place)
    assert "Zilpahwynd" in words(page)
    for one in page.find_all(string=lambda text: "Zilpahwynd" in text):
        assert one.find_parent(class_="app-no-print")
    for text in (
        words(client_for(cast.nurse).soup(f"{place}/print")),
        take(cast.nurse, f"{place}.pdf").text,
    ):
        assert "Held back by Police" in text
        assert "Zilpahwynd" not in text


def test_it_is_held_back_in_a_pack(
    rows: Session, take: Take, cast: Cast, case: Case, entry: ChronologyEntry, bind: Bind
) -> None:
    bind(entry)
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator)
    for who in ("nurse", "coordinator", "chair"):
        text = take(getattr(cast, who), f"/meetings/{meeting.reference}/pack.pdf").text
        assert HELD in text
        assert "Zilpahwynd" not in text


def cited_in(rows: Session, holder: RiskAssessment | Minute, entry: ChronologyEntry, cast: Cast) -> None:
    for row in make_citation(holder, entry, cast.officer.id):
        rows.add(row)
        rows.flush()
    rows.commit()


@pytest.mark.parametrize("page", ["/assessments/{}", "/assessments/{}/print", "/assessments/{}/pdf"])
def test_what_was_cited_before_it_was_bound_leaves_the_record_that_cites_it(
    rows: Session,
    client_for: ClientFor,
    take: Take,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    bind: Bind,
    page: str,
) -> None:
    found = make_finalised(rows, case, cast.social_worker)
    cited_in(rows, found, entry, cast)
    address = page.format(found.reference)

    def reads() -> str:
        if address.endswith("pdf"):
            return take(cast.nurse, address).text
        return words(client_for(cast.nurse).soup(address))

    assert "Zilpahwynd" in reads()
    bind(entry)
    text = reads()
    assert HELD in text
    assert "Zilpahwynd" not in text


def test_it_is_held_back_in_minutes_that_cite_it_and_their_file(
    rows: Session, acting: Acting, client_for: ClientFor, take: Take, cast: Cast, bind: Bind
) -> None:
    held = make_recorded(rows, cast)
    entry = add_entry(rows, held.case, cast.officer, WORDS)
    cited_in(rows, held.minute, entry, cast)
    approve(acting, cast.chair, held)
    (made,) = issues(rows, MinutesKind.PROFESSIONAL)
    assert "Zilpahwynd" in take(cast.officer, f"/minutes/{made.reference}/pdf").text
    bind(entry)
    for text in (
        take(cast.officer, f"/minutes/{made.reference}/pdf").text,
        words(client_for(cast.officer).soup(f"/minutes/{made.reference}/print")),
        words(client_for(cast.chair).soup(f"/meetings/{held.meeting.reference}/minutes")),
    ):
        assert "Zilpahwynd" not in text


def test_citing_it_is_refused_with_whom_to_ask_and_by_the_database(
    rows: Session,
    acting: Acting,
    client_for: ClientFor,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    bind: Bind,
) -> None:
    assessment = begin(acting, cast.social_worker, case)
    bind(entry)
    address = f"/assessments/{assessment.reference}/sections/voice/cite/{entry.id}"
    page = client_for(cast.nurse).get(address).text
    assert "This entry cannot be cited" in page
    assert "Ask Police: " in page
    answer = client_for(cast.nurse).submit(address, {})
    assert answer.status_code == 422
    with acting(cast.nurse) as actor, pytest.raises(DomainError, match="Ask Police"):
        cite(
            actor=actor,
            holder=section_of(
                assessment=db.session.get_one(RiskAssessment, assessment.id),
                case=db.session.get_one(Case, case.id),
                section="voice",
            ),
            entry=db.session.get_one(ChronologyEntry, entry.id),
        )


def test_a_file_on_it_is_opened_by_nobody_but_the_agency_whose_it_is(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, entry: ChronologyEntry, bind: Bind
) -> None:
    address = f"/files/{make_file(rows, entry, cast.officer).reference}"
    assert client_for(cast.nurse).get(address).status_code == 200
    bind(entry)
    for who in ("nurse", "social_worker", "coordinator"):
        answer = client_for(getattr(cast, who)).get(address)
        assert (answer.status_code, HELD in answer.text) == (403, True), who
        page = words(with_entries(client_for(getattr(cast, who)), case.reference))
        assert "Held back. Ask Police" in page
    assert client_for(cast.colleague).get(address).status_code == 200


def test_minutes_that_type_it_again_are_neither_sent_round_nor_approved(
    rows: Session, acting: Acting, cast: Cast, bind: Bind
) -> None:
    held = make_recorded(rows, cast)
    bind(add_entry(rows, held.case, cast.officer, WORDS))
    rows.get_one(type(held.minute), held.minute.id).text = f"The police said: {WORDS.lower()}"
    rows.commit()
    for step in (circulate, approve):
        with pytest.raises(DomainError, match=r"Take out “zilpahwynd waits .* Ask Police"):
            step(acting, cast.chair, held)
    assert rows.query(MinutesIssue).count() == 0


def test_an_assessment_that_types_it_again_is_not_concluded(
    rows: Session, acting: Acting, cast: Cast, case: Case, entry: ChronologyEntry, bind: Bind
) -> None:
    bind(entry)
    found = begin(acting, cast.social_worker, case)
    said = Given(answer=SignAnswer.CURRENT, words=f"We hear: {WORDS}", source="Police")
    fill_in(acting, cast.social_worker, found, violence={"made_to_carry": said})
    with pytest.raises(DomainError, match="may not be put into minutes and other records"):
        concludes(acting, cast.social_worker, case, RiskLevel.HIGH, difference_reason="")


def test_the_family_is_offered_nothing_that_repeats_or_cites_it(
    rows: Session, acting: Acting, cast: Cast
) -> None:
    held = make_recorded(rows, cast)
    entry = add_entry(rows, held.case, cast.officer, WORDS)
    entry.family_safe = "yes"
    make_minute(rows, held.meeting, f"Somebody waits. {WORDS}", case=held.case)
    cited_in(rows, held.minute, entry, cast)
    assert not any(one.refused for one in passages(acting, cast, held))
    make_grading(rows, entry, cast.officer, "Do not tell the child’s family")
    refused = {one.refused for one in passages(acting, cast, held) if one.refused}
    assert refused == {"It cites what Police holds back", "It repeats what may not be told"}


def passages(acting: Acting, cast: Cast, held: Recorded) -> list[Passage]:
    with acting(cast.chair):
        meeting = db.session.get_one(Meeting, held.meeting.id)
        return offered(meeting=meeting, case_id=held.case.id)


def test_a_telling_or_a_hand_over_that_types_it_again_is_refused_but_to_whoever_holds_it(
    rows: Session, acting: Acting, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    make_grading(rows, entry, cast.officer, READING_ONLY)
    on: list[dict[str, Any]] = [{"child_ids": [case.child_id]}, {"case_ids": [case.id]}]
    typed = {"text": f"We hear that {WORDS}"}
    with acting(cast.coordinator):
        for where in on:
            with pytest.raises(DomainError, match="may not be passed on") as refused:
                check_no_restricted_quotes(texts=typed, use=Use.PASS_ON, **where)
            assert refused.value.field == "text"
            check_no_restricted_quotes(texts=typed, use=Use.PASS_ON, holder=cast.police.id, **where)
            check_no_restricted_quotes(texts={"text": "We hear of a car"}, use=Use.PASS_ON, **where)


def test_whoever_may_not_read_it_is_not_told_that_it_is_there_by_what_they_type(
    rows: Session, acting: Acting, cast: Cast, case: Case
) -> None:
    own = add_entry(rows, case, cast.officer, WORDS, handling=Handling.OWN)
    make_grading(rows, own, cast.officer, READING_ONLY)
    with acting(cast.coordinator):
        assert held_words(use=Use.CITE, case_ids=[case.id]) == []
        assert of_entries(entry_ids=[own.id]) == {}
        assert held_from(entry_ids=[own.id], use=Use.PRINT) == {}


@pytest.mark.parametrize("graded", [True, False])
def test_conditions_that_keep_nothing_back_go_with_the_words(
    rows: Session,
    client_for: ClientFor,
    take: Take,
    cast: Cast,
    case: Case,
    entry: ChronologyEntry,
    graded: bool,
) -> None:
    if graded:
        make_grading(rows, entry, cast.officer, SOFTLY)
    else:
        entry.conditions = SOFTLY
        rows.commit()
    found = make_finalised(rows, case, cast.social_worker)
    cited_in(rows, found, entry, cast)
    for text in (
        words(client_for(cast.nurse).soup(f"/cases/{case.reference}/print")),
        take(cast.nurse, f"/cases/{case.reference}/chronology.pdf").text,
        take(cast.nurse, f"/assessments/{found.reference}/pdf").text,
    ):
        assert "Zilpahwynd" in text
        assert SOFTLY in text


def test_once_released_it_leaves_without_its_conditions(
    rows: Session, client_for: ClientFor, take: Take, cast: Cast, case: Case, entry: ChronologyEntry
) -> None:
    make_grading(rows, entry, cast.officer, READING_ONLY)
    release(rows, entry, cast)
    for text in (
        words(client_for(cast.nurse).soup(f"/cases/{case.reference}/print")),
        take(cast.nurse, f"/cases/{case.reference}/chronology.pdf").text,
    ):
        assert "Zilpahwynd" in text
        assert READING_ONLY not in text


def test_asking_for_many_entries_at_once_takes_two_statements(
    rows: Session, acting: Acting, cast: Cast, case: Case, statements: list[str]
) -> None:
    ids = []
    for n in range(30):
        one = add_entry(rows, case, cast.officer, f"{n} {WORDS}")
        make_grading(rows, one, cast.officer, READING_ONLY if n % 2 else SOFTLY)
        ids.append(one.id)
    with acting(cast.nurse):
        statements.clear()
        held = held_from(entry_ids=ids, use=Use.EXPORT)
        assert len([one for one in statements if one.lstrip().lower().startswith(("select", "with"))]) == 2
    assert len(held) == 15
