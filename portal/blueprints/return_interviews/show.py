"""The return interviews of a child, beginning one, one as it stands, and one as a file."""

from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.children.show import found_or_404
from portal.blueprints.return_interviews import (
    InterviewOnPage,
    blueprint,
    find_interview,
    on_interview,
    page_context,
    to_record,
)
from portal.pages.case_frame import frame_of
from portal.policy import current_policy
from portal.queries.paging import MomentCursor
from portal.records.cases.reading import records as case_records
from portal.records.children.model import Child
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.disclosures.presenter import send
from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.missing.model import MissingEpisode
from portal.records.missing.presenter.words import held_back
from portal.records.return_interviews import forms
from portal.records.return_interviews import presenter as interview_words
from portal.records.return_interviews import reading as interviews
from portal.records.return_interviews.beginning import (
    begin_interview,
    facts_on,
    put_readers_right,
    reasons_of,
    rules_of,
)
from portal.records.return_interviews.document import return_interview
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.talking import cover_more
from portal.records.return_interviews.vocabulary import InterviewState
from portal.web.choices import choices, identifiers
from portal.web.filters import lower_first
from portal.web.page import page_links, render
from portal.web.steps import Link, Words, take

#: What a child spoke of that may be a record of its own: the answer, and what it may tell of.
_TELLS_OF = {
    "where": (ConcernKind.PLACE,),
    "with_whom": (ConcernKind.PERSON, ConcernKind.GROUP),
    "travel": (ConcernKind.VEHICLE,),
    "online": (ConcernKind.PHONE, ConcernKind.ACCOUNT),
}
_OPEN = frozenset(
    {InterviewState.TO_OFFER, InterviewState.OFFERED, InterviewState.ACCEPTED, InterviewState.DECLINED}
)


