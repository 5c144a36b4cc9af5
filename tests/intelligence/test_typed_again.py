"""Words that are held back, typed again where somebody reads them who does not read the case."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.records.cases.model import Case
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.people.model import User
from portal.vocabulary import CaseState, Use
from tests.cast import Cast
from tests.factories.cases import add_entry
from tests.factories.intelligence import READING_ONLY, make_grading
from tests.intelligence.conftest import WORDS, Acting
from tests.plans.conftest import gives
from tests.requests.conftest import asks
from tests.safety_plans.steps import WORDS as SAFE
from tests.safety_plans.steps import begun


def bind(rows: Session, case: Case, officer: User, text: str = WORDS, **beside: object) -> None:
    entry = add_entry(rows, case, officer, text)
    for name, value in beside.items():
        setattr(entry, name, value)
    rows.commit()
    make_grading(rows, entry, officer, READING_ONLY)


@pytest.mark.parametrize(
    "beside", [{"details": {"place": WORDS}}, {"critical_moment": WORDS}], ids=["details", "moment"]
)
def test_what_stands_beside_the_words_is_held_back_too(
    rows: Session, acting: Acting, cast: Cast, case: Case, beside: dict[str, object]
) -> None:
    bind(rows, case, cast.officer, "Short", **beside)
    with acting(cast.coordinator), pytest.raises(DomainError, match="Take out"):
        check_no_restricted_quotes(texts={"text": f"So: {WORDS}"}, child_ids=[case.child_id], use=Use.PASS_ON)


def test_the_name_of_a_place_beside_them_is_not(
    rows: Session, acting: Acting, cast: Cast, case: Case
) -> None:
    bind(rows, case, cast.officer, details={"place": "Royal Quill Hospital"})
    with acting(cast.coordinator):
        check_no_restricted_quotes(
            texts={"": "At Royal Quill Hospital"}, child_ids=[case.child_id], use=Use.CITE
        )


def test_a_case_that_ended_binds_still(rows: Session, acting: Acting, cast: Cast, case: Case) -> None:
    bind(rows, case, cast.officer)
    case.state, case.closed_at = CaseState.CLOSED, clock.now()
    rows.commit()
    with acting(cast.coordinator), pytest.raises(DomainError, match="Take out"):
        check_no_restricted_quotes(texts={"text": WORDS}, child_ids=[case.child_id], use=Use.PASS_ON)


def action(acting: Acting, cast: Cast, case: Case) -> None:
    gives(acting, cast.coordinator, case, cast.council_team, what=WORDS)


def question(acting: Acting, cast: Cast, case: Case) -> None:
    asks(acting, cast.coordinator, case, cast.council_team, question=WORDS)


def page_for_the_family(acting: Acting, cast: Cast, case: Case) -> None:
    begun(acting, cast.social_worker, case, SAFE | {"worries": WORDS})


@pytest.mark.parametrize("typing", [action, question, page_for_the_family])
def test_they_are_refused_where_others_read(
    rows: Session,
    acting: Acting,
    cast: Cast,
    case: Case,
    typing: Callable[[Acting, Cast, Case], None],
) -> None:
    bind(rows, case, cast.officer)
    with pytest.raises(DomainError, match="Take out"):
        typing(acting, cast, case)
