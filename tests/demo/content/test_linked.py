"""The processes of other services in the demonstration: running, ended, late, and one that is personal."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.children.model import ChildStatus
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.vocabulary import LinkedState


def test_the_processes_of_the_demonstration_run_and_end(loaded: Session) -> None:
    found = loaded.scalars(select(LinkedProcess)).all()
    running = {one.kind for one in found if one.state == LinkedState.RUNNING}
    assert running >= {
        "child_protection",
        "core_group",
        "nrm",
        "looked_after",
        "forced_marriage",
        "fgm_report",
    }
    ended = {one.kind: one.outcome for one in found if one.state == LinkedState.ENDED}
    assert ended.items() >= {"section_47": "conference", "initial_conference": "plan"}.items()
    (report,) = [one for one in found if one.personal]
    assert report.owner_id == report.author_id


def test_steps_of_the_demonstration_were_late_and_in_time_and_plans_stand_as_statuses(
    loaded: Session,
) -> None:
    steps = loaded.scalars(select(LinkedStep).where(LinkedStep.done_at.is_not(None))).all()
    assert {bool(one.late_reason) for one in steps} == {True, False}
    plan = loaded.scalars(select(LinkedProcess).where(LinkedProcess.kind == "child_protection")).first()
    assert plan is not None
    assert loaded.get_one(ChildStatus, plan.status_id).status == "cp"
