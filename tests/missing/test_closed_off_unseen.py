"""Who looks for a child loses sight by a record that whoever closes it does not see: they hear even so."""

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage, OutboxSubject, Untold
from portal.messages.vocabulary import UntoldReason
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team, User
from portal.reminders.claims import Waiting, waiting
from portal.reminders.untold import note
from portal.vocabulary import Desk, Sensitivity
from tests.access.test_reach import Asking
from tests.cases.pages import words
from tests.cases.test_sensitivity import change
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.missing import make_episode
from tests.factories.people import make_team
from tests.missing.conftest import Acting
from tests.missing.test_closed_off import EVENT, told
from tests.missing.test_linked_records import links
from tests.missing.test_pages import ClientFor
from tests.reminders.conftest import engine

__all__ = ["engine"]

GROUNDS = {"police_desk", "social_care", "hub"}


@pytest.fixture
def desks(rows: Session, cast: Cast) -> None:
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    door = make_team(rows, cast.social_care, "Starting point")
    door.desks = [Desk.FRONT_DOOR]
    rows.get_one(User, cast.nurse.id).phone = "01632 960771"
    rows.commit()


@pytest.fixture
def second(rows: Session, cast: Cast, case: Case, acting: Acting, desks: None) -> MissingEpisode:
    """The child of the case is missing by a second record that the hub linked with it; a nurse said so."""
    found = make_child(rows, "Adda", "Fictionall")
    links(acting, cast, rows.get_one(Child, case.child_id), found)
    return make_episode(rows, found, cast.nurse, team=cast.health_team, responsible_authority="derbyshire")


def of_episode(rows: Session, episode: MissingEpisode) -> dict[str, set[object]]:
    """Who was told of it: by ground, whom by e-mail."""
    wanted = {one.id for one in told(rows)}
    about = rows.scalars(
        select(OutboxMessage)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(OutboxSubject.subject_id == episode.id, OutboxMessage.id.in_(wanted))
    ).all()
    found: dict[str, set[object]] = {}
    for one in about:
        assert one.urgent
        assert one.last_word
        if one.channel == "mail":
            found.setdefault(one.ground or "", set()).add(one.recipient_team_id)
    return found


def test_a_lead_who_does_not_see_the_second_record_closes_it_and_the_desks_hear(
    rows: Session,
    cast: Cast,
    case: Case,
    second: MissingEpisode,
    client_for: ClientFor,
    asking: Asking,
) -> None:
    page, child = f"/missing/{second.reference}", rows.get_one(Child, second.child_id)
    lead = client_for(cast.social_worker)
    with asking(cast.social_worker) as session:
        assert session.get(ChildRecord, child.id) is None, "they know nothing of that record"
    before = words(lead.soup(f"/cases/{case.reference}/sensitivity"))
    assert second.reference not in before
    assert client_for(cast.neighbour).get(page).status_code == 200
    sent = change(lead, case, Sensitivity.SEALED, named=[str(cast.coordinator.id)])
    assert sent.status_code == 303
    done = words(lead.soup(f"/cases/{case.reference}"))
    heard = of_episode(rows, second)
    assert set(heard) == GROUNDS
    assert heard["police_desk"] == {cast.police_other_team.id}
    assert heard["social_care"] == set(rows.scalars(select(Team.id).filter_by(name="Starting point")))
    for secret in (second.reference, cast.police_other_team.name, "desk", "loses sight of a missing"):
        assert secret not in done, secret
    for person in (cast.social_worker, cast.colleague, cast.nurse, cast.stranger):
        with asking(person) as session:
            shown = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.event == EVENT)
            assert session.scalar(shown) == 0, person.name

    desk = client_for(cast.neighbour)
    led = desk.get(page)
    assert (led.status_code, led.location[:4]) == (303, "/go/")
    says = words(desk.soup(led.location))
    assert f"{cast.nurse.name}," in says
    assert "01632 960771" in says
    for secret in (child.family_name, child.reference, case.reference):
        assert secret not in says
    assert client_for(cast.nurse).get(page).status_code == 200, "who recorded it reads on"
    for person in (cast.stranger, cast.teacher, cast.colleague, cast.second_coordinator):
        assert client_for(person).get(page).status_code in {404, 303}, person.name
    for person in (cast.stranger, cast.teacher, cast.colleague):
        assert client_for(person).get(page).status_code == 404, person.name


