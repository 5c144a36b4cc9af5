"""What requests for information plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.children.model import Child
from portal.records.requests.answering import withdraw_from_teams
from portal.records.requests.chronology import LINES
from portal.records.requests.model import AccessRequest, InformationRequest
from portal.records.requests.tasks import TASKS
from portal.registry import Duty, Noun, Record


def _requests(ids: list[UUID]) -> Columns:
    return (
        columns("information_request", InformationRequest.id, InformationRequest.reference)
        .outerjoin(Child, Child.id == InformationRequest.child_id)
        .where(InformationRequest.id.in_(ids))
    )


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=InformationRequest,
            prefix=Prefix.REQUEST,
            page="requests.show",
            permission="request:view",
            named=_requests,
            duty=Duty(own="request_id", reference=InformationRequest.reference, key=InformationRequest.id),
        ),
        Record(table=AccessRequest, page="cases.show", permission="case:notice"),
    ),
    case_sealed=withdraw_from_teams,
)
