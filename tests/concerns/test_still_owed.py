"""Nothing is left with somebody who no longer sees what it is on, and nothing that was typed is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError, NotFound
from portal.extensions import db
from portal.records.concerns.holding import hand_over, hold
from portal.records.concerns.keeping import change_concern
from portal.records.concerns.links import add_link
from portal.records.concerns.making import make_concern as make_from
from portal.records.concerns.model import Concern, ConcernLink
from portal.records.concerns.rules import Described
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.entries.vocabulary import Handling
from portal.records.orders.keeping import record_order
from portal.records.orders.rules import OrderSaid
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.concerns.conftest import Acting, acts
from tests.factories.cases import make_child
from tests.factories.concerns import make_concern, release
from tests.factories.missing import make_episode
from tests.orders.test_orders import typed
from tests.plans.test_on_concerns import gives

ClientFor = Callable[[User | None], Client]


def test_an_order_keeps_somebody_who_sees_it(
    rows: Session, cast: Cast, districts: None, acting: Acting
) -> None:
    place = make_concern(
        rows, cast.officer, district="erewash", authority="derbyshire", owner_team_id=cast.police_team.id
    )
    with acting(cast.community_safety) as actor:
        made = record_order(
            actor=actor,
            concern=db.session.get_one(Concern, place.id),
            said=OrderSaid(
                kind="closure_order",
                starts_on=clock.today(),
                expires_on=clock.today() + timedelta(days=30),
                conditions="Closed at night",
            ),
        )
        reference = made.reference
    with pytest.raises(DomainError, match=reference):
        acts(acting, cast.officer, place, hold, restricted=True, reason="Under watch")
    elsewhere = Described(name="Zubrowka Arcade", district="derby")
    with pytest.raises(DomainError, match=reference):
        acts(acting, cast.officer, place, change_concern, said=elsewhere, reason="The map was wrong")


def test_an_action_on_a_restricted_one_keeps_somebody_who_sees_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    place = make_concern(rows, cast.officer, owner_team_id=cast.police_team.id, sensitivity=1)
    shown = release(rows, place, cast.health, cast.officer)
    action = gives(acting, cast.officer, place, cast.nurse)
    answer = client_for(cast.officer).submit(f"/concerns/{place.reference}/releases/{shown.id}/withdraw")
    assert answer.status_code == 422
    assert action.reference in answer.text
    own = gives(acting, cast.officer, place, cast.officer)
    with pytest.raises(DomainError, match=own.reference):
        acts(acting, cast.officer, place, hand_over, team=cast.social_care_team, reason="Theirs")


def test_who_is_known_by_name_alone_is_linked_to_nothing(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    child = make_child(rows, "Idris", "Vellacott")
    make_episode(rows, child, cast.officer)
    man = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    answer = client_for(cast.officer).submit(
        f"/concerns/{man.reference}/orders/new", typed(child=child.reference)
    )
    assert answer.status_code == 422
    assert "You see no child with this reference" in answer.text
    with acting(cast.officer) as actor, pytest.raises(NotFound):
        make_from(
            actor=actor,
            kind=ConcernKind.PLACE,
            said=Described(name="The canal lock"),
            children=[child.reference],
            role="child_not_known",
        )


def test_what_is_said_of_a_link_anew_is_kept(rows: Session, cast: Cast, acting: Acting) -> None:
    man = make_concern(rows, cast.officer, kind="person", name="Quorbin Vantlee")
    place = make_concern(rows, cast.officer)
    for words, listed in (
        ("Seen once", [cast.health.id]),
        ("Seen once", [cast.health.id]),
        ("Seen again on Friday", [cast.health.id, cast.council.id]),
    ):
        with acting(cast.officer) as actor:
            add_link(
                actor=actor,
                concern=db.session.get_one(Concern, man.id),
                to=db.session.get_one(Concern, place.id),
                role="not_known",
                words=words,
                handling=Handling.AGENCIES,
                listed=listed,
            )
    kept = rows.scalars(select(ConcernLink.words).order_by(ConcernLink.words)).all()
    assert kept == ["Seen again on Friday", "Seen once"]