def test_a_desk_that_could_not_be_told_is_on_the_list_of_the_hub_and_not_of_whoever_closed_it(
    rows: Session, cast: Cast, case: Case, second: MissingEpisode, client_for: ClientFor, engine: Engine
) -> None:
    sent = change(client_for(cast.social_worker), case, Sensitivity.SEALED, named=[str(cast.coordinator.id)])
    assert sent.status_code == 303
    with engine.begin() as connection:
        waits = [Waiting.of(row) for row in connection.execute(waiting()) if row.event == EVENT]
        (message,) = [one for one in waits if one.recipient_team_id == cast.police_other_team.id]
        note(connection, message, UntoldReason.NOT_SENT)
    rows.rollback()
    found = rows.scalars(select(Untold).filter_by(event=EVENT)).one()
    assert (found.ground, found.caused_by, found.urgent) == ("police_desk", None, True)
    assert not rows.scalars(select(OutboxMessage).filter_by(kind="not_told")).all()
    assert client_for(cast.coordinator).get(f"/messages/untold/{found.id}").status_code == 200
    for person in (cast.second_coordinator, cast.social_worker, cast.colleague, cast.stranger):
        assert client_for(person).get(f"/messages/untold/{found.id}").status_code in {403, 404}


def test_on_a_record_that_is_linked_by_way_of_another_they_hear_and_the_coordinator_is_asked(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor, desks: None
) -> None:
    first, far = make_child(rows, "Adda", "Fictionall"), make_child(rows, "Addah", "Fictionall")
    links(acting, cast, rows.get_one(Child, case.child_id), first)
    links(acting, cast, first, far)
    behind = make_episode(rows, far, cast.nurse, team=cast.health_team)
    client = client_for(cast.coordinator)
    assert f"({behind.reference})" in words(client.soup(f"/cases/{case.reference}/sensitivity"))
    assert change(client, case, Sensitivity.SEALED).status_code == 422, "how do the police go on looking?"
    assert change(client, case, Sensitivity.SEALED, search="phoned").status_code == 303
    assert of_episode(rows, behind)["police_desk"] == {cast.police_other_team.id}


@pytest.mark.parametrize("to", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_a_link_closes_a_record_by_way_of_another(
    rows: Session, cast: Cast, case: Case, acting: Acting, desks: None, to: Sensitivity
) -> None:
    for person in (cast.social_worker, cast.coordinator):
        grant(rows, case, person, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(to)
    rows.commit()
    first, far = make_child(rows, "Adda", "Fictionall"), make_child(rows, "Addah", "Fictionall")
    links(acting, cast, first, far)
    behind = make_episode(rows, far, cast.nurse, team=cast.health_team)
    assert not told(rows)
    links(acting, cast, rows.get_one(Child, case.child_id), first)
    heard = of_episode(rows, behind)
    assert heard["police_desk"] == {cast.police_other_team.id}
    assert ("hub" in heard) == (to is Sensitivity.SEALED)
    count = len(told(rows))
    links(acting, cast, rows.get_one(Child, case.child_id), far)
    assert len(told(rows)) == count, "they lost sight of it before"


def test_a_link_by_which_a_sealed_case_closes_it_of_which_the_coordinator_does_not_know(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor, desks: None
) -> None:
    hidden = make_child(rows, "Addie", "Fictionall")
    links(acting, cast, rows.get_one(Child, case.child_id), hidden)
    sealed = make_case(rows, hidden, lead=cast.health, opened_by=cast.coordinator)
    for person in (cast.nurse, cast.coordinator):
        grant(rows, sealed, person, by=cast.coordinator)
    sealed.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    far = make_child(rows, "Addah", "Fictionall")
    behind = make_episode(rows, far, cast.teacher, team=cast.school_team)
    client = client_for(cast.second_coordinator)
    asked = {"other": rows.get_one(Child, case.child_id).reference, "reason": "The same mother"}
    client.submit(f"/children/{far.reference}/links/add", asked)
    heard = of_episode(rows, behind)
    assert heard["police_desk"] == {cast.police_other_team.id}
    assert "hub" in heard
    page = client.get(f"/children/{rows.get_one(Child, case.child_id).reference}").text
    for secret in (behind.reference, cast.police_other_team.name, sealed.reference):
        assert secret not in page
