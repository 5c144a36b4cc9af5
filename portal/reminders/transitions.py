"""The duties that fall to whoever leads a case when its young person comes of age.

Asked again and again of what stands: a case opened late, a date of birth that is set or corrected and a
worker that was down for a week all come out right, and nothing is opened years ahead.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from portal import clock
from portal.model import new_id
from portal.policy import current_policy, policy_of
from portal.records.closing.policy import Closing
from portal.records.closing.rules import Coming, Known, steps
from portal.vocabulary.deadlines import DeadlineKind, DeadlineState

_COMING = text("select * from ctx.transitions(:today, :prompt, :plan, :adult)")
_OWE = text(
    "select ctx.owe_transition(:id, :case_id, :kind, :owner_id, :agency_id, :started_at, :due_at, :source,"
    " :confirmed, :policy_version)"
)
_END = text("select ctx.end_transition(:id, :at, :reason)")


def open_transitions(connection: Connection) -> int:
    """Open what is owed on cases whose young people reach the ages of the policy, and end what is not owed
    any more; how many duties that were. Runs as portal_worker.
    """
    now, closing = clock.now(), current_policy().of(Closing)
    child_age = current_policy().clocks.limits.child_age.value
    coming = connection.execute(
        _COMING,
        {
            "today": clock.today(),
            "prompt": closing.transition_prompt.value,
            "plan": closing.transition_plan.value,
            "adult": child_age * 12,
        },
    ).all()
    return sum(_settle(connection, row, now) for row in coming)


def _settle(connection: Connection, row: Row[*tuple[Any, ...]], now: datetime) -> int:
    policy = current_policy(row.authority)
    coming = Coming(
        row.prompt_on, row.plan_on, row.adult_on, row.since, row.begun, row.planned, _duties(row.duties or ())
    )
    found = steps(coming, policy.of(Closing), now, _held)
    for duty_id, reason in found.ended:
        connection.execute(_END, {"id": duty_id, "at": now, "reason": reason})
    for owed in found.opened:
        figure = getattr(policy.of(Closing), owed.kind)
        connection.execute(
            _OWE,
            {
                "id": new_id(),
                "case_id": row.case_id,
                "kind": owed.kind.value,
                "owner_id": row.owner_id,
                "agency_id": row.agency_id,
                "started_at": now,
                "due_at": owed.due_at,
                "source": owed.source,
                "confirmed": figure.confirmed,
                "policy_version": policy.version,
            },
        )
    return len(found.ended) + len(found.opened)


def _held(version: str) -> Closing | None:
    policy = policy_of(version)
    return policy.of(Closing) if policy else None


def _duties(rows: Sequence[dict[str, Any]]) -> tuple[Known, ...]:
    return tuple(
        Known(
            UUID(one["id"]),
            DeadlineKind(one["kind"]),
            DeadlineState(one["state"]),
            datetime.fromisoformat(one["started_at"]),
            datetime.fromisoformat(one["due_at"]),
            one["policy_version"],
        )
        for one in rows
    )
