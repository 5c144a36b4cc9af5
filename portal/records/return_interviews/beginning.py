"""Return interviews: owed after every return, and begun for one or several episodes of a child.

Every episode that ended has its own duty, within 72 hours by the clock (policy `clocks.return_interview`).
One talk may cover several of them: each is still counted, and met or late on its own.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import count_change, insert_now, lock, lock_row
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, around_case, heard_of, of_agencies, tell
from portal.messages.vocabulary import Event, Ground
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import Policy, current_policy, policy_of
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.entries.adding import agencies_on
from portal.records.entries.correcting import EntryFacts, put_right
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.missing.model import MissingEpisode
from portal.records.return_interviews.model import ReturnInterview, ReturnInterviewEpisode
from portal.records.return_interviews.policy import ReturnInterviews
from portal.records.return_interviews.rules import state_of
from portal.records.return_interviews.vocabulary import COMPLETED, NARROWED, SHARED, STEP, WIDENED


def owe_interview(*, episode: MissingEpisode) -> None:
    """The child is back: an interview is owed within the time of the policy, counted from the return.

    Whose duty it is the database settles, because whoever records the return may not learn that: the social
    care team that leads an open case of the child, else the social care of the responsible authority; of a
    child whose case is held closely its lead professional. A second time changes nothing; where the time of
    the return was corrected, a new duty takes the place of the open one.

    Raises:
        ValueError: the child has not returned.
    """
    if episode.returned_at is None:
        raise ValueError("An interview is owed after a return.")
    db.session.flush()  # the database reads the return
    policy = current_policy(episode.responsible_authority)
    rule = policy.clock(DeadlineKind.RETURN_INTERVIEW)
    db.session.execute(
        select(
            func.ctx.owe_interview(
                new_id(),
                episode.id,
                episode.returned_at,
                due(rule, episode.returned_at),
                f"clocks.{rule.code}",
                rule.confirmed,
                policy.version,
            )
        )
    )


def owe_no_interview(*, episode: MissingEpisode, reason: str) -> None:
    """No interview is owed on an episode: it was withdrawn, or the child did not return after all."""
    db.session.flush()
    db.session.execute(select(func.ctx.owe_no_interview(episode.id, reason)))


def begin_interview(
    *,
    actor: Principal,
    child: Child,
    episodes: Sequence[MissingEpisode],
    handling: Handling = Handling.NETWORK,
    listed: Collection[UUID] = (),
    family_safe: FamilySafe = FamilySafe.ASK,
) -> ReturnInterview:
    """Begin an interview that covers some episodes of a child.

    Args:
        handling, listed: who may read it, of those who hear of the child, as of an entry.

    Raises:
        Forbidden: see permission `interview:record`.
        DomainError: no episode was chosen, one of them cannot be covered, or no agency is listed.
    """
    require(actor, "interview:record", facts_on(actor, child.id))
    named = listed_for(actor.agency_id, handling, listed)
    lock_row(child)  # two people who begin at once take their turn
    check_episodes(child.id, episodes)
    first = min(episodes, key=lambda one: one.missing_since)
    policy = current_policy(first.responsible_authority)
    interview = ReturnInterview(
        reference=new_reference(Prefix.INTERVIEW),
        child_id=child.id,
        agency_id=actor.agency_id,
        team_id=min(actor.team_ids, default=None),
        opened_by=actor.user_id,
        opened_at=clock.now(),
        answers={},
        shared={},
        handling=handling.value,
        listed_agencies=named,
        family_safe=family_safe.value,
        policy_version=policy.version,
    )
    insert_now(interview)
    cover(interview, episodes)
    record(interview, "interview:begin", episodes=len(episodes))
    tell_cases(actor, interview, STEP)
    return interview


def listed_for(own: UUID, handling: Handling, listed: Collection[UUID]) -> list[UUID]:
    """The agencies that may read an interview beside the one that holds it; none where no list is asked for.

    Raises:
        DomainError: none was chosen.
    """
    if handling is not Handling.AGENCIES:
        return []
    chosen = sorted(set(listed) - {own})
    if not chosen:
        raise DomainError("Choose the agencies that may read it", field="agencies")
    return chosen


def put_readers_right(
    *,
    actor: Principal,
    interview: ReturnInterview,
    handling: Handling,
    listed: Collection[UUID],
    family_safe: FamilySafe,
    version: int,
) -> None:
    """Say who may read an interview, and what the family may know, also once it is completed.

    How it was stays in its history. Whoever may not read it any more is told that this ended.

    Raises:
        Forbidden: another agency holds it.
        Conflict: somebody changed it meanwhile.
        DomainError: no agency is listed.
    """
    require(actor, "interview:record", facts_of(actor, interview))
    if interview.agency_id != actor.agency_id:
        raise Forbidden("The agency that holds a return interview says who reads it.")
    lock(interview, version, _read_by, mine={"Who may read it": handling.label})
    named = listed_for(actor.agency_id, handling, listed)
    before, was_so = _agencies(interview), _reasons_as_read(interview)
    count_change(interview, handling=handling.value, listed_agencies=named, family_safe=family_safe.value)
    db.session.flush()
    record(interview, "interview:readers", handling=handling.value)
    _tell_of_readers(actor, interview, before, _agencies(interview))
    for case, entry, as_before in was_so:
        _read_as_interview(actor, interview, case, entry, as_before=as_before)


def why_looked_at(interview: ReturnInterview) -> str:
    """How the entry begins that says why the assessment has to be looked at after an interview."""
    return f"Why the assessment has to be looked at after {interview.reference}: "


def readers_on(case: Case, interview: ReturnInterview) -> dict[str, Any]:
    """The readers of an interview, as far as they work on a case, and what the family may know."""
    handling, listed = Handling(interview.handling), set[UUID]()
    if handling is Handling.AGENCIES:
        listed = agencies_on(case) & set(interview.listed_agencies) - {interview.agency_id}
        handling = Handling.AGENCIES if listed else Handling.OWN
    return {"handling": handling, "listed": listed, "family_safe": FamilySafe(interview.family_safe)}


def reasons_of(interview: ReturnInterview) -> list[ChronologyEntry]:
    """The entries that say why, as they stand: of each the last correction; those that the actor reads."""
    began = select(ChronologyEntry.id).where(
        ChronologyEntry.case_id.in_(select(Case.id).where(Case.child_id == interview.child_id)),
        ChronologyEntry.agency_id == interview.agency_id,
        ChronologyEntry.text.startswith(why_looked_at(interview), autoescape=True),
    )
    chain = began.cte(recursive=True)
    later = aliased(ChronologyEntry)
    chain = chain.union(select(later.id).join(chain, later.corrects_id == chain.c.id))
    corrected = select(later.id).where(later.corrects_id == ChronologyEntry.id).exists()
    standing = select(ChronologyEntry).join(chain, chain.c.id == ChronologyEntry.id).where(~corrected)
    return list(db.session.scalars(standing.order_by(ChronologyEntry.id)))


def _reasons_as_read(interview: ReturnInterview) -> list[tuple[Case, ChronologyEntry, bool]]:
    """Each with its case, and whether it is read as the interview is: nobody put it right by itself."""
    found = []
    for entry in reasons_of(interview):
        case = db.session.get_one(Case, entry.case_id)
        found.append((case, entry, _read_so(entry) == readers_on(case, interview)))
    return found


def _read_so(entry: ChronologyEntry) -> dict[str, Any]:
    return {
        "handling": Handling(entry.handling),
        "listed": set(entry.listed_agencies),
        "family_safe": FamilySafe(entry.family_safe),
    }


def _read_as_interview(
    actor: Principal, interview: ReturnInterview, case: Case, entry: ChronologyEntry, *, as_before: bool
) -> None:
    """What is said of it on a case is read by nobody who may not read the interview; and by more of them,
    where it was read as the interview before.
    """
    now, so = readers_on(case, interview), _read_so(entry)
    wider = entry.agency_id, *entry.listed_agencies
    fewer = so["handling"] is Handling.NETWORK or not {*wider} <= {entry.agency_id, *now["listed"]}
    if now == so or not (as_before or (now["handling"] is not Handling.NETWORK and fewer)):
        return
    day = clock.local(entry.happened_at).date()
    facts = EntryFacts(kind=None, happened_on=day, **now)
    reason = f"Who may read return interview {interview.reference} was put right"
    put_right(actor=actor, case=case, entry=entry, facts=facts, reason=reason, version=entry.version)


def _read_by(interview: ReturnInterview) -> dict[str, str]:
    return {"Who may read it": Handling(interview.handling).label}


def _agencies(interview: ReturnInterview) -> set[UUID] | None:
    """The agencies that may read it; None for all that hear of the child."""
    if interview.handling == Handling.NETWORK:
        return None
    return {interview.agency_id, *interview.listed_agencies}


def _tell_of_readers(
    actor: Principal, interview: ReturnInterview, before: set[UUID] | None, now: set[UUID] | None
) -> None:
    """Whoever works on an open case of the child that the actor reads, or was told of the interview, such as
    the hub, and now loses sight of it or gains it.
    """
    open_ = select(Case.id).where(Case.child_id == interview.child_id, Case.state.in_(OPEN_CASE_STATES))
    on_cases = [(case_id, _working(case_id)) for case_id in db.session.scalars(open_).all()]
    told = heard_of(COMPLETED, SHARED, about=about(interview))
    once = f"{interview.id}:{interview.version}"
    for case_id, those in [*on_cases, (None, told)]:
        read, reads = (those if one is None else of_agencies(those, one) for one in (before, now))
        on = replace(about(interview), case_id=case_id)
        if read - reads:
            tell(actor=actor, event=NARROWED, about=on, given={Ground.LEAVING: read - reads}, once=once)
        if reads - read:
            tell(actor=actor, event=WIDENED, about=on, given={Ground.RECIPIENT: reads - read}, once=once)


def _working(case_id: UUID) -> Whom:
    """Whoever works on a case, and their teams."""
    around = around_case(case_id)
    those = NOBODY
    for ground in (Ground.WORKER, Ground.LEAD_PROFESSIONAL, Ground.TEAM):
        those |= around.get(ground, NOBODY)
    return those


def check_episodes(child_id: UUID, episodes: Sequence[MissingEpisode]) -> None:
    """Episodes of this child that have ended, and that no other interview covers.

    Raises:
        DomainError: none was chosen, or one is not such an episode.
    """
    if not episodes:
        raise DomainError("Choose at least one time that the child was missing", field="episodes")
    taken = set(
        db.session.scalars(
            select(ReturnInterviewEpisode.episode_id).where(
                ReturnInterviewEpisode.episode_id.in_([one.id for one in episodes])
            )
        )
    )
    for one in episodes:
        if one.child_id != child_id or one.returned_at is None or one.withdrawn_at is not None:
            raise DomainError(f"{one.reference} has no return. Choose another", field="episodes")
        if one.id in taken:
            raise DomainError(f"{one.reference} is covered by an interview already", field="episodes")


def covered_by(interview: ReturnInterview) -> list[MissingEpisode]:
    """The episodes that an interview covers, in order."""
    return list(
        db.session.scalars(
            select(MissingEpisode)
            .join(ReturnInterviewEpisode, ReturnInterviewEpisode.episode_id == MissingEpisode.id)
            .where(ReturnInterviewEpisode.interview_id == interview.id)
            .order_by(MissingEpisode.missing_since)
        )
    )


def work_on(actor: Principal, interview: ReturnInterview, version: int) -> None:
    """Go on with a step on an interview that the actor saw as it is, and that is not completed.

    Raises:
        Forbidden: see permission `interview:record`.
        Conflict: somebody changed it meanwhile.
        DomainError: it is completed.
    """
    require(actor, "interview:record", facts_of(actor, interview))
    lock(interview, version, in_words, first=refuse_completed)


def refuse_completed(interview: ReturnInterview) -> None:
    """Go on only while an interview is not completed.

    Raises:
        DomainError: it is.
    """
    if interview.completed_at is not None:
        raise DomainError("This interview is completed. What was recorded stands")


def facts_of(actor: Principal, interview: ReturnInterview) -> Facts:
    """What decides the verbs on an interview."""
    return facts_on(actor, interview.child_id, own_agency=interview.agency_id == actor.agency_id)


def facts_on(actor: Principal, child_id: UUID, **more: bool) -> Facts:
    """What decides whether somebody may begin one: whether they lead an open case of the child."""
    leads = db.session.scalar(
        select(Case.id)
        .where(
            Case.child_id == child_id,
            Case.lead_professional_id == actor.user_id,
            Case.state.in_(OPEN_CASE_STATES),
        )
        .limit(1)
    )
    return Facts(lead_professional=leads is not None, **more)


def rules_of(interview: ReturnInterview) -> ReturnInterviews:
    """The policy that an interview was begun under; today's, where that edition is not kept any more."""
    return policy_for(interview).of(ReturnInterviews)


