"""What was done to find a child who is missing: a log to which is only added."""

from datetime import datetime
from uuid import UUID, uuid5

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.idempotency import sent_before
from portal.changes.texts import check_past, require_text
from portal.changes.versions import insert_now
from portal.pathway.calendar import as_meant
from portal.policy import Size
from portal.records.missing.model import MissingEnquiry, MissingEpisode
from portal.records.missing.reporting import record, refuse_withdrawn


def add_enquiry(
    *, actor: Principal, episode: MissingEpisode, at: datetime | None, by: str, words: str, once: UUID
) -> MissingEnquiry:
    """Record an enquiry: when, who made it, what was asked or done and what came of it.

    Args:
        at: None for now.
        once: made when the page was made, so that sending it twice adds it once.

    Raises:
        DomainError: the episode was withdrawn, the time is to come, or who or what is not said.
    """
    require(actor, "missing:change")
    enquiry_id = uuid5(once, str(actor.user_id))
    if (before := sent_before(actor, MissingEnquiry, enquiry_id)) is not None:
        return before
    refuse_withdrawn(episode)
    now = clock.now()
    made = as_meant(at, after=episode.missing_since) if at else now
    check_past(made, "This must be in the past", field="made_at")
    added = insert_now(
        MissingEnquiry(
            id=enquiry_id,
            episode_id=episode.id,
            made_at=made,
            made_by=require_text(by, "Enter who enquired", field="made_by", size=Size.LINE),
            words=require_text(
                words, "Write what was asked or done, and what came of it", field="words", size=Size.NOTE
            ),
            recorded_by=actor.user_id,
            recorded_agency_id=actor.agency_id,
            recorded_at=now,
        )
    )
    record(episode, "missing:enquiry")
    return added
