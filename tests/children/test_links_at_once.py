"""Several who link records at once take their turn: none of them waits for another that waits for them."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.model import new_id
from portal.records.children.model import Child, ChildLink
from portal.records.missing.model import MissingEpisode
from portal.records.missing.moving import answer_match
from portal.vocabulary import Sensitivity
from tests import database
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.missing import make_episode, make_match
from tests.missing.conftest import Acting

THREADS, TIMES = 4, 15


@pytest.mark.lock_timeouts
def test_links_of_records_that_are_linked_already_do_not_wait_for_each_other(
    rows: Session, cast: Cast, owner: Engine
) -> None:
    children = [make_child(rows, f"Wynnard{n}", "Tessaly") for n in range(8)]
    case = make_case(rows, children[3], lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    records, by = [one.id for one in children], cast.coordinator.id

    def act(session: Session, dice: random.Random) -> None:
        found = session.scalars(select(ChildLink).where(ChildLink.unlinked_at.is_(None))).all()
        if len(found) > len(records) and dice.random() < 0.8:
            dice.choice(found).unlinked_at = clock.now()
        else:
            one, other = sorted(dice.sample(records, 2))
            session.add(ChildLink(id=new_id(), child_a=one, child_b=other, reason="x", linked_by=by))
        session.flush()

    def work(seed: int) -> int:
        dice, lost = random.Random(seed), 0  # noqa: S311 - chance, not secrecy
        for _ in range(TIMES):
            with database.owner_session(owner) as session:
                try:
                    act(session, dice)
                    session.commit()
                except OperationalError:
                    lost += 1
        return lost

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(work, range(THREADS))) == 0, "two waited for each other, and one gave way"
    rows.expire_all()
    rows.execute(text("set local role portal_scope"))
    assert rows.execute(text("select ctx.scope_drift()")).scalar_one() == 0
    rows.rollback()


@pytest.mark.lock_timeouts
def test_whoever_moves_an_episode_and_links_its_records_waits_for_their_turn_before_they_hold_any(
    rows: Session, cast: Cast, owner: Engine, acting: Acting
) -> None:
    one, other = make_child(rows, "Wynnard", "Tessaly"), make_child(rows, "Wynn", "Tessaly")
    episode = make_episode(rows, one, cast.officer, team=cast.police_team)
    asked, records = make_match(rows, episode, other).id, (one.id, other.id)

    def moves() -> None:
        with acting(cast.coordinator) as actor:
            held = db.session.get_one(MissingEpisode, episode.id)
            answer_match(actor=actor, episode=held, match_id=asked, same=True, words="The same mother")

    with database.owner_session(owner) as linking, ThreadPoolExecutor(1) as pool:
        linking.execute(text("select ctx.take_turn('linked records')"))
        at_work = pool.submit(moves)
        time.sleep(0.7)
        held = select(Child.id).where(Child.id.in_(records)).with_for_update(nowait=True, key_share=True)
        linking.execute(held)
        assert not at_work.done()
        linking.rollback()
        at_work.result(timeout=10)
    rows.expire_all()
    assert rows.get_one(MissingEpisode, episode.id).child_id == other.id
    assert rows.scalars(select(ChildLink)).one().unlinked_at is None
