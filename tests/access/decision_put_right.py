"""What was put right of entries and return interviews, for `decisions.csv`, and who owes a form’s triage."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.entries.model import EntryChange
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Agency, Team, User
from portal.records.referrals.model import Referral
from portal.records.return_interviews.model import ReturnChange
from tests.access.decision_people import marker
from tests.access.scene import Side
from tests.cast import Cast
from tests.factories.cases import add_entry
from tests.factories.interviews import make_interview, make_return


def put_right(
    rows: Session, case: Case, cast: Cast, handling: Handling, sensitivity: str, entry: ChronologyEntry
) -> dict[str, Any]:
    """An entry with one that corrects it, and how another was before it was put right in its place."""
    name = handling.value
    before = add_entry(
        rows, case, cast.officer, marker(f"entry-{name}-before", sensitivity), handling=handling
    )
    words: dict[str, Any] = {"corrects_id": before.id, "correction_reason": "Misspelt"}
    text = marker(f"correction-{name}", sensitivity)
    facts = {"kind": "note", "day": "2026-11-01", "handling": name, "agencies": [], "family_safe": "no"}
    change = EntryChange(
        entry_id=entry.id,
        number=2,
        before=facts | {"family_safe": "ask"},
        after=facts,
        reason="The wrong box",
        changed_by=cast.officer.id,
        agency_id=cast.police.id,
        changed_at=clock.now(),
    )
    corrected = add_entry(rows, case, cast.officer, text, handling=handling, **words)
    return {
        f"entry-{name}-before": before,
        f"correction-{name}": corrected,
        f"entry-{name}-change": change,
    }


def held_by_police(rows: Session, cast: Cast, side: Side, sensitivity: str, child: Child) -> dict[str, UUID]:
    """Return interviews of the police, one for social care too and one for them alone, and how it was."""
    made = dict[str, UUID]()
    for handling in (Handling.AGENCIES, Handling.OWN):
        name = f"interview-{handling.value}"
        listed = [cast.social_care.id] if handling is Handling.AGENCIES else []
        back = make_return(rows, child, cast.officer, recorded_team_id=cast.police_team.id)
        held = make_interview(
            rows,
            [back],
            cast.officer,
            team_id=cast.police_team.id,
            answers={"where": marker(name, sensitivity)},
            handling=handling.value,
            listed_agencies=listed,
        )
        side.names[name], made[name] = held.reference, held.id
    change = ReturnChange(
        id=new_id(),
        interview_id=made["interview-own"],
        child_id=child.id,
        number=2,
        before={"handling": "network"},
        after={"handling": "own"},
        changed_by=cast.officer.id,
        changed_agency_id=cast.police.id,
        changed_at=clock.now(),
    )
    rows.add(change)
    rows.commit()
    return made | {"interview-own-change": change.id}


def owed_on(form: Referral, team: Team) -> Deadline:
    """The triage of a form, owed by a team."""
    return _owed(DeadlineKind.TRIAGE, form, referral_id=form.id, owner_team_id=team.id)


def owned_on(case: Case, person: User, *, left: Agency | None = None) -> Deadline:
    """What a person owes on a case of other teams, maybe for an agency that they left."""
    owned_for = left.id if left else None
    return _owed(DeadlineKind.BY_HAND, case, case_id=case.id, owner_id=person.id, owned_for_id=owned_for)


def _owed(kind: DeadlineKind, on: Case | Referral, **whose: Any) -> Deadline:
    now = clock.now()
    return Deadline(
        id=new_id(),
        kind=kind,
        subject_kind=on.__tablename__,
        subject_id=on.id,
        **whose,
        started_at=now,
        due_at=now,
        original_due_at=now,
        state=DeadlineState.OPEN,
        source="clocks.triage",
        confirmed=True,
        policy_version="test",
    )
