"""Interim safety plans: begun, written under each author's name, and put in force by whoever agrees."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions, check_state
from portal.changes.versions import count_change, insert_now, lock_row
from portal.deadlines.changes import open_deadline
from portal.deadlines.rules import last_day
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, around_case, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.calendar import end_of_day
from portal.pathway.references import Prefix, new_reference
from portal.policy import current_policy, policy_of
from portal.records.assessments.lifecycle import directing_facts
from portal.records.cases.facts import lead_of, on_case_from, refuse_closed
from portal.records.cases.model import Case, Involvement
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.missing.facts import episode_now
from portal.records.missing.telling import tell_of_plan
from portal.records.people.model import Agency
from portal.records.safety_plans.model import SafetyPlan, SafetyPlanAnswer, SafetyPlanVersion
from portal.records.safety_plans.policy import SafetyPlanning
from portal.records.safety_plans.reading import close_untold, edition_now, given_away, plan_now, seen_in
from portal.records.safety_plans.rules import Agreement
from portal.records.safety_plans.vocabulary import (
    ACTS,
    BEGUN,
    CHANGED,
    IN_FORCE,
    PART_CHANGED,
    SafetyPlanState,
)
from portal.vocabulary import Sector, Sensitivity, Use


def save_words(*, actor: Principal, case: Case, plan: SafetyPlan, words: Mapping[str, str], seen: int) -> int:
    """Save what the actor changed in a plan since its saving number `seen`.

    What is changed in one that is in force waits until it is put in force again: whoever leads the case and
    whoever wrote what was changed are told, once a day of each who writes.

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
        if plan.state == SafetyPlanState.IN_FORCE:
            _tell_of_changes(actor, case, plan, changed)
        db.session.add_all(row_of(actor, plan, item, said) for item, said in changed.items())
        db.session.flush()
    return int(plan.number)


def _tell_of_changes(actor: Principal, case: Case, plan: SafetyPlan, changed: Collection[str]) -> None:
    """Before the words are saved: whose words under each heading are in force, and whose waited to be."""
    newest = (
        select(SafetyPlanAnswer.author_id)
        .where(SafetyPlanAnswer.plan_id == plan.id, SafetyPlanAnswer.item.in_(changed))
        .ext(distinct_on(SafetyPlanAnswer.item))
        .order_by(SafetyPlanAnswer.item, SafetyPlanAnswer.number.desc())
    )
    put = select(func.max(SafetyPlanVersion.number)).where(SafetyPlanVersion.plan_id == plan.id)
    in_force = newest.where(SafetyPlanAnswer.number <= put.scalar_subquery())
    authors = {*db.session.scalars(newest), *db.session.scalars(in_force)}
    once = f"{edition_now(plan)}:{actor.user_id}:{clock.today()}"
    is_missing = episode_now(case.child_id) is not None
    say = partial(tell, actor=actor, about=about_plan(plan), once=once, at_once=is_missing)
    given, called = to_people(*authors), "wrote what was changed"
    say(event=PART_CHANGED, given={Ground.OWNER_BEFORE: given}, called={Ground.OWNER_BEFORE: called})
    say(event=CHANGED, but=authors)


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
        if said and db.session.scalar(seen_in(case, said) if while_typing else given_away(case, said)):
            raise DomainError(
                f"“{one.label}” holds an address or a phone number that may not be told to others. "
                "This part is printed: take it out",
                field=one.code,
            )
    printed = {one.code: words.get(one.code, "") for one in rules.printed}
    check_no_restricted_quotes(texts=printed, use=Use.FAMILY, case_ids=[case.id])


def begin_safety_plan(*, actor: Principal, case: Case) -> SafetyPlan:
    """Begin a plan, with what the last one said. One that is not ended is given back.

    Raises:
        Forbidden: the actor's role does not let them.
        DomainError: the case is closed.
    """
    require(actor, "safety_plan:write")
    refuse_closed(case)
    lock_row(case)  # two people who begin at once take their turn
    if (there := plan_now(case)) is not None:
        return there
    wanted = select(SafetyPlan).filter_by(case_id=case.id)
    before = db.session.scalar(wanted.order_by(SafetyPlan.started_at.desc()).limit(1))
    said = latest_words(before.id) if before is not None else {}
    plan = SafetyPlan(
        reference=new_reference(Prefix.SAFETY_PLAN),
        case_id=case.id,
        state=SafetyPlanState.DRAFT,
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        started_at=clock.now(),
        number=1 if said else 0,
        policy_version=current_policy(case.authority).version,
    )
    insert_now(plan)
    db.session.add_all(row_of(actor, plan, item, words) for item, words in said.items())
    db.session.flush()
    audit.record("safety_plan:begin", plan, case=case)
    tell(actor=actor, event=BEGUN, about=about_plan(plan))
    return plan


