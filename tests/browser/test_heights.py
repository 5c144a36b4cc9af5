"""How high pages are with a caseload of twenty, a case of ninety entries and twenty-one forms in triage.

A page is read at a glance while it ends after two screens or so: the budgets are those of the design. Another
face of letters is wider by up to twelve per cent, which is allowed.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.people.model import User
from portal.vocabulary import TriageColour
from tests.cast import Cast
from tests.chronology.test_budget import ENTRIES
from tests.factories.assessments import make_level
from tests.factories.cases import add_alert, add_entry
from tests.factories.concerns import link, make_concern
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.missing import make_episode
from tests.factories.plans import make_action
from tests.factories.referrals import make_sent_referral
from tests.meetings.calls import in_days, make_called_case, owe_meeting
from tests.triage.conftest import answers

SCREEN = 900
WIDER = 1.12
CASES, FORMS, LINKS = 20, 21, 12
ENTRIES_OF_CASE = 90
WORRY = "Adults wait for her outside school, and she came back with a phone that nobody gave her."


@pytest.fixture
def crowded(rows: Session, cast: Cast) -> Case:
    """A case with all that a page of it may hold, among twenty of one social worker."""
    colours = (TriageColour.RED, TriageColour.AMBER, TriageColour.GREEN)
    for number in range(FORMS):
        make_sent_referral(
            rows,
            (cast.officer, cast.teacher, cast.nurse)[number % 3],
            children=[{"given_name": f"Quib{number}", "family_name": "Fictional", "age": 14}],
            colour=colours[number % 3],
            due_at=clock.now() + timedelta(hours=number - 4),
            answers=answers(in_one_line=WORRY),
        )
    cases = [make_called_case(rows, cast, f"Zub{number}") for number in range(CASES)]
    for number, one in enumerate(cases):
        rows.add(make_level(one, cast.social_worker, "high"))
        owe_meeting(rows, one, in_days(number - 8))
        add_entry(rows, one, cast.officer, WORRY)
    case = cases[0]
    whose = {"case": case.id, "author": cast.officer.id, "agency": cast.police.id}
    rows.execute(ENTRIES, whose | {"many": ENTRIES_OF_CASE})
    for owner in (cast.social_worker, cast.officer):
        add_alert(rows, case, owner)
    for days in (2, 9, 30):
        begins = clock.now() + timedelta(days=days)
        meeting = make_meeting(
            rows, cases=[case], chair=cast.chair, note_taker=cast.social_worker, starts_at=begins
        )
        make_invitation(rows, meeting, person=cast.nurse, by=cast.chair)
    for _ in range(4):
        make_action(rows, case, cast.social_worker, cast.chair)
    child = rows.get_one(Child, case.child_id)
    make_episode(rows, child, cast.officer)
    for number in range(LINKS):
        link(rows, make_concern(rows, cast.officer, name=f"Zubrowka {number}"), child, cast.officer)
    return case


def test_pages_are_no_higher_than_they_may_be(
    crowded: Case, rows: Session, cast: Cast, open_as: Callable[..., Page]
) -> None:
    child = rows.get_one(Child, crowded.child_id).reference
    case = f"/cases/{crowded.reference}"
    budgets: tuple[tuple[User, str, float, int], ...] = (
        (cast.social_worker, "/social-care", 2.0, 4_700),
        (cast.social_worker, case, 2.1, 4_700),
        (cast.social_worker, "/cases", 2.7, 5_100),
        (cast.officer, f"{case}/network", 2.3, 3_300),
        (cast.social_worker, f"/children/{child}/chronology", 3.0, 5_400),
        (cast.coordinator, "/triage", 3.0, 5_600),
        (cast.social_care_manager, "/work/team", 2.0, 4_700),
    )
    too_high, told = [], []
    for person in {one[0].id: one[0] for one in budgets}.values():
        page = open_as(person)
        for _, address, screens, on_phone in (one for one in budgets if one[0] is person):
            for width, most in ((1280, screens * SCREEN), (390, on_phone)):
                page.set_viewport_size({"width": width, "height": SCREEN})
                page.goto(address)
                if address.endswith("/network"):
                    expect(page.get_by_role("table").first).to_contain_text("Zubrowka 1")
                high = page.evaluate("document.documentElement.scrollHeight")
                told.append(f"{address} at {width}: {high} of {most:.0f}")
                if high > most * WIDER:
                    too_high.append(told[-1])
    print("\n".join(told))
    assert not too_high, told
