"""What becomes of an action is told to whoever covers the case for a lead who is away, whoever says it."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.plans.action_steps import block, mark_done
from portal.records.plans.model import Action
from tests.absences.test_telling import covers, enters
from tests.cast import Cast
from tests.plans.conftest import Acting, gives
from tests.told import of_event, page_words


@pytest.fixture
def action(cast: Cast, case: Case, acting: Acting) -> Action:
    """One that somebody has who does not read the case; a colleague covers for its lead, who gave it."""
    made = gives(acting, cast.social_worker, case, cast.community_safety)
    absence = enters(acting, cast.social_worker, cast.social_worker)
    covers(acting, absence, cast.social_worker, cast.chair, case)
    return made


def says(acting: Acting, cast: Cast, action: Action, step: Callable[..., None], **said: str) -> str:
    with acting(cast.community_safety) as actor:
        record = db.session.get_one(Action, action.id)
        step(actor=actor, action=record, version=record.version, **said)
        return page_words()


def test_that_it_is_blocked_goes_to_who_covers_and_the_page_names_them(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    words = says(acting, cast, action, block, why="The gate is locked")
    away = f"{cast.social_worker.name} is away"
    assert f"{away}: the e-mail goes to {cast.chair.name}, who covers the case." in words


def test_that_it_is_done_reaches_who_covers_it(
    rows: Session, cast: Cast, acting: Acting, action: Action
) -> None:
    words = says(acting, cast, action, mark_done, words="Asked there")
    assert f"{cast.social_worker.name} is away: whoever covers the case is told" in words
    heard = of_event(rows, "action_done")
    assert (cast.chair.id, "digest", "action_news") in heard
    assert {cast.stranger.id, cast.nurse.id, cast.officer.id}.isdisjoint(who for who, _, _ in heard)
