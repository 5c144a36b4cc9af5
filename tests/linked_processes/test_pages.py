"""The pages of linked processes: on the case, on their own, and the lists of those who owe something."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import AuditEvent
from portal.records.cases.model import Case
from portal.records.children.model import ChildStatus
from portal.records.linked_processes.model import LinkedNote, LinkedProcess
from portal.records.people.model import User
from portal.web.filters import day
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import make_case, make_child
from tests.factories.linked import make_process, step_of
from tests.statements import beside_the_context

ClientFor = Callable[[User | None], Client]


def typed(name: str, days_ago: int = 1) -> dict[str, str]:
    """A date as it is typed."""
    day = clock.today() - timedelta(days=days_ago)
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def begun(**changes: Any) -> dict[str, Any]:
    """A form on which a process is recorded."""
    return {"once": str(uuid4()), "words": "After the visit", **typed("started_on")} | changes


def only(rows: Session, kind: str) -> LinkedProcess:
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(LinkedProcess).where(LinkedProcess.kind == kind)).one()


def test_a_process_is_recorded_on_the_case_and_stands_beside_its_level(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    worker = client_for(cast.social_worker)
    chosen = worker.get(f"/cases/{case.reference}/linked/new")
    assert "Child protection plan" in chosen.text
    assert "Report of FGM" in chosen.text
    place = f"/cases/{case.reference}/linked/new/child_protection"
    form = begun()
    for _ in range(2):  # sent twice, recorded once
        answer = worker.submit(place, data=form)
        assert answer.status_code == 303
    process = only(rows, "child_protection")
    assert answer.location == f"/linked/{process.reference}"
    page = worker.get(f"/cases/{case.reference}/manage").text
    assert "Processes of other services" in page
    assert "Child protection plan</a> since" in page
    assert "Hold the child protection review by" in page
    assert "Hold the core group" in page
    overview = worker.get(f"/cases/{case.reference}").text
    assert "Not assessed" in overview, "the level of exploitation is a thing of its own"
    assert rows.scalars(select(ChildStatus.status)).all() == ["cp"]
    printed = worker.get(f"/cases/{case.reference}/print").text
    assert "Core group since" in printed


def test_the_page_of_a_case_takes_no_further_statement(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, statements: list[str]
) -> None:
    for kind in ("section_47", "nrm", "channel"):
        make_process(rows, case, cast.social_worker, kind=kind, step="complete")
    worker = client_for(cast.social_worker)
    statements.clear()
    worker.get(f"/cases/{case.reference}")
    assert len(beside_the_context(statements)) <= 9  # one of them says what changed, which is then seen


@pytest.mark.parametrize(
    "place", ["/linked/{process}", "/cases/{case}/linked", "/social-care/processes", "/fgm-reports"]
)
def test_the_pages_of_processes_stay_within_eight_statements(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, statements: list[str], place: str
) -> None:
    for _ in range(3):
        other = case_of_three(rows, cast)
        process = make_process(rows, other, cast.social_worker)
    worker = client_for(cast.social_worker)
    statements.clear()
    answer = worker.get(place.format(process=process.reference, case=other.reference))
    assert answer.status_code == 200
    assert len(beside_the_context(statements)) <= 8


def test_a_step_is_done_with_what_came_of_it_and_leads_to_what_follows(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    process = make_process(rows, case, cast.social_worker)
    worker = client_for(cast.social_worker)
    place = f"/linked/{process.reference}/steps/{step_of(rows, process).id}"
    missing = worker.submit(place, data={"version": "1", **typed("done_on", 0)})
    assert missing.status_code == 422
    assert "Choose how it ended" in missing.text
    said = {"version": "1", "outcome": "conference", "words": "At school", **typed("done_on", 0)}
    assert worker.submit(place, data=said).status_code == 303
    page = worker.get(f"/linked/{process.reference}").text
    assert "An initial child protection conference" in page
    assert "In time" in page
    conference = only(rows, "initial_conference")
    assert "With it began:" in page
    assert f'href="/linked/{conference.reference}"' in page
    assert f"/cases/{case.reference}/linked/new/" not in page, "it is recorded already"
    again = worker.submit(place, data=said)
    assert again.status_code == 303
    assert "recorded already" in worker.get(again.location).text


def test_of_two_who_say_what_was_decided_both_are_shown_and_the_day_alone(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    process = make_process(rows, case, cast.officer, kind="nrm", step="reasonable_grounds")
    place = f"/linked/{process.reference}/steps/{step_of(rows, process).id}"
    officer, worker = client_for(cast.officer), client_for(cast.social_worker)
    assert "Positive: there are reasonable grounds" in worker.get(place).text
    first = {"version": "1", "answer": "negative", "words": "A letter came", **typed("done_on", 0)}
    assert officer.submit(place, data=first).status_code == 303
    second = {"version": "1", "answer": "positive", "words": "By phone, at noon", **typed("done_on", 0)}
    both = worker.submit(place, data=second)
    assert both.status_code == 409
    for said in (
        f"{cast.officer.name} has recorded this meanwhile",
        "Negative: there are no reasonable grounds",
        "A letter came",
        "By phone, at noon",
    ):
        assert said in both.text
    page = worker.get(f"/linked/{process.reference}").text
    assert f"Find out the reasonable grounds decision on {day(clock.now())} " in page
    assert "Negative: there are no reasonable grounds" in page
    assert "By phone, at noon" not in page
    note = "By phone they said: positive"
    assert worker.submit(f"/linked/{process.reference}/note", data={"words": note}).status_code == 303


def test_a_conference_is_prefilled_with_the_discussion_from_which_it_is_counted(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    worker = client_for(cast.social_worker)
    place = f"/cases/{case.reference}/linked/new/strategy_discussion"
    no_hour = worker.submit(place, data=begun())
    assert "counted in hours" in no_hour.text
    assert worker.submit(place, data=begun(started_at="09:15")).status_code == 303
    discussion = only(rows, "strategy_discussion")
    held = worker.submit(
        f"/linked/{discussion.reference}/steps/{step_of(rows, discussion).id}",
        data={"version": "1", "outcome": "section_47", "done_at": "10:45", **typed("done_on")},
    )
    assert held.status_code == 303
    process = only(rows, "section_47")
    place = f"/cases/{case.reference}/linked/new/initial_conference?from={process.reference}"
    form = worker.soup(place)
    found = [form.select(f"input[name=started_on-{part}]")[0]["value"] for part in ("day", "month", "year")]
    yesterday = clock.today() - timedelta(days=1)
    assert found == [str(yesterday.day), str(yesterday.month), str(yesterday.year)]


def test_a_forced_marriage_asks_for_the_alert_until_it_stands(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    worker = client_for(cast.social_worker)
    answer = worker.submit(f"/cases/{case.reference}/linked/new/forced_marriage", data=begun())
    assert answer.location == f"/cases/{case.reference}/alerts/new?kind=no_family_contact"
    form = worker.get(answer.location).text
    assert 'value="no_family_contact" checked' in form
    process = only(rows, "forced_marriage")
    for place in (f"/cases/{case.reference}", f"/linked/{process.reference}"):
        assert "does not stand on this case yet" in worker.get(place).text
    review = clock.today() + timedelta(days=30)
    said = {
        "kind": "no_family_contact",
        "text": "Ring the owner first",
        "owner": str(cast.social_worker.id),
        "review_on-day": str(review.day),
        "review_on-month": str(review.month),
        "review_on-year": str(review.year),
        "child_told": "yes",
    }
    assert worker.submit(f"/cases/{case.reference}/alerts/new", data=said).status_code == 303
    for place in (f"/cases/{case.reference}", f"/linked/{process.reference}"):
        assert "does not stand on this case yet" not in worker.get(place).text


def test_a_process_changes_hands_ends_and_keeps_its_history(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    process = make_process(rows, case, cast.social_worker, kind="nrm", step="reasonable_grounds")
    worker, place = client_for(cast.social_worker), f"/linked/{process.reference}"
    worker.submit(f"{place}/note", data={"words": "The officer rang"})
    worker.submit(f"{place}/reference", data={"version": "1", "their_reference": "NRM 4711"})
    officer = f"person:{cast.officer.id}"
    worker.submit(f"{place}/owner", data={"version": "2", "owner": officer, "words": "They wrote it"})
    stale = worker.submit(
        f"{place}/end", data={"version": "1", "outcome": "no_reasonable_grounds", **typed("ended_on", 0)}
    )
    assert stale.status_code == 409
    assert "What you typed" in stale.text
    ended = client_for(cast.officer).submit(
        f"{place}/end", data={"version": "3", "outcome": "no_reasonable_grounds", **typed("ended_on", 0)}
    )
    assert ended.status_code == 303
    page = client_for(cast.nurse).get(place).text
    for words in ("The officer rang", "NRM 4711", "Ola Officer sees to it", "Ended: No reasonable grounds"):
        assert words in page, words
    assert "Say that it was done" not in page
    kinds = rows.scalars(select(LinkedNote.kind).order_by(LinkedNote.written_at)).all()
    assert kinds == ["begun", "note", "reference", "owner", "ended"]


def test_a_mistake_is_taken_back_and_a_step_that_is_not_needed_says_why(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    process = make_process(rows, case, cast.social_worker, kind="nrm", step="reasonable_grounds")
    worker, place = client_for(cast.social_worker), f"/linked/{process.reference}"
    step = step_of(rows, process)
    assert worker.get(f"{place}/steps/{step.id}/not-needed").status_code == 200
    worker.submit(f"{place}/steps/{step.id}/not-needed", data={"version": "1", "words": "Refused at once"})
    assert "not needed" in worker.get(place).text
    worker.submit(f"{place}/mistake", data={"version": "2", "words": "Another child’s"})
    assert "Recorded by mistake" in worker.get(place).text


def test_social_care_lists_what_it_owes_by_what_is_due_and_nobody_else_opens_the_list(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    late = make_process(rows, case, cast.social_worker, due_at=clock.now() - timedelta(days=2))
    later = make_process(rows, case, cast.social_worker, kind="nrm", step="reasonable_grounds")
    police = make_process(rows, case, cast.officer, kind="trafficking_guardian", step="refer")
    worker = client_for(cast.social_worker)
    page = worker.get("/social-care/processes").text
    assert page.index(late.reference) < page.index(later.reference)
    assert "Overdue" in page
    assert police.reference not in page
    for query, shown in (
        ("when=overdue", [late]),
        ("when=overdue&when=later", [late, later]),
        ("when=today", []),
        ("sort=-due", [later, late]),
        ("sort=child", [late, later]),
        ("kind=nrm&when=overdue", []),
    ):
        soup = worker.soup(f"/social-care/processes?{query}")
        links = [str(one["href"]) for one in soup.select("#list-page tbody th a")]
        assert sorted(links) == sorted(f"/linked/{one.reference}" for one in shown), query
        assert "sort=child" in query or links == [f"/linked/{one.reference}" for one in shown], query
        assert bool(links) is ("Nothing fits these filters" not in soup.get_text())
    (head,) = worker.soup("/social-care/processes?sort=-due").select("th[aria-sort]")
    assert (head.get_text(), head["aria-sort"]) == ("Due", "descending")
    tabs = [
        " ".join(one.get_text(" ").split()) for one in worker.soup("/social-care/processes").select("nav a")
    ]
    assert "Overdue 1" in tabs
    filtered = worker.get("/social-care/processes?kind=nrm").text
    assert later.reference in filtered
    assert late.reference not in filtered
    assert "2 waiting" in worker.get("/social-care").text
    for who in (cast.officer, cast.nurse, cast.community_safety, cast.coordinator, cast.governance):
        assert client_for(who).get("/social-care/processes").status_code == 403
        assert client_for(who).get("/social-care/processes?sort=child").status_code == 403
    trail = rows.scalars(select(AuditEvent).where(AuditEvent.action == "linked:owed")).all()
    assert trail


def test_the_number_on_the_workspace_is_that_of_the_rows(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    for kind in ("section_47", "nrm", "channel"):
        make_process(rows, case, cast.social_worker, kind=kind, step="complete")
    unseen = make_case(rows, make_child(rows), lead=cast.police, opened_by=cast.coordinator)
    make_process(rows, unseen, cast.social_worker)  # of the agency, on a case that its worker does not read
    over = case_of_three(rows, cast)
    make_process(rows, over, cast.social_worker, step=None)
    number = rows.execute(
        text(
            "select count(*) from deadline d where d.kind = 'linked_step' and d.state = 'open'"
            " and d.owner_id = :worker and exists (select 1 from involvement i"
            "  join team_member t on t.team_id = i.team_id and t.user_id = :worker"
            "  where i.case_id = d.case_id and i.ended_at is null)"
        ),
        {"worker": cast.social_worker.id},
    ).scalar_one()
    assert number == 3
    worker = client_for(cast.social_worker)
    assert f"<strong>{number} waiting</strong>" in worker.get("/social-care").text
    assert worker.get("/social-care/processes").text.count('href="/linked/LNP-') == number


def test_a_nurse_records_her_own_report_and_closes_it_with_the_police_reference(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    nurse = client_for(cast.nurse)
    page = nurse.get("/fgm-reports").text
    assert "cannot be passed on" in page
    place = f"/cases/{case.reference}/linked/new/fgm_report"
    assert place in page
    assert "Who sees to it" not in nurse.get(place).text
    assert nurse.submit(place, data=begun()).status_code == 303
    report = only(rows, "fgm_report")
    assert report.reference in nurse.get("/fgm-reports").text
    assert "1 waiting" in nurse.get("/health").text
    worker = client_for(cast.social_worker)
    seen = worker.get(f"/linked/{report.reference}").text
    assert "This duty is personal" in seen
    step = f"/linked/{report.reference}/steps/{step_of(rows, report).id}"
    assert worker.get(step).status_code == 403
    assert worker.get("/fgm-reports").text.count(report.reference) == 0
    said = {"version": "1", "outcome": "reported", **typed("done_on", 0)}
    assert "Enter this" in nurse.submit(step, data=said).text
    assert nurse.submit(step, data=said | {"their_reference": "22*1234"}).status_code == 303
    assert "22*1234" in nurse.get("/fgm-reports").text


def test_reports_of_fgm_are_for_health_social_care_and_teachers(cast: Cast, client_for: ClientFor) -> None:
    for who in (cast.nurse, cast.social_worker, cast.teacher):
        assert client_for(who).get("/fgm-reports").status_code == 200
    for who in (cast.officer, cast.community_safety, cast.coordinator, cast.administrator):
        assert client_for(who).get("/fgm-reports").status_code == 403


@pytest.mark.parametrize("who", ["stranger", "neighbour", "community_safety", "teacher"])
def test_who_does_not_read_the_case_finds_no_process(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str
) -> None:
    process = make_process(rows, case, cast.social_worker, words="Quillprocess")
    step = step_of(rows, process)
    client = client_for(getattr(cast, who))
    for place in (
        f"/linked/{process.reference}",
        f"/linked/{process.reference}/steps/{step.id}",
        f"/linked/{process.reference}/end",
        f"/cases/{case.reference}/linked",
        f"/cases/{case.reference}/linked/new",
        f"/cases/{case.reference}/linked/new/nrm",
        f"/linked/{process.reference[:-1]}Z",
    ):
        for headers in ({}, {"HX-Request": "true", "HX-Target": "main#main-content"}):
            answer = client.get(place, headers=headers)
            assert answer.status_code == 404, place
            assert "Quillprocess" not in answer.text


def test_a_step_or_source_of_another_process_is_answered_like_none(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    mine = make_process(rows, case, cast.social_worker)
    other = make_process(rows, case_of_three(rows, cast), cast.social_worker)
    worker = client_for(cast.social_worker)
    assert worker.get(f"/linked/{mine.reference}/steps/{step_of(rows, other).id}").status_code == 404
    place = f"/cases/{case.reference}/linked/new/initial_conference?from={other.reference}"
    assert worker.get(place).status_code == 404
    assert worker.get(f"/cases/{case.reference}/linked/new/no_such_kind").status_code == 404
