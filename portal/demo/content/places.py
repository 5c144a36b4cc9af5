"""What is done about places and people of concern in the demonstration, and whom to ask in a district."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content.acting import Stage, person, reread, team_called
from portal.demo.content.plans import take
from portal.demo.content.reading import Described
from portal.extensions import db
from portal.records.concerns.model import Concern
from portal.records.places.directory import add_contact
from portal.records.places.guardians import answer_for_guardian, name_guardian, say_of_place
from portal.records.places.model import Guardian
from portal.records.places.rules import Contact
from portal.records.places.vocabulary import GuardianState
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action


def write(stage: Stage, places: Sequence[Described], contacts: Sequence[Described]) -> None:
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


def _name(actor: Principal, of: str, one: Described) -> None:
    said = {name: one[name] for name in ("role", "name", "can", "contact")}
    name_guardian(actor=actor, concern=_called(of), state=GuardianState(one["state"]), **said)


def _answer(actor: Principal, of: str, one: Described) -> None:
    guardian = db.session.scalars(select(Guardian).where(Guardian.name == one["name"])).one()
    answer_for_guardian(
        actor=actor,
        concern=_called(of),
        guardian=guardian,
        state=GuardianState(one["state"]),
        words=one["words"],
        version=guardian.version,
    )


def _give(stage: Stage, of: str, given: Described) -> UUID:
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
