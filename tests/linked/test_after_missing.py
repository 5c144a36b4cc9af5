"""A strategy discussion that is named in answer to repeated episodes is recorded in the next step."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.models import Case, Child, User
from tests.cast import Cast
from tests.client import Client
from tests.linked.conftest import Acting
from tests.missing.conftest import reports
from tests.missing.test_duties import back_of


def test_a_discussion_that_was_held_leads_to_where_its_outcome_is_recorded(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: Callable[[User | None], Client]
) -> None:
    back_of(rows, case, cast.officer, 20, 9)
    third = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    said = {"answer": "discussion", "words": "With police and school"}
    worker = client_for(cast.social_worker)
    answer = worker.submit(f"/missing/{third.reference}/strategy", data=said)
    assert answer.location == f"/cases/{case.reference}/linked/new/strategy_discussion"
    assert "say what the strategy discussion came to" in worker.get(answer.location).text
