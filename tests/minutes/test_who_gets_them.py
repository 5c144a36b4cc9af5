"""What the pages say of who gets minutes: those with an account to whom they go, and nobody without one."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.records.meetings.model import Invitation, Meeting
from portal.records.minutes.model import MinutesCopy, MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.meetings.recorded import Recorded, make_recorded
from tests.minutes.test_family_version import AUNT, approve, choose, confirm, make, standing
from tests.minutes.test_pages import given
from tests.told import of_event

MAIL = "mail"
ClientFor = Callable[[User | None], Client]


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def heard(rows: Session, kind: str) -> set[UUID | None]:
    """Who was sent an e-mail of a kind."""
    rows.rollback()
    return set(rows.scalars(select(OutboxMessage.recipient_id).filter_by(kind=kind, channel="mail")))


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


def test_whoever_has_left_since_is_not_given_a_draft_and_the_page_says_so(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    left = rows.get_one(User, held.meeting.note_taker_id)
    left.active = False
    rows.commit()
    chair, place = client_for(cast.chair), f"/meetings/{held.meeting.reference}/versions/circulate"
    assert f"Not given it, and not asked: {left.name} (has left)" in chair.soup(place).get_text()
    assert chair.submit(place).status_code == 303
    drafts = select(MinutesCopy.invitation_id).where(MinutesCopy.invitation_id.is_not(None))
    to = set(rows.scalars(select(Invitation.user_id).where(Invitation.id.in_(drafts))))
    assert left.id not in to
    assert cast.chair.id in to, "the others have it"


@pytest.mark.parametrize("part", ["chair", "note_taker"])
def test_the_minutes_of_whoever_has_left_are_handed_over_until_they_are_given_out(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded, part: str
) -> None:
    meeting = rows.get_one(Meeting, held.meeting.id)
    old = rows.get_one(User, getattr(meeting, f"{part}_id"))
    by = cast.second_coordinator if old.id == cast.coordinator.id else cast.coordinator
    grant(rows, held.day.case, by, by=by)
    rows.execute(update(User).where(User.id == old.id).values(active=False))
    rows.commit()
    client, place = client_for(by), f"/meetings/{meeting.reference}/{part.replace('_', '-')}"
    page = client.soup(f"/meetings/{meeting.reference}")
    assert f"{old.name} (has left)" in page.get_text()
    assert page.select_one(f"a[href='{place}']") is not None
    sent = {part: str(cast.social_worker.id), "reason": "Has left", "version": str(meeting.version)}
    for person, status in ((cast.stranger, 404), (cast.teacher, 404)):
        assert client_for(person).submit(place, sent).status_code == status, person.name
    assert client.submit(place, sent).status_code == 303
    rows.rollback()
    meeting = rows.get_one(Meeting, meeting.id, populate_existing=True)
    assert getattr(meeting, f"{part}_id") == cast.social_worker.id
    assert heard(rows, "minutes_yours") == {cast.social_worker.id}
    minutes = client_for(cast.social_worker).get(f"/meetings/{meeting.reference}/versions")
    assert minutes.status_code == 200
    roles = rows.scalars(select(Invitation.user_id).filter_by(meeting_id=meeting.id, role=part))
    assert old.id in set(roles), "who took part stays as it was"
    given(client_for(rows.get_one(User, meeting.chair_id)), held)
    assert client_for(by).submit(place, sent | {part: str(cast.officer.id)}).status_code == 303
    rows.rollback()
    meeting = rows.get_one(Meeting, meeting.id, populate_existing=True)
    assert getattr(meeting, f"{part}_id") == cast.social_worker.id, "they are given out"


def test_whoever_is_there_still_hears_that_the_notes_are_somebody_elses_now(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    meeting = rows.get_one(Meeting, held.meeting.id)
    before = meeting.note_taker_id
    sent = {"note_taker": str(cast.social_worker.id), "reason": "Is ill", "version": str(meeting.version)}
    place = f"/meetings/{meeting.reference}/note-taker"
    assert client_for(cast.chair).submit(place, sent).status_code == 303
    assert of_event(rows, "meeting_part_handed_over", last_word=None) == {
        (cast.social_worker.id, MAIL, "minutes_yours"),
        (before, MAIL, "no_longer_yours"),
    }


def test_whoever_chaired_does_not_hand_their_own_part_over_once_it_was_held(
    rows: Session, client_for: ClientFor, cast: Cast, held: Recorded
) -> None:
    meeting = rows.get_one(Meeting, held.meeting.id)
    sent = {"chair": str(cast.social_worker.id), "reason": "Is ill", "version": str(meeting.version)}
    answer = client_for(rows.get_one(User, meeting.chair_id)).submit(
        f"/meetings/{meeting.reference}/chair", sent
    )
    assert (answer.status_code, "Ask a coordinator or the lead professional" in answer.text) == (422, True)
