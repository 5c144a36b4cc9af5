"""Places, people and things of concern, their orders and notices, and whom to ask in a district."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content.acting import Described as Said
from portal.demo.content.acting import Stage, person, reread, team_called
from portal.demo.content.plans import take
from portal.extensions import db
from portal.records.children.model import Child
from portal.records.concerns.holding import release, set_police_status
from portal.records.concerns.keeping import create_concern
from portal.records.concerns.links import add_link, add_note
from portal.records.concerns.model import Concern
from portal.records.concerns.rules import Described
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.entries.vocabulary import Handling
from portal.records.orders import keeping as orders
from portal.records.orders.model import ConcernOrder
from portal.records.orders.rules import OrderSaid
from portal.records.people.model import Agency
from portal.records.places.directory import add_contact
from portal.records.places.guardians import answer_for_guardian, name_guardian, say_of_place
from portal.records.places.model import Guardian
from portal.records.places.rules import Contact
from portal.records.places.vocabulary import GuardianState
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action


def write(stage: Stage, described: Sequence[Said], known: Mapping[str, UUID]) -> None:
    """Record each of them, and let each be linked, added to and released as the file says."""
    made: dict[str, UUID] = {}
    for said in described:
        with stage.acting(said["by"], stage.ago(said["at"])) as actor:
            made[said["key"]] = _record(actor, stage, said)
    for said in described:
        concern_id = made[said["key"]]
        if status := said.get("status"):
            with stage.acting(status["by"], stage.ago(status["at"])) as actor:
                _know(actor, reread(Concern, concern_id), status)
        for one in said.get("links", ()):
            with stage.acting(one["by"], stage.ago(one["at"])) as actor:
                _link(actor, reread(Concern, concern_id), one, made, known)
        for one in said.get("notes", ()):
            with stage.acting(one["by"], stage.ago(one["at"])) as actor:
                handling = Handling(one.get("handling", Handling.NETWORK))
                add_note(
                    actor=actor, concern=reread(Concern, concern_id), text=one["text"], handling=handling
                )
        for one in said.get("release", ()):
            with stage.acting(one["by"], stage.ago(one["at"])) as actor:
                _release(actor, reread(Concern, concern_id), one)


def _record(actor: Principal, stage: Stage, said: Said) -> UUID:
    review_on = clock.local(stage.now).date() + timedelta(days=said["review"])
    made = create_concern(
        actor=actor,
        kind=ConcernKind(said["kind"]),
        said=Described(
            name=said.get("name", ""),
            description=said["description"],
            details=said.get("says", {}),
            district=said.get("district"),
            risk=said.get("risk"),
            also_child=said.get("also_child"),
            do_not_approach=said.get("do_not_approach", False),
            first_on=clock.today(),
            review_on=review_on,
        ),
    )
    return made.id


def _know(actor: Principal, concern: Concern, status: Said) -> None:
    set_police_status(
        actor=actor,
        concern=concern,
        status=status["code"],
        reason=status["words"],
        version=concern.version,
    )


def _link(
    actor: Principal,
    concern: Concern,
    one: Said,
    made: Mapping[str, UUID],
    known: Mapping[str, UUID],
) -> None:
    how: dict[str, Any] = {
        "role": one["role"],
        "words": one.get("words", ""),
        "handling": Handling(one.get("handling", Handling.NETWORK)),
        "from_on": clock.today(),
    }
    if "child" in one:
        add_link(actor=actor, concern=concern, to=reread(Child, known[one["child"]]), **how)
    else:
        add_link(actor=actor, concern=concern, to=reread(Concern, made[one["other"]]), **how)


def _release(actor: Principal, concern: Concern, one: Said) -> None:
    agency = db.session.scalars(select(Agency).filter_by(code=one["agency"])).one()
    release(actor=actor, concern=concern, agency_id=agency.id, reason=one["reason"])


def write_orders(stage: Stage, described: Sequence[Said], known: Mapping[str, UUID]) -> None:
    """Record each order on the person or place of its name, and say what happened to it since."""
    for said in described:
        order_id = _record_order(stage, said, known)
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


def _record_order(stage: Stage, said: Said, known: Mapping[str, UUID]) -> UUID:
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


def write_places(stage: Stage, places: Sequence[Said], contacts: Sequence[Said]) -> None:
    """Name whoever could watch, say what is known, give actions and let each go as far as the file says."""
    for said in places:
        for one in said.get("guardians", ()):
            with stage.acting(one["by"], stage.ago(one["at"])) as actor:
                _name(actor, said["of"], one)
        for one in said.get("answers", ()):
            with stage.acting(one["by"], stage.ago(one["at"])) as actor:
                _answer(actor, said["of"], one)
        for one in said.get("known", ()):
            with stage.acting(one["by"], stage.ago(one["at"])) as actor:
                facts = {name: one.get(name, "") for name in ("kind", "text", "holder", "number")}
                say_of_place(actor=actor, concern=_called(said["of"]), **facts)
        for one in said.get("actions", ()):
            action_id = _give(stage, said["of"], one)
            for step in one.get("steps", ()):
                with stage.acting(step["by"], stage.ago(step["at"])) as actor:
                    take(actor, reread(Action, action_id), step)
    for said in contacts:
        with stage.acting(said["by"], stage.ago(said["at"])) as actor:
            facts = {name: said[name] for name in Contact.__dataclass_fields__ if name in said}
            add_contact(actor=actor, said=Contact(**facts))


def _called(name: str) -> Concern:
    return db.session.scalars(select(Concern).where(Concern.name == name)).one()


def _name(actor: Principal, of: str, one: Said) -> None:
    said = {name: one[name] for name in ("role", "name", "can", "contact")}
    name_guardian(actor=actor, concern=_called(of), state=GuardianState(one["state"]), **said)


def _answer(actor: Principal, of: str, one: Said) -> None:
    guardian = db.session.scalars(select(Guardian).where(Guardian.name == one["name"])).one()
    answer_for_guardian(
        actor=actor,
        concern=_called(of),
        guardian=guardian,
        state=GuardianState(one["state"]),
        words=one["words"],
        version=guardian.version,
    )


def _give(stage: Stage, of: str, given: Said) -> UUID:
    with stage.acting(given["by"], stage.ago(given["at"])) as actor:
        action = give_action(
            actor=actor,
            concern=_called(of),
            what=given["what"],
            measure=given["measure"],
            category=given["category"],
            means=given["means"],
            owner=person(given["owner"]) if "owner" in given else team_called(given["team"]),
            due_on=clock.local(stage.now).date() + timedelta(days=given["due"]),
        )
        return action.id
