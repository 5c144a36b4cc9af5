"""What the form of an entry begins with: what its writer chose last, never more open than the case."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.people.model import PersonSetting
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.cast import Cast
from tests.entries.test_entries import typed
from tests.factories.cases import grant

ClientFor = Callable[[Any], Any]


def _chosen(page: BeautifulSoup, name: str) -> str | None:
    found = page.select_one(f"select[name={name}] option[selected], input[name={name}][checked]")
    return str(found["value"]) if found and found["value"] else None


def _begins_with(client: Any, case: Case) -> tuple[str | None, ...]:
    page = client.soup(f"/cases/{case.reference}/entries/new")
    return tuple(_chosen(page, name) for name in ("kind", "handling", "family_safe"))


def test_the_first_form_asks_and_the_next_begins_with_what_was_chosen(
    cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client, new = client_for(cast.nurse), f"/cases/{case.reference}/entries/new"
    assert _begins_with(client, case) == (None, None, "ask")
    assert "last time" not in client.soup(new).get_text()
    assert client.submit(new, typed(kind="health", handling="own")).status_code == 303
    assert _begins_with(client, case) == ("health", "own", "ask")
    assert "as you chose them last time" in client.soup(new).get_text()
    assert _begins_with(client_for(cast.officer), case) == (None, None, "ask"), "of another person"


@pytest.mark.parametrize(("handling", "begins"), [("network", None), ("own", "own")])
def test_on_a_closely_held_case_nobody_begins_with_all_who_work_on_it(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, handling: str, begins: str | None
) -> None:
    client = client_for(cast.nurse)
    client.submit(f"/cases/{case.reference}/entries/new", typed(handling=handling))
    case.sensitivity = int(Sensitivity.RESTRICTED)
    grant(rows, case, cast.nurse, by=cast.coordinator)
    rows.commit()
    assert _begins_with(client, case)[1] == begins


def test_a_draft_comes_back_as_it_was_and_a_refused_form_too(
    cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client, new = client_for(cast.nurse), f"/cases/{case.reference}/entries/new"
    client.submit(new, typed(kind="health", handling="own"))
    refused = client.submit(new, typed(kind="health", handling="", text="Other words"))
    assert refused.status_code == 422
    assert _chosen(BeautifulSoup(refused.text, "html.parser"), "handling") is None
    draft = typed(version="0", handling="", text="Half")
    client.submit(new.replace("/new", "/draft"), draft, headers={"X-Autosave": "1"})
    assert _begins_with(client, case)[1] is None


def test_a_kind_that_is_no_longer_offered_is_not_chosen(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    rows.add(PersonSetting(user_id=cast.nurse.id, entry_kind="intelligence", entry_handling="nonsense"))
    rows.commit()
    assert _begins_with(client_for(cast.nurse), case) == (None, None, "ask")


def test_nobody_reads_what_another_chose(rows: Session, cast: Cast, asking: Asking) -> None:
    rows.add(PersonSetting(user_id=cast.nurse.id, entry_kind="health", entry_handling="own"))
    rows.commit()
    for person in (cast.nurse, cast.colleague, cast.stranger, cast.officer, cast.administrator):
        with asking(person) as session:
            seen = session.scalars(select(PersonSetting.user_id)).all()
        assert list(seen) == ([cast.nurse.id] if person is cast.nurse else [])


def test_today_leads_to_the_form_of_each_case_in_one_click(
    cast: Cast, case: Case, client_for: ClientFor
) -> None:
    page = client_for(cast.nurse).soup(f"/health?whose={cast.health_team.id}")
    link = page.find("a", href=f"/cases/{case.reference}/entries/new")
    assert link is not None
    assert "Add what I know of" in link.get_text(" ", strip=True)
