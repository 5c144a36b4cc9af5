"""Which required sectors are missing, before a meeting and on its day."""

import pytest

from portal.records.meetings.rules import Gap, Invited, gaps, missing
from portal.records.meetings.vocabulary import Attendance, InvitationReply
from portal.vocabulary import Sector

POLICE, CARE, HEALTH = Sector.POLICE, Sector.SOCIAL_CARE, Sector.HEALTH
WAITING, APOLOGIES = InvitationReply.WAITING, InvitationReply.APOLOGIES


def test_a_sector_that_nobody_of_is_invited_is_a_gap() -> None:
    assert gaps([CARE, POLICE], [Invited(CARE, WAITING)]) == {POLICE: Gap.NOT_INVITED}


def test_gaps_stand_in_the_order_in_which_policy_lists_the_sectors() -> None:
    assert list(gaps([HEALTH, CARE, POLICE], [])) == [HEALTH, CARE, POLICE]


@pytest.mark.parametrize("reply", [InvitationReply.WAITING, InvitationReply.COMING, InvitationReply.DEPUTY])
def test_whoever_is_invited_and_has_not_sent_apologies_is_expected(reply: InvitationReply) -> None:
    assert gaps([POLICE], [Invited(POLICE, reply)]) == {}


def test_apologies_are_a_gap_unless_somebody_else_of_the_sector_is_expected() -> None:
    sorry = Invited(POLICE, APOLOGIES)
    assert gaps([POLICE], [sorry]) == {POLICE: Gap.APOLOGIES}
    assert gaps([POLICE], [sorry, Invited(POLICE, WAITING)]) == {}


def test_an_invitation_that_was_withdrawn_covers_nothing() -> None:
    gone = Invited(POLICE, InvitationReply.COMING, Attendance.PRESENT, withdrawn=True)
    assert gaps([POLICE], [gone]) == {POLICE: Gap.NOT_INVITED}
    assert missing([POLICE], [gone]) == (POLICE,)


@pytest.mark.parametrize("came", [Attendance.PRESENT, Attendance.DEPUTY, Attendance.PART, Attendance.WRITTEN])
def test_a_deputy_a_part_and_a_written_contribution_count_on_the_day(came: Attendance) -> None:
    assert missing([POLICE], [Invited(POLICE, APOLOGIES, came)]) == ()


@pytest.mark.parametrize("away", [Attendance.APOLOGIES, Attendance.ABSENT, None])
def test_who_did_not_come_or_is_not_marked_covers_nothing(away: Attendance | None) -> None:
    assert missing([POLICE], [Invited(POLICE, InvitationReply.COMING, away)]) == (POLICE,)


def test_somebody_without_an_account_is_of_no_sector() -> None:
    outside = Invited(None, WAITING, Attendance.PRESENT)
    assert missing([POLICE], [outside]) == (POLICE,)
    assert gaps([POLICE], [outside]) == {POLICE: Gap.NOT_INVITED}


def test_a_meeting_that_requires_nobody_has_its_quorum() -> None:
    assert gaps([], []) == {}
    assert missing([], []) == ()
