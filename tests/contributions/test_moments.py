"""Critical moments: each asks whoever leads the case to look at the assessment again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.pathway.calendar import add_working_days
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.model import MomentReview
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import User
from portal.vocabulary import RiskLevel
from tests.access.test_reach import Asking
from tests.assessments.conftest import Acting, assessed, case_of_three, put
from tests.cases.pages import with_entries, words
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.contributions.test_forms import typed

EXCLUSION = {"detail_type": "suspension", "detail_days": "3"}


def excluded(client_for: ClientFor, cast: Cast, case: Case, **changes: Any) -> int:
    """The school says that a child was excluded."""
    said = typed("exclusion", **(EXCLUSION | changes))
    return client_for(cast.teacher).submit(f"/cases/{case.reference}/entries/new", said).status_code


def duty(rows: Session) -> Deadline:
    rows.expire_all()
    return rows.scalars(
        select(Deadline)
        .where(Deadline.kind == DeadlineKind.MOMENT_REVIEW)
        .order_by(Deadline.id.desc())
        .limit(1)
    ).one()


def test_an_exclusion_is_a_moment_by_itself_and_is_owed_to_whoever_leads(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    assert excluded(client_for, cast, case) == 303
    entry = rows.scalars(select(ChronologyEntry)).one()
    assert (entry.moment, entry.critical_moment) == ("exclusion", "Exclusion from school or college")
    owed = duty(rows)
    assert (owed.subject_id, owed.case_id, owed.owner_id) == (entry.id, case.id, cast.social_worker.id)
    assert clock.local(owed.due_at).date() == add_working_days(clock.today(), 2)
    assert (owed.source, owed.confirmed) == ("clocks.moment_review", False)
    page = words(with_entries(client_for(cast.social_worker), case.reference))
    assert "Look at the risk assessment again after a critical moment" in page
    assert "Say what came of it" in page
    assert "Say what came of it" not in words(client_for(cast.officer).soup(f"/cases/{case.reference}"))


def test_nothing_changes_is_an_answer_with_its_reason_given_once(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    excluded(client_for, cast, case)
    entry = rows.scalars(select(ChronologyEntry)).one()
    address = f"/cases/{case.reference}/moments/{entry.id}"
    client = client_for(cast.social_worker)
    assert "Does it change the risk?" in words(client.soup(address))
    assert client.submit(address, {"words": " "}).status_code == 422
    assert client.submit(address, {"words": "The school knew of the plan"}).status_code == 303
    found = rows.scalars(select(MomentReview)).one()
    assert (found.words, found.reviewed_by, found.assessment_id) == (
        "The school knew of the plan",
        cast.social_worker.id,
        None,
    )
    assert duty(rows).state == DeadlineState.DONE
    assert client.submit(address, {"words": "Again"}).status_code == 422
    shown = words(with_entries(client_for(cast.officer), case.reference))
    assert "nothing changes: The school knew of the plan" in shown


def test_an_assessment_that_is_finalised_answers_for_every_moment_until_then(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, acting: Acting
) -> None:
    excluded(client_for, cast, case)
    client_for(cast.officer).submit(
        f"/cases/{case.reference}/entries/new",
        typed(
            "arrest",
            detail_what_for="A knife",
            handling=Handling.AGENCIES,
            agencies=[str(cast.social_care.id)],
        ),
    )
    made = assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    owed = rows.scalars(select(Deadline).where(Deadline.kind == DeadlineKind.MOMENT_REVIEW)).all()
    assert [one.state for one in owed] == [DeadlineState.DONE] * 2
    answered = rows.scalars(select(MomentReview)).all()
    assert {one.assessment_id for one in answered} == {made.id}
    page = words(with_entries(client_for(cast.social_worker), case.reference))
    assert f"Then came the risk assessment {made.reference}" in page


def test_an_assessment_answers_for_no_moment_that_was_told_after_it_was_finalised(
    rows: Session,
    cast: Cast,
    case: Case,
    client_for: ClientFor,
    acting: Acting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    excluded(client_for, cast, case)
    before = clock.now()
    with monkeypatch.context() as earlier:
        earlier.setattr(clock, "now", lambda: before - timedelta(hours=1))
        assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    assert duty(rows).state == DeadlineState.OPEN
    assert not rows.scalars(select(MomentReview)).all()
    page = words(with_entries(client_for(cast.social_worker), case.reference))
    assert "Then came the risk assessment" not in page
    assert "Whoever leads the case is to look at the risk assessment again by" in page


@pytest.mark.parametrize(
    "who", ["officer", "nurse", "community_safety", "stranger", "neighbour", "governance"]
)
def test_only_whoever_leads_answers(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, who: str
) -> None:
    excluded(client_for, cast, case)
    entry = rows.scalars(select(ChronologyEntry)).one()
    address = f"/cases/{case.reference}/moments/{entry.id}"
    on_it = {"officer", "nurse", "community_safety"}
    client = client_for(getattr(cast, who))
    wanted = 403 if who in {*on_it, "governance"} else 404
    assert client.get(address).status_code == wanted
    assert client.submit(address, {"words": "No"}).status_code == wanted
    assert not rows.scalars(select(MomentReview)).all()


def test_a_moment_that_the_lead_may_not_read_is_refused_with_what_to_do(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    for changes in (
        {"handling": Handling.OWN},
        {"handling": Handling.AGENCIES, "agencies": [str(cast.health.id)]},
    ):
        client = client_for(cast.officer)
        said = typed("arrest", detail_what_for="A knife", **changes)
        answer = client.submit(f"/cases/{case.reference}/entries/new", said)
        assert answer.status_code == 422
        assert "has to read a critical moment" in answer.text
    assert not rows.scalars(select(ChronologyEntry)).all()


def test_the_duty_is_seen_by_those_who_read_the_entry_and_by_nobody_else(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    excluded(client_for, cast, case, handling=Handling.AGENCIES, agencies=[str(cast.social_care.id)])
    owed = select(Deadline.id).where(Deadline.kind == DeadlineKind.MOMENT_REVIEW)
    people: tuple[tuple[User, int], ...] = (
        (cast.teacher, 1),
        (cast.social_worker, 1),
        (cast.officer, 0),
        (cast.nurse, 0),
        (cast.coordinator, 0),
        (cast.stranger, 0),
    )
    for person, sees in people:
        with asking(person) as session:
            assert len(session.scalars(owed).all()) == sees, person.name
        if sees == 0 and person is not cast.stranger:
            page = words(with_entries(client_for(person), case.reference))
            assert "critical moment" not in page.lower(), person.name


def test_a_correction_takes_the_duty_with_it_or_ends_it(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.officer)
    client.submit(f"/cases/{case.reference}/entries/new", typed("information", moment="injury"))
    first = rows.scalars(select(ChronologyEntry)).one()
    due = duty(rows).due_at
    correct = f"/cases/{case.reference}/entries/{{}}/correct"
    said = {"text": "A burn on the leg", "reason": "Wrong limb", "moment": "injury"}
    assert client.submit(correct.format(first.id), said).status_code == 303
    second = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.corrects_id == first.id)).one()
    moved = duty(rows)
    assert (moved.subject_id, moved.due_at, moved.state) == (second.id, due, DeadlineState.OPEN)
    assert (
        client.submit(correct.format(second.id), said | {"moment": "", "reason": "No burn"}).status_code
        == 303
    )
    states = rows.scalars(
        select(Deadline.state).where(Deadline.kind == DeadlineKind.MOMENT_REVIEW).order_by(Deadline.id)
    ).all()
    assert states == [DeadlineState.SUPERSEDED, DeadlineState.CANCELLED]


def test_with_a_case_that_ends_nothing_is_owed_any_more(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    excluded(client_for, cast, case)
    case.state, case.closed_at = "closed", clock.now()
    rows.commit()
    assert duty(rows).state == DeadlineState.CANCELLED


def test_nobody_answers_in_the_name_of_an_assessment_or_of_another(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, asking: Asking
) -> None:
    excluded(client_for, cast, case)
    entry = rows.scalars(select(ChronologyEntry)).one()
    other = case_of_three(rows, cast)
    for changes in (
        {"reviewed_by": cast.social_care_manager.id},
        {"agency_id": cast.police.id},
        {"case_id": other.id},
    ):
        facts: dict[str, Any] = {
            "entry_id": entry.id,
            "case_id": case.id,
            "words": "x",
            "reviewed_by": cast.social_worker.id,
            "agency_id": cast.social_care.id,
            "reviewed_at": clock.now(),
        } | changes
        with asking(cast.social_worker) as session, pytest.raises(DBAPIError, match="row-level security"):
            put(session, MomentReview(**facts))
