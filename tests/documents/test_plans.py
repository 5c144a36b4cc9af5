"""The plan of a case as a file: for whoever reads the case, with every action, on the sharing ledger."""

from sqlalchemy.orm import Session

from portal.models import Case
from tests.cast import Cast
from tests.documents.conftest import ClientFor, Take, copies
from tests.factories.plans import make_action, make_note


def test_the_plan_holds_the_goal_and_every_action_and_no_note(
    take: Take, rows: Session, cast: Cast, case: Case
) -> None:
    action = make_action(rows, case, cast.community_safety, cast.social_worker)
    make_action(rows, case, cast.officer, cast.social_worker, state="blocked", blocked_reason="Locked gate")
    make_note(rows, action, cast.officer, "own", text="Ownmarker")
    made = take(cast.social_worker, f"/cases/{case.reference}/plan/pdf")
    for words in ("To play football again", action.what, action.measure, "Locked gate", "Cam Safety"):
        assert words in made.text
    assert "Ownmarker" not in made.text
    assert "<pdfuaid:part>1</pdfuaid:part>" in made.facts
    assert [one.kind for one in copies(rows)] == ["plan"]


def test_without_a_plan_or_the_case_there_is_no_file(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    address = f"/cases/{case.reference}/plan/pdf"
    assert client_for(cast.social_worker).get(address).status_code == 404
    make_action(rows, case, cast.community_safety, cast.social_worker)
    for person in (cast.community_safety, cast.stranger):
        assert client_for(person).get(address).status_code == 404
    assert not copies(rows)
