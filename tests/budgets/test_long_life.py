"""A child who was missing 150 times, and a case with 2,000 entries: what each page asks and weighs.

The budgets are those of `make bench` (docs/adr/0004): at most eight statements beside context, session and
audit, six requests, 6 KB where the browser has been before and 60 KB where it has not, compressed.
"""

import gzip
import re
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from tests.cast import Cast
from tests.chronology.test_budget import ENTRIES, EPISODES
from tests.client import Client
from tests.meetings.calls import make_called_case
from tests.statements import beside_the_context

STATEMENTS, REQUESTS, WARM, COLD = 8, 6, 6 * 1024, 60 * 1024


def weight(body: bytes) -> int:
    """What goes over the wire."""
    return len(gzip.compress(body))


def assets_of(page: str) -> set[str]:
    """Style sheets, scripts and pictures that a page loads."""
    return set(re.findall(r'(?:href|src)="(/static/build/[^"#]+)', page))


def loaded(client: Client, asset: str) -> int:
    """What an asset weighs."""
    with client.get(asset) as answer:
        return weight(answer.data)


def test_the_pages_of_a_long_life_stay_within_the_budgets(
    rows: Session,
    cast: Cast,
    client_for: Callable[[User | None], Client],
    statements: list[str],
) -> None:
    case = make_called_case(rows, cast)
    by_police = {"author": cast.officer.id, "agency": cast.police.id}
    rows.execute(ENTRIES, {"case": case.id, "many": 2000, **by_police})
    rows.execute(EPISODES, {"child": case.child_id, **by_police})
    episode = rows.scalars(
        select(MissingEpisode).order_by(MissingEpisode.missing_since.desc()).limit(1)
    ).one()
    episode.reference = "MIS-0000-0001"
    rows.commit()
    child = f"/children/{rows.get_one(Child, case.child_id).reference}"
    client = client_for(cast.social_worker)
    client.check_pages = False
    for address in (
        *("/social-care", "/social-care/return-interviews", "/missing", f"/missing/{episode.reference}"),
        *(child, f"{child}/missing", f"{child}/chronology", f"{child}/return-interviews"),
        *(f"{child}/return-interviews/new", f"/cases/{case.reference}", f"/cases/{case.reference}/network"),
        *("/social-care/processes", "/concerns", "/panels", "/work"),
    ):
        statements.clear()
        answer = client.get(address)
        asked = beside_the_context(statements)
        assert answer.status_code == 200, address
        looks = address == f"/cases/{case.reference}"  # which says what changed, and takes it as seen
        assert len(asked) <= STATEMENTS + looks, (address, asked)
        warm, assets = weight(answer.data), assets_of(answer.text)
        assert warm <= WARM, f"{address} weighs {warm:,} bytes"
        assert 1 + len(assets) <= REQUESTS, (address, assets)
        cold = warm + sum(loaded(client, asset) for asset in assets)
        assert cold <= COLD, f"{address} weighs {cold:,} bytes with all that it loads"
