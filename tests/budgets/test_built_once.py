"""What a page asks is built and planned once, and not for each request.

To build a statement, to write it out and to plan it may each take longer than to read what it asks for.
"""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from psycopg import _queries
from psycopg.adapt import Transformer
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.pages import waiting
from portal.queries import listing
from portal.records.children.model import Child
from portal.records.people.model import User
from portal.records.triage.reading import counts
from portal.records.triage.reading import records as queue
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child


@pytest.fixture
def written(app: Flask) -> Iterator[list[str]]:
    """The statements that were written out anew, and not found among those that are known."""
    found: list[str] = []

    def note(
        _connection: object, _cursor: object, statement: str, _values: object, context: object, _: object
    ) -> None:
        compiled, hit = getattr(context, "compiled", None), getattr(context, "cache_hit", None)
        # How much somebody looked at is asked in other ways as they go on (`portal/access/pace.py`).
        paced = "from audit_event" in statement
        if compiled is not None and not paced and getattr(hit, "name", "") != "CACHE_HIT":
            found.append(f"{hit}: {statement}")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def test_a_page_that_was_shown_before_is_asked_for_in_statements_that_are_known(
    rows: Session, cast: Cast, client_for: Callable[[User | None], Client], written: list[str]
) -> None:
    child = make_child(rows)
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    rows.commit()
    of_case, of_child = f"/cases/{case.reference}", f"/children/{rows.get_one(Child, child.id).reference}"
    queue, work = f"/cases?whose={cast.police_team.id}", ("/work", "/actions", "/messages", "/meetings")
    shown = {
        cast.officer: ("/police", queue, *work, "/concerns", "/missing", of_case, of_child, "/search"),
        cast.coordinator: ("/triage", "/cases?whose=hub", *work, of_case),
        cast.administrator: ("/administration/people",),
    }
    for person, addresses in shown.items():
        client = client_for(person)
        client.check_pages = False
        for address in addresses:
            for _ in range(2):
                client.get(address)
            written.clear()
            assert client.get(address).status_code == 200, address
            assert not written, address


def test_a_list_of_cases_and_the_head_of_a_page_are_counted_by_what_was_built_once(
    rows: Session, cast: Cast, client_for: Callable[[User | None], Client], statements: list[str]
) -> None:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    rows.commit()
    client_for(cast.officer).get(f"/cases?whose={cast.police_team.id}")
    built = (listing._counting_once.cache_info().misses, waiting._counting.cache_info().misses)
    statements.clear()
    for person in (cast.officer, cast.colleague):
        client_for(person).get(f"/cases?whose={cast.police_team.id}")
    assert (listing._counting_once.cache_info().misses, waiting._counting.cache_info().misses) == built
    # As a value a limit would have each of these planned anew for each request.
    assert not [one for one in statements if "LIMIT %(" in one]


def test_the_triage_queue_is_asked_for_by_what_was_built_once(
    cast: Cast, client_for: Callable[[User | None], Client]
) -> None:
    builders = (queue._listed, counts._counting, counts._passing, counts._red_receipts)
    client_for(cast.coordinator).get("/triage")
    built = [builder.cache_info().misses for builder in builders]
    assert client_for(cast.coordinator).get("/triage").status_code == 200
    assert [builder.cache_info().misses for builder in builders] == built


def test_the_driver_remembers_where_the_values_of_a_long_statement_stand() -> None:
    """By names of its own, which may change: `portal.access.connections` sets how long one may be."""
    statement = b"select %s" + b" " * 10_000
    known = _queries._query2pg.cache_info()
    for _ in range(2):
        _queries.PostgresQuery(Transformer()).convert(statement, [1])
    now = _queries._query2pg.cache_info()
    assert (now.hits - known.hits, now.misses - known.misses) == (1, 1)
