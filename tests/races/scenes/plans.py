"""Plans, actions, safety plans and linked processes."""

from portal.records.plans.model import Action
from portal.web.steps import code_of
from tests.races.scene import Scene
from tests.races.sending import Sent
from tests.races.world import World


def _ticked(world: World, token: str) -> Sent:
    """The box of the action, which stands beside its form."""
    world.rows.rollback()
    done = world.rows.query(Action).filter_by(reference=world.names["action"]).one()
    return Sent("", (("csrf_token", token), ("chosen", code_of(done.reference, done.version))))


SCENES: dict[str, Scene] = {
    "linked_processes.note": Scene("officer", page="linked_processes.show"),
    "linked_processes.their_reference": Scene("officer", fills={"their_reference": "Ref {word}"}),
    "plans.begin": Scene("officer", page="plans.action"),
    "plans.mine": Scene("officer", page="/actions?whose=mine&when=overdue"),
    "plans.on_concerns": Scene("officer", page="/actions/places-and-people?whose=all&when=overdue"),
    "plans.done": Scene("officer", page="plans.action"),
    "plans.note": Scene("officer", page="plans.action"),
    "plans.confirm_done": Scene("coordinator", after=("plans.done",)),
    "plans.confirm_several": Scene(
        "coordinator", page="/actions/confirm", by_script=_ticked, after=("plans.done",)
    ),
    "plans.effect": Scene("coordinator", after=("plans.confirm_done",)),
    "plans.put_safety_plan_in_force": Scene("officer", after=("plans.keep_safety_plan",)),
    "plans.safety_plans_of_case": Scene("officer", after=("plans.end_plan",)),
    "plans.keep_safety_plan": Scene("officer", page="plans.write_safety_plan"),
    "plans.save_safety_plan": Scene("officer", page="plans.write_safety_plan"),
}
