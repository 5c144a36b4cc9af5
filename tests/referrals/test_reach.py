"""Who sees an information form, as the database shows it to the application's role."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.records.people.model import User
from portal.records.referrals.model import (
    Referral,
    ReferralColour,
    ReferralMessage,
    ReferralReading,
    ReferralSource,
    ReferralSubject,
)
from portal.vocabulary import ReferralState
from tests.cast import Cast
from tests.factories.referrals import add_message, make_draft, make_sent_referral

Asking = Callable[[User | None], AbstractContextManager[Session]]

EVERYBODY = (
    *("officer", "colleague", "neighbour", "police_manager", "coordinator", "second_coordinator"),
    *("stranger", "social_worker", "social_care_manager", "nurse", "governance", "administrator"),
)


def seen(asking: Asking, person: User | None, model: type) -> int:
    with asking(person) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def who_sees(asking: Asking, cast: Cast, model: type) -> set[str]:
    return {name for name in EVERYBODY if seen(asking, getattr(cast, name), model)}


def test_a_draft_is_its_authors_alone(rows: Session, cast: Cast, asking: Asking) -> None:
    make_draft(rows, cast.officer)
    assert who_sees(asking, cast, Referral) == {"officer"}
    assert seen(asking, None, Referral) == 0


def test_a_sent_form_is_its_authors_their_managers_and_the_hubs(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    referral = make_sent_referral(rows, cast.officer, source="A neighbour")
    add_message(rows, referral, cast.coordinator)
    expected = {"officer", "police_manager", "coordinator", "second_coordinator"}
    for model in (Referral, ReferralSubject, ReferralMessage):
        assert who_sees(asking, cast, model) == expected, model.__name__


def test_a_form_that_concerns_a_colleague_is_hidden_from_the_manager(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    make_sent_referral(rows, cast.officer, concerns_colleague=True)
    assert who_sees(asking, cast, Referral) == {"officer", "coordinator", "second_coordinator"}


@pytest.mark.parametrize("state", [ReferralState.SENT, ReferralState.FED_BACK])
def test_the_source_is_for_the_author_and_the_hub(
    rows: Session, cast: Cast, asking: Asking, state: ReferralState
) -> None:
    make_sent_referral(rows, cast.officer, source="A neighbour", state=state)
    assert who_sees(asking, cast, ReferralSource) == {"officer", "coordinator", "second_coordinator"}


def test_the_colour_is_the_hubs_business(rows: Session, cast: Cast, asking: Asking) -> None:
    make_sent_referral(rows, cast.officer)
    assert who_sees(asking, cast, ReferralColour) == {"coordinator", "second_coordinator"}


def test_whoever_moved_to_another_agency_no_longer_sees_what_they_sent(
    rows: Session, cast: Cast, asking: Asking
) -> None:
    make_sent_referral(rows, cast.officer, source="A neighbour")
    make_draft(rows, cast.officer)
    cast.officer.agency_id = cast.council.id
    rows.commit()
    assert seen(asking, cast.officer, Referral) == 0
    assert seen(asking, cast.officer, ReferralSource) == 0


def test_whoever_left_no_longer_sees_what_they_sent(rows: Session, cast: Cast, asking: Asking) -> None:
    make_sent_referral(rows, cast.officer)
    cast.officer.active = False
    cast.officer.left_at = clock.now()
    rows.commit()
    assert seen(asking, cast.officer, Referral) == 0


@pytest.mark.parametrize(
    "write",
    [
        "insert into referral_subject (id, referral_id, position, kind, label, details)"
        " values (gen_random_uuid(), :id, 9, 'child', 'Slipped in', '{}')",
        "insert into referral_colour (id, referral_id, colour, reason, by_policy, set_by, set_at)"
        " values (gen_random_uuid(), :id, 'green', 'Slipped in', false, :me, now())",
        "insert into referral_source (referral_id, text) values (:id, 'Slipped in')",
    ],
    ids=["a child", "a colour", "a source"],
)
def test_nothing_is_slipped_into_what_was_sent(rows: Session, cast: Cast, asking: Asking, write: str) -> None:
    referral = make_sent_referral(rows, cast.officer)
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(text(write), {"id": referral.id, "me": cast.officer.id})


@pytest.mark.parametrize("who", ["officer", "police_manager", "colleague", "stranger"])
def test_what_was_sent_is_changed_by_the_hub_alone(
    rows: Session, cast: Cast, asking: Asking, who: str
) -> None:
    make_sent_referral(rows, cast.officer, source="A neighbour")
    with asking(getattr(cast, who)) as session:
        for change in (
            "update referral set what_happened = 'Other'",
            "update referral_source set text = 'Other'",
            "delete from referral",
        ):
            assert session.execute(text(change)).rowcount == 0, change  # type: ignore[attr-defined]  # of a statement that changes rows
        with pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text("update referral_subject set label = 'Other'"))


def test_what_a_person_read_is_their_own_business(rows: Session, cast: Cast, asking: Asking) -> None:
    referral = make_sent_referral(rows, cast.officer)
    rows.add(ReferralReading(referral_id=referral.id, user_id=cast.officer.id, read_at=clock.now()))
    rows.commit()
    assert who_sees(asking, cast, ReferralReading) == {"officer"}
