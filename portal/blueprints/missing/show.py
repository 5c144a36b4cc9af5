"""The page of one episode, the list that police, social care and the hub share, and those of one child."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import abort, current_app, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import Facts, permitted
from portal.access.principal import current
from portal.blueprints.missing.blueprint import blueprint, interview_due, may_answer, page_of, policy_on
from portal.blueprints.missing.passing_on import may_pass_on, plan_on
from portal.messages import reading as messages
from portal.messages.choices import numbers_instead
from portal.messages.vocabulary import Ground
from portal.pages.case_frame import frame_of
from portal.pathway.references import Prefix, read_reference
from portal.policy import Policy, current_policy
from portal.policy.validators import ContactKind
from portal.queries.paging import MomentCursor
from portal.queries.rows import Rows
from portal.records.cases.presenter import strip_item
from portal.records.cases.reading import records as case_records
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.missing import facts, lists
from portal.records.missing import reading as missing
from portal.records.missing.lists import LookOut, Talk, Which
from portal.records.missing.model import MissingEpisode
from portal.records.missing.policy import NOT_GRADED, Missing
from portal.records.missing.presenter import running as running_words
from portal.records.missing.presenter import words as missing_words
from portal.records.missing.reporting import facts_on
from portal.records.missing.steps import PASSED_ON, may_record_talk
from portal.records.missing.vocabulary import StrategyAnswer
from portal.records.return_interviews.rules import state_of
from portal.vocabulary import Sector, Sensitivity
from portal.web.filters import numbers_now
from portal.web.listing import ALL, ListRoute, ListView, Views, ways
from portal.web.page import page_links, render, see_other

#: By which whoever looks for a child is told that it is another.
_ANOTHER = ("missing_another", "missing_moved")


@blueprint.get("/missing/<reference>")
@allow("missing:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """What is known, how the child came back, what the police heard, and the other times."""
    episode = missing.find_episode(reference=reference)
    if episode is None:
        return see_other(url_for("messages.go", message_id=_told_by(reference) or abort(404)))
    policy = policy_on(episode)
    times = missing.times_of(child_id=episode.child_id, beside=episode)
    page = page_of(episode)
    asked = lists.matches_of(episode_id=episode.id)
    interview = SimpleNamespace(**page["details"].interview) if page["details"].interview else None
    running = episode.returned_at is None and episode.withdrawn_at is None
    cases = case_records.cases_of(child_id=episode.child_id)
    alerts = [strip_item(one, policy) for one in case_records.alerts_in(cases)]
    whose = page["details"].responsible_authority
    plan = plan_on(episode, policy, authority=whose) if running else None
    prompt = missing.prompt_with(episode=episode)
    return render(
        "missing/show.html",
        **page,
        alert_strip=_strip(cases, alerts, running=running),
        running=running_words.running(episode, page["details"]) if running else None,
        plan=plan,
        may_pass_on=plan is not None and may_pass_on(cases, alerts, plan),
        asked=_asked(asked),
        moves=running_words.matches(asked),
        another_on=_told_of_another(episode) if page["details"].given_name is None else None,
        **_enquiries(episode, policy, known=missing_words.knows(page["details"])),
        others=missing_words.lines([one for one in times if one.id != episode.id], policy),
        counts=missing_words.counts(times),
        history=missing_words.history(missing.changes_of(episode_id=episode.id), policy),
        interview=interview,
        interview_state=state_of(interview).label,
        interview_due=interview_due(episode),
        may_begin_interview=interview is None and _may_begin_interview(episode, page["details"]),
        prompt=prompt,
        prompt_facts=missing.prompt_facts(prompt=prompt) if prompt else None,
        answers=StrategyAnswer,
        may_answer=prompt is not None and may_answer(prompt),
        can=_verbs(episode),
        now=clock.now(),
        interviews_of=_interviews_of,
        unheld=_unheld(episode, cases, whose),
        double=missing.double_of(episode=episode),
        police=numbers_now(ContactKind.NON_EMERGENCY),
        beside=lists.running_beside(episode=episode) if episode.withdrawn_at else (),
    )


def _unheld(episode: MissingEpisode, cases: Rows, authority: str | None) -> dict[str, Any]:
    """Of a child whose case is sealed, what the police or social care owe after the return while nobody of
    them is named on it, with whom to ring; for whoever reads the case.

    Args:
        authority: whose the child is, as they read it.
    """
    sealed = next((one for one in cases if one.sensitivity == Sensitivity.SEALED), None)
    if sealed is None or episode.returned_at is None or episode.withdrawn_at is not None:
        return {}
    lack = facts.not_named(case_id=sealed.id)
    talks = [one.id for one in facts.talks_unheld(case_id=sealed.id, child_id=episode.child_id)]
    return {
        "case": sealed.reference,
        "police": numbers_instead(Ground.POLICE_DESK) if episode.id in talks else None,
        "social_care": numbers_instead(Ground.SOCIAL_CARE, authority) if Sector.SOCIAL_CARE in lack else None,
    }


def _enquiries(episode: MissingEpisode, policy: Policy, *, known: bool) -> dict[str, Any]:
    rows = missing.enquiries_of(episode_id=episode.id)
    passed_on = {one.id for one in rows if one.made_by == PASSED_ON}
    over = missing.plans_over(enquiry_ids=list(passed_on))
    said = running_words.enquiries(rows, over, policy, known=known)
    return {
        "enquiries": said,
        "passed_on": bool(passed_on - set(over)),
        "reads_all": current().sector is Sector.POLICE,
    }


def _may_begin_interview(episode: MissingEpisode, details: Any) -> bool:
    """Whether the person begins the return interview that is due; whoever does so sees the child's record."""
    return (
        details.has_record
        and interview_due(episode) is not None
        and permitted(current(), "interview:record", Facts(lead_professional=details.leads))
    )


