"""What the page says of whoever cannot be told is what happens: each sentence beside what the worker does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal import registry
from portal.access.principal import Principal
from portal.messages.model import MessagePreference, OutboxMessage, Untold
from portal.messages.telling import tell, to_people, to_teams
from portal.messages.told import Told
from portal.messages.vocabulary import CancelReason, Ground, HandReason
from portal.policy import current_policy
from portal.records.cases.facts import about_case
from portal.records.cases.model import Case
from portal.records.people.model import Agency, Team, User
from portal.reminders.claims import Cancel, HandOn, Send, Standing, Waiting
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant
from tests.messages.test_telling import case, happens
from tests.reminders.conftest import MORNING, engine, morning
from tests.reminders.travel import away, judged, suspend
from tests.told import untold

__all__ = ["case", "engine", "morning"]

Acting = Callable[[User], AbstractContextManager[Principal]]
STANDS_IN = "the e-mail goes to whoever stands in, and where nobody can, the hub is told so."

pytestmark = pytest.mark.usefixtures("morning")

#: By a way of policy, an event that tells a ground by it: what can be switched off by e-mail, for one.
MAIL, UNSTATUTORY, BELL, DIGEST = (
    ("warning_set", Ground.WORKER),
    ("access_answered", Ground.ASKER),
    ("identity_corrected", Ground.LEAD_PROFESSIONAL),
    ("level_lowered", Ground.WORKER),
)
each = pytest.mark.parametrize("way", [MAIL, UNSTATUTORY, BELL, DIGEST], ids=lambda one: one[0])


def tells(acting: Acting, cast: Cast, case: Case, way: tuple[str, Ground], *who: User) -> Told:
    """The hub does something of which some hear on a ground."""
    given = {way[1]: to_people(*(one.id for one in who))}
    given |= {one: to_people() for one in Ground if one is not way[1]}
    return happens(acting, cast.coordinator, case, way[0], given=given)


def of(rows: Session, who: UUID) -> OutboxMessage | None:
    """The message that was written for somebody."""
    rows.rollback()
    return rows.scalars(
        select(OutboxMessage).where(
            (OutboxMessage.recipient_id == who) | (OutboxMessage.recipient_team_id == who),
            OutboxMessage.kind != "nobody_told",
        )
    ).one_or_none()


def becomes(engine: Engine) -> list[tuple[Waiting, Standing]]:
    """What is to become of the e-mails of the event a minute later."""
    found = judged(engine, MORNING + timedelta(minutes=1))
    return [(message, standing) for message, standing in found if message.kind != "nobody_told"]


@each
def test_what_is_for_somebody_who_left_goes_to_their_team_by_whatever_way_they_would_hear(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, way: tuple[str, Ground]
) -> None:
    rows.get_one(User, cast.nurse.id).active = False
    rows.commit()
    words = tells(acting, cast, case, way, cast.nurse).words
    assert words == f"{cast.nurse.name} has left: {STANDS_IN}"
    ((_, standing),) = becomes(engine)
    assert isinstance(standing, HandOn)
    assert (standing.reason, standing.team_id) == (HandReason.LEFT, cast.health_team.id)


def test_of_a_record_that_whoever_tells_does_not_see_too(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    rows.get_one(User, cast.nurse.id).active = False
    rows.commit()
    given = {Ground.PERSON: to_people(cast.nurse.id)}
    with acting(cast.stranger) as actor:
        event = registry.events()["meeting_walked_in"]
        tell(actor=actor, event=event, about=about_case(case), given=given)
    message = of(rows, cast.nurse.id)
    assert message is not None
    assert message.channel == "mail"


def test_what_a_closed_team_would_be_shown_goes_to_whoever_manages_there(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine
) -> None:
    team = rows.get_one(Team, cast.police_team.id)
    team.active, team.manager_id = False, None
    rows.get_one(Agency, cast.police.id).lead_id = None
    rows.commit()
    given = {one: to_people() for one in Ground} | {Ground.TEAM: to_teams(team.id)}
    words = happens(acting, cast.coordinator, case, "level_lowered", given=given).words
    assert words == f"{team.name} is closed: {STANDS_IN}"
    ((_, standing),) = becomes(engine)
    assert standing is not None
    assert not isinstance(standing, Send)


@pytest.mark.parametrize(("way", "said"), [(BELL, "in the portal now"), (DIGEST, "in the portal now, and")])
def test_of_somebody_who_is_away_no_e_mail_is_promised_where_none_goes_out(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, way: tuple[str, Ground], said: str
) -> None:
    away(rows, cast.nurse, "2026-11-24", "2026-11-27")
    words = tells(acting, cast, case, way, cast.nurse).words
    assert words.startswith(f"Told {said}")
    assert words.endswith(f"{cast.nurse.name} is away, and may not read it before they are back.")
    assert becomes(engine) == []
    assert of(rows, cast.nurse.id) is not None


def test_whoever_covers_the_case_is_told_in_the_portal_and_said_to_be(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    away(rows, cast.social_worker, "2026-11-24", "2026-11-27", cover=case, by=cast.social_care_manager)
    words = tells(acting, cast, case, BELL, cast.social_worker).words
    assert words.endswith("is away: whoever covers the case is told in the portal too.")
    covers = of(rows, cast.social_care_manager.id)
    assert covers is not None
    assert (covers.channel, covers.ground) == ("portal", "deputy")


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (MAIL, STANDS_IN),
        (UNSTATUTORY, "the e-mail goes to whoever stands in, and where nobody can, to them."),
    ],
)
def test_an_e_mail_to_somebody_who_is_away_goes_to_their_team(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine, way: tuple[str, Ground], said: str
) -> None:
    away(rows, cast.nurse, "2026-11-24", "2026-11-27")
    assert f"{cast.nurse.name} is away: {said}" in tells(acting, cast, case, way, cast.nurse).words
    ((_, standing),) = becomes(engine)
    assert isinstance(standing, HandOn)


def test_whose_e_mail_came_back_finds_in_the_portal_what_needs_none(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine
) -> None:
    suspend(rows, cast.nurse)
    shown = tells(acting, cast, case, BELL, cast.nurse).words
    assert shown == f"Told in the portal now: {cast.nurse.name} (leads the case)."
    digest = tells(acting, cast, case, DIGEST, cast.nurse).words
    assert digest.endswith(f"{cast.nurse.name} cannot be reached by e-mail, and finds it in the portal only.")
    assert becomes(engine) == []
    mailed = tells(acting, cast, case, MAIL, cast.nurse).words
    assert f"{cast.nurse.name} cannot be reached by e-mail: {STANDS_IN}" in mailed


@pytest.mark.parametrize(("way", "hub"), [(MAIL, ", and the hub will hear so."), (UNSTATUTORY, ".")])
def test_where_nobody_of_an_agency_may_see_it_nobody_is_said_to_be_told(
    cast: Cast, case: Case, acting: Acting, engine: Engine, way: tuple[str, Ground], hub: str
) -> None:
    words = tells(acting, cast, case, way, cast.stranger).words
    assert words == (f"{cast.stranger.name} may not see it, nor may anybody there: they are not told{hub}")
    assert [standing for _, standing in becomes(engine)] == [Cancel(CancelReason.NO_REACH)]


def test_where_somebody_of_the_agency_may_see_it_they_are_told_instead(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine
) -> None:
    for person in (cast.coordinator, cast.police_manager):
        grant(rows, case, person, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    words = tells(acting, cast, case, MAIL, cast.officer).words
    assert words == f"{cast.officer.name} may not see it: the e-mail goes to somebody there who may."
    ((_, standing),) = becomes(engine)
    assert isinstance(standing, HandOn)
    assert standing.user_id == cast.police_manager.id


def test_what_somebody_may_not_see_is_not_shown_to_them_and_said_so(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    words = tells(acting, cast, case, BELL, cast.stranger).words
    assert words == f"Not told: {cast.stranger.name} (may not see it)."
    assert of(rows, cast.stranger.id) is None
    assert rows.scalars(select(Untold)).all() == []
    row = current_policy().telling.of(BELL[0])[0]
    object.__setattr__(row, "required", True)
    try:
        words = tells(acting, cast, case, BELL, cast.stranger).words
    finally:
        object.__setattr__(row, "required", False)
    assert "(may not see it). The hub has this on its list. If it cannot wait, ring" in words
    (listed,) = rows.scalars(select(Untold).filter_by(recipient_id=cast.stranger.id))
    assert (listed.reason, listed.caused_by) == ("no_reach", cast.coordinator.id)


def test_somebody_who_switched_a_kind_off_is_said_to_be_told_in_the_portal(
    rows: Session, cast: Cast, case: Case, acting: Acting, engine: Engine
) -> None:
    for kind in ("access_answered", "alert_set"):
        rows.add(MessagePreference(user_id=cast.nurse.id, kind=kind, by_mail=False))
    rows.commit()
    words = tells(acting, cast, case, UNSTATUTORY, cast.nurse, cast.social_worker).words
    assert words == (
        f"Told by e-mail now, and in the portal: {cast.social_worker.name} (asked)."
        f" Told in the portal now: {cast.nurse.name} (asked)."
    )
    assert [message.recipient_id for message, _ in becomes(engine)] == [cast.social_worker.id]
    words = tells(acting, cast, case, MAIL, cast.nurse).words
    assert words.startswith("Told by e-mail now"), "that can be switched off by nobody"


def test_where_nobody_at_the_hub_can_be_told_the_page_does_not_say_that_it_has_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    for team in rows.scalars(select(Team).filter_by(agency_id=cast.hub.id)):
        team.active = False
    rows.commit()
    given = {Ground.ASKED: to_people()}
    words = happens(acting, cast.coordinator, case, "panel_word_asked", given=given).words
    assert ("panel_word_asked", "asked", "nobody") in untold(rows)
    assert "The hub has this on its list." not in words
    assert "Nobody at the hub can be told of it either: see to it yourself that they hear." in words
    assert "ring" in words
