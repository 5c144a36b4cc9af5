"""Minutes as a file: as they went out, the family’s version with what was chosen alone, and no draft."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.disclosures.model import Disclosure
from portal.records.entries.vocabulary import Handling
from portal.records.minutes.model import MinutesCopy, MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.documents.conftest import ClientFor, Take, copies
from tests.factories.assessments import make_citation
from tests.factories.cases import add_alert, add_entry
from tests.factories.minutes import make_minute
from tests.meetings.recorded import BECAUSE, CLOSED, DECIDED, OBJECTION, SAID, TO_DO, Recorded, make_recorded
from tests.minutes.test_family_version import AUNT, choose, confirm, make, standing
from tests.minutes.test_sending_out import approve, circulate, distribute, issues


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


@pytest.fixture
def issue(rows: Session, acting: Acting, cast: Cast, held: Recorded) -> MinutesIssue:
    """The minutes as the chair approved them."""
    approve(acting, cast.chair, held)
    (found,) = issues(rows, MinutesKind.PROFESSIONAL)
    return found


@pytest.fixture
def for_family(rows: Session, acting: Acting, cast: Cast, held: Recorded) -> MinutesIssue:
    """The version for the child and family: two passages that the chair confirmed."""
    choose(acting, cast.coordinator, held, AUNT, TO_DO)
    confirm(acting, cast.chair, held, standing(rows))
    approve(acting, cast.chair, held)
    make(acting, cast.chair, held)
    (found,) = issues(rows, MinutesKind.FAMILY_SAFE)
    return found


def address(issue: MinutesIssue) -> str:
    return f"/minutes/{issue.reference}/pdf"


def test_it_holds_what_was_recorded_and_no_closed_part(
    take: Take, cast: Cast, held: Recorded, issue: MinutesIssue
) -> None:
    for person in (cast.officer, cast.chair):
        text = take(person, address(issue)).text
        for words in (SAID, DECIDED, BECAUSE, OBJECTION, TO_DO, "Does not agree", cast.chair.name):
            assert words in text, words
        assert "Ada Fictional" in text
        assert held.meeting.reference in text
        assert CLOSED not in text


def test_what_was_written_after_it_was_approved_is_not_in_it(
    rows: Session, take: Take, cast: Cast, held: Recorded, issue: MinutesIssue
) -> None:
    make_minute(rows, held.meeting, "Quilllater", case=held.case)
    assert "Quilllater" not in take(cast.officer, address(issue)).text


def test_an_entry_that_is_cited_is_in_it_for_whoever_may_read_the_entry(
    rows: Session, acting: Acting, take: Take, cast: Cast, held: Recorded
) -> None:
    entry = add_entry(
        rows, held.case, cast.officer, "Quillcited", handling=Handling.AGENCIES, listed=(cast.social_care.id,)
    )
    for row in make_citation(held.minute, entry, cast.officer.id):
        rows.add(row)
        rows.flush()
    rows.commit()
    approve(acting, cast.chair, held)
    (made,) = issues(rows, MinutesKind.PROFESSIONAL)
    assert "Quillcited" in take(cast.officer, address(made)).text
    nurse = take(cast.nurse, address(made)).text
    assert "Quillcited" not in nurse
    assert "which you cannot see" in nurse


def test_a_draft_has_none(
    rows: Session, acting: Acting, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    circulate(acting, cast.coordinator, held)
    (draft,) = issues(rows, MinutesKind.DRAFT)
    for person in (cast.chair, cast.officer, cast.community_safety):
        assert client_for(person).get(address(draft)).status_code == 403
    assert copies(rows) == []


def test_whoever_was_given_it_gets_it_which_counts_as_opening_it(
    rows: Session, acting: Acting, take: Take, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    approve(acting, cast.chair, held)
    (made,) = issues(rows, MinutesKind.PROFESSIONAL)
    assert client_for(cast.community_safety).get(address(made)).status_code == 404, "not given to them yet"
    distribute(acting, cast.chair, held, held.council)
    assert SAID in take(cast.community_safety, address(made)).text
    rows.rollback()
    assert rows.scalars(select(MinutesCopy)).one().opened_by == cast.community_safety.id
    assert rows.scalars(select(Disclosure)).one().confirmed_at is not None
    (copy,) = copies(rows)
    assert (copy.kind, copy.subject_reference, copy.case_id) == ("minutes", made.reference, held.case.id)


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 404), ("teacher", 404), ("neighbour", 404), ("governance", 403), ("administrator", 403)],
)
def test_nobody_else_gets_it(
    rows: Session, client_for: ClientFor, cast: Cast, issue: MinutesIssue, who: str, status: int
) -> None:
    assert client_for(getattr(cast, who)).get(address(issue)).status_code == status
    assert copies(rows) == []


def test_the_family_gets_what_was_chosen_and_nothing_else(
    rows: Session, take: Take, cast: Cast, for_family: MinutesIssue
) -> None:
    made = take(cast.chair, address(for_family))
    for words in (AUNT, TO_DO, "Ada: our meeting on", "What we talked about", "What happens next"):
        assert words in made.text
    private = (SAID, DECIDED, BECAUSE, CLOSED, OBJECTION, "Fictional", "Quillcarrow", "What we decided")
    for words in (*private, *(one.name for one in (cast.chair, cast.nurse, cast.social_worker))):
        assert words not in made.text, words
        assert words not in made.facts, words
    assert "<pdfuaid:part>1</pdfuaid:part>" in made.facts
    (copy,) = copies(rows)
    assert copy.subject_reference == for_family.reference


def test_an_alert_that_says_do_not_contact_the_family_keeps_it_back_and_says_so(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded, for_family: MinutesIssue
) -> None:
    add_alert(rows, held.case, cast.social_worker)
    answer = client_for(cast.chair).get(address(for_family))
    assert answer.status_code == 422
    assert "alert" in answer.text
    assert AUNT not in answer.text
    assert copies(rows) == []
