"""What the pages say of who gets minutes: those with an account to whom they go, and nobody without one."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.records.meetings.model import Invitation
from portal.records.minutes.model import MinutesCopy, MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.meetings.recorded import Recorded, make_recorded
from tests.minutes.test_family_version import AUNT, approve, choose, confirm, make, standing
from tests.minutes.test_pages import given

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def copied(rows: Session) -> set[MinutesKind]:
    """Of which issues somebody was given a copy."""
    rows.rollback()
    return set(
        rows.scalars(select(MinutesIssue.kind).join(MinutesCopy, MinutesCopy.issue_id == MinutesIssue.id))
    )


def test_each_with_an_account_gets_a_link_to_approved_minutes_and_nobody_without_one(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    given(client_for(cast.chair), held)
    invitations = set(
        rows.scalars(select(MinutesCopy.invitation_id).where(MinutesCopy.invitation_id.is_not(None)))
    )
    with_account = select(Invitation.id).where(
        Invitation.external_name.is_(None), Invitation.withdrawn_at.is_(None)
    )
    assert invitations == set(rows.scalars(with_account))
    assert held.day.carer.id not in invitations
    for person in (cast.nurse, cast.community_safety):
        page = client_for(person).soup("/messages")
        led = {
            client_for(person).get(str(one["href"])).location for one in page.select(".app-messages__title a")
        }
        (issue,) = rows.scalars(select(MinutesIssue.reference).filter_by(kind=MinutesKind.PROFESSIONAL))
        assert f"/minutes/{issue}" in led
    stranger = client_for(cast.stranger).soup("/messages")
    assert not stranger.select(".app-messages__title a")
    told = rows.scalars(select(OutboxMessage).filter_by(event="minutes_copy_given")).all()
    heard = {one.recipient_id for one in told if one.recipient_id}
    teams = (cast.police_team, cast.health_team)
    people = (cast.officer, cast.colleague, cast.police_manager, cast.nurse)
    assert heard == {one.id for one in (*people, cast.community_safety, cast.coordinator)}, (
        f"everybody of {', '.join(one.name for one in teams)} and who was invited, and nobody else"
    )
    assert {one.recipient_team_id for one in told} - {None} == {cast.council_team.id}


def test_a_draft_of_a_meeting_to_which_nobody_with_an_account_came_goes_to_nobody_and_the_page_says_so(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    place = f"/meetings/{held.meeting.reference}/versions/circulate"
    nobody = "Nobody with an account took part or sent apologies, so nobody gets it."
    assert nobody not in client_for(cast.coordinator).soup(place).get_text(" ", strip=True)
    rows.execute(update(Invitation).values(attendance="absent"))
    rows.execute(delete(OutboxMessage))
    rows.commit()
    client = client_for(cast.coordinator)
    assert nobody in client.soup(place).get_text(" ", strip=True)
    client.submit(place)
    rows.rollback()
    assert not rows.scalars(select(OutboxMessage).filter_by(event="minutes_draft_sent")).all()
    assert copied(rows) == set()


def test_the_version_for_the_family_goes_to_nobody_by_itself(
    rows: Session, acting: Acting, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    choose(acting, cast.chair, held, AUNT)
    confirm(acting, cast.chair, held, standing(rows))
    approve(acting, cast, held)
    make(acting, cast.chair, held)
    (family,) = rows.scalars(select(MinutesIssue).filter_by(kind=MinutesKind.FAMILY_SAFE))
    page = client_for(cast.chair).soup(f"/minutes/{family.reference}").get_text(" ", strip=True)
    assert "It goes to nobody by itself." in page
    assert copied(rows) == set()
    sent = rows.scalars(select(OutboxMessage).filter_by(event="minutes_family_version")).all()
    assert {(one.recipient_id, one.kind) for one in sent} == {(cast.social_worker.id, "given")}, (
        "whoever leads the case hears that there is one to hand over"
    )
