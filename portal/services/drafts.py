"""What somebody has begun to add to a case: saved as they type, theirs alone, gone once it is added."""

from typing import Any

from sqlalchemy import delete, select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.models import Case, EntryDraft
from portal.services.versions import check_version


def save_entry_draft(*, actor: Principal, case: Case, answers: dict[str, Any], version: int) -> int:
    """Keep what was typed so far.

    Args:
        answers: the form as typed.
        version: that of the draft which the form was opened with; 0 for none.

    Returns:
        the version that it has now.

    Raises:
        Conflict: it was changed in another tab or on another device; carries both.
    """
    require(actor, "entry:add")
    draft = find(actor, case)
    if draft is None:
        # Also when the form knew of one: it was added or thrown away elsewhere, and these words are newer.
        draft = EntryDraft(
            case_id=case.id,
            author_id=actor.user_id,
            answers=answers,
            saved_at=clock.now(),
            version=version + 1,
        )
        db.session.add(draft)
    else:
        if draft.answers == answers:
            return int(draft.version)
        check_version(draft, version, now=draft.answers, mine=answers)
        draft.answers, draft.saved_at = answers, clock.now()
        draft.version += 1
    db.session.flush()
    return int(draft.version)


def drop_entry_draft(*, actor: Principal, case: Case) -> None:
    """Throw away what was begun."""
    db.session.execute(
        delete(EntryDraft).where(EntryDraft.case_id == case.id, EntryDraft.author_id == actor.user_id)
    )


def find(actor: Principal, case: Case) -> EntryDraft | None:
    """The draft of a person on a case."""
    return db.session.scalar(
        select(EntryDraft).where(EntryDraft.case_id == case.id, EntryDraft.author_id == actor.user_id)
    )
