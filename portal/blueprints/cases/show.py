"""The list of cases: filtered, sorted, as a view of one's own, and as a file; the page of one case, its
print, its chronology as a file, and its network.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import near, permitted
from portal.access.principal import current
from portal.blueprints.cases import (
    blueprint,
    facts,
    page_context,
    record_viewing,
    reference_of,
    row_verbs,
    verbs,
    view_case,
)
from portal.messages import news
from portal.messages import reading as messages
from portal.messages.presenter import change_line, told_line
from portal.pages.case_frame import glance, pathway
from portal.pages.chronologies.document import chronology_of_case
from portal.policy import current_policy
from portal.queries.listing import Found
from portal.queries.paging import MomentCursor
from portal.records.attachments import reading as attachments
from portal.records.by_hand import presenter as by_hand_words
from portal.records.by_hand import reading as by_hand
from portal.records.cases import lists, presenter
from portal.records.cases.lists import CASES, LookOut
from portal.records.cases.reading import lists as readers
from portal.records.cases.reading import records as cases
from portal.records.cases.reading.falling import NOT_ASSESSED
from portal.records.cases.reading.lists import Reader, ReaderKind
from portal.records.closing.presenter import ended, reopened
from portal.records.closing.reading import left_behind
from portal.records.concerns.presenter.network import NetworkAsked, kind_label, view
from portal.records.concerns.reading.network import CHILD, around
from portal.records.disclosures.presenter import send
from portal.records.entries.presenter.words import change_items, entry_items, file_items
from portal.records.entries.reading import case_page
from portal.records.entries.reading.case_page import entries_within
from portal.records.linked_processes.presenter import alert_wanted, of_head
from portal.records.meetings.presenter.words import CaseMeetings
from portal.records.minutes.reading.records import closed_on_case
from portal.records.requests import reading as requests
from portal.records.requests.presenter import asked_parts
from portal.records.safety_plans.presenter import standing
from portal.vocabulary import ROLES_THAT_SEE_CASES, RiskLevel, Role, Sector
from portal.web.htmx import headers, is_fragment
from portal.web.listing import ListRoute, ListView
from portal.web.page import announce, page_links, render
from portal.web.pictures.over_time import level_steps

#: The chip of critical moments, and those of sectors.
CRITICAL = "critical"
_SECTORS = (
    (Sector.POLICE, "Police"),
    (Sector.SOCIAL_CARE, "Social care"),
    (Sector.HEALTH, "Health"),
    (Sector.EDUCATION, "School"),
    (Sector.COUNCIL, "Council"),
)
YEAR = timedelta(days=365)
#: How many entries one print holds; a longer chronology says that it goes on.
PRINTED = 500


@blueprint.get("/<reference>")
@allow("case:notice", shows="case")
def show(reference: str) -> ResponseReturnValue:
    """A case at a glance; its notice for whoever only may know of it."""
    case = case_page.head(reference=reference_of(reference)) if near(current(), "case:view") else None
    if case is None:
        return notice(reference)
    record_viewing(case)
    only = _only(request.args.get("only", ""))
    page, met = page_parts(case), CaseMeetings.of(case)
    looked = news.NOTHING if _entries_alone() else news.look(person=current(), case_id=case.id)
    return render(
        "cases/show.html",
        **page,
        pathway=pathway(case, page["owed"]),
        levels=level_steps(presenter.decided(case), clock.now() - YEAR, clock.now()),
        entries=entry_items(case_page.latest(case_id=case.id, **only), case),
        chips=_chips(case.reference, only),
        changes=[change_line(one) for one in looked.lines],
        more_changes=looked.more,
        meetings=met,
        can=verbs(case, chairs_meeting=met.chaired_by(current().user_id)),
        wide=True,
    )


def _entries_alone() -> bool:
    """Whether the answer goes into the list of entries alone, so that it is no look at what changed."""
    return is_fragment() and headers().target_id == "case-entries"


def _only(code: str) -> dict[str, Any]:
    """Which entries a chip stands for: critical moments, or those of one sector; all where it is neither."""
    if code == CRITICAL:
        return {"critical": True}
    return {"sector": code} if code in {one.value for one, _ in _SECTORS} else {}


def _chips(reference: str, only: dict[str, Any]) -> list[dict[str, Any]]:
    chosen = CRITICAL if only.get("critical") else only.get("sector", "")
    offered = [("", "All"), (CRITICAL, "Critical"), *((one.value, text) for one, text in _SECTORS)]
    return [
        {
            "text": text,
            "href": url_for("cases.show", reference=reference, only=code or None),
            "current": code == chosen,
        }
        for code, text in offered
    ]


@blueprint.get("/<reference>/entries/<uuid:entry_id>")
@allow("case:view", shows="case")
def entry(reference: str, entry_id: UUID) -> ResponseReturnValue:
    """One entry, whole: its words, who may read it, its files, and what may be done with it."""
    case = view_case(reference, action="case:entry", entry=str(entry_id))
    rows = case_page.entry(case_id=case.id, entry_id=entry_id) or abort(404)
    changes = change_items(case_page.changes_of(entry_id=entry_id), current_policy(case.authority))
    return render(
        "cases/one_entry.html",
        **page_context(case),
        entries=entry_items(rows, case),
        changes=changes,
        wide=True,
    )


@blueprint.get("/<reference>/sharing")
@allow("case:view", shows="case")
def sharing(reference: str) -> ResponseReturnValue:
    """What was asked of agencies and answered, and the way to what was told and shared."""
    case = view_case(reference, action="case:sharing")
    can = verbs(case, chairs_meeting=CaseMeetings.of(case).chaired_by(current().user_id))
    asked = asked_parts(requests.of_case(case_id=case.id))
    looks = permitted(
        current(), "audit:view", facts(case, own_agency=case.lead_agency_id == current().agency_id)
    )
    return render(
        "cases/sharing.html", **page_context(case), **asked, can=can, may_see_looks=looks, wide=True
    )


@blueprint.get("/<reference>/files")
@allow("case:view", shows="case")
def files(reference: str) -> ResponseReturnValue:
    """The files of a case that one may open, in the order in which they were added."""
    case = view_case(reference, action="case:files")
    listed = file_items(attachments.of_case(case_id=case.id))
    return render("cases/files.html", **page_context(case), files=listed, wide=True)


@blueprint.get("/<reference>/meetings")
@allow("case:view", shows="case")
def meetings(reference: str) -> ResponseReturnValue:
    """The meetings of a case, those to come and those that were held."""
    case = view_case(reference, action="case:meetings")
    met = CaseMeetings.of(case)
    can = verbs(case, chairs_meeting=met.chaired_by(current().user_id))
    return render(
        "cases/meetings.html",
        **page_context(case),
        meetings=met,
        closed=closed_on_case(case_id=case.id),
        can=can,
        now=clock.now(),
        wide=True,
    )


@blueprint.get("/<reference>/manage")
@allow("case:view", shows="case")
def manage(reference: str) -> ResponseReturnValue:
    """Who is on the case, how closely it is held, its dates and alerts, how it is handed over or ended."""
    case = view_case(reference, action="case:manage")
    page, met = page_parts(case), CaseMeetings.of(case)
    return render(
        "cases/manage.html",
        **page,
        **row_verbs(case, page["network"], page["alerts"]),
        grants=case_page.grants(case_id=case.id),
        grant_label=presenter.grant_label,
        can=verbs(case, chairs_meeting=met.chaired_by(current().user_id)),
        wide=True,
    )


@blueprint.get("/<reference>/print")
@allow("case:view", shows="case", releases="print")
def print_view(reference: str) -> ResponseReturnValue:
    """A case on paper: what this person may read of it, each entry with who else may."""
    case = view_case(reference, action="case:print")
    entries = entries_within(case_id=case.id, limit=PRINTED)
    return render(
        "cases/print.html",
        **page_parts(case),
        grants=case_page.grants(case_id=case.id),
        printing=True,
        entries=entry_items(entries.rows, case),
        goes_on=entries.next is not None,
        **asked_parts(requests.of_case(case_id=case.id)),
    )


@blueprint.get("/<reference>/told")
@allow("case:view", shows="case")
def who_was_told(reference: str) -> ResponseReturnValue:
    """Who was told of what on a case, on which ground, how, and what became of it."""
    case = view_case(reference)
    page = messages.told_of_case(case_id=case.id, after=MomentCursor.read(request.args.get("after")))
    return render(
        "messages/of_case.html",
        **page_context(case),
        lines=[told_line(row) for row in page.rows],
        by_hand=by_hand_words.lines(by_hand.of_case(case_id=case.id)),
        **page_links(page, "cases.who_was_told", reference=case.reference),
    )


def notice(reference: str) -> ResponseReturnValue:
    """That a case exists, how closely it is held, and whom to ask: nothing of the child."""
    found = case_page.notice(reference=reference_of(reference)) or abort(404)
    audit.record(
        "case:notice",
        subject_kind="case",
        subject_id=found.case_id,
        case_id=found.case_id,
        ground="governance" if current().has(Role.GOVERNANCE) else "restricted",
    )
    teams = case_page.duty_teams(agency_id=found.lead_agency_id)
    asked = cases.asked_by(person=current(), case_id=found.case_id)
    return render(
        "cases/notice.html",
        notice=found,
        contact=presenter.notice_contact(found),
        teams=teams,
        may_ask=near(current(), "access:ask"),
        asked=asked,
        ended=cases.access_ended(case_id=found.case_id),
        waiting=any(one.answered_at is None for one in asked),
        marking=True,
    )


def page_parts(case: Any) -> dict[str, Any]:
    """What the page and the print of a case both show."""
    page = page_context(case)
    owed = presenter.duties(case_page.deadlines(case_id=case.id), case.authority)
    network = case_page.network(case=case)
    return {
        **page,
        "network": network,
        "covered_words": presenter.covered_words,
        "away_words": presenter.away_words,
        "owed": owed,
        "glance": glance(case, page["policy"], owed=owed, network=network),
        "statuses": case_page.statuses(case=case),
        "facts": presenter.case_facts(case, page["policy"]),
        "level": presenter.level_words(case.level),
        "linked": of_head(case),
        "wanted_alert": alert_wanted([one["kind"] for one in case.linked or ()], page["alerts"]),
        "ended": ended(case, page["policy"]),
        "reopened": reopened(case),
        "behind": left_behind(case_id=case.id) if reopened(case) else None,
        "safety": standing(case.safety_plan) if case.safety_plan else None,
        "now": clock.now(),
    }


@blueprint.get("/<reference>/chronology.pdf")
@allow("case:view", shows="case", releases="export")
def download_chronology(reference: str) -> ResponseReturnValue:
    """The PDF of what this person may read of a case, and of its child."""
    page = page_context(view_case(reference, action="case:download"))
    return send(chronology_of_case(case=page["case"], policy=page["policy"], alerts=page["alerts"]))


@blueprint.get("/<reference>/network")
@allow("case:view", shows="case")
def network(reference: str) -> ResponseReturnValue:
    """Places, people and things around the child, and what else those are linked to."""
    case = view_case(reference, action="case:network")
    page = page_context(case)
    found = around(case.child_id)
    for one in found.nodes.values():
        if one.kind == CHILD and one.distance:  # other children, whom the person sees by this case
            audit.record("case:network", subject_kind="case", subject_id=case.id, child_id=one.id)
    asked, today = NetworkAsked.of(request.args, page["policy"]), clock.today()
    return render(
        "concerns/of_case.html",
        **page,
        asked=asked,
        found=view(asked.of_network(found, today), page["policy"], today),
        label=kind_label,
        wide=True,
    )


#: Views that everybody has.
_VIEWS = (
    ("All open", {}),
    ("High", {"level": [RiskLevel.HIGH.value]}),
    *(
        (one.label, {"look": [one.value]})
        for one in (LookOut.MISSING, LookOut.OVERDUE, LookOut.NEWS, LookOut.QUIET, LookOut.TURNS_18)
    ),
    ("Not assessed", {"level": [NOT_ASSESSED]}),
)


@blueprint.route("", methods=["GET", "POST"])
@allow("case:list", shows="list")
def index() -> ResponseReturnValue:
    """A page of fifty: highest level first, then least time left, unless somebody asks for another order."""
    reader, offered, closed = _reader()

    def says(found: Found) -> dict[str, Any]:
        rows, all_of_them = found.page.rows, found.asked.is_plain and not found.page.next
        notices = readers.list_notices(reader=reader) if all_of_them and not closed else ()
        announce(f"{len(rows)} cases shown")
        return {
            "rows": [row[: lists.SHOWN] for row in rows],
            "notices": notices,
            "news": lists.news_on(rows),
        }

    return _view(reader, closed=closed).page(
        "cases/index.html",
        says,
        open_filters=("level", "look"),
        many_news=news.MANY,
        closed=closed,
        names_agency=reader.kind is ReaderKind.HUB,
        ways=_ways(offered, reader, closed=closed),
        by_reference=not current().has(*ROLES_THAT_SEE_CASES),
        marking=True,
        wide=True,
        **presenter.case_table(),
    )


@blueprint.get("/list.csv")
@allow("case:list", shows="list", releases="export")
def download() -> ResponseReturnValue:
    """All that fits the filters, in the order of the page, as a file for a spreadsheet."""
    reader, _, closed = _reader()
    return _view(reader, closed=closed).file(CASES.name)


def _reader() -> tuple[Reader, list[Reader], bool]:
    """Through whom the list is read, among whom one may choose, and whether it is of closed cases."""
    offered = readers.readers(current())
    reader = readers.choose_reader(current(), request.args.get("whose"), offered) or abort(404)
    return reader, offered, request.args.get("show") == "closed"


def _view(reader: Reader, *, closed: bool) -> ListView:
    return ListView(
        listing=CASES,
        source=lists.Cases(reader=reader, closed=closed),
        route=ListRoute(
            endpoint="cases.index",
            file="cases.download",
            fixed={"whose": reader.code, **({"show": "closed"} if closed else {})},
            views=() if closed else _VIEWS,
        ),
        looked="case:list",
        noted={"ground": reader.kind.value, "reader": str(reader.id), "closed": closed},
    )


def _ways(offered: list[Reader], chosen: Reader, *, closed: bool) -> list[dict[str, object]]:
    """The readers as links, and the closed cases of the one that is chosen, for `ui.views`."""
    ways: list[dict[str, object]] = [
        {
            "href": url_for("cases.index", whose=one.code),
            "text": one.name,
            "current": one == chosen and not closed,
        }
        for one in offered
    ]
    address = url_for("cases.index", whose=chosen.code, show="closed")
    return [*ways, {"href": address, "text": "Closed", "current": closed}]
