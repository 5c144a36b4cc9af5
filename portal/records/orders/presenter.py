"""Orders and notices in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal import clock
from portal.access.permissions import permitted
from portal.access.principal import Principal
from portal.policy import Policy
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.orders import reading as orders
from portal.records.orders.policy import Orders
from portal.records.orders.vocabulary import OrderStepKind
from portal.registry import PagePart
from portal.web.filters import day, moment

#: Of an order that nobody served.
NOT_SERVED = "Not served yet"


@dataclass(frozen=True)
class OrderLine:
    """One of a list."""

    reference: str
    what: str
    concern: str
    concern_name: str
    do_not_approach: bool
    until: str
    tag: str
    colour: str
    served: str  # empty where it was not
    owner: str
    ended: str


@dataclass(frozen=True)
class StepLine:
    """Something that happened to one."""

    what: str
    when: str
    words: str
    by: str


def lines(rows: Sequence[Any], policy: Policy) -> list[OrderLine]:
    """Rows of a list with their labels."""
    return [_line(row, policy) for row in rows]


def on_concern(*, concern: Concern, person: Principal, policy: Policy) -> PagePart:
    """The orders on something of concern, for its page; one statement."""
    can_have = concern.ended_at is None and bool(policy.of(Orders).types_on(concern.kind))
    return PagePart(
        "orders/_of_concern.html",
        {
            "lines": lines(orders.of_concern(concern_id=concern.id), policy),
            "may_record": can_have and permitted(person, "order:record"),
        },
    )


def on_child(*, child: Child, policy: Policy) -> PagePart:  # noqa: ARG001  # a link is all that it shows
    """The way to the orders that protect a child, for the child's page."""
    return PagePart("orders/_of_child.html")


def facts(row: Any, policy: Policy, protects: Sequence[str]) -> list[dict[str, Any]]:
    """What an order says, as rows of a summary list."""
    moved = row.original_expires_on if row.original_expires_on != row.expires_on else None
    until = [day(row.expires_on), *([f"at first until {day(moved)}"] if moved else [])]
    return [
        {"key": "Who made it", "value": row.made_by_words},
        {"key": "From", "value": day(row.starts_on)},
        {"key": "Until", "value": until if row.expires_on else "It has no last day"},
        *([{"key": "Look at it again by", "value": day(row.review_on)}] if row.review_on else []),
        {"key": "What it forbids or asks for", "value": row.conditions},
        {"key": "Protects", "value": list(protects) or "No child whose record you read"},
        *([{"key": "Served", "value": _served(row)}] if row.served_on else []),
        {"key": "Recorded", "value": f"{row.author}, {row.agency}, {moment(row.created_at)}"},
        {"key": "Who answers for it", "value": _owner(row)},
        *([{"key": "Ended", "value": _ended(row, policy)}] if row.ended_at else []),
    ]


def step_lines(rows: Sequence[Any]) -> list[StepLine]:
    """What happened, the last first."""
    return [
        StepLine(
            what=OrderStepKind(row.kind).label,
            when=_when(row),
            words=row.words,
            by=f"{row.by}, {row.agency}, {moment(row.made_at)}",
        )
        for row in rows
    ]


def _when(row: Any) -> str:
    """The day of a step; of recording it, from when it runs, which need not be when somebody did."""
    if row.kind == OrderStepKind.RECORDED:
        return f"to run from {day(row.happened_on)}"
    moved = f", from {day(row.before)} to {day(row.after)}" if row.after else ""
    return f"{day(row.happened_on)}{moved}"


def state(row: Any) -> tuple[str, str]:
    """Where an order stands, and the colour of its tag. One that was not served is not in force."""
    if row.ended_at:
        return "Ended", "grey"
    if row.last < clock.today():
        stands = "Past its day" if row.expires_on else "Look at it again"
        return (stands if row.served_on else f"{stands}, not served yet"), "red"
    if row.served_on is None:
        return NOT_SERVED, "orange"
    return ("Not yet in force", "blue") if row.starts_on > clock.today() else ("In force", "green")


def _line(row: Any, policy: Policy) -> OrderLine:
    tag, colour = state(row)
    return OrderLine(
        reference=row.reference,
        what=policy.of(Orders).types.label(row.kind),
        concern=row.concern,
        concern_name=row.concern_name or row.concern,
        do_not_approach=row.do_not_approach,
        until=f"Until {day(row.expires_on)}" if row.expires_on else f"Look again by {day(row.review_on)}",
        tag=tag,
        colour=colour,
        served=_served(row),
        owner=_owner(row),
        ended=_ended(row, policy) if row.ended_at else "",
    )


def _served(row: Any) -> str:
    """When it was served, and by whom and how; empty where it was not, which its tag says."""
    if row.served_on is None:
        return ""
    return f"{day(row.served_on)}: {row.served_words or 'by whom and how is not written'}"


def _owner(row: Any) -> str:
    return ", ".join(filter(None, (row.team, row.agency, row.duty_phone)))


def _ended(row: Any, policy: Policy) -> str:
    said = ". ".join(filter(None, (policy.of(Orders).outcomes.label(row.outcome), row.ended_words)))
    return f"{day(row.ended_on)}, {row.ended_by_name}: {said}"
