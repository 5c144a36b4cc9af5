"""Where a return interview stands, and until when it was in time. It follows from what was recorded."""

from datetime import datetime
from typing import Protocol

from portal.vocabulary import InterviewOffer, InterviewState


class Recorded(Protocol):
    """What is recorded of an interview: a record, or a row of one."""

    @property
    def offered(self) -> str | None: ...
    @property
    def accepted(self) -> bool | None: ...
    @property
    def done_at(self) -> datetime | None: ...
    @property
    def completed_at(self) -> datetime | None: ...


def state_of(interview: Recorded | None) -> InterviewState:
    """Where an interview stands; one that nobody has begun has to be offered."""
    if interview is None:
        return InterviewState.TO_OFFER
    if interview.completed_at is not None:
        return InterviewState.HELD if interview.done_at is not None else InterviewState.NOT_HELD
    if interview.done_at is not None:
        return InterviewState.TO_WRITE_UP
    return _offered(interview)


def _offered(interview: Recorded) -> InterviewState:
    if interview.offered is None:
        return InterviewState.TO_OFFER
    if interview.offered != InterviewOffer.YES:
        return InterviewState.NOT_OFFERED
    if interview.accepted is None:
        return InterviewState.OFFERED
    return InterviewState.ACCEPTED if interview.accepted else InterviewState.DECLINED
