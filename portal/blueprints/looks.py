"""Who looked: at a case, for those who answer for it; what somebody looked at, for their manager too."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit, pace
from portal.access.guard import allow
from portal.access.permissions import Facts, require
from portal.access.principal import current
from portal.access.sign_in.attempt import read as read_address
from portal.pathway.references import Prefix, read_reference
from portal.queries.paging import MomentCursor, Page
from portal.records.cases.reading import records as case_records
from portal.records.disclosures.presenter import send_list
from portal.records.entries.reading import case_page
from portal.records.looks import keeping, presenter, reading
from portal.records.looks.forms import FindForm, LooksFilter, WhyForm
from portal.records.looks.reading import Days, Looked
from portal.vocabulary import RateKind, Role
from portal.web.listing import ListRoute, ListView, table_as_csv, views
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, take

blueprint = Blueprint("looks", __name__, url_prefix="/looks")

#: What whoever answers for a case is not shown, and governance is.
_LEFT_OUT = (
    " Of a record that you may not know of it says only that something was opened or changed. Looks at the"
    " child’s own record by people who do not read this case can be left out."
)

#: Reads one page of looks.
Reader = Callable[..., Page[MomentCursor]]


#: Views of the list of people for whoever begins with one.
_OF_OWN = views("All", "look", [Looked.WHY])
_OF_EVERYBODY = views("All", "look", Looked)


@blueprint.route("", methods=["GET", "POST"])
@allow("look:person", shows="people")
def index() -> ResponseReturnValue:
    """Where one begins: governance with a case or among all people, a manager with their own."""
    person, form = current(), FindForm(request.args)
    form.validate()
    governs, reference = person.has(Role.GOVERNANCE), form.said("reference")
    if governs and reference:
        if (found := _notice(reference)) is not None:
            return see_other(url_for(".at_case", reference=found.reference))
        form.reference.errors = ["There is no case with this reference. It is like CRE-0XJC-B8P2"]
    view = ListView(
        listing=reading.EVERYBODY if governs else reading.OWN_PEOPLE,
        source=reading.people(manager_id=None if governs else person.user_id),
        route=ListRoute(endpoint="looks.index", views=_OF_EVERYBODY if governs else _OF_OWN),
        looked="look:list",
        noted={"subject_kind": "app_user"},
    )
    return view.page(
        "looks/index.html",
        open_filters=("look", "agency"),
        form=form,
        governs=governs,
        sealed=case_records.sealed_without_hub() if governs else (),
    )


@blueprint.get("/mine")
@allow("look:own", shows="list")
def mine() -> ResponseReturnValue:
    """What one looked at, took out and changed oneself."""
    person = current()
    audit.record("look:own", subject_kind="app_user", subject_id=person.user_id)
    return _shown(
        partial(reading.of_person, user_id=person.user_id),
        presenter.HEADS_OF_PERSON,
        presenter.lines_of_person,
        heading="What you looked at",
        lead="Each page that showed you somebody’s information, each file that you took, each change.",
    )


@blueprint.get("/people/<uuid:user_id>")
@allow("look:person", shows="people")
def of_person(user_id: UUID) -> ResponseReturnValue:
    """What somebody looked at."""
    found = _person(user_id)
    audit.record("look:person", subject_kind="app_user", subject_id=user_id)
    governs = current().has(Role.GOVERNANCE)
    return _shown(
        partial(reading.of_person, user_id=user_id),
        presenter.HEADS_OF_PERSON,
        presenter.lines_of_person,
        heading=f"What {found.name} looked at",
        caption=found.agency,
        lead="A case stands here by its reference; what was on none has none."
        if governs
        else "Cases and children that you do not read yourself are left out.",
        back=url_for(".index"),
        file=url_for(".file_of_person", user_id=user_id, **_days_asked()),
        reasons=presenter.reasons(reading.why(user_id=user_id)),
        go_on=url_for(".name_for_today", user_id=user_id) if governs and user_id != current().user_id else "",
    )


@blueprint.get("/people/<uuid:user_id>/list.csv")
@allow("look:person", shows="people", releases="export")
def file_of_person(user_id: UUID) -> ResponseReturnValue:
    """The same as a file."""
    _person(user_id)
    rows = reading.every_row(partial(reading.of_person, user_id=user_id, days=_days(_filter())))
    audit.record("look:person", subject_kind="app_user", subject_id=user_id, taken=len(rows))
    return _file(
        presenter.HEADS_OF_PERSON, presenter.lines_of_person(rows), "looks", {row.case_id for row in rows}
    )


@blueprint.get("/cases/<reference>")
@allow("audit:view", shows="case")
def at_case(reference: str) -> ResponseReturnValue:
    """Who looked at a case."""
    notice = _of_case(reference)
    audit.record("audit:view", subject_kind="case", subject_id=notice.case_id, case_id=notice.case_id)
    governs = current().has(Role.GOVERNANCE)
    return _shown(
        partial(reading.at_case, case_id=notice.case_id),
        presenter.HEADS_AT_CASE,
        presenter.lines_at_case,
        heading="Who looked",
        caption=notice.reference,
        lead="Each look at the pages of the case and at the child’s own record, each file taken and each"
        " change, with who it was." + ("" if governs else _LEFT_OUT),
        back=url_for(".index") if governs else url_for("cases.sharing", reference=notice.reference),
        file=url_for(".file_at_case", reference=notice.reference, **_days_asked()),
        people=governs,
        notice=notice.reference if governs else "",
    )


@blueprint.get("/cases/<reference>/list.csv")
@allow("audit:view", shows="case", releases="export")
def file_at_case(reference: str) -> ResponseReturnValue:
    """The same as a file."""
    notice = _of_case(reference)
    rows = reading.every_row(partial(reading.at_case, case_id=notice.case_id, days=_days(_filter())))
    audit.record(
        "audit:view", subject_kind="case", subject_id=notice.case_id, case_id=notice.case_id, taken=len(rows)
    )
    return _file(presenter.HEADS_AT_CASE, presenter.lines_at_case(rows), "looks", {notice.case_id})


@blueprint.route("/why", methods=["GET", "POST"])
@allow("look:explain")
def why() -> ResponseReturnValue:
    """Say why one goes on, and go on."""
    kind = _asked_why()
    if kind is None:
        return see_other(url_for(".mine"))
    form, there = WhyForm(), read_address(request.args.get("next")) or url_for(".mine")
    return take(
        form,
        lambda: keeping.say_why(actor=current(), kind=kind, reason=form.said("reason")),
        says=Words(
            heading="Say why, and go on",
            title="Why you look at so much",
            back=Link(url_for(".mine"), "What you looked at"),
            lead=[
                presenter.MUCH[kind],
                "Your answer goes to the managers of your teams and to governance. It stays on record,"
                " beside what you looked at.",
            ],
            button="Go on",
        ),
        to=there,
    )


@blueprint.route("/people/<uuid:user_id>/today", methods=["GET", "POST"])
@allow("look:except", shows="people")
def name_for_today(user_id: UUID) -> ResponseReturnValue:
    """Let somebody go on until the end of today."""
    found, form, back = _person(user_id), WhyForm(), url_for(".of_person", user_id=user_id)
    form.reason.label.text, form.reason.description = "Why do they need to?", ""
    return take(
        form,
        lambda: keeping.name_for_today(
            actor=current(), person=reading.user(user_id=user_id), reason=form.said("reason")
        ),
        says=Words(
            heading=f"Let {found.name} go on today",
            back=Link(back, f"What {found.name} looked at"),
            lead=[
                "Whoever opens, searches or downloads very much in an hour has to wait. Until the end of"
                f" today {found.name} does not. They still have to say why, and all that they open stays"
                " on record.",
            ],
            button="Let them go on",
        ),
        page=lambda: _looked_up(user_id),
        to=back,
        done=f"{found.name} can go on until the end of today",
    )


def _asked_why() -> RateKind | None:
    """What the address asks about, where one is asked."""
    found = next((one for one in RateKind if one.value == request.args.get("kind")), None)
    return found if found and pace.asks_why(current().user_id, found) else None


def _looked_up(user_id: UUID) -> dict[str, Any]:
    require(current(), "look:except", Facts(owner=user_id == current().user_id))
    audit.record("look:person", subject_kind="app_user", subject_id=user_id)
    return {}


def _shown(
    read: Reader, heads: Sequence[str], lines: Callable[[Any], list[Sequence[str]]], **page: Any
) -> ResponseReturnValue:
    form = _filter()
    found = read(days=_days(form), after=MomentCursor.read(request.args.get("after")))
    here = {**(request.view_args or {}), **_days_asked()}
    return render(
        "looks/show.html",
        form=form,
        heads=heads,
        lines=list(zip(lines(found.rows), found.rows, strict=True)),
        first=url_for(request.endpoint or "", **here) if request.args.get("after") else "",
        more=url_for(request.endpoint or "", **here, after=str(found.next)) if found.next else "",
        here=request.path,
        narrowed=bool(_days_asked()),
        wide=True,
        marking=True,
        **page,
    )


def _filter() -> LooksFilter:
    form = LooksFilter(request.args)
    form.validate()
    return form


def _days(form: LooksFilter) -> Days:
    return Days(form.since.data, form.until.data)


def _days_asked() -> dict[str, Any]:
    """What the address says of the days."""
    return {
        name: value
        for name, value in request.args.items()
        if value and name.partition("-")[0] in {"since", "until"}
    }


def _person(user_id: UUID) -> Any:
    found = reading.person(user_id=user_id) or abort(404)
    if not reading.answers_for(user_id=user_id):
        abort(404)
    return found


def _notice(reference: str) -> Any:
    typed = read_reference(reference, Prefix.CASE)
    return case_page.notice(reference=typed) if typed else None


def _of_case(reference: str) -> Any:
    """A case that one knows of, where one answers for looks at it."""
    notice = _notice(reference) or abort(404)
    case = case_records.find_case(reference=notice.reference)
    person = current()
    require(
        person,
        "audit:view",
        Facts(
            lead_professional=case is not None and case.lead_professional_id == person.user_id,
            own_agency=case is not None and case.lead_agency_id == person.agency_id,
        ),
    )
    return notice


def _file(heads: Sequence[str], lines: list[Sequence[str]], name: str, cases: set[UUID | None]) -> Response:
    return send_list(
        table_as_csv(heads, lines), name=name, case_ids=[one for one in cases if one is not None]
    )
