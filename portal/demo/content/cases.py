"""The shared cases: opened by the hub, worked on by several agencies, and how far each has come."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from portal.access.principal import Principal
from portal.demo.content import alerts, children, entries, progress, telling
from portal.demo.content.acting import Stage, person, reread, team_called, team_of
from portal.demo.content.reading import Described
from portal.policy import current_policy
from portal.records.cases.involvements import current_involvement, end_involvement
from portal.records.cases.model import Case
from portal.records.cases.opening import add_involvement, open_case
from portal.records.children.model import Child
from portal.records.people.model import Team, User
from portal.vocabulary import Sensitivity

#: Teams join soon after the case was opened, and say a few hours later that they have read so.
_JOINS_AFTER = timedelta(minutes=20)
_CONFIRMS_AFTER = timedelta(hours=3)


def write(stage: Stage, described: Sequence[Described], known: dict[str, UUID]) -> None:
    """Open the case of each child and let its people work on it."""
    adding = entries.Adding(stage)
    for number, one in enumerate(described):
        case_id = _open(stage, one, known[one["id"]])
        _bring_teams(stage, one["case"], case_id)
        children.say(stage, one, known[one["id"]])
        alerts.write(stage, one["case"], case_id)
        adding.write(one["case"], case_id)
        progress.bring_along(stage, one["case"], case_id, number)


def _open(stage: Stage, one: Described, child_id: UUID) -> UUID:
    about = one["case"]
    with stage.acting(children.opener(one), stage.ago(about["opened"])) as actor:
        lead = person(about["lead"])
        policy = current_policy()
        authority = policy.authority_of(one.get("district"))
        opened = open_case(
            actor=actor,
            child=reread(Child, child_id),
            lead_team=_team(about, lead),
            lead_professional=lead,
            authority=authority,
            district=one.get("district"),
            types=about["types"],
            contexts=about.get("contexts", ()),
            sensitivity=max(
                Sensitivity(about.get("sensitivity", 0)),
                policy.exploitation.starting_sensitivity(frozenset(about["types"])),
            ),
            sensitivity_reason=about.get("sensitivity_reason", ""),
            named=[person(who) for who in about.get("named", ())],
            reason=about["reason"],
            policy=policy.for_authority(authority),
        )
        return opened.id


def _bring_teams(stage: Stage, about: Described, case_id: UUID) -> None:
    joined = stage.ago(about["opened"]) + _JOINS_AFTER
    for who, why in about.get("teams", ()):
        with stage.acting(about["lead"], joined) as actor:
            case, worker = reread(Case, case_id), person(who)
            add_involvement(actor=actor, case=case, team=team_of(worker), worker=worker, reason=why)
        if about.get("receipts", True):
            _confirm(stage, who, joined + _CONFIRMS_AFTER)
    for left in about.get("left", ()):
        _come_and_go(stage, about, case_id, left)


def _confirm(stage: Stage, who: str, at: datetime) -> None:
    """The worker says that they have read that their team joined."""
    with stage.acting(who, min(at, stage.now)) as actor:
        telling.receive(actor)


def _come_and_go(stage: Stage, about: Described, case_id: UUID, left: Described) -> None:
    """A team that worked on the case and no longer does."""
    with stage.acting(about["lead"], stage.ago(about["opened"]) + _JOINS_AFTER) as actor:
        worker = person(left["worker"])
        case = reread(Case, case_id)
        add_involvement(actor=actor, case=case, team=team_of(worker), worker=worker, reason=left["reason"])
    _confirm(stage, left["worker"], stage.ago(about["opened"]) + _CONFIRMS_AFTER)
    with stage.acting(left.get("by", "cora-inglewood"), stage.ago(left["until"])) as actor:
        _end(actor, reread(Case, case_id), team_of(person(left["worker"])), left["because"])


def _end(actor: Principal, case: Case, team: Team, why: str) -> None:
    involvement = current_involvement(case, team.id)
    if involvement is None:
        raise LookupError(f"{team.name} does not work on {case.reference}")
    end_involvement(actor=actor, case=case, involvement=involvement, reason=why)


def _team(about: Described, lead: User) -> Team:
    return team_called(about["team"]) if "team" in about else team_of(lead)
