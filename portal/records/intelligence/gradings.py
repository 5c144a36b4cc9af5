"""Intelligence on a case: added, graded, held back under conditions, and released by the police."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from portal import clock, registry
from portal.access import audit
from portal.access.permissions import Facts, permitted, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import insert_now, insert_unless_taken, lock_row
from portal.extensions import db
from portal.messages.telling import tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.policy import Policy, current_policy
from portal.policy.work import HandlingGrade
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.entries.adding import add_entry
from portal.records.entries.facts import about_entry, around_entry, who_cited
from portal.records.entries.rules import forbidden_by
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence.grading import Grades, Grading, check_grades, refuse_words_of
from portal.records.intelligence.model import EntryGrading, EntrySource
from portal.records.intelligence.vocabulary import DOUBTED, GRADED, RELEASED
from portal.records.people.model import Agency
from portal.vocabulary import Sector, Use

#: The kind of an entry that was added as intelligence (policy `cases.entry_kinds`).
INTELLIGENCE = "intelligence"

_NOT_IN_WORDS = "it says who it came from, and everyone who reads the entry would read it"


@dataclass(frozen=True, kw_only=True)
class Graded(Grades):
    """How far intelligence can be relied on, and what its use is bound to.

    Args:
        conditions: codes of policy `sharing.conditions`.
        more_conditions: others, in words. Alone, they forbid what the handling code does: the portal cannot
            read them.
    """

    conditions: Sequence[str] = ()
    more_conditions: str = ""

    @classmethod
    def of_form(cls, grading: Grading) -> "Graded":
        """The grading of a form as that of its words on a case; some of its conditions are on the list."""
        listed = {one.label: one.code for one in current_policy().sharing.conditions}
        said = [line.strip() for line in grading.conditions.splitlines() if line.strip()]
        return cls(
            source_grade=grading.source_grade,
            information_grade=grading.information_grade,
            handling_code=grading.handling_code,
            conditions=[listed[line] for line in said if line in listed],
            more_conditions="\n".join(line for line in said if line not in listed),
        )


def add_intelligence(
    *,
    actor: Principal,
    case: Case,
    text: str,
    happened_at: datetime,
    handling: Handling,
    listed: Iterable[UUID] = (),
    family_safe: FamilySafe = FamilySafe.NO,
    grading: Graded,
    source: str = "",
) -> ChronologyEntry:
    """Add intelligence to a case: its words and grading for those who may read them, and its source for the
    author and coordinators only.

    Raises:
        Forbidden: the actor is neither of the police nor a coordinator.
        DomainError: as for `add_entry` and `grade`, or the words repeat the source.
    """
    require(actor, "intelligence:add")
    check(grading, current_policy(case.authority))
    refuse_words_of(source, text, _NOT_IN_WORDS, field="text")
    refuse_words_of(source, grading.more_conditions, _NOT_IN_WORDS, field="more_conditions")
    entry = add_entry(
        actor=actor,
        case=case,
        kind=INTELLIGENCE,
        text=text,
        happened_at=happened_at,
        handling=handling,
        listed=listed,
        family_safe=family_safe,
    )
    grade(actor=actor, case=case, entry=entry, grading=grading)
    _keep_source(actor, entry, source.strip())
    return entry


def grade(*, actor: Principal, case: Case, entry: ChronologyEntry, grading: Graded) -> EntryGrading:
    """Grade an entry. An earlier grading stays, marked as replaced; the same one again is the one there is.

    Raises:
        NotFound: the entry is another case's.
        Forbidden: the actor is neither a coordinator, nor of the police agency that wrote it.
        DomainError: a grade or the conditions are missing, or what is not released would be let out.
    """
    if entry.case_id != case.id:
        raise NotFound("There is no such entry on this case")
    require(actor, "intelligence:grade", Facts(own_agency=entry.agency_id == actor.agency_id))
    policy = current_policy(case.authority)
    made = EntryGrading(
        id=new_id(),
        entry_id=entry.id,
        source_grade=grading.source_grade,
        information_grade=grading.information_grade,
        handling_code=grading.handling_code,
        codes=list(grading.conditions),
        conditions=_in_words(grading, policy),
        forbids=sorted(check(grading, policy)),
        graded_by=actor.user_id,
        graded_agency_id=actor.agency_id,
        graded_at=clock.now(),
        policy_version=policy.version,
    )
    earlier = live_grading(entry=entry)
    if earlier is not None:
        if _same(earlier, made):
            return earlier
        _refuse_loosening(earlier, made)
        earlier.replaced_at = made.graded_at
        db.session.flush()
    insert_unless_taken(made, "Somebody graded this at the same moment. Look at it again")
    audit.record("intelligence:grade", entry, case=case, grading=str(made.id))
    if earlier is not None or entry.author_id != actor.user_id:
        event = DOUBTED if _weighs(earlier, made, policy) else GRADED
        given = around_entry(entry) | {
            Ground.AUTHOR: to_people(entry.author_id),
            Ground.CITES: who_cited(entry),
        }
        tell(actor=actor, event=event, about=about_entry(case, entry), given=given, once=str(made.id))
    return made


def _weighs(earlier: EntryGrading | None, made: EntryGrading, policy: Policy) -> bool:
    """Whether who acted on the earlier grading has to know of this one at once: it is less sure, or its use
    is bound as it was not, also where the earlier conditions had ended.
    """
    if earlier is None:
        return bool(made.conditions)
    rules = policy.decisions
    sure = (rules.source_grades.codes, rules.information_grades.codes)  # the surest first
    before = (earlier.source_grade, earlier.information_grade)
    after = (made.source_grade, made.information_grade)
    if any(
        _place(codes, now) > _place(codes, was) for codes, was, now in zip(sure, before, after, strict=True)
    ):
        return True
    stood = earlier.released_at is None
    lines = set(earlier.conditions.splitlines()) if stood else set()
    forbidden = set(earlier.forbids) if stood else set()
    return bool(set(made.conditions.splitlines()) - lines or set(made.forbids) - forbidden)


def _place(codes: Sequence[str], code: str) -> int:
    return codes.index(code) if code in codes else len(codes)


def release(*, actor: Principal, case: Case, entry: ChronologyEntry, reason: str) -> EntryGrading:
    """End the conditions of intelligence. Who did, when and why stays; the grading itself stands.

    Raises:
        NotFound: the entry is another case's, or is not graded.
        Forbidden: the actor is not of the police, or another police agency graded it.
        DomainError: no reason is given, or it binds nothing, or nothing any more.
    """
    found = live_grading(entry=entry)
    if entry.case_id != case.id or found is None:
        raise NotFound("There is no such intelligence on this case")
    require(actor, "intelligence:release", releasing_facts(actor, found))
    lock_row(found)
    if found.released_at is not None:
        raise DomainError("This was released already")
    if not found.conditions:
        raise DomainError("There are no conditions to end")
    reason = require_text(reason, "Say why it can be released", field="reason")
    found.released_by, found.released_agency_id = actor.user_id, actor.agency_id
    found.released_at, found.release_reason = clock.now(), reason
    db.session.flush()
    audit.record("intelligence:release", entry, case=case, grading=str(found.id))
    given = around_entry(entry) | {Ground.CITES: who_cited(entry)}
    tell(actor=actor, event=RELEASED, about=about_entry(case, entry), given=given, once=str(found.id))
    registry.entry_released(actor=actor, entry_id=entry.id)
    return found


def police_on(*, case_id: UUID, entry: ChronologyEntry) -> Sequence[UUID]:
    """The police teams that work on a case and may release an entry there: of the agency that graded it, or
    of any police agency where that was not the police's own.
    """
    grading = live_grading(entry=entry)
    graded_by = select(Agency.id).where(
        Agency.id == (grading.graded_agency_id if grading else None), Agency.sector == Sector.POLICE
    )
    return db.session.scalars(
        select(Involvement.team_id)
        .join(Agency, Agency.id == Involvement.agency_id)
        .where(
            Involvement.case_id == case_id,
            Involvement.ended_at.is_(None),
            Agency.sector == Sector.POLICE,
            or_(~graded_by.exists(), Agency.id.in_(graded_by)),
        )
        .order_by(Involvement.id)
    ).all()


def live_grading(*, entry: ChronologyEntry) -> EntryGrading | None:
    """The grading of an entry that holds."""
    return db.session.scalar(select(EntryGrading).filter_by(entry_id=entry.id, replaced_at=None))


def releasing_facts(actor: Principal, grading: EntryGrading) -> Facts:
    """What decides the release: what police graded is theirs; what the hub graded is that of whichever police
    agency reads it.
    """
    sector = db.session.scalar(select(Agency.sector).where(Agency.id == grading.graded_agency_id))
    own = grading.graded_agency_id == actor.agency_id
    return Facts(own_agency=own or sector != Sector.POLICE)


def may_release(*, actor: Principal, entry: ChronologyEntry) -> bool:
    """Whether somebody who reads an entry may end what its use is bound to."""
    found = live_grading(entry=entry)
    if found is None or found.released_at is not None:
        return False
    return permitted(actor, "intelligence:release", releasing_facts(actor, found))


def check(grading: Graded, policy: Policy) -> frozenset[Use]:
    """What a grading forbids.

    Raises:
        DomainError: a grade is missing or unknown, or the conditions do not fit the handling code.
    """
    handling = check_grades(grading, policy)
    named = [one for code in grading.conditions if (one := policy.sharing.conditions.get(code)) is not None]
    bound = bool(named or grading.more_conditions.strip())
    if handling.needs_conditions and not bound:
        raise DomainError("Choose or write the conditions", field="conditions")
    if bound and not handling.needs_conditions:
        raise DomainError(
            f"Choose {_with_conditions(policy)}, or take out the conditions", field="conditions"
        )
    return forbidden_by((one.forbids for one in named), unless_named=handling.forbids if bound else ())


def _with_conditions(policy: Policy) -> str:
    graded: Iterable[HandlingGrade] = policy.decisions.handling_grades.offered
    return " or ".join(f"“{one.label}”" for one in graded if one.needs_conditions)


def _in_words(grading: Graded, policy: Policy) -> str:
    chosen = policy.sharing.conditions.labels(grading.conditions)
    return "\n".join(filter(None, (*chosen, grading.more_conditions.strip())))


def _refuse_loosening(earlier: EntryGrading, made: EntryGrading) -> None:
    if earlier.released_at is not None or not earlier.forbids:
        return
    if earlier.graded_agency_id != made.graded_agency_id:
        raise DomainError("Another agency graded this, and it is not released. Ask them to grade it again")
    lost = [Use(one).label for one in earlier.forbids if one not in made.forbids]
    if lost:
        raise DomainError(
            f"This stays forbidden until the police release the entry: {lost[0].lower()}", field="conditions"
        )


def _same(earlier: EntryGrading, made: EntryGrading) -> bool:
    names = ("source_grade", "information_grade", "handling_code", "codes", "conditions", "forbids")
    return earlier.released_at is None and all(getattr(earlier, one) == getattr(made, one) for one in names)


def _keep_source(actor: Principal, entry: ChronologyEntry, text: str) -> None:
    if not text or db.session.get(EntrySource, entry.id) is not None:
        return
    insert_now(
        EntrySource(
            entry_id=entry.id,
            text=text,
            author_id=actor.user_id,
            author_agency_id=actor.agency_id,
            written_at=clock.now(),
        )
    )
