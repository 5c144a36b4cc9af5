"""The workspace of children’s social care, and its lists of return interviews and duties."""

from datetime import timedelta
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import principal
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.home import workspace_of
from portal.deadlines.vocabulary import DeadlineKind
from portal.policy import current_policy
from portal.queries.declared import When
from portal.records.cases import presenter as case_words
from portal.records.cases.reading.falling import LISTINGS, Falling, falling_due
from portal.records.children import presenter as child_page
from portal.records.linked_processes import presenter as linked_words
from portal.records.linked_processes import reading as linked
from portal.records.return_interviews import lists
from portal.records.return_interviews import presenter as interview_words
from portal.records.return_interviews.lists import INTERVIEWS, PARTS, Whose
from portal.records.triage.reading.counts import FRONT_DOOR, AtDoor, to_front_door
from portal.vocabulary import Sector
from portal.web.listing import ListRoute, ListView, views, ways

blueprint = workspace_of("social_care", Sector.SOCIAL_CARE)


#: Views that everybody has of what is due.
_BY_DAY = views("All", "when", (When.OVERDUE, When.TODAY, When.WEEK))


@blueprint.route("/processes", methods=["GET", "POST"])
@allow("linked:list", shows="list")
def processes() -> ResponseReturnValue:
    """What social care owes on Section 47 enquiries, conferences, plans and reviews, by what is due."""
    view = ListView(
        listing=linked.OWED,
        source=linked.owed_by(current().agency_id),
        route=ListRoute(endpoint="social_care.processes", views=_BY_DAY),
        looked="linked:owed",
    )
    return view.page(
        "linked_processes/owed.html",
        lambda found: {"rows": linked_words.due_lines(found.page.rows)},
        open_filters=("when", "kind"),
        marking=True,
        wide=True,
    )


@blueprint.route("/referrals", methods=["GET", "POST"])
@allow("disclosure:view", shows="list")
def referrals() -> ResponseReturnValue:
    """The referrals that the hub sent to the front door: who opened each, and what was decided."""
    view = ListView(
        listing=FRONT_DOOR,
        source=to_front_door(agency_id=current().agency_id),
        route=ListRoute(endpoint="social_care.referrals", views=views("All", "look", AtDoor)),
        looked="disclosure:list",
        noted={"subject_kind": "disclosure", "ground": "front_door"},
    )
    return view.page(
        "social_care/referrals.html",
        open_filters=("look",),
        outcomes=current_policy().decisions.social_care_outcomes,
        now=clock.now(),
        marking=True,
        wide=True,
    )


#: For how long back the figures of an agency are counted.
LATELY = timedelta(days=90)

_EXPLAINED = {
    Falling.FINALISE: "Risk assessments that are owed: begun, or still to be begun.",
    Falling.SIGN_OFF: "Finalised risk assessments that a manager has not signed off yet.",
    Falling.SAFETY_PLANS: "Each has to be renewed or ended before its last day is over.",
    Falling.TRANSITION: "From the age of 17 on the hand-over for the time after 18 is prepared.",
}
#: What is said where there is none, and when one stands there.
_NOTHING = {
    Falling.FINALISE: "No assessment is owed. One stands here once a case opens or is to be assessed again.",
    Falling.SIGN_OFF: "No risk assessment waits for a manager. One stands here once it is finalised.",
    Falling.SAFETY_PLANS: "No safety plan runs out. One stands here from the day on which it is in force.",
    Falling.TRANSITION: "No hand-over is owed. One stands here once a young person on such a case turns 17.",
}


@blueprint.route("/return-interviews", methods=["GET", "POST"])
@allow("interview:view", shows="list")
def return_interviews() -> ResponseReturnValue:
    """The return interviews that are owed: due, overdue, offered, to be held, to be written up."""
    view, since = _owed(), clock.now() - LATELY
    return view.page(
        "social_care/return_interviews.html",
        lambda _found: {
            "figures": interview_words.figures(lists.figures(person=principal.current(), since=since))
        },
        open_filters=("stands",),
        words=interview_words,
        full_name=child_page.full_name,
        ways=ways(view.route, ((one.label, _interviews(one)) for one in Whose)),
        since=since,
        wide=True,
        marking=True,
    )


@blueprint.get("/return-interviews.csv")
@allow("interview:view", shows="list", releases="export")
def download_return_interviews() -> ResponseReturnValue:
    """All that fits the filters, in the order of the page, as a file for a spreadsheet."""
    return _owed().file("return-interviews")


def _owed() -> ListView:
    whose = _chosen(Whose, "whose", Whose.AGENCY)
    return ListView(
        listing=INTERVIEWS,
        source=lists.owed(principal.current(), whose),
        route=_interviews(whose),
        looked="interview:list",
        noted={"ground": whose.value},
    )


def _interviews(whose: Whose) -> ListRoute:
    return ListRoute(
        endpoint="social_care.return_interviews",
        file="social_care.download_return_interviews",
        fixed={"whose": whose.value},
        views=views("All", "stands", PARTS),
    )


@blueprint.route("/assessments-to-finalise", methods=["GET", "POST"])
@allow("workspace:view", shows="list")
def assessments_to_finalise() -> ResponseReturnValue:
    """Risk assessments that are owed."""
    return _falling_due(Falling.FINALISE)


@blueprint.route("/assessments-to-sign-off", methods=["GET", "POST"])
@allow("workspace:view", shows="list")
def assessments_to_sign_off() -> ResponseReturnValue:
    """Finalised risk assessments that wait for a manager."""
    return _falling_due(Falling.SIGN_OFF)


@blueprint.route("/safety-plans", methods=["GET", "POST"])
@allow("workspace:view", shows="list")
def safety_plans() -> ResponseReturnValue:
    """Interim safety plans that run out."""
    return _falling_due(Falling.SAFETY_PLANS)


@blueprint.route("/turning-18", methods=["GET", "POST"])
@allow("workspace:view", shows="list")
def turning_adult() -> ResponseReturnValue:
    """Young people for whom the time after 18 is prepared."""
    return _falling_due(Falling.TRANSITION)


def _falling_due(falling: Falling) -> ResponseReturnValue:
    view = ListView(
        listing=LISTINGS[falling],
        source=falling_due(person=current(), what=falling),
        route=ListRoute(endpoint=str(request.endpoint), views=_BY_DAY),
        looked="workspace:due",
        noted={"which": falling.value},
    )
    return view.page(
        "social_care/falling_due.html",
        open_filters=("when",),
        falling=falling,
        kinds=DeadlineKind,
        now=clock.now(),
        words=child_page,
        level_of=case_words.level_words,
        explained=_EXPLAINED[falling],
        nothing=_NOTHING[falling],
        turns_adult=child_page.turns_adult,
        wide=True,
        marking=True,
    )


def _chosen(kind: Any, name: str, otherwise: Any) -> Any:
    typed = request.args.get(name)
    return kind(typed) if typed in set(kind) else otherwise
