"""What missing children plug into the rest."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case

from portal.pages.chronologies.reading import LineKind, Said
from portal.pages.workspaces.tasks import Task, Waiting
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.children.model import Child
from portal.records.entries.rules import Detail
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.missing import facts
from portal.records.missing.facts import who_reported
from portal.records.missing.model import MissingEpisode, MissingMatch, MissingPrompt
from portal.records.missing.policy import Missing
from portal.records.missing.presenter.words import HELD_HERE
from portal.records.missing.reporting import records_linked
from portal.records.missing.telling import tell_of_closing_off, tell_of_talks_unheld
from portal.records.missing.vocabulary import MissingStatus, StrategyAnswer
from portal.records.people.model import Team
from portal.registry import Duty, Noun, Record
from portal.vocabulary import Sector
from portal.web.filters import moment

#: What an episode says in words here; none in the place of what is held back.
_WORDS = ("circumstances", "found_where", "found_with", "injuries")


def _episode(row: Any, policy: Policy) -> Said:
    said, lists = row.said, policy.of(Missing)
    back = said["returned_at"]
    until = f", until {moment(datetime.fromisoformat(back))}" if back else ". Not back yet"
    linked = ", recorded on a linked record" if said["linked"] else ""
    words = {name: HELD_HERE if said[name] is None else said[name] for name in _WORDS}
    pairs = (
        ("from", "From", lists.places.label(said["place"])),
        ("grade", "Police grade", lists.grades.label(said["grade"])),
        ("found", "How found", lists.findings.label(said["found"])),
        ("where", "Where", words["found_where"]),
        ("with", "With", words["found_with"]),
        ("injuries", "Injuries or harm", words["injuries"]),
    )
    return Said(
        title=f"{MissingStatus(said['status']).short} from {moment(row.at)}{until}{linked}",
        words=[words["circumstances"]],
        details=[Detail(code, label, text) for code, label, text in pairs if text],
    )


def _strategy(row: Any, _policy: Policy) -> Said:
    answer = StrategyAnswer(row.said["answer"]).label
    return Said(title="After repeated episodes", words=[answer, row.said["words"]])


_EPISODE = """
select m.id, m.missing_since as at, m.recorded_agency_id as agency_id, m.recorded_by as by_id,
       cast(null as uuid) as case_id, m.reference,
       jsonb_build_object(
           'status', m.status, 'returned_at', m.returned_at, 'place', m.missing_from, 'grade', m.grade,
           'linked', m.child_id <> :child, 'found', m.how_found)
       || ctx.episode_words(m.id, array['circumstances', 'found_where', 'found_with', 'injuries'], true)
       as said
  from missing_episode m
 where m.child_id = any (array_append(ctx.read_as_same(:child), cast(:child as uuid)))
   and m.withdrawn_at is null"""

_STRATEGY = """
select p.id, p.answered_at as at, p.answered_agency_id as agency_id, p.answered_by as by_id,
       cast(null as uuid) as case_id, p.reference,
       jsonb_build_object('answer', p.answer, 'words', p.words) as said
  from missing_prompt p
 where p.child_id = any (array_append(ctx.read_as_same(:child), cast(:child as uuid)))
   and p.answered_at is not null"""

LINES = (
    LineKind(what="episode", part=ChronologyPart.MISSING, says=_episode, rows=_EPISODE),
    LineKind(what="strategy", part=ChronologyPart.MISSING, says=_strategy, rows=_STRATEGY),
)


def _list(at: Mapping[Sector, int], waiting: Waiting) -> Task:
    """The list of missing children, which police and social care share; each counts what waits for them."""
    return Task(
        endpoint="missing.index",
        label="Missing children",
        hint="Who is missing now, who came back lately, and what is outstanding",
        permission="missing:view",
        at=at,
        waiting=waiting,
    )


TASKS = (
    _list({Sector.POLICE: 20}, lambda _person: facts.waiting_for_police()),
    _list({Sector.SOCIAL_CARE: 20}, lambda _person: facts.waiting_for_social_care()),
    Task(
        endpoint="missing.report",
        label="Report a missing child",
        hint="For care homes, schools and everybody else; the police are told by phone first",
        permission="missing:report",
        at={
            Sector.HEALTH: 60,
            Sector.COUNCIL: 80,
            Sector.EDUCATION: 30,
            Sector.VOLUNTARY: 20,
            Sector.YOUTH_JUSTICE: 30,
        },
    ),
)


NOUN = Noun(
    tasks=TASKS,
    records_linked=records_linked,
    case_held=tell_of_closing_off,
    case_sealed=tell_of_talks_unheld,
    lines=LINES,
    records=(
        Record(
            table=MissingEpisode,
            prefix=Prefix.MISSING,
            page="missing.show",
            permission="missing:view",
            # Whoever may not know who the child is reads the name as it was reported, of every child.
            named=columns(
                MissingEpisode,
                words=case((Child.id.is_(None), MissingEpisode.reported_name)),
                missing=facts.marked_by_itself(),
            )
            .outerjoin(Child, Child.id == MissingEpisode.child_id)
            .outerjoin(Team, Team.id == MissingEpisode.recorded_team_id),
            duty=Duty(shared=("child_id",), reference=MissingEpisode.reference, key=MissingEpisode.id),
            unseen=("missing/_unseen.html", who_reported),
        ),
        Record(
            table=MissingMatch,
            page="missing.show",
            permission="missing:view",
            named=columns(MissingMatch, reference=MissingEpisode.reference)
            .join(MissingEpisode, MissingEpisode.id == MissingMatch.episode_id)
            .join(Child, Child.id == MissingMatch.child_id),
        ),
        Record(
            table=MissingPrompt,
            page="missing.show",
            permission="missing:view",
            named=columns(MissingPrompt).outerjoin(Child, Child.id == MissingPrompt.child_id),
            duty=Duty(shared=("child_id",), reference=MissingPrompt.reference, key=MissingPrompt.id),
            unseen=("missing/_unseen.html", who_reported),
        ),
    ),
)
