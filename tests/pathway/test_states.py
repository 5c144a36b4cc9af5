"""Claims about the moves of referrals and cases."""

from itertools import pairwise, product

import pytest

from portal.pathway.states import (
    CASE_MOVES,
    OPEN_CASE_STATES,
    REFERRAL_MOVES,
    IllegalMove,
    check_transition,
)
from portal.vocabulary import CaseState, ReferralState


def test_a_concern_goes_from_draft_to_feedback() -> None:
    way = [
        ReferralState.DRAFT,
        ReferralState.SENT,
        ReferralState.IN_TRIAGE,
        ReferralState.WAITING_FOR_SENDER,
        ReferralState.IN_TRIAGE,
        ReferralState.DECIDED,
        ReferralState.FED_BACK,
    ]
    for origin, target in pairwise(way):
        assert not check_transition(origin, target).needs_reason


def test_a_decision_is_reopened_only_with_a_reason() -> None:
    assert check_transition(ReferralState.DECIDED, ReferralState.IN_TRIAGE).needs_reason
    assert check_transition(ReferralState.FED_BACK, ReferralState.IN_TRIAGE).needs_reason


def test_what_was_sent_never_becomes_a_draft_again() -> None:
    for origin in set(ReferralState) - {ReferralState.DRAFT}:
        with pytest.raises(IllegalMove, match="cannot become"):
            check_transition(origin, ReferralState.DRAFT)


def test_every_open_case_can_end_and_only_with_a_reason() -> None:
    for origin, target in product(OPEN_CASE_STATES, [CaseState.CLOSED, CaseState.TRANSFERRED]):
        assert check_transition(origin, target).needs_reason


def test_a_closed_case_that_is_opened_again_starts_with_an_assessment() -> None:
    targets = {move.target for move in CASE_MOVES if move.origin is CaseState.CLOSED}
    assert targets == {CaseState.AWAITING_ASSESSMENT}


def test_a_case_cannot_skip_its_assessment() -> None:
    with pytest.raises(IllegalMove):
        check_transition(CaseState.AWAITING_ASSESSMENT, CaseState.PLAN_UNDER_WAY)


def test_every_state_can_be_reached() -> None:
    assert {move.target for move in REFERRAL_MOVES} == set(ReferralState) - {ReferralState.DRAFT}
    assert {move.target for move in CASE_MOVES} == set(CaseState)