def _told_by(reference: str) -> UUID | None:
    """The message by which somebody was told of an episode that they may not read: it says whom to ring."""
    known = read_reference(reference, Prefix.MISSING)
    told = known and messages.last_about(person=current(), kind="missing_episode", reference=known)
    return told or None


def _told_of_another(episode: MissingEpisode) -> datetime | None:
    """When somebody was told that the child is another than was thought, for whoever reads here only what was
    reported.
    """
    kind = episode.__tablename__
    told = messages.told_last(person=current(), kinds=_ANOTHER, subject_kind=kind, subject_id=episode.id)
    return told.created_at if told else None


def _asked(rows: Rows) -> bool:
    """Whether somebody who sees both has to say if the child is one who was known."""
    return any(one.answered_at is None for one in rows)


def _strip(cases: Rows, alerts: list[dict[str, Any]], *, running: bool) -> list[dict[str, Any]]:
    """What everyone must know before they act, for whoever reads a case of the child; on the page of a time
    that is over also that the child is missing now.
    """
    return running_words.with_missing(cases[0].missing_now if cases and not running else None, alerts)


def _verbs(episode: MissingEpisode) -> dict[str, bool]:
    """What the person may do to an episode as it stands; what they may not do is not offered."""
    person, stands = current(), episode.withdrawn_at is not None
    facts = facts_on(person, episode)
    back = episode.returned_at is not None
    return {
        "change": not stands,
        "find": not stands and not back,
        "correct_return": not stands and back,
        "talk": not stands
        and back
        and permitted(person, "missing:interview", facts)
        and may_record_talk(person, episode),
        "move": not stands and permitted(person, "missing:move", facts),
        "withdraw": not stands and permitted(person, "missing:withdraw", facts),
    }


def _interviews_of(child_reference: str) -> str:
    """The address of the return interviews of a child."""
    endpoint = "return_interviews.of_child"
    return (
        url_for(endpoint, child_reference=child_reference) if endpoint in current_app.view_functions else ""
    )


@blueprint.route("/missing", methods=["GET", "POST"])
@allow("missing:view", shows="list")
def index() -> ResponseReturnValue:
    """Who is missing now, who came back lately, or with whom the police still have to talk."""
    which, policy = _which(), current_policy()
    view = ListView(
        listing=lists.listing_of(which),
        source=lists.rows_of(which),
        route=_list_route(which),
        looked="missing:list",
        noted={"ground": which.value},
    )
    return view.page(
        "missing/index.html",
        lambda found: {
            "rows": missing_words.lines(found.page.rows, policy),
            "ways": ways(view.route, _ways(), ALL, lists.how_many()),
            **(_asked_of_all() if which is Which.NOW else {}),
        },
        open_filters=("grade", "look", "talk"),
        which=which,
        now=clock.now(),
        recent=policy.of(Missing).recent.value,
        child=child_page,
        wide=True,
        marking=True,
    )


def _asked_of_all() -> dict[str, Any]:
    """What is asked about the children above the list of those who are missing now."""
    return {"undecided": missing.undecided(), "matches": lists.matches_waiting()}


def _which() -> Which:
    typed = request.args.get("show")
    return Which(typed) if typed in set(Which) else Which.NOW


def _ways() -> list[tuple[str, ListRoute]]:
    return [(one.label, _list_route(one)) for one in Which]


def _list_route(which: Which) -> ListRoute:
    views: dict[Which, Views] = {
        Which.NOW: (
            ("All", {}),
            (LookOut.MINE.label, {"look": [LookOut.MINE.value]}),
            ("Not graded yet", {"grade": [NOT_GRADED]}),
        ),
        Which.RETURNED: (
            ("All", {}),
            (LookOut.MINE.label, {"look": [LookOut.MINE.value]}),
            ("Interview outstanding", {"talk": [Talk.OUTSTANDING.value]}),
        ),
        Which.PREVENTION: (("All", {}), (LookOut.MINE.label, {"look": [LookOut.MINE.value]})),
    }
    fixed = {} if which is Which.NOW else {"show": which.value}
    return ListRoute(endpoint="missing.index", fixed=fixed, views=views[which])


@blueprint.get("/children/<child_reference>/missing")
@allow("missing:view", shows="child")
def of_child(child_reference: str) -> ResponseReturnValue:
    """Every episode of a child that one may see, by year."""
    found = children.find_child(reference=child_reference) or abort(404)
    child, policy = found.child, current_policy()
    after = MomentCursor.read(request.args.get("after"))
    page = missing.page_of_child(child_id=child.id, after=after)
    audit.record("missing:child", child, child_id=child.id)
    return render(
        "missing/of_child.html",
        **frame_of(case_records.cases_of(child_id=child.id)),
        child=child,
        name=child_page.full_name(child),
        wide=True,
        years=missing_words.by_year(missing_words.lines(page.rows, policy)),
        counts=missing_words.counts(missing.times_of(child_id=child.id, limit=1)),
        **page_links(page, "missing.of_child", child_reference=child.reference),
        marking=True,
    )