def put_in_force(
    *,
    actor: Principal,
    case: Case,
    plan: SafetyPlan,
    agreement: Agreement,
    seen: int,
    edition: int,
    until: date | None = None,
) -> SafetyPlanVersion:
    """Let a plan hold as it is written now: for the first time until a last day, or anew with its changes.

    Args:
        seen: the number of the saving that the actor looked at.
        edition: that of the version that was in force then (`edition_now`): somebody else may have said
            meanwhile who agrees.
        until: for the first time, the last day on which it holds. Afterwards only `renew` moves it.

    Raises:
        Forbidden: the actor does not answer for the case.
        Conflict: somebody put it in force meanwhile; carries who agreed as each of them says.
        DomainError: something that has to be said is missing, somebody wrote meanwhile, the last day is past
            or later than policy `safety_plan.lasts_at_most`, or it is not said why somebody does not agree.
    """
    require(actor, "safety_plan:decide", directing_facts(actor, case))
    refuse_closed(case)
    lock_row(plan)
    if plan.number != seen:
        raise DomainError("Somebody wrote in this plan meanwhile. Look at it again")
    if plan.state == SafetyPlanState.ENDED:
        raise DomainError("This safety plan has ended")
    _refuse_overtaken(plan, edition, agreement)
    _check_said(case, plan)
    _check_agreement(agreement)
    first = plan.state == SafetyPlanState.DRAFT
    if first:
        check_until(case, until)
    version = _write_version(actor, plan, agreement)
    if first and until is not None:
        move_plan(plan, SafetyPlanState.IN_FORCE)
        plan.in_force_at, plan.valid_from, plan.valid_until = clock.now(), clock.today(), until
        start_clock(case, until)
    count_change(plan)
    audit.record("safety_plan:put_in_force", plan, case=case, edition=str(version.edition))
    tell_who_acts(actor, case, plan, once=str(version.edition))
    return version


def about_plan(plan: SafetyPlan) -> About:
    """A safety plan as what a message is about."""
    return About("safety_plan", plan.id, plan.reference, plan.case_id)


def tell_who_acts(actor: Principal, case: Case, plan: SafetyPlan, *, once: str) -> None:
    """Everybody on the case; and where the plan says what the police or a school do, that there is one. While
    the child is missing at once, and whoever looks for the child too.

    Args:
        once: tells this time that it came in force from every other.
    """
    about = about_plan(plan)
    episode = episode_now(case.child_id)
    tell(actor=actor, event=IN_FORCE, about=about, once=once, at_once=episode is not None)
    said = latest_words(plan.id)
    if episode is not None and any(said.get(one.code) for one in rules_of(case, plan).for_missing):
        tell_of_plan(
            actor=actor,
            episode=episode,
            but=around_case(case.id).get(Ground.TEAM, NOBODY),
            sensitivity=Sensitivity(case.sensitivity),
            once=f"{plan.id}:{once}",
        )
    _tell_sectors(actor, case, plan, {one: on_case_from(case, one) for one in GROUNDS}, once=once)


def tell_who_joins(*, actor: Principal, case: Case, involvement: Involvement) -> None:
    """A team that comes to work on a case hears of a plan in force that says what its sector does; of a case
    that is held closely whoever of it is named.
    """
    plan = plan_now(case)
    if plan is not None and plan.state == SafetyPlanState.IN_FORCE:
        sector = Sector(db.session.get_one(Agency, involvement.agency_id).sector)
        teams = NOBODY if case.sensitivity else to_teams(involvement.team_id)
        if (joins := teams | to_people(involvement.worker_id)) != NOBODY:  # else the plan lacks nobody by it
            _tell_sectors(actor, case, plan, {sector: joins}, once=f"joined:{involvement.id}")


#: On which ground somebody hears of what a plan says that they do.
GROUNDS = {Sector.POLICE: Ground.POLICE, Sector.EDUCATION: Ground.SCHOOL}


