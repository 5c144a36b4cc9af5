"""From writing an entry or an answer straight on to the page of its files."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.people.model import User
from portal.records.requests.model import InformationAnswer
from tests.cast import Cast
from tests.client import Client
from tests.factories.children import ask

ClientFor = Callable[[User | None], Client]


def test_an_entry_leads_on_to_its_files(client_for: ClientFor, rows: Session, cast: Cast, case: Case) -> None:
    today = clock.today()
    answer = client_for(cast.officer).submit(
        f"/cases/{case.reference}/entries/new",
        {
            "kind": "contact",
            "happened_on-day": str(today.day),
            "happened_on-month": str(today.month),
            "happened_on-year": str(today.year),
            "text": "Seen at home.",
            "handling": "network",
            "family_safe": "ask",
            "go": "files",
        },
    )
    entry = rows.query(ChronologyEntry).one()
    assert answer.location == f"/cases/{case.reference}/entries/{entry.id}/files"


def test_an_answer_leads_on_to_its_files(
    client_for: ClientFor, rows: Session, cast: Cast, case: Case
) -> None:
    asked = ask(rows, rows.get_one(Child, case.child_id), cast.council_team, by=cast.coordinator, case=case)
    answer = client_for(cast.community_safety).submit(
        f"/requests/{asked.reference}/answer",
        {"text": "We know the family.", "handling": "network", "seen": "0", "go": "files"},
    )
    given = rows.query(InformationAnswer).one()
    assert answer.location == f"/requests/{asked.reference}/answers/{given.id}/files"
