"""What was agreed for when a child is missing, and passing it on to those who look for the child."""

from datetime import datetime
from typing import Any

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.missing.blueprint import address, blueprint, find_episode, page_of, policy_on
from portal.messages import reading as messages
from portal.policy import ContactKind, Policy
from portal.queries.rows import Rows
from portal.records.cases.presenter import strip_item
from portal.records.cases.reading import records as case_records
from portal.records.missing.forms.steps import PassOnForm
from portal.records.missing.model import MissingEpisode
from portal.records.missing.steps import pass_on
from portal.records.safety_plans import reading as safety_plans
from portal.records.safety_plans.policy import SafetyPlanning
from portal.records.safety_plans.presenter import if_missing
from portal.vocabulary import Sector, Sensitivity
from portal.web.filters import numbers_now
from portal.web.steps import Words, take

#: By which whoever looks for a child is told that there is a plan, and that it ended.
_OF_THE_PLAN = ("missing_planned", "missing_plan_over")
#: Who may read a plan that whoever looks for the child does not: the same of every child.
_WHO_MAY_KNOW = (ContactKind.HUB, ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS)


@blueprint.route("/missing/<reference>/pass-on", methods=["GET", "POST"])
@allow("missing:change", shows="child")
def pass_on_agreed(reference: str) -> ResponseReturnValue:
    """Have those who look for a child read what the plan and the alerts of the child say."""
    episode, form = find_episode(reference), PassOnForm()
    form.prefill(words=_words(episode, policy_on(episode)))
    return take(
        form,
        lambda: pass_on(actor=current(), episode=episode, words=form.said("words"), once=form.nonce),
        says=Words(
            heading="Pass it on to those who look for the child",
            title=f"Pass on what was agreed, {episode.reference}",
            lead=[
                "Everybody who sees this episode reads what you send, and it stays. They do not read the"
                " plan, the alerts or the case."
            ],
            button="Pass it on",
        ),
        page=lambda: page_of(episode),
        to=address(episode),
        done="It stands on the episode",
    )


def plan_on(episode: MissingEpisode, policy: Policy, *, authority: str | None) -> dict[str, Any]:
    """What was agreed to do when this child is missing, as far as the person reads the plan.

    Args:
        authority: whose the child is, as far as the person may know.
    """
    rows = _agreed(episode, policy)
    return {
        "rows": if_missing(rows, policy),
        "told_on": None if rows else _told_on(episode),
        "references": sorted({row.reference for row in rows}),
        "ask": numbers_now(*_who_may_know(), authority=authority),
    }


def _who_may_know() -> tuple[ContactKind, ...]:
    """Whoever works in social care asks the hub: by the other numbers they would reach themselves."""
    hub, *social_care = _WHO_MAY_KNOW
    return (hub,) if current().sector is Sector.SOCIAL_CARE else (hub, *social_care)


def _told_on(episode: MissingEpisode) -> datetime | None:
    """When the person was told that there is a plan, unless they were told since that it ended."""
    told = messages.told_last(
        person=current(), kinds=_OF_THE_PLAN, subject_kind=episode.__tablename__, subject_id=episode.id
    )
    return told.created_at if told and told.kind == _OF_THE_PLAN[0] else None


def may_pass_on(cases: Rows, alerts: Any, plan: dict[str, Any]) -> bool:
    """Whether there is something to pass on, of a child whose episode others see too."""
    said = bool(alerts or plan["rows"])
    return said and bool(cases) and all(one.sensitivity == Sensitivity.NORMAL for one in cases)


def _agreed(episode: MissingEpisode, policy: Policy) -> Rows:
    items = [one.code for one in policy.of(SafetyPlanning).for_missing]
    return safety_plans.if_missing(child_id=episode.child_id, items=items)


def _words(episode: MissingEpisode, policy: Policy) -> str:
    """The plan and the alerts as one text, to be gone through before it is sent."""
    plan = [f"{row['key']}: {row['value']}" for row in if_missing(_agreed(episode, policy), policy)]
    cases = case_records.cases_of(child_id=episode.child_id)
    alerts = (strip_item(one, policy) for one in case_records.alerts_in(cases))
    return "\n\n".join([*(f"{one['label']}: {one['text']}" for one in alerts), *plan])
