"""Orders and notices in the demonstration: in force, soon to run out, not served yet, broken, ended."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.demo.content.acting import Stage, reread
from portal.demo.content.reading import Described
from portal.extensions import db
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.orders import keeping as orders
from portal.records.orders.model import ConcernOrder
from portal.records.orders.rules import OrderSaid


def write(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Record each order on the person or place of its name, and say what happened to it since."""
    for said in described:
        order_id = _record(stage, said, known)
        for step in said.get("steps", ()):
            with stage.acting(step["by"], stage.ago(step["at"])) as actor:
                order = reread(ConcernOrder, order_id)
                if step["step"] == "served":
                    orders.serve(
                        actor=actor,
                        order=order,
                        on=clock.today(),
                        words=step["words"],
                        version=order.version,
                    )
                elif step["step"] == "broken":
                    orders.say_broken(actor=actor, order=order, on=clock.today(), words=step["words"])
                else:
                    orders.end(
                        actor=actor,
                        order=order,
                        on=clock.today(),
                        outcome=step["outcome"],
                        words=step.get("words", ""),
                        version=order.version,
                    )


def _record(stage: Stage, said: Described, known: Mapping[str, UUID]) -> UUID:
    today = clock.local(stage.now).date()
    with stage.acting(said["by"], stage.ago(said["at"])) as actor:
        concern = db.session.scalars(select(Concern).where(Concern.name == said["on"])).one()
        protects = [db.session.get_one(Child, known[one]) for one in said.get("protects", ())]
        return orders.record_order(
            actor=actor,
            concern=concern,
            said=OrderSaid(
                kind=said["kind"],
                made_by=said.get("made_by", ""),
                starts_on=clock.today(),
                expires_on=_in(today, said.get("expires")),
                review_on=_in(today, said.get("review")),
                conditions=said["conditions"],
            ),
            protects=protects,
        ).id


def _in(today: date, days: int | None) -> date | None:
    return None if days is None else today + timedelta(days=days)
