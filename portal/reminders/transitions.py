"""The duties that fall to whoever leads a case when its young person comes of age.

Asked again and again of what stands: a case opened late, a date of birth that is set or corrected and a
worker that was down for a week all come out right, and nothing is opened years ahead. A run looks at some
cases, a transaction at fewer, and the next run goes on where it ended: what is opened for very many at once,
as after an import, holds nothing up.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, insert, select, text, update

from portal import clock
from portal.access.model import Heartbeat
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.policy import current_policy, policy_of
from portal.records.closing.policy import Closing
from portal.records.closing.rules import Coming, Known, steps

NAME = "open what is owed at 17"
AT_ONCE, PAGES = 1000, 20  # cases of one transaction, and transactions of one run

_COMING = text("select * from ctx.transitions(:today, :prompt, :plan, :adult, :after, :most)")
_LOOKED_AT = text(
    "select count(*) as cases, (array_agg(id order by id desc))[1] as last"
    " from (select id from cre_case where id > :after order by id limit :most) looked_at"
)
_FROM_THE_START = UUID(int=0)
_OWE = text(
    "select ctx.owe_transition(:id, :case_id, :kind, :owner_id, :agency_id, :started_at, :due_at, :source,"
    " :confirmed, :policy_version)"
)
_END = text("select ctx.end_transition(:id, :at, :reason)")


def open_transitions(engine: Engine, *, at_once: int = AT_ONCE) -> int:
    """Open what is owed on cases whose young people reach the ages of the policy, and end what is not owed
    any more; how many duties that were. Runs as portal_worker.

    Args:
        at_once: how many cases one transaction looks at; a run looks at `PAGES` times as many.
    """
    done, goes_on, page = 0, True, 0
    while goes_on and page < PAGES:
        with engine.begin() as connection:
            settled, goes_on = _page(connection, at_once)
        done, page = done + settled, page + 1
    return done


def _page(connection: Connection, most: int) -> tuple[int, bool]:
    """Some cases after the last ones: how many duties were opened or ended, and whether there are more."""
    reached = connection.scalar(select(Heartbeat.reached).where(Heartbeat.tick == NAME)) or _FROM_THE_START
    some = {"after": reached, "most": most}
    now, closing = clock.now(), current_policy().of(Closing)
    child_age = current_policy().clocks.limits.child_age.value
    coming = connection.execute(
        _COMING,
        {
            "today": clock.today(),
            "prompt": closing.transition_prompt.value,
            "plan": closing.transition_plan.value,
            "adult": child_age * 12,
            **some,
        },
    ).all()
    done = sum(_settle(connection, row, now) for row in coming)
    looked_at = connection.execute(_LOOKED_AT, some).one()
    goes_on = looked_at.cases == most
    _note(connection, looked_at.last if goes_on else None)
    return done, goes_on


def _note(connection: Connection, reached: UUID | None) -> None:
    known = connection.execute(update(Heartbeat).where(Heartbeat.tick == NAME).values(reached=reached))
    if not known.rowcount:
        connection.execute(insert(Heartbeat), {"tick": NAME, "beat_at": clock.now(), "reached": reached})


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
