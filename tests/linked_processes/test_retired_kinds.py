"""A kind that policy offers no more: what runs of it is seen to its end, and no other begins."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.changes.errors import DomainError
from portal.records.cases.model import Case
from portal.records.linked_processes.model import LinkedStep
from portal.records.linked_processes.policy import LinkedKind
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.linked import make_process
from tests.linked_processes.conftest import Acting, begins


def test_what_runs_of_a_kind_that_was_retired_goes_on(
    rows: Session,
    cast: Cast,
    case: Case,
    acting: Acting,
    client_for: Callable[[User | None], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = make_process(rows, case, cast.social_worker)
    step = rows.scalars(select(LinkedStep)).one()
    monkeypatch.setattr(LinkedKind, "retired", property(lambda _self: True), raising=False)
    home, browser = f"/linked/{process.reference}", client_for(cast.social_worker)
    for address in (home, f"{home}/steps/{step.id}", f"{home}/end", f"{home}/owner", f"{home}/reference"):
        assert browser.get(address).status_code == 200, address
    with pytest.raises(DomainError, match="Choose what has begun"):
        begins(acting, cast.social_worker, case, "icpc")
