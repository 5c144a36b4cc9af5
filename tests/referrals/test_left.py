"""The unsent draft of someone who left: the manager sees that it exists, and may read it once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.model import new_id
from portal.policy.checks import LONGEST_OPENING
from portal.records.people.model import User
from portal.records.referrals.model import DraftOpening, Referral, ReferralSource
from tests.cast import Cast
from tests.client import Client
from tests.referrals.steps import FULL, autosave, begin, fill

ClientFor = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
REASON = "Ada’s school rang about what Ola had seen"


@pytest.fixture
def left(rows: Session, cast: Cast, client_for: ClientFor) -> str:
    """The draft of an officer who has left since."""
    client = client_for(cast.officer)
    reference = begin(client)
    fill(client, reference, FULL)
    cast.officer.active = False
    cast.officer.left_at = clock.now()
    rows.commit()
    return reference


@pytest.fixture
def manager(cast: Cast, client_for: ClientFor) -> Client:
    return client_for(cast.police_manager)


@pytest.mark.parametrize("address", ["/sent", "/sent?of=team"])
def test_the_manager_sees_that_it_exists_and_nothing_of_what_it_says(
    manager: Client, left: str, address: str
) -> None:
    page = manager.get(address).text
    assert left in page
    assert "Ola Officer" in page
    assert "Fictional" not in page
    assert manager.get(f"/sent/drafts/{left}").status_code == 404


def test_it_is_opened_with_a_reason_and_read_without_the_source(
    rows: Session, cast: Cast, manager: Client, left: str
) -> None:
    assert manager.submit(f"/sent/drafts/{left}/open", {"reason": " "}).status_code == 422
    answer = manager.submit(f"/sent/drafts/{left}/open", {"reason": REASON})
    assert answer.headers["Location"].endswith(f"/sent/drafts/{left}")
    page = manager.get(f"/sent/drafts/{left}").text
    assert "Ada Fictional" in page
    assert "Petra" not in page
    opened = rows.scalars(select(AuditEvent).filter_by(action="draft:open")).one()
    assert (opened.actor_id, opened.ground) == (cast.police_manager.id, "left")
    assert REASON not in str(opened.details), "the trail holds nothing that somebody wrote"
    kept = rows.get_one(DraftOpening, UUID(opened.details["opening"]))
    assert (kept.manager_id, kept.reason) == (cast.police_manager.id, REASON)


def test_why_it_was_opened_is_for_whoever_opened_it_and_for_governance(
    cast: Cast, manager: Client, left: str, asking: Asking
) -> None:
    manager.submit(f"/sent/drafts/{left}/open", {"reason": REASON})
    for person, seen in (
        (cast.police_manager, [REASON]),
        (cast.governance, [REASON]),
        (cast.officer, []),
        (cast.coordinator, []),
        (cast.social_care_manager, []),
        (cast.administrator, []),
    ):
        with asking(person) as session:
            assert session.scalars(select(DraftOpening.reason)).all() == seen


def test_it_is_opened_once(rows: Session, manager: Client, left: str) -> None:
    manager.submit(f"/sent/drafts/{left}/open", {"reason": REASON})
    again = manager.submit(f"/sent/drafts/{left}/open", {"reason": "Once more"})
    assert again.status_code == 422
    assert "opened before" in again.text
    opening = rows.scalars(select(DraftOpening)).one()
    assert timedelta(0) < opening.until - opening.opened_at <= timedelta(hours=8)


def test_it_closes_by_itself(rows: Session, manager: Client, left: str, cast: Cast, asking: Asking) -> None:
    manager.submit(f"/sent/drafts/{left}/open", {"reason": REASON})
    opening = rows.scalars(select(DraftOpening)).one()
    opening.until = clock.now()
    rows.commit()
    assert manager.get(f"/sent/drafts/{left}").status_code == 404
    with asking(cast.police_manager) as session:
        assert session.scalar(select(func.count()).select_from(Referral)) == 0


@pytest.mark.parametrize(("hours", "stands"), [(LONGEST_OPENING, True), (LONGEST_OPENING + 2, False)])
def test_the_database_opens_it_for_no_longer_than_any_policy_may_say(
    rows: Session, cast: Cast, left: str, asking: Asking, hours: int, stands: bool
) -> None:
    now = clock.now()
    opening = DraftOpening(
        id=new_id(),
        referral_id=rows.scalars(select(Referral.id)).one(),
        manager_id=cast.police_manager.id,
        reason=REASON,
        opened_at=now,
        until=now + timedelta(hours=hours),
    )
    with asking(cast.police_manager) as session:
        session.add(opening)
        if stands:
            session.flush()
        else:
            with pytest.raises(ProgrammingError, match="row-level security"):
                session.flush()


def test_it_can_be_read_only(manager: Client, left: str, cast: Cast, asking: Asking) -> None:
    manager.submit(f"/sent/drafts/{left}/open", {"reason": REASON})
    assert autosave(manager, left, "happened", {"what_happened": "Mine now"}).status_code == 404
    for address in (f"/share/{left}/happened", f"/share/{left}/send", f"/share/{left}/discard"):
        assert manager.submit(address, {"what_happened": "Mine now"}).status_code == 404
    assert manager.get(f"/share/{left}/source").status_code == 404
    with asking(cast.police_manager) as session:
        assert session.scalar(select(func.count()).select_from(Referral)) == 1
        assert session.scalar(select(func.count()).select_from(ReferralSource)) == 0


@pytest.mark.parametrize("who", ["social_care_manager", "colleague", "coordinator", "stranger"])
def test_it_is_nothing_to_anybody_else(cast: Cast, client_for: ClientFor, left: str, who: str) -> None:
    client = client_for(getattr(cast, who))
    answer = client.submit(f"/sent/drafts/{left}/open", {"reason": REASON})
    assert answer.status_code in (403, 404)
    assert client.get(f"/sent/drafts/{left}").status_code in (403, 404)
    assert left not in client.get("/sent?of=team").text


def test_the_draft_of_someone_who_is_still_there_is_theirs(
    cast: Cast, client_for: ClientFor, manager: Client
) -> None:
    reference = begin(client_for(cast.officer))
    assert reference not in manager.get("/sent?of=team").text
    assert manager.submit(f"/sent/drafts/{reference}/open", {"reason": REASON}).status_code == 404


def test_whoever_comes_back_can_still_delete_their_draft(
    rows: Session, cast: Cast, client_for: ClientFor, manager: Client, left: str
) -> None:
    manager.submit(f"/sent/drafts/{left}/open", {"reason": REASON})
    cast.officer.active = True
    rows.commit()
    assert client_for(cast.officer).submit(f"/share/{left}/discard").status_code == 303
