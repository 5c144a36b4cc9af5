"""Which duty of a case a meeting meets, by its kind (policy `meetings.kinds`)."""

from types import MappingProxyType

from portal.vocabulary.deadlines import DeadlineKind

#: Meetings of other kinds meet no duty: they are called because somebody wants them.
MEETS = MappingProxyType(
    {
        "first": DeadlineKind.MEETING,
        "review": DeadlineKind.REVIEW,
        "strategy": DeadlineKind.STRATEGY,
        "high_risk_group": DeadlineKind.HIGH_RISK_GROUP,
    }
)

#: The same the other way round: the kind of meeting that a duty asks for.
KIND_OF_DUTY = MappingProxyType({duty: kind for kind, duty in MEETS.items()})

#: Meetings that make or look at a plan, from which the next review is counted (policy `levels`).
PLANNING = frozenset({"first", "review"})
