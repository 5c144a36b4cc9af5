"""What somebody wants to be told by e-mail."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.messages.model import MessagePreference
from portal.policy import current_policy
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client

Browser = Callable[[User | None], Client]


def test_every_kind_is_explained_and_statutory_ones_cannot_be_switched_off(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    client = client_for(cast.officer)
    page = client.soup("/preferences")
    words = page.get_text(" ", strip=True)
    for kind in current_policy().reminders.kinds.offered:
        assert kind.hint in words or kind.code == "digest", kind.code
    offered = {box["value"] for box in page.select("input[name=kinds]")}
    assert offered == {k.code for k in current_policy().reminders.kinds.offered if not k.statutory} - {
        "digest"
    }
    assert page.select("input[name=kinds][value=feedback][checked]"), "what nobody chose is sent"
    answer = client.submit("/preferences", {"kinds": sorted(offered - {"feedback"}), "digest": "no"})
    assert answer.status_code == 303
    chosen = {row.kind: row.by_mail for row in rows.query(MessagePreference)}
    assert chosen == {"feedback": False, "digest": False}
    page = client.soup("/preferences")
    assert not page.select("input[name=kinds][value=feedback][checked]")
    client.submit("/preferences", {"kinds": sorted(offered), "digest": "yes"})
    rows.expire_all()
    assert {row.by_mail for row in rows.query(MessagePreference)} == {True}


def test_a_statutory_kind_that_is_posted_all_the_same_is_refused(
    rows: Session, cast: Cast, client_for: Browser
) -> None:
    answer = client_for(cast.officer).submit("/preferences", {"kinds": ["asked"], "digest": "yes"})
    assert answer.status_code == 422
    assert rows.query(MessagePreference).count() == 0