def policy_for(interview: ReturnInterview) -> Policy:
    """The same, whole."""
    return policy_of(interview.policy_version) or current_policy()


def in_words(interview: ReturnInterview) -> dict[str, str]:
    """Where an interview stands, for somebody who meets another's change."""
    return {"State": state_of(interview).label}


def about(interview: ReturnInterview) -> About:
    """What a message about an interview is about."""
    return About("return_interview", interview.id, interview.reference)


def tell_cases(actor: Principal, interview: ReturnInterview, event: Event, *, at_once: bool = False) -> None:
    """Tell of it on each open case of the child that the actor reads.

    Args:
        at_once: it does not wait for the sending hours.
    """
    open_ = select(Case.id).where(Case.child_id == interview.child_id, Case.state.in_(OPEN_CASE_STATES))
    for case_id in db.session.scalars(open_).all():
        tell(actor=actor, event=event, about=replace(about(interview), case_id=case_id), at_once=at_once)


def record(interview: ReturnInterview, action: str, **details: Any) -> None:
    """Put a step of an interview into the audit."""
    audit.record(action, interview, child_id=interview.child_id, **details)


def cover(interview: ReturnInterview, episodes: Iterable[MissingEpisode]) -> None:
    """Let an interview cover some episodes, which were checked."""
    db.session.add_all(
        ReturnInterviewEpisode(
            interview_id=interview.id,
            episode_id=one.id,
            child_id=interview.child_id,
            agency_id=interview.agency_id,
        )
        for one in episodes
    )
    db.session.flush()
