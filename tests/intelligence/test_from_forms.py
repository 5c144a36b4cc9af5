"""What the hub graded on a form is held back on the case too, and on paper where somebody is told of it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import ChronologyEntry
from portal.records.intelligence.grading import Grading
from portal.records.intelligence.model import EntryGrading
from portal.records.referrals.model import Referral
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import DecisionOutcome, Use
from tests.cast import Cast
from tests.factories.cases import make_child
from tests.factories.children import tell
from tests.intelligence.conftest import Acting, ClientFor
from tests.triage.conftest import decide, form, opening, words_for

__all__ = ["form"]

NOT_IN_MINUTES = "Do not put into minutes or reports"


@pytest.mark.parametrize(
    ("conditions", "forbids"),
    [
        (NOT_IN_MINUTES, {Use.CITE, Use.PRINT, Use.EXPORT}),
        (f"Do not approach the people named\n{NOT_IN_MINUTES}\nRing us", {Use.CITE, Use.PRINT, Use.EXPORT}),
        ("Ring DS Pellwright", set(Use)),
    ],
)
def test_the_grading_of_a_form_goes_with_its_words_onto_the_case(
    rows: Session, cast: Cast, form: Referral, acting: Acting, conditions: str, forbids: set[Use]
) -> None:
    graded = Grading(
        source_grade="2",
        information_grade="C",
        handling_code="C",
        conditions=conditions,
        text="A child was in a car.",
    )
    with acting(cast.coordinator) as actor:
        decide(
            actor,
            form,
            DecisionOutcome.OPEN_CASE,
            about=[1],
            opening=opening(cast),
            words=words_for(form, "She was seen in a car."),
            nature=InformationNature.INTELLIGENCE,
            grading=graded,
        )
    entry = rows.scalars(select(ChronologyEntry)).one()
    assert entry.conditions is None, "they end with the release of the grading"
    kept = rows.scalars(select(EntryGrading)).one()
    assert (kept.entry_id, kept.conditions) == (entry.id, conditions)
    assert kept.graded_agency_id == cast.hub.id
    assert set(kept.forbids) == forbids


def test_the_conditions_are_chosen_from_the_list_when_a_form_is_decided(
    client_for: ClientFor, cast: Cast, form: Referral
) -> None:
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/decide")
    offered = {one["value"] for one in page.select("[name=grading_codes]")}
    assert {"reading_only", "no_minutes", "no_copies"} <= offered


def test_what_one_is_told_not_to_print_the_browser_does_not_print(
    rows: Session, client_for: ClientFor, cast: Cast
) -> None:
    shown = []
    for conditions in (None, NOT_IN_MINUTES):
        told = tell(
            rows,
            make_child(rows),
            cast.health_team,
            by=cast.coordinator,
            text="Quilltold",
            conditions=conditions,
        )
        words = client_for(cast.nurse).soup(f"/told/{told.reference}").find(string="Quilltold")
        shown.append("app-no-print" in words.parent["class"])
    assert shown == [False, True]
