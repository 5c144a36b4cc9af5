"""What somebody has begun to add to a case: saved as they type, theirs alone, gone once it is added."""

from typing import Any

from sqlalchemy import delete, select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import NotFound
from portal.changes.versions import count_change, insert_once, lock, lock_row
from portal.extensions import db
from portal.records.cases.model import Case, EntryDraft


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
    draft = _standing(actor, case)
    if draft is None:
        # Also when the form knew of one: it was added or thrown away elsewhere, and these words are newer.
        begun = EntryDraft(
            case_id=case.id,
            author_id=actor.user_id,
            answers=answers,
            saved_at=clock.now(),
            version=version + 1,
        )
        draft = insert_once(begun)
    if lock(draft, version, lambda now: now.answers, same=lambda now: now.answers == answers, mine=answers):
        draft.answers, draft.saved_at = answers, clock.now()
        count_change(draft)
    return int(draft.version)


def drop_entry_draft(*, actor: Principal, case: Case) -> None:
    """Throw away what was begun."""
    db.session.execute(
        delete(EntryDraft).where(EntryDraft.case_id == case.id, EntryDraft.author_id == actor.user_id)
    )


def finish_entry_draft(*, actor: Principal, case: Case, sent: dict[str, Any], version: int) -> bool:
    """What was begun is added: its draft goes, unless another tab has saved other words in it meanwhile.

    Args:
        sent: the form as it was added.
        version: that of the draft which the form has seen.

    Returns:
        whether other words are kept, which were never added.
    """
    draft = _standing(actor, case)
    if draft is None:
        return False
    lost = [
        words
        for name, words in draft.answers.items()
        if isinstance(words, str) and words.strip() not in str(sent.get(name) or "")
    ]
    if draft.version > version and lost:
        return True
    drop_entry_draft(actor=actor, case=case)
    return False


def _standing(actor: Principal, case: Case) -> EntryDraft | None:
    """The draft of a person on a case, until the end of the transaction: two tabs take turns."""
    draft = find_draft(actor, case)
    if draft is None:
        return None
    try:
        lock_row(draft)
    except NotFound:  # it was added or thrown away at this moment
        db.session.expunge(draft)
        return None
    return draft


def find_draft(actor: Principal, case: Case) -> EntryDraft | None:
    """The draft of a person on a case."""
    return db.session.scalar(select(EntryDraft).filter_by(case_id=case.id, author_id=actor.user_id))
