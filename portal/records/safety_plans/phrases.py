"""What is written in an interim safety plan, each part under its author's name.

Two people may write in one plan at once. What only one of them changed is saved; where both changed the same
part, the second is shown both. Nothing that was saved is overwritten.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Boolean, Select, func, select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.policy import current_policy, policy_of
from portal.records.cases.model import Case
from portal.records.children.model import ChildStatement
from portal.records.children.vocabulary import StatementKind
from portal.records.entries.citations import refuse_held_words
from portal.records.safety_plans.model import SafetyPlan, SafetyPlanAnswer
from portal.records.safety_plans.policy.section import SafetyPlanning
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.services.errors import Conflict, DomainError, Versions
from portal.services.versions import lock_row
from portal.vocabulary.uses import Use


def save_words(*, actor: Principal, case: Case, plan: SafetyPlan, words: Mapping[str, str], seen: int) -> int:
    """Save what the actor changed in a plan since its saving number `seen`.

    Args:
        words: every part of the form as it was sent, by code of policy `safety_plan.fields`.

    Returns:
        the number that the plan has now.

    Raises:
        Forbidden: the actor's role does not let them.
        Conflict: somebody else changed the same part meanwhile; carries both, by code. Nothing is saved.
        DomainError: the plan is ended, or words for the child's page hold an address that may not be told.
    """
    require(actor, "safety_plan:write")
    lock_row(plan)
    if plan.state == SafetyPlanState.ENDED:
        raise DomainError("This safety plan has ended. What you typed was not saved")
    now, before = latest_words(plan.id), latest_words(plan.id, up_to=seen)
    changed = {
        item: said.strip()
        for item, said in words.items()
        if said.strip() != before.get(item, "") and said.strip() != now.get(item, "")
    }
    met = {item: now[item] for item in changed if now.get(item, "") != before.get(item, "")}
    if met:
        raise Conflict(
            "Somebody else wrote in the same part while you were typing. Look at both and save again",
            Versions(theirs=dict(met), mine={item: changed[item] for item in met}),
        )
    refuse_hidden(case, rules_of(case, plan), changed, while_typing=True)
    if changed:
        plan.number += 1
        db.session.flush()
        db.session.add_all(row_of(actor, plan, item, said) for item, said in changed.items())
        db.session.flush()
    return int(plan.number)


def latest_words(plan_id: UUID, *, up_to: int | None = None) -> dict[str, str]:
    """What a plan says as it stands, or as it stood after a saving, by code."""
    found = (
        select(SafetyPlanAnswer.item, SafetyPlanAnswer.words)
        .where(SafetyPlanAnswer.plan_id == plan_id)
        .order_by(SafetyPlanAnswer.number)
    )
    if up_to is not None:
        found = found.where(SafetyPlanAnswer.number <= up_to)
    return {row.item: row.words for row in db.session.execute(found)}


def row_of(actor: Principal, plan: SafetyPlan, item: str, said: str) -> SafetyPlanAnswer:
    """One part as the actor saves it, not yet written."""
    return SafetyPlanAnswer(
        id=new_id(),
        plan_id=plan.id,
        item=item,
        number=plan.number,
        words=said,
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        saved_at=clock.now(),
    )


def rules_of(case: Case, plan: SafetyPlan) -> SafetyPlanning:
    """The policy that a plan was begun under; today's, where that edition is not kept any more."""
    return (policy_of(plan.policy_version) or current_policy(case.authority)).of(SafetyPlanning)


def refuse_hidden(
    case: Case, rules: SafetyPlanning, words: Mapping[str, str], *, while_typing: bool = False
) -> None:
    """An address or phone number that may not be told, and words of an entry that are not told to the family,
    do not stand on the page for the child and the carer.

    Args:
        while_typing: look only for what whoever types may see themselves, so that nobody learns from an
            answer to a guess. Before a page is in force or printed all are looked for.

    Raises:
        DomainError: one does; names the part.
    """
    for one in rules.printed:
        said = words.get(one.code, "")
        if said and db.session.scalar(_seen_in(case, said) if while_typing else _given_away(case, said)):
            raise DomainError(
                f"“{one.label}” holds an address or a phone number that may not be told to others. "
                "This part is printed: take it out",
                field=one.code,
            )
    printed = {one.code: words.get(one.code, "") for one in rules.printed}
    refuse_held_words(texts=printed, use=Use.FAMILY, case_ids=[case.id])


def _seen_in(case: Case, said: str) -> Select[bool]:
    return select(
        select(ChildStatement.id)
        .where(
            ChildStatement.child_id == case.child_id,
            ChildStatement.do_not_disclose,
            ChildStatement.kind.in_((StatementKind.ADDRESS, StatementKind.PHONE)),
            func.ctx.mentions(said, ChildStatement.value, ChildStatement.postcode),
        )
        .exists()
    )


def _given_away(case: Case, said: str) -> Select[bool]:
    return select(func.ctx.gives_away(case.id, said, type_=Boolean))
