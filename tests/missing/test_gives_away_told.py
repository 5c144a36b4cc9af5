"""Whoever answers for an alert hears of it when who merely reports writes what it holds back (ADR 34)."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink
from portal.records.missing.model import MissingEpisode
from portal.records.missing.moving import move_episode
from portal.records.missing.reporting import records_linked
from portal.records.missing.steps import CHANGED, add_enquiry, change_episode
from portal.records.people.model import Agency
from tests.cast import Cast
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.children import say
from tests.missing.conftest import Acting, reports
from tests.missing.test_gives_away import (
    ADDRESS,
    NOBODY_SAID,
    ClientFor,
    child,
    city,
    enquires,
    episode,
    filled,
    held,
    named,
    page,
)
from tests.told import heard, page_words

__all__ = ["child", "city", "episode", "held"]


@time_machine.travel(datetime(2027, 11, 28, 2, 0, tzinfo=UTC), tick=False)
@pytest.mark.parametrize("how", ["enquiry", "report", "change"])
def test_whoever_answers_for_the_alert_or_leads_the_case_hears_of_it_and_the_writer_learns_nothing(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, child: Child, held: None, how: str
) -> None:
    pages = []
    for name, dob in ((named(child), child.dob), ("Pellory Vantongue", child.dob)):
        with acting(cast.teacher):
            db.session.rollback()
        words = f"She is at {ADDRESS}"
        first: dict[str, Any] = {"last_seen": words} if how == "report" else {}
        found = reports(acting, cast.teacher, name=name, dob=dob, **first, **NOBODY_SAID)
        with acting(cast.teacher) as actor:
            one = db.session.get_one(MissingEpisode, found.id)
            if how == "enquiry":
                add_enquiry(actor=actor, episode=one, at=None, by="Duty", words=words, once=uuid4())
            elif how == "change":
                facts = {name: getattr(one, name) for name in CHANGED if name != "grade"}
                change_episode(actor=actor, episode=one, facts=facts | {"wearing": words}, version=1)
            said = page_words()
        main = client_for(cast.teacher).soup(page(found)).main
        assert main is not None
        shown = main.get_text(" ", strip=True)
        for own in (found.reference, name):
            shown = shown.replace(own, "…")
        pages.append((said, shown))
    assert words in pages[0][1]
    assert pages[0] == pages[1], "no page tells that the child is known"
    told = heard(rows, cast, "missing_gives_away")
    assert told == {f"{one} mail missing_gives_away" for one in ("social_care_manager", "social_worker")}


def test_a_school_is_not_stopped_by_its_own_name_as_the_portal_fills_it_in(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, child: Child, episode: MissingEpisode
) -> None:
    rows.get_one(Agency, cast.school.id).name = "Fernwayside Academy"
    involve(rows, case, cast.school_team, by=cast.coordinator, worker=cast.teacher)
    say(rows, child, cast.teacher, "Fernwayside Academy", kind="school", do_not_disclose=True)
    teacher, address = client_for(cast.teacher), f"{page(episode)}/enquiry"
    begun = filled(teacher.soup(address))
    assert begun["made_by"] == "Tess Teacher, Fernwayside Academy"
    refused = teacher.submit(address, begun | {"words": "She was seen at Fernwayside Academy"})
    assert refused.status_code == 422
    fault = teacher.submit(address, begun | {"made_by": "Duty, Fernwayside Academy", "words": "Rang an aunt"})
    assert fault.status_code == 422
    assert teacher.submit(address, begun | {"words": "Rang an aunt"}).status_code == 303


def test_whoever_entered_it_reads_it_where_another_says_the_same_on_a_linked_record(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, case: Case, child: Child, held: None
) -> None:
    other = make_child(rows, "Wynnard", "Tessaly")
    there = make_case(rows, other, lead=cast.health, opened_by=cast.coordinator)
    involve(rows, there, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    say(rows, other, cast.nurse, f"{ADDRESS.split(',')[0].upper()}, Amber Valley", do_not_disclose=True)
    first, second = sorted((child.id, other.id))
    rows.add(ChildLink(id=new_id(), child_a=first, child_b=second, reason="x", linked_by=cast.coordinator.id))
    rows.commit()
    found = reports(acting, cast.nurse, child=other)
    enquires(acting, cast.neighbour, found, f"Car to {ADDRESS}")
    for person, reads in ((cast.social_worker, True), (cast.nurse, True), (cast.coordinator, False)):
        page_of = client_for(person).get(page(found))
        assert page_of.status_code == 200, person.name
        assert ("Larkspur" in page_of.text) is reads, person.name
    assert client_for(cast.stranger).get(page(found)).status_code == 404


def test_another_house_that_begins_alike_is_not_the_same(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, child: Child, held: None
) -> None:
    """A flat of the same number, a street of the same name elsewhere."""
    refuge = "Flat 2, 12 Wrenhollow Mews"
    say(rows, child, cast.nurse, "Flat 2, 30 Station Road", do_not_disclose=True)
    say(rows, child, cast.social_worker, refuge, do_not_disclose=True)
    found = reports(acting, cast.teacher, name=f"{child.given_name} {child.family_name}", dob=child.dob)
    enquires(acting, cast.teacher, found, f"Seen going into {refuge}")
    for person, reads in ((cast.social_worker, True), (cast.nurse, False), (cast.coordinator, False)):
        assert ("Wrenhollow" in client_for(person).get(page(found)).text) is reads, person.name
    alike = select(func.ctx.says_the_same("address", bindparam("one"), bindparam("other")))
    for one, other, same in (
        ("9 High Street, Derby", "9 High Street, Leicester", False),
        ("9 High Street", "9 HIGH STREET, Derby", True),
        ("Flat 2", "Flat 2, 12 Wrenhollow Mews", False),
        ("7 Larkspur Hidden Mews, Ripley", "7 Larkspur Hidden Mews, Amber Valley", True),
        ("7 Larkspur Hidden Mews, Ripley", "9 Larkspur Hidden Mews, Ripley", False),
        ("The Old Rectory", "the old rectory", True),
    ):
        assert rows.scalar(alike, {"one": one, "other": other}) is same, (one, other)


@pytest.mark.parametrize("how", ["moved", "linked"])
def test_it_is_told_where_it_is_known_only_later_whose_episode_it_is(
    rows: Session, cast: Cast, acting: Acting, case: Case, child: Child, held: None, how: str
) -> None:
    found = reports(acting, cast.teacher, name="Pellory Vantongue", **NOBODY_SAID)
    enquires(acting, cast.teacher, found, f"She is at {ADDRESS}")
    assert heard(rows, cast, "missing_gives_away") == set()
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    with acting(cast.coordinator) as actor:
        one = db.session.get_one(MissingEpisode, found.id)
        if how == "moved":
            to, why = child.reference, "Her aunt rang"
            move_episode(actor=actor, episode=one, reference=to, words=why, version=one.version)
        else:
            pair = sorted((found.child_id, child.id))
            own = {"reason": "The same", "linked_by": actor.user_id}
            db.session.add(ChildLink(id=new_id(), child_a=pair[0], child_b=pair[1], **own))
            db.session.flush()
            records_linked(actor=actor, child_ids=pair)
    told = heard(rows, cast, "missing_gives_away")
    assert told == {f"{one} mail missing_gives_away" for one in ("social_care_manager", "social_worker")}


def test_words_from_before_it_was_known_whose_episode_it_is_are_held_back_whoever_wrote_them(
    rows: Session, cast: Cast, acting: Acting, case: Case, child: Child, held: None, client_for: ClientFor
) -> None:
    """The hub works with every child who has no case, and was asked nothing of this one."""
    found = reports(acting, cast.teacher, name="Pellory Vantongue", **NOBODY_SAID)
    writers = (cast.coordinator, cast.officer)
    for writer in writers:
        enquires(acting, writer, found, f"Sent a unit to {ADDRESS}")
    assert "Larkspur" in client_for(cast.teacher).get(page(found)).text
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    with acting(cast.coordinator) as actor:
        one = db.session.get_one(MissingEpisode, found.id)
        move_episode(
            actor=actor, episode=one, reference=child.reference, words="Her aunt rang", version=one.version
        )
    for person, reads in ((cast.teacher, False), (cast.nurse, False), (cast.social_worker, True)):
        assert ("Larkspur" in client_for(person).get(page(found)).text) is reads, person.name
    assert heard(rows, cast, "missing_gives_away")


def test_where_nobody_leads_a_case_the_hub_hears_of_it(rows: Session, cast: Cast, acting: Acting) -> None:
    child = make_child(rows, "Una", "Caseless")
    say(rows, child, cast.nurse, ADDRESS, do_not_disclose=True)
    found = reports(acting, cast.teacher, name="Una Caseless", dob=child.dob, **NOBODY_SAID)
    assert found.child_id == child.id
    enquires(acting, cast.teacher, found, f"She is at {ADDRESS}")
    mails = {one for one in heard(rows, cast, "missing_gives_away") if " mail " in one}
    assert mails == {"hub_team mail missing_gives_away"}


def test_of_two_cases_on_linked_records_both_hear_of_it(
    rows: Session, cast: Cast, acting: Acting, episode: MissingEpisode, child: Child
) -> None:
    other = make_child(rows, "Adah", "Fictional")
    linked = make_case(
        rows,
        other,
        lead=cast.council,
        opened_by=cast.coordinator,
        lead_professional_id=cast.community_safety.id,
    )
    involve(rows, linked, cast.council_team, by=cast.coordinator, worker=cast.community_safety)
    pair = sorted((other.id, child.id))
    own = {"reason": "The same", "linked_by": cast.coordinator.id}
    rows.add(ChildLink(id=new_id(), child_a=pair[0], child_b=pair[1], **own))
    rows.commit()
    enquires(acting, cast.teacher, episode, f"She is at {ADDRESS}")
    assert {one.split()[0] for one in heard(rows, cast, "missing_gives_away")} == {
        "social_care_manager", "social_worker", "community_safety",
    }  # fmt: skip
