"""What the planner tells of children whom one does not see; docs/security.md says what remains."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.factories.cases import make_case, make_child

HIDDEN, UNKNOWN = "9434765919", "9434765870"


@pytest.fixture
def hidden(rows: Session, cast: Cast) -> None:
    """A sealed child among others, in tables whose statistics are up to date."""
    for number in range(40):
        make_child(rows, family=f"Thistlewend{number}", nhs_number=f"94347{number:05}")
    child = make_child(rows, family="Hidden", nhs_number=HIDDEN)
    make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator, sensitivity=Sensitivity.SEALED)
    rows.execute(text("analyze child"))
    rows.commit()


def plan(session: Session, number: str) -> Any:
    found = session.scalar(
        text(f"explain (format json) select id from child where nhs_number = '{number}'")  # noqa: S608 - a constant
    )
    return json.loads(re.sub(number, "NUMBER", json.dumps(found)))


@pytest.mark.parametrize("who", ["coordinator", "officer", "stranger", None])
@pytest.mark.usefixtures("hidden")
def test_a_plan_says_nothing_of_whether_a_number_is_there(
    cast: Cast, asking: Asking, who: str | None
) -> None:
    with asking(getattr(cast, who) if who else None) as session:
        assert plan(session, HIDDEN) == plan(session, UNKNOWN)


@pytest.mark.usefixtures("hidden")
def test_statistics_of_protected_columns_are_kept_from_the_application(cast: Cast, asking: Asking) -> None:
    with asking(cast.coordinator) as session:
        shown = session.scalar(
            text("select count(*) from pg_stats where schemaname = 'public' and tablename = 'child'")
        )
        assert shown == 0
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text("select stavalues1 from pg_statistic"))


@pytest.mark.parametrize("function", ["query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema"])
@pytest.mark.usefixtures("hidden")
def test_no_expression_inside_a_statement_asks_how_another_would_be_carried_out(
    cast: Cast, asking: Asking, function: str
) -> None:
    """What is smuggled into a page's statement is a part of a query, and EXPLAIN is none."""
    asked = getattr(func, function)("explain (analyze) select 1 from child", True, False, "")
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError):
        session.scalar(select(asked))
