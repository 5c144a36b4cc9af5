"""What entries plug into the rest."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from portal.pages import contributions
from portal.pages.chronologies.reading import LineKind, Said, bounds_of_line, readers
from portal.pages.workspaces.tasks import Task
from portal.policy import Policy
from portal.records.cases.model import ChronologyEntry
from portal.records.entries.facts import who_narrowed
from portal.records.entries.policy import Contributions, entry_label
from portal.records.entries.presenter.grading import grading_line
from portal.records.entries.presenter.words import entry_page, moment_words
from portal.records.entries.rules import Detail, details_of
from portal.records.entries.vocabulary import ChronologyPart, FamilySafe
from portal.registry import Duty, Noun, Record
from portal.vocabulary import Sector
from portal.web.filters import lower_first, short_day


@dataclass(frozen=True)
class _Marked:
    critical_moment: str | None
    moment: str | None


def _entry(row: Any, policy: Policy) -> Said:
    said = row.said
    corrected = f"Corrected: {said['correction_reason']}" if said["correction_reason"] else ""
    written = datetime.fromisoformat(said["written_at"])
    later = written.date() != row.at.date()
    family = lower_first(FamilySafe(said["family_safe"]).label)
    return Said(
        title=entry_label(policy, said["kind"]),
        words=[said["text"], corrected],
        sender=said["sender"] or "",
        details=[
            *details_of(policy.of(Contributions).kinds.get(said["kind"]), said["details"]),
            *_graded(said["grading"], policy),
        ],
        critical=moment_words(policy, _Marked(said["critical_moment"], said["moment"])),
        conditions=bounds_of_line(row).in_words,
        readers=readers(row),
        notes=[*([f"Written {short_day(written)}"] if later else ()), f"Child or family: {family}"],
        link=partial(entry_page, row.case_reference, row.id),
        called="Entry",
    )


def _graded(grading: Any, policy: Policy) -> list[Detail]:
    return [Detail("graded", "Graded", grading_line(grading, policy).in_words)] if grading else []


def _nothing_changes(row: Any, _policy: Policy) -> Said:
    title = "Looked at after a critical moment: the risk assessment stands"
    return Said(title=title, words=[row.said["words"]])


# There can be thousands: they bring their own order and limit, so that an index serves them.
_ENTRY = """
select e.id, e.happened_at as at, e.agency_id, e.author_id as by_id, c.id as case_id, null as reference,
       jsonb_build_object(
           'kind', e.kind, 'text', e.text, 'details', e.details, 'moment', e.moment, 'handling', e.handling,
           'critical_moment', e.critical_moment, 'conditions', e.conditions, 'written_at', e.created_at,
           'family_safe', e.family_safe, 'correction_reason', e.correction_reason, 'sender', e.sender,
           'giver_agency_id', (select d.giver_agency_id from disclosure d where d.id = e.disclosure_id),
           'listed', array(select g.name from agency g where g.id = any (e.listed_agencies) order by g.name),
           'grading', (select jsonb_build_object(
                                  'conditions', q.conditions, 'forbids', q.forbids,
                                  'source_grade', q.source_grade, 'information_grade', q.information_grade,
                                  'handling_code', q.handling_code,
                                  'agency_id', q.graded_agency_id, 'released_at', q.released_at)
                         from entry_grading q where q.entry_id = e.id and q.replaced_at is null)) as said
  from cre_case c cross join lateral (
       select e.* from chronology_entry e
        where e.case_id = c.id and (e.happened_at, e.id) < (:at, :id) and e.happened_at >= :since
          and (not :critical or e.critical_moment is not null)
          and (cast(:agency as uuid) is null or e.agency_id = :agency)
          and not exists (select 1 from chronology_entry n where n.corrects_id = e.id)
        order by e.happened_at desc, e.id desc limit :limit) e
 where c.child_id = :child"""

_CORRECTED = "exists (select 1 from chronology_entry n where n.corrects_id = e.id)"
_EARLIER_ENTRY = _ENTRY.replace(f"not {_CORRECTED}", _CORRECTED)

_NOTHING_CHANGES = """
select r.entry_id as id, r.reviewed_at as at, r.agency_id, r.reviewed_by as by_id, c.id as case_id,
       null as reference, jsonb_build_object('words', r.words) as said
  from cre_case c join moment_review r on r.case_id = c.id
 where c.child_id = :child and r.assessment_id is null"""

LINES = (
    LineKind(
        what="entry",
        part=ChronologyPart.ENTRY,
        critical=True,
        says=_entry,
        rows=_ENTRY,
        earlier=_EARLIER_ENTRY,
    ),
    LineKind(
        what="nothing_changes", part=ChronologyPart.ASSESSMENT, says=_nothing_changes, rows=_NOTHING_CHANGES
    ),
)


def _brought(label: str, sector: Sector, at: int) -> Task:
    """What agencies of a sector know of a child, in a form of its own."""
    return Task(
        endpoint="contributions.index",
        label=label,
        hint="What agencies like yours know of a child, added to the case, and what was added lately",
        permission="entry:add",
        at={sector: at},
    )


TASKS = (
    _brought("Arrests and disruption", Sector.POLICE, 80),
    _brought("Early help", Sector.SOCIAL_CARE, 100),
    _brought("Anti-social behaviour, early help and licensing", Sector.COUNCIL, 30),
    _brought("Exclusions and attendance", Sector.EDUCATION, 20),
    _brought("Arrests", Sector.YOUTH_JUSTICE, 10),
    Task(
        endpoint="health.summaries",
        label="Health summaries to write",
        hint="What of a child’s health bears on the risk, where there is none yet or it has grown old",
        permission="workspace:view",
        at={Sector.HEALTH: 10},
        waiting=contributions.summaries_waiting,
    ),
    Task(
        endpoint="health.found",
        label="What health found lately",
        hint="Attendances that matter, appointments missed and worries; missed ones wait to be followed up",
        permission="workspace:view",
        at={Sector.HEALTH: 20},
        waiting=contributions.missed_waiting,
    ),
    Task(
        endpoint="health.actions",
        label="Actions for health",
        hint="On the cases that you reach",
        permission="workspace:view",
        at={Sector.HEALTH: 30},
    ),
)


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=ChronologyEntry,
            duty=Duty(shared=("case_id",)),
            unseen=("cases/_entry_unseen.html", who_narrowed),
        ),
    ),
)
