"""A link that says, or may say, where a child lives is held back by an alert, as an address is (ADR 34)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.model import new_id
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.links import add_link
from portal.records.concerns.model import Concern, ConcernLink, LinkRelease
from portal.records.concerns.policy import Concerns
from portal.records.people.model import User
from portal.vocabulary import StatementKind
from tests.cast import Cast
from tests.children.test_held_by_an_alert import set_alert
from tests.client import Client
from tests.concerns.conftest import Acting, records
from tests.factories.cases import add_held_alert
from tests.factories.children import say
from tests.told import heard

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
HOUSE = "Zubrowka House"
LANE = "9 Quillwhistle Lane"


@pytest.fixture
def child(rows: Session, case: Case) -> Child:
    return rows.get_one(Child, case.child_id)


@pytest.fixture
def house(acting: Acting, cast: Cast) -> Concern:
    """A place of the police, which whoever works with the child there may see."""
    return records(acting, cast.officer, name=HOUSE, details={"address": LANE, "postcode": "DE1 2FS"})


def linked(acting: Acting, person: User, concern: Concern, child: Child, role: str, **said: Any) -> None:
    with acting(person) as actor:
        place, to = db.session.get_one(Concern, concern.id), db.session.get_one(Child, child.id)
        add_link(actor=actor, concern=place, to=to, role=role, **said)


def held(rows: Session) -> bool:
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(ConcernLink.do_not_disclose)).one()


def sends(client: Client, concern: Concern, child: Child, role: str, **more: str) -> Any:
    typed = {"other": child.reference, "role": role, "handling": "network", **more}
    return client.submit(f"/concerns/{concern.reference}/links/new", typed)


def test_a_link_that_says_where_the_child_lives_is_held_back_or_says_why_not(
    rows: Session, cast: Cast, case: Case, child: Child, house: Concern, client_for: Browser
) -> None:
    add_held_alert(rows, case, cast.social_worker)
    officer, hub = client_for(cast.officer), client_for(cast.coordinator)
    asked = sends(officer, house, child, "lives_there", words="She was let in there at night")
    assert asked.status_code == 422
    assert "An alert on this child says not to disclose where they live" in asked.text
    assert "Choose whether others may see this link" in asked.text
    assert "She was let in there at night" in asked.text, "nothing that was typed is lost"
    unsaid = sends(officer, house, child, "lives_there", who_sees="seen")
    assert "Say why they may see it" in unsaid.text
    assert not rows.scalars(select(ConcernLink)).all()
    assert sends(officer, house, child, "lives_there", who_sees="held").status_code == 303
    assert held(rows)
    page = f"/concerns/{house.reference}"
    own = officer.soup(page).get_text(" ", strip=True)
    assert "Not disclosed" in own
    assert child.given_name in own
    assert child.given_name not in hub.soup(page).get_text(), "no other agency meets it"
    assert child.given_name not in officer.soup(f"{page}/network").get_text(), "in no picture"
    link = rows.scalars(select(ConcernLink)).one()
    let_go = f"{page}/links/{link.id}/let-go"
    for person, status in ((cast.coordinator, 404), (cast.nurse, 404), (cast.stranger, 404)):
        assert client_for(person).submit(let_go, {"words": "Known"}).status_code == status, person.name
    assert officer.submit(let_go, {"words": ""}).status_code == 422
    assert officer.submit(let_go, {"words": "Everybody knows the refuge"}).status_code == 303
    assert not held(rows)
    shown = hub.soup(page).get_text(" ", strip=True)
    assert child.given_name in shown
    assert "Everybody knows the refuge (Ola Officer)" in shown


def test_what_it_says_is_kept_from_the_chronology_and_whoever_leads_is_not_told(
    rows: Session, cast: Cast, case: Case, child: Child, house: Concern, client_for: Browser, acting: Acting
) -> None:
    add_held_alert(rows, case, cast.social_worker)
    linked(acting, cast.officer, house, child, "lives_there")
    assert held(rows), "what does not ask is held back"
    assert "social_worker" not in str(heard(rows, cast, "concern_linked"))
    for person in (cast.officer, cast.social_worker):
        for page in (f"/children/{child.reference}/chronology", f"/cases/{case.reference}/print"):
            assert HOUSE not in client_for(person).get(page).text, (person.name, page)


@pytest.mark.parametrize(
    ("role", "stated", "details", "dwelling", "binds"),
    [
        ("seen_there", None, {}, False, False),
        ("harmed_there", None, {}, False, False),
        ("lives_there", None, {}, False, True),
        ("seen_there", None, {}, True, True),
        ("taken_there", None, {}, True, False),
        ("taken_there", ("address", "9 Quillwhistle Lane, Derby", None), {"address": LANE}, True, True),
        ("seen_there", ("address", "9 Quillwhistle Lane, Derby", None), {"address": LANE}, False, True),
        ("seen_there", ("address", "Flat 2", "DE1 2FS"), {"postcode": "de12fs"}, False, True),
        ("seen_there", ("address", "Flat 2", "DE1 2FT"), {"postcode": "DE1 2FS"}, False, False),
        ("seen_there", ("school", HOUSE, None), {}, False, True),
    ],
)
def test_it_binds_what_says_or_may_say_it(
    rows: Session,
    cast: Cast,
    case: Case,
    child: Child,
    acting: Acting,
    role: str,
    stated: tuple[str, str, str | None] | None,
    details: dict[str, str],
    dwelling: bool,
    binds: bool,
) -> None:
    """Also by what another agency has entered and the writer does not see."""
    if stated:
        kind, value, postcode = stated
        say(rows, child, cast.nurse, value, kind=kind, postcode=postcode, do_not_disclose=True)
    house = records(acting, cast.officer, name=HOUSE, details=details)
    rows.execute(update(Concern).where(Concern.id == house.id).values(dwelling=dwelling))
    rows.commit()
    add_held_alert(rows, case, cast.social_worker)
    linked(acting, cast.officer, house, child, role)
    assert held(rows) is binds


def test_a_phone_is_bound_by_what_it_was_given_for_and_by_its_number(
    rows: Session, cast: Cast, case: Case, child: Child, acting: Acting
) -> None:
    add_held_alert(rows, case, cast.social_worker)
    say(rows, child, cast.nurse, "+44 7700 900123", kind="phone", do_not_disclose=True)
    for name, role, binds in (
        ("07700 900123", "contacted_by", True),
        ("07700 900124", "contacted_by", False),
        ("07700 900125", "given_phone", True),
    ):
        phone = records(acting, cast.officer, "phone", name=name, details={"number": name})
        linked(acting, cast.officer, phone, child, role)
        rows.rollback()
        found = select(ConcernLink.do_not_disclose).where(ConcernLink.concern_id == phone.id)
        assert rows.scalars(found).one() is binds, name


def test_what_stands_is_held_back_with_the_alert_and_with_an_address_that_comes_later(
    rows: Session, cast: Cast, case: Case, child: Child, house: Concern, acting: Acting, client_for: Browser
) -> None:
    linked(acting, cast.officer, house, child, "lives_there")
    assert not held(rows)
    assert set_alert(client_for(cast.social_worker), cast, case) == 303
    assert held(rows)
    other = records(acting, cast.officer, name="Zubrowka Yard", details={"postcode": "DE1 2FQ"})
    linked(acting, cast.officer, other, child, "seen_there")
    of_other = select(ConcernLink.do_not_disclose).where(ConcernLink.concern_id == other.id)
    assert rows.scalars(of_other).one() is False
    say(rows, child, cast.nurse, "1 Any Road", postcode="DE1 2FQ", do_not_disclose=True)
    rows.expire_all()
    assert rows.scalars(of_other).one() is True


def test_the_database_refuses_what_the_alert_forbids(
    rows: Session, cast: Cast, case: Case, child: Child, house: Concern, acting: Acting, asking: Asking
) -> None:
    """SQL on the application’s own connection."""
    add_held_alert(rows, case, cast.social_worker)
    linked(acting, cast.officer, house, child, "lives_there")
    link = rows.scalars(select(ConcernLink)).one()
    another = {
        "id": new_id(),
        "concern_id": house.id,
        "child_id": child.id,
        "role": "lives_there",
        "tells": "address",
        "handling": "network",
        "agency_id": cast.police.id,
        "author_id": cast.officer.id,
        "created_at": clock.now(),
    }
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="is not disclosed"):
        session.execute(insert(ConcernLink).values(**another))
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="is not disclosed"):
        session.execute(update(ConcernLink).values(do_not_disclose=False))
    release = {
        "id": new_id(),
        "link_id": link.id,
        "reason": "It is known",
        "released_by": cast.officer.id,
        "agency_id": cast.police.id,
        "released_at": clock.now(),
    }
    for person, changes in (
        (cast.coordinator, {"released_by": cast.coordinator.id, "agency_id": cast.hub.id}),
        (cast.officer, {"reason": ""}),
        (cast.stranger, {}),
    ):
        with asking(person) as session, pytest.raises(DBAPIError, match="row-level security"):
            session.execute(insert(LinkRelease).values(**release | changes))
    for person in (cast.social_worker, cast.nurse, cast.coordinator, cast.stranger):
        with asking(person) as session:
            assert not session.scalars(select(ConcernLink)).all(), person.name
    rows.execute(insert(LinkRelease).values(**release | {"released_at": clock.now() - timedelta(days=1)}))
    rows.commit()
    with asking(cast.officer) as session, pytest.raises(DBAPIError, match="is not disclosed"):
        session.execute(update(ConcernLink).values(do_not_disclose=False))
    for change in ("update link_release set reason = 'x'", "delete from link_release"):
        with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(change))


def test_nobody_asks_whether_a_child_whom_they_do_not_reach_has_such_an_alert(
    rows: Session, cast: Cast, case: Case, child: Child, house: Concern, asking: Asking
) -> None:
    add_held_alert(rows, case, cast.social_worker)
    asked = text("select ctx.must_hold_link(:concern, :child, 'address')")
    for person, answer in (
        (cast.officer, True), (cast.social_worker, True), (cast.stranger, False), (cast.governance, False),
    ):  # fmt: skip
        with asking(person) as session:
            assert session.scalar(asked, {"concern": house.id, "child": child.id}) is answer, person.name


def test_the_policy_says_which_roles_tell_where_a_child_is() -> None:
    concerns = current_policy().of(Concerns)
    assert concerns.told_by("lives_there", "place") is StatementKind.ADDRESS
    assert concerns.told_by("given_phone", "phone") is StatementKind.PHONE
    assert concerns.told_by("given_phone", "vehicle") is None
    assert concerns.told_by("harmed_there", "place") is None
