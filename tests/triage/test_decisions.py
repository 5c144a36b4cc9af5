"""Each child, person, place and thing on a form is decided on its own, with a reason, and can be reopened."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, NotFound
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.children.model import Child
from portal.records.children.recording import write_name_keys
from portal.records.intelligence.grading import Grading
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.records.referrals.rules import PhoneDetails
from portal.records.referrals.third_party_check import NamesOthers
from portal.records.triage import decisions, social_care
from portal.records.triage.feedback import give_feedback
from portal.records.triage.model import IntelligenceReport, SocialCareReferral, TriageDecision
from portal.records.triage.vocabulary import InformationNature
from portal.records.triage.working import find_referral
from portal.vocabulary import DecisionOutcome, ReferralState, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, make_case, make_child
from tests.factories.referrals import make_sent_referral, subjects_of
from tests.triage.conftest import ADA, SOURCE, TEXT, Acting, answers, decide, opening, words_for

NFA = DecisionOutcome.NO_FURTHER_ACTION
GRADED = Grading(source_grade="2", information_grade="C", handling_code="P", text="A child was in a car.")


def deadlines(rows: Session, kind: DeadlineKind) -> list[Deadline]:
    return list(rows.scalars(select(Deadline).filter_by(kind=kind).order_by(Deadline.started_at)))


def test_deciding_everything_ends_the_triage_clock_and_starts_that_of_feedback(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        made = decide(actor, form, NFA)
    assert made.complete
    assert rows.get_one(Referral, form.id).state == ReferralState.DECIDED
    assert [one.state for one in deadlines(rows, DeadlineKind.TRIAGE)] == [DeadlineState.DONE]
    feedback = deadlines(rows, DeadlineKind.FEEDBACK)
    assert [(one.state, one.owner_id) for one in feedback] == [(DeadlineState.OPEN, cast.coordinator.id)]
    assert len(rows.scalars(select(TriageDecision)).all()) == 2


def test_a_form_stays_in_triage_until_the_last_thing_on_it_is_decided(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        assert not decide(actor, form, NFA, about=[1]).complete
    assert rows.get_one(Referral, form.id).state == ReferralState.IN_TRIAGE
    assert rows.get_one(Referral, form.id).claimed_by == cast.coordinator.id
    with acting(cast.coordinator) as actor:
        assert decide(actor, form, DecisionOutcome.DISTRICT_PANEL, about=[2], district="high_peak").complete


def test_a_form_that_names_nobody_is_decided_as_a_whole(rows: Session, cast: Cast, acting: Acting) -> None:
    theme = make_sent_referral(rows, cast.officer, children=[], answers=answers(kind="theme"))
    with acting(cast.coordinator) as actor:
        assert decide(actor, theme, DecisionOutcome.ADVICE, DecisionOutcome.DISTRICT_PANEL,
                      district="derby").complete  # fmt: skip
    assert [one.subject_id for one in rows.scalars(select(TriageDecision))] == [None, None]


def test_opening_a_case_starts_a_record_and_takes_the_place_along(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.OPEN_CASE, opening=opening(cast), words=words_for(form))
    case = rows.scalars(select(Case)).one()
    child = rows.get_one(Child, case.child_id)
    assert (child.given_name, child.dob_is_estimate) == ("Ada", True)
    assert (case.district, case.authority, case.types) == ("high_peak", "derbyshire", ["cse"])
    made = {one.outcome: one.case_id for one in rows.scalars(select(TriageDecision))}
    assert made == {DecisionOutcome.OPEN_CASE: case.id, DecisionOutcome.ADD_TO_CASE: case.id}
    entry = rows.scalars(select(ChronologyEntry)).one()
    assert (entry.text, entry.agency_id) == (TEXT, cast.hub.id)
    assert rows.scalars(select(ReferralChild.child_id)).one() == child.id


@pytest.mark.parametrize(
    ("about_child", "about_phone", "entries"),
    [
        ("A man rang her from 07700900301.", None, 1),
        ("A man rang her.", None, 2),
        ("A man rang her from 07700 900301.", "Phone number: 07700 900301, in his hand", 2),
    ],
)
def test_a_thing_that_is_decided_with_a_child_stands_on_the_case(
    rows: Session, cast: Cast, acting: Acting, about_child: str, about_phone: str | None, entries: int
) -> None:
    phone = PhoneDetails(number="07700 900301", used_by="A man")
    form = make_sent_referral(rows, cast.officer, children=[ADA], others=[phone], answers=answers())
    child, thing = rows.scalars(
        select(ReferralSubject).filter_by(referral_id=form.id).order_by(ReferralSubject.position)
    )
    words = {child.id: about_child} | ({thing.id: about_phone} if about_phone else {})
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.OPEN_CASE, opening=opening(cast), words=words)
    said = list(rows.scalars(select(ChronologyEntry.text).order_by(ChronologyEntry.text)))
    assert len(said) == entries
    assert any("07700 900301" in one or "07700900301" in one for one in said)
    if entries == 2:
        assert said[1] == about_phone or said[1] == "Phone number: 07700 900301, used by A man"


def test_the_page_has_a_box_for_each_thing_beside_the_child(
    cast: Cast, form: Referral, client_for: Callable[..., Client]
) -> None:
    page = client_for(cast.coordinator).soup(f"/triage/{form.reference}/decide")
    boxes = page.select("textarea[name^=words_]")
    assert [one["name"] for one in boxes] == ["words_1", "words_2"]
    assert boxes[1].get_text().strip() == "Place: Example Park"
    assert "it becomes an entry of its own" in page.get_text()


def test_adding_to_a_case_needs_a_known_child_with_an_open_case(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    child = make_child(rows)
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="which of the known"):
        decide(actor, form, DecisionOutcome.ADD_TO_CASE, about=[1], words=words_for(form))
    _match(rows, form, child, cast)
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="No case is open"):
        decide(actor, form, DecisionOutcome.ADD_TO_CASE, about=[1], words=words_for(form))
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.ADD_TO_CASE, words=words_for(form))
    assert {one.case_id for one in rows.scalars(select(TriageDecision))} == {case.id}


def test_several_decisions_for_one_child_each_do_what_they_say(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(
            actor,
            form,
            DecisionOutcome.OPEN_CASE,
            DecisionOutcome.SOCIAL_CARE_REFERRAL,
            DecisionOutcome.INTELLIGENCE_ONLY,
            about=[1],
            opening=opening(cast),
            words=words_for(form),
            authority="derbyshire",
            nature=InformationNature.INTELLIGENCE,
            grading=GRADED,
        )
    assert len(rows.scalars(select(TriageDecision)).all()) == 3
    assert rows.scalars(select(IntelligenceReport.sanitised_text)).one() == "A child was in a car."
    assert rows.scalars(select(SocialCareReferral.authority)).one() == "derbyshire"
    assert len(deadlines(rows, DeadlineKind.SOCIAL_CARE)) == 1


@pytest.mark.parametrize(
    ("outcomes", "setting", "field"),
    [
        ([], {}, "outcomes"),
        ([NFA, DecisionOutcome.ADVICE], {}, "outcomes"),
        ([DecisionOutcome.SOCIAL_CARE_REFERRAL], {"authority": "derbyshire"}, "about"),
        ([DecisionOutcome.DISTRICT_PANEL], {"district": "atlantis"}, "district"),
        ([DecisionOutcome.DUPLICATE], {"duplicate_of": "REF-0000-0000"}, "duplicate_of"),
        ([DecisionOutcome.INTELLIGENCE_ONLY], {}, "nature"),
        (
            [DecisionOutcome.INTELLIGENCE_ONLY],
            {"nature": InformationNature.INTELLIGENCE},
            "source_grade",
        ),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field_and_nothing_is_written(
    rows: Session,
    cast: Cast,
    form: Referral,
    acting: Acting,
    outcomes: list[DecisionOutcome],
    setting: dict[str, Any],
    field: str,
) -> None:
    with pytest.raises(DomainError) as refusal, acting(cast.coordinator) as actor:
        decide(actor, form, *outcomes, **setting)
    assert refusal.value.field == field
    rows.rollback()
    assert not rows.scalars(select(TriageDecision)).all()
    assert rows.get_one(Referral, form.id).state == ReferralState.SENT


def test_a_decision_needs_a_reason(cast: Cast, form: Referral, acting: Acting) -> None:
    with pytest.raises(DomainError) as refusal, acting(cast.coordinator) as actor:
        decide(actor, form, NFA, reason="  ")
    assert refusal.value.field == "reason"


@pytest.mark.parametrize(
    ("grading", "field"),
    [
        ({"source_grade": "9"}, "source_grade"),
        ({"information_grade": ""}, "information_grade"),
        ({"handling_code": "C"}, "grading_conditions"),
        ({"text": f"A child told. {SOURCE.upper()}!"}, "sanitised_text"),
    ],
)
def test_intelligence_is_graded_in_full_and_never_repeats_the_source(
    cast: Cast, form: Referral, acting: Acting, grading: dict[str, str], field: str
) -> None:
    given = {"source_grade": "2", "information_grade": "C", "handling_code": "P", "text": "A car."} | grading
    with pytest.raises(DomainError) as refusal, acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.INTELLIGENCE_ONLY, nature=InformationNature.INTELLIGENCE,
               grading=Grading(**given))  # fmt: skip
    assert refusal.value.field == field


def test_grading_again_keeps_the_first_grading_as_replaced(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    for grade in ("2", "1"):
        with acting(cast.coordinator) as actor:
            given = Grading(source_grade=grade, information_grade="C", handling_code="P", text="A car.")
            made = decide(actor, form, DecisionOutcome.INTELLIGENCE_ONLY, about=[1], grading=given,
                          nature=InformationNature.INTELLIGENCE)  # fmt: skip
            referral = find_referral(actor=actor, reference=form.reference)
            decisions.reopen(actor=actor, referral=referral, decisions=made.decisions, reason="Wrong")
    reports = list(rows.scalars(select(IntelligenceReport).order_by(IntelligenceReport.graded_at)))
    assert [one.source_grade for one in reports] == ["2", "1"]
    assert reports[0].replaced_by_id == reports[1].id


def test_the_second_coordinator_is_shown_both_decisions(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, NFA, about=[1], reason="Nothing new")
    with pytest.raises(Conflict) as clash, acting(cast.second_coordinator) as actor:
        decide(actor, form, DecisionOutcome.ADVICE, about=[1], reason="Needs advice")
    assert clash.value.versions.theirs == {"decision": "No further action", "reason": "Nothing new"}
    assert clash.value.versions.mine == {"decision": "Give advice", "reason": "Needs advice"}
    with acting(cast.second_coordinator) as actor:
        decide(actor, form, DecisionOutcome.ADVICE, about=[2], reason="Another thing on the form")


def test_sending_the_page_twice_decides_once(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    for time in range(2):
        with acting(cast.coordinator) as actor:
            made = decide(
                actor, form, DecisionOutcome.OPEN_CASE, opening=opening(cast), words=words_for(form)
            )
            assert made.repeated is bool(time)
            assert made.complete
    assert rows.scalar(select(func.count()).select_from(TriageDecision)) == 2
    assert rows.scalar(select(func.count()).select_from(Case)) == 1
    assert len(deadlines(rows, DeadlineKind.FEEDBACK)) == 1


def test_a_decision_that_stands_alone_is_not_joined_by_another(
    cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        first = decide(actor, form, NFA, about=[1]).decisions[0].id
    for outcome in (DecisionOutcome.ADVICE, NFA):
        with pytest.raises(DomainError), acting(cast.coordinator) as actor:
            decide(actor, form, outcome, about=[1], seen=[first], reason="Another reason")


def test_reopening_brings_the_form_back_with_a_fresh_clock(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.SOCIAL_CARE_REFERRAL, about=[1], authority="derby")
        decide(actor, form, NFA, about=[2])
    with acting(cast.second_coordinator) as actor:
        referral = find_referral(actor=actor, reference=form.reference)
        standing = decisions.live_decisions(referral=referral)
        with pytest.raises(DomainError):
            decisions.reopen(actor=actor, referral=referral, decisions=standing, reason=" ")
        decisions.reopen(actor=actor, referral=referral, decisions=standing, reason="Another child")
    referral = rows.get_one(Referral, form.id)
    assert (referral.state, referral.decided_at) == (ReferralState.IN_TRIAGE, None)
    first, again = deadlines(rows, DeadlineKind.TRIAGE)
    assert (first.state, again.state) == (DeadlineState.DONE, DeadlineState.OPEN)
    assert again.due_at == referral.triage_due_at
    assert [one.state for one in deadlines(rows, DeadlineKind.FEEDBACK)] == [DeadlineState.CANCELLED]
    assert [one.state for one in deadlines(rows, DeadlineKind.SOCIAL_CARE)] == [DeadlineState.CANCELLED]
    assert rows.scalars(select(SocialCareReferral.withdrawn_at)).one() is not None
    assert {one.reopen_reason for one in rows.scalars(select(TriageDecision))} == {"Another child"}


def test_a_social_care_referral_is_red_until_the_front_door_is_known_to_have_it(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.SOCIAL_CARE_REFERRAL, about=[1], authority="derby")
    made_id = rows.scalars(select(SocialCareReferral.id)).one()
    for given in ({}, {"call_with": "Desk Duty"}):
        with pytest.raises(DomainError), acting(cast.coordinator) as actor:
            _confirm(actor, form, made_id, **given)
    with acting(cast.coordinator) as actor:
        _confirm(actor, form, made_id, call_with="Desk Duty", call_at=clock.now())
    made = rows.get_one(SocialCareReferral, made_id)
    assert (made.call_with, made.confirmed_by) == ("Desk Duty", cast.coordinator.id)
    assert [one.state for one in deadlines(rows, DeadlineKind.SOCIAL_CARE)] == [DeadlineState.DONE]


def test_feedback_finishes_the_form_and_is_given_once(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        decide(actor, form, NFA)
        referral = find_referral(actor=actor, reference=form.reference)
        with pytest.raises(DomainError, match="source"):
            give_feedback(actor=actor, referral=referral, text=f"Thank you. {SOURCE}")
        assert give_feedback(actor=actor, referral=referral, text="Thank you.")
        assert give_feedback(actor=actor, referral=referral, text="Thank you.") is None
    assert rows.get_one(Referral, form.id).state == ReferralState.FED_BACK
    assert [one.state for one in deadlines(rows, DeadlineKind.FEEDBACK)] == [DeadlineState.DONE]


def test_words_for_a_case_do_not_name_another_child_of_the_form(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    form = make_sent_referral(
        rows,
        cast.officer,
        children=[
            {"given_name": "Ada", "family_name": "Fictional", "age": 14},
            {"given_name": "Bartholomew", "family_name": "Fictional"},
        ],
        answers=answers("Ada and Bart were seen."),
    )
    with pytest.raises(NamesOthers) as refusal, acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.OPEN_CASE, about=[1], opening=opening(cast),
               words=words_for(form, "Ada and Bartholomew were seen."))  # fmt: skip
    assert (refusal.value.words, refusal.value.field) == (("Bartholomew",), "words_1")
    with acting(cast.coordinator) as actor:
        decide(actor, form, DecisionOutcome.OPEN_CASE, about=[1], opening=opening(cast),
               words=words_for(form, "St Bartholomew School rang about Ada."), read=True)  # fmt: skip


def test_a_sealed_case_can_be_opened_and_the_form_finished_by_the_same_coordinator(
    rows: Session, cast: Cast, form: Referral, acting: Acting
) -> None:
    with acting(cast.coordinator) as actor:
        how = opening(
            cast, Sensitivity.SEALED, sensitivity_reason="A relative of a worker",
            lead_professional=_person(cast.social_worker.id), named=[_person(cast.second_coordinator.id)],
        )  # fmt: skip
        assert decide(actor, form, DecisionOutcome.OPEN_CASE, opening=how, words=words_for(form)).complete
    with acting(cast.second_coordinator) as actor:
        assert find_referral(actor=actor, reference=form.reference)


def test_a_form_on_a_sealed_child_goes_to_those_named_and_opens_no_second_case(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    form = make_sent_referral(
        rows, cast.officer, children=[{"given_name": "Aida", "family_name": "Fictional", "age": 14}],
        answers=answers(),
    )  # fmt: skip
    child = make_child(rows, dob=clock.today().replace(year=clock.today().year - 14, day=1))
    with acting(cast.coordinator):
        write_name_keys(db.session.get_one(Child, child.id))
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.second_coordinator)
    grant(rows, case, cast.second_coordinator, by=cast.second_coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    with acting(cast.coordinator) as actor:
        made = decide(actor, form, DecisionOutcome.OPEN_CASE, opening=opening(cast), words=words_for(form))
        assert made.passed_on
    assert rows.scalar(select(func.count()).select_from(Case)) == 1
    assert not rows.scalars(select(TriageDecision)).all()
    with pytest.raises(NotFound), acting(cast.coordinator) as actor:
        find_referral(actor=actor, reference=form.reference)
    with acting(cast.second_coordinator) as actor:
        assert find_referral(actor=actor, reference=form.reference)


def _match(rows: Session, form: Referral, child: Child, cast: Cast) -> None:
    subject = subjects_of(rows, form)[0]
    rows.add(
        ReferralChild(
            subject_id=subject.id,
            referral_id=form.id,
            child_id=child.id,
            matched_by=cast.coordinator.id,
            matched_at=clock.now(),
        )
    )
    rows.commit()


def _confirm(actor: Principal, form: Referral, made_id: UUID, **given: Any) -> None:
    referral = find_referral(actor=actor, reference=form.reference)
    made = social_care.find_social_care_referral(actor=actor, made_id=made_id)
    social_care.confirm(actor=actor, referral=referral, made=made, **given)


def _person(user_id: UUID) -> User:
    return db.session.get_one(User, user_id)
