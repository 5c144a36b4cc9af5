"""A report is put on another child: who hears that the child they work with is not the one."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode, MissingMatch
from portal.records.missing.moving import answer_match, move_episode
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.missing import make_episode, make_match
from tests.missing.conftest import Acting, reports, returns
from tests.missing.test_linked_records import links
from tests.told import of_event

EVENT, MAIL = "missing_moved_away", "mail"
NOT_THEM, BY_ANOTHER = "missing_not_them", "missing_by_another"


@pytest.fixture
def wrong(rows: Session, case: Case) -> Child:
    """Whose the report was thought to be: a child with a case, on which health works."""
    return rows.get_one(Child, case.child_id)


@pytest.fixture
def right(rows: Session) -> Child:
    """Whose it is."""
    return make_child(rows, "Sorrelby", "Thackeroy")


def moves(acting: Acting, cast: Cast, episode: MissingEpisode, to: Child) -> None:
    """A coordinator puts a report on the record of another child."""
    with acting(cast.coordinator) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        move_episode(
            actor=actor, episode=held, reference=to.reference, words="Mixed up", version=held.version
        )


def kinds(rows: Session) -> dict[object, str]:
    """Who heard that a report is of another child, and in which words."""
    return {who: kind for who, how, kind in of_event(rows, EVENT, last_word=None) if how == MAIL}


@pytest.mark.parametrize("linked", [False, True])
def test_nobody_hears_that_a_child_is_not_missing_who_is_by_another_report(
    rows: Session,
    cast: Cast,
    wrong: Child,
    right: Child,
    acting: Acting,
    linked: bool,
) -> None:
    child = wrong
    if linked:
        child = make_child(rows, "Perrin", "Wexcombe")
        links(acting, cast, wrong, child)
    first = reports(acting, cast.officer, child=wrong)
    make_episode(rows, child, cast.social_worker)
    moves(acting, cast, first, right)
    said = kinds(rows)
    assert said[cast.nurse.id] == BY_ANOTHER
    assert NOT_THEM not in said.values()
    assert cast.stranger.id not in said
    returns(acting, cast.officer, first)
    over = {who for who, _, _ in of_event(rows, "missing_returned", last_word=None)}
    assert cast.nurse.id not in over, "the child with whom they work is not back"


def test_of_another_report_on_a_record_held_more_closely_nobody_hears_by_it(
    rows: Session, cast: Cast, wrong: Child, right: Child, acting: Acting
) -> None:
    sealed = make_child(rows, "Perrin", "Wexcombe")
    held = make_case(rows, sealed, lead=cast.police, opened_by=cast.coordinator)
    grant(rows, held, cast.coordinator, by=cast.coordinator)
    links(acting, cast, wrong, sealed)
    rows.execute(update(Case).where(Case.id == held.id).values(sensitivity=int(Sensitivity.SEALED)))
    rows.commit()
    first = reports(acting, cast.officer, child=wrong)
    make_episode(rows, sealed, cast.officer)
    moves(acting, cast, first, right)
    assert kinds(rows)[cast.nurse.id] == NOT_THEM, "the same as where there is none"


def test_who_was_not_told_of_a_report_does_not_hear_that_it_is_of_another_child(
    rows: Session, cast: Cast, case: Case, wrong: Child, right: Child, acting: Acting
) -> None:
    first = reports(acting, cast.officer, child=wrong)
    involve(rows, case, cast.council_team, by=cast.coordinator, worker=cast.community_safety)
    moves(acting, cast, first, right)
    said = kinds(rows)
    assert said[cast.nurse.id] == NOT_THEM
    assert not {cast.council_team.id, cast.community_safety.id} & said.keys()


def test_of_two_records_of_the_same_child_nobody_hears_that_it_is_another(
    rows: Session, cast: Cast, wrong: Child, right: Child, acting: Acting
) -> None:
    episode = reports(acting, cast.officer, child=wrong)
    make_match(rows, episode, right)
    with acting(cast.coordinator) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        asked = db.session.scalars(select(MissingMatch).filter_by(episode_id=episode.id)).one()
        answer_match(actor=actor, episode=held, match_id=asked.id, same=True, words="Her aunt says so")
    assert kinds(rows) == {}
    returns(acting, cast.officer, episode)
    over = {who for who, how, _ in of_event(rows, "missing_returned", last_word=None) if how == MAIL}
    assert cast.nurse.id in over
