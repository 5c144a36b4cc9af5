"""Whoever was told that a child is missing and has lost sight of it since hears that they need not look."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team, User
from portal.reminders.claims import Send
from portal.reminders.outbox import Outbox
from portal.vocabulary import Desk, Sensitivity
from tests.cases.pages import words
from tests.cast import Cast
from tests.factories.cases import grant
from tests.factories.missing import make_episode
from tests.missing.conftest import Acting, finds, reports, returns, withdraws
from tests.missing.test_pages import ClientFor
from tests.reminders.conftest import behaviour, engine, outbox
from tests.reminders.travel import judged
from tests.told import look_at, untold

__all__ = ["behaviour", "engine", "outbox"]

Ends = Callable[[Session, Acting, User, MissingEpisode], None]


def over_by_another(rows: Session, acting: Acting, person: User, episode: MissingEpisode) -> None:
    """It was a double of a report by which the child is back."""
    child = rows.get_one(Child, episode.child_id)
    other = make_episode(rows, child, person, returned_at=clock.now() - timedelta(minutes=20))
    withdraws(acting, person, episode, double_of=other.reference)


ENDS: dict[str, tuple[str, Ends]] = {
    "missing_returned": ("missing_returned", lambda _, acting, who, one: returns(acting, who, one)),
    "missing_found": ("missing_found", lambda _, acting, who, one: finds(acting, who, one)),
    "missing_withdrawn": ("missing_none", lambda _, acting, who, one: withdraws(acting, who, one)),
    "missing_withdrawn_over": ("missing_double_over", over_by_another),
}


@pytest.fixture
def away(rows: Session, cast: Cast, case: Case, acting: Acting) -> MissingEpisode:
    """The lead reported that the child is away, and the case was sealed since: two are named on it."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.commit()
    child = rows.get_one(Child, case.child_id)
    episode = reports(acting, cast.social_worker, child=child, status="away")
    for person in (cast.coordinator, cast.social_worker):
        grant(rows, case, person, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    return episode


def of(rows: Session, event: str) -> dict[UUID | None, OutboxMessage]:
    rows.rollback()
    found = look_at(rows.scalars(select(OutboxMessage).filter_by(event=event, channel="mail")))
    return {one.recipient_id or one.recipient_team_id: one for one in found}


@pytest.mark.parametrize("event", ENDS)
def test_whoever_was_told_and_sees_it_no_more_hears_at_once_that_they_need_not_look(
    rows: Session,
    cast: Cast,
    case: Case,
    away: MissingEpisode,
    acting: Acting,
    engine: Engine,
    client_for: ClientFor,
    event: str,
) -> None:
    kind, ends = ENDS[event]
    before = of(rows, "missing_reported")
    ends(rows, acting, cast.social_worker, away)
    now = of(rows, event)
    lost = {cast.nurse.id, cast.officer.id, cast.health_team.id, cast.police_team.id}
    assert lost <= set(before), "they were told that the child is away"
    assert {who for who, one in now.items() if one.ground == "leaving"} == lost
    for who in lost:
        assert (now[who].kind, now[who].last_word) == (kind, True)
        assert now[who].not_before <= clock.now()
    sent = judged(engine, clock.now() + timedelta(minutes=1))
    assert {type(to) for one, to in sent if one.event == event} == {Send}
    assert untold(rows).isdisjoint({(event, ground, "no_reach") for ground in ("heard_before", "leaving")})
    for person in (cast.stranger, cast.teacher, cast.community_safety):
        assert person.id not in now, "nor does anybody hear who was not told before"

    client = client_for(cast.nurse)
    led = client.get(f"/missing/{away.reference}")
    assert (led.status_code, led.location[:4]) == (303, "/go/"), "to what they were told"
    says = words(client.soup(f"/go/{now[cast.nurse.id].id}"))
    child = rows.get_one(Child, away.child_id)
    assert away.reference in says
    assert "ring the hub" in says
    for secret in (child.given_name, child.family_name, child.reference, case.reference, "The bus station"):
        assert secret not in says


def test_the_coordinator_of_a_sealed_case_has_nobody_to_ring_for_that(
    rows: Session, cast: Cast, away: MissingEpisode, acting: Acting, engine: Engine, outbox: Outbox
) -> None:
    outbox.send(engine)
    listed = untold(rows)
    returns(acting, cast.social_worker, away)
    outbox.send(engine)
    assert untold(rows) == listed


def test_whoever_still_reads_it_hears_as_before_and_nobody_in_their_place_who_does_not(
    rows: Session, cast: Cast, case: Case, away: MissingEpisode, acting: Acting
) -> None:
    grant(rows, case, cast.nurse, by=cast.coordinator)
    returns(acting, cast.social_worker, away)
    heard = of(rows, "missing_returned")
    assert (heard[cast.nurse.id].ground, heard[cast.nurse.id].last_word) == ("heard_before", False)
    assert heard[cast.health_team.id].ground == "leaving", "as a team they read it no more"


def test_the_list_of_who_could_not_be_told_says_of_one_who_was_away_what_is_so(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    """There is no desk of the police, and the child was away."""
    episode = reports(acting, cast.social_worker, child=rows.get_one(Child, case.child_id), status="away")
    returns(acting, cast.social_worker, episode)
    says = words(client_for(cast.coordinator).soup("/messages/untold"))
    assert "A child is no longer missing or away" in says
    assert "A missing child is back" not in says
