"""People who have left: they can no longer sign in, and what they had begun is still there."""

from datetime import timedelta

from portal.demo.content.acting import Stage, person
from portal.records.people import keeping as people


def write(stage: Stage) -> None:
    """A constable moves to another county. A draft that was never sent stays behind."""
    with stage.acting("mina-fernsby", stage.now - timedelta(days=3)) as actor:
        people.switch_off(
            actor=actor,
            user_id=person("lou-quickstep").id,
            reason="Moved to another constabulary",
            later=True,  # nobody takes the draft over yet
        )
