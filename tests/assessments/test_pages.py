"""The pages of an assessment, from its beginning to its print, and who is kept from them."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.policy import current_policy
from portal.records.assessments.model import AssessmentAnswer, RiskAssessment
from portal.records.assessments.policy import Assessment
from portal.records.assessments.rules import Given
from portal.records.assessments.vocabulary import AssessmentKind, AssessmentState, SignAnswer
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.vocabulary import RiskLevel
from tests.assessments.conftest import HARM, Acting, assessed, begin, concludes, fill_in, writes
from tests.cast import Cast
from tests.client import Client
from tests.documents.reading import open_pdf

ClientFor = Callable[[User | None], Client]
TYPING = {"X-Autosave": "1"}
CONCLUSION = {
    "level": "high",
    "reason": "Found with drugs",
    "types": "cce",
    "s47": "yes",
    "s47_reason": "Agreed",
    "nrm": "no",
    "nrm_reason": "No sign of it",
    "finalise": "1",
}


@pytest.fixture
def written(cast: Cast, case: Case, acting: Acting) -> RiskAssessment:
    """An assessment that has everything that has to be answered, and a sign of harm."""
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found, **HARM)
    return found


def kept(rows: Session, found: RiskAssessment) -> RiskAssessment:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(RiskAssessment, found.id)


def test_an_assessment_is_begun_from_the_page_of_the_case(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    assert f"/cases/{case.reference}/assess" in client.get(f"/cases/{case.reference}").text
    wrong = client.submit(f"/cases/{case.reference}/assess", {"kind": "full"})
    assert wrong.status_code == 422
    assert "Choose why it is made now" in wrong.text
    begun = client.submit(f"/cases/{case.reference}/assess", {"kind": "full", "trigger": "case_opened"})
    found = rows.scalars(select(RiskAssessment)).one()
    assert begun.headers["Location"].endswith(f"/assessments/{found.reference}")
    assert f"/assessments/{found.reference}" in client.get(f"/cases/{case.reference}").text


def test_several_agencies_write_and_each_sees_who_wrote_what(
    cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    found = begin(acting, cast.social_worker, case)
    address = f"/assessments/{found.reference}/sections/violence"
    police = client_for(cast.officer)
    saved = police.submit(
        address,
        {
            "made_to_carry": "current",
            "made_to_carry__words": "Ten wraps in a sock",
            "made_to_carry__source": "Stop and search",
            "version": "0",
            "next": "1",
        },
    )
    assert saved.headers["Location"].endswith("/sections/health")
    page = client_for(cast.nurse).get(address).text
    for words in ("Ten wraps in a sock", "Stop and search", cast.officer.name, cast.police.name):
        assert words in page


def test_what_is_typed_is_saved_in_the_background_and_a_meeting_shows_both(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    found = begin(acting, cast.social_worker, case)
    address = f"/assessments/{found.reference}/sections/voice"
    first = client_for(cast.social_worker).submit(
        f"{address}/save", {"own_words__words": "I owe them", "version": "0"}, headers=TYPING
    )
    assert (first.status_code, first.headers["X-Version"]) == (204, "1")
    second = client_for(cast.nurse).submit(
        f"{address}/save", {"own_words__words": "I am fine", "version": "0"}, headers=TYPING
    )
    assert second.status_code == 409
    assert "I owe them" in second.text
    assert "I am fine" in second.text
    whole = client_for(cast.nurse).submit(address, {"own_words__words": "I am fine", "version": "0"})
    assert whole.status_code == 409
    assert 'name="version" value="1"' in whole.text, "a second saving has seen what the other wrote"
    again = client_for(cast.nurse).submit(address, {"own_words__words": "I am fine", "version": "1"})
    assert again.status_code == 303
    assert rows.scalars(select(AssessmentAnswer.words).order_by(AssessmentAnswer.number)).all() == [
        "I owe them",
        "I am fine",
    ]


def test_the_level_is_chosen_before_the_suggestion_is_shown(
    cast: Cast, written: RiskAssessment, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    address = f"/assessments/{written.reference}/conclude"
    assert "suggest <strong>" not in client.get(address).text
    shown = client.submit(address, {"level": "medium", "reason": "Early signs", "version": "1"})
    assert shown.status_code == 200
    assert "You chose <strong>Medium</strong>. The answers suggest <strong>High</strong>" in shown.text
    assert "may suggest a higher level" not in shown.text, "there is none"
    assert "Was found with drugs, weapons or cash of others" in shown.text
    refused = client.submit(address, CONCLUSION | {"level": "medium", "version": "1"})
    assert refused.status_code == 422
    assert "Say why you see it differently" in refused.text
    assert "Found with drugs" in refused.text


def test_where_sections_are_not_answered_the_page_and_the_record_say_that_nothing_is_suggested(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found)
    client = client_for(cast.social_worker)
    address = f"/assessments/{found.reference}"
    first = {"level": "none", "reason": "Nobody looked", "version": "1"}
    shown = client.submit(f"{address}/conclude", first).text
    assert "Nothing is suggested: Home and family, Missing and movement, Education and training," in shown
    assert "Other harm are not answered in full." in shown
    for untrue in ("The answers suggest", "no sign was found", "Say why you see it differently"):
        assert untrue not in shown
    done = client.submit(f"{address}/conclude", CONCLUSION | {"level": "low", "version": "1"})
    assert done.status_code == 303
    assert kept(rows, found).suggested_level is None
    for page in (address, f"{address}/print"):
        text = client.soup(page).get_text(" ", strip=True)
        assert "The answers suggested Nothing, because Home and family, Missing and movement," in text


def test_of_a_lower_level_that_is_suggested_page_record_and_paper_say_which_sections_are_blank(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    tool = current_policy().of(Assessment)
    poverty = tool.signs["poverty"].section
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, found, **{poverty: {"poverty": Given(answer=SignAnswer.PAST)}})
    client = client_for(cast.social_worker)
    address = f"/assessments/{found.reference}"
    first = {"level": "low", "reason": "Nobody looked", "version": "1"}
    shown = " ".join(client.page_of(client.submit(f"{address}/conclude", first)).get_text(" ").split())
    blank = "are not answered in full: what is there may suggest a higher level"
    assert "The answers suggest Low" in shown
    assert blank in shown
    named = shown.partition("But ")[2].partition(blank)[0]
    assert "Missing and movement" in named
    assert "Other harm" in named
    assert client.submit(f"{address}/conclude", CONCLUSION | first).status_code == 303
    for page in (address, f"{address}/print"):
        assert blank in " ".join(client.soup(page).get_text(" ").split()), page
    paper = " ".join(open_pdf(client.get(f"{address}/pdf").data).text.split())
    assert blank in paper


def test_that_no_sign_was_found_is_suggested_once_every_sign_was_answered(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    tool = current_policy().of(Assessment)
    found = begin(acting, cast.social_worker, case)
    answered = {
        section.code: {
            sign.code: Given(answer=SignAnswer.NO) for sign in tool.signs_of(section.code, screening=False)
        }
        for section in tool.sections.offered
    }
    fill_in(acting, cast.social_worker, found, **answered)
    client = client_for(cast.social_worker)
    address = f"/assessments/{found.reference}"
    first = {"level": "none", "reason": "All was asked", "version": "1"}
    shown = client.submit(f"{address}/conclude", first).text
    assert "The answers suggest <strong>No exploitation found</strong>: no sign was found." in shown
    client.submit(f"{address}/conclude", CONCLUSION | {"level": "none", "version": "1"})
    assert kept(rows, found).suggested_level == "none"
    assert "Nothing, because" not in client.get(address).text


def test_the_list_of_sections_says_who_wrote_last_where_the_last_sign_was_answered(
    cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    found = begin(acting, cast.social_worker, case)
    last = current_policy().of(Assessment).signs_of("violence", screening=False)[-1].code
    answers: dict[str, Any] = {last: Given(answer=SignAnswer.NO)}
    writes(acting, cast.nurse, found, "violence", **answers)
    rows = client_for(cast.social_worker).soup(f"/assessments/{found.reference}").select("tbody tr")
    (row,) = (one.get_text() for one in rows if "Forced offending" in one.get_text())
    assert cast.nurse.name in row


def test_a_conclusion_finalises_and_shows_what_is_due(
    rows: Session, cast: Cast, case: Case, written: RiskAssessment, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    done = client.submit(f"/assessments/{written.reference}/conclude", CONCLUSION | {"version": "1"})
    assert done.status_code == 303
    assert kept(rows, written).state == AssessmentState.FINALISED
    page = client.get(f"/cases/{case.reference}").text
    for words in ("Hold the meeting", "Hold the strategy discussion", "Sign off"):
        assert words in page
    again = client.submit(f"/assessments/{written.reference}/conclude", CONCLUSION | {"version": "1"})
    assert again.status_code == 409, "a form that is sent again finalises nothing twice"


def test_a_fall_is_answered_by_the_second_person_and_by_nobody_else(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    assessed(acting, cast.social_worker, case, RiskLevel.HIGH)
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    address = f"/assessments/{found.reference}/second"
    version = str(kept(rows, found).version)
    for who in (cast.social_worker, cast.officer, cast.police_manager, cast.coordinator):
        answered = client_for(who).submit(address, {"answer": "yes", "version": version})
        assert answered.status_code == 403, who.name
    manager = client_for(cast.social_care_manager)
    assert f"{found.reference}/second" in manager.get(f"/assessments/{found.reference}").text
    no_reason = manager.submit(address, {"answer": "no", "version": version})
    assert no_reason.status_code == 422
    assert manager.submit(address, {"answer": "yes", "version": version}).status_code == 303
    rows.expire_all()
    assert rows.get_one(Case, case.id).level == RiskLevel.LOW
    assert "agreed by" in manager.get(f"/cases/{case.reference}/level").text


def test_a_later_assessment_shows_what_changed_since_the_last(
    cast: Cast, case: Case, written: RiskAssessment, acting: Acting, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    client.submit(f"/assessments/{written.reference}/conclude", CONCLUSION | {"version": "1"})
    later = begin(acting, cast.social_worker, case)
    writes(
        acting,
        cast.nurse,
        later,
        "violence",
        made_to_carry=Given(answer=SignAnswer.PAST, words="Not since spring"),
    )
    page = client.get(f"/assessments/{later.reference}").text
    assert "Yes, more than 6 months ago, before: yes, within the last 3 months" in page


def test_a_screening_ends_in_a_full_assessment_or_none(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    found = begin(acting, cast.social_worker, case, AssessmentKind.SCREENING)
    fill_in(acting, cast.social_worker, found)
    client = client_for(cast.social_worker)
    ended = client.submit(
        f"/assessments/{found.reference}/end-screening",
        {"needs_full": "yes", "reason": "Several signs", "version": "1"},
    )
    assert ended.headers["Location"].endswith(f"/cases/{case.reference}/assess")
    assert kept(rows, found).needs_full is True


def test_a_manager_signs_off_from_the_page(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    manager = client_for(cast.social_care_manager)
    assert "sign-off" in manager.get(f"/assessments/{found.reference}").text
    place = f"/assessments/{found.reference}/sign-off"
    form = manager.get(place).text
    for shown in ("Level", "Low", "The answers suggested"):
        assert shown in form
    seen = {"version": str(kept(rows, found).version)}
    assert "Choose whether you sign it off" in manager.submit(place, seen | {"note": "Read"}).text
    assert manager.submit(place, seen | {"answer": "yes", "note": "Read"}).status_code == 303
    assert kept(rows, found).signed_off_note == "Read"
    assert manager.submit(place, seen | {"answer": "yes"}).status_code == 409


def test_a_manager_who_does_not_agree_says_so_and_it_stands_on_the_assessment(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    begin_and_differ(acting, cast, case)
    found = rows.query(RiskAssessment).one()
    manager, place = client_for(cast.social_care_manager), f"/assessments/{found.reference}/sign-off"
    form = manager.get(place).text
    assert "High" in form
    assert "It was his own" in form, "why it differs"
    seen = {"version": str(found.version), "answer": "no"}
    assert "Say why you do not sign it off" in manager.submit(place, seen).text
    answer = manager.submit(place, seen | {"reason": "I do not agree, it is high"})
    assert answer.status_code == 303
    told = manager.get(answer.location).text
    assert "You did not sign it off" in told
    assert cast.social_worker.name in told
    assert "I do not agree, it is high" in client_for(cast.social_worker).get(answer.location).text
    levels = client_for(cast.nurse).get(f"/cases/{case.reference}/level").text
    assert "The answers suggested high" in levels
    assert "It was his own" in levels


def begin_and_differ(acting: Acting, cast: Cast, case: Case) -> None:
    """The answers suggest high, and somebody concludes that it is low."""
    found = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.officer, found, **HARM)
    concludes(acting, cast.social_worker, case, RiskLevel.LOW, difference_reason="It was his own")


def test_an_assessment_that_another_took_the_place_of_says_so_and_its_duty_says_which_it_is(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    first = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    second = assessed(acting, cast.social_worker, case, RiskLevel.MEDIUM)
    manager = client_for(cast.social_care_manager)
    older = manager.get(f"/assessments/{first.reference}").text
    assert "A newer assessment has taken its place" in older
    assert f'href="/assessments/{second.reference}"' in older
    assert "has taken its place" not in manager.get(f"/assessments/{second.reference}").text
    due = manager.get("/work").text
    assert first.reference in due
    assert second.reference in due
    on_case = manager.get(f"/cases/{case.reference}").text
    assert f"Sign off the risk assessment: {first.reference}" in on_case


PLACES = ("", "/print", "/sections/voice", "/conclude", "/second", "/sign-off", "/not-completed")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("who", "expected"),
    [("stranger", 404), ("neighbour", 404), ("community_safety", 404), ("governance", 403), (None, 303)],
)
def test_nobody_without_full_reach_finds_one(
    cast: Cast, written: RiskAssessment, client_for: ClientFor, place: str, who: str | None, expected: int
) -> None:
    client = client_for(getattr(cast, who) if who else None)
    for headers in ({}, {"HX-Request": "true", "HX-Target": "main#main-content"}):
        answer = client.get(f"/assessments/{written.reference}{place}", headers=headers)
        assert answer.status_code in {expected, 401 if who is None else expected}
        assert "Told in full" not in answer.text


def test_a_section_or_assessment_that_is_none_is_not_found(
    cast: Cast, written: RiskAssessment, client_for: ClientFor
) -> None:
    client = client_for(cast.social_worker)
    assert client.get(f"/assessments/{written.reference}/sections/weather").status_code == 404
    assert client.get("/assessments/ASM-0000-0000").status_code == 404


def test_a_finalised_assessment_is_read_and_printed_but_not_written_in(
    cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    found = assessed(acting, cast.social_worker, case, RiskLevel.LOW)
    client: Any = client_for(cast.officer)
    assert "Told in full" in client.get(f"/assessments/{found.reference}/print").text
    assert client.get(f"/assessments/{found.reference}/sections/voice").status_code == 303
    late = client.submit(
        f"/assessments/{found.reference}/sections/voice", {"wishes__words": "Late", "version": "9"}
    )
    assert late.status_code == 422
    assert "was not saved" in late.text


def test_the_last_answers_stand_beside_the_new_and_kinds_of_signs_are_kept_apart(
    cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    past = Given(answer=SignAnswer.PAST, words="Once, at a bus stop", source="School")
    before = begin(acting, cast.social_worker, case)
    fill_in(acting, cast.social_worker, before, violence={"made_to_carry": past})
    concludes(acting, cast.social_worker, case, RiskLevel.HIGH)
    now = begin(acting, cast.social_worker, case)
    page = client_for(cast.nurse).get(f"/assessments/{now.reference}/sections/violence").text
    assert "Yes, more than 6 months ago" in page.split("Last time")[1]
    assert "Once, at a bus stop" in page
    kinds = [heading.get_text() for heading in BeautifulSoup(page, "html.parser").find_all("h2")]
    assert kinds.index("Signs of risk") < kinds.index("Evidence of harm")


def test_the_suggestion_names_each_answer_that_led_to_it(
    cast: Cast, written: RiskAssessment, client_for: ClientFor
) -> None:
    first = {"level": "high", "reason": "Found with drugs", "version": "1"}
    page = client_for(cast.social_worker).submit(f"/assessments/{written.reference}/conclude", first).text
    suggestion = page.split("These answers led to it")[1]
    assert ": yes, within the last 3 months" in suggestion
