"""What linked processes plug into the rest."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.access.principal import Principal
from portal.pages.chronologies.reading import LineKind, Said
from portal.pages.workspaces.tasks import Task
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.linked_processes import reading as linked_processes
from portal.records.linked_processes.effects import give_processes_to_named, strategy_held
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.policy import LinkedProcesses
from portal.records.people.model import User
from portal.registry import Duty, Noun, Record
from portal.vocabulary import Sector
from portal.web.filters import moment


def _process(row: Any, policy: Policy) -> Said:
    kind = policy.of(LinkedProcesses).processes.get(row.said["kind"])
    their = f"{kind.reference}: {row.said['their']}" if kind and row.said["their"] else ""
    title = f"{kind.label if kind else row.said['kind']} began"
    return Said(title=title, words=[row.said["words"], their])


def _process_step(row: Any, policy: Policy) -> Said:
    kind = policy.of(LinkedProcesses).processes.get(row.said["kind"])
    step = kind.steps.label(row.said["step"]) if kind else row.said["step"]
    rule = kind.steps.get(row.said["step"]) if kind else None
    answer = rule.answers.label(row.said["answer"]) if rule and row.said["answer"] else ""
    late = f"Late: it was due by {moment(datetime.fromisoformat(row.said['due_at']))}"
    return Said(
        title=f"{kind.label if kind else row.said['kind']}: {step}",
        words=[answer, row.said["words"], late if row.said["late"] else ""],
    )


def _process_ended(row: Any, policy: Policy) -> Said:
    kind = policy.of(LinkedProcesses).processes.get(row.said["kind"])
    outcome = kind.outcomes.label(row.said["outcome"]) if kind else row.said["outcome"]
    title = f"{kind.label if kind else row.said['kind']} ended"
    return Said(title=title, words=[outcome or "", row.said["words"]])


_PROCESS = """
select p.id, p.started_at as at, p.agency_id, p.author_id as by_id, c.id as case_id, p.reference,
       jsonb_build_object('kind', p.kind, 'words', p.words, 'their', p.their_reference) as said
  from cre_case c join linked_process p on p.case_id = c.id
 where c.child_id = :child"""

_PROCESS_STEP = """
select s.id, s.done_at as at, s.recorded_agency_id as agency_id, s.recorded_by as by_id, c.id as case_id,
       p.reference,
       jsonb_build_object('kind', p.kind, 'step', s.kind, 'answer', s.answer, 'words', s.words,
                          'due_at', s.due_at, 'late', s.done_at > s.due_at) as said
  from cre_case c join linked_process p on p.case_id = c.id join linked_step s on s.process_id = p.id
 where c.child_id = :child and s.done_at is not null"""

_PROCESS_ENDED = """
select p.id, p.ended_at as at, h.agency_id, p.ended_by as by_id, c.id as case_id, p.reference,
       jsonb_build_object('kind', p.kind, 'outcome', p.outcome, 'words', p.outcome_words) as said
  from cre_case c join linked_process p on p.case_id = c.id left join app_user h on h.id = p.ended_by
 where c.child_id = :child and p.ended_at is not null"""

LINES = (
    LineKind(what="process", part=ChronologyPart.PROCESS, says=_process, rows=_PROCESS),
    LineKind(what="process_step", part=ChronologyPart.PROCESS, says=_process_step, rows=_PROCESS_STEP),
    LineKind(what="process_ended", part=ChronologyPart.PROCESS, says=_process_ended, rows=_PROCESS_ENDED),
)


TASKS = (
    Task(
        endpoint="social_care.processes",
        label="Enquiries, conferences and reviews",
        hint="Section 47, child protection, child in need, looked-after children and others, by what is due",
        permission="linked:list",
        at={Sector.SOCIAL_CARE: 80},
        waiting=linked_processes.waiting_for,
    ),
    Task(
        endpoint="fgm.mine",
        label="Reports of FGM to the police",
        hint="Your own duty, by the end of the next working day",
        permission="linked:personal",
        at={Sector.SOCIAL_CARE: 90, Sector.HEALTH: 70, Sector.EDUCATION: 40},
        waiting=linked_processes.own_reports_waiting,
    ),
)


def _give_to_named(*, actor: Principal, case: Case, named: Collection[UUID], person: User) -> None:  # noqa: ARG001  # whoever seals
    give_processes_to_named(case=case, named=named, person=person)


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=LinkedProcess,
            prefix=Prefix.LINKED_PROCESS,
            page="linked_processes.show",
            permission="linked:view",
            named=columns(LinkedProcess).join(Child, Child.id == LinkedProcess.child_id),
            duty=Duty(shared=("case_id",), reference=LinkedProcess.reference, key=LinkedProcess.id),
        ),
    ),
    meeting_held=strategy_held,
    case_sealing=_give_to_named,
)