def _tell_sectors(
    actor: Principal, case: Case, plan: SafetyPlan, those: Mapping[Sector, Whom], *, once: str
) -> None:
    """Tell some of a sector what it does, where the plan says so. Where they are told now, nobody need be
    told any more that it had nobody.
    """
    said, is_missing = latest_words(plan.id), episode_now(case.child_id) is not None
    asked = {one.acts for one in rules_of(case, plan).fields if one.acts and said.get(one.code)}
    for sector in (one for one in those if one in asked):
        event, given = ACTS[sector], {GROUNDS[sector]: those[sector]}
        tell(actor=actor, event=event, about=about_plan(plan), given=given, once=once, at_once=is_missing)
    close_untold(plan)


def longest(case: Case) -> date:
    """The last day until which a plan can hold from today (policy `safety_plan.lasts_at_most`)."""
    return last_day(current_policy(case.authority).of(SafetyPlanning).lasts_at_most, clock.today())


def in_words(plan: SafetyPlan) -> dict[str, str]:
    """Where a plan stands, for somebody who meets another's change."""
    return {"State": SafetyPlanState(plan.state).label, "Last day": str(plan.valid_until or "")}


def _refuse_overtaken(plan: SafetyPlan, seen: int, agreement: Agreement) -> None:
    """Whoever meets a version that they did not see is shown who agreed to it, beside what they typed."""
    now = edition_now(plan)
    if now == seen:
        return
    theirs = db.session.scalars(select(SafetyPlanVersion).filter_by(plan_id=plan.id, edition=now)).one()
    agreed = Agreement(theirs.child_agrees, theirs.carer_agrees, theirs.child_words, theirs.carer_words)
    said, typed = agreed.in_words(), agreement.in_words()
    if said == typed:
        raise DomainError("Somebody has put this plan in force meanwhile, and said the same")
    raise Conflict("Somebody has put this plan in force meanwhile", Versions(said, typed))


def _check_said(case: Case, plan: SafetyPlan) -> None:
    rules, said = rules_of(case, plan), latest_words(plan.id)
    missing = [one.label for one in rules.fields.offered if one.required and not said.get(one.code)]
    if missing:
        raise DomainError(f"Write first: {', '.join(f'“{one}”' for one in missing)}")
    refuse_hidden(case, rules, said)


def _check_agreement(agreement: Agreement) -> None:
    if not agreement.child and not agreement.child_words.strip():
        raise DomainError("Say why the child has not agreed", field="child_words")
    if not agreement.carer and not agreement.carer_words.strip():
        raise DomainError("Say why the carer has not agreed", field="carer_words")


def check_until(case: Case, until: date | None) -> None:
    """A plan lasts until a day that is still to come, and no longer than the policy lets it.

    Raises:
        DomainError: it would.
    """
    if until is None or until < clock.today():
        raise DomainError("Choose the last day, today or later", field="until")
    if until > (latest := longest(case)):
        raise DomainError(
            f"Choose a day not later than {latest.day} {latest:%B %Y}: the policy lets it last no longer",
            field="until",
        )


def _write_version(actor: Principal, plan: SafetyPlan, agreement: Agreement) -> SafetyPlanVersion:
    version = SafetyPlanVersion(
        plan_id=plan.id,
        edition=edition_now(plan) + 1,
        number=plan.number,
        child_agrees=agreement.child,
        child_words=agreement.child_words.strip(),
        carer_agrees=agreement.carer,
        carer_words=agreement.carer_words.strip(),
        put_by=actor.user_id,
        put_at=clock.now(),
    )
    return insert_now(version)


def start_clock(case: Case, until: date) -> None:
    """The lead professional is warned before a plan runs out; where there is none, the agency that leads."""
    policy = current_policy(case.authority)
    open_deadline(
        kind=DeadlineKind.SAFETY_PLAN,
        subject=case,
        owner=lead_of(case),
        due_at=end_of_day(until),
        source="safety_plan.lasts_at_most",
        confirmed=policy.of(SafetyPlanning).lasts_at_most.confirmed,
        policy=policy,
    )


def move_plan(plan: SafetyPlan, target: SafetyPlanState) -> None:
    """Take a plan to another state.

    Raises:
        DomainError: it does not go there from where it stands.
    """
    check_state(SafetyPlanState(plan.state), target, of="safety plan")
    plan.state = target
