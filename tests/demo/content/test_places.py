"""Places of the demonstration are watched, described and acted on, and each district has somebody to ask."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.records.places.model import DirectoryEntry, Guardian, PlaceFact
from portal.records.places.vocabulary import GuardianState
from portal.records.plans.model import Action


def test_guardians_stand_in_every_state_but_unanswered_and_the_licence_is_known(loaded: Session) -> None:
    states = set(loaded.scalars(select(Guardian.state)))
    assert states == {GuardianState.AGREED, GuardianState.DECLINED}
    assert {"licence", "landlord", "premises"} <= set(loaded.scalars(select(PlaceFact.kind)))


def test_one_action_on_a_place_is_overdue_and_one_is_confirmed(loaded: Session) -> None:
    given = loaded.scalars(select(Action).where(Action.concern_id.is_not(None))).all()
    assert sorted(one.state for one in given) == ["confirmed", "not_started", "under_way"]
    assert [one.due_on < clock.today() for one in given if one.state == "under_way"] == [True]


def test_some_contacts_are_old_and_their_agencies_owe_a_check(loaded: Session) -> None:
    assert loaded.scalar(select(func.count()).select_from(DirectoryEntry)) == 6
    duties = loaded.scalars(select(Deadline.due_at).where(Deadline.kind == "directory_check")).all()
    assert len([one for one in duties if one < clock.now()]) == 2
