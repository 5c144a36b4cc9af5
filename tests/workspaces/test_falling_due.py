"""What falls due on the cases that social care leads: each list has its duties and leads to them."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.model import new_id
from portal.records.children.model import Child
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.assessments import make_finalised
from tests.factories.safety_plans import make_safety_plan
from tests.meetings.calls import make_called_case
from tests.statements import beside_the_context

ClientFor = Callable[[User | None], Client]

LISTS = {
    "assessments-to-finalise": (DeadlineKind.ASSESSMENT,),
    "assessments-to-sign-off": (DeadlineKind.SIGN_OFF,),
    "safety-plans": (DeadlineKind.SAFETY_PLAN,),
    "turning-18": (DeadlineKind.TRANSITION_PROMPT, DeadlineKind.TRANSITION_PLAN),
}


@pytest.mark.parametrize("place", LISTS)
def test_a_list_names_what_is_due_and_leads_there(
    rows: Session, cast: Cast, client_for: ClientFor, statements: list[str], place: str
) -> None:
    case = make_called_case(rows, cast)
    child = rows.get_one(Child, case.child_id)
    child.dob = date(clock.today().year - 17, 1, 15)
    finalised = make_finalised(rows, case, cast.social_worker)
    plan = make_safety_plan(rows, case, cast.social_worker)
    plan.state, plan.in_force_at = "in_force", clock.now()
    plan.valid_from, plan.valid_until = clock.today(), clock.today() + timedelta(days=3)
    other = make_called_case(rows, cast, "Ben")
    other.lead_agency_id = cast.health.id
    rows.commit()
    for n, found in enumerate((case, other)):
        for kind in LISTS[place]:
            is_assessment = kind is DeadlineKind.SIGN_OFF
            rows.add(
                Deadline(
                    id=new_id(),
                    kind=kind,
                    subject_kind="risk_assessment" if is_assessment else "cre_case",
                    subject_id=finalised.id if is_assessment else found.id,
                    case_id=found.id,
                    owner_team_id=cast.social_care_team.id,
                    started_at=clock.now() - timedelta(days=9),
                    due_at=clock.now() + timedelta(days=1 + n),
                    original_due_at=clock.now() + timedelta(days=1 + n),
                    state=DeadlineState.OPEN,
                    source="test",
                    confirmed=False,
                    policy_version="test",
                )
            )
    rows.commit()
    owed = rows.query(Deadline).filter_by(case_id=case.id, state=DeadlineState.OPEN)
    number = owed.filter(Deadline.kind.in_(LISTS[place])).count()
    client = client_for(cast.social_worker)
    client.soup(f"/social-care/{place}")
    statements.clear()
    page = client.soup(f"/social-care/{place}")
    assert len(beside_the_context(statements)) <= 8
    listed = page.select("table tbody tr")
    assert len(listed) == number >= len(LISTS[place]), "the cases that other agencies lead are not among them"
    assert all(case.reference in line.get_text() for line in listed)
    assert other.reference not in page.get_text()
    for link in page.select("table a[href]"):
        assert client.get(str(link["href"])).status_code == 200, link["href"]
    waits = page_of_tasks(client, f"/social-care/{place}")
    assert f"{number} waiting" in waits


def page_of_tasks(client: Client, address: str) -> str:
    """What the workspace says beside the link to a list."""
    link = client.soup("/social-care").find("a", href=address)
    assert link is not None
    assert link.parent is not None
    return link.parent.get_text(" ", strip=True)
