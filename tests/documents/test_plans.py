"""The plan of a case, and what is handed over to another service, as files."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.closing.vocabulary import HandOverKind
from portal.records.entries.vocabulary import Handling
from tests.cast import Cast
from tests.documents.conftest import ClientFor, Take, copies
from tests.factories.closing import make_hand_over
from tests.factories.linked import make_process
from tests.factories.meetings import make_meeting
from tests.factories.plans import make_action, make_note

NOBODY = [
    ("stranger", 404),
    ("neighbour", 404),
    ("teacher", 404),
    ("governance", 403),
    ("administrator", 403),
]


def plan_of(case: Case) -> str:
    return f"/cases/{case.reference}/plan/pdf"


def handed(case: Case, kind: str = "transfer") -> str:
    return f"/cases/{case.reference}/hand-over/{kind}/pdf"


def test_a_plan_holds_the_childs_goal_first_and_every_action(
    rows: Session, take: Take, cast: Cast, case: Case
) -> None:
    make_action(rows, case, cast.nurse, cast.social_worker, what="Quillopen [#] it", measure="Quillmeasure")
    late = clock.today() - timedelta(days=3)
    make_action(rows, case, cast.police_team, cast.social_worker, what="Quilllate", due_on=late)
    made = take(cast.officer, plan_of(case))
    for words in ("To play football again", "Quillopen [#] it", "Quillmeasure", "Quilllate", "(overdue)"):
        assert words in made.text, words
    assert cast.nurse.name in made.text
    assert made.text.index("football") < made.text.index("Quillopen")
    assert "TH" in made.tags()


def test_a_note_on_an_action_that_is_for_one_agency_is_not_in_it(
    rows: Session, take: Take, cast: Cast, case: Case
) -> None:
    action = make_action(rows, case, cast.nurse, cast.social_worker)
    make_note(rows, action, cast.nurse, Handling.OWN, "Quillprivate")
    for person in (cast.officer, cast.nurse):
        assert "Quillprivate" not in take(person, plan_of(case)).text


def test_a_plan_is_on_the_ledger_and_its_page_leads_to_it(
    rows: Session, take: Take, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    page = f"/cases/{case.reference}/plan"
    client = client_for(cast.officer)
    assert client.get(plan_of(case)).status_code == 404, "there is no plan yet"
    assert not client.soup(page).find("a", href=plan_of(case))
    make_action(rows, case, cast.nurse, cast.social_worker)
    assert client.soup(page).find("a", href=plan_of(case))
    take(cast.officer, plan_of(case))
    (copy,) = copies(rows)
    assert (copy.kind, copy.case_id, copy.taken_by) == ("plan", case.id, cast.officer.id)


def test_the_owner_of_an_action_who_does_not_read_the_case_does_not_get_the_plan(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    make_action(rows, case, cast.community_safety, cast.social_worker)
    assert client_for(cast.community_safety).get(plan_of(case)).status_code == 404
    assert copies(rows) == []


def test_a_plan_is_in_the_pack_of_a_meeting(rows: Session, take: Take, cast: Cast, case: Case) -> None:
    make_action(rows, case, cast.nurse, cast.social_worker, what="Quillaction")
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator)
    text = take(cast.officer, f"/meetings/{meeting.reference}/pack.pdf").text
    assert "To play football again" in text
    assert "Quillaction" in text


@pytest.mark.parametrize(("who", "status"), NOBODY)
def test_who_does_not_read_the_case_gets_neither(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case, who: str, status: int
) -> None:
    make_action(rows, case, cast.nurse, cast.social_worker)
    make_hand_over(rows, case, cast.social_worker)
    for address in (plan_of(case), handed(case)):
        assert client_for(getattr(cast, who)).get(address).status_code == status
    assert copies(rows) == []


def test_a_hand_over_holds_every_section_and_whom_it_goes_to(
    rows: Session, take: Take, cast: Cast, case: Case
) -> None:
    made = make_hand_over(rows, case, cast.social_worker, words="Quillsection")
    text = take(cast.officer, handed(case)).text
    for words in (
        "Hand-over to another area",
        made.reference,
        "Quillsection",
        "Una Elsewhere",
        "01632 960123",
    ):
        assert words in text, words
    (copy,) = copies(rows)
    assert (copy.kind, copy.subject_id, copy.case_id) == ("hand_over", made.id, case.id)


def test_a_hand_over_names_the_processes_that_ran_when_it_was_finalised(
    rows: Session, take: Take, cast: Cast, case: Case
) -> None:
    running = make_process(rows, case, cast.officer, kind="nrm", step="reasonable_grounds")
    mistaken = make_process(
        rows, case, cast.officer, kind="channel", step=None, state="mistaken", ended_at=clock.now()
    )
    make_hand_over(rows, case, cast.social_worker)
    later = make_process(rows, case, cast.officer, started_at=clock.now() + timedelta(minutes=1))
    text = take(cast.officer, handed(case)).text
    assert running.reference in text
    assert mistaken.reference not in text
    assert later.reference not in text


def test_a_hand_over_that_is_still_written_has_none(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    make_hand_over(rows, case, cast.social_worker, finalised=False)
    client = client_for(cast.social_worker)
    assert client.get(handed(case)).status_code == 404
    assert not client.soup(f"/cases/{case.reference}/hand-over/transfer").find("a", href=handed(case))
    make_hand_over(rows, case, cast.social_worker, HandOverKind.TRANSITION)
    assert client.get(handed(case, "transition")).status_code == 200
    assert client.get(handed(case, "elsewhere")).status_code == 404
    assert client.soup(f"/cases/{case.reference}/hand-over/transition").find(
        "a", href=handed(case, "transition")
    )