@blueprint.get("/return-interviews/<reference>")
@allow("interview:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """What was offered, answered, tried, held, said, shared and corrected, and each return."""
    if (row := interviews.find_interview(reference=reference)) is None:
        return _withheld(reference)
    found = InterviewOnPage(row, rules_of(row.interview))
    interview, rules = found.interview, found.rules
    page = found.page()
    return render(
        "return_interviews/show.html",
        **page,
        facts=interview_words.facts(rules, interview, reads_case=bool(page["cases"])),
        episodes=interviews.episodes_of(interview_id=interview.id),
        attempts=interviews.attempts(interview_id=interview.id),
        parts=interview_words.parts(rules, interview)
        if interview.answers or interview.carer_information
        else [],
        corrections=interview_words.corrections(
            rules, interview, interviews.changes(interview_id=interview.id)
        ),
        shared=interview_words.shared(interview),
        read_by=interview_words.readers(interview, found.row),
        own=found.may_record and interview.agency_id == current().agency_id,
        words=interview_words,
        new_concerns=_new_concerns(interview),
        may_record=found.may_record,
        may_try=page["standing"].state in _OPEN,
        may_share=interview.completed_at is not None and bool(interview_words.not_shared(interview)),
    )


def _withheld(reference: str) -> ResponseReturnValue:
    """In the place of an interview whose words are held back: that there is one, and whom to ask."""
    held = interviews.find_withheld(reference=reference) or abort(404)
    whom = {"subject_kind": "return_interview", "subject_id": held.id, "child_id": held.child_id}
    audit.record("interview:view", **whom, withheld=True)
    policy = current_policy()
    said = held_back(policy, held.writer, known=held.Child is not None, police=held.police)
    return render("return_interviews/withheld.html", **page_context(held.Child, policy), held=held, said=said)


def _new_concerns(interview: ReturnInterview) -> list[dict[str, str]]:
    """Where a place, person or thing that the child spoke of is made a record of its own, in one step."""
    if not permitted(current(), "concern:record"):
        return []
    made_from: dict[str, Any] = {"from": interview.reference}
    return [
        {
            "text": f"Record: {lower_first(kind.label)}",
            "href": url_for("concerns.new", kind=kind.value, **made_from),
        }
        for code, kinds in _TELLS_OF.items()
        if interview.answers.get(code)
        for kind in kinds
    ]


@blueprint.get("/children/<child_reference>/return-interviews")
@allow("interview:view", shows="child")
def of_child(child_reference: str) -> ResponseReturnValue:
    """The returns that nobody has talked to the child about yet, and every interview, the latest first."""
    found = found_or_404(child_reference)
    child = found.child
    after = MomentCursor.read(request.args.get("after"))
    page = interviews.of_child(child_id=child.id, after=after)
    waiting, withheld = ([], []) if after else interviews.not_read(child_id=child.id)
    if found.record is None and not page.rows and not waiting and not withheld:
        abort(404)  # who knows the child by something else learns nothing here
    _look(child, "interview:list")
    return render(
        "return_interviews/of_child.html",
        **page_context(child, current_policy()) | frame_of(case_records.cases_of(child_id=child.id)),
        wide=True,
        rows=page.rows,
        waiting=waiting,
        withheld=withheld,
        words=interview_words,
        may_begin=permitted(current(), "interview:record", facts_on(current(), child.id)),
        **page_links(page, "return_interviews.of_child", child_reference=child.reference),
    )


@blueprint.route("/children/<child_reference>/return-interviews/new", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def begin(child_reference: str) -> ResponseReturnValue:
    """Choose which returns the interview is about, and begin it."""
    found = found_or_404(child_reference)
    child = found.child
    waiting = interviews.uncovered(child_id=child.id)
    if found.record is None and not waiting:
        abort(404)
    require(current(), "interview:record", facts_on(current(), child.id))
    form = forms.BeginForm(data={"episodes": [one.reference for one in waiting if one.due_at is not None]})
    form.offer("episodes", choices(interview_words.choices(waiting)))
    form.offer("agencies", choices(_others(child.id)))
    return take(
        form,
        lambda: begin_interview(
            actor=current(), child=child, episodes=_chosen(child.id, form), **form.answered()
        ),
        says=Words(
            heading="Begin a return interview",
            title=f"Begin a return interview, {child.reference}",
            nothing="" if waiting else "Every return of this child has an interview.",
            button="Begin it",
        ),
        page=lambda: _to_begin(child),
        to=lambda begun: url_for("return_interviews.offer", reference=begun.reference),
    )


@blueprint.route("/return-interviews/<reference>/returns", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def cover(reference: str) -> ResponseReturnValue:
    """Let an interview be about more returns."""
    found = to_record(reference)
    waiting = interviews.uncovered(child_id=found.interview.child_id)
    form = forms.MoreEpisodesForm(data=found.seen)
    form.offer_reasons(found.rules)
    form.offer("episodes", choices(interview_words.choices(waiting)))
    is_held = found.interview.done_at is not None
    form.ask_late(may_be=is_held and any(interview_words.is_late(row) for row in waiting))
    return on_interview.take(
        found,
        form,
        lambda **given: cover_more(episodes=_chosen(found.interview.child_id, form), late=form.late, **given),
        Words(
            heading="More returns that it is about",
            title=f"More returns, interview {reference}",
            nothing="" if waiting else "Every other return on this record of the child has an interview.",
            button="Add them",
        ),
        done="The interview is about these returns too",
    )


@blueprint.route("/return-interviews/<reference>/readers", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def readers(reference: str) -> ResponseReturnValue:
    """Say who may read an interview, and what the family may know, also once it is completed."""
    found = to_record(reference)
    interview = found.interview
    form = forms.ReadersForm.opened(
        interview,
        handling=interview.handling,
        agencies=[str(one) for one in interview.listed_agencies],
        family_safe=interview.family_safe,
    )
    form.offer("agencies", choices(_others(interview.child_id)))
    return on_interview.take(
        found,
        form,
        lambda **step: put_readers_right(
            handling=Handling(form.handling.data),
            listed=identifiers(form.agencies.data),
            family_safe=FamilySafe(form.family_safe.data),
            **step,
        ),
        Words(
            heading="Who may read the interview",
            title=f"Who may read interview {reference}",
            lead=[
                "That there is an interview, and of which agency, is known to all who hear of the child. "
                "What somebody has read, printed or taken already stays with them.",
                "Where the case of a child is held closely, whoever reads the case reads the interview, and"
                " so does the whole team that recorded it, also those of it who are not named on the case.",
                *(
                    [interview_words.asked_on_case(reasons_of(interview))]
                    if interview.assessment_needed
                    else ()
                ),
            ],
            button="Save",
        ),
    )


def _asked_on_case(interview: ReturnInterview) -> list[str]:
    """Who reads why the assessment has to be looked at, where it has."""
    return [interview_words.asked_on_case(reasons_of(interview))] if interview.assessment_needed else []


def _others(child_id: UUID) -> list[tuple[UUID, str]]:
    """The other agencies that hear of the child and may be named."""
    rows = interviews.agencies_to_name(child_id=child_id, without=current().agency_id)
    return [(row.id, row.name) for row in rows]


def _to_begin(child: Child) -> dict[str, Any]:
    _look(child, "interview:choose")
    page = page_context(child, current_policy())
    return page | {
        "caption": f"{page['child_name']}, {child.reference}",
        "back": Link(_list_of(child), "Return interviews of this child"),
    }


def _list_of(child: Child, after: str | None = None) -> str:
    return url_for("return_interviews.of_child", child_reference=child.reference, after=after)


def _chosen(child_id: UUID, form: forms.EpisodesForm) -> list[MissingEpisode]:
    return interviews.episodes_with(child_id=child_id, references=form.episodes.data or ())


def _look(child: Child, action: str) -> None:
    audit.record(action, child, child_id=child.id)


@blueprint.get("/return-interviews/<reference>/pdf")
@allow("interview:view", shows="child", releases="export")
def download(reference: str) -> ResponseReturnValue:
    """The PDF of an interview that is completed; a draft has none."""
    found = find_interview(reference)
    if found.interview.completed_at is None:
        abort(404)
    page = found.page(action="interview:download")
    return send(
        return_interview(
            found=found.row,
            rules=found.rules,
            warnings=page["alert_strip"],
            case_ids=[one.id for one in page["cases"]],
        )
    )
