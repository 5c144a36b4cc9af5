"""A team joins a case: what that opens to it, and the telling that it is on the sharing ledger."""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.policy import current_policy
from portal.records.cases.grants import name_person
from portal.records.cases.involvements import check_worker, current_involvement, tell_shared
from portal.records.cases.model import Case, ChronologyEntry, Involvement
from portal.records.cases.open_cases import refuse_closed
from portal.records.disclosures.facts import about_disclosure
from portal.records.disclosures.model.disclosures import Disclosure, DisclosureChild, DisclosureText
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Team, User
from portal.services.deadlines import Owner, open_deadline
from portal.services.errors import DomainError
from portal.services.messages import tell_team
from portal.vocabulary import Sensitivity, TriageColour
from portal.vocabulary.deadlines import DeadlineKind

#: Under which heads of policy `sharing` a team that joins is told: always these, so nobody is asked.
PURPOSE, BASIS = "protect_child", "public_task"


def add_involvement(
    *,
    actor: Principal,
    case: Case,
    team: Team,
    worker: User | None = None,
    reason: str,
    chairs_open_meeting: bool = False,
) -> Involvement:
    """Bring a team onto a case. Joining opens every entry for the network, and is on the sharing ledger.

    On a restricted case the team sees that the case exists; only its worker, who is then named on the case,
    may read it. A sealed case takes named people only, so that no team learns of it.

    Args:
        worker: who of the team works on the case.
        reason: why this team is needed.
        chairs_open_meeting: whether the actor chairs a meeting on the case that is not over.

    Raises:
        Forbidden: the actor may not bring a team onto the case.
        DomainError: the team is on the case, is not in use, or the case is sealed; the worker is not theirs.
    """
    is_lead = case.lead_professional_id == actor.user_id
    require(
        actor, "involvement:add", Facts(lead_professional=is_lead, chairs_open_meeting=chairs_open_meeting)
    )
    if not reason.strip():
        raise DomainError("Say why this team is needed on the case", field="reason")
    refuse_closed(case)
    if case.sensitivity == Sensitivity.SEALED:
        raise DomainError("This case is sealed. Name the people who need to read it instead", field="team")
    if not team.active:
        raise DomainError("Choose a team that is in use", field="team")
    if worker is not None:
        check_worker(team, worker)
    if current_involvement(case, team.id) is not None:
        raise DomainError("This team works on the case already", field="team")
    involvement = Involvement(
        id=new_id(),
        case_id=case.id,
        agency_id=team.agency_id,
        team_id=team.id,
        worker_id=worker.id if worker else None,
        reason=reason.strip(),
        started_at=clock.now(),
        started_by=actor.user_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(involvement)
    except IntegrityError as error:  # a colleague was quicker, by a moment
        raise DomainError("This team works on the case already", field="team") from error
    if worker is not None and case.sensitivity:
        name_person(actor=actor, case=case, person=worker, reason=f"Works on the case: {reason.strip()}")
    disclosure = _put_on_ledger(actor, case, team, worker, reason.strip())
    audit.record(
        "involvement:add",
        subject_kind="involvement",
        subject_id=involvement.id,
        child_id=case.child_id,
        case_id=case.id,
        team=str(team.id),
        disclosure=disclosure.reference,
    )
    _tell(actor, case, involvement, disclosure)
    return involvement


def what_joining_opens(case: Case) -> tuple[int, int]:
    """Of the entries that one sees oneself: how many a team that joins can read, and how many it cannot."""
    for_all = func.count().filter(ChronologyEntry.handling == Handling.NETWORK)
    opened, closed = db.session.execute(
        select(for_all, func.count() - for_all).where(ChronologyEntry.case_id == case.id)
    ).one()
    return opened, closed


def _tell(actor: Principal, case: Case, involvement: Involvement, disclosure: Disclosure) -> None:
    """The team, and its worker by e-mail. On a restricted case the worker was told on being named already,
    and a team without one learns only that there is something to confirm.
    """
    if case.sensitivity == Sensitivity.NORMAL:
        tell_shared(actor=actor, case=case, involvement=involvement)
    elif disclosure.receiver_team_id:
        team_id = disclosure.receiver_team_id
        tell_team(actor=actor, kind="told", about=about_disclosure(disclosure), team_id=team_id)


def _put_on_ledger(actor: Principal, case: Case, team: Team, worker: User | None, reason: str) -> Disclosure:
    """Joining is a telling. On a restricted case it tells the worker alone who the child is; without one it
    tells the team no name, and so covers no child.
    """
    closely_held = bool(case.sensitivity)
    told = worker if closely_held else None
    disclosure = Disclosure(
        id=new_id(),
        reference=new_reference(Prefix.DISCLOSURE),
        case_id=case.id,
        giver_id=actor.user_id,
        giver_agency_id=actor.agency_id,
        receiver_agency_id=team.agency_id,
        receiver_team_id=None if told else team.id,
        receiver_id=told.id if told else None,
        decision=SharingDecision.PART if closely_held else SharingDecision.SHARE,
        purpose=PURPOSE,
        basis=BASIS,
        reason=reason,
        colour=TriageColour.GREEN,
        decided_at=clock.now(),
    )
    db.session.add(disclosure)
    db.session.flush()
    db.session.add(DisclosureText(disclosure_id=disclosure.id, text=_told(case, team)))
    if told or not closely_held:
        db.session.add(DisclosureChild(disclosure_id=disclosure.id, child_id=case.child_id))
    db.session.flush()
    open_deadline(
        kind=DeadlineKind.RECEIPT,
        subject=disclosure,
        owner=Owner(user_id=told.id) if told else Owner(team_id=team.id),
        colour=TriageColour.GREEN,
        policy=current_policy(case.authority),
    )
    return disclosure


def _told(case: Case, team: Team) -> str:
    if case.sensitivity:
        return (
            f"{team.name} joined case {case.reference}, which is restricted. The team sees that the case"
            " exists and who leads it. Only people who are named on the case can read it."
        )
    opened, _ = what_joining_opens(case)
    entries = "1 entry" if opened == 1 else f"{opened} entries"
    return (
        f"{team.name} joined case {case.reference}. That opens to them the child’s record, the level, the"
        f" alerts and every entry for the whole network: {entries} so far, and those written from now on."
    )
