"""Plans, actions, safety plans and linked processes."""

from tests.races.scene import Scene

SCENES: dict[str, Scene] = {
    "linked_processes.note": Scene("officer", page="linked_processes.show"),
    "linked_processes.their_reference": Scene("officer", fills={"their_reference": "Ref {word}"}),
    "plans.begin": Scene("officer", page="plans.action"),
    "plans.done": Scene("officer", page="plans.action"),
    "plans.note": Scene("officer", page="plans.action"),
    "plans.confirm_done": Scene("coordinator", after=("plans.done",)),
    "plans.effect": Scene("coordinator", after=("plans.confirm_done",)),
    "plans.put_safety_plan_in_force": Scene("officer", after=("plans.keep_safety_plan",)),
    "plans.safety_plans_of_case": Scene("officer", after=("plans.end_plan",)),
    "plans.keep_safety_plan": Scene("officer", page="plans.write_safety_plan"),
    "plans.save_safety_plan": Scene("officer", page="plans.write_safety_plan"),
}
