"""Episodes on records that are linked are of one child: they count together, and somebody decides."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink
from portal.records.children.records import link_children, unlink_children
from portal.records.missing.model import MissingEpisode, MissingPrompt
from portal.records.missing.moving import unlink_and_say_who
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.missing import make_episode
from tests.missing.conftest import Acting, reports, returns
from tests.missing.test_pages import ClientFor
from tests.told import of_event


@pytest.fixture
def one(rows: Session, case: Case) -> Child:
    """A child with a case."""
    return rows.get_one(Child, case.child_id)


@pytest.fixture
def other(rows: Session) -> Child:
    """A second record of the child, without a case."""
    return make_child(rows, "Ada", "Fictionall")


def ended(rows: Session, cast: Cast, child: Child, ago: int) -> MissingEpisode:
    since = clock.now() - timedelta(days=ago)
    return make_episode(rows, child, cast.officer, since=since, returned_at=since + timedelta(hours=4))


def links(acting: Acting, cast: Cast, one: Child, other: Child) -> None:
    with acting(cast.coordinator) as actor:
        found = [db.session.get_one(Child, child.id) for child in (one, other)]
        link_children(actor=actor, child=found[0], other=found[1], reason="The same mother")


def prompts(rows: Session) -> list[MissingPrompt]:
    rows.rollback()
    rows.expire_all()
    return list(rows.scalars(select(MissingPrompt).order_by(MissingPrompt.prompted_at)))


def test_three_in_thirty_days_hold_across_linked_records_and_pages_say_so(
    rows: Session, cast: Cast, case: Case, one: Child, other: Child, acting: Acting, client_for: ClientFor
) -> None:
    ended(rows, cast, one, 9)
    last = ended(rows, cast, other, 5)
    links(acting, cast, one, other)
    reports(acting, cast.social_worker, child=one)
    (asked,) = prompts(rows)
    assert len(asked.episode_ids) == 3
    coordinator = client_for(cast.coordinator)
    words = coordinator.soup(f"/children/{one.reference}/missing").get_text()
    assert "3 in all: 3 in 30 days" in words
    assert "1 of them on linked records of the child" in words
    assert (
        "3 times, 3 in the last 30 days, 1 on linked records"
        in coordinator.soup(f"/cases/{case.reference}").get_text()
    )
    listed = coordinator.soup("/missing").get_text()
    assert "3 times in 30 days, as far as you see: 1 of them on linked records" in listed
    assert "3 episodes close together" in coordinator.soup(f"/missing/{last.reference}").get_text()
    words = client_for(cast.nurse).soup(f"/children/{one.reference}/missing").get_text()
    assert "2 in all" in words, "whoever does not see the other record counts what they see"


def test_records_that_are_linked_by_way_of_another_count_together(
    rows: Session, cast: Cast, case: Case, one: Child, other: Child, acting: Acting, client_for: ClientFor
) -> None:
    further = make_child(rows, "Adah", "Fictionall")
    ended(rows, cast, one, 9)
    ended(rows, cast, further, 5)
    links(acting, cast, one, other)
    links(acting, cast, other, further)
    reports(acting, cast.social_worker, child=one)
    (asked,) = prompts(rows)
    assert len(asked.episode_ids) == 3
    words = client_for(cast.coordinator).soup(f"/children/{one.reference}/missing").get_text()
    assert "3 in all: 3 in 30 days" in words


def test_the_third_on_a_record_without_a_case_is_asked_of_whoever_works_with_the_child(
    rows: Session, cast: Cast, one: Child, other: Child, acting: Acting
) -> None:
    for ago in (9, 5):
        ended(rows, cast, one, ago)
    links(acting, cast, one, other)
    reports(acting, cast.teacher, name=f"{other.given_name} {other.family_name}", dob=other.dob)
    (asked,) = prompts(rows)
    assert asked.child_id == one.id
    owed = rows.scalars(select(Deadline).filter_by(subject_id=asked.id)).one()
    assert owed.owner_team_id == cast.social_care_team.id
    assert cast.social_worker.id in {who for who, _, _ in of_event(rows, "missing_repeated")}


def test_records_that_are_linked_later_ask_and_those_that_are_no_longer_do_not(
    rows: Session, cast: Cast, one: Child, other: Child, acting: Acting
) -> None:
    for child, ago in ((one, 9), (other, 5), (other, 2)):
        ended(rows, cast, child, ago)
    assert prompts(rows) == []
    links(acting, cast, one, other)
    (asked,) = prompts(rows)
    assert (asked.child_id, len(asked.episode_ids)) == (one.id, 3)
    assert cast.social_worker.id in {who for who, _, _ in of_event(rows, "missing_repeated")}
    with acting(cast.coordinator) as actor:
        link = db.session.scalars(select(ChildLink)).one()
        unlink_children(actor=actor, link=link, reason="Two children after all")
    (asked,) = prompts(rows)
    assert asked.fell_away_at is not None
    assert rows.scalars(select(Deadline.state).filter_by(subject_id=asked.id)).one() == "cancelled"


@pytest.mark.parametrize("linked_first", [True, False])
def test_of_a_record_that_is_held_more_closely_the_others_learn_nothing(
    rows: Session, cast: Cast, one: Child, other: Child, acting: Acting, linked_first: bool
) -> None:
    held = make_case(rows, other, lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, held, cast.coordinator, by=cast.coordinator)
    held.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for ago in (9, 5):
        ended(rows, cast, one, ago)
    if linked_first:
        links(acting, cast, one, other)
    ended(rows, cast, other, 2)
    if not linked_first:
        links(acting, cast, one, other)
    returns(acting, cast.social_worker, reports(acting, cast.social_worker, child=one))
    found = {asked.child_id: len(asked.episode_ids) for asked in prompts(rows)}
    assert found[one.id] == 3, "those of this record alone"
    reports(acting, cast.coordinator, child=other)
    found = {asked.child_id: len(asked.episode_ids) for asked in prompts(rows)}
    assert found[one.id] == 3
    assert found[other.id] >= 3, "whoever reads that case counts all"


@pytest.mark.parametrize("is_other", [True, False])
def test_before_two_records_are_unlinked_it_is_said_which_of_the_two_children_is_missing(
    rows: Session,
    cast: Cast,
    one: Child,
    other: Child,
    acting: Acting,
    client_for: ClientFor,
    is_other: bool,
) -> None:
    """A report of the other record went to the one that people work with."""
    links(acting, cast, one, other)
    episode = reports(acting, cast.coordinator, child=other)
    assert episode.child_id == one.id
    rows.rollback()
    link = rows.scalars(select(ChildLink)).one()
    page, coordinator = f"/children/{one.reference}/links/{link.id}/end", client_for(cast.coordinator)
    asked = coordinator.soup(page)
    values = {str(box["value"]) for box in asked.select("input[name=missing]")}
    assert values == {one.reference, other.reference}
    said = {"reason": "Two cousins of one name"}
    assert "Say which of the two children is missing now" in coordinator.submit(page, said).text
    for person in (cast.officer, cast.nurse, cast.stranger):
        assert client_for(person).submit(page, said).status_code in {403, 404}, person.name
    rows.rollback()
    assert rows.scalars(select(ChildLink)).one().unlinked_at is None
    missing = other if is_other else one
    assert coordinator.submit(page, said | {"missing": missing.reference}).status_code == 303
    rows.rollback()
    rows.expire_all()
    assert rows.scalars(select(ChildLink)).one().unlinked_at is not None
    assert rows.get_one(MissingEpisode, episode.id).child_id == missing.id
    away = {who for who, way, _ in of_event(rows, "missing_moved_away", last_word=None) if way == "mail"}
    assert (cast.nurse.id in away) is is_other


def test_a_report_does_not_go_to_a_record_that_is_held_closely_by_the_way_as_two_are_unlinked(
    rows: Session, cast: Cast, one: Child, other: Child, acting: Acting
) -> None:
    """The police, who look for the child, are rung first: the page of the report asks for it."""
    held = make_case(rows, other, lead=cast.police, opened_by=cast.coordinator)
    held.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    links(acting, cast, one, other)
    episode = reports(acting, cast.social_worker, child=one)
    with acting(cast.coordinator) as actor:
        link = db.session.scalars(select(ChildLink)).one()
        said = {"reason": "Two cousins", "missing": other.reference}
        with pytest.raises(DomainError, match=f"The police would no longer read {episode.reference}"):
            unlink_and_say_who(actor=actor, link=link, **said)
        assert link.unlinked_at is None
