"""Alerts at the head of the cases."""

from uuid import UUID

from portal import clock
from portal.demo.content.acting import Stage, person, reread
from portal.demo.content.reading import Described
from portal.pathway.deadlines import last_day
from portal.policy import current_policy
from portal.records.cases.alerts import add_alert
from portal.records.cases.model import Case


def write(stage: Stage, about: Described, case_id: UUID) -> None:
    """Add the alerts of a case, each by its owner, to be reviewed as late as policy allows."""
    for alert in about.get("alerts", ()):
        owner = alert.get("owner", about["lead"])
        with stage.acting(owner, stage.ago(alert.get("at", about["opened"]))) as actor:
            case = reread(Case, case_id)
            policy = current_policy(case.authority)
            add_alert(
                actor=actor,
                case=case,
                kind=alert["kind"],
                text=alert["text"],
                owner=person(owner),
                review_on=last_day(policy.cases.alerts[alert["kind"]].review_within, clock.today()),
                child_told="not_told" not in alert,
                told_reason=alert.get("not_told", ""),
                policy=policy,
            )
