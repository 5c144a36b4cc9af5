"""Grading binds the earlier text of what it grades too: a correction is of the same intelligence."""

from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import correct_entry
from portal.records.intelligence.gradings import Graded, grade
from tests.cases.pages import words
from tests.cast import Cast
from tests.factories.cases import add_entry
from tests.intelligence.conftest import WORDS, Acting, ClientFor


def test_grading_a_correction_binds_what_it_corrects(
    rows: Session, acting: Acting, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    entry = add_entry(rows, case, cast.officer, WORDS)
    with acting(cast.officer) as actor:
        record = db.session.get_one(Case, case.id)
        later = correct_entry(
            actor=actor,
            case=record,
            entry=db.session.get_one(ChronologyEntry, entry.id),
            text=WORDS.replace("two phones", "three phones"),
            reason="Counted again",
        )
        graded = Graded(
            source_grade="2", information_grade="C", handling_code="C", conditions=("reading_only",)
        )
        grade(actor=actor, case=record, entry=later, grading=graded)
    printed = words(client_for(cast.nurse).soup(f"/cases/{case.reference}/print"))
    assert "Zilpahwynd" not in printed
    assert "Held back by Police" in printed
